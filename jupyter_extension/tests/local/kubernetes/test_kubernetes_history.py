"""What a resource's history keeps, and what it forgets."""

from __future__ import annotations

import pytest
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.history import AGE, LEAST, Event, History, Item, Key

KEY = Key("pods", "default", "a")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def add(history: History, first: int, count: int) -> None:
    for version in range(first, first + count):
        history.append(Event("MODIFIED", Item(KEY, version, {}), None))


def test_many_changes_are_kept_while_they_are_young() -> None:
    clock = Clock()
    history = History(0, 10_000, clock)
    add(history, 1, 9_000)
    clock.now = AGE - 1
    add(history, 9_001, 1)
    assert len(history.since(history.position(0))) == 9_001


def test_old_ones_are_forgotten_but_for_the_last() -> None:
    clock = Clock()
    history = History(0, 10_000, clock)
    add(history, 1, 9_000)
    clock.now = AGE + 1
    add(history, 9_001, 8)
    left = history.since(history.position(9_008 - LEAST))
    assert [left[0].item.version, left[-1].item.version] == [9_009 - LEAST, 9_008]
    with pytest.raises(StatusError) as caught:
        history.position(1)
    assert caught.value.status == 410
    clock.now = 10 * AGE
    add(history, 9_009, 1)
    assert history.floor < 9_009 - LEAST


def test_never_more_than_twice_the_window_are_kept() -> None:
    history = History(0, 10, Clock())
    add(history, 1, 20)
    assert history.floor == 10
    assert len(history.since(history.position(10))) == 10
