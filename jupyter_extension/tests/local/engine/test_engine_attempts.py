"""Retry policies: who has one, how long the pauses are, and what becomes of them when the server restarts or the run is ended.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import asyncio
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from engine_steps import let, step, times
from engine_support import MemoryRecorder, Result, compiled, run
from jupyterlab_kubeflow.local.engine.attempts import RetryPolicy
from jupyterlab_kubeflow.local.engine.engine import Engine
from kfp import dsl
from kfp.pipeline_spec import pipeline_spec_pb2 as pb


@dsl.pipeline(name="inner")
def inner(folder: str) -> None:
    step(folder=folder, name="plain")
    step(folder=folder, name="own").set_retry(3)
    step(folder=folder, name="none").set_retry(0)
    with dsl.ParallelFor(["a", "b"]) as item:
        step(folder=folder, name=f"loop-{item}")


def test_a_pipelines_policy_is_that_of_the_processes_in_it(tmp_path: Path) -> None:
    @dsl.pipeline(name="outer")
    def pipeline(folder: str) -> None:
        inner(folder=folder).set_retry(1)

    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "FAILED"
    assert times(tmp_path) == {"plain": 2, "own": 4, "none": 1, "loop-a": 2, "loop-b": 2}


def test_the_body_of_an_exit_handler_is_tried_again_before_its_exit_task(tmp_path: Path) -> None:
    @dsl.pipeline(name="guarded")
    def guarded(folder: str) -> None:
        with dsl.ExitHandler(step(folder=folder, name="last")):
            step(folder=folder, name="first")

    @dsl.pipeline(name="outer")
    def pipeline(folder: str) -> None:
        guarded(folder=folder).set_retry(2)

    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "FAILED"
    assert times(tmp_path) == {"first": 3, "last": 3}


def test_an_importer_is_tried_again(tmp_path: Path) -> None:
    @dsl.pipeline(name="importing")
    def importing(path: str) -> None:
        dsl.importer(artifact_uri=path, artifact_class=dsl.Dataset).set_retry(1)

    result = run(importing, tmp_path / "home", parameters={"path": str(tmp_path / "no")})
    assert result.state == "FAILED"
    task = result.tasks["root.importer"]
    assert result.recorder.task_history[task.task_id] == [
        "PENDING", "RUNNING", "PENDING", "RUNNING", "FAILED",
    ]  # fmt: skip
    assert task.attempt == 2


def policy(**fields: Any) -> RetryPolicy:
    message = pb.PipelineTaskSpec.RetryPolicy(max_retry_count=5)
    for name, value in fields.items():
        if isinstance(value, int):
            getattr(message, name).seconds = value
        else:
            setattr(message, name, value)
    return RetryPolicy.of(message)


def test_pauses() -> None:
    growing = policy(backoff_duration=10, backoff_factor=3.0, backoff_max_duration=60)
    assert [growing.before(attempt) for attempt in (2, 3, 4)] == [10, 30, 90]
    assert (growing.attempts, growing.within) == (6, 60)
    plain = policy()
    assert (plain.before(2), plain.before(6), plain.factor, plain.within) == (0, 0, 2, 3600)
    assert policy(backoff_duration=10, backoff_factor=1e9).before(100) > 1e300


def test_no_attempt_begins_after_the_time_for_retries(tmp_path: Path) -> None:
    @dsl.pipeline(name="late")
    def late(folder: str) -> None:
        step(folder=folder, name="x").set_retry(
            5, backoff_duration="7200s", backoff_max_duration="3600s"
        )

    result = run(late, tmp_path / "home", parameters={"folder": str(tmp_path)})
    message = str(result.tasks["root.step"].error_message)
    assert message.startswith("x has no luck (exit code 1) It is not tried again: attempt 2 ")
    assert "backoff_max_duration" in message
    assert times(tmp_path) == {"x": 1}


@dsl.pipeline(name="patient")
def patient(folder: str) -> None:
    step(folder=folder, name="x").set_retry(2, backoff_duration="1800s", backoff_factor=1.0)


async def until_it_waits(recorder: MemoryRecorder, run_id: str) -> None:
    """Until the step waits for its second attempt."""

    def waits() -> bool:
        task = Result(recorder, run_id, Path()).tasks.get("root.step")
        return task is not None and (task.state, task.attempt) == ("PENDING", 2)

    await recorder.until(waits)


def test_ending_the_run_ends_the_pause(tmp_path: Path) -> None:
    async def scenario() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        run_id = recorder.add(compiled(patient), {"folder": str(tmp_path)})
        engine.submit(run_id)
        await until_it_waits(recorder, run_id)
        engine.terminate(run_id)
        await engine.wait(run_id)
        await engine.stop()
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert (result.state, result.states["root.step"]) == ("CANCELED", "CANCELED")
    assert times(tmp_path) == {"x": 1}


@pytest.mark.parametrize(
    ("passed", "slept"), [(1800, 0), (36000, 0), (600, 1200), (-1e9, 1800)], ids=str
)
def test_a_pause_survives_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, passed: float, slept: float
) -> None:
    """The pause is half an hour; a restarted server waits for what is left of it, and no longer when the clock was set back."""
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        let(tmp_path, "x")

    async def scenario() -> Result:
        recorder = MemoryRecorder()
        first = Engine(recorder, tmp_path / "home")
        await first.start()
        run_id = recorder.add(compiled(patient), {"folder": str(tmp_path)})
        first.submit(run_id)
        await until_it_waits(recorder, run_id)
        await first.stop()
        task = Result(recorder, run_id, tmp_path).tasks["root.step"]
        assert task.status_message == (
            "Waiting 1800 s for the next attempt. Attempt 1 of 3 failed: x has no luck (exit code 1)"
        )
        assert task.next_attempt_at is not None
        left = task.next_attempt_at - datetime.now(timezone.utc)
        assert timedelta(minutes=25) < left <= timedelta(minutes=30)
        assert (task.pid, task.error_message) == (None, None)
        recorder.records[task.task_id].next_attempt_at = task.next_attempt_at - timedelta(
            seconds=passed
        )
        monkeypatch.setattr("jupyterlab_kubeflow.local.engine.attempts.sleep", pause)
        second = Engine(recorder, tmp_path / "home")
        await second.start()
        await second.wait(run_id)
        await second.stop()
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert (result.state, times(tmp_path)) == ("SUCCEEDED", {"x": 2})
    assert result.tasks["root.step"].attempt == 2
    assert pauses == [pytest.approx(slept, abs=300)]
    assert pauses[0] <= 1800


def test_a_restart_does_not_give_more_attempts(tmp_path: Path) -> None:
    async def scenario() -> Result:
        recorder = MemoryRecorder()
        run_id = recorder.add(compiled(patient), {"folder": str(tmp_path)})
        for restarts in range(4):
            engine = Engine(recorder, tmp_path / "home")
            await engine.start()
            await recorder.until(
                lambda: (
                    times(tmp_path).get("x", 0) > restarts  # noqa: B023
                    or recorder.runs[run_id].state == "FAILED"
                )
            )
            await recorder.until(
                lambda: all(
                    each.state != "RUNNING" or each.type == "ROOT"
                    for each in recorder.tasks(run_id)
                )
            )
            await engine.stop()
            for each in recorder.records.values():
                each.next_attempt_at = each.next_attempt_at and datetime.now(timezone.utc)
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert (result.state, times(tmp_path)) == ("FAILED", {"x": 3})
    assert result.tasks["root.step"].error_message == "x has no luck (exit code 1)"
