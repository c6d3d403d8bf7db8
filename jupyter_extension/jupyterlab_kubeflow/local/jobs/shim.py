"""Runs one command and writes what it says in the kubelet's form, ``TIME STREAM F TEXT`` a line: it outlives the server, so no line is lost.

``python -I -S shim.py LOG FOLDER LIMIT MARK LIBRARIES REPORTS COMMAND ARGUMENT...`` with the standard library only. FOLDER is the command's directory. It
ends as the command does, once what the command has said is written; SIGTERM and the like are for the command, which is in the same process group.
What the command has left behind is ended with it, as in a container: on Linux orphans become the shim's children, in whatever session they are.
LIMIT is the memory that it may use, in bytes, or 0: ``memory.guard`` keeps to it, with MARK and with psutil, which is in the folder LIBRARIES.
A command that is given where to report its progress reports here, and what no server has taken is kept in the file REPORTS (``reports``).
"""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

_HERE = os.path.dirname(os.path.abspath(__file__))
_CHUNK = 1 << 16
_LONGEST = 1 << 20
_ROUNDS, _PAUSE = 400, 0.005
"""How often it is looked for what a killed process has left, and the seconds between: one that cannot be killed does not keep the shim."""


class _Log:
    """The log file. What a full disk does not take is counted, and told when there is room again."""

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._lost = 0

    def write(self, stream: bytes, lines: Sequence[bytes]) -> None:
        now = time.time_ns()
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 10**9))
        begin = b"%s.%09dZ " % (seconds.encode(), now % 10**9)
        text = b"".join(b"%s%s F %s\n" % (begin, stream, line) for line in lines)
        if self._lost:
            said = b"[Local Kubeflow] The disk was full: %d bytes are missing here." % self._lost
            text = b"%sstderr F %s\n" % (begin, said) + text
        start = os.lseek(self._file, 0, os.SEEK_END)
        try:
            done = 0
            while done < len(text):
                done += os.write(self._file, text[done:])
            self._lost = 0
        except OSError:
            self._lost += sum(map(len, lines))
            os.ftruncate(self._file, start)


def _pump(pipes: Mapping[bytes, IO[bytes] | None], log: _Log, ended: int) -> None:
    """Writes lines until both pipes are closed, or the command has ended and nothing is left in them."""
    left: dict[bytes, bytes] = {}
    with selectors.DefaultSelector() as selector:
        for stream, pipe in pipes.items():
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ, stream)
            left[stream] = b""
        selector.register(ended, selectors.EVENT_READ, None)
        over = False
        while len(selector.get_map()) > 1:
            found = selector.select(0 if over else None)
            spoke = False
            for key, _ in found:
                if key.data is None:
                    over = True
                    continue
                try:
                    data = os.read(key.fd, _CHUNK)
                except BlockingIOError:
                    continue
                spoke = True
                if not data:
                    selector.unregister(key.fileobj)
                    continue
                *lines, rest = (left[key.data] + data).split(b"\n")
                if len(rest) > _LONGEST:
                    lines, rest = [*lines, rest], b""
                left[key.data] = rest
                if lines:
                    log.write(key.data, lines)
            if over and not spoke:
                break
    for stream, rest in left.items():
        if rest:
            log.write(stream, [rest])


def _guard(limit: int, mark: str, libraries: str) -> None:
    """Keeps to the limit from a thread of its own, which ends with the process."""
    sys.path += [libraries, _HERE]
    from memory import guard  # type: ignore[import-not-found]

    threading.Thread(target=guard, args=(os.getpid(), limit, mark), daemon=True).start()


def _reports(environment: dict[str, str], kept: str) -> Any:
    """The place for the command's reports, which it finds in its environment; None for one that has nowhere to report."""
    if not environment.get("KUBEFLOW_TRAINER_SERVER_URL"):
        return None
    sys.path.append(_HERE)
    from reports import stand_in  # type: ignore[import-not-found]

    return stand_in(environment, kept)


def _adopt_orphans() -> None:
    """Has processes that lose their parent become children of this one: ``PR_SET_CHILD_SUBREAPER``, which only Linux has."""
    with suppress(ImportError, OSError, AttributeError):
        import ctypes

        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def _reap(but: int) -> None:
    """Takes note of orphans that have ended, not of the command itself."""
    with suppress(ChildProcessError, AttributeError):
        while ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if ended.si_pid == but:
                return
            os.waitpid(ended.si_pid, os.WNOHANG)


def _end_orphans() -> None:
    """Kills what is left, and what becomes an orphan by that."""
    for _ in range(_ROUNDS):
        try:
            if os.waitpid(-1, os.WNOHANG)[0]:
                continue
            with open(f"/proc/self/task/{threading.get_native_id()}/children", "rb") as file:
                for pid in file.read().split():
                    os.kill(int(pid), signal.SIGKILL)
        except OSError:  # there is none, or they cannot be told
            return
        time.sleep(_PAUSE)


def _main() -> int:
    path, folder, limit, mark, libraries, kept, *command = sys.argv[1:]
    early: set[int] = set()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # Unlike what is ignored, not inherited by the command.
        signal.signal(number, lambda number, _: early.add(number))
    log = _Log(path)
    environment = {**os.environ, "PWD": folder}
    reports = _reports(environment, kept)
    try:
        child = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
    except OSError as error:
        said = (
            f"[Local Kubeflow] {error.filename or command[0]} cannot be started: {error.strerror}"
        )
        log.write(b"stderr", [os.fsencode(said)])
        return 127 if isinstance(error, FileNotFoundError) else 126
    for told in early:  # the command was not there yet
        child.send_signal(told)
    _adopt_orphans()
    ended, end = os.pipe()

    def look(*_: object) -> None:
        """Signals that arrive while the command runs: only its end matters."""
        if child.poll() is not None:
            os.write(end, b".")
        else:
            _reap(but=child.pid)

    signal.signal(signal.SIGCHLD, look)
    look()
    if reports:
        reports.start()
    if int(limit):
        _guard(int(limit), mark, libraries)
    _pump({b"stdout": child.stdout, b"stderr": child.stderr}, log, ended)
    code = child.wait()
    _end_orphans()
    if reports:
        reports.close()
    if code < 0:
        with suppress(OSError):  # SIGKILL has no other handling
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    return code


if __name__ == "__main__":
    sys.exit(_main())
