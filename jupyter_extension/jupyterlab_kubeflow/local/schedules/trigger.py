"""When the runs of a recurring run are due, by the rules of KFP's ScheduledWorkflow controller. All times are whole seconds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from .cron import Cron, Every, parse


@dataclass(frozen=True)
class Trigger:
    """``v2beta1Trigger``: either ``cron`` or ``interval_second``, with the times between which runs are due.

    Times of a cron expression are those after ``start``, or after the recurring run was created. Intervals are counted from there, so that the
    first one ends at ``start + interval_second``. A ``start`` that is past makes runs due for the time since (a backfill). ``end`` is included.
    """

    cron: str | None
    interval_second: int | None
    start: datetime | None = None
    end: datetime | None = None

    def next_due(
        self, created_at: datetime, last: datetime | None, zone: tzinfo
    ) -> datetime | None:
        """The due time after ``last``, the due time of the last run that was created; None when there will be no more."""
        begin = last or self.start or created_at.replace(microsecond=0)
        schedule = self._schedule()
        due = schedule.after(begin) if isinstance(schedule, Every) else schedule.after(begin, zone)
        return None if due is None or (self.end is not None and due > self.end) else due

    def latest_due(self, due: datetime, now: datetime, zone: tzinfo) -> datetime:
        """What takes the place of ``due``, which is past, without catch-up: the last due time up to ``now``.

        As in KFP, an interval that was missed as a whole makes a run due now (or at the end), from which the next interval counts.
        """
        limit = min(now.replace(microsecond=0), self.end or now)
        schedule = self._schedule()
        if isinstance(schedule, Cron):
            return max(due, schedule.latest(limit, zone) or due)
        if self.cron:
            return schedule.latest(due, limit)
        return limit if schedule.latest(due, now) > due else due

    def _schedule(self) -> Cron | Every:
        return parse(self.cron) if self.cron else Every(self.interval_second or 1)
