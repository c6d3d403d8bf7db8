"""The conditions of a JobSet, and the events that tell of their changes, as JobSet writes both (``pkg/controllers/jobset_controller.go``). Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

from jupyterlab_kubeflow.local.jobs.times import condition

from . import child_jobs
from .failures import RESTART_JOB, Ruling

Body = dict[str, Any]
RESTARTING = "RestartingJobSet"
_IN_PROGRESS, _STARTED = "StartupPolicyInProgress", "StartupPolicyCompleted"


class Said(NamedTuple):
    """An event."""

    reason: str
    message: str
    warning: bool = False


class Conditions:
    """Changes the conditions of ``status`` in place; :attr:`said` are the events of it."""

    def __init__(self, status: Body) -> None:
        self._status = status
        self.said: list[Said] = []

    def completed(self) -> None:
        """The success policy is met."""
        said = "jobset completed successfully"
        self._set("Completed", True, "AllJobsCompleted", said)
        self._set(RESTARTING, False, "JobSetCompleted", said)
        self._status["terminalState"] = "Completed"

    def failed(self, ruled: Ruling) -> None:
        """The failure policy ends it."""
        self._set("Failed", True, ruled.reason, ruled.message, warning=True)
        self._set(RESTARTING, False, "JobSetFailed", "jobset failed")
        self._status["terminalState"] = "Failed"

    def restarting(self, ruled: Ruling) -> None:
        """The failure policy begins it anew, or one of its Jobs."""
        if ruled.action not in RESTART_JOB:
            reason = f"FailurePolicy_{ruled.rule}" if ruled.rule else "DefaultFailurePolicy"
            self._set(RESTARTING, True, reason, ruled.message, warning=True)
        self.said.append(Said(ruled.reason, ruled.message, True))

    def suspended(self) -> None:
        """All its Jobs are suspended."""
        said = "jobset is suspended"
        self._set("Suspended", True, "SuspendedJobs", said)
        self._set(RESTARTING, False, "JobSetSuspended", said)

    def resumed(self) -> None:
        """None of its Jobs is suspended any more."""
        self._set("Suspended", False, "ResumeJobs", "jobset is resumed")

    def ready(self) -> None:
        """All its Jobs are ready or over."""
        self._set(RESTARTING, False, "JobsReady", "all jobs are ready")

    def starting(self, job_set: Body, told: list[Body]) -> None:
        """How far it is when its Jobs start one after the other."""
        if not child_jobs.in_order(job_set):
            return
        over = child_jobs.started(job_set, told)
        kind, other = (_STARTED, _IN_PROGRESS) if over else (_IN_PROGRESS, _STARTED)
        how = "has completed" if over else "is in progress"
        for each in self._status.get("conditions") or ():
            if each["type"] == other:
                each["status"] = "False"
        self._set(kind, True, f"InOrder{kind}", f"in order startup policy {how}")

    def _set(
        self, kind: str, holds: bool, reason: str, message: str, *, warning: bool = False
    ) -> None:
        held = self._status.get("conditions") or ()
        before = next((each for each in held if each["type"] == kind), None)
        if before is None and not holds:
            return
        wanted = ("True" if holds else "False", reason, message)
        if before and (before["status"], before.get("reason"), before.get("message")) == wanted:
            return
        condition(self._status, kind, holds, reason, message)
        self.said.append(Said(reason, message, warning))
