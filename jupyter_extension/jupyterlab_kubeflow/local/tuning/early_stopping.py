"""Median stopping by Katib's rule (its ``medianstop`` service and what its metrics collectors make of the rules)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from .study import Objective, Problem, whole

_NAME = "medianstop"
_SETTINGS = {"min_trials_required": 3, "start_step": 4}
_MOST = 10**9
_PATH = "spec.earlyStopping"


class Rule(TypedDict):
    """One of ``earlyStoppingRules`` as Suggestions and Trials carry them: it is met where the metric, when it is reported for the ``startStep``-th time, is
    so to ``value``."""

    name: str
    value: str
    comparison: Literal["equal", "less", "greater"]
    startStep: int


@dataclass(frozen=True)
class MedianStop:
    """Stops a trial whose best objective after ``start_step`` reports is worse than what others had on average by then."""

    min_trials_required: int = 3
    start_step: int = 4

    @classmethod
    def from_experiment(cls, spec: Mapping[str, Any]) -> MedianStop | None:
        """The rule of the ``spec`` of an Experiment without :func:`problems`; ``None`` where it sets no ``earlyStopping``."""
        asked = spec.get("earlyStopping")
        if not asked:
            return None
        given = {each["name"]: int(each["value"]) for each in asked.get("algorithmSettings") or ()}
        return cls(**{**_SETTINGS, **given})


def rules_from(
    stopping: MedianStop, objective: Objective, succeeded: Iterable[Sequence[float]]
) -> list[Rule]:
    """The rules for the next trials.

    ``succeeded`` has for each trial that succeeded the values of the objective as they were reported, from the first on. Katib takes the mean of the first
    ``start_step`` of each, and of these means the mean: its "median" is none.
    """
    first = [values[: stopping.start_step] for values in succeeded]
    means = [sum(values) / len(values) for values in first if values]
    if len(means) < stopping.min_trials_required:
        return []
    return [
        {
            "name": objective.metric,
            "value": str(sum(means) / len(means)),
            "comparison": "less" if objective.direction == "maximize" else "greater",
            "startStep": stopping.start_step,
        }
    ]


class Watch:
    """Follows what one trial reports and says when it is to be stopped, as Katib's collectors do.

    Of the objective the best value so far counts. A rule with a ``startStep`` is looked at once, when its metric has been reported so often; one without, each
    time. The trial is stopped when all its rules have been met. As in Katib the last rule takes the place of one that is met, and waits for the next report.
    """

    def __init__(self, rules: Sequence[Rule], objective: Objective) -> None:
        self._open = list(rules)
        self._left = {rule["name"]: rule["startStep"] for rule in rules if rule.get("startStep")}
        self._objective = objective
        self._best: float | None = None
        self._has_rules = bool(rules)

    def report(self, metric: str, value: float) -> bool:
        """Takes the next value of a metric; whether the trial is to be stopped (for good, once it is)."""
        for index in range(len(self._open)):
            if index >= len(self._open):
                break
            rule = self._open[index]
            if rule["name"] == metric and self._met(rule, value):
                self._open[index] = self._open[-1]
                self._open.pop()
        return self._has_rules and not self._open

    def _met(self, rule: Rule, value: float) -> bool:
        name = rule["name"]
        if name == self._objective.metric:
            better = max if self._objective.direction == "maximize" else min
            self._best = value = value if self._best is None else better(self._best, value)
        if name in self._left:
            self._left[name] -= 1
            if self._left[name] != 0:
                return False
        bound = float(rule["value"])
        if rule["comparison"] == "less":
            return value < bound
        return value > bound if rule["comparison"] == "greater" else value == bound


def stops(rules: Sequence[Rule], objective: Objective, series: Iterable[tuple[str, float]]) -> bool:
    """Whether a trial that reported ``series`` (metric and value, in the order of the reports) is to be stopped. Without rules it is not."""
    watch = Watch(rules, objective)
    return any(watch.report(metric, value) for metric, value in series)


def problems_of_stopping(spec: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with an Experiment's ``earlyStopping``."""
    asked = spec.get("earlyStopping")
    if not asked:
        return []
    name = asked.get("algorithmName") or ""
    if name != _NAME:
        return [(f"{_PATH}.algorithmName", f"there is no early stopping {name!r}: take {_NAME}")]
    found: list[Problem] = []
    seen: set[str] = set()
    for number, each in enumerate(asked.get("algorithmSettings") or ()):
        path = f"{_PATH}.algorithmSettings[{number}]"
        name, value = str(each.get("name") or ""), str(each.get("value") or "")
        if name not in _SETTINGS:
            found.append((f"{path}.name", f"{_NAME} has no setting {name!r}: it takes {_either()}"))
        elif name in seen:
            found.append((f"{path}.name", f"{name} is set twice: keep one"))
        elif not whole(value, 1, _MOST):
            said = f"{name} must be a whole number from 1 to {_MOST}, not {value!r}"
            found.append((f"{path}.value", said))
        seen.add(name)
    return found


def _either() -> str:
    return " and ".join(_SETTINGS)
