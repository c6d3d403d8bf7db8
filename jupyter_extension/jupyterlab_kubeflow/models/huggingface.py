"""Folders as of the Hugging Face hub: transformers, adapters and diffusers by the JSON files that they begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .found import Broken, Found, Unsafe
from .reading import JSON_BYTES, parse_json

BEGINNINGS = ("adapter_config.json", "model_index.json", "config.json")
_PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


def read_hub_folder(folder: Path, files: list[str]) -> Found | None:
    """What a folder tells, ``files`` being the paths in it; ``None`` when it is none of the hub's."""
    for name in BEGINNINGS:
        if name in files:
            config = _json(folder, name)
            found = _READERS[name](config)
            if found is not None:
                _weights(folder, files, config, found)
                return found
    return None


def _json(folder: Path, name: str) -> dict[str, Any]:
    with (folder / name).open("rb") as file:
        data = file.read(JSON_BYTES + 1)
    if len(data) > JSON_BYTES:
        raise Broken(f"has a {name} that is too long to be read")
    return parse_json(data, name)


def _text(config: dict[str, Any], name: str) -> str | None:
    value = config.get(name)
    return value[:200] if isinstance(value, str) and value else None


def _transformers(config: dict[str, Any]) -> Found | None:
    kind = _text(config, "model_type")
    architectures = config.get("architectures")
    classes = (
        [str(each)[:200] for each in architectures[:20]] if isinstance(architectures, list) else []
    )
    if not kind and not classes:
        return None
    found = Found(
        "huggingface", "huggingface", "1", "transformers", _text(config, "transformers_version")
    )
    if kind:
        found.details["model_type"] = kind
    if classes:
        found.details["architectures"] = ", ".join(classes)
    return found


def _adapter(config: dict[str, Any]) -> Found | None:
    kind = _text(config, "peft_type")
    if not kind:
        return None
    found = Found("peft", "huggingface", "1", "peft")
    found.details["adapter"] = kind
    base = _text(config, "base_model_name_or_path")
    if base:
        found.details["base_model"] = base
    return found


def _diffusers(config: dict[str, Any]) -> Found | None:
    kind = _text(config, "_class_name")
    if not kind:
        return None
    found = Found("diffusers", "diffusers", None, "diffusers", _text(config, "_diffusers_version"))
    found.details["class"] = kind
    return found


_READERS = {
    "adapter_config.json": _adapter,
    "model_index.json": _diffusers,
    "config.json": _transformers,
}


def _weights(folder: Path, files: list[str], config: dict[str, Any], found: Found) -> None:
    kind = _text(config, "torch_dtype") or _text(config, "dtype")
    if kind:
        found.details["types"] = kind
    tensors = [each for each in files if each.endswith(".safetensors")]
    pickled = [each for each in files if each.endswith(_PICKLED)]
    if "auto_map" in config:
        found.unsafe = Unsafe(
            "It is loaded by Python code of its own (auto_map), which needs trust_remote_code. Load it so only if you trust where it comes from."
        )
    elif pickled and not tensors:
        found.unsafe = Unsafe(
            f"Its weights are pickled ({pickled[0]}), and a pickle can run any code when it is loaded. Convert them to safetensors."
        )
    elif not tensors and not pickled:
        found.notes.append("It has no weights in it.")
