"""What clients write about artifacts: new ones, and which task read or wrote them.

Only for tasks that a client has reported: what the engine's own tasks read and wrote is what the engine has seen.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jupyterlab_kubeflow.local.store.history import now
from jupyterlab_kubeflow.local.store.models import Artifact, ArtifactTask, Task
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .artifact_bodies import TYPES
from .messages import OUTPUT_TYPES

_TITLES = {name: title for title, name in TYPES.items()}
_WITH_METADATA = ("ClassificationMetric", "SlicedClassificationMetric")


def find_artifact(session: Session, artifact_id: str) -> Artifact:
    """The artifact, or 404."""
    found = session.get(Artifact, artifact_id)
    if found is None:
        raise ApiError.not_found(f"There is no artifact {artifact_id}.")
    return found


def reported_task(session: Session, run_id: str, task_id: str) -> Task:
    """The task of the run that a client has reported; 404 when it is not there, 400 when it is another run's or the engine's."""
    task = session.scalar(select(Task).where(Task.task_id == task_id))
    if task is None:
        raise ApiError.not_found(f"There is no task {task_id}.")
    if task.run_id != run_id:
        raise ApiError.invalid(f"Task {task_id} belongs to run {task.run_id}, not to run {run_id}.")
    if task.reported is None:
        raise ApiError.failed_precondition(
            f'Task "{task.display_name}" is executed by Local Kubeflow itself, which alone says how it stands and what it read and wrote. '
            "Create a task of your own in the run to report more."
        )
    return task


def create_artifact(session: Session, request: dict[str, Any]) -> Artifact:
    """Adds the artifact of a ``v2beta1CreateArtifactRequest`` and its link as an output of the task, or with ``reuse_if_exists`` the link."""
    given = request.get("artifact", {})
    _check_artifact(request, given)
    task = reported_task(session, request["run_id"], request["task_id"])
    producer = {"task_name": task.name}
    if "iteration_index" in request:
        producer["iteration"] = request["iteration_index"]
    reuse = bool(request.get("reuse_if_exists"))
    artifact = (_same_artifact(session, given) if reuse else None) or _add_artifact(session, given)
    link = {
        "artifact_id": artifact.id,
        "type": "OUTPUT",
        "producer": producer,
        "key": request["producer_key"],
    }
    if not (reuse and _same_link(session, task, link)):
        _add_link(session, task, link)
    return artifact


def create_link(session: Session, given: dict[str, Any]) -> ArtifactTask:
    """Adds a ``v2beta1ArtifactTask``."""
    for name in ("artifact_id", "task_id", "run_id", "type", "producer", "key"):
        if given.get(name) in (None, "", "UNSPECIFIED"):
            raise ApiError.invalid(f"artifact_task.{name} is missing.")
    task = reported_task(session, given["run_id"], given["task_id"])
    find_artifact(session, given["artifact_id"])
    if _same_link(session, task, given):
        raise ApiError.exists(
            f'Artifact {given["artifact_id"]} is linked to task {task.task_id} as {given["type"]} "{given["key"]}" already.'
        )
    return _add_link(session, task, given)


def _check_artifact(request: dict[str, Any], given: dict[str, Any]) -> None:
    if given.get("artifact_id"):
        raise ApiError.invalid("artifact.artifact_id is the server's to set. Leave it out.")
    needed = {
        "artifact.name": given.get("name"),
        "artifact.type": given.get("type", "TYPE_UNSPECIFIED").replace("TYPE_UNSPECIFIED", ""),
        **{name: request.get(name) for name in ("run_id", "task_id", "producer_key")},
    }
    for name, value in needed.items():
        if not value:
            raise ApiError.invalid(f"{name} is missing: an artifact is made by a task of a run.")
    if given["type"] == "Metric" and "number_value" not in given:
        raise ApiError.invalid("artifact.number_value is missing: a Metric is a number.")
    if given["type"] in _WITH_METADATA and "metadata" not in given:
        raise ApiError.invalid(f"artifact.metadata is missing: a {given['type']} lies there.")


def _same_artifact(session: Session, given: dict[str, Any]) -> Artifact | None:
    """The oldest artifact with the same type, URI, name, description and metadata."""
    rows = session.scalars(
        select(Artifact)
        .where(
            Artifact.uri == given.get("uri", ""),
            Artifact.type == _title(given),
            Artifact.name == given["name"],
            func.coalesce(Artifact.description, "") == given.get("description", ""),
        )
        .order_by(Artifact.created_at, Artifact.id)
    )
    return next((row for row in rows if row.properties == given.get("metadata", {})), None)


def _add_artifact(session: Session, given: dict[str, Any]) -> Artifact:
    artifact = Artifact(
        id=str(uuid.uuid4()),
        name=given["name"],
        type=_title(given),
        uri=given.get("uri", ""),
        properties=given.get("metadata", {}),
        created_at=now(),
        description=given.get("description") or None,
        number_value=given.get("number_value"),
    )
    session.add(artifact)
    session.flush()
    return artifact


def _title(given: dict[str, Any]) -> str:
    return _TITLES.get(given["type"], "system.Artifact")


def _same_link(session: Session, task: Task, given: dict[str, Any]) -> bool:
    rows = session.scalars(
        select(ArtifactTask).where(
            ArtifactTask.task_id == task.task_id,
            ArtifactTask.artifact_id == given["artifact_id"],
            ArtifactTask.type == given["type"],
            ArtifactTask.key == given["key"],
        )
    )
    iteration = given["producer"].get("iteration")
    return any((row.producer or {}).get("iteration") == iteration for row in rows)


def _add_link(session: Session, task: Task, given: dict[str, Any]) -> ArtifactTask:
    output = given["type"] in OUTPUT_TYPES
    key, artifact_id = given["key"], given["artifact_id"]
    known = task.output_artifacts if output else task.input_artifacts
    link = ArtifactTask(
        id=str(uuid.uuid4()),
        artifact_id=artifact_id,
        task_id=task.task_id,
        run_id=task.run_id,
        key=key,
        output=output,
        position=len(known.get(key, [])),
        type=given["type"],
        producer=given["producer"],
    )
    changed = {**known, key: [*known.get(key, []), artifact_id]}
    if output:
        task.output_artifacts = changed
    else:
        task.input_artifacts = changed
    session.add(link)
    session.flush()
    return link
