"""Specs that cannot run say why."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import constructs_artifacts
import constructs_control
import constructs_importers
import pytest
from engine_support import compiled, run
from jupyterlab_kubeflow.local.engine import spec
from jupyterlab_kubeflow.local.engine.errors import EngineError

Change = Callable[[dict[str, Any]], Any]


@cache
def _compiled(name: str) -> dict[str, Any]:
    pipelines = {
        "sequence": constructs_control.sequence,
        "branches": constructs_control.branches,
        "loop": constructs_control.loop_of_a_parameter,
        "artifacts": constructs_artifacts.written_and_read,
        "importer": constructs_importers.remote_to_read,
        "list": constructs_control.each,
    }
    return compiled(pipelines[name])


def _tasks(document: dict[str, Any]) -> dict[str, Any]:
    tasks: dict[str, Any] = document["root"]["dag"]["tasks"]
    return tasks


def _input(document: dict[str, Any], task: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = _tasks(document)[task]["inputs"]["parameters"][name]
    return found


def _nest(document: dict[str, Any], depth: int) -> None:
    """Pipelines in pipelines, ``depth`` deep."""
    for level in range(depth):
        inner = f"level-{level + 1}" if level + 1 < depth else "comp-say"
        given = {"parameters": {"text": {"runtimeValue": {"constant": "x"}}}}
        task = {"componentRef": {"name": inner}}
        if level + 1 == depth:
            task["inputs"] = given
        document["components"][f"level-{level}"] = {"dag": {"tasks": {"task": task}}}
    _tasks(document)["deep"] = {"componentRef": {"name": "level-0"}}


def _turn_in_a_circle(document: dict[str, Any]) -> None:
    _nest(document, 2)
    document["components"]["level-1"]["dag"]["tasks"]["again"] = {
        "componentRef": {"name": "level-0"}
    }


CHANGES: list[tuple[str, Change, str]] = [
    ("sequence", lambda d: d.pop("root"), "no root.dag"),
    ("sequence", lambda d: d["root"].update(dag=7), "not valid"),
    (
        "sequence",
        lambda d: d["components"].pop("comp-say"),
        "Task 'say' of root names the component 'comp-say', which the spec does not have.",
    ),
    (
        "sequence",
        lambda d: d["deploymentSpec"]["executors"].pop("exec-add"),
        "names the executor 'exec-add', which deploymentSpec.executors does not have.",
    ),
    ("sequence", lambda d: d["components"]["comp-say"].pop("executorLabel"), "neither an executor"),
    (
        "sequence",
        lambda d: d["deploymentSpec"]["executors"]["exec-say"].clear(),
        "deploymentSpec.executors.exec-say has neither a container nor an importer.",
    ),
    (
        "sequence",
        lambda d: _tasks(d)["say"].update(dependentTasks=["nobody"]),
        "Task 'say' of root depends on 'nobody', which is not a task there.",
    ),
    (
        "sequence",
        lambda d: _tasks(d)["say"].update(dependentTasks=["say"]),
        "Tasks of root wait for themselves, directly or by way of one another: 'say'.",
    ),
    (
        "sequence",
        lambda d: _input(d, "add-2", "a")["taskOutputParameter"].update(outputParameterKey="other"),
        "The input 'a' of Task 'add-2' of root is the output 'other' of 'add', which has no such parameter.",
    ),
    (
        "sequence",
        lambda d: _input(d, "add", "a").update(componentInputParameter="other"),
        "The input 'a' of Task 'add' of root is the input 'other' of what it is in, which has no such parameter.",
    ),
    (
        "sequence",
        lambda d: _input(d, "add", "a").clear(),
        "The input 'a' of Task 'add' of root does not say where it comes from.",
    ),
    (
        "sequence",
        lambda d: _input(d, "add-2", "b").update(runtimeValue={}),
        "The input 'b' of Task 'add-2' of root is a constant without a value.",
    ),
    (
        "sequence",
        lambda d: _tasks(d)["add"]["inputs"]["parameters"].pop("a"),
        "Task 'add' of root gives no value to the input 'a' of its component.",
    ),
    (
        "sequence",
        lambda d: d["root"]["dag"]["outputs"]["parameters"]["Output"]["valueFromParameter"].update(
            producerSubtask="other"
        ),
        "The output 'Output' of root is the parameter 'Output' of its task 'other', which is not there.",
    ),
    (
        "branches",
        lambda d: d["components"]["comp-condition-branches-1"]["dag"]["outputs"]["parameters"][
            "pipelinechannel--condition-branches-1-oneof-1"
        ]["valueFromOneof"]["parameterSelectors"][1].update(outputParameterKey="other"),
        "of components.comp-condition-branches-1 is the parameter 'other' of its task 'condition-3'",
    ),
    (
        "artifacts",
        lambda d: _tasks(d)["read"]["inputs"]["artifacts"]["data"]["taskOutputArtifact"].update(
            outputArtifactKey="other"
        ),
        "The input 'data' of Task 'read' of root is the output 'other' of 'write', which has no such artifact.",
    ),
    (
        "artifacts",
        lambda d: d["components"]["comp-write"]["outputDefinitions"]["artifacts"].update(
            {"../x": {"artifactType": {"schemaTitle": "system.Dataset"}}}
        ),
        "components.comp-write has the output '../x', which cannot name a file.",
    ),
    (
        "importer",
        lambda d: d["components"]["comp-importer"]["outputDefinitions"]["artifacts"].update(
            more={"artifactType": {"schemaTitle": "system.Dataset"}}
        ),
        "components.comp-importer is an importer, so it needs one output artifact.",
    ),
    (
        "loop",
        lambda d: _tasks(d)["for-loop-1"]["parameterIterator"].update(itemInput="other"),
        "Task 'for-loop-1' of root is a loop, and its component has no input 'other' for the item.",
    ),
    (
        "loop",
        lambda d: _tasks(d)["for-loop-1"]["parameterIterator"]["items"].update(
            inputParameter="other"
        ),
        "Task 'for-loop-1' of root is a loop over its input 'other', which it does not have.",
    ),
    (
        "loop",
        lambda d: _tasks(d)["for-loop-1"]["iteratorPolicy"].update(parallelismLimit=-1),
        "Task 'for-loop-1' of root has a parallelismLimit below 0.",
    ),
    (
        "list",
        lambda d: _tasks(d)["for-loop-1"]["artifactIterator"]["items"].update(inputArtifact="x"),
        "Task 'for-loop-1' of root is a loop over its input 'x', which it does not have.",
    ),
    ("sequence", _turn_in_a_circle, "Component 'level-0' contains itself."),
    (
        "sequence",
        lambda d: _nest(d, 2000),
        "Component 'level-0' holds pipelines nested more than 100 deep.",
    ),
]


@pytest.mark.parametrize(("name", "change", "message"), CHANGES)
def test_specs_that_cannot_run_say_why(name: str, change: Change, message: str) -> None:
    document = copy.deepcopy(_compiled(name))
    spec.parse(document)
    change(document)
    with pytest.raises(EngineError) as refused:
        spec.parse(document)
    assert message in str(refused.value)


def test_a_run_of_such_a_spec_fails_with_the_reason(tmp_path: Path) -> None:
    document = copy.deepcopy(_compiled("sequence"))
    document["deploymentSpec"]["executors"].clear()
    result = run(document, tmp_path)
    assert result.state == "FAILED"
    assert "deploymentSpec.executors does not have" in str(result.error)


def test_pipelines_may_be_nested_deeply(tmp_path: Path) -> None:
    document = copy.deepcopy(_compiled("sequence"))
    _nest(document, 90)
    result = run(document, tmp_path)
    assert result.state == "SUCCEEDED", result.error
    assert result.states["root.deep" + ".task" * 90] == "SUCCEEDED"
