"""Artifacts and their links to tasks as answers tell them: ``v2beta1Artifact`` and ``v2beta1ArtifactTask``."""

from __future__ import annotations

from typing import Any

from jupyterlab_kubeflow.local.store.models import Artifact, ArtifactTask, Task

from .bodies import compact, format_time
from .sources import Source, Sources

TYPES = {
    "system.Model": "Model",
    "system.Dataset": "Dataset",
    "system.HTML": "HTML",
    "system.Markdown": "Markdown",
    "system.Metrics": "Metric",
    "system.ClassificationMetrics": "ClassificationMetric",
    "system.SlicedClassificationMetrics": "SlicedClassificationMetric",
}
"""KFP's artifact types, by schema title. A title that is not here is told as ``Artifact``."""


def artifact_body(row: Artifact) -> dict[str, Any]:
    """The artifact as ``v2beta1Artifact``."""
    return compact(
        {
            "artifact_id": row.id,
            "name": row.name,
            "description": row.description,
            "type": TYPES.get(row.type, "Artifact"),
            "uri": row.uri or None,
            "metadata": row.properties or None,
            "number_value": row.number_value,
            "created_at": format_time(row.created_at),
        }
    )


def link_body(row: ArtifactTask, task: Task, sources: Sources) -> dict[str, Any]:
    """The link as ``v2beta1ArtifactTask``."""
    return {
        "id": row.id,
        "artifact_id": row.artifact_id,
        "run_id": row.run_id,
        "task_id": row.task_id,
        "key": row.key,
        **link_source(row, task, sources),
    }


def link_source(
    row: ArtifactTask, task: Task | None = None, sources: Sources | None = None
) -> Source:
    """What kind of input or output it is, and who made it: as a client said, or for a task of the engine as the spec says."""
    if row.type is None and task is not None and sources is not None:
        of = sources.of_output if row.output else sources.of_input
        return of(task.scope_path, row.key)
    producer = {"producer": wire_producer(row.producer)} if row.producer is not None else {}
    return {"type": row.type or "UNSPECIFIED", **producer}


def wire_producer(given: dict[str, Any]) -> dict[str, Any]:
    """``v2beta1IOProducer``, whose number of 64 bits is a string."""
    return {key: str(value) for key, value in given.items()}
