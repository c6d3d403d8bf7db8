"""The wire format of protocol buffers: fields of a message one after another, long ones passed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .found import Broken
from .reading import Reader

_TEXT_BYTES = 64 * 1024


class Span(NamedTuple):
    """Where a text, bytes or a message lies in the file."""

    start: int
    length: int


class Field(NamedTuple):
    """``number`` of the field and its value: a number, or where the content is."""

    number: int
    value: int | Span

    def span(self) -> Span:
        """The value of a field that has content. Raises :class:`Broken` for a number."""
        if isinstance(self.value, int):
            raise Broken("is damaged: a field has another type than it should")
        return self.value


def fields(reader: Reader, span: Span) -> Iterator[Field]:
    """The fields of the message at ``span``. Raises :class:`Broken` where there is none, ``LimitReached`` after too many."""
    at, end = span.start, span.start + span.length
    while at < end:
        reader.step()
        reader.go(at)
        key = _varint(reader)
        number, wire = key >> 3, key & 7
        if not number:
            raise Broken("is damaged: a field has no number")
        value: int | Span
        if wire == 0:
            value = _varint(reader)
        elif wire == 1:
            value = reader.number("<Q")
        elif wire == 5:
            value = reader.number("<I")
        elif wire == 2:
            length = _varint(reader)
            value = Span(reader.at, length)
            reader.skip(length)
        else:
            raise Broken("is damaged: a field has an unknown type")
        at = reader.at
        if at > end:
            raise Broken("is damaged: a part is longer than the whole")
        yield Field(number, value)


def text(reader: Reader, field: Field) -> str:
    """The text of a field, cut after 64 KiB."""
    start, length = field.span()
    reader.go(start)
    return reader.take(min(length, _TEXT_BYTES)).decode("utf-8", "replace")


def signed(field: Field) -> int:
    """The number of an ``int64`` field. Raises :class:`Broken` for one with content."""
    if not isinstance(field.value, int):
        raise Broken("is damaged: a field has another type than it should")
    value = field.value
    return value - (1 << 64) if value >= 1 << 63 else value


def _varint(reader: Reader) -> int:
    value = 0
    for shift in range(0, 70, 7):
        byte = reader.take(1)[0]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & ((1 << 64) - 1)
    raise Broken("is damaged: a number does not end")
