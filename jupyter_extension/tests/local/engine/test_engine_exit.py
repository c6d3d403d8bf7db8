"""Tasks that run in any case: exit tasks and ``ignore_upstream_failure``, after failures and when the run is ended.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from engine_gates import exists, running, wait_for_end
from engine_steps import let, step, times
from engine_support import MemoryRecorder, Result, compiled, run
from jupyterlab_kubeflow.local.engine.engine import Engine
from kfp import dsl


@dsl.component
def report(folder: str, name: str, status: dsl.PipelineTaskFinalStatus):
    """Writes what it is told of the end to the file NAME.json."""
    import json

    with open(f"{folder}/{name}.json", "w") as file:
        json.dump(vars(status), file)


def reported(folder: Path, name: str) -> dict[str, Any]:
    """What the task of this name was told."""
    found: dict[str, Any] = json.loads((folder / f"{name}.json").read_text())
    return found


@dsl.container_component
def gate(folder: str, name: str):
    """Says that it runs, waits for the file NAME.go and ignores SIGTERM."""
    script = 'trap "" TERM; touch "$0/$1.runs"; while [ ! -e "$0/$1.go" ]; do sleep 0.01; done; touch "$0/$1.done"'
    return dsl.ContainerSpec(image="alpine", command=["sh", "-c", script], args=[folder, name])


@pytest.fixture(autouse=True)
def little_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "jupyterlab_kubeflow.local.engine.process.TaskProcess.terminate.__defaults__", (0.1,)
    )


def test_exit_handlers_in_pipelines_and_loops(tmp_path: Path) -> None:
    @dsl.pipeline(name="guarded")
    def guarded(folder: str, item: str) -> None:
        with dsl.ExitHandler(report(folder=folder, name=item), name="guard"):
            step(folder=folder, name=item)

    @dsl.pipeline(name="outer")
    def pipeline(folder: str) -> None:
        with (
            dsl.ExitHandler(report(folder=folder, name="outer")),
            dsl.ParallelFor(["good", "bad"]) as item,
        ):
            guarded(folder=folder, item=item)

    let(tmp_path, "good")
    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "FAILED"
    assert reported(tmp_path, "good") == {
        "state": "SUCCEEDED",
        "pipeline_job_resource_name": "Run run-1",
        "pipeline_task_name": "exit-handler-1",
        "error_code": None,
        "error_message": None,
    }
    for name, message in (("bad", "step failed."), ("outer", "for-loop-3 failed.")):
        told = reported(tmp_path, name)
        assert (told["state"], told["error_code"]) == ("FAILED", 2)
        assert told["error_message"] == message


def test_a_chain_of_tasks_that_ignore_failures(tmp_path: Path) -> None:
    @dsl.pipeline(name="chain")
    def pipeline(folder: str) -> None:
        a = step(folder=folder, name="a")
        b = step(folder=folder, name="b", before=a.output).ignore_upstream_failure()
        c = step(folder=folder, name="c", before="").after(b).ignore_upstream_failure()
        step(folder=folder, name="d", before=c.output)
        skipped = step(folder=folder, name="skipped", before=b.output)
        e = step(folder=folder, name="e", before="").after(skipped)
        e.ignore_upstream_failure()

    let(tmp_path, "c", "d", "e")
    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "FAILED"
    assert times(tmp_path) == dict.fromkeys("abcde", 1)
    assert result.tasks["root.step-2"].input_parameters["before"] == ""
    skipped = result.tasks["root.step-5"]
    assert (skipped.state, skipped.error_message) == (
        "SKIPPED",
        "Skipped, because step-2 failed.",
    )


@dsl.pipeline(name="guarded")
def guarded(folder: str) -> None:
    with dsl.ExitHandler(report(folder=folder, name="last")):
        first = gate(folder=folder, name="first")
        ignoring = step(folder=folder, name="ignoring", before="").after(first)
        ignoring.ignore_upstream_failure()
        step(folder=folder, name="next").after(first)


async def at_gate(engine: Engine, recorder: MemoryRecorder, folder: Path, pipeline: Any) -> str:
    """Starts a run and returns its id when the gate ``first`` has been reached."""
    run_id = recorder.add(compiled(pipeline), {"folder": str(folder)})
    engine.submit(run_id)
    await exists(folder / "first.runs")
    await recorder.until(
        lambda: any(
            task.type == "RUNTIME" and task.state == "RUNNING" for task in recorder.tasks(run_id)
        )
    )
    return run_id


def scenario(folder: Path, pipeline: Any, then: Callable[[Engine, str], Awaitable[None]]) -> Result:
    """Runs a pipeline to its gate ``first``, does what the test does ``then`` and waits for the end."""

    async def act() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, folder / "home")
        await engine.start()
        run_id = await at_gate(engine, recorder, folder, pipeline)
        await then(engine, run_id)
        await engine.wait(run_id)
        await engine.stop()
        return Result(recorder, run_id, folder / "home")

    return asyncio.run(act())


def test_a_run_that_is_ended_runs_its_exit_tasks(tmp_path: Path) -> None:
    async def end(engine: Engine, run_id: str) -> None:
        engine.terminate(run_id)
        engine.terminate(run_id)

    let(tmp_path, "ignoring", "next")
    result = scenario(tmp_path, guarded, end)
    assert result.recorder.run_history[result.run_id] == [
        "PENDING", "RUNNING", "CANCELING", "CANCELED",
    ]  # fmt: skip
    assert result.states == {
        "root": "CANCELED",
        "root.exit-handler-1": "CANCELED",
        "root.exit-handler-1.gate": "CANCELED",
        "root.exit-handler-1.step": "SUCCEEDED",
        "root.exit-handler-1.step-2": "CANCELED",
        "root.report": "SUCCEEDED",
    }
    assert times(tmp_path) == {"ignoring": 1}
    assert not (tmp_path / "first.done").exists()
    told = reported(tmp_path, "last")
    assert (told["state"], told["error_code"]) == ("CANCELLED", 1)


def test_no_exit_task_of_what_had_not_begun(tmp_path: Path) -> None:
    @dsl.pipeline(name="later")
    def pipeline(folder: str) -> None:
        first = gate(folder=folder, name="first")
        with dsl.ExitHandler(report(folder=folder, name="last")):
            step(folder=folder, name="next").after(first)

    async def end(engine: Engine, run_id: str) -> None:
        engine.terminate(run_id)

    result = scenario(tmp_path, pipeline, end)
    assert set(result.states.values()) == {"CANCELED"}
    assert not (tmp_path / "last.json").exists()
    assert "root.exit-handler-1.step" not in result.tasks


@dsl.pipeline(name="stubborn")
def stubborn(folder: str) -> None:
    with dsl.ExitHandler(gate(folder=folder, name="last")):
        gate(folder=folder, name="first")


def test_asked_again_it_ends_the_exit_tasks_as_well(tmp_path: Path) -> None:
    async def end(engine: Engine, run_id: str) -> None:
        engine.terminate(run_id)
        await exists(tmp_path / "last.runs")
        engine.terminate(run_id)

    result = scenario(tmp_path, stubborn, end)
    assert set(result.states.values()) == {"CANCELED"}
    assert not (tmp_path / "last.done").exists()


def test_an_exit_task_goes_on_when_the_run_is_ended(tmp_path: Path) -> None:
    async def end(engine: Engine, run_id: str) -> None:
        (tmp_path / "first.go").touch()
        await exists(tmp_path / "last.runs")
        engine.terminate(run_id)
        (tmp_path / "last.go").touch()

    result = scenario(tmp_path, stubborn, end)
    assert (result.state, result.states["root.gate"]) == ("CANCELED", "SUCCEEDED")
    assert (tmp_path / "last.done").exists()


def test_a_run_that_is_deleted_ends_without_exit_tasks(tmp_path: Path) -> None:
    async def delete(engine: Engine, run_id: str) -> None:
        await engine.forget(run_id)

    scenario(tmp_path, guarded, delete)
    assert not (tmp_path / "last.json").exists()


@pytest.mark.parametrize("when", ["before", "in the exit task"])
def test_ending_goes_on_after_a_restart(tmp_path: Path, when: str) -> None:
    async def act() -> Result:
        recorder = MemoryRecorder()
        first = Engine(recorder, tmp_path / "home")
        await first.start()
        run_id = await at_gate(first, recorder, tmp_path, stubborn)
        if when == "before":
            await first.stop()
            recorder.set_run_state(run_id, "CANCELING")
        else:
            first.terminate(run_id)
            await exists(tmp_path / "last.runs")
            await recorder.until(lambda: running(recorder, run_id, "root.gate"))
            await first.stop()
        assert recorder.runs[run_id].state == "CANCELING"
        (tmp_path / "last.go").touch()
        second = Engine(recorder, tmp_path / "home")
        await second.start()
        await second.wait(run_id)
        await second.stop()
        return Result(recorder, run_id, tmp_path / "home")

    result = asyncio.run(act())
    assert result.states == {
        "root": "CANCELED",
        "root.exit-handler-1": "CANCELED",
        "root.exit-handler-1.gate-2": "CANCELED",
        "root.gate": "SUCCEEDED",
    }
    assert (tmp_path / "last.done").exists()
    assert not (tmp_path / "first.done").exists()


@pytest.mark.parametrize("ticks", range(6))
def test_what_a_new_server_is_about_to_take_up_is_ended(tmp_path: Path, ticks: int) -> None:
    """The request comes so many turns of the event loop after the start."""

    async def act() -> Result:
        recorder = MemoryRecorder()
        first = Engine(recorder, tmp_path / "home")
        await first.start()
        run_id = await at_gate(first, recorder, tmp_path, stubborn)
        await first.stop()
        (tmp_path / "last.go").touch()
        second = Engine(recorder, tmp_path / "home")
        await second.start()
        for _ in range(ticks):
            await asyncio.sleep(0)
        second.terminate(run_id)
        await second.wait(run_id)
        await second.stop()
        return Result(recorder, run_id, tmp_path / "home")

    result = asyncio.run(act())
    body = result.tasks["root.exit-handler-1.gate-2"]
    assert (body.state, result.states["root.gate"]) == ("CANCELED", "SUCCEEDED")
    assert body.pid is not None
    wait_for_end(body.pid)
