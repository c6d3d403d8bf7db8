"""Notebook → KFP v2 PipelineSpec (IR 2.1.0, ``pipeline_spec.proto`` of kubeflow/pipelines) as plain data, without importing kfp."""

from __future__ import annotations

import base64
import gzip
import json
import re
from functools import cache
from importlib.resources import files
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

from .document import Notebook
from .inspect import Inspection, inspect_notebook
from .parameters import Parameter
from .settings import Settings

OUTPUTS = {"notebook": "system.Artifact", "report": "system.HTML", "metrics": "system.Metrics"}
"""The task's output artifacts and their schema titles."""

CHUNK_BYTES = 96 * 1024
"""Of one argument: Linux allows 128 KiB each."""

MAX_PAYLOAD_BYTES = 1024 * 1024
"""Of the notebook in the spec, compressed and encoded."""

EXECUTOR_REQUIREMENTS = (
    "ipykernel>=6.29,<8",
    "nbclient>=0.10,<1",
    "nbconvert>=7.16,<8",
    "nbformat>=5.10,<6",
)
"""What the executor itself needs in a container."""

# The shape of KFP's own prelude, by which runners recognise what is to be installed.
_INSTALL = """
if ! [ -x "$(command -v pip)" ]; then
    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip
fi

PIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip install --quiet --no-warn-script-location %s && "$0" "$@"
"""


def compile_document(
    notebook: Notebook,
    name: str,
    settings: Settings,
    working_directory: str | None = None,
) -> tuple[Inspection, dict[str, Any]]:
    """The inspection of a notebook and the PipelineSpec that runs it.

    ``working_directory`` is the notebook's folder, for target ``local``. Raises :class:`KubeflowError` with the problems that refuse it.
    """
    inspection = inspect_notebook(notebook, name)
    inspection.refuse()
    local = settings.target == "local"
    requirements = _requirements(notebook, inspection, settings)
    payload = {
        "name": name,
        "notebook": stripped(notebook),
        "parameters": {
            item.name: {"type": item.type, "default": item.default}
            for item in inspection.parameters
        },
        "kernel": (settings.kernel or inspection.kernel["name"]) if local else None,
        "working_directory": (settings.working_directory or working_directory) if local else None,
        "cell_timeout": settings.cell_timeout,
        "timeout": settings.timeout,
    }
    container = {
        "image": settings.image,
        "command": [*_prelude(requirements), "python3", "-c", executor_source()],
        "args": [
            "--executor_input",
            "{{$}}",
            *(
                part
                for output in OUTPUTS
                for part in (f"--{output}-path", f"{{{{$.outputs.artifacts['{output}'].path}}}}")
            ),
            *(part for chunk in _chunks(payload, name) for part in ("--payload", chunk)),
        ],
    }
    return inspection, _spec(name, inspection.parameters, container, settings)


def pipeline_name(name: str) -> str:
    """``name`` as KFP allows it: lower-case letters, digits and hyphens, at most 128 of them."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:128].strip("-") or "notebook"


def stripped(notebook: Notebook) -> Notebook:
    """The notebook without outputs and without what its last session left in the metadata, trust in it among that."""
    copied: Notebook = json.loads(json.dumps(notebook))
    copied.get("metadata", {}).pop("widgets", None)
    for cell in copied.get("cells", []):
        for name in ("execution", "trusted"):
            cell.get("metadata", {}).pop(name, None)
        if cell.get("cell_type") == "code":
            cell["outputs"] = []
            cell["execution_count"] = None
    return copied


@cache
def executor_source() -> str:
    """The source of the executor that travels in the spec."""
    return (files(__package__) / "executor.py").read_text(encoding="utf-8")


def to_yaml(spec: dict[str, Any]) -> str:
    """The spec as the YAML file that ``kfp`` reads and writes."""
    import yaml

    return yaml.safe_dump(spec, sort_keys=False, allow_unicode=True, width=2**31)


def _requirements(notebook: Notebook, inspection: Inspection, settings: Settings) -> list[str]:
    if settings.target == "local":
        return []
    wanted = settings.requirements
    if wanted == "auto":
        from .pins import pinned_requirements

        wanted = pinned_requirements(notebook, settings.kernel or inspection.kernel["name"])
    named = {_distribution(item) for item in wanted}
    own = [item for item in EXECUTOR_REQUIREMENTS if _distribution(item) not in named]
    return [*wanted, *own]


def _distribution(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    return re.sub(r"[-_.]+", "-", found.group().lower()) if found else ""


def _prelude(requirements: list[str]) -> list[str]:
    if not requirements:
        return []
    return ["sh", "-c", _INSTALL % " ".join(f"'{item}'" for item in requirements)]


def _chunks(payload: dict[str, Any], name: str) -> list[str]:
    text = json.dumps(payload, ensure_ascii=True)
    encoded = base64.b64encode(gzip.compress(text.encode(), 9, mtime=0)).decode()
    if len(encoded) > MAX_PAYLOAD_BYTES:
        raise KubeflowError(
            f"{name} is too large for a pipeline: {len(encoded) / 2**20:.1f} MiB compressed and without outputs, and at most 1 MiB fits. "
            "Move embedded images and data from its cells into files beside it.",
            reason="TooLarge",
            status=413,
        )
    return [encoded[at : at + CHUNK_BYTES] for at in range(0, len(encoded), CHUNK_BYTES)]


def _spec(
    name: str, parameters: list[Parameter], container: dict[str, Any], settings: Settings
) -> dict[str, Any]:
    task = pipeline_name(name)
    inputs = {"inputDefinitions": {"parameters": {item.name: _input(item) for item in parameters}}}
    outputs = {
        "outputDefinitions": {
            "artifacts": {
                key: {"artifactType": {"schemaTitle": title, "schemaVersion": "0.0.1"}}
                for key, title in OUTPUTS.items()
            }
        }
    }
    passed = {
        "inputs": {
            "parameters": {item.name: {"componentInputParameter": item.name} for item in parameters}
        }
    }
    return {
        "components": {
            f"comp-{task}": {
                "executorLabel": f"exec-{task}",
                **(inputs if parameters else {}),
                **outputs,
            }
        },
        "deploymentSpec": {"executors": {f"exec-{task}": {"container": container}}},
        "pipelineInfo": {"name": task, "displayName": name},
        "root": {
            "dag": {
                "tasks": {
                    task: {
                        "cachingOptions": {"enableCache": True} if settings.caching else {},
                        "componentRef": {"name": f"comp-{task}"},
                        **(passed if parameters else {}),
                        "taskInfo": {"name": name},
                    }
                }
            },
            **(inputs if parameters else {}),
        },
        "schemaVersion": "2.1.0",
        "sdkVersion": "kfp-2.17.0",
    }


def _input(parameter: Parameter) -> dict[str, Any]:
    definition: dict[str, Any] = {"parameterType": parameter.type}
    if parameter.default is not None:
        definition["defaultValue"] = parameter.default
    if not parameter.required:
        definition["isOptional"] = True
    if parameter.description:
        definition["description"] = parameter.description
    return definition
