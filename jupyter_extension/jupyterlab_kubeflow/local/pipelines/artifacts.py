"""``/artifacts`` and ``/artifact_tasks`` of KFP v2beta1 with native tasks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Select, Text, case, cast, func, literal, select
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.store.models import Artifact, ArtifactTask, Run, Spec, Task
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .artifact_bodies import TYPES, artifact_body, link_body
from .artifact_writes import create_artifact, create_link, find_artifact
from .bodies import answer, body
from .filters import Choice, Keys
from .kinds import enum
from .listing import ListParameters, read_page
from .messages import (
    ARTIFACT_TYPES,
    CREATE_ARTIFACT,
    CREATE_ARTIFACT_TASK,
    CREATE_ARTIFACT_TASKS,
    CREATE_ARTIFACTS,
    IO_TYPES,
)
from .services import Services
from .sources import Sources

_KEYS: Keys = {
    "artifact_id": Artifact.id,
    "id": Artifact.id,
    "namespace": literal(""),
    "name": Artifact.name,
    "description": Artifact.description,
    "type": Choice(case(TYPES, value=Artifact.type, else_="Artifact"), ARTIFACT_TYPES),
    "uri": Artifact.uri,
    "created_at": Artifact.created_at,
    "last_update": Artifact.created_at,
    "metadata": cast(Artifact.properties, Text),
    "number_value": Artifact.number_value,
}
_LINK_KEYS: Keys = {
    "id": ArtifactTask.id,
    "artifact_id": ArtifactTask.artifact_id,
    "task_id": ArtifactTask.task_id,
    "run_id": ArtifactTask.run_id,
    "key": ArtifactTask.key,
    "producer": cast(ArtifactTask.producer, Text),
}
_Ids = Annotated[list[str] | None, Query()]


def router(services: Services) -> APIRouter:
    """Lists, get and create of artifacts, and of who read or wrote them."""
    routes = APIRouter()
    database = services.database

    @routes.get("/artifacts")
    def list_artifacts(query: ListParameters) -> JSONResponse:
        with database.read() as session:
            page = read_page(session, select(Artifact), _KEYS, Artifact.id, query)
            return answer(page.body("artifacts", [artifact_body(row) for row in page.rows]))

    @routes.post("/artifacts")
    def create(given: Annotated[dict[str, Any], body(CREATE_ARTIFACT)]) -> JSONResponse:
        """Records an artifact as the output of a task that a client has reported."""
        with database.write() as session:
            return answer(artifact_body(create_artifact(session, given)))

    @routes.post("/artifacts:batchCreate")
    def create_many(given: Annotated[dict[str, Any], body(CREATE_ARTIFACTS)]) -> JSONResponse:
        """All of them or none."""
        wanted = given.get("artifacts", [])
        if not wanted:
            raise ApiError.invalid("artifacts is empty: give at least one.")
        if any(one.get("reuse_if_exists") for one in wanted):
            raise ApiError.invalid(
                "artifacts:batchCreate knows no reuse_if_exists: create that artifact by itself."
            )
        with database.write() as session:
            made = [artifact_body(create_artifact(session, one)) for one in wanted]
            return answer({"artifacts": made})

    @routes.get("/artifacts/{artifact_id}")
    def get_artifact(artifact_id: str) -> JSONResponse:
        with database.read() as session:
            return answer(artifact_body(find_artifact(session, artifact_id)))

    @routes.get("/artifact_tasks")
    def list_artifact_tasks(
        query: ListParameters,
        task_ids: _Ids = None,
        run_ids: _Ids = None,
        artifact_ids: _Ids = None,
        type: str = "UNSPECIFIED",
    ) -> JSONResponse:
        """Who read or wrote what, of some tasks, runs or artifacts; with ``type`` only what is of that ``v2beta1IOType``."""
        kind = enum(*IO_TYPES)(int(type) if type.isdecimal() else type, "type")
        statement = select(ArtifactTask)
        given = {"task_ids": task_ids, "run_ids": run_ids, "artifact_ids": artifact_ids}
        if not any(given.values()):
            raise ApiError.invalid("At least one of task_ids, run_ids and artifact_ids is needed.")
        for name, values in given.items():
            if values and not all(values):
                raise ApiError.invalid(f"{name} holds an empty id.")
            if values:
                column = getattr(ArtifactTask, name.removesuffix("s"))
                statement = statement.where(column.in_(values))
        with database.read() as session:
            if kind != "UNSPECIFIED":
                statement = _of_kind(session, statement, kind)
            page = read_page(
                session,
                statement,
                _LINK_KEYS,
                ArtifactTask.id,
                query,
                default_sort="id",
                scope=json.dumps([task_ids, run_ids, artifact_ids, kind]),
            )
            return answer(page.body("artifact_tasks", _links(session, page.rows)))

    @routes.post("/artifact_tasks")
    def create_artifact_task(
        given: Annotated[dict[str, Any], body(CREATE_ARTIFACT_TASK)],
    ) -> JSONResponse:
        """Records that a task that a client has reported read or wrote an artifact."""
        with database.write() as session:
            link = create_link(session, given.get("artifact_task", {}))
            return answer(_links(session, [link])[0])

    @routes.post("/artifact_tasks:batchCreate")
    def create_artifact_tasks(
        given: Annotated[dict[str, Any], body(CREATE_ARTIFACT_TASKS)],
    ) -> JSONResponse:
        """All of them or none; of one run, as in KFP."""
        wanted = given.get("artifact_tasks", [])
        if not wanted:
            raise ApiError.invalid("artifact_tasks is empty: give at least one.")
        if len({one.get("run_id") for one in wanted}) > 1:
            raise ApiError.invalid("artifact_tasks must all have the same run_id.")
        with database.write() as session:
            links = [create_link(session, one) for one in wanted]
            return answer({"artifact_tasks": _links(session, links)})

    return routes


def _links(session: Session, rows: Sequence[ArtifactTask]) -> list[dict[str, Any]]:
    """The links as ``v2beta1ArtifactTask``, what the engine's are read in the specs of their runs."""
    wanted = {row.task_id for row in rows}
    tasks = {
        task.task_id: task for task in session.scalars(select(Task).where(Task.task_id.in_(wanted)))
    }
    runs = session.execute(
        select(Run.id, Run.spec_digest).where(Run.id.in_({row.run_id for row in rows}))
    ).all()
    digests = {digest for _, digest in runs}
    specs = {
        spec.digest: Sources(spec.pipeline_spec)
        for spec in session.scalars(select(Spec).where(Spec.digest.in_(digests)))
    }
    sources = {run_id: specs[digest] for run_id, digest in runs}
    return [link_body(row, tasks[row.task_id], sources[row.run_id]) for row in rows]


def _of_kind(session: Session, statement: Select[Any], kind: str) -> Select[Any]:
    """Those of the links that are of this IO type, which for the engine's stands in the specs and not in the table."""
    links = _links(session, session.scalars(statement).all())
    ids = json.dumps([link["id"] for link in links if link["type"] == kind])
    entries = func.json_each(ids).table_valued("value")
    return statement.where(ArtifactTask.id.in_(select(entries.c.value)))
