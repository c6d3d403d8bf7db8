"""What a tuning experiment asks for: parameters with their spaces, the objective, the algorithm and the budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

ParameterType = Literal["double", "int", "discrete", "categorical"]
Distribution = Literal["uniform", "logUniform", "normal", "logNormal"]
Direction = Literal["maximize", "minimize"]
Problem = tuple[str, str]
"""The path of a field (``spec.parameters[0].feasibleSpace.max``) and what is wrong with it, with the remedy."""


def whole(text: str, least: int, most: int) -> bool:
    """Whether a text is a whole number in a range, with no more digits than one needs."""
    short = text.isascii() and text.isdigit() and len(text) <= len(str(most))
    return short and least <= int(text) <= most


class Invalid(ValueError):
    """A specification that cannot be searched. ``problems`` has each field at fault with a message; the text names them all."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{path}: {message}" for path, message in problems))
        self.problems = problems


@dataclass(frozen=True)
class Parameter:
    """One parameter and its space (Katib's ``parameters[]`` with its ``feasibleSpace``).

    A ``double`` or ``int`` lies between ``min`` and ``max``, both included, on ``min`` + n · ``step`` where there is a step; values are exact decimals. A
    ``discrete`` or ``categorical`` one is of ``list``, which has the texts as they are handed to a trial. The mean of a normal distribution is the middle of its
    space and its deviation a sixth of the width, as Katib's; ours is cut off at the ends. ``logUniform`` and ``logNormal`` are that of the logarithm.
    """

    name: str
    type: ParameterType
    min: Decimal | None = None
    max: Decimal | None = None
    step: Decimal | None = None
    list: tuple[str, ...] = ()
    distribution: Distribution = "uniform"


@dataclass(frozen=True)
class Objective:
    """The metric whose value is to be large or small, and the value at which the search may end (the caller's matter)."""

    metric: str
    direction: Direction
    goal: float | None = None


@dataclass(frozen=True)
class Algorithm:
    """The name by which Katib knows an algorithm, and its settings as they are written."""

    name: str
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Study:
    """Everything a :class:`Searcher` needs. ``max_trials`` is ``None`` where there is no limit; ``parallel`` is how many trials may run at once."""

    parameters: tuple[Parameter, ...]
    objective: Objective
    algorithm: Algorithm
    max_trials: int | None = None
    parallel: int = 1

    @classmethod
    def from_experiment(cls, spec: Mapping[str, Any]) -> Study:
        """The study of the ``spec`` of Katib's Experiment (``kubeflow.org/v1beta1``). Raises :class:`Invalid`, but not for a budget that only a new one is
        refused for (see :func:`problems`)."""
        from .experiments import read_experiment

        return _sound(read_experiment(spec, new=False))

    @classmethod
    def from_optimization_job(cls, spec: Mapping[str, Any]) -> Study:
        """The study of the ``spec`` of Trainer's OptimizationJob (``trainer.kubeflow.org/v1alpha1``). Raises :class:`Invalid`."""
        from .optimization_jobs import read_optimization_job

        return _sound(read_optimization_job(spec))


def _sound(read: tuple[Study | None, list[Problem]]) -> Study:
    study, problems = read
    if study is None or problems:
        raise Invalid(problems)
    return study
