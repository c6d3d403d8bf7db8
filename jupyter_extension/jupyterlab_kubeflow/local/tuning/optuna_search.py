"""Searches with Optuna's samplers."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import optuna
from optuna.samplers import BaseSampler, CmaEsSampler, RandomSampler, TPESampler
from optuna.trial import TrialState, create_trial

from . import space, streams
from .optuna_space import distribution, sampled, written
from .searcher import Answer, Past, Values
from .study import Algorithm, Study


class OptunaStudy:
    """A study of Optuna's in memory. Its trials are known by the order in which they were proposed, from 0 on."""

    def __init__(self, study: Study, seed: int) -> None:
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self.sampler = sampler_of(study.algorithm, seed)
        self._parameters = study.parameters
        self._distributions = {each.name: distribution(each) for each in study.parameters}
        self._study = optuna.create_study(sampler=self.sampler, direction=study.objective.direction)
        self._numbers: list[int] = []
        self._told: set[int] = set()

    def __len__(self) -> int:
        return len(self._numbers)

    def ask(self) -> Values:
        """The values of one more trial."""
        trial = self._study.ask(self._distributions)
        self._numbers.append(trial.number)
        return {each.name: written(each, trial.params[each.name]) for each in self._parameters}

    def tell_ended(self, past: Sequence[Past]) -> list[int]:
        """Tells of the trials that ended since it was last told. Returns which."""
        ended = [
            number
            for number, trial in enumerate(past)
            if trial.state != "running" and number not in self._told
        ]
        for number in ended:
            self.tell(number, past[number])
        return ended

    def tell(self, number: int, trial: Past) -> None:
        """Tells how a trial ended, once; one without a result failed."""
        if number in self._told or trial.state == "running":
            return
        self._told.add(number)
        if trial.result is None:
            self._study.tell(self._numbers[number], state=TrialState.FAIL)
        else:
            self._study.tell(self._numbers[number], trial.result)

    def add(self, values: Mapping[str, str]) -> None:
        """One more trial, of which the sampler was not asked. Nothing is learned from values that are none of the space."""
        self._numbers.append(len(self._study.get_trials(deepcopy=False)))
        if not all(space.holds(each, values.get(each.name)) for each in self._parameters):
            self._told.add(len(self._numbers) - 1)
            self._study.add_trial(create_trial(state=TrialState.FAIL))
            return
        self._study.add_trial(
            create_trial(
                state=TrialState.RUNNING,
                params=self._sampled(values),
                distributions=self._distributions,
            )
        )

    def replace_last(self, values: Mapping[str, str]) -> None:
        """Gives the last trial other values than the sampler chose."""
        self._study.tell(self._numbers.pop(), state=TrialState.FAIL)
        self.add(values)

    def learn_exactly(self, values: Values) -> None:
        """Has the sampler learn from the last trial as it is tried, where what was sampled was brought to a step, or is not written in full."""
        if self._sampled(values) != self._study.get_trials(deepcopy=False)[-1].params:
            self.replace_last(values)

    def _sampled(self, values: Mapping[str, str]) -> dict[str, Any]:
        return {each.name: sampled(each, values[each.name]) for each in self._parameters}


class RandomSearch:
    """Learns nothing, so that the number of trials tells where it stands."""

    def __init__(self, study: Study, seed: int, past: Sequence[Past]) -> None:
        self._inner = OptunaStudy(study, seed)
        for _ in past:
            self._inner.ask()

    def suggest(self, past: Sequence[Past], count: int) -> Answer:
        """The next trials, however others end."""
        return Answer([(self._inner.ask(), {}) for _ in range(count)], {})


class TpeSearch:
    """TPE learns from nothing but the trials and its streams of random numbers. After a restart the study is made of the past; the places in the streams are
    what answers carry on."""

    def __init__(
        self, study: Study, seed: int, past: Sequence[Past], carried: Mapping[str, str]
    ) -> None:
        self._inner = OptunaStudy(study, seed)
        for trial in past:
            self._inner.add(trial.assignments)
        if past:
            streams.restore(self._inner.sampler, carried, seed, len(past))

    def suggest(self, past: Sequence[Past], count: int) -> Answer:
        """Tells what has ended, then asks."""
        self._inner.tell_ended(past)
        answers: list[tuple[Values, dict[str, str]]] = []
        for _ in range(count):
            answers.append((self._inner.ask(), {}))
            self._inner.learn_exactly(answers[-1][0])
        return Answer(answers, streams.carried(self._inner.sampler, len(self._inner)))


def sampler_of(algorithm: Algorithm, seed: int) -> BaseSampler:
    """Optuna's sampler for an algorithm, with its settings."""
    with warnings.catch_warnings():
        # of sigma0, gamma and prior_weight, which Optuna 6 is to drop
        warnings.simplefilter("ignore", FutureWarning)
        return _sampler_of(algorithm, seed)


def _sampler_of(algorithm: Algorithm, seed: int) -> BaseSampler:
    given = {name.lower(): value for name, value in algorithm.settings.items()}
    if algorithm.name == "random":
        return RandomSampler(seed=seed)
    if algorithm.name == "cmaes":
        sigma = float(given["sigma"]) if "sigma" in given else None
        return CmaEsSampler(seed=seed, sigma0=sigma, warn_independent_sampling=False)
    asked: dict[str, Any] = {
        name: int(given[name]) for name in ("n_startup_trials", "n_ei_candidates") if name in given
    }
    if "prior_weight" in given:
        asked["prior_weight"] = float(given["prior_weight"])
    if "gamma" in given:
        share = float(given["gamma"])
        asked["gamma"] = lambda trials: min(math.ceil(share * math.sqrt(trials)), 25)
    return TPESampler(seed=seed, multivariate=algorithm.name == "multivariate-tpe", **asked)
