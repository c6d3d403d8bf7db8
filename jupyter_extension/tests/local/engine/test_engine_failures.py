"""What a failed task says, what a task sees of the machine, and what it is not given.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from constructs_components import say
from engine_support import Result, run
from kfp import dsl

HANDLED = "try:\n    1 / 0\nexcept ZeroDivisionError:\n    "


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise KeyError('cell 3')", "KeyError: 'cell 3' (exit code 1)"),
        (
            "raise ValueError('2 problems:\\n- a is wrong\\n- b is wrong')",
            "ValueError: 2 problems: … - b is wrong (exit code 1)",
        ),
        (
            HANDLED + "traceback.print_exc()\nprint('noise\\n' * 100)\nsys.exit('no data')",
            "no data (exit code 1)",
        ),
        (
            HANDLED + "logging.exception('first')\nsys.exit('no data')",
            "no data (exit code 1)",
        ),
        (
            HANDLED + "traceback.print_exc()\nsys.exit('no data')",
            "ZeroDivisionError: division by zero … no data (exit code 1)",
        ),
        (
            HANDLED + "traceback.print_exc()\nprint('giving up')\nsys.exit(3)",
            "giving up (exit code 3)",
        ),
        (
            HANDLED + "traceback.print_exc()\nos.kill(os.getpid(), 9)",
            "ended by SIGKILL. The machine may have run out of memory.",
        ),
        ("sys.exit(1)", "It wrote no message. (exit code 1)"),
    ],
)
def test_the_message_of_a_failure_is_the_last_word_of_the_log(
    tmp_path: Path, code: str, said: str
) -> None:
    program = "import logging, os, sys, traceback\n" + code

    @dsl.container_component
    def noisy():
        return dsl.ContainerSpec(image="python:3.11", command=["python3", "-u", "-c", program])

    result = run(noisy, tmp_path)
    assert str(result.error).endswith(said)
    assert "ZeroDivisionError" not in str(result.error) or "ZeroDivisionError" in said


def test_an_argument_that_is_too_large_is_refused(tmp_path: Path) -> None:
    @dsl.pipeline(name="large")
    def pipeline(text: str) -> str:
        return say(text=text).output

    result = run(pipeline, tmp_path, parameters={"text": "x" * 140_000})
    assert result.state == "FAILED"
    assert "An argument of the command is 140," in str(result.error)
    assert "as an artifact" in str(result.error)


def test_environment_and_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @dsl.component
    def look() -> dict:
        import os

        names = ("OWN", "FROM_SERVER", "JUPYTER_TOKEN", "KUBEFLOW_LOCAL_TOKEN")
        return {name: os.environ.get(name) for name in names if name in os.environ}

    @dsl.pipeline(name="env")
    def pipeline() -> dict:
        return look().set_env_variable("OWN", "1").output

    monkeypatch.setenv("FROM_SERVER", "2")
    monkeypatch.setenv("JUPYTER_TOKEN", "secret")
    monkeypatch.setenv("KUBEFLOW_LOCAL_TOKEN", "secret")
    assert run(pipeline, tmp_path).outputs() == {"Output": {"OWN": "1", "FROM_SERVER": "2"}}


def test_a_command_runs_in_a_folder_of_its_own(tmp_path: Path) -> None:
    @dsl.container_component
    def where():
        return dsl.ContainerSpec(image="alpine", command=["pwd"])

    result = run(where, tmp_path)
    folder = tmp_path / "runs" / result.run_id / result.tasks["root.where"].task_id
    assert result.log("root.where").strip() == str(folder / "work"), result.error


def _unknown_command(tmp_path: Path) -> Result:
    @dsl.container_component
    def absent():
        return dsl.ContainerSpec(image="alpine", command=["no-such-command-at-all"])

    return run(absent, tmp_path)


def _too_long(tmp_path: Path) -> Result:
    @dsl.container_component
    def absent(text: str):
        return dsl.ContainerSpec(image="alpine", command=["true"], args=[text])

    return run(absent, tmp_path, parameters={"text": "x" * 200_000})


@pytest.mark.parametrize("refused", [_unknown_command, _too_long])
def test_the_log_of_a_task_that_was_never_started_says_why(
    tmp_path: Path, refused: Callable[[Path], Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBEFLOW_LOCAL_CONTAINERS", "never")
    result = refused(tmp_path)
    task = result.tasks["root.absent"]
    assert task.state == "FAILED"
    assert task.error_message
    assert result.log("root.absent") == f"[Local Kubeflow] {task.error_message}\n"


@dsl.component
def number(code: str) -> float:
    return eval(code)


@dsl.component
def structure(code: str) -> dict:
    return eval(code)


@dsl.component
def written(code: str, out: dsl.OutputPath(dict)):
    with open(out, "w") as file:
        file.write(code)


@dsl.component
def measured(code: str, metrics: dsl.Output[dsl.Metrics]):
    metrics.metadata["loss"] = eval(code)


@pytest.mark.parametrize(
    ("component", "code", "said"),
    [
        (number, "float('nan')", "'Output' cannot be kept: Output is nan, and JSON has finite"),
        (number, "-float('inf')", "'Output' cannot be kept: Output is -inf"),
        (structure, "{'a': [1, float('inf')]}", "'Output' cannot be kept: Output.a[1] is inf"),
        (written, '{"a": NaN}', "'out' cannot be kept: out.a is nan"),
        (written, '{"a": "\\ud800"}', "'out' cannot be kept: out.a has half of a character"),
        (measured, "float('nan')", "artifacts.metrics.artifacts[0].metadata.loss is nan"),
    ],
)
def test_what_json_cannot_hold_is_named(
    tmp_path: Path, component: Callable[..., object], code: str, said: str
) -> None:
    @dsl.pipeline(name="unsendable")
    def pipeline() -> None:
        component(code=code)

    result = run(pipeline, tmp_path)
    assert result.state == "FAILED"
    assert said in str(result.error)
