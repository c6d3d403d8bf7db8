"""What failed pods mean for their Job: its pod failure policy, its limits, and how long it waits before the next attempt. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from . import times
from .job_pods import failed_at, index_of, restarts, succeeded_at

Body = dict[str, Any]
LONGEST = 600.0
"""Seconds between two attempts at most."""


class Verdict(NamedTuple):
    """``action`` of the pod failure policy (``Count`` without a rule) and why."""

    action: str
    message: str = ""


def verdict(job: Body, pod: Body) -> Verdict:
    """What the Job's pod failure policy says of a failed pod."""
    rules = (job["spec"].get("podFailurePolicy") or {}).get("rules") or ()
    where = f"pod {pod['metadata']['namespace']}/{pod['metadata']['name']}"
    for number, rule in enumerate(rules):
        said = f"matching {rule['action']} rule at index {number}"
        if (wanted := rule.get("onExitCodes")) is not None:
            for container, code in _codes(pod):
                if wanted.get("containerName") not in (None, container):
                    continue
                if code != 0 and (code in wanted["values"]) == (wanted["operator"] == "In"):
                    return Verdict(
                        rule["action"],
                        f"Container {container} for {where} failed with exit code {code} {said}",
                    )
        for pattern in rule.get("onPodConditions") or ():
            held = pod["status"].get("conditions") or ()
            status = pattern.get("status", "True")
            if any(each["type"] == pattern["type"] and each["status"] == status for each in held):
                return Verdict(
                    rule["action"], f"{where.capitalize()} has condition {pattern['type']} {said}"
                )
    return Verdict("Count")


def _codes(pod: Body) -> Iterable[tuple[str, int]]:
    status = pod.get("status") or {}
    for field in ("initContainerStatuses", "containerStatuses"):
        for each in status.get(field) or ():
            ended = (each.get("state") or {}).get("terminated")
            if ended is not None:
                yield each["name"], ended["exitCode"]


def failure(job: Body, pods: list[Body], failed: int, began: str | None) -> tuple[str, str] | None:
    """The reason and the words of why the Job has failed as a whole; None while it has not."""
    spec = job["spec"]
    limit = spec.get("backoffLimit", 6)
    tried = failed
    if spec["template"]["spec"].get("restartPolicy") == "OnFailure":
        tried = max(tried, sum(map(restarts, pods)))
        over = tried >= limit if limit else tried > 0
    else:
        over = tried > limit
    if over:
        return "BackoffLimitExceeded", "Job has reached the specified backoff limit"
    seconds = spec.get("activeDeadlineSeconds")
    if seconds is not None and began and times.since(began) >= seconds:
        return "DeadlineExceeded", "Job was active longer than specified deadline"
    return None


def pause(pods: Iterable[Body], backoff: float) -> float:
    """The seconds until the next attempt after these pods of a Job, or of one of its indexes; none after a success."""
    pods = list(pods)
    last_success = max((when for pod in pods if (when := succeeded_at(pod))), default="")
    failed = [when for pod in pods if (when := failed_at(pod)) and when >= last_success]
    if not failed:
        return 0.0
    wanted = min(backoff * 2 ** min(len(failed) - 1, 20), LONGEST)
    return max(0.0, wanted - max(0.0, times.since(max(failed))))


def failures_of_index(pods: Iterable[Body], index: int) -> int:
    """How often an index has failed, by the pods that are there: each knows how many came before it."""
    return max(
        (
            int((pod["metadata"].get("annotations") or {}).get(COUNT, 0)) + 1
            for pod in pods
            if index_of(pod) == index and failed_at(pod)
        ),
        default=0,
    )


COUNT = "batch.kubernetes.io/job-index-failure-count"
