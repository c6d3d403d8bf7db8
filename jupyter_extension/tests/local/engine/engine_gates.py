"""Components that say that they run and go on when the test lets them, and ways to wait for processes.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import asyncio
import time
from contextlib import suppress
from pathlib import Path

import psutil
from engine_support import MemoryRecorder
from kfp import dsl


@dsl.component
def gate(folder: str, name: str) -> str:
    """Says that it runs and goes on when the test lets it."""
    import os
    import time

    running = os.path.join(folder, name + ".running")
    with open(running + ".new", "w") as file:
        file.write(str(os.getpid()))
    os.rename(running + ".new", running)
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


async def exists(*paths: Path) -> None:
    while not all(path.exists() for path in paths):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


def wait_for_end(pid: int) -> None:
    """Returns when the process is gone or a zombie; they would all sleep for minutes otherwise."""
    deadline = time.monotonic() + 20
    with suppress(psutil.NoSuchProcess):
        while psutil.Process(pid).status() != "zombie":
            assert time.monotonic() < deadline, f"process {pid} is still there"
            time.sleep(0.01)


def running(recorder: MemoryRecorder, run_id: str, path: str) -> bool:
    states = {t.scope_path: t.state for t in recorder.tasks(run_id)}
    return states.get(path) == "RUNNING"
