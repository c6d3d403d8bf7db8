"""Runs ``dsl.importer``: makes an artifact of what is there already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from . import executor_io, placeholders
from .context import RunContext
from .errors import EngineError
from .recorder import TaskRecord
from .values import Outcome, Values, exact, struct_to_python


def import_artifact(
    context: RunContext, record: TaskRecord, component: Any, inputs: Values
) -> Outcome:
    """Makes the artifact of a ``dsl.importer``; :class:`EngineError` when it names a local file that is not there."""
    importer = context.pipeline.executors[component.executor_label].importer
    context.journal.start(record, inputs)
    folder = context.folder / record.task_id
    message = executor_io.build(component, inputs, folder, folder)
    data = executor_io.as_dict(message, component, inputs)
    names = context.names(record)
    if importer.artifact_uri.WhichOneof("value") == "constant":
        uri = importer.artifact_uri.constant.string_value
    else:
        uri = inputs.parameters.get(importer.artifact_uri.runtime_parameter or "uri", "")
    uri = str(placeholders.resolve_data(uri, data, names)).removeprefix("file://")
    if not uri:
        raise EngineError("The importer has no artifact URI.")
    if uri.startswith("/") and not Path(uri).exists():
        raise EngineError(f"The importer's file {uri} does not exist on this machine.")
    metadata = placeholders.resolve_data(exact(struct_to_python(importer.metadata)), data, names)
    kind = importer.type_schema.schema_title or "system.Artifact"
    name = next(iter(component.output_definitions.artifacts), "artifact")
    artifact = executor_io.new_artifact(name, kind, uri, metadata)
    return context.journal.finish(
        record, Outcome("SUCCEEDED", Values(artifacts={name: [artifact]}))
    )
