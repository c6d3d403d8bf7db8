"""Runs one container task as a process, with cache and retries."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from . import cache, cluster_only, executor_io, failure, placeholders, process
from . import command as commands
from .context import RunContext
from .errors import EngineError
from .recorder import TaskRecord
from .values import Outcome, Values


class TaskRunner:
    """Runs the process tasks of one run."""

    def __init__(self, context: RunContext) -> None:
        self._context = context
        self._services = context.services
        self._journal = context.journal

    async def run(self, record: TaskRecord, task: Any, component: Any, inputs: Values) -> Outcome:
        """Runs a container task to its end, or takes up the process an earlier server started. Raises :class:`EngineError` on failure."""
        container = self._context.pipeline.executors[component.executor_label].container
        folder = self._context.folder / record.task_id
        artifacts = self._context.artifacts / record.task_id
        message = executor_io.build(component, inputs, folder, artifacts)
        running: process.TaskProcess | None = None
        if record.state == "RUNNING":
            running = process.adopt(folder, record.task_id)
            if running is None:
                await asyncio.to_thread(process.kill_marked, record.task_id)
                raise EngineError(
                    f"{folder / 'process.json'}, which told of the task's process, is gone or damaged, so what was left of it has been ended."
                )
        else:
            key = await cache.key(self._context, task, component, container, inputs)
            self._journal.update(
                record,
                status_message=cluster_only.note(self._context.pipeline, component, inputs),
                cache_fingerprint=key.fingerprint if key else None,
                input_digest=key.input_digest if key else None,
                **self._journal.inputs(inputs),
            )
            cached = await cache.reuse(self._context, record, key) if key else None
            if cached is not None:
                return cached
        policy = task.retry_policy
        attempts = 1 + max(0, policy.max_retry_count)
        attempt = running.attempt if running else 1
        while True:
            try:
                if running is not None:
                    with self._services.slots.taken(self._context.run.run_id):
                        async with self._held(running):
                            code = await running.wait()
                    if not running.started:
                        running = None  # its server was killed before it let it begin
                        continue
                else:
                    for stale in (folder / "outputs", artifacts):
                        shutil.rmtree(stale, ignore_errors=True)
                        stale.mkdir(parents=True)
                    code = await self._execute(
                        record, component, container, message, inputs, attempt
                    )
                if code != 0:
                    raise EngineError(failure.explain(code, folder / "log.txt"))
                outputs = executor_io.read_outputs(component, message)
                seal = await cache.seal(self._context, record, task, container, inputs, outputs)
                return self._journal.finish(
                    record, Outcome("SUCCEEDED", outputs), output_digest=seal
                )
            except EngineError as error:
                if attempt >= attempts:
                    self._journal.keep(record, executor_io.left_behind(component, message))
                    raise
                delay = _backoff(policy, attempt)
                self._journal.update(
                    record,
                    status_message=f"Attempt {attempt} of {attempts} failed: {error} Next in {delay:g} s.",
                )
                await asyncio.sleep(delay)
                attempt += 1
                running = None
            except asyncio.CancelledError:
                if not self._services.detached:
                    self._journal.keep(record, executor_io.left_behind(component, message))
                raise

    async def _execute(
        self,
        record: TaskRecord,
        component: Any,
        container: Any,
        message: Any,
        inputs: Values,
        attempt: int,
    ) -> int | None:
        services, journal = self._services, self._journal
        folder = self._context.folder / record.task_id
        data = executor_io.as_dict(message, component, inputs)
        self._context.workspace.mkdir(parents=True, exist_ok=True)

        def resolve(elements: list[str]) -> list[str]:
            return placeholders.resolve_command(elements, data, self._context.names(record))

        found = commands.read(list(container.command), list(container.args), container.image)
        declared = {each.name: resolve([each.value])[0] for each in container.env}
        note = record.status_message

        def tell(text: str) -> None:
            journal.update(record, status_message=text)

        if found.isolate:
            python = await services.environments.throw_away(folder / "environment")
        else:
            python = await services.environments.python(found.requirements, found.needs_kfp, tell)
        env = commands.environment(python, declared)
        argv = commands.located(resolve(found.argv), python, env, container.image)
        async with services.slots.slot(
            self._context.run.run_id, lambda ahead: tell(f"Waiting for a free slot ({ahead} ahead)")
        ):
            running = process.launch(folder, argv, env, record.task_id, attempt)
            async with self._held(running):
                journal.start(
                    record,
                    pid=running.pid,
                    log_path=str(folder / "log.txt"),
                    status_message=note if attempt == 1 else f"Attempt {attempt}",
                )
                running.go()
                return await running.wait()

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


def _backoff(policy: Any, attempt: int) -> float:
    first = policy.backoff_duration.ToTimedelta().total_seconds()
    factor = policy.backoff_factor or 2.0
    limit = policy.backoff_max_duration.ToTimedelta().total_seconds() or 3600.0
    return float(min(first * factor ** (attempt - 1), limit))
