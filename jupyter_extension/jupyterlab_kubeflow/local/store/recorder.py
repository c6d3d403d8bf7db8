"""What the engine records, on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import RowMapping, bindparam, select
from sqlalchemy.orm import Session

from jupyterlab_kubeflow.local.engine.errors import RunStateError
from jupyterlab_kubeflow.local.engine.recorder import (
    RETRIABLE,
    ArtifactRecord,
    Recorder,
    RunRecord,
    RunState,
    TaskRecord,
)

from .changes import RUNS, TASK_FIELDS, TASKS, ArtifactChange, RunChange, TaskChange, make
from .database import Database
from .history import continued, history_entry
from .models import Artifact, ArtifactTask, Run, Spec, Task
from .writer import Writer

_UNFINISHED = ("PENDING", "RUNNING", "CANCELING")
_KEPT_SPECS = 16

_RUN = select(
    RUNS.c.id.label("run_id"),
    *(
        RUNS.c[name]
        for name in (
            "display_name",
            "parameters",
            "state",
            "created_at",
            "scheduled_at",
            "enable_caching",
            "pipeline_root",
            "spec_digest",
        )
    ),
)
_ONE_RUN = _RUN.where(RUNS.c.id == bindparam("run"))
_UNFINISHED_RUNS = _RUN.where(RUNS.c.state.in_(_UNFINISHED)).order_by(RUNS.c.created_at, RUNS.c.id)
_TASKS_OF = (
    select(*(TASKS.c[name] for name in TASK_FIELDS))
    .where(TASKS.c.run_id == bindparam("run"), TASKS.c.reported.is_(None))
    .order_by(TASKS.c.sequence)
)


class SqliteRecorder(Recorder):
    """See :class:`Recorder`."""

    def __init__(
        self, database: Database, recurring_run_ended: Callable[[], None] = lambda: None
    ) -> None:
        """``recurring_run_ended`` is called whenever a run of a recurring run has ended, which may let the next one begin."""
        self._database = database
        self._writer = Writer(
            database, make, lambda recurring: recurring_run_ended() if recurring else None
        )
        self._made: dict[str, list[ArtifactChange]] = {}
        self._spec = lru_cache(maxsize=_KEPT_SPECS)(self._read_spec)

    def run(self, run_id: str) -> RunRecord:
        self._writer.wait(run_id)
        with self._database.engine.connect() as connection:
            row = connection.execute(_ONE_RUN, {"run": run_id}).mappings().one_or_none()
        if row is None:
            raise KeyError(run_id)
        return self._run_record(row)

    def unfinished_runs(self) -> list[RunRecord]:
        self._writer.wait()
        with self._database.engine.connect() as connection:
            rows = connection.execute(_UNFINISHED_RUNS).mappings().all()
        return [self._run_record(row) for row in rows]

    def set_run_state(self, run_id: str, state: RunState, error: str | None = None) -> None:
        self._writer.add(run_id, RunChange.to(run_id, state, error))

    def put_task(self, task: TaskRecord) -> None:
        self.put_tasks([task])

    def put_tasks(self, tasks: Sequence[TaskRecord]) -> None:
        run_id = tasks[0].run_id
        changes = [TaskChange.to(task) for task in tasks]
        self._writer.add(run_id, *self._made.pop(run_id, []), *changes)

    def put_artifact(self, artifact: ArtifactRecord, run_id: str) -> None:
        self._made.setdefault(run_id, []).append(ArtifactChange.to(artifact))

    async def settled(self, run_id: str) -> None:
        await self._writer.settled(run_id)

    def close(self, run_id: str) -> None:
        self._made.pop(run_id, None)
        self._writer.close(run_id)

    def tasks(self, run_id: str) -> list[TaskRecord]:
        self._writer.wait(run_id)
        with self._database.engine.connect() as connection:
            return [TaskRecord(*row) for row in connection.execute(_TASKS_OF, {"run": run_id})]

    def retry_run(self, run_id: str, again: Sequence[TaskRecord]) -> list[str]:
        self._writer.wait(run_id)
        with self._database.write() as session:
            run = session.get(Run, run_id)
            if run is None:
                raise KeyError(run_id)
            if run.state not in RETRIABLE:
                raise RunStateError(
                    f"The run is {run.state}; only a run that has FAILED or was CANCELED can be retried."
                )
            left_behind = _outputs(session, run_id, {task.task_id for task in again})
            make(session.connection(), [TaskChange.to(task) for task in again])
            dropped = _drop_unlinked(session, left_behind)
            run.state = "PENDING"
            run.state_history = continued(run.state_history, history_entry("PENDING"))
            run.error = None
            run.finished_at = None
            return dropped

    def artifact(self, artifact_id: str) -> ArtifactRecord:
        self._writer.wait()
        with self._database.read() as session:
            row = session.get(Artifact, artifact_id)
            if row is None:
                raise KeyError(artifact_id)
            return _artifact_record(row)

    def run_artifacts(self, run_id: str) -> dict[str, ArtifactRecord]:
        self._writer.wait(run_id)
        known = select(ArtifactTask.artifact_id).where(ArtifactTask.run_id == run_id)
        with self._database.read() as session:
            rows = session.scalars(select(Artifact).where(Artifact.id.in_(known)))
            return {row.id: _artifact_record(row) for row in rows}

    def find_cached(
        self, fingerprint: str, input_digest: str, pipeline_name: str, without: Collection[str] = ()
    ) -> list[TaskRecord]:
        name = Spec.pipeline_spec["pipelineInfo"]["name"].as_string()
        self._writer.wait()
        with self._database.read() as session:
            rows = session.scalars(
                select(Task)
                .join(Run, Run.id == Task.run_id)
                .join(Spec, Spec.digest == Run.spec_digest)
                .where(
                    Task.cache_fingerprint == fingerprint,
                    Task.state == "SUCCEEDED",
                    Task.input_digest == input_digest,
                    name == pipeline_name,
                )
                .order_by(Task.sequence.desc())
            )
            return [_task_record(row) for row in rows if row.run_id not in without]

    def find_artifact(
        self, uri: str, type: str, metadata: dict[str, Any], without: Collection[str] = ()
    ) -> ArtifactRecord | None:
        self._writer.wait()
        with self._database.read() as session:
            rows = session.execute(
                select(Artifact, ArtifactTask.run_id)
                .join(ArtifactTask, ArtifactTask.artifact_id == Artifact.id)
                .where(Artifact.uri == uri, Artifact.type == type)
                .order_by(Artifact.created_at.desc(), Artifact.id)
            )
            for artifact, run_id in rows:
                if artifact.properties == metadata and run_id not in without:
                    return _artifact_record(artifact)
        return None

    def _run_record(self, row: RowMapping) -> RunRecord:
        pipeline_spec, platform_spec = self._spec(row["spec_digest"])
        return RunRecord(**row, pipeline_spec=pipeline_spec, platform_spec=platform_spec)

    def _read_spec(self, digest: str) -> tuple[dict[str, Any], dict[str, Any] | None]:
        with self._database.read() as session:
            spec = session.get_one(Spec, digest)
            return spec.pipeline_spec, spec.platform_spec


def _outputs(session: Session, run_id: str, task_ids: Collection[str]) -> set[str]:
    rows = session.execute(select(Task.task_id, Task.output_artifacts).where(Task.run_id == run_id))
    return {
        one
        for task_id, outputs in rows
        if task_id in task_ids
        for ids in outputs.values()
        for one in ids
    }


def _drop_unlinked(session: Session, artifact_ids: Collection[str]) -> list[str]:
    """Removes those of the artifacts that no task knows; answers their URIs, except of what other artifacts name as well."""
    session.flush()
    dropped: list[str] = []
    for artifact_id in artifact_ids:
        known = select(ArtifactTask.id).where(ArtifactTask.artifact_id == artifact_id).limit(1)
        artifact = session.get(Artifact, artifact_id)
        if artifact is not None and session.scalar(known) is None:
            dropped.append(artifact.uri)
            session.delete(artifact)
    kept = set(session.scalars(select(Artifact.uri).where(Artifact.uri.in_(dropped))))
    return [uri for uri in dropped if uri not in kept]


def _task_record(row: Task) -> TaskRecord:
    return TaskRecord(**{name: getattr(row, name) for name in TASK_FIELDS})


def _artifact_record(row: Artifact) -> ArtifactRecord:
    return ArtifactRecord(
        artifact_id=row.id,
        name=row.name,
        type=row.type,
        uri=row.uri,
        metadata=row.properties,
        created_at=row.created_at,
    )
