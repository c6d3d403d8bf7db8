"""What comes of recurring runs as time passes: catch-up, limits, ends, failures, clocks that jump."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from local_schedules import API, BEGIN, Server, World, minutes

MINUTE = timedelta(minutes=1)


def test_a_run_is_created_when_it_is_due(world: World, server: Server, schedule: Any) -> None:
    experiment = server.post("/experiments", {"display_name": "E"})["experiment_id"]
    parameters = {
        "x": 1,
        "name": "[[RunUUID]] [[Index]] [[ScheduledTime]] [[CurrentTime.2006]] {{$.scheduledTime.strftime('%H:%M')}}",
    }
    made = schedule(
        server,
        experiment_id=experiment,
        runtime_config={"parameters": parameters, "pipeline_root": "/somewhere"},
        service_account="robot",
    )
    world.pass_time(seconds=59)
    assert server.look() == timedelta(seconds=1), "it sleeps until the next run is due"
    assert server.runs(made) == []
    world.pass_time(seconds=1.5)
    server.look()
    (run,) = server.runs(made)
    assert run["display_name"] == "nightly-1"
    assert run["recurring_run_id"] == made
    assert run["experiment_id"] == experiment
    assert run["scheduled_at"] == "2026-01-05T08:01:00Z"
    assert run["service_account"] == "robot"
    assert run["runtime_config"]["pipeline_root"] == "/somewhere"
    filled = run["runtime_config"]["parameters"]["name"].split()
    assert filled[:3] == [run["run_id"], "1", "20260105080100"]
    assert filled[4] == "08:01"
    server.end(run["run_id"])
    world.pass_time(minutes=1)
    server.look()
    assert [each["display_name"] for each in server.runs(made)] == ["nightly-1", "nightly-2"]
    shown = server.get(f"/recurringruns/{made}")
    assert shown["runtime_config"]["parameters"] == parameters
    assert server.get(f"/experiments/{experiment}")["last_run_created_at"]


def test_a_cron_schedule_with_seconds(world: World, server: Server, schedule: Any) -> None:
    made = schedule(
        server, trigger={"cron_schedule": {"cron": "15,45 0 9 * * 1-5"}}, max_concurrency=10
    )
    world.pass_time(days=7)
    server.look()
    due = server.due_times(made)
    assert due == [
        BEGIN + timedelta(days=day, hours=1, seconds=second)
        for day in range(5)
        for second in (15, 45)
    ]


def test_missed_runs_are_made_up_for_one_after_the_other(
    world: World, server: Server, schedule: Any
) -> None:
    made = schedule(server, max_concurrency="2")
    world.pass_time(minutes=5, seconds=30)
    server.look()
    assert server.due_times(made) == minutes(1, 2)
    server.look()
    assert len(server.runs(made)) == 2, "no more than max_concurrency at once"
    server.end(server.runs(made)[0]["run_id"])
    server.look()
    assert server.due_times(made) == minutes(1, 2, 3)
    server.end_all(made)
    server.look()
    server.end_all(made)
    server.look()
    assert server.due_times(made) == minutes(1, 2, 3, 4, 5)
    server.end_all(made)
    assert server.look() == timedelta(seconds=30)
    assert server.due_times(made) == minutes(1, 2, 3, 4, 5)


def test_a_server_that_was_away_catches_up(world: World, schedule: Any) -> None:
    with world.server() as server:
        caught_up = schedule(server, max_concurrency=10)
        latest = schedule(server, max_concurrency=10, no_catchup=True)
        cron = {"cron_schedule": {"cron": "0 * * * * *"}}
        latest_cron = schedule(server, max_concurrency=10, no_catchup=True, trigger=cron)
    world.pass_time(minutes=6, seconds=20)
    with world.server() as server:
        server.look()
        assert server.due_times(caught_up) == minutes(1, 2, 3, 4, 5, 6)
        assert server.due_times(latest_cron) == minutes(6)
        # As in KFP, an interval that was missed as a whole begins anew.
        assert server.due_times(latest) == [world.now]
    with world.server() as server:
        server.look()
        assert len(server.runs(caught_up)) == 6
        assert len(server.engine.taken_up) == 8, "what had been created is taken up again"
        for each in (caught_up, latest, latest_cron):
            server.end_all(each)
        world.pass_time(minutes=1)
        server.look()
        assert server.due_times(caught_up)[6:] == minutes(7)
        assert server.due_times(latest_cron)[1:] == minutes(7)
        assert server.due_times(latest)[1:] == [world.now]


def test_the_end_is_included_and_final(world: World, server: Server, schedule: Any) -> None:
    end = (BEGIN + 3 * MINUTE).isoformat()
    made = schedule(
        server,
        max_concurrency=10,
        trigger={"periodic_schedule": {"interval_second": 60, "end_time": end}},
    )
    world.pass_time(hours=1)
    server.look()
    assert server.due_times(made) == minutes(1, 2, 3)
    server.end_all(made)
    world.pass_time(hours=1)
    server.look()
    assert len(server.runs(made)) == 3
    assert server.get(f"/recurringruns/{made}")["status"] == "ENABLED"


def test_a_start_in_the_past_fills_the_time_since(
    world: World, server: Server, schedule: Any
) -> None:
    past = (BEGIN - 3 * MINUTE).isoformat()
    future = (BEGIN + 10 * MINUTE).isoformat()
    periodic = {"periodic_schedule": {"interval_second": 60, "start_time": past}}
    cron = {"cron_schedule": {"cron": "0 * * * * *", "start_time": past}}
    later = {"cron_schedule": {"cron": "0 * * * * *", "start_time": future}}
    made = [
        schedule(server, trigger=trigger, max_concurrency=10) for trigger in (periodic, cron, later)
    ]
    server.look()
    assert [server.due_times(each) for each in made] == [minutes(-2, -1, 0), minutes(-2, -1, 0), []]
    world.pass_time(minutes=11)
    server.look()
    assert server.due_times(made[2]) == minutes(11)


def test_disabled_time_counts_as_missed(world: World, server: Server, schedule: Any) -> None:
    caught_up = schedule(server, max_concurrency=10)
    latest = schedule(
        server,
        max_concurrency=10,
        no_catchup=True,
        trigger={"cron_schedule": {"cron": "0 * * * * *"}},
    )
    off = schedule(server, max_concurrency=10, mode="DISABLE")
    for each in (caught_up, latest):
        server.post(f"/recurringruns/{each}:disable")
    world.pass_time(minutes=4)
    assert server.look() == MINUTE, "nothing is due"
    assert [server.runs(each) for each in (caught_up, latest, off)] == [[], [], []]
    for each in (caught_up, latest, off):
        server.post(f"/recurringruns/{each}:enable")
    server.look()
    assert server.due_times(caught_up) == server.due_times(off) == minutes(1, 2, 3, 4)
    assert server.due_times(latest) == minutes(4)


def test_a_clock_that_is_set_back_repeats_nothing(
    world: World, server: Server, schedule: Any
) -> None:
    made = schedule(server, max_concurrency=10)
    world.pass_time(minutes=2)
    server.look()
    world.pass_time(days=-3)
    server.look()
    world.pass_time(days=3)
    server.look()
    assert server.due_times(made) == minutes(1, 2)
    world.pass_time(minutes=1)
    server.look()
    assert server.due_times(made) == minutes(1, 2, 3)


@pytest.mark.parametrize("no_catchup", [True, False])
def test_a_clock_that_jumps_ahead_does_not_flood(
    world: World, server: Server, schedule: Any, no_catchup: bool
) -> None:
    made = schedule(server, max_concurrency=3, no_catchup=no_catchup)
    world.pass_time(days=30)
    for _ in range(3):
        server.look()
    assert len(server.runs(made)) == (1 if no_catchup else 3)


def test_ten_thousand_missed_runs(world: World, server: Server, schedule: Any) -> None:
    seconds = {"periodic_schedule": {"interval_second": 1}}
    made = schedule(server, trigger=seconds, max_concurrency=10)
    world.pass_time(seconds=10_000)
    for number in range(1, 6):
        assert server.look() <= MINUTE
        assert len(server.runs(made)) == 10 * number
        server.end_all(made)
    first = [BEGIN + timedelta(seconds=second) for second in range(1, 51)]
    assert server.due_times(made)[:50] == first
    server.post(f"/recurringruns/{made}:disable")
    server.end_all(made)
    count = len(server.runs(made))
    server.look()
    assert len(server.runs(made)) == count


def test_each_run_takes_the_newest_version_unless_one_is_named(
    world: World, server: Server, schedule: Any, spec: dict[str, Any]
) -> None:
    pipeline = server.post("/pipelines", {"display_name": "P"})["pipeline_id"]

    def upload(name: str, **default: Any) -> str:
        spec["root"]["inputDefinitions"]["parameters"]["y"].update(default)
        made = server.post(
            f"/pipelines/{pipeline}/versions", {"display_name": name, "pipeline_spec": spec}
        )
        return str(made["pipeline_version_id"])

    first = upload("one", defaultValue=1)
    newest = schedule(server, pipeline_version_reference={"pipeline_id": pipeline})
    pinned = schedule(
        server,
        pipeline_version_reference={"pipeline_id": pipeline, "pipeline_version_id": first},
    )
    assert server.get(f"/recurringruns/{newest}")["pipeline_version_reference"] == {
        "pipeline_id": pipeline
    }
    world.pass_time(minutes=1)
    server.look()
    second = upload("two", defaultValue=2)
    for each in (newest, pinned):
        server.end_all(each)
    assert server.http.delete(f"{API}/pipelines/{pipeline}/versions/{first}").status_code == 200
    world.pass_time(minutes=1)
    server.look()

    def versions(recurring_run_id: str) -> list[str | None]:
        return [
            run.get("pipeline_version_reference", {}).get("pipeline_version_id")
            for run in server.runs(recurring_run_id)
        ]

    assert versions(newest) == [None, second], "the version of the first run is gone"
    assert versions(pinned) == [None, None]
    kept = server.runs(pinned)[1]["pipeline_spec"]
    assert kept["root"]["inputDefinitions"]["parameters"]["y"]["defaultValue"] == 1
    assert "pipeline_spec" in server.get(f"/recurringruns/{pinned}")


@pytest.mark.parametrize(
    ("policy", "terminated"),
    [("", 0), ("ORPHAN", 0), ("BACKGROUND", 1), ("FOREGROUND", 1)],
)
def test_deletion_keeps_the_runs(
    world: World, server: Server, schedule: Any, policy: str, terminated: int
) -> None:
    made = schedule(server, max_concurrency=2)
    world.pass_time(minutes=2)
    server.look()
    server.end(server.runs(made)[0]["run_id"])
    query = {"propagation_policy": policy} if policy else {}
    answer = server.http.delete(f"{API}/recurringruns/{made}", params=query)
    assert (answer.status_code, answer.json()) == (200, {})
    assert server.http.get(f"{API}/recurringruns/{made}").status_code == 404
    world.pass_time(hours=1)
    server.look()
    first, second = server.runs(made)
    assert first["state"] == "SUCCEEDED"
    server.get("/healthz")  # the event loop has come round: the engine was told
    assert server.engine.terminated == ([second["run_id"]] if terminated else [])


def test_the_background_does_the_same(world: World, schedule: Any) -> None:
    """Without a look of the test's own: what is due at the start, and what an end of a run makes room for."""
    with world.server() as server:
        made = schedule(server)
    world.pass_time(minutes=3)
    with world.server() as server:
        for number in range(1, 4):
            while len(runs := server.runs(made)) < number:
                pass
            server.end(runs[-1]["run_id"])
        assert server.due_times(made) == minutes(1, 2, 3)


def test_another_time_zone_holds_from_the_next_start(
    world: World, schedule: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world.server() as server:
        made = schedule(server, trigger={"cron_schedule": {"cron": "0 0 9 * * *"}})
    monkeypatch.setenv("CRON_SCHEDULE_TIMEZONE", "Europe/Berlin")  # it is 9:00 there
    world.pass_time(days=1, minutes=30)
    with world.server() as server:
        while not server.runs(made):
            pass
        assert server.due_times(made) == [BEGIN + timedelta(days=1)]
