"""Recurring runs over the wire: ``kfp.Client`` as it comes, errors in KFP's form, and answers against KFP's API descriptions."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
from test_local_requests import refused

API = "/apis/v2beta1/recurringruns"
EVERY_HOUR = {"periodic_schedule": {"interval_second": 3600}}


def filtered(*predicates: dict[str, Any]) -> str:
    return json.dumps({"predicates": list(predicates)})


@pytest.fixture
def body(spec: dict[str, Any]) -> dict[str, Any]:
    """A recurring run as a client would create it, disabled."""
    return {
        "display_name": "hourly",
        "max_concurrency": "1",
        "trigger": EVERY_HOUR,
        "pipeline_spec": spec,
        "runtime_config": {"parameters": {"x": 1}},
    }


@pytest.fixture
def make(http: httpx.Client, body: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    def made(**more: Any) -> dict[str, Any]:
        answer = http.post(API, json={**body, **more})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    return made


def test_everything_that_kfp_client_sends(client: Any, adder_file: Path) -> None:
    experiment = client.create_experiment("Recurring").experiment_id
    made = client.create_recurring_run(
        experiment_id=experiment,
        job_name="all arguments",
        description="what it is for",
        start_time="2030-01-02T03:04:05Z",
        end_time="2031-01-02T03:04:05.999Z",
        cron_expression="0 0 9 ? * 2-6",
        max_concurrency=7,
        no_catchup=True,
        params={"x": 1, "name": "[[Index]]"},
        pipeline_package_path=str(adder_file),
        enabled=False,
        pipeline_root="/root/of/it",
        enable_caching=False,
        service_account="robot",
    )
    shown = client.get_recurring_run(made.recurring_run_id)
    assert shown == made
    assert shown.display_name == "all arguments"
    assert shown.description == "what it is for"
    assert shown.experiment_id == experiment
    assert shown.max_concurrency == "7"
    assert shown.no_catchup is True
    assert (shown.mode, shown.status) == ("DISABLE", "DISABLED")
    assert shown.service_account == "robot"
    assert shown.runtime_config.parameters == {"x": 1, "name": "[[Index]]"}
    assert shown.runtime_config.pipeline_root == "/root/of/it"
    schedule = shown.trigger.cron_schedule
    assert schedule.cron == "0 0 9 ? * 2-6"
    assert schedule.start_time == datetime(2030, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    assert schedule.end_time == datetime(2031, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    assert shown.trigger.periodic_schedule is None
    tasks = shown.pipeline_spec["root"]["dag"]["tasks"]
    assert all(not task["cachingOptions"].get("enableCache") for task in tasks.values())


def test_its_life_through_kfp_client(client: Any, adder_file: Path) -> None:
    experiment = client.create_experiment("Recurring by version").experiment_id
    pipeline = client.upload_pipeline(str(adder_file), "recurring adder").pipeline_id
    version = client.list_pipeline_versions(pipeline).pipeline_versions[0].pipeline_version_id
    ids = [
        client.create_recurring_run(
            experiment_id=experiment,
            job_name=f"job {number}",
            interval_second=3600,
            params={"x": number},
            pipeline_id=pipeline,
            version_id=version,
        ).recurring_run_id
        for number in range(5)
    ]
    first = client.get_recurring_run(job_id=ids[0], recurring_run_id=ids[0])
    assert first.pipeline_version_reference.pipeline_version_id == version
    assert first.trigger.periodic_schedule.interval_second == "3600"
    assert (first.mode, first.status) == ("ENABLE", "ENABLED")

    names: list[str] = []
    token = ""
    while token is not None:
        page = client.list_recurring_runs(
            page_token=token, page_size=2, sort_by="display_name desc", experiment_id=experiment
        )
        assert page.total_size == 5
        names += [each.display_name for each in page.recurring_runs]
        token = page.next_page_token or None
    assert names == [f"job {number}" for number in (4, 3, 2, 1, 0)]

    client.disable_recurring_run(ids[0])
    client.disable_job(ids[1])
    off = filtered({"operation": "EQUALS", "key": "status", "string_value": "DISABLED"})
    found = client.list_recurring_runs(experiment_id=experiment, filter=off).recurring_runs
    assert [each.recurring_run_id for each in found] == ids[:2]
    assert found[0].updated_at > first.updated_at
    client.enable_job(ids[0])
    client.enable_recurring_run(ids[1])
    assert not client.list_recurring_runs(experiment_id=experiment, filter=off).recurring_runs
    client.delete_job(ids[0])
    client.delete_recurring_run(ids[1])
    assert client.list_recurring_runs(experiment_id=experiment).total_size == 3


def test_runs_that_are_due_are_executed(client: Any, http: httpx.Client, tmp_path: Path) -> None:
    """A backfill of three runs, by the machine's own clock; the pipeline is told when it was due."""
    from kfp import compiler
    from local_pipelines import schedule_teller

    package = tmp_path / "teller.yaml"
    compiler.Compiler().compile(schedule_teller, str(package))
    past = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(hours=1)
    made = client.create_recurring_run(
        experiment_id=client.create_experiment("Backfill").experiment_id,
        job_name="backfill",
        start_time=past.isoformat(),
        end_time=(past + timedelta(minutes=3)).isoformat(),
        interval_second=60,
        max_concurrency=2,
        params={"message": "[[Index]] of [[ScheduledTime]]"},
        pipeline_package_path=str(package),
    )
    mine = filtered(
        {"operation": "EQUALS", "key": "recurring_run_id", "string_value": made.recurring_run_id}
    )

    def runs() -> list[Any]:
        return client.list_runs(sort_by="scheduled_at", filter=mine).runs or []

    for number in range(1, 4):
        while len(runs()) < number:
            pass
        run = client.wait_for_run_completion(runs()[number - 1].run_id, 120, 0.1)
        due = past + number * timedelta(minutes=1)
        assert run.state == "SUCCEEDED"
        assert run.recurring_run_id == made.recurring_run_id
        assert run.scheduled_at == due
        assert run.created_at > due
        tasks = http.get(f"/apis/v2beta1/runs/{run.run_id}/tasks").json()["tasks"]
        (told,) = (task for task in tasks if task["name"] == "tell")
        (output,) = told["outputs"]["parameters"]
        assert output["value"] == f"{number} of {due:%Y%m%d%H%M%S}, {due:%Y-%m-%dT%H:%M:%SZ}"
    assert len(runs()) == 3


def test_lists(http: httpx.Client, make: Callable[..., dict[str, Any]]) -> None:
    def listed(**query: Any) -> list[str]:
        answer = http.get(API, params={"page_size": 200, **query})
        assert answer.status_code == 200, answer.text
        return [each["display_name"] for each in answer.json().get("recurringRuns", [])]

    experiment = http.post(
        "/apis/v2beta1/experiments", json={"display_name": "Lists of recurring runs"}
    ).json()["experiment_id"]
    inside = {"experiment_id": experiment}
    first = make(display_name="list b", description="odd", **inside)
    make(display_name="list a", mode="ENABLE", **inside)
    assert listed(**inside) == ["list b", "list a"]
    assert listed(sort_by="name", **inside) == ["list a", "list b"]
    assert listed(sort_by="updated_at desc", **inside) == ["list a", "list b"]
    for predicate, names in (
        ({"operation": 8, "key": "name", "stringValue": "list"}, ["list b", "list a"]),
        ({"operation": "EQUALS", "key": "status", "string_value": "ENABLED"}, ["list a"]),
        ({"operation": "EQUALS", "key": "description", "string_value": "odd"}, ["list b"]),
        (
            {
                "operation": "GREATER_THAN",
                "key": "created_at",
                "timestamp_value": first["created_at"],
            },
            ["list a"],
        ),
        (
            {
                "operation": "IN",
                "key": "recurring_run_id",
                "string_values": {"values": [first["recurring_run_id"]]},
            },
            ["list b"],
        ),
    ):
        assert listed(filter=filtered(predicate), **inside) == names
    assert "list a" in listed(namespace="kubeflow")
    wrong = filtered({"operation": "EQUALS", "key": "color", "string_value": "red"})
    refused(http.get(API, params={"filter": wrong}), 400, 3)
    refused(http.get(API, params={"experiment_id": "gone"}), 404, 5)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"display_name": ""}, "A recurring run needs a display_name"),
        ({"max_concurrency": None}, "max_concurrency must be a number of runs from 1 to 10, not 0"),
        ({"max_concurrency": 11}, "max_concurrency must be a number of runs from 1 to 10, not 11"),
        ({"max_concurrency": "many"}, 'max_concurrency must be a whole number of 64 bits, not "m'),
        ({"mode": "ON"}, "mode must be one of MODE_UNSPECIFIED, ENABLE, DISABLE"),
        ({"no_catchup": "yes"}, "no_catchup must be true or false"),
        ({"trigger": None}, "needs a trigger with either a cron_schedule or a periodic_schedule"),
        ({"trigger": {}}, "needs a trigger with either a cron_schedule or a periodic_schedule"),
        (
            {"trigger": {**EVERY_HOUR, "cron_schedule": {"cron": "@daily"}}},
            "needs a trigger with either a cron_schedule or a periodic_schedule",
        ),
        (
            {"trigger": {"periodic_schedule": {}}},
            "trigger.periodic_schedule.interval_second must be at least 1",
        ),
        (
            {"trigger": {"periodic_schedule": {"interval_second": -5}}},
            "trigger.periodic_schedule.interval_second must be at least 1",
        ),
        (
            {"trigger": {"cron_schedule": {}}},
            'trigger.cron_schedule.cron "" is not a schedule: it has 0 fields instead of 6',
        ),
        (
            {"trigger": {"cron_schedule": {"cron": "0 0 25 * * *"}}},
            'the hour "25" is not within 0 to 23. Give "second minute hour',
        ),
        (
            {"trigger": {"cron_schedule": {"cron": "@daily", "start_time": "tomorrow"}}},
            "trigger.cron_schedule.start_time: 'tomorrow' is not a time",
        ),
        (
            {
                "trigger": {
                    "periodic_schedule": {
                        "interval_second": 1,
                        "start_time": "2026-01-02T00:00:00Z",
                        "end_time": "2026-01-01T00:00:00Z",
                    }
                }
            },
            "trigger.periodic_schedule.end_time lies before its start_time",
        ),
        (
            {"pipeline_spec": None},
            "A recurring run needs a pipeline_spec or a pipeline_version_ref",
        ),
        (
            {"pipeline_version_reference": {"pipeline_id": "p"}},
            "A recurring run takes either a pipeline_spec or a pipeline_version_reference, not both",
        ),
        ({"runtime_config": {}}, 'The parameter "x" is required'),
        ({"runtime_config": {"parameters": {"x": "1"}}}, '"x" must be a whole number'),
    ],
)
def test_what_is_refused(
    http: httpx.Client, body: dict[str, Any], more: dict[str, Any], said: str
) -> None:
    assert said in refused(http.post(API, json={**body, **more}), 400, 3)


def test_what_is_not_there(http: httpx.Client, body: dict[str, Any]) -> None:
    gone = f"{API}/gone"
    for answer in (
        http.get(gone),
        http.delete(gone),
        http.post(f"{gone}:enable"),
        http.post(f"{gone}:disable"),
        http.post(API, json={**body, "experiment_id": "gone"}),
        http.post(
            API,
            json={
                **body,
                "pipeline_spec": None,
                "pipeline_version_reference": {"pipeline_id": "gone"},
            },
        ),
    ):
        assert "gone" in refused(answer, 404, 5)
    policy = {"propagation_policy": "SOME"}
    assert "propagation_policy" in refused(http.delete(gone, params=policy), 400, 3)


def test_without_an_experiment_it_goes_to_the_default_one(
    http: httpx.Client, make: Callable[..., dict[str, Any]]
) -> None:
    made = make()
    shown = http.get(f"/apis/v2beta1/experiments/{made['experiment_id']}").json()
    assert shown["display_name"] == "Default"
    assert made["status"] == "DISABLED", "as in KFP, unless its mode is ENABLE"


def test_an_archived_experiment_takes_none(http: httpx.Client, body: dict[str, Any]) -> None:
    experiments = "/apis/v2beta1/experiments"
    made = http.post(experiments, json={"display_name": "Shut to recurring runs"}).json()
    http.post(f"{experiments}/{made['experiment_id']}:archive")
    answer = http.post(API, json={**body, "experiment_id": made["experiment_id"]})
    assert "is archived" in refused(answer, 400, 9)


def test_specs_go_with_their_last_user(
    http: httpx.Client, make: Callable[..., dict[str, Any]], spec: dict[str, Any]
) -> None:
    """Two recurring runs share a spec: the one that is left keeps it."""
    spec["pipelineInfo"]["description"] = "used by recurring runs only"
    first, second = make(pipeline_spec=spec), make(pipeline_spec=spec)
    assert http.delete(f"{API}/{first['recurring_run_id']}").json() == {}
    kept = http.get(f"{API}/{second['recurring_run_id']}").json()
    assert kept["pipeline_spec"] == spec
    assert http.delete(f"{API}/{second['recurring_run_id']}").status_code == 200


def test_answers_in_every_state_keep_to_the_contracts(
    http: httpx.Client, make: Callable[..., dict[str, Any]], body: dict[str, Any]
) -> None:
    """Every answer is held against KFP's descriptions (``conftest``); this asks for all of their forms."""

    def call(method: str, path: str, **options: Any) -> Any:
        answer = http.request(method, path, **options)
        assert answer.status_code == 200, answer.text
        return answer.json()

    past = {"start_time": "2020-01-01T00:00:00Z", "end_time": "2030-01-01T00:00:00Z"}
    made = [
        call("POST", API, json={**body, **more})["recurring_run_id"]
        for more in (
            {"description": "d", "service_account": "s", "no_catchup": True, "mode": "DISABLE"},
            {"trigger": {"cron_schedule": {"cron": "@daily", **past}}},
            {"trigger": {"periodic_schedule": {"interval_second": "1", **past}}},
        )
    ]
    # One that cannot create its run tells an error.
    experiment = http.post(
        "/apis/v2beta1/experiments", json={"display_name": "Contract of recurring runs"}
    ).json()["experiment_id"]
    failing = make(
        experiment_id=experiment, trigger={"periodic_schedule": {"interval_second": 1, **past}}
    )["recurring_run_id"]
    http.delete(f"/apis/v2beta1/experiments/{experiment}")
    call("POST", f"{API}/{failing}:enable")
    while "error" not in call("GET", f"{API}/{failing}"):
        pass
    for each in [*made, failing]:
        call("GET", f"{API}/{each}")
        call("POST", f"{API}/{each}:disable")
    call("GET", API, params={"page_size": 1})
    call("GET", API, params={"page_size": 200})
    for each in [*made, failing]:
        call("DELETE", f"{API}/{each}", params={"propagation_policy": "BACKGROUND"})
