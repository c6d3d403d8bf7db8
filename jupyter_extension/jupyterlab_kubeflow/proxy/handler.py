"""``/kubeflow/proxy/SERVICE/PATH``: forwards to the active connection, streaming both ways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.iostream import StreamClosedError

from jupyterlab_kubeflow.connections.manager import ConnectionManager
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.rest import RESOURCE, KubeflowHandler

from .forward import Answer, Call, forward
from .headers import SANDBOX, downward
from .kubernetes_policy import is_access_review
from .limits import Limits
from .policy import READING
from .reviews import refused_review
from .upload import Upload

PREFIX = "/kubeflow/proxy/"

_AT_ONCE = 64 * 1024
"""Answers of up to so many bytes are sent in one piece, once they are complete."""


@web.stream_request_body
class ProxyHandler(KubeflowHandler):
    """Forwards what is on the allow-lists. A client that hangs up ends the upstream request.

    The request's body goes up while it arrives: the upstream request starts in ``prepare``, after authentication, authorisation, the
    XSRF check and the allow-lists.
    """

    SUPPORTED_METHODS = (*READING, "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

    _task: asyncio.Task[None] | None = None
    _upload: Upload | None = None
    _refusal: KubeflowError | None = None
    _gone = False

    @property
    def content_security_policy(self) -> str:
        """Nothing from an upstream runs as the Jupyter server's origin, whatever the server's own policy is."""
        return SANDBOX

    def set_default_headers(self) -> None:
        """Jupyter's, and no guessing of content types."""
        super().set_default_headers()
        self.set_header("X-Content-Type-Options", "nosniff")

    def compute_etag(self) -> None:
        """Only the upstream's own ETag is passed on."""

    def error_body(self, error: KubeflowError) -> dict[str, Any]:
        """To requests for the Kubernetes API a ``Status``, whose sentence kubectl and other clients of it print."""
        return error.status_body() if self._asked[0] == "kubernetes" else error.body()

    def finish(self, *args: Any, **kwargs: Any) -> Any:
        """Ends the answer. Its content type is the upstream's, where Jupyter's own ending calls everything JSON."""
        self.update_api_activity()
        return super(APIHandler, self).finish(*args, **kwargs)

    async def prepare(self) -> None:  # type: ignore[override]
        """Checks the request and starts forwarding it."""
        self._answer_now = asyncio.Event()
        await super().prepare()
        if self._finished or self.request.method == "OPTIONS":
            return
        try:
            if self.request.method in READING:
                await self._begin_reading()  # type: ignore[misc]
            else:
                await self._begin_writing()  # type: ignore[misc]
        except KubeflowError as error:
            # Answered when the body has been read: an earlier answer would be lost in a reset connection.
            self._refusal = error

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def _begin_reading(self) -> Any:
        self._begin()

    @web.authenticated
    @authorized(action="write", resource=RESOURCE)
    async def _begin_writing(self) -> Any:
        self._begin()

    async def data_received(self, chunk: bytes) -> None:
        """A piece of the request's body; returns when the upstream can take more."""
        if self._upload is not None and self._refusal is None:
            await self._upload.put(chunk)

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def get(self, *_: str) -> None:
        """Forwards a GET."""
        await self._finish_forwarding()

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    async def head(self, *_: str) -> None:
        """Forwards a HEAD."""
        await self._finish_forwarding()

    @web.authenticated
    @authorized(action="write", resource=RESOURCE)
    async def post(self, *_: str) -> None:
        """Forwards a POST."""
        await self._finish_forwarding()

    @web.authenticated
    @authorized(action="write", resource=RESOURCE)
    async def put(self, *_: str) -> None:
        """Forwards a PUT."""
        await self._finish_forwarding()

    @web.authenticated
    @authorized(action="write", resource=RESOURCE)
    async def patch(self, *_: str) -> None:
        """Forwards a PATCH."""
        await self._finish_forwarding()

    @web.authenticated
    @authorized(action="write", resource=RESOURCE)
    async def delete(self, *_: str) -> None:
        """Forwards a DELETE."""
        await self._finish_forwarding()

    def on_connection_close(self) -> None:
        """The client has hung up: end the upstream request."""
        self._gone = True
        if self._task is not None:
            self._task.cancel()
        super().on_connection_close()

    @property
    def _asked(self) -> tuple[str, str]:
        """The service and the path below it, as it was encoded; empty where the request's path is not below ours."""
        before, prefix, below = self.request.path.partition(url_path_join(self.base_url, PREFIX))
        service, slash, rest = below.partition("/")
        return ("", "") if before or not prefix else (service, slash + rest)

    @property
    def _limits(self) -> Limits:
        limits: Limits = self.settings["kubeflow_limits"]
        return limits

    def _begin(self) -> None:
        connection: Any = self.request.connection
        connection.set_max_body_size(2**62)  # the upload counts, and answers 413
        service, path = self._asked
        headers = self.request.headers
        call = Call.checked(
            service,
            self.request.method or "",
            path,
            self.request.query,
            headers,
            self._limits,
        )
        length = headers.get("Content-Length")
        if length is not None or "Transfer-Encoding" in headers:
            size = int(length) if length is not None else None  # the HTTP parser has checked it
            self._upload = Upload(service, size, self._limits.request_bytes)
            if size is not None:
                call.headers["Content-Length"] = str(size)
        asked = service == "kubernetes" and is_access_review(call.method, call.path)
        self._task = asyncio.ensure_future(self._review(call) if asked else self._forward(call))
        if self._upload is not None:
            self._task.add_done_callback(self._upload.stop)

    async def _review(self, call: Call) -> None:
        content = b""
        if self._upload is not None:
            content = b"".join([chunk async for chunk in self._upload.chunks()])
        refused = refused_review(content, self._limits.kubernetes)
        if refused is None:
            await self._forward(call, _once(content))
            return
        await self._answer_now.wait()
        self.finish_json(refused, 201)

    async def _forward(self, call: Call, body: AsyncIterator[bytes] | None = None) -> None:
        connections: ConnectionManager = self.settings["kubeflow_connections"]
        if body is None and self._upload is not None:
            body = self._upload.chunks()
        async with forward(connections, call, self._limits, body=body) as answer:
            await self._answer_now.wait()
            await self._relay(answer)

    async def _relay(self, answer: Answer) -> None:
        self.set_status(answer.status)
        self.clear_header("Content-Type")
        for name, value in downward(answer.headers):
            self.set_header(name, value)
        if self.request.method == "HEAD" or answer.status in (204, 304):
            return
        if answer.size is not None and answer.size <= _AT_ONCE:
            self.write(b"".join([chunk async for chunk in answer.chunks()]))
            return
        await self.flush()
        async for chunk in answer.chunks():
            self.write(chunk)
            await self.flush()

    async def _finish_forwarding(self) -> None:
        """Waits for the upstream's answer, once the request has been read, and ends ours."""
        if self._refusal is not None:
            self.finish_json(self.error_body(self._refusal), self._refusal.status)
            return
        if self._task is None:
            return
        try:
            if self._upload is not None:
                await self._upload.end()
            self._answer_now.set()
            await self._task
        except asyncio.CancelledError:
            if not self._gone:
                raise
            self._abort()
        except StreamClosedError:
            self._abort()
        except KubeflowError as error:
            if self._headers_written:
                self.log.warning(
                    "kubeflow: an answer broke off after it had begun: %s", error.message
                )
                self._abort()
            else:
                self.clear()
                self.finish_json(self.error_body(error), error.status)
        except Exception:
            if not self._headers_written:
                raise
            self.log.exception("kubeflow: an answer broke off after it had begun")
            self._abort()

    def _abort(self) -> None:
        """Cuts the connection, so that a broken answer never looks complete."""
        self._auto_finish = False
        self._finished = True
        connection: Any = self.request.connection
        connection.close()


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
