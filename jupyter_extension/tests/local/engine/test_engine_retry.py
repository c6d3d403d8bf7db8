"""Taking up an ended run again: what has succeeded is kept, the rest is executed once more.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

# ruff: noqa: SIM115 - components are what kfp understands

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from engine_gates import exists, gated, running
from engine_steps import let, step, times
from engine_support import MemoryRecorder, Result, compiled, retried, run
from jupyterlab_kubeflow.local.engine.engine import Engine
from jupyterlab_kubeflow.local.engine.errors import RunStateError
from jupyterlab_kubeflow.local.engine.recorder import RunState
from kfp import dsl


@dsl.pipeline(name="chain")
def chain(folder: str) -> str:
    a = step(folder=folder, name="a")
    b = step(folder=folder, name="b", before=a.output)
    step(folder=folder, name="d")
    return step(folder=folder, name="c", before=b.output).output


def test_only_what_failed_and_what_comes_after_is_executed_again(tmp_path: Path) -> None:
    let(tmp_path, "a", "c", "d")
    result = run(chain, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "FAILED"
    let(tmp_path, "b")
    again = retried(result)
    assert (again.state, again.error, again.outputs()) == ("SUCCEEDED", None, {"Output": "abc"})
    assert times(tmp_path) == {"a": 1, "b": 2, "c": 1, "d": 1}
    history = again.recorder.task_history
    assert again.recorder.run_history[again.run_id] == [
        "PENDING", "RUNNING", "FAILED", "PENDING", "RUNNING", "SUCCEEDED",
    ]  # fmt: skip
    assert history[again.tasks["root.step-2"].task_id] == [
        "PENDING", "RUNNING", "FAILED", "PENDING", "RUNNING", "SUCCEEDED",
    ]  # fmt: skip
    assert history[again.tasks["root.step"].task_id] == ["PENDING", "RUNNING", "SUCCEEDED"]
    assert history[again.tasks["root.step-4"].task_id] == [
        "PENDING", "SKIPPED", "PENDING", "RUNNING", "SUCCEEDED",
    ]  # fmt: skip
    assert again.tasks["root.step-2"].error_message is None


def test_in_loops_and_pipelines_only_what_failed_is_executed_again(tmp_path: Path) -> None:
    @dsl.pipeline(name="inner")
    def inner(folder: str, item: str) -> str:
        first = step(folder=folder, name=f"first-{item}")
        return step(folder=folder, name=f"second-{item}", before=first.output).output

    @dsl.pipeline(name="outer")
    def pipeline(folder: str) -> None:
        with dsl.ParallelFor([["a1", "a2"], ["b1", "b2"]]) as items, dsl.ParallelFor(items) as item:
            inner(folder=folder, item=item)
        step(folder=folder, name="other")

    names = {
        f"{place}-{item}" for place in ("first", "second") for item in ("a1", "a2", "b1", "b2")
    }
    let(tmp_path, "other", *names - {"second-b1"})
    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "FAILED"
    let(tmp_path, "second-b1")
    again = retried(result)
    assert again.state == "SUCCEEDED", again.error
    assert set(again.states.values()) == {"SUCCEEDED"}
    assert times(tmp_path) == {**dict.fromkeys(names, 1), "other": 1, "second-b1": 2}


@dsl.component
def report(folder: str, status: dsl.PipelineTaskFinalStatus):
    """Adds how the task before it ended to the file ``status``."""
    with open(f"{folder}/status", "a") as file:
        file.write(f"{status.state} ")


def test_what_was_told_of_the_failure_is_told_again(tmp_path: Path) -> None:
    @dsl.pipeline(name="exit")
    def pipeline(folder: str) -> None:
        with dsl.ExitHandler(report(folder=folder)):
            first = step(folder=folder, name="first")
            clean = step(folder=folder, name="clean", before="").after(first)
            clean.ignore_upstream_failure()

    let(tmp_path, "clean")
    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "FAILED"
    let(tmp_path, "first")
    assert retried(result).state == "SUCCEEDED"
    assert (tmp_path / "status").read_text() == "FAILED SUCCEEDED "
    assert times(tmp_path) == {"first": 2, "clean": 2}


def test_what_ran_in_any_case_and_saw_no_failure_is_kept(tmp_path: Path) -> None:
    @dsl.pipeline(name="exit")
    def pipeline(folder: str) -> None:
        with dsl.ExitHandler(report(folder=folder)):
            step(folder=folder, name="first")
        step(folder=folder, name="other")

    let(tmp_path, "first")
    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "FAILED"
    let(tmp_path, "other")
    assert retried(result).state == "SUCCEEDED"
    assert (tmp_path / "status").read_text() == "SUCCEEDED "
    assert times(tmp_path) == {"first": 1, "other": 2}


def test_an_exit_task_that_failed_is_executed_again_alone(tmp_path: Path) -> None:
    @dsl.pipeline(name="exit")
    def pipeline(folder: str) -> None:
        with dsl.ExitHandler(step(folder=folder, name="last")):
            step(folder=folder, name="first")

    let(tmp_path, "first")
    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "FAILED"
    let(tmp_path, "last")
    assert retried(result).state == "SUCCEEDED"
    assert times(tmp_path) == {"first": 1, "last": 2}


def test_a_cancelled_run_goes_on_where_it_was(tmp_path: Path) -> None:
    @dsl.pipeline(name="cancelled")
    def pipeline(folder: str) -> str:
        first = step(folder=folder, name="first")
        return gated(folder=folder).after(first).output

    async def scenario() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        run_id = recorder.add(compiled(pipeline), {"folder": str(tmp_path)})
        engine.submit(run_id)
        await exists(tmp_path / "g.running")
        await recorder.until(lambda: running(recorder, run_id, "root.gated.gate"))
        with pytest.raises(RunStateError):
            engine.retry(run_id)
        engine.terminate(run_id)
        with pytest.raises(RunStateError):
            engine.retry(run_id)
        await engine.wait(run_id)
        assert recorder.runs[run_id].state == "CANCELED"
        (tmp_path / "g.go").touch()
        engine.retry(run_id)
        await engine.wait(run_id)
        with pytest.raises(RunStateError):
            engine.retry(run_id)
        with pytest.raises(KeyError):
            engine.retry("nobody")
        await engine.stop()
        return Result(recorder, run_id, tmp_path)

    let(tmp_path, "first")
    result = asyncio.run(scenario())
    assert (result.state, result.outputs()) == ("SUCCEEDED", {"Output": "g!"})
    assert times(tmp_path) == {"first": 1}


@dsl.component
def write(folder: str, data: dsl.Output[dsl.Dataset], more: dsl.Output[dsl.Metrics]) -> str:
    """Writes an artifact, then fails unless there is a file ``lucky``. Its output is how many times it has been executed."""
    import os

    more.log_metric("score", 1)
    with open(os.path.join(folder, "write.ran"), "a") as file:
        file.write("x\n")
    count = len(open(os.path.join(folder, "write.ran")).readlines())
    open(data.path, "w").write(f"written {count}")
    print(f"this is attempt {count}", end="")
    assert os.path.exists(os.path.join(folder, "lucky")), "no luck"
    return str(count)


@dsl.component
def read(data: dsl.Input[dsl.Dataset]) -> str:
    return open(data.path).read()


@dsl.pipeline(name="writing")
def writing(folder: str) -> str:
    written = write(folder=folder)
    step(folder=folder, name="after", before=written.outputs["Output"])
    return read(data=written.outputs["data"]).output


def test_what_a_failed_task_left_is_replaced_and_its_log_is_kept(tmp_path: Path) -> None:
    result = run(writing, tmp_path / "home", parameters={"folder": str(tmp_path)})
    left = result.recorder.artifacts[result.tasks["root.write"].output_artifacts["data"][0]]
    assert Path(left.uri).read_text() == "written 1"
    let(tmp_path, "lucky", "after")
    again = retried(result)
    assert again.outputs() == {"Output": "written 2"}
    assert left.artifact_id not in again.recorder.artifacts
    assert not Path(left.uri).exists()
    log = again.log("root.write")
    first, second = log.split("[Local Kubeflow] Attempt 1, ")
    assert "this is attempt 1" in first
    assert "no luck" in first
    assert "this is attempt 2" in second


def test_the_reason_of_a_failure_is_the_last_attempts_own(tmp_path: Path) -> None:
    @dsl.container_component
    def twice(folder: str):
        script = f'if [ -e "{folder}/once" ]; then exit 3; fi; touch "{folder}/once"; echo at first; exit 2'
        return dsl.ContainerSpec(image="alpine", command=["sh", "-c", script])

    result = run(twice, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.tasks["root.twice"].error_message == "at first (exit code 2)"
    retried(result)
    assert result.tasks["root.twice"].error_message == "It wrote no message. (exit code 3)"


@pytest.mark.parametrize("gone", ["file", "folder", "record"])
def test_a_task_whose_artifacts_are_gone_is_executed_again(tmp_path: Path, gone: str) -> None:
    let(tmp_path, "lucky")
    result = run(writing, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "FAILED"
    artifact = result.tasks["root.write"].output_artifacts["data"][0]
    path = Path(result.recorder.artifacts[artifact].uri)
    if gone == "file":
        path.unlink()
    elif gone == "folder":
        shutil.rmtree(path.parent)
    else:
        del result.recorder.artifacts[artifact]
        result.recorder.records[result.tasks["root"].task_id].output_artifacts = {}
    let(tmp_path, "after")
    again = retried(result)
    assert again.outputs() == {"Output": "written 2"}
    assert str(again.tasks["root.write"].status_message).startswith(
        "Executed again, because artifacts that it made are gone"
    )
    assert times(tmp_path) == {"write": 2, "after": 2}


def test_metrics_without_a_file_are_there(tmp_path: Path) -> None:
    let(tmp_path, "lucky")
    result = run(writing, tmp_path / "home", parameters={"folder": str(tmp_path)})
    more = result.tasks["root.write"].output_artifacts["more"][0]
    assert not Path(result.recorder.artifacts[more].uri).exists()
    let(tmp_path, "after")
    assert retried(result).state == "SUCCEEDED"
    assert times(tmp_path) == {"write": 1, "after": 2}


def test_what_another_run_has_taken_from_the_cache_stays(tmp_path: Path) -> None:
    @dsl.component
    def last(folder: str, data: dsl.Output[dsl.Dataset]):
        open(data.path, "w").write(open(f"{folder}/text").read())

    @dsl.pipeline(name="exit")
    def pipeline(folder: str, name: str = "first") -> None:
        with dsl.ExitHandler(last(folder=folder)):
            step(folder=folder, name=name)

    home = tmp_path / "home"
    (tmp_path / "text").write_text("old")
    first = run(pipeline, home, parameters={"folder": str(tmp_path)})
    assert (first.state, first.states["root.last"]) == ("FAILED", "SUCCEEDED")
    let(tmp_path, "second")
    parameters = {"folder": str(tmp_path), "name": "second"}
    other = run(pipeline, home, first.recorder, parameters=parameters)
    assert other.states["root.last"] == "CACHED"
    let(tmp_path, "first")
    (tmp_path / "text").write_text("new")
    first.recorder.runs[first.run_id].enable_caching = False
    again = retried(first)
    assert again.outputs("root.last") == {"data": ["new"]}
    assert other.outputs("root.last") == {"data": ["old"]}


@dsl.component
def decide(folder: str, data: dsl.Output[dsl.Dataset]) -> list:
    """The numbers in the file ``numbers``."""
    import json

    open(data.path, "w").close()
    return json.load(open(f"{folder}/numbers"))


def test_another_way_is_taken_when_an_earlier_task_decides_otherwise(tmp_path: Path) -> None:
    @dsl.component
    def first(values: list) -> int:
        return values[0]

    @dsl.pipeline(name="deciding")
    def pipeline(folder: str) -> None:
        decided = decide(folder=folder).set_caching_options(False)
        with dsl.ParallelFor(decided.outputs["Output"]) as number:
            step(folder=folder, name=f"number-{number}")
        with dsl.If(first(values=decided.outputs["Output"]).output == 1):
            step(folder=folder, name="one")
        step(folder=folder, name="other")

    numbers = tmp_path / "numbers"
    numbers.write_text("[1, 2, 3]")
    let(tmp_path, "one", *(f"number-{each}" for each in range(6)))
    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "FAILED"
    artifact = result.tasks["root.decide"].output_artifacts["data"][0]
    Path(result.recorder.artifacts[artifact].uri).unlink()
    numbers.write_text("[5]")
    let(tmp_path, "other")
    again = retried(result)
    assert again.state == "SUCCEEDED", again.error
    steps = {
        path.removeprefix("root."): state for path, state in again.states.items() if ".step" in path
    }
    condition = next(path for path in steps if path.startswith("condition"))
    assert steps == {
        "step-3": "SUCCEEDED",
        "for-loop-1.0.step": "SUCCEEDED",
        "for-loop-1.1.step": "SKIPPED",
        "for-loop-1.2.step": "SKIPPED",
        condition: "SKIPPED",
    }
    assert times(tmp_path)["number-5"] == times(tmp_path)["one"] == 1

    # What was not reached again is no reason to execute anything when the run is retried once more.
    again.recorder.runs[again.run_id].state = "FAILED"
    before = times(tmp_path)
    assert retried(again).state == "SUCCEEDED"
    assert times(tmp_path) == before


def test_attempts_are_counted_anew(tmp_path: Path) -> None:
    @dsl.pipeline(name="attempts")
    def pipeline(folder: str) -> None:
        step(folder=folder, name="never").set_retry(1)

    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert times(tmp_path) == {"never": 2}
    again = retried(result)
    assert again.state == "FAILED"
    assert times(tmp_path) == {"never": 4}
    log = again.log("root.step").splitlines()
    assert [line[:26] for line in log] == [
        "never has no luck",
        "[Local Kubeflow] Attempt 2",
        "never has no luck",
        "[Local Kubeflow] Attempt 1",
        "never has no luck",
        "[Local Kubeflow] Attempt 2",
        "never has no luck",
    ]


def test_many_ask_at_once_and_one_is_heard(tmp_path: Path) -> None:
    let(tmp_path, "a", "b", "c")

    async def scenario() -> list[Any]:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        run_id = recorder.add(compiled(chain), {"folder": str(tmp_path)})
        engine.submit(run_id)
        await engine.wait(run_id)
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(8) as pool:
            asked = [loop.run_in_executor(pool, engine.retry, run_id) for _ in range(8)]
            answers = await asyncio.gather(*asked, return_exceptions=True)
        await recorder.until(lambda: recorder.runs[run_id].state == "FAILED")
        await engine.wait(run_id)
        await engine.stop()
        assert recorder.run_history[run_id] == ["PENDING", "RUNNING", "FAILED"] * 2
        return answers

    answers = asyncio.run(scenario())
    assert sorted(type(each).__name__ for each in answers) == ["NoneType", *["RunStateError"] * 7]
    assert times(tmp_path) == {"a": 1, "b": 1, "c": 1, "d": 2}


def test_asked_for_while_the_end_is_being_recorded(tmp_path: Path) -> None:
    let(tmp_path, "a", "b", "c")

    class Eager(MemoryRecorder):
        engine: Engine

        def set_run_state(self, run_id: str, state: RunState, error: str | None = None) -> None:
            super().set_run_state(run_id, state, error)
            if state == "FAILED":
                let(tmp_path, "d")
                self.engine.retry(run_id)

    async def scenario() -> None:
        recorder = Eager()
        recorder.engine = engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        run_id = recorder.add(compiled(chain), {"folder": str(tmp_path)})
        engine.submit(run_id)
        await recorder.until(lambda: recorder.runs[run_id].state == "SUCCEEDED")
        await engine.stop()

    asyncio.run(scenario())
    assert times(tmp_path) == {"a": 1, "b": 1, "c": 1, "d": 2}


def test_a_server_that_goes_leaves_the_retry_to_the_next_one(tmp_path: Path) -> None:
    let(tmp_path, "a", "b", "c")
    result = run(chain, tmp_path / "home", parameters={"folder": str(tmp_path)})
    let(tmp_path, "d")

    async def scenario() -> None:
        gone = Engine(result.recorder, result.home)
        await gone.start()
        await gone.stop()
        gone.retry(result.run_id)
        assert result.state == "PENDING"
        following = Engine(result.recorder, result.home)
        await following.start()
        await following.wait(result.run_id)
        await following.stop()

    asyncio.run(scenario())
    assert result.state == "SUCCEEDED"
    assert times(tmp_path) == {"a": 1, "b": 1, "c": 1, "d": 2}


def test_a_run_that_is_being_deleted_is_not_retried(tmp_path: Path) -> None:
    result = run(chain, tmp_path / "home", parameters={"folder": str(tmp_path)})

    async def scenario() -> None:
        engine = Engine(result.recorder, result.home)
        await engine.start()
        engine.retry(result.run_id)
        await engine.forget(result.run_id)
        with pytest.raises(KeyError):
            engine.retry(result.run_id)
        await engine.stop()

    asyncio.run(scenario())
    assert not (result.home / "runs" / result.run_id).exists()


def test_a_run_that_could_not_begin_fails_again(tmp_path: Path) -> None:
    result = run({"root": {}}, tmp_path / "home")
    assert result.state == "FAILED"
    again = retried(result)
    assert (again.state, "no root.dag" in str(again.error)) == ("FAILED", True)
