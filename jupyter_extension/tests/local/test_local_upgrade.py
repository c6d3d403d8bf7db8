"""Upgrade from the first version: everything is there, what runs goes on, and a copy of the old state is kept."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import first_version
import httpx
import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local import process
from jupyterlab_kubeflow.local.store.database import Database
from sqlalchemy import event

API = first_version.API


@pytest.fixture
def old(home: Path) -> Path:
    """A home as the first version's server has left it when it was killed, from the SQL of its database. Its running tasks have ended since."""
    home.mkdir()
    sql = Path(__file__).with_name("first_version.sql").read_text()
    with closing(sqlite3.connect(home / "state.db")) as database:
        database.executescript(sql.replace("@HOME@", str(home)))
        rows = database.execute(
            "SELECT runs.display_name, tasks.run_id, tasks.task_id, tasks.state, tasks.pid, tasks.log_path "
            "FROM tasks JOIN runs ON runs.id = tasks.run_id WHERE tasks.type = 'RUNTIME'"
        ).fetchall()
    for name, run_id, task_id, state, pid, log in rows:
        if log:
            folder = home / "runs" / run_id / task_id
            folder.mkdir(parents=True)
            (folder / "log.txt").write_text(f"the log of {name}\n")
            if state == "RUNNING":
                known = {"pid": pid, "create_time": 1.5, "attempt": 1, "scratch": str(home / "s")}
                (folder / "process.json").write_text(json.dumps(known))
                (folder / "exit").write_text("0")
    (home / "gates").mkdir()
    (home / "gates" / "waiting.go").touch()
    return home


def _client(server: process.LocalStatus) -> httpx.Client:
    return first_version.client(server.services["pipelines"], str(server.token))


def _all_is_there(http: httpx.Client) -> None:
    """What ``first_version.use`` has made."""
    runs = first_version.runs(http)
    states = {name: run["state"] for name, run in runs.items()}
    assert {name: states[name] for name in ("added", "failed", "modelled", "cached")} == {
        "added": "SUCCEEDED",
        "failed": "FAILED",
        "modelled": "SUCCEEDED",
        "cached": "SUCCEEDED",
    }
    assert states["cancelled"] == "CANCELED"
    assert len(runs) == len(states)
    assert runs["added"]["storage_state"] == "ARCHIVED"
    assert "no such luck" in runs["failed"]["error"]["message"]
    version = runs["added"]["pipeline_version_reference"]["pipeline_version_id"]
    pipeline = runs["added"]["pipeline_version_reference"]["pipeline_id"]
    found = http.get(f"{API}/pipelines/{pipeline}/versions/{version}").json()
    assert found["display_name"] == "second"
    assert found["pipeline_spec"]["pipelineInfo"]["name"] == "adder"
    assert http.get(f"{API}/pipelines/{pipeline}/versions").json()["total_size"] == 2

    listed = http.get(f"{API}/experiments").json()["experiments"]
    experiments = {each["display_name"]: each for each in listed}
    assert experiments["kept"]["description"] == "All that is kept"
    assert experiments["old"]["storage_state"] == "ARCHIVED"
    assert runs["failed"]["experiment_id"] == experiments["kept"]["experiment_id"]

    (made,) = (task for task in first_version.tasks(http, "modelled") if task["name"] == "model")
    (reused,) = (task for task in first_version.tasks(http, "cached") if task["name"] == "model")
    assert (made["state"], reused["state"]) == ("SUCCEEDED", "CACHED")
    for task in (made, reused):
        kinds = {each["artifact_key"] for each in task["outputs"]["artifacts"]}
        assert kinds == {"model", "metrics"}
    assert http.get(f"{API}/artifacts").json()["total_size"] == 2
    outputs = [task.get("outputs") for task in first_version.tasks(http, "added")]
    assert any("8" in json.dumps(each) for each in outputs)


def _log(http: httpx.Client, run: str) -> str:
    pods = (t["pods"][0]["name"] for t in first_version.tasks(http, run) if t["name"] == "gate")
    return http.get("/k8s/pod/logs", params={"podname": next(pods)}).text


def _wait_for_end(http: httpx.Client) -> dict[str, dict[str, Any]]:
    while True:
        runs = first_version.runs(http)
        if all(run["state"] not in ("PENDING", "RUNNING", "CANCELING") for run in runs.values()):
            return runs


def test_a_state_of_the_first_version_is_upgraded(old: Path) -> None:
    with _client(process.start(old)) as http:
        runs = _wait_for_end(http)
        _all_is_there(http)
        for name in ("running 0", "running 1", "waiting"):
            assert runs[name]["state"] == "SUCCEEDED", runs[name]
        assert _log(http, "running 0") == "the log of running 0\n"
        assert _log(http, "waiting") == "begin\nend\n"
    (copy,) = old.glob("state.db.before-*")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
        assert database.execute("SELECT count(*) FROM runs").fetchone() == (8,)
    process.stop(old)
    with closing(sqlite3.connect(old / "state.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_running_server_of_the_first_version_is_followed_by_this_one(
    home: Path, tmp_path: Path
) -> None:
    package = first_version.source(tmp_path / "source")
    if package is None:
        pytest.skip("the first version is not in the history of this checkout")
    gates = tmp_path / "gates"
    gates.mkdir()
    server = first_version.start(package, home)
    first_version.use_by_itself(server, gates)
    os.kill(server.pid or 0, signal.SIGKILL)
    names = ["waiting", *(path.stem for path in gates.glob("running*"))]
    (gates / f"{names[-1]}.go").touch()
    # Its client finds this version's server at the same address.
    assert process.start(home).url == server.url
    with _client(server) as http:
        for name in names[:-1]:
            assert first_version.runs(http)[name]["state"] == "RUNNING"
            (gates / f"{name}.go").touch()
        runs = _wait_for_end(http)
        _all_is_there(http)
        for name in names:
            assert runs[name]["state"] == "SUCCEEDED", runs[name]
            assert _log(http, name) == "begin\nend\n"


def _upgrade_and_die(path: Path, statement: int) -> bool:
    """Upgrades in a process that is killed before its so many-th statement; whether it came to that."""
    child = os.fork()
    if child == 0:
        database = Database(path)
        left = [statement]

        def execute(*_: object) -> None:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(database.engine, "before_cursor_execute", execute)
        event.listen(database.engine, "commit", execute)
        database.migrate()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0


def test_an_upgrade_that_is_killed_is_made_again(old: Path) -> None:
    path = old / "state.db"
    kills = 0
    while _upgrade_and_die(path, 1 + kills * 10):
        kills += 1
        with closing(sqlite3.connect(path)) as database:
            (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
            assert revision == "0001"
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert kills > 2
    Database(path).require_current()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM runs").fetchone() == (8,)
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_nothing_is_upgraded_without_a_copy(old: Path) -> None:
    before = (old / "state.db").read_bytes()
    with closing(sqlite3.connect(old / "state.db")) as database:
        database.execute("PRAGMA journal_mode=WAL")
    before = (old / "state.db").read_bytes()
    revisions = Path(process.__file__).parent / "store" / "migrations" / "versions"
    head = max(path.name[1:5] for path in revisions.glob("v*.py"))
    blocked = old / f"state.db.before-{head}"
    blocked.mkdir()
    (blocked / "full").touch()
    with pytest.raises(KubeflowError, match=rf"to be upgraded, and cannot be copied to {blocked}"):
        process.start(old)
    assert (old / "state.db").read_bytes() == before
    assert sorted(path.name for path in old.glob("state.db.*")) == [blocked.name]


def test_looking_at_logs_upgrades_nothing(old: Path) -> None:
    """The first version's server may still be running."""
    with closing(sqlite3.connect(old / "state.db")) as database:
        (run_id,) = database.execute("SELECT id FROM runs WHERE display_name = 'added'").fetchone()
    said = subprocess.run(
        [sys.executable, "-m", "jupyterlab_kubeflow.cli", "local", "logs", "--run", run_id],
        env={**os.environ, "KUBEFLOW_LOCAL_HOME": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1
    assert "has the form of an older version" in said.stderr
    assert "`jupyter kubeflow local start` upgrades it" in said.stderr
    assert "Traceback" not in said.stderr
    with closing(sqlite3.connect(old / "state.db")) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)
