"""Reads the ``spec`` of Katib's Experiment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast, get_args

from .algorithms import problems_of_algorithm
from .early_stopping import problems_of_stopping
from .reading import Problems, finite, ranged
from .study import (
    Algorithm,
    Direction,
    Distribution,
    Objective,
    Parameter,
    ParameterType,
    Problem,
    Study,
)

Body = Mapping[str, Any]
_TYPES = get_args(ParameterType)
_DISTRIBUTIONS = get_args(Distribution)
_PARALLEL = 3
"""Katib's ``parallelTrialCount`` where none is given."""


def problems(spec: Body) -> list[Problem]:
    """What is wrong with the search that the ``spec`` of an Experiment asks for, each with the path of its field; empty where it can be run."""
    return read_experiment(spec, new=True)[1]


def read_experiment(spec: Body, *, new: bool) -> tuple[Study | None, list[Problem]]:
    """The study of the ``spec`` of an Experiment, and what is wrong with it; no study where there is anything. Only a ``new`` one is refused for a
    budget that does not suit its algorithm: budgets are edited while trials run, and any can be searched with."""
    found = Problems()
    objective = _objective(found, spec.get("objective") or {})
    parameters = _parameters(found, spec)
    parallel = _count(found, spec, "parallelTrialCount") or _PARALLEL
    most = _count(found, spec, "maxTrialCount")
    asked = spec.get("algorithm") or {}
    settings = asked.get("algorithmSettings") or ()
    study = Study(
        tuple(each for each in parameters if each),
        objective or Objective("", "maximize"),
        Algorithm(
            str(asked.get("algorithmName") or ""),
            {str(each.get("name") or ""): str(each.get("value") or "") for each in settings},
        ),
        most,
        parallel,
    )
    whole = objective is not None and all(parameters) and len(parameters) > 0
    found.found += problems_of_algorithm(study, settings, whole, new)
    found.found += problems_of_stopping(spec)
    return (None if found.found else study), found.found


def _objective(found: Problems, asked: Body) -> Objective | None:
    direction, metric = asked.get("type") or "", asked.get("objectiveMetricName") or ""
    if direction not in get_args(Direction):
        found.add("spec.objective.type", f"must be maximize or minimize, not {direction!r}")
    if not metric:
        found.add("spec.objective.objectiveMetricName", "must name the metric that trials report")
    elif metric in (asked.get("additionalMetricNames") or ()):
        found.add(
            "spec.objective.additionalMetricNames",
            f"{metric} is the objective itself: take it out of this list",
        )
    goal = finite(asked.get("goal"))
    if goal is None and asked.get("goal") is not None:
        found.add(
            "spec.objective.goal",
            "must be a number up to 1.7e308, either way, without quotes, as in 0.95",
        )
    if direction not in get_args(Direction) or not metric:
        return None
    return Objective(metric, cast(Direction, direction), goal)


def _count(found: Problems, spec: Body, name: str) -> int | None:
    count = spec.get(name)
    if count is not None and count <= 0:
        found.add(f"spec.{name}", f"must be above 0, not {count}")
        return None
    return cast("int | None", count)


def _parameters(found: Problems, spec: Body) -> list[Parameter | None]:
    if spec.get("nasConfig"):
        found.add(
            "spec.nasConfig",
            "architectures are searched on a cluster with Katib only: list spec.parameters instead",
        )
    asked = spec.get("parameters") or ()
    if not asked and not spec.get("nasConfig"):
        found.add("spec.parameters", "the search space is empty: list at least one parameter")
    names: set[str] = set()
    read: list[Parameter | None] = []
    for number, each in enumerate(asked):
        path = f"spec.parameters[{number}]"
        name = str(each.get("name") or "")
        if not name:
            found.add(f"{path}.name", "must be given")
        elif name in names:
            found.add(f"{path}.name", f"{name} is there twice: give each parameter its own name")
        names.add(name)
        read.append(_parameter(found, path, name, each))
    return read


def _parameter(found: Problems, path: str, name: str, asked: Body) -> Parameter | None:
    if asked.get("parameterType") not in _TYPES:
        said = f"{asked.get('parameterType') or ''!r} is no type: take {_either(_TYPES)}"
        found.add(f"{path}.parameterType", said)
        return None
    type_ = cast(ParameterType, asked["parameterType"])
    space = asked.get("feasibleSpace") or {}
    path = f"{path}.feasibleSpace"
    distribution: Distribution = space.get("distribution") or "uniform"
    before = len(found.found)
    if distribution not in _DISTRIBUTIONS:
        found.add(
            f"{path}.distribution",
            f"{distribution!r} is no distribution: take {_either(_DISTRIBUTIONS)}",
        )
        distribution = "uniform"
    if type_ in ("discrete", "categorical"):
        if distribution != "uniform":
            found.add(
                f"{path}.distribution", f"{distribution} needs type double or int, not {type_}"
            )
        for field in ("min", "max", "step"):
            if space.get(field):
                found.add(f"{path}.{field}", f"is for double and int: a {type_} one has a list")
        texts = found.texts(
            f"{path}.list", [str(each) for each in space.get("list") or ()], type_ == "discrete"
        )
        read: Parameter | None = Parameter(name, type_, list=texts)
    else:
        if space.get("list"):
            found.add(
                f"{path}.list", f"is for discrete and categorical: take min and max ({type_})"
            )
        ends = str(space.get("min") or ""), str(space.get("max") or "")
        step = str(space.get("step") or "")
        read = ranged(found, path, name, type_, ends, step, distribution)
    return read if len(found.found) == before else None


def _either(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
