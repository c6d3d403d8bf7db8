"""Runs of a real Local Kubeflow, drawn as a notebook's user draws them: nothing is set but what JupyterLab sets."""

import json
from pathlib import Path
from typing import Any

import httpx
import nbformat
import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local.process import LocalStatus
from jupyterlab_kubeflow.sdk import GRAPH_MIME_TYPE, connect, graph_document, mime_bundle
from kfp import dsl
from nbclient import NotebookClient


@dsl.component(base_image="python:3.12")
def double(x: int) -> int:
    return 2 * x


@dsl.component(base_image="python:3.12")
def refuse(x: int) -> int:
    raise ValueError(f"{x} is refused")


@dsl.pipeline(name="doubles")
def doubles(x: int = 1):
    double(x=double(x=x).output)


@dsl.pipeline(name="refusing")
def refusing():
    refuse(x=double(x=2).output)


@pytest.fixture(autouse=True)
def active(local_kubeflow: LocalStatus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Local Kubeflow is the active connection; gives the configuration folder."""
    monkeypatch.setenv("KUBEFLOW_LOCAL_HOME", str(local_kubeflow.home))
    monkeypatch.setenv("KUBEFLOW_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-kubeconfig"))
    monkeypatch.delenv("KF_PIPELINES_ENDPOINT", raising=False)
    monkeypatch.delenv("KF_PIPELINES_TOKEN", raising=False)
    return tmp_path


@pytest.fixture(scope="module")
def results(local_kubeflow: LocalStatus) -> dict[str, Any]:
    """The results of runs that have ended."""
    import kfp

    client = kfp.Client(
        host=local_kubeflow.services["pipelines"], existing_token=local_kubeflow.token
    )
    made = {p.name: client.create_run_from_pipeline_func(p) for p in (doubles, refusing)}
    for one in made.values():
        client.wait_for_run_completion(one.run_id, timeout=120, sleep_duration=1)
    return made


def _states(document: dict[str, Any]) -> dict[str, str]:
    return {node["id"]: node["state"] for node in document["nodes"]}


def test_a_run_by_its_id(results: dict[str, Any]) -> None:
    run_id = results["doubles"].run_id
    document = graph_document(run_id)
    assert _states(document) == {"root.double": "succeeded", "root.double-2": "succeeded"}
    assert document["edges"][0]["to"] == "root.double-2"
    assert document["source"]["runId"] == run_id
    assert document["source"]["state"] == "succeeded"


def test_a_run_that_failed_says_why(results: dict[str, Any]) -> None:
    document = graph_document(results["refusing"].run_id)
    assert document["source"]["state"] == "failed"
    failed = next(node for node in document["nodes"] if node["id"] == "root.refuse")
    assert failed["state"] == "failed"
    assert "4 is refused" in failed["detail"]


def test_what_kfp_gives_back_is_drawn_the_same(results: dict[str, Any]) -> None:
    result = results["doubles"]
    client = connect()
    expected = graph_document(result.run_id)["nodes"]
    for run in (result, client.get_run(result.run_id)):
        assert graph_document(run)["nodes"] == expected
        assert graph_document(run, client=client)["nodes"] == expected


def test_a_server_without_native_tasks_tells_states_in_run_details(
    results: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a KFP 2 server: the same answers, but there is no ``/tasks``."""
    send = httpx.AsyncClient.send

    async def without_tasks(self: Any, request: httpx.Request, **more: Any) -> httpx.Response:
        if request.url.path.endswith("/tasks"):
            return httpx.Response(404, request=request)
        return await send(self, request, **more)

    expected = _states(graph_document(results["refusing"].run_id))
    monkeypatch.setattr(httpx.AsyncClient, "send", without_tasks)
    assert _states(graph_document(results["refusing"].run_id)) == expected


def test_the_client_of_the_active_connection(
    results: dict[str, Any], recwarn: pytest.WarningsRecorder
) -> None:
    client = connect()
    assert client.get_run(results["doubles"].run_id).state == "SUCCEEDED"
    assert not [one for one in recwarn if one.category is FutureWarning]


def test_the_environment_names_a_server_before_the_connection(
    results: dict[str, Any],
    local_kubeflow: LocalStatus,
    active: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (active / "connections.json").write_text(json.dumps({"active": "elsewhere"}))
    monkeypatch.setenv("KF_PIPELINES_ENDPOINT", local_kubeflow.services["pipelines"] + "/")
    monkeypatch.setenv("KF_PIPELINES_TOKEN", str(local_kubeflow.token))
    run_id = results["doubles"].run_id
    assert graph_document(run_id)["source"]["runId"] == run_id
    assert connect().get_run(run_id).run_id == run_id


def test_a_configured_server_is_used_with_its_token(
    results: dict[str, Any], local_kubeflow: LocalStatus, active: Path
) -> None:
    (active / "token").write_text(str(local_kubeflow.token))
    service = {
        "url": local_kubeflow.services["pipelines"],
        "auth": {"type": "bearer", "tokenFile": str(active / "token")},
    }
    settings = {"active": "local", "profiles": {"local": {"services": {"pipelines": service}}}}
    (active / "connections.json").write_text(json.dumps(settings))
    run_id = results["doubles"].run_id
    assert graph_document(run_id)["source"]["runId"] == run_id
    assert connect().get_run(run_id).run_id == run_id


def test_a_run_that_is_not_there() -> None:
    with pytest.raises(KubeflowError, match="There is no run never-made here"):
        graph_document("never-made")
    with pytest.raises(KubeflowError, match="There is no run never-made here"):
        graph_document("never-made", client=connect())


def test_a_wrong_token_is_told(
    local_kubeflow: LocalStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KF_PIPELINES_ENDPOINT", local_kubeflow.services["pipelines"])
    with pytest.raises(KubeflowError, match="You may not read run some-run here"):
        graph_document("some-run")


def test_a_server_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KF_PIPELINES_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(KubeflowError, match=r"127\.0\.0\.1:9 cannot be reached"):
        graph_document("some-run")


def test_a_connection_that_is_not_there_is_named(active: Path) -> None:
    (active / "connections.json").write_text(json.dumps({"active": "elsewhere"}))
    for read in (lambda: graph_document("some-run"), connect):
        with pytest.raises(KubeflowError, match="elsewhere"):
            read()


def test_what_is_no_client_is_refused() -> None:
    with pytest.raises(KubeflowError, match=r"client must be a kfp.Client, not str"):
        graph_document("some-run", client="http://server")


def test_the_example_runs_in_a_kernel(tmp_path: Path) -> None:
    path = Path(__file__).parents[3] / "examples" / "display-run.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    drawn = [
        output["data"][GRAPH_MIME_TYPE]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if GRAPH_MIME_TYPE in output.get("data", {})
    ]
    assert [len(document["nodes"]) for document in drawn] == [4, 4, 4]
    assert set(_states(drawn[-1]).values()) == {"succeeded"}
    loop = next(node for node in drawn[-1]["nodes"] if node["kind"] == "loop")
    assert loop["progress"] == {"done": 3, "total": 3}


def test_an_output_holds_no_credential(
    results: dict[str, Any], local_kubeflow: LocalStatus
) -> None:
    bundle = mime_bundle(results["doubles"])
    assert str(local_kubeflow.token) not in json.dumps(bundle)
    assert "✓ double, succeeded" in bundle["text/plain"]
    assert bundle[GRAPH_MIME_TYPE]["title"] == graph_document(results["doubles"])["title"]
