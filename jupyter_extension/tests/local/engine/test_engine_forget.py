"""Deleting runs: which files go.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import asyncio
from pathlib import Path

import pytest
from engine_gates import exists
from engine_support import MemoryRecorder, Result, compiled, run
from jupyterlab_kubeflow.local.engine.engine import Engine
from kfp import dsl


def test_forget_removes_files_but_not_artifacts_in_use(tmp_path: Path) -> None:
    @dsl.component
    def write(one: dsl.Output[dsl.Dataset], two: dsl.Output[dsl.Dataset]):
        open(one.path, "w").close()
        open(two.path, "w").close()

    result = run(write, tmp_path)
    task = result.tasks["root.write"]
    uris = {n: result.recorder.artifacts[ids[0]].uri for n, ids in task.output_artifacts.items()}

    async def forget(*keep: str) -> None:
        engine = Engine(result.recorder, tmp_path)
        await engine.start()
        await engine.forget(result.run_id, lambda: keep)
        await engine.stop()

    asyncio.run(forget(uris["one"]))
    assert not (tmp_path / "runs" / result.run_id).exists()
    assert Path(uris["one"]).exists()
    assert not Path(uris["two"]).exists()
    asyncio.run(forget())
    assert not (tmp_path / "artifacts" / result.run_id).exists()


def test_what_others_took_just_before_is_known_when_files_are_removed(tmp_path: Path) -> None:
    @dsl.container_component
    def waits(gate: str):
        return dsl.ContainerSpec(
            image="alpine",
            command=["sh", "-c", 'touch "$0.begun"; until [ -e "$0" ]; do sleep 0.01; done', gate],
        )

    class Watched(MemoryRecorder):
        def __init__(self) -> None:
            super().__init__()
            self.settled_runs: list[str] = []

        async def settled(self, run_id: str) -> None:
            await asyncio.sleep(0)
            self.settled_runs.append(run_id)

    async def scenario() -> None:
        recorder = Watched()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        other = recorder.add(compiled(waits), {"gate": str(tmp_path / "gate")})
        engine.submit(other)
        await exists(tmp_path / "gate.begun")
        recorder.settled_runs.clear()
        asked: list[list[str]] = []

        def keep() -> list[str]:
            asked.append([*recorder.settled_runs])
            return []

        await engine.forget(recorder.add(compiled(waits), {}), keep)
        assert asked == [[other]]
        (tmp_path / "gate").touch()
        await engine.wait(other)
        await engine.stop()

    asyncio.run(scenario())


def test_a_run_that_is_being_deleted_gives_nothing_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "jupyterlab_kubeflow.local.engine.process.TaskProcess.terminate.__defaults__", (120.0,)
    )

    @dsl.component
    def write(out: dsl.Output[dsl.Dataset]):
        open(out.path, "w").close()

    @dsl.component
    def slow_to_leave(folder: str):
        import os
        import signal
        import time

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open(os.path.join(folder, "ready"), "w").close()
        while not os.path.exists(os.path.join(folder, "go")):
            time.sleep(0.01)

    @dsl.pipeline(name="ending")
    def ending(folder: str) -> None:
        slow_to_leave(folder=folder).after(write())

    async def scenario() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        doomed = recorder.add(compiled(ending), {"folder": str(tmp_path)})
        engine.submit(doomed)
        await exists(tmp_path / "ready")
        asked: list[str] = []

        def keep() -> list[str]:
            asked.append(recorder.runs[doomed].state)
            return []

        deletion = asyncio.create_task(engine.forget(doomed, keep))
        await recorder.until(lambda: recorder.runs[doomed].state == "CANCELING")
        other = recorder.add(compiled(write), {})
        engine.submit(other)
        await engine.wait(other)
        assert asked == []
        (tmp_path / "go").touch()
        await deletion
        assert asked == ["CANCELED"]
        await engine.stop()
        return Result(recorder, other, tmp_path)

    result = asyncio.run(scenario())
    assert result.states["root.write"] == "SUCCEEDED", "not taken from the cache"
    assert result.outputs("root.write") == {"out": [""]}


def test_a_deletion_that_fails_leaves_the_run_for_others(tmp_path: Path) -> None:
    @dsl.component
    def write(out: dsl.Output[dsl.Dataset]):
        open(out.path, "w").close()

    first = run(write, tmp_path)

    def fails() -> list[str]:
        raise OSError("disk I/O error")

    async def scenario() -> Result:
        engine = Engine(first.recorder, tmp_path)
        await engine.start()
        with pytest.raises(OSError, match="disk I/O error"):
            await engine.forget(first.run_id, fails)
        other = first.recorder.add(compiled(write), {})
        engine.submit(other)
        await engine.wait(other)
        await engine.stop()
        return Result(first.recorder, other, tmp_path)

    assert asyncio.run(scenario()).states["root.write"] == "CACHED"
