"""``kill -9`` of the server at random moments, under load: what was acknowledged is there, and everything happens once."""

from __future__ import annotations

import os
import random
import sqlite3
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import kills
import load_pipelines
import pytest
import yaml
from jupyterlab_kubeflow.local import process
from kfp import compiler

KILLS = 10
"""In each of the two tests."""


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "ledger"
    path.touch()
    return path


@pytest.fixture
def bodies(tmp_path: Path, ledger: Path) -> dict[str, dict[str, Any]]:
    """What to create a run of each kind with."""
    (tmp_path / "data").write_text("imported data")
    more: dict[str, dict[str, Any]] = {
        "cached": {"word": "even"},
        "imported": {"uri": str(tmp_path / "data")},
    }
    kinds = ("chain", "loop", "retried", "leaving", "cached", "imported", "python")
    made = {}
    for kind in kinds:
        file = tmp_path / f"{kind}.yaml"
        compiler.Compiler().compile(getattr(load_pipelines, kind), str(file))
        made[kind] = {
            "pipeline_spec": yaml.safe_load(file.read_text()),
            "runtime_config": {"parameters": {"ledger": str(ledger), **more.get(kind, {})}},
        }
    return made


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The temporary folder of the server and its tasks."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.mark.timeout(600)
@pytest.mark.parametrize("tasks", [False, True], ids=["the server", "the server and its tasks"])
def test_kill_at_random_moments_under_load(
    home: Path, scratch: Path, ledger: Path, bodies: dict[str, dict[str, Any]], tasks: bool
) -> None:
    seed = kills.seed()
    victim = kills.Victim(home)
    load = kills.Load(victim, bodies)
    for number in range(KILLS):
        dice = random.Random(f"{seed}/{number}")

        def strike(dice: random.Random = dice) -> None:
            kills.moment(dice.uniform(0, 0.7))
            victim.kill(tasks=tasks)

        load.round(dice, strike)
        if number == KILLS // 2:
            victim.kill_while_it_starts(dice.uniform(0, 2))
        victim.start()
    with victim.client() as client:
        runs = kills.all_ended(client, 300)
        _nothing_is_lost(load, runs)
        runs = _without_what_is_being_deleted(client, load, runs)
        entered = Counter(ledger.read_text().split())
        for run in runs:
            found = kills.tasks_of(client, run["run_id"])
            _ended_as_it_should(load, run, found, killed=tasks)
            for task in found:
                _executed_as_told(load, home, task, entered[task["task_id"]], killed=tasks)
                _said_as_told(client, load, task, killed=tasks)
        assert not victim.task_processes()
        _slots_are_free(client, home.parent)
    process.stop(home)
    assert list(scratch.glob("kubeflow-*")) == []
    kept = {path.name for name in ("runs", "artifacts") for path in (home / name).iterdir()}
    assert not kept & (load.deleted.yes | load.deleted.unknown)
    with sqlite3.connect(home / "state.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        alone = "SELECT * FROM artifacts WHERE id NOT IN (SELECT artifact_id FROM artifact_tasks)"
        assert database.execute(alone).fetchall() == []
    print(
        f"{victim.kills} kills, {len(runs)} runs, {sum(entered.values())} executions; terminated: {len(load.terminated.yes)}, "
        f"deleted: {len(load.deleted.yes)}, retried: {load.retried.total()}"
    )


def _nothing_is_lost(load: kills.Load, runs: list[dict[str, Any]]) -> None:
    assert load.wrong == []
    ids = {run["run_id"] for run in runs}
    acknowledged = set(load.kinds) - load.deleted.yes - load.deleted.unknown
    assert acknowledged <= ids
    assert not ids & load.deleted.yes
    names = [run["display_name"] for run in runs]
    assert len(names) == len(set(names))
    assert set(names) <= load.names.yes | load.names.unknown


def _without_what_is_being_deleted(
    client: httpx.Client, load: kills.Load, runs: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Repeats the deletions whose end nobody was told."""
    for run_id in load.deleted.unknown:
        assert client.delete(f"{kills.API}/runs/{run_id}").status_code in (200, 404)
    return [run for run in runs if run["run_id"] not in load.deleted.unknown]


def _ended_as_it_should(
    load: kills.Load, run: dict[str, Any], tasks: list[dict[str, Any]], *, killed: bool
) -> None:
    """``killed``: the run's processes may have been killed."""
    kind = load.kinds.get(run["run_id"]) or run["display_name"].split()[0]
    error = run.get("error", {}).get("message", "")
    wish = [each for each in run["state_history"] if each["state"] == "CANCELING"]
    assert wish or run["run_id"] not in load.terminated.yes
    story = "\n".join(_story(each) for each in (run, *tasks))
    if run["state"] == "CANCELED":
        assert wish, story
    elif wish and not load.was_retried(run["run_id"]):
        # It came when all was done.
        entries = [entry for task in tasks for entry in task["state_history"]]
        begun = [_time(each["update_time"]) for each in entries if each["state"] == "RUNNING"]
        assert max(begun) <= _time(wish[0]["update_time"]), story
    elif kind == kills.FAILING:
        assert run["state"] == "FAILED", story
        assert "exit code 3" in error or killed, story
    elif run["state"] == "FAILED":
        assert killed, story
        assert "killed from outside" in error, story
    else:
        assert run["state"] == "SUCCEEDED", story


def _story(thing: dict[str, Any]) -> str:
    """What is told of a run or task."""
    times = ", ".join(f"{each['update_time']} {each['state']}" for each in thing["state_history"])
    said = thing.get("error") or thing.get("status_metadata")
    return f"{thing.get('scope_path', thing['display_name'])}: {times}; {said}"


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _executed_as_told(
    load: kills.Load, home: Path, task: dict[str, Any], times: int, *, killed: bool
) -> None:
    told = kills.attempts(home, task)
    cancelled = "custom_properties" in task.get("status_metadata", {})
    exactly = task["state"] in ("SUCCEEDED", "FAILED") and not cancelled and not killed
    if load.was_retried(task["run_id"]):
        least = load.retried[task["run_id"]] + told
        most = least + load.perhaps_retried[task["run_id"]]
        assert times <= most, task
        assert times >= least or not told or not exactly, task
    elif exactly and told:
        assert times == told, task
    else:
        assert times <= told, task


def _said_as_told(
    client: httpx.Client, load: kills.Load, task: dict[str, Any], *, killed: bool
) -> None:
    if task["state"] == "SUCCEEDED" and task["name"] in ("note", "flaky"):
        log = client.get("/k8s/pod/logs", params={"podname": task["pods"][0]["name"]}).text
        said = [load_pipelines.line(task["task_id"], 1 + n) for n in range(load_pipelines.LINES)]
        if killed or load.was_retried(task["run_id"]):
            assert log.splitlines()[-len(said) :] == said
        else:
            assert log.splitlines() == said


def _slots_are_free(client: httpx.Client, folder: Path) -> None:
    """As many tasks as there are slots meet: each ends only when all of them run at the same time."""
    place = folder / "place"
    place.mkdir()
    file = folder / "meeting.yaml"
    compiler.Compiler().compile(load_pipelines.meeting, str(file))
    slots = os.cpu_count() or 1
    names = [str(number) for number in range(slots)]
    parameters = {"folder": str(place), "names": names, "others": slots}
    client.post(
        f"{kills.API}/runs",
        json={
            "display_name": "meeting",
            "pipeline_spec": yaml.safe_load(file.read_text()),
            "runtime_config": {"parameters": parameters},
        },
    ).raise_for_status()
    ended = {run["display_name"]: run["state"] for run in kills.all_ended(client, 60)}
    assert ended["meeting"] == "SUCCEEDED"
