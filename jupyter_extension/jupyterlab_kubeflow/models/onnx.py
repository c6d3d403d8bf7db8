"""ONNX: the fields of ``ModelProto`` that tell producer, operator sets and signature. Source: onnx.proto."""

from __future__ import annotations

from .found import Broken, Found, Signature, Tensor
from .protobuf import Field, Span, fields, signed, text
from .reading import LimitReached, Reader

_TYPES = {
    1: "FP32",
    2: "UINT8",
    3: "INT8",
    4: "UINT16",
    5: "INT16",
    6: "INT32",
    7: "INT64",
    8: "BYTES",
    9: "BOOL",
    10: "FP16",
    11: "FP64",
    12: "UINT32",
    13: "UINT64",
    14: "complex64",
    15: "complex128",
    16: "BF16",
}
_CONTAINERS = {4: "sequence", 5: "map", 8: "sparse_tensor", 9: "optional"}
_TENSORS = 10_000


def read_onnx(reader: Reader) -> Found:
    """What a model tells. Raises :class:`Broken` for what is none."""
    found = Found("onnx", "onnx", "1")
    graph: Span | None = None
    operators: list[str] = []
    versioned = False
    for field in fields(reader, Span(0, reader.size)):
        if field.number == 1:
            versioned = True
            found.details["ir_version"] = signed(field)
        elif field.number == 2:
            found.framework = text(reader, field)[:200] or None
        elif field.number == 3:
            found.framework_version = text(reader, field)[:200] or None
        elif field.number == 7:
            graph = field.span()
        elif field.number == 8:
            operators.append(_operators(reader, field))
        elif field.number > 100:
            raise Broken("is damaged: a field has an unknown number")
    if graph is None or not versioned:
        raise Broken("ends too early: it has no graph")
    if operators:
        found.details["opset"] = ", ".join(operators[:20])
    _read_graph(reader, graph, found)
    return found


def _operators(reader: Reader, field: Field) -> str:
    domain, version = "", 0
    for inner in fields(reader, field.span()):
        if inner.number == 1:
            domain = text(reader, inner)[:200]
        elif inner.number == 2:
            version = signed(inner)
    return f"{domain} {version}".strip()


def _read_graph(reader: Reader, graph: Span, found: Found) -> None:
    inputs: list[Tensor] = []
    outputs: list[Tensor] = []
    constants: set[str] = set()
    nodes, outside = 0, False
    try:
        for field in fields(reader, graph):
            if field.number == 1:
                nodes += 1
            elif field.number == 5:
                name, elsewhere = _initializer(reader, field.span())
                constants.add(name)
                outside = outside or elsewhere
            elif field.number in (11, 12):
                (inputs if field.number == 11 else outputs).append(_value(reader, field.span()))
                if len(inputs) + len(outputs) > _TENSORS:
                    raise LimitReached
    except LimitReached:
        found.notes.append("It is too long to be looked at as a whole: its signature is not told.")
        return
    found.details["nodes"] = nodes
    found.signature = Signature([each for each in inputs if each.name not in constants], outputs)
    if outside:
        found.notes.append(
            "It keeps its weights in other files: register the folder that holds them all."
        )


def _initializer(reader: Reader, span: Span) -> tuple[str, bool]:
    name, elsewhere = "", False
    for field in fields(reader, span):
        if field.number == 8:
            name = text(reader, field)
        elif field.number == 14:
            elsewhere = field.value == 1
    return name, elsewhere


def _value(reader: Reader, span: Span) -> Tensor:
    tensor = Tensor("")
    for field in fields(reader, span):
        if field.number == 1:
            tensor.name = text(reader, field)
        elif field.number == 2:
            for kind in fields(reader, field.span()):
                if kind.number == 1:
                    _tensor_type(reader, kind.span(), tensor)
                elif kind.number in _CONTAINERS:
                    tensor.type = _CONTAINERS[kind.number]
    return tensor


def _tensor_type(reader: Reader, span: Span, tensor: Tensor) -> None:
    for field in fields(reader, span):
        if field.number == 1:
            number = signed(field)
            tensor.type = _TYPES.get(number, f"type {number}")
        elif field.number == 2:
            tensor.shape = [
                _dimension(reader, each.span())
                for each in fields(reader, field.span())
                if each.number == 1
            ]


def _dimension(reader: Reader, span: Span) -> int | str | None:
    found: int | str | None = None
    for field in fields(reader, span):
        if field.number == 1:
            found = signed(field)
        elif field.number == 2:
            found = text(reader, field)
    return found
