"""What the engine records, on SQLite."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from jupyterlab_kubeflow.local.engine.errors import RunStateError
from jupyterlab_kubeflow.local.engine.recorder import (
    RETRIABLE,
    ArtifactRecord,
    Recorder,
    RunRecord,
    RunState,
    TaskRecord,
)

from .database import Database
from .models import Artifact, ArtifactTask, Run, Spec, Task

END_STATES = frozenset({"SUCCEEDED", "FAILED", "CANCELED", "SKIPPED"})
"""States that a run does not leave."""

_UNFINISHED = ("PENDING", "RUNNING", "CANCELING")
_TASK_FIELDS = tuple(field.name for field in fields(TaskRecord))


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(timezone.utc)


def history_entry(state: str, error: str | None = None) -> dict[str, Any]:
    """One entry of a state history, as in the database: ``{time, state, error?}``."""
    entry = {"time": now().isoformat(), "state": state}
    if error:
        entry["error"] = error
    return entry


class SqliteRecorder(Recorder):
    """See :class:`Recorder`."""

    def __init__(
        self, database: Database, recurring_run_ended: Callable[[], None] = lambda: None
    ) -> None:
        """``recurring_run_ended`` is called whenever a run of a recurring run has ended, which may let the next one begin."""
        self._database = database
        self._recurring_run_ended = recurring_run_ended

    def run(self, run_id: str) -> RunRecord:
        with self._database.read() as session:
            row = session.get(Run, run_id)
            if row is None:
                raise KeyError(run_id)
            return _run_record(row)

    def unfinished_runs(self) -> list[RunRecord]:
        with self._database.read() as session:
            rows = session.scalars(
                select(Run)
                .where(Run.state.in_(_UNFINISHED))
                .order_by(Run.created_at, Run.id)
                .options(selectinload(Run.spec))
            )
            return [_run_record(row) for row in rows]

    def set_run_state(self, run_id: str, state: RunState, error: str | None = None) -> None:
        with self._database.write() as session:
            row = session.get(Run, run_id)
            if row is None:
                raise KeyError(run_id)
            if row.state == "CANCELING" and state in ("PENDING", "RUNNING"):
                return  # the request to end it came while it was starting
            if row.state != state:
                row.state_history = [*row.state_history, history_entry(state, error)]
            row.state = state
            row.error = error
            if state not in END_STATES:
                row.finished_at = None
            elif row.finished_at is None:
                row.finished_at = now()
            recurring = row.recurring_run_id is not None
        if recurring and state in END_STATES:
            self._recurring_run_ended()

    def put_task(self, task: TaskRecord) -> None:
        self.put_tasks([task])

    def put_tasks(self, tasks: Sequence[TaskRecord]) -> None:
        with self._database.write() as session:
            for task in tasks:
                _put(session, task)

    def tasks(self, run_id: str) -> list[TaskRecord]:
        with self._database.read() as session:
            rows = session.scalars(
                select(Task)
                .where(Task.run_id == run_id, Task.reported.is_(None))
                .order_by(Task.sequence)
            )
            return [_task_record(row) for row in rows]

    def retry_run(self, run_id: str, again: Sequence[TaskRecord]) -> list[str]:
        with self._database.write() as session:
            run = session.get(Run, run_id)
            if run is None:
                raise KeyError(run_id)
            if run.state not in RETRIABLE:
                raise RunStateError(
                    f"The run is {run.state}; only a run that has FAILED or was CANCELED can be retried."
                )
            left_behind = _outputs(session, run_id, {task.task_id for task in again})
            for task in again:
                _put(session, task)
            dropped = _drop_unlinked(session, left_behind)
            run.state = "PENDING"
            run.state_history = [*run.state_history, history_entry("PENDING")]
            run.error = None
            run.finished_at = None
            return dropped

    def put_artifact(self, artifact: ArtifactRecord) -> None:
        with self._database.write() as session:
            row = session.get(Artifact, artifact.artifact_id)
            if row is None:
                row = Artifact(id=artifact.artifact_id, created_at=artifact.created_at or now())
                session.add(row)
            row.name = artifact.name
            row.type = artifact.type
            row.uri = artifact.uri
            row.properties = artifact.metadata

    def artifact(self, artifact_id: str) -> ArtifactRecord:
        with self._database.read() as session:
            row = session.get(Artifact, artifact_id)
            if row is None:
                raise KeyError(artifact_id)
            return _artifact_record(row)

    def find_cached(
        self, fingerprint: str, input_digest: str, pipeline_name: str, without: Collection[str] = ()
    ) -> list[TaskRecord]:
        name = Spec.pipeline_spec["pipelineInfo"]["name"].as_string()
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


def _put(session: Session, task: TaskRecord) -> None:
    if session.scalar(select(Run.id).where(Run.id == task.run_id)) is None:
        raise KeyError(task.run_id)
    row = session.scalar(select(Task).where(Task.task_id == task.task_id))
    if row is None:
        row = Task(state_history=[], state="")
        session.add(row)
    if row.state != task.state:
        row.state_history = [*row.state_history, history_entry(task.state, task.error_message)]
    links = (row.input_artifacts or {}, row.output_artifacts or {})
    for name in _TASK_FIELDS:
        setattr(row, name, getattr(task, name))
    session.flush()
    if links != (task.input_artifacts, task.output_artifacts):
        _link(session, task)


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
    """Removes those of the artifacts that no task knows; answers their URIs."""
    session.flush()
    dropped: list[str] = []
    for artifact_id in artifact_ids:
        known = select(ArtifactTask.id).where(ArtifactTask.artifact_id == artifact_id).limit(1)
        artifact = session.get(Artifact, artifact_id)
        if artifact is not None and session.scalar(known) is None:
            dropped.append(artifact.uri)
            session.delete(artifact)
    return dropped


def _link(session: Session, task: TaskRecord) -> None:
    for old in session.scalars(select(ArtifactTask).where(ArtifactTask.task_id == task.task_id)):
        session.delete(old)
    session.flush()
    for output, mapping in ((False, task.input_artifacts), (True, task.output_artifacts)):
        for key, ids in mapping.items():
            for position, artifact_id in enumerate(ids):
                name = f"{task.task_id}/{output}/{key}/{position}/{artifact_id}"
                session.add(
                    ArtifactTask(
                        id=str(uuid.uuid5(uuid.NAMESPACE_OID, name)),
                        artifact_id=artifact_id,
                        task_id=task.task_id,
                        run_id=task.run_id,
                        key=key,
                        output=output,
                        position=position,
                    )
                )


def _run_record(row: Run) -> RunRecord:
    return RunRecord(
        run_id=row.id,
        display_name=row.display_name,
        pipeline_spec=row.spec.pipeline_spec,
        parameters=row.parameters,
        state=row.state,  # type: ignore[arg-type]
        created_at=row.created_at,
        scheduled_at=row.scheduled_at,
        enable_caching=row.enable_caching,
        platform_spec=row.spec.platform_spec,
        pipeline_root=row.pipeline_root,
    )


def _task_record(row: Task) -> TaskRecord:
    return TaskRecord(**{name: getattr(row, name) for name in _TASK_FIELDS})


def _artifact_record(row: Artifact) -> ArtifactRecord:
    return ArtifactRecord(
        artifact_id=row.id,
        name=row.name,
        type=row.type,
        uri=row.uri,
        metadata=row.properties,
        created_at=row.created_at,
    )
