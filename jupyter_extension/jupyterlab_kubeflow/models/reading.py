"""Reading a file within limits: forwards or with jumps, plain or packed, as JSON."""

from __future__ import annotations

import bz2
import json
import lzma
import os
import struct
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol

from .found import Broken

STEPS = 2_000_000
"""Most parts of one file that are looked at."""

UNPACKED_BYTES = 512 * 1024 * 1024
"""Most bytes that are unpacked of one packed file."""

JSON_BYTES = 8 * 1024 * 1024
"""Longest JSON text that is read as a whole."""

LZMA_BYTES = 256 * 1024 * 1024
"""Most memory that unpacking may take."""

_CHUNK = 64 * 1024


class LimitReached(Exception):
    """So much was looked at that the rest is not."""


class Forwards(Protocol):
    """Bytes in order."""

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes. Raises :class:`Broken` when there are fewer."""

    def skip(self, count: int) -> None:
        """Goes on by ``count`` bytes."""


class Reader:
    """A file of a known size. ``at`` is where it stands."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size
        self.at = 0
        self._steps = STEPS

    def step(self) -> None:
        """Counts a part. Raises :class:`LimitReached`."""
        self._steps -= 1
        if self._steps < 0:
            raise LimitReached

    def go(self, at: int) -> None:
        """Goes to a place in the file. Raises :class:`Broken` when it has none such."""
        if not 0 <= at <= self.size:
            raise Broken("ends too early")
        if at != self.at:
            self._file.seek(at)
            self.at = at

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        if count < 0 or count > self.size - self.at:
            raise Broken("ends too early")
        found = self._file.read(count)
        self.at += len(found)
        if len(found) < count:
            raise Broken("ends too early")
        return found

    def skip(self, count: int) -> None:
        """Goes on by ``count`` bytes."""
        if count < 0:
            raise Broken("has a part of a negative length")
        self.go(self.at + count)

    def number(self, form: str) -> Any:
        """The next number, ``form`` as of ``struct`` with its byte order."""
        return struct.unpack(form, self.take(struct.calcsize(form)))[0]

    def peek(self, count: int, at: int = 0) -> bytes:
        """Up to ``count`` bytes from ``at``, without going there."""
        here = self.at
        self.go(min(at, self.size))
        found = self.take(min(count, self.size - self.at))
        self.go(here)
        return found

    def tail(self, count: int) -> bytes:
        """Up to ``count`` bytes at the end."""
        return self.peek(count, max(0, self.size - count))


class Packed:
    """The unpacked bytes of a packed stream, forwards, without more of them in memory than are asked for."""

    def __init__(
        self, source: Reader | Any, unpack: Callable[[bytes, int], tuple[bytes, bool]]
    ) -> None:
        self._source = source
        self._unpack = unpack
        self._ready = b""
        self._at = 0
        self._budget = UNPACKED_BYTES
        self._hungry = True
        self._ended = False

    def take(self, count: int) -> bytes:
        """The next ``count`` bytes. Raises :class:`LimitReached` beyond :data:`UNPACKED_BYTES`."""
        parts = []
        while count:
            if self._at == len(self._ready):
                self._fill()
            part = self._ready[self._at : self._at + count]
            self._at += len(part)
            parts.append(part)
            count -= len(part)
        return b"".join(parts)

    def skip(self, count: int) -> None:
        """Unpacks ``count`` bytes and lets them go."""
        if count < 0:
            raise Broken("has a part of a negative length")
        while count:
            count -= len(self.take(min(count, _CHUNK)))

    def _fill(self) -> None:
        self._ready, self._at = b"", 0
        while not self._ready:
            if self._ended:
                raise Broken("ends too early")
            data = b""
            if self._hungry:
                data = self._source.take(min(_CHUNK, self._source.size - self._source.at))
                if not data:
                    raise Broken("ends too early")
            try:
                self._ready, self._ended = self._unpack(data, _CHUNK)
            except (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError, MemoryError):
                raise Broken("cannot be unpacked") from None
            self._hungry = not self._ready
            self._budget -= len(self._ready)
            if self._budget < 0:
                raise LimitReached


def unpacked(reader: Reader) -> Packed | None:
    """The content of a file packed by zlib, gzip, bzip2 or lzma (xz) as joblib does; ``None`` for any other."""
    head = reader.peek(6)
    make: Callable[[], Callable[[bytes, int], tuple[bytes, bool]]]
    if head[:2] == b"\x1f\x8b" or (
        head[:1] == b"\x78" and head[1:2] in (b"\x01", b"\x5e", b"\x9c", b"\xda")
    ):
        make = _zlib
    elif head[:3] == b"BZh":
        make = _of(bz2.BZ2Decompressor)
    elif head == b"\xfd7zXZ\x00" or head[:3] == b"\x5d\x00\x00":
        make = _of(lambda: lzma.LZMADecompressor(memlimit=LZMA_BYTES))
    else:
        return None
    reader.go(0)
    return Packed(reader, make())


def _zlib() -> Callable[[bytes, int], tuple[bytes, bool]]:
    machine = zlib.decompressobj(32 + zlib.MAX_WBITS)

    def unpack(data: bytes, most: int) -> tuple[bytes, bool]:
        return machine.decompress(machine.unconsumed_tail + data, most), machine.eof

    return unpack


def _of(make: Callable[[], Any]) -> Callable[[], Callable[[bytes, int], tuple[bytes, bool]]]:
    def made() -> Callable[[bytes, int], tuple[bytes, bool]]:
        machine = make()

        def unpack(data: bytes, most: int) -> tuple[bytes, bool]:
            return machine.decompress(data, most), machine.eof

        return unpack

    return made


def parse_json(data: bytes, what: str) -> dict[str, Any]:
    """The object that ``data`` is as JSON. Raises :class:`Broken` with ``what`` as the name of the part."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Broken(f"has a {what} that is not JSON") from None
    if not isinstance(found, dict):
        raise Broken(f"has a {what} that is no JSON object")
    return found
