"""What the engine records, on SQLite."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields
from datetime import datetime, timezone
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
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
from .writer import Writer

END_STATES = frozenset({"SUCCEEDED", "FAILED", "CANCELED", "SKIPPED"})
"""States that a run does not leave."""

_UNFINISHED = ("PENDING", "RUNNING", "CANCELING")
_TASK_FIELDS = tuple(field.name for field in fields(TaskRecord))

_RUNS, _TASKS, _ARTIFACTS, _LINKS = (
    cast("Table", model.__table__) for model in (Run, Task, Artifact, ArtifactTask)
)

# Composed once: statements of every turn of every task.
_RUN_STATE = select(
    *(
        _RUNS.c[name]
        for name in ("state", "state_history", "created_at", "finished_at", "recurring_run_id")
    )
).where(_RUNS.c.id == bindparam("run"))
_TASK_STATE = select(
    *(_TASKS.c[name] for name in ("state", "state_history", "input_artifacts", "output_artifacts"))
).where(_TASKS.c.task_id == bindparam("task"))
_SET_RUN = update(_RUNS).where(_RUNS.c.id == bindparam("run"))
_SET_TASK = update(_TASKS).where(_TASKS.c.task_id == bindparam("task"))
_SET_ARTIFACT = update(_ARTIFACTS).where(_ARTIFACTS.c.id == bindparam("artifact"))
_NEW_TASK = insert(_TASKS)
_NEW_ARTIFACT = insert(_ARTIFACTS)
_NEW_LINKS = insert(_LINKS)
_UNLINK = delete(_LINKS).where(_LINKS.c.task_id == bindparam("task"))


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(timezone.utc)


def history_entry(state: str, error: str | None = None) -> dict[str, Any]:
    """One entry of a state history, as in the database: ``{time, state, error?}``."""
    entry = {"time": now().isoformat(), "state": state}
    if error:
        entry["error"] = error
    return entry


def continued(history: list[dict[str, Any]], entry: dict[str, Any]) -> list[dict[str, Any]]:
    """``history`` with one more entry, whose time is not before that of the last one: the clock may have been set back."""
    times = [each["time"] for each in (*history[-1:], entry)]
    return [*history, {**entry, "time": max(times, key=datetime.fromisoformat)}]


class SqliteRecorder(Recorder):
    """See :class:`Recorder`."""

    def __init__(
        self, database: Database, recurring_run_ended: Callable[[], None] = lambda: None
    ) -> None:
        """``recurring_run_ended`` is called whenever a run of a recurring run has ended, which may let the next one begin."""
        self._database = database
        self._writer = Writer(database)
        self._recurring_run_ended = recurring_run_ended

    def run(self, run_id: str) -> RunRecord:
        self._writer.wait(run_id)
        with self._database.read() as session:
            row = session.get(Run, run_id)
            if row is None:
                raise KeyError(run_id)
            return _run_record(row)

    def unfinished_runs(self) -> list[RunRecord]:
        self._writer.wait()
        with self._database.read() as session:
            rows = session.scalars(
                select(Run)
                .where(Run.state.in_(_UNFINISHED))
                .order_by(Run.created_at, Run.id)
                .options(selectinload(Run.spec))
            )
            return [_run_record(row) for row in rows]

    def set_run_state(self, run_id: str, state: RunState, error: str | None = None) -> None:
        entry, time = history_entry(state, error), now()
        ended = state in END_STATES
        recurring = False

        def work(connection: Connection) -> None:
            nonlocal recurring
            row = connection.execute(_RUN_STATE, {"run": run_id}).one_or_none()
            if row is None:
                raise KeyError(run_id)
            if row.state == "CANCELING" and state in ("PENDING", "RUNNING"):
                return  # the request to end it came while it was starting
            recurring = ended and row.recurring_run_id is not None
            history = row.state_history
            changes = {
                "run": run_id,
                "state": state,
                "error": error,
                "state_history": history if row.state == state else continued(history, entry),
                "finished_at": (row.finished_at or max(time, row.created_at)) if ended else None,
            }
            connection.execute(_SET_RUN, changes)

        self._writer.add(run_id, work, lambda: self._recurring_run_ended() if recurring else None)

    def put_task(self, task: TaskRecord) -> None:
        self.put_tasks([task])

    def put_tasks(self, tasks: Sequence[TaskRecord]) -> None:
        taken = [_columns(task) for task in tasks]

        def work(connection: Connection) -> None:
            for columns in taken:
                _put(connection, columns)

        self._writer.add(tasks[0].run_id, work)

    def put_artifact(self, artifact: ArtifactRecord, run_id: str) -> None:
        columns = _writable(
            {
                "name": artifact.name,
                "type": artifact.type,
                "uri": artifact.uri,
                "properties": artifact.metadata,
            }
        )
        artifact_id, created_at = artifact.artifact_id, artifact.created_at or now()

        def work(connection: Connection) -> None:
            changed = connection.execute(_SET_ARTIFACT, {"artifact": artifact_id, **columns})
            if changed.rowcount == 0:
                new = {"id": artifact_id, "created_at": created_at, **columns}
                connection.execute(_NEW_ARTIFACT, new)

        self._writer.add(run_id, work)

    async def settled(self, run_id: str) -> None:
        await self._writer.settled(run_id)

    def close(self, run_id: str) -> None:
        self._writer.close(run_id)

    def tasks(self, run_id: str) -> list[TaskRecord]:
        self._writer.wait(run_id)
        with self._database.read() as session:
            rows = session.scalars(
                select(Task)
                .where(Task.run_id == run_id, Task.reported.is_(None))
                .order_by(Task.sequence)
            )
            return [_task_record(row) for row in rows]

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
            for task in again:
                _put(session.connection(), _columns(task))
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


def _columns(task: TaskRecord) -> dict[str, Any]:
    """What is written of the task, as it is now, with the entry for its state history."""
    columns = {name: getattr(task, name) for name in _TASK_FIELDS}
    return _writable(columns | {"state_history": [history_entry(task.state, task.error_message)]})


def _writable(columns: dict[str, Any]) -> dict[str, Any]:
    """The columns; ``ValueError`` at once for a text with half a character, which SQLite would refuse when it is too late to say so."""
    for value in columns.values():
        if isinstance(value, str):
            value.encode()
    return columns


def _put(connection: Connection, columns: dict[str, Any]) -> None:
    known = connection.execute(_TASK_STATE, {"task": columns["task_id"]}).one_or_none()
    if known is None:
        try:
            connection.execute(_NEW_TASK, columns)
        except IntegrityError as error:
            if connection.execute(_RUN_STATE, {"run": columns["run_id"]}).first() is None:
                raise KeyError(columns["run_id"]) from error
            raise
    else:
        history = known.state_history
        if known.state != columns["state"]:
            history = continued(history, columns["state_history"][0])
        connection.execute(
            _SET_TASK, {**columns, "task": columns["task_id"], "state_history": history}
        )
    links = (columns["input_artifacts"], columns["output_artifacts"])
    if (known[2:] if known else ({}, {})) != links:
        _link(connection, columns)


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


def _link(connection: Connection, task: dict[str, Any]) -> None:
    task_id, run_id = task["task_id"], task["run_id"]
    connection.execute(_UNLINK, {"task": task_id})
    links = [
        {
            "id": str(
                uuid.uuid5(uuid.NAMESPACE_OID, f"{task_id}/{output}/{key}/{position}/{artifact_id}")
            ),
            "artifact_id": artifact_id,
            "task_id": task_id,
            "run_id": run_id,
            "key": key,
            "output": output,
            "position": position,
        }
        for output, mapping in ((False, task["input_artifacts"]), (True, task["output_artifacts"]))
        for key, ids in mapping.items()
        for position, artifact_id in enumerate(ids)
    ]
    if links:
        connection.execute(_NEW_LINKS, links)


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
