"""Ending runs, restarting the server, sharing the slots: what happens to processes.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

# ruff: noqa: SIM115 - components are what kfp understands

import asyncio
import errno
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from engine_support import MemoryRecorder, Result, compiled, run
from jupyterlab_kubeflow.local.engine.engine import Engine
from jupyterlab_kubeflow.local.engine.process import TaskProcess
from jupyterlab_kubeflow.local.engine.recorder import RunState, TaskRecord
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


@dsl.component
def gate(folder: str, name: str) -> str:
    """Says that it runs and goes on when the test lets it."""
    import os
    import time

    open(os.path.join(folder, name + ".running"), "w").write(str(os.getpid()))
    while not os.path.exists(os.path.join(folder, name + ".go")):
        time.sleep(0.01)
    print("through the gate")
    return name


@dsl.component
def after(name: str) -> str:
    return name + "!"


@dsl.pipeline(name="gated")
def gated(folder: str) -> str:
    return after(name=gate(folder=folder, name="g").set_caching_options(False).output).output


async def _exists(*paths: Path) -> None:
    while not all(path.exists() for path in paths):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def _wait_for_end(pid: int) -> None:
    """Returns when the process is gone or a zombie; they would all sleep for minutes otherwise."""
    deadline = time.monotonic() + 20
    with suppress(psutil.NoSuchProcess):
        while psutil.Process(pid).status() != "zombie":
            assert time.monotonic() < deadline, f"process {pid} is still there"
            time.sleep(0.01)


def _running(recorder: MemoryRecorder, run_id: str, path: str) -> bool:
    states = {t.scope_path: t.state for t in recorder.tasks(run_id)}
    return states.get(path) == "RUNNING"


@pytest.fixture(params=["with pidfd", "without pidfd", "pidfd refused"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems that tell the end of a process through a file descriptor (Linux), others (macOS), and those that refuse it (old, sandbox)."""

    def refused(pid: int) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    if request.param == "without pidfd":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    if request.param == "pidfd refused":
        monkeypatch.setattr(os, "pidfd_open", refused, raising=False)


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
        await _exists(tmp_path / "1", tmp_path / "0")
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
        _wait_for_end(pid)


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
        await _exists(tmp_path / "ready")
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
        await _exists(tmp_path / "g.running")
        await recorder.until(lambda: _running(recorder, run_id, "root.gate"))
        await first.stop()
        before = Result(recorder, run_id, home)
        assert (before.state, before.states["root.gate"]) == ("RUNNING", "RUNNING")
        launcher = before.tasks["root.gate"].pid or 0
        assert psutil.pid_exists(launcher)
        go = tmp_path / "g.go"
        if ends == "between":
            go.touch()
            await _exists(Path(before.tasks["root.gate"].log_path or "").with_name("exit"))
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
    _wait_for_end(command)
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
        await _exists(tmp_path / "g.running")
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


def test_slots_are_bounded_and_shared_fairly(tmp_path: Path) -> None:
    @dsl.pipeline(name="wide")
    def wide(folder: str) -> None:
        with dsl.ParallelFor(["a", "b", "c", "d"]) as name:
            gate(folder=folder, name=name).set_caching_options(False)

    @dsl.pipeline(name="narrow")
    def narrow(folder: str) -> None:
        gate(folder=folder, name="z").set_caching_options(False)

    async def scenario() -> tuple[MemoryRecorder, list[str]]:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path / "home", max_parallel=2)
        await engine.start()
        first = recorder.add(compiled(wide), {"folder": str(tmp_path)})
        second = recorder.add(compiled(narrow), {"folder": str(tmp_path)})

        def gates(state: str) -> list[str]:
            return [
                t.input_parameters["name"]
                for t in recorder.records.values()
                if t.name == "gate" and t.state == state
            ]

        def waiting() -> list[str]:
            return [
                str(t.status_message) for t in recorder.records.values() if t.state == "PENDING"
            ]

        engine.submit(first)
        await recorder.until(lambda: len(gates("RUNNING")) == 2 and len(waiting()) == 2)
        engine.submit(second)
        await recorder.until(lambda: sum("free slot" in each for each in waiting()) == 3)
        # The second run goes first, although two tasks of the first wait longer.
        narrow_task = next(t for t in recorder.tasks(second) if t.name == "gate")
        assert narrow_task.status_message == "Waiting for a free slot (0 ahead)"
        order: list[str] = []
        running = gates("RUNNING")
        while running:
            assert len(running) <= 2
            order.append(running[0])
            (tmp_path / f"{running[0]}.go").touch()
            done = len(order)
            await recorder.until(lambda done=done: len(gates("SUCCEEDED")) == done)
            await recorder.until(lambda done=done: len(gates("RUNNING")) == min(2, 5 - done))
            running = gates("RUNNING")
            if done == 1:
                assert "z" in running
        await engine.wait(first)
        await engine.wait(second)
        await engine.stop()
        return recorder, order

    recorder, order = asyncio.run(scenario())
    assert sorted(order) == ["a", "b", "c", "d", "z"]
    assert {r.state for r in recorder.runs.values()} == {"SUCCEEDED"}


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
        await _exists(tmp_path / "written")
        if how == "is cancelled":
            engine.terminate(run_id)
        await engine.wait(run_id)
        await engine.stop()
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert result.state == ("FAILED" if how == "fails" else "CANCELED")
    assert result.outputs("root.half") == {"done": ["half"]}


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
        await _exists(tmp_path / "ready")
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


def test_background_processes_end_with_their_task(tmp_path: Path) -> None:
    @dsl.component
    def leave_one(folder: str) -> int:
        import subprocess
        import sys

        return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]).pid

    result = run(leave_one, tmp_path, parameters={"folder": str(tmp_path)})
    assert result.state == "SUCCEEDED", result.error
    pid = result.outputs("root.leave-one")["Output"]
    _wait_for_end(pid)


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


def test_tasks_and_iterations_are_opened_together(tmp_path: Path) -> None:
    @dsl.pipeline(name="many")
    def pipeline(items: list) -> None:
        with dsl.ParallelFor(items) as item, dsl.If(item == -1):
            after(name="never")

    result = run(pipeline, tmp_path, parameters={"items": list(range(150))})
    assert result.state == "SUCCEEDED", result.error
    loop = next(path for path, task in result.tasks.items() if task.type == "LOOP")
    batches = [each for each in result.recorder.batches if each[0].startswith(f"{loop}.")]
    iterations = [path for each in batches for path in each if path.count(".") == 2]
    assert iterations == [f"{loop}.{index}" for index in range(150)]
    assert sorted(map(len, batches))[-2:] == [50, 100]
    opened = {path for batch in result.recorder.batches for path in batch}
    assert opened == set(result.tasks) - {"root"}


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
        await recorder.until(lambda: _running(recorder, run_id, "root.gate"))
        await _exists(tmp_path / "g.running")
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
