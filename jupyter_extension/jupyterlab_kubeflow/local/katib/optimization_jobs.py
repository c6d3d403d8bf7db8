"""The controller of Trainer's OptimizationJobs: makes a TrainJob for each trial and tells the best one."""

from __future__ import annotations

import asyncio
import copy
from functools import partial
from typing import Any

from jupyterlab_kubeflow.local.jobs.controller import Controller, Name, named, owned_by, owner
from jupyterlab_kubeflow.local.jobs.events import Events
from jupyterlab_kubeflow.local.jobs.times import condition, holds
from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.tuning import Study

from . import optimization_trials as trials
from . import suggestions
from .optimization_trials import JOB, VERSION
from .suggestions import Searches
from .words import listed
from .writing import set_status

Body = dict[str, Any]


class OptimizationJobs:
    """Acts on all OptimizationJobs, from :meth:`start` to :meth:`stop`. ``cores``: no more trials run at once."""

    def __init__(self, client: Client, cores: int) -> None:
        self._client = client
        self._cores = cores
        self._kind = client.kind(VERSION, "OptimizationJob")
        self._train = client.kind(VERSION, "TrainJob")
        self._events = Events(client, "optimizationjob-controller")
        self._searches = Searches()
        self._uids: dict[Name, str] = {}
        watched = [(self._kind, named), (self._train, owned_by("OptimizationJob"))]
        self._controller = Controller(client, self._look, watched)

    def start(self) -> None:
        """Begins with what is there."""
        self._controller.start()

    async def stop(self) -> None:
        """Leaves OptimizationJobs to the next server."""
        await self._controller.stop()

    async def _look(self, name: Name) -> float | None:
        job = self._client.peek_one(self._kind, *name)
        if job is None:
            self._searches.forget(self._uids.pop(name, ""))
            return None
        status = copy.deepcopy(job.get("status") or {})
        over = holds(status, "Complete") or holds(status, "Failed")
        if job["metadata"].get("deletionTimestamp") or over:
            return None
        self._uids[name] = job["metadata"]["uid"]
        found = self._trials(job)
        _tell_best(job, status, found)
        spec = job["spec"]
        active = [each for each in found if not _ended(each)]
        wanted = min(spec["parallelTrials"], self._cores) - len(active)
        wanted = min(wanted, spec["numTrials"] - len(found))
        made: list[Body] = []
        exhausted = False
        if wanted > 0:
            exhausted, made = await asyncio.to_thread(self._next, job, found, wanted)
        if not active and not made and (exhausted or len(found) >= spec["numTrials"]):
            self._searches.forget(job["metadata"]["uid"])
            _conclude(job, status, found, exhausted=len(found) < spec["numTrials"])
            await self._write(job, status)
            await self._tell(job, status)
            return None
        await self._make(job, status, made, first=not found)
        return None

    def _next(self, job: Body, found: list[Body], count: int) -> tuple[bool, list[Body]]:
        """The TrainJobs of the next trials; one that was deleted is made again."""
        metric = job["spec"]["objectives"][0]["metric"]
        known = {trials.number(each): trials.past(each, metric) for each in found}
        made: list[Body] = []
        while len(made) < count:
            number = next(each for each in range(len(known) + 1) if each not in known)
            before = [known[each] for each in range(number)]
            study = partial(Study.from_optimization_job, job["spec"])
            answer = self._searches.suggest(job["metadata"]["uid"], study, None, {}, before, 1)
            if not answer.assignments:
                return answer.exhausted, made
            values, _ = answer.assignments[0]
            name = suggestions.trial_name(f"{job['metadata']['name']}-trial", 5)
            made.append(trials.train_job(job, name, number, values))
            known[number] = trials.past(made[-1], metric)
        return False, made

    async def _make(self, job: Body, status: Body, made: list[Body], *, first: bool) -> None:
        namespace = job["metadata"]["namespace"]
        work = [self._client.create(self._train, namespace, each) for each in made]
        said = "the trials are made as TrainJobs"
        refused: StatusError | None = None
        for error in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(error, StatusError):
                refused = error
            elif isinstance(error, BaseException):
                raise error
        if refused:
            said = f"a TrainJob cannot be made: {refused}"
            condition(status, "Created", False, "TrainJobsCreationFailed", said)
        else:
            condition(status, "Created", True, "TrainJobsCreated", said)
        await self._write(job, status)
        if refused:
            await self._events.tell(job, "TrainJobsCreationFailed", said, warning=True)
            raise refused
        asked = job["spec"]["parallelTrials"]
        if first and made and asked > self._cores:
            said = (
                f"spec.parallelTrials is {asked}, and {self._cores} of them run at a time: as many as this Local Kubeflow runs processes at once. The "
                "others follow as these end."
            )
            await self._events.tell(job, "ParallelTrialsLimited", said)

    async def _tell(self, job: Body, status: Body) -> None:
        for each in status["conditions"]:
            if each["type"] in ("Complete", "Failed") and each["status"] == "True":
                warning = each["type"] == "Failed"
                await self._events.tell(job, each["reason"], each["message"], warning=warning)

    def _trials(self, job: Body) -> list[Body]:
        """Its TrainJobs in the order in which they were proposed; shared, never to be changed."""
        meta = job["metadata"]
        found = [
            each
            for each in self._client.peek(self._train, meta["namespace"], f"{JOB}={meta['name']}")
            if (owner(each, "OptimizationJob") or {}).get("uid") == meta["uid"]
        ]
        return sorted(found, key=trials.number)

    async def _write(self, job: Body, status: Body) -> None:
        await set_status(self._client, self._kind, job, status)


def _ended(train: Body) -> bool:
    status = train.get("status") or {}
    return holds(status, "Complete") or holds(status, "Failed")


def _tell_best(job: Body, status: Body, found: list[Body]) -> None:
    if best := trials.best(found, job["spec"]["objectives"][0]):
        status["result"] = {
            "trainJobName": best["metadata"]["name"],
            "parameters": listed(trials.values(best)),
        }


def _conclude(job: Body, status: Body, found: list[Body], *, exhausted: bool) -> None:
    """All trials are over: it is complete where one of them has reported the objective."""
    metric = job["spec"]["objectives"][0]["metric"]
    failed = [each for each in found if holds(each["status"], "Failed")]
    if "result" in status and exhausted:
        said = f"all combinations of the search space were tried: {len(found)} trials"
        condition(status, "Complete", True, "SearchSpaceExhausted", said)
    elif "result" in status:
        condition(status, "Complete", True, "MaxTrialsReached", f"{len(found)} trials have ended")
    elif len(failed) == len(found):
        said = f"all {len(found)} trials have failed: see their TrainJobs"
        condition(status, "Failed", True, "TrialsFailed", said)
    else:
        said = (
            f"no trial has reported {metric!r}: let the training report it as a metric of its progress, at the address in "
            "KUBEFLOW_TRAINER_SERVER_URL"
        )
        condition(status, "Failed", True, "MetricsUnavailable", said)
