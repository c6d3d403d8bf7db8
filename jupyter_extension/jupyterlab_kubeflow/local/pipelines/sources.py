"""Where a task's inputs come from and what becomes of its outputs, read in the spec: ``v2beta1IOType`` and ``v2beta1IOProducer``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_KINDS = {
    "taskOutputParameter": "TASK_OUTPUT_INPUT",
    "taskOutputArtifact": "TASK_OUTPUT_INPUT",
    "componentInputParameter": "COMPONENT_INPUT",
    "componentInputArtifact": "COMPONENT_INPUT",
    "runtimeValue": "RUNTIME_VALUE_INPUT",
    "taskFinalStatus": "TASK_FINAL_STATUS_OUTPUT",
}
_ITERATORS = ("parameterIterator", "artifactIterator")

Source = dict[str, Any]
"""``{type, producer?: {task_name, iteration?}}``."""


@dataclass
class _Place:
    """What the spec says at a scope path."""

    name: str = ""
    task: dict[str, Any] = field(default_factory=dict)
    component: dict[str, Any] = field(default_factory=dict)
    siblings: dict[str, Any] = field(default_factory=dict)
    iteration: str | None = None
    """The number of the iteration that the path means."""


class Sources:
    """Answers for one PipelineSpec."""

    def __init__(self, pipeline_spec: dict[str, Any]) -> None:
        self._spec = pipeline_spec

    def knows(self, scope_path: str) -> bool:
        """Whether the spec has a task there, or in an iteration there. KFP leaves the numbers of iterations out of its scope paths."""
        return scope_path.split(".")[0] == "root" and self._place(scope_path) is not None

    def of_input(self, scope_path: str, key: str) -> Source:
        """Of the input ``key`` (parameter or artifact) of the task at ``scope_path``."""
        if "." not in scope_path:
            return {"type": "RUNTIME_VALUE_INPUT"}
        place = self._place(scope_path)
        if place is None:
            return {"type": "UNSPECIFIED"}
        items = [_iterator(place.task, kind).get("itemInput") for kind in _ITERATORS]
        if place.iteration is not None and key in items:
            return _source("ITERATOR_INPUT", place.name, place.iteration)
        inputs = place.task.get("inputs") or {}
        for group in ("parameters", "artifacts"):
            given = (inputs.get(group) or {}).get(key) or {}
            for kind, word in _KINDS.items():
                if kind in given:
                    return self._given(word, given[kind], place)
        return {"type": "COMPONENT_DEFAULT_INPUT"}

    def of_output(self, scope_path: str, key: str) -> Source:
        """Of the output ``key`` of the task at ``scope_path``."""
        place = self._place(scope_path)
        if place is None:
            return {"type": "OUTPUT"}
        outputs = (place.component.get("dag") or {}).get("outputs") or {}
        parameter = (outputs.get("parameters") or {}).get(key) or {}
        artifact = (outputs.get("artifacts") or {}).get(key) or {}
        chosen = (parameter.get("valueFromOneof") or {}).get("parameterSelectors")
        single = [parameter["valueFromParameter"]] if "valueFromParameter" in parameter else []
        makers = artifact.get("artifactSelectors") or chosen or single
        name = makers[0].get("producerSubtask") if len(makers) == 1 else None
        if place.iteration is not None or _is_loop(place.task):
            return _source("ITERATOR_OUTPUT", name or place.name, place.iteration)
        return _source("OUTPUT" if len(makers) < 2 else "ONE_OF_OUTPUT", name or place.name)

    def _given(self, word: str, given: Any, place: _Place) -> Source:
        producer = str(given.get("producerTask") or "") if isinstance(given, dict) else ""
        if word == "TASK_OUTPUT_INPUT" and _is_loop(place.siblings.get(producer) or {}):
            word = "COLLECTED_INPUTS"
        return _source(word, producer)

    def _place(self, scope_path: str) -> _Place | None:
        names = scope_path.split(".")
        place = _Place(names[0], component=self._spec.get("root") or {})
        for name in names[1:]:
            tasks = (place.component.get("dag") or {}).get("tasks") or {}
            if name.isdigit() and name not in tasks:
                place.iteration = name
                continue
            task = tasks.get(name)
            if task is None:
                return None
            reference = (task.get("componentRef") or {}).get("name")
            component = (self._spec.get("components") or {}).get(reference) or {}
            place = _Place(name, task, component, tasks)
        return place


def _iterator(task: dict[str, Any], kind: str) -> dict[str, Any]:
    return task.get(kind) or {}


def _is_loop(task: dict[str, Any]) -> bool:
    return any(_iterator(task, kind) for kind in _ITERATORS)


def _source(type: str, producer: str, iteration: str | None = None) -> Source:
    if not producer:
        return {"type": type}
    named = {"task_name": producer}
    return {"type": type, "producer": named | ({"iteration": iteration} if iteration else {})}
