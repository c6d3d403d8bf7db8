"""ZIP archives within limits: their table of contents and single members, never unpacked to the disk."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from .found import Broken
from .reading import JSON_BYTES, UNPACKED_BYTES, LimitReached, Reader, parse_json

_CONTENTS_BYTES = 16 * 1024 * 1024
_END = b"PK\x05\x06"
_END_64 = b"PK\x06\x06"
_LOCATOR_64 = b"PK\x06\x07"
_FAILURES = (
    *(
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        struct.error,
        EOFError,
        NotImplementedError,
    ),
    *(RuntimeError, ValueError, LookupError, TypeError, OverflowError, AttributeError, OSError),
)


class Archive:
    """The members of a ZIP file by name."""

    def __init__(self, file: BinaryIO, reader: Reader) -> None:
        _check_contents(reader)
        with _as_broken():
            self._zip = zipfile.ZipFile(file)
            self.names = self._zip.namelist()

    def close(self) -> None:
        """Lets go of the archive; the file stays open."""
        self._zip.close()

    def json(self, name: str) -> dict[str, Any]:
        """A member that is a JSON object. Raises :class:`Broken` for one that is none or too long."""
        return parse_json(self.read(name, JSON_BYTES), name)

    def read(self, name: str, most: int) -> bytes:
        """The content of a member. Raises :class:`Broken` when it is longer than ``most`` bytes."""
        with _as_broken(), self._zip.open(name) as member:
            found = member.read(most + 1)
        if len(found) > most:
            raise Broken(f"has {name} in it, which is too long to be read")
        return found

    @contextmanager
    def forwards(self, name: str) -> Iterator[Member]:
        """A member as bytes in order."""
        with _as_broken(), self._zip.open(name) as member:
            yield Member(member)


class Member:
    """The unpacked bytes of a member, as ``reading.Forwards``."""

    def __init__(self, member: Any) -> None:
        self._member = member
        self._budget = UNPACKED_BYTES

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes. Raises ``LimitReached`` beyond :data:`~.reading.UNPACKED_BYTES`."""
        self._budget -= count
        if self._budget < 0:
            raise LimitReached
        found: bytes = self._member.read(count)
        if len(found) < count:
            raise Broken("ends too early")
        return found

    def skip(self, count: int) -> None:
        """Goes on by ``count`` bytes."""
        if count < 0:
            raise Broken("has a part of a negative length")
        while count:
            count -= len(self.take(min(count, 64 * 1024)))


@contextmanager
def _as_broken() -> Iterator[None]:
    """Whatever ``zipfile`` raises for a damaged archive, in words."""
    try:
        yield
    except _FAILURES as error:
        if isinstance(error, RuntimeError) and "password" in str(error):
            raise Broken("is encrypted") from None
        raise Broken("is a damaged ZIP archive") from None


def _check_contents(reader: Reader) -> None:
    """Refuses a table of contents that would fill the memory."""
    tail = reader.tail(65_557)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise Broken("is a ZIP archive that ends too early")
    size = struct.unpack("<I", tail[at + 12 : at + 16])[0]
    if tail[at - 20 : at - 16] == _LOCATOR_64:
        end = reader.peek(56, struct.unpack("<Q", tail[at - 12 : at - 4])[0])
        if end[:4] != _END_64 or len(end) < 56:
            raise Broken("is a damaged ZIP archive")
        size = struct.unpack("<Q", end[40:48])[0]
    if size > _CONTENTS_BYTES:
        raise Broken("is a ZIP archive of too many files")
