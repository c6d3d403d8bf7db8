"""The controller of Experiments: asks the search for trials, makes them, and says how they go, as Katib's does, with its Suggestions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from functools import partial
from typing import Any

from jupyterlab_kubeflow.local.jobs.controller import Controller, Name, named, owned_by, owner
from jupyterlab_kubeflow.local.jobs.events import Events
from jupyterlab_kubeflow.local.jobs.times import holds, stamp
from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.deletion import DeleteOptions
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.tuning import Invalid, Study

from . import conditions, metrics, suggestions, summary, template
from .observations import Observations
from .suggestions import Searches
from .summary import Facts, Reader
from .validation import restartable, run_problem
from .words import EXPERIMENT, VERSION, pairs
from .writing import set_status

Body = dict[str, Any]
_LATER = 30.0
"""Seconds until a template that could not be used is tried again."""


class Experiments:
    """Acts on all Experiments, from :meth:`start` to :meth:`stop`. ``cores``: no more trials run at once."""

    def __init__(self, client: Client, observations: Observations, cores: int) -> None:
        self._client = client
        self._observations = observations
        self._cores = cores
        self._experiment = client.kind(VERSION, "Experiment")
        self._suggestion = client.kind(VERSION, "Suggestion")
        self._trial = client.kind(VERSION, "Trial")
        self._config = client.kind("v1", "ConfigMap")
        self._events = Events(client, "experiment-controller")
        self._searches = Searches()
        self._readers: dict[str, Reader] = {}
        self._uids: dict[Name, str] = {}
        self._wanted: dict[Name, tuple[Any, ...]] = {}
        watched = [(self._experiment, self._changed), (self._trial, owned_by("Experiment"))]
        self._controller = Controller(client, self._look, watched)

    def start(self) -> None:
        """Begins with what is there."""
        self._controller.start()

    async def stop(self) -> None:
        """Leaves Experiments to the next server."""
        await self._controller.stop()

    def _changed(self, experiment: Body) -> list[Name]:
        """The Experiment, unless only its status has changed, which is written here."""
        meta = experiment["metadata"]
        (name,) = named(experiment)
        wanted = (meta["uid"], meta.get("generation"), meta.get("deletionTimestamp"))
        if self._wanted.get(name) == wanted and self._client.peek_one(self._experiment, *name):
            return []
        self._wanted[name] = wanted
        return [name]

    async def _look(self, name: Name) -> float | None:
        experiment = self._client.peek_one(self._experiment, *name)
        if experiment is None:
            self._forget(self._uids.pop(name, ""))
            self._wanted.pop(name, None)
            return None
        if experiment["metadata"].get("deletionTimestamp"):
            return None
        self._uids[name] = experiment["metadata"]["uid"]
        suggestion = self._own_suggestion(experiment)
        trials = self._trials(experiment, suggestion)
        status = _copy(experiment)
        if "startTime" not in status:
            status["startTime"] = stamp()
            conditions.mark(status, "Created", "ExperimentCreated", "Experiment is created")
        spec = experiment["spec"]
        over = summary.is_over(status)
        if over and self._goes_on(experiment):
            conditions.drop(status, "Succeeded", "Failed")
            status.pop("completionTime", None)
            conditions.mark(status, "Restarting", "ExperimentRestarting", "Experiment is restarted")
            over = False
        summary.count(status, trials)
        reached = summary.choose(status, spec["objective"], trials)
        if not over:
            summary.conclude(status, spec, reached=reached)
        if not summary.is_over(status):
            return await self._reconcile(experiment, status, suggestion, trials)
        await self._over(experiment, status, suggestion, trials)
        return None

    async def _over(
        self, experiment: Body, status: Body, suggestion: Body | None, trials: list[Facts]
    ) -> None:
        if not any(each.is_active for each in trials):
            self._forget(experiment["metadata"]["uid"])
        ends = not summary.is_over(experiment.get("status") or {})
        if ends and holds(status, "Succeeded") and "currentOptimalTrial" not in status:
            name = experiment["spec"]["objective"]["objectiveMetricName"]
            said = f"No trial has reported a number for {name!r}, so there is no best one: the conditions of the trials say why"
            await self._events.tell(experiment, "MetricsUnavailable", said, warning=True)
        await asyncio.gather(self._write(experiment, status), self._finish(experiment, suggestion))

    def _forget(self, uid: str) -> None:
        self._searches.forget(uid)
        self._readers.pop(uid, None)

    @staticmethod
    def _goes_on(experiment: Body) -> bool:
        most = experiment["spec"].get("maxTrialCount")
        made = (experiment.get("status") or {}).get("trials", 0)
        return restartable(experiment) and (most is None or most > made)

    async def _reconcile(
        self, experiment: Body, status: Body, suggestion: Body | None, trials: list[Facts]
    ) -> float | None:
        spec = experiment["spec"]
        active = [each for each in trials if each.is_active]
        if len(active) > spec["parallelTrialCount"]:
            surplus = [each.trial for each in active[spec["parallelTrialCount"] :]]
            await self._write(experiment, status)
            await self._take_back(experiment, suggestion, surplus)
            return None
        proposed = _copy(suggestion or {})
        suggestions.begin(proposed)
        there = {each.name for each in trials}
        waiting = [each for each in proposed.get("suggestions") or () if each["name"] not in there]
        wanted = min(spec["parallelTrialCount"], self._cores) - len(active) - len(waiting)
        if spec.get("maxTrialCount") is not None:
            wanted = min(wanted, spec["maxTrialCount"] - len(trials) - len(waiting))
        if wanted > 0:
            try:
                exhausted, new = await self._suggest(experiment, proposed, trials, waiting, wanted)
            except Invalid as error:
                await self._cannot(experiment, status, suggestion, str(error))
                return None
            except Exception as error:
                said = f"Failed to reconcile: {type(error).__name__}: {error}"
                await self._events.tell(experiment, "ReconcileError", said, warning=True)
                raise
            waiting += new
            if exhausted and not waiting:
                reached = summary.choose(status, spec["objective"], trials)
                summary.conclude(status, spec, reached=reached, exhausted=True)
                if summary.is_over(status):
                    await self._over(experiment, status, suggestion, trials)
                    return None
        made: list[Body] = []
        for each in waiting:
            try:
                made.append(self._made(experiment, each))
            except template.Wrong as error:
                values = pairs(each["parameterAssignments"])
                return await self._unmade(experiment, status, suggestion, trials, values, error)
        requests = len(trials) + len(waiting)
        await self._carry_out(experiment, status, suggestion, proposed, requests, made)
        return None

    async def _suggest(
        self, experiment: Body, proposed: Body, trials: list[Facts], waiting: list[Body], count: int
    ) -> tuple[bool, list[Body]]:
        """Asks the search for more and notes what it proposes in ``proposed``: whether it is at its end, and what is new. Raises :class:`Invalid`."""
        spec, meta = experiment["spec"], experiment["metadata"]
        identity = {
            name: spec.get(name)
            for name in (
                "parameters",
                "objective",
                "algorithm",
                "maxTrialCount",
                "parallelTrialCount",
            )
        }
        past = [*(each.past for each in trials), *suggestions.past(waiting)]
        carried = pairs(proposed.get("algorithmSettings"))
        study = partial(Study.from_experiment, spec)

        def work() -> tuple[bool, list[Body]]:
            answer = self._searches.suggest(meta["uid"], study, identity, carried, past, count)
            rules = suggestions.rules(spec, lambda: self._series(spec, trials))
            return answer.exhausted, suggestions.take(proposed, meta["name"], answer, rules)

        return await asyncio.to_thread(work)

    def _series(self, spec: Body, trials: list[Facts]) -> list[list[float]]:
        """The objective's values of each Trial that succeeded."""
        found = []
        for each in trials:
            if each.state == "Succeeded":
                name = spec["objective"]["objectiveMetricName"]
                logs = self._observations.series(each.trial, name)
                values = [metrics.number(log.value) for log in logs]
                found.append([value for value in values if value is not None])
        return found

    def _made(self, experiment: Body, given: Body) -> Body:
        """The Trial of a proposal. Raises :class:`template.Wrong`."""
        meta, wanted = experiment["metadata"], experiment["spec"]["trialTemplate"]
        text = template.read(wanted, self._find)
        values = pairs(given["parameterAssignments"])
        run = template.fill(
            text, wanted["trialParameters"], values, given["name"], meta["namespace"]
        )
        if said := run_problem(run):
            raise template.Wrong("configMap.templatePath", said)
        return suggestions.trial(experiment, given, run)

    def _find(self, namespace: str, name: str) -> Body | None:
        with suppress(StatusError):
            return self._client.get(self._config, namespace, name)
        return None

    async def _unmade(
        self,
        experiment: Body,
        status: Body,
        suggestion: Body | None,
        trials: list[Facts],
        values: dict[str, str],
        error: template.Wrong,
    ) -> float | None:
        """The template gives no run for these values: not yet, or the Experiment has failed."""
        why = f"{error.field}: {error}"
        told = f"Failed to reconcile: {why}"
        await self._events.tell(experiment, "ReconcileError", told, warning=True)
        if error.later:
            said = f"Experiment is running, and its next trials wait: {why}"
            conditions.mark(status, "Running", "ReconcileError", said)
            await self._write(experiment, status)
        else:
            tried = ", ".join(f"{name}={value}" for name, value in values.items())
            said = f"Experiment has failed because a trial cannot be made with {tried}: {why}"
            summary.fail(status, said)
            await self._over(experiment, status, suggestion, trials)
        return _LATER if error.later else None

    async def _carry_out(
        self,
        experiment: Body,
        status: Body,
        suggestion: Body | None,
        proposed: Body,
        requests: int,
        made: list[Body],
    ) -> None:
        """Writes it all at once; the Suggestion comes first, so that nothing is proposed twice."""
        namespace = experiment["metadata"]["namespace"]

        def note(body: Body) -> None:
            body["spec"]["requests"] = requests
            body["status"] = proposed

        if suggestion is None:  # one of the same name may be about to go
            body = suggestions.make(experiment)
            await self._client.create(self._suggestion, namespace, body)
        work: list[Awaitable[Any]] = []
        if suggestion is None or made or suggestion.get("status") != proposed:
            name = experiment["metadata"]["name"]
            work.append(self._client.edit(self._suggestion, namespace, name, note))
        work += [self._begin(each) for each in made]
        work.append(self._write(experiment, status))
        done = await asyncio.gather(*work, return_exceptions=True)
        for error in done:
            if isinstance(error, BaseException):
                said = f"Failed to reconcile: {error}"
                await self._events.tell(experiment, "ReconcileError", said, warning=True)
                raise error
        if suggestion is None:
            await self._tell_of_cores(experiment)

    async def _begin(self, trial: Body) -> None:
        """Makes a Trial with its run: the SDK's client takes a Trial whose run is not there for an error."""
        wanted = trial["spec"]["runSpec"]
        kind = self._client.kind(wanted["apiVersion"], wanted["kind"])
        namespace = trial["metadata"]["namespace"]
        await self._client.create_with(self._trial, namespace, trial, kind, suggestions.run)

    async def _tell_of_cores(self, experiment: Body) -> None:
        asked = experiment["spec"]["parallelTrialCount"]
        if asked > self._cores:
            said = (
                f"spec.parallelTrialCount is {asked}, and {self._cores} of them run at a time: as many as this Local Kubeflow runs processes at once. "
                "The others follow as these end."
            )
            await self._events.tell(experiment, "ParallelTrialsLimited", said)

    async def _cannot(
        self, experiment: Body, status: Body, suggestion: Body | None, said: str
    ) -> None:
        """The search is impossible: a library is missing, for example."""
        summary.fail(status, f"Suggestion has failed. {said}")
        if suggestion:
            told = _copy(suggestion)
            conditions.end(told, "Failed", "SuggestionFailed", f"Validation failed: {said}")
            await self._write_suggestion(suggestion, told)
        await self._write(experiment, status)
        await self._events.tell(experiment, "SuggestionFailed", said, warning=True)

    async def _take_back(
        self, experiment: Body, suggestion: Body | None, surplus: list[Body]
    ) -> None:
        """Deletes the latest trials of those that run, since fewer are wanted at once."""
        names = {each["metadata"]["name"] for each in surplus}
        if suggestion:
            told = _copy(suggestion)
            suggestions.drop(told, names)
            await self._write_suggestion(suggestion, told)
        for each in surplus:
            options = DeleteOptions(propagation="Background", uid=each["metadata"]["uid"])
            with suppress(StatusError):  # it is gone already
                await self._client.delete(
                    self._trial, each["metadata"]["namespace"], each["metadata"]["name"], options
                )
        listed = ", ".join(sorted(names))
        said = f"spec.parallelTrialCount is {experiment['spec']['parallelTrialCount']} now: deleted {listed}"
        await self._events.tell(experiment, "TrialsDeleted", said)

    async def _finish(self, experiment: Body, suggestion: Body | None) -> None:
        if suggestion is None:
            return
        told = _copy(suggestion)
        suggestions.finish(told, experiment["spec"]["resumePolicy"])
        await self._write_suggestion(suggestion, told)

    def _own_suggestion(self, experiment: Body) -> Body | None:
        """As all readers share it, never to be changed."""
        meta = experiment["metadata"]
        found = self._client.peek_one(self._suggestion, meta["namespace"], meta["name"])
        if found and (owner(found, "Experiment") or {}).get("uid") == meta["uid"]:
            return found
        return None

    def _trials(self, experiment: Body, suggestion: Body | None) -> list[Facts]:
        """Its Trials in the order in which they were proposed."""
        meta = experiment["metadata"]
        labels = f"{EXPERIMENT}={meta['name']}"
        proposed = ((suggestion or {}).get("status") or {}).get("suggestions") or ()
        order = {each["name"]: index for index, each in enumerate(proposed)}
        reader = self._readers.setdefault(meta["uid"], Reader())
        found = [
            reader.read(each)
            for each in self._client.peek(self._trial, meta["namespace"], labels)
            if (owner(each, "Experiment") or {}).get("uid") == meta["uid"]
            and not each["metadata"].get("deletionTimestamp")
        ]
        return sorted(found, key=lambda each: order.get(each.name, len(order)))

    async def _write(self, experiment: Body, status: Body) -> None:
        await set_status(self._client, self._experiment, experiment, status)

    async def _write_suggestion(self, suggestion: Body, status: Body) -> None:
        await set_status(self._client, self._suggestion, suggestion, status)


def _copy(body: Body) -> Body:
    """The status of an object, to be changed: lists and conditions of its own, while what the lists hold beside is shared."""
    status = {
        name: [*value] if isinstance(value, list) else value
        for name, value in (body.get("status") or {}).items()
    }
    if "conditions" in status:
        status["conditions"] = [dict(each) for each in status["conditions"]]
    return status
