"""Runs ``dsl.importer``: makes an artifact of what is there already."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

from . import executor_io, placeholders
from .content import local_path
from .context import RunContext
from .errors import EngineError
from .recorder import ArtifactRecord, TaskRecord
from .values import Outcome, Values, exact, struct_to_python


async def import_artifact(
    context: RunContext, record: TaskRecord, component: Any, inputs: Values
) -> Outcome:
    """Runs an importer: with ``reimport`` for a new artifact, without for the one that is known by its URI, type and metadata.

    With ``download_to_workspace`` a local file or folder is copied to the run's workspace, and the artifact is the copy, as in
    ``kfp.local``. A remote URI is taken as it is: who reads it says whether this machine can. :class:`EngineError` when there is no URI,
    and when a local one leads nowhere.
    """
    importer = context.pipeline.executors[component.executor_label].importer
    context.journal.start(record, inputs)
    folder = context.folder / record.task_id
    data = executor_io.as_dict(
        executor_io.build(component, inputs, folder, folder), component, inputs
    )
    names = context.names(record)
    uri = _checked(placeholders.resolve_data(_given_uri(importer, inputs), data, names))
    metadata = placeholders.resolve_data(exact(struct_to_python(importer.metadata)), data, names)
    name = next(iter(component.output_definitions.artifacts))
    kind = importer.type_schema.schema_title or "system.Artifact"
    message = None
    source = local_path(uri)
    if importer.download_to_workspace and source is not None:
        target = context.workspace / ".artifacts" / "importer" / record.task_id
        message = f"Copied {uri} to the run's workspace."
        uri = await asyncio.to_thread(_copied, Path(source), target)
    elif importer.download_to_workspace:
        message = f"Not copied to the run's workspace: Local Kubeflow does not fetch {uri}."
    artifact = None if importer.reimport else _known(context, uri, kind, metadata)
    artifact = artifact or executor_io.new_artifact(name, kind, uri, metadata)
    return context.journal.finish(
        record,
        Outcome("SUCCEEDED", Values(artifacts={name: [artifact]})),
        status_message=message,
    )


def _given_uri(importer: Any, inputs: Values) -> str:
    given = importer.artifact_uri
    form = given.WhichOneof("value")
    if form == "runtime_parameter":
        return str(inputs.parameters.get(given.runtime_parameter, ""))
    return str(given.constant.string_value or given.constant_value.string_value)


def _checked(given: str) -> str:
    """The URI as artifacts have it: a path for what is on this machine."""
    if not given:
        raise EngineError("The importer has no artifact URI.")
    path = local_path(given)
    if path is None and "://" not in given:
        raise EngineError(
            f"The importer's artifact URI {given!r} is a relative path, which means nothing to a server. Give the absolute path."
        )
    if path is not None and not os.path.exists(path):
        raise EngineError(f"The importer's file {path} does not exist on this machine.")
    return given if path is None else path


def _known(
    context: RunContext, uri: str, kind: str, metadata: dict[str, Any]
) -> ArtifactRecord | None:
    services = context.services
    return services.recorder.find_artifact(uri, kind, metadata, services.forgotten)


def _copied(source: Path, folder: Path) -> str:
    """Copies ``source`` into ``folder``; answers the copy's path. The copy of an earlier attempt is replaced."""
    target = folder / (source.resolve().name or "root")
    if source.resolve() in target.parents:
        raise EngineError(
            f"The importer cannot copy {source} to the run's workspace, which lies in it."
        )
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy2(source, target)
    except OSError as error:
        said = error.strerror or str(error)
        raise EngineError(
            f"The importer cannot copy {source} to the run's workspace {folder}: {said}."
        ) from error
    return str(target)
