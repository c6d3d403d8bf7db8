"""The same pipelines through kfp.local, unmodified: the outputs are equal. And KFP's own test pipelines, where they are at hand.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

# ruff: noqa: SIM115, UP006, UP035, UP045 - components are what kfp understands

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, List, NamedTuple, Optional

import pytest
import yaml
from engine_support import Result, compiled, load, run
from jupyterlab_kubeflow.local.engine import command
from kfp import dsl
from kfp.dsl import Collected, Dataset, Input, Metrics, Output, OutputPath

SHARED = Path(__file__).parents[5] / "shared" / "pipelines" / "valid"


@dsl.component
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component
def several(
    text: str, whole: int, number: float, flag: bool, many: list, table: dict
) -> NamedTuple(
    "Out",
    [
        ("text", str),
        ("whole", int),
        ("number", float),
        ("flag", bool),
        ("many", list),
        ("table", dict),
    ],
):  # type: ignore[valid-type]
    return (text * 2, whole * 2, number / 2, not flag, many[::-1], {**table, "more": many})


@dsl.component
def write(text: str, data: Output[Dataset]):
    data.metadata["words"] = text.split()
    with open(data.path, "w") as file:
        file.write(text)


@dsl.component
def join(parts: Input[List[Dataset]], sep: str = ",") -> str:
    return sep.join(open(part.path).read() for part in parts)


@dsl.component
def measure(value: float, scores: Output[Metrics], note: OutputPath(str)):  # type: ignore[valid-type]
    scores.log_metric("value", value)
    open(note, "w").write(f"{value:.2f}")


@dsl.component
def maybe(a: Optional[str] = None, b: str = "default") -> str:
    return f"{a}/{b}"


@dsl.pipeline(name="types")
def types(
    text: str = "ü'\"{}",
    whole: int = -3,
    number: float = 2.5,
    flag: bool = False,
    many: list = ["a", {"b": ""}],  # noqa: B006
    table: dict = {"x": [1.5, "y"]},  # noqa: B006
) -> NamedTuple(
    "Out",
    [
        ("text", str),
        ("whole", int),
        ("number", float),
        ("flag", bool),
        ("many", list),
        ("table", dict),
    ],
):  # type: ignore[valid-type]
    task = several(text=text, whole=whole, number=number, flag=flag, many=many, table=table)
    names = ("text", "whole", "number", "flag", "many", "table")
    out = NamedTuple("Out", [(name, Any) for name in names])  # type: ignore[misc]
    return out(*(task.outputs[name] for name in names))


@dsl.pipeline(name="inner")
def inner(n: int, m: int = 10) -> int:
    return add(a=add(a=n, b=m).output).output


@dsl.pipeline(name="nested")
def nested(n: int = 3) -> int:
    return add(a=inner(n=n).output, b=inner(n=1, m=2).output).output


@dsl.pipeline(name="branching")
def branching(n: int = 5) -> int:
    with dsl.If(n > 3):
        high = add(a=n, b=100)
    with dsl.Else():
        low = add(a=n, b=-100)
    return add(a=dsl.OneOf(high.output, low.output), b=0).output


@dsl.pipeline(name="looping")
def looping(words: list = ["x", "y", "z"]) -> str:  # noqa: B006
    with dsl.ParallelFor(words) as word:
        written = write(text=f"<{word}>")
    return join(parts=Collected(written.outputs["data"]), sep="|").output


@dsl.pipeline(name="structured")
def structured() -> list:
    with dsl.ParallelFor([{"a": 1, "b": 2}, {"a": 3, "b": 4}]) as item:
        task = add(a=item.a, b=item.b)
    return Collected(task.output)


@dsl.pipeline(name="artifacts")
def artifacts(text: str = "one two") -> Dataset:
    return write(text=text).outputs["data"]


@dsl.pipeline(name="metrics")
def metrics(value: float = 0.125) -> NamedTuple("Out", [("scores", Metrics), ("note", str)]):  # type: ignore[valid-type]
    task = measure(value=value)
    return NamedTuple("Out", [("scores", Metrics), ("note", str)])(  # type: ignore[misc]
        task.outputs["scores"], task.outputs["note"]
    )


@dsl.pipeline(name="optional")
def optional() -> str:
    return maybe(b=maybe(a="2").output).output


CASES: list[tuple[Any, dict[str, Any]]] = [
    (types, {}),
    (types, {"text": "", "whole": 0, "number": 1e300, "flag": True, "many": [], "table": {}}),
    (nested, {}),
    (nested, {"n": -7}),
    (branching, {"n": 2}),
    (branching, {"n": 4}),
    (looping, {}),
    (structured, {}),
    (artifacts, {}),
    (metrics, {}),
    (optional, {}),
]


def _without_prelude(spec: dict[str, Any]) -> dict[str, Any]:
    """kfp.local would run ``pip install`` in this interpreter."""
    spec = copy.deepcopy(spec)
    for executor in spec["deploymentSpec"]["executors"].values():
        container = executor["container"]
        found = command.read(container["command"], container["args"], container["image"])
        container["command"] = found.argv[: len(found.argv) - len(container["args"])]
    return spec


def _plain_outputs(result: Result) -> dict[str, Any]:
    task = result.tasks["root"]
    outputs: dict[str, Any] = dict(task.output_parameters)
    for name, ids in task.output_artifacts.items():
        artifact = result.recorder.artifacts[ids[0]]
        file = Path(artifact.uri)
        text = file.read_text() if file.is_file() else None
        outputs[name] = {"text": text, "metadata": artifact.metadata}
    return outputs


@pytest.fixture(scope="module")
def refereed(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("referee")
    jobs = []
    for number, (pipeline, parameters) in enumerate(CASES):
        file = folder / f"{number}.yaml"
        file.write_text(yaml.safe_dump(_without_prelude(compiled(pipeline))))
        jobs.append({"file": str(file), "parameters": parameters, "root": str(folder / "root")})
    (folder / "jobs.json").write_text(json.dumps(jobs))
    script = Path(__file__).with_name("referee.py")
    done = subprocess.run(
        [sys.executable, str(script), str(folder / "jobs.json"), str(folder / "results.json")],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return json.loads((folder / "results.json").read_text())


@pytest.mark.parametrize("number", range(len(CASES)))
def test_outputs_equal_those_of_kfp_local(
    tmp_path: Path, refereed: list[dict[str, Any]], number: int
) -> None:
    pipeline, parameters = CASES[number]
    result = run(pipeline, tmp_path, parameters=parameters)
    assert result.state == "SUCCEEDED", result.error
    outputs = _plain_outputs(result)
    assert outputs
    assert outputs == refereed[number]


# Pipeline → (parameters, end state, outputs or words in logs by scope path). TMP in a parameter is a fresh folder.
SHARED_CASES: dict[str, tuple[dict[str, Any], str, dict[str, Any]]] = {
    "essential/component_with_env_variable": ({}, "SUCCEEDED", {"root": {"Output": "env_var_value"}}),
    "essential/concat_message": (
        {"message1": "a", "message2": "b"}, "SUCCEEDED", {"root": {"Output": "ab"}},
    ),
    "essential/container_no_input": ({}, "SUCCEEDED", {"root.container-no-input": "hello world"}),
    "essential/dict_input": ({"struct": {"a": [1]}}, "SUCCEEDED", {"root.dict-input": "{'a': [1]}"}),
    "essential/embedded_artifact": ({}, "SUCCEEDED", {}),
    "essential/lightweight_python_functions_pipeline": (
        {"message": "message"}, "SUCCEEDED",
        {"root.preprocess": {"output_parameter_path": "message", "output_bool_parameter_path": True}},
    ),
    "essential/lightweight_python_functions_with_outputs": (
        {"first_message": "a", "second_message": "b", "first_number": 1, "second_number": 2},
        "SUCCEEDED",
        {"root.add-numbers": {"Output": 3}, "root.concat-message": {"Output": "ab"},
         "root.output-artifact": {"Output": ["ab\nab\nab"]}},
    ),
    "essential/pipeline_with_after": ({}, "SUCCEEDED", {"root.print-text-3": "3rd task"}),
    "essential/pipeline_with_condition": ({}, "SUCCEEDED", {}),
    "essential/pipeline_with_metrics_outputs": ({}, "SUCCEEDED", {}),
    "essential/pipeline_with_nested_conditions": ({}, "SUCCEEDED", {}),
    "essential/pipeline_with_nested_conditions_yaml": ({}, "SUCCEEDED", {}),
    "essential/pipeline_with_outputs": ({}, "SUCCEEDED", {"root": {"Output": ["world\n"]}}),
    "essential/pipeline_with_params_containing_format": (
        {}, "SUCCEEDED",
        {"root.print-op-2": {"Output": "Hello KFP, again."},
         "root.for-loop-2.1.print-op2": {"Output": "2 and KFP."}},
    ),
    "essential/pipeline_with_reused_component": (
        {}, "SUCCEEDED", {"root.add-numbers-3": {"Output": 17}},
    ),
    "essential/placeholder_with_if_placeholder_none_input_value": (
        {}, "SUCCEEDED",
        {"root.component-with-optional-inputs": "--arg0 input0 --arg2 default value"},
    ),
    "local_execution/local_execution_pipeline_with_exit_handler": (
        {}, "SUCCEEDED", {"root.record-exit": {"Output": "exit:SUCCEEDED"}},
    ),
    "local_execution/local_execution_pipeline_with_ignore_upstream_failure": (
        {"marker_path": "TMP/marker"}, "FAILED", {"root.write-marker": {"Output": "cleanup_ran"}},
    ),
    "local_execution/local_execution_pipeline_with_k8s_only_methods": (
        {}, "SUCCEEDED", {"root": {"Output": "hello"}},
    ),
    "local_execution/local_execution_pipeline_with_oneof": (
        {"pick_a": False}, "SUCCEEDED", {"root": {"Output": "selected:B"}},
    ),
    "local_execution/local_execution_pipeline_with_retry": (
        {"counter_path": "TMP/counter"}, "SUCCEEDED", {"root": {"Output": "attempt=2"}},
    ),
    "local_execution/pipeline_with_caching": ({}, "SUCCEEDED", {"root": {"Output": 2}}),
    "local_execution/pipeline_with_collected_artifacts": (
        {}, "SUCCEEDED", {"root": {"Output": "0,1,2"}},
    ),
    "parallel_and_nested/loop_consume_upstream": (
        {}, "SUCCEEDED", {"root.for-loop-1.2.create-file": {"file": ["component3"]}},
    ),
    # Secrets are a cluster's: noted, and the components run without.
    "parallel_and_nested/nested_parallel_for_secret": (
        {}, "SUCCEEDED", {"root.for-loop-2.1.worker-component": {"Output": "not-set"}},
    ),
    "parallel_and_nested/nested_pipeline_opt_input_child_level_compiled": ({}, "SUCCEEDED", {}),
    "parallel_and_nested/nested_pipeline_opt_inputs_nil_compiled": ({}, "SUCCEEDED", {}),
    "parallel_and_nested/nested_pipeline_opt_inputs_parent_level_compiled": ({}, "SUCCEEDED", {}),
    # Creates a Kubernetes volume.
    "parallel_and_nested/parallel_for_mount_pvc": ({}, "FAILED", {}),
    "parallel_and_nested/parallel_for_secret": (
        {}, "SUCCEEDED", {"root.for-loop-2.2.example-component": {"Output": "not-set"}},
    ),
    "parallel_and_nested/pipeline_in_pipeline": (
        {}, "SUCCEEDED", {"root.inner-pipeline.print-op2": "world"},
    ),
    "parallel_and_nested/pipeline_in_pipeline_complex": (
        {}, "SUCCEEDED",
        {"root.for-loop-2.1.inner-pipeline.condition-2.print-op": "Bye!",
         "root.for-loop-2.0.inner-pipeline.condition-1.print-op2": "world"},
    ),
    "parallel_and_nested/pipeline_in_pipeline_loaded_from_yaml": (
        {}, "SUCCEEDED", {"root.pipeline-in-pipeline": {"Output": ["world\n"]}},
    ),
    "parallel_and_nested/pipeline_with_loops": (
        {}, "SUCCEEDED", {"root.for-loop-2.1.print-text-3": "20"},
    ),
}  # fmt: skip

NOT_RUN = {"essential/iris_pipeline_compiled"}
"""Installs pandas and scikit-learn of its own versions from PyPI."""


@pytest.mark.skipif(not SHARED.is_dir(), reason="KFP's test pipelines are not here")
def test_the_table_names_every_shared_pipeline() -> None:
    files = {str(f.relative_to(SHARED).with_suffix("")) for f in SHARED.rglob("*.yaml")}
    assert files == SHARED_CASES.keys() | NOT_RUN


@pytest.mark.skipif(not SHARED.is_dir(), reason="KFP's test pipelines are not here")
@pytest.mark.parametrize("name", SHARED_CASES)
def test_pipelines_of_kfps_own_tests(tmp_path: Path, name: str) -> None:
    parameters, state, expected = SHARED_CASES[name]
    parameters = {
        key: value.replace("TMP", str(tmp_path)) if isinstance(value, str) else value
        for key, value in parameters.items()
    }
    result = run(load(SHARED / f"{name}.yaml"), tmp_path / "home", parameters=parameters)
    assert result.state == state, result.error
    for path, outputs in expected.items():
        if isinstance(outputs, dict):
            found = result.outputs(path)
            assert {key: found.get(key) for key in outputs} == outputs
        else:
            assert outputs in result.log(path)
