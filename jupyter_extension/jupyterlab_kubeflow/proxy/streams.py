"""``/kubeflow/streams``: many streamed GETs over one WebSocket (protocol in docs/architecture.md, Stream socket)."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from jupyter_server.auth.decorator import authorized, ws_authenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.base.websocket import WebSocketMixin
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.rest import RESOURCE, JsonErrors

from .limits import Limits
from .stream import Stream, Subscription

MAX_MESSAGE = 64 * 1024
"""Largest frame from the browser, in bytes."""

_POLICY_VIOLATION = 1008


class StreamSocket(JsonErrors, WebSocketMixin, WebSocketHandler, JupyterHandler):
    """One browser's streams. Authenticated, authorised and origin-checked when it opens; closing it ends all its upstream requests.

    A frame that belongs to no stream and makes no sense closes the socket with code 1008 and the reason.
    """

    def initialize(self) -> None:
        """No stream is open yet."""
        self._streams: dict[str, Stream] = {}

    @property
    def max_message_size(self) -> int:
        """See :data:`MAX_MESSAGE`."""
        return MAX_MESSAGE

    @ws_authenticated
    @authorized(action="read", resource=RESOURCE)
    async def get(self, *args: Any, **kwargs: Any) -> None:  # type: ignore[override]
        """Opens the socket."""
        await super().get(*args, **kwargs)

    async def on_message(self, message: str | bytes) -> None:
        """One frame from the browser."""
        try:
            frame = json.loads(message)
        except (ValueError, RecursionError):
            self._violated("A frame is not JSON.")
            return
        identifier = frame.get("id") if isinstance(frame, dict) else None
        if not isinstance(identifier, str) or not 0 < len(identifier) <= 64:
            self._violated("A frame must be an object with an id of 1 to 64 characters.")
            return
        op = frame.get("op")
        if op == "subscribe":
            await self._subscribe(identifier, frame)
        elif op == "credit":
            await self._credit(identifier, frame.get("bytes"))
        elif op == "cancel":
            stream = self._streams.pop(identifier, None)
            if stream is not None:
                stream.cancel()
        else:
            self._violated("The op of a frame must be subscribe, credit or cancel.")

    def on_close(self) -> None:
        """Ends all upstream requests of this socket."""
        streams, self._streams = self._streams, {}
        for stream in streams.values():
            stream.cancel()
        super().on_close()

    async def _subscribe(self, identifier: str, frame: dict[str, Any]) -> None:
        limits: Limits = self.settings["kubeflow_limits"]
        try:
            if identifier in self._streams:
                self._streams.pop(identifier).cancel()
                raise KubeflowError(
                    f'The stream id "{identifier}" was in use; both streams are ended. Use an id once.',
                    reason="BadRequest",
                )
            if len(self._streams) >= limits.streams:
                raise KubeflowError(
                    f"There are {limits.streams} streams on this socket already. Close some, or raise "
                    "KubeflowExtension.max_streams.",
                    reason="TooLarge",
                    status=429,
                )
            subscription = Subscription.parse(frame, limits)
        except KubeflowError as error:
            await self._send({"op": "error", "id": identifier, "error": error.body()})
            return
        stream = Stream(identifier, subscription, limits, self._send)
        self._streams[identifier] = stream
        stream.start(self.settings["kubeflow_connections"], lambda: self._ended(identifier, stream))

    async def _credit(self, identifier: str, count: Any) -> None:
        stream = self._streams.get(identifier)
        if stream is None:
            return  # it has ended while the frame was on its way
        try:
            stream.add_credit(count)
        except KubeflowError as error:
            self._streams.pop(identifier).cancel()
            await self._send({"op": "error", "id": identifier, "error": error.body()})

    def _ended(self, identifier: str, stream: Stream) -> None:
        if self._streams.get(identifier) is stream:
            del self._streams[identifier]

    async def _send(self, frame: dict[str, Any]) -> None:
        try:
            await self.write_message(json.dumps(frame, ensure_ascii=False))
        except WebSocketClosedError as error:
            raise asyncio.CancelledError from error

    def _violated(self, reason: str) -> None:
        self.close(_POLICY_VIOLATION, reason)
