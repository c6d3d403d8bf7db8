"""safetensors: a header of JSON and numbers. Source: the format's own description."""

from __future__ import annotations

from typing import Any

from .found import Broken, Found
from .reading import JSON_BYTES, Reader, parse_json

_BYTES = {
    **dict.fromkeys(
        ("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 1
    ),
    **dict.fromkeys(("U16", "I16", "F16", "BF16"), 2),
    **dict.fromkeys(("U32", "I32", "F32"), 4),
    **dict.fromkeys(("U64", "I64", "F64", "C64"), 8),
}
_LONGEST_HEADER = 100_000_000
_FRAMEWORKS = {
    "pt": "PyTorch",
    "tf": "TensorFlow",
    "np": "NumPy",
    "flax": "Flax",
    "mlx": "MLX",
    "jax": "JAX",
}


def looks_like_safetensors(reader: Reader) -> bool:
    """Whether the file begins with the length of a header and a JSON object."""
    head = reader.peek(9)
    return (
        len(head) == 9
        and head[8:] == b"{"
        and int.from_bytes(head[:8], "little") <= _LONGEST_HEADER
    )


def read_safetensors(reader: Reader) -> Found:
    """Numbers of tensors and parameters, types and metadata; the format knows no signature."""
    found = Found("safetensors", "safetensors", "1")
    reader.go(0)
    length = reader.number("<Q")
    if length > reader.size - 8:
        raise Broken("ends too early: its header is cut off")
    if length > JSON_BYTES:
        found.notes.append("Its header is too long to be looked at: its tensors are not told.")
        return found
    header = parse_json(reader.take(length), "header")
    metadata = header.pop("__metadata__", {})
    end, parameters, kinds = 0, 0, set()
    for tensor in header.values():
        kind, count, last = _tensor(tensor)
        end, parameters = max(end, last), parameters + count
        kinds.add(kind)
    if 8 + length + end != reader.size:
        raise Broken(
            "ends too early" if 8 + length + end > reader.size else "is longer than its header says"
        )
    found.details.update(
        tensors=len(header), parameters=parameters, types=", ".join(sorted(kinds)[:20])
    )
    if isinstance(metadata, dict):
        found.framework = _FRAMEWORKS.get(str(metadata.get("format")))
    return found


def _tensor(tensor: Any) -> tuple[str, int, int]:
    """Type, number of elements and end of a tensor. Raises :class:`Broken` when its entry is none."""
    try:
        kind, shape, (start, end) = tensor["dtype"], tensor["shape"], tensor["data_offsets"]
        numbers = [*shape, start, end]
    except (TypeError, KeyError, ValueError):
        raise Broken("has a header with a tensor that is not described") from None
    if not isinstance(kind, str) or any(type(each) is not int or each < 0 for each in numbers):
        raise Broken("has a header with a tensor that is not described")
    count = 1
    for each in shape:
        count *= each
        if count > 1 << 62:
            raise Broken("has a header with a tensor that cannot be that large")
    if start > end or (kind in _BYTES and count * _BYTES[kind] != end - start):
        raise Broken("has a header with a tensor of another size than its content")
    return kind[:40], count, end
