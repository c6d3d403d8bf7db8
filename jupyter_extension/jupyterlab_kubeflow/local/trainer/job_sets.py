"""The controller of JobSets: makes their Jobs and says how they go, as JobSet does. Failure policies restart all Jobs; rules are not done."""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import Any

from jupyterlab_kubeflow.local.jobs import times
from jupyterlab_kubeflow.local.jobs.controller import Controller, Name, named, owned_by, owner
from jupyterlab_kubeflow.local.jobs.events import Events
from jupyterlab_kubeflow.local.jobs.times import condition, holds
from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.deletion import DeleteOptions
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError

from . import child_jobs
from .child_jobs import ATTEMPT, NAME, REPLICATED

Body = dict[str, Any]
_OWN = "jobset.sigs.k8s.io/jobset-controller"
_ENDS = {"Completed": "Completed", "Failed": "Failed"}


class JobSets:
    """Acts on all JobSets, from :meth:`start` to :meth:`stop`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._set = client.kind("jobset.x-k8s.io/v1alpha2", "JobSet")
        self._job = client.kind("batch/v1", "Job")
        self._events = Events(client, "jobset-controller")
        watched = [(self._set, named), (self._job, owned_by("JobSet"))]
        self._controller = Controller(client, self._look, watched)

    def start(self) -> None:
        """Begins with what is there."""
        self._controller.start()

    async def stop(self) -> None:
        """Leaves JobSets to the next server."""
        await self._controller.stop()

    async def _look(self, name: Name) -> float | None:
        try:
            job_set = self._client.get(self._set, *name)
        except StatusError:
            return None
        if job_set["metadata"].get("deletionTimestamp"):
            return None
        if job_set["spec"].get("managedBy", _OWN) != _OWN:
            return None
        status = copy.deepcopy(job_set.get("status") or {})
        jobs = self._jobs(job_set)
        if any(holds(status, each) for each in _ENDS):
            return await self._after_end(job_set, status, jobs)
        attempt = status.get("restarts", 0)
        for job in jobs:
            if job["metadata"]["labels"].get(ATTEMPT) != str(attempt):
                await self._delete(self._job, job)
        jobs = [each for each in jobs if each["metadata"]["labels"].get(ATTEMPT) == str(attempt)]
        told = child_jobs.statuses(job_set, jobs)
        failed = [each for each in jobs if holds(each.get("status") or {}, "Failed")]
        if failed:
            await self._failed(job_set, status, failed)
        elif _succeeded(job_set, jobs):
            condition(
                status, "Completed", True, "AllJobsCompleted", "jobset completed successfully"
            )
            status["terminalState"] = "Completed"
            await self._events.tell(job_set, "AllJobsCompleted", "jobset completed successfully")
        else:
            await self._suspend_or_resume(job_set, status, jobs)
            await self._make(job_set, told, attempt)
        status["replicatedJobsStatus"] = child_jobs.statuses(
            job_set, self._present(job_set, attempt)
        )
        await self._write(job_set, status)
        return None

    async def _failed(self, job_set: Body, status: Body, failed: list[Body]) -> None:
        first = min(failed, key=_failed_at)["metadata"]["name"]
        policy = job_set["spec"].get("failurePolicy")
        most = (policy or {}).get("maxRestarts", 0)
        if policy is not None and status.get("restarts", 0) < most:
            status["restarts"] = status.get("restarts", 0) + 1
            said = f"applying RestartJobSet failure policy action (first failed job: {first})"
            await self._events.tell(job_set, "RestartJobSetFailurePolicyAction", said, warning=True)
            return
        reason, words = "FailedJobs", "jobset failed due to one or more job failures"
        if policy is not None:
            reason = "ReachedMaxRestarts"
            words = "jobset failed due to reaching max number of restarts"
        said = f"{words} (first failed job: {first})"
        condition(status, "Failed", True, reason, said)
        status["terminalState"] = "Failed"
        await self._events.tell(job_set, reason, said, warning=True)

    async def _suspend_or_resume(self, job_set: Body, status: Body, jobs: list[Body]) -> None:
        wanted = bool(job_set["spec"].get("suspend"))
        for job in jobs:
            over = holds(job.get("status") or {}, "Complete")
            if bool(job["spec"].get("suspend")) != wanted and not over:
                await self._client.edit(
                    self._job,
                    job["metadata"]["namespace"],
                    job["metadata"]["name"],
                    lambda body: body["spec"].update(suspend=wanted),
                )
        if wanted and not holds(status, "Suspended"):
            condition(status, "Suspended", True, "SuspendedJobs", "jobset is suspended")
            await self._events.tell(job_set, "SuspendedJobs", "jobset is suspended")
        elif not wanted and holds(status, "Suspended"):
            condition(status, "Suspended", False, "ResumeJobs", "jobset is resumed")
            await self._events.tell(job_set, "ResumeJobs", "jobset is resumed")

    async def _make(self, job_set: Body, told: list[Body], attempt: int) -> None:
        """Makes the Jobs that may start; one of an earlier attempt has to be gone before its successor comes."""
        there = {each["metadata"]["name"] for each in self._jobs(job_set)}
        for job in child_jobs.make(job_set, attempt):
            meta = job["metadata"]
            if meta["name"] in there:
                continue
            if not child_jobs.may_start(job_set, meta["labels"][REPLICATED], told):
                continue
            try:
                await self._client.create(self._job, meta["namespace"], job)
            except StatusError as error:
                said = f"{meta['name']}: {error}"
                await self._events.tell(job_set, "JobCreationFailed", said, warning=True)
                raise

    async def _after_end(self, job_set: Body, status: Body, jobs: list[Body]) -> float | None:
        for job in jobs:
            ended = job.get("status") or {}
            if not holds(ended, "Complete") and not holds(ended, "Failed"):
                await self._delete(self._job, job)
        told = child_jobs.statuses(job_set, self._jobs(job_set))
        if status.get("replicatedJobsStatus") != told:
            await self._write(job_set, {**status, "replicatedJobsStatus": told})
        seconds = job_set["spec"].get("ttlSecondsAfterFinished")
        if seconds is None:
            return None
        ended_at = max(
            each["lastTransitionTime"] for each in status["conditions"] if each["type"] in _ENDS
        )
        left = float(seconds) - times.since(ended_at)
        if left > 0:
            return left
        await self._delete(self._set, job_set)
        return None

    def _jobs(self, job_set: Body) -> list[Body]:
        meta = job_set["metadata"]
        found = self._client.list(self._job, meta["namespace"], f"{NAME}={meta['name']}")
        return [each for each in found if (owner(each, "JobSet") or {}).get("uid") == meta["uid"]]

    def _present(self, job_set: Body, attempt: int) -> list[Body]:
        return [
            each
            for each in self._jobs(job_set)
            if each["metadata"]["labels"].get(ATTEMPT) == str(attempt)
        ]

    async def _write(self, job_set: Body, status: Body) -> None:
        uid = job_set["metadata"]["uid"]

        def change(body: Body) -> None:
            if body["metadata"]["uid"] == uid:
                body["status"] = {"restarts": 0, **status}

        meta = job_set["metadata"]
        with suppress(StatusError):  # it is gone already
            await self._client.edit(self._set, meta["namespace"], meta["name"], change)

    async def _delete(self, kind: Any, body: Body) -> None:
        meta = body["metadata"]
        if meta.get("deletionTimestamp"):
            return
        options = DeleteOptions(propagation="Foreground", uid=meta["uid"])
        with suppress(StatusError):  # it is gone already
            await self._client.delete(kind, meta["namespace"], meta["name"], options)


def _succeeded(job_set: Body, jobs: list[Body]) -> bool:
    policy = job_set["spec"].get("successPolicy") or {}
    targets = policy.get("targetReplicatedJobs") or []
    replicated = job_set["spec"].get("replicatedJobs") or []
    wanted = [each for each in replicated if not targets or each["name"] in targets]
    done = [
        each
        for each in jobs
        if holds(each.get("status") or {}, "Complete")
        and each["metadata"]["labels"][REPLICATED] in {one["name"] for one in wanted}
    ]
    if policy.get("operator") == "Any":
        return bool(done)
    return len(done) >= sum(each.get("replicas", 1) for each in wanted)


def _failed_at(job: Body) -> str:
    return str(
        next(
            each["lastTransitionTime"]
            for each in job["status"]["conditions"]
            if each["type"] == "Failed"
        )
    )
