"""Universal Binary JSON, as XGBoost writes it: picked values of a document, the rest passed over."""

from __future__ import annotations

from typing import Any

from .found import Broken
from .reading import Reader

_NUMBERS = {
    b"i": ">b",
    b"U": ">B",
    b"I": ">h",
    b"u": ">H",
    b"l": ">i",
    b"m": ">I",
    b"L": ">q",
    b"M": ">Q",
    b"d": ">f",
    b"D": ">d",
}
_SIZES = {
    b"i": 1,
    b"U": 1,
    b"I": 2,
    b"u": 2,
    b"l": 4,
    b"m": 4,
    b"L": 8,
    b"M": 8,
    b"d": 4,
    b"D": 8,
    b"C": 1,
}
_FIXED = {b"Z": None, b"T": True, b"F": False, b"N": None}
_TEXT_BYTES = 64 * 1024
_ITEMS = 100_000
_DEPTH = 64

Picked = frozenset[tuple[str, ...]]


def read_ubjson(reader: Reader, picked: Picked) -> dict[str, Any]:
    """The object in the file with only what is at ``picked`` (paths of names) in it, whole below there."""
    reader.go(0)
    found = _value(reader, reader.take(1), (), picked, 0)
    if not isinstance(found, dict):
        raise Broken("is damaged: it is no object")
    if reader.at != reader.size:
        raise Broken("is damaged: something follows its end")
    return found


def _wanted(path: tuple[str, ...], picked: Picked) -> bool:
    return any(path[: len(each)] == each or each[: len(path)] == path for each in picked)


def _value(reader: Reader, marker: bytes, path: tuple[str, ...], picked: Picked, depth: int) -> Any:
    reader.step()
    if depth > _DEPTH:
        raise Broken("is nested too deep")
    if marker in _NUMBERS:
        return reader.number(_NUMBERS[marker])
    if marker in _FIXED:
        return _FIXED[marker]
    if marker == b"C":
        return reader.take(1).decode("latin-1")
    if marker in (b"S", b"H"):
        return _text(reader)
    if marker == b"{":
        return _object(reader, path, picked, depth)
    if marker == b"[":
        return _array(reader, path, picked, depth)
    raise Broken("is damaged: a value has an unknown type")


def _length(reader: Reader) -> int:
    marker = reader.take(1)
    if marker not in _NUMBERS or marker in (b"d", b"D"):
        raise Broken("is damaged: a length is no number")
    length: int = reader.number(_NUMBERS[marker])
    if length < 0:
        raise Broken("has a part of a negative length")
    return length


def _text(reader: Reader) -> str:
    length = _length(reader)
    found = reader.take(min(length, _TEXT_BYTES)).decode("utf-8", "replace")
    reader.skip(max(0, length - _TEXT_BYTES))
    return found


def _counted(reader: Reader) -> tuple[bytes | None, int | None, bytes]:
    """Type and number of the items where a container tells them, and the marker after that."""
    marker = reader.take(1)
    kind = None
    if marker == b"$":
        kind, marker = reader.take(1), reader.take(1)
        if marker != b"#":
            raise Broken("is damaged: a container tells a type and no number")
    if marker == b"#":
        return kind, _length(reader), b""
    return None, None, marker


def _object(reader: Reader, path: tuple[str, ...], picked: Picked, depth: int) -> dict[str, Any]:
    kind, left, marker = _counted(reader)
    found: dict[str, Any] = {}
    while left is None or left:
        if left is None:
            if marker == b"}":
                break
            reader.go(reader.at - 1)
        else:
            left -= 1
        reader.step()
        here = (*path, _text(reader))
        value = _value(reader, kind or reader.take(1), here, picked, depth + 1)
        if _wanted(here, picked):
            found[here[-1]] = value
        if left is None:
            marker = reader.take(1)
    return found


def _array(reader: Reader, path: tuple[str, ...], picked: Picked, depth: int) -> list[Any]:
    kind, left, marker = _counted(reader)
    keep = any(path[: len(each)] == each for each in picked)
    if kind in _SIZES and left is not None and not keep:
        reader.skip(left * _SIZES[kind])
        return []
    found: list[Any] = []
    while left is None or left:
        if left is None:
            if marker == b"]":
                break
            reader.go(reader.at - 1)
        else:
            left -= 1
        value = _value(reader, kind or reader.take(1), path, picked, depth + 1)
        if keep and len(found) < _ITEMS:
            found.append(value)
        if left is None:
            marker = reader.take(1)
    return found
