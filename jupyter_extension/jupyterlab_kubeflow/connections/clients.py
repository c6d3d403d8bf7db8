"""HTTP/1.1 to upstreams: pools of connections, and single requests over them.

This is httpcore without httpx in front of it: the proxy needs neither cookies nor redirects nor URLs that are parsed for each request,
and those cost it as much as the network.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from jupyterlab_kubeflow._version import __version__
from jupyterlab_kubeflow.errors import KubeflowError

from .threads import in_thread
from .upstream import Tls, Upstream, failure, redact

if TYPE_CHECKING:
    import ssl

    import httpcore

KEEP_ALIVE = 3.0
"""Seconds an idle connection is kept: below the 5 s after which common servers close theirs."""

MAX_CONNECTIONS = 512

_AGENT = (b"User-Agent", f"jupyterlab-kubeflow/{__version__}".encode())
_WITH_BODY = ("POST", "PUT", "PATCH")


class Wait(NamedTuple):
    """Time limits of a request, in seconds: reaching the host (and a free connection), each read of the answer, each write of the body."""

    connect: float
    read: float
    write: float


class Response:
    """An answer whose body has not been read. ``headers`` are its own, ``status`` its code; :meth:`close` ends it at any time."""

    def __init__(
        self, upstream: Upstream, response: httpcore.Response, wait: dict[str, float]
    ) -> None:
        self._upstream = upstream
        self._response = response
        self._wait = wait
        self.status = response.status
        self.headers: Sequence[tuple[bytes, bytes]] = response.headers

    def header(self, name: str) -> str:
        """The first header of this name; empty where there is none."""
        wanted = name.lower().encode("latin-1")
        for key, value in self.headers:
            if key.lower() == wanted:
                return value.decode("latin-1")
        return ""

    def wait(self, seconds: float) -> None:
        """From now on each read of the body may take so long."""
        self._wait["read"] = seconds  # httpcore looks it up anew for each

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises :class:`KubeflowError` when the upstream breaks off or falls silent."""
        try:
            async for chunk in self._response.aiter_stream():
                yield chunk
        except _broken() as error:
            raise failure(self._upstream, error) from error

    async def read(self, most: float = math.inf) -> bytes:
        """The body, or its beginning where it is longer than ``most`` bytes. Raises as :meth:`chunks`."""
        content = b""
        async for chunk in self.chunks():
            content += chunk
            if len(content) > most:
                break
        return content

    @property
    def stream(self) -> Any:
        """What is beneath, after a change of protocols: ``read(most)`` and ``write(content)``."""
        return self._response.extensions["network_stream"]

    async def close(self) -> None:
        """Ends the request; the connection is kept only when all has been read."""
        await self._response.aclose()


async def send(
    pool: httpcore.AsyncConnectionPool,
    upstream: Upstream,
    method: str,
    target: str,
    headers: dict[str, str],
    wait: Wait,
    body: AsyncIterator[bytes] | None = None,
) -> Response:
    """Sends a request with the upstream's credentials; ``target`` is the encoded path and query below its address.

    A ``body`` without a ``Content-Length`` goes up in chunks. Raises :class:`KubeflowError` when there is no answer.
    """
    import httpcore

    where = _address(upstream.url)
    sent = [(b"Host", where.authority), _AGENT, *upstream.sent(headers)]
    if body is None:
        if method in _WITH_BODY:
            sent.append((b"Content-Length", b"0"))
    elif "Content-Length" not in headers:
        sent.append((b"Transfer-Encoding", b"chunked"))
    timeouts = {
        "connect": wait.connect,
        "pool": wait.connect,
        "read": wait.read,
        "write": wait.write,
    }
    url = httpcore.URL(
        scheme=where.scheme,
        host=where.host,
        port=where.port,
        target=where.path + target.encode("ascii"),
    )
    request = httpcore.Request(
        method, url, headers=sent, content=body, extensions={"timeout": timeouts}
    )
    try:
        return Response(upstream, await pool.handle_async_request(request), timeouts)
    except _broken() as error:
        raise failure(upstream, error) from error


class _Address(NamedTuple):
    scheme: bytes
    host: bytes
    port: int | None
    authority: bytes
    path: bytes


@lru_cache(maxsize=256)
def _address(url: str) -> _Address:
    """The parts of an upstream's address, as they are sent. Raises :class:`KubeflowError` for one that cannot be used."""
    import httpx

    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise _unusable(url, str(error)) from error
    if parsed.scheme not in ("http", "https") or not parsed.raw_host:
        raise _unusable(url, "it must begin with http:// or https:// and name a host")
    return _Address(
        parsed.raw_scheme, parsed.raw_host, parsed.port, parsed.netloc, parsed.raw_path.rstrip(b"/")
    )


def _unusable(url: str, problem: str) -> KubeflowError:
    return KubeflowError(
        f"The address {url} cannot be used: {problem}. Correct it in the kubeconfig or in connections.json.",
        reason="NotConfigured",
        status=503,
    )


@lru_cache(maxsize=1)
def _broken() -> tuple[type[Exception], ...]:
    """What httpcore raises for a request that got no proper answer."""
    import httpcore

    return (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.ProxyError,
        httpcore.TimeoutException,
        httpcore.UnsupportedProtocol,
    )


class Clients:
    """One pool of connections for each address, way to it and way of checking certificates; shared by all requests of a connection."""

    def __init__(self) -> None:
        self._pools: dict[_Way, httpcore.AsyncConnectionPool] = {}

    async def get(self, upstream: Upstream) -> httpcore.AsyncConnectionPool:
        """The pool for ``upstream``. Raises :class:`KubeflowError` when a certificate file or a proxy is unusable."""
        way = _Way(
            upstream.tls,
            upstream.environment,
            upstream.proxy,
            upstream.socket,
            upstream.url,
        )
        pool = self._pools.get(way)
        if pool is None:
            try:
                context = await in_thread(way.tls.context, way.environment)
            except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
                raise KubeflowError(
                    f"The certificates for {upstream.host} cannot be used: {error}. Correct them in the "
                    "kubeconfig or in connections.json.",
                    reason="NotConfigured",
                    status=503,
                    service=upstream.service,
                ) from error
            pool = self._pools.setdefault(way, _pool(way, context, upstream))
        return pool

    async def forget(self, sockets: list[str]) -> None:
        """Closes the connections through these socket files."""
        for way in [way for way in self._pools if way.socket in sockets]:
            await self._pools.pop(way).aclose()

    async def forget_tls(self, tls: Tls) -> None:
        """Closes the connections that were made with these certificates."""
        for way in [way for way in self._pools if way.tls == tls]:
            await self._pools.pop(way).aclose()

    async def close(self) -> None:
        """Closes all connections."""
        pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            await pool.aclose()


class _Way(NamedTuple):
    tls: Tls
    environment: bool
    proxy: str | None
    socket: str | None
    url: str


def _pool(way: _Way, context: ssl.SSLContext, upstream: Upstream) -> httpcore.AsyncConnectionPool:
    import httpcore
    import httpx

    from .network import Backend

    proxy = None
    try:
        if through := upstream.way():
            told = httpx.Proxy(through)
            proxy = httpcore.Proxy(str(told.url), auth=told.raw_auth)
            if told.url.scheme.startswith("socks") and find_spec("socksio") is None:
                raise ImportError("it speaks SOCKS, which needs the package socksio")
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise KubeflowError(
            f"The proxy for {upstream.host} cannot be used: {redact(str(error), (upstream.proxy or '',))}. Correct proxy-url in "
            "the kubeconfig.",
            reason="NotConfigured",
            status=503,
            service=upstream.service,
        ) from error
    return httpcore.AsyncConnectionPool(
        ssl_context=context,
        proxy=proxy,
        max_connections=MAX_CONNECTIONS,
        keepalive_expiry=KEEP_ALIVE,
        uds=way.socket,
        network_backend=Backend(way.tls.server_name, proxy.url.host.decode() if proxy else None),
    )


class Rotation:
    """Lets go of the connections that were made with certificates of former times: all but the last, over which requests may still run."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._used: list[Tls] = []

    async def use(self, tls: Tls) -> None:
        """From now on ``tls`` is used."""
        if self._used[-1:] == [tls]:
            return
        self._used = [*(other for other in self._used if other != tls), tls]
        while len(self._used) > 2:
            await self._clients.forget_tls(self._used.pop(0))
