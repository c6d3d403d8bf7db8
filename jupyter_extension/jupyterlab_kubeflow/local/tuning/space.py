"""The values of parameters: how many there are, each by its number, and by its place in the unit interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from statistics import NormalDist

from .study import Parameter

_EXACT = Context(prec=800)
"""Enough digits for sums and products of any doubles written out."""
_NORMAL = NormalDist()
_ENDS = 3.0
"""A normal distribution's ends lie so many deviations from its middle."""


def count(parameter: Parameter) -> int | None:
    """How many values a parameter has; ``None`` where they lie dense. An int without a step has that of 1."""
    if parameter.type in ("discrete", "categorical"):
        return len(parameter.list)
    stride = _stride(parameter)
    if stride is None:
        return None
    low, high = _ends(parameter)
    return int(_EXACT.divide_int(_EXACT.subtract(high, low), stride)) + 1


def size(parameters: Sequence[Parameter]) -> int:
    """How many combinations a grid has, of parameters none of which lies dense."""
    return math.prod(count(each) or 0 for each in parameters)


def numbered(parameter: Parameter, number: int) -> str:
    """The value with a number from 0 on, of a parameter that does not lie dense."""
    if parameter.type in ("discrete", "categorical"):
        return parameter.list[number]
    stride = _stride(parameter)
    assert stride is not None  # the caller has looked
    low, _ = _ends(parameter)
    return _written(_EXACT.add(low, _EXACT.multiply(stride, Decimal(number))))


def placed(parameter: Parameter, place: float) -> str:
    """The value at a place in the unit interval (0 ≤ ``place`` < 1): places that are even there make values that follow the parameter's distribution."""
    if parameter.distribution == "uniform" and (many := count(parameter)) is not None:
        return numbered(parameter, min(int(place * many), many - 1))
    return nearest(parameter, quantile(parameter, place))


def quantile(parameter: Parameter, place: float) -> float:
    """The number below which lies this share of the distribution of a double or int, before it is brought to a step."""
    low, high = (float(end) for end in _ends(parameter))
    logarithmic = parameter.distribution in ("logUniform", "logNormal")
    if parameter.type == "int" and parameter.distribution == "logUniform":
        low, high = low - 0.5, high + 0.5  # as wide a place for the ends as for others
    if logarithmic:
        low, high = math.log(low), math.log(high)
    if parameter.distribution in ("normal", "logNormal"):
        least = _NORMAL.cdf(-_ENDS)
        below = least + place * (_NORMAL.cdf(_ENDS) - least)
        place = (_NORMAL.inv_cdf(below) + _ENDS) / (2 * _ENDS)
    number = low + place * (high - low)
    return math.exp(number) if logarithmic else number


def share(parameter: Parameter, number: float) -> float:
    """The share of a normal distribution that lies below a number: the inverse of :func:`quantile`."""
    low, high = (float(end) for end in _ends(parameter))
    if parameter.distribution == "logNormal":
        low, high, number = math.log(low), math.log(high), math.log(number)
    place = 0.5 if high == low else (number - low) / (high - low)
    least = _NORMAL.cdf(-_ENDS)
    found = (_NORMAL.cdf((2 * place - 1) * _ENDS) - least) / (_NORMAL.cdf(_ENDS) - least)
    return min(max(found, 0.0), 1.0)


def index(parameter: Parameter, text: str) -> int:
    """The number of a value of a double or int that has a step: the inverse of :func:`numbered`."""
    stride = _stride(parameter)
    assert stride is not None  # the caller has looked
    steps = _EXACT.divide(_EXACT.subtract(Decimal(text), _ends(parameter)[0]), stride)
    return int(steps.to_integral_value(ROUND_HALF_EVEN))


def holds(parameter: Parameter, text: str | None) -> bool:
    """Whether a text is one of a parameter's values."""
    if text is None or parameter.type in ("discrete", "categorical"):
        return text in parameter.list
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    low, high = _ends(parameter)
    stride = _stride(parameter)
    if not number.is_finite() or not low <= number <= high:
        return False
    return stride is None or _EXACT.remainder(_EXACT.subtract(number, low), stride) == 0


def single(parameter: Parameter) -> bool:
    """Whether a parameter has one value only."""
    return count(parameter) == 1 or (parameter.min is not None and parameter.min == parameter.max)


def nearest(parameter: Parameter, number: float) -> str:
    """The value of a double or int that lies nearest to a number: within its ends and on its step."""
    if _stride(parameter) is None:
        low, high = _ends(parameter)
        exact = Decimal(repr(number))
        return _written(low if exact < low else high) if not low <= exact <= high else repr(number)
    last = (count(parameter) or 1) - 1
    return numbered(parameter, min(max(index(parameter, repr(number)), 0), last))


def _ends(parameter: Parameter) -> tuple[Decimal, Decimal]:
    assert parameter.min is not None  # a double or int
    assert parameter.max is not None
    return parameter.min, parameter.max


def _stride(parameter: Parameter) -> Decimal | None:
    return Decimal(1) if parameter.type == "int" and parameter.step is None else parameter.step


def _written(number: Decimal) -> str:
    """As Python writes numbers, without digits that say nothing."""
    short = _EXACT.add(number, Decimal(0)).normalize(_EXACT)
    return format(short, "f" if -5 < short.adjusted() < 17 else "e")
