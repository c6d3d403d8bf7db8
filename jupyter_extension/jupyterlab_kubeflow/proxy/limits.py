"""Size and time limits of the proxy and the stream socket; the extension's traits set them."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_GROUPS = (
    "",
    "apps",
    "batch",
    "events.k8s.io",
    "apiextensions.k8s.io",
    "authorization.k8s.io",
    "jobset.x-k8s.io",
    "kubeflow.org",
    "kueue.x-k8s.io",
    "pipelines.kubeflow.org",
    "serving.kserve.io",
    "trainer.kubeflow.org",
    "feast.dev",
)


@dataclass(frozen=True)
class Limits:
    """Bytes and seconds.

    ``request_bytes``: largest request body. ``connect``: reaching the upstream. ``first_byte``: from the end of the request to the
    first byte of the answer. ``idle``: between two chunks of an answer or an upload. ``stream_idle``: both, for streams.
    ``streams``: at the same time on one socket. ``stream_credit``: largest first credit of a stream. ``line_bytes``: longest line of
    an ``ndjson`` stream. ``kubernetes_groups`` and ``kubernetes_verbs``: what passes to the Kubernetes API (``""`` is the core group).
    """

    request_bytes: int = 64 * 1024 * 1024
    connect: float = 10.0
    first_byte: float = 60.0
    idle: float = 120.0
    stream_idle: float = 3600.0
    streams: int = 100
    stream_credit: int = 16 * 1024 * 1024
    line_bytes: int = 8 * 1024 * 1024
    kubernetes_groups: tuple[str, ...] = DEFAULT_GROUPS
    kubernetes_verbs: tuple[str, ...] = ("get", "list", "watch")
