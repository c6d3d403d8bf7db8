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
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

from google.protobuf import json_format
from kfp.pipeline_spec import pipeline_spec_pb2 as pb

from .errors import EngineError
from .recorder import RunRecord, TaskType

ROOT = "root"

MAX_DEPTH = 100
"""So many pipelines, loops and conditions may be in one another."""

_Task = Any
_Component = Any


@dataclass(frozen=True)
class Pipeline:
    """A parsed pipeline: ``root`` and ``components`` are ``ComponentSpec``, ``executors`` are ``ExecutorSpec`` by label.

    ``cluster_settings`` holds, by executor label, the platform spec's ``KubernetesExecutorConfig`` as JSON. ``time_limit`` is how many seconds
    a run may take (``dsl.PipelineConfig(active_deadline_seconds=…)``), None without a limit. ``workspace`` is the size asked for the run's
    shared folder (``dsl.PipelineConfig(workspace=…)``), None without one. ``pipeline_root`` is where the pipeline wants artifacts
    (``@dsl.pipeline(pipeline_root=…)``), None where it does not say.
    """

    name: str
    root: Any
    components: Mapping[str, Any]
    executors: Mapping[str, Any]
    cluster_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    time_limit: float | None = None
    workspace: str | None = None
    pipeline_root: str | None = None

    def component(self, task: _Task) -> _Component:
        """The component that ``task`` (``PipelineTaskSpec``) refers to."""
        return self.components[task.component_ref.name]


def of(run: RunRecord) -> Pipeline:
    """The run's pipeline, parsed once for all runs with the same digest. Nobody changes it. Raises as :func:`parse` does."""
    if run.spec_digest is None:
        return parse(run.pipeline_spec, run.platform_spec)
    return _parsed(_Known(run.spec_digest, run))


@dataclass(frozen=True)
class _Known:
    digest: str
    run: RunRecord = field(compare=False)


@lru_cache(maxsize=16)
def _parsed(known: _Known) -> Pipeline:
    return parse(known.run.pipeline_spec, known.run.platform_spec)


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
        platforms = json_format.ParseDict(
            platform_spec or {}, pb.PlatformSpec(), ignore_unknown_fields=True
        ).platforms
    except (json_format.ParseError, TypeError, ValueError, AttributeError) as error:
        raise EngineError(f"The pipeline spec is not valid: {error}") from error
    if not spec.root.HasField("dag"):
        raise EngineError("The pipeline spec has no root.dag, so there is nothing to run.")
    kubernetes = platforms["kubernetes"]
    pipeline = Pipeline(
        name=spec.pipeline_info.name or "pipeline",
        root=spec.root,
        components=dict(spec.components),
        executors=dict(deployment.executors),
        cluster_settings={
            label: json_format.MessageToDict(settings)
            for label, settings in kubernetes.deployment_spec.executors.items()
        },
        time_limit=float(kubernetes.pipelineConfig.active_deadline_seconds) or None,
        workspace=kubernetes.pipelineConfig.workspace.size or None,
        pipeline_root=spec.default_pipeline_root or None,
    )
    _check(pipeline)
    return pipeline


def _check(pipeline: Pipeline) -> None:
    for where, component in [
        ("root", pipeline.root),
        *((f"components.{name}", each) for name, each in pipeline.components.items()),
    ]:
        for name in [
            *component.output_definitions.parameters,
            *component.output_definitions.artifacts,
        ]:
            if name in ("", ".", "..") or "/" in name or "\0" in name:
                raise EngineError(f"{where} has the output {name!r}, which cannot name a file.")
        kind = component.WhichOneof("implementation")
        if kind == "executor_label":
            _check_executor(pipeline, where, component)
        elif kind == "dag":
            names = set(component.dag.tasks)
            tasks = {f"Task {name!r} of {where}": t for name, t in component.dag.tasks.items()}
            for which, task in tasks.items():
                _check_names(pipeline, names, which, task)
            for which, task in tasks.items():
                _check_task(pipeline, component, which, task)
            _check_outputs(pipeline, where, component)
            task_order(component, where)
        else:
            raise EngineError(f"{where} has neither an executor nor tasks.")
    _check_nesting(pipeline)


def _check_executor(pipeline: Pipeline, where: str, component: _Component) -> None:
    executor = pipeline.executors.get(component.executor_label)
    if executor is None:
        raise EngineError(
            f"{where} names the executor {component.executor_label!r}, which deploymentSpec.executors does not have."
        )
    kind = executor.WhichOneof("spec")
    if kind is None:
        raise EngineError(
            f"deploymentSpec.executors.{component.executor_label} has neither a container nor an importer."
        )
    if kind == "importer" and len(component.output_definitions.artifacts) != 1:
        raise EngineError(f"{where} is an importer, so it needs one output artifact.")


def _check_names(pipeline: Pipeline, names: set[str], where: str, task: _Task) -> None:
    if task.component_ref.name not in pipeline.components:
        raise EngineError(
            f"{where} names the component {task.component_ref.name!r}, which the spec does not have."
        )
    if unknown := dependencies(task) - names:
        raise EngineError(f"{where} depends on {min(unknown)!r}, which is not a task there.")


def _check_task(pipeline: Pipeline, dag: _Component, where: str, task: _Task) -> None:
    component = pipeline.component(task)
    wanted = component.input_definitions
    _check_iterator(where, task, wanted)
    for kind, sources, needed in (
        ("parameter", task.inputs.parameters, wanted.parameters),
        ("artifact", task.inputs.artifacts, wanted.artifacts),
    ):
        for name, source in sources.items():
            named_above = _check_source(
                pipeline, dag, f"The input {name!r} of {where}", kind, source
            )
            # kfp compiles a loop over constants in an exit handler to inputs that are nowhere and that nobody reads.
            read = component.WhichOneof("implementation") != "dag"
            if (
                named_above
                and read
                and named_above not in getattr(dag.input_definitions, f"{kind}s")
            ):
                raise EngineError(
                    f"The input {name!r} of {where} is the input {named_above!r} of what it is in, which has no such {kind}."
                )
        for name, each in needed.items():
            optional = each.is_optional or (kind == "parameter" and each.HasField("default_value"))
            if name not in sources and not optional and name != _item_input(task):
                raise EngineError(f"{where} gives no value to the input {name!r} of its component.")


def _check_source(
    pipeline: Pipeline, dag: _Component, where: str, kind: str, source: Any
) -> str | None:
    """Checks where an input of the kind *parameter* or *artifact* comes from; answers the input of ``dag`` that it names, if it does."""
    form = source.WhichOneof("kind")
    if form is None:
        raise EngineError(f"{where} does not say where it comes from.")
    if form == f"task_output_{kind}":
        named = getattr(source, form)
        key = getattr(named, f"output_{kind}_key")
        made = pipeline.component(dag.dag.tasks[named.producer_task]).output_definitions
        if key not in getattr(made, f"{kind}s"):
            raise EngineError(
                f"{where} is the output {key!r} of {named.producer_task!r}, which has no such {kind}."
            )
    elif form == "runtime_value":
        if source.runtime_value.WhichOneof("value") is None:
            raise EngineError(f"{where} is a constant without a value.")
        return str(source.runtime_value.runtime_parameter)
    return str(getattr(source, f"component_input_{kind}"))


def _item_input(task: _Task) -> str | None:
    kind = task.WhichOneof("iterator")
    return getattr(task, kind).item_input if kind else None


def _check_iterator(where: str, task: _Task, wanted: Any) -> None:
    kind = task.WhichOneof("iterator")
    if kind is None:
        return
    known, given, items = (
        (wanted.artifacts, task.inputs.artifacts, task.artifact_iterator.items.input_artifact)
        if kind == "artifact_iterator"
        else (
            wanted.parameters,
            task.inputs.parameters,
            task.parameter_iterator.items.input_parameter,
        )
    )
    raw = kind == "parameter_iterator" and task.parameter_iterator.items.WhichOneof("kind") == "raw"
    if _item_input(task) not in known:
        raise EngineError(
            f"{where} is a loop, and its component has no input {_item_input(task)!r} for the item."
        )
    if not raw and items not in given:
        raise EngineError(f"{where} is a loop over its input {items!r}, which it does not have.")
    if task.iterator_policy.parallelism_limit < 0:
        raise EngineError(f"{where} has a parallelismLimit below 0.")


def _check_outputs(pipeline: Pipeline, where: str, component: _Component) -> None:
    for kind, outputs in (
        ("parameter", component.dag.outputs.parameters),
        ("artifact", component.dag.outputs.artifacts),
    ):
        for name, output in outputs.items():
            for each in output_selectors(output):
                task = component.dag.tasks.get(each.producer_subtask)
                made = pipeline.component(task).output_definitions if task else None
                key = getattr(each, f"output_{kind}_key")
                if made is None or key not in getattr(made, f"{kind}s"):
                    raise EngineError(
                        f"The output {name!r} of {where} is the {kind} {key!r} of its task {each.producer_subtask!r}, which is not there."
                    )


def _check_nesting(pipeline: Pipeline) -> None:
    done: set[str] = set()

    def visit(component: _Component, above: tuple[str, ...]) -> None:
        if len(above) > MAX_DEPTH:
            raise EngineError(
                f"Component {above[0]!r} holds pipelines nested more than {MAX_DEPTH} deep."
            )
        for task in component.dag.tasks.values():
            name = task.component_ref.name
            if name in above:
                raise EngineError(f"Component {name!r} contains itself.")
            if name not in done:
                visit(pipeline.components[name], (*above, name))
                done.add(name)

    visit(pipeline.root, ())


def output_selectors(output: Any) -> list[Any]:
    """What a dag's output may come from, in order (of a ``DagOutputParameterSpec`` or ``DagOutputArtifactSpec``)."""
    if hasattr(output, "artifact_selectors"):
        return list(output.artifact_selectors)
    if output.WhichOneof("kind") == "value_from_oneof":
        return list(output.value_from_oneof.parameter_selectors)
    return [output.value_from_parameter]


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
    sorter = TopologicalSorter(
        {name: dependencies(task) for name, task in component.dag.tasks.items()}
    )
    try:
        sorter.prepare()
    except CycleError as error:
        names = ", ".join(repr(name) for name in sorted(set(error.args[1])))
        raise EngineError(
            f"Tasks of {where} wait for themselves, directly or by way of one another: {names}."
        ) from error
    order: list[str] = []
    while ready := sorter.get_ready():
        order += sorted(ready)
        sorter.done(*ready)
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
