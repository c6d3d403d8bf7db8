"""Trying a failed task again, by its retry policy (``PipelineTaskSpec.RetryPolicy``).

KFP applies a policy to processes only: tasks inside a pipeline, loop or condition without a policy of their own have that of the nearest
one around them (``backend/src/v2/compiler/visitor.go``). ``backoff_max_duration`` bounds the time from the first attempt's beginning until
the last one's, as in Argo, not a single pause.
"""

from __future__ import annotations

import math
from asyncio import get_running_loop, sleep
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from . import waiting
from .errors import EngineError
from .journal import Journal, now
from .recorder import TaskRecord
from .values import Outcome


@dataclass(frozen=True)
class RetryPolicy:
    """Up to ``attempts`` attempts; before the second ``pause`` seconds, then ``factor`` times as long each; none begins after ``within`` seconds."""

    attempts: int = 1
    pause: float = 0.0
    factor: float = 2.0
    within: float = 3600.0

    @staticmethod
    def of(policy: Any) -> RetryPolicy:
        """From the spec's message, with KFP's defaults for what it leaves out."""
        return RetryPolicy(
            attempts=1 + max(0, policy.max_retry_count),
            pause=_seconds(policy.backoff_duration),
            factor=policy.backoff_factor or 2.0,
            within=_seconds(policy.backoff_max_duration) or 3600.0,
        )

    def before(self, attempt: int) -> float:
        """The pause before ``attempt`` (from 2), in seconds."""
        try:
            return self.pause * math.pow(self.factor, attempt - 2)
        except OverflowError:
            return math.inf


def _seconds(duration: Any) -> float:
    return max(0.0, duration.seconds + duration.nanos / 1e9)


async def persist(
    journal: Journal,
    record: TaskRecord,
    policy: RetryPolicy,
    attempt: Callable[[], Awaitable[Outcome]],
) -> Outcome:
    """The outcome of the first attempt that succeeds; raises the :class:`EngineError` of the last one.

    Between attempts the task is PENDING. A task that an earlier server has left there waits for what remains of its pause.
    """
    clock = get_running_loop().time
    earlier = (now() - record.start_time).total_seconds() if record.start_time else 0.0
    begun = clock() - max(0.0, earlier)
    if record.next_attempt_at is not None:
        remaining = (record.next_attempt_at - now()).total_seconds()
        # Never longer than the pause was: the clock may have been set back.
        await sleep(min(max(0.0, remaining), policy.before(record.attempt)))
    while True:
        try:
            return await attempt()
        except EngineError as error:
            following = record.attempt + 1
            if following > policy.attempts:
                raise
            pause = policy.before(following)
            if clock() - begun + pause > policy.within:
                raise EngineError(
                    f"{error} It is not tried again: attempt {following} would begin later than {policy.within:g} s after the first "
                    "(backoff_max_duration)."
                ) from error
            journal.update(
                record,
                state="PENDING",
                attempt=following,
                next_attempt_at=now() + timedelta(seconds=pause),
                pid=None,
                status_message=waiting.for_attempt(
                    following - 1, policy.attempts, pause, str(error)
                ),
            )
            await sleep(pause)
