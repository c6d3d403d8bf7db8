"""The REST routes of the notebook conversion, on a real Jupyter server."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from test_notebook_compile import payload
from tornado.httpclient import HTTPClientError

ROUTES = ["inspect", "compile", "functions", "script", "trial"]


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {"ServerApp": {"jpserver_extensions": {"jupyterlab_kubeflow": True}}}


@pytest.fixture(autouse=True)
def own_homes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KUBEFLOW_LOCAL_HOME", str(tmp_path / "kubeflow-local"))
    monkeypatch.setenv("KUBEFLOW_CONFIG_HOME", str(tmp_path / "kubeflow-config"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))


@pytest.fixture
def notebook_at(jp_root_dir: Path) -> Callable[..., Path]:
    def write(name: str, source: str, tag: str | None = None) -> Path:
        path = jp_root_dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cell = new_code_cell(source, metadata={"tags": [tag]} if tag else {})
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(new_notebook(cells=[cell], metadata={"kernelspec": kernel}), path)
        return path

    return write


@pytest.fixture
def post(jp_fetch: Any) -> Callable[..., Any]:
    async def call(route: str, body: Any, **options: Any) -> Any:
        data = body if isinstance(body, str) else json.dumps(body)
        answer = await jp_fetch("kubeflow", "notebook", route, method="POST", body=data, **options)
        return json.loads(answer.body)

    return call


async def refused(call: Any) -> dict[str, Any]:
    with pytest.raises(HTTPClientError) as caught:
        await call
    assert caught.value.response is not None
    body = json.loads(caught.value.response.body)
    assert body["status"] == caught.value.code
    return dict(body)


async def test_inspect_answers_kernel_parameters_and_problems(post: Any, notebook_at: Any) -> None:
    notebook_at("sub/my work.ipynb", "lr = 0.1  # rate", "parameters")
    assert await post("inspect", {"path": "sub/my work.ipynb"}) == {
        "name": "my work",
        "kernel": {"name": "python3", "display_name": "Python 3"},
        "parameters": [
            {
                "name": "lr",
                "type": "NUMBER_DOUBLE",
                "default": 0.1,
                "required": False,
                "description": "rate",
            }
        ],
        "problems": [],
    }


async def test_inspect_tells_problems_where_compile_refuses(post: Any, notebook_at: Any) -> None:
    notebook_at("bad.ipynb", "lr = f()", "parameters")
    (problem,) = (await post("inspect", {"path": "bad.ipynb"}))["problems"]
    assert (problem["severity"], problem["cell"], problem["line"]) == ("error", 1, 1)
    body = await refused(post("compile", {"path": "bad.ipynb"}))
    assert (body["status"], body["reason"]) == (400, "Invalid")
    assert body["details"]["problems"] == [problem]


async def test_compile_answers_a_spec_that_runs_in_the_notebooks_folder(
    post: Any, notebook_at: Any
) -> None:
    path = notebook_at("sub/work.ipynb", "1")
    answer = await post("compile", {"path": "sub/work.ipynb", "settings": {"timeout": 5}})
    assert answer["name"] == "work"
    assert answer["pipeline_spec"]["schemaVersion"] == "2.1.0"
    sent = payload(answer["pipeline_spec"])
    assert sent["working_directory"] == str(path.parent)
    assert (sent["kernel"], sent["timeout"]) == ("python3", 5)


async def test_compile_takes_a_name(post: Any, notebook_at: Any) -> None:
    notebook_at("work.ipynb", "1")
    answer = await post("compile", {"path": "work.ipynb", "name": "Übung 1"})
    assert answer["name"] == "Übung 1"
    assert answer["pipeline_spec"]["pipelineInfo"]["name"] == "bung-1"


async def test_the_active_connection_decides_where_the_notebook_runs(
    post: Any, notebook_at: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    context = {"name": "far", "context": {"cluster": "far", "user": "me"}}
    cluster = {"name": "far", "cluster": {"server": "http://127.0.0.1:9"}}
    kubeconfig.write_text(
        json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "far",
                "contexts": [context],
                "clusters": [cluster],
                "users": [{"name": "me", "user": {}}],
            }
        )
    )
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
    (tmp_path / "kubeflow-config").mkdir()
    (tmp_path / "kubeflow-config" / "connections.json").write_text(
        '{"version": 1, "active": "far"}'
    )
    notebook_at("work.ipynb", "1")
    settings = {"requirements": ["pandas==2.2.3"]}
    spec = (await post("compile", {"path": "work.ipynb", "settings": settings}))["pipeline_spec"]
    assert payload(spec)["kernel"] is None
    assert "'pandas==2.2.3'" in json.dumps(spec)
    settings["target"] = "local"
    spec = (await post("compile", {"path": "work.ipynb", "settings": settings}))["pipeline_spec"]
    assert payload(spec)["kernel"] == "python3"
    assert "pandas" not in json.dumps(spec)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ("no json", 400, "not JSON"),
        ([], 400, "must be a JSON object"),
        ({}, 400, "names no notebook"),
        ({"path": 3}, 400, '"path" must be text'),
        ({"path": "none.ipynb"}, 404, "There is no notebook none.ipynb"),
        ({"path": "../../etc/passwd"}, 404, "There is no notebook"),
        ({"path": ".hidden.ipynb"}, 404, "There is no notebook"),
        (
            {"path": "broken.ipynb"},
            400,
            "broken.ipynb is not a readable notebook: it is not JSON (",
        ),
        ({"path": "folder"}, 400, "folder is not a readable notebook"),
    ],
)
async def test_bad_requests_end_in_words(
    post: Any, notebook_at: Any, jp_root_dir: Path, route: str, body: Any, status: int, told: str
) -> None:
    notebook_at(".hidden.ipynb", "1")
    (jp_root_dir / "broken.ipynb").write_text("{")
    (jp_root_dir / "folder").mkdir()
    answer = await refused(post(route, body))
    assert (answer["status"], answer["service"]) == (status, "jupyter")
    assert told in answer["message"]


@pytest.mark.parametrize("route", ["inspect", "compile"])
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"metadata": {"kernelspec": None}}, "metadata, kernelspec: None is not"),
        ({"metadata": {"kernelspec": "python3"}}, "metadata, kernelspec: 'python3' is not"),
        ({"metadata": {"language_info": None}}, "metadata, language_info: None is not"),
        ({"cells": [{"cell_type": "code", "metadata": 3, "source": "1"}]}, "work.ipynb"),
    ],
)
async def test_a_malformed_notebook_is_refused_with_its_field(
    post: Any, notebook_at: Any, route: str, change: dict[str, Any], told: str
) -> None:
    path = notebook_at("work.ipynb", "1")
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    answer = await refused(post(route, {"path": "work.ipynb"}))
    assert answer["status"] == 400
    assert "work.ipynb is not a readable notebook" in answer["message"]
    assert told in answer["message"]


@pytest.mark.parametrize("tag", [None, "parameters"])
async def test_code_that_is_nested_too_deeply_names_its_cell(
    post: Any, notebook_at: Any, tag: str | None
) -> None:
    notebook_at("work.ipynb", "x = " + "-" * 100_000 + "1", tag)
    (problem,) = (await post("inspect", {"path": "work.ipynb"}))["problems"]
    assert (problem["severity"], problem["cell"]) == ("error", 1)
    answer = await refused(post("compile", {"path": "work.ipynb"}))
    assert answer["status"] == 400
    assert "Cell 1: The code is nested too deeply" in answer["message"]


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"settings": {"imag": "x"}}, 'Setting "imag" is not known'),
        ({"settings": 3}, "settings must be a JSON object"),
        ({"name": ""}, '"name" must be text'),
    ],
)
async def test_wrong_settings_are_refused(
    post: Any, notebook_at: Any, extra: dict[str, Any], told: str
) -> None:
    notebook_at("work.ipynb", "1")
    assert told in (await refused(post("compile", {"path": "work.ipynb", **extra})))["message"]


async def test_functions_are_those_of_the_file_or_of_what_is_given(
    post: Any, notebook_at: Any
) -> None:
    path = notebook_at("work.ipynb", "def saved(lr=0.1): ...")
    (found,) = (await post("functions", {"path": "work.ipynb"}))["functions"]
    assert (found["name"], found["cell"], found["problems"]) == ("saved", 1, [])
    assert found["parameters"] == [
        {
            "name": "lr",
            "type": "NUMBER_DOUBLE",
            "default": 0.1,
            "required": False,
            "description": "",
        }
    ]
    given = json.loads(path.read_text().replace("saved", "typed"))
    answer = await post("functions", {"path": "work.ipynb", "notebook": given})
    assert [each["name"] for each in answer["functions"]] == ["typed"]


async def test_script_answers_the_code_of_all_cells(post: Any, notebook_at: Any) -> None:
    notebook_at("work.ipynb", "print(1)")
    answer = await post("script", {"path": "work.ipynb"})
    assert answer == {"name": "work", "script": "# Cell 1\nprint(1)\n", "problems": []}


async def test_trial_answers_what_a_trial_runs(post: Any, notebook_at: Any) -> None:
    notebook_at("work.ipynb", "def train(lr: float = 0.1):\n    return {'loss': lr}")
    answer = await post("trial", {"path": "work.ipynb", "function": "train"})
    assert [each["flag"] for each in answer["parameters"]] == ["--lr"]
    assert (answer["metrics"], answer["problems"]) == (["loss"], [])
    answer = await post("trial", {"path": "a/train.py", "text": "print(f'loss={1}')\n"})
    assert (answer["name"], answer["metrics"]) == ("train.py", ["loss"])


@pytest.mark.parametrize("route", ["functions", "script", "trial"])
@pytest.mark.parametrize("given", [3, [], {}, {"cells": 3, "nbformat": 4, "nbformat_minor": 5}])
async def test_what_is_given_must_be_a_notebook(post: Any, route: str, given: Any) -> None:
    answer = await refused(post(route, {"path": "work.ipynb", "notebook": given}))
    assert answer["status"] == 400
    assert "work.ipynb is not a readable notebook" in answer["message"]


@pytest.mark.parametrize("route", ROUTES)
async def test_strangers_are_refused(post: Any, notebook_at: Any, route: str) -> None:
    notebook_at("work.ipynb", "1")
    with pytest.raises(HTTPClientError) as caught:
        await post(route, {"path": "work.ipynb"}, headers={"Authorization": "token wrong"})
    assert caught.value.code == 403
