"""Bayesian optimization, where scikit-optimize is installed."""

from __future__ import annotations

import random
from typing import Any

import pytest
from jupyterlab_kubeflow.local.tuning import Invalid, Past, Searcher, Study
from tuning_support import (
    EVERY_KIND,
    Spec,
    branin,
    ended,
    every_kind,
    experiment,
    lies_in,
    parameter,
    proposals,
    tune,
)

pytest.importorskip("skopt")


def plane(direction: str = "minimize", **settings: Any) -> Study:
    asked = [
        parameter("x", "double", min="-5", max="10"),
        parameter("y", "double", min="0", max="15"),
    ]
    return Study.from_experiment(experiment(asked, "bayesianoptimization", direction, **settings))


def test_values_lie_in_their_spaces_and_a_restart_changes_nothing() -> None:
    study = Study.from_experiment(
        every_kind("bayesianoptimization", base_estimator="ET", random_state=3)
    )
    searcher, past, luck = Searcher(study, 0), list[Past](), random.Random(1)
    for _ in range(6):
        answer = searcher.suggest(past, 3)
        assert Searcher(study, 0, answer.settings).suggest(past, 3) == answer
        for values in proposals(answer):
            assert [
                each["name"] for each in EVERY_KIND if not lies_in(each, values[each["name"]])
            ] == []
            past.append(Past(f"t{len(past)}", values, "running"))
        past[-2:] = [
            ended(n, dict(past[n].assignments), luck) for n in (len(past) - 2, len(past) - 1)
        ]


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_it_finds_the_least_of_branin(direction: str) -> None:
    sign = 1 if direction == "minimize" else -1
    study = plane(direction, acq_func="EI", n_initial_points=8, random_state=1)
    past = tune(study, lambda values: sign * branin(float(values["x"]), float(values["y"])), 25)
    assert min(sign * (each.value or 0) for each in past) < 1


def test_trials_with_values_that_are_none_of_the_space_do_no_harm() -> None:
    past = [Past("a", {"x": "77", "y": "1"}, "succeeded", 1.0), Past("b", {}, "running")]
    assert len(proposals(Searcher(plane(), 0).suggest(past, 2))) == 2


@pytest.mark.parametrize(
    "settings", [{}, {"n_initial_points": 0}, {"acq_func": "LCB", "acq_optimizer": "sampling"}]
)
def test_it_begins_without_any_result(settings: Spec) -> None:
    assert len(proposals(Searcher(plane(**settings), 0).suggest([], 2))) == 2


def test_what_the_package_refuses_is_said_in_words() -> None:
    with pytest.raises(Invalid, match="take base_estimator GP and acq_optimizer auto"):
        Searcher(plane(base_estimator="RF", acq_optimizer="lbfgs"), 0).suggest([], 1)


def test_fixed_parameters_are_left_alone() -> None:
    asked = [parameter("x", "double", min="3", max="3"), parameter("o", "categorical", list=["a"])]
    study = Study.from_experiment(experiment(asked, "bayesianoptimization"))
    assert proposals(Searcher(study, 0).suggest([], 2)) == [{"x": "3.0", "o": "a"}] * 2
