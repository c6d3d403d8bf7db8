"""Content encodings of answers are undone as they arrive."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator

import pytest
from jupyterlab_kubeflow.proxy.packed import unpacked

CONTENT = b"some content " * 100_000


def undone(packed: bytes, encoding: str, step: int = 1000) -> bytes:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(packed), step):
            yield packed[start : start + step]

    async def read() -> bytes:
        return b"".join([piece async for piece in unpacked(chunks(), encoding)])

    return asyncio.run(read())


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", CONTENT),
        ("identity", CONTENT),
        ("deflate", zlib.compress(CONTENT)),
        ("x-gzip", gzip.compress(CONTENT)),
        ("gzip", gzip.compress(CONTENT[:1]) + gzip.compress(CONTENT[1:])),
    ],
)
@pytest.mark.parametrize("step", [7, 10_000_000])
def test_content_is_what_was_packed(encoding: str, packed: bytes, step: int) -> None:
    assert undone(packed, encoding, step) == CONTENT


@pytest.mark.parametrize(
    ("encoding", "words"),
    [("br", "its content encoding br is not known"), ("gzip", "it is not gzip")],
)
def test_what_cannot_be_undone_is_named(encoding: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        undone(CONTENT[:100], encoding)
