"""Hyperband's brackets, by tables that were computed by hand, and what is tried again in each rung."""

from __future__ import annotations

import random
from itertools import groupby, pairwise
from typing import Any

import pytest
from jupyterlab_kubeflow.local.tuning import Past, Searcher, Study
from tuning_support import experiment, parameter, proposals

Table = list[list[tuple[int, int]]]
"""For each bracket how many trials its rungs have, and with how much of the resource."""

TABLES: dict[tuple[str, str], Table] = {
    ("9", "3"): [[(9, 1), (3, 3), (1, 9)], [(5, 3), (2, 9)], [(3, 9)]],
    ("10", "3"): [[(9, 1), (3, 3), (1, 9)], [(5, 3), (2, 9)], [(3, 10)]],
    ("4", "2"): [[(4, 1), (2, 2), (1, 4)], [(3, 2), (2, 4)], [(3, 4)]],
    ("49", "7"): [[(49, 1), (7, 7), (1, 49)], [(11, 7), (2, 49)], [(3, 49)]],
    ("20", "2.5"): [
        [(16, 1), (7, 2), (3, 6), (2, 15)],
        [(9, 3), (4, 7), (2, 18)],
        [(5, 8), (2, 20)],
        [(4, 20)],
    ],
    ("1", "3"): [[(1, 1)]],
}


def study(r_l: str, eta: str, direction: str = "minimize") -> Study:
    asked = [
        parameter("x", "double", min="0", max="1"),
        parameter("epochs", "int", min="1", max="9"),
    ]
    spec = experiment(asked, "hyperband", direction, r_l=r_l, eta=eta, resource_name="epochs")
    return Study.from_experiment({**spec, "parallelTrialCount": 99})


def run(asked: Study, luck: random.Random, at_once: int, **past: Any) -> list[Past]:
    """Tries all trials there are, few at a time, which end in any order with their x as value."""
    searcher, tried = Searcher(asked, 3), list[Past]()
    while True:
        running = [number for number, each in enumerate(tried) if each.state == "running"]
        for number in luck.sample(running, luck.randint(min(len(running), 1), len(running))):
            values = tried[number].assignments
            state = (
                past.get("state", "succeeded") if number in past.get("failing", ()) else "succeeded"
            )
            value = float(values["x"]) if state == "succeeded" else None
            tried[number] = Past(f"t{number}", values, state, value)
        wanted = at_once - sum(each.state == "running" for each in tried)
        answer = searcher.suggest(tried, wanted)
        assert answer.assignments or running or answer.exhausted
        tried += [Past("", values, "running") for values in proposals(answer)]
        if answer.exhausted and not any(each.state == "running" for each in tried):
            return tried


def rungs(tried: list[Past], table: Table) -> list[list[list[Past]]]:
    left = iter(tried)
    return [[[next(left) for _ in range(size)] for size, _ in bracket] for bracket in table]


@pytest.mark.parametrize("at_once", [1, 4, 99])
@pytest.mark.parametrize(("asked", "table"), TABLES.items())
def test_the_brackets_are_those_of_the_table(
    asked: tuple[str, str], table: Table, at_once: int
) -> None:
    tried = run(study(*asked), random.Random(1), at_once)
    epochs = [each.assignments["epochs"] for each in tried]
    assert epochs == [str(r) for bracket in table for size, r in bracket for _ in range(size)]


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_the_best_of_a_rung_are_tried_again(direction: str) -> None:
    table = TABLES["9", "3"]
    tried = run(study("9", "3", direction), random.Random(2), 5)
    for bracket in rungs(tried, table):
        for before, after in pairwise(bracket):
            ranked = sorted(
                (float(each.assignments["x"]) for each in before), reverse=direction == "maximize"
            )
            assert [float(each.assignments["x"]) for each in after] == ranked[: len(after)]
    begun = [each.assignments["x"] for bracket in rungs(tried, table) for each in bracket[0]]
    assert len(set(begun)) == 17


@pytest.mark.parametrize("state", ["failed", "metrics-unavailable", "early-stopped"])
def test_trials_without_a_value_are_not_tried_again(state: str) -> None:
    tried = run(study("9", "3"), random.Random(3), 9, failing=range(7), state=state)
    sizes = [
        (len(list(group)), int(epochs))
        for epochs, group in groupby(each.assignments["epochs"] for each in tried)
    ]
    assert sizes == [(9, 1), (2, 3), (1, 9), (5, 3), (5, 9)]  # two of nine were left


def test_a_bracket_ends_where_all_have_failed() -> None:
    tried = run(study("9", "3"), random.Random(3), 9, failing=range(9), state="failed")
    assert [each.assignments["epochs"] for each in tried] == ["1"] * 9 + ["3"] * 5 + ["9"] * 5


def test_it_carries_on_what_katibs_service_does() -> None:
    searcher = Searcher(study("9", "3"), 0)
    answer = searcher.suggest([], 9)
    first = {
        "eta": "3.0",
        "s_max": "2",
        "r_l": "9.0",
        "b_l": "27.0",
        "r": "1",
        "n": "9",
        "current_s": "2",
        "current_i": "0",
        "resource_name": "epochs",
        "evaluating_trials": "9",
    }
    assert answer.settings == first
    past = [Past(f"t{n}", values, "running") for n, values in enumerate(proposals(answer))]
    waiting = searcher.suggest(past, 9)
    assert (waiting.assignments, waiting.settings, waiting.exhausted) == ([], first, False)
    past = [
        Past(each.name, each.assignments, "succeeded", float(each.assignments["x"]))
        for each in past
    ]
    answer = searcher.suggest(past, 9)
    assert [values["epochs"] for values in proposals(answer)] == ["3"] * 3
    assert answer.settings == {**first, "current_i": "1", "evaluating_trials": "3"}


def test_values_that_are_none_of_the_space_are_not_tried_again() -> None:
    searcher = Searcher(study("9", "3"), 0)
    first = proposals(searcher.suggest([], 9))
    past = [
        Past(f"t{n}", values, "succeeded", float(values["x"])) for n, values in enumerate(first)
    ]
    past[4:6] = [
        Past("t4", {"x": "-7", "epochs": "1"}, "succeeded", -7),
        Past("t5", {}, "succeeded", -8),
    ]
    again = proposals(searcher.suggest(past, 9))
    left = sorted(float(values["x"]) for n, values in enumerate(first) if n not in (4, 5))
    assert [float(values["x"]) for values in again] == left[:3]
