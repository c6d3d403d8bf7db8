"""Tries every combination of values once, in an order that the seed shuffles."""

from __future__ import annotations

import random
from collections.abc import Sequence

from . import space
from .searcher import Answer, Past, Values
from .study import Study


class Grid:
    """The order is a Fisher-Yates shuffle that keeps only the places it has touched, so a grid of any size costs what is tried of it."""

    def __init__(self, study: Study, seed: int) -> None:
        self._parameters = study.parameters
        self._size = space.size(study.parameters)
        self._random = random.Random(seed)  # noqa: S311 (an order, no secret)
        self._moved: dict[int, int] = {}
        self._order: list[int] = []

    def suggest(self, past: Sequence[Past], count: int) -> Answer:
        """The next combinations, by the number of those tried."""
        end = min(len(past) + count, self._size)
        while len(self._order) < end:
            self._order.append(self._draw(len(self._order)))
        numbers = self._order[len(past) : end]
        return Answer([(self._values(number), {}) for number in numbers], {}, end == self._size)

    def _draw(self, place: int) -> int:
        other = self._random.randrange(place, self._size)
        drawn = self._moved.get(other, other)
        self._moved[other] = self._moved.pop(place, place)
        return drawn

    def _values(self, number: int) -> Values:
        values: Values = {}
        for parameter in reversed(self._parameters):
            number, digit = divmod(number, space.count(parameter) or 1)
            values[parameter.name] = space.numbered(parameter, digit)
        return {parameter.name: values[parameter.name] for parameter in self._parameters}
