"""What has happened to the objects of one resource lately, and who waits for more."""

from __future__ import annotations

import asyncio
import bisect
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from .errors import too_old

AGE = 600.0
"""Seconds after which changes may be forgotten before there are too many, twice etcd's own five minutes."""

LEAST = 1_000
"""So many changes are kept however old they are."""


class Key(NamedTuple):
    """Where an object is kept; the order of keys is that of lists."""

    resource: str
    namespace: str
    name: str


@dataclass(frozen=True)
class Item:
    """One version of an object. ``body`` is shared by all readers: never change it.

    ``owned``: the fields that each manager has set, see ``apply``.
    """

    key: Key
    version: int
    body: dict[str, Any]
    owned: dict[str, dict[str, Any]] = field(default_factory=dict)

    @cached_property
    def json(self) -> str:
        """The body's JSON."""
        return json.dumps(self.body, separators=(",", ":"), ensure_ascii=False)

    @property
    def meta(self) -> dict[str, Any]:
        """``metadata``."""
        return dict(self.body["metadata"])

    @property
    def uid(self) -> str:
        """``metadata.uid``."""
        return str(self.body["metadata"]["uid"])

    def copy(self) -> dict[str, Any]:
        """A body of one's own."""
        return dict(json.loads(self.json))


@dataclass(frozen=True)
class Event:
    """A change: ADDED, MODIFIED or DELETED, the object after it (its last form when deleted) and before it."""

    type: str
    item: Item
    before: Item | None


class History:
    """The last changes of a resource and the watchers of it. Not for use by several threads at once.

    Kept are at least the last ``window`` changes of the last :data:`AGE` seconds, and the last :data:`LEAST` however old they are.
    """

    def __init__(
        self, floor: int, window: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.floor = floor
        self._window = window
        self._clock = clock
        self._events: list[Event] = []
        self._times: list[float] = []
        self._dropped = 0
        self.watchers: set[Watcher] = set()

    def append(self, event: Event) -> None:
        """Adds a change, and forgets the oldest when there are twice as many as wanted, or many that are old."""
        now = self._clock()
        self._events.append(event)
        self._times.append(now)
        if len(self._events) >= 2 * self._window:
            self._forget(self._window)
        elif len(self._events) >= 2 * LEAST and self._times[LEAST - 1] < now - AGE:
            self._forget(LEAST)

    def _forget(self, count: int) -> None:
        self.floor = self._events[count - 1].item.version
        del self._events[:count], self._times[:count]
        self._dropped += count

    def position(self, version: int) -> int:
        """The position of the first change after a version. Raises 410 when it is no longer known which that was."""
        if version < self.floor:
            raise too_old(version, self.floor)
        return self._dropped + bisect.bisect_right(
            self._events, version, key=lambda event: event.item.version
        )

    def since(self, position: int) -> list[Event]:
        """The changes from a position on. Raises 410 when some have been forgotten."""
        if position < self._dropped:
            raise too_old(self.floor - 1, self.floor)
        return self._events[position - self._dropped :]

    def wake(self) -> None:
        """Tells the watchers that there is more."""
        for watcher in self.watchers:
            watcher.wake()


class Watcher:
    """A reader of a history in an event loop."""

    def __init__(self, history: History, position: int) -> None:
        self.history = history
        self.position = position
        self._loop = asyncio.get_running_loop()
        self._more = asyncio.Event()
        self._told = False

    def wake(self) -> None:
        """From any thread: there is more. Told once until it is read."""
        if not self._told:
            self._told = True
            self._loop.call_soon_threadsafe(self._more.set)

    def read(self) -> list[Event]:
        """What is new."""
        self._told = False
        self._more.clear()
        events = self.history.since(self.position)
        self.position += len(events)
        return events

    async def wait(self, seconds: float | None) -> None:
        """Returns when there is more, or after the time."""
        try:
            await asyncio.wait_for(self._more.wait(), seconds)
        except asyncio.TimeoutError:
            return
