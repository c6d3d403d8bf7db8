"""Logs that follow a task, and artifact content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jupyterlab_kubeflow.local import process
from kfp import dsl
from local_pipelines import waiter


def _task(http: httpx.Client, run_id: str, name: str) -> dict[str, Any]:
    """The task with this name, once it has a pod that runs."""
    while True:
        tasks = http.get(f"/apis/v2beta1/runs/{run_id}/tasks").json().get("tasks", [])
        for task in tasks:
            if task["name"] == name and task["state"] != "RUNTIME_STATE_UNSPECIFIED":
                return dict(task)


def _pod(task: dict[str, Any]) -> str:
    return str(next(pod["name"] for pod in task["pods"] if pod["type"] == "EXECUTOR"))


def _lines(answer: httpx.Response) -> Iterator[str]:
    return (line for line in answer.iter_lines() if line in ("begin ✓", "end"))


def test_logs_follow_until_the_task_ends(http: httpx.Client, client: Any, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    run_id = client.create_run_from_pipeline_func(waiter, arguments={"gate": str(gate)}).run_id
    pod = _pod(_task(http, run_id, "wait"))
    query = {"podname": pod, "runid": run_id, "podnamespace": "kubeflow"}
    with http.stream("GET", "/k8s/pod/logs", params=query) as answer:
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        lines = _lines(answer)
        assert next(lines) == "begin ✓"
        gate.touch()
        assert list(lines) == ["end"], "the rest came, and then the stream ended by itself"
    again = http.get("/k8s/pod/logs", params=query).text
    assert again.count("begin ✓") == again.count("end\n") == 1
    assert http.get("/k8s/pod/logs", params={**query, "runid": "other"}).status_code == 404
    assert http.get("/k8s/pod/logs").status_code == 400


def test_artifact_of_a_run(http: httpx.Client, client: Any, tmp_path: Path) -> None:
    (tmp_path / "gate").touch()
    run_id = client.create_run_from_pipeline_func(
        waiter, arguments={"gate": str(tmp_path / "gate")}
    ).run_id
    assert client.wait_for_run_completion(run_id, 60, 0.1).state == "SUCCEEDED"
    task = _task(http, run_id, "wait")
    output = task["outputs"]["artifacts"][0]
    artifact = output["artifacts"][0]
    assert (output["artifact_key"], artifact["type"]) == ("report", "HTML")

    assert http.get(f"/apis/v2beta1/artifacts/{artifact['artifact_id']}").json() == artifact
    links = http.get("/apis/v2beta1/artifact_tasks", params={"run_ids": run_id}).json()
    assert [
        (link["artifact_id"], link["task_id"], link["type"], link["key"])
        for link in links["artifact_tasks"]
    ] == [(artifact["artifact_id"], task["task_id"], "OUTPUT", "report")]
    for narrowed in ({"task_ids": "other"}, {"artifact_ids": "other"}, {"type": "COMPONENT_INPUT"}):
        query = {"run_ids": run_id, **narrowed}
        other = http.get("/apis/v2beta1/artifact_tasks", params=query).json()
        assert other == {}
    newest = http.get("/apis/v2beta1/artifacts", params={"sort_by": "created_at desc"}).json()
    assert artifact in newest["artifacts"]

    path = artifact["uri"]
    bucket, key = path.lstrip("/").split("/", 1)
    for query in (
        {"source": "file", "key": path},
        {"source": "file", "key": f"file://{path}"},
        {"source": "file", "bucket": bucket, "key": key},
    ):
        answer = http.get("/artifacts/get", params=query)
        assert answer.text == "<p>done</p>"
        assert answer.headers["content-security-policy"] == "sandbox"
        assert answer.headers["x-content-type-options"] == "nosniff"
    query = {"source": "file", "key": path}
    assert http.get("/artifacts/get", params={**query, "peek": 3}).text == "<p>"
    part = http.get("/artifacts/get", params=query, headers={"Range": "bytes=3-6"})
    assert (part.status_code, part.text) == (206, "done")

    client.delete_run(run_id)
    assert http.get("/artifacts/get", params=query).status_code == 404
    assert http.get(f"/apis/v2beta1/artifacts/{artifact['artifact_id']}").status_code == 404


def test_what_an_importer_made_is_served_when_it_is_a_copy_of_the_server(
    http: httpx.Client, client: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "table.csv").write_text("a,b")

    config = dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi"))

    @dsl.pipeline(name="imports", pipeline_config=config)
    def imports():
        for uri in (folder / "table.csv", folder):
            dsl.importer(str(uri), dsl.Dataset, download_to_workspace=True)
        dsl.importer(str(folder / "table.csv"), dsl.Dataset)

    run_id = client.create_run_from_pipeline_func(imports).run_id
    assert client.wait_for_run_completion(run_id, 60, 0.1).state == "SUCCEEDED"
    links = http.get("/apis/v2beta1/artifact_tasks", params={"run_ids": run_id}).json()
    ids = [link["artifact_id"] for link in links["artifact_tasks"]]
    uris = [http.get(f"/apis/v2beta1/artifacts/{each}").json()["uri"] for each in ids]

    def content(uri: str) -> httpx.Response:
        return http.get("/artifacts/get", params={"source": "file", "key": uri, "peek": 1000})

    answers = {uri: content(uri) for uri in uris}
    refused = answers.pop(str(folder / "table.csv"))
    assert refused.status_code == 403
    assert "import it with download_to_workspace=True" in refused.json()["message"]
    told = {Path(uri).name: answer.text for uri, answer in answers.items()}
    assert told["table.csv"] == "a,b"
    assert told["data"].startswith('Directory artifact "data" — 1 file(s).')

    client.delete_run(run_id)
    assert {content(uri).status_code for uri in answers} == {404}


def test_content_type_follows_the_name(
    http: httpx.Client, local_kubeflow: process.LocalStatus
) -> None:
    folder = Path(local_kubeflow.home) / "artifacts" / "types"
    folder.mkdir(parents=True)
    for name, kind in (
        ("a.html", "text/html"),
        ("a.json", "application/json"),
        ("a.png", "image/png"),
        ("a", "application/octet-stream"),
        ("empty", "application/octet-stream"),
    ):
        (folder / name).write_text("" if name == "empty" else "{}")
        query = {"source": "file", "key": str(folder / name)}
        answer = http.get("/artifacts/get", params=query)
        assert answer.headers["content-type"].split(";")[0] == kind


def test_a_server_that_stops_ends_its_streams_and_the_run_goes_on(
    home: Path, tmp_path: Path
) -> None:
    import kfp

    gate = tmp_path / "gate"
    server = process.start(home)
    client = kfp.Client(host=server.services["pipelines"], existing_token=server.token)
    run_id = client.create_run_from_pipeline_func(waiter, arguments={"gate": str(gate)}).run_id
    session = httpx.Client(
        base_url=server.services["pipelines"],
        headers={"Authorization": f"Bearer {server.token}"},
        trust_env=False,
        timeout=30,
    )
    with session:
        pod = _pod(_task(session, run_id, "wait"))
        with session.stream("GET", "/k8s/pod/logs", params={"podname": pod}) as answer:
            lines = _lines(answer)
            assert next(lines) == "begin ✓"
            process.stop(home)
            assert list(lines) == []
    gate.touch()
    server = process.start(home)
    client = kfp.Client(host=server.services["pipelines"], existing_token=server.token)
    run = client.wait_for_run_completion(run_id, 60, 0.1)
    assert run.state == "SUCCEEDED", run.error


@pytest.mark.parametrize("times", [20])
def test_readers_that_hang_up_leave_nothing_behind(
    http: httpx.Client,
    client: Any,
    tmp_path: Path,
    local_kubeflow: process.LocalStatus,
    times: int,
) -> None:
    import psutil

    run_id = client.create_run_from_pipeline_func(
        waiter, arguments={"gate": str(tmp_path / "never")}
    ).run_id
    pod = _pod(_task(http, run_id, "wait"))
    server = psutil.Process(local_kubeflow.pid)
    for _ in range(times):
        with http.stream("GET", "/k8s/pod/logs", params={"podname": pod}) as answer:
            assert next(_lines(answer)) == "begin ✓"
    while [one for one in server.open_files() if pod.removeprefix("wait-") in one.path]:
        pass
    client.delete_run(run_id)
