"""The status of an Experiment from its Trials, as Katib writes it (``pkg/controller.v1beta1/experiment/util/status_util.go``). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jupyterlab_kubeflow.local.jobs.times import holds, stamp
from jupyterlab_kubeflow.local.tuning import Past
from jupyterlab_kubeflow.local.tuning.reading import finite

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


@dataclass(frozen=True)
class Facts:
    """What counts of a Trial: the condition that holds (``""`` for one that waits), and how the search knows it."""

    trial: Body
    state: str
    past: Past

    @property
    def name(self) -> str:
        """The Trial's name."""
        return str(self.trial["metadata"]["name"])

    @property
    def is_active(self) -> bool:
        """Whether it runs or waits."""
        return self.state in ("", "Running")


class Reader:
    """Reads the Trials of an Experiment, each version of one once: there may be thousands, and all count with each change of one."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Facts]] = {}

    def read(self, trial: Body) -> Facts:
        """The facts of a Trial."""
        meta = trial["metadata"]
        known = self._known.get(meta["uid"])
        if known is None or known[0] != meta["resourceVersion"]:
            known = self._known[meta["uid"]] = (meta["resourceVersion"], facts(trial))
        return known[1]


def facts(trial: Body) -> Facts:
    """What counts of a Trial."""
    held = (trial.get("status") or {}).get("conditions") or ()
    true = {each["type"] for each in held if each["status"] == "True"}
    state = next((each for each, *_ in _STATES if each in true), "")
    value = metrics.value_of(trial)
    past = Past(
        trial["metadata"]["name"],
        assignments(trial),
        _PAST.get(state, "running"),  # type: ignore[arg-type]
        None if value is None else metrics.number(value),
        trial["spec"].get("labels") or {},
    )
    return Facts(trial, state, past)


def count(status: Body, trials: Sequence[Facts]) -> None:
    """Lists and counts the Trials, in place; the optimal one is :func:`choose`'s."""
    lists: dict[str, list[str]] = {each: [] for each, *_ in _STATES}
    for trial in trials:
        lists[trial.state].append(trial.name)
    status["trials"] = len(trials)
    for name, listed, counted in _STATES:
        for field, value in ((listed, lists[name]), (counted, len(lists[name]))):
            if value:
                status[field] = value
            else:
                status.pop(field, None)


def choose(status: Body, objective: Body, trials: Sequence[Facts]) -> bool:
    """Sets ``currentOptimalTrial``, in place, to one whose value is a finite number. Whether the goal is reached."""
    sign = -1.0 if objective["type"] == "minimize" else 1.0
    valued = [(sign * each.past.value, each) for each in trials if each.past.value is not None]
    if not valued:
        return False
    value, best = max(valued, key=lambda each: each[0])
    status["currentOptimalTrial"] = {
        "bestTrialName": best.name,
        "parameterAssignments": best.trial["spec"].get("parameterAssignments") or [],
        "observation": {"metrics": best.trial["status"]["observation"]["metrics"]},
    }
    goal = finite(objective.get("goal"))
    return goal is not None and value >= sign * goal


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
