"""The controller of TrainJobs: makes their JobSets and says how they go, as Trainer does."""

from __future__ import annotations

import asyncio
import copy
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from jupyterlab_kubeflow.local.jobs import times
from jupyterlab_kubeflow.local.jobs.controller import Controller, Name, named, owned_by, owner
from jupyterlab_kubeflow.local.jobs.events import Events
from jupyterlab_kubeflow.local.jobs.times import condition, holds
from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.deletion import DeleteOptions
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError

from . import build, initializers, runtimes, snapshots

Body = dict[str, Any]
_OWN = "trainer.kubeflow.org/trainjob-controller"
_DEADLINE = "DeadlineExceeded"


class TrainJobs:
    """Acts on all TrainJobs, from :meth:`start` to :meth:`stop`.

    ``variables`` gives the variables of a TrainJob's containers by which they report progress.
    """

    def __init__(self, client: Client, variables: Callable[[str, str], dict[str, str]]) -> None:
        self._client = client
        self._variables = variables
        self._train = client.kind(runtimes.VERSION, "TrainJob")
        self._set = client.kind("jobset.x-k8s.io/v1alpha2", "JobSet")
        self._config = client.kind("v1", "ConfigMap")
        self._events = Events(client, "trainjob-controller")
        self._patches: dict[Name, tuple[str, Any]] = {}
        watched = [(self._train, named), (self._set, owned_by("TrainJob"))]
        self._controller = Controller(client, self._look, watched)

    async def start(self) -> None:
        """Makes what a new home has, and begins with what is there."""
        await runtimes.install(self._client)
        self._controller.start()

    async def stop(self) -> None:
        """Leaves TrainJobs to the next server."""
        await self._controller.stop()

    async def _look(self, name: Name) -> float | None:
        try:
            job = self._client.get(self._train, *name)
        except StatusError:
            self._patches.pop(name, None)
            return None
        if job["metadata"].get("deletionTimestamp"):
            return None
        if job["spec"].get("managedBy", _OWN) != _OWN:
            return None
        await self._tell_of_patches(name, job)
        status = copy.deepcopy(job.get("status") or {})
        if not holds(status, "Complete") and not holds(status, "Failed"):
            await self._settle(job)
        _suspended(job, status)
        job_set = self._job_set(job)
        if job_set is not None:
            _take(job_set, status)
        left = self._deadline(job, status)
        if left is not None and left <= 0:
            said = "TrainJob exceeded its active deadline"
            condition(status, "Failed", True, _DEADLINE, said)
            await self._events.tell(job, _DEADLINE, said, warning=True)
            left = None
        await self._write(job, status)
        if job_set is not None and _is_late(status):
            await self._delete(job_set)
        return left

    async def _tell_of_patches(self, name: Name, job: Body) -> None:
        """Says that patches which were changed after the JobSet was made have no effect."""
        now = (job["metadata"]["uid"], job["spec"].get("runtimePatches"))
        before = self._patches.get(name)
        self._patches[name] = now
        changed = before and before[0] == now[0] and before[1] != now[1]
        if changed and self._job_set(job) is not None:
            said = (
                "spec.runtimePatches was changed, but the JobSet is made already and stays as it is: "
                "make a new TrainJob with these patches"
            )
            await self._events.tell(job, "RuntimePatchesIgnored", said, warning=True)

    async def _settle(self, job: Body) -> None:
        """Makes the JobSet, or suspends or resumes it."""
        suspend = bool(job["spec"].get("suspend"))
        try:
            job_set = self._job_set(job)
            if job_set is None:
                await self._make(job)
            elif bool(job_set["spec"].get("suspend")) != suspend:
                meta = job["metadata"]
                await self._client.edit(
                    self._set,
                    meta["namespace"],
                    meta["name"],
                    lambda body: body["spec"].update(suspend=suspend),
                )
        except snapshots.Invalid as error:
            await self._refused(job, str(error))
        except StatusError as error:
            await self._refused(job, f"TrainJob resources reconciliation failed: {error}")
            raise

    async def _make(self, job: Body) -> None:
        """Makes the JobSet from the runtime as it was when the TrainJob began. Raises :class:`snapshots.Invalid`."""
        meta = job["metadata"]
        work = []
        runtime = self._snapshot(job)
        if runtime is None:
            runtime = runtimes.runtime_of(self._client, job)
            if runtime is None:
                reference = job["spec"]["runtimeRef"]
                said = f"{reference.get('kind', 'ClusterTrainingRuntime')} {reference['name']!r} is not there any more: make it again, or another TrainJob"
                await self._refused(job, said)
                return
            kept = snapshots.make(job, runtime)
            work.append(self._client.create(self._config, meta["namespace"], kept))
        variables = self._variables(meta["namespace"], meta["name"])
        wanted = build.job_set(job, runtime, _free_port(), variables)
        if initializers.wanted(job):
            await self._make_claim(job)
        await asyncio.gather(*work, self._client.create(self._set, meta["namespace"], wanted))

    async def _refused(self, job: Body, said: str) -> None:
        await self._events.tell(job, "TrainJobResourcesCreationFailed", said, warning=True)

    def _snapshot(self, job: Body) -> Body | None:
        """The runtime as it was when the TrainJob began. Raises :class:`snapshots.Invalid`."""
        try:
            held = self._client.get(self._config, job["metadata"]["namespace"], snapshots.name(job))
        except StatusError:
            return None
        return snapshots.read(job, held)

    async def _make_claim(self, job: Body) -> None:
        kind = self._client.kind("v1", "PersistentVolumeClaim")
        try:
            await self._client.create(kind, job["metadata"]["namespace"], initializers.claim(job))
        except StatusError as error:
            if error.status != 409:  # it is there already
                raise

    def _job_set(self, job: Body) -> Body | None:
        meta = job["metadata"]
        with suppress(StatusError):
            found = self._client.get(self._set, meta["namespace"], meta["name"])
            if (owner(found, "TrainJob") or {}).get("uid") == meta["uid"]:
                return found
        return None

    @staticmethod
    def _deadline(job: Body, status: Body) -> float | None:
        """The seconds that are left. They begin anew with a resumption."""
        seconds = job["spec"].get("activeDeadlineSeconds")
        over = holds(status, "Complete") or holds(status, "Failed")
        if not seconds or over or job["spec"].get("suspend"):
            return None
        began = job["metadata"]["creationTimestamp"]
        for each in status.get("conditions") or ():
            if each["type"] == "Suspended" and each["status"] == "False":
                began = each["lastTransitionTime"]
        return float(seconds) - times.since(began)

    async def _write(self, job: Body, status: Body) -> None:
        uid = job["metadata"]["uid"]

        def change(body: Body) -> None:
            if body["metadata"]["uid"] != uid:
                return
            held = body.setdefault("status", {})
            for field in ("conditions", "jobsStatus"):
                if field in status:
                    held[field] = status[field]
            if not held:
                del body["status"]

        meta = job["metadata"]
        with suppress(StatusError):  # it is gone already
            await self._client.edit(self._train, meta["namespace"], meta["name"], change)

    async def _delete(self, job_set: Body) -> None:
        meta = job_set["metadata"]
        options = DeleteOptions(propagation="Background", uid=meta["uid"])
        with suppress(StatusError):  # it is gone already
            await self._client.delete(self._set, meta["namespace"], meta["name"], options)


def _suspended(job: Body, status: Body) -> None:
    if job["spec"].get("suspend"):
        condition(status, "Suspended", True, "Suspended", "TrainJob is suspended")
    elif holds(status, "Suspended"):
        condition(status, "Suspended", False, "Resumed", "TrainJob is resumed")


def _is_late(status: Body) -> bool:
    """Whether it has failed by its deadline."""
    return any(
        each["type"] == "Failed" and each.get("reason") == _DEADLINE
        for each in status.get("conditions") or ()
    )


_COUNTS = ("name", "ready", "succeeded", "failed", "active", "suspended")


def _take(job_set: Body, status: Body) -> None:
    """What the JobSet tells. A deadline that has passed stays the reason of the failure."""
    told = job_set.get("status") or {}
    late = _is_late(status)
    for theirs, ours in (("Completed", "Complete"), ("Failed", "Failed")):
        for each in told.get("conditions") or ():
            if each["type"] == theirs and each["status"] == "True" and not late:
                condition(status, ours, True, each["reason"], each["message"])
    if jobs := told.get("replicatedJobsStatus"):
        status["jobsStatus"] = [{field: each[field] for field in _COUNTS} for each in jobs]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
