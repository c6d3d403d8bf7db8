"""Every value that is proposed lies in its space and on its step, and as often as its distribution says."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyterlab_kubeflow.local.tuning import Past, Searcher, Study, problems
from scipy import stats
from tuning_support import (
    ALGORITHMS,
    EVERY_KIND,
    Spec,
    every_kind,
    experiment,
    lies_in,
    parameter,
    proposals,
)

TENTHS = st.integers(-50, 50).map(lambda number: f"{number / 10:g}")


@st.composite
def stepped(draw: st.DrawFn, name: str) -> Spec:
    """A parameter of any type whose values can be counted."""
    type_ = draw(st.sampled_from(["double", "int", "discrete", "categorical"]))
    if type_ == "categorical":
        return parameter(
            name,
            type_,
            list=draw(st.lists(st.text(max_size=4), min_size=1, max_size=4, unique=True)),
        )
    if type_ == "discrete":
        return parameter(
            name, type_, list=draw(st.lists(TENTHS, min_size=1, max_size=4, unique=True))
        )
    low = draw(st.integers(-60, 60))
    width, step = draw(st.integers(0, 40)), draw(st.integers(10, 30))
    distribution = draw(st.sampled_from(["", "uniform", "normal"]))
    if type_ == "int":
        written = [str(number) for number in (low, low + width // 8)]
        given_step = draw(st.sampled_from(["", str(step // 10)]))
    else:
        written = [f"{number / 10:g}" for number in (low, low + width)]
        given_step = f"{step / 10:g}"
    space = {"min": written[0], "max": written[1], "step": given_step, "distribution": distribution}
    return parameter(name, type_, **{field: text for field, text in space.items() if text})


def all_values(asked: Spec) -> list[Any]:
    """The values of a parameter, counted up one by one."""
    space = asked["feasibleSpace"]
    if "list" in space:
        return list(space["list"])
    value, found = Fraction(space["min"]), []
    while value <= Fraction(space["max"]):
        found.append(value)
        value += Fraction(space.get("step", "1"))
    return found


def read(asked: Spec, text: str) -> Any:
    """A proposed value as :func:`all_values` has it."""
    return text if "list" in asked["feasibleSpace"] else Fraction(text)


@settings(deadline=None)
@given(st.data(), st.integers(1, 3), st.integers(1, 7), st.integers(0, 2**32 - 1))
def test_a_grid_is_the_full_product(
    data: st.DataObject, many: int, together: int, seed: int
) -> None:
    parameters = [data.draw(stepped(f"p{number}")) for number in range(many)]
    product = list(itertools.product(*map(all_values, parameters)))
    study = Study.from_experiment(
        {
            **experiment(parameters, "grid", random_state=seed),
            "maxTrialCount": len(product),
            "parallelTrialCount": 1,
        }
    )
    searcher, past, exhausted = Searcher(study, 0), list[Past](), False
    while not exhausted:
        answer = searcher.suggest(past, together)
        past += [Past("", values, "running") for values in proposals(answer)]
        exhausted = answer.exhausted
        assert len(answer.assignments) == together or exhausted
    tried = [
        tuple(read(each, trial.assignments[each["name"]]) for each in parameters) for trial in past
    ]
    assert len(tried) == len(product)
    assert set(tried) == set(product)


def test_a_grid_of_any_size_is_begun_at_once() -> None:
    parameters = [parameter(f"p{number}", "int", min="0", max="999") for number in range(20)]
    answer = Searcher(Study.from_experiment(experiment(parameters, "grid")), 3).suggest([], 100)
    assert len({tuple(values.items()) for values in proposals(answer)}) == 100
    assert not answer.exhausted


def test_a_grid_has_exact_decimals() -> None:
    study = Study.from_experiment(
        experiment([parameter("p", "double", min="0.1", max="0.7", step="0.1")], "grid")
    )
    tried = [values["p"] for values in proposals(Searcher(study, 0).suggest([], 10))]
    assert sorted(tried) == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_value_lies_in_its_space(algorithm: str) -> None:
    study = Study.from_experiment(every_kind(algorithm, random_state=7))
    searcher, past = Searcher(study, 0), list[Past]()
    for _ in range(10):
        answer = searcher.suggest(past, 9)
        for values in proposals(answer):
            assert list(values) == [each["name"] for each in EVERY_KIND]
            assert [
                each["name"] for each in EVERY_KIND if not lies_in(each, values[each["name"]])
            ] == []
            past.append(Past("", values, "succeeded", float(values["uniform"])))
    assert len(past) >= 22  # all that hyperband has for 9


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["random", "tpe", "sobol"]),
    st.floats(1e-300, 1e300),
    st.floats(1e-300, 1e300),
    st.sampled_from(["uniform", "logUniform", "normal", "logNormal"]),
    st.sampled_from(["", "0.1", "3e-7", "7e200"]),
)
def test_any_range_is_kept(
    algorithm: str, one: float, other: float, distribution: str, step: str
) -> None:
    low, high = sorted((one, other))
    asked = parameter(
        "p", "double", min=repr(low), max=repr(high), step=step, distribution=distribution
    )
    spec = experiment([asked], algorithm)
    if problems(spec):
        assert Fraction(high - low) / Fraction(step) > 2**52  # too fine a step is all there can be
        return
    if not step:
        del asked["feasibleSpace"]["step"]
    for values in proposals(Searcher(Study.from_experiment(spec), 5).suggest([], 8)):
        assert lies_in(asked, values["p"])


MANY = 2000


def sample(algorithm: str, **space: Any) -> list[float]:
    """Many values of one parameter, of those that an algorithm takes by its distribution alone."""
    asked = [parameter("p", "double", **space), parameter("epochs", "int", min="1", max="9")]
    spec = experiment(asked, algorithm, random_state=11)
    if algorithm == "hyperband":
        spec["algorithm"]["algorithmSettings"] += [
            {"name": "r_l", "value": str(MANY)},
            {"name": "eta", "value": str(MANY)},
            {"name": "resource_name", "value": "epochs"},
        ]
        spec["parallelTrialCount"] = MANY
    answer = Searcher(Study.from_experiment(spec), 0).suggest([], MANY)
    assert len(answer.assignments) == MANY
    return [float(values["p"]) for values in proposals(answer)]


@pytest.mark.parametrize("algorithm", ["random", "sobol", "hyperband"])
def test_values_follow_their_distribution(algorithm: str) -> None:
    def even(values: list[float]) -> float:
        return float(stats.kstest(values, "uniform").pvalue)

    bell = stats.truncnorm(-3, 3)
    uniform = sample(algorithm, min="-1", max="3")
    assert even([(value + 1) / 4 for value in uniform]) > 0.01
    logs = sample(algorithm, min="1e-4", max="1", distribution="logUniform")
    assert even([1 + math.log10(value) / 4 for value in logs]) > 0.01
    normal = sample(algorithm, min="2", max="8", distribution="normal")
    assert even(list(bell.cdf([value - 5 for value in normal]))) > 0.01
    log_normal = sample(algorithm, min="1e-6", max="1", distribution="logNormal")
    assert even(list(bell.cdf([math.log10(value) + 3 for value in log_normal]))) > 0.01


@pytest.mark.parametrize("algorithm", ["random", "sobol"])
def test_whole_numbers_follow_their_distribution(algorithm: str) -> None:
    study = Study.from_experiment(
        experiment(
            [
                parameter("even", "int", min="1", max="5"),
                parameter("log", "int", min="1", max="64", distribution="logUniform"),
                parameter("choice", "discrete", list=["8", "16", "32"]),
            ],
            algorithm,
            random_state=2,
        )
    )
    values = proposals(Searcher(study, 0).suggest([], 3000))
    for name, choices in (("even", range(1, 6)), ("choice", (8, 16, 32))):
        counts = [sum(each[name] == str(choice) for each in values) for choice in choices]
        assert stats.chisquare(counts).pvalue > 0.01
    width = math.log(64.5) - math.log(0.5)
    expected = [3000 * (math.log(n + 0.5) - math.log(n - 0.5)) / width for n in range(1, 65)]
    counts = [sum(each["log"] == str(n) for each in values) for n in range(1, 65)]
    assert stats.chisquare(counts, expected).pvalue > 0.01
