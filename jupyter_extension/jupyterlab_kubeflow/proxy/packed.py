"""Undoing content encodings of streamed answers."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_PIECE = 256 * 1024
"""Bytes that are unpacked at a time."""


async def unpacked(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """The content of ``chunks``, which have a content encoding ("" and ``identity`` for none), as it arrives.

    Raises ``ValueError`` for one that is not known, and for content that is not in it.
    """
    if encoding in ("", "identity"):
        async for chunk in chunks:
            yield chunk
        return
    if encoding not in _WINDOWS:
        raise ValueError(f"its content encoding {encoding[:40]} is not known")
    unpacker = zlib.decompressobj(_WINDOWS[encoding])
    async for chunk in chunks:
        packed = chunk
        while packed:
            try:
                content = unpacker.decompress(packed, _PIECE)
            except zlib.error as error:
                raise ValueError(f"it is not {encoding}") from error
            if content:
                yield content
            packed = unpacker.unconsumed_tail
            if unpacker.eof:
                packed = unpacker.unused_data
                unpacker = zlib.decompressobj(_WINDOWS[encoding])
