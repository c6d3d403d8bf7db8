"""A task's process: started in a session of its own, waited for without polling (where Linux allows it), found again by a later server, ended with all it started.

A task's folder holds ``process.json`` (attempt, scratch folder, pid and start of the launcher), ``started`` from just before the command
is executed, and ``exit`` with its exit code from its end on. They outlive the server, so nothing that ended meanwhile is lost. The
launcher executes nothing until :meth:`TaskProcess.go`, so a server that is killed before it has recorded a task's start has not started it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from . import marked
from .errors import EngineError

GRACE_SECONDS = 5.0
"""Between SIGTERM and SIGKILL."""

MAX_ARGUMENT_BYTES = 128 * 1024 - 1
"""The kernel's limit for one argument (``MAX_ARG_STRLEN`` with its final NUL)."""

_POLL = 0.05
_REMOVAL_SECONDS = 60.0

_LAUNCHER = Path(__file__).with_name("launcher.sh")
_SHELL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass
class TaskProcess:
    """A running (or just ended) task process. ``pid`` is the launcher's and also its process group and session.

    ``start`` tells it from others that have had the same id, as :func:`_start` gives it.
    """

    folder: Path
    task_id: str
    pid: int
    start: str
    attempt: int
    scratch: Path
    child: subprocess.Popen[bytes] | None = None
    told_of_start: bool = True
    removal: list[str] | None = None
    """The command that removes what the process has started outside of this session: its container."""

    @property
    def started(self) -> bool:
        """Whether the command has been executed, once :meth:`wait` has returned."""
        names = ("exit", "started") if self.told_of_start else ("process.json",)
        return any((self.folder / name).exists() for name in names)

    @property
    def age(self) -> float:
        """The seconds since it was started; on Linux a change of the clock does not matter."""
        boot, _, ticks = self.start.rpartition("/")
        if boot:
            return time.clock_gettime(time.CLOCK_BOOTTIME) - int(ticks) / os.sysconf("SC_CLK_TCK")
        return time.time() - float(self.start)

    def go(self) -> None:
        """Has the command executed. To be called once it is recorded that it runs."""
        if self.child is not None and self.child.stdin is not None:
            with suppress(BrokenPipeError), self.child.stdin as pipe:
                pipe.write(b"\n")

    async def wait(self) -> int | None:
        """The command's exit code, negative for a signal; None when the process has vanished without one (killed from outside).

        Raises ``OSError`` when the launcher could not even begin, on a full disk for example. See :attr:`started` for a process that an
        earlier server left behind.
        """
        await self._gone()
        code = _exit_code(self.folder)
        await self._sweep(thorough=code != 0 or self.child is None)
        if code is None and self.child is not None and self.child.returncode >= 0:
            code = self.child.returncode
            if not self.started:
                raise OSError(code, os.strerror(code), str(self.folder / "started"))
        return code

    async def terminate(self, grace: float = GRACE_SECONDS) -> None:
        """SIGTERM to the process group; after ``grace`` seconds SIGKILL to every process the task has started, in any session."""
        if self.child is not None and self.child.stdin is not None:
            self.child.stdin.close()  # if it has not begun, it never will
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

    def _is(self, process: psutil.Process) -> bool:
        if "/" in self.start:
            return _start(process.pid) == self.start
        return abs(process.create_time() - float(self.start)) < 1

    @property
    def alive(self) -> bool:
        """Whether the launcher runs."""
        try:
            process = psutil.Process(self.pid)
            return self._is(process) and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False

    async def _gone(self) -> None:
        if self.child is not None and self.child.returncode is not None:
            return
        if self.child is not None or self.alive:
            await _end_of(self.pid)

    def _descendants(self) -> list[psutil.Process]:
        with suppress(psutil.Error, OSError):
            leader = psutil.Process(self.pid)
            if self._is(leader):
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
            if self.removal:
                await asyncio.to_thread(_run, self.removal)
            await marked.end(self.task_id)
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


def _run(command: list[str]) -> None:
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_REMOVAL_SECONDS
        )


def launch(
    folder: Path,
    command: list[str],
    env: dict[str, str],
    task_id: str,
    attempt: int,
    removal: list[str] | None = None,
) -> TaskProcess:
    """Prepares ``command`` to run with ``folder``/work as its directory, its output appended to ``folder``/log.txt. :meth:`TaskProcess.go` starts it.

    ``command[0]`` is looked up in ``env``'s PATH. Raises :class:`EngineError` when an argument is larger than the kernel accepts.
    """
    _check_sizes(command)
    (folder / "work").mkdir(parents=True, exist_ok=True)
    process = TaskProcess(folder, task_id, 0, "0", attempt, _scratch(), removal=removal)
    _write_state(process)  # before there is anything that could be left behind
    for name in ("started", "exit"):
        (folder / name).unlink(missing_ok=True)
    try:
        process.scratch.mkdir(mode=0o700)
        process.child = _spawn(process, command, env)
        process.pid = process.child.pid
        process.start = _start(process.pid)
        _write_state(process)
    except BaseException:
        if process.child is not None:
            process.child.kill()
            process.child.wait()
        shutil.rmtree(process.scratch, ignore_errors=True)
        raise
    return process


def _spawn(
    process: TaskProcess, command: list[str], env: dict[str, str]
) -> subprocess.Popen[bytes]:
    work = process.folder / "work"
    with open(process.folder / "log.txt", "ab") as log:
        try:
            return subprocess.Popen(
                [
                    "/bin/sh",
                    str(_LAUNCHER),
                    str(process.folder),
                    sys.executable,
                    str(_LAUNCHER.with_suffix(".py")),
                    *_with_all(env, command),
                ],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=work,
                env={
                    **env,
                    marked.TASK_VARIABLE: process.task_id,
                    "TMPDIR": str(process.scratch),
                    "PWD": str(work),
                },
                start_new_session=True,
            )
        except OSError as error:
            raise EngineError(f"The process could not be started: {error.strerror}.") from error


def _with_all(env: dict[str, str], command: list[str]) -> list[str]:
    """``command`` with what a shell does not pass on: variables whose names it could not write, as KFP allows them."""
    others = [f"{name}={value}" for name, value in env.items() if not _SHELL_NAME.fullmatch(name)]
    return [shutil.which("env") or "env", *others, *command] if others else command


def adopt(folder: Path, task_id: str) -> TaskProcess | None:
    """The process that an earlier server prepared in ``folder``, running, ended or never started; None when nothing readable tells of one."""
    try:
        state: dict[str, Any] = json.loads((folder / "process.json").read_text("utf-8"))
        return TaskProcess(
            folder,
            task_id,
            int(state["pid"]),
            # Version 0.1.0 of this file's form had the creation time by the clock, and no file that tells of the start.
            str(state["start"] if "start" in state else float(state["create_time"])),
            int(state["attempt"]),
            Path(state["scratch"]),
            told_of_start="start" in state,
            removal=state.get("removal"),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def tidy(folder: Path, running: Collection[str] = ()) -> None:
    """Removes what processes of a run have left outside of its ``folder`` that an earlier server prepared and never let begin.

    ``running`` are the ids of the tasks whose start is recorded.
    """
    for noted in folder.glob("*/process.json"):
        if noted.parent.name not in running and (left := adopt(noted.parent, noted.parent.name)):
            shutil.rmtree(left.scratch, ignore_errors=True)


def _scratch() -> Path:
    """The path of a new scratch folder. Sockets need short paths (108 bytes), so it does not lie below the task's folder."""
    return Path(tempfile.gettempdir(), f"kubeflow-{secrets.token_hex(4)}")


def _check_sizes(command: list[str]) -> None:
    for argument in command:
        size = len(os.fsencode(argument))
        if size > MAX_ARGUMENT_BYTES:
            raise EngineError(
                f"An argument of the command is {size:,} bytes long; the operating system takes at most "
                f"{MAX_ARGUMENT_BYTES:,}. Pass large data as an artifact instead of a parameter. "
                f"It begins with {argument[:60]!r}."
            )


def _start(pid: int) -> str:
    """When a process was started, in words that a change of the clock leaves as they are: ``BOOT/TICKS`` on Linux, else seconds since 1970."""
    with suppress(OSError, IndexError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        stat = Path(f"/proc/{pid}/stat").read_bytes()
        return f"{boot}/{int(stat.rpartition(b')')[2].split()[19])}"
    with suppress(psutil.Error):
        return str(psutil.Process(pid).create_time())
    return "0"


def _write_state(process: TaskProcess) -> None:
    target = process.folder / "process.json"
    new = target.with_suffix(".new")
    state = {
        "pid": process.pid,
        "start": process.start,
        "attempt": process.attempt,
        "scratch": str(process.scratch),
        "removal": process.removal,
    }
    new.write_text(json.dumps(state), "utf-8")
    os.replace(new, target)


def full_disk(folder: Path) -> str | None:
    """A folder whose disk was full when the command in ``folder`` failed; None when none was, or it did not fail."""
    try:
        return (folder / "exit").read_text("utf-8").splitlines()[1].strip() or None
    except (OSError, ValueError, IndexError):
        return None


def _exit_code(folder: Path) -> int | None:
    try:
        return int((folder / "exit").read_text("utf-8").splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None
