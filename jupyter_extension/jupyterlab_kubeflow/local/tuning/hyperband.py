"""Hyperband by the rule of Katib's own service."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from . import space
from .searcher import Answer, Past, Values
from .study import Study

ETA = 3.0
"""Katib's ``eta`` where none is set."""


@dataclass(frozen=True)
class Bracket:
    """A bracket ``s``: how many trials it begins with (``n``), and with how much of the resource (``r``). In each of its rungs, 0 to ``s``, the resource grows
    ``eta``-fold and the best of the rung before are tried again."""

    s: int
    n: int
    r: int
    eta: float

    def size(self, rung: int) -> int:
        """How many trials a rung has, when none of the rung before failed."""
        if rung == 0:
            return self.n
        return math.ceil(math.ceil(self.n * self.eta ** (1 - rung)) / self.eta)

    def resource(self, rung: int) -> int:
        """How much of the resource each trial of a rung gets."""
        return int(self.r * self.eta**rung)


def first_bracket(r_l: float, eta: float) -> int:
    """The number ``s_max`` of the first bracket. As in Katib it is one less than it might be for some powers (1000 with ``eta`` 10), by the logarithm's error."""
    return int(math.log(r_l) / math.log(eta))


def brackets(r_l: float, eta: float) -> list[Bracket]:
    """All brackets, in the order in which they are tried, for at most ``r_l`` of the resource."""
    most = first_bracket(r_l, eta)
    return [
        Bracket(s, math.ceil((most + 1) * (eta**s / (s + 1))), int(r_l / eta**s), eta)
        for s in range(most, -1, -1)
    ]


class Hyperband:
    """Where it stands is told by the past alone: it goes through the rungs again."""

    def __init__(self, study: Study, seed: int) -> None:
        settings = study.algorithm.settings
        self._study, self._seed = study, seed
        self._r_l, self._eta = float(settings["r_l"]), float(settings.get("eta", ETA))
        self._resource = settings["resource_name"]
        self._brackets = brackets(self._r_l, self._eta)

    def suggest(self, past: Sequence[Past], count: int) -> Answer:
        """The next trials of the rungs that can be told: what is in a rung but the first is known when all of the one before have ended."""
        known = list(past)
        wanted = len(past) + count
        begun = size = 0
        for bracket in self._brackets:
            for rung in range(bracket.s + 1):
                best = known[begun - size : begun] if rung else []
                if any(trial.state == "running" for trial in best):
                    return self._answer(known[len(past) :], bracket, rung - 1, size)
                best = self._best(best)[: bracket.size(rung)]
                size = len(best) if rung else bracket.n
                for place in range(len(known) - begun, size):
                    if len(known) == wanted:
                        return self._answer(known[len(past) :], bracket, rung, place)
                    values = dict(best[place].assignments) if rung else self._sample(len(known))
                    values[self._resource] = str(bracket.resource(rung))
                    known.append(Past("", values, "running"))
                begun += size
        return self._answer(known[len(past) :], None, 0, 0)

    def _best(self, trials: list[Past]) -> list[Past]:
        sign = -1 if self._study.objective.direction == "maximize" else 1
        ended = [(trial.result, trial) for trial in trials if self._can_be_tried(trial)]
        with_result = [(sign * result, trial) for result, trial in ended if result is not None]
        return [trial for _, trial in sorted(with_result, key=lambda each: each[0])]

    def _can_be_tried(self, trial: Past) -> bool:
        return all(
            each.name == self._resource or space.holds(each, trial.assignments.get(each.name))
            for each in self._study.parameters
        )

    def _sample(self, number: int) -> Values:
        stream = random.Random(f"{self._seed}/{number}")  # noqa: S311 (a search, no secret)
        return {each.name: space.placed(each, stream.random()) for each in self._study.parameters}

    def _answer(
        self, proposed: list[Past], bracket: Bracket | None, rung: int, evaluating: int
    ) -> Answer:
        """With the settings in which Katib's service keeps where it stands."""
        most = first_bracket(self._r_l, self._eta)
        state = {
            "eta": self._eta,
            "s_max": most,
            "r_l": self._r_l,
            "b_l": (most + 1) * self._r_l,
            "r": bracket.r if bracket else -1,
            "n": bracket.n if bracket else -1,
            "current_s": bracket.s if bracket else -1,
            "current_i": rung,
            "resource_name": self._resource,
            "evaluating_trials": evaluating,
        }
        assignments: list[tuple[Values, dict[str, str]]] = [
            (dict(trial.assignments), {}) for trial in proposed
        ]
        settings = {name: str(value) for name, value in state.items()}
        return Answer(assignments, settings, exhausted=bracket is None)
