"""Parameters as Optuna's distributions, and values there and back."""

from __future__ import annotations

from typing import Any

from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from . import space
from .study import Parameter


def distribution(parameter: Parameter) -> BaseDistribution:
    """What Optuna samples: the parameter's own distribution where it has that, the place in the unit interval for a normal one, and for a logarithmic one
    with a step any number, which is then brought to the step."""
    if parameter.type in ("discrete", "categorical"):
        return CategoricalDistribution(parameter.list)
    if space.single(parameter):
        return CategoricalDistribution((space.placed(parameter, 0.0),))
    assert parameter.min is not None  # a double or int
    assert parameter.max is not None
    if parameter.distribution in ("normal", "logNormal"):
        return FloatDistribution(0.0, 1.0)
    logarithmic = parameter.distribution == "logUniform"
    if parameter.type == "int" and not (logarithmic and (parameter.step or 1) != 1):
        last = int(space.numbered(parameter, (space.count(parameter) or 1) - 1))
        return IntDistribution(
            int(parameter.min), last, log=logarithmic, step=int(parameter.step or 1)
        )
    if logarithmic or parameter.step is None:
        return FloatDistribution(float(parameter.min), float(parameter.max), log=logarithmic)
    last_value = float(space.numbered(parameter, (space.count(parameter) or 1) - 1))
    return FloatDistribution(float(parameter.min), last_value, step=float(parameter.step))


def written(parameter: Parameter, sampled: Any) -> str:
    """The value that a trial is given for what Optuna sampled."""
    if isinstance(sampled, str):
        return sampled
    if parameter.distribution in ("normal", "logNormal"):
        return space.nearest(parameter, space.quantile(parameter, sampled))
    return space.nearest(parameter, float(sampled))


def sampled(parameter: Parameter, text: str) -> Any:
    """What Optuna would have sampled for a trial's value."""
    if parameter.type in ("discrete", "categorical") or space.single(parameter):
        return text
    if parameter.distribution in ("normal", "logNormal"):
        return space.share(parameter, float(text))
    return int(text) if isinstance(distribution(parameter), IntDistribution) else float(text)
