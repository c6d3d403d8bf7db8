"""Restarting the server: what still runs is taken up, nothing is executed twice.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import asyncio
import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from engine_gates import after, exists, gate, gated, running, wait_for_end
from engine_support import MemoryRecorder, Result, compiled
from jupyterlab_kubeflow.local.engine.engine import Engine
from jupyterlab_kubeflow.local.engine.process import TaskProcess
from jupyterlab_kubeflow.local.engine.recorder import TaskRecord
from kfp import dsl


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize("ends", ["after the restart", "between", "killed", "cancelled"])
def test_a_restart_takes_up_what_runs(tmp_path: Path, ends: str) -> None:
    home = tmp_path / "home"

    async def scenario() -> Result:
        recorder = MemoryRecorder()
        first = Engine(recorder, home)
        await first.start()
        run_id = recorder.add(compiled(gated), {"folder": str(tmp_path)})
        first.submit(run_id)
        await exists(tmp_path / "g.running")
        await recorder.until(lambda: running(recorder, run_id, "root.gate"))
        await first.stop()
        before = Result(recorder, run_id, home)
        assert (before.state, before.states["root.gate"]) == ("RUNNING", "RUNNING")
        launcher = before.tasks["root.gate"].pid or 0
        assert psutil.pid_exists(launcher)
        go = tmp_path / "g.go"
        if ends == "between":
            go.touch()
            await exists(Path(before.tasks["root.gate"].log_path or "").with_name("exit"))
        if ends == "killed":
            os.kill(launcher, signal.SIGKILL)
        if ends == "cancelled":
            recorder.set_run_state(run_id, "CANCELING")
        second = Engine(recorder, home)
        await second.start()
        if ends == "after the restart":
            go.touch()
        await second.wait(run_id)
        await second.stop()
        return Result(recorder, run_id, home)

    result = asyncio.run(scenario())
    command = int((tmp_path / "g.running").read_text())
    wait_for_end(command)
    history = result.recorder.task_history[result.tasks["root.gate"].task_id]
    if ends == "killed":
        assert history == ["PENDING", "RUNNING", "FAILED"]
        assert "killed from outside" in str(result.error)
        assert result.states["root.after"] == "SKIPPED"
    elif ends == "cancelled":
        assert result.state == "CANCELED"
        assert result.states["root.gate"] == result.states["root.after"] == "CANCELED"
    else:
        assert history == ["PENDING", "RUNNING", "SUCCEEDED"]
        assert result.outputs() == {"Output": "g!"}
        assert result.log("root.gate").count("through the gate") == 1


def test_a_restart_runs_nothing_twice(tmp_path: Path) -> None:
    @dsl.component
    def once(folder: str, n: int) -> int:
        import os

        open(os.path.join(folder, f"once-{n}"), "x").close()
        return n

    @dsl.pipeline(name="many")
    def pipeline(folder: str) -> list:
        with dsl.ParallelFor([1, 2]) as n:
            first = once(folder=folder, n=n).set_caching_options(False)
            with dsl.If(n == 2):
                waiting = gate(folder=folder, name="g").set_caching_options(False)
                after(name=waiting.output)
        return dsl.Collected(first.output)

    async def scenario() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        run_id = recorder.add(compiled(pipeline), {"folder": str(tmp_path)})
        engine.submit(run_id)
        await exists(tmp_path / "g.running")
        count = lambda: [t.state for t in recorder.tasks(run_id)].count("SUCCEEDED")  # noqa: E731
        await recorder.until(lambda: count() >= 2)
        await engine.stop()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        (tmp_path / "g.go").touch()
        await engine.wait(run_id)
        await engine.stop()
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert result.state == "SUCCEEDED", result.error
    assert result.outputs() == {"Output": [1, 2]}
    assert all(len(h) == len(set(h)) for h in result.recorder.task_history.values())


class Killed:
    """A server that has let a task's process begin, or not, and is then killed: what it leaves to the next one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.recorder = MemoryRecorder()
        self.run_id = self.recorder.add(compiled(gated), {"folder": str(folder)})

    async def until(self, happened: Callable[[], Any]) -> None:
        engine = Engine(self.recorder, self.home)
        await engine.start()
        engine.submit(self.run_id)
        await self.recorder.until(lambda: running(self.recorder, self.run_id, "root.gate"))
        while not happened():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await engine.stop()

    @property
    def task(self) -> TaskRecord:
        return Result(self.recorder, self.run_id, self.home).tasks["root.gate"]

    @property
    def state_file(self) -> Path:
        return self.home / "runs" / self.run_id / self.task.task_id / "process.json"

    async def taken_up(self) -> Result:
        engine = Engine(self.recorder, self.home)
        await engine.start()
        await engine.wait(self.run_id)
        await engine.stop()
        return Result(self.recorder, self.run_id, self.home)


@pytest.fixture
def killed(tmp_path: Path) -> Killed:
    return Killed(tmp_path)


RECORDED = ("its start", "that it is there", "nothing")


async def _prepared(killed: Killed, monkeypatch: pytest.MonkeyPatch, recorded: str) -> TaskProcess:
    """The process of a server that was killed before it let it begin, when so much of its task was recorded."""
    prepared: list[TaskProcess] = []
    with monkeypatch.context() as patch:
        patch.setattr(TaskProcess, "go", lambda each: prepared.append(each))
        await killed.until(lambda: prepared)
    (left,) = prepared
    assert left.child is not None
    assert left.child.stdin is not None
    left.child.stdin.close()  # as the end of the server does
    await asyncio.to_thread(left.child.wait)
    assert not left.started
    assert left.scratch.exists()
    if recorded == "that it is there":
        killed.recorder.put_task(replace(killed.task, state="PENDING", pid=None))
    elif recorded == "nothing":
        killed.recorder.records.clear()
        killed.recorder.runs[killed.run_id].state = "PENDING"
    return left


@pytest.mark.parametrize("recorded", RECORDED)
def test_a_process_that_was_not_let_begin_begins_once(
    killed: Killed, recorded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> TaskProcess:
        left = await _prepared(killed, monkeypatch, recorded)
        (killed.folder / "g.go").touch()
        result = await killed.taken_up()
        assert result.state == "SUCCEEDED", result.error
        assert result.log("root.gate").count("through the gate") == 1
        return left

    assert not asyncio.run(scenario()).scratch.exists()


@pytest.mark.parametrize("recorded", RECORDED)
@pytest.mark.parametrize("how", ["terminated", "deleted"])
def test_a_process_that_was_not_let_begin_never_begins_when_its_run_is_ended(
    killed: Killed, recorded: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> TaskProcess:
        left = await _prepared(killed, monkeypatch, recorded)
        if how == "terminated":
            killed.recorder.set_run_state(killed.run_id, "CANCELING")
            assert (await killed.taken_up()).state == "CANCELED"
        else:
            engine = Engine(killed.recorder, killed.home)
            await engine.start()
            await engine.forget(killed.run_id)
            await engine.stop()
        return left

    assert not asyncio.run(scenario()).scratch.exists()
    assert not (killed.folder / "g.running").exists()


def test_the_clock_may_be_set_meanwhile(killed: Killed, monkeypatch: pytest.MonkeyPatch) -> None:
    started = psutil.Process.create_time

    async def scenario() -> Result:
        await killed.until((killed.folder / "g.running").exists)
        monkeypatch.setattr(psutil.Process, "create_time", lambda each: started(each) + 86400)
        second = asyncio.create_task(killed.taken_up())
        (killed.folder / "g.go").touch()
        return await second

    result = asyncio.run(scenario())
    assert result.state == "SUCCEEDED", result.error
    assert result.log("root.gate").count("through the gate") == 1


def test_another_process_with_the_same_id_is_left_alone(killed: Killed) -> None:
    async def scenario() -> Result:
        await killed.until((killed.folder / "g.running").exists)
        for process in [
            psutil.Process(killed.task.pid),
            *psutil.Process(killed.task.pid).children(),
        ]:
            process.kill()
        state = json.loads(killed.state_file.read_text())
        killed.state_file.write_text(json.dumps({**state, "pid": os.getpid()}))
        return await killed.taken_up()

    result = asyncio.run(scenario())
    assert result.state == "FAILED"
    assert "killed from outside" in str(result.error)


def test_a_damaged_note_of_a_process_ends_it_and_is_told(killed: Killed) -> None:
    async def scenario() -> Result:
        await killed.until((killed.folder / "g.running").exists)
        killed.state_file.write_bytes(b"\0" * 64)
        return await killed.taken_up()

    result = asyncio.run(scenario())
    assert result.state == "FAILED"
    assert f"{killed.state_file}, which told of the task's process" in str(result.error)
    wait_for_end(int((killed.folder / "g.running").read_text()))


@pytest.mark.parametrize("ended", [True, False])
def test_a_process_of_the_first_version_is_taken_up(killed: Killed, ended: bool) -> None:
    async def scenario() -> Result:
        await killed.until((killed.folder / "g.running").exists)
        state = json.loads(killed.state_file.read_text())
        state["create_time"] = psutil.Process(state["pid"]).create_time()
        del state["start"]
        killed.state_file.write_text(json.dumps(state))
        if ended:
            (killed.folder / "g.go").touch()
            await exists(killed.state_file.with_name("exit"))
        second = asyncio.create_task(killed.taken_up())
        (killed.folder / "g.go").touch()
        return await second

    result = asyncio.run(scenario())
    assert result.state == "SUCCEEDED", result.error
    assert result.log("root.gate").count("through the gate") == 1
