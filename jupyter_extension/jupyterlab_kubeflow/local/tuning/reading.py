"""Reads the numbers and lists of search spaces, and collects what is wrong with them."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from decimal import Decimal

from .study import Distribution, Parameter, ParameterType, Problem

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_MOST = 2**53
"""Whole numbers up to here, either way, are exact as doubles, which the libraries reckon with."""


def finite(value: object) -> float | None:
    """A number of JSON, ``None`` for what is none, and for what is no finite double."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


class Problems:
    """Collects problems by the paths of their fields."""

    def __init__(self) -> None:
        self.found: list[Problem] = []

    def add(self, path: str, message: str) -> None:
        """One more problem."""
        self.found.append((path, message))

    def number(self, path: str, text: str, whole: bool) -> Decimal | None:
        """The number that a text says, ``None`` (with a problem) where it says none that can be searched."""
        if whole and not _WHOLE.fullmatch(text):
            self.add(path, f"{text!r} is no whole number, which an int needs: write one, as in 16")
        elif not _NUMBER.fullmatch(text):
            self.add(path, f"{text!r} is no number: write one, as in 0.001 or 1e-3")
        elif not math.isfinite(float(text)):
            self.add(path, f"{text} is too large: take numbers up to 1.7e308")
        elif float(text) == 0 != Decimal(text):
            self.add(path, f"{text} is too small: take numbers down to 5e-324, or 0")
        elif whole and abs(Decimal(text)) > _MOST:
            self.add(path, f"{text} is too large for an int: take at most {_MOST}, either way")
        else:
            return Decimal(text)
        return None

    def texts(self, path: str, texts: Sequence[str], numbers: bool) -> tuple[str, ...]:
        """The choices of a parameter: at least one, each once, numbers where these are asked for."""
        if not texts:
            self.add(path, "there is nothing to choose from: list at least one value")
        seen: set[object] = set()
        for number, text in enumerate(texts):
            value = self.number(f"{path}[{number}]", text, False) if numbers else text
            if value is not None and value in seen:
                self.add(f"{path}[{number}]", f"{text!r} is listed twice: take one away")
            seen.add(value)
        return tuple(texts)


def ranged(
    problems: Problems,
    path: str,
    name: str,
    type_: ParameterType,
    ends: tuple[str, str],
    step: str = "",
    distribution: Distribution = "uniform",
) -> Parameter | None:
    """The parameter of type ``double`` or ``int`` whose ``min``, ``max`` and ``step`` lie below ``path``; ``None`` where it has a problem."""
    before = len(problems.found)
    whole = type_ == "int"
    bounds: list[Decimal | None] = []
    for end, text in zip(("min", "max"), ends, strict=True):
        if text == "":
            problems.add(f"{path}.{end}", f"must be given for the {type_} {name}")
            bounds.append(None)
        else:
            bounds.append(problems.number(f"{path}.{end}", text, whole))
    low, high = bounds
    width = None if low is None or high is None else high - low
    if width is not None and width < 0:
        problems.add(f"{path}.min", f"{low} is above max, {high}: swap them")
    elif width is not None and not math.isfinite(float(width)):
        problems.add(f"{path}.max", f"{low} to {high} is too wide: bring min and max together")
    if low is not None and low <= 0 and distribution in ("logUniform", "logNormal"):
        problems.add(
            f"{path}.min", f"{distribution} needs min above 0, not {low}: raise it, or use uniform"
        )
    stride = problems.number(f"{path}.step", step, whole) if step else None
    if stride is not None and stride <= 0:
        problems.add(f"{path}.step", f"must be above 0, not {stride}: leave it out for any value")
    elif stride is not None and width is not None and width / stride > _MOST:
        problems.add(f"{path}.step", f"{stride} is too fine for {low} to {high}: take a larger one")
    if len(problems.found) > before:
        return None
    return Parameter(name, type_, min=low, max=high, step=stride, distribution=distribution)
