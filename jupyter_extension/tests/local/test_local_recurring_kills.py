"""A server that is killed while it makes up for missed runs loses none of them and creates none twice."""

from __future__ import annotations

import json
import os
import signal
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import httpx
from jupyterlab_kubeflow.local import process

RUNS = 40
KILLS = 6


def test_kills_during_catch_up(home: Path, spec: dict[str, Any]) -> None:
    past = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(hours=1)
    due = [past + timedelta(seconds=number) for number in range(1, RUNS + 1)]
    server = process.start(home)
    created = _request(
        server,
        "POST",
        "/recurringruns",
        json={
            "display_name": "killed",
            "mode": "ENABLE",
            "max_concurrency": 10,
            "trigger": {
                "periodic_schedule": {
                    "interval_second": 1,
                    "start_time": past.isoformat(),
                    "end_time": due[-1].isoformat(),
                }
            },
            "pipeline_spec": spec,
            "runtime_config": {"parameters": {"x": 1}},
        },
    )
    mine = {"key": "recurring_run_id", "string_value": created["recurring_run_id"]}

    def count(*more: dict[str, Any]) -> int:
        predicates = [{"operation": 1, **each} for each in (mine, *more)]
        query = {"filter": json.dumps({"predicates": predicates}), "page_size": 1}
        return int(_request(server, "GET", "/runs", params=query).get("total_size", 0))

    for kill in range(1, KILLS + 1):
        while count() < kill * RUNS // (KILLS + 1):
            pass
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)
        os.waitpid(server.pid, 0)
        server = process.start(home)
    while count({"key": "state", "string_value": "SUCCEEDED"}) < RUNS:
        assert not count({"key": "state", "string_value": "FAILED"})
    query = {
        "filter": json.dumps({"predicates": [{"operation": 1, **mine}]}),
        "page_size": 200,
        "sort_by": "scheduled_at",
    }
    runs = _request(server, "GET", "/runs", params=query)["runs"]
    assert [
        datetime.fromisoformat(run["scheduled_at"].replace("Z", "+00:00")) for run in runs
    ] == due
    assert [run["display_name"] for run in runs] == [f"killed-{n}" for n in range(1, RUNS + 1)]


def _request(server: process.LocalStatus, method: str, path: str, **options: Any) -> dict[str, Any]:
    answer = httpx.request(
        method,
        f"{server.services['pipelines']}/apis/v2beta1{path}",
        headers={"Authorization": f"Bearer {server.token}"},
        timeout=60,
        trust_env=False,
        **options,
    )
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
