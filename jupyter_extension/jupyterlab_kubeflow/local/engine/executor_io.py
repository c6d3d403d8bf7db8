"""The executor's two messages: the input a task's process gets, and the output it writes. Both by ``kfp.local``'s own code."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from kfp.local import executor_input_utils, executor_output_utils

from .content import local_path
from .errors import EngineError
from .journal import now
from .recorder import ArtifactRecord
from .values import Values, checked, exact, flaw, struct_to_python

_OUTPUT_FILE = ".executor_output.json"


@dataclass(frozen=True)
class _Artifact:
    """What kfp's code reads of a ``dsl.Artifact``; unlike that class it keeps the schema title of a type that kfp does not know."""

    name: str
    uri: str
    metadata: dict[str, Any]
    schema_title: str
    schema_version: str = "0.0.1"


def build(component: Any, inputs: Values, folder: Path, artifacts: Path) -> Any:
    """The ``ExecutorInput`` message. Output parameters go to ``folder``/outputs, output artifacts to ``artifacts``/NAME.

    The executor's own output lies in ``artifacts`` as well: ``dsl.get_uri`` makes its URIs in that file's folder.
    """
    # kfp's code knows no null inside a list or dictionary; ``as_dict`` puts the values themselves in.
    arguments: dict[str, Any] = {
        name: "" if isinstance(value, list | dict) else value
        for name, value in inputs.parameters.items()
        if value is not None
    }
    for name, records in inputs.artifacts.items():
        arguments[name] = [_Artifact(r.name, r.uri, r.metadata, r.type) for r in records]
    try:
        message = executor_input_utils.construct_executor_input(
            component, arguments, task_root=str(folder / "outputs"), block_input_artifact=False
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise EngineError(f"The inputs cannot be passed on: {error}") from error
    for name in list(message.inputs.parameter_values):
        if message.inputs.parameter_values[name].WhichOneof("kind") in (None, "null_value"):
            del message.inputs.parameter_values[name]
    for name, listed in message.outputs.artifacts.items():
        listed.artifacts[0].uri = str(artifacts / name)
    message.outputs.output_file = str(artifacts / _OUTPUT_FILE)
    return message


def as_dict(message: Any, component: Any, inputs: Values) -> dict[str, Any]:
    """The ``ExecutorInput`` as the JSON that ``{{$}}`` stands for, with the exact values where protobuf has doubles only."""
    try:
        data: dict[str, Any] = executor_input_utils.executor_input_to_dict(message, component)
    except (TypeError, ValueError) as error:
        raise EngineError(f"The inputs cannot be passed on: {error}.") from error
    given = data.get("inputs", {})
    for name, value in given.get("parameterValues", {}).items():
        known = inputs.parameters.get(name)
        if not isinstance(value, float) and known is not None:
            kept = isinstance(value, int) and abs(value) <= 2**53
            given["parameterValues"][name] = value if kept else known
    for name, listed in given.get("artifacts", {}).items():
        given["artifacts"][name] = exact(listed)
    return data


def read_outputs(component: Any, message: Any) -> Values:
    """What the process wrote: parameters checked against their declared types, artifacts with its changes of uri and metadata.

    Raises :class:`EngineError` naming what is malformed. A declared output that was not written is left out.
    """
    path = Path(message.outputs.output_file)
    try:
        written = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        output = executor_output_utils.load_executor_output(str(path))
    except (OSError, ValueError, json_format.ParseError) as error:
        raise EngineError(f"The executor output is not valid: {error}") from error
    if said := flaw(written.get("artifacts")):
        raise EngineError(f"The executor output cannot be kept: artifacts{said}.")
    # Protobuf's numbers are doubles; the file has them exactly.
    plain = written.get("parameterValues") or written.get("parameter_values") or {}
    values = Values()
    for name, spec in component.output_definitions.parameters.items():
        value = plain.get(name)
        file = message.outputs.parameters[name].output_file
        if Path(file).exists():
            try:
                value = executor_output_utils.special_dsl_outputpath_read(
                    name, file, spec.parameter_type
                )
            except ValueError as error:
                raise EngineError(f"{error}.") from error
        if said := flaw(value):
            raise EngineError(f"Output parameter {name!r} cannot be kept: {name}{said}.")
        if value is not None:
            values.parameters[name] = checked(name, value, spec.parameter_type, "Output parameter")
    for name, spec in component.output_definitions.artifacts.items():
        made = output.artifacts if name in output.artifacts else message.outputs.artifacts
        kind = spec.artifact_type.schema_title or "system.Artifact"
        planned = message.outputs.artifacts[name].artifacts[0].uri
        values.artifacts[name] = [
            new_artifact(
                each.name or name, kind, _uri(each, planned), exact(struct_to_python(each.metadata))
            )
            for each in made[name].artifacts
        ]
    return values


def _uri(artifact: Any, planned: str) -> str:
    """Where the content of an output artifact is: what was written to a custom path is brought to the artifact's own."""
    uri = str(artifact.uri or planned)
    own, custom = local_path(uri), Path(artifact.custom_path)
    if not artifact.custom_path or own is None or not custom.exists() or os.path.exists(own):
        return own or uri
    try:
        if custom.is_dir():
            shutil.copytree(custom, own)
        else:
            Path(own).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(custom, own)
    except OSError as error:
        raise EngineError(
            f"The artifact at {custom} cannot be copied to {own}: {error}."
        ) from error
    return own


def left_behind(component: Any, message: Any) -> Values:
    """The output artifacts that a task without success has written nevertheless (an executed notebook up to its error)."""
    try:
        outputs = read_outputs(component, message)
    except EngineError:
        outputs = Values(
            artifacts={
                name: [new_artifact(name, each.type.schema_title, each.uri, {})]
                for name, listed in message.outputs.artifacts.items()
                for each in listed.artifacts
            }
        )
    kept = {
        name: [artifact for artifact in artifacts if Path(artifact.uri).exists()]
        for name, artifacts in outputs.artifacts.items()
    }
    return Values(artifacts={name: artifacts for name, artifacts in kept.items() if artifacts})


def new_artifact(name: str, kind: str, uri: str, metadata: dict[str, Any]) -> ArtifactRecord:
    """An artifact record with an id of its own."""
    return ArtifactRecord(str(uuid.uuid4()), name, kind, uri, metadata, now())
