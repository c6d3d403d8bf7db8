"""Keras: ``.keras`` archives and HDF5 files. HDF5 is read by ``h5py``, where that is installed, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from .archive import Archive
from .found import V2_TYPES, Found, Signature, Tensor, Unsafe, major
from .reading import Reader

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
KERAS_MEMBERS = {"config.json", "metadata.json"}
_PROCESS_SECONDS = 20.0
_LAYERS = 20_000
_HEAD = 1024 * 1024


def read_keras(archive: Archive) -> Found:
    """What a ``.keras`` archive tells: version, class, shapes of inputs and whether a layer is made of code."""
    metadata, config = archive.json("metadata.json"), archive.json("config.json")
    version = metadata.get("keras_version")
    found = Found("keras", "keras", framework="Keras")
    found.framework_version = version[:40] if isinstance(version, str) else None
    found.version = major(found.framework_version)
    _read_config(config, found)
    return found


def read_hdf5(reader: Reader, path: Path) -> Found:
    """What an HDF5 file tells: of Keras if it has its attributes, else only that it is one."""
    told = _attributes(path)
    if told is None:
        head = reader.peek(_HEAD) + reader.tail(_HEAD)
        if not any(word in head for word in (b"keras_version", b"model_weights", b"layer_names")):
            return Found("hdf5")
        found = Found("keras-h5", "keras", framework="Keras")
        found.notes.append(
            "Install h5py beside the Jupyter server for its version and inputs: pip install h5py."
        )
        return found
    if not any(name in told for name in ("keras_version", "model_config", "layer_names")):
        return Found("hdf5")
    found = Found("keras-h5", "keras", framework="Keras")
    version = told.get("keras_version")
    found.framework_version = str(version)[:40] if version else None
    found.version = major(found.framework_version)
    config = told.get("model_config")
    try:
        _read_config(json.loads(config) if config else {}, found)
    except (ValueError, RecursionError):
        found.notes.append("Its configuration is not JSON: its inputs are not told.")
    if not config:
        found.details["content"] = "weights"
    return found


def _attributes(path: Path) -> dict[str, Any] | None:
    """The attributes of the file's root as texts; ``None`` without ``h5py``, or where it cannot read them.

    ``h5py`` is C code that a damaged file can crash, so it runs in a process of its own.
    """
    try:
        ran = subprocess.run(
            [sys.executable, "-I", str(Path(__file__).with_name("_hdf5.py")), str(path)],
            capture_output=True,
            timeout=_PROCESS_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        told = json.loads(ran.stdout) if ran.returncode == 0 else None
    except (OSError, subprocess.TimeoutExpired, ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _read_config(config: Any, found: Found) -> None:
    """The class, inputs, outputs and layers of code in a model's configuration, wherever they are."""
    if not isinstance(config, dict):
        return
    name = config.get("class_name")
    if isinstance(name, str):
        found.details["class"] = name[:200]
    inner = config.get("config")
    inner = inner if isinstance(inner, dict) else {}
    layers = [each for each in _list(inner.get("layers"))[:_LAYERS] if isinstance(each, dict)]
    found.details["layers"] = len(layers)
    inputs = [_input(each) for each in layers if each.get("class_name") == "InputLayer"]
    if not inputs:
        shape = _part(config, "build_config").get("input_shape") or inner.get("build_input_shape")
        if not shape and layers:
            shape = _part(layers[0], "config").get("batch_input_shape")
        inputs = [Tensor("input", None, _shape(shape))] if isinstance(shape, list) else []
    outputs = [Tensor(str(each)[:200]) for each in _output_names(inner.get("output_layers"))]
    if inputs or outputs:
        found.signature = Signature(inputs, outputs)
    if _has_code(config):
        found.unsafe = Unsafe(
            "It has a Lambda layer, which is Python code in the file and runs when the model is loaded with safe_mode=False. Load it so only if you trust where it comes from."
        )


def _part(parent: dict[str, Any], name: str) -> dict[str, Any]:
    found = parent.get(name)
    return found if isinstance(found, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _input(layer: dict[str, Any]) -> Tensor:
    config = _part(layer, "config")
    kind = config.get("dtype")
    if isinstance(kind, dict):
        kind = _part(kind, "config").get("name")
    shape = config.get("batch_shape") or config.get("batch_input_shape")
    name = str(config.get("name") or "input")[:200]
    return Tensor(name, V2_TYPES.get(kind, kind) if isinstance(kind, str) else None, _shape(shape))


def _shape(value: Any) -> list[int | str | None] | None:
    if not isinstance(value, list) or any(isinstance(each, list | dict) for each in value):
        return None
    return [each if type(each) is int else None for each in value]


def _output_names(value: Any) -> list[Any]:
    """Names of layers: ``[NAME, 0, 0]`` for one output, a list of such for several."""
    items = _list(value)
    if items and not isinstance(items[0], list):
        items = [items]
    return [each[0] for each in items if isinstance(each, list) and each]


def _has_code(config: Any) -> bool:
    waiting, seen = [config], 0
    while waiting and seen < 1_000_000:
        seen += 1
        value = waiting.pop()
        if isinstance(value, dict):
            if value.get("class_name") in ("Lambda", "__lambda__"):
                return True
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return False
