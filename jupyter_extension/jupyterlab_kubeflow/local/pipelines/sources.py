"""Where a task's inputs come from, read in the spec: ``v2beta1IOType`` and the producing task."""

from __future__ import annotations

from typing import Any

_KINDS = {
    "taskOutputParameter": "TASK_OUTPUT_INPUT",
    "taskOutputArtifact": "TASK_OUTPUT_INPUT",
    "componentInputParameter": "COMPONENT_INPUT",
    "componentInputArtifact": "COMPONENT_INPUT",
    "runtimeValue": "RUNTIME_VALUE_INPUT",
    "taskFinalStatus": "TASK_FINAL_STATUS_OUTPUT",
}


class Sources:
    """Answers for one PipelineSpec."""

    def __init__(self, pipeline_spec: dict[str, Any]) -> None:
        self._spec = pipeline_spec

    def of_input(self, scope_path: str, key: str) -> tuple[str, str | None]:
        """The IO type of the input ``key`` (parameter or artifact) of the task at ``scope_path``, and its producer's name."""
        if "." not in scope_path:
            return "RUNTIME_VALUE_INPUT", None
        task, iteration = self._task(scope_path)
        if task is None:
            return "UNSPECIFIED", None
        items = [
            (task.get(kind) or {}).get("itemInput")
            for kind in ("parameterIterator", "artifactIterator")
        ]
        if iteration and key in items:
            return "ITERATOR_INPUT", None
        inputs = task.get("inputs") or {}
        for group in ("parameters", "artifacts"):
            given = (inputs.get(group) or {}).get(key)
            for kind, word in _KINDS.items():
                if given and kind in given:
                    source = given[kind]
                    producer = source.get("producerTask") if isinstance(source, dict) else None
                    return word, producer
        return "COMPONENT_DEFAULT_INPUT", None

    def _task(self, scope_path: str) -> tuple[dict[str, Any] | None, bool]:
        component: dict[str, Any] = self._spec.get("root") or {}
        task: dict[str, Any] | None = None
        iteration = False
        for segment in scope_path.split(".")[1:]:
            tasks = (component.get("dag") or {}).get("tasks") or {}
            iteration = segment.isdigit() and segment not in tasks
            if iteration:
                continue
            task = tasks.get(segment)
            if task is None:
                return None, False
            name = (task.get("componentRef") or {}).get("name")
            component = (self._spec.get("components") or {}).get(name) or {}
        return task, iteration
