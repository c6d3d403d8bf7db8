"""The controller of Trials: makes the run of each, reads what it reports, and says how it has ended, as Katib's does."""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from jupyterlab_kubeflow.local.jobs.controller import (
    Controller,
    Name,
    named,
    owned_by,
    owner,
)
from jupyterlab_kubeflow.local.jobs.events import Events
from jupyterlab_kubeflow.local.jobs.times import holds, stamp
from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.deletion import DeleteOptions
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.kinds import Kind

from . import conditions, job_state, metrics, sources, suggestions
from .following import Follower
from .job_state import Said
from .observations import Observations
from .sources import KeptLogs, Places
from .validation import RUNS
from .words import TRIAL, VERSION, is_over
from .writing import set_status

Body = dict[str, Any]
_log = logging.getLogger(__name__)
_PAUSE, _URGENT = 1.0, 0.1
"""Seconds between two looks at what runs report, and where one may be stopped early."""

End = Callable[[str, str], Awaitable[None]]
"""Ends a container of a pod (by the pod's uid) as if it had succeeded."""


class Trials:
    """Acts on all Trials, from :meth:`start` to :meth:`stop`."""

    def __init__(
        self, client: Client, observations: Observations, places: Places, kept: KeptLogs, end: End
    ) -> None:
        self._client = client
        self._observations = observations
        self._places = places
        self._kept = kept
        self._end = end
        self._trial = client.kind(VERSION, "Trial")
        self._pod = client.kind("v1", "Pod")
        self._events = Events(client, "trial-controller")
        self._followers: dict[Name, Follower] = {}
        self._uids: dict[Name, str] = {}
        self._following: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()
        runs = [(client.kind(version, kind), owned_by("Trial")) for kind, version in RUNS.items()]
        self._controller = Controller(client, self._look, [(self._trial, named), *runs])

    async def start(self) -> None:
        """Begins with what is there."""
        there = {each["metadata"]["uid"] for each in self._client.peek(self._trial)}
        await asyncio.to_thread(self._kept.only, there)
        self._following = asyncio.create_task(self._follow())
        self._controller.start()

    async def stop(self) -> None:
        """Leaves Trials to the next server."""
        if self._following:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self._controller.stop()

    async def _follow(self) -> None:
        while True:
            await self._begun.wait()
            for name, each in [*self._followers.items()]:
                try:
                    await each.read(self._pods(each.trial))
                except Exception:
                    _log.exception("Reading what %s/%s reports", *name)
                if each.stopped:
                    self._controller.wake(name)
            if not self._followers:
                self._begun.clear()
            urgent = any(each.urgent for each in self._followers.values())
            await asyncio.sleep(_URGENT if urgent else _PAUSE)

    async def _look(self, name: Name) -> float | None:
        trial = self._client.peek_one(self._trial, *name)
        if trial is None:
            self._followers.pop(name, None)
            if uid := self._uids.pop(name, ""):
                await asyncio.to_thread(self._kept.remove, uid)
            return None
        self._uids[name] = trial["metadata"]["uid"]
        if trial["metadata"].get("deletionTimestamp"):
            return None
        run = self._run(trial)
        if is_over(trial):
            await self._after_end(name, trial, run)
            return None
        follower = self._follower(name, trial)
        if run is None:
            await self._begin(trial)
            return None
        spec = trial["spec"]
        said = job_state.ended(run, spec["successCondition"], spec["failureCondition"])
        if said is not None:
            await self._ended(trial, follower, said)
        elif follower.stopped:
            await self._stopped(trial, follower)
        else:
            await self._write(trial, _begun(trial))
            if "status" not in trial:
                await self._tell_of(trial)
        return None

    def _follower(self, name: Name, trial: Body) -> Follower:
        held = self._followers.get(name)
        if held is None or held.trial["metadata"]["uid"] != trial["metadata"]["uid"]:
            held = self._followers[name] = Follower(trial, self._places, self._observations)
            self._begun.set()
        return held

    async def _begin(self, trial: Body) -> None:
        run = suggestions.run(trial)
        name = run["metadata"]["name"]
        try:
            await asyncio.gather(
                self._client.create(self._kind(trial), trial["metadata"]["namespace"], run),
                self._write(trial, _begun(trial)),
            )
        except StatusError as error:
            if error.status not in (400, 403, 409, 422) or self._is_going(trial):
                raise
            status = _begun(trial)
            said = f"Trial has failed. Its {run['kind']} {name} cannot be made: {error}"
            await self._conclude(trial, status, "Failed", "TrialFailed", said)
            await self._events.tell(trial, "JobFailed", str(error), warning=True)
            return
        await self._tell_of(trial)

    async def _tell_of(self, trial: Body) -> None:
        name = trial["spec"]["runSpec"]["metadata"]["name"]
        await self._events.tell(trial, "JobCreated", f"Job {name} has been created")

    async def _ended(self, trial: Body, follower: Follower, said: Said) -> None:
        name = trial["spec"]["runSpec"]["metadata"]["name"]
        pods = self._pods(trial)
        series = await follower.finish(pods)
        status = _begun(trial)
        if not said.succeeded:
            reason, words = _with_job("TrialFailed", f"Trial has failed{_codes(pods)}", said)
            await self._conclude(trial, status, "Failed", reason, words)
            what = f"Job {name} has failed. {said.message} {said.reason}".rstrip()
            await self._events.tell(trial, "JobFailed", what)
            return
        status["observation"] = metrics.observation(trial["spec"]["objective"], series)
        if metrics.is_available({**trial, "status": status}):
            reason, words = _with_job("TrialSucceeded", "Trial has succeeded", said)
            await self._conclude(trial, status, "Succeeded", reason, words)
            await self._events.tell(trial, "JobSucceeded", f"Job {name} has succeeded")
            return
        missing = f"Metrics are not available: {_missing(trial)}"
        reason, words = _with_job("MetricsUnavailable", missing, said)
        await self._conclude(trial, status, "MetricsUnavailable", reason, words)
        what = f"Metrics are not available for Job {name}: {_missing(trial)}"
        await self._events.tell(trial, "MetricsUnavailable", what, warning=True)

    async def _stopped(self, trial: Body, follower: Follower) -> None:
        """All rules are met: first it is written, then the run ends, so that a server that dies between does it again."""
        series = await follower.finish(self._pods(trial))
        status = _begun(trial)
        status["observation"] = metrics.observation(trial["spec"]["objective"], series)
        rules = ", ".join(
            f"{each['name']} was {each['comparison']} than {each['value']} after {each['startStep']} reports"
            for each in trial["spec"]["earlyStoppingRules"]
        )
        said = f"Trial is early stopped: {rules}"
        await self._conclude(trial, status, "EarlyStopped", "TrialEarlyStopped", said)
        await self._events.tell(trial, "TrialEarlyStopped", said)

    async def _after_end(self, name: Name, trial: Body, run: Body | None) -> None:
        self._followers.pop(name, None)
        if run is None or run["metadata"].get("deletionTimestamp"):
            return
        spec = trial["spec"]
        if not spec.get("retainRun"):
            options = DeleteOptions(propagation="Foreground", uid=run["metadata"]["uid"])
            with suppress(StatusError):  # it is gone already
                await self._client.delete(
                    self._kind(trial), name.namespace, run["metadata"]["name"], options
                )
            said = f"Job {run['metadata']['name']} has been deleted"
            await self._events.tell(trial, "JobDeleted", said)
        elif holds(trial["status"], "EarlyStopped") and not job_state.ended(
            run, spec["successCondition"], spec["failureCondition"]
        ):
            for pod in self._pods(trial):
                container = sources.primary(pod, spec["primaryContainerName"])
                await self._end(pod["metadata"]["uid"], container)

    def _kind(self, trial: Body) -> Kind:
        run = trial["spec"]["runSpec"]
        return self._client.kind(run["apiVersion"], run["kind"])

    def _is_going(self, trial: Body) -> bool:
        """Whether the run's name is that of one of an earlier Trial, which is about to be deleted."""
        name = trial["spec"]["runSpec"]["metadata"]["name"]
        found = self._client.peek_one(self._kind(trial), trial["metadata"]["namespace"], name)
        return found is not None and owner(found, "Trial") is not None

    def _run(self, trial: Body) -> Body | None:
        meta = trial["metadata"]
        name = trial["spec"]["runSpec"]["metadata"]["name"]
        found = self._client.peek_one(self._kind(trial), meta["namespace"], name)
        if found and (owner(found, "Trial") or {}).get("uid") == meta["uid"]:
            return found
        return None

    def _pods(self, trial: Body) -> list[Body]:
        """Its pods in the order in which they came; shared, never to be changed."""
        meta = trial["metadata"]
        found = self._client.peek(self._pod, meta["namespace"], f"{TRIAL}={meta['name']}")
        return sorted(found, key=lambda each: each["metadata"]["creationTimestamp"])

    async def _conclude(
        self, trial: Body, status: Body, kind: str, reason: str, message: str
    ) -> None:
        conditions.end(status, kind, reason, message)
        status["completionTime"] = stamp()
        await self._write(trial, status)

    async def _write(self, trial: Body, status: Body) -> None:
        await set_status(self._client, self._trial, trial, status)


def _begun(trial: Body) -> Body:
    """The status of a Trial whose run is made."""
    status = copy.deepcopy(trial.get("status") or {})
    status.setdefault("startTime", stamp())
    conditions.mark(status, "Created", "TrialCreated", "Trial is created")
    conditions.mark(status, "Running", "TrialRunning", "Trial is running")
    return status


def _with_job(reason: str, message: str, said: Said) -> tuple[str, str]:
    """Reason and message with those of the run, as Katib joins them."""
    if said.message:
        message = f"{message}. Job message: {said.message}"
    if said.reason:
        reason = f"{reason}. Job reason: {said.reason}"
    return reason, message


def _codes(pods: list[Body]) -> str:
    """How the container that failed last has ended, in words."""
    for pod in reversed(pods):
        for each in (pod.get("status") or {}).get("containerStatuses") or ():
            if code := ((each.get("state") or {}).get("terminated") or {}).get("exitCode"):
                reason = each["state"]["terminated"].get("reason", "")
                why = f" ({reason})" if reason not in ("", "Error") else ""
                return f": the container {each['name']} has ended with exit code {code}{why}"
    return ""


def _missing(trial: Body) -> str:
    """Why there is no value of the objective, and what to do."""
    spec = trial["spec"]
    name = spec["objective"]["objectiveMetricName"]
    kind = spec["metricsCollector"]["collector"]["kind"]
    source = spec["metricsCollector"].get("source") or {}
    if kind == "Push":
        return (
            f"the run has not reported {name!r}: print it as {name}=0.5 and take StdOut, or report it by kubeflow.katib.report_metrics({{{name!r}: 0.5}}, "
            "db_manager_address=ADDRESS), with HOST:PORT from KATIB_DB_MANAGER_SERVICE_HOST and KATIB_DB_MANAGER_SERVICE_PORT, after "
            f"kubeflow.katib.utils.utils.get_current_k8s_namespace = lambda: {trial['metadata']['namespace']!r}, since the package looks for a file that only pods have"
        )
    where = f"the log of the container {spec['primaryContainerName']}"
    example = f"print it as {name}=0.5"
    if kind == "File":
        file = source["fileSystemPath"]
        where = f"the file {file['path']}, whose path has to be an argument or a variable of the container"
        example = f"write it as {name}=0.5"
        if file.get("format") == "JSON":
            example = f'write lines such as {{"{name}": "0.5"}}, with the value as a text'
    if (source.get("filter") or {}).get("metricsFormat"):
        example = "see that it fits a pattern of metricsFormat"
    return f"no number for {name!r} is in {where} (nan and inf are none): {example}"
