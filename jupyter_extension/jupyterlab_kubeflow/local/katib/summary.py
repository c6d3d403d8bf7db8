"""The status of an Experiment from its Trials, as Katib writes it (``pkg/controller.v1beta1/experiment/util/status_util.go``). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jupyterlab_kubeflow.local.jobs.times import holds, stamp
from jupyterlab_kubeflow.local.tuning import Past

from . import conditions, metrics
from .words import assignments

Body = dict[str, Any]
MAX_TRIALS = "ExperimentMaxTrialsReached"
_STATES = (
    ("Killed", "killedTrialList", "trialsKilled"),
    ("Failed", "failedTrialList", "trialsFailed"),
    ("Succeeded", "succeededTrialList", "trialsSucceeded"),
    ("EarlyStopped", "earlyStoppedTrialList", "trialsEarlyStopped"),
    ("Running", "runningTrialList", "trialsRunning"),
    ("MetricsUnavailable", "metricsUnavailableTrialList", "trialMetricsUnavailable"),
    ("", "pendingTrialList", "trialsPending"),
)
_PAST = {
    "Killed": "failed",
    "Failed": "failed",
    "Succeeded": "succeeded",
    "EarlyStopped": "early-stopped",
    "MetricsUnavailable": "metrics-unavailable",
}


def state(trial: Body) -> str:
    """The condition that counts, ``""`` for a Trial that waits."""
    status = trial.get("status") or {}
    return next((each for each, *_ in _STATES if each and holds(status, each)), "")


def is_active(trial: Body) -> bool:
    """Whether a Trial runs or waits."""
    return state(trial) in ("", "Running")


def past(trials: Sequence[Body]) -> list[Past]:
    """The Trials as the search knows them."""
    return [
        Past(
            each["metadata"]["name"],
            assignments(each),
            _PAST.get(state(each), "running"),  # type: ignore[arg-type]
            _value(each),
            each["spec"].get("labels") or {},
        )
        for each in trials
    ]


def count(status: Body, trials: Sequence[Body]) -> None:
    """Lists and counts the Trials, in place; the optimal one is :func:`choose`'s."""
    lists: dict[str, list[str]] = {each: [] for each, *_ in _STATES}
    for trial in trials:
        lists[state(trial)].append(trial["metadata"]["name"])
    status["trials"] = len(trials)
    for name, listed, counted in _STATES:
        for field, value in ((listed, lists[name]), (counted, len(lists[name]))):
            if value:
                status[field] = value
            else:
                status.pop(field, None)


def choose(status: Body, objective: Body, trials: Sequence[Body]) -> bool:
    """Sets ``currentOptimalTrial``, in place. Whether the goal is reached."""
    best: tuple[float | None, Body] | None = None
    sign = -1.0 if objective["type"] == "minimize" else 1.0
    for trial in trials:
        if (text := metrics.value_of(trial)) is None:
            continue
        value = metrics.number(text)
        if value is None or best is None or best[0] is None or sign * value > sign * best[0]:
            best = (value, trial)
    if best is None:
        return False
    value, trial = best
    status["currentOptimalTrial"] = {
        "bestTrialName": trial["metadata"]["name"],
        "parameterAssignments": trial["spec"].get("parameterAssignments") or [],
        "observation": {"metrics": trial["status"]["observation"]["metrics"]},
    }
    goal = objective.get("goal")
    return goal is not None and value is not None and sign * value >= sign * goal


def conclude(status: Body, spec: Body, *, reached: bool, exhausted: bool = False) -> None:
    """Sets the conditions of an Experiment that is not over, in place. ``exhausted``: the search has nothing more to try."""
    number = {counted: status.get(counted, 0) for _, _, counted in _STATES}
    active = number["trialsRunning"] + number["trialsPending"]
    failed = number["trialsFailed"] + number["trialMetricsUnavailable"]
    most_failed, most = spec.get("maxFailedTrialCount"), spec.get("maxTrialCount")
    if reached:
        said = "Experiment has succeeded because Objective goal has reached"
        _end(status, "Succeeded", "ExperimentGoalReached", said)
    elif most_failed is not None and failed and failed >= most_failed:
        said = "Experiment has failed because max failed count has reached"
        _end(status, "Failed", "ExperimentFailed", said)
    elif most is not None and sum(number.values()) - active >= most:
        said = "Experiment has succeeded because max trial count has reached"
        _end(status, "Succeeded", MAX_TRIALS, said)
    elif exhausted and not active:
        said = "Experiment has succeeded because suggestion service has reached the end"
        _end(status, "Succeeded", "ExperimentSuggestionEndReached", said)
    else:
        conditions.mark(status, "Running", "ExperimentRunning", "Experiment is running")


def fail(status: Body, said: str) -> None:
    """The Experiment cannot go on."""
    _end(status, "Failed", "ExperimentFailed", said)


def is_over(status: Body) -> bool:
    """Whether an Experiment has ended."""
    return holds(status, "Succeeded") or holds(status, "Failed")


def _end(status: Body, kind: str, reason: str, message: str) -> None:
    conditions.end(status, kind, reason, message)
    status["completionTime"] = stamp()


def _value(trial: Body) -> float | None:
    text = metrics.value_of(trial)
    return None if text is None else metrics.number(text)
