"""The Suggestion of an Experiment: what the search has proposed, and how it goes on. The object is all that a later server needs to go on alike."""

from __future__ import annotations

import copy
import json
import secrets
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from jupyterlab_kubeflow.local.jobs.controller import owner_reference
from jupyterlab_kubeflow.local.jobs.times import stamp
from jupyterlab_kubeflow.local.tuning import Answer, Objective, Past, Searcher, Study
from jupyterlab_kubeflow.local.tuning.early_stopping import MedianStop, Rule, rules_from

from . import conditions
from .words import VERSION, listed, pairs

Body = dict[str, Any]
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
"""What Kubernetes makes random names of."""


class Searches:
    """The searches under way, by the uid of what they are for."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[str, Searcher]] = {}

    def suggest(
        self,
        uid: str,
        study: Callable[[], Study],
        identity: Any,
        carried: dict[str, str],
        past: Sequence[Past],
        count: int,
    ) -> Answer:
        """The next trials; a search whose ``identity`` has changed (its budget, for example) begins anew on the same past. Raises :class:`Invalid`."""
        key = json.dumps(identity, sort_keys=True)
        held = self._held.get(uid)
        if held is None or held[0] != key:
            seed = uuid.UUID(uid).int % 2**31
            held = self._held[uid] = (key, Searcher(study(), seed, carried))
        return held[1].suggest(past, count)

    def forget(self, uid: str) -> None:
        """The search is over."""
        self._held.pop(uid, None)


def make(experiment: Body) -> Body:
    """A new Suggestion."""
    meta, spec = experiment["metadata"], experiment["spec"]
    body: Body = {
        "apiVersion": VERSION,
        "kind": "Suggestion",
        "metadata": {
            "name": meta["name"],
            "namespace": meta["namespace"],
            "ownerReferences": [owner_reference(experiment)],
        },
        "spec": {
            "algorithm": spec["algorithm"],
            "requests": 0,
            "resumePolicy": spec["resumePolicy"],
        },
    }
    if labels := meta.get("labels"):
        body["metadata"]["labels"] = labels
    if stopping := spec.get("earlyStopping"):
        body["spec"]["earlyStopping"] = stopping
    return body


def begin(status: Body) -> None:
    """It is made, or goes on after it was over; in place."""
    if "startTime" not in status:
        status["startTime"] = stamp()
        conditions.mark(status, "Created", "SuggestionCreated", "Suggestion is created")
    conditions.drop(status, "Succeeded")
    conditions.mark(status, "DeploymentReady", "DeploymentReady", "Deployment is ready")
    conditions.mark(status, "Running", "SuggestionRunning", "Suggestion is running")


def finish(status: Body, policy: str) -> None:
    """The Experiment is over; in place."""
    if policy == "LongRunning" or any(
        each["type"] == "Succeeded" for each in status.get("conditions") or ()
    ):
        return
    reason = "Experiment is succeeded"
    words = {
        "Never": "Suggestion is succeeded, can't be restarted",
        "FromVolume": "Suggestion is succeeded, suggestion volume is not deleted, can be restarted",
    }
    for kind, said in (
        ("Running", "Suggestion is not running"),
        ("DeploymentReady", "Deployment is not ready"),
    ):
        if any(each["type"] == kind for each in status.get("conditions") or ()):
            conditions.mark(status, kind, reason, said, holds=False)
    conditions.mark(status, "Succeeded", reason, words[policy])


def take(status: Body, name: str, answer: Answer, rules: Sequence[Rule]) -> list[Body]:
    """Adds what the search has proposed, in place; returns that."""
    held = status.setdefault("suggestions", [])
    added = []
    for values, labels in answer.assignments:
        given: Body = {"name": trial_name(name), "parameterAssignments": listed(values)}
        if labels:
            given["labels"] = labels
        if rules:
            given["earlyStoppingRules"] = [dict(each) for each in rules]
        added.append(given)
    held += added
    status["suggestionCount"] = len(held)
    if settings := {**pairs(status.get("algorithmSettings")), **answer.settings}:
        status["algorithmSettings"] = listed(settings)
    return added


def past(proposals: Sequence[Body]) -> list[Past]:
    """Proposals whose Trials are still to be made, as the search knows them."""
    return [
        Past(
            each["name"],
            pairs(each["parameterAssignments"]),
            "running",
            None,
            each.get("labels") or {},
        )
        for each in proposals
    ]


def drop(status: Body, names: set[str]) -> None:
    """Takes proposals back, in place."""
    held = [each for each in status.get("suggestions") or () if each["name"] not in names]
    status["suggestions"], status["suggestionCount"] = held, len(held)


def trial_name(owner: str, letters: int = 8) -> str:
    """A new name of a trial, as Katib's are."""
    return f"{owner}-{''.join(secrets.choice(_LETTERS) for _ in range(letters))}"


def rules(spec: Body, series: Callable[[], list[list[float]]]) -> list[Rule]:
    """The early stopping rules for the next Trials of an Experiment; ``series`` gives the objective's values of those that succeeded."""
    stopping = MedianStop.from_experiment(spec)
    if stopping is None:
        return []
    given = spec["objective"]
    return rules_from(stopping, Objective(given["objectiveMetricName"], given["type"]), series())


def trial(experiment: Body, given: Body, run: Body) -> Body:
    """The Trial of a proposal that does ``run``."""
    meta, spec = experiment["metadata"], experiment["spec"]
    template = spec["trialTemplate"]
    labels = given.get("labels") or {}
    body: Body = {
        "apiVersion": VERSION,
        "kind": "Trial",
        "metadata": {
            "name": given["name"],
            "namespace": meta["namespace"],
            "labels": {
                **(meta.get("labels") or {}),
                "katib.kubeflow.org/experiment": meta["name"],
                **labels,
            },
            "ownerReferences": [owner_reference(experiment)],
        },
        "spec": {
            "objective": spec["objective"],
            "parameterAssignments": given["parameterAssignments"],
            "runSpec": run,
            "retainRun": bool(template.get("retain")),
            "metricsCollector": spec["metricsCollectorSpec"],
            "primaryContainerName": template["primaryContainerName"],
            "successCondition": template["successCondition"],
            "failureCondition": template["failureCondition"],
        },
    }
    for field, value in (
        ("primaryPodLabels", template.get("primaryPodLabels")),
        ("earlyStoppingRules", given.get("earlyStoppingRules")),
        ("labels", labels),
    ):
        if value:
            body["spec"][field] = value
    return copy.deepcopy(body)


def run(trial: Body) -> Body:
    """The Job or TrainJob of a Trial."""
    made = copy.deepcopy(trial["spec"]["runSpec"])
    made["metadata"]["ownerReferences"] = [owner_reference(trial)]
    return dict(made)
