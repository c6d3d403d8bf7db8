"""A WebSocket (RFC 6455) to an upstream: the client's end, binary messages only, over the upstream's own connections.

Those bring proxies, certificates and server names as for every other request, which no WebSocket library at hand does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from jupyterlab_kubeflow.errors import KubeflowError

from .clients import Response, Wait, send
from .upstream import Upstream

if TYPE_CHECKING:
    import httpcore

MAX_MESSAGE = 16 * 1024 * 1024
"""Longest message that is taken, in bytes."""

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_BINARY, _CLOSE, _PING, _PONG = 2, 8, 9, 10


class WebSocket:
    """An open WebSocket. One task may send while another receives."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._buffer = b""

    async def send(self, message: bytes) -> None:
        """Sends a binary message; returns when the network has taken it."""
        await self._frame(_BINARY, message)

    async def receive(self) -> bytes | None:
        """The next message; None when the other end has closed. Raises :class:`ValueError` for a broken protocol."""
        message = b""
        while True:
            try:
                first, second = await self._read(2)
                size = second & 0x7F
                if size > 125:
                    size = int.from_bytes(await self._read(2 if size == 126 else 8), "big")
                if second & 0x80 or len(message) + size > MAX_MESSAGE:
                    raise ValueError("a frame is masked or too long")
                payload = await self._read(size)
            except EOFError:
                return None
            kind = first & 0x0F
            if kind == _CLOSE:
                return None
            if kind == _PING:
                await self._frame(_PONG, payload)
            elif kind != _PONG:
                message += payload
                if first & 0x80:
                    return message

    async def _read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            chunk = await self._stream.read(65536)
            if not chunk:
                raise EOFError
            self._buffer += chunk
        result, self._buffer = self._buffer[:size], self._buffer[size:]
        return result

    async def _frame(self, kind: int, payload: bytes) -> None:
        size = len(payload)
        if size < 126:
            length = bytes([0x80 | size])
        elif size < 65536:
            length = bytes([0x80 | 126]) + size.to_bytes(2, "big")
        else:
            length = bytes([0x80 | 127]) + size.to_bytes(8, "big")
        mask = os.urandom(4)
        key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
        masked = (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
        await self._stream.write(bytes([0x80 | kind]) + length + mask + masked)


@asynccontextmanager
async def connect(
    pool: httpcore.AsyncConnectionPool, upstream: Upstream, path: str, protocol: str, timeout: float
) -> AsyncIterator[WebSocket]:
    """Opens ``path`` of the upstream as a WebSocket of the subprotocol ``protocol``; leaving the block ends it.

    Raises :class:`KubeflowError`: the upstream's refusal with its status and words, or why there is no answer.
    """
    key = base64.b64encode(os.urandom(16)).decode()
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": key,
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": protocol,
    }
    answer = await send(pool, upstream, "GET", path, headers, Wait(timeout, timeout, timeout))
    try:
        if answer.status != 101:
            raise await _refused(upstream, answer)
        accepted = base64.b64encode(hashlib.sha1((key + _GUID).encode()).digest()).decode()  # noqa: S324 RFC 6455
        if (
            answer.header("sec-websocket-accept") != accepted
            or answer.header("sec-websocket-protocol") != protocol
        ):
            raise KubeflowError(
                f"The service {upstream.service} at {upstream.host} does not speak {protocol}.",
                reason="UpstreamInvalid",
                status=502,
                service=upstream.service,
            )
        yield WebSocket(answer.stream)
    finally:
        await answer.close()


async def _refused(upstream: Upstream, answer: Response) -> KubeflowError:
    said = None
    try:
        content = json.loads(await answer.read(65536))
        said = content.get("message") if isinstance(content, dict) else None
    except (KubeflowError, ValueError, RecursionError):
        pass
    status = answer.status
    reason = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound"}.get(status, "UpstreamInvalid")
    return KubeflowError(
        f"{said or 'A WebSocket was refused'} (HTTP {status}).",
        reason=reason,
        status=status if status in (401, 403, 404) else 502,
        service=upstream.service,
    )
