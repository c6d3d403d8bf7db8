"""Undoing content encodings of streamed answers."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_PIECE = 256 * 1024
"""Bytes that are unpacked at a time."""


class Unpacker:
    """Unpacks a stream of bytes that has a content encoding, also one of several packed contents one after another.

    Raises ``ValueError`` for an encoding that is not known.
    """

    def __init__(self, encoding: str) -> None:
        if encoding not in _WINDOWS:
            raise ValueError(f"its content encoding {encoding[:40]} is not known")
        self._encoding = encoding
        self._unpacker = zlib.decompressobj(_WINDOWS[encoding])

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The content of ``chunk``, a bounded piece at a time. Raises ``ValueError`` when it is not in the encoding."""
        while chunk:
            try:
                content = self._unpacker.decompress(chunk, _PIECE)
            except zlib.error as error:
                raise ValueError(f"it is not {self._encoding}") from error
            if content:
                yield content
            chunk = self._unpacker.unconsumed_tail
            if self._unpacker.eof:
                chunk = self._unpacker.unused_data
                self._unpacker = zlib.decompressobj(_WINDOWS[self._encoding])


async def unpacked(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """The content of ``chunks``, which have a content encoding ("" and ``identity`` for none), as it arrives.

    Raises ``ValueError`` for one that is not known, and for content that is not in it.
    """
    if encoding in ("", "identity"):
        async for chunk in chunks:
            yield chunk
        return
    unpacker = Unpacker(encoding)
    async for chunk in chunks:
        for content in unpacker.feed(chunk):
            yield content
