"""Results used again: KFP's fingerprint, number by number, and everything that must keep a result from being used.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import copy
import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from engine_support import MemoryRecorder, Result, compiled, run
from google.protobuf import json_format
from jupyterlab_kubeflow.local.engine import cache, content
from jupyterlab_kubeflow.local.engine.recorder import ArtifactRecord
from jupyterlab_kubeflow.local.engine.values import Values
from kfp import dsl
from kfp.dsl import Dataset, Input, Output, OutputPath
from kfp.pipeline_spec import pipeline_spec_pb2 as pb

VALUES = {
    "text": 'a<b> & c\u2028 é "q" \\ \n\t\x01\x7f',
    "whole": 5,
    "large": 123456789012345680,
    "number": 2.5,
    "tiny": 1e-07,
    "small": 0.000001,
    "huge": 1e21,
    "just": 1e20,
    "enormous": 1.5e300,
    "negative": -0.25,
    "yes": True,
    "many": [1, "x", None, [0.1]],
    "table": {"b": 1, "a": {"z": [], "é": "<"}},
    "empty": "",
}
OUTPUTS = {
    "parameters": {
        "count": {"parameterType": "NUMBER_INTEGER"},
        "label": {"parameterType": "STRING"},
        "flag": {"parameterType": "BOOLEAN"},
        "list": {"parameterType": "LIST"},
        "struct": {"parameterType": "STRUCT"},
        "ratio": {"parameterType": "NUMBER_DOUBLE"},
    },
    "artifacts": {
        "data": {"artifactType": {"schemaTitle": "system.Dataset", "schemaVersion": "0.0.1"}},
        "model": {
            "artifactType": {"schemaTitle": "system.Model", "schemaVersion": "0.0.1"},
            "metadata": {"n": 3, "deep": {"x": [True]}},
        },
    },
}

GOLDEN: dict[str, dict[str, Any]] = {
    "38ecb4becb17e37231f6852e631499029f7e092a11a6a349058939e0d97bd173": {
        "container": {"image": "alpine", "command": ["echo", "hi"]}
    },
    "6885e4044145ffffd71e7190d7de4c1fc4eb7028f39afe6dc7660d91492adc06": {},
    "f216c86d1849560f4caf5c1dbf3706875d736cc4cb906da9533663aa26f9c245": {
        "container": {
            "image": "python:3.11",
            "command": ["sh", "-c", "x > y && z"],
            "args": ["--t", "{{$.inputs.parameters['text']}}"],
        },
        "parameters": VALUES,
    },
    "2c8e7718aaa34dfce143648070d0cb9d40e9b9c35018c365da90bf6d3c97ce1a": {
        "container": {"image": "img", "command": ["run"]},
        "parameters": {"n": 3},
        "artifacts": {"one": ["17"], "several": ["2", "1"], "none": []},
        "outputs": OUTPUTS,
    },
    "4f1a91aeb28215350395d6e1c07c7c740eb41be0b99c2898923eb6d85e1bbb51": {
        "container": {"image": "img", "command": ["run"]},
        "claims": ("b", "a", "b"),
    },
}
"""What ``cacheutils`` of kubeflow/pipelines (commit 7b70c7b, Go 1.26) answers for the same executor inputs."""


@pytest.mark.parametrize("expected", GOLDEN)
def test_the_fingerprint_is_kfps(expected: str) -> None:
    case = GOLDEN[expected]
    given: dict[str, Any] = case.get("parameters", {})
    task = json_format.ParseDict(
        {"inputs": {"parameters": {name: {} for name in given}}, "componentRef": {"name": "comp"}},
        pb.PipelineTaskSpec(),
    )
    component = json_format.ParseDict(
        {"outputDefinitions": case.get("outputs", {})}, pb.ComponentSpec()
    )
    container = json_format.ParseDict(
        case.get("container", {}), pb.PipelineDeploymentConfig.PipelineContainerSpec()
    )
    artifacts = {
        name: [ArtifactRecord(each, "x", "system.Dataset", "/x", {"k": 1}) for each in ids]
        for name, ids in case.get("artifacts", {}).items()
    }
    inputs = Values({**given, "omitted": 1}, artifacts, defaults={"omitted"})
    assert cache.fingerprint(task, component, container, inputs, case.get("claims", ())) == expected


def test_integers_that_no_double_holds_are_told_apart() -> None:
    task = json_format.ParseDict({"inputs": {"parameters": {"n": {}}}}, pb.PipelineTaskSpec())
    container = pb.PipelineDeploymentConfig.PipelineContainerSpec()
    found = {
        cache.fingerprint(task, pb.ComponentSpec(), container, Values({"n": n}))
        for n in (2**60, 2**60 + 1, 10**400)
    }
    assert len(found) == 3


def test_a_custom_key_is_hashed_with_the_components_name() -> None:
    task = json_format.ParseDict(
        {"componentRef": {"name": "comp-train"}, "cachingOptions": {"cacheKey": "v1"}},
        pb.PipelineTaskSpec(),
    )
    found = cache.fingerprint(task, pb.ComponentSpec(), None, Values({"n": 1}))
    assert found == hashlib.sha256(b"comp-train\0v1").hexdigest()


@dsl.component
def say(text: str) -> str:
    return text


@dsl.component
def write(text: str, data: Output[Dataset]):
    with open(data.path, "w") as file:
        file.write(text)


@dsl.component
def folder(text: str, data: Output[Dataset]):
    import os

    os.makedirs(os.path.join(data.path, "inner"))
    with open(os.path.join(data.path, "inner", "file"), "w") as file:
        file.write(text)


@dsl.component
def read(data: Input[Dataset]) -> str:
    with open(data.path) as file:
        return file.read()


@dsl.component
def lengthen(data: Input[Dataset]) -> str:
    """Changes its input, which it should not."""
    with open(data.path, "a+") as file:
        file.write("!")
        file.seek(0)
        return file.read()


def two_runs(spec: dict[str, Any], home: Path, **fields: Any) -> tuple[Result, Result]:
    recorder = MemoryRecorder()
    return run(spec, home, recorder, **fields), run(spec, home, recorder, **fields)


def test_only_what_is_the_same_is_used_again(tmp_path: Path) -> None:
    @dsl.pipeline(name="cached")
    def pipeline(text: str = "x", fresh: str = "y") -> str:
        say(text=fresh).set_caching_options(False)
        return read(data=write(text=text).outputs["data"]).output

    spec, recorder = compiled(pipeline), MemoryRecorder()
    first = run(spec, tmp_path, recorder)
    second = run(spec, tmp_path, recorder)
    assert first.outputs() == second.outputs() == {"Output": "x"}
    assert second.states == {
        "root": "SUCCEEDED",
        "root.say": "SUCCEEDED",
        "root.write": "CACHED",
        "root.read": "CACHED",
    }
    for path in ("root.write", "root.read"):
        before, after = first.tasks[path], second.tasks[path]
        assert before.cache_fingerprint == after.cache_fingerprint is not None
        assert before.output_artifacts == after.output_artifacts
    assert first.tasks["root.say"].cache_fingerprint is None
    assert second.tasks["root.read"].status_message == "The result of run run-1 was used again."
    changed = run(spec, tmp_path, recorder, parameters={"text": "z"})
    assert changed.states["root.write"] == changed.states["root.read"] == "SUCCEEDED"
    refused = run(spec, tmp_path, recorder, enable_caching=False)
    assert "CACHED" not in refused.states.values()
    wanted = run(spec, tmp_path, recorder, enable_caching=True)
    assert wanted.states["root.say"] == "SUCCEEDED", "no execution of it was kept before"
    assert run(spec, tmp_path, recorder, enable_caching=True).states["root.say"] == "CACHED"


def test_failures_are_not_used_again(tmp_path: Path) -> None:
    @dsl.component
    def fail() -> str:
        raise ValueError("no good")

    first, second = two_runs(compiled(fail), tmp_path)
    assert first.states["root.fail"] == second.states["root.fail"] == "FAILED"


@pytest.mark.parametrize("spoil", ["delete", "change", "put back", "add a file"])
def test_a_result_that_was_deleted_or_changed_is_made_again(tmp_path: Path, spoil: str) -> None:
    made = folder if spoil == "add a file" else write

    @dsl.pipeline(name="spoilt")
    def pipeline() -> None:
        made(text="abc")

    spec, recorder = compiled(pipeline), MemoryRecorder()
    first = run(spec, tmp_path, recorder)
    path = f"root.{made.name}"
    artifact = recorder.artifacts[first.tasks[path].output_artifacts["data"][0]]
    file = Path(artifact.uri)
    if spoil == "delete":
        file.unlink()
    elif spoil == "add a file":
        (file / "inner" / "another").touch()
    else:
        before = file.stat()
        file.write_text("xyz")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        if spoil == "put back":
            file.write_text("abc")
    second = run(spec, tmp_path, recorder)
    assert second.states[path] == ("CACHED" if spoil == "put back" else "SUCCEEDED")
    third = run(spec, tmp_path, recorder)
    assert third.states[path] == "CACHED", "what was made again is used again"


def test_an_imported_file_that_has_changed_is_read_again(tmp_path: Path) -> None:
    source = tmp_path / "source.txt"

    @dsl.pipeline(name="importing")
    def pipeline(uri: str) -> str:
        data = dsl.importer(artifact_uri=uri, artifact_class=Dataset, reimport=False)
        return read(data=data.output).output

    spec, recorder = compiled(pipeline), MemoryRecorder()
    ends = []
    for text in ("one", "two", "one", "two"):
        source.write_text(text)
        result = run(spec, tmp_path / "home", recorder, parameters={"uri": str(source)})
        assert result.outputs() == {"Output": text}, result.error
        ends.append(result.states["root.read"])
    assert ends == ["SUCCEEDED", "SUCCEEDED", "CACHED", "CACHED"]
    assert len(recorder.artifacts) == 1


def test_a_task_that_changes_its_input_is_run_again(tmp_path: Path) -> None:
    source = tmp_path / "source.txt"

    @dsl.pipeline(name="changing")
    def pipeline(uri: str) -> str:
        data = dsl.importer(artifact_uri=uri, artifact_class=Dataset, reimport=False)
        return lengthen(data=data.output).output

    spec, recorder = compiled(pipeline), MemoryRecorder()
    for _ in range(2):
        source.write_text("a")
        result = run(spec, tmp_path / "home", recorder, parameters={"uri": str(source)})
        assert result.states["root.lengthen"] == "SUCCEEDED"
        assert result.outputs() == {"Output": "a!"}


def test_a_custom_key_stands_for_all_inputs_within_its_pipeline(tmp_path: Path) -> None:
    def pipeline_called(name: str) -> dict[str, Any]:
        @dsl.pipeline(name=name)
        def pipeline(text: str) -> str:
            return say(text=text).set_caching_options(True, cache_key="v1").output

        return compiled(pipeline)

    recorder = MemoryRecorder()
    results = [
        run(pipeline_called(name), tmp_path, recorder, parameters={"text": text})
        for name, text in (("one", "a"), ("one", "b"), ("another", "c"))
    ]
    assert [each.outputs()["Output"] for each in results] == ["a", "a", "c"]
    assert [each.states["root.say"] for each in results] == ["SUCCEEDED", "CACHED", "SUCCEEDED"]


def container(script: str, default: str = "d") -> dict[str, Any]:
    @dsl.container_component
    def echo(out: OutputPath(str), text: str = default):  # type: ignore[valid-type]
        return dsl.ContainerSpec(
            image="alpine", command=["sh", "-c", script, "sh"], args=[out, text]
        )

    @dsl.pipeline(name="echoing")
    def pipeline() -> str:
        return echo().set_env_variable("WORD", "w").outputs["out"]

    return compiled(pipeline)


def test_what_kfps_key_does_not_see_is_seen(tmp_path: Path) -> None:
    recorder = MemoryRecorder()
    spec = container('printf "$2$WORD" > "$1"')
    other_variable = copy.deepcopy(spec)
    executor = other_variable["deploymentSpec"]["executors"]["exec-echo"]["container"]
    executor["env"][0]["value"] = "v"
    other_default = container('printf "$2$WORD" > "$1"', default="e")
    results = [
        run(each, tmp_path, recorder) for each in (spec, other_variable, other_default, spec)
    ]
    assert [each.outputs()["Output"] for each in results] == ["dw", "dv", "ew", "dw"]
    fingerprints = {each.tasks["root.echo"].cache_fingerprint for each in results}
    assert len(fingerprints) == 1, "they are KFP's"
    assert [each.states["root.echo"] for each in results] == [*["SUCCEEDED"] * 3, "CACHED"]


@pytest.mark.parametrize(
    "named", [dsl.PIPELINE_JOB_ID_PLACEHOLDER, "/kfp-workspace", dsl.WORKSPACE_PATH_PLACEHOLDER]
)
def test_a_command_with_the_runs_own_names_is_run_in_each_run(tmp_path: Path, named: str) -> None:
    first, second = two_runs(container(f'printf "{named}" > "$1"'), tmp_path)
    assert first.outputs() != second.outputs()
    assert second.states["root.echo"] == "SUCCEEDED"


def test_remote_artifacts_are_known_by_their_records(tmp_path: Path) -> None:
    @dsl.component
    def where(data: Input[Dataset]) -> str:
        return data.uri

    def pipeline_with(reimport: bool) -> dict[str, Any]:
        @dsl.pipeline(name="remote")
        def pipeline() -> str:
            uri = "s3://bucket/data.csv"
            data = dsl.importer(artifact_uri=uri, artifact_class=Dataset, reimport=reimport)
            return where(data=data.output).output

        return compiled(pipeline)

    assert [each.states["root.where"] for each in two_runs(pipeline_with(False), tmp_path)] == [
        "SUCCEEDED",
        "CACHED",
    ]
    again = two_runs(pipeline_with(True), tmp_path)
    assert [each.states["root.where"] for each in again] == ["SUCCEEDED", "SUCCEEDED"]


def test_a_digest_is_that_of_the_content(tmp_path: Path) -> None:
    def make(name: str) -> Path:
        made = tmp_path / name
        (made / "a").mkdir(parents=True)
        (made / "a" / "b").write_text("x")
        return made

    one, two = make("one"), make("two")
    assert content.digest(str(one)) == content.digest(two.as_uri())
    seen = {content.digest(str(one))}

    def changed() -> bool:
        before = len(seen)
        seen.add(content.digest(str(one)))
        return len(seen) > before

    (one / "c").write_text("")
    assert changed()
    (one / "c").rename(one / "d")
    assert changed()
    (one / "e").symlink_to(two)
    assert changed()
    (two / "a" / "b").write_text("y")
    assert changed(), "links are followed"
    (two / "back").symlink_to(one)
    assert changed(), "a circle of links has an end"
    (one / "f").symlink_to("nowhere")
    assert changed()
    os.mkfifo(one / "g")
    assert changed(), "what is not read counts as well"
    shutil.rmtree(one)
    assert changed()
    assert content.digest("s3://a") != content.digest("s3://b")


def test_folders_may_be_nested_deeply(tmp_path: Path) -> None:
    folders = [tmp_path / "top"]
    folders[0].mkdir()
    for _ in range(1200):
        folders.append(folders[-1] / "x")
        folders[-1].mkdir()
    before = content.digest(str(folders[0]))
    folders.append(folders[-1] / "y")
    folders[-1].mkdir()
    assert content.digest(str(folders[0])) != before
    for folder in reversed(folders):  # shutil.rmtree cannot
        folder.rmdir()
