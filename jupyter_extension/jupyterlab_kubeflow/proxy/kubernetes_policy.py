"""Which requests pass to the Kubernetes API: discovery, and reading of listed API groups. Secrets, exec and proxies never pass."""

from __future__ import annotations

from collections.abc import Sequence

from jupyterlab_kubeflow.errors import KubeflowError

from .limits import Limits

REFUSED_RESOURCES = frozenset({"secrets", "tokenreviews"})
ALLOWED_SUBRESOURCES = frozenset({"log", "status", "scale"})

_ACCESS_REVIEW = "authorization.k8s.io"
_REVIEWS = frozenset({"selfsubjectaccessreviews", "selfsubjectrulesreviews"})
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}


def check_kubernetes(
    method: str, segments: Sequence[str], parameters: Sequence[tuple[str, str]], limits: Limits
) -> None:
    """Raises :class:`KubeflowError` 403 unless a request passes. ``segments`` are decoded.

    Verbs are those of RBAC; creating a review of one's own access always passes.
    """
    reading = method in ("GET", "HEAD")
    if segments[0] in ("version", "openapi") and reading:
        return
    parsed = _parse(segments)
    if parsed is None:
        raise _refuse(
            f"/{'/'.join(segments)[:200]} is not a path that passes to the Kubernetes API."
        )
    group, rest = parsed
    if group is None or not rest:
        if reading:
            return
        raise _refuse("API discovery can only be read.")
    if group not in limits.kubernetes_groups:
        raise _refuse(
            f'The API group "{group or "core"}" is not allowed. The server\'s administrator can add it to '
            "KubeflowExtension.kubernetes_groups."
        )
    if rest[0] == "namespaces" and len(rest) > 2:
        rest = rest[2:]
    resource, name, subresource = (*rest, None, None)[:3]
    if resource in REFUSED_RESOURCES or len(rest) > 3:
        raise _refuse(f"{resource} never pass.")
    if subresource is not None and subresource not in ALLOWED_SUBRESOURCES:
        raise _refuse(f"The subresource {resource}/{subresource} never passes.")
    if group == _ACCESS_REVIEW and resource in _REVIEWS and method == "POST":
        return
    verb = _verb(method, name, parameters)
    if verb not in limits.kubernetes_verbs:
        raise _refuse(
            f"The verb {verb} on {resource} is not allowed. The server's administrator can add it to "
            "KubeflowExtension.kubernetes_verbs."
        )


def _parse(segments: Sequence[str]) -> tuple[str | None, Sequence[str]] | None:
    """``(group, what follows the version)``; group None for discovery above a version; None for anything else."""
    if segments[0] == "api":
        if len(segments) == 1:
            return None, ()
        return ("", segments[2:]) if segments[1] == "v1" and segments[2:3] != ["watch"] else None
    if segments[0] == "apis":
        if len(segments) <= 2:
            return None, ()
        return (segments[1], segments[3:]) if list(segments[3:4]) != ["watch"] else None
    return None


def _verb(method: str, name: str | None, parameters: Sequence[tuple[str, str]]) -> str:
    if method not in ("GET", "HEAD"):
        verb = _VERBS.get(method, method.lower())
        return "deletecollection" if verb == "delete" and name is None else verb
    watch = [value for key, value in parameters if key == "watch"]
    if len(watch) > 1:
        raise _refuse("The parameter watch is given more than once. Give it once.")
    if watch and watch[0].lower() not in ("0", "false"):  # also when empty, as Kubernetes reads it
        return "watch"
    return "list" if name is None else "get"


def _refuse(message: str) -> KubeflowError:
    return KubeflowError(message, reason="Forbidden", status=403, service="kubernetes")
