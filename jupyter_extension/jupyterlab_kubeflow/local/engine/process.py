"""A task's process: started in a session of its own, waited for without polling (where Linux allows it), found again by a later server, ended with all it started.

A task's folder holds ``process.json`` (pid and creation time of the launcher, attempt, scratch folder) and, once the command has ended,
``exit`` with its exit code. Both outlive the server, so nothing that ended meanwhile is lost.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from .errors import EngineError

TASK_VARIABLE = "KUBEFLOW_LOCAL_TASK"
"""Environment variable that marks every process of a task with the task's id."""

GRACE_SECONDS = 5.0
"""Between SIGTERM and SIGKILL."""

MAX_ARGUMENT_BYTES = 128 * 1024 - 1
"""The kernel's limit for one argument (``MAX_ARG_STRLEN`` with its final NUL)."""

_POLL = 0.05

_LAUNCHER = Path(__file__).with_name("launcher.py")


@dataclass
class TaskProcess:
    """A running (or just ended) task process. ``pid`` is the launcher's and also its process group and session."""

    folder: Path
    task_id: str
    pid: int
    create_time: float
    attempt: int
    scratch: Path
    child: subprocess.Popen[bytes] | None = None

    async def wait(self) -> int | None:
        """The command's exit code, negative for a signal; None when the process has vanished without one (killed from outside)."""
        await self._gone()
        code = _exit_code(self.folder)
        await self._sweep(thorough=code != 0 or self.child is None)
        return code

    async def terminate(self, grace: float = GRACE_SECONDS) -> None:
        """SIGTERM to the process group; after ``grace`` seconds SIGKILL to every process the task has started, in any session."""
        victims = {each.pid: each for each in self._descendants()}
        if victims:
            members = [pid for pid in victims if _group(pid) == self.pid]
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGTERM)
            # All of the group, not its leader only: a shell in front ends at once, the command behind it may still be saving.
            leaving = asyncio.gather(*(_end_of(pid) for pid in members))
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(leaving, grace)
        victims.update((each.pid, each) for each in self._descendants())
        for each in victims.values():
            with suppress(psutil.Error):
                each.kill()
        killed = asyncio.gather(*(_end_of(pid) for pid in victims))
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(killed, GRACE_SECONDS)
        await self._sweep(thorough=True)

    def _alive(self) -> bool:
        try:
            process = psutil.Process(self.pid)
            return (
                abs(process.create_time() - self.create_time) < 1
                and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.Error:
            return False

    async def _gone(self) -> None:
        if self.child is not None and self.child.returncode is not None:
            return
        if self.child is not None or self._alive():
            await _end_of(self.pid)

    def _descendants(self) -> list[psutil.Process]:
        with suppress(psutil.Error, OSError):
            leader = psutil.Process(self.pid)
            if abs(leader.create_time() - self.create_time) < 1:
                return [leader, *leader.children(recursive=True)]
        return []

    async def _sweep(self, *, thorough: bool) -> None:
        """Ends what the command left behind, as the end of a container does; ``thorough`` finds it in other sessions, too."""
        if self.child is not None and self.child.returncode is None:
            # The child is a zombie until it is waited for, so its id cannot belong to anything else yet.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            self.child.wait()
        if thorough:
            await asyncio.to_thread(kill_marked, self.task_id)
        shutil.rmtree(self.scratch, ignore_errors=True)


async def _end_of(pid: int) -> None:
    """Returns when the process has ended, be it reaped or not."""
    if not hasattr(os, "pidfd_open"):  # outside Linux
        await _polled_end_of(pid)
        return
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    except OSError:  # an old kernel, a sandbox, no descriptor left
        await _polled_end_of(pid)
        return
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def settle() -> None:
        if not ended.done():
            ended.set_result(None)

    try:
        loop.add_reader(descriptor, settle)
        await ended
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


async def _polled_end_of(pid: int) -> None:
    process: psutil.Process | None = None
    while True:
        try:
            process = process or psutil.Process(pid)
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return
        except psutil.Error:
            return
        except OSError:  # no descriptor left to look with
            pass
        await asyncio.sleep(_POLL)


def _group(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except OSError:
        return None


def kill_marked(task_id: str) -> None:
    """Kills every process of this user whose environment marks it as belonging to the task."""
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.environ().get(TASK_VARIABLE) == task_id:
                process.kill()


def launch(
    folder: Path, command: list[str], env: dict[str, str], task_id: str, attempt: int
) -> TaskProcess:
    """Starts ``command`` with ``folder``/work as its directory, its output appended to ``folder``/log.txt.

    ``command[0]`` is looked up in ``env``'s PATH. Raises :class:`EngineError` when an argument is larger than the kernel accepts.
    """
    _check_sizes(command)
    (folder / "exit").unlink(missing_ok=True)
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    # Sockets need short paths (108 bytes), so the scratch folder does not lie below the task's.
    scratch = Path(tempfile.mkdtemp(prefix="kubeflow-"))
    env = {**env, TASK_VARIABLE: task_id, "TMPDIR": str(scratch), "PWD": str(work)}
    try:
        with open(folder / "log.txt", "ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_LAUNCHER), str(folder / "exit"), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=work,
                env=env,
                start_new_session=True,
            )
    except OSError as error:
        shutil.rmtree(scratch, ignore_errors=True)
        raise EngineError(f"The process could not be started: {error.strerror}.") from error
    try:
        process = TaskProcess(
            folder, task_id, child.pid, _create_time(child.pid), attempt, scratch, child
        )
        _write_state(process)
    except BaseException:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return process


def adopt(folder: Path, task_id: str) -> TaskProcess | None:
    """The process that an earlier server started in ``folder``, running or ended; None when none was."""
    try:
        state: dict[str, Any] = json.loads((folder / "process.json").read_text("utf-8"))
        return TaskProcess(
            folder,
            task_id,
            int(state["pid"]),
            float(state["create_time"]),
            int(state["attempt"]),
            Path(state["scratch"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _check_sizes(command: list[str]) -> None:
    for argument in command:
        size = len(os.fsencode(argument))
        if size > MAX_ARGUMENT_BYTES:
            raise EngineError(
                f"An argument of the command is {size:,} bytes long; the operating system takes at most "
                f"{MAX_ARGUMENT_BYTES:,}. Pass large data as an artifact instead of a parameter. "
                f"It begins with {argument[:60]!r}."
            )


def _create_time(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def _write_state(process: TaskProcess) -> None:
    target = process.folder / "process.json"
    new = target.with_suffix(".new")
    state = {
        "pid": process.pid,
        "create_time": process.create_time,
        "attempt": process.attempt,
        "scratch": str(process.scratch),
    }
    new.write_text(json.dumps(state), "utf-8")
    os.replace(new, target)


def _exit_code(folder: Path) -> int | None:
    try:
        return int((folder / "exit").read_text("utf-8"))
    except (OSError, ValueError):
        return None
