"""Searches with Optuna's samplers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.samplers import BaseSampler, RandomSampler
from optuna.trial import TrialState, create_trial

from . import streams
from .optuna_space import distribution, sampled, written
from .searcher import Answer, Past, Values
from .study import Study


class OptunaSearch:
    """A study of Optuna's in memory, with a sampler that learns from nothing but the trials and its stream of random numbers: ``random`` and the two of TPE.

    After a restart the study is made of the past; the place in the stream is what answers carry on.
    """

    def __init__(
        self, study: Study, seed: int, past: Sequence[Past], carried: Mapping[str, str]
    ) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._parameters = study.parameters
        self._distributions = {each.name: distribution(each) for each in study.parameters}
        self._sampler = sampler_of(study, seed)
        self._study = optuna.create_study(
            sampler=self._sampler, direction=study.objective.direction
        )
        self._numbers: list[int] = []
        self._told: set[int] = set()
        for trial in past:
            self._add(trial.assignments)
        if past:
            streams.restore(self._sampler, carried, seed, len(past))

    def suggest(self, past: Sequence[Past], count: int) -> Answer:
        """Tells what has ended, then asks."""
        for index, trial in enumerate(past):
            if trial.state != "running" and index not in self._told:
                self._tell(self._numbers[index], trial)
                self._told.add(index)
        answers: list[tuple[Values, dict[str, str]]] = [(self._ask(), {}) for _ in range(count)]
        return Answer(answers, streams.carried(self._sampler, len(self._numbers)))

    def _ask(self) -> Values:
        trial = self._study.ask(self._distributions)
        values = {each.name: written(each, trial.params[each.name]) for each in self._parameters}
        if self._sampled(values) == trial.params:
            self._numbers.append(trial.number)
        else:
            # What was sampled was brought to a step: the sampler is to learn from what is tried, and from the same after a restart.
            self._study.tell(trial, state=TrialState.FAIL)
            self._add(values)
        return values

    def _tell(self, number: int, trial: Past) -> None:
        if trial.result is None:
            self._study.tell(number, state=TrialState.FAIL)
        else:
            self._study.tell(number, trial.result)

    def _add(self, values: Mapping[str, str]) -> None:
        self._numbers.append(len(self._study.get_trials(deepcopy=False)))
        self._study.add_trial(
            create_trial(
                state=TrialState.RUNNING,
                params=self._sampled(values),
                distributions=self._distributions,
            )
        )

    def _sampled(self, values: Mapping[str, str]) -> dict[str, Any]:
        return {each.name: sampled(each, values[each.name]) for each in self._parameters}


def sampler_of(study: Study, seed: int) -> BaseSampler:
    """Optuna's sampler for a study's algorithm, with its settings."""
    return RandomSampler(seed=seed)
