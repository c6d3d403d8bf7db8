"""Specifications to tune by, functions to tune, and trials that are tried in the test itself."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from jupyterlab_kubeflow.local.tuning import Answer, Past, Searcher, Study

Spec = dict[str, Any]
ALGORITHMS = ["random", "tpe", "multivariate-tpe", "cmaes", "sobol", "hyperband"]


def parameter(name: str, type_: str, **space: Any) -> Spec:
    """One of an Experiment's ``parameters``."""
    return {"name": name, "parameterType": type_, "feasibleSpace": space}


def experiment(
    parameters: Sequence[Spec],
    algorithm: str = "random",
    direction: str = "minimize",
    **settings: Any,
) -> Spec:
    """The ``spec`` of an Experiment, as far as the search goes."""
    given = [{"name": name, "value": str(value)} for name, value in settings.items()]
    return {
        "objective": {"type": direction, "objectiveMetricName": "loss"},
        "algorithm": {"algorithmName": algorithm, "algorithmSettings": given},
        "parameters": list(parameters),
        "parallelTrialCount": 9,
    }


EVERY_KIND = [
    parameter("uniform", "double", min="-1.5", max="2.5"),
    parameter("stepped", "double", min="0.1", max="0.75", step="0.1"),
    parameter("rate", "double", min="1e-5", max="0.1", distribution="logUniform"),
    parameter(
        "rate-stepped", "double", min="0.01", max="1", step="0.01", distribution="logUniform"
    ),
    parameter("bell", "double", min="-2", max="6", distribution="normal"),
    parameter("bell-log", "double", min="0.001", max="10", distribution="logNormal"),
    parameter("bell-stepped", "double", min="0", max="10", step="0.25", distribution="normal"),
    parameter("epochs", "int", min="1", max="27"),
    parameter("layers", "int", min="1", max="12", step="4"),
    parameter("units", "int", min="1", max="512", distribution="logUniform"),
    parameter("units-stepped", "int", min="8", max="512", step="8", distribution="logUniform"),
    parameter("width", "int", min="1", max="99", distribution="normal"),
    parameter("fixed", "double", min="3", max="3", distribution="normal"),
    parameter("batch", "discrete", list=["16", "32", "64", "0.5"]),
    parameter("optimizer", "categorical", list=["adam", "sgd", "lion"]),
]
"""One parameter of every kind, distribution and with and without a step."""


def every_kind(algorithm: str, **settings: Any) -> Spec:
    """An Experiment over :data:`EVERY_KIND`, with what an algorithm must be told."""
    if algorithm == "hyperband":
        settings = {"r_l": 9, "eta": 3, "resource_name": "epochs", **settings}
    return experiment(EVERY_KIND, algorithm, **settings)


def lies_in(asked: Spec, text: str) -> bool:
    """Whether a value is one of its space, of a parameter that may lie dense."""
    space = asked["feasibleSpace"]
    if "list" in space:
        return text in space["list"]
    value, low = Fraction(text), Fraction(space["min"])
    step = space.get("step", "1" if asked["parameterType"] == "int" else "")
    on_step = not step or (value - low) % Fraction(step) == 0
    return low <= value <= Fraction(space["max"]) and on_step


def ended(number: int, values: dict[str, str], luck: random.Random) -> Past:
    """A trial as it may end: most succeed, some are stopped early, a few give no value."""
    state = luck.choice(["succeeded"] * 7 + ["early-stopped", "failed", "metrics-unavailable"])
    value = luck.uniform(-3, 3) if state in ("succeeded", "early-stopped") else None
    return Past(f"t{number}", values, state, value)


def tune(
    study: Study, function: Callable[[dict[str, str]], float], trials: int, seed: int = 0
) -> list[Past]:
    """Tries trials one at a time."""
    searcher, past = Searcher(study, seed), list[Past]()
    for number in range(trials):
        answer = searcher.suggest(past, 1)
        if not answer.assignments:
            break
        values = answer.assignments[0][0]
        past.append(Past(f"t{number}", values, "succeeded", function(values)))
    return past


def proposals(answer: Answer) -> list[dict[str, str]]:
    """The values of an answer."""
    return [values for values, _ in answer.assignments]


def branin(x: float, y: float) -> float:
    """Branin's function; its least value is 0.397887."""
    bend = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return bend**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def hartmann6(*x: float) -> float:
    """Hartmann's function of six numbers from 0 to 1; its least value is -3.32237."""
    weights = (1.0, 1.2, 3.0, 3.2)
    slopes = (
        (10, 3, 17, 3.5, 1.7, 8),
        (0.05, 10, 17, 0.1, 8, 14),
        (3, 3.5, 1.7, 10, 17, 8),
        (17, 8, 0.05, 10, 0.1, 14),
    )
    peaks = (
        (0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886),
        (0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991),
        (0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650),
        (0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381),
    )
    return -sum(
        weight * math.exp(-sum(a * (at - p) ** 2 for a, at, p in zip(slope, x, peak, strict=True)))
        for weight, slope, peak in zip(weights, slopes, peaks, strict=True)
    )
