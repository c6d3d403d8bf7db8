"""What a failed process tells its user: its exit code or signal, and its last words in the log, which keeps all attempts."""

from __future__ import annotations

import os
import re
import signal
from datetime import datetime, timezone
from pathlib import Path

from .process import full_disk

OWN_WORDS = "[Local Kubeflow] "
"""Begins a line of a task's log that is Local Kubeflow's. What stands above the last one is not said by the task."""

_LOG_TAIL = 64 * 1024
_MESSAGE_LINES = 40
_EXCEPTION = re.compile(r"[A-Za-z_][\w.]*(:|$)")
_LOG_LINE = re.compile(
    r"\W*(DEBUG|INFO|WARN(ING)?|ERROR|CRITICAL|FATAL)\b|\[?\d{4}-\d\d-\d\d[ T]\d\d:"
)
_DOCKER_HELP = re.compile(r"(Run|See) 'docker run --help'( for more information)?\.?")
_UNSEEN = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0e-\x1b\x7f]")
"""Colours, and characters that no terminal shows."""


def begin_attempt(log: Path, attempt: int) -> None:
    """Adds a line to a log that has something of an earlier attempt, so that one sees where the next one begins."""
    try:
        with open(log, "r+b") as file:
            if file.seek(0, os.SEEK_END):
                file.seek(-1, os.SEEK_END)
                gap = b"" if file.read(1) == b"\n" else b"\n"
                time = datetime.now(timezone.utc).isoformat(timespec="seconds")
                file.write(gap + f"{OWN_WORDS}Attempt {attempt}, {time}\n".encode())
    except FileNotFoundError:
        return


def explain(code: int | None, log: Path) -> str:
    """Why a process without success ended: ``code`` as :meth:`.process.TaskProcess.wait` gives it, and the end of its log."""
    if code is None:
        return "The process ended without an exit code: it was killed from outside, or the machine restarted."
    if code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        hint = " The machine may have run out of memory." if code == -signal.SIGKILL else ""
        return f"The process was ended by {name}.{hint}"
    last = _last_words(log, uncaught=code == 1)
    full = full_disk(log.parent)
    hint = f" The disk of {full} was full: free some space on it." if full else ""
    return f"{last or 'It wrote no message.'} (exit code {code}){hint}"


def _last_words(log: Path, uncaught: bool) -> str | None:
    """The last line of the log, or what an exception that ended Python said (``uncaught``: the exit code is that of one).

    Such an exception ends the log. Lines after it may belong to its message, or be the words of something that went on after handling
    it; unless it was plainly logged, both ends are given.
    """
    try:
        with open(log, "rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _LOG_TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return None
    lines = [line for line in _UNSEEN.sub("", text).splitlines() if line.strip()]
    lines = [line for line in lines if not _DOCKER_HELP.fullmatch(line)]
    own = [i for i, line in enumerate(lines) if line.startswith(OWN_WORDS)]
    lines = lines[own[-1] + 1 :] if own else lines
    if not lines:
        return None
    last = lines[-1].strip()
    starts = [i for i, line in enumerate(lines) if line.startswith("Traceback (most recent call")]
    if starts and uncaught:
        rest = lines[starts[-1] + 1 :]
        found = next((i for i, line in enumerate(rest) if _EXCEPTION.match(line)), None)
        if found is not None and len(rest) - found <= _MESSAGE_LINES:
            raised, after = rest[found].strip(), rest[found + 1 :]
            before = lines[starts[-1] - 1] if starts[-1] else ""
            logged = _LOG_LINE.match(before) or any(map(_LOG_LINE.match, after))
            if not after:
                last = raised
            elif not logged:
                last = f"{raised[:500]} … {last}"
    return last[:1000]
