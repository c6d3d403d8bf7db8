"""Lists: paging that neither repeats nor skips, sorting, filters."""

from __future__ import annotations

import base64
import json
import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
from jupyterlab_kubeflow.local.pipelines.listing import ListQuery, read_page
from jupyterlab_kubeflow.local.pipelines.runs import _KEYS
from jupyterlab_kubeflow.local.store.database import Database
from jupyterlab_kubeflow.local.store.models import Run, Spec
from sqlalchemy import select, text


@pytest.fixture
def experiment(http: httpx.Client) -> str:
    """An experiment with five runs, ``run-0`` to ``run-4``, of a spec that fails at once for lack of a command."""
    made = http.post("/apis/v2beta1/experiments", json={"display_name": str(uuid.uuid4())}).json()
    spec = {
        "pipelineInfo": {"name": "p"},
        "schemaVersion": "2.1.0",
        "root": {"dag": {"tasks": {}}},
        "deploymentSpec": {"executors": {}},
    }
    for number in (3, 1, 4, 0, 2):
        body = {
            "display_name": f"run-{number}",
            "experiment_id": made["experiment_id"],
            "pipeline_spec": spec,
            "description": "odd_" if number % 2 else "50% even",
        }
        assert http.post("/apis/v2beta1/runs", json=body).status_code == 200
    return str(made["experiment_id"])


def names(http: httpx.Client, **query: Any) -> list[str]:
    answer = http.get("/apis/v2beta1/runs", params=query)
    assert answer.status_code == 200, answer.text
    return [run["display_name"] for run in answer.json().get("runs", [])]


def test_parameters_may_be_named_as_json_names_them(http: httpx.Client, experiment: str) -> None:
    query = {"experimentId": experiment, "pageSize": 2, "sortBy": "display_name desc"}
    assert names(http, **query) == ["run-4", "run-3"]


def test_paging(http: httpx.Client, experiment: str) -> None:
    seen: list[str] = []
    token = ""
    while True:
        page = http.get(
            "/apis/v2beta1/runs",
            params={
                "experiment_id": experiment,
                "page_size": 2,
                "page_token": token,
                "sort_by": "" if token else "display_name desc",
            },
        ).json()
        assert page["total_size"] == 5
        seen += [run["display_name"] for run in page["runs"]]
        token = page.get("next_page_token", "")
        if not token:
            break
    assert seen == ["run-4", "run-3", "run-2", "run-1", "run-0"]


def test_a_page_goes_on_where_the_last_one_ended(http: httpx.Client, experiment: str) -> None:
    query = {"experiment_id": experiment, "page_size": 2, "sort_by": "name"}
    first = http.get("/apis/v2beta1/runs", params=query).json()
    http.delete(f"/apis/v2beta1/runs/{first['runs'][0]['run_id']}")
    assert names(http, page_token=first["next_page_token"], **query) == ["run-2", "run-3"]


def test_sorting(http: httpx.Client, experiment: str) -> None:
    assert names(http, experiment_id=experiment) == ["run-3", "run-1", "run-4", "run-0", "run-2"]
    assert names(http, experiment_id=experiment, sort_by="created_at desc")[0] == "run-2"
    assert names(http, experiment_id=experiment, sort_by="name asc")[0] == "run-0"
    for key in ("finished_at", "state", "storage_state", "run_id desc", "scheduled_at"):
        assert len(names(http, experiment_id=experiment, sort_by=key, page_size=3)) == 3


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"page_size": "-1"}, "page_size"),
        ({"page_size": "many"}, "page_size"),
        ({"page_token": "made-up"}, "page_token"),
        ({"page_token": "e30"}, "page_token"),
        ({"sort_by": "colour"}, '"colour"'),
        ({"sort_by": "name sideways"}, "sort_by"),
    ],
)
def test_bad_queries(http: httpx.Client, query: dict[str, str], said: str) -> None:
    answer = http.get("/apis/v2beta1/runs", params=query)
    assert answer.status_code == 400
    assert said in answer.json()["message"]


@pytest.mark.parametrize("value", ["noon", 7, None, [1], {"a": 1}, 2**80, True, "\ud800"])
@pytest.mark.parametrize("sort", ["created_at", "name", "run_id desc", "finished_at"])
def test_tampered_tokens(http: httpx.Client, value: Any, sort: str) -> None:
    token = {"value": value, "id": "i", "sort": sort, "filter": "", "scope": ""}
    coded = base64.urlsafe_b64encode(json.dumps(token).encode()).decode()
    assert http.get("/apis/v2beta1/runs", params={"page_token": coded}).status_code in (200, 400)
    token = {"value": "x", "id": value, "sort": sort, "filter": value, "scope": ""}
    coded = base64.urlsafe_b64encode(json.dumps(token).encode()).decode()
    assert http.get("/apis/v2beta1/runs", params={"page_token": coded}).status_code == 400


def test_a_token_is_good_for_its_own_list_only(http: httpx.Client, experiment: str) -> None:
    query = {"experiment_id": experiment, "page_size": "1"}
    token = http.get("/apis/v2beta1/runs", params=query).json()["next_page_token"]
    another = http.get("/apis/v2beta1/experiments").json()["experiments"][0]["experiment_id"]
    for other in ({"sort_by": "name"}, {"experiment_id": another}):
        answer = http.get("/apis/v2beta1/runs", params={**query, **other, "page_token": token})
        assert answer.status_code == 400
        assert "page_token" in answer.json()["message"]


def test_large_pages_are_cut_to_the_largest(tmp_path: Path) -> None:
    database = _with_runs(tmp_path, 450)
    with database.read() as session:
        first = read_page(session, select(Run), _KEYS, Run.id, ListQuery(page_size=1000))
        assert (len(first.rows), first.total) == (200, 450)
        assert len(read_page(session, select(Run), _KEYS, Run.id, ListQuery()).rows) == 20


def test_runs_by_time_are_read_by_index(tmp_path: Path) -> None:
    database = _with_runs(tmp_path, 1)
    plan = "EXPLAIN QUERY PLAN SELECT * FROM runs ORDER BY created_at DESC, id DESC LIMIT 50"
    with database.read() as session:
        said = " ".join(str(row) for row in session.execute(text(plan)))
    assert "ix_runs_created_at" in said
    assert "TEMP B-TREE" not in said


def _with_runs(folder: Path, count: int) -> Database:
    database = Database(folder / "state.db")
    database.migrate()
    begin = datetime(2026, 1, 1, tzinfo=timezone.utc)
    with database.write() as session:
        session.add(Spec(digest="d", pipeline_spec={}, platform_spec=None))
        session.flush()
        session.add_all(
            Run(
                id=f"{number:05}",
                experiment_id="e",
                display_name=f"run {number}",
                created_at=begin + timedelta(seconds=number // 3),
                state="SUCCEEDED",
                storage_state="AVAILABLE",
                state_history=[],
                parameters={},
                spec_digest="d",
            )
            for number in range(count)
        )
    return database
