"""The rules of KFP's server: what may be done to what in which state, and which request is which error."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from local_pipelines import adder, failing, waiter

API = "/apis/v2beta1"
NOTHING = {
    "pipelineInfo": {"name": "p"},
    "schemaVersion": "2.1.0",
    "root": {"dag": {"tasks": {}}},
    "deploymentSpec": {"executors": {}},
}
"""A spec without tasks."""


@pytest.fixture
def call(http: httpx.Client) -> Callable[..., Any]:
    """The JSON answer to a request that must succeed, or with ``code`` the sentence of the refusal."""

    def send(
        method: str, path: str, body: Any = None, code: int | None = None, **query: Any
    ) -> Any:
        answer = http.request(method, f"{API}{path}", json=body, params=query)
        if code is None:
            assert answer.status_code == 200, answer.text
            return answer.json()
        assert answer.json().get("code") == code, answer.text
        return answer.json()["message"]

    return send


@pytest.fixture
def name() -> str:
    return f"name {uuid.uuid4()}"


@pytest.fixture
def pipeline(http: httpx.Client, adder_file: Path, name: str) -> str:
    """The id of a pipeline with one version."""
    files = {"uploadfile": ("adder.yaml", adder_file.read_bytes())}
    answer = http.post(f"{API}/pipelines/upload", params={"name": name}, files=files)
    return str(answer.json()["pipeline_id"])


def until(call: Any, run_id: str, *states: str) -> dict[str, Any]:
    while (run := call("GET", f"/runs/{run_id}"))["state"] not in states:
        time.sleep(0.05)
    return dict(run)


def test_retry_of_a_run_that_failed(call: Any, client: Any) -> None:
    run_id = client.create_run_from_pipeline_func(failing).run_id
    first = until(call, run_id, "FAILED")
    assert call("POST", f"/runs/{run_id}:retry") == {}
    again = until(call, run_id, "FAILED")
    states = [one["state"] for one in again["state_history"]]
    assert states == ["PENDING", "RUNNING", "FAILED"] * 2
    assert len(first["state_history"]) == 3


def test_retry_of_a_run_that_was_terminated(call: Any, client: Any, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    run_id = client.create_run_from_pipeline_func(waiter, arguments={"gate": str(gate)}).run_id
    until(call, run_id, "RUNNING")
    assert "RUNNING" in call("POST", f"/runs/{run_id}:retry", code=10)
    call("POST", f"/runs/{run_id}:terminate")
    until(call, run_id, "CANCELED")
    gate.touch()
    call("POST", f"/runs/{run_id}:retry")
    done = until(call, run_id, "SUCCEEDED")
    assert "error" not in done
    assert done["finished_at"]
    assert "SUCCEEDED" in call("POST", f"/runs/{run_id}:retry", code=10)
    assert "SUCCEEDED" in call("POST", f"/runs/{run_id}:terminate", code=3)
    assert "gone" in call("POST", "/runs/gone:retry", code=5)


def test_an_archived_experiment_keeps_its_runs_archived(call: Any, name: str) -> None:
    experiment = call("POST", "/experiments", {"display_name": name})["experiment_id"]
    body = {"display_name": "r", "experiment_id": experiment, "pipeline_spec": NOTHING}
    run = call("POST", "/runs", body)["run_id"]
    call("POST", f"/experiments/{experiment}:archive")
    assert call("GET", f"/runs/{run}")["storage_state"] == "ARCHIVED"
    assert name in call("POST", f"/runs/{run}:unarchive", code=9)
    call("POST", f"/experiments/{experiment}:unarchive")
    assert call("GET", f"/runs/{run}")["storage_state"] == "ARCHIVED"
    call("POST", f"/runs/{run}:unarchive")
    assert call("GET", f"/runs/{run}")["storage_state"] == "AVAILABLE"

    call("POST", f"/runs/{run}:archive")
    call("DELETE", f"/experiments/{experiment}")
    call("POST", f"/runs/{run}:unarchive")
    assert call("GET", f"/runs/{run}")["storage_state"] == "AVAILABLE", "runs outlive it"
    assert experiment in call("GET", "/runs", code=5, experiment_id=experiment)


def test_the_default_experiment_stays(call: Any, client: Any) -> None:
    default = client.get_experiment(experiment_name="Default").experiment_id
    assert "default" in call("DELETE", f"/experiments/{default}", code=10)
    assert call("GET", f"/experiments/{default}")["display_name"] == "Default"
    run = call("POST", "/runs", {"display_name": "r", "pipeline_spec": NOTHING})
    assert run["experiment_id"] == default


def test_a_run_of_a_version(call: Any, pipeline: str, name: str) -> None:
    """By the version, by the pipeline, which means its newest version, and by both when they belong together."""
    versions = f"/pipelines/{pipeline}/versions"
    old = call("GET", versions)["pipeline_versions"][0]["pipeline_version_id"]
    spec = call("GET", f"{versions}/{old}")["pipeline_spec"]
    new = call("POST", versions, {"name": "new", "pipeline_spec": spec})["pipeline_version_id"]

    def version_of(body: dict[str, Any]) -> Any:
        parameters = {"runtime_config": {"parameters": {"x": 1}}}
        run = call("POST", "/runs", {"display_name": name, **parameters, **body})
        return run["pipeline_version_reference"]

    both = {"pipeline_id": pipeline, "pipeline_version_id": old}
    assert version_of({"pipeline_version_reference": {"pipeline_id": pipeline}}) == {
        "pipeline_id": pipeline,
        "pipeline_version_id": new,
    }
    for reference in (both, {"pipelineVersionId": old}):
        assert version_of({"pipelineVersionReference": reference}) == both
    assert version_of({"pipeline_version_id": old}) == both

    other = call("POST", "/pipelines", {"name": f"{name} 2"})["pipeline_id"]
    for reference, code, said in (
        ({"pipeline_id": other, "pipeline_version_id": old}, 3, "belongs to"),
        ({"pipeline_id": other}, 5, "no version yet"),
        ({"pipeline_id": "gone"}, 5, "gone"),
        ({"pipeline_version_id": "gone"}, 5, "gone"),
        ({}, 3, "needs a pipeline_spec"),
    ):
        body = {"display_name": name, "pipeline_version_reference": reference}
        assert said in call("POST", "/runs", body, code=code), reference


def test_settings_of_plugins_are_kept(call: Any) -> None:
    body = {"display_name": "r", "pipeline_spec": NOTHING}
    plugins = {"mlflow": {"experiment": "e", "deep": [1, None]}}
    run = call("POST", "/runs", {**body, "plugins_input": plugins})
    assert call("GET", f"/runs/{run['run_id']}")["plugins_input"] == plugins
    said = call("POST", "/runs", {**body, "plugins_output": {"mlflow": {}}}, code=10)
    assert "plugins_output" in said


def test_what_can_be_changed_of_pipelines(call: Any, pipeline: str, name: str) -> None:
    version = call("GET", f"/pipelines/{pipeline}/versions")["pipeline_versions"][0]
    for path in (
        f"/pipelines/{pipeline}",
        f"/pipelines/{pipeline}/versions/{version['pipeline_version_id']}",
    ):
        before = call("GET", path)
        tags = {"a": "b", "c": ""}
        body = {"displayName": "New", "tags": tags, "name": "x", "description": "x"}
        after = call("PATCH", path, body)
        assert after == {**before, "display_name": "New", "tags": tags} == call("GET", path)
        assert call("PATCH", path, {"display_name": ""}) == after, "nothing is given"
        assert "tags" not in call("PATCH", path, {"tags": {}})
        assert "display_name" in call("PATCH", path, {"display_name": 5}, code=3)
        assert "dot" in call("PATCH", path, {"tags": {"a.b": "c"}}, code=3)
    assert call("GET", f"/pipelines/names/{name}")["display_name"] == "New"
    assert "gone" in call("PATCH", "/pipelines/gone", {}, code=5)
    assert "gone" in call("PATCH", f"/pipelines/{pipeline}/versions/gone", {}, code=5)


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"": "x"}, "empty"),
        ({"a.b": "x"}, "dot"),
        ({"k" * 64: "x"}, "63"),
        ({"k": "v" * 64}, "63"),
        ({str(number): "" for number in range(21)}, "at most 20"),
        ({"k": 1}, "tags.k must be a string"),
        ([], "tags must be an object"),
    ],
)
def test_tags(call: Any, http: httpx.Client, adder_file: Path, tags: Any, said: str) -> None:
    assert said in call("POST", "/pipelines", {"name": "tags", "tags": tags}, code=3)
    answer = http.post(
        f"{API}/pipelines/upload",
        params={"name": "tags", "tags": json.dumps(tags)},
        files={"uploadfile": ("p.yaml", adder_file.read_bytes())},
    )
    assert said in answer.json()["message"]
    assert "no pipeline" in call("GET", "/pipelines/names/tags", code=5)


def test_uploads(call: Any, http: httpx.Client, adder_file: Path, name: str) -> None:
    files = {"uploadfile": ("the file.yaml", adder_file.read_bytes())}

    def upload(path: str, **query: str) -> Any:
        answer = http.post(f"{API}/pipelines/{path}", params=query, files=files)
        assert answer.status_code == 200, answer.text
        return answer.json()

    more = {"tags": '{"a": "b"}', "code_source_url": "https://code.example", "description": "d"}
    made = upload("upload", name=name, display_name="shown", namespace="ns", **more)
    assert (made["name"], made["display_name"], made["tags"]) == (name, "shown", {"a": "b"})
    first = call("GET", f"/pipelines/{made['pipeline_id']}/versions")["pipeline_versions"][0]
    assert (first["name"], first["display_name"]) == (name, "shown")
    assert (first["description"], first["code_source_url"]) == ("d", "https://code.example")
    assert "tags" not in first, "they are the pipeline's, as in KFP"
    version = upload("upload_version", pipelineid=made["pipeline_id"], **more)
    assert version["name"] == version["display_name"] == "the file.yaml"
    assert version["tags"] == {"a": "b"}
    assert call("GET", f"/pipelines/names/{name}", namespace="ignored") == made


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/experiments", {"display_name": "n" * 129}),
        ("POST", "/experiments", {"display_name": "ü" * 65}),
        ("POST", "/pipelines", {"name": "n" * 129}),
        ("POST", "/pipelines", {"display_name": " "}),
        ("POST", "/pipelines", {}),
    ],
)
def test_names(call: Any, method: str, path: str, body: dict[str, str]) -> None:
    assert "name" in call(method, path, body, code=3)


@pytest.mark.parametrize("bad", ["Adder", "-adder", "add_er", "a" * 129])
def test_names_in_specs(call: Any, spec: dict[str, Any], name: str, bad: str) -> None:
    """KFP takes them in runs, but not in versions."""
    spec["pipelineInfo"]["name"] = bad
    body = {"pipeline": {"name": name}, "pipeline_version": {"pipeline_spec": spec}}
    assert bad in call("POST", "/pipelines/create", body, code=3)
    assert "no pipeline" in call("GET", f"/pipelines/names/{name}", code=5)


def test_packages_in_files_of_this_machine(
    call: Any, adder_file: Path, name: str, tmp_path: Path
) -> None:
    """As KFP's ``package_url``, which names an address there. The server opens no address that a request names."""
    path = tmp_path / "a pipeline.yaml"
    path.write_bytes(adder_file.read_bytes())
    made = call(
        "POST",
        "/pipelines/create",
        {
            "pipeline": {"display_name": name, "description": "d"},
            "pipeline_version": {"package_url": {"pipeline_url": path.as_uri()}, "name": "ignored"},
        },
    )
    (version,) = call("GET", f"/pipelines/{made['pipeline_id']}/versions")["pipeline_versions"]
    assert (version["name"], version["description"]) == (name, "d")
    assert version["package_url"] == {"pipeline_url": path.as_uri()}
    assert version["pipeline_spec"] == yaml.safe_load(adder_file.read_text())

    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").touch()
    os.truncate(tmp_path / "large", 65 * 1024 * 1024)
    for url, said in (
        ("http://127.0.0.1/pipeline.yaml", "does not download"),
        ("https://storage.googleapis.com/p.yaml", "does not download"),
        ("gs://bucket/p.yaml", "does not download"),
        (str(path), "does not download"),
        ("http://[", "not a URL"),
        ((tmp_path / "gone.yaml").as_uri(), "not a file"),
        (tmp_path.as_uri(), "not a file"),
        ((tmp_path / "pipe").as_uri(), "not a file"),
        (f"file://elsewhere{path}", "not a file"),
        ((tmp_path / "large").as_uri(), "larger than"),
        ("", "needs a pipeline_spec"),
    ):
        body = {"name": "v", "package_url": {"pipeline_url": url}}
        said_at_all = call("POST", f"/pipelines/{made['pipeline_id']}/versions", body, code=3)
        assert said in said_at_all, url


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/experiments", {"displayname": "x"}, 'Did you mean "display_name"?'),
        ("/experiments", {"display_name": "x", "displayName": "x"}, "given twice"),
        ("/experiments", {"display_name": "x", "storage_state": 7}, "storage_state must be one of"),
        ("/experiments", {"display_name": "a\0b"}, "display_name must not hold"),
        ("/experiments", {"display_name": "x", "created_at": "now"}, "created_at"),
        ("/pipelines", {"name": "x", "tags": {"a": None}}, "tags.a must be a string"),
        ("/runs", {"display_name": "x", "pipelineSpec": "text"}, "pipeline_spec must be an object"),
        ("/runs", {"runtime_config": {"params": {}}}, 'runtime_config has no field "params"'),
        ("/runs", {"state_history": [{"state": "DONE"}]}, "state_history[0].state must be one of"),
        ("/runs", {"task_count": 2**31}, "task_count must be a whole number of 32 bits"),
        ("/runs", [], "The body must be an object"),
    ],
)
def test_bodies_are_read_as_by_kfps_gateway(call: Any, path: str, body: Any, said: str) -> None:
    assert said in call("POST", path, body, code=3)


def test_what_is_not_read_but_known_is_taken(call: Any, name: str) -> None:
    """Output fields in requests, enum values by number, ``null``, and any content type."""
    body = {
        "display_name": name,
        "experiment_id": "mine",
        "storage_state": 2,
        "created_at": "2001-01-01T00:00:00.123456789Z",
        "namespace": None,
    }
    made = call("POST", "/experiments", body)
    assert made["storage_state"] == "AVAILABLE"
    assert made["experiment_id"] != "mine"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_any_content_type_is_json(http: httpx.Client, name: str, kind: str) -> None:
    answer = http.post(
        f"{API}/experiments",
        content=json.dumps({"display_name": name}),
        headers={"Content-Type": kind},
    )
    assert answer.status_code == 200, answer.text


def test_a_body_that_is_too_large(http: httpx.Client) -> None:
    answer = http.post(f"{API}/experiments", content=b" " * (64 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert "larger than" in answer.json()["message"]


def test_views(call: Any) -> None:
    assert "view" in call("GET", "/runs", code=3, view="HALF")
    run = call("POST", "/runs", {"display_name": "r", "pipeline_spec": NOTHING})["run_id"]
    assert "view" in call("GET", f"/runs/{run}", code=3, view="HALF")


KINDS = {
    "NUMBER_INTEGER": lambda v: _is_number(v) and float(v).is_integer(),
    "NUMBER_DOUBLE": lambda v: _is_number(v),
    "STRING": lambda v: isinstance(v, str),
    "BOOLEAN": lambda v: isinstance(v, bool),
    "LIST": lambda v: isinstance(v, list),
    "STRUCT": lambda v: isinstance(v, dict),
}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


exact = st.integers(-(2**53), 2**53)
floats = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
trees = st.recursive(
    st.none() | st.booleans() | exact | floats | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kind=st.sampled_from(sorted(KINDS)), optional=st.booleans(), value=trees)
def test_any_parameter(http: httpx.Client, kind: str, optional: bool, value: Any) -> None:
    """A value is taken when it is of the parameter's type, and told as it was given."""
    definition = {"parameterType": kind, "isOptional": optional}
    root = {**NOTHING["root"], "inputDefinitions": {"parameters": {"x": definition}}}  # type: ignore[dict-item]
    body = {
        "display_name": "r",
        "pipeline_spec": {**NOTHING, "root": root},
        "runtime_config": {"parameters": {"x": value}},
    }
    answer = http.post(f"{API}/runs", json=body)
    if value is None and optional:
        assert "runtime_config" not in answer.json()
    elif value is not None and KINDS[kind](value):
        assert answer.status_code == 200, answer.text
        told = answer.json()["runtime_config"]["parameters"]["x"]
        assert told == value
        assert kind != "NUMBER_INTEGER" or type(told) is int
    else:
        assert (answer.status_code, answer.json()["code"]) == (400, 3)
        assert '"x"' in answer.json()["message"]


def test_artifacts_that_another_run_knows_outlive_their_run(
    call: Any, http: httpx.Client, client: Any, tmp_path: Path
) -> None:
    """Also when it knows only a file in them, by an artifact of its own."""
    gate = tmp_path / "gate"
    gate.touch()
    maker = client.create_run_from_pipeline_func(waiter, arguments={"gate": str(gate)}).run_id
    until(call, maker, "SUCCEEDED")
    links = call("GET", "/artifact_tasks", run_ids=maker)["artifact_tasks"]
    uri = call("GET", f"/artifacts/{links[0]['artifact_id']}")["uri"]
    other = client.create_run_from_pipeline_func(adder, arguments={"x": 1}).run_id
    until(call, other, "SUCCEEDED")
    task = call("POST", f"/runs/{other}/tasks", {"name": "reader"})["task_id"]
    call(
        "POST",
        "/artifacts",
        {
            "artifact": {"name": "copy", "type": "HTML", "uri": Path(uri).as_uri()},
            "run_id": other,
            "task_id": task,
            "producer_key": "copy",
        },
    )
    call("DELETE", f"/runs/{maker}")
    content = {"source": "file", "key": uri}
    assert http.get("/artifacts/get", params=content).text == "<p>done</p>"
    call("DELETE", f"/runs/{other}")
    assert http.get("/artifacts/get", params=content).status_code == 200, "nobody's, but not lost"
