"""``/artifacts`` and ``/artifact_tasks`` of KFP v2beta1 with native tasks."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import select
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.store.models import Artifact, ArtifactTask, Run, Task
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import answer, compact, format_time
from .filters import Keys
from .listing import ListParameters, read_page
from .services import Services
from .sources import Sources

_TYPES = {
    "system.Model": "Model",
    "system.Dataset": "Dataset",
    "system.HTML": "HTML",
    "system.Markdown": "Markdown",
    "system.Metrics": "Metric",
    "system.ClassificationMetrics": "ClassificationMetric",
    "system.SlicedClassificationMetrics": "SlicedClassificationMetric",
}

_KEYS: Keys = {
    "artifact_id": Artifact.id,
    "id": Artifact.id,
    "name": Artifact.name,
    "type": Artifact.type,
    "uri": Artifact.uri,
    "created_at": Artifact.created_at,
}
_LINK_KEYS: Keys = {
    "id": ArtifactTask.id,
    "artifact_id": ArtifactTask.artifact_id,
    "task_id": ArtifactTask.task_id,
    "run_id": ArtifactTask.run_id,
    "key": ArtifactTask.key,
}


def artifact_body(row: Artifact) -> dict[str, Any]:
    """The artifact as ``v2beta1Artifact``. A type that KFP's list does not have is told as ``Artifact``."""
    return compact(
        {
            "artifact_id": row.id,
            "name": row.name,
            "type": _TYPES.get(row.type, "Artifact"),
            "uri": row.uri,
            "metadata": row.properties or None,
            "created_at": format_time(row.created_at),
        }
    )


def router(services: Services) -> APIRouter:
    """Lists and get of artifacts, and the list of who read or wrote them."""
    routes = APIRouter()
    database = services.database

    @routes.get("/artifacts")
    def list_artifacts(query: ListParameters) -> JSONResponse:
        with database.read() as session:
            page = read_page(session, select(Artifact), _KEYS, Artifact.id, query)
            return answer(page.body("artifacts", [artifact_body(row) for row in page.rows]))

    @routes.get("/artifacts/{artifact_id}")
    def get_artifact(artifact_id: str) -> JSONResponse:
        with database.read() as session:
            found = session.get(Artifact, artifact_id)
            if found is None:
                raise ApiError.not_found(f"There is no artifact {artifact_id}.")
            return answer(artifact_body(found))

    @routes.get("/artifact_tasks")
    def list_artifact_tasks(
        query: ListParameters,
        task_ids: Annotated[list[str] | None, Query()] = None,
        run_ids: Annotated[list[str] | None, Query()] = None,
        artifact_ids: Annotated[list[str] | None, Query()] = None,
        type: str = "",
    ) -> JSONResponse:
        """Who read or wrote what; narrowed by tasks, runs, artifacts and ``type`` (``OUTPUT``, or any other for inputs)."""
        statement = select(ArtifactTask)
        for column, values in (
            (ArtifactTask.task_id, task_ids),
            (ArtifactTask.run_id, run_ids),
            (ArtifactTask.artifact_id, artifact_ids),
        ):
            if values:
                statement = statement.where(column.in_(values))
        if type and type != "UNSPECIFIED":
            statement = statement.where(ArtifactTask.output.is_(type == "OUTPUT"))
        with database.read() as session:
            page = read_page(
                session,
                statement,
                _LINK_KEYS,
                ArtifactTask.id,
                query,
                default_sort="id",
                scope=f"{task_ids}{run_ids}{artifact_ids}{type}",
            )
            tasks = {
                task.task_id: task
                for task in session.scalars(
                    select(Task).where(Task.task_id.in_({row.task_id for row in page.rows}))
                )
            }
            sources = {
                run.id: Sources(run.spec.pipeline_spec)
                for run in session.scalars(
                    select(Run).where(Run.id.in_({row.run_id for row in page.rows}))
                )
            }
            items = [_link_body(row, tasks[row.task_id], sources[row.run_id]) for row in page.rows]
            return answer(page.body("artifact_tasks", items))

    return routes


def _link_body(row: ArtifactTask, task: Task, sources: Sources) -> dict[str, Any]:
    kind, producer = (
        ("OUTPUT", task.name) if row.output else sources.of_input(task.scope_path, row.key)
    )
    return compact(
        {
            "id": row.id,
            "artifact_id": row.artifact_id,
            "run_id": row.run_id,
            "task_id": row.task_id,
            "type": kind,
            "producer": {"task_name": producer} if producer else None,
            "key": row.key,
        }
    )
