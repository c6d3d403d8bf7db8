"""The end of a run before its time: on request, or at its time limit.

What executes is ended and what has not begun stays undone. Only tasks that run in any case (exit tasks, ``ignore_upstream_failure``) still
run, when something that they wait for had begun: KFP ends a workflow by its deadline, to which Argo's exit hooks are not subject. A second
request ends those as well.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any, Literal, TypeVar

from .values import Outcome

_T = TypeVar("_T")

_spared: ContextVar[bool] = ContextVar("spared", default=False)


class Ended(Exception):
    """What was awaited has been ended with its run; ``begun`` says whether it has had the chance to clean up."""

    def __init__(self, begun: bool) -> None:
        super().__init__()
        self.begun = begun


class Ending:
    """Whether, and why, one run is to end. All calls are made on one event loop."""

    def __init__(self) -> None:
        self.reason: Literal["request", "deadline"] | None = None
        self.message: str | None = None
        """Why a run at its time limit ends, for the user."""
        self._without_exception = False
        self._work: dict[asyncio.Future[Any], bool] = {}
        self._broken: set[asyncio.Future[Any]] = set()

    def request(self) -> None:
        """Ends the run on its user's behalf. Asked again while only spared tasks are left to be ended, it ends these."""
        if self.reason == "request" and any(not spared for spared in self._work.values()):
            return
        self._without_exception = self.reason == "request"
        self.reason = "request"
        self._break_off()

    def at_deadline(self, message: str) -> None:
        """Ends the run, because its time is over."""
        if self.reason is None:
            self.reason, self.message = "deadline", message
            self._break_off()

    def spare(self) -> None:
        """From here on the calling task, with all that it awaits, goes on while the run ends."""
        _spared.set(True)

    @property
    def here(self) -> bool:
        """Whether the calling task is to end."""
        return self.reason is not None and (self._without_exception or not _spared.get())

    def outcome(self, begun: bool) -> Outcome:
        """How a task ends that is ended; ``begun``: it has been executed in part."""
        if self.reason == "request":
            return Outcome("CANCELED")
        if begun:
            return Outcome("FAILED", error=f"Ended before its time: {self.message}")
        return Outcome("SKIPPED", error=f"Skipped: {self.message}", blocked=True)

    async def breakable(self, work: Coroutine[Any, Any, _T]) -> _T:
        """The result of ``work``; :class:`Ended` when it had to be broken off for the run's end."""
        if self.here:
            work.close()
            raise Ended(begun=False)
        begun = False

        async def noted() -> _T:
            nonlocal begun
            begun = True
            return await work

        job = asyncio.ensure_future(noted())
        self._work[job] = _spared.get()
        try:
            await asyncio.wait([job])
        except asyncio.CancelledError:
            self._break(job)
            await asyncio.wait([job])
            raise
        finally:
            del self._work[job]
            self._broken.discard(job)
            if not begun:
                work.close()
        if job.cancelled() and self.reason is not None:
            raise Ended(begun)
        return job.result()

    def _break_off(self) -> None:
        for job, spared in self._work.items():
            if self._without_exception or not spared:
                self._break(job)

    def _break(self, job: asyncio.Future[Any]) -> None:
        # A second cancellation would break off the first one's waiting for the processes' end.
        if job not in self._broken:
            self._broken.add(job)
            job.cancel()
