"""What all controllers share: keys of objects in a queue, each looked at by one call at a time, again after a failure or when it is due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.kinds import Kind

_log = logging.getLogger(__name__)
_FIRST_RETRY = 0.5
_LAST_RETRY = 60.0


class Name(NamedTuple):
    """Which object."""

    namespace: str
    name: str


Look = Callable[[Name], Awaitable[float | None]]
"""Brings the world nearer to what the object wants; the seconds until it is to be looked at again, None for not by itself."""

Names = Callable[[dict[str, Any]], Iterable[Name]]
"""The objects that a change of another one concerns."""


class Controller:
    """Calls ``look`` for every object that may need it, from :meth:`start` to :meth:`stop`, in one event loop."""

    def __init__(self, client: Client, look: Look, watched: Iterable[tuple[Kind, Names]]) -> None:
        self._client = client
        self._look = look
        self._watched = list(watched)
        self._tasks: list[asyncio.Task[None]] = []
        self._busy: dict[Name, asyncio.Task[None]] = {}
        self._again: set[Name] = set()
        self._timers: dict[Name, asyncio.TimerHandle] = {}
        self._failures: dict[Name, int] = {}

    def start(self) -> None:
        """Begins with what is there."""
        for kind, names in self._watched:
            self._tasks.append(asyncio.create_task(self._watch(kind, names)))

    async def stop(self) -> None:
        """Ends at once; what was under way is taken up from the state by the next start."""
        for timer in self._timers.values():
            timer.cancel()
        tasks = [*self._tasks, *self._busy.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def wake(self, name: Name) -> None:
        """Has the object looked at soon."""
        if timer := self._timers.pop(name, None):
            timer.cancel()
        if name in self._busy:
            self._again.add(name)
        else:
            self._busy[name] = asyncio.create_task(self._settle(name))

    async def _watch(self, kind: Kind, names: Names) -> None:
        while True:
            try:
                async for event in self._client.watch(kind):
                    for name in names(event.object):
                        self.wake(name)
            except StatusError as error:  # too slow: begin anew with what is there
                _log.info("Watching %s anew: %s", kind.resource, error)

    async def _settle(self, name: Name) -> None:
        due: float | None = None
        try:
            due = await self._look(name)
            self._failures.pop(name, None)
        except StatusError as error:
            due = self._after_failure(name)
            _log.info("%s/%s is looked at again: %s", *name, error)
        except Exception:
            due = self._after_failure(name)
            _log.exception("Looking at %s/%s", *name)
        finally:
            self._busy.pop(name, None)
        if name in self._again:
            self._again.discard(name)
            self.wake(name)
        elif due is not None:
            loop = asyncio.get_running_loop()
            self._timers[name] = loop.call_later(max(due, 0.01), self.wake, name)

    def _after_failure(self, name: Name) -> float:
        count = self._failures[name] = self._failures.get(name, 0) + 1
        return float(min(_FIRST_RETRY * 2 ** min(count - 1, 10), _LAST_RETRY))


def named(body: dict[str, Any]) -> Iterable[Name]:
    """The object itself."""
    return [Name(body["metadata"].get("namespace", ""), body["metadata"]["name"])]


def owner(body: dict[str, Any], kind: str) -> dict[str, Any] | None:
    """The reference to the controller of an object, if that is of a kind."""
    for each in body["metadata"].get("ownerReferences") or ():
        if each.get("controller") and each["kind"] == kind:
            return dict(each)
    return None


def owned_by(kind: str) -> Names:
    """The controller of the object, if it is of a kind."""

    def names(body: dict[str, Any]) -> Iterable[Name]:
        found = owner(body, kind)
        return [Name(body["metadata"]["namespace"], found["name"])] if found else []

    return names


def owner_reference(body: dict[str, Any]) -> dict[str, Any]:
    """The reference by which an object belongs to ``body``."""
    return {
        "apiVersion": body["apiVersion"],
        "kind": body["kind"],
        "name": body["metadata"]["name"],
        "uid": body["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }
