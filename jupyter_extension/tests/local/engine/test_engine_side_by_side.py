"""Many tasks at once: the slots that they share, and how they are recorded.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import asyncio
from pathlib import Path

from engine_gates import after, gate
from engine_support import MemoryRecorder, compiled, run
from jupyterlab_kubeflow.local.engine.engine import Engine
from kfp import dsl


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
