"""Bayesian optimization with scikit-optimize."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from skopt import Optimizer
from skopt.space import Categorical, Dimension, Integer, Real

from . import space
from .searcher import Answer, Past, Values
from .study import Invalid, Parameter, Study


class Bayesian:
    """Each answer comes from an optimizer that is made of the past, with random numbers by the seed and the number of trials: a restart changes nothing.

    Trials that run are taken to give the best result so far, as the optimizer itself takes those that it proposes together.
    """

    def __init__(self, study: Study, seed: int) -> None:
        self._study, self._seed = study, seed
        self._free = [each for each in study.parameters if not space.single(each)]

    def suggest(self, past: Sequence[Past], count: int) -> Answer:
        """The next points."""
        if not self._free:
            points: list[list[Any]] = [[] for _ in range(count)]
        else:
            points = self._ask(past, count) if count else []
        return Answer([(self._values(point), {}) for point in points], {})

    def _ask(self, past: Sequence[Past], count: int) -> list[list[Any]]:

        sign = -1 if self._study.objective.direction == "maximize" else 1
        sound = [each for each in past if self._holds(each)]
        ended = [(each, sign * each.result) for each in sound if each.result is not None]
        optimizer = self._optimizer(len(past), len(ended))
        best = min((loss for _, loss in ended), default=0.0)
        lies = [(each, best) for each in sound if each.state == "running"] if ended else []
        if ended:
            points = [self._point(each.assignments) for each, _ in [*ended, *lies]]
            optimizer.tell(points, [loss for _, loss in [*ended, *lies]])
        return list(optimizer.ask(n_points=count))

    def _optimizer(self, trials: int, results: int) -> Optimizer:
        given = self._study.algorithm.settings
        first = int(given.get("n_initial_points", 10))
        try:
            return Optimizer(
                [_dimension(each) for each in self._free],
                base_estimator=given.get("base_estimator", "GP"),
                n_initial_points=first if results else max(first, 1),
                acq_func=given.get("acq_func", "gp_hedge"),
                acq_optimizer=given.get("acq_optimizer", "auto"),
                random_state=np.random.RandomState([self._seed, trials]),
            )
        except ValueError as error:
            said = f"scikit-optimize refuses them together ({str(error).split('(', 1)[0].strip()}): take base_estimator GP and acq_optimizer auto"
            raise Invalid([("spec.algorithm.algorithmSettings", said)]) from error

    def _holds(self, trial: Past) -> bool:
        return all(space.holds(each, trial.assignments.get(each.name)) for each in self._free)

    def _point(self, values: Any) -> list[Any]:
        return [_sampled(each, values[each.name]) for each in self._free]

    def _values(self, point: list[Any]) -> Values:
        free = {
            each.name: _written(each, value) for each, value in zip(self._free, point, strict=True)
        }
        return {
            each.name: free[each.name] if each.name in free else space.placed(each, 0.0)
            for each in self._study.parameters
        }


def _indexed(parameter: Parameter) -> bool:
    """Whether it is searched by the numbers of its values."""
    return (
        parameter.distribution == "uniform"
        and parameter.type in ("int", "double")
        and space.count(parameter) is not None
    )


def _dimension(parameter: Parameter) -> Dimension:
    if parameter.type in ("discrete", "categorical"):
        return Categorical(list(parameter.list))
    if _indexed(parameter):
        return Integer(0, (space.count(parameter) or 1) - 1)
    if parameter.distribution in ("normal", "logNormal"):
        return Real(0.0, 1.0)
    assert parameter.min is not None
    assert parameter.max is not None
    prior = "log-uniform" if parameter.distribution == "logUniform" else "uniform"
    return Real(float(parameter.min), float(parameter.max), prior)


def _written(parameter: Parameter, value: Any) -> str:
    if parameter.type in ("discrete", "categorical"):
        return str(value)
    if _indexed(parameter):
        return space.numbered(parameter, int(value))
    if parameter.distribution in ("normal", "logNormal"):
        return space.nearest(parameter, space.quantile(parameter, float(value)))
    return space.nearest(parameter, float(value))


def _sampled(parameter: Parameter, text: str) -> Any:
    if parameter.type in ("discrete", "categorical"):
        return text
    if _indexed(parameter):
        return space.index(parameter, text)
    if parameter.distribution in ("normal", "logNormal"):
        return space.share(parameter, float(text))
    return float(text)
