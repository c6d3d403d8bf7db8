"""What containers use of this machine: CPU as a rate, memory as it is, measured only when somebody asks.

A container's processes are its launcher, all below it and all of its session. CPU is counted with that of children that have ended, so
none is missed that was waited for. Memory is what counts against a limit (``memory``).
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil

from jupyterlab_kubeflow.local.engine import process as processes

from .memory import used
from .process import Place, marker

_PAUSE = 0.5
_FRESH = 1.0
_OLD = 60.0


@dataclass(frozen=True)
class Run:
    """One run of a container: the pod's uid, the container, its restarts."""

    uid: str
    container: str
    restarts: int


@dataclass(frozen=True)
class Usage:
    """Cores in use on average over the last ``window`` seconds, and bytes of memory."""

    cores: float
    memory: int
    window: float


@dataclass(frozen=True)
class _Sample:
    at: float
    seconds: float
    memory: int


class Meter:
    """Measures containers, whose files are in ``place(UID)``. For use in one event loop.

    A rate wants two looks: the one before serves when it was between one second and a minute ago, else there are two, half a second apart.
    """

    def __init__(self, place: Callable[[str], Place]) -> None:
        self._place = place
        self._lock = asyncio.Lock()
        self._last: dict[Run, _Sample] = {}
        self._known: dict[Run, Usage] = {}

    async def measure(self, runs: Collection[Run]) -> dict[Run, Usage]:
        """The usage of those that run."""
        async with self._lock:
            now = time.monotonic()
            fresh = {
                run for run in runs if run in self._known and now - self._last[run].at < _FRESH
            }
            wanted = [run for run in runs if run not in fresh]
            if wanted:
                await self._look(wanted)
                if any(run in self._last and run not in self._known for run in wanted):
                    await asyncio.sleep(_PAUSE)
                    await self._look(wanted)
            return {run: self._known[run] for run in runs if run in self._known}

    async def _look(self, runs: Iterable[Run]) -> None:
        found = await asyncio.to_thread(self._samples, runs)
        now = time.monotonic()
        for run in [run for run, last in self._last.items() if now - last.at > _OLD]:
            del self._last[run]
            self._known.pop(run, None)
        for run in runs:
            before, sample = self._last.pop(run, None), found.get(run)
            self._known.pop(run, None)
            if sample is None:
                continue
            self._last[run] = sample
            if before is not None and (window := sample.at - before.at) > 0:
                cores = max(0.0, sample.seconds - before.seconds) / window
                self._known[run] = Usage(cores, sample.memory, window)

    def _samples(self, runs: Iterable[Run]) -> dict[Run, _Sample]:
        leaders: dict[Run, int] = {}
        for run in runs:
            folder = self._place(run.uid).run(run.container, run.restarts)
            found = processes.adopt(folder, marker(run.uid, run.container))
            if found and found.alive:
                leaders[run] = found.pid
        return _samples(leaders) if leaders else {}


def _samples(leaders: dict[Run, int]) -> dict[Run, _Sample]:
    all_, below, sessions = {}, defaultdict(list), defaultdict(list)
    for each in psutil.process_iter(["ppid"]):
        all_[each.pid] = each
        below[each.info["ppid"]].append(each.pid)
        with suppress(OSError):
            sessions[os.getsid(each.pid)].append(each.pid)
    return {
        run: _sample([all_[pid] for pid in _members(pid, below, sessions) if pid in all_])
        for run, pid in leaders.items()
    }


def _members(leader: int, below: dict[int, list[int]], sessions: dict[int, list[int]]) -> set[int]:
    found: set[int] = set()
    waiting = [leader, *sessions[leader]]
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += below[pid]
    return found


def _sample(members: list[psutil.Process]) -> _Sample:
    seconds = 0.0
    at = time.monotonic()
    for each in members:
        with suppress(psutil.Error):
            times: Any = each.cpu_times()
            seconds += times.user + times.system + times.children_user + times.children_system
    return _Sample(at, seconds, used(members))
