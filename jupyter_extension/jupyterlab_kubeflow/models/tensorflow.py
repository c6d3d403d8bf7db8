"""TensorFlow's SavedModel: version and signatures of ``saved_model.pb``. Sources: saved_model.proto, meta_graph.proto, types.proto."""

from __future__ import annotations

from .found import Broken, Found, Signature, Tensor, major
from .protobuf import Field, Span, fields, signed, text
from .reading import Reader

_TYPES = {
    1: "FP32",
    2: "FP64",
    3: "INT32",
    4: "UINT8",
    5: "INT16",
    6: "INT8",
    7: "BYTES",
    8: "complex64",
    9: "INT64",
    10: "BOOL",
    14: "BF16",
    17: "UINT16",
    18: "complex128",
    19: "FP16",
    22: "UINT32",
    23: "UINT64",
}
_DEFAULT = "serving_default"


def read_saved_model(reader: Reader) -> Found:
    """What ``saved_model.pb`` tells: of several signatures ``serving_default``."""
    found = Found("saved_model", "tensorflow", "2", "TensorFlow")
    signatures: dict[str, Signature] = {}
    graphs = 0
    for field in fields(reader, Span(0, reader.size)):
        if field.number == 2:
            graphs += 1
            _meta_graph(reader, field.span(), found, signatures)
    if not graphs:
        raise Broken("is damaged: it has no graph")
    found.version = major(found.framework_version) or "2"
    public = {name: each for name, each in signatures.items() if not name.startswith("__")}
    if public:
        found.signature = public.get(_DEFAULT) or next(iter(public.values()))
        found.details["signatures"] = ", ".join(sorted(public)[:20])
    return found


def _meta_graph(reader: Reader, span: Span, found: Found, signatures: dict[str, Signature]) -> None:
    for field in fields(reader, span):
        if field.number == 1:
            for inner in fields(reader, field.span()):
                if inner.number == 5:
                    found.framework_version = text(reader, inner)[:100] or None
        elif field.number == 5:
            name, value = _entry(reader, field)
            if value is not None:
                signatures[name] = _signature(reader, value)


def _entry(reader: Reader, field: Field) -> tuple[str, Span | None]:
    """Key and value of a field that is a map."""
    key, value = "", None
    for inner in fields(reader, field.span()):
        if inner.number == 1:
            key = text(reader, inner)
        elif inner.number == 2:
            value = inner.span()
    return key, value


def _signature(reader: Reader, span: Span) -> Signature:
    signature = Signature()
    for field in fields(reader, span):
        if field.number in (1, 2):
            name, value = _entry(reader, field)
            tensors = signature.inputs if field.number == 1 else signature.outputs
            tensors.append(_tensor(reader, name, value) if value else Tensor(name))
    signature.inputs.sort(key=lambda each: each.name)
    signature.outputs.sort(key=lambda each: each.name)
    return signature


def _tensor(reader: Reader, name: str, span: Span) -> Tensor:
    tensor = Tensor(name)
    for field in fields(reader, span):
        if field.number == 2:
            number = signed(field)
            tensor.type = _TYPES.get(number, f"type {number}")
        elif field.number == 3:
            shape: list[int | str | None] | None = []
            for inner in fields(reader, field.span()):
                if inner.number == 2 and shape is not None:
                    shape.append(_size(reader, inner.span()))
                elif inner.number == 3 and inner.value:
                    shape = None
            tensor.shape = shape
    return tensor


def _size(reader: Reader, span: Span) -> int | None:
    size = 0
    for field in fields(reader, span):
        if field.number == 1:
            size = signed(field)
    return size if size >= 0 else None
