"""Times as Kubernetes writes them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from jupyterlab_kubeflow.times import instant


def stamp(moment: datetime | None = None) -> str:
    """``2026-01-31T12:00:00Z``; now by default."""
    return (moment or datetime.now(timezone.utc)).strftime("%Y-%m-%dT%H:%M:%SZ")


def since(text: str) -> float:
    """The seconds since a stamp."""
    return (datetime.now(timezone.utc) - instant(text)).total_seconds()


def condition(
    status: dict[str, Any],
    kind: str,
    holds: bool,
    reason: str = "",
    message: str = "",
    *,
    probed: bool = False,
) -> None:
    """Sets a condition in a status, in place; its transition time changes with its truth only. ``probed``: it has ``lastProbeTime``."""
    conditions = status.setdefault("conditions", [])
    found = next((each for each in conditions if each["type"] == kind), None)
    truth = "True" if holds else "False"
    if found is None:
        found = {"type": kind}
        conditions.append(found)
    if found.get("status") != truth:
        found["lastTransitionTime"] = stamp()
        if probed:
            found["lastProbeTime"] = stamp()
    found["status"] = truth
    for field, value in (("reason", reason), ("message", message)):
        if value:
            found[field] = value
        else:
            found.pop(field, None)


def holds(status: dict[str, Any], kind: str) -> bool:
    """Whether a condition is true."""
    return any(
        each["type"] == kind and each["status"] == "True" for each in status.get("conditions") or ()
    )
