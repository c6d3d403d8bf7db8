"""What failed Jobs mean for their JobSet: its failure policy (``pkg/controllers/failure_policy.go`` of JobSet v0.12). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from . import child_jobs

Body = dict[str, Any]
RESTART_JOB = ("RestartJob", "RestartJobAndIgnoreMaxRestarts")
_UNCOUNTED = ("RestartJobSetAndIgnoreMaxRestarts", "RestartJobAndIgnoreMaxRestarts")


class Ruling(NamedTuple):
    """What is done: ``action`` is one of the failure policy's, ``reason`` and ``message`` are for the condition and the event."""

    action: str
    reason: str
    message: str
    job: Body
    rule: str = ""

    @property
    def counts(self) -> bool:
        """Whether the restart is one of ``maxRestarts``."""
        return self.action not in _UNCOUNTED


def ruling(job_set: Body, status: Body, failed: Sequence[Body]) -> Ruling:
    """What follows from the failed Jobs of the present attempt, of which there is one at least."""
    first = min(failed, key=_failed_at)
    policy = job_set["spec"].get("failurePolicy")
    if policy is None:
        said = "jobset failed due to one or more job failures"
        return Ruling("FailJobSet", "FailedJobs", _words(said, first), first)
    rule, job = _rule(policy, failed) or ({}, first)
    action = rule.get("action", "RestartJobSet")
    if action in ("RestartJobSet", "RestartJob") and _restarts(status) >= policy.get(
        "maxRestarts", 0
    ):
        said = "jobset failed due to reaching max number of restarts"
        return Ruling("FailJobSet", "ReachedMaxRestarts", _words(said, job), job)
    said = f"applying {action} failure policy action"
    reason = f"{action}FailurePolicyAction"
    return Ruling(action, reason, _words(said, job), job, rule.get("name", ""))


def restart(job_set: Body, status: Body, ruled: Ruling) -> None:
    """Counts a restart in the status, in place: the Jobs of earlier attempts are those that do not bear the new numbers."""
    if ruled.action not in RESTART_JOB:
        status["restarts"] = status.get("restarts", 0) + 1
        if ruled.counts:
            status["restartsCountTowardsMax"] = status.get("restartsCountTowardsMax", 0) + 1
        return
    labels = ruled.job["metadata"]["labels"]
    name, index = labels[child_jobs.REPLICATED], int(labels[child_jobs.INDEX])
    fields = ["jobRestarts", *(["jobRestartsCountTowardsMax"] if ruled.counts else [])]
    replicas = next(
        each.get("replicas", 1)
        for each in job_set["spec"]["replicatedJobs"]
        if each["name"] == name
    )
    for each in status.get("replicatedJobsStatus") or ():
        if each["name"] == name:
            for field in fields:
                counts = each.setdefault(field, [0] * replicas)
                counts[index] += 1


def _rule(policy: Body, failed: Sequence[Body]) -> tuple[Body, Body] | None:
    """The first rule that fits a Job, and of the Jobs that it fits the one that failed first."""
    for rule in policy.get("rules") or ():
        if fitting := [each for each in failed if _fits(rule, each)]:
            return rule, min(fitting, key=_failed_at)
    return None


def _fits(rule: Body, job: Body) -> bool:
    failed = _failure(job)
    reasons = rule.get("onJobFailureReasons") or ()
    if reasons and failed.get("reason") not in reasons:
        return False
    patterns = rule.get("onJobFailureMessagePatterns") or ()
    if patterns and not any(_matches(each, failed.get("message", "")) for each in patterns):
        return False
    targets = rule.get("targetReplicatedJobs") or ()
    return not targets or job["metadata"]["labels"][child_jobs.REPLICATED] in targets


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


def _restarts(status: Body) -> int:
    told = status.get("replicatedJobsStatus") or ()
    single = sum(sum(each.get("jobRestartsCountTowardsMax") or ()) for each in told)
    return int(status.get("restartsCountTowardsMax", 0)) + single


def _failure(job: Body) -> Body:
    return next(each for each in job["status"]["conditions"] if each["type"] == "Failed")


def _failed_at(job: Body) -> str:
    return str(_failure(job)["lastTransitionTime"])


def _words(said: str, job: Body) -> str:
    return f"{said} (first failed job: {job['metadata']['name']})"
