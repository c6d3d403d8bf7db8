"""Reads the ``spec`` of Trainer's OptimizationJob."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .reading import Problems, ranged
from .study import Algorithm, Direction, Objective, Parameter, Problem, Study

Body = Mapping[str, Any]
_DIRECTIONS: dict[str, Direction] = {"Maximize": "maximize", "Minimize": "minimize"}


def read_optimization_job(spec: Body) -> tuple[Study | None, list[Problem]]:
    """The study of the ``spec`` of an OptimizationJob, and what is wrong with it beyond what its CRD refuses; no study where there is anything."""
    found = Problems()
    objectives = list(spec.get("objectives") or [])
    if len(objectives) != 1:
        found.add("spec.objectives", f"must be one objective, not {len(objectives)}")
    asked = spec.get("parameters") or ()
    if not asked:
        found.add("spec.parameters", "the search space is empty: list at least one parameter")
    names: set[str] = set()
    read: list[Parameter | None] = []
    for number, each in enumerate(asked):
        path = f"spec.parameters[{number}]"
        if each["name"] in names:
            found.add(f"{path}.name", f"{each['name']} is there twice: give each its own name")
        names.add(each["name"])
        read.append(_parameter(found, f"{path}.searchSpace", each["name"], each["searchSpace"]))
    algorithm = spec.get("searchAlgorithm") or {"random": {}}
    name, settings = next(iter(algorithm.items()))
    seed = (settings or {}).get("seed")
    if name == "grid" and any(each and each.type != "categorical" for each in read):
        found.add("spec.searchAlgorithm.grid", "needs categorical parameters only: take random")
    if found.found:
        return None, found.found
    asked_objective: Body = objectives[0]
    study = Study(
        tuple(each for each in read if each),
        Objective(
            asked_objective["metric"], _DIRECTIONS[asked_objective.get("direction", "Minimize")]
        ),
        Algorithm(name, {} if seed is None else {"random_state": str(seed % 2**32)}),
        spec.get("numTrials", 1),
        spec.get("parallelTrials", 1),
    )
    return study, []


def _parameter(found: Problems, path: str, name: str, space: Body) -> Parameter | None:
    if "categorical" in space:
        before = len(found.found)
        texts = found.texts(f"{path}.categorical.choices", space["categorical"]["choices"], False)
        return Parameter(name, "categorical", list=texts) if len(found.found) == before else None
    kind = "logUniform" if "logUniform" in space else "uniform"
    asked = space[kind]
    return ranged(
        found,
        f"{path}.{kind}",
        name,
        "int" if asked.get("type") == "Int" else "double",
        (asked["min"], asked["max"]),
        distribution="logUniform" if kind == "logUniform" else "uniform",
    )
