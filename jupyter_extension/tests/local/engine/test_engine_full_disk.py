"""Runs on a disk that is full, for a while or for good."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path

import psutil
import pytest
from engine_gates import after, exists, gated, running
from engine_support import MemoryRecorder, Result, compiled, run
from jupyterlab_kubeflow.local.engine.engine import Engine
from jupyterlab_kubeflow.local.engine.errors import RecordError
from jupyterlab_kubeflow.local.engine.process import TaskProcess
from jupyterlab_kubeflow.local.engine.recorder import RunState, TaskRecord


def test_a_task_that_finds_the_disk_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: Path, *_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder / "log.txt"))

    monkeypatch.setattr("jupyterlab_kubeflow.local.engine.process.launch", full)
    result = run(after, tmp_path, parameters={"name": "x"})
    assert result.state == "FAILED"
    assert "log.txt: No space left on device. Free some space on its disk" in str(result.error)


def test_a_task_that_cannot_be_recorded_leaves_no_process(tmp_path: Path) -> None:
    started: list[int] = []

    class Full(MemoryRecorder):
        def put_task(self, task: TaskRecord) -> None:
            if task.pid and not started:
                started.append(task.pid)
                raise RuntimeError("database or disk is full")
            if task.state == "FAILED" and task.name == "gate":
                assert not psutil.pid_exists(started[0])
            super().put_task(task)

    result = run(gated, tmp_path, Full(), parameters={"folder": str(tmp_path)})
    assert "database or disk is full" in str(result.error)
    assert result.states["root.gate"] == "FAILED"


def test_a_process_that_cannot_be_written_down_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[int] = []

    def full(process: TaskProcess) -> None:
        started.append(process.pid)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "process.json")

    monkeypatch.setattr("jupyterlab_kubeflow.local.engine.process._write_state", full)
    result = run(gated, tmp_path, parameters={"folder": str(tmp_path)})
    assert "process.json: No space left on device" in str(result.error)
    assert not psutil.pid_exists(started[0])


@pytest.mark.parametrize("ends", ["by itself", "cancelled"])
def test_the_end_of_a_run_is_recorded_when_the_disk_has_space_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    ends: str,
) -> None:
    monkeypatch.setattr("jupyterlab_kubeflow.local.engine.engine.FIRST_RETRY", 0.01)

    class Full(MemoryRecorder):
        full = False
        refused = 0

        def check(self) -> None:
            if self.full:
                self.refused += 1
                self.changed.set()
                raise RuntimeError("database or disk is full")

        def put_task(self, task: TaskRecord) -> None:
            self.check()
            super().put_task(task)

        def set_run_state(self, run_id: str, state: RunState, error: str | None = None) -> None:
            self.check()
            super().set_run_state(run_id, state, error)

    async def scenario() -> Result:
        recorder = Full()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        run_id = recorder.add(compiled(gated), {"folder": str(tmp_path)})
        engine.submit(run_id)
        await recorder.until(lambda: running(recorder, run_id, "root.gate"))
        await exists(tmp_path / "g.running")
        if ends == "cancelled":
            engine.terminate(run_id)
        recorder.full = True
        if ends == "by itself":
            (tmp_path / "g.go").touch()
        await recorder.until(lambda: recorder.refused >= 8)
        recorder.full = False
        await recorder.until(lambda: recorder.runs[run_id].state in ("SUCCEEDED", "CANCELED"))
        await engine.wait(run_id)
        await engine.stop()
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert result.error is None
    if ends == "cancelled":
        assert (result.state, result.states["root.gate"]) == ("CANCELED", "CANCELED")
    else:
        assert result.state == "SUCCEEDED"
        assert result.outputs() == {"Output": "g!"}
        assert result.log("root.gate").count("through the gate") == 1
    assert "could not be recorded: database or disk is full. Free some space" in caplog.text


def test_a_run_goes_on_after_a_single_write_that_found_the_disk_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyterlab_kubeflow.local.engine.engine.FIRST_RETRY", 0.01)

    class OnceFull(MemoryRecorder):
        refused = 0

        def put_task(self, task: TaskRecord) -> None:
            if task.state == "SUCCEEDED" and not self.refused:
                self.refused += 1
                raise RecordError(errno.EIO, "database or disk is full", "state.db")
            super().put_task(task)

    recorder = OnceFull()

    async def scenario() -> Result:
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        run_id = recorder.add(compiled(after), {"name": "x"})
        engine.submit(run_id)
        await recorder.until(lambda: recorder.runs[run_id].state in ("SUCCEEDED", "FAILED"))
        await engine.wait(run_id)
        await engine.stop()
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert (recorder.refused, result.state, result.error) == (1, "SUCCEEDED", None)
