"""Sending one request to the active connection's service and reading the answer as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyterlab_kubeflow.connections.manager import ConnectionManager
from jupyterlab_kubeflow.connections.upstream import Upstream, failure, redirected
from jupyterlab_kubeflow.errors import KubeflowError

from .headers import upward
from .limits import Limits
from .mask import Mask, PackedGuard
from .policy import check
from .upload import Kept

if TYPE_CHECKING:
    import httpx

IDENTITY = ("", "identity")


@dataclass(frozen=True)
class Call:
    """A request that passed the allow-lists."""

    service: str
    method: str
    path: str
    query: str
    headers: dict[str, str]

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
        return cls(service, method, path, query, upward(headers, service))


class Answer:
    """An upstream's answer whose body has not been read."""

    def __init__(self, upstream: Upstream, response: httpx.Response, idle: float) -> None:
        self.upstream = upstream
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.raw_headers: list[tuple[bytes, bytes]] = response.headers.raw
        self._response = response
        timeouts = response.request.extensions.get("timeout")
        if isinstance(timeouts, dict):
            timeouts["read"] = idle  # httpcore reads it anew for the body

    @property
    def size(self) -> int | None:
        """Bytes of the body; None where that is not told."""
        told = self.headers.get("content-length", "")
        return int(told) if told.isdecimal() else None

    async def chunks(self, *, decoded: bool = False) -> AsyncIterator[bytes]:
        """The body as it arrives, without credentials of ours; ``decoded`` undoes a content encoding.

        Raises :class:`KubeflowError` when the upstream breaks off or falls silent.
        """
        import httpx

        secrets = self.upstream.secrets
        packed = not decoded and self.headers.get("content-encoding", "").lower() == "gzip"
        mask = PackedGuard(secrets) if packed else Mask(secrets)
        source = self._response.aiter_bytes() if decoded else self._response.aiter_raw()
        try:
            async for chunk in source:
                if passed := mask.feed(chunk):
                    yield passed
        except httpx.HTTPError as error:
            raise failure(self.upstream, error) from error
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
    upstream = await connections.upstream(call.service)
    kept = Kept(body) if body is not None else None
    content = kept.first() if kept else None
    response = await _send(connections, upstream, call, limits, content, first_byte)
    try:
        if response.status_code == 401:
            fresh = await connections.upstream(call.service, refresh=True)
            if fresh != upstream and (kept is None or kept.whole):
                await response.aclose()
                upstream, content = fresh, kept.again() if kept else None
                response = await _send(connections, upstream, call, limits, content, first_byte)
        _refuse_nonsense(upstream, response)
        yield Answer(upstream, response, limits.idle if idle is None else idle)
    finally:
        await response.aclose()


async def _send(
    connections: ConnectionManager,
    upstream: Upstream,
    call: Call,
    limits: Limits,
    body: AsyncIterator[bytes] | None,
    first_byte: float | None,
) -> httpx.Response:
    import httpx

    client = await connections.client(upstream)
    try:
        base = httpx.URL(upstream.url)
        target = base.raw_path.rstrip(b"/") + call.path.encode("ascii")
        if call.query:
            target += b"?" + call.query.encode("ascii")
        request = client.build_request(
            call.method,
            base.copy_with(raw_path=target),
            headers=upstream.sent(call.headers),
            content=body,
            timeout=httpx.Timeout(
                connect=limits.connect,
                read=first_byte or limits.first_byte,
                write=limits.idle,
                pool=limits.connect,
            ),
            extensions=upstream.extensions(),
        )
        return await client.send(request, stream=True)
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise failure(upstream, error) from error


def _refuse_nonsense(upstream: Upstream, response: httpx.Response) -> None:
    status = response.status_code
    if 300 <= status < 400 and status != 304:
        raise redirected(upstream, response.headers.get("location", ""))
    if not 200 <= status < 600:
        raise _invalid(
            upstream,
            f"The service {upstream.service} at {upstream.host} answered with the status {status}, which does not exist.",
        )
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if upstream.service == "pipelines" and kind == "text/html" and status < 300:
        raise _invalid(
            upstream,
            f"The service pipelines at {upstream.host} answered with a web page where JSON belongs. A login page may stand in front: "
            "configure credentials or the API server's own address in connections.json.",
        )


def _invalid(upstream: Upstream, message: str) -> KubeflowError:
    return KubeflowError(message, reason="UpstreamInvalid", status=502, service=upstream.service)
