"""What cannot be searched is refused with the path of the field and the remedy; all of it at once."""

from __future__ import annotations

import importlib.util
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyterlab_kubeflow.local.tuning import Invalid, Searcher, Study, problems
from tuning_support import Spec, experiment, parameter

X = parameter("x", "double", min="0", max="1")
Y = parameter("y", "double", min="0", max="1", step="0.5")
N = parameter("n", "int", min="1", max="9")
SPACE = "spec.parameters[0].feasibleSpace"
SETTING = "spec.algorithm.algorithmSettings"
HYPERBAND = {"r_l": "9", "eta": "3", "resource_name": "n"}


def space(type_: str, **given: Any) -> Spec:
    return experiment([parameter("p", type_, **given)])


def only(spec: Spec) -> tuple[str, str]:
    """The one problem of a specification, which is also what the study is refused with."""
    (found,) = problems(spec)
    with pytest.raises(Invalid) as refused:
        Study.from_experiment(spec)
    assert refused.value.problems == [found]
    assert str(refused.value) == f"{found[0]}: {found[1]}"
    return found


@pytest.mark.parametrize(
    ("spec", "path", "said"),
    [
        (
            space("float", min="0", max="1"),
            "spec.parameters[0].parameterType",
            "take double, int, discrete or categorical",
        ),
        (
            space("unknown", min="0", max="1"),
            "spec.parameters[0].parameterType",
            "'unknown' is no type",
        ),
        (space("double", max="1"), f"{SPACE}.min", "must be given"),
        (space("int", min="1"), f"{SPACE}.max", "must be given"),
        (space("double", min="a", max="1"), f"{SPACE}.min", "'a' is no number"),
        (space("double", min="nan", max="1"), f"{SPACE}.min", "no number"),
        (space("double", min="-inf", max="1"), f"{SPACE}.min", "no number"),
        (space("double", min="1_0", max="11"), f"{SPACE}.min", "no number"),
        (space("double", min="0", max="1e309"), f"{SPACE}.max", "too large"),
        (space("double", min="1e-400", max="1"), f"{SPACE}.min", "too small"),
        (space("double", min="-1.7e308", max="1.7e308"), f"{SPACE}.max", "too wide"),
        (space("double", min="2", max="1"), f"{SPACE}.min", "swap them"),
        (space("int", min="1.5", max="3"), f"{SPACE}.min", "no whole number"),
        (space("int", min="1", max="99999999999999999"), f"{SPACE}.max", "too large for an int"),
        (space("int", min="1", max="9", step="0.5"), f"{SPACE}.step", "no whole number"),
        (space("double", min="0", max="1", step="0"), f"{SPACE}.step", "must be above 0"),
        (space("double", min="0", max="1", step="-0.1"), f"{SPACE}.step", "must be above 0"),
        (space("double", min="0", max="1", step="1e-17"), f"{SPACE}.step", "too fine"),
        (
            space("double", min="0", max="1", distribution="logUniform"),
            f"{SPACE}.min",
            "above 0, not 0",
        ),
        (
            space("int", min="-1", max="9", distribution="logNormal"),
            f"{SPACE}.min",
            "or use uniform",
        ),
        (
            space("double", min="0", max="1", distribution="beta"),
            f"{SPACE}.distribution",
            "uniform, logUniform, normal or logNormal",
        ),
        (space("double", min="0", max="1", list=["1"]), f"{SPACE}.list", "take min and max"),
        (space("categorical"), f"{SPACE}.list", "list at least one value"),
        (space("discrete", list=[]), f"{SPACE}.list", "list at least one value"),
        (space("discrete", list=["1", "big"]), f"{SPACE}.list[1]", "'big' is no number"),
        (space("discrete", list=["1", "2", "1.0"]), f"{SPACE}.list[2]", "listed twice"),
        (space("categorical", list=["a", "b", "a"]), f"{SPACE}.list[2]", "listed twice"),
        (space("categorical", list=["a"], min="1"), f"{SPACE}.min", "has a list"),
        (
            space("discrete", list=["1"], distribution="normal"),
            f"{SPACE}.distribution",
            "needs type double or int",
        ),
        (experiment([]), "spec.parameters", "the search space is empty"),
        ({**experiment([X]), "parameters": None}, "spec.parameters", "the search space is empty"),
        (experiment([X, X]), "spec.parameters[1].name", "there twice"),
        (
            experiment([parameter("", "double", min="0", max="1")]),
            "spec.parameters[0].name",
            "must be given",
        ),
        (
            {**experiment([]), "nasConfig": {"graphConfig": {}}},
            "spec.nasConfig",
            "on a cluster with Katib only",
        ),
    ],
)
def test_search_spaces(spec: Spec, path: str, said: str) -> None:
    found = only(spec)
    assert found[0] == path
    assert said in found[1]


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        (
            {"objective": {"objectiveMetricName": "a"}},
            "spec.objective.type",
            "maximize or minimize, not ''",
        ),
        (
            {"objective": {"type": "Maximize", "objectiveMetricName": "a"}},
            "spec.objective.type",
            "'Maximize'",
        ),
        (
            {"objective": {"type": "maximize"}},
            "spec.objective.objectiveMetricName",
            "must name the metric",
        ),
        (
            {
                "objective": {
                    "type": "maximize",
                    "objectiveMetricName": "a",
                    "additionalMetricNames": ["b", "a"],
                }
            },
            "spec.objective.additionalMetricNames",
            "take it out of this list",
        ),
        *(
            (
                {"objective": {"type": "minimize", "objectiveMetricName": "a", "goal": goal}},
                "spec.objective.goal",
                "must be a number up to 1.7e308, either way, without quotes",
            )
            for goal in ("2", "", [1], {}, True, float("inf"), float("nan"), 10**400)
        ),
        ({"maxTrialCount": 0}, "spec.maxTrialCount", "must be above 0, not 0"),
        ({"parallelTrialCount": -1}, "spec.parallelTrialCount", "must be above 0, not -1"),
        (
            {"algorithm": None},
            "spec.algorithm.algorithmName",
            "must be given: take one of random, grid, tpe",
        ),
        (
            {"algorithm": {"algorithmName": "Random"}},
            "spec.algorithm.algorithmName",
            "no algorithm 'Random'",
        ),
        (
            {"algorithm": {"algorithmName": "enas"}},
            "spec.algorithm.algorithmName",
            "on a cluster with Katib only",
        ),
    ],
)
def test_objective_budget_and_algorithm(change: Spec, path: str, said: str) -> None:
    found = only({**experiment([X]), **change})
    assert found[0] == path
    assert said in found[1]


@pytest.mark.parametrize(
    ("algorithm", "setting", "value", "said"),
    [
        ("random", "random_state", "-1", "a whole number from 0 to 4294967295"),
        ("random", "random_state", "4294967296", "a whole number from 0"),
        ("random", "seed", "x", "a whole number"),
        ("random", "seed", "0" * 5000 + "1", "a whole number"),
        ("random", "random_state", "", "not ''"),
        ("grid", "random_state", "1.5", "a whole number"),
        ("tpe", "n_startup_trials", "-3", "a whole number from 0 to"),
        ("tpe", "n_ei_candidates", "0", "a whole number from 1 to"),
        ("tpe", "n_ei_candidates", "9" * 5000, "a whole number from 1 to 100000"),
        ("tpe", "n_startup_trials", "1" * 5000, "a whole number from 0 to"),
        ("tpe", "gamma", "1", "above 0 and below 1"),
        ("multivariate-tpe", "prior_weight", "nan", "above 0"),
        ("cmaes", "sigma", "0", "a number above 0"),
        ("cmaes", "restart_strategy", "ipop", "none, since"),
        ("sobol", "random_state", "²", "a whole number"),
        ("bayesianoptimization", "base_estimator", "SVM", "one of GP, RF, ET, GBRT"),
        ("bayesianoptimization", "acq_func", "UCB", "one of gp_hedge, LCB"),
        ("bayesianoptimization", "acq_optimizer", "adam", "one of auto, sampling, lbfgs"),
        ("bayesianoptimization", "n_initial_points", "-1", "a whole number from 0 to"),
    ],
)
def test_values_of_settings(algorithm: str, setting: str, value: str, said: str) -> None:
    found = problems(experiment([X, Y], algorithm, **{setting: value}))
    assert found[0][0] == f"{SETTING}[0].value"
    assert found[0][1].startswith(f"{setting} must be ")
    assert said in found[0][1]


ALL = [
    "random",
    "grid",
    "tpe",
    "multivariate-tpe",
    "cmaes",
    "sobol",
    "hyperband",
    "bayesianoptimization",
]


@pytest.mark.parametrize("algorithm", ALL)
def test_unknown_settings_name_what_there_is(algorithm: str) -> None:
    path, message = problems(experiment([X, Y], algorithm, temperature="1"))[0]
    assert path == f"{SETTING}[0].name"
    assert message.startswith(f"{algorithm} has no setting 'temperature': it takes ")
    assert "random_state" in message


@pytest.mark.parametrize(
    ("one", "other"), [("random_state", "seed"), ("n_ei_candidates", "n_EI_candidates")]
)
def test_a_setting_that_is_given_twice(one: str, other: str) -> None:
    found = only(experiment([X], "tpe", **{one: "1", other: "2"}))
    assert found == (f"{SETTING}[1].name", f"{other} is set twice: keep one")


def test_grid_needs_values_to_count() -> None:
    path, message = only(experiment([Y, X], "grid"))
    assert path == "spec.parameters[1].feasibleSpace.step"
    assert "give a step" in message


def test_a_new_grid_is_tried_no_more_often_than_it_has_combinations() -> None:
    """An old one may be, whose budget was raised: it ends with its last combination."""
    spec = {**experiment([Y, N], "grid"), "maxTrialCount": 28}
    said = "the grid has 27 combinations, fewer than 28: take at most 27"
    assert problems(spec) == [("spec.maxTrialCount", said)]
    answer = Searcher(Study.from_experiment(spec), 0).suggest([], 28)
    assert (len(answer.assignments), answer.exhausted) == (27, True)


def test_a_new_hyperband_begins_all_at_once() -> None:
    """An old one whose parallelism was lowered goes on in portions."""
    spec = {**experiment([X, N], "hyperband", **HYPERBAND), "parallelTrialCount": 8}
    ((path, message),) = problems(spec)
    assert path == "spec.parallelTrialCount"
    assert message.startswith("must be not less than 9")
    assert len(Searcher(Study.from_experiment(spec), 0).suggest([], 8).assignments) == 8


@pytest.mark.parametrize(
    "parameters",
    [
        [X],
        [X, parameter("o", "categorical", list=["a", "b"])],
        [X, parameter("fixed", "int", min="3", max="3")],
    ],
)
def test_cmaes_needs_two_numbers(parameters: list[Spec]) -> None:
    path, message = only(experiment(parameters, "cmaes"))
    assert path == "spec.parameters"
    assert "two or more" in message


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        ({"r_l": None}, SETTING, "needs the setting r_l"),
        ({"resource_name": None}, SETTING, "needs the setting resource_name"),
        ({"r_l": "0.5"}, f"{SETTING}[0].value", "a number from 1 on"),
        ({"r_l": "inf"}, f"{SETTING}[0].value", "a number from 1 on"),
        ({"r_l": "1.7976931348623157e308"}, f"{SETTING}[0].value", "below 1e+15"),
        ({"eta": "1"}, f"{SETTING}[1].value", "a number from 2 on"),
        ({"resource_name": ""}, f"{SETTING}[2].value", "the name of a parameter"),
        ({"resource_name": "epochs"}, SETTING, "one of x, n, not 'epochs'"),
        ({"resource_name": "o"}, SETTING, "of type int or double"),
    ],
)
def test_hyperband(change: dict[str, str | None], path: str, said: str) -> None:
    given = {name: value for name, value in {**HYPERBAND, **change}.items() if value is not None}
    asked = [X, N, parameter("o", "categorical", list=["a", "b"])]
    found = only(experiment(asked, "hyperband", **given))
    assert found[0] == path
    assert said in found[1]


@pytest.mark.skipif(importlib.util.find_spec("skopt") is not None, reason="the package is there")
def test_bayesian_optimization_names_what_to_install() -> None:
    spec = experiment([X], "bayesianoptimization")
    path, message = only(spec)
    assert path == "spec.algorithm.algorithmName"
    assert "`pip install scikit-optimize`" in message


def test_a_package_that_has_gone_since_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = experiment([X], "bayesianoptimization")
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: True)
    study = Study.from_experiment(spec)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(Invalid, match="pip install scikit-optimize"):
        Searcher(study, 0).suggest([], 1)


def test_all_problems_are_told_at_once() -> None:
    spec = {
        **experiment(
            [parameter("a", "int", min="x", max="y"), parameter("b", "float")], "tpe", gamma="7"
        ),
        "objective": {},
        "maxTrialCount": 0,
    }
    assert [path for path, _ in problems(spec)] == [
        "spec.objective.type",
        "spec.objective.objectiveMetricName",
        "spec.parameters[0].feasibleSpace.min",
        "spec.parameters[0].feasibleSpace.max",
        "spec.parameters[1].parameterType",
        "spec.maxTrialCount",
        f"{SETTING}[0].value",
    ]


TEXTS = st.one_of(st.text(max_size=5), st.integers(-99, 99).map(str), st.floats().map(str))
SPACES = st.fixed_dictionaries(
    {},
    optional={
        "min": TEXTS,
        "max": TEXTS,
        "step": TEXTS,
        "list": st.lists(TEXTS, max_size=3),
        "distribution": st.sampled_from(["uniform", "logUniform", "normal", "logNormal", "other"]),
    },
)


@given(
    st.sampled_from([*ALL, "other"]),
    st.sampled_from(["double", "int", "discrete", "categorical", "x"]),
    SPACES,
)
def test_no_space_is_worse_than_refused(algorithm: str, type_: str, given_space: Spec) -> None:
    spec = experiment([parameter("p", type_, **given_space)], algorithm)
    found = problems(spec)
    assert all(re.match(r"spec\.", path) and message for path, message in found)
    if not found:
        Study.from_experiment(spec)


def job(**change: Any) -> Spec:
    """The ``spec`` of an OptimizationJob."""
    lr = {"logUniform": {"min": "1e-5", "max": "0.1", "type": "Float"}}
    layers = {"uniform": {"min": "1", "max": "4", "type": "Int"}}
    return {
        "objectives": [{"metric": "loss", "direction": "Minimize"}],
        "parameters": [
            {"name": "lr", "searchSpace": lr},
            {"name": "layers", "searchSpace": layers},
            {"name": "optimizer", "searchSpace": {"categorical": {"choices": ["adam", "sgd"]}}},
        ],
        "numTrials": 20,
        "parallelTrials": 2,
        "searchAlgorithm": {"random": {"seed": 4}},
        **change,
    }


def test_an_optimization_job_is_searched_as_the_experiment_that_asks_for_the_same() -> None:
    asked = [
        parameter("lr", "double", min="1e-5", max="0.1", distribution="logUniform"),
        parameter("layers", "int", min="1", max="4"),
        parameter("optimizer", "categorical", list=["adam", "sgd"]),
    ]
    same = {**experiment(asked, random_state=4), "maxTrialCount": 20, "parallelTrialCount": 2}
    study = Study.from_optimization_job(job())
    assert study == Study.from_experiment(same)
    assert Searcher(study, 1).suggest([], 5) == Searcher(study, 2).suggest([], 5)


def test_an_optimization_job_by_grid() -> None:
    choices = [
        {"name": name, "searchSpace": {"categorical": {"choices": ["1", "2", "3"]}}}
        for name in "ab"
    ]
    study = Study.from_optimization_job(job(parameters=choices, searchAlgorithm={"grid": {}}))
    answer = Searcher(study, 0).suggest([], 20)
    assert len({tuple(values.values()) for values, _ in answer.assignments}) == 9
    assert answer.exhausted


def test_defaults_of_an_optimization_job() -> None:
    spec = {name: value for name, value in job().items() if name in ("objectives", "parameters")}
    study = Study.from_optimization_job({**spec, "objectives": [{"metric": "loss"}]})
    assert (study.algorithm.name, study.objective.direction) == ("random", "minimize")
    assert (study.max_trials, study.parallel) == (1, 1)


@pytest.mark.parametrize("seed", [-1, 2**32 + 5, 0])
def test_any_seed_of_an_optimization_job_is_taken(seed: int) -> None:
    study = Study.from_optimization_job(job(searchAlgorithm={"random": {"seed": seed}}))
    assert Searcher(study, 1).suggest([], 3) == Searcher(study, 2).suggest([], 3)


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        ({"objectives": []}, "spec.objectives", "one objective, not 0"),
        ({"parameters": []}, "spec.parameters", "the search space is empty"),
        ({"parameters": job()["parameters"][:1] * 2}, "spec.parameters[1].name", "there twice"),
        (
            {"searchAlgorithm": {"grid": {}}},
            "spec.searchAlgorithm.grid",
            "categorical parameters only",
        ),
        (
            {
                "parameters": [
                    {
                        "name": "n",
                        "searchSpace": {"uniform": {"min": "1", "max": "2.5", "type": "Int"}},
                    }
                ]
            },
            "spec.parameters[0].searchSpace.uniform.max",
            "no whole number",
        ),
        (
            {
                "parameters": [
                    {"name": "n", "searchSpace": {"logUniform": {"min": "0", "max": "1"}}}
                ]
            },
            "spec.parameters[0].searchSpace.logUniform.min",
            "above 0",
        ),
        (
            {
                "parameters": [
                    {"name": "n", "searchSpace": {"categorical": {"choices": ["a", "a"]}}}
                ]
            },
            "spec.parameters[0].searchSpace.categorical.choices[1]",
            "listed twice",
        ),
    ],
)
def test_optimization_jobs_that_are_refused(change: Spec, path: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        Study.from_optimization_job(job(**change))
    ((found, message),) = refused.value.problems
    assert found == path
    assert said in message


@given(
    st.sampled_from(["min", "max", "step"]),
    st.integers(4000, 6000),
    st.sampled_from(["int", "double"]),
)
def test_numbers_of_any_length(field: str, digits: int, type_: str) -> None:
    texts = {"min": "1", "max": "9", "step": "2", field: "0" * digits + "3"}
    study = Study.from_experiment(experiment([parameter("p", type_, **texts)]))
    assert Searcher(study, 0).suggest([], 2).assignments
    assert problems(experiment([parameter("p", type_, **{**texts, field: "3" * digits})]))
