"""Ending runs: what happens to their processes, and to what these have written.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

# ruff: noqa: SIM115 - components are what kfp understands

import asyncio
from pathlib import Path

import pytest
from engine_gates import after, exists, gate, gated, wait_for_end
from engine_support import MemoryRecorder, Result, compiled, run
from jupyterlab_kubeflow.local.engine.engine import Engine
from kfp import dsl


@dsl.component
def tree(folder: str):
    """Starts a child and a grandchild in a session of its own, both deaf to SIGTERM, and waits."""
    import subprocess
    import sys

    code = (
        "import os, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "folder, depth = sys.argv[1], int(sys.argv[2])\n"
        "if depth:\n"
        "    command = [sys.executable, '-c', sys.argv[3], folder, str(depth - 1), sys.argv[3]]\n"
        "    subprocess.Popen(command, start_new_session=True)\n"
        "open(os.path.join(folder, f'{depth}.new'), 'w').write(str(os.getpid()))\n"
        "os.rename(os.path.join(folder, f'{depth}.new'), os.path.join(folder, str(depth)))\n"
        "time.sleep(600)\n"
    )
    subprocess.run([sys.executable, "-c", code, folder, "1", code])


@pytest.mark.usefixtures("system")
def test_terminate_ends_the_whole_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @dsl.pipeline(name="trees")
    def pipeline(folder: str) -> None:
        after(name="x").after(tree(folder=folder).set_caching_options(False))

    async def scenario() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        run_id = recorder.add(compiled(pipeline), {"folder": str(tmp_path)})
        engine.submit(run_id)
        await exists(tmp_path / "1", tmp_path / "0")
        engine.terminate(run_id)
        engine.terminate(run_id)
        assert recorder.runs[run_id].state == "CANCELING"
        await engine.wait(run_id)
        await engine.stop()
        return Result(recorder, run_id, tmp_path)

    monkeypatch.setattr(
        "jupyterlab_kubeflow.local.engine.process.TaskProcess.terminate.__defaults__", (0.3,)
    )
    result = asyncio.run(scenario())
    assert result.recorder.run_history[result.run_id] == [
        "PENDING", "RUNNING", "CANCELING", "CANCELED",
    ]  # fmt: skip
    assert set(result.states.values()) == {"CANCELED"}
    pids = [int((tmp_path / name).read_text()) for name in ("0", "1")]
    pids.append(result.tasks["root.tree"].pid or 0)
    for pid in pids:
        wait_for_end(pid)


def test_terminate_gives_the_command_time_to_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "jupyterlab_kubeflow.local.engine.process.TaskProcess.terminate.__defaults__", (120.0,)
    )

    @dsl.component
    def polite(folder: str):
        import os
        import signal
        import sys
        import time

        def leave(*_):
            open(os.path.join(folder, "left"), "w").close()
            sys.exit(0)

        signal.signal(signal.SIGTERM, leave)
        open(os.path.join(folder, "ready"), "w").close()
        time.sleep(600)

    async def scenario() -> str:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        run_id = recorder.add(compiled(polite), {"folder": str(tmp_path)})
        engine.submit(run_id)
        await exists(tmp_path / "ready")
        engine.terminate(run_id)
        await engine.wait(run_id)
        await engine.stop()
        return recorder.runs[run_id].state

    assert asyncio.run(scenario()) == "CANCELED"
    assert (tmp_path / "left").exists()


def test_terminate_before_anything_has_started(tmp_path: Path) -> None:
    async def scenario() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path)
        await engine.start()
        run_id = recorder.add(compiled(gated), {"folder": str(tmp_path)})
        engine.submit(run_id)
        engine.terminate(run_id)
        await engine.wait(run_id)
        engine.terminate(run_id)
        with pytest.raises(KeyError):
            engine.terminate("nobody")
        with pytest.raises(KeyError):
            engine.submit("nobody")
        await engine.stop()
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert result.state == "CANCELED"
    assert not (tmp_path / "runs").exists()


def test_terminating_a_run_that_waits_for_slots_frees_them(tmp_path: Path) -> None:
    @dsl.pipeline(name="wide")
    def wide(folder: str) -> None:
        with dsl.ParallelFor(["a", "b", "c", "d", "e"]) as name:
            gate(folder=folder, name=name).set_caching_options(False)

    async def scenario() -> MemoryRecorder:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path / "home", max_parallel=2)
        await engine.start()
        first = recorder.add(compiled(wide), {"folder": str(tmp_path)})
        second = recorder.add(compiled(gated), {"folder": str(tmp_path)})
        engine.submit(first)
        await recorder.until(
            lambda: (
                [t.state for t in recorder.tasks(first) if t.name == "gate"].count("RUNNING") == 2
            )
        )
        engine.submit(second)
        engine.terminate(first)
        (tmp_path / "g.go").touch()
        await engine.wait(first)
        await engine.wait(second)
        await engine.stop()
        return recorder

    recorder = asyncio.run(scenario())
    assert [r.state for r in recorder.runs.values()] == ["CANCELED", "SUCCEEDED"]


@pytest.mark.parametrize("how", ["fails", "is cancelled"])
def test_what_an_unsuccessful_task_has_written_is_kept(tmp_path: Path, how: str) -> None:
    @dsl.component
    def half(
        folder: str, fails: bool, done: dsl.Output[dsl.Dataset], never: dsl.Output[dsl.Dataset]
    ):
        import os
        import time

        open(done.path, "w").write("half")
        open(os.path.join(folder, "written"), "w").close()
        if fails:
            raise RuntimeError("half way")
        time.sleep(600)

    async def scenario() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        parameters = {"folder": str(tmp_path), "fails": how == "fails"}
        run_id = recorder.add(compiled(half), parameters)
        engine.submit(run_id)
        await exists(tmp_path / "written")
        if how == "is cancelled":
            engine.terminate(run_id)
        await engine.wait(run_id)
        await engine.stop()
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert result.state == ("FAILED" if how == "fails" else "CANCELED")
    assert result.outputs("root.half") == {"done": ["half"]}


def test_background_processes_end_with_their_task(tmp_path: Path) -> None:
    @dsl.component
    def leave_one(folder: str) -> int:
        import subprocess
        import sys

        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid

    result = run(leave_one, tmp_path, parameters={"folder": str(tmp_path)})
    assert result.state == "SUCCEEDED", result.error
    pid = result.outputs("root.leave-one")["Output"]
    wait_for_end(pid)
