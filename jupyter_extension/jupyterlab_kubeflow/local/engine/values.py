"""Values that flow between tasks: resolving a task's inputs, a dag's outputs, and checking types."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2 as pb

from .errors import EngineError
from .recorder import ArtifactRecord, TaskState
from .spec import output_selectors

_TYPES = pb.ParameterType.ParameterTypeEnum
_WORDS = {
    _TYPES.NUMBER_INTEGER: "a whole number",
    _TYPES.NUMBER_DOUBLE: "a number",
    _TYPES.STRING: "a text",
    _TYPES.BOOLEAN: "true or false",
    _TYPES.LIST: "a list",
    _TYPES.STRUCT: "a dictionary",
}
_SELECTOR = re.compile(r"""(?:parseJson\(string_value\)|item)?((?:\[(?:"[^"]*"|'[^']*'|\d+)\])*)""")


class NoValue(EngineError):
    """An input has no value: the task that should make it was skipped (``skipped``), or did not write it."""

    def __init__(self, message: str, skipped: bool) -> None:
        super().__init__(message)
        self.skipped = skipped


@dataclass
class Values:
    """Parameters by name, and artifacts by name, each a list in order. ``defaults`` names the parameters that have their default."""

    parameters: dict[str, Any] = field(default_factory=dict)
    artifacts: dict[str, list[ArtifactRecord]] = field(default_factory=dict)
    defaults: set[str] = field(default_factory=set)


@dataclass
class Outcome:
    """How a task ended. ``blocked``: it was skipped because something before it failed."""

    state: TaskState
    outputs: Values = field(default_factory=Values)
    error: str | None = None
    blocked: bool = False

    @property
    def ok(self) -> bool:
        return self.state in ("SUCCEEDED", "CACHED")


@dataclass(frozen=True)
class Surroundings:
    """What a task can refer to: the inputs of the dag it is in and the outcomes of the tasks beside it."""

    inputs: Values
    outcomes: dict[str, Outcome]
    job_name: str


def resolve_inputs(
    task: Any,
    component: Any,
    around: Surroundings,
    constant: Callable[[str, dict[str, Any]], str],
    without: str | None = None,
) -> Values:
    """The inputs of ``task`` (``PipelineTaskSpec``) as its component declares them: constants, outputs of its siblings, inputs of its dag, defaults.

    ``constant`` resolves the placeholders of a constant with the task's other parameters. Inputs that refer to the dag input ``without``
    are left out (a loop's own item, which is there in its iterations only). A null is no value. Raises :class:`NoValue` for a required
    input without one, :class:`EngineError` for one of another type.
    """
    values = Values()
    texts: list[str] = []
    for name, source in task.inputs.parameters.items():
        if without is not None and source.component_input_parameter == without:
            continue
        value = _select(_parameter(source, around), source.parameter_expression_selector, name)
        if value is None:
            continue
        values.parameters[name] = value
        if source.WhichOneof("kind") == "runtime_value" and isinstance(value, str):
            texts.append(name)
    for name in texts:
        values.parameters[name] = constant(values.parameters[name], values.parameters)
    for name, source in task.inputs.artifacts.items():
        if without is not None and source.component_input_artifact == without:
            continue
        kind = source.WhichOneof("kind")
        if kind == "task_output_artifact":
            ref = source.task_output_artifact
            found_list = around.outcomes[ref.producer_task].outputs.artifacts.get(
                ref.output_artifact_key
            )
        else:
            found_list = around.inputs.artifacts.get(source.component_input_artifact)
        if found_list is not None:
            values.artifacts[name] = found_list
    _missing(task, component, values, around, without)
    with_defaults(values, component)
    for name, definition in component.input_definitions.parameters.items():
        if name in values.parameters:
            values.parameters[name] = _fitted(name, values.parameters[name], definition)
    return values


def _parameter(source: Any, around: Surroundings) -> Any:
    """The value of an ``InputParameterSpec`` before its selector, None without one."""
    kind = source.WhichOneof("kind")
    if kind == "runtime_value":
        given = source.runtime_value
        form = given.WhichOneof("value")
        if form == "runtime_parameter":
            return around.inputs.parameters.get(given.runtime_parameter)
        if form == "constant_value":
            return getattr(
                given.constant_value, given.constant_value.WhichOneof("value") or "", None
            )
        return from_proto(given.constant)
    if kind == "task_output_parameter":
        ref = source.task_output_parameter
        return around.outcomes[ref.producer_task].outputs.parameters.get(ref.output_parameter_key)
    if kind == "component_input_parameter":
        return around.inputs.parameters.get(source.component_input_parameter)
    if kind == "task_final_status":
        producer = source.task_final_status.producer_task
        return _final_status(producer, around.outcomes[producer], around.job_name)
    return None


def _final_status(producer: str, outcome: Outcome, job_name: str) -> dict[str, Any]:
    words = {
        "CACHED": "SUCCEEDED",
        "CANCELED": "CANCELLED",
    }  # as dsl.PipelineTaskFinalStatus has them
    status: dict[str, Any] = {
        "state": words.get(outcome.state, outcome.state),
        "pipelineJobResourceName": job_name,
        "pipelineTaskName": producer,
        "error": {},
    }
    if not outcome.ok:
        status["error"] = {
            "code": 1 if outcome.state == "CANCELED" else 2,  # google.rpc.Code: CANCELLED, UNKNOWN
            "message": outcome.error or f"{producer} did not succeed.",
        }
    return status


def _missing(
    task: Any, component: Any, values: Values, around: Surroundings, without: str | None
) -> None:
    definitions = component.input_definitions
    is_dag = component.WhichOneof("implementation") == "dag"
    for name, spec in definitions.parameters.items():
        source = task.inputs.parameters.get(name)
        if name in values.parameters or spec.is_optional or spec.HasField("default_value"):
            continue
        if source is None:
            continue  # A loop's item, which its iterations add.
        if is_dag and source.WhichOneof("kind") == "component_input_parameter":
            continue  # An optional input of the dag above that was not given: who needs it says so.
        if without is None or source.component_input_parameter != without:
            raise _no_value(name, source, "parameter", around)
    for name, spec in definitions.artifacts.items():
        source = task.inputs.artifacts.get(name)
        if name in values.artifacts or spec.is_optional or source is None:
            continue
        if without is not None and source.component_input_artifact == without:
            continue
        if not is_dag or source.WhichOneof("kind") != "component_input_artifact":
            raise _no_value(name, source, "artifact", around)


def _no_value(name: str, source: Any, kind: str, around: Surroundings) -> NoValue:
    label = name.removeprefix("pipelinechannel--")
    if source.WhichOneof("kind") != f"task_output_{kind}":
        return NoValue(f"Input {label!r} has no value.", skipped=False)
    ref = getattr(source, f"task_output_{kind}")
    key = getattr(ref, f"output_{kind}_key").removeprefix("pipelinechannel--")
    skipped = around.outcomes[ref.producer_task].state == "SKIPPED"
    why = "was skipped" if skipped else "did not write it"
    return NoValue(
        f"Input {label!r} needs the output {key!r} of {ref.producer_task!r}, which {why}.", skipped
    )


def with_defaults(values: Values, component: Any) -> Values:
    """``values`` with the component's default for each parameter that has none."""
    for name, spec in component.input_definitions.parameters.items():
        if name not in values.parameters and spec.HasField("default_value"):
            value = from_proto(spec.default_value)
            if value is not None:
                values.parameters[name] = value
                values.defaults.add(name)
    return values


def _select(value: Any, expression: str, name: str) -> Any:
    """``parseJson(string_value)["a"]``: a field of a structured value (the only selectors that kfp compiles)."""
    if not expression or value is None:
        return value
    match = _SELECTOR.fullmatch(expression)
    if match is None:
        raise EngineError(f"Input {name!r} has the selector {expression!r}, which is unknown.")
    try:
        if isinstance(value, str):
            value = json.loads(value)
        for key in re.findall(r"\[([^\]]*)\]", match[1]):
            value = value[json.loads(key) if key[0] != "'" else key[1:-1]]
    except (ValueError, LookupError, TypeError) as error:
        raise EngineError(f"Input {name!r}: {expression} finds nothing in {value!r}.") from error
    return value


def _fitted(name: str, value: Any, definition: Any) -> Any:
    """``value`` as a task's component declares it. As in KFP's driver a text may come from any value, in its JSON form."""
    label = name.removeprefix("pipelinechannel--")
    if definition.parameter_type == _TYPES.STRING and not isinstance(value, str):
        value = _text(value)
    value = checked(label, value, definition.parameter_type, "Input")
    allowed = [from_proto(each) for each in definition.literals]
    if allowed and value not in allowed:
        choices = ", ".join(repr(each) for each in allowed)
        raise EngineError(f"Input {label!r} must be one of {choices}, but is {value!r}.")
    return value


def _text(value: Any) -> str:
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f") if math.isfinite(value) else str(value)
    return json.dumps(value, ensure_ascii=False)


def from_proto(value: Any) -> Any:
    """A ``google.protobuf.Value`` as JSON data, with whole numbers as ints; None for one that is not set."""
    return exact(json_format.MessageToDict(value)) if value.WhichOneof("kind") else None


def exact(value: Any) -> Any:
    """``value`` with whole floats as ints: protobuf's JSON values know one kind of number, and KFP's JSON writes 3, not 3.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [exact(each) for each in value]
    if isinstance(value, dict):
        return {key: exact(each) for key, each in value.items()}
    return value


def flaw(value: Any) -> str | None:
    """What of ``value`` has no place in JSON and where, for example ``.loss is nan``; None when nothing."""
    if isinstance(value, float) and not math.isfinite(value):
        return f" is {value}, and JSON has finite numbers only"
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            return " has half of a character (a lone surrogate), which JSON texts cannot have"
    if isinstance(value, list):
        places = (
            (f"[{i}]{said}" if (said := flaw(each)) else None) for i, each in enumerate(value)
        )
        return next(filter(None, places), None)
    if isinstance(value, dict):
        named = ((key, flaw(key) or flaw(each)) for key, each in value.items())
        return next((f".{key}{said}" for key, said in named if said), None)
    return None


def checked(name: str, value: Any, parameter_type: int, what: str) -> Any:
    """``value`` as the declared type; :class:`EngineError` naming the parameter if it is of another.

    ``what`` is the word for the kind of parameter in the message (*Output parameter*).
    """
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and isinstance(value, int) and abs(value) > sys.float_info.max:
        raise EngineError(
            f"{what} {name!r} is an integer of more than 308 digits, which KFP's numbers cannot hold. Pass it as a text."
        )
    if parameter_type == _TYPES.NUMBER_INTEGER:
        fits = number and float(value).is_integer()
        value = int(value) if fits else value
    elif parameter_type == _TYPES.NUMBER_DOUBLE:
        fits = number
        value = float(value) if fits and abs(value) <= 2**53 else value
    elif parameter_type == _TYPES.STRING:
        fits = isinstance(value, str)
    elif parameter_type == _TYPES.BOOLEAN:
        fits = isinstance(value, bool)
    elif parameter_type == _TYPES.LIST:
        fits = isinstance(value, list)
    elif parameter_type == _TYPES.STRUCT:
        fits = isinstance(value, dict)
    else:
        fits = True
    if not fits:
        raise EngineError(f"{what} {name!r} must be {_WORDS[parameter_type]}, but is {value!r}.")
    return value


def loop_items(task: Any, values: Values, constant: Callable[[str], str]) -> list[Any]:
    """The items of a loop: JSON values, or :class:`ArtifactRecord` for a loop over artifacts."""
    if task.WhichOneof("iterator") == "artifact_iterator":
        return list(values.artifacts.get(task.artifact_iterator.items.input_artifact, []))
    source = task.parameter_iterator.items
    if source.WhichOneof("kind") == "raw":
        try:
            items = json.loads(source.raw)
        except ValueError as error:
            raise EngineError(f"The loop's items are not JSON: {error}.") from error
        items = _in_strings(items, constant)
    else:
        items = values.parameters.get(source.input_parameter)
    if isinstance(items, str):
        with suppress(ValueError):
            items = json.loads(items)
    if not isinstance(items, list):
        raise EngineError(f"The loop needs a list of items, but got {items!r}.")
    return items


def _in_strings(data: Any, change: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return change(data)
    if isinstance(data, list):
        return [_in_strings(each, change) for each in data]
    if isinstance(data, dict):
        return {key: _in_strings(each, change) for key, each in data.items()}
    return data


def dag_outputs(component: Any, outcomes: dict[str, Outcome]) -> Values:
    """The outputs of a dag from those of its tasks. What no task made (a branch not taken) is left out."""
    values = Values()
    outputs = component.dag.outputs
    for name, parameter in outputs.parameters.items():
        for selector in output_selectors(parameter):
            produced = outcomes[selector.producer_subtask].outputs.parameters
            if selector.output_parameter_key in produced:
                values.parameters[name] = produced[selector.output_parameter_key]
                break
    for name, artifact in outputs.artifacts.items():
        for selector in output_selectors(artifact):
            found = outcomes[selector.producer_subtask].outputs.artifacts
            if selector.output_artifact_key in found:
                values.artifacts[name] = found[selector.output_artifact_key]
                break
    return values


def collected(component: Any, iterations: list[Outcome]) -> Values:
    """The outputs of a loop: for each output of its body the list over the iterations that made it (a condition may not have), in order."""
    values = Values()
    for name in component.output_definitions.parameters:
        made = (each.outputs.parameters for each in iterations)
        values.parameters[name] = [each[name] for each in made if name in each]
    for name in component.output_definitions.artifacts:
        values.artifacts[name] = [
            artifact for each in iterations for artifact in each.outputs.artifacts.get(name, [])
        ]
    return values


def struct_to_python(struct: Any) -> dict[str, Any]:
    """A protobuf ``Struct`` as JSON data."""
    data = json_format.MessageToDict(struct)
    return data if isinstance(data, dict) else {}
