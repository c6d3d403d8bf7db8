"""The columns that ``kubectl get`` shows: of custom resources from their CRDs, of Kubernetes' own kinds as its API server computes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .kinds import Kind

Body = dict[str, Any]
Column = tuple[str, str, int, Callable[[Body], Any]]
"""Name, type, priority (0: always shown) and the cell of an object."""


def columns(kind: Kind) -> list[tuple[dict[str, Any], Callable[[Body], Any]]]:
    """Definition and cell of each column of a kind."""
    found: list[Column] = [("Name", "string", 0, lambda body: body["metadata"]["name"])]
    if kind.columns:
        found += [_stated(column) for column in kind.columns]
    else:
        found += _BUILT_IN.get(kind.resource, [])
        if kind.store_as == "events":
            found = list(_BUILT_IN["events"])
        elif not any(each[0] == "Age" for each in found):
            found.append(_AGE if kind.strategic else ("Age", "date", 0, _age))
    return [
        (
            {
                "name": name,
                "type": kind_of,
                "format": "name" if name == "Name" else "",
                "description": "",
                "priority": priority,
            },
            cell,
        )
        for name, kind_of, priority, cell in found
    ]


def _stated(column: dict[str, Any]) -> Column:
    path = _path(column["jsonPath"])

    def cell(body: Body) -> Any:
        value = _follow(body, path)
        if value is None:
            return None
        if column["type"] == "date":
            return age(value)
        if column["type"] in ("integer", "number", "boolean") and not isinstance(value, list):
            return value
        return _text(value)

    return column["name"], column["type"], column.get("priority", 0), cell


Step = str | tuple[str, str] | slice


def _path(text: str) -> list[Step]:
    """The steps of a JSON path: names, ``(name, value)`` for ``[?(@.name=="value")]``, and slices (``[-1:]``)."""
    steps: list[Step] = []
    pattern = r"""\[\?\(@\.(\w+)\s*==\s*["']([^"']*)["']\)\]|\[(-?\d*):(-?\d*)\]|\[(-?\d+|\*)\]|\.?((?:\\.|[^.\[\]])+)|\['([^']+)'\]"""
    for found in re.finditer(pattern, text):
        name, value, first, last, index, field, quoted = found.groups()
        if name:
            steps.append((name, value))
        elif first is not None:
            steps.append(slice(*(int(each) if each else None for each in (first, last))))
        else:
            steps.append(index or quoted or field.replace("\\.", "."))
    return steps


def _follow(value: Any, path: list[Step]) -> Any:
    for step in path:
        if isinstance(step, tuple):
            entries = value if isinstance(value, list) else []
            name, wanted = step
            value = next((each for each in entries if str(each.get(name)) == wanted), None)
        elif isinstance(step, slice):
            value = value[step] if isinstance(value, list) else None
        elif isinstance(value, list):
            if step == "*":
                continue
            if step.lstrip("-").isdigit():
                value = value[int(step)] if -len(value) <= int(step) < len(value) else None
            else:
                value = [each.get(step) for each in value if isinstance(each, dict)] or None
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(_text(each) for each in value)
    return str(value)


def age(since: str | None) -> str:
    """How long ago a time was, in ``kubectl``'s words (``5s``, ``3m10s``, ``2d``)."""
    if not since:
        return "<unknown>"
    try:
        then = datetime.fromisoformat(str(since).replace("Z", "+00:00"))
    except ValueError:
        return "<invalid>"
    return duration(int((datetime.now(timezone.utc) - then).total_seconds()))


def duration(seconds: int) -> str:
    """``k8s.io/apimachinery/pkg/util/duration.HumanDuration``."""
    if seconds < 0:
        return "<invalid>" if seconds < -1 else "0s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return f"{minutes}m{seconds % 60}s" if seconds % 60 else f"{minutes}m"
    if hours < 3:
        return f"{minutes}m"
    if hours < 8:
        return f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    if days < 8:
        return f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"
    if days < 2 * 365:
        return f"{days}d"
    if days < 8 * 365:
        return f"{days // 365}y{days % 365}d" if days % 365 else f"{days // 365}y"
    return f"{days // 365}y"


def _at(*path: str, empty: Any = "") -> Callable[[Body], Any]:
    def cell(body: Body) -> Any:
        found = _follow(body, list(path))
        return empty if found is None else found

    return cell


def _age(body: Body) -> str:
    return age(body["metadata"].get("creationTimestamp"))


_AGE: Column = ("Age", "string", 0, _age)


def _statuses(pod: Body) -> list[Body]:
    return list((pod.get("status") or {}).get("containerStatuses") or [])


def _pod_ready(pod: Body) -> str:
    ready = sum(bool(each.get("ready")) for each in _statuses(pod))
    return f"{ready}/{len(pod['spec'].get('containers') or ())}"


def _pod_status(pod: Body) -> str:
    status = pod.get("status") or {}
    said = status.get("reason") or status.get("phase") or ""
    for each in reversed(_statuses(pod)):
        state = each.get("state") or {}
        waiting, ended = state.get("waiting") or {}, state.get("terminated")
        if waiting.get("reason"):
            said = waiting["reason"]
        elif ended:
            said = ended.get("reason") or f"ExitCode:{ended.get('exitCode', 0)}"
    if pod["metadata"].get("deletionTimestamp"):
        said = "Terminating"
    return str(said)


def _pod_restarts(pod: Body) -> str:
    return str(sum(each.get("restartCount", 0) for each in _statuses(pod)))


def _job_completions(job: Body) -> str:
    done = (job.get("status") or {}).get("succeeded", 0)
    wanted = job["spec"].get("completions")
    if wanted is not None:
        return f"{done}/{wanted}"
    parallel = job["spec"].get("parallelism", 1)
    return f"{done}/1 of {parallel}" if parallel > 1 else f"{done}/1"


def _job_status(job: Body) -> str:
    status = job.get("status") or {}
    held = {c["type"] for c in status.get("conditions") or () if c.get("status") == "True"}
    for kind in ("Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if kind in held:
            return kind
    return "Terminating" if job["metadata"].get("deletionTimestamp") else "Running"


def _job_duration(job: Body) -> str:
    status = job.get("status") or {}
    start, end = status.get("startTime"), status.get("completionTime")
    if not start:
        return ""
    if not end:
        return age(start)
    times = [datetime.fromisoformat(each.replace("Z", "+00:00")) for each in (start, end)]
    return duration(int((times[1] - times[0]).total_seconds()))


def _of_containers(job: Body, field: str) -> str:
    return ",".join(
        str(each.get(field, "")) for each in job["spec"]["template"]["spec"]["containers"]
    )


def _job_selector(job: Body) -> str:
    labels = (job["spec"].get("selector") or {}).get("matchLabels") or {}
    return ",".join(f"{name}={value}" for name, value in labels.items()) or "<none>"


def _first_seen(event: Body) -> str:
    first = event.get("firstTimestamp") or event.get("deprecatedFirstTimestamp")
    return age(first or event.get("eventTime"))


def _event_source(event: Body) -> str:
    source = event.get("source") or event.get("deprecatedSource") or {}
    component = source.get("component") or event.get("reportingComponent", "")
    return ", ".join(filter(None, (component, source.get("host"))))


def _last_seen(event: Body) -> str:
    series = (event.get("series") or {}).get("lastObservedTime")
    return age(
        series
        or event.get("lastTimestamp")
        or event.get("deprecatedLastTimestamp")
        or event.get("eventTime")
    )


def _event_object(event: Body) -> str:
    about = event.get("involvedObject") or event.get("regarding") or {}
    return f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"


def _ports(service: Body) -> str:
    return (
        ",".join(
            f"{p.get('port')}/{p.get('protocol', 'TCP')}"
            for p in service["spec"].get("ports") or ()
        )
        or "<none>"
    )


_BUILT_IN: dict[str, list[Column]] = {
    "namespaces": [("Status", "string", 0, _at("status", "phase"))],
    "configmaps": [
        ("Data", "string", 0, lambda b: len(b.get("data") or ()) + len(b.get("binaryData") or ()))
    ],
    "secrets": [
        ("Type", "string", 0, _at("type")),
        ("Data", "string", 0, lambda b: len(b.get("data") or ())),
    ],
    "serviceaccounts": [("Secrets", "string", 0, lambda b: len(b.get("secrets") or ()))],
    "pods": [
        ("Ready", "string", 0, _pod_ready),
        ("Status", "string", 0, _pod_status),
        ("Restarts", "string", 0, _pod_restarts),
        _AGE,
        ("IP", "string", 1, _at("status", "podIP", empty="<none>")),
        ("Node", "string", 1, _at("spec", "nodeName", empty="<none>")),
        ("Nominated Node", "string", 1, _at("status", "nominatedNodeName", empty="<none>")),
        ("Readiness Gates", "string", 1, lambda _: "<none>"),
    ],
    "services": [
        ("Type", "string", 0, _at("spec", "type")),
        ("Cluster-IP", "string", 0, _at("spec", "clusterIP", empty="<none>")),
        ("External-IP", "string", 0, _at("spec", "externalName", empty="<none>")),
        ("Port(s)", "string", 0, _ports),
    ],
    "persistentvolumeclaims": [
        ("Status", "string", 0, _at("status", "phase")),
        ("Volume", "string", 0, _at("spec", "volumeName")),
        ("Capacity", "string", 0, _at("status", "capacity", "storage")),
        ("Access Modes", "string", 0, lambda b: _text(b["spec"].get("accessModes") or [])),
        ("StorageClass", "string", 0, _at("spec", "storageClassName")),
    ],
    "events": [
        ("Last Seen", "string", 0, _last_seen),
        ("Type", "string", 0, _at("type")),
        ("Reason", "string", 0, _at("reason")),
        ("Object", "string", 0, _event_object),
        ("Subobject", "string", 1, _at("involvedObject", "fieldPath")),
        ("Source", "string", 1, _event_source),
        ("Message", "string", 0, lambda b: str(b.get("message", b.get("note", ""))).strip()),
        ("First Seen", "string", 1, _first_seen),
        ("Count", "string", 1, lambda b: (b.get("series") or b).get("count", 1)),
        ("Name", "string", 1, lambda b: b["metadata"]["name"]),
    ],
    "jobs.batch": [
        ("Status", "string", 0, _job_status),
        ("Completions", "string", 0, _job_completions),
        ("Duration", "string", 0, _job_duration),
        _AGE,
        ("Containers", "string", 1, lambda b: _of_containers(b, "name")),
        ("Images", "string", 1, lambda b: _of_containers(b, "image")),
        ("Selector", "string", 1, _job_selector),
    ],
    "deployments.apps": [
        (
            "Ready",
            "string",
            0,
            lambda b: (
                f"{(b.get('status') or {}).get('readyReplicas', 0)}/{b['spec'].get('replicas', 1)}"
            ),
        ),
        ("Up-to-date", "string", 0, _at("status", "updatedReplicas", empty=0)),
        ("Available", "string", 0, _at("status", "availableReplicas", empty=0)),
    ],
}
