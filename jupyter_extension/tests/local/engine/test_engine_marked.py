"""What tasks have left behind is found by its mark."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator

import psutil
import pytest
from jupyterlab_kubeflow.local.engine import marked

MANY = 30


@pytest.fixture
def left() -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes of many tasks, each in a session of its own, and one without a mark at the end."""
    marks = [{marked.TASK_VARIABLE: f"test-{os.getpid()}-{each}"} for each in range(MANY)]
    found = [
        subprocess.Popen(["/bin/sleep", "600"], env=mark, start_new_session=True)
        for mark in [*marks, {}]
    ]
    yield found
    for each in found:
        each.kill()
        each.wait()


async def test_tasks_that_end_together_are_looked_for_together(
    left: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    look = psutil.process_iter

    def counted() -> Iterator[psutil.Process]:
        looks.append(1)
        return look()

    monkeypatch.setattr(psutil, "process_iter", counted)
    ends = [
        asyncio.create_task(marked.end(f"test-{os.getpid()}-{each}")) for each in range(MANY - 1)
    ]
    await ends[0]
    await asyncio.gather(*ends)
    assert len(looks) <= 2
    assert [each.wait() for each in left[: MANY - 1]] == [-9] * (MANY - 1)
    assert [each.poll() for each in left[MANY - 1 :]] == [None, None]
    await marked.end(f"test-{os.getpid()}-{MANY - 1}")
    assert left[MANY - 1].wait() == -9
    assert left[MANY].poll() is None


async def test_who_asks_while_others_are_looked_for_gets_a_look_of_their_own(
    left: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()
    look = psutil.process_iter

    def told() -> Iterator[psutil.Process]:
        loop.call_soon_threadsafe(begun.set)
        return look()

    monkeypatch.setattr(psutil, "process_iter", told)
    first = asyncio.create_task(marked.end("nobody"))
    await begun.wait()
    await marked.end(f"test-{os.getpid()}-0")
    assert left[0].wait() == -9
    await first
