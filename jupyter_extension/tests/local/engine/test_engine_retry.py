"""Taking up an ended run again: what has succeeded is kept, the rest is executed once more.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

from pathlib import Path

from engine_support import retried, run
from kfp import dsl


@dsl.component
def step(folder: str, name: str, before: str = "") -> str:
    """Adds a line to the file NAME.ran, and fails unless there is a file NAME."""
    import os

    with open(os.path.join(folder, f"{name}.ran"), "a") as file:
        file.write("x\n")
    assert os.path.exists(os.path.join(folder, name)), f"{name} has no luck"
    return before + name


def let(folder: Path, *names: str) -> None:
    """Lets the steps of these names succeed."""
    for name in names:
        (folder / name).touch()


def times(folder: Path, name: str) -> int:
    """How often the step has been executed."""
    path = folder / f"{name}.ran"
    return len(path.read_text().splitlines()) if path.exists() else 0


@dsl.pipeline(name="chain")
def chain(folder: str) -> str:
    a = step(folder=folder, name="a")
    b = step(folder=folder, name="b", before=a.output)
    step(folder=folder, name="d")
    return step(folder=folder, name="c", before=b.output).output


def test_only_what_failed_and_what_comes_after_is_executed_again(tmp_path: Path) -> None:
    let(tmp_path, "a", "c", "d")
    result = run(chain, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "FAILED"
    let(tmp_path, "b")
    again = retried(result)
    assert (again.state, again.error, again.outputs()) == ("SUCCEEDED", None, {"Output": "abc"})
    assert {name: times(tmp_path, name) for name in "abcd"} == {"a": 1, "b": 2, "c": 1, "d": 1}
    history = again.recorder.task_history
    assert again.recorder.run_history[again.run_id] == [
        "PENDING", "RUNNING", "FAILED", "PENDING", "RUNNING", "SUCCEEDED",
    ]  # fmt: skip
    assert history[again.tasks["root.step-2"].task_id] == [
        "PENDING", "RUNNING", "FAILED", "PENDING", "RUNNING", "SUCCEEDED",
    ]  # fmt: skip
    assert history[again.tasks["root.step"].task_id] == ["PENDING", "RUNNING", "SUCCEEDED"]
    assert again.tasks["root.step-2"].error_message is None
