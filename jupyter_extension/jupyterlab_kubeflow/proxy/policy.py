"""What may pass: services, methods, paths and query parameters. Pure functions."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode

from jupyterlab_kubeflow.connections.discovery import SERVICES
from jupyterlab_kubeflow.errors import KubeflowError

from .kubernetes_policy import check_kubernetes
from .limits import Limits
from .registry_policy import check_registry

READING = ("GET", "HEAD")
METHODS = (*READING, "POST", "PUT", "PATCH", "DELETE")

_SEGMENT_SAFE = "!$&'()*+,;=:@-._~"
_RAW_PATH = re.compile(r"[!-~]*")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DOUBLE_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_CACHE_BUSTER = re.compile(r"\d{10,}")

OURS = frozenset({"token", "_xsrf", "no_track_activity"})
"""Query parameters that are for the Jupyter server; they never go up."""

_UI_PATHS = ("/k8s/pod/logs", "/artifacts/get")
_KATIB_PATHS = ("/katib/fetch_hp_job_trial_info", "/katib/fetch_trial_logs")
_KATIB_PARAMETERS = ["namespace", "trialName"]
_PIPELINES_PREFIX = "/apis/v2beta1/"
_FETCHED = frozenset({"http", "https"})


def check(service: str, method: str, raw_path: str, query: str, limits: Limits) -> tuple[str, str]:
    """The path and query to send upstream, both canonically encoded.

    ``raw_path`` is percent-encoded and begins with ``/``; ``query`` is without ``?``. Raises :class:`KubeflowError`: 404 for an unknown
    service, 400 for a malformed path, 403 for what is not on the lists.
    """
    if service not in SERVICES:
        raise KubeflowError(
            f'There is no service "{service[:40]}". There are: {", ".join(SERVICES)}.',
            reason="NotFound",
            status=404,
        )
    katib = service == "katib-ui"
    segments = _segments(service, raw_path.removesuffix("/") if katib else raw_path)
    parameters = _parameters(service, query)
    plain = "/" + "/".join(segments)
    if service == "pipelines":
        allowed = plain.startswith(_PIPELINES_PREFIX) and len(segments) > 2 and method in METHODS
    elif service == "pipelines-ui":
        allowed = plain in _UI_PATHS and method in READING
        if allowed and any(k == "source" and v.lower() in _FETCHED for k, v in parameters):
            raise _forbidden(
                service, "Artifacts at web addresses are not fetched through the UI server."
            )
    elif katib:
        allowed = plain in _KATIB_PATHS and method in READING
        if allowed:
            _check_trial(plain, parameters, limits)
    elif service == "kubernetes":
        check_kubernetes(method, segments, parameters, limits.kubernetes)
        allowed = True
    elif service == "registry":
        check_registry(method, segments, parameters)
        allowed = True
    else:
        raise KubeflowError(
            f"The service {service} is not supported yet.",
            reason="NotConfigured",
            status=503,
            service=service,
        )
    if not allowed:
        raise _forbidden(
            service, f"{method} {plain[:200]} is not among the requests that pass to {service}."
        )
    path = "/" + "/".join(quote(segment, safe=_SEGMENT_SAFE) for segment in segments)
    return path + "/" * katib, urlencode(parameters)


def _check_trial(plain: str, parameters: list[tuple[str, str]], limits: Limits) -> None:
    """Katib's UI server reads with rights of its own, so what it is asked for must be what passes to the Kubernetes API."""
    if sorted(name for name, _ in parameters) != _KATIB_PARAMETERS:
        raise KubeflowError(
            f"{plain} takes the parameters {' and '.join(_KATIB_PARAMETERS)}, each once, and no other.",
            reason="BadRequest",
            service="katib-ui",
        )
    given = dict(parameters)
    paths = [
        [
            "apis",
            "kubeflow.org",
            "v1beta1",
            "namespaces",
            given["namespace"],
            "trials",
            given["trialName"],
        ]
    ]
    if plain.endswith("_logs"):
        paths.append(
            ["api", "v1", "namespaces", given["namespace"], "pods", given["trialName"], "log"]
        )
    for path in paths:
        check_kubernetes("GET", path, (), limits.kubernetes)


def _segments(service: str, raw_path: str) -> list[str]:
    """The decoded segments. A path decodes to the same thing however often and by whom: nothing is encoded twice, no ``/``, ``\\``,
    control character or dot segment hides in an escape."""
    if not raw_path.startswith("/") or not _RAW_PATH.fullmatch(raw_path):
        raise _malformed(service, "it must begin with / and hold printable ASCII only")
    if _ESCAPE.search(raw_path):
        raise _malformed(service, "it holds an incomplete % escape")
    segments = []
    for raw in raw_path[1:].split("/"):
        try:
            segment = unquote_to_bytes(raw).decode("utf-8")
        except UnicodeDecodeError as error:
            raise _malformed(service, "it is not UTF-8") from error
        if _DOUBLE_ESCAPE.search(segment):
            raise _malformed(service, "it is percent-encoded twice")
        if not segment:
            raise _malformed(service, "it has an empty segment")
        if segment.partition(";")[0] in (".", ".."):
            raise _malformed(service, "it has a dot segment")
        if any(ord(c) < 32 or ord(c) == 127 or c in "/\\?#" for c in segment):
            raise _malformed(service, "it holds an encoded delimiter or control character")
        segments.append(segment)
    return segments


def _parameters(service: str, query: str) -> list[tuple[str, str]]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=1000)
    except ValueError as error:
        raise KubeflowError(
            "The query is not valid UTF-8 or too long.", reason="BadRequest", service=service
        ) from error
    return [
        (k, v) for k, v in pairs if k not in OURS and not (_CACHE_BUSTER.fullmatch(k) and not v)
    ]


def _malformed(service: str, problem: str) -> KubeflowError:
    return KubeflowError(
        f"The path is refused: {problem}. Give the API's own path, each segment percent-encoded once.",
        reason="BadRequest",
        service=service,
    )


def _forbidden(service: str, message: str) -> KubeflowError:
    return KubeflowError(message, reason="Forbidden", status=403, service=service)
