"""``jupyter kubeflow local …`` as a user calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import kfp
import pytest
from jupyterlab_kubeflow.cli import main
from jupyterlab_kubeflow.local import process
from local_pipelines import adder


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jupyterlab_kubeflow.cli", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "KUBEFLOW_LOCAL_HOME": str(home)},
        timeout=120,
        check=False,
    )


def local(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(home, "local", *arguments)


def test_start_status_stop(home: Path) -> None:
    nothing = local(home, "status", "--output", "json")
    assert nothing.returncode == 0
    assert json.loads(nothing.stdout) == {
        "running": False,
        "url": None,
        "token": None,
        "pid": None,
        "version": None,
        "home": str(home),
        "kubeconfig": None,
        "services": {},
    }
    assert "does not run" in local(home, "status").stdout
    assert "never started" in local(home, "logs").stderr

    started: dict[str, Any] = json.loads(local(home, "start", "--output", "json").stdout)
    assert started == process.status(home).to_json()
    assert started["services"]["pipelines"] == f"{started['url']}/pipelines"
    assert started["services"]["registry"] == f"{started['url']}/registry"
    assert started["kubeconfig"] == str(home / "kubeconfig")
    assert started["services"]["kubernetes"] in Path(started["kubeconfig"]).read_text()
    said = local(home, "status").stdout
    assert started["url"] in said
    assert started["token"] not in said
    assert "startup complete" in local(home, "logs").stdout

    stopped = local(home, "stop")
    assert stopped.returncode == 0
    assert stopped.stdout == f"Local Kubeflow is stopped (folder {home}).\n"
    assert local(home, "stop").stdout == f"Local Kubeflow was not running (folder {home}).\n"


def test_task_logs(home: Path) -> None:
    server = process.start(home)
    client = kfp.Client(host=server.services["pipelines"], existing_token=server.token)
    run_id = client.create_run_from_pipeline_func(adder, arguments={"x": 1}).run_id
    client.wait_for_run_completion(run_id, 60, 0.1)

    everything = local(home, "logs", "--run", run_id)
    assert everything.returncode == 0, everything.stderr
    assert everything.stdout.index("==> root.add <==") < everything.stdout.index("adding 1 and 3")
    assert "adding 4 and 4" in everything.stdout
    one = local(home, "logs", "--run", run_id, "--task", "add-2", "--follow")
    assert "adding 4 and 4" in one.stdout
    assert "adding 1 and 3" not in one.stdout

    for arguments, said in (
        (("--run", run_id, "--task", "gone"), 'no task "gone"'),
        (("--run", "gone"), "no run gone"),
        (("--task", "add"), "--task needs --run"),
    ):
        wrong = local(home, "logs", *arguments)
        assert wrong.returncode == 1
        assert said in wrong.stderr
        assert "Traceback" not in wrong.stderr


def test_prepare(home: Path, tmp_path: Path, adder_file: Path) -> None:
    assert "Nothing" in local(home, "prepare").stdout
    ready = local(home, "prepare", str(adder_file))
    assert ready.returncode == 0, ready.stderr
    assert "adder" in ready.stdout
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("a: [")
    refused = local(home, "prepare", str(wrong))
    assert refused.returncode == 1
    assert "wrong.yaml" in refused.stderr
    assert local(home, "prepare", str(tmp_path / "gone.yaml")).returncode == 1


def test_wrong_usage(home: Path) -> None:
    for arguments in (
        (),
        ("local",),
        ("local", "fly"),
        ("local", "start", "--port", "99999"),
        ("local", "stop", "--timeout", "nan"),
    ):
        wrong = run(home, *arguments)
        assert wrong.returncode == 2
        assert "usage" in wrong.stderr
    assert run(home, "--help").returncode == 0


def test_without_the_extra_the_remedy_is_named(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KUBEFLOW_LOCAL_HOME", str(home))
    monkeypatch.setattr(process, "_REQUIRED", ("no_such_package",))
    for arguments in (["start"], ["prepare", str(tmp_path)], ["logs", "--run", "r"]):
        assert main(["local", *arguments]) == 1
        said = capsys.readouterr().err
        assert (
            'no_such_package). Install them with: pip install "jupyterlab-kubeflow[local]"' in said
        )
