"""CMA-ES with Optuna's sampler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .optuna_search import OptunaStudy
from .searcher import Answer, Past, Values
from .study import Study, whole

_ASKED_AFTER = "asked_after"
"""What answers carry on: for each trial the numbers of those whose end was told right before it was proposed, as in ``;0;1,2``."""


class CmaesSearch:
    """Optuna's CMA-ES keeps generations, and which trials made one is a matter of the order in which they ended. After a restart it is told and asked in that
    order again, which costs little."""

    def __init__(
        self, study: Study, seed: int, past: Sequence[Past], carried: Mapping[str, str]
    ) -> None:
        self._inner = OptunaStudy(study, seed)
        self._journal = _read(carried.get(_ASKED_AFTER, ""), len(past))
        for trial, before in zip(past, self._journal, strict=True):
            for number in before:
                self._inner.tell(number, past[number])
            if self._inner.ask() != trial.assignments:
                self._inner.replace_last(trial.assignments)

    def suggest(self, past: Sequence[Past], count: int) -> Answer:
        """Tells what has ended, then asks."""
        answers: list[tuple[Values, dict[str, str]]] = []
        for _ in range(count):
            self._journal.append(self._inner.tell_ended(past))
            answers.append((self._inner.ask(), {}))
        written = ";".join(",".join(map(str, before)) for before in self._journal)
        return Answer(answers, {_ASKED_AFTER: written})


def _read(text: str, trials: int) -> list[list[int]]:
    """What was told before each of so many trials; where the text does not say that, all before it."""
    parts = text.split(";")
    read: list[list[int]] = []
    for trial, part in enumerate(parts):
        numbers = part.split(",") if part else []
        if not all(whole(each, 0, trial - 1) for each in numbers):
            break
        read.append([int(each) for each in numbers])
    if len(read) != len(parts) or len(read) < trials:
        return [[trial - 1] if trial else [] for trial in range(trials)]
    return read[:trials]
