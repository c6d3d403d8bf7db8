"""The controller of JobSets: makes their Jobs and says how they go, as JobSet v0.12 does. In-place restarts, which need an agent in each pod, are not done."""

from __future__ import annotations

import copy
from contextlib import suppress
from typing import Any

from jupyterlab_kubeflow.local.jobs import times
from jupyterlab_kubeflow.local.jobs.controller import Controller, Name, named, owned_by, owner
from jupyterlab_kubeflow.local.jobs.events import Events
from jupyterlab_kubeflow.local.jobs.times import holds
from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.deletion import DeleteOptions
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError

from . import child_jobs, claims, failures
from .child_jobs import NAME, REPLICATED
from .conditions import Conditions, Said

Body = dict[str, Any]
_OWN = "jobset.sigs.k8s.io/jobset-controller"
_ENDS = ("Completed", "Failed")


class JobSets:
    """Acts on all JobSets, from :meth:`start` to :meth:`stop`."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._set = client.kind("jobset.x-k8s.io/v1alpha2", "JobSet")
        self._job = client.kind("batch/v1", "Job")
        self._claim = client.kind("v1", "PersistentVolumeClaim")
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
        conditions = Conditions(status)
        self._tell_jobs(job_set, status)
        for job in jobs:
            if not child_jobs.present(job, status):
                await self._delete(self._job, job)
        jobs = [each for each in jobs if child_jobs.present(each, status)]
        told = status["replicatedJobsStatus"]
        suspended = bool(job_set["spec"].get("suspend"))
        if not suspended and child_jobs.all_ready(job_set, told):
            conditions.ready()
        failed = [each for each in jobs if holds(each.get("status") or {}, "Failed")]
        if failed:
            ruled = failures.ruling(job_set, status, failed)
            if ruled.action == "FailJobSet":
                conditions.failed(ruled)
            else:
                failures.restart(job_set, status, ruled)
                conditions.restarting(ruled)
        elif child_jobs.succeeded(job_set, jobs):
            conditions.completed()
        else:
            await self._make_claims(job_set)
            await self._make(job_set, status)
            if suspended:
                await self._switch(jobs, True)
                conditions.suspended()
            else:
                able = [each for each in jobs if self._may_start(job_set, each, told)]
                await self._switch(able, False)
                conditions.starting(job_set, told)
                if len(able) == len(jobs):
                    conditions.resumed()
            self._tell_jobs(job_set, status)
        await self._write(job_set, status, conditions.said)
        return None

    def _tell_jobs(self, job_set: Body, status: Body) -> None:
        present = [each for each in self._jobs(job_set) if child_jobs.present(each, status)]
        before = status.get("replicatedJobsStatus") or []
        status["replicatedJobsStatus"] = child_jobs.statuses(job_set, present, before)

    @staticmethod
    def _may_start(job_set: Body, job: Body, told: list[Body]) -> bool:
        return child_jobs.may_start(job_set, job["metadata"]["labels"][REPLICATED], told)

    async def _switch(self, jobs: list[Body], suspend: bool) -> None:
        for job in jobs:
            over = holds(job.get("status") or {}, "Complete")
            if bool(job["spec"].get("suspend")) != suspend and not over:
                meta = job["metadata"]
                await self._client.edit(
                    self._job,
                    meta["namespace"],
                    meta["name"],
                    lambda body: body["spec"].update(suspend=suspend),
                )

    async def _make_claims(self, job_set: Body) -> None:
        for body in claims.make(job_set):
            try:
                await self._client.create(self._claim, body["metadata"]["namespace"], body)
            except StatusError as error:
                if error.status != 409:  # it is there already
                    await self._events.tell(job_set, "PVCCreationFailed", str(error), warning=True)
                    raise

    async def _make(self, job_set: Body, status: Body) -> None:
        """Makes the Jobs that may start; one of an earlier attempt has to be gone before its successor comes."""
        held = self._jobs(job_set)
        there = {each["metadata"]["name"] for each in held}
        policy = job_set["spec"].get("failurePolicy") or {}
        if policy.get("restartStrategy") == "BlockingRecreate" and any(
            not child_jobs.present(each, status) for each in held
        ):
            return
        for job in child_jobs.make(job_set, status):
            meta = job["metadata"]
            if meta["name"] in there:
                continue
            if not self._may_start(job_set, job, status["replicatedJobsStatus"]):
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
        before = copy.deepcopy(status.get("replicatedJobsStatus"))
        self._tell_jobs(job_set, status)
        if status["replicatedJobsStatus"] != before:
            await self._write(job_set, status)
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

    async def _write(self, job_set: Body, status: Body, said: list[Said] | None = None) -> None:
        """Writes the status, and then the events of what has changed."""
        uid = job_set["metadata"]["uid"]

        def change(body: Body) -> None:
            if body["metadata"]["uid"] == uid:
                body["status"] = {"restarts": 0, **status}

        meta = job_set["metadata"]
        try:
            await self._client.edit(self._set, meta["namespace"], meta["name"], change)
        except StatusError as error:
            if error.status != 404:
                raise
            return  # it is gone already
        for reason, message, warning in said or ():
            await self._events.tell(job_set, reason, message, warning=warning)

    async def _delete(self, kind: Any, body: Body) -> None:
        meta = body["metadata"]
        if meta.get("deletionTimestamp"):
            return
        options = DeleteOptions(propagation="Foreground", uid=meta["uid"])
        with suppress(StatusError):  # it is gone already
            await self._client.delete(kind, meta["namespace"], meta["name"], options)
