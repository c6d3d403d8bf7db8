"""Taking the outputs of an equal task instead of running it again.

**KFP's key.** The fingerprint of a task is KFP's: the SHA-256 of its ``CacheKey`` message (``backend/src/v2/cacheutils`` of
kubeflow/pipelines) as Go writes JSON, or of the component's name and the custom ``cache_key``. As there, input artifacts go in by their
ids, parameters as the task gives them (defaults stay out), and only tasks of pipelines with the same name share results.

**What KFP's key does not see**, although one machine can: that an input artifact's file has changed since, that a component has
another default, an environment variable or the run's own names in its command, and that a result was deleted or changed. So each
execution also keeps two digests, of these inputs and of its outputs' content, and is used again only while both still hold. A custom
key says that its user answers for the inputs: then only the outputs are looked at. Remote artifacts are trusted as KFP trusts them.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from google.protobuf import json_format
from kfp.dsl import constants as dsl_constants
from kfp.pipeline_spec import pipeline_spec_pb2 as pb

from . import cluster_only, content
from .context import RunContext
from .recorder import TaskRecord
from .values import Outcome, Values

_OWN_TO_THE_RUN = re.compile(
    r"\{\{\$\.(pipeline_|workspace_path)|" + re.escape(dsl_constants.WORKSPACE_MOUNT_PATH)
)
_GO_ESCAPES = str.maketrans(
    {each: f"\\u{ord(each):04x}" for each in ("<", ">", "&", "\u2028", "\u2029")}
)


@dataclass(frozen=True)
class Key:
    """What makes two executions the same: KFP's fingerprint, and the digest of the inputs that it does not see."""

    fingerprint: str
    input_digest: str


async def key(
    context: RunContext, task: Any, component: Any, container: Any, inputs: Values
) -> Key | None:
    """The key of an execution of ``task``; None with caching off, and when an input cannot be read to its end."""
    enabled = context.run.enable_caching
    if not (task.caching_options.enable_cache if enabled is None else enabled):
        return None
    try:
        input_digest = await asyncio.to_thread(_input_digest, context, task, container, inputs)
    except OSError:
        return None
    claims = cluster_only.claims(context.pipeline, component)
    return Key(fingerprint(task, component, container, inputs, claims), input_digest)


async def seal(
    context: RunContext,
    record: TaskRecord,
    task: Any,
    container: Any,
    inputs: Values,
    outputs: Values,
) -> str | None:
    """The digest of what a task has made, to be kept with ``record``; without one it is not used again.

    None with caching off, when something cannot be read, and when an input has changed while the task ran.
    """
    if record.cache_fingerprint is None:
        return None
    try:
        after = await asyncio.to_thread(_input_digest, context, task, container, inputs)
        return await _output_digest(outputs) if after == record.input_digest else None
    except OSError:
        return None


async def reuse(context: RunContext, record: TaskRecord, key: Key) -> Outcome | None:
    """Ends ``record`` with the outputs of an earlier task with this key; None when there is none, or its outputs have changed."""
    services = context.services
    for found in services.recorder.find_cached(
        key.fingerprint, key.input_digest, context.pipeline.name, services.forgotten
    ):
        try:
            outcome = context.journal.recall(found)
            intact = await _output_digest(outcome.outputs) == found.output_digest
        except (KeyError, OSError):
            continue
        if intact and found.run_id not in services.forgotten:
            return context.journal.finish(
                record,
                Outcome("CACHED", outcome.outputs),
                status_message=f"The result of run {found.run_id} was used again.",
                start_time=record.create_time,
            )
    return None


def fingerprint(
    task: Any, component: Any, container: Any, inputs: Values, claims: tuple[str, ...] = ()
) -> str:
    """KFP's fingerprint of an execution of ``task`` (``PipelineTaskSpec``); ``claims`` are the names of the volume claims that it mounts."""
    if custom := task.caching_options.cache_key:
        name = task.component_ref.name
        return hashlib.sha256((f"{name}\0{custom}" if name else custom).encode()).hexdigest()
    types = pb.ParameterType.ParameterTypeEnum
    message = {
        "inputArtifactNames": {
            name: {"artifactNames": [each.artifact_id for each in records]} if records else {}
            for name, records in inputs.artifacts.items()
        },
        "inputParameterValues": _given(task, inputs),
        "outputArtifactsSpec": {
            name: _present(
                name=name,
                type=json_format.MessageToDict(spec.artifact_type)
                if spec.HasField("artifact_type")
                else None,
                metadata=json_format.MessageToDict(spec.metadata)
                if spec.HasField("metadata")
                else None,
            )
            for name, spec in component.output_definitions.artifacts.items()
        },
        "outputParametersSpec": {
            name: types.Name(spec.parameter_type)
            for name, spec in component.output_definitions.parameters.items()
        },
    }
    ran = {
        field: value
        for field, value in (
            ("image", container.image),
            ("cmdArgs", [*container.command, *container.args]),
            ("pvcNames", sorted(set(claims))),
        )
        if value
    }
    written = _go_json(
        {name: part for name, part in message.items() if part} | {"containerSpec": ran}
    )
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _given(task: Any, inputs: Values) -> dict[str, Any]:
    """The parameters that the task gives. A text that others are put into stands as in the spec: KFP puts them in later."""
    given: dict[str, Any] = {}
    for name, source in task.inputs.parameters.items():
        if name in inputs.parameters and name not in inputs.defaults:
            raw = source.runtime_value.constant.string_value
            given[name] = raw if "{{$.inputs." in raw else inputs.parameters[name]
    return given


def _input_digest(context: RunContext, task: Any, container: Any, inputs: Values) -> str:
    if task.caching_options.cache_key:
        return ""
    environment = [[each.name, each.value] for each in container.env]
    texts = [*container.command, *container.args, *(value for _, value in environment)]
    seen = {
        "parameters": inputs.parameters,
        "artifacts": _contents(inputs),
        "environment": environment,
        "run": context.run.run_id if any(map(_OWN_TO_THE_RUN.search, texts)) else None,
    }
    return _digest_of(seen)


async def _output_digest(outputs: Values) -> str:
    return await asyncio.to_thread(lambda: _digest_of(_contents(outputs)))


def _contents(values: Values) -> dict[str, list[str]]:
    return {
        name: [content.digest(each.uri) for each in records]
        for name, records in values.artifacts.items()
    }


def _digest_of(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()


def _go_json(value: Any) -> str:
    """``value`` as Go's ``encoding/json`` writes it: sorted keys, no spaces, its own escapes and numbers."""
    if isinstance(value, dict):
        parts = (f"{_go_json(name)}:{_go_json(each)}" for name, each in sorted(value.items()))
        return f"{{{','.join(parts)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_go_json, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).translate(_GO_ESCAPES)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return _go_number(value)


def _go_number(value: float) -> str:
    """A number as Go writes the double; an integer that no double holds stays as it is, so that it is not taken for another."""
    try:
        double = float(value)
    except OverflowError:
        return str(value)
    if isinstance(value, int) and int(double) != value:
        return str(value)
    if double == 0 or not math.isfinite(double):
        return str(double).removesuffix(".0")
    if 1e-6 <= abs(double) < 1e21:
        return format(Decimal(repr(double)).normalize(), "f")
    return re.sub(r"e-0(\d)$", r"e-\1", repr(double))
