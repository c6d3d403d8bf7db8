"""The controller of batch/v1 Jobs: makes their pods, counts how these end, and says so in the Job as Kubernetes' own does."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.deletion import DeleteOptions
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError

from . import failures, indexes, job_pods, times
from .controller import Controller, Name, named
from .events import Events
from .job_pods import FINALIZER, JOB_NAME, active, ending, index_of, phase, tracked
from .times import condition, holds, stamp

Body = dict[str, Any]
_OWN = "kubernetes.io/job-controller"
_FAILED = "FailureTarget"
_SUCCEEDED = "SuccessCriteriaMet"


class Jobs:
    """Acts on all Jobs, from :meth:`start` to :meth:`stop`. ``backoff``: the seconds before a failed pod is replaced the first time."""

    def __init__(self, client: Client, *, backoff: float = 10.0) -> None:
        self._client = client
        self._backoff = backoff
        self._job = client.kind("batch/v1", "Job")
        self._pod = client.kind("v1", "Pod")
        self._events = Events(client, "job-controller")
        self._controller = Controller(
            client, self._look, [(self._job, named), (self._pod, _job_of)]
        )

    def start(self) -> None:
        """Begins with what is there."""
        self._controller.start()

    async def stop(self) -> None:
        """Leaves Jobs to the next server."""
        await self._controller.stop()

    async def _look(self, name: Name) -> float | None:
        pods = self._client.list(self._pod, name.namespace, f"{JOB_NAME}={name.name}")
        job = self._find(name)
        uid = job["metadata"]["uid"] if job else ""
        own = [each for each in pods if _owner_uid(each) == uid]
        strange = [each for each in pods if _owner_uid(each) != uid]
        await self._let_go(strange)
        if job is None:
            return None
        if job["metadata"].get("deletionTimestamp"):
            await self._let_go([each for each in own if ending(each)])
            return None
        if job["spec"].get("managedBy", _OWN) != _OWN:
            return None
        if holds(job.get("status") or {}, "Complete") or holds(job.get("status") or {}, "Failed"):
            return await self._after_end(job, own)
        return await self._go_on(job, own)

    async def _go_on(self, job: Body, pods: list[Body]) -> float | None:
        status = copy.deepcopy(job.get("status") or {})
        spec = job["spec"]
        counted = self._count(job, pods, status)
        self._judge(job, pods, status)
        over = holds(status, _FAILED) or holds(status, _SUCCEEDED)
        due: float | None = None
        if over:
            await self._end_active(pods)
        elif spec.get("suspend"):
            await self._suspend(job, pods, status)
        else:
            await self._resume(job, status)
            due = await self._manage(job, pods, status)
        pods = self._again(pods, job)
        self._tally(pods, status)
        if over and not status["active"] and not status.get("terminating"):
            await self._finish(job, status)
        await self._write(job, status)
        await self._let_go(counted)
        return _soonest(due, self._deadline(job, status))

    def _count(self, job: Body, pods: list[Body], status: Body) -> list[Body]:
        """Counts the pods that have ended since; returns all that are counted and not let go yet."""
        uncounted = status.get("uncountedTerminatedPods") or {}
        known = {*(uncounted.get("succeeded") or ()), *(uncounted.get("failed") or ())}
        completed = indexes.read(status.get("completedIndexes", ""))
        indexed = job["spec"].get("completionMode") == "Indexed"
        at_once = job["spec"].get("podReplacementPolicy") != "Failed"
        succeeded: list[str] = []
        failed: list[str] = []
        counted: list[Body] = []
        for pod in filter(tracked, pods):
            uid = pod["metadata"]["uid"]
            now = phase(pod)
            if now not in ("Succeeded", "Failed") and not (at_once and ending(pod)):
                continue
            counted.append(pod)
            (succeeded if now == "Succeeded" else failed).append(uid)
            if uid in known:
                continue
            if now == "Succeeded":
                index = index_of(pod)
                if not indexed:
                    status["succeeded"] = status.get("succeeded", 0) + 1
                elif index is not None and index < job["spec"].get("completions", 0):
                    completed.add(index)
                continue
            ruling = failures.verdict(job, pod)
            if ruling.action != "Ignore":
                status["failed"] = status.get("failed", 0) + 1
            if ruling.action == "FailJob" and not holds(status, _FAILED):
                condition(status, _FAILED, True, "PodFailurePolicy", ruling.message, probed=True)
            if ruling.action == "FailIndex" and pod["metadata"].get("annotations"):
                bad = indexes.read(status.get("failedIndexes") or "")
                status["failedIndexes"] = indexes.write({*bad, index_of(pod) or 0})
        if indexed:
            status["completedIndexes"] = indexes.write(completed)
            status["succeeded"] = len(completed)
            if not completed:
                status.pop("completedIndexes")
                status.pop("succeeded")
        status["uncountedTerminatedPods"] = {
            name: uids for name, uids in (("succeeded", succeeded), ("failed", failed)) if uids
        }
        return counted

    def _judge(self, job: Body, pods: list[Body], status: Body) -> None:
        """Whether it has failed or reached what it is for."""
        if holds(status, _FAILED) or holds(status, _SUCCEEDED):
            return
        spec = job["spec"]
        wanted = spec.get("completions")
        done = status.get("succeeded", 0)
        running = [each for each in pods if active(each)]
        completed = indexes.read(status.get("completedIndexes", ""))
        if (rule := indexes.enough(spec.get("successPolicy"), completed)) is not None:
            said = f"Matched rules at index {rule}"
            condition(status, _SUCCEEDED, True, "SuccessPolicy", said, probed=True)
            return
        per_index = spec.get("backoffLimitPerIndex")
        if per_index is not None:
            bad = indexes.read(status.get("failedIndexes") or "")
            for index in {index_of(each) for each in pods if index_of(each) is not None}:
                if failures.failures_of_index(pods, index or 0) > per_index:
                    bad.add(index or 0)
            bad -= completed
            status["failedIndexes"] = indexes.write(bad)
            most = spec.get("maxFailedIndexes")
            if most is not None and len(bad) > most:
                said = "Job has exceeded the specified maximal number of failed indexes"
                condition(status, _FAILED, True, "MaxFailedIndexesExceeded", said, probed=True)
                return
            if bad and wanted is not None and len(bad) + done >= wanted:
                said = "Job has failed indexes"
                condition(status, _FAILED, True, "FailedIndexes", said, probed=True)
                return
        why = failures.failure(job, running, status.get("failed", 0), status.get("startTime"))
        if why:
            condition(status, _FAILED, True, *why, probed=True)
        elif (wanted is None and done and not running) or (wanted is not None and done >= wanted):
            said = "Reached expected number of succeeded pods"
            condition(status, _SUCCEEDED, True, "CompletionsReached", said, probed=True)

    async def _suspend(self, job: Body, pods: list[Body], status: Body) -> None:
        running = [each for each in pods if active(each)]
        await self._delete_uncounted(job, running)
        status.pop("startTime", None)
        if not holds(status, "Suspended"):
            condition(status, "Suspended", True, "JobSuspended", "Job suspended", probed=True)
            await self._events.tell(job, "Suspended", "Job suspended")

    async def _resume(self, job: Body, status: Body) -> None:
        if holds(status, "Suspended"):
            condition(status, "Suspended", False, "JobResumed", "Job resumed", probed=True)
            await self._events.tell(job, "Resumed", "Job resumed")
        status.setdefault("startTime", stamp())

    async def _manage(self, job: Body, pods: list[Body], status: Body) -> float | None:
        """Makes or deletes pods; the seconds until more may be made."""
        spec = job["spec"]
        running = [each for each in pods if active(each)]
        leaving = [
            each for each in pods if ending(each) and phase(each) not in ("Succeeded", "Failed")
        ]
        most, done = spec.get("parallelism", 1), status.get("succeeded", 0)
        completions = spec.get("completions")
        wanted = most if completions is not None or not done else min(len(running), most)
        if completions is not None:
            bad = len(indexes.read(status.get("failedIndexes") or ""))
            wanted = min(most, completions - done - bad)
        surplus = len(running) - max(wanted, 0)
        if surplus > 0:
            order = sorted(running, key=lambda each: (job_pods.ready(each), -(index_of(each) or 0)))
            await self._delete_uncounted(job, order[:surplus])
            return None
        held = leaving if spec.get("podReplacementPolicy") == "Failed" else []
        missing = wanted - len(running) - len(held)
        if missing <= 0:
            return None
        if spec.get("completionMode") == "Indexed":
            return await self._make_indexed(job, pods, [*running, *held], status, missing)
        if (pause := failures.pause(pods, self._backoff)) > 0:
            return pause
        await asyncio.gather(*(self._make(job, None, {}) for _ in range(missing)))
        return None

    async def _make_indexed(
        self, job: Body, pods: list[Body], held: list[Body], status: Body, missing: int
    ) -> float | None:
        taken = {index_of(each) for each in held}
        taken |= indexes.read(status.get("completedIndexes", ""))
        taken |= indexes.read(status.get("failedIndexes") or "")
        free = (each for each in range(job["spec"]["completions"]) if each not in taken)
        per_index = job["spec"].get("backoffLimitPerIndex") is not None
        pause = 0.0 if per_index else failures.pause(pods, self._backoff)
        if pause > 0:
            return pause
        due: float | None = None
        chosen: list[tuple[int, dict[str, str]]] = []
        for index in free:
            if len(chosen) == missing:
                break
            annotations = {}
            if per_index:
                before = [each for each in pods if index_of(each) == index]
                if (pause := failures.pause(before, self._backoff)) > 0:
                    due = _soonest(due, pause)
                    continue
                annotations[failures.COUNT] = str(failures.failures_of_index(before, index))
            chosen.append((index, annotations))
        await asyncio.gather(*(self._make(job, *each) for each in chosen))
        return due

    async def _make(self, job: Body, index: int | None, annotations: dict[str, str]) -> None:
        body = job_pods.make(job, index, annotations)
        try:
            made = await self._client.create(self._pod, job["metadata"]["namespace"], body)
        except StatusError as error:
            said = f"Error creating: {error}"
            await self._events.tell(job, "FailedCreate", said, warning=True)
            raise
        await self._events.tell(job, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")

    async def _delete_uncounted(self, job: Body, pods: list[Body]) -> None:
        """Deletes pods that are in the way: they are no failures."""
        for pod in pods:
            await self._let_go([pod])
            await self._delete(self._pod, pod)
            said = f"Deleted pod: {pod['metadata']['name']}"
            await self._events.tell(job, "SuccessfulDelete", said)

    async def _end_active(self, pods: list[Body]) -> None:
        for pod in pods:
            if active(pod):
                await self._delete(self._pod, pod)

    async def _delete(self, kind: Any, body: Body) -> None:
        meta = body["metadata"]
        options = DeleteOptions(propagation="Background", uid=meta["uid"])
        with suppress(StatusError):  # it is gone already
            await self._client.delete(kind, meta["namespace"], meta["name"], options)

    async def _let_go(self, pods: Iterable[Body]) -> None:
        def change(body: Body) -> None:
            kept = [each for each in body["metadata"].get("finalizers") or () if each != FINALIZER]
            body["metadata"]["finalizers"] = kept
            if not kept:
                del body["metadata"]["finalizers"]

        async def one(pod: Body) -> None:
            meta = pod["metadata"]
            with suppress(StatusError):  # it is gone already
                await self._client.edit(self._pod, meta["namespace"], meta["name"], change)

        await asyncio.gather(*(one(each) for each in pods if tracked(each)))

    def _again(self, pods: list[Body], job: Body) -> list[Body]:
        meta = job["metadata"]
        found = self._client.list(self._pod, meta["namespace"], f"{JOB_NAME}={meta['name']}")
        return [each for each in found if _owner_uid(each) == meta["uid"]]

    @staticmethod
    def _tally(pods: list[Body], status: Body) -> None:
        status["active"] = sum(map(active, pods))
        status["ready"] = sum(active(each) and job_pods.ready(each) for each in pods)
        status["terminating"] = sum(
            ending(each) and phase(each) not in ("Succeeded", "Failed") for each in pods
        )

    async def _finish(self, job: Body, status: Body) -> None:
        target = next(
            each for each in status["conditions"] if each["type"] in (_FAILED, _SUCCEEDED)
        )
        reason, said = target.get("reason", ""), target.get("message", "")
        if target["type"] == _FAILED:
            condition(status, "Failed", True, reason, said, probed=True)
            await self._events.tell(job, reason, said, warning=True)
        else:
            condition(status, "Complete", True, reason, said, probed=True)
            status["completionTime"] = stamp()
            await self._events.tell(job, "Completed", "Job completed")

    async def _write(self, job: Body, status: Body) -> None:
        status = {name: value for name, value in status.items() if value not in (0, "")}
        status.setdefault("ready", 0)
        status.setdefault("terminating", 0)
        uid = job["metadata"]["uid"]

        def change(body: Body) -> None:
            if body["metadata"]["uid"] == uid:
                body["status"] = status

        meta = job["metadata"]
        with suppress(StatusError):  # it is gone already
            await self._client.edit(self._job, meta["namespace"], meta["name"], change)

    def _deadline(self, job: Body, status: Body) -> float | None:
        seconds, began = job["spec"].get("activeDeadlineSeconds"), status.get("startTime")
        if seconds is None or not began or holds(status, _FAILED) or holds(status, "Complete"):
            return None
        return max(0.0, float(seconds) - times.since(began))

    async def _after_end(self, job: Body, pods: list[Body]) -> float | None:
        """What is left of it: pods that ended late, and itself when its time has come."""
        await self._end_active(pods)
        await self._let_go(pods)
        if job["status"].get("uncountedTerminatedPods"):
            await self._write(job, {**job["status"], "uncountedTerminatedPods": {}})
        seconds = job["spec"].get("ttlSecondsAfterFinished")
        if seconds is None:
            return None
        ended = max(
            each["lastTransitionTime"]
            for each in job["status"]["conditions"]
            if each["type"] in ("Complete", "Failed")
        )
        left = float(seconds) - times.since(ended)
        if left > 0:
            return left
        await self._delete(self._job, job)
        return None

    def _find(self, name: Name) -> Body | None:
        try:
            return self._client.get(self._job, name.namespace, name.name)
        except StatusError:
            return None


def _job_of(pod: Body) -> list[Name]:
    """The Job that a pod is of: by its label, since one that was orphaned has to be let go, too."""
    name = (pod["metadata"].get("labels") or {}).get(JOB_NAME)
    return [Name(pod["metadata"]["namespace"], name)] if name else []


def _owner_uid(pod: Body) -> str:
    for each in pod["metadata"].get("ownerReferences") or ():
        if each.get("controller") and each["kind"] == "Job":
            return str(each["uid"])
    return "none"


def _soonest(*due: float | None) -> float | None:
    return min((each for each in due if each is not None), default=None)
