"""Endpoints that ``connections.json`` configures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

from . import registries
from .config import resolve_path
from .discovery import Component
from .in_cluster import kfp_token_file
from .upstream import Tls, Upstream

IDENTITY_HEADER = "kubeflow-userid"


def endpoint(service: str, settings: dict[str, Any]) -> dict[str, Any] | None:
    """What a profile configures for a service, of ``registry`` for the one in use; None where it configures nothing. Raises :class:`KubeflowError`."""
    if service == "registry":
        return registries.endpoint(settings)
    found: dict[str, Any] | None = settings.get("services", {}).get(service)
    return found


def components(settings: dict[str, Any]) -> dict[str, Component]:
    """The components that a profile configures."""
    found = {name: Component(True, via="configured") for name in settings.get("services", {})}
    registry = registries.configured(settings)
    return {**found, "registry": registry} if registry else found


def configured(service: str, settings: dict[str, Any]) -> Upstream:
    """The upstream of an endpoint in ``connections.json``. Raises :class:`KubeflowError` when a file cannot be read."""
    ca = settings.get("ca")
    return Upstream(
        service,
        settings["url"].rstrip("/"),
        "configured",
        headers=_headers(service, settings.get("auth") or {"type": "none"}),
        tls=Tls(
            verify=settings.get("verify", True),
            ca=_authority(service, resolve_path(ca)) if ca else None,
        ),
    )


def credentials(service: str, settings: dict[str, Any], in_pod: bool = False) -> dict[str, str]:
    """Headers for KFP where discovery finds it: the profile's ``auth`` and ``identity``, and in a pod KFP's own token.

    Raises :class:`KubeflowError` when a token file cannot be read.
    """
    auth = settings.get("auth")
    headers = {**identity(settings), **(_headers(service, auth) if auth else {})}
    if in_pod and not headers and kfp_token_file().is_file():
        return bearer(service, kfp_token_file())
    return headers


def identity(settings: dict[str, Any]) -> dict[str, str]:
    """The identity header of a profile, when one is configured."""
    header = settings.get("identity")
    return {header.get("header", IDENTITY_HEADER): header["value"]} if header else {}


def _headers(service: str, auth: dict[str, Any]) -> dict[str, str]:
    kind = auth["type"]
    if kind == "bearer":
        return bearer(service, resolve_path(auth["tokenFile"]))
    if kind == "kfp":
        name = auth.get("tokenFile")
        return bearer(service, resolve_path(name) if name else kfp_token_file())
    return identity({"identity": auth}) if kind == "identity" else {}


def bearer(service: str, path: Path) -> dict[str, str]:
    """``Authorization`` from a token file, read afresh. Raises :class:`KubeflowError`."""
    try:
        token = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(service, path, "cannot be read") from error
    if not token or not token.isascii() or not token.isprintable():
        raise _bad(service, path, "holds no token")
    return {"Authorization": f"Bearer {token}"}


def _authority(service: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise KubeflowError(
            f"The certificate authority {path} of the service {service} cannot be read: {error.strerror}. Correct ca in connections.json.",
            reason="NotConfigured",
            status=503,
            service=service,
        ) from error


def _bad(service: str, path: Path, problem: str) -> KubeflowError:
    return KubeflowError(
        f"The token file {path} of the service {service} {problem}. Correct auth.tokenFile in connections.json or renew the token.",
        reason="NotConfigured",
        status=503,
        service=service,
    )
