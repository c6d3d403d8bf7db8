"""KFP's published API: every operation is offered or refused in KFP's form, and every answer is of its form.

The latter is held by ``conftest.py`` for all tests of this folder; here are the operations that no other test asks for.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import kfp_contract
import pytest
from local_pipelines import adder, failing, waiter

PUBLISHED = Path("/work/shared/contracts/pipelines")

REFUSED = {
    "GET /apis/v2beta1/filters",
    "POST /apis/v2beta1/scheduledworkflows",
    "POST /apis/v2beta1/visualizations/{namespace}",
    "POST /apis/v2beta1/workflows",
}
"""What only a cluster's agents or its visualization service need."""


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="KFP's API descriptions are not here")
def test_the_committed_descriptions_are_the_published_ones() -> None:
    assert kfp_contract.without_words(PUBLISHED) == kfp_contract.contract()


@pytest.mark.parametrize(("method", "template"), kfp_contract.operations())
def test_every_operation_is_offered_or_refused(
    http: httpx.Client, method: str, template: str
) -> None:
    """Asked for things that are not there: no answer may say that there is no such operation, but for those that are refused in words."""
    path = re.sub(r"\{[^}]*\}", "gone", template)
    answer = http.request(method, path, content=b"" if method in ("POST", "PATCH") else None)
    if f"{method} {template}" in REFUSED:
        assert answer.status_code == 501
        assert "does not offer" in answer.json()["message"]
        return
    if answer.status_code >= 400:
        said = answer.json()
        assert said["code"] in (3, 5), said
        assert "no route" not in said["message"], said


def test_the_check_can_fail() -> None:
    path = "/apis/v2beta1/healthz"
    kfp_contract.check("GET", path, 200, {"multi_user": False})
    for body in ({"multiUser": False}, {"multi_user": "no"}, []):
        with pytest.raises(AssertionError):
            kfp_contract.check("GET", path, 200, body)
    error = {"error": "x", "code": 5, "message": "x", "details": [{"message": "x"}]}
    kfp_contract.check("GET", path, 404, error)
    for status, body in ((400, error), (404, {**error, "code": 3}), (404, {"message": "x"})):
        with pytest.raises(AssertionError):
            kfp_contract.check("GET", path, status, body)
    with pytest.raises(AssertionError, match="KFP has no"):
        kfp_contract.check("GET", "/apis/v2beta1/made-up", 200, {})
    run = {"run_id": "r", "created_at": "yesterday"}
    with pytest.raises(AssertionError, match="created_at"):
        kfp_contract.check("POST", "/apis/v2beta1/runs", 200, run)


def test_runs_and_their_tasks_in_all_views(http: httpx.Client, client: Any, tmp_path: Path) -> None:
    """Succeeded, failed and with an artifact: their tasks one by one, both ways, and what read and wrote their artifacts."""
    (tmp_path / "gate").touch()
    runs = [
        client.create_run_from_pipeline_func(adder, arguments={"x": 1}).run_id,
        client.create_run_from_pipeline_func(failing).run_id,
        client.create_run_from_pipeline_func(
            waiter, arguments={"gate": str(tmp_path / "gate")}
        ).run_id,
    ]
    for run in runs:
        client.wait_for_run_completion(run, 120, 0.1)
        path = f"/apis/v2beta1/runs/{run}"
        tasks = http.get(f"{path}/tasks").json()["tasks"]
        for task in tasks:
            assert http.get(f"{path}/tasks/{task['task_id']}").json() == task
        full = http.get(path, params={"view": "FULL"}).json()
        assert full["tasks"] == tasks
        assert full["task_count"] == len(tasks) == len(full["run_details"]["task_details"])
    listed = http.get(
        "/apis/v2beta1/runs",
        params={"page_size": 3, "view": "FULL", "sort_by": "created_at desc"},
    ).json()
    assert [one["run_id"] for one in listed["runs"]] == runs[::-1]
    assert listed["runs"][-1]["tasks"]
    links = http.get("/apis/v2beta1/artifact_tasks", params={"run_ids": runs[-1]}).json()
    artifact = links["artifact_tasks"][0]["artifact_id"]
    assert http.get(f"/apis/v2beta1/artifacts/{artifact}").json()["artifact_id"] == artifact


def test_authorisation_is_granted_when_the_question_is_whole(http: httpx.Client) -> None:
    whole = {"namespace": "kubeflow", "resources": "VIEWERS", "verb": "GET"}
    assert http.get("/apis/v2beta1/auth", params=whole).json() == {}
    assert http.get("/apis/v2beta1/auth", params={**whole, "verb": "1"}).json() == {}
    for name in whole:
        for value in ("", "0", "NOTHING"):
            if name == "namespace" and value:
                continue
            answer = http.get("/apis/v2beta1/auth", params={**whole, name: value})
            assert (answer.status_code, answer.json()["code"]) == (400, 3), name
            assert name in answer.json()["message"]


def test_what_is_empty_is_left_out(http: httpx.Client) -> None:
    """As by KFP, whose answers are protobuf's JSON without what is not set."""
    none = {"predicates": [{"operation": "EQUALS", "key": "name", "string_value": "no such name"}]}
    for path in ("experiments", "pipelines", "runs", "recurringruns", "artifacts"):
        answer = http.get(f"/apis/v2beta1/{path}", params={"filter": json.dumps(none)})
        assert answer.json() == {}, path
