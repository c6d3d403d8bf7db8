"""Time limits of tasks and runs, over restarts, too.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from engine_gates import exists, running
from engine_support import MemoryRecorder, Result, compiled, run
from jupyterlab_kubeflow.local.engine import spec
from jupyterlab_kubeflow.local.engine.engine import Engine
from jupyterlab_kubeflow.local.engine.process import TaskProcess
from kfp import dsl


@dsl.container_component
def sleep(folder: str, name: str):
    """Says that it runs, and would for ten minutes."""
    script = 'echo x >> "$0/$1.ran"; echo asleep; exec sleep 600'
    return dsl.ContainerSpec(image="alpine", command=["sh", "-c", script], args=[folder, name])


@dsl.container_component
def touch(folder: str, name: str):
    return dsl.ContainerSpec(image="alpine", command=["touch"], args=[f"{folder}/{name}"])


def limited(spec: dict[str, Any], seconds: Any, executor: str = "exec-sleep") -> dict[str, Any]:
    """``spec`` as ``kubernetes.set_timeout`` compiles it."""
    settings = {"deploymentSpec": {"executors": {executor: {"activeDeadlineSeconds": seconds}}}}
    return {"pipeline_spec": spec, "platform_spec": {"platforms": {"kubernetes": settings}}}


@dsl.pipeline(name="sleeping")
def sleeping(folder: str) -> None:
    sleep(folder=folder, name="s").set_retry(1)


@pytest.mark.parametrize("seconds", [1, "1"])
def test_a_task_is_ended_at_its_limit(tmp_path: Path, seconds: Any) -> None:
    spec = limited(compiled(sleeping), seconds)
    result = run(spec, tmp_path / "home", parameters={"folder": str(tmp_path)})
    task = result.tasks["root.sleep"]
    assert result.state == "FAILED"
    assert task.error_message == (
        "The process was ended, because it has run for longer than its time limit of 1 s (kubernetes.set_timeout)."
    )
    assert (tmp_path / "s.ran").read_text() == "x\nx\n", "each attempt has the limit of its own"


@pytest.mark.parametrize("seconds", [0, 600])
def test_a_task_within_its_limit(tmp_path: Path, seconds: int) -> None:
    spec = limited(compiled(touch), seconds, "exec-touch")
    result = run(spec, tmp_path / "home", parameters={"folder": str(tmp_path), "name": "t"})
    assert result.state == "SUCCEEDED", result.error
    assert "Without effect" not in str(result.tasks["root.touch"].status_message)


def test_a_limit_goes_on_over_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second server finds the process an hour old, and its limit is half an hour."""

    async def scenario() -> Result:
        recorder = MemoryRecorder()
        first = Engine(recorder, tmp_path / "home")
        await first.start()
        spec = limited(compiled(sleep), 1800)
        run_id = recorder.add(spec, {"folder": str(tmp_path), "name": "s"})
        first.submit(run_id)
        await exists(tmp_path / "s.ran")
        await recorder.until(lambda: running(recorder, run_id, "root.sleep"))
        await first.stop()
        monkeypatch.setattr(TaskProcess, "age", 3600.0)
        second = Engine(recorder, tmp_path / "home")
        await second.start()
        await second.wait(run_id)
        await second.stop()
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert "time limit of 1800 s" in str(result.error)


def test_the_age_of_a_process(tmp_path: Path) -> None:
    started = TaskProcess(tmp_path, "t", 1, "boot/0", 1, tmp_path)
    assert started.age > 0
    assert TaskProcess(tmp_path, "t", 1, "0.0", 1, tmp_path).age > 1e9


def test_one_that_ended_in_time_while_no_server_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @dsl.container_component
    def gate(folder: str):
        script = 'touch "$0/running"; while [ ! -e "$0/go" ]; do sleep 0.01; done'
        return dsl.ContainerSpec(image="alpine", command=["sh", "-c", script], args=[folder])

    async def scenario() -> Result:
        recorder = MemoryRecorder()
        first = Engine(recorder, tmp_path / "home")
        await first.start()
        spec = limited(compiled(gate), 1800, "exec-gate")
        run_id = recorder.add(spec, {"folder": str(tmp_path)})
        first.submit(run_id)
        await exists(tmp_path / "running")
        await recorder.until(lambda: running(recorder, run_id, "root.gate"))
        await first.stop()
        (tmp_path / "go").touch()
        log = Path(Result(recorder, run_id, tmp_path).tasks["root.gate"].log_path or "")
        await exists(log.with_name("exit"))
        monkeypatch.setattr(TaskProcess, "age", 3600.0)
        second = Engine(recorder, tmp_path / "home")
        await second.start()
        await second.wait(run_id)
        await second.stop()
        return Result(recorder, run_id, tmp_path)

    assert asyncio.run(scenario()).state == "SUCCEEDED"


def whole(spec: dict[str, Any], seconds: Any) -> dict[str, Any]:
    """``spec`` as ``dsl.PipelineConfig(active_deadline_seconds=…)`` compiles it."""
    settings = {"pipelineConfig": {"activeDeadlineSeconds": seconds}}
    return {"pipeline_spec": spec, "platform_spec": {"platforms": {"kubernetes": settings}}}


def test_what_kfp_compiles_for_a_run() -> None:
    config = dsl.PipelineConfig(active_deadline_seconds=90)

    @dsl.pipeline(name="configured", pipeline_config=config)
    def pipeline(folder: str) -> None:
        touch(folder=folder, name="t")

    assert spec.parse(compiled(pipeline)).time_limit == 90
    assert spec.parse(whole(compiled(touch), 0)).time_limit is None


@dsl.pipeline(name="exceeding")
def exceeding(folder: str) -> None:
    with dsl.ExitHandler(touch(folder=folder, name="last")):
        sleep(folder=folder, name="s")
        sleep(folder=folder, name="next")


def test_a_run_is_ended_at_its_limit(tmp_path: Path) -> None:
    parameters = {"folder": str(tmp_path)}
    spec = whole(compiled(exceeding), 1)
    result = run(spec, tmp_path / "home", max_parallel=1, parameters=parameters)
    assert result.state == "FAILED"
    message = "The run has exceeded its time limit of 1 s (active_deadline_seconds)."
    assert result.error == message
    body = result.tasks["root.exit-handler-1.sleep"]
    assert (body.state, body.error_message) == ("FAILED", f"Ended before its time: {message}")
    following = result.tasks["root.exit-handler-1.sleep-2"]
    assert (following.state, following.error_message) == ("SKIPPED", f"Skipped: {message}")
    assert result.states["root.touch"] == "SUCCEEDED"
    assert (tmp_path / "last").exists()


def test_the_limit_of_a_run_goes_on_over_a_restart(tmp_path: Path) -> None:
    async def scenario() -> Result:
        recorder = MemoryRecorder()
        first = Engine(recorder, tmp_path / "home")
        await first.start()
        run_id = recorder.add(whole(compiled(exceeding), 1800), {"folder": str(tmp_path)})
        first.submit(run_id)
        await recorder.until(lambda: running(recorder, run_id, "root.exit-handler-1.sleep"))
        await first.stop()
        root = next(each for each in recorder.records.values() if each.type == "ROOT")
        assert root.start_time is not None
        root.start_time = root.start_time.replace(year=2020)
        second = Engine(recorder, tmp_path / "home")
        await second.start()
        await second.wait(run_id)
        await second.stop()
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert (result.state, result.states["root.touch"]) == ("FAILED", "SUCCEEDED")
    assert "time limit of 1800 s" in str(result.error)


def test_what_a_failed_task_lacks_is_named(tmp_path: Path) -> None:
    @dsl.container_component
    def poor():
        return dsl.ContainerSpec(
            image="alpine", command=["sh", "-c", 'test "$TOKEN" || { echo no token; exit 1; }']
        )

    task = compiled(poor)
    secret = {"secretName": "vault", "keyToEnv": [{"secretKey": "token", "envVar": "TOKEN"}]}
    settings = {"deploymentSpec": {"executors": {"exec-poor": {"secretAsEnv": [secret]}}}}
    spec = {"pipeline_spec": task, "platform_spec": {"platforms": {"kubernetes": settings}}}
    result = run(spec, tmp_path / "home")
    assert result.tasks["root.poor"].error_message == (
        "no token (exit code 1) Without effect on this machine: secret 'vault' as TOKEN."
    )
