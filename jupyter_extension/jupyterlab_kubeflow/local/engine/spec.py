"""Reads a PipelineSpec (IR v2.1.0, ``pipeline_spec.proto`` of kubeflow/pipelines) into kfp's types and answers questions about it.

**Scope paths.** A task's scope path is the path to it through the spec, segments joined by dots: ``root``, then for every level the
task's key in ``dag.tasks``; an iteration of a loop is a segment of its own, its number from 0. So ``root.train`` is a task of the root,
``root.for-loop-1`` the loop itself, ``root.for-loop-1.0`` its first iteration and ``root.for-loop-1.0.train`` the task in it;
``root.condition-branches-1.condition-2.report`` is a task in a branch. Keys compiled by kfp hold letters, digits and hyphens only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2 as pb

from .errors import EngineError
from .recorder import TaskType

ROOT = "root"

_Task = Any
_Component = Any


@dataclass(frozen=True)
class Pipeline:
    """A parsed pipeline: ``root`` and ``components`` are ``ComponentSpec``, ``executors`` are ``ExecutorSpec`` by label.

    ``cluster_settings`` names, by executor label, the Kubernetes-only settings of the platform spec.
    """

    name: str
    root: Any
    components: Mapping[str, Any]
    executors: Mapping[str, Any]
    cluster_settings: Mapping[str, list[str]] = field(default_factory=dict)

    def component(self, task: _Task) -> _Component:
        """The component that ``task`` (``PipelineTaskSpec``) refers to."""
        return self.components[task.component_ref.name]


def parse(pipeline_spec: dict[str, Any], platform_spec: dict[str, Any] | None = None) -> Pipeline:
    """Parses and checks a spec; :class:`EngineError` names the part that is wrong."""
    if "pipeline_spec" in pipeline_spec:
        platform_spec = platform_spec or pipeline_spec.get("platform_spec")
        pipeline_spec = pipeline_spec["pipeline_spec"]
    try:
        spec = json_format.ParseDict(pipeline_spec, pb.PipelineSpec(), ignore_unknown_fields=True)
        deployment = json_format.ParseDict(
            json_format.MessageToDict(spec.deployment_spec),
            pb.PipelineDeploymentConfig(),
            ignore_unknown_fields=True,
        )
    except (json_format.ParseError, TypeError, ValueError, AttributeError) as error:
        raise EngineError(f"The pipeline spec is not valid: {error}") from error
    if not spec.root.HasField("dag"):
        raise EngineError("The pipeline spec has no root.dag, so there is nothing to run.")
    pipeline = Pipeline(
        name=spec.pipeline_info.name or "pipeline",
        root=spec.root,
        components=dict(spec.components),
        executors=dict(deployment.executors),
        cluster_settings=_cluster_settings(platform_spec or {}),
    )
    _check(pipeline, "root", spec.root)
    for name, component in pipeline.components.items():
        _check(pipeline, f"components.{name}", component)
    _check_recursion(pipeline)
    return pipeline


def _cluster_settings(platform_spec: dict[str, Any]) -> dict[str, list[str]]:
    kubernetes = (platform_spec.get("platforms") or {}).get("kubernetes") or {}
    executors = (kubernetes.get("deploymentSpec") or {}).get("executors") or {}
    return {label: sorted(settings or {}) for label, settings in executors.items()}


def _check(pipeline: Pipeline, where: str, component: _Component) -> None:
    kind = component.WhichOneof("implementation")
    if kind == "executor_label":
        if component.executor_label not in pipeline.executors:
            raise EngineError(
                f"{where} names the executor {component.executor_label!r}, "
                "which deploymentSpec.executors does not have."
            )
    elif kind == "dag":
        for name, task in component.dag.tasks.items():
            if task.component_ref.name not in pipeline.components:
                raise EngineError(
                    f"Task {name!r} of {where} names the component {task.component_ref.name!r}, "
                    "which the spec does not have."
                )
            unknown = dependencies(task) - set(component.dag.tasks)
            if unknown:
                raise EngineError(
                    f"Task {name!r} of {where} depends on {min(unknown)!r}, which is not a task there."
                )
        task_order(component, where)
    else:
        raise EngineError(f"{where} has neither an executor nor tasks.")


def _check_recursion(pipeline: Pipeline) -> None:
    done: set[str] = set()

    def visit(component: _Component, above: tuple[str, ...]) -> None:
        for task in component.dag.tasks.values():
            name = task.component_ref.name
            if name in above:
                raise EngineError(f"Component {name!r} contains itself.")
            if name not in done:
                visit(pipeline.components[name], (*above, name))
                done.add(name)

    visit(pipeline.root, ())


def dependencies(task: _Task) -> set[str]:
    """The names of the sibling tasks that must end before ``task`` may start."""
    found = set(task.dependent_tasks)
    for parameter in task.inputs.parameters.values():
        kind = parameter.WhichOneof("kind")
        if kind in ("task_output_parameter", "task_final_status"):
            found.add(getattr(parameter, kind).producer_task)
    for artifact in task.inputs.artifacts.values():
        if artifact.WhichOneof("kind") == "task_output_artifact":
            found.add(artifact.task_output_artifact.producer_task)
    return found


def task_order(component: _Component, where: str = "the pipeline") -> list[str]:
    """The component's tasks, each after those it depends on, alphabetical otherwise; :class:`EngineError` for a circle."""
    waiting = {name: dependencies(task) for name, task in sorted(component.dag.tasks.items())}
    order: list[str] = []
    while waiting:
        ready = [name for name, needs in waiting.items() if not needs & waiting.keys()]
        if not ready:
            raise EngineError(f"The tasks {', '.join(waiting)} of {where} wait for one another.")
        order += ready
        for name in ready:
            del waiting[name]
    return order


def task_type(pipeline: Pipeline, name: str, task: _Task) -> TaskType:
    """The kind of ``task`` in the words of the native-task API."""
    component = pipeline.component(task)
    if task.WhichOneof("iterator"):
        return "LOOP"
    if component.WhichOneof("implementation") == "executor_label":
        executor = pipeline.executors[component.executor_label]
        return "IMPORTER" if executor.WhichOneof("spec") == "importer" else "RUNTIME"
    if task.trigger_policy.condition:
        return "CONDITION"
    if re.fullmatch(r"condition-branches-\d+", name):
        return "CONDITION_BRANCH"
    if re.fullmatch(r"exit-handler-\d+", name):
        return "EXIT_HANDLER"
    return "DAG"


def runs_after_failure(task: _Task) -> bool:
    """Whether ``task`` runs when its upstream tasks have ended in any way (exit tasks, ``ignore_upstream_failure``)."""
    strategy = pb.PipelineTaskSpec.TriggerPolicy.TriggerStrategy
    return bool(task.trigger_policy.strategy == strategy.ALL_UPSTREAM_TASKS_COMPLETED)
