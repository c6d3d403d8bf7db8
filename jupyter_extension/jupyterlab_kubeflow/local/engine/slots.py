"""A bounded number of processes at once over all runs, shared fairly between the runs."""

from __future__ import annotations

import asyncio
import heapq
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

_FIRST_LOOK = 0.05
_NEXT_LOOK = 1.0
"""Seconds until those who wait are told how many go first, and until it is looked at again. What begins to wait meanwhile is told with them."""


@dataclass(eq=False)
class _Waiter:
    owner: str
    granted: asyncio.Future[None]
    tell: Callable[[int], None]
    told: int | None = None


class Slots:
    """``capacity`` slots. A free one goes to the owner that holds the fewest; among equals to the one that waits longest.

    ``capacity`` is at least 1 (``ValueError`` otherwise). All calls are made on one event loop.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"max_parallel is {capacity}; it must be 1 or more.")
        self.capacity = capacity
        self._held: Counter[str] = Counter()
        self._queues: dict[str, deque[_Waiter]] = {}
        self._refresh: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def slot(self, owner: str, tell: Callable[[int], None]) -> AsyncIterator[None]:
        """Holds a slot for ``owner``.

        While it waits, ``tell`` is called with the number of tasks that go first: soon, and again when it has shrunk by half or
        more (looked at once a second), so that a long queue costs little.
        """
        await self._acquire(owner, tell)
        try:
            yield
        finally:
            self._release(owner)

    @contextmanager
    def taken(self, owner: str) -> Iterator[None]:
        """Counts a process that already runs, even when there are more than ``capacity`` then."""
        self._held[owner] += 1
        try:
            yield
        finally:
            self._release(owner)

    async def _acquire(self, owner: str, tell: Callable[[int], None]) -> None:
        if not self._queues and self._held.total() < self.capacity:
            self._held[owner] += 1
            return
        waiter = _Waiter(owner, asyncio.get_running_loop().create_future(), tell)
        self._queues.setdefault(owner, deque()).append(waiter)
        self._schedule_refresh(_FIRST_LOOK)
        try:
            await waiter.granted
        except asyncio.CancelledError:
            if waiter.granted.cancelled():
                self._forget(waiter)
            else:
                self._release(owner)
            raise

    def _release(self, owner: str) -> None:
        self._held[owner] -= 1
        if not self._held[owner]:
            del self._held[owner]
        while self._queues and self._held.total() < self.capacity:
            following = min(self._queues, key=lambda each: self._held[each])
            waiter = self._queues[following][0]
            self._forget(waiter)
            if waiter.granted.cancelled():
                continue
            # An owner that has been served goes to the end of the line of owners.
            if following in self._queues:
                self._queues[following] = self._queues.pop(following)
            self._held[following] += 1
            waiter.granted.set_result(None)

    def _forget(self, waiter: _Waiter) -> None:
        queue = self._queues.get(waiter.owner)
        if queue is not None and waiter in queue:
            queue.remove(waiter)
            if not queue:
                del self._queues[waiter.owner]

    def _order(self) -> list[_Waiter]:
        """Those who wait, in the order in which slots that become free would go to them."""
        queues = [deque(queue) for queue in self._queues.values()]
        heap = [(self._held[owner], turn) for turn, owner in enumerate(self._queues)]
        heapq.heapify(heap)
        order: list[_Waiter] = []
        while heap:
            held, turn = heapq.heappop(heap)
            queue = queues[turn]
            order.append(queue.popleft())
            if queue:
                queues.append(queue)
                heapq.heappush(heap, (held + 1, len(queues) - 1))
        return order

    def _schedule_refresh(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + seconds
        if self._refresh is None or self._refresh.when() > due:
            if self._refresh is not None:
                self._refresh.cancel()
            self._refresh = loop.call_at(due, self._tell_all)

    def _tell_all(self) -> None:
        self._refresh = None
        for ahead, waiter in enumerate(self._order()):
            if waiter.told is None or waiter.told - ahead >= max(waiter.told / 2, 1):
                waiter.told = ahead
                waiter.tell(ahead)
        if self._queues:
            self._schedule_refresh(_NEXT_LOOK)
