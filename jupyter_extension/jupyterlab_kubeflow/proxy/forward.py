"""Sending one request to the active connection's service and reading the answer as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from jupyterlab_kubeflow.connections.clients import Response, Wait, send
from jupyterlab_kubeflow.connections.manager import ConnectionManager
from jupyterlab_kubeflow.connections.upstream import Upstream, redirected, unauthorized
from jupyterlab_kubeflow.errors import KubeflowError

from .headers import upward
from .limits import Limits
from .mask import Mask, PackedGuard
from .packed import unpacked
from .policy import check
from .upload import Kept

IDENTITY = ("", "identity")

PLACE = "X-Kubeflow-Registry"
"""Header of a request that tells which registry it is meant for; it does not go up."""


@dataclass(frozen=True)
class Call:
    """A request that passed the allow-lists; ``place`` is the registry that it is meant for, where it says so."""

    service: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    place: str | None = None

    @classmethod
    def checked(
        cls,
        service: str,
        method: str,
        raw_path: str,
        query: str,
        headers: Mapping[str, str],
        limits: Limits,
    ) -> Call:
        """Checks service, method, path, query and headers. Raises :class:`KubeflowError`."""
        path, query = check(service, method, raw_path, query, limits)
        return cls(service, method, path, query, upward(headers, service), headers.get(PLACE))


class Answer:
    """An upstream's answer whose body has not been read."""

    def __init__(self, upstream: Upstream, response: Response, idle: float) -> None:
        self.upstream = upstream
        self.status = response.status
        self.header = response.header
        self.headers = response.headers
        self._response = response
        response.wait(idle)

    @property
    def size(self) -> int | None:
        """Bytes of the body; None where that is not told."""
        told = self.header("content-length")
        return int(told) if told.isdecimal() else None

    async def chunks(self, *, decoded: bool = False) -> AsyncIterator[bytes]:
        """The body as it arrives, without credentials of ours; ``decoded`` undoes a content encoding.

        Raises :class:`KubeflowError` when the upstream breaks off or falls silent.
        """
        secrets = self.upstream.secrets
        encoding = self.header("content-encoding").lower()
        mask = PackedGuard(secrets) if encoding == "gzip" and not decoded else Mask(secrets)
        source = self._response.chunks()
        try:
            async for chunk in unpacked(source, encoding) if decoded else source:
                if passed := mask.feed(chunk):
                    yield passed
        except ValueError as error:
            raise _invalid(
                self.upstream,
                f"The answer of the service {self.upstream.service} at {self.upstream.host} does not pass: {error}.",
            ) from error
        if rest := mask.end():
            yield rest


@asynccontextmanager
async def forward(
    connections: ConnectionManager,
    call: Call,
    limits: Limits,
    *,
    body: AsyncIterator[bytes] | None = None,
    first_byte: float | None = None,
    idle: float | None = None,
) -> AsyncIterator[Answer]:
    """Opens the answer to ``call``; leaving the block, also by cancellation, ends the upstream request.

    On 401 the credentials are loaded anew, and where others come of it, the request is repeated once: it was not looked at. One
    with a body of more than 1 MiB is not. Raises :class:`KubeflowError` when there is no proper answer, or a redirect, which is never followed.
    """
    upstream = await connections.upstream(call.service, place=call.place)
    kept = Kept(body) if body is not None else None
    content = kept.first() if kept else None
    response = await _send(connections, upstream, call, limits, content, first_byte)
    try:
        if response.status == 401:
            fresh = await connections.upstream(call.service, refresh=True)
            if fresh != upstream and (kept is None or kept.whole):
                await response.close()
                upstream, content = fresh, kept.again() if kept else None
                response = await _send(connections, upstream, call, limits, content, first_byte)
        _refuse_nonsense(upstream, response)
        yield Answer(upstream, response, limits.idle if idle is None else idle)
    finally:
        await response.close()


async def _send(
    connections: ConnectionManager,
    upstream: Upstream,
    call: Call,
    limits: Limits,
    body: AsyncIterator[bytes] | None,
    first_byte: float | None,
) -> Response:
    pool = await connections.pool(upstream)
    target = f"{call.path}?{call.query}" if call.query else call.path
    wait = Wait(limits.connect, first_byte or limits.first_byte, limits.idle)
    return await send(pool, upstream, call.method, target, call.headers, wait, body)


def _refuse_nonsense(upstream: Upstream, response: Response) -> None:
    status = response.status
    if 300 <= status < 400 and status != 304:
        raise redirected(upstream, response.header("location"))
    if not 200 <= status < 600:
        raise _invalid(
            upstream,
            f"The service {upstream.service} at {upstream.host} answered with the status {status}, which does not exist.",
        )
    if status == 401 and upstream.service == "kubernetes" and upstream.profile:
        raise unauthorized(upstream)
    kind = response.header("content-type").partition(";")[0].strip().lower()
    if upstream.service == "pipelines" and kind == "text/html" and status < 300:
        raise _invalid(
            upstream,
            f"The service pipelines at {upstream.host} answered with a web page where JSON belongs. A login page may stand in front: "
            "configure credentials or the API server's own address in connections.json.",
        )


def _invalid(upstream: Upstream, message: str) -> KubeflowError:
    return KubeflowError(message, reason="UpstreamInvalid", status=502, service=upstream.service)
