"""Proposes the parameters of the next trials from those of the past."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from .study import Study

State = Literal["running", "succeeded", "failed", "early-stopped", "metrics-unavailable"]
Values = dict[str, str]
"""The values of one trial by the names of its parameters, as they are written into its template."""


@dataclass(frozen=True)
class Past:
    """A trial that was proposed: its values, how it stands (``running`` also before it has begun), and the objective's value where it has one."""

    name: str
    assignments: Mapping[str, str]
    state: State
    value: float | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def result(self) -> float | None:
        """The value from which a search learns: that of a trial that succeeded or was stopped early, where it is a finite number."""
        if self.state not in ("succeeded", "early-stopped") or self.value is None:
            return None
        return self.value if math.isfinite(self.value) else None


@dataclass(frozen=True)
class Answer:
    """What a search proposes.

    ``assignments`` has the values and labels of at most as many trials as were asked for. Fewer mean that the search waits for trials that run, or, where
    ``exhausted`` is true, that nothing is left to try. ``settings`` is what Katib's Suggestion carries on in ``status.algorithmSettings``: hand it to the
    :class:`Searcher` that goes on after a restart.
    """

    assignments: list[tuple[Values, dict[str, str]]]
    settings: dict[str, str]
    exhausted: bool = False


class Search(Protocol):
    """One algorithm, on its way: it has proposed all of ``past``, or was made to go on from there."""

    def suggest(self, past: Sequence[Past], count: int) -> Answer:
        """At most ``count`` more trials."""
        ...


class Searcher:
    """Searches by a study's algorithm.

    ``seed_of_unseeded`` is the seed of a study that sets none; take one that stays the same over restarts (from the experiment's uid). ``carried`` is the
    last kept answer's ``settings``. A new searcher with these goes on exactly as the old one would have.
    """

    def __init__(
        self, study: Study, seed_of_unseeded: int, carried: Mapping[str, str] | None = None
    ) -> None:
        self._study, self._seed = study, seed_of_unseeded
        self._kept = dict(carried or {})
        self._last: Answer | None = None
        self._search: Search | None = None
        self._proposed = 0

    def suggest(self, past: Sequence[Past], count: int) -> Answer:
        """At most ``count`` more trials.

        ``past`` has every trial ever proposed and kept, in the order in which they were proposed. An answer that was not kept is taken back: it is missing
        there. Raises :class:`Invalid` where the package that an algorithm needs is missing.
        """
        from .algorithms import search_of

        if self._last is not None and len(past) == self._proposed:
            self._kept = self._last.settings
        if self._search is None or len(past) != self._proposed:
            self._search = search_of(self._study, self._seed, past, self._kept)
        self._last = self._search.suggest(past, max(count, 0))
        self._proposed = len(past) + len(self._last.assignments)
        return self._last
