"""Tasks that clients report: made and changed through the API, and never executed here."""

from __future__ import annotations

import hashlib
import json
import uuid
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jupyterlab_kubeflow.local.store.history import now
from jupyterlab_kubeflow.local.store.models import Run, Task
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .artifact_writes import reported_task
from .sources import Sources

_TOLD = ("scope_path", "pods", "status_metadata", "type_attributes")
"""Fields of a reported task that are kept as they are."""

_REPEATING = ("ITERATOR_INPUT", "ITERATOR_INPUT_RAW", "ITERATOR_OUTPUT", "COLLECTED_INPUTS")
"""Parameters of these types, without an iteration, may stand there several times with different values."""


def create_task(session: Session, run: Run, given: dict[str, Any]) -> Task:
    """Adds a ``v2beta1PipelineTask``; the one that is there already when it has the same parent, scope path, name, type and iteration.

    What the run's spec describes is refused: those are the engine's.
    """
    _check_run(run.id, given)
    _check_parent(session, run.id, given)
    scope_path = given.get("scope_path", "")
    ours = scope_path and Sources(run.spec.pipeline_spec).knows(scope_path)
    if ours or given.get("type") == "ROOT":
        raise ApiError.failed_precondition(
            f'"{scope_path or given.get("name", "")}" is a task of the pipeline, which Local Kubeflow executes and reports itself. Report '
            "tasks of your own under another scope_path."
        )
    task_id = str(uuid.uuid4())
    identity = f"reported/{_identity(given) or task_id}"
    known = session.scalar(
        select(Task).where(Task.run_id == run.id, Task.scope_path == identity).limit(1)
    )
    if known is not None:
        return known
    created = given.get("create_time") or now()
    task = Task(
        task_id=task_id,
        run_id=run.id,
        name="",
        display_name="",
        scope_path=identity,
        type="TASK_TYPE_UNSPECIFIED",
        state="RUNTIME_STATE_UNSPECIFIED",
        state_history=[_history_entry(one) for one in given.get("state_history", [])],
        create_time=created,
        start_time=created,
        input_parameters={},
        input_artifacts={},
        output_parameters={},
        output_artifacts={},
        reported={key: given[key] for key in ("scope_path",) if given.get(key)},
    )
    _apply(task, given)
    session.add(task)
    session.flush()
    return task


def update_task(session: Session, run_id: str, task_id: str, given: dict[str, Any]) -> Task:
    """Changes what is given and not empty; parameters are added to those that are there, or replace those of the same source, as in KFP."""
    _check_run(run_id, given)
    if given.get("task_id", task_id) != task_id:
        raise ApiError.invalid(f"task_id {given['task_id']} is not that of the task, {task_id}.")
    task = reported_task(session, run_id, task_id)
    _check_parent(session, run_id, given)
    if given.get("parent_task_id") == task_id:
        raise ApiError.invalid("parent_task_id names the task itself.")
    _apply(task, {key: value for key, value in given.items() if key != "scope_path"})
    session.flush()
    return task


def _apply(task: Task, given: dict[str, Any]) -> None:
    task.name = given.get("name") or task.name
    task.display_name = given.get("display_name") or task.display_name
    task.cache_fingerprint = given.get("cache_fingerprint") or task.cache_fingerprint
    task.end_time = given.get("end_time") or task.end_time
    if "parent_task_id" in given:
        task.parent_task_id = given["parent_task_id"] or None
    if given.get("type", "TASK_TYPE_UNSPECIFIED") != "TASK_TYPE_UNSPECIFIED":
        task.type = given["type"]
    _move(task, given.get("state", "RUNTIME_STATE_UNSPECIFIED"))
    told = dict(task.reported or {})
    told.update({key: given[key] for key in _TOLD if key in given})
    for name in ("inputs", "outputs"):
        parameters = given.get(name, {}).get("parameters", [])
        if parameters:
            told[name] = _merged(told.get(name, []), parameters)
    task.reported = told
    attributes = told.get("type_attributes", {})
    task.iteration_index = attributes.get("iteration_index")
    task.iteration_count = attributes.get("iteration_count")
    task.status_message = told.get("status_metadata", {}).get("message")


def _move(task: Task, state: str) -> None:
    if state == "RUNTIME_STATE_UNSPECIFIED":
        return
    task.state = state
    if not task.state_history or task.state_history[-1]["state"] != state:
        task.state_history = [
            *task.state_history,
            {"time": now().isoformat(), "state": state},
        ]


def _merged(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({_source_of(one): one for one in (*old, *new)}.values())


def _source_of(parameter: dict[str, Any]) -> str:
    kind = parameter.get("type", "UNSPECIFIED")
    producer = parameter.get("producer", {})
    source = [kind, parameter.get("parameter_key", ""), producer]
    if kind in _REPEATING and "iteration" not in producer:
        source.append(parameter.get("value"))
    return json.dumps(source, sort_keys=True)


def _identity(given: dict[str, Any]) -> str | None:
    """What tells the task from all others of its run; None for one that may be there many times."""
    named = [given.get(key) or "" for key in ("scope_path", "name", "type")]
    if not all(named) or named[2] == "TASK_TYPE_UNSPECIFIED":
        return None
    iteration = given.get("type_attributes", {}).get("iteration_index")
    whole = json.dumps([given.get("parent_task_id") or "", *named, iteration])
    return hashlib.sha256(whole.encode()).hexdigest()


def _check_run(run_id: str, given: dict[str, Any]) -> None:
    if given.get("run_id") not in (None, "", run_id):
        raise ApiError.invalid(f"run_id {given['run_id']} is not that of the run, {run_id}.")


def _check_parent(session: Session, run_id: str, given: dict[str, Any]) -> None:
    parent = given.get("parent_task_id")
    if not parent:
        return
    owner = session.scalar(select(Task.run_id).where(Task.task_id == parent))
    if owner is None:
        raise ApiError.not_found(f"There is no task {parent}, which parent_task_id names.")
    if owner != run_id:
        raise ApiError.invalid(
            f"parent_task_id {parent} is a task of run {owner}, not of run {run_id}."
        )


def _history_entry(given: dict[str, Any]) -> dict[str, Any]:
    entry = {
        "time": given.get("update_time", now()).isoformat(),
        "state": given.get("state", "RUNTIME_STATE_UNSPECIFIED"),
    }
    message = given.get("error", {}).get("message")
    return entry | ({"error": message} if message else {})
