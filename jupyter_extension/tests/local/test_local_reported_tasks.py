"""Tasks, artifacts and links that clients report through the API of native tasks, as KFP's launcher does in a cluster."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import kfp
import pytest
from jupyterlab_kubeflow.local import process
from local_pipelines import adder, waiter

API = "/apis/v2beta1"


@pytest.fixture(scope="module")
def ended(client: Any) -> str:
    """A run of the adder that has succeeded."""
    run_id = client.create_run_from_pipeline_func(adder, arguments={"x": 1}).run_id
    assert client.wait_for_run_completion(run_id, 120, 0.1).state == "SUCCEEDED"
    return str(run_id)


@pytest.fixture
def call(http: httpx.Client) -> Callable[..., Any]:
    """The JSON answer to a request that must succeed, or with ``code`` the sentence of the refusal."""

    def send(method: str, path: str, body: Any = None, code: int | None = None) -> Any:
        answer = http.request(method, f"{API}{path}", json=body)
        if code is None:
            assert answer.status_code == 200, answer.text
            return answer.json()
        assert answer.json().get("code") == code, answer.text
        return answer.json()["message"]

    return send


def engine_task(http: httpx.Client, run_id: str, name: str) -> dict[str, Any]:
    tasks = http.get(f"{API}/runs/{run_id}/tasks").json()["tasks"]
    return next(dict(one) for one in tasks if one["name"] == name)


def test_a_task_from_its_creation_to_its_end(call: Any, http: httpx.Client, ended: str) -> None:
    parent = engine_task(http, ended, "add")["task_id"]
    path = f"/runs/{ended}/tasks"
    given = {
        "name": "step",
        "display_name": "Step",
        "type": "RUNTIME",
        "state": 1,
        "scopePath": "root.add.mine.step",
        "parent_task_id": parent,
        "pods": [{"name": "pod-1", "uid": "u", "type": "EXECUTOR"}],
        "type_attributes": {"iteration_index": "2"},
        "status_metadata": {"message": "going", "custom_properties": {"a": [1, None]}},
        "inputs": {
            "parameters": [
                {"parameter_key": "x", "value": None, "type": "COMPONENT_INPUT"},
                {
                    "parameter_key": "y",
                    "value": {"z": 1},
                    "type": "TASK_OUTPUT_INPUT",
                    "producer": {"task_name": "add", "iteration": 3},
                },
            ]
        },
    }
    made = call("POST", path, given)
    assert made["scope_path"] == "root.add.mine.step"
    assert made["type_attributes"] == {"iteration_index": "2"}
    assert made["inputs"]["parameters"][1]["producer"] == {"task_name": "add", "iteration": "3"}
    assert made["inputs"]["parameters"][0]["value"] is None
    assert [one["state"] for one in made["state_history"]] == ["RUNNING"]
    for name in ("pods", "status_metadata", "name", "display_name", "parent_task_id"):
        assert made[name] == given[name]
    assert call("POST", path, given) == made, "the same task again is the same task, as in KFP"

    one = f"{path}/{made['task_id']}"
    changed = call(
        "PATCH",
        one,
        {
            "state": "SUCCEEDED",
            "end_time": "2026-01-01T00:00:00Z",
            "cache_fingerprint": f"fingerprint of {ended}",
            "inputs": {
                "parameters": [{"parameter_key": "x", "value": 7, "type": "COMPONENT_INPUT"}]
            },
            "outputs": {"parameters": [{"parameter_key": "o", "value": 8, "type": "OUTPUT"}]},
        },
    )
    assert call("GET", one) == changed
    assert [one["state"] for one in changed["state_history"]] == ["RUNNING", "SUCCEEDED"]
    assert [one["value"] for one in changed["inputs"]["parameters"]] == [7, {"z": 1}]
    assert changed["end_time"] == "2026-01-01T00:00:00Z"
    assert changed["display_name"] == "Step"
    assert changed["pods"] == given["pods"]
    found = call("POST", "/tasks:findCached", {"cache_fingerprint": f"fingerprint of {ended}"})
    assert found == {"task": changed}
    assert call("POST", "/tasks:findCached", {"cacheFingerprint": "no such"}) == {}

    told = http.get(f"{API}/runs/{ended}").json()
    assert made["task_id"] in [one["task_id"] for one in told["run_details"]["task_details"]]
    children = engine_task(http, ended, "add")["child_tasks"]
    assert {"task_id": made["task_id"], "name": "step"} in children


def test_many_at_once_or_none(call: Any, ended: str) -> None:
    path = f"/runs/{ended}/tasks"
    first, second = (call("POST", path, {"name": name})["task_id"] for name in ("a", "b"))
    update = f"{path}:batchUpdate"
    tasks = {first: {"state": "SUCCEEDED"}, second: {"display_name": "B"}}
    answer = call("POST", update, {"tasks": tasks})["tasks"]
    assert (answer[first]["state"], answer[second]["display_name"]) == ("SUCCEEDED", "B")
    gone = {**{one: {"state": "FAILED"} for one in tasks}, "gone": {}}
    assert "gone" in call("POST", update, {"tasks": gone}, code=5)
    assert call("GET", f"{path}/{first}")["state"] == "SUCCEEDED"
    assert "tasks" in call("POST", update, {"tasks": {}}, code=3)
    said = call("POST", update, {"tasks": {first: {"task_id": second}}}, code=3)
    assert second in said


def test_what_the_engine_runs_is_not_changed(call: Any, http: httpx.Client, ended: str) -> None:
    task = engine_task(http, ended, "add")
    path = f"/runs/{ended}/tasks"
    for method, where, body in (
        ("PATCH", f"{path}/{task['task_id']}", {"state": "FAILED"}),
        ("POST", f"{path}:batchUpdate", {"tasks": {task["task_id"]: {}}}),
        ("POST", path, {"name": "add", "type": "RUNTIME", "scope_path": "root.add-2"}),
        ("POST", path, {"name": "other", "type": "ROOT"}),
        ("POST", "/artifacts", artifact_request(ended, task["task_id"])),
    ):
        assert "Local Kubeflow" in call(method, where, body, code=9), body
    assert engine_task(http, ended, "add") == task


def artifact_request(run_id: str, task_id: str, **more: Any) -> dict[str, Any]:
    artifact = {"name": "weights", "type": "Model", "uri": "s3://bucket/weights", **more}
    return {
        "artifact": artifact,
        "run_id": run_id,
        "task_id": task_id,
        "producer_key": "model",
    }


def test_artifacts_and_who_read_and_wrote_them(call: Any, http: httpx.Client, ended: str) -> None:
    path = f"/runs/{ended}/tasks"
    writer, reader = (call("POST", path, {"name": name})["task_id"] for name in ("w", "r"))
    made = call(
        "POST",
        "/artifacts",
        {
            **artifact_request(ended, writer, description="d", metadata={"n": {"m": None}}),
            "iteration_index": 4,
        },
    )
    assert (made["type"], made["description"], made["metadata"]) == (
        "Model",
        "d",
        {"n": {"m": None}},
    )
    assert call("GET", f"/artifacts/{made['artifact_id']}") == made
    metric = artifact_request(ended, writer, type="Metric", number_value=0.0)
    assert call("POST", "/artifacts", metric)["number_value"] == 0

    link = {
        "artifact_id": made["artifact_id"],
        "run_id": ended,
        "task_id": reader,
        "type": "COLLECTED_INPUTS",
        "producer": {"task_name": "w", "iteration": "4"},
        "key": "models",
    }
    linked = call("POST", "/artifact_tasks", {"artifact_task": link})
    assert {**link, "id": linked["id"]} == linked
    assert "already" in call("POST", "/artifact_tasks", {"artifact_task": link}, code=6)
    outputs = call("GET", f"{path}/{writer}")["outputs"]["artifacts"]
    assert outputs[0] == {
        "artifact_key": "model",
        "artifacts": [made],
        "type": "OUTPUT",
        "producer": {"task_name": "w", "iteration": "4"},
    }
    inputs = call("GET", f"{path}/{reader}")["inputs"]["artifacts"]
    assert inputs == [
        {
            "artifact_key": "models",
            "artifacts": [made],
            "type": "COLLECTED_INPUTS",
            "producer": {"task_name": "w", "iteration": "4"},
        }
    ]
    for query, found in (
        ({"artifact_ids": made["artifact_id"]}, 2),
        ({"artifact_ids": made["artifact_id"], "type": "OUTPUT"}, 1),
        ({"task_ids": [writer, reader], "type": "COLLECTED_INPUTS"}, 1),
        ({"task_ids": [writer, reader]}, 3),
        ({"task_ids": writer, "type": "ITERATOR_INPUT"}, None),
    ):
        listed = http.get(f"{API}/artifact_tasks", params=query).json()
        assert listed.get("total_size") == found, query
    of_run = http.get(f"{API}/artifact_tasks", params={"run_ids": ended, "page_size": 2}).json()
    assert len(of_run["artifact_tasks"]) == 2
    assert of_run["next_page_token"]


def test_an_artifact_that_is_there_is_used_again(call: Any, ended: str) -> None:
    path = f"/runs/{ended}/tasks"
    task, other = (call("POST", path, {"name": name})["task_id"] for name in ("w", "v"))
    request = artifact_request(ended, task, uri="gs://b/used-again", metadata={"a": 1})
    first = call("POST", "/artifacts", request)["artifact_id"]
    again = {**request, "reuse_if_exists": True}
    assert call("POST", "/artifacts", again)["artifact_id"] == first
    assert call("POST", "/artifacts", {**again, "task_id": other})["artifact_id"] == first
    assert call("POST", "/artifacts", {**request})["artifact_id"] != first
    changed = {**again, "artifact": {**again["artifact"], "metadata": {"a": 2}}}
    assert call("POST", "/artifacts", changed)["artifact_id"] != first
    assert (
        call("GET", f"{path}/{other}")["outputs"]["artifacts"][0]["artifacts"][0]["artifact_id"]
        == first
    )
    bulk = call("POST", "/artifacts:batchCreate", {"artifacts": [request, request]})["artifacts"]
    assert len({one["artifact_id"] for one in bulk} | {first}) == 3
    assert "reuse_if_exists" in call(
        "POST", "/artifacts:batchCreate", {"artifacts": [again]}, code=3
    )
    links = [
        {
            "artifact_id": first,
            "run_id": ended,
            "task_id": one,
            "type": "TASK_OUTPUT_INPUT",
            "producer": {"task_name": "w"},
            "key": "in",
        }
        for one in (task, other)
    ]
    made = call("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": links})
    assert len(made["artifact_tasks"]) == 2
    links[1]["run_id"] = "another"
    said = call("POST", "/artifact_tasks:batchCreate", {"artifact_tasks": links}, code=3)
    assert "run_id" in said


def without(request: dict[str, Any], name: str) -> dict[str, Any]:
    inner = {key: value for key, value in request["artifact"].items() if key != name}
    outer = {key: value for key, value in request.items() if key != name}
    return {**outer, "artifact": inner} if "artifact" in outer else outer


@pytest.mark.parametrize("name", ["artifact", "name", "type", "run_id", "task_id", "producer_key"])
def test_an_artifact_needs(call: Any, ended: str, name: str) -> None:
    task = call("POST", f"/runs/{ended}/tasks", {"name": "w"})["task_id"]
    request = artifact_request(ended, task)
    assert name in call("POST", "/artifacts", without(request, name), code=3)


@pytest.mark.parametrize(
    ("artifact", "said"),
    [
        ({"type": "Metric"}, "number_value"),
        ({"type": "ClassificationMetric"}, "metadata"),
        ({"type": "TYPE_UNSPECIFIED"}, "type"),
        ({"type": "Nonsense"}, "artifact.type"),
        ({"number_value": "many"}, "number_value"),
        ({"artifact_id": "mine"}, "artifact_id"),
        ({"metadata": []}, "artifact.metadata"),
    ],
)
def test_an_artifact_of_the_wrong_kind(
    call: Any, ended: str, artifact: dict[str, Any], said: str
) -> None:
    task = call("POST", f"/runs/{ended}/tasks", {"name": "w"})["task_id"]
    assert said in call("POST", "/artifacts", artifact_request(ended, task, **artifact), code=3)


def test_what_does_not_belong_together(call: Any, client: Any, ended: str) -> None:
    other = client.create_run_from_pipeline_func(adder, arguments={"x": 2}).run_id
    path = f"/runs/{ended}/tasks"
    mine = call("POST", path, {"name": "w"})["task_id"]
    theirs = call("POST", f"/runs/{other}/tasks", {"name": "w"})["task_id"]
    assert other in call("POST", path, {"name": "x", "run_id": other}, code=3)
    assert theirs in call("POST", path, {"name": "x", "parent_task_id": theirs}, code=3)
    assert "gone" in call("POST", path, {"name": "x", "parent_task_id": "gone"}, code=5)
    assert "itself" in call("PATCH", f"{path}/{mine}", {"parent_task_id": mine}, code=3)
    assert theirs in call("PATCH", f"{path}/{theirs}", {"name": "x"}, code=3)
    assert theirs in call("POST", "/artifacts", artifact_request(ended, theirs), code=3)
    assert "gone" in call("POST", "/artifacts", artifact_request(ended, "gone"), code=5)
    assert "empty" in call("GET", "/artifact_tasks?task_ids=", code=3)
    assert "At least one" in call("GET", "/artifact_tasks", code=3)
    assert "gone" in call("GET", f"{path}?parent_id=gone", code=5)


def test_lists_of_tasks_by_kfps_keys(call: Any, http: httpx.Client, ended: str) -> None:
    made = call(
        "POST",
        f"/runs/{ended}/tasks",
        {"name": "listed", "type": "LOOP", "state": "FAILED", "scope_path": "root.listed"},
    )
    for key, value in (
        ("name", {"string_value": "listed"}),
        ("status", {"int_value": 4}),
        ("status", {"string_value": "FAILED"}),
        ("type", {"int_value": 5}),
        ("type", {"string_value": "LOOP"}),
        ("scope_path", {"string_value": "root.listed"}),
        ("task_id", {"string_values": {"values": [made["task_id"], "x"]}}),
    ):
        operation = "IN" if "string_values" in value else "EQUALS"
        given = kfp_filter({"key": key, "operation": operation, **value})
        listed = http.get(f"{API}/runs/{ended}/tasks", params={"filter": given}).json()
        assert [one["task_id"] for one in listed["tasks"]] == [made["task_id"]], key
    names = [
        one["name"]
        for one in http.get(
            f"{API}/runs/{ended}/tasks", params={"order_by": "name desc", "page_size": 200}
        ).json()["tasks"]
    ]
    assert names == sorted(names, reverse=True)


def kfp_filter(*predicates: dict[str, Any]) -> str:
    return json.dumps({"predicates": predicates})


def test_reports_survive_a_restart_and_do_not_disturb_the_run(home: Path, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    server = process.start(home)

    def http() -> httpx.Client:
        return httpx.Client(
            base_url=server.services["pipelines"],
            headers={"Authorization": f"Bearer {server.token}"},
            timeout=30,
            trust_env=False,
        )

    client = kfp.Client(host=server.services["pipelines"], existing_token=server.token)
    run_id = client.create_run_from_pipeline_func(waiter, arguments={"gate": str(gate)}).run_id
    with http() as session:
        path = f"{API}/runs/{run_id}/tasks"
        given = {"name": "mine", "type": "RUNTIME", "state": "FAILED", "scope_path": "root.mine"}
        made = session.post(path, json=given).json()
        artifact = artifact_request(run_id, made["task_id"])
        assert session.post(f"{API}/artifacts", json=artifact).status_code == 200
        told = session.get(f"{path}/{made['task_id']}").json()
    process.stop(home)
    server = process.start(home)
    gate.touch()
    client = kfp.Client(host=server.services["pipelines"], existing_token=server.token)
    run = client.wait_for_run_completion(run_id, 120, 0.1)
    assert run.state == "SUCCEEDED", run.error
    with http() as session:
        assert session.get(f"{path}/{made['task_id']}").json() == told
        artifact_id = told["outputs"]["artifacts"][0]["artifacts"][0]["artifact_id"]
        client.delete_run(run_id)
        assert session.get(f"{API}/artifacts/{artifact_id}").status_code == 404
