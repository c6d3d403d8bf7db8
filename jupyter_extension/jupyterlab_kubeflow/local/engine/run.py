"""Runs one run: walks the pipeline's dags, every task as soon as what it needs has ended.

A task that fails does not stop those that do not depend on it; those that do are skipped with the reason, and the run fails. A run that an
earlier server has begun, or that is retried, is walked again from the top: ended tasks are recalled from their records, running processes
are taken up. So is one that is being ended (``ending``): what it still has is ended on the way.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from . import attempts, cluster_only, conditions, importer, placeholders, process, spec, waiting
from .attempts import RetryPolicy
from .context import RunContext, Services
from .ending import Ended, Ending
from .errors import EngineError, RecordError
from .journal import ENDED, Journal, now
from .recorder import ArtifactRecord, RunRecord, TaskRecord
from .slots import Slots
from .task import TaskRunner
from .values import (
    NoValue,
    Outcome,
    Surroundings,
    Values,
    checked,
    collected,
    dag_outputs,
    loop_items,
    resolve_inputs,
    with_defaults,
)

_log = logging.getLogger(__name__)

_TOGETHER = 100
"""So many iterations are recorded at once; in between, the event loop serves others."""


class RunExecution:
    """One run on its way. :meth:`execute` records everything up to the run's end state; when cancelled it leaves that to the caller."""

    def __init__(self, services: Services, run: RunRecord) -> None:
        self._services = services
        self._run = run
        self._journal = Journal(services.recorder, run.run_id)
        self._ending = Ending()
        self._policies: dict[str | None, RetryPolicy] = {}
        self._pipeline: spec.Pipeline
        self._context: RunContext
        self._tasks: TaskRunner
        if run.state == "CANCELING":
            self._ending.request()

    def end(self) -> None:
        """Ends the run: what executes is ended, exit tasks still run, then the run is CANCELED. Asked again, it ends the exit tasks as well."""
        self._ending.request()

    async def execute(self) -> None:
        """Executes the run. Cancellation ends its processes first (unless the server only goes away), then is raised."""
        await self._execute()
        await self._journal.settled()

    async def _execute(self) -> None:
        recorder, run_id = self._services.recorder, self._run.run_id
        folder = self._services.home / "runs" / run_id
        if folder.exists():
            await asyncio.to_thread(process.tidy, folder, self._journal.running)
        if self._ending.here and not self._journal.begun:
            recorder.set_run_state(run_id, "CANCELED")
            return
        try:
            self._pipeline = spec.of(self._run)
            inputs = self._root_inputs()
        except EngineError as error:
            recorder.set_run_state(run_id, "FAILED", str(error))
            return
        self._context = RunContext(self._services, self._run, self._pipeline, self._journal)
        self._tasks = TaskRunner(self._context)
        if self._run.state != "RUNNING":
            recorder.set_run_state(run_id, "RUNNING")
        root = self._journal.open(spec.ROOT, spec.ROOT, "ROOT", display_name=self._pipeline.name)
        vain = cluster_only.run_note(self._pipeline, self._run.pipeline_root)
        self._journal.update(root, status_message=vain)
        self._policies[root.task_id] = RetryPolicy()
        with self._deadline(root):
            outcome = await self._guard(root, self._dag(root, self._pipeline.root, inputs))
        self._journal.close()
        if self._ending.reason == "request":
            recorder.set_run_state(run_id, "CANCELED")
        elif outcome.ok:
            recorder.set_run_state(run_id, "SUCCEEDED")
        else:
            recorder.set_run_state(run_id, "FAILED", self._ending.message or self._reason(outcome))

    @contextmanager
    def _deadline(self, root: TaskRecord) -> Iterator[None]:
        """Ends the run when its time limit is over, if it has one."""
        limit = self._pipeline.time_limit
        if limit is None:
            yield
            return
        passed = (now() - root.start_time).total_seconds() if root.start_time else 0.0
        message = f"The run has exceeded its time limit of {limit:g} s (active_deadline_seconds)."
        timer = asyncio.get_running_loop().call_later(
            limit - min(max(0.0, passed), limit), self._ending.at_deadline, message
        )
        try:
            yield
        finally:
            timer.cancel()

    def _root_inputs(self) -> Values:
        definitions = self._pipeline.root.input_definitions
        given = dict(self._run.parameters)
        unknown = sorted(set(given) - set(definitions.parameters))
        if unknown:
            raise EngineError(f"The pipeline has no parameter {unknown[0]!r}.")
        if required := [n for n, each in definitions.artifacts.items() if not each.is_optional]:
            raise EngineError(
                f"The pipeline needs the artifact {min(required)!r} as an input, which a run cannot be given. "
                "Import it in the pipeline with dsl.importer."
            )
        values = with_defaults(Values(given), self._pipeline.root)
        for name, each in definitions.parameters.items():
            value = values.parameters.get(name)
            if value is not None:
                values.parameters[name] = checked(name, value, each.parameter_type, "Parameter")
            elif not each.is_optional and not each.HasField("default_value"):
                raise EngineError(f"The parameter {name!r} has no value and no default.")
        return values

    def _reason(self, outcome: Outcome) -> str:
        failures = self._journal.failures
        if not failures:
            return outcome.error or "The run failed."
        first = failures[0]
        more = f" ({len(failures) - 1} more failed)" if len(failures) > 1 else ""
        return f"{first.display_name}: {first.error_message}{more}"

    async def _guard(self, record: TaskRecord, work: Awaitable[Outcome]) -> Outcome:
        """Turns every failure of ``work`` into an outcome and a record; what cannot be recorded has not happened yet."""
        try:
            return await work
        except RecordError:
            raise
        except EngineError as error:
            return self._journal.finish(record, Outcome("FAILED", error=str(error)))
        except OSError as error:
            where = error.filename or "its folder"
            message = f"Local Kubeflow cannot use {where}: {error.strerror}. Free some space on its disk or make it writable, and run it again."
            return self._journal.finish(record, Outcome("FAILED", error=message))
        except Exception as error:
            _log.exception("Task %s of run %s", record.scope_path, record.run_id)
            message = f"Local Kubeflow could not run the task: {type(error).__name__}: {error}"
            return self._journal.finish(record, Outcome("FAILED", error=message))

    async def _dag(self, record: TaskRecord, component: Any, inputs: Values) -> Outcome:
        """Runs the tasks of a dag component."""
        journal = self._journal
        journal.start(record, inputs)
        order = spec.task_order(component)
        tasks = component.dag.tasks
        with journal.together():
            records = {
                name: journal.open(
                    f"{record.scope_path}.{name}",
                    name,
                    spec.task_type(self._pipeline, name, tasks[name]),
                    display_name=tasks[name].task_info.name,
                    parent=record,
                )
                for name in order
            }
        loop = asyncio.get_running_loop()
        ends: dict[str, asyncio.Future[Outcome]] = {name: loop.create_future() for name in order}

        async def member(name: str) -> None:
            needs = spec.dependencies(tasks[name])

            async def work() -> Outcome:
                if needs:
                    await asyncio.wait([ends[each] for each in needs])
                before = {each: ends[each].result() for each in needs}
                around = Surroundings(inputs, before, self._run.display_name)
                begun = any(records[each].start_time for each in needs)
                return await self._task(records[name], tasks[name], around, begun)

            try:
                ends[name].set_result(await self._guard(records[name], work()))
            finally:
                # Its end could not be recorded: what waits for it ends as well, unrecorded, and after it in the order.
                ends[name].cancel()

        await _all(member(name) for name in order)
        outcomes = {name: end.result() for name, end in ends.items()}
        if any(each.state == "CANCELED" for each in outcomes.values()):
            return journal.finish(record, Outcome("CANCELED"))
        failed = [records[name].display_name for name in order if outcomes[name].state == "FAILED"]
        if failed:
            verb = "failed" if len(failed) == 1 else "have failed"
            return journal.finish(record, Outcome("FAILED", error=f"{', '.join(failed)} {verb}."))
        return journal.finish(record, Outcome("SUCCEEDED", dag_outputs(component, outcomes)))

    async def _task(
        self, record: TaskRecord, task: Any, around: Surroundings, upstream_begun: bool
    ) -> Outcome:
        """Runs one task of a dag, whose upstream tasks have ended."""
        journal = self._journal
        if record.state in ENDED:
            return journal.recall(record)
        self._policies[record.task_id] = (
            RetryPolicy.of(task.retry_policy)
            if task.HasField("retry_policy")
            else self._policies[record.parent_task_id]
        )
        if not spec.runs_after_failure(task):
            for name, before in sorted(around.outcomes.items()):
                if before.state == "FAILED" or before.blocked:
                    verb = "failed" if before.state == "FAILED" else "was skipped"
                    return self._skip(record, f"Skipped, because {name} {verb}.", blocked=True)
        elif upstream_begun:
            self._ending.spare()
        if self._ending.here and record.state == "PENDING":
            return self._end(record)
        component = self._pipeline.component(task)
        item = (
            getattr(task, task.WhichOneof("iterator")).item_input if record.type == "LOOP" else None
        )
        try:
            inputs = resolve_inputs(task, component, around, self._constant(record), without=item)
        except NoValue as error:
            if error.skipped:
                return self._skip(record, str(error))
            raise
        condition = task.trigger_policy.condition
        if condition and not conditions.evaluate(condition, inputs.parameters):
            return self._skip(record, "Skipped, because its condition is false.", inputs)
        if item is not None:
            return await self._loop(record, task, component, inputs, around, item)
        return await self._component(record, task, component, inputs)

    async def _component(
        self, record: TaskRecord, task: Any, component: Any, inputs: Values
    ) -> Outcome:
        if component.WhichOneof("implementation") == "dag":
            return await self._dag(record, component, inputs)
        kind = self._pipeline.executors[component.executor_label].WhichOneof("spec")
        policy = self._policies[record.task_id]
        if kind == "importer":
            work = attempts.persist(
                self._journal,
                record,
                policy,
                lambda: importer.import_artifact(self._context, record, component, inputs),
            )
        elif kind == "container":
            work = self._tasks.run(record, task, component, inputs, policy)
        else:
            raise EngineError(
                f"The executor {component.executor_label!r} is of the kind {kind!r}, which Local Kubeflow does not know."
            )
        try:
            return await self._ending.breakable(work)
        except Ended as ended:
            if not ended.begun:
                await self._tasks.end(record)
            return self._end(record)

    async def _loop(
        self,
        record: TaskRecord,
        task: Any,
        component: Any,
        inputs: Values,
        around: Surroundings,
        item_input: str,
    ) -> Outcome:
        """Runs the iterations of a loop, at most ``iterator_policy.parallelism_limit`` at once (0: no limit)."""
        journal = self._journal
        constant = self._constant(record)
        items = loop_items(task, inputs, lambda text: constant(text, inputs.parameters))
        journal.start(record, inputs, iteration_count=len(items))
        is_dag = component.WhichOneof("implementation") == "dag"
        limit = task.iterator_policy.parallelism_limit
        gate = Slots(limit) if limit else None
        records: list[TaskRecord] = []
        for start in range(0, len(items), _TOGETHER):
            with journal.together():
                records += (
                    journal.open(
                        f"{record.scope_path}.{index}",
                        record.name,
                        "DAG" if is_dag else "RUNTIME",
                        display_name=f"{record.display_name} {index}",
                        parent=record,
                        iteration_index=index,
                    )
                    for index in range(start, min(start + _TOGETHER, len(items)))
                )
            await asyncio.sleep(0)

        outcomes: dict[int, Outcome] = {}

        async def iteration(index: int) -> None:
            own = records[index]
            self._policies[own.task_id] = self._policies[record.task_id]

            async def work() -> Outcome:
                if own.state in ENDED:
                    return journal.recall(own)
                async with self._place(gate, own):
                    if self._ending.here and own.state == "PENDING":
                        return self._end(own)
                    values = _with_item(inputs, item_input, items[index])
                    inner = Surroundings(
                        _with_item(around.inputs, item_input, items[index]),
                        around.outcomes,
                        around.job_name,
                    )
                    for_item = resolve_inputs(task, component, inner, self._constant(own))
                    values = Values(
                        {**for_item.parameters, **values.parameters},
                        {**for_item.artifacts, **values.artifacts},
                    )
                    return await self._component(own, task, component, values)

            outcomes[index] = await self._guard(own, work())

        # Those that an earlier server has begun take their places first.
        order = sorted(range(len(items)), key=lambda index: records[index].state != "RUNNING")
        await _all(iteration(index) for index in order)
        ordered = [outcomes[index] for index in range(len(items))]
        if any(each.state == "CANCELED" for each in ordered):
            return journal.finish(record, Outcome("CANCELED"))
        failed = [str(index) for index, each in enumerate(ordered) if not each.ok]
        if failed:
            error = f"{len(failed)} of {len(items)} iterations failed: {', '.join(failed[:10])}"
            error += " and others." if len(failed) > 10 else "."
            return journal.finish(record, Outcome("FAILED", error=error))
        return journal.finish(record, Outcome("SUCCEEDED", collected(component, ordered)))

    @asynccontextmanager
    async def _place(self, gate: Slots | None, iteration: TaskRecord) -> AsyncIterator[None]:
        """Holds one of the places of a loop with a limited number of them. An iteration that has begun has one."""
        if gate is None:
            yield
        elif iteration.state == "RUNNING":
            with gate.taken(iteration.task_id):
                yield
        else:
            limit = gate.capacity

            def tell(ahead: int) -> None:
                self._journal.tell(iteration, waiting.for_iteration(limit, ahead))

            async with gate.slot(iteration.parent_task_id or "", tell):
                iteration.status_message = None
                yield

    def _end(self, record: TaskRecord) -> Outcome:
        """Ends a task with its run."""
        return self._journal.finish(record, self._ending.outcome(record.start_time is not None))

    def _constant(self, record: TaskRecord) -> Callable[[str, dict[str, Any]], str]:
        names = self._context.names(record)
        return lambda text, parameters: placeholders.resolve_constant(text, parameters, names)

    def _skip(
        self, record: TaskRecord, reason: str, inputs: Values | None = None, blocked: bool = False
    ) -> Outcome:
        outcome = Outcome("SKIPPED", error=reason if blocked else None, blocked=blocked)
        changes = self._journal.inputs(inputs) if inputs else {}
        return self._journal.finish(record, outcome, status_message=reason, **changes)


def _with_item(values: Values, name: str, item: Any) -> Values:
    if isinstance(item, ArtifactRecord):
        return Values(values.parameters, {**values.artifacts, name: [item]})
    return Values({**values.parameters, name: item}, values.artifacts)


async def _all(work: Any) -> None:
    """Runs coroutines side by side and waits for all of them, also when cancelled; then raises the first error."""
    jobs: list[Coroutine[Any, Any, None]] = list(work)
    for result in await asyncio.gather(*jobs, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
