"""What is found out about a model."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


class Broken(Exception):
    """A file that begins as one of a format and does not go on so. The text follows the file's name: "is cut off …"."""


@dataclass
class Tensor:
    """An input or output. ``type`` is a data type of the open inference protocol (``FP32``, ``INT64``, ``BYTES``, also ``BF16``) or, for what that
    does not have, the format's own word; ``shape`` has a number, the name of a free dimension or ``None`` for each; ``None`` as a whole: not told."""

    name: str
    type: str | None = None
    shape: list[int | str | None] | None = None


@dataclass
class Signature:
    """Inputs and outputs, and names of the features in the order in which the model takes them."""

    inputs: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    features: list[str] = field(default_factory=list)


@dataclass
class Unsafe:
    """Why loading the model may run code: ``reason`` in words, ``names`` of what the file refers to, ``suspicious`` those of them that no model needs."""

    reason: str
    names: list[str] = field(default_factory=list)
    suspicious: list[str] = field(default_factory=list)


@dataclass
class Found:
    """What a format tells. ``format`` and ``version`` are ``modelFormatName`` and ``modelFormatVersion`` as KServe's runtimes name them, ``encoding``
    is how the model is written (``joblib``, ``onnx``, …), ``details`` more for people, ``notes`` sentences on what could go wrong."""

    encoding: str
    format: str | None = None
    version: str | None = None
    framework: str | None = None
    framework_version: str | None = None
    signature: Signature | None = None
    unsafe: Unsafe | None = None
    details: dict[str, str | int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """``{encoding, format: {name, version}?, framework: {name, version}?, signature?, unsafe?, details, notes}``; ``None`` for what is not told."""
        return {
            "encoding": self.encoding,
            "format": _named(self.format, self.version),
            "framework": _named(self.framework, self.framework_version),
            "signature": asdict(self.signature) if self.signature else None,
            "unsafe": asdict(self.unsafe) if self.unsafe else None,
            "details": self.details,
            "notes": self.notes,
        }


def _named(name: str | None, version: str | None) -> dict[str, Any] | None:
    return {"name": name, "version": version} if name else None


def major(version: str | None) -> str | None:
    """``1`` of ``1.6.1``; ``None`` when it does not begin with a number."""
    first = (version or "").lstrip("v").split(".")[0]
    return first if first.isdecimal() else None


V2_TYPES = {
    "bool": "BOOL",
    "uint8": "UINT8",
    "uint16": "UINT16",
    "uint32": "UINT32",
    "uint64": "UINT64",
    "int8": "INT8",
    "int16": "INT16",
    "int32": "INT32",
    "int64": "INT64",
    "float16": "FP16",
    "float32": "FP32",
    "float64": "FP64",
    "bfloat16": "BF16",
    "string": "BYTES",
}
"""Data types of frameworks → of the open inference protocol."""
