"""Tasks of a run, told in KFP's two ways: native tasks (``/runs/{id}/tasks``) and ``run_details.task_details``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import APIRouter
from sqlalchemy import case, select
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.store.models import Artifact, Run, Task
from jupyterlab_kubeflow.local.wire_errors import UNKNOWN, ApiError

from .artifacts import artifact_body
from .bodies import answer, compact, format_time, parse_time
from .filters import Keys
from .listing import ListQuery, read_page
from .services import Services
from .sources import Sources

_NATIVE_STATES = {"PENDING": "RUNTIME_STATE_UNSPECIFIED", "CANCELED": "FAILED"}
"""States for which the native-task API has no word of its own; ``status_metadata.custom_properties.state`` tells them."""

_DETAIL_STATES = {"CACHED": "SUCCEEDED"}

_KEYS: Keys = {
    "created_at": Task.create_time,
    "create_time": Task.create_time,
    "start_time": Task.start_time,
    "end_time": Task.end_time,
    "sequence": Task.sequence,
    "task_id": Task.task_id,
    "id": Task.task_id,
    "name": Task.name,
    "display_name": Task.display_name,
    "scope_path": Task.scope_path,
    "type": Task.type,
    "state": case(_NATIVE_STATES, value=Task.state, else_=Task.state),
    "parent_task_id": Task.parent_task_id,
    "cache_fingerprint": Task.cache_fingerprint,
}


def run_not_found(run_id: str) -> ApiError:
    """404 for the run."""
    return ApiError.not_found(f"There is no run {run_id}.")


def find_run(session: Session, run_id: str) -> Run:
    """The run, or 404."""
    found = session.get(Run, run_id)
    if found is None:
        raise run_not_found(run_id)
    return found


def run_tasks(session: Session, run_id: str) -> Sequence[Task]:
    """All tasks of the run in order of creation."""
    return session.scalars(select(Task).where(Task.run_id == run_id).order_by(Task.sequence)).all()


def router(services: Services) -> APIRouter:
    """List and get of native tasks."""
    routes = APIRouter(prefix="/runs/{run_id}/tasks")
    database = services.database

    @routes.get("")
    def list_tasks(
        run_id: str,
        parent_id: str = "",
        page_size: int = 0,
        page_token: str = "",
        filter: str = "",
        order_by: str = "",
        sort_by: str = "",
    ) -> JSONResponse:
        """The tasks in order of creation; with ``parent_id`` those of one parent."""
        query = ListQuery(page_token, page_size, order_by or sort_by, filter)
        statement = select(Task).where(Task.run_id == run_id)
        if parent_id:
            statement = statement.where(Task.parent_task_id == parent_id)
        with database.read() as session:
            run = find_run(session, run_id)
            page = read_page(
                session,
                statement,
                _KEYS,
                Task.task_id,
                query,
                default_sort="sequence",
                scope=f"{run_id}/{parent_id}",
            )
            return answer(page.body("tasks", native_tasks(session, run, page.rows)))

    @routes.get("/{task_id}")
    def get_task(run_id: str, task_id: str) -> JSONResponse:
        with database.read() as session:
            run = find_run(session, run_id)
            task = session.scalar(
                select(Task).where(Task.run_id == run_id, Task.task_id == task_id)
            )
            if task is None:
                raise ApiError.not_found(f"Run {run_id} has no task {task_id}.")
            return answer(native_tasks(session, run, [task])[0])

    return routes


def native_tasks(session: Session, run: Run, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """The tasks as ``v2beta1PipelineTask``."""
    sources = Sources(run.spec.pipeline_spec)
    artifacts = _artifacts(session, tasks)
    children = _children(session, tasks)
    return [_native(task, sources, artifacts, children[task.task_id]) for task in tasks]


def task_details(session: Session, run_id: str) -> list[dict[str, Any]]:
    """The tasks as ``v2beta1PipelineTaskDetail``, KFP 2's way."""
    tasks = run_tasks(session, run_id)
    children: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        if task.parent_task_id:
            children[task.parent_task_id].append(task)
    return [_detail(task, children[task.task_id]) for task in tasks]


def _artifacts(session: Session, tasks: Iterable[Task]) -> dict[str, Artifact]:
    ids = {
        one
        for task in tasks
        for mapping in (task.input_artifacts, task.output_artifacts)
        for group in mapping.values()
        for one in group
    }
    if not ids:
        return {}
    rows = session.scalars(select(Artifact).where(Artifact.id.in_(ids)))
    return {row.id: row for row in rows}


def _children(session: Session, tasks: Sequence[Task]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    rows = session.execute(
        select(Task.parent_task_id, Task.task_id, Task.name)
        .where(Task.parent_task_id.in_([task.task_id for task in tasks]))
        .order_by(Task.sequence)
    )
    for parent, task_id, name in rows:
        found[str(parent)].append({"task_id": task_id, "name": name})
    return found


def _native(
    task: Task, sources: Sources, artifacts: dict[str, Artifact], children: list[dict[str, Any]]
) -> dict[str, Any]:
    attributes = {
        key: str(value)
        for key, value in (
            ("iteration_index", task.iteration_index),
            ("iteration_count", task.iteration_count),
        )
        if value is not None
    }
    message = task.error_message or task.status_message
    special = {"state": task.state} if task.state in _NATIVE_STATES else None
    status = compact({"message": message, "custom_properties": special})
    return compact(
        {
            "name": task.name,
            "display_name": task.display_name,
            "task_id": task.task_id,
            "run_id": task.run_id,
            "pods": _pods(task),
            "cache_fingerprint": task.cache_fingerprint,
            "create_time": format_time(task.create_time),
            "end_time": format_time(task.end_time),
            "state": _NATIVE_STATES.get(task.state, task.state),
            "status_metadata": status or None,
            "state_history": history(task.state_history, _NATIVE_STATES),
            "type": task.type,
            "type_attributes": attributes or None,
            "parent_task_id": task.parent_task_id,
            "child_tasks": children or None,
            "inputs": _inputs(task, sources, artifacts),
            "outputs": _outputs(task, artifacts),
            "scope_path": task.scope_path,
        }
    )


def _pods(task: Task) -> list[dict[str, Any]] | None:
    if not task.pod_name:
        return None
    kind = "EXECUTOR" if task.type in ("RUNTIME", "IMPORTER") else "DRIVER"
    return [{"name": task.pod_name, "uid": task.task_id, "type": kind}]


def _inputs(task: Task, sources: Sources, artifacts: dict[str, Artifact]) -> dict[str, Any] | None:
    def source(key: str) -> dict[str, Any]:
        kind, producer = sources.of_input(task.scope_path, key)
        return compact({"type": kind, "producer": {"task_name": producer} if producer else None})

    return _io(
        [
            {"parameter_key": key, "value": value, **source(key)}
            for key, value in sorted(task.input_parameters.items())
        ],
        [
            {"artifact_key": key, "artifacts": _bodies(ids, artifacts), **source(key)}
            for key, ids in sorted(task.input_artifacts.items())
        ],
    )


def _outputs(task: Task, artifacts: dict[str, Artifact]) -> dict[str, Any] | None:
    source = {"type": "OUTPUT", "producer": {"task_name": task.name}}
    return _io(
        [
            {"parameter_key": key, "value": value, **source}
            for key, value in sorted(task.output_parameters.items())
        ],
        [
            {"artifact_key": key, "artifacts": _bodies(ids, artifacts), **source}
            for key, ids in sorted(task.output_artifacts.items())
        ],
    )


def _io(parameters: list[dict[str, Any]], artifacts: list[dict[str, Any]]) -> dict[str, Any] | None:
    return compact({"parameters": parameters or None, "artifacts": artifacts or None}) or None


def _bodies(ids: list[str], artifacts: dict[str, Artifact]) -> list[dict[str, Any]]:
    return [artifact_body(artifacts[one]) for one in ids if one in artifacts]


def _detail(task: Task, children: list[Task]) -> dict[str, Any]:
    def ids(mapping: dict[str, list[str]]) -> dict[str, Any] | None:
        return {key: {"artifact_ids": group} for key, group in mapping.items()} or None

    return compact(
        {
            "run_id": task.run_id,
            "task_id": task.task_id,
            "display_name": task.display_name,
            "create_time": format_time(task.create_time),
            "start_time": format_time(task.start_time),
            "end_time": format_time(task.end_time),
            "state": _DETAIL_STATES.get(task.state, task.state),
            "error": rpc_status(task.error_message),
            "inputs": ids(task.input_artifacts),
            "outputs": ids(task.output_artifacts),
            "parent_task_id": task.parent_task_id,
            "state_history": history(task.state_history, _DETAIL_STATES),
            "pod_name": task.pod_name,
            "child_tasks": [
                compact({"task_id": child.task_id, "pod_name": child.pod_name})
                for child in children
            ]
            or None,
        }
    )


def history(entries: list[dict[str, Any]], words: dict[str, str]) -> list[dict[str, Any]]:
    """A state history as ``[{update_time, state, error?}]``, with states translated by ``words``."""
    return [
        compact(
            {
                "update_time": format_time(parse_time(entry["time"], "state_history")),
                "state": words.get(entry["state"], entry["state"]),
                "error": rpc_status(entry.get("error")),
            }
        )
        for entry in entries
    ]


def rpc_status(message: str | None) -> dict[str, Any] | None:
    """A message as ``googleRpcStatus``."""
    return {"code": UNKNOWN, "message": message} if message else None
