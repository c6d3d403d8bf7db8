"""A recorder in memory, and short ways to compile and run a pipeline."""

from __future__ import annotations

import asyncio
import copy
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml
from jupyterlab_kubeflow.local.engine import spec
from jupyterlab_kubeflow.local.engine.engine import Engine
from jupyterlab_kubeflow.local.engine.errors import RunStateError
from jupyterlab_kubeflow.local.engine.recorder import (
    RETRIABLE,
    ArtifactRecord,
    RunRecord,
    RunState,
    TaskRecord,
)
from kfp import compiler

END_STATES = ("SUCCEEDED", "FAILED", "CANCELED")


class MemoryRecorder:
    """The recorder's contract on dictionaries. It copies what goes in and out, as a database does."""

    def __init__(self) -> None:
        self.runs: dict[str, RunRecord] = {}
        self.errors: dict[str, str | None] = {}
        self.run_history: dict[str, list[RunState]] = {}
        self.records: dict[str, TaskRecord] = {}
        self.task_history: dict[str, list[str]] = {}
        self.messages: dict[str, list[str]] = {}
        self.artifacts: dict[str, ArtifactRecord] = {}
        self.batches: list[list[str]] = []
        self.changed = asyncio.Event()

    def add(self, spec: dict[str, Any], parameters: dict[str, Any], **fields: Any) -> str:
        run_id = f"run-{len(self.runs) + 1}"
        self.runs[run_id] = RunRecord(
            run_id,
            f"Run {run_id}",
            spec,
            parameters,
            "PENDING",
            datetime.now(timezone.utc),
            **fields,
        )
        self.run_history[run_id] = ["PENDING"]
        return run_id

    def run(self, run_id: str) -> RunRecord:
        return copy.deepcopy(self.runs[run_id])

    def unfinished_runs(self) -> list[RunRecord]:
        return [copy.deepcopy(r) for r in self.runs.values() if r.state not in END_STATES]

    def set_run_state(self, run_id: str, state: RunState, error: str | None = None) -> None:
        self.runs[run_id].state = state
        self.errors[run_id] = error
        self.run_history[run_id].append(state)
        self.changed.set()

    def put_task(self, task: TaskRecord) -> None:
        assert task.run_id in self.runs
        for ids in [*task.input_artifacts.values(), *task.output_artifacts.values()]:
            assert all(each in self.artifacts for each in ids), "an artifact is recorded first"
        history = self.task_history.setdefault(task.task_id, [])
        if not history or history[-1] != task.state:
            history.append(task.state)
        if task.status_message:
            self.messages.setdefault(task.task_id, []).append(task.status_message)
        self.records[task.task_id] = copy.deepcopy(task)
        self.changed.set()

    def put_tasks(self, tasks: Sequence[TaskRecord]) -> None:
        self.batches.append([task.scope_path for task in tasks])
        for task in tasks:
            self.put_task(task)

    def tasks(self, run_id: str) -> list[TaskRecord]:
        return [copy.deepcopy(t) for t in self.records.values() if t.run_id == run_id]

    def retry_run(self, run_id: str, again: Sequence[TaskRecord]) -> list[str]:
        if self.runs[run_id].state not in RETRIABLE:
            raise RunStateError(self.runs[run_id].state)
        left = {
            one
            for task in again
            for ids in self.records[task.task_id].output_artifacts.values()
            for one in ids
        }
        for task in again:
            self.put_task(task)
        linked = {
            one
            for task in self.records.values()
            for ids in [*task.input_artifacts.values(), *task.output_artifacts.values()]
            for one in ids
        }
        self.set_run_state(run_id, "PENDING")
        return [self.artifacts.pop(one).uri for one in left - linked if one in self.artifacts]

    def put_artifact(self, artifact: ArtifactRecord, run_id: str) -> None:
        self.artifacts[artifact.artifact_id] = copy.deepcopy(artifact)

    async def settled(self, run_id: str) -> None:
        pass

    def close(self, run_id: str) -> None:
        pass

    def artifact(self, artifact_id: str) -> ArtifactRecord:
        return copy.deepcopy(self.artifacts[artifact_id])

    def run_artifacts(self, run_id: str) -> dict[str, ArtifactRecord]:
        return copy.deepcopy(self.artifacts)

    def find_cached(
        self, fingerprint: str, input_digest: str, pipeline_name: str, without: Collection[str] = ()
    ) -> list[TaskRecord]:
        return [
            copy.deepcopy(t)
            for t in reversed(self.records.values())
            if t.cache_fingerprint == fingerprint
            and t.input_digest == input_digest
            and t.state == "SUCCEEDED"
            and spec.parse(self.runs[t.run_id].pipeline_spec).name == pipeline_name
            and t.run_id not in without
        ]

    def find_artifact(
        self, uri: str, type: str, metadata: dict[str, Any], without: Collection[str] = ()
    ) -> ArtifactRecord | None:
        known = {
            each
            for t in self.records.values()
            if t.run_id not in without
            for ids in [*t.input_artifacts.values(), *t.output_artifacts.values()]
            for each in ids
        }
        found = [
            a
            for a in self.artifacts.values()
            if (a.uri, a.type, a.metadata) == (uri, type, metadata) and a.artifact_id in known
        ]
        return copy.deepcopy(found[-1]) if found else None

    async def until(self, condition: Callable[[], Any]) -> None:
        """Returns when ``condition`` holds; looked at after every change of a record."""
        while not condition():
            self.changed.clear()
            await self.changed.wait()


@dataclass
class Result:
    """A run that has ended, with its tasks by scope path."""

    recorder: MemoryRecorder
    run_id: str
    home: Path

    @property
    def state(self) -> str:
        return self.recorder.runs[self.run_id].state

    @property
    def error(self) -> str | None:
        return self.recorder.errors.get(self.run_id)

    @property
    def tasks(self) -> dict[str, TaskRecord]:
        found = self.recorder.tasks(self.run_id)
        by_path = {task.scope_path: task for task in found}
        assert len(by_path) == len(found), "scope paths are unique"
        return by_path

    @property
    def states(self) -> dict[str, str]:
        return {path: task.state for path, task in self.tasks.items()}

    def log(self, path: str) -> str:
        log_path = self.tasks[path].log_path
        assert log_path is not None
        return Path(log_path).read_text()

    def outputs(self, path: str = "root") -> dict[str, Any]:
        """Output parameters, and for artifacts the texts of their files."""
        task = self.tasks[path]
        outputs = dict(task.output_parameters)
        for name, ids in task.output_artifacts.items():
            files = [Path(self.recorder.artifacts[each].uri) for each in ids]
            outputs[name] = [f.read_text() if f.is_file() else None for f in files]
        return outputs


def compiled(pipeline: Any) -> dict[str, Any]:
    """The pipeline spec of a ``@dsl.pipeline`` or ``@dsl.component``; with a platform spec, both under their names."""
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        compiler.Compiler().compile(pipeline, file.name)
        return load(Path(file.name))


def load(path: Path) -> dict[str, Any]:
    """A compiled file."""
    documents = list(yaml.safe_load_all(path.read_text()))
    if len(documents) == 1:
        return documents[0]
    return {"pipeline_spec": documents[0], "platform_spec": documents[1]}


def run(
    pipeline: Any,
    home: Path,
    recorder: MemoryRecorder | None = None,
    max_parallel: int = 4,
    parameters: dict[str, Any] | None = None,
    **fields: Any,
) -> Result:
    """Runs a pipeline (function, compiled spec) to its end."""
    spec = pipeline if isinstance(pipeline, dict) else compiled(pipeline)

    async def execute() -> Result:
        used = recorder or MemoryRecorder()
        engine = Engine(used, home, max_parallel=max_parallel)
        await engine.start()
        run_id = used.add(spec, parameters or {}, **fields)
        engine.submit(run_id)
        await engine.wait(run_id)
        await engine.stop()
        return Result(used, run_id, home)

    return asyncio.run(execute())


def retried(result: Result, max_parallel: int = 4) -> Result:
    """Retries the run of ``result`` on a new engine, to its end."""

    async def execute() -> Result:
        engine = Engine(result.recorder, result.home, max_parallel=max_parallel)
        await engine.start()
        await asyncio.to_thread(engine.retry, result.run_id)
        await asyncio.sleep(0)
        await engine.wait(result.run_id)
        await engine.stop()
        return result

    return asyncio.run(execute())
