"""A request body on its way from the client to the upstream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from jupyterlab_kubeflow.errors import KubeflowError

_QUEUED = 4
"""Chunks (of 64 KiB) that wait for the upstream."""


_KEPT = 1024 * 1024
"""Longest body that can be sent once more, in bytes."""


class Kept:
    """A body that is kept while it goes up, so that it can be sent once more; ``whole`` says whether all of it is there."""

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self.whole = False
        self._body = body
        self._chunks: list[bytes] = []

    async def first(self) -> AsyncIterator[bytes]:
        """The body as it arrives."""
        size = 0
        async for chunk in self._body:
            size += len(chunk)
            if size <= _KEPT:
                self._chunks.append(chunk)
            else:
                self._chunks.clear()
            yield chunk
        self.whole = size <= _KEPT

    async def again(self) -> AsyncIterator[bytes]:
        """The same once more."""
        for chunk in self._chunks:
            yield chunk


class Upload:
    """Hands the body on chunk by chunk, a few at most in memory. Raises :class:`KubeflowError` 413 above ``limit`` bytes."""

    def __init__(self, service: str, size: int | None, limit: int) -> None:
        self._service = service
        self._limit = limit
        self._received = 0
        self._queue: asyncio.Queue[bytes | KubeflowError | None] = asyncio.Queue(_QUEUED)
        self._stopped = asyncio.Event()
        if size is not None and size > limit:
            raise self._too_large()

    async def put(self, chunk: bytes) -> None:
        """Takes the next piece; returns when there is room for another."""
        self._received += len(chunk)
        await self._offer(chunk if self._received <= self._limit else self._too_large())

    async def end(self) -> None:
        """The body is complete."""
        await self._offer(None)

    def stop(self, *_: object) -> None:
        """Nobody reads any more: what still arrives is dropped."""
        self._stopped.set()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, for the upstream request."""
        while True:
            item = await self._queue.get()
            if item is None:
                return
            if isinstance(item, KubeflowError):
                raise item
            yield item

    async def _offer(self, item: bytes | KubeflowError | None) -> None:
        if self._stopped.is_set():
            return
        waits = {
            asyncio.ensure_future(self._queue.put(item)),
            asyncio.ensure_future(self._stopped.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _too_large(self) -> KubeflowError:
        return KubeflowError(
            f"The request body is larger than {self._limit} bytes. The server's administrator can raise "
            "KubeflowExtension.max_request_bytes.",
            reason="TooLarge",
            status=413,
            service=self._service,
        )
