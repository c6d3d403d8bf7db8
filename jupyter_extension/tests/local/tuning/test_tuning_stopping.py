"""Median stopping, against the rule computed by brute force."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyterlab_kubeflow.local.tuning import (
    MedianStop,
    Objective,
    Rule,
    Watch,
    problems,
    rules_from,
    stops,
)
from tuning_support import experiment, parameter

LOSS, ACCURACY = Objective("loss", "minimize"), Objective("accuracy", "maximize")
NUMBERS = st.integers(-20, 20).map(lambda number: number / 4)


def rule(
    name: str, comparison: Literal["equal", "less", "greater"], value: float, start: int
) -> Rule:
    return {"name": name, "value": str(value), "comparison": comparison, "startStep": start}


@given(st.lists(st.lists(NUMBERS, max_size=6), max_size=6), st.integers(1, 4), st.integers(1, 5))
def test_the_bound_is_the_mean_of_the_first_reports(
    succeeded: list[list[float]], least: int, start: int
) -> None:
    means = []
    for values in succeeded:
        total, many = 0.0, 0
        for value in values:
            if many < start:
                total, many = total + value, many + 1
        if many:
            means.append(total / many)
    for objective, comparison in ((LOSS, "greater"), (ACCURACY, "less")):
        found = rules_from(MedianStop(least, start), objective, succeeded)
        if len(means) < least:
            assert found == []
        else:
            bound = sum(means) / len(means)
            expected = {
                "name": objective.metric,
                "value": str(bound),
                "comparison": comparison,
                "startStep": start,
            }
            assert found == [expected]


@given(st.lists(NUMBERS, max_size=8), NUMBERS, st.integers(1, 6))
def test_a_trial_is_stopped_by_its_best_value_at_the_step(
    values: list[float], bound: float, start: int
) -> None:
    noise = [("loss", value) for value in values]
    mixed = [
        each for pair in zip([("other", 99.0)] * len(noise), noise, strict=True) for each in pair
    ]
    worse = len(values) >= start and min(values[:start]) > bound
    assert stops([rule("loss", "greater", bound, start)], LOSS, mixed) == worse
    maximized = [("accuracy", value) for value in values]
    below = len(values) >= start and max(values[:start]) < bound
    assert stops([rule("accuracy", "less", bound, start)], ACCURACY, maximized) == below


def test_it_stops_at_that_report_and_at_no_later_one() -> None:
    watch = Watch([rule("loss", "greater", 1.0, 2)], LOSS)
    assert [watch.report("loss", value) for value in (3.0, 2.0)] == [False, True]
    assert watch.report("loss", 0.1)  # once stopped it stays so
    late = Watch([rule("loss", "less", 1.0, 2)], LOSS)
    assert [late.report("loss", value) for value in (3.0, 2.0, 0.5)] == [False, False, False]


def test_rules_without_a_step_hold_each_time() -> None:
    without: Any = {"name": "loss", "value": "1", "comparison": "less"}
    assert stops([without], LOSS, [("loss", 3.0), ("loss", 2.0), ("loss", 0.5)])
    assert stops([rule("loss", "equal", 2.0, 0)], LOSS, [("loss", 3.0), ("loss", 2.0)])
    assert not stops([rule("loss", "equal", 2.0, 0)], LOSS, [("loss", 3.0), ("loss", 1.0)])


def test_all_rules_must_be_met() -> None:
    rules = [rule("loss", "greater", 1.0, 1), rule("memory", "greater", 5.0, 2)]
    assert not stops(rules, LOSS, [("loss", 2.0), ("memory", 9.0)])
    assert stops(rules, LOSS, [("loss", 2.0), ("memory", 1.0), ("memory", 9.0)])
    assert not stops(rules, LOSS, [("loss", 0.5), ("memory", 9.0), ("memory", 9.0)])


def test_other_metrics_count_by_their_own_value() -> None:
    assert stops([rule("memory", "less", 2.0, 2)], LOSS, [("memory", 0.5), ("memory", 1.0)])
    assert not stops([rule("memory", "greater", 2.0, 2)], LOSS, [("memory", 9.0), ("memory", 1.0)])


def test_two_rules_of_one_metric_wait_for_one_another_as_in_katib() -> None:
    rules = [rule("loss", "greater", 1.0, 0), rule("loss", "greater", 2.0, 0)]
    watch = Watch(rules, LOSS)
    assert [watch.report("loss", 9.0) for _ in range(2)] == [False, True]


def test_without_rules_nothing_stops() -> None:
    assert not stops([], LOSS, [("loss", 1e9)])


def spec(**stopping: Any) -> dict[str, Any]:
    return {**experiment([parameter("x", "double", min="0", max="1")]), "earlyStopping": stopping}


def test_settings_and_their_defaults() -> None:
    asked = spec(
        algorithmName="medianstop", algorithmSettings=[{"name": "start_step", "value": "7"}]
    )
    assert problems(asked) == []
    assert MedianStop.from_experiment(asked) == MedianStop(min_trials_required=3, start_step=7)
    assert MedianStop.from_experiment(spec(algorithmName="medianstop")) == MedianStop(3, 4)
    assert MedianStop.from_experiment({}) is None


@pytest.mark.parametrize(
    ("settings", "field", "said"),
    [
        ([("start_step", "0")], "[0].value", "a whole number from 1 to"),
        ([("start_step", "x")], "[0].value", "a whole number from 1 to"),
        ([("min_trials_required", "")], "[0].value", "a whole number from 1 to"),
        (
            [("start_step", "2"), ("patience", "2")],
            "[1].name",
            "it takes min_trials_required and start_step",
        ),
        ([("start_step", "2"), ("start_step", "3")], "[1].name", "set twice"),
    ],
)
def test_settings_that_are_refused(settings: list[tuple[str, str]], field: str, said: str) -> None:
    asked = [{"name": name, "value": value} for name, value in settings]
    ((path, message),) = problems(spec(algorithmName="medianstop", algorithmSettings=asked))
    assert path == f"spec.earlyStopping.algorithmSettings{field}"
    assert said in message


def test_other_early_stopping_is_refused() -> None:
    ((path, message),) = problems(spec(algorithmName="asha"))
    assert path == "spec.earlyStopping.algorithmName"
    assert "take medianstop" in message
