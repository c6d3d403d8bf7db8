"""Runs one container task as a process: its cache, attempts, time limit, and what it has left when it does not succeed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from . import (
    cache,
    cluster_only,
    executor_io,
    failure,
    limits,
    marked,
    preparation,
    process,
    retry,
    waiting,
)
from .attempts import RetryPolicy, persist
from .context import RunContext
from .errors import EngineError
from .own_words import TaskLog
from .recorder import TaskRecord
from .values import Outcome, Values


class TaskRunner:
    """Runs the process tasks of one run."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._services = context.services
        self._journal = context.journal
        self._vain: dict[str, str | None] = {}
        """What tasks under way ask for in vain, by id."""

    async def run(
        self, record: TaskRecord, task: Any, component: Any, inputs: Values, policy: RetryPolicy
    ) -> Outcome:
        """Runs a container task to its end, or takes it up where an earlier server left it. Raises :class:`EngineError` on failure."""
        container = self._context.pipeline.executors[component.executor_label].container
        message = executor_io.build(
            component, inputs, self._folder(record), self._context.artifacts_of(record)
        )
        gone = retry.GONE if record.status_message == retry.GONE else None
        if record.state == "PENDING" and record.attempt == 1:
            key = await cache.key(self._context, task, component, container, inputs)
            self._journal.update(
                record,
                status_message=gone,
                cache_fingerprint=key.fingerprint if key else None,
                input_digest=key.input_digest if key else None,
                **self._journal.inputs(inputs),
            )
            cached = await cache.reuse(self._context, record, key) if key else None
            if cached is not None:
                return cached

        async def attempt() -> Outcome:
            attempts = f"Attempt {record.attempt} of {policy.attempts}."
            why = attempts if record.attempt > 1 else gone
            log = self._folder(record) / "log.txt"
            try:
                code = await self._process(record, component, message, inputs, why)
            except EngineError as error:  # no word of the process says it
                with suppress(OSError):
                    TaskLog(log).say(str(error))
                    self._journal.update(record, log_path=str(log))
                raise
            if code != 0:
                raise EngineError(failure.explain(code, log))
            outputs = executor_io.read_outputs(component, message)
            seal = await cache.seal(self._context, record, task, container, inputs, outputs)
            return self._journal.finish(record, Outcome("SUCCEEDED", outputs), output_digest=seal)

        try:
            return await persist(self._journal, record, policy, attempt)
        except EngineError as error:
            self._journal.keep(record, executor_io.left_behind(component, message))
            vain = self._vain.get(record.task_id)
            if vain is None:
                raise
            raise EngineError(f"{error} {vain}") from error
        except asyncio.CancelledError:
            if not self._services.detached:
                self._journal.keep(record, executor_io.left_behind(component, message))
            raise
        finally:
            self._vain.pop(record.task_id, None)

    async def end(self, record: TaskRecord) -> None:
        """Ends what an earlier server has left of the task's process."""
        if record.state == "RUNNING":
            left = process.adopt(self._folder(record), record.task_id)
            if left is not None:
                await left.terminate()
            else:
                await marked.end(record.task_id)

    def _folder(self, record: TaskRecord) -> Path:
        return self._context.folder / record.task_id

    async def _process(
        self, record: TaskRecord, component: Any, message: Any, inputs: Values, why: str | None
    ) -> int | None:
        """The exit code of the process that an earlier server has started, or of a new one; ``why`` is said of that in the status."""
        if record.state == "RUNNING":
            folder = self._folder(record)
            running = process.adopt(folder, record.task_id)
            if running is None:
                await marked.end(record.task_id)
                raise EngineError(
                    f"{folder / 'process.json'}, which told of the task's process, is gone or damaged, so what was left of it has been ended."
                )
            limits_hold = ("cpu", "memory") if running.removal else ()
            self._vain[record.task_id] = cluster_only.note(
                self._context.pipeline, component, inputs, limits_hold
            )
            with self._services.slots.taken(self._context.run.run_id):
                async with self._held(running):
                    # One that has ended in time while no server was there to see it has not exceeded its limit.
                    over = (folder / "exit").exists()
                    code = await self._end_of(running, None if over else self._limit(component))
            if running.started:
                return code
            self._journal.update(record, state="PENDING", pid=None)  # its server never let it begin
        return await self._execute(record, component, message, inputs, why)

    async def _execute(
        self, record: TaskRecord, component: Any, message: Any, inputs: Values, why: str | None
    ) -> int | None:
        services, journal = self._services, self._journal
        folder = self._folder(record)
        for stale in (folder / "outputs", self._context.artifacts_of(record)):
            shutil.rmtree(stale, ignore_errors=True)
            stale.mkdir(parents=True)
        data = executor_io.as_dict(message, component, inputs)
        self._context.workspace.mkdir(parents=True, exist_ok=True)

        ready = await preparation.prepare(self._context, record, component, data, inputs)
        self._vain[record.task_id] = ready.vain

        def tell(text: str) -> None:
            journal.tell(record, text)

        async with services.slots.slot(
            self._context.run.run_id, lambda ahead: tell(waiting.for_slot(ahead))
        ):
            failure.begin_attempt(folder / "log.txt", record.attempt)
            running = process.launch(
                folder, ready.argv, ready.env, record.task_id, record.attempt, ready.removal
            )
            async with self._held(running):
                journal.start(
                    record,
                    pid=running.pid,
                    log_path=str(folder / "log.txt"),
                    status_message=" ".join(filter(None, (why, ready.note))) or None,
                )
                await journal.settled()
                running.go()
                return await self._end_of(running, self._limit(component))

    def _limit(self, component: Any) -> float | None:
        return limits.of_task(self._context.pipeline, component)

    async def _end_of(self, running: process.TaskProcess, limit: float | None) -> int | None:
        if limit is None:
            return await running.wait()
        try:
            return await asyncio.wait_for(running.wait(), max(0.0, limit - running.age))
        except asyncio.TimeoutError as error:
            raise EngineError(
                f"The process was ended, because it has run for longer than its time limit of {limit:g} s (kubernetes.set_timeout)."
            ) from error

    @asynccontextmanager
    async def _held(self, running: process.TaskProcess) -> AsyncIterator[None]:
        """Ends the process when what is done with it fails or is cancelled, unless the server goes and leaves it to the next one."""
        try:
            yield
        except BaseException as error:
            left = self._services.detached and isinstance(error, asyncio.CancelledError)
            if not left:
                await asyncio.shield(running.terminate())
            raise
