"""Where a request goes and with what: :class:`Upstream`, the pool of HTTP clients, and failures in words."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jupyterlab_kubeflow.errors import KubeflowError

from .threads import in_thread

if TYPE_CHECKING:
    import httpx

KEEP_ALIVE = 3.0
"""Seconds an idle connection is kept: below the 5 s after which common servers close theirs."""

MAX_CONNECTIONS = 512


@dataclass(frozen=True)
class Tls:
    """How the upstream's certificate is checked, and our own: PEM texts, so that a file with new content is not taken for the old one."""

    verify: bool = True
    ca: str | None = field(default=None, repr=False)
    cert: str | None = field(default=None, repr=False)
    key: str | None = field(default=None, repr=False)
    server_name: str | None = None

    def context(self, environment: bool) -> ssl.SSLContext:
        """The context for connections; ``environment`` says whether authorities of the environment count. Raises ``OSError``, ``ValueError``.

        A certificate of our own touches the disk for a moment, readable by this user only, since OpenSSL takes it from there.
        """
        import httpx

        if self.ca:
            authorities = self.ca.encode(
                "ascii", "ignore"
            ).decode()  # comments may be in any script
            context = ssl.create_default_context(cadata=authorities)
        else:
            context = httpx.create_ssl_context(trust_env=environment)
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.cert and self.key:
            with tempfile.TemporaryDirectory() as folder:  # 0700
                file = Path(folder) / "own.pem"
                file.write_text(f"{self.cert}\n{self.key}\n", encoding="utf-8")
                context.load_cert_chain(file, password=_no_password)
        return context


def _no_password() -> str:
    raise ValueError("a private key is encrypted, and there is no terminal to ask for its password")


@dataclass(frozen=True)
class Upstream:
    """One resolved service of the active connection, for one request.

    ``url`` is the base without a trailing slash; ``headers`` are the credentials (never shown: not in ``repr``); ``via`` is how it was
    found; ``environment`` says whether proxies of the environment apply; ``proxy`` is a proxy of its own; ``socket`` is the socket file of a
    port-forward to it; ``impersonation`` are the headers that tell the Kubernetes API whom to act as, of which one may occur several times.
    """

    service: str
    url: str
    via: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    tls: Tls = Tls()
    environment: bool = True
    version: str | None = None
    proxy: str | None = field(default=None, repr=False)
    socket: str | None = None
    impersonation: tuple[tuple[str, str], ...] = ()

    def sent(self, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        """All headers of a request: those given, the credentials, and whom to act as."""
        pairs = [*{**headers, **self.headers}.items(), *self.impersonation]
        return [(name.encode(), value.encode("utf-8")) for name, value in pairs]

    @property
    def host(self) -> str:
        """``host:port``, for messages."""
        return urlsplit(self.url).netloc

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never come back from this upstream: the credential in ``Authorization``."""
        value = self.headers.get("Authorization", "")
        token = value.partition(" ")[2].strip() or value
        return (token,) if len(token) >= 8 else ()

    def extensions(self) -> dict[str, Any]:
        """httpx request extensions: the name to expect in the certificate."""
        return {"sni_hostname": self.tls.server_name} if self.tls.server_name else {}


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """``text`` with every credential blotted out."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return text


class Clients:
    """One pooled HTTP/1.1 client for each way to upstreams and of checking certificates; shared by all requests of a connection."""

    def __init__(self, connect_timeout: float) -> None:
        self._connect = connect_timeout
        self._clients: dict[tuple[Tls, bool, str | None, str | None], httpx.AsyncClient] = {}

    async def get(self, upstream: Upstream) -> httpx.AsyncClient:
        """The client for ``upstream``. Raises :class:`KubeflowError` when a certificate file or a proxy is unusable."""
        key = (upstream.tls, upstream.environment, upstream.proxy, upstream.socket)
        client = self._clients.get(key)
        if client is None:
            import httpx

            try:
                made = await in_thread(self._make, *key)
            except (ImportError, httpx.InvalidURL) as error:
                raise KubeflowError(
                    f"The proxy for {upstream.host} cannot be used: {redact(str(error), (upstream.proxy or '',))}. Correct proxy-url in "
                    "the kubeconfig.",
                    reason="NotConfigured",
                    status=503,
                    service=upstream.service,
                ) from error
            except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
                raise KubeflowError(
                    f"The certificates for {upstream.host} cannot be used: {error}. Correct them in the "
                    "kubeconfig or in connections.json.",
                    reason="NotConfigured",
                    status=503,
                    service=upstream.service,
                ) from error
            client = self._clients.setdefault(key, made)
        return client

    def _make(
        self, tls: Tls, environment: bool, proxy: str | None, socket: str | None
    ) -> httpx.AsyncClient:
        from http.cookiejar import CookieJar, DefaultCookiePolicy
        from urllib.request import getproxies

        import httpx

        from .network import Transport

        context = tls.context(environment)
        limits = httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=KEEP_ALIVE)
        proxied = proxy or (environment and getproxies())
        return httpx.AsyncClient(
            transport=None if proxied and not socket else Transport(context, socket, limits),
            proxy=proxy,
            verify=context,
            http1=True,
            http2=False,
            trust_env=environment,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=httpx.Timeout(self._connect),
            limits=limits,
        )

    async def forget(self, sockets: list[str]) -> None:
        """Closes the connections through these socket files."""
        for key in [key for key in self._clients if key[3] in sockets]:
            await self._clients.pop(key).aclose()

    async def forget_tls(self, tls: Tls) -> None:
        """Closes the connections that were made with these certificates."""
        for key in [key for key in self._clients if key[0] == tls]:
            await self._clients.pop(key).aclose()

    async def close(self) -> None:
        """Closes all connections."""
        clients, self._clients = list(self._clients.values()), {}
        for client in clients:
            await client.aclose()


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


def failure(upstream: Upstream, error: Exception) -> KubeflowError:
    """An httpx error as a typed one that says what to do."""
    import httpx

    where = f"The service {upstream.service} at {upstream.host}"
    said = redact(str(error), upstream.secrets) or type(error).__name__
    if isinstance(error, (httpx.ConnectTimeout, httpx.PoolTimeout)):
        return _typed(
            upstream,
            504,
            "UpstreamTimeout",
            f"{where} cannot be reached in time. Check the network or VPN.",
        )
    if isinstance(error, (httpx.TimeoutException, TimeoutError)):
        return _typed(
            upstream,
            504,
            "UpstreamTimeout",
            f"{where} did not answer in time. Try again, or raise the extension's time limits.",
        )
    if isinstance(error, httpx.ConnectError) and "CERTIFICATE_VERIFY_FAILED" in said:
        return _typed(
            upstream,
            502,
            "UpstreamUnreachable",
            f"{where} shows a certificate that is not trusted ({said}). Name its certificate authority in the kubeconfig or "
            "in connections.json (ca).",
        )
    if isinstance(error, httpx.NetworkError | httpx.ProxyError):
        return _typed(
            upstream,
            502,
            "UpstreamUnreachable",
            f"{where} cannot be reached ({said}). Check that it runs and that the address is right.",
        )
    return _typed(
        upstream,
        502,
        "UpstreamInvalid",
        f"{where} does not speak proper HTTP ({said}). Check that the address belongs to this service.",
    )


def redirected(upstream: Upstream, location: str) -> KubeflowError:
    """The refusal to follow a redirect; tells only its host."""
    try:
        host = urlsplit(location).netloc or upstream.host
    except ValueError:
        host = "an invalid address"
    return _typed(
        upstream,
        502,
        "UpstreamInvalid",
        f"The service {upstream.service} at {upstream.host} redirects to {host.rpartition('@')[2]}, which is not followed. A login "
        "page may stand in front: configure credentials or the service's own address in connections.json.",
    )


def _typed(upstream: Upstream, status: int, reason: str, message: str) -> KubeflowError:
    return KubeflowError(message, reason=reason, status=status, service=upstream.service)
