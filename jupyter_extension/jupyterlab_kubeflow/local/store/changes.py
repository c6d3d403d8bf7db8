"""What the engine records, as changes: those of many runs are made by the same few statements."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from jupyterlab_kubeflow.local.engine.recorder import ArtifactRecord, RunState, TaskRecord

from .history import END_STATES, continued, history_entry, now
from .models import Artifact, ArtifactTask, Run, Task

TASK_FIELDS = tuple(field.name for field in fields(TaskRecord))
"""The columns of a task that the engine knows."""

RUNS, TASKS, ARTIFACTS, _LINKS = (
    cast("Table", model.__table__) for model in (Run, Task, Artifact, ArtifactTask)
)


def _any_of(name: str) -> Any:
    """The values of the parameter ``name``, a JSON list: one statement, however many there are."""
    return select(func.json_each(bindparam(name)).table_valued("value").c.value)


_RUN_STATES = select(
    RUNS.c.id,
    RUNS.c.state,
    RUNS.c.state_history,
    RUNS.c.created_at,
    RUNS.c.finished_at,
    RUNS.c.recurring_run_id,
).where(RUNS.c.id.in_(_any_of("runs")))
_SET_RUN = update(RUNS).where(RUNS.c.id == bindparam("run"))

_TASK_STATES = select(
    TASKS.c.task_id,
    TASKS.c.state,
    TASKS.c.state_history,
    TASKS.c.input_artifacts,
    TASKS.c.output_artifacts,
).where(TASKS.c.task_id.in_(_any_of("tasks")))
_NEW_TASK = insert(TASKS)
_SET_TASK = update(TASKS).where(TASKS.c.task_id == bindparam("task"))

_KNOWN_ARTIFACTS = select(ARTIFACTS.c.id).where(ARTIFACTS.c.id.in_(_any_of("artifacts")))
_NEW_ARTIFACT = insert(ARTIFACTS)
_SET_ARTIFACT = update(ARTIFACTS).where(ARTIFACTS.c.id == bindparam("artifact"))

_UNLINK = delete(_LINKS).where(_LINKS.c.task_id.in_(_any_of("tasks")))
_LINK = insert(_LINKS)


@dataclass(frozen=True)
class RunChange:
    """A run moves to ``state``."""

    run_id: str
    state: RunState
    error: str | None
    entry: dict[str, Any]
    time: datetime

    @staticmethod
    def to(run_id: str, state: RunState, error: str | None) -> RunChange:
        """The change of a run, now."""
        return RunChange(run_id, state, error, history_entry(state, error), now())


@dataclass(frozen=True)
class TaskChange:
    """A task as it is from now on; ``entry`` is for its state history, if its state is another one than before."""

    columns: dict[str, Any]
    entry: dict[str, Any]

    @staticmethod
    def to(task: TaskRecord) -> TaskChange:
        """The task as it is now. ``ValueError`` for a text that cannot be kept."""
        columns = _writable({name: getattr(task, name) for name in TASK_FIELDS})
        return TaskChange(columns, history_entry(task.state, task.error_message))


@dataclass(frozen=True)
class ArtifactChange:
    """An artifact as it is from now on."""

    columns: dict[str, Any]
    created_at: datetime

    @staticmethod
    def to(artifact: ArtifactRecord) -> ArtifactChange:
        """The artifact as it is now. ``ValueError`` for a text that cannot be kept."""
        columns = {
            "artifact": artifact.artifact_id,
            "name": artifact.name,
            "type": artifact.type,
            "uri": artifact.uri,
            "properties": artifact.metadata,
        }
        return ArtifactChange(_writable(columns), artifact.created_at or now())


Change = RunChange | TaskChange | ArtifactChange


def make(connection: Connection, changes: Sequence[Change]) -> bool:
    """Makes the changes, those of the same thing in order. Answers whether a run of a recurring run has ended.

    ``KeyError`` for a run that is not there.
    """
    _make_artifacts(connection, [each for each in changes if isinstance(each, ArtifactChange)])
    _make_tasks(connection, [each for each in changes if isinstance(each, TaskChange)])
    return _make_runs(connection, [each for each in changes if isinstance(each, RunChange)])


def _make_runs(connection: Connection, changes: list[RunChange]) -> bool:
    if not changes:
        return False
    ids = list({each.run_id for each in changes})
    found = connection.execute(_RUN_STATES, {"runs": json.dumps(ids)}).mappings()
    rows = {row["id"]: dict(row) for row in found}
    recurring = False
    for each in changes:
        row = rows.get(each.run_id)
        if row is None:
            raise KeyError(each.run_id)
        if row["state"] == "CANCELING" and each.state in ("PENDING", "RUNNING"):
            continue  # the request to end it came while it was starting
        if row["state"] != each.state:
            row["state_history"] = continued(row["state_history"], each.entry)
        ended = each.state in END_STATES
        end = row["finished_at"] or max(each.time, row["created_at"])
        row |= {"state": each.state, "error": each.error, "finished_at": end if ended else None}
        recurring = recurring or (ended and row["recurring_run_id"] is not None)
    changed = ("state", "error", "state_history", "finished_at")
    written = [
        {"run": run_id, **{name: row[name] for name in changed}}
        for run_id, row in rows.items()
        if "error" in row
    ]
    if written:
        connection.execute(_SET_RUN, written)
    return recurring


def _make_tasks(connection: Connection, changes: list[TaskChange]) -> None:
    if not changes:
        return
    by_task: dict[str, list[TaskChange]] = {}
    for each in changes:
        by_task.setdefault(each.columns["task_id"], []).append(each)
    found = connection.execute(_TASK_STATES, {"tasks": json.dumps(list(by_task))})
    known = {row.task_id: row for row in found}
    new, old, relinked = [], [], []
    for task_id, ones in by_task.items():
        row = known.get(task_id)
        state, history = (row.state, row.state_history) if row else ("", [])
        for one in ones:
            if one.columns["state"] != state:
                state, history = one.columns["state"], continued(history, one.entry)
        columns = {**ones[-1].columns, "state_history": history}
        if row is None:
            new.append(columns)
        else:
            old.append({**columns, "task": task_id})
        before = (row.input_artifacts, row.output_artifacts) if row else ({}, {})
        if before != (columns["input_artifacts"], columns["output_artifacts"]):
            relinked.append(columns)
    if new:
        _insert(connection, new)
    if old:
        connection.execute(_SET_TASK, old)
    if relinked:
        ids = [columns["task_id"] for columns in relinked]
        connection.execute(_UNLINK, {"tasks": json.dumps(ids)})
        if links := [link for columns in relinked for link in _links(columns)]:
            connection.execute(_LINK, links)


def _insert(connection: Connection, tasks: list[dict[str, Any]]) -> None:
    try:
        connection.execute(_NEW_TASK, tasks)
    except IntegrityError as error:
        ids = {task["run_id"] for task in tasks}
        there = connection.execute(_RUN_STATES, {"runs": json.dumps(list(ids))})
        if gone := ids - {row.id for row in there}:
            raise KeyError(min(gone)) from error
        raise


def _make_artifacts(connection: Connection, changes: list[ArtifactChange]) -> None:
    if not changes:
        return
    latest: dict[str, ArtifactChange] = {}
    for each in changes:
        latest[each.columns["artifact"]] = each
    found = connection.execute(_KNOWN_ARTIFACTS, {"artifacts": json.dumps(list(latest))})
    known = set(found.scalars())
    if old := [each.columns for artifact, each in latest.items() if artifact in known]:
        connection.execute(_SET_ARTIFACT, old)
    new = []
    for artifact, each in latest.items():
        if artifact not in known:
            columns = {name: value for name, value in each.columns.items() if name != "artifact"}
            new.append({"id": artifact, "created_at": each.created_at, **columns})
    if new:
        connection.execute(_NEW_ARTIFACT, new)


def _links(task: dict[str, Any]) -> Iterable[dict[str, Any]]:
    """Who read and who wrote which artifact, by the columns of a task."""
    for output, mapping in ((False, task["input_artifacts"]), (True, task["output_artifacts"])):
        for key, ids in mapping.items():
            for position, artifact_id in enumerate(ids):
                name = f"{task['task_id']}/{output}/{key}/{position}/{artifact_id}"
                yield {
                    "id": str(uuid.uuid5(uuid.NAMESPACE_OID, name)),
                    "artifact_id": artifact_id,
                    "task_id": task["task_id"],
                    "run_id": task["run_id"],
                    "key": key,
                    "output": output,
                    "position": position,
                }


def _writable(columns: dict[str, Any]) -> dict[str, Any]:
    """The columns; ``ValueError`` at once for a text with half a character, which SQLite would refuse when it is too late to say so."""
    for value in columns.values():
        if isinstance(value, str):
            value.encode()
    return columns
