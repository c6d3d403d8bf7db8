"""Points of a scrambled Sobol sequence, which fill the space evenly."""

from __future__ import annotations

from collections.abc import Sequence

from scipy.stats import qmc

from . import space
from .searcher import Answer, Past
from .study import Study


class Sobol:
    """The next points are told by the number of those tried. The seed is that of the scrambling."""

    def __init__(self, study: Study, seed: int, past: Sequence[Past]) -> None:
        self._parameters = study.parameters
        self._points = qmc.Sobol(len(study.parameters), rng=seed)
        if past:
            self._points.fast_forward(len(past))

    def suggest(self, past: Sequence[Past], count: int) -> Answer:
        """The next points; how trials end does not matter."""
        points = [self._points.random()[0] for _ in range(count)]
        return Answer(
            [
                (
                    {
                        each.name: space.placed(each, float(place))
                        for each, place in zip(self._parameters, point, strict=True)
                    },
                    {},
                )
                for point in points
            ],
            {},
        )
