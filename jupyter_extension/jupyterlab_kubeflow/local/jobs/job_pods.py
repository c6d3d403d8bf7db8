"""The pods of a Job: how they are made, and what they tell. Pure."""

from __future__ import annotations

import copy
import secrets
from typing import Any

from .controller import owner_reference
from .times import holds, stamp

Body = dict[str, Any]
FINALIZER = "batch.kubernetes.io/job-tracking"
"""Holds a pod until its Job has counted it."""

INDEX = "batch.kubernetes.io/job-completion-index"
JOB_NAME = "batch.kubernetes.io/job-name"
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def make(job: Body, index: int | None, annotations: dict[str, str]) -> Body:
    """A new pod of the Job, for a completion index where it has such."""
    template = copy.deepcopy(job["spec"]["template"])
    meta, spec = template.setdefault("metadata", {}), template["spec"]
    base = job["metadata"]["name"]
    meta.setdefault("annotations", {}).update(annotations)
    labels = meta.setdefault("labels", {})
    if index is not None:
        base = f"{base}-{index}"
        meta["annotations"][INDEX] = labels[INDEX] = str(index)
        spec.setdefault("hostname", base[:63])
        source = {"fieldRef": {"fieldPath": f"metadata.labels['{INDEX}']"}}
        for container in [*(spec.get("initContainers") or ()), *spec["containers"]]:
            env = container.setdefault("env", [])
            if not any(each["name"] == "JOB_COMPLETION_INDEX" for each in env):
                env.append({"name": "JOB_COMPLETION_INDEX", "valueFrom": source})
    meta["name"] = f"{base[:57]}-{''.join(secrets.choice(_LETTERS) for _ in range(5))}"
    meta["finalizers"] = [*(meta.get("finalizers") or ()), FINALIZER]
    meta["ownerReferences"] = [owner_reference(job)]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec}


def phase(pod: Body) -> str:
    """Its phase."""
    return str((pod.get("status") or {}).get("phase", "Pending"))


def ending(pod: Body) -> bool:
    """Whether it is being deleted."""
    return bool(pod["metadata"].get("deletionTimestamp"))


def active(pod: Body) -> bool:
    """Whether it counts as active."""
    return phase(pod) not in ("Succeeded", "Failed") and not ending(pod)


def ready(pod: Body) -> bool:
    """Whether it is ready."""
    return holds(pod.get("status") or {}, "Ready")


def tracked(pod: Body) -> bool:
    """Whether its Job has still to count it."""
    return FINALIZER in (pod["metadata"].get("finalizers") or ())


def index_of(pod: Body) -> int | None:
    """Its completion index."""
    text = (pod["metadata"].get("annotations") or {}).get(INDEX)
    return int(text) if text is not None and text.isdigit() else None


def restarts(pod: Body) -> int:
    """How often its containers were restarted, those of a failed pod included."""
    status = pod.get("status") or {}
    both = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    return (
        sum(each.get("restartCount", 0) for each in both)
        if phase(pod) in ("Running", "Pending")
        else 0
    )


def succeeded_at(pod: Body) -> str | None:
    """When it has succeeded."""
    return _ended_at(pod) if phase(pod) == "Succeeded" else None


def failed_at(pod: Body) -> str | None:
    """When it has failed, or was deleted by another before it had ended."""
    if phase(pod) == "Succeeded":
        return None
    if ending(pod):
        return str(pod["metadata"]["deletionTimestamp"]) if tracked(pod) else None
    return _ended_at(pod) if phase(pod) == "Failed" else None


def _ended_at(pod: Body) -> str:
    found = [
        ended["finishedAt"]
        for each in (pod.get("status") or {}).get("containerStatuses") or ()
        if (ended := (each.get("state") or {}).get("terminated"))
    ]
    return max(found, default=stamp())
