"""Every construct of a pipeline, as kfp compiles it, through the engine's door.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

# ruff: noqa: SIM115, UP006, UP035, UP045 - components are what kfp understands

from collections.abc import Callable
from pathlib import Path
from typing import Any, List, Optional

import pytest
from engine_support import MemoryRecorder, compiled, run
from kfp import dsl
from kfp.dsl import Artifact, Collected, Dataset, Input, Metrics, Model, Output, OutputPath


@dsl.component
def add(a: int, b: int = 1) -> int:
    return a + b


@dsl.component
def say(text: str) -> str:
    print("saying", text)
    return text


@dsl.component
def fail(message: str = "no good") -> str:
    raise ValueError(message)


@dsl.component
def numbers(n: int) -> list:
    return list(range(n))


@dsl.component
def total(values: list) -> int:
    return sum(values)


@dsl.component
def write(text: str, data: Output[Dataset]):
    data.metadata["length"] = len(text)
    with open(data.path, "w") as file:
        file.write(text)


@dsl.component
def read(data: Input[Dataset]) -> str:
    with open(data.path) as file:
        return f"{file.read()}:{data.metadata['length']}"


@dsl.component
def meet(mine: str, theirs: str):
    """Leaves a file and waits for the other task's."""
    import os
    import time

    open(mine, "w").close()
    deadline = time.time() + 60
    while not os.path.exists(theirs):
        assert time.time() < deadline, "the other task does not run at the same time"
        time.sleep(0.01)


def test_default_values_and_sequence(tmp_path: Path) -> None:
    @dsl.pipeline(name="sequence")
    def pipeline(start: int = 2) -> int:
        first = add(a=start)
        return add(a=first.output, b=10).output

    result = run(pipeline, tmp_path)
    assert result.state == "SUCCEEDED", result.error
    assert result.outputs() == {"Output": 13}
    assert result.states == {
        "root": "SUCCEEDED",
        "root.add": "SUCCEEDED",
        "root.add-2": "SUCCEEDED",
    }
    task = result.tasks["root.add-2"]
    assert task.type == "RUNTIME"
    assert task.input_parameters == {"a": 3, "b": 10}
    assert task.parent_task_id == result.tasks["root"].task_id
    assert task.pod_name != result.tasks["root.add"].pod_name
    assert task.create_time <= task.start_time <= task.end_time  # type: ignore[operator]
    assert result.recorder.task_history[task.task_id] == ["PENDING", "RUNNING", "SUCCEEDED"]
    assert result.recorder.run_history[result.run_id] == ["PENDING", "RUNNING", "SUCCEEDED"]


def test_given_parameters_and_text_that_looks_like_a_placeholder(tmp_path: Path) -> None:
    @dsl.pipeline(name="texts")
    def pipeline(text: str) -> str:
        return say(text=say(text=text).output).output

    for text in ("{{$.inputs.parameters['text']}} {{$}} {{$.oops}}", 'it\'s "ü"\n$(id) `id`', ""):
        result = run(pipeline, tmp_path, parameters={"text": text})
        assert result.outputs() == {"Output": text}, result.error


def test_text_built_from_outputs_at_every_level(tmp_path: Path) -> None:
    @dsl.pipeline(name="inner")
    def inner(text: str) -> str:
        return say(text=f"<{text}>").output

    @dsl.pipeline(name="outer")
    def outer(n: int = 4) -> str:
        return inner(text=f"sum {add(a=n).output} of {n}").output

    assert run(outer, tmp_path).outputs() == {"Output": "<sum 5 of 4>"}


def test_independent_tasks_run_at_the_same_time(tmp_path: Path) -> None:
    a, b = str(tmp_path / "a"), str(tmp_path / "b")

    @dsl.pipeline(name="parallel")
    def pipeline() -> None:
        meet(mine=a, theirs=b).set_caching_options(False)
        meet(mine=b, theirs=a).set_caching_options(False)

    result = run(pipeline, tmp_path / "home", max_parallel=2)
    assert result.state == "SUCCEEDED", result.error


def test_nested_pipelines(tmp_path: Path) -> None:
    @dsl.pipeline(name="inner")
    def inner(n: int) -> int:
        return add(a=n).output

    @dsl.pipeline(name="middle")
    def middle(n: int) -> int:
        return inner(n=inner(n=n).output).output

    @dsl.pipeline(name="outer")
    def outer(n: int = 1) -> int:
        return middle(n=n).output

    result = run(outer, tmp_path)
    assert result.outputs() == {"Output": 3}
    assert result.tasks["root.middle"].type == "DAG"
    assert result.outputs("root.middle.inner") == {"Output": 2}
    assert result.states["root.middle.inner-2.add"] == "SUCCEEDED"


@pytest.mark.parametrize(("n", "taken"), [(1, "one"), (2, "two"), (3, "many")])
def test_if_elif_else_with_oneof(tmp_path: Path, n: int, taken: str) -> None:
    @dsl.pipeline(name="branches")
    def pipeline(n: int) -> str:
        with dsl.If(add(a=n, b=0).output == 1):
            one = say(text="one")
        with dsl.Elif(n == 2):
            two = say(text="two")
        with dsl.Else():
            many = say(text="many")
        return say(text=dsl.OneOf(one.output, two.output, many.output)).output

    result = run(pipeline, tmp_path, parameters={"n": n})
    assert result.outputs() == {"Output": taken}, result.error
    branches = "root.condition-branches-1"
    assert result.tasks[branches].type == "CONDITION_BRANCH"
    conditions = [t for p, t in result.tasks.items() if t.type == "CONDITION"]
    assert sorted(t.state for t in conditions) == ["SKIPPED", "SKIPPED", "SUCCEEDED"]
    assert all(
        "condition is false" in str(t.status_message) for t in conditions if t.state == "SKIPPED"
    )


def test_oneof_of_artifacts(tmp_path: Path) -> None:
    @dsl.pipeline(name="branches")
    def pipeline(long: bool = False) -> str:
        with dsl.If(long == True):  # noqa: E712
            first = write(text="a long text")
        with dsl.Else():
            second = write(text="short")
        return read(data=dsl.OneOf(first.outputs["data"], second.outputs["data"])).output

    assert run(pipeline, tmp_path).outputs() == {"Output": "short:5"}


def test_loop_over_items_collected(tmp_path: Path) -> None:
    @dsl.pipeline(name="loop")
    def pipeline() -> int:
        with dsl.ParallelFor([1, 2, 3]) as item:
            task = add(a=item, b=10)
        return total(values=Collected(task.output)).output

    result = run(pipeline, tmp_path)
    assert result.outputs() == {"Output": 36}, result.error
    loop = next(t for t in result.tasks.values() if t.type == "LOOP")
    assert (loop.iteration_count, loop.state) == (3, "SUCCEEDED")
    for index in range(3):
        iteration = result.tasks[f"{loop.scope_path}.{index}"]
        assert (iteration.type, iteration.iteration_index) == ("DAG", index)
        assert iteration.parent_task_id == loop.task_id
        assert result.outputs(f"{loop.scope_path}.{index}.add") == {"Output": 11 + index}


@pytest.mark.parametrize("n", [0, 4])
def test_loop_over_an_output_with_dictionaries_and_nested_loops(tmp_path: Path, n: int) -> None:
    @dsl.component
    def points(n: int) -> list:
        return [{"x": i, "ys": [i, i + 1]} for i in range(n)]

    @dsl.pipeline(name="loops")
    def pipeline(n: int) -> list:
        with dsl.ParallelFor(points(n=n).output) as point:
            base = add(a=point.x, b=100)
            with dsl.ParallelFor(point.ys) as y:
                add(a=y, b=base.output)
        return Collected(base.output)

    result = run(pipeline, tmp_path, parameters={"n": n})
    assert result.state == "SUCCEEDED", result.error
    assert result.outputs() == {"Output": [100 + i for i in range(n)]}
    inner = [t.output_parameters["Output"] for p, t in result.tasks.items() if p.endswith("add-2")]
    assert sorted(inner) == sorted(100 + i + i + d for i in range(n) for d in (0, 1))


def test_loop_over_artifacts_and_collected_artifacts(tmp_path: Path) -> None:
    @dsl.component
    def join(parts: Input[List[Dataset]]) -> str:
        return "+".join(open(part.path).read() for part in parts)

    @dsl.pipeline(name="inner")
    def inner(parts: Input[List[Dataset]]):
        with dsl.ParallelFor(items=parts) as data:
            read(data=data)

    @dsl.pipeline(name="artifacts")
    def pipeline() -> str:
        with dsl.ParallelFor(["a", "b", "c"]) as text:
            written = write(text=text)
        inner(parts=Collected(written.outputs["data"]))
        return join(parts=Collected(written.outputs["data"])).output

    result = run(pipeline, tmp_path)
    assert result.outputs() == {"Output": "a+b+c"}, result.error
    texts = [t.output_parameters["Output"] for p, t in result.tasks.items() if p.endswith(".read")]
    assert sorted(texts) == ["a:1", "b:1", "c:1"]


def test_parallelism_limit_of_a_loop(tmp_path: Path) -> None:
    @dsl.component
    def alone(folder: str, n: int):
        import os
        import time

        mark = os.path.join(folder, "busy")
        os.mkdir(mark)
        time.sleep(0.05)
        os.rmdir(mark)

    @dsl.pipeline(name="limited")
    def pipeline(folder: str) -> None:
        with dsl.ParallelFor([1, 2, 3, 4], parallelism=1) as n:
            alone(folder=folder, n=n)

    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "SUCCEEDED", result.error


def test_artifacts_with_metadata_and_several_kinds(tmp_path: Path) -> None:
    @dsl.component
    def train(data: Input[Dataset], model: Output[Model], scores: Output[Metrics]):
        import os

        os.makedirs(model.path)
        open(os.path.join(model.path, "weights"), "w").write("w")
        model.metadata["framework"] = "none"
        scores.log_metric("accuracy", 0.5)

    @dsl.component
    def look(model: Input[Model]) -> str:
        import os

        return f"{os.listdir(model.path)} {model.metadata['framework']}"

    @dsl.pipeline(name="training")
    def pipeline() -> str:
        trained = train(data=write(text="abc").outputs["data"])
        return look(model=trained.outputs["model"]).output

    result = run(pipeline, tmp_path)
    assert result.outputs() == {"Output": "['weights'] none"}, result.error
    record = result.tasks["root.train"]
    model = result.recorder.artifacts[record.output_artifacts["model"][0]]
    scores = result.recorder.artifacts[record.output_artifacts["scores"][0]]
    assert model.uri == str(tmp_path / "artifacts" / result.run_id / record.task_id / "model")
    assert (model.type, model.metadata) == ("system.Model", {"framework": "none"})
    assert (scores.type, scores.metadata) == ("system.Metrics", {"accuracy": 0.5})
    assert record.input_artifacts["data"] == result.tasks["root.write"].output_artifacts["data"]


def test_importer(tmp_path: Path) -> None:
    source = tmp_path / "source.txt"
    source.write_text("imported")

    def pipeline_for(uri: str) -> Any:
        @dsl.pipeline(name="importing")
        def pipeline(length: str = "8") -> str:
            data = dsl.importer(
                artifact_uri=uri, artifact_class=Dataset, metadata={"length": length}
            )
            return read(data=data.output).output

        return pipeline

    result = run(pipeline_for(str(source)), tmp_path / "home")
    assert result.outputs() == {"Output": "imported:8"}, result.error
    assert result.tasks["root.importer"].type == "IMPORTER"
    result = run(pipeline_for(str(tmp_path / "nothing")), tmp_path / "home")
    assert result.state == "FAILED"
    assert "does not exist" in str(result.error)
    assert result.states["root.read"] == "SKIPPED"


@pytest.mark.parametrize("broken", [True, False])
def test_exit_handler_learns_how_it_ended(tmp_path: Path, broken: bool) -> None:
    @dsl.component
    def work(broken: bool):
        assert not broken, "broken"

    @dsl.component
    def tell(status: dsl.PipelineTaskFinalStatus) -> str:
        return f"{status.state} {status.pipeline_task_name} {status.error_message or ''}".strip()

    @dsl.pipeline(name="exit")
    def pipeline(broken: bool) -> None:
        with dsl.ExitHandler(tell()):
            work(broken=broken)

    result = run(pipeline, tmp_path, parameters={"broken": broken})
    assert result.tasks["root.exit-handler-1"].type == "EXIT_HANDLER"
    said = result.outputs("root.tell")["Output"]
    if broken:
        assert said == "FAILED exit-handler-1 work failed."
        assert result.state == "FAILED"
        assert "AssertionError: broken" in str(result.error)
    else:
        assert said == "SUCCEEDED exit-handler-1"
        assert result.state == "SUCCEEDED"


def test_failure_skips_what_depends_on_it_and_nothing_else(tmp_path: Path) -> None:
    @dsl.pipeline(name="failing")
    def pipeline() -> None:
        broken = fail()
        say(text=say(text=broken.output).output)
        say(text="independent")
        say(text="whatever").after(broken).ignore_upstream_failure()

    result = run(pipeline, tmp_path)
    assert result.state == "FAILED"
    assert result.error == "fail: ValueError: no good (exit code 1)"
    assert result.tasks["root.fail"].error_message == "ValueError: no good (exit code 1)"
    assert "ValueError: no good" in result.log("root.fail")
    assert result.states == {
        "root": "FAILED",
        "root.fail": "FAILED",
        "root.say": "SKIPPED",
        "root.say-2": "SKIPPED",
        "root.say-3": "SUCCEEDED",
        "root.say-4": "SUCCEEDED",
    }
    assert result.tasks["root.say"].status_message == "Skipped, because fail failed."
    assert result.tasks["root.say-2"].status_message == "Skipped, because say was skipped."


def test_optional_inputs(tmp_path: Path) -> None:
    @dsl.component
    def optional(
        a: Optional[int] = None, b: str = "b", data: Optional[Input[Dataset]] = None
    ) -> str:
        return f"{a} {b} {data}"

    @dsl.pipeline(name="inner")
    def inner(a: Optional[int] = None) -> str:
        return optional(a=a).output

    @dsl.pipeline(name="optional")
    def pipeline(a: Optional[int] = None) -> str:
        return inner(a=a).output

    assert run(pipeline, tmp_path).outputs() == {"Output": "None b None"}
    assert run(pipeline, tmp_path, parameters={"a": 3}).outputs() == {"Output": "3 b None"}


def test_output_paths_and_types(tmp_path: Path) -> None:
    @dsl.component
    def paths(
        whole: OutputPath(int),  # type: ignore[valid-type]
        truth: OutputPath(bool),  # type: ignore[valid-type]
        many: OutputPath(dict),  # type: ignore[valid-type]
        text: OutputPath(str),  # type: ignore[valid-type]
    ):
        open(whole, "w").write("7")
        open(truth, "w").write("True")
        open(many, "w").write('{"a": [1, 2.5, null]}')
        open(text, "w").write("7")

    result = run(paths, tmp_path)
    expected = {"whole": 7, "truth": True, "many": {"a": [1, 2.5, None]}, "text": "7"}
    assert result.outputs("root.paths") == expected, result.error


def test_large_whole_numbers_stay_exact(tmp_path: Path) -> None:
    @dsl.pipeline(name="large")
    def pipeline(n: int) -> int:
        return add(a=n).output

    result = run(pipeline, tmp_path, parameters={"n": 2**60 + 1})
    assert result.outputs() == {"Output": 2**60 + 2}


def test_ill_typed_output_names_the_parameter(tmp_path: Path) -> None:
    @dsl.component
    def wrong(count: OutputPath(int)):  # type: ignore[valid-type]
        open(count, "w").write("1.5")

    result = run(wrong, tmp_path)
    assert result.state == "FAILED"
    assert "Output parameter 'count' must be a whole number, but is 1.5." in str(result.error)


def test_caching(tmp_path: Path) -> None:
    @dsl.pipeline(name="cached")
    def pipeline(text: str = "x", fresh: str = "y") -> str:
        say(text=fresh).set_caching_options(False)
        return read(data=write(text=text).outputs["data"]).output

    spec, recorder = compiled(pipeline), MemoryRecorder()
    first = run(spec, tmp_path, recorder)
    second = run(spec, tmp_path, recorder)
    assert first.outputs() == second.outputs() == {"Output": "x:1"}
    assert second.states == {
        "root": "SUCCEEDED",
        "root.say": "SUCCEEDED",
        "root.write": "CACHED",
        "root.read": "CACHED",
    }
    changed = run(spec, tmp_path, recorder, parameters={"text": "z"})
    assert changed.states["root.write"] == changed.states["root.read"] == "SUCCEEDED"
    refused = run(spec, tmp_path, recorder, enable_caching=False)
    assert "CACHED" not in refused.states.values()


def test_retries(tmp_path: Path) -> None:
    @dsl.component
    def third_time(folder: str) -> int:
        import os

        n = len(os.listdir(folder)) + 1
        open(os.path.join(folder, str(n)), "w").close()
        assert n >= 3, f"attempt {n}"
        return n

    @dsl.pipeline(name="retrying")
    def pipeline(folder: str, retries: int = 0) -> int:
        task = third_time(folder=folder).set_caching_options(False)
        return task.set_retry(2, backoff_duration="0s").output

    marks = tmp_path / "marks"
    marks.mkdir()
    result = run(pipeline, tmp_path, parameters={"folder": str(marks)})
    assert result.outputs() == {"Output": 3}, result.error
    task = result.tasks["root.third-time"]
    assert any("Attempt 1 of 3 failed" in m for m in result.recorder.messages[task.task_id])


def container(image: str, command: list[str], args: list[Any]) -> Callable[..., Any]:
    @dsl.container_component
    def comp(text: str, out: OutputPath(str), note: str = ""):  # type: ignore[valid-type]
        values = {"TEXT": text, "OUT": out}
        return dsl.ContainerSpec(
            image=image,
            command=command,
            args=[values.get(each, each) for each in args]
            + [dsl.IfPresentPlaceholder(input_name="note", then=["note", note], else_=["none"])],
        )

    return comp


def test_container_command_of_this_machine(tmp_path: Path) -> None:
    comp = container(
        "alpine", ["sh", "-c", 'printf "%s|%s" "$0" "$2" > "$1"; pwd'], ["TEXT", "OUT"]
    )
    result = run(comp, tmp_path, parameters={"text": "$HOME; hi"})
    assert result.outputs("root.comp") == {"out": "$HOME; hi|note"}, result.error
    folder = tmp_path / "runs" / result.run_id / result.tasks["root.comp"].task_id
    assert result.log("root.comp").strip() == str(folder / "work")


def test_commands_that_are_not_here_are_named(tmp_path: Path) -> None:
    comp = container("acme/tool:1", ["acme-tool"], ["TEXT"])
    result = run(comp, tmp_path, parameters={"text": "a"})
    assert result.state == "FAILED"
    assert "'acme-tool'" in str(result.error)
    assert "'acme/tool:1'" in str(result.error)
    assert "on a cluster" in str(result.error)


def test_an_argument_that_is_too_large_is_refused(tmp_path: Path) -> None:
    @dsl.pipeline(name="large")
    def pipeline(text: str) -> str:
        return say(text=text).output

    result = run(pipeline, tmp_path, parameters={"text": "x" * 140_000})
    assert result.state == "FAILED"
    assert "An argument of the command is 140," in str(result.error)
    assert "as an artifact" in str(result.error)


def test_settings_for_a_cluster_are_noted(tmp_path: Path) -> None:
    @dsl.pipeline(name="limits")
    def pipeline() -> None:
        say(text="a").set_memory_limit("1G").set_cpu_limit("1")

    spec = compiled(pipeline)
    platform = {
        "platforms": {
            "kubernetes": {
                "deploymentSpec": {"executors": {"exec-say": {"imagePullPolicy": "Always"}}}
            }
        }
    }
    result = run(spec, tmp_path, platform_spec=platform)
    assert result.state == "SUCCEEDED", result.error
    message = str(result.tasks["root.say"].status_message)
    assert message == (
        "Without effect on this machine: image pull policy, CPU limit 1, memory limit 1G."
    )


def test_names_of_the_run_and_its_shared_folder(tmp_path: Path) -> None:
    @dsl.pipeline(name="names")
    def pipeline() -> str:
        first = say(text=f"{dsl.PIPELINE_JOB_NAME_PLACEHOLDER}|{dsl.PIPELINE_JOB_ID_PLACEHOLDER}")
        return say(text=f"{first.output}|{dsl.PIPELINE_TASK_NAME_PLACEHOLDER}").output

    @dsl.component
    def share(folder: str, write: bool):
        import os

        path = os.path.join(folder, "shared")
        if write:
            open(path, "w").close()
        assert os.path.exists(path)

    config = dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi"))

    @dsl.pipeline(name="sharing", pipeline_config=config)
    def sharing() -> None:
        one = share(folder=dsl.WORKSPACE_PATH_PLACEHOLDER, write=True)
        share(folder=dsl.WORKSPACE_PATH_PLACEHOLDER, write=False).after(one)

    result = run(pipeline, tmp_path)
    assert result.outputs() == {"Output": "Run run-1|run-1|say-2"}
    result = run(sharing, tmp_path)
    assert result.state == "SUCCEEDED", result.error


HANDLED = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    "


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise KeyError('cell 3')", "KeyError: 'cell 3' (exit code 1)"),
        (
            "raise ValueError('2 problems:\\n- a is wrong\\n- b is wrong')",
            "ValueError: 2 problems: … - b is wrong (exit code 1)",
        ),
        (
            HANDLED + "traceback.print_exc()\nprint('noise\\n' * 100)\nsys.exit('no data')",
            "no data (exit code 1)",
        ),
        (
            HANDLED + "logging.exception('first')\nsys.exit('no data')",
            "no data (exit code 1)",
        ),
        (
            HANDLED + "traceback.print_exc()\nsys.exit('no data')",
            "ZeroDivisionError: division by zero … no data (exit code 1)",
        ),
        (
            HANDLED + "traceback.print_exc()\nprint('giving up')\nsys.exit(3)",
            "giving up (exit code 3)",
        ),
        (
            HANDLED + "traceback.print_exc()\nos.kill(os.getpid(), 9)",
            "ended by SIGKILL. The machine may have run out of memory.",
        ),
        ("sys.exit(1)", "It wrote no message. (exit code 1)"),
    ],
)
def test_the_message_of_a_failure_is_the_last_word_of_the_log(
    tmp_path: Path, code: str, said: str
) -> None:
    program = "import logging, os, sys, traceback\n" + code

    @dsl.container_component
    def noisy():
        return dsl.ContainerSpec(image="python:3.11", command=["python3", "-u", "-c", program])

    result = run(noisy, tmp_path)
    assert str(result.error).endswith(said)
    assert "ZeroDivisionError" not in str(result.error) or "ZeroDivisionError" in said


def test_environment_and_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @dsl.component
    def look() -> dict:
        import os

        names = ("OWN", "FROM_SERVER", "JUPYTER_TOKEN", "KUBEFLOW_LOCAL_TOKEN")
        return {name: os.environ.get(name) for name in names if name in os.environ}

    @dsl.pipeline(name="env")
    def pipeline() -> dict:
        return look().set_env_variable("OWN", "1").output

    monkeypatch.setenv("FROM_SERVER", "2")
    monkeypatch.setenv("JUPYTER_TOKEN", "secret")
    monkeypatch.setenv("KUBEFLOW_LOCAL_TOKEN", "secret")
    assert run(pipeline, tmp_path).outputs() == {"Output": {"OWN": "1", "FROM_SERVER": "2"}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("root"), "no root.dag"),
        (lambda s: s["components"].clear(), "'comp-say'"),
        (lambda s: s["deploymentSpec"]["executors"].clear(), "'exec-say'"),
        (lambda s: s["root"].update(dag=7), "not valid"),
        (
            lambda s: s["root"]["dag"]["tasks"]["say"].update(dependentTasks=["nobody"]),
            "depends on 'nobody'",
        ),
        (
            lambda s: s["root"]["dag"]["tasks"]["say"].update(dependentTasks=["say"]),
            "wait for one another",
        ),
    ],
)
def test_specs_that_cannot_run_say_why(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], message: str
) -> None:
    @dsl.pipeline(name="one")
    def pipeline() -> None:
        say(text="a")

    spec = compiled(pipeline)
    change(spec)
    result = run(spec, tmp_path)
    assert result.state == "FAILED"
    assert message in str(result.error)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "'n' has no value"),
        ({"n": "x"}, "Parameter 'n' must be a whole number, but is 'x'."),
        ({"n": 1, "m": 2}, "no parameter 'm'"),
    ],
)
def test_parameters_that_do_not_fit_are_named(
    tmp_path: Path, parameters: dict[str, Any], message: str
) -> None:
    @dsl.pipeline(name="one")
    def pipeline(n: int) -> None:
        add(a=n)

    result = run(pipeline, tmp_path, parameters=parameters)
    assert result.state == "FAILED"
    assert message in str(result.error)


def test_an_artifact_that_nobody_wrote_is_missed_by_name(tmp_path: Path) -> None:
    @dsl.component
    def nothing(number: OutputPath(int)):  # type: ignore[valid-type]
        pass

    @dsl.pipeline(name="missing")
    def pipeline() -> None:
        add(a=nothing().outputs["number"])

    result = run(pipeline, tmp_path)
    assert result.state == "FAILED"
    assert "'number' of 'nothing', which did not write it" in str(result.error)


def test_generic_artifact_returned(tmp_path: Path) -> None:
    @dsl.component
    def elsewhere() -> Artifact:
        return Artifact(name="there", uri="s3://bucket/there", metadata={"a": 1})

    result = run(elsewhere, tmp_path)
    assert result.state == "SUCCEEDED", result.error
    record = result.tasks["root.elsewhere"]
    artifact = result.recorder.artifacts[record.output_artifacts["Output"][0]]
    assert (artifact.uri, artifact.metadata) == ("s3://bucket/there", {"a": 1})
