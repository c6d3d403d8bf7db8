"""Searches are repeatable, go on after a restart as they would have, and are Optuna's own."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import optuna
import pytest
from jupyterlab_kubeflow.local.tuning import Past, Searcher, Study
from optuna.samplers import BaseSampler, CmaEsSampler, RandomSampler, TPESampler
from tuning_support import (
    ALGORITHMS,
    branin,
    ended,
    every_kind,
    experiment,
    hartmann6,
    parameter,
    proposals,
    tune,
)

optuna.logging.set_verbosity(optuna.logging.ERROR)


def of_branin(values: Mapping[str, Any]) -> float:
    return branin(float(values["x0"]), float(values["x1"]))


def of_hartmann(values: Mapping[str, Any]) -> float:
    return hartmann6(*(float(values[f"x{number}"]) for number in range(6)))


FUNCTIONS = {
    "branin": (of_branin, [("-5", "10"), ("0", "15")]),
    "hartmann6": (of_hartmann, [("0", "1")] * 6),
}
SAMPLERS: dict[str, Callable[[], BaseSampler]] = {
    "random": lambda: RandomSampler(seed=4),
    "tpe": lambda: TPESampler(seed=4, multivariate=False),
    "multivariate-tpe": lambda: TPESampler(seed=4, multivariate=True),
    "cmaes": lambda: CmaEsSampler(seed=4, warn_independent_sampling=False),
}


def optuna_values(
    sampler: BaseSampler, function: str, trials: int, direction: str = "minimize"
) -> list[float]:
    """What Optuna itself finds."""
    objective, ranges = FUNCTIONS[function]
    sign = 1 if direction == "minimize" else -1
    study = optuna.create_study(sampler=sampler, direction=direction)

    def tried(trial: optuna.Trial) -> float:
        asked = enumerate(ranges)
        return sign * objective(
            {f"x{n}": trial.suggest_float(f"x{n}", float(a), float(b)) for n, (a, b) in asked}
        )

    study.optimize(tried, n_trials=trials)
    return [each.value for each in study.trials if each.value is not None]


def study_of(function: str, algorithm: str, direction: str = "minimize", **settings: Any) -> Study:
    _, ranges = FUNCTIONS[function]
    asked = [
        parameter(f"x{n}", "double", min=low, max=high) for n, (low, high) in enumerate(ranges)
    ]
    return Study.from_experiment(experiment(asked, algorithm, direction, **settings))


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("algorithm", SAMPLERS)
def test_one_at_a_time_a_search_is_optunas_own(algorithm: str, function: str) -> None:
    past = tune(study_of(function, algorithm, random_state=4), FUNCTIONS[function][0], 50)
    assert [each.value for each in past] == optuna_values(SAMPLERS[algorithm](), function, 50)


def test_a_search_for_much_is_optunas_own() -> None:
    past = tune(
        study_of("branin", "tpe", "maximize", seed=4), lambda values: -of_branin(values), 60
    )
    assert [each.value for each in past] == optuna_values(
        SAMPLERS["tpe"](), "branin", 60, "maximize"
    )


def test_a_search_over_every_type_is_optunas_own() -> None:
    asked = [
        parameter("lr", "double", min="1e-5", max="0.1", distribution="logUniform"),
        parameter("momentum", "double", min="0", max="1", step="0.125"),
        parameter("layers", "int", min="1", max="13", step="3"),
        parameter("units", "int", min="1", max="512", distribution="logUniform"),
        parameter("batch", "discrete", list=["16", "32", "64"]),
        parameter("optimizer", "categorical", list=["adam", "sgd"]),
    ]

    def loss(values: Mapping[str, Any]) -> float:
        chosen = (values["optimizer"] == "sgd") + int(values["batch"]) / 64
        return (
            abs(float(values["lr"]) - 0.01)
            + float(values["momentum"])
            + int(values["layers"]) / int(values["units"])
            + chosen
        )

    def tried(trial: optuna.Trial) -> float:
        return loss(
            {
                "lr": trial.suggest_float("lr", 1e-5, 0.1, log=True),
                "momentum": trial.suggest_float("momentum", 0, 1, step=0.125),
                "layers": trial.suggest_int("layers", 1, 13, step=3),
                "units": trial.suggest_int("units", 1, 512, log=True),
                "batch": trial.suggest_categorical("batch", ["16", "32", "64"]),
                "optimizer": trial.suggest_categorical("optimizer", ["adam", "sgd"]),
            }
        )

    for algorithm in ("tpe", "multivariate-tpe"):
        study = optuna.create_study(sampler=SAMPLERS[algorithm]())
        study.optimize(tried, n_trials=60)
        past = tune(Study.from_experiment(experiment(asked, algorithm, random_state=4)), loss, 60)
        assert [each.value for each in past] == [each.value for each in study.trials]


def test_settings_reach_the_sampler() -> None:
    def hyperopts(trials: int) -> int:
        return min(-(-int(trials**0.5 * 1000) // 4000), 25)

    own = TPESampler(
        seed=4,
        multivariate=False,
        n_startup_trials=4,
        n_ei_candidates=9,
        prior_weight=0.5,
        gamma=hyperopts,
    )
    past = tune(
        study_of(
            "branin",
            "tpe",
            random_state=4,
            n_startup_trials=4,
            n_EI_candidates=9,
            prior_weight=0.5,
            gamma=0.25,
        ),
        of_branin,
        40,
    )
    assert [each.value for each in past] == optuna_values(own, "branin", 40)
    own_cmaes = CmaEsSampler(seed=4, sigma0=0.05, warn_independent_sampling=False)
    past = tune(
        study_of("hartmann6", "cmaes", random_state=4, sigma=0.05, restart_strategy="none"),
        of_hartmann,
        40,
    )
    assert [each.value for each in past] == optuna_values(own_cmaes, "hartmann6", 40)


@pytest.mark.parametrize(
    ("algorithm", "settings"),
    [("cmaes", {"sigma": 0.05}), ("tpe", {"gamma": 0.25, "prior_weight": 0.5})],
)
def test_settings_raise_no_warnings(algorithm: str, settings: dict[str, float]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(tune(study_of("branin", algorithm, **settings), of_branin, 3)) == 3


@pytest.mark.parametrize("function", FUNCTIONS)
def test_tpe_finds_more_than_chance(function: str) -> None:
    best = {
        algorithm: sorted(
            min(
                each.value or 0
                for each in tune(
                    study_of(function, algorithm, random_state=seed), FUNCTIONS[function][0], 60
                )
            )
            for seed in range(3)
        )
        for algorithm in ("random", "tpe", "multivariate-tpe")
    }
    assert best["tpe"][1] < best["random"][1]
    assert best["multivariate-tpe"][1] < best["random"][1]


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, "grid"])
def test_the_seed_alone_decides(algorithm: str) -> None:
    spec = every_kind(algorithm)
    if algorithm == "grid":
        spec["parameters"] = spec["parameters"][-2:]
    study = Study.from_experiment(spec)
    one, same, other = (Searcher(study, seed).suggest([], 5) for seed in (1, 1, 2))
    assert one == same != other
    spec["algorithm"]["algorithmSettings"].append({"name": "random_state", "value": "1"})
    seeded = Study.from_experiment(spec)
    assert proposals(Searcher(seeded, 77).suggest([], 5)) == proposals(one)


@pytest.mark.parametrize("together", [1, 3, 9])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_restart_changes_nothing(algorithm: str, together: int) -> None:
    """Trials end in any order, some without a value. One searcher lives on, another is made anew for each answer from what the last one carried on."""
    study = Study.from_experiment(every_kind(algorithm, random_state=5))
    luck = random.Random(3)
    lasting, carried, past = Searcher(study, 0), dict[str, str](), list[Past]()
    for _ in range(30 // together + 10):
        running = [number for number, each in enumerate(past) if each.state == "running"]
        for number in (
            running if luck.random() < 0.2 else luck.sample(running, min(len(running), 2))
        ):
            past[number] = ended(number, dict(past[number].assignments), luck)
        wanted = together - sum(each.state == "running" for each in past)
        answer = lasting.suggest(past, wanted)
        assert Searcher(study, 0, carried).suggest(past, wanted) == answer
        carried = answer.settings
        past += [Past(f"t{len(past)}", values, "running") for values in proposals(answer)]
    assert len(past) > 20


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_answer_that_was_not_kept_is_given_again(algorithm: str) -> None:
    study = Study.from_experiment(every_kind(algorithm))
    searcher, luck = Searcher(study, 8), random.Random(1)
    past = [ended(n, values, luck) for n, values in enumerate(proposals(searcher.suggest([], 9)))]
    lost = searcher.suggest(past, 2)
    assert searcher.suggest(past, 2) == lost


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize(
    "carried",
    [
        {},
        {"random_streams": "9 x:y 3:AAAA", "asked_after": "9;9;9"},
        {"random_streams": "9 3:² 4:²", "asked_after": ";0;²"},
        {"random_streams": f"9 {'1' * 5000}: 4:", "asked_after": ";" + "0" * 5000},
        {"random_streams": "9", "asked_after": ";;;-1;²"},
        {"random_streams": "999:" + "A" * 5000, "asked_after": ";0;1"},
    ],
)
def test_a_search_goes_on_without_what_was_carried(algorithm: str, carried: dict[str, str]) -> None:
    study = Study.from_experiment(every_kind(algorithm))
    luck = random.Random(1)
    past = [
        ended(n, values, luck)
        for n, values in enumerate(proposals(Searcher(study, 8).suggest([], 9)))
    ]
    first = Searcher(study, 8, carried).suggest(past, 3)
    assert first.assignments
    assert Searcher(study, 8, carried).suggest(past, 3) == first
    tried = [dict(each.assignments) for each in past]
    assert all(values not in tried for values in proposals(first)) or algorithm == "hyperband"


@pytest.mark.parametrize("algorithm", ["tpe", "multivariate-tpe", "cmaes", "random"])
def test_trials_that_it_did_not_propose_are_learned_from(algorithm: str) -> None:
    """As after an upgrade of Optuna that draws otherwise: what was tried counts."""
    study = study_of("branin", algorithm, random_state=1)
    points = [(number / 3 - 5, number / 3) for number in range(30)]
    past = [
        Past(f"t{n}", {"x0": str(x), "x1": str(y)}, "succeeded", branin(x, y))
        for n, (x, y) in enumerate(points)
    ]
    searcher = Searcher(study, 0)
    for number in range(30, 90):
        values = proposals(searcher.suggest(past, 1))[0]
        past.append(Past(f"t{number}", values, "succeeded", of_branin(values)))
    given, found = ([each.value or 0 for each in part] for part in (past[:30], past[30:]))
    assert min(found) < min(given)


@pytest.mark.parametrize("algorithm", ["tpe", "multivariate-tpe", "cmaes", "random", "sobol"])
def test_a_larger_budget_goes_on(algorithm: str) -> None:
    asked = every_kind(algorithm, random_state=5)
    short, long = ({**asked, "maxTrialCount": most, "parallelTrialCount": 1} for most in (12, 24))
    whole = tune(Study.from_experiment(long), lambda values: float(values["uniform"]) ** 2, 24)
    searcher, past, answer = Searcher(Study.from_experiment(short), 0), list[Past](), None
    for number in range(24):
        if number == 12:
            assert answer is not None
            searcher = Searcher(Study.from_experiment(long), 0, answer.settings)
        answer = searcher.suggest(past, 1)
        values = proposals(answer)[0]
        past.append(Past(f"t{number}", values, "succeeded", float(values["uniform"]) ** 2))
    assert past == whole


def test_a_larger_grid_budget_goes_on() -> None:
    spec = experiment([parameter("p", "int", min="1", max="40")], "grid", random_state=5)
    first, second = (Study.from_experiment({**spec, "maxTrialCount": most}) for most in (10, 40))
    past = [
        Past("", values, "succeeded", 1.0)
        for values in proposals(Searcher(first, 0).suggest([], 10))
    ]
    more = proposals(Searcher(second, 0).suggest(past, 50))
    assert sorted(
        int(values["p"]) for values in [*(each.assignments for each in past), *more]
    ) == list(range(1, 41))


@pytest.mark.parametrize("algorithm", ["tpe", "multivariate-tpe", "cmaes", "random"])
@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_trials_without_a_value_do_not_stop_a_search(algorithm: str, value: float | None) -> None:
    study = Study.from_experiment(every_kind(algorithm))
    searcher, past = Searcher(study, 0), list[Past]()
    for number in range(15):
        values = proposals(searcher.suggest(past, 1))[0]
        past.append(Past(f"t{number}", values, "succeeded", value))
    assert len({tuple(each.assignments.items()) for each in past}) == 15


def test_a_trial_that_was_stopped_early_counts_with_its_value() -> None:
    study = study_of("branin", "tpe", random_state=4)

    def last(state: Any) -> dict[str, str]:
        searcher, past = Searcher(study, 0), list[Past]()
        for number in range(15):
            values = proposals(searcher.suggest(past, 1))[0]
            past.append(Past(f"t{number}", values, state, of_branin(values)))
        return proposals(searcher.suggest(past, 1))[0]

    assert last("early-stopped") == last("succeeded") != last("failed")


@pytest.mark.parametrize("algorithm", ["random", "grid", "sobol", "hyperband"])
def test_these_go_on_by_the_past_alone(algorithm: str) -> None:
    spec = every_kind(algorithm, random_state=5)
    if algorithm == "grid":
        spec["parameters"] = spec["parameters"][-2:]
    study, luck = Study.from_experiment(spec), random.Random(1)
    searcher = Searcher(study, 0)
    past = [ended(n, values, luck) for n, values in enumerate(proposals(searcher.suggest([], 9)))]
    more = searcher.suggest(past, 3)
    assert more.assignments
    assert Searcher(study, 0).suggest(past, 3) == more


@pytest.mark.parametrize("algorithm", [*ALGORITHMS, "grid"])
@pytest.mark.parametrize(
    "values", [{}, {"uniform": "many"}, {"uniform": "99"}, {"optimizer": "none"}, {"layers": "2"}]
)
def test_trials_with_values_that_are_none_of_the_space_do_no_harm(
    algorithm: str, values: dict[str, str]
) -> None:
    """As when somebody edits a Suggestion's status."""
    spec = every_kind(algorithm)
    if algorithm == "grid":
        spec["parameters"] = spec["parameters"][-2:]
    study = Study.from_experiment(spec)
    past = [
        Past(f"t{n}", given, "succeeded", 1.0)
        for n, given in enumerate(proposals(Searcher(study, 0).suggest([], 3)))
    ]
    past[1] = Past("t1", {**past[1].assignments, **values} if values else {}, "succeeded", 0.0)
    past[2] = Past("t2", past[1].assignments, "running")
    assert proposals(Searcher(study, 0).suggest(past, 2))
