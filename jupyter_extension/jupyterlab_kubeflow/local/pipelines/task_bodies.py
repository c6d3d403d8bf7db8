"""Tasks as answers tell them, in KFP's two ways: ``v2beta1PipelineTask`` (native) and ``v2beta1PipelineTaskDetail`` (in ``run_details``)."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jupyterlab_kubeflow.local.store.models import Artifact, ArtifactTask, Run, Task

from .artifact_bodies import artifact_body, link_source, wire_producer
from .bodies import compact, format_time, history, rpc_status
from .sources import Sources

NATIVE_STATES = {"PENDING": "RUNTIME_STATE_UNSPECIFIED", "CANCELED": "FAILED"}
"""States for which the native-task API has no word of its own; ``status_metadata.custom_properties.state`` tells them."""

_DETAIL_STATES = {"CACHED": "SUCCEEDED"}


def run_tasks(session: Session, run_id: str) -> Sequence[Task]:
    """All tasks of the run in order of creation."""
    return session.scalars(select(Task).where(Task.run_id == run_id).order_by(Task.sequence)).all()


def native_tasks(session: Session, run: Run, tasks: Sequence[Task]) -> list[dict[str, Any]]:
    """The tasks as ``v2beta1PipelineTask``."""
    sources = Sources(run.spec.pipeline_spec)
    artifacts = _artifacts(session, tasks)
    children = _children(session, run.id, tasks)
    links = _reported_links(session, tasks)
    return [
        _native(task, sources, artifacts, children[task.task_id])
        if task.reported is None
        else _reported(task, task.reported, artifacts, children[task.task_id], links[task.task_id])
        for task in tasks
    ]


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


def _reported_links(session: Session, tasks: Sequence[Task]) -> dict[str, list[ArtifactTask]]:
    found: dict[str, list[ArtifactTask]] = defaultdict(list)
    ids = [task.task_id for task in tasks if task.reported is not None]
    if ids:
        rows = session.scalars(
            select(ArtifactTask)
            .where(ArtifactTask.task_id.in_(ids))
            .order_by(ArtifactTask.key, ArtifactTask.type, ArtifactTask.position)
        )
        for row in rows:
            found[row.task_id].append(row)
    return found


def _children(
    session: Session, run_id: str, tasks: Sequence[Task]
) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    rows = session.execute(
        select(Task.parent_task_id, Task.task_id, Task.name)
        .where(Task.run_id == run_id, Task.parent_task_id.in_([task.task_id for task in tasks]))
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
    special = {"state": task.state} if task.state in NATIVE_STATES else None
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
            "state": NATIVE_STATES.get(task.state, task.state),
            "status_metadata": status or None,
            "state_history": history(task.state_history, NATIVE_STATES),
            "type": task.type,
            "type_attributes": attributes or None,
            "parent_task_id": task.parent_task_id,
            "child_tasks": children or None,
            "inputs": _inputs(task, sources, artifacts),
            "outputs": _outputs(task, sources, artifacts),
            "scope_path": task.scope_path,
        }
    )


def _reported(
    task: Task,
    told: dict[str, Any],
    artifacts: dict[str, Artifact],
    children: list[dict[str, Any]],
    links: list[ArtifactTask],
) -> dict[str, Any]:
    """A task that a client reported, as it was reported."""
    attributes = {
        key: value if isinstance(value, bool) else str(value)
        for key, value in told.get("type_attributes", {}).items()
    }
    return compact(
        {
            "name": task.name or None,
            "display_name": task.display_name or None,
            "task_id": task.task_id,
            "run_id": task.run_id,
            "pods": told.get("pods"),
            "cache_fingerprint": task.cache_fingerprint,
            "create_time": format_time(task.create_time),
            "end_time": format_time(task.end_time),
            "state": task.state,
            "status_metadata": told.get("status_metadata"),
            "state_history": history(task.state_history, {}) or None,
            "type": task.type,
            "type_attributes": attributes or None,
            "parent_task_id": task.parent_task_id,
            "child_tasks": children or None,
            "inputs": _io(_told(told, "inputs"), _linked(links, artifacts, output=False)),
            "outputs": _io(_told(told, "outputs"), _linked(links, artifacts, output=True)),
            "scope_path": told.get("scope_path"),
        }
    )


def _told(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [
        {**one, **({"producer": wire_producer(one["producer"])} if "producer" in one else {})}
        for one in told.get(name, [])
    ]


def _linked(
    links: list[ArtifactTask], artifacts: dict[str, Artifact], *, output: bool
) -> list[dict[str, Any]]:
    """The artifacts behind the links, those of one key, type and producer together."""
    groups: list[dict[str, Any]] = []
    for link in links:
        if link.output is not output or link.artifact_id not in artifacts:
            continue
        about = {"artifact_key": link.key, **link_source(link)}
        if not groups or {**groups[-1], "artifacts": None} != {**about, "artifacts": None}:
            groups.append({**about, "artifacts": []})
        groups[-1]["artifacts"].append(artifact_body(artifacts[link.artifact_id]))
    return groups


def _pods(task: Task) -> list[dict[str, Any]] | None:
    if not task.pod_name:
        return None
    kind = "EXECUTOR" if task.type in ("RUNTIME", "IMPORTER") else "DRIVER"
    return [{"name": task.pod_name, "uid": task.task_id, "type": kind}]


def _inputs(task: Task, sources: Sources, artifacts: dict[str, Artifact]) -> dict[str, Any] | None:
    return _io(
        [
            {"parameter_key": key, "value": value, **sources.of_input(task.scope_path, key)}
            for key, value in sorted(task.input_parameters.items())
        ],
        [
            {
                "artifact_key": key,
                "artifacts": _bodies(ids, artifacts),
                **sources.of_input(task.scope_path, key),
            }
            for key, ids in sorted(task.input_artifacts.items())
        ],
    )


def _outputs(task: Task, sources: Sources, artifacts: dict[str, Artifact]) -> dict[str, Any] | None:
    return _io(
        [
            {"parameter_key": key, "value": value, **sources.of_output(task.scope_path, key)}
            for key, value in sorted(task.output_parameters.items())
        ],
        [
            {
                "artifact_key": key,
                "artifacts": _bodies(ids, artifacts),
                **sources.of_output(task.scope_path, key),
            }
            for key, ids in sorted(task.output_artifacts.items())
        ],
    )


def _io(parameters: list[dict[str, Any]], artifacts: list[dict[str, Any]]) -> dict[str, Any] | None:
    return compact({"parameters": parameters or None, "artifacts": artifacts or None}) or None


def _bodies(ids: list[str], artifacts: dict[str, Artifact]) -> list[dict[str, Any]]:
    return [artifact_body(artifacts[one]) for one in ids if one in artifacts]


def _detail(task: Task, children: list[Task]) -> dict[str, Any]:
    def ids(mapping: dict[str, list[str]]) -> dict[str, Any] | None:
        numbers = {key: [_number(one) for one in group] for key, group in mapping.items()}
        return {key: {"artifact_ids": group} for key, group in numbers.items()} or None

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


def _number(artifact_id: str) -> str:
    """A number of 63 bits for the artifact: KFP 2 names artifacts by those of its metadata store, which is not here."""
    digest = hashlib.sha256(artifact_id.encode()).digest()
    return str(int.from_bytes(digest[:8], "big") >> 1)
