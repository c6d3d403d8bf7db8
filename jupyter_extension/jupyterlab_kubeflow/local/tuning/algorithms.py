"""The algorithms there are, by Katib's names, with their settings; what is wrong with a choice, and the search that it names."""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import space
from .grid import Grid
from .hyperband import ETA, Hyperband, first_bracket
from .searcher import Past, Search
from .study import Invalid, Problem, Study, whole

_PATH = "spec.algorithm"
_SEED = ("random_state", "seed")
_MOST = 10**9
_CANDIDATES = 10**5
"""All of them are looked at, for each value."""
_CLUSTER_ONLY = {"enas", "darts", "pbt"}


@dataclass(frozen=True)
class Setting:
    """What the value of a setting must be: ``valid`` tells, ``words`` says (``a whole number from 0 to 9``)."""

    valid: Callable[[str], bool]
    words: str


@dataclass(frozen=True)
class Kind:
    """An algorithm: its settings, and the libraries that it needs beyond those of ``[local]``, as they are imported and as they are installed."""

    settings: Mapping[str, Setting]
    needs: tuple[str, str] | None = None
    required: tuple[str, ...] = ()
    check: Callable[[Study], list[Problem]] = field(default=lambda _: [])
    check_budget: Callable[[Study], list[Problem]] = field(default=lambda _: [])


def _whole(least: int, most: int) -> Setting:
    return Setting(lambda text: whole(text, least, most), f"a whole number from {least} to {most}")


def _real(least: float, below: float = math.inf, inclusive: bool = False) -> Setting:
    def valid(text: str) -> bool:
        try:
            number = float(text)
        except ValueError:
            return False
        return (least < number or (inclusive and least == number)) and number < below

    words = f"a number from {least:g} on" if inclusive else f"a number above {least:g}"
    return Setting(valid, words + ("" if below == math.inf else f" and below {below:g}"))


def _one_of(*words: str) -> Setting:
    return Setting(lambda text: text in words, f"one of {', '.join(words)}")


_RANDOM_STATE = {name: _whole(0, 2**32 - 1) for name in _SEED}
_TPE = {
    "n_startup_trials": _whole(0, _MOST),
    "n_ei_candidates": _whole(1, _CANDIDATES),
    "n_EI_candidates": _whole(1, _CANDIDATES),
    "gamma": _real(0, 1),
    "prior_weight": _real(0),
    **_RANDOM_STATE,
}


def _check_grid(study: Study) -> list[Problem]:
    return [
        (
            f"spec.parameters[{number}].feasibleSpace.step",
            f"grid tries the values of {each.name} one by one: give a step, or take another algorithm",
        )
        for number, each in enumerate(study.parameters)
        if each.type == "double" and each.step is None
    ]


def _check_grid_budget(study: Study) -> list[Problem]:
    size = space.size(study.parameters)
    if study.max_trials is None or study.max_trials <= size:
        return []
    said = f"the grid has {size} combinations, fewer than {study.max_trials}: take at most {size}"
    return [("spec.maxTrialCount", said)]


def _check_cmaes(study: Study) -> list[Problem]:
    numeric = [each for each in study.parameters if each.type in ("double", "int")]
    if len([each for each in numeric if not space.single(each)]) >= 2:
        return []
    return [
        (
            "spec.parameters",
            "cmaes needs two or more parameters of type double or int whose min is below max: add one, or take tpe",
        )
    ]


def _check_hyperband(study: Study) -> list[Problem]:
    given = study.algorithm.settings
    name = given["resource_name"]
    resource = next((each for each in study.parameters if each.name == name), None)
    path = f"{_PATH}.algorithmSettings"
    if resource is None or resource.type not in ("int", "double"):
        numeric = [each.name for each in study.parameters if each.type in ("int", "double")]
        said = f"one of {', '.join(numeric)}" if numeric else "an int, which is not there yet"
        return [
            (
                path,
                f"resource_name must name a parameter of type int or double, {said}, not {name!r}",
            )
        ]
    return []


def _check_hyperband_budget(study: Study) -> list[Problem]:
    given = study.algorithm.settings
    r_l, eta = float(given["r_l"]), float(given.get("eta", ETA))
    least = math.ceil(eta ** first_bracket(r_l, eta))
    if study.parallel >= least:
        return []
    said = f"must be not less than {least}, with which hyperband begins for r_l {r_l:g} and eta {eta:g}: raise it, or lower r_l"
    return [("spec.parallelTrialCount", said)]


_BAYESIAN = {
    "base_estimator": _one_of("GP", "RF", "ET", "GBRT"),
    "n_initial_points": _whole(0, _MOST),
    "acq_func": _one_of("gp_hedge", "LCB", "EI", "PI"),
    "acq_optimizer": _one_of("auto", "sampling", "lbfgs"),
    **_RANDOM_STATE,
}
_KINDS: dict[str, Kind] = {
    "random": Kind(_RANDOM_STATE),
    "grid": Kind(_RANDOM_STATE, check=_check_grid, check_budget=_check_grid_budget),
    "tpe": Kind(_TPE),
    "multivariate-tpe": Kind(_TPE),
    "cmaes": Kind(
        {
            "sigma": _real(0),
            "restart_strategy": Setting(
                lambda text: text in ("none", "None"),
                "none, since Local Kubeflow's CMA-ES does not restart",
            ),
            **_RANDOM_STATE,
        },
        check=_check_cmaes,
    ),
    "sobol": Kind(_RANDOM_STATE),
    "hyperband": Kind(
        {
            "r_l": _real(1, 1e15, inclusive=True),
            "eta": _real(2, inclusive=True),
            "resource_name": Setting(bool, "the name of a parameter"),
            **_RANDOM_STATE,
        },
        required=("r_l", "resource_name"),
        check=_check_hyperband,
        check_budget=_check_hyperband_budget,
    ),
    "bayesianoptimization": Kind(_BAYESIAN, needs=("skopt", "scikit-optimize")),
}


def problems_of_algorithm(
    study: Study, settings: Sequence[Mapping[str, Any]], complete: bool, new: bool
) -> list[Problem]:
    """What is wrong with a study's algorithm; its settings as ``algorithmSettings`` has them. Only a ``complete`` study is compared with its search space, and only
    a ``new`` one with its budget."""
    name = study.algorithm.name
    kind = _KINDS.get(name)
    if kind is None:
        return [(f"{_PATH}.algorithmName", _unknown(name))]
    found: list[Problem] = []
    seen: set[str] = set()
    for number, each in enumerate(settings):
        path, setting = f"{_PATH}.algorithmSettings[{number}]", str(each.get("name") or "")
        if wrong := _setting_problem(name, kind, setting, str(each.get("value") or "")):
            found.append((f"{path}.{wrong[0]}", wrong[1]))
        elif _same(setting) in seen:
            found.append((f"{path}.name", f"{setting} is set twice: keep one"))
        seen.add(_same(setting))
    found += [
        (f"{_PATH}.algorithmSettings", f"{name} needs the setting {missing}")
        for missing in kind.required
        if missing not in seen
    ]
    if said := _missing(name):
        found.append((f"{_PATH}.algorithmName", said))
    if found or not complete:
        return found
    return kind.check(study) or (kind.check_budget(study) if new else [])


def _setting_problem(name: str, kind: Kind, setting: str, value: str) -> tuple[str, str] | None:
    rule = kind.settings.get(setting)
    if rule is None:
        return "name", f"{name} has no setting {setting!r}: it takes {', '.join(kind.settings)}"
    return (
        None if rule.valid(value) else ("value", f"{setting} must be {rule.words}, not {value!r}")
    )


def _missing(name: str) -> str | None:
    """What to install for an algorithm whose package is missing."""
    needs = _KINDS[name].needs
    if needs is None or importlib.util.find_spec(needs[0]) is not None:
        return None
    return f"{name} needs a package that Local Kubeflow's Python does not have: `pip install {needs[1]}`"


def _same(setting: str) -> str:
    """One name for those of one setting."""
    return "random_state" if setting == "seed" else setting.lower()


def _unknown(name: str) -> str:
    if name in _CLUSTER_ONLY:
        return f"{name} runs on a cluster with Katib only: take one of {', '.join(_KINDS)}"
    wrong = f"there is no algorithm {name!r}" if name else "must be given"
    return f"{wrong}: take one of {', '.join(_KINDS)}"


def seed_of(study: Study, seed_of_unseeded: int) -> int:
    """The seed that a study sets, else the other one, brought into the range of seeds."""
    for name in _SEED:
        if name in study.algorithm.settings:
            return int(study.algorithm.settings[name])
    return seed_of_unseeded % 2**32


def search_of(
    study: Study, seed_of_unseeded: int, past: Sequence[Past], carried: Mapping[str, str]
) -> Search:
    """The search that a study names, as it goes on after ``past``. Raises :class:`Invalid` for an algorithm that is not there."""
    name, seed = study.algorithm.name, seed_of(study, seed_of_unseeded)
    if name == "grid":
        return Grid(study, seed)
    if name == "hyperband":
        return Hyperband(study, seed)
    if name == "sobol":
        from .sobol import Sobol

        return Sobol(study, seed, past)
    if name == "cmaes":
        from .cmaes_search import CmaesSearch

        return CmaesSearch(study, seed, past, carried)
    if name == "bayesianoptimization":
        if said := _missing(name):
            raise Invalid([(f"{_PATH}.algorithmName", said)])
        from .bayesian import Bayesian

        return Bayesian(study, seed)
    if name not in _KINDS:
        raise Invalid([(f"{_PATH}.algorithmName", _unknown(name))])
    from .optuna_search import RandomSearch, TpeSearch

    if name == "random":
        return RandomSearch(study, seed, past)
    return TpeSearch(study, seed, past, carried)
