"""The cores that pods share with pipeline runs, given out in the order in which pods came. Pods of one Job of a JobSet start together.

Such pods wait for one another while they run (as ranks of a training do), so the first one that gets its cores takes the others along, even
when there are more of them than cores.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field

from jupyterlab_kubeflow.local.engine.slots import Slots

_PATIENCE = 0.05
"""Seconds until a pod is told that it waits: most do not."""

_NEAR = 10
"""Pods with fewer before them are told of every step forward."""


@dataclass(eq=False)
class _Waiter:
    owner: str
    gang: str
    count: int
    tell: Callable[[int], None]
    told: int | None = None
    held: asyncio.Future[AsyncExitStack] = field(default_factory=asyncio.Future)


class Cores:
    """Gives out ``slots``. All calls are made on one event loop."""

    def __init__(self, slots: Slots) -> None:
        self._slots = slots
        self._queue: list[_Waiter] = []
        self._gangs: Counter[str] = Counter()
        self._pump: asyncio.Task[None] | None = None

    @property
    def capacity(self) -> int:
        """How many there are."""
        return self._slots.capacity

    @asynccontextmanager
    async def hold(
        self, owner: str, gang: str, count: int, tell: Callable[[int], None]
    ) -> AsyncIterator[None]:
        """Holds ``count`` cores, or all when there are fewer. While it waits, ``tell`` is called with the number of pods that go first."""
        if gang and self._gangs[gang]:
            with self.taken(owner, gang, count):
                yield
            return
        waiter = _Waiter(owner, gang, count, tell)
        self._queue.append(waiter)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._give_out())
        asyncio.get_running_loop().call_later(_PATIENCE, self._tell)
        try:
            stack = await waiter.held
        except asyncio.CancelledError:
            if waiter in self._queue:
                self._queue.remove(waiter)
                self._tell()
            if waiter.held.done() and not waiter.held.cancelled():
                await waiter.held.result().aclose()
            raise
        async with stack:
            yield

    def taken(self, owner: str, gang: str, count: int) -> ExitStack:
        """Counts cores that a pod has already, even when there are more than there are cores then."""
        stack = ExitStack()
        for _ in range(min(count, self.capacity)):
            stack.enter_context(self._slots.taken(owner))
        if gang:
            self._gangs[gang] += 1
            stack.callback(self._leave, gang)
        return stack

    def _leave(self, gang: str) -> None:
        self._gangs[gang] -= 1
        if not self._gangs[gang]:
            del self._gangs[gang]

    async def _give_out(self) -> None:
        while self._queue:
            async with AsyncExitStack() as stack:
                got = 0
                while self._queued() and got < min(self._queue[0].count, self.capacity):
                    slot = self._slots.slot(self._queue[0].owner, lambda _: None)
                    await stack.enter_async_context(slot)
                    got += 1
                if not self._queue:
                    return
                first = self._queue.pop(0)
                if first.gang:
                    self._gangs[first.gang] += 1
                    stack.callback(self._leave, first.gang)
                first.held.set_result(stack.pop_all())
            for each in [each for each in self._queued() if each.gang and each.gang == first.gang]:
                self._queue.remove(each)
                held = AsyncExitStack()
                held.enter_context(self.taken(each.owner, each.gang, each.count))
                each.held.set_result(held)
            self._tell()

    def _queued(self) -> list[_Waiter]:
        self._queue = [each for each in self._queue if not each.held.cancelled()]
        return self._queue

    def _tell(self) -> None:
        """Tells those who wait where they stand; those far behind only when it has become half of it, so that a long queue costs little."""
        for ahead, waiter in enumerate(self._queued()):
            if waiter.told is None or (
                ahead < waiter.told and (ahead < _NEAR or ahead <= waiter.told / 2)
            ):
                waiter.told = ahead
                waiter.tell(ahead)
