"""Runs one task that is no dag: a process (with cache and retries) or an import."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from . import command as commands
from . import executor_io, placeholders, process
from .environments import Environments
from .errors import EngineError
from .journal import Journal
from .recorder import Recorder, RunRecord, TaskRecord
from .slots import Slots
from .spec import Pipeline
from .values import Outcome, Values, exact, struct_to_python

_LOG_TAIL = 64 * 1024
_MESSAGE_LINES = 40
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(:|$)")
_LOG_LINE = re.compile(
    r"\W*(DEBUG|INFO|WARN(ING)?|ERROR|CRITICAL|FATAL)\b|\[?\d{4}-\d\d-\d\d[ T]\d\d:"
)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_RESOURCES = {
    "cpu_limit": "CPU limit",
    "resource_cpu_limit": "CPU limit",
    "memory_limit": "memory limit",
    "resource_memory_limit": "memory limit",
    "cpu_request": "CPU request",
    "resource_cpu_request": "CPU request",
    "memory_request": "memory request",
    "resource_memory_request": "memory request",
    "accelerator": "accelerator",
}


@dataclass
class Services:
    """What all runs share."""

    recorder: Recorder
    home: Path
    slots: Slots
    environments: Environments
    forgotten: set[str] = field(default_factory=set)
    """Ids of runs that are being, or have been, deleted: nothing of them is taken from the cache. An id is never used again."""
    detached: bool = False
    """The server goes and leaves the processes to the next one: cancellation then ends nothing and records nothing."""


class TaskRunner:
    """Runs the process tasks and imports of one run."""

    def __init__(
        self, services: Services, run: RunRecord, pipeline: Pipeline, journal: Journal
    ) -> None:
        self._services = services
        self._run = run
        self._pipeline = pipeline
        self._journal = journal

    def names(self, record: TaskRecord) -> placeholders.Names:
        """What the placeholders about the run and the task stand for."""
        return placeholders.Names(
            job_name=self._run.display_name,
            job_id=self._run.run_id,
            task_name=record.name,
            task_id=record.task_id,
            pipeline_root=str(self._artifacts),
            workspace=self._workspace,
            created_at=self._run.created_at,
        )

    @property
    def _folder(self) -> Path:
        return self._services.home / "runs" / self._run.run_id

    @property
    def _artifacts(self) -> Path:
        return self._services.home / "artifacts" / self._run.run_id

    @property
    def _workspace(self) -> Path:
        return self._folder / "workspace"

    def import_artifact(self, record: TaskRecord, component: Any, inputs: Values) -> Outcome:
        """Makes the artifact of a ``dsl.importer``; :class:`EngineError` when it names a local file that is not there."""
        importer = self._pipeline.executors[component.executor_label].importer
        self._journal.start(record, inputs)
        folder = self._folder / record.task_id
        message = executor_io.build(component, inputs, folder, folder)
        data = executor_io.as_dict(message, component, inputs)
        names = self.names(record)
        if importer.artifact_uri.WhichOneof("value") == "constant":
            uri = importer.artifact_uri.constant.string_value
        else:
            uri = inputs.parameters.get(importer.artifact_uri.runtime_parameter or "uri", "")
        uri = str(placeholders.resolve_data(uri, data, names)).removeprefix("file://")
        if not uri:
            raise EngineError("The importer has no artifact URI.")
        if uri.startswith("/") and not Path(uri).exists():
            raise EngineError(f"The importer's file {uri} does not exist on this machine.")
        metadata = placeholders.resolve_data(
            exact(struct_to_python(importer.metadata)), data, names
        )
        kind = importer.type_schema.schema_title or "system.Artifact"
        name = next(iter(component.output_definitions.artifacts), "artifact")
        artifact = executor_io.new_artifact(name, kind, uri, metadata)
        return self._journal.finish(
            record, Outcome("SUCCEEDED", Values(artifacts={name: [artifact]}))
        )

    async def run(self, record: TaskRecord, task: Any, component: Any, inputs: Values) -> Outcome:
        """Runs a container task to its end, or takes up the process an earlier server started. Raises :class:`EngineError` on failure."""
        container = self._pipeline.executors[component.executor_label].container
        folder = self._folder / record.task_id
        artifacts = self._artifacts / record.task_id
        message = executor_io.build(component, inputs, folder, artifacts)
        running: process.TaskProcess | None = None
        if record.state == "RUNNING":
            running = process.adopt(folder, record.task_id)
            if running is None:
                raise EngineError("The server ended before the task's process was recorded.")
        else:
            if (folder / "log.txt").exists():
                # An earlier server died between starting the process and recording it.
                await asyncio.to_thread(process.kill_marked, record.task_id)
            fingerprint = self._fingerprint(task, component, container, inputs)
            self._journal.update(
                record,
                status_message=self._note(component, container),
                cache_fingerprint=fingerprint,
                **self._journal.inputs(inputs),
            )
            cached = self._cached(record, fingerprint)
            if cached is not None:
                return cached
        policy = task.retry_policy
        attempts = 1 + max(0, policy.max_retry_count)
        attempt = running.attempt if running else 1
        while True:
            try:
                if running is not None:
                    with self._services.slots.taken(self._run.run_id):
                        async with self._held(running):
                            code = await running.wait()
                else:
                    for stale in (folder / "outputs", artifacts):
                        shutil.rmtree(stale, ignore_errors=True)
                        stale.mkdir(parents=True)
                    code = await self._execute(
                        record, component, container, message, inputs, attempt
                    )
                if code != 0:
                    raise EngineError(_failure(code, folder / "log.txt"))
                outputs = executor_io.read_outputs(component, message)
                return self._journal.finish(record, Outcome("SUCCEEDED", outputs))
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
        folder = self._folder / record.task_id
        data = executor_io.as_dict(message, component, inputs)
        self._workspace.mkdir(parents=True, exist_ok=True)

        def resolve(elements: list[str]) -> list[str]:
            return placeholders.resolve_command(elements, data, self.names(record))

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
            self._run.run_id, lambda ahead: tell(f"Waiting for a free slot ({ahead} ahead)")
        ):
            running = process.launch(folder, argv, env, record.task_id, attempt)
            async with self._held(running):
                journal.start(
                    record,
                    pid=running.pid,
                    log_path=str(folder / "log.txt"),
                    status_message=note if attempt == 1 else f"Attempt {attempt}",
                )
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

    def _fingerprint(self, task: Any, component: Any, container: Any, inputs: Values) -> str | None:
        """What makes two executions the same (as KFP's cache key: container, inputs, declared outputs), or None with caching off."""
        enabled = self._run.enable_caching
        if enabled is None:
            enabled = task.caching_options.enable_cache
        if not enabled:
            return None
        key: dict[str, Any] = {"component": task.component_ref.name}
        if task.caching_options.cache_key:
            key["custom"] = task.caching_options.cache_key
        else:
            del key["component"]
            key |= {
                "container": [
                    container.image,
                    list(container.command),
                    list(container.args),
                    [[each.name, each.value] for each in container.env],
                ],
                "parameters": inputs.parameters,
                "artifacts": {
                    name: [[each.type, each.uri, each.metadata] for each in records]
                    for name, records in inputs.artifacts.items()
                },
                "outputs": json_format.MessageToDict(component.output_definitions),
            }
        return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()

    def _cached(self, record: TaskRecord, fingerprint: str | None) -> Outcome | None:
        if fingerprint is None:
            return None
        found = self._services.recorder.find_cached(fingerprint, self._services.forgotten)
        if found is None:
            return None
        try:
            outcome = self._journal.recall(found)
        except KeyError:
            return None
        own = str(self._services.home / "artifacts")
        for artifacts in outcome.outputs.artifacts.values():
            if any(a.uri.startswith(own) and not Path(a.uri).parent.exists() for a in artifacts):
                return None
        return self._journal.finish(
            record,
            Outcome("CACHED", outcome.outputs),
            status_message=f"The result of run {found.run_id} was used again.",
            start_time=record.create_time,
        )

    def _note(self, component: Any, container: Any) -> str | None:
        ignored = list(self._pipeline.cluster_settings.get(component.executor_label, []))
        fields = {field.name for field, _ in container.resources.ListFields()}
        ignored += dict.fromkeys(text for name, text in _RESOURCES.items() if name in fields)
        return f"Without effect on this machine: {', '.join(ignored)}." if ignored else None


def _backoff(policy: Any, attempt: int) -> float:
    first = policy.backoff_duration.ToTimedelta().total_seconds()
    factor = policy.backoff_factor or 2.0
    limit = policy.backoff_max_duration.ToTimedelta().total_seconds() or 3600.0
    return float(min(first * factor ** (attempt - 1), limit))


def _failure(code: int | None, log: Path) -> str:
    if code is None:
        return "The process ended without an exit code: it was killed from outside, or the machine restarted."
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = " The machine may have run out of memory." if code == -signal.SIGKILL else ""
        return f"The process was ended by {name}.{hint}"
    last = _last_words(log, uncaught=code == 1)
    return f"{last or 'It wrote no message.'} (exit code {code})"


def _last_words(log: Path, uncaught: bool) -> str | None:
    """The last line of the log, or what an exception that ended Python said (``uncaught``: the exit code is that of one).

    Such an exception ends the log. Lines after it may belong to its message, or be the words of something that went on after handling
    it; unless it was plainly logged, both ends are given.
    """
    try:
        with open(log, "rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _LOG_TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return None
    lines = [line for line in _ANSI.sub("", text).splitlines() if line.strip()]
    if not lines:
        return None
    last = lines[-1].strip()
    starts = [i for i, line in enumerate(lines) if line.startswith("Traceback (most recent call")]
    if starts and uncaught:
        rest = lines[starts[-1] + 1 :]
        found = next((i for i, line in enumerate(rest) if _EXCEPTION.match(line)), None)
        if found is not None and len(rest) - found <= _MESSAGE_LINES:
            raised, after = rest[found].strip(), rest[found + 1 :]
            before = lines[starts[-1] - 1] if starts[-1] else ""
            logged = _LOG_LINE.match(before) or any(map(_LOG_LINE.match, after))
            if not after:
                last = raised
            elif not logged:
                last = f"{raised[:500]} … {last}"
    return last[:1000]
