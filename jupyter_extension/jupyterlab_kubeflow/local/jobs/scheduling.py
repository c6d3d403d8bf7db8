"""What a pod waits for before it is the machine's, and how that is told: in its condition ``PodScheduled`` and, once, in its events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from jupyterlab_kubeflow.local.kubernetes.errors import StatusError

from . import quantities, times, volumes
from .events import Events
from .words import CannotSchedule

Body = dict[str, Any]
Edit = Callable[[Callable[[Body], None]], Awaitable[Body]]
"""Changes the pod that is stored."""

_LOOK_AGAIN = 1.0
_IN_USE = "cores of this machine are in use"


def queued(said: str) -> bool:
    """Whether the message of a condition says that the pod waits for cores, which it will get, and not for what there is not."""
    return _IN_USE in said


class Scheduling:
    """The wait of one pod, ``body``."""

    def __init__(self, body: Body, edit: Edit, events: Events) -> None:
        self._body = body
        self._edit = edit
        self._events = events
        self._work: set[asyncio.Task[None]] = set()
        self._queue_told = False

    async def what_is_asked(self, find: volumes.Find) -> None:
        """Returns once the machine has the devices and the volumes that the pod asks for."""
        said = ""
        while True:
            try:
                quantities.check(self._body["spec"])
                volumes.check(self._body["spec"], find)
                return
            except CannotSchedule as error:
                if str(error) != said:
                    said = str(error)
                    await self._unschedulable(said)
                    await self._tell(said)
            await asyncio.sleep(_LOOK_AGAIN)

    def queued(self, ahead: int, capacity: int) -> None:
        """The pod waits for cores, of which the machine has ``capacity``, and ``ahead`` pods go first."""
        first = (
            f"{ahead} pods go first" if ahead > 1 else "1 pod goes first" if ahead else "It is next"
        )
        said = f"{first}: all {capacity} {_IN_USE}."
        task = asyncio.create_task(self._tell_of_queue(said))
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _tell_of_queue(self, said: str) -> None:
        await self._unschedulable(said)
        if not self._queue_told:
            self._queue_told = True
            await self._tell(f"0/1 nodes are available: {said}")

    async def _tell(self, said: str) -> None:
        await self._events.tell(self._body, "FailedScheduling", said, warning=True)

    async def _unschedulable(self, said: str) -> None:
        def change(body: Body) -> None:
            if not body["spec"].get("nodeName"):
                times.condition(body["status"], "PodScheduled", False, "Unschedulable", said)

        with suppress(StatusError):
            await self._edit(change)
