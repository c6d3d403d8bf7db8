"""Which requests pass to the Kubernetes API: discovery, and what the server's administrator lists by API group, verb, namespace and, for
changes, resource. Credentials, exec and proxies never pass; Secrets only where a setting says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

from .limits import KubernetesLimits

ALLOWED_SUBRESOURCES = frozenset({"log", "status", "scale"})
OF_ONE_RESOURCE = frozenset({"trainjobs.trainer.kubeflow.org/metrics"})
"""Further subresources, each of one resource only: ``nodes/metrics``, for one, is another matter."""

CLUSTER_SCOPED = frozenset(
    {
        "admissionchecks.kueue.x-k8s.io",
        "clusterqueues.kueue.x-k8s.io",
        "clusterservingruntimes.serving.kserve.io",
        "clusterstoragecontainers.serving.kserve.io",
        "clustertrainingruntimes.trainer.kubeflow.org",
        "cohorts.kueue.x-k8s.io",
        "customresourcedefinitions.apiextensions.k8s.io",
        "namespaces",
        "nodes",
        "persistentvolumes",
        "resourceflavors.kueue.x-k8s.io",
        "topologies.kueue.x-k8s.io",
        "workloadpriorityclasses.kueue.x-k8s.io",
    }
)
"""Resources without a namespace. Where namespaces are limited, a path without one passes for these only: for others it means all of them."""

NEVER = frozenset({"tokenreviews.authentication.k8s.io"})

_REVIEWS = frozenset(
    {
        "selfsubjectaccessreviews.authorization.k8s.io",
        "selfsubjectrulesreviews.authorization.k8s.io",
    }
)
_VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
_READING = ("get", "list", "watch")
_NAMESPACE_PARTS = ("status", "finalize")


@dataclass(frozen=True)
class _Request:
    """A request for a resource, in RBAC's words. ``resource`` has its group as in ``trainjobs.trainer.kubeflow.org``."""

    group: str
    resource: str
    name: str | None
    subresource: str | None
    namespace: str | None


def check_kubernetes(
    method: str,
    segments: Sequence[str],
    parameters: Sequence[tuple[str, str]],
    limits: KubernetesLimits,
) -> None:
    """Raises :class:`KubeflowError` 403, which names what is not allowed and the setting, unless a request passes. ``segments`` are decoded.

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
    request = _request(group, rest)
    if request.resource in _REVIEWS and method == "POST" and request.name is None:
        return
    _check_resource(request, limits)
    _check_verb(request, _verb(method, request.name, parameters), limits)


def check_attributes(attributes: Mapping[str, Any], limits: KubernetesLimits) -> None:
    """As :func:`check_kubernetes`, for what a SelfSubjectAccessReview asks about (``spec.resourceAttributes``)."""

    def given(name: str) -> str | None:
        value = attributes.get(name)
        return value if isinstance(value, str) and value else None

    group, resource = given("group") or "", given("resource") or ""
    request = _Request(
        group,
        f"{resource}.{group}" if group else resource,
        given("name"),
        given("subresource"),
        given("namespace"),
    )
    _check_resource(request, limits)
    _check_verb(request, given("verb") or "", limits)


def is_access_review(method: str, path: str) -> bool:
    """Whether a request asks what the user may do (``authorization.k8s.io/v1``, SelfSubjectAccessReview)."""
    return method == "POST" and path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def _check_verb(request: _Request, verb: str, limits: KubernetesLimits) -> None:
    if verb not in limits.verbs:
        raise _refuse_setting(f"The verb {verb} on {request.resource}", verb, "verbs")
    if verb not in _READING and not _writable(request, limits):
        raise _refuse_setting(f"Changing {request.resource} ({verb})", request.resource, "writable")
    _check_namespace(request, verb, limits)


def allows_namespace(namespace: str, limits: KubernetesLimits) -> bool:
    """Whether requests for a namespace pass."""
    return "*" in limits.namespaces or namespace in limits.namespaces


def _parse(segments: Sequence[str]) -> tuple[str | None, Sequence[str]] | None:
    """``(group, what follows the version)``; group None for discovery above a version; None for anything else."""
    if segments[0] == "api":
        if len(segments) == 1:
            return None, ()
        group, rest = "", segments[2:]
        if segments[1] != "v1":
            return None
    elif segments[0] == "apis":
        if len(segments) <= 2:
            return None, ()
        group, rest = segments[1], segments[3:]
    else:
        return None
    return None if rest and rest[0] in ("watch", "proxy") else (group, rest)


def _request(group: str, rest: Sequence[str]) -> _Request:
    namespace = None
    if (
        group == ""
        and rest[0] == "namespaces"
        and (len(rest) < 3 or (len(rest) == 3 and rest[2] in _NAMESPACE_PARTS))
    ):
        pass  # the namespace itself
    elif rest[0] == "namespaces" and len(rest) > 2:
        namespace, rest = rest[1], rest[2:]
    resource, name, subresource = (*rest, None, None)[:3]
    if len(rest) > 3:
        raise _refuse(f"Paths below {resource}/…/{subresource} never pass.")
    return _Request(
        group, f"{resource}.{group}" if group else str(resource), name, subresource, namespace
    )


def _check_resource(request: _Request, limits: KubernetesLimits) -> None:
    if request.resource in NEVER:
        raise _refuse(f"{request.resource} never pass through the Jupyter server.")
    if request.group not in limits.groups:
        raise _refuse_setting(
            f'The API group "{request.group or "core"}"', f'"{request.group}"', "groups"
        )
    if request.resource == "secrets" and not limits.secrets:
        raise _refuse(
            "Secrets do not pass. The server's administrator can allow them with KubeflowExtension.kubernetes_secrets."
        )
    if (
        request.subresource is not None
        and request.subresource not in ALLOWED_SUBRESOURCES
        and f"{request.resource}/{request.subresource}" not in OF_ONE_RESOURCE
    ):
        raise _refuse(
            f"The subresource {request.resource}/{request.subresource} never passes through the Jupyter server."
        )


def _writable(request: _Request, limits: KubernetesLimits) -> bool:
    return (
        request.resource in limits.writable
        or (f"*.{request.group}" if request.group else "*") in limits.writable
    )


def _check_namespace(request: _Request, verb: str, limits: KubernetesLimits) -> None:
    if "*" in limits.namespaces:
        return
    names = ", ".join(limits.namespaces) or "none"
    where = f"Allowed are: {names} (KubeflowExtension.kubernetes_namespaces)."
    namespace = request.namespace
    if request.resource == "namespaces" and request.name is not None:
        namespace = request.name
    elif namespace is None and request.resource in CLUSTER_SCOPED - {"namespaces"}:
        return
    if namespace is None:
        raise _refuse(
            f"The verb {verb} on {request.resource} in all namespaces is not allowed. {where}"
        )
    if not allows_namespace(namespace, limits):
        raise _refuse(f'The namespace "{namespace}" is not allowed. {where}')


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


def _refuse_setting(what: str, entry: str, setting: str) -> KubeflowError:
    return _refuse(
        f"{what} is not allowed. The server's administrator can add {entry} to KubeflowExtension.kubernetes_{setting}."
    )


def _refuse(message: str) -> KubeflowError:
    return KubeflowError(message, reason="Forbidden", status=403, service="kubernetes")
