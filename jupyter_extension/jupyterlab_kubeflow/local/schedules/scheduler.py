"""Creates the runs of recurring runs when they are due.

How far a recurring run has come is written in the transaction that records its run, so that a server killed at any moment neither loses nor
doubles one. The scheduler keeps nothing else: whatever is due by the clock is created, late or not, as far as catch-up says and
``max_concurrency`` allows; what is bounded by the latter waits for an end of a run.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Select, SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local.store.database import Database
from jupyterlab_kubeflow.local.store.history import END_STATES, now
from jupyterlab_kubeflow.local.store.models import RecurringRun, Run
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .trigger import Trigger

LONGEST_PAUSE = timedelta(minutes=1)
"""The clock is looked at this often at least: it may have been set, or the machine may have slept."""

RETRY = timedelta(minutes=1)
"""A run that could not be created is tried again after this time."""

ZONE_VARIABLE = "CRON_SCHEDULE_TIMEZONE"

Clock = Callable[[], datetime]
CreateRun = Callable[[Session, RecurringRun, datetime], Run]
"""Records, in the session, the recurring run's next run, due at the time; :class:`ApiError` when it cannot be."""

_log = logging.getLogger(__name__)


def trigger_of(row: RecurringRun) -> Trigger:
    """When the recurring run's runs are due."""
    return Trigger(row.cron, row.interval_second, row.start_time, row.end_time)


def _active(recurring_run_id: SQLColumnExpression[str] | str) -> Select[Any]:
    """How many of its runs have not ended."""
    return select(func.count(Run.id)).where(
        Run.recurring_run_id == recurring_run_id, Run.state.not_in(END_STATES)
    )


def zone_of_environment() -> tzinfo:
    """Where the clocks stand that cron expressions mean: UTC, or what ``CRON_SCHEDULE_TIMEZONE`` names, as for KFP's controller.

    Raises :class:`KubeflowError` when it names no time zone.
    """
    name = os.environ.get(ZONE_VARIABLE, "").strip()
    if name in ("", "UTC"):
        return timezone.utc
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise KubeflowError(
            f"{ZONE_VARIABLE} must name a time zone such as Europe/Berlin, not {name!r}.",
            reason="NotConfigured",
            status=503,
            service="local",
        ) from None


class Scheduler:
    """The life of all recurring runs. ``zone`` is where the clocks stand that cron expressions mean."""

    def __init__(
        self,
        database: Database,
        create: CreateRun,
        submit: Callable[[str], None],
        *,
        clock: Clock = now,
        zone: tzinfo = timezone.utc,
    ) -> None:
        self.zone = zone
        self.clock = clock
        self._database = database
        self._create = create
        self._submit = submit
        self._failed: dict[str, datetime] = {}
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Creates what is due, from now on, on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run(), name="scheduler")

    async def stop(self) -> None:
        """Ends the scheduler once the run that it is creating, if any, is recorded."""
        self._stopping = True
        self._woken.set()
        if self._task is not None:
            await self._task

    def wake(self, recurring_run_id: str | None = None) -> None:
        """Looks again at what is due, and at the given recurring run even if it failed a moment ago. For any thread."""
        if recurring_run_id is not None:
            self._failed.pop(recurring_run_id, None)
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the server is going down
                self._loop.call_soon_threadsafe(self._woken.set)

    async def _run(self) -> None:
        try:
            await asyncio.to_thread(self._reset)
        except Exception:
            _log.exception("The due times of the recurring runs could not be computed anew")
        while not self._stopping:
            try:
                pause = await asyncio.to_thread(self.create_due)
            except Exception:
                _log.exception("The recurring runs that are due could not be read")
                pause = LONGEST_PAUSE
            try:
                await asyncio.wait_for(self._woken.wait(), pause.total_seconds())
            except asyncio.TimeoutError:
                continue
            self._woken.clear()

    def create_due(self) -> timedelta:
        """Creates the runs that are due and submits them. Returns how long to wait until the next look, if nothing changes before."""
        for recurring_run_id in self._due():
            if self._stopping:
                break
            try:
                created, failed = self._create_due_of(recurring_run_id)
            except Exception as error:
                _log.exception("A run of recurring run %s could not be created", recurring_run_id)
                self._tell(recurring_run_id, error)
                created, failed = [], True
            if failed:
                self._failed[recurring_run_id] = self.clock()
            else:
                self._failed.pop(recurring_run_id, None)
            for run_id in created:
                self._submit(run_id)
        return self._pause()

    def _due(self) -> list[str]:
        """The recurring runs with a run that is due and may be created, the longest overdue first."""
        present = self.clock()
        with self._database.read() as session:
            due = session.scalars(
                select(RecurringRun.id)
                .where(
                    RecurringRun.enabled,
                    RecurringRun.next_scheduled_at <= present,
                    _active(RecurringRun.id).scalar_subquery() < RecurringRun.max_concurrency,
                )
                .order_by(RecurringRun.next_scheduled_at, RecurringRun.id)
            ).all()
        return [each for each in due if not self._failed_lately(each, present)]

    def _failed_lately(self, recurring_run_id: str, present: datetime) -> bool:
        failed = self._failed.get(recurring_run_id)
        return failed is not None and failed <= present < failed + RETRY

    def _create_due_of(self, recurring_run_id: str) -> tuple[list[str], bool]:
        """Creates as many runs as are due and may be active, in one transaction; the ids, and whether one could not be created."""
        created: list[str] = []
        with self._database.write() as session:
            row = session.get(RecurringRun, recurring_run_id)
            if row is None or not row.enabled:
                return [], False
            present = self.clock()
            free = row.max_concurrency - (session.scalar(_active(row.id)) or 0)
            while (due := row.next_scheduled_at) and due <= present and len(created) < free:
                if row.no_catchup:
                    due = trigger_of(row).latest_due(due, present, self.zone)
                try:
                    run = self._create(session, row, due)
                except ApiError as error:
                    row.error = f"The run that was due at {due:%Y-%m-%dT%H:%M:%SZ} cannot be created: {error.message}"
                    return created, True
                created.append(run.id)
                row.last_index += 1
                row.last_scheduled_at = due
                row.next_scheduled_at = trigger_of(row).next_due(row.created_at, due, self.zone)
                row.error = None
        return created, False

    def _tell(self, recurring_run_id: str, error: Exception) -> None:
        """Says on the recurring run that something unforeseen happened, if that can be written."""
        said = f"The run that is due cannot be created ({type(error).__name__}). `jupyter kubeflow local logs` shows more."
        with contextlib.suppress(Exception), self._database.write() as session:
            row = session.get(RecurringRun, recurring_run_id)
            if row is not None:
                row.error = said

    def _pause(self) -> timedelta:
        present = self.clock()
        with self._database.read() as session:
            due = session.scalar(
                select(func.min(RecurringRun.next_scheduled_at)).where(
                    RecurringRun.enabled, RecurringRun.next_scheduled_at > present
                )
            )
        return min(LONGEST_PAUSE, due - present) if due else LONGEST_PAUSE

    def _reset(self) -> None:
        """Computes all due times anew: since they were, the time zone may have become another."""
        changed: dict[str, datetime | None] = {}
        with self._database.read() as session:
            for row in session.scalars(select(RecurringRun)):
                due = trigger_of(row).next_due(row.created_at, row.last_scheduled_at, self.zone)
                if due != row.next_scheduled_at:
                    changed[row.id] = due
        if changed:
            with self._database.write() as session:
                for row in session.scalars(select(RecurringRun)):
                    row.next_scheduled_at = changed.get(row.id, row.next_scheduled_at)
