"""Where a request goes and with what: :class:`Upstream`, and failures in words."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from jupyterlab_kubeflow.errors import KubeflowError


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
    port-forward to it; ``impersonation`` are the headers that tell the Kubernetes API whom to act as, of which one may occur several times;
    ``profile`` is the connection that the credentials are of, where they are those of a cluster.
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
    profile: str | None = None

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

    def way(self) -> str | None:
        """The proxy on the way there: one of its own, or the environment's (``HTTPS_PROXY`` and so on, but for ``NO_PROXY``) where that counts."""
        if self.proxy or self.socket or not self.environment:
            return None if self.socket else self.proxy
        from urllib.request import getproxies, proxy_bypass

        proxies = getproxies()
        scheme, host = urlsplit(self.url)[:2]
        found = proxies.get(scheme) or proxies.get("all")
        if not found or proxy_bypass(host.rpartition("@")[2]):
            return None
        return found if "://" in found else f"http://{found}"


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """``text`` with every credential blotted out."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    return text


def failure(upstream: Upstream, error: Exception) -> KubeflowError:
    """What httpcore raises as a typed error that says what to do."""
    import httpcore

    where = f"The service {upstream.service} at {upstream.host}"
    said = redact(str(error), upstream.secrets) or type(error).__name__
    proxy = _proxy(upstream)
    if proxy and (
        isinstance(error, httpcore.ConnectTimeout | httpcore.ProxyError)
        or (isinstance(error, httpcore.ConnectError) and "SSL" not in said)
    ):
        return _typed(
            upstream,
            502,
            "UpstreamUnreachable",
            f"{where} cannot be reached through {proxy} ({said}). Check that the proxy runs and that its address is right.",
        )
    if isinstance(error, (httpcore.ConnectTimeout, httpcore.PoolTimeout)):
        return _typed(
            upstream,
            504,
            "UpstreamTimeout",
            f"{where} cannot be reached in time. Check the network or VPN.",
        )
    if isinstance(error, (httpcore.TimeoutException, TimeoutError)):
        return _typed(
            upstream,
            504,
            "UpstreamTimeout",
            f"{where} did not answer in time. Try again, or raise the extension's time limits.",
        )
    if isinstance(error, httpcore.ConnectError) and "certificate is not valid for" in said:
        where_to_say = (
            "in the kubeconfig, or name one of them there as the cluster's tls-server-name"
            if upstream.profile
            else "in connections.json"
        )
        return _typed(
            upstream,
            502,
            "UpstreamUnreachable",
            f"{where} shows a certificate of another host ({said}). Give its address with a name that the certificate has {where_to_say}.",
        )
    if isinstance(error, httpcore.ConnectError) and "CERTIFICATE_VERIFY_FAILED" in said:
        return _typed(
            upstream,
            502,
            "UpstreamUnreachable",
            f"{where} shows a certificate that is not trusted ({said}). Name its certificate authority in the kubeconfig or "
            "in connections.json (ca).",
        )
    if isinstance(error, httpcore.NetworkError | httpcore.ProxyError):
        return _typed(
            upstream,
            502,
            "UpstreamUnreachable",
            f"{where} cannot be reached ({said}). Check that it runs and that the address is right.",
        )
    if isinstance(error, httpcore.RemoteProtocolError):
        if "Server disconnected" in said:
            return _typed(
                upstream,
                502,
                "UpstreamUnreachable",
                f"{where} broke off the connection before its answer. It may have stopped, or be no HTTP service: check that it runs and "
                "that the address is right, and try again.",
            )
        if "closed connection" in said:
            return _typed(
                upstream,
                502,
                "UpstreamUnreachable",
                f"{where} broke off its answer. It may have stopped: check that it runs, and try again.",
            )
    return _typed(
        upstream,
        502,
        "UpstreamInvalid",
        f"{where} does not speak proper HTTP ({said}). Check that the address belongs to this service.",
    )


def unauthorized(upstream: Upstream) -> KubeflowError:
    """The Kubernetes API's refusal of a connection's credentials."""
    kind, _, _ = upstream.headers.get("Authorization", "").partition(" ")
    what = {"Bearer": "the token", "Basic": "the name and password"}.get(kind)
    if what is None and upstream.tls.cert:
        what = "the client certificate"
    if what is None:
        said = "wants credentials, and there are none"
    else:
        said = f"refuses {what}: it is not valid there, or it has expired"
    remedy = (
        "Check the pod's service account, and restart the pod"
        if upstream.via == "in-cluster"
        else "Log in to the cluster again, or correct its user in the kubeconfig"
    )
    return _typed(
        upstream,
        401,
        "Unauthorized",
        f'The cluster of the connection "{upstream.profile}" {said} (HTTP 401). {remedy}.',
    )


def _proxy(upstream: Upstream) -> str | None:
    """The proxy on the way to an upstream, without its credentials, and where it is named."""
    url = upstream.way()
    if not url:
        return None
    source = "proxy-url in the kubeconfig" if upstream.proxy else "of the environment"
    parts = urlsplit(url)
    return f"the proxy {parts.scheme}://{parts.netloc.rpartition('@')[2]} ({source})"


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
