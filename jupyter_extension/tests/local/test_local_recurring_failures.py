"""A recurring run that cannot create its run says why, does not spin, and goes on once it can."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local import process
from jupyterlab_kubeflow.local.pipelines import recurring
from local_schedules import API, Server, World, minutes
from sqlalchemy import event
from sqlalchemy.pool import Pool

MINUTE = timedelta(minutes=1)


def test_what_cannot_be_created_is_said_and_tried_again(
    world: World, server: Server, schedule: Any, spec: dict[str, Any]
) -> None:
    pipeline = server.post("/pipelines", {"display_name": "P"})["pipeline_id"]
    versions = f"/pipelines/{pipeline}/versions"
    server.post(versions, {"display_name": "one", "pipeline_spec": spec})
    made = schedule(
        server, pipeline_version_reference={"pipeline_id": pipeline}, max_concurrency=10
    )
    parameters = spec["root"]["inputDefinitions"]["parameters"]
    parameters["z"] = {"parameterType": "STRING"}
    server.post(versions, {"display_name": "two", "pipeline_spec": spec})
    world.pass_time(minutes=2)
    assert server.look() == MINUTE, "it does not spin"
    shown = server.get(f"/recurringruns/{made}")
    assert shown["error"]["message"] == (
        "The run that was due at 2026-01-05T08:01:00Z cannot be created: "
        'The parameter "z" is required, but has no value.'
    )
    assert shown["status"] == "ENABLED"
    del parameters["z"]
    server.post(versions, {"display_name": "three", "pipeline_spec": spec})
    server.look()
    assert server.runs(made) == [], "it is tried again after a while"
    world.pass_time(minutes=1)
    server.look()
    assert server.due_times(made) == minutes(1, 2, 3)
    assert "error" not in server.get(f"/recurringruns/{made}")


def test_a_schedule_outlives_its_pipeline_and_says_so(
    world: World, server: Server, schedule: Any, spec: dict[str, Any]
) -> None:
    pipeline = server.post("/pipelines", {"display_name": "P"})["pipeline_id"]
    server.post(f"/pipelines/{pipeline}/versions", {"display_name": "v", "pipeline_spec": spec})
    made = schedule(server, pipeline_version_reference={"pipeline_id": pipeline})
    other = schedule(server)
    gone = server.http.delete(f"{API}/pipelines/{pipeline}", params={"cascade": "true"})
    assert gone.status_code == 200
    world.pass_time(minutes=1)
    server.look()
    said = server.get(f"/recurringruns/{made}")["error"]["message"]
    assert f"There is no pipeline {pipeline}" in said
    assert server.due_times(other) == minutes(1), "others go on"


def test_an_archived_experiment_disables_its_recurring_runs(
    world: World, server: Server, schedule: Any
) -> None:
    experiment = server.post("/experiments", {"display_name": "E"})["experiment_id"]
    inside = schedule(server, experiment_id=experiment)
    outside = schedule(server)
    server.post(f"/experiments/{experiment}:archive")
    assert server.get(f"/recurringruns/{inside}")["status"] == "DISABLED"
    assert server.get(f"/recurringruns/{outside}")["status"] == "ENABLED"
    server.post(f"/experiments/{experiment}:unarchive")
    assert server.get(f"/recurringruns/{inside}")["status"] == "DISABLED"

    server.post(f"/recurringruns/{inside}:enable")
    server.post(f"/experiments/{experiment}:archive")
    server.post(f"/recurringruns/{inside}:enable")
    world.pass_time(minutes=1)
    server.look()
    assert "is archived" in server.get(f"/recurringruns/{inside}")["error"]["message"]
    server.post(f"/experiments/{experiment}:unarchive")
    server.post(f"/recurringruns/{inside}:disable")
    server.post(f"/recurringruns/{inside}:enable")
    server.look()
    assert server.due_times(inside) == minutes(1), "enabling it tries at once"


def test_a_deleted_experiment_is_named(world: World, server: Server, schedule: Any) -> None:
    experiment = server.post("/experiments", {"display_name": "E"})["experiment_id"]
    made = schedule(server, experiment_id=experiment)
    assert server.http.delete(f"{API}/experiments/{experiment}").status_code == 200
    world.pass_time(minutes=1)
    server.look()
    said = server.get(f"/recurringruns/{made}")["error"]["message"]
    assert f"There is no experiment {experiment}" in said


def test_what_nobody_foresaw_is_said_too(
    world: World, server: Server, schedule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = schedule(server, max_concurrency=10)

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(recurring, "record_run", broken)
        world.pass_time(minutes=1)
        assert server.look() == MINUTE
    said = server.get(f"/recurringruns/{made}")["error"]["message"]
    assert "(ZeroDivisionError). `jupyter kubeflow local logs`" in said
    world.pass_time(minutes=1)
    server.look()
    assert server.due_times(made) == minutes(1, 2)
    assert "error" not in server.get(f"/recurringruns/{made}")


def test_a_disk_that_cannot_be_written_loses_no_run(
    world: World, server: Server, schedule: Any
) -> None:
    made = schedule(server, max_concurrency=10)
    read_only = [1]

    def checkout(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA query_only={read_only[0]}")

    event.listen(Pool, "checkout", checkout)
    try:
        world.pass_time(minutes=2)
        assert server.look() == MINUTE
        assert server.runs(made) == []
        read_only[0] = 0
        world.pass_time(minutes=1)
        server.look()
    finally:
        event.remove(Pool, "checkout", checkout)
    assert server.due_times(made) == minutes(1, 2, 3)


def test_a_time_zone_that_is_none_is_said_at_the_start(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRON_SCHEDULE_TIMEZONE", "Mars/Olympus")
    with pytest.raises(KubeflowError, match=r"CRON_SCHEDULE_TIMEZONE must name a time zone.*Mars"):
        process.start(home)
