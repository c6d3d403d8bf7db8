"""Native tasks of KFP v2beta1: ``/runs/{id}/tasks`` and ``/tasks:findCached``."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from sqlalchemy import Text, case, cast, func, select
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.store.models import Run, Task
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import answer, body
from .filters import Choice, Keys
from .listing import ListQuery, read_page
from .messages import FIND_CACHED, TASK, TASK_STATES, TASK_TYPES, TASKS
from .services import Services
from .task_bodies import NATIVE_STATES, native_tasks
from .task_writes import create_task, update_task

_STATE = Choice(case(NATIVE_STATES, value=Task.state, else_=Task.state), TASK_STATES)
_KEYS: Keys = {
    "task_id": Task.task_id,
    "id": Task.task_id,
    "run_id": Task.run_id,
    "name": Task.name,
    "display_name": Task.display_name,
    "pods": Task.pod_name,
    "cache_fingerprint": Task.cache_fingerprint,
    "created_at": Task.create_time,
    "create_time": Task.create_time,
    "start_time": Task.start_time,
    "end_time": Task.end_time,
    "sequence": Task.sequence,
    "state": _STATE,
    "status": _STATE,
    "status_metadata": func.coalesce(Task.error_message, Task.status_message),
    "state_history": cast(Task.state_history, Text),
    "type": Choice(Task.type, TASK_TYPES),
    "type_attributes": Task.iteration_index,
    "parent_task_id": Task.parent_task_id,
    "inputs": cast(Task.input_parameters, Text),
    "outputs": cast(Task.output_parameters, Text),
    "scope_path": case(
        (Task.reported.is_(None), Task.scope_path),
        else_=Task.reported["scope_path"].as_string(),
    ),
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


def router(services: Services) -> APIRouter:
    """List and get of all tasks; create and update of those that clients report; search in the cache."""
    routes = APIRouter()
    database = services.database

    @routes.get("/runs/{run_id}/tasks")
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
        with database.read() as session:
            run = find_run(session, run_id)
            if parent_id:
                _find_task(session, run_id, parent_id)
                statement = statement.where(Task.parent_task_id == parent_id)
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

    @routes.post("/runs/{run_id}/tasks")
    def create(run_id: str, given: Annotated[dict[str, Any], body(TASK)]) -> JSONResponse:
        """Records a task that somebody else executes. The same one again answers what is there, as in KFP."""
        with database.write() as session:
            run = find_run(session, run_id)
            return answer(native_tasks(session, run, [create_task(session, run, given)])[0])

    @routes.get("/runs/{run_id}/tasks/{task_id}")
    def get_task(run_id: str, task_id: str) -> JSONResponse:
        with database.read() as session:
            run = find_run(session, run_id)
            task = _find_task(session, run_id, task_id)
            return answer(native_tasks(session, run, [task])[0])

    @routes.patch("/runs/{run_id}/tasks/{task_id}")
    def update(
        run_id: str, task_id: str, given: Annotated[dict[str, Any], body(TASK)]
    ) -> JSONResponse:
        with database.write() as session:
            run = find_run(session, run_id)
            task = update_task(session, run_id, task_id, given)
            return answer(native_tasks(session, run, [task])[0])

    @routes.post("/runs/{run_id}/tasks:batchUpdate")
    def update_many(run_id: str, given: Annotated[dict[str, Any], body(TASKS)]) -> JSONResponse:
        """All of them or none."""
        wanted = given.get("tasks", {})
        if not wanted:
            raise ApiError.invalid("tasks is empty: name at least one task.")
        with database.write() as session:
            run = find_run(session, run_id)
            tasks = [update_task(session, run_id, key, wanted[key]) for key in sorted(wanted)]
            told = native_tasks(session, run, tasks)
            return answer({"tasks": {one["task_id"]: one for one in told}})

    @routes.post("/tasks:findCached")
    def find_cached(given: Annotated[dict[str, Any], body(FIND_CACHED)]) -> JSONResponse:
        """The newest task that has SUCCEEDED with the fingerprint, if there is one."""
        fingerprint = given.get("cache_fingerprint")
        if not fingerprint:
            raise ApiError.invalid("cache_fingerprint is missing.")
        with database.read() as session:
            task = session.scalar(
                select(Task)
                .where(Task.cache_fingerprint == fingerprint, Task.state == "SUCCEEDED")
                .order_by(Task.create_time.desc(), Task.sequence.desc())
                .limit(1)
            )
            if task is None:
                return answer({})
            run = find_run(session, task.run_id)
            return answer({"task": native_tasks(session, run, [task])[0]})

    return routes


def _find_task(session: Session, run_id: str, task_id: str) -> Task:
    task = session.scalar(select(Task).where(Task.run_id == run_id, Task.task_id == task_id))
    if task is None:
        raise ApiError.not_found(f"Run {run_id} has no task {task_id}.")
    return task
