"""Processes by their mark: every process of a task has the task's id in its environment, in whatever session it is."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from weakref import WeakKeyDictionary

import psutil

TASK_VARIABLE = "KUBEFLOW_LOCAL_TASK"
"""Environment variable that marks every process of a task with the task's id."""


def kill(task_ids: Collection[str]) -> None:
    """Kills every process of this user whose environment marks it as belonging to one of the tasks."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(TASK_VARIABLE) in task_ids:
                process.kill()


async def end(task_id: str) -> None:
    """As :func:`kill`, for one task. It reads the environment of every process of the machine, so those that end together share a look."""
    await _looks.setdefault(asyncio.get_running_loop(), _Looks()).end(task_id)


class _Looks:
    """One look after the other; each is for all who ask before it begins."""

    def __init__(self) -> None:
        self._wanted: set[str] = set()
        self._next: asyncio.Task[None] | None = None
        self._one = asyncio.Lock()

    async def end(self, task_id: str) -> None:
        self._wanted.add(task_id)
        if self._next is None:
            self._next = asyncio.create_task(self._look())
        await asyncio.shield(self._next)

    async def _look(self) -> None:
        async with self._one:
            wanted, self._wanted, self._next = self._wanted, set(), None
            await asyncio.to_thread(kill, wanted)


_looks: WeakKeyDictionary[asyncio.AbstractEventLoop, _Looks] = WeakKeyDictionary()
