"""Asking Katib's db-manager for what a trial has reported over time."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from jupyterlab_kubeflow import katib_wire as wire
from jupyterlab_kubeflow.connections.threads import in_thread
from jupyterlab_kubeflow.connections.upstream import Upstream, redact
from jupyterlab_kubeflow.errors import KubeflowError

if TYPE_CHECKING:
    import grpc

LARGEST = 64 * 1024 * 1024
"""Bytes of an answer of db-manager: about a million values."""

_IDLE_MS = 60_000


@dataclass(frozen=True)
class Question:
    """Whose observations: of one metric where one is named, from ``start`` to ``end`` (RFC 3339), each without a limit where it is empty."""

    trial: str
    metric: str = ""
    start: str = ""
    end: str = ""


class DbManager:
    """Asks the db-manager of one connection after the other; keeps the channel to the last one, which is at rest after a minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[Upstream, grpc.Channel] | None = None

    async def ask(self, upstream: Upstream, question: Question, timeout: float) -> bytes:
        """``{"items": [{"metric", "time", "value"}]}`` as JSON, in the order of times: texts, as Katib keeps them.

        ``timeout`` is in seconds. Raises :class:`KubeflowError`: 503 when gRPC is not installed or the configured address is of no use, 502
        (``UpstreamUnreachable``, ``UpstreamInvalid``), 504, and 413 for an answer beyond :data:`LARGEST`.
        """
        if missing := wire.problem():
            raise missing
        return await in_thread(self._ask, upstream, question, timeout)

    def close(self) -> None:
        """Ends the connection to db-manager."""
        with self._lock:
            kept, self._kept = self._kept, None
        if kept:
            kept[1].close()

    def _ask(self, upstream: Upstream, question: Question, timeout: float) -> bytes:
        import grpc

        request = wire.message(f"{wire.GET}Request")(
            trial_name=question.trial,
            metric_name=question.metric,
            start_time=question.start,
            end_time=question.end,
        )
        credentials = [(name.lower(), value) for name, value in upstream.headers.items()]
        for last in (False, True):
            get = self._channel(upstream).unary_unary(
                f"/{wire.SERVICE}/{wire.GET}",
                request_serializer=type(request).SerializeToString,
                response_deserializer=wire.message(f"{wire.GET}Reply").FromString,
            )
            try:
                reply = get(request, timeout=timeout, metadata=credentials)
                break
            except grpc.RpcError as error:
                self.close()
                # A connection that was at rest may have been cut meanwhile, which the first question finds out.
                if last or error.code() is not grpc.StatusCode.UNAVAILABLE:
                    raise _refusal(upstream, error) from error
        items = [
            {"metric": log.metric.name, "time": log.time_stamp, "value": log.metric.value}
            for log in reply.observation_log.metric_logs
        ]
        return json.dumps({"items": items}).encode()

    def _channel(self, upstream: Upstream) -> grpc.Channel:
        with self._lock:
            if self._kept and self._kept[0] == upstream:
                return self._kept[1]
            if self._kept:
                self._kept[1].close()
            self._kept = upstream, _open(upstream)
            return self._kept[1]


def _open(upstream: Upstream) -> grpc.Channel:
    import grpc

    parts = urlsplit(upstream.url)
    if parts.path.strip("/"):
        raise _unusable("has a path, which gRPC does not know: give http://HOST:PORT")
    options = [
        ("grpc.client_idle_timeout_ms", _IDLE_MS),
        ("grpc.enable_http_proxy", int(upstream.environment and not upstream.socket)),
        ("grpc.max_receive_message_length", LARGEST),
        ("grpc.use_local_subchannel_pool", 1),  # a new channel tries at once
    ]
    if upstream.socket:
        return grpc.insecure_channel(f"unix:{upstream.socket}", options)
    host = parts.hostname or ""
    target = f"{f'[{host}]' if ':' in host else host}:{parts.port or wire.PORT}"
    if parts.scheme == "http":
        return grpc.insecure_channel(target, options)
    if not upstream.tls.verify:
        raise _unusable("is not to be verified, which gRPC does not offer: name its authority (ca)")
    authority = upstream.tls.ca.encode() if upstream.tls.ca else None
    return grpc.secure_channel(target, grpc.ssl_channel_credentials(authority), options)


def _unusable(problem: str) -> KubeflowError:
    return KubeflowError(
        f"The address of Katib's db-manager {problem}. Correct services.katib-db-manager in connections.json.",
        reason="NotConfigured",
        status=503,
        service="katib-db-manager",
    )


def _refusal(upstream: Upstream, error: Any) -> KubeflowError:
    """An answer that is none, in words."""
    import grpc

    code = error.code()
    said = redact((error.details() or code.name).rstrip("."), upstream.secrets)[:500]
    where = f"Katib's db-manager at {upstream.host}"
    if code is grpc.StatusCode.UNAVAILABLE:
        what = f"cannot be reached ({said}). Check that it runs and that the address is right."
        return _failed(502, "UpstreamUnreachable", f"{where} {what}")
    if code in (grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.CANCELLED):
        return _failed(504, "UpstreamTimeout", f"{where} did not answer in time. Try again.")
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        what = f"would send more than passes ({said}). Ask for one metric, or for a shorter time."
        return _failed(413, "TooLarge", f"{where} {what}")
    return _failed(502, "UpstreamInvalid", f"{where} answered with an error: {code.name}, {said}.")


def _failed(status: int, reason: str, message: str) -> KubeflowError:
    return KubeflowError(message, reason=reason, status=status, service="katib-db-manager")
