"""``{{$…}}`` placeholders, resolved by ``kfp.local.placeholder_utils`` with what it lacks around it.

Data stays data: a value is put in once and never looked at again, whatever text it holds.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kfp.dsl import constants as dsl_constants
from kfp.local import placeholder_utils

from .errors import EngineError

_EXECUTOR_INPUT = "{{$}}"


@dataclass(frozen=True)
class Names:
    """What the placeholders of a task's surroundings stand for. ``workspace`` is the run's own folder for shared files."""

    job_name: str
    job_id: str
    task_name: str
    task_id: str
    pipeline_root: str
    workspace: Path
    created_at: datetime
    scheduled_at: datetime


def resolve_constant(text: str, parameters: dict[str, Any], names: Names) -> str:
    """A constant of the spec that refers to other inputs of its task, as f-strings in a pipeline compile to."""
    executor_input = {"inputs": {"parameterValues": parameters}, "outputs": {"outputFile": ""}}
    return _resolve(text, executor_input, names)


def resolve_data(data: Any, executor_input: dict[str, Any], names: Names) -> Any:
    """``data`` (JSON) with the placeholders in all its strings resolved."""
    if isinstance(data, str):
        return _resolve(data, executor_input, names)
    if isinstance(data, list):
        return [resolve_data(each, executor_input, names) for each in data]
    if isinstance(data, dict):
        return {
            _resolve(key, executor_input, names): resolve_data(value, executor_input, names)
            for key, value in data.items()
        }
    return data


def resolve_command(command: list[str], executor_input: dict[str, Any], names: Names) -> list[str]:
    """The argument vector of a task: structural placeholders (``IfPresent``, ``Concat``) expanded, the others replaced."""
    provided = placeholder_utils.get_provided_inputs(executor_input)
    try:
        elements = [
            placeholder_utils.resolve_struct_placeholders(element, provided) for element in command
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise EngineError(f"A placeholder in the command cannot be resolved: {error}") from error
    return [
        _resolve(element, executor_input, names)
        for element in placeholder_utils.flatten_list(elements)
    ]


def _resolve(text: str, executor_input: dict[str, Any], names: Names) -> str:
    mount = dsl_constants.WORKSPACE_MOUNT_PATH
    if "{{$" not in text and mount not in text:
        return text
    # Stands for the executor input while kfp's code looks for placeholders, which the input's data may contain.
    stand_in = uuid.uuid4().hex
    for placeholder, value in (
        (_EXECUTOR_INPUT, stand_in),
        ("{{$.workspace_path}}", str(names.workspace)),
        (mount, str(names.workspace)),
        ("{{$.pipeline_job_resource_name}}", names.job_name),
        ("{{$.pipeline_job_create_time_utc}}", f"{names.created_at:%Y-%m-%dT%H:%M:%SZ}"),
        ("{{$.pipeline_job_schedule_time_utc}}", f"{names.scheduled_at:%Y-%m-%dT%H:%M:%SZ}"),
    ):
        text = text.replace(placeholder, value)
    try:
        resolved = placeholder_utils.resolve_individual_placeholder(
            text,
            executor_input_dict=executor_input,
            pipeline_resource_name=names.job_name,
            task_resource_name=names.task_name,
            pipeline_root=names.pipeline_root,
            pipeline_job_id=names.job_id,
            pipeline_task_id=names.task_id,
        )
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise EngineError(f"A placeholder cannot be resolved in {text[:200]!r}: {error}") from error
    return str(resolved).replace(stand_in, json.dumps(executor_input))
