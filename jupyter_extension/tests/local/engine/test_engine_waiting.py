"""What tasks say that wait, and iterations that wait for a place in their loop.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import asyncio
from pathlib import Path

from engine_gates import exists, gate
from engine_steps import let, step, times
from engine_support import MemoryRecorder, Result, compiled, retried, run
from jupyterlab_kubeflow.local.engine.engine import Engine
from kfp import dsl


@dsl.pipeline(name="limited")
def limited(folder: str) -> None:
    with dsl.ParallelFor(list("abcdef"), parallelism=2) as item:
        gate(folder=folder, name=item).set_caching_options(False)


def told(recorder: MemoryRecorder, run_id: str) -> list[tuple[str, str | None]]:
    """State and status message of each iteration."""
    iterations = [each for each in recorder.tasks(run_id) if each.iteration_index is not None]
    return [(each.state, each.status_message) for each in iterations]


def test_iterations_wait_for_a_place(tmp_path: Path) -> None:
    async def scenario() -> Result:
        recorder = MemoryRecorder()
        first = Engine(recorder, tmp_path / "home", max_parallel=4)
        await first.start()
        run_id = recorder.add(compiled(limited), {"folder": str(tmp_path)})
        first.submit(run_id)
        await exists(tmp_path / "a.running", tmp_path / "b.running")
        expected = [
            ("RUNNING", None),
            ("RUNNING", None),
            *(
                ("PENDING", f"Waiting for one of 2 places in the loop ({n} ahead)")
                for n in range(4)
            ),
        ]
        await recorder.until(lambda: told(recorder, run_id) == expected)
        await recorder.until(
            lambda: (
                [each.state for each in recorder.tasks(run_id) if each.name == "gate"]
                == ["RUNNING"] * 2
            )
        )
        await first.stop()
        second = Engine(recorder, tmp_path / "home", max_parallel=4)
        await second.start()
        (tmp_path / "b.go").touch()
        await exists(tmp_path / "c.running")
        await recorder.until(
            lambda: told(recorder, run_id)[1:3] == [("SUCCEEDED", None), ("RUNNING", None)]
        )
        assert not (tmp_path / "d.running").exists()
        for name in "acdef":
            (tmp_path / f"{name}.go").touch()
        await second.wait(run_id)
        await second.stop()
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert result.state == "SUCCEEDED", result.error
    assert told(result.recorder, result.run_id) == [("SUCCEEDED", None)] * 6


def test_a_failed_iteration_gives_its_place_to_the_next(tmp_path: Path) -> None:
    @dsl.pipeline(name="failing")
    def pipeline(folder: str) -> None:
        with dsl.ParallelFor(["x", "y", "z"], parallelism=1) as item:
            step(folder=folder, name=item)

    let(tmp_path, "y", "z")
    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert times(tmp_path) == {"x": 1, "y": 1, "z": 1}
    let(tmp_path, "x")
    assert retried(result).state == "SUCCEEDED"
    assert times(tmp_path) == {"x": 2, "y": 1, "z": 1}
