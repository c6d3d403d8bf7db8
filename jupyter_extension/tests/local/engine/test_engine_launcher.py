"""What stands between the engine and a task's command, and must not be noticed."""

import json
import os
import sys
from pathlib import Path

import pytest
from engine_support import Result, compiled, run
from kfp import dsl


@dsl.container_component
def command():
    return dsl.ContainerSpec(image="python:3.11", command=["python3", "-c", "pass"])


def executed(script: str, folder: Path, env: dict[str, str] | None = None) -> Result:
    """The run of ``script`` in Python, without a shell of its own."""

    @dsl.pipeline(name="one-command")
    def pipeline() -> None:
        task = command().set_caching_options(False)
        for name, value in (env or {}).items():
            task.set_env_variable(name, value)

    spec = compiled(pipeline)
    container = spec["deploymentSpec"]["executors"]["exec-command"]["container"]
    container["command"] = ["python3", "-c", script]
    return run(spec, folder)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("raise SystemExit(3)", "(exit code 3)"),
        ("raise SystemExit(200)", "(exit code 200)"),
        ("raise SystemExit(255)", "(exit code 255)"),
        ("import os; os.kill(os.getpid(), 9)", "The process was ended by SIGKILL."),
        ("import os; os.kill(os.getpid(), 15)", "The process was ended by SIGTERM."),
        # The shell of a component says so when what it has started is killed.
        ("raise SystemExit(137)", "The process was ended by SIGKILL."),
    ],
)
def test_how_a_command_ended(tmp_path: Path, script: str, said: str) -> None:
    result = executed(f"print('its words', flush=True); {script}", tmp_path)
    assert result.state == "FAILED"
    assert said in (result.tasks["root.command"].error_message or "")
    assert result.log("root.command") == "its words\n", "nobody else says anything"
    folder = tmp_path / "runs" / result.run_id / result.tasks["root.command"].task_id
    assert (folder / "exit").exists()
    assert not (folder / "started").exists()


def test_variables_of_any_name_reach_the_command(tmp_path: Path) -> None:
    given = {"with.dots": "a b", "with-dashes": "'\"$HOME", "PLAIN": "ü\n=", "1st": ""}
    script = "import json, os; print(json.dumps(dict(os.environ)))"
    result = executed(script, tmp_path, given)
    assert result.state == "SUCCEEDED", result.error
    found = json.loads(result.log("root.command"))
    assert {name: found.get(name) for name in given} == given
    own = {name for name in found if name not in os.environ and name not in given}
    assert own <= {"KUBEFLOW_LOCAL_TASK", "PYTHONUNBUFFERED", "TMPDIR", "PWD", "VIRTUAL_ENV", "_",
                   "SHLVL", "OLDPWD"}  # fmt: skip


def test_a_command_finds_the_defaults_of_a_process(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys\n"
        "names = ('SIGTERM', 'SIGINT', 'SIGHUP')\n"
        "ignored = [n for n in names if signal.getsignal(getattr(signal, n)) == signal.SIG_IGN]\n"
        "print(ignored, sys.stdin.read(), os.listdir('/proc/self/fd') if sys.platform == 'linux' else '')"
    )
    result = executed(script, tmp_path)
    assert result.state == "SUCCEEDED", result.error
    said = result.log("root.command")
    assert said.startswith("[] ")
    if sys.platform == "linux":
        assert said == "[]  ['0', '1', '2', '3']\n", "the fourth is that of the list itself"
