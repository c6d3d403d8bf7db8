"""Reads KFP's PipelineSpec (``api/v2alpha1/pipeline_spec.proto`` of kubeflow/pipelines), as far as a graph shows it.

The same as ``src/graph/adapters`` in TypeScript; both are held to the fixtures in ``src/graph/fixtures``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

Json = dict[str, Any]

_PARAMETER = re.compile(r"""inputs\.parameter_values\[\s*(['"])(.*?)\1\s*\]""")
_CONVERSION = re.compile(r"\b(?:int|double|string|bool)\(([^()]*)\)")


class SpecError(KubeflowError):
    """A spec that is not a KFP v2 pipeline. The message says what is missing and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="Invalid", status=400, service="sdk")


def mapping(value: Any) -> Json:
    """The value when it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str | None:
    """The value when it is a string that is not empty."""
    return value if isinstance(value, str) and value else None


def field(source: Json, name: str) -> Any:
    """A field in camelCase, as protobuf writes it, or in snake_case."""
    value = source.get(name)
    snake = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return value if value is not None else source.get(snake)


@dataclass
class Spec:
    """A pipeline spec that can be read."""

    name: str
    display_name: str | None
    root: Json
    components: Json
    executors: Json


@dataclass
class SpecTask:
    """A task in its dag; ``name`` is its key there."""

    name: str
    display_name: str
    raw: Json
    component: Json | None

    @property
    def is_dag(self) -> bool:
        return self.component is not None and self.component.get("dag") is not None

    @property
    def iterator(self) -> Json | None:
        found = field(self.raw, "parameterIterator") or field(self.raw, "artifactIterator")
        return mapping(found) if found is not None else None

    @property
    def condition(self) -> str | None:
        return text(mapping(field(self.raw, "triggerPolicy")).get("condition"))

    def inputs(self) -> list[tuple[str, Json, Json]]:
        """Each input as ``(key, input, {producerTask, …})``, parameters first."""
        found = []
        for kind in ("parameters", "artifacts"):
            for key, value in mapping(mapping(self.raw.get("inputs")).get(kind)).items():
                raw = mapping(value)
                source = field(raw, "taskOutputParameter") or field(raw, "taskOutputArtifact")
                found.append((key, raw, mapping(source)))
        return found

    def sources(self) -> list[str]:
        """Names of the tasks that it needs, each once, sorted."""
        names = {one for one in field(self.raw, "dependentTasks") or [] if isinstance(one, str)}
        for _, _, source in self.inputs():
            name = text(field(source, "producerTask"))
            if name:
                names.add(name)
        return sorted(names)


def read_spec(value: Any) -> Spec:
    """Finds the PipelineSpec in the spec itself, in the documents of a compiled file or in ``{pipeline_spec, platform_spec}``.

    Raises :class:`SpecError`.
    """
    raw = value[0] if isinstance(value, list) and value else value
    if not isinstance(raw, dict):
        raise SpecError("This is not a pipeline: a compiled pipeline is a YAML or JSON mapping.")
    wrapped = field(raw, "pipelineSpec")
    if wrapped is not None and raw.get("root") is None:
        return read_spec(wrapped)
    if raw.get("root") is None:
        if raw.get("kind") == "Workflow" or raw.get("apiVersion") == "argoproj.io/v1alpha1":
            raise SpecError(
                "This is an Argo workflow made with KFP 1. Compile the pipeline with KFP 2."
            )
        raise SpecError(
            'The pipeline has no "root". Compile it with KFP 2: compiler.Compiler().compile(…).'
        )
    root = mapping(raw["root"])
    if not mapping(mapping(root.get("dag")).get("tasks")):
        raise SpecError('The pipeline has no tasks: "root.dag.tasks" is empty.')
    info = mapping(field(raw, "pipelineInfo"))
    return Spec(
        name=text(info.get("name")) or "pipeline",
        display_name=text(field(info, "displayName")),
        root=root,
        components=mapping(raw.get("components")),
        executors=mapping(mapping(field(raw, "deploymentSpec")).get("executors")),
    )


def tasks_of(spec: Spec, component: Json) -> list[SpecTask]:
    """The tasks of a dag in order of execution, by name where either may come first; a circle comes last."""
    tasks = []
    for name, value in mapping(mapping(component.get("dag")).get("tasks")).items():
        raw = mapping(value)
        found = spec.components.get(text(mapping(field(raw, "componentRef")).get("name")) or "")
        display = text(mapping(field(raw, "taskInfo")).get("name")) or name
        tasks.append(SpecTask(name, display, raw, mapping(found) if found is not None else None))
    left = sorted(
        tasks, key=lambda task: (re.sub(r"-\d+$", "", task.name), index(task.name), task.name)
    )
    known = {task.name for task in tasks}
    done: set[str] = set()
    ordered: list[SpecTask] = []
    while left:
        at = next(
            (
                i
                for i, task in enumerate(left)
                if all(n in done or n not in known for n in task.sources())
            ),
            0,
        )
        task = left.pop(at)
        ordered.append(task)
        done.add(task.name)
    return ordered


def index(name: str) -> int:
    """The number at the end of a name: 10 for ``train-10``."""
    found = re.search(r"-(\d+)$", name)
    return int(found[1]) if found else 0


#: The name that the KFP compiler gives to a group of branches.
_BRANCHES = r"condition-branches-\d+"


def label_of(kind: str, display_name: str) -> str:
    """What a node is called: its task's name, but a word for a group of branches that nobody has named."""
    return (
        "branches" if kind == "branch" and re.fullmatch(_BRANCHES, display_name) else display_name
    )


def task_kind(spec: Spec, task: SpecTask) -> str:
    """The node kind of a task. Names are those that the KFP compiler gives to the groups it makes."""
    if task.iterator is not None:
        return "loop"
    if not task.is_dag:
        label = text((task.component or {}).get("executorLabel")) or ""
        return (
            "importer"
            if mapping(spec.executors.get(label)).get("importer") is not None
            else "runtime"
        )
    if task.condition is not None:
        return "condition"
    if re.fullmatch(_BRANCHES, task.name):
        return "branch"
    return "exit-handler" if re.fullmatch(r"exit-handler-\d+", task.name) else "dag"


def without_prefix(key: str) -> str:
    """The parameter's name without the compiler's prefix."""
    return key.removeprefix("pipelinechannel--")


def names_of(task: SpecTask, outer: dict[str, str]) -> dict[str, str]:
    """What each input of a task's component stands for, in words."""
    names: dict[str, str] = {}
    for key, raw, source in task.inputs():
        producer = text(field(source, "producerTask"))
        output = text(field(source, "outputParameterKey") or field(source, "outputArtifactKey"))
        above = text(field(raw, "componentInputParameter") or field(raw, "componentInputArtifact"))
        if producer:
            names[key] = producer if output in (None, "Output") else f"{producer}.{output}"
        elif above:
            names[key] = outer.get(above, without_prefix(above))
    item = text(field(task.iterator or {}, "itemInput"))
    if item:
        names[item] = "item"
    return names


def readable_condition(condition: str, names: dict[str, str]) -> str:
    """A trigger condition (CEL) with names instead of channels and without conversions: ``accuracy > 0.9``."""
    named = _PARAMETER.sub(lambda m: names.get(m[2], without_prefix(m[2])), condition)
    return re.sub(r"\s+", " ", _CONVERSION.sub(r"\1", named)).strip()


def branch_condition(condition: str, earlier: list[str], names: dict[str, str]) -> str:
    """The condition of a branch after others: ``!(a) && b`` is read as ``else if b``, ``!(a) && !(b)`` as ``else``."""
    rest, first = condition, True
    for one in earlier:
        negated = "!(" + re.sub(r"^(?:!\(.*\) && )+", "", one) + ")"
        if not rest.startswith(negated):
            break
        first = False
        rest = re.sub(r"^\s*&&\s*", "", rest[len(negated) :])
    if not rest:
        return "else"
    words = readable_condition(rest, names)
    return words if first else f"else if {words}"


def loop_detail(task: SpecTask, names: dict[str, str]) -> str:
    """What a loop runs over: ``3 items``, ``each item of split``."""
    items = mapping((task.iterator or {}).get("items"))
    source = text(field(items, "inputParameter") or field(items, "inputArtifact"))
    if source:
        return f"each item of {names.get(source, without_prefix(source))}"
    try:
        raw = json.loads(text(items.get("raw")) or "")
    except ValueError:
        return "each item"
    count = len(raw) if isinstance(raw, list) else 0
    return "1 item" if count == 1 else f"{count} items"
