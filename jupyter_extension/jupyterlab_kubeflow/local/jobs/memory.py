"""Ends a container that uses more memory than its limit, as a node does. It runs beside the container's command (see ``shim``), so also without a server.

What counts is what a node could not take back: private and shared memory of all processes, shared one once (on Linux; elsewhere what
each holds alone), without the files that they have mapped. It is looked at five times a second, so the limit may be passed for so long.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress

import psutil

_LOOK = 0.2
_LOOKS_FOR_ALL = 5
"""Every so many looks, processes that are new are found."""


def guard(pid: int, limit: int, mark: str) -> None:
    """Watches all that a process has started, until that uses more than ``limit`` bytes: then it makes the file ``mark``, kills them and returns."""
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        processes: list[psutil.Process] = []
        look = 0
        while True:
            if look % _LOOKS_FOR_ALL == 0:
                processes = root.children(recursive=True)
            if _held(processes) > limit and used(processes) > limit:
                with open(mark, "wb"):
                    _kill(root.children(recursive=True))
                return
            look += 1
            time.sleep(_LOOK)


def _held(processes: Iterable[psutil.Process]) -> int:
    """Never less than what they use, and quickly known."""
    held = 0
    for each in processes:
        with suppress(psutil.Error):
            held += each.memory_info().rss
    return held


def used(processes: Iterable[psutil.Process]) -> int:
    """The bytes that processes use together: what counts against a limit."""
    total = 0
    for each in processes:
        with suppress(psutil.Error):
            part = _not_of_files(each.pid)
            total += each.memory_full_info().uss if part is None else part
    return total


def _not_of_files(pid: int) -> int | None:
    """A process' part of the memory that is no file's, in bytes; None where the kernel does not tell."""
    found: int | None = None
    with suppress(OSError, ValueError), open(f"/proc/{pid}/smaps_rollup", "rb") as file:
        for line in file:
            if line.startswith((b"Pss_Anon:", b"Pss_Shmem:")):
                found = (found or 0) + int(line.split()[1]) * 1024
    return found


def _kill(processes: Iterable[psutil.Process]) -> None:
    for each in processes:
        with suppress(psutil.Error):
            each.kill()
