"""Carries TPE's place in its stream of random numbers over a restart, as text that holds nothing but numbers."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from optuna.samplers import BaseSampler, TPESampler

from .study import whole

_NAME = "random_streams"
_WORDS = 624
"""The state of a Mersenne twister: so many words of 32 bits."""


def carried(sampler: BaseSampler, trials: int) -> dict[str, str]:
    """The setting that carries on where a sampler's streams stand after so many trials."""
    return {_NAME: " ".join([str(trials), *map(_text, _streams(sampler))])}


def restore(sampler: BaseSampler, carried: Mapping[str, str], seed: int, trials: int) -> None:
    """Takes a sampler to where its streams stood after so many trials. Where that was not carried on, they begin anew, by the seed and that number."""
    streams = _streams(sampler)
    count, *texts = carried.get(_NAME, "").split(" ")
    states = [_state(text) for text in texts]
    known = [state for state in states if state is not None]
    if count == str(trials) and len(known) == len(states) == len(streams):
        for stream, state in zip(streams, known, strict=True):
            stream.set_state(state)
        return
    for number, stream in enumerate(streams):
        stream.seed([seed, trials, number])


def _streams(sampler: BaseSampler) -> list[np.random.RandomState]:
    assert isinstance(sampler, TPESampler)  # all others are asked again
    return [sampler._rng.rng, sampler._random_sampler._rng.rng]


def _text(stream: np.random.RandomState) -> str:
    _, words, place, *_ = stream.get_state(legacy=True)
    return f"{place}:{base64.b64encode(np.asarray(words, dtype='<u4').tobytes()).decode()}"


def _state(text: str) -> tuple[str, Any, int, int, float] | None:
    place, _, words = text.partition(":")
    try:
        read = base64.b64decode(words, validate=True)
    except ValueError:
        return None
    if len(read) != 4 * _WORDS or not whole(place, 0, _WORDS):
        return None
    return "MT19937", np.frombuffer(read, dtype="<u4"), int(place), 0, 0.0
