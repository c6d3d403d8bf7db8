"""Conditions as Katib writes them: the one that was set last stands last. Pure."""

from __future__ import annotations

from typing import Any

from jupyterlab_kubeflow.local.jobs.times import stamp

Body = dict[str, Any]
RUNNING = "Running"


def mark(status: Body, kind: str, reason: str, message: str, *, holds: bool = True) -> bool:
    """Sets a condition in place and moves it to the end; nothing where truth and reason are the same already. Whether it was set."""
    held = status.setdefault("conditions", [])
    before = next((each for each in held if each["type"] == kind), None)
    truth = "True" if holds else "False"
    if before and (before["status"], before.get("reason")) == (truth, reason):
        return False
    now = stamp()
    since = before["lastTransitionTime"] if before and before["status"] == truth else now
    drop(status, kind)
    status["conditions"].append(
        {
            "type": kind,
            "status": truth,
            "reason": reason,
            "message": message,
            "lastUpdateTime": now,
            "lastTransitionTime": since,
        }
    )
    return True


def end(status: Body, kind: str, reason: str, message: str) -> bool:
    """As :func:`mark`, for a condition with which ``Running`` is over."""
    running: Body = next(
        (each for each in status.get("conditions") or () if each["type"] == RUNNING), {}
    )
    if running.get("status") == "True":
        mark(status, RUNNING, running["reason"], running["message"], holds=False)
    return mark(status, kind, reason, message)


def drop(status: Body, *kinds: str) -> None:
    """Removes conditions, in place."""
    status["conditions"] = [
        each for each in status.get("conditions") or () if each["type"] not in kinds
    ]
