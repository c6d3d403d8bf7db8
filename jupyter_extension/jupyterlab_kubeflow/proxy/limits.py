"""Limits of the proxy and the stream socket; the extension's traits set them."""

from __future__ import annotations

from dataclasses import dataclass, field

_WORKLOADS = (
    "batch",
    "feast.dev",
    "jobset.x-k8s.io",
    "kubeflow.org",
    "kueue.x-k8s.io",
    "leaderworkerset.x-k8s.io",
    "pipelines.kubeflow.org",
    "serving.kserve.io",
    "trainer.kubeflow.org",
)
"""API groups whose objects panels make and change."""


@dataclass(frozen=True)
class KubernetesLimits:
    """What passes to the Kubernetes API: a request must be within all of these.

    ``groups``: API groups (``""`` is the core group). ``verbs``: RBAC's. ``namespaces``: names, or ``*`` for all. ``writable``: what may be changed,
    as ``RESOURCE.GROUP`` or ``*.GROUP``, ``RESOURCE`` or ``*`` for the core group. ``secrets``: whether Secrets are treated as any other resource.
    """

    groups: tuple[str, ...] = (
        "",
        "apiextensions.k8s.io",
        "apps",
        "authorization.k8s.io",
        "events.k8s.io",
        "metrics.k8s.io",
        *_WORKLOADS,
    )
    verbs: tuple[str, ...] = (
        "get",
        "list",
        "watch",
        "create",
        "update",
        "patch",
        "delete",
        "deletecollection",
    )
    namespaces: tuple[str, ...] = ("*",)
    writable: tuple[str, ...] = (
        "configmaps",
        "persistentvolumeclaims",
        *(f"*.{group}" for group in _WORKLOADS),
    )
    secrets: bool = False


@dataclass(frozen=True)
class Limits:
    """Bytes and seconds.

    ``request_bytes``: largest request body. ``connect``: reaching the upstream. ``first_byte``: from the end of the request to the
    first byte of the answer. ``idle``: between two chunks of an answer or an upload. ``stream_idle``: both, for streams.
    ``streams``: at the same time on one socket. ``stream_credit``: largest first credit of a stream. ``line_bytes``: longest line of
    an ``ndjson`` stream. ``kubernetes``: what passes to the Kubernetes API.
    """

    request_bytes: int = 64 * 1024 * 1024
    connect: float = 10.0
    first_byte: float = 60.0
    idle: float = 120.0
    stream_idle: float = 3600.0
    streams: int = 100
    stream_credit: int = 16 * 1024 * 1024
    line_bytes: int = 8 * 1024 * 1024
    kubernetes: KubernetesLimits = field(default_factory=KubernetesLimits)
