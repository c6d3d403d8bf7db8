"""``jupyter kubeflow compile`` and ``submit``, the latter against a real Local Kubeflow."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import httpx
import nbformat
import pytest
import yaml
from jupyterlab_kubeflow.cli import main

WriteNotebook = Callable[..., Path]

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.fixture
def at_local(local_kubeflow: Any, tmp_path: Path) -> list[str]:
    """The options that point ``submit`` at the test's Local Kubeflow."""
    token = tmp_path / "token"
    token.write_text(local_kubeflow.token + "\n")
    host = local_kubeflow.services["pipelines"]
    return ["--host", host, "--token-file", str(token), "--target", "local"]


@pytest.fixture
def get(local_kubeflow: Any) -> Callable[..., Any]:
    """GET below Local Kubeflow's pipelines service."""

    def call(path: str, **query: Any) -> httpx.Response:
        answer = httpx.get(
            local_kubeflow.services["pipelines"] + path,
            params=query,
            headers={"Authorization": f"Bearer {local_kubeflow.token}"},
            trust_env=False,
        )
        answer.raise_for_status()
        return answer

    return call


def test_compile_writes_the_pipeline(
    write_notebook: WriteNotebook, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_notebook(("lr = 0.1", "parameters"), "print(lr)")
    output = tmp_path / "pipeline.yaml"
    options = ["--name", "Mine", "--image", "registry/own:1", "--timeout", "60"]
    assert main(["compile", str(path), "-o", str(output), *options]) == 0
    spec = yaml.safe_load(output.read_text())
    assert spec["pipelineInfo"] == {"name": "mine", "displayName": "Mine"}
    assert (
        spec["deploymentSpec"]["executors"]["exec-mine"]["container"]["image"] == "registry/own:1"
    )
    assert main(["compile", str(path), "--name", "Mine", *options[2:]]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == spec


def test_compile_reads_a_requirements_file(
    write_notebook: WriteNotebook, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("# what it needs\npandas==2.2.3  # frames\n\n")
    assert main(["compile", str(write_notebook("1")), "--requirements", str(file)]) == 0
    assert "'pandas==2.2.3' 'ipykernel" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--param", "lr=abc"], 'Parameter "lr" must be a number, for example 0.01.'),
        (["--param", "rate=1"], 'The notebook has no parameter "rate".'),
        (["--param", "lr"], '"lr" is not NAME=VALUE, for example --param lr=0.01.'),
        (["--token-file", "t"], "--token-file needs --host"),
        (["--host", "http://127.0.0.1:9", "--requirements", "none.txt"], "none.txt cannot be read"),
        (
            ["--host", "http://127.0.0.1:9", "--target", "local"],
            "http://127.0.0.1:9 cannot be reached",
        ),
        (["--timeout", "-1"], 'Setting "timeout" must be a number of seconds above 0'),
    ],
)
def test_submit_refuses_in_words(
    write_notebook: WriteNotebook,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    told: str,
) -> None:
    path = write_notebook(("lr = 0.1", "parameters"), "print(lr)")
    assert main(["submit", str(path), *options]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert told in printed.err
    assert "Traceback" not in printed.err


def test_wrong_credentials_are_told(
    write_notebook: WriteNotebook,
    local_kubeflow: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    host = local_kubeflow.services["pipelines"]
    assert main(["submit", str(write_notebook("1")), "--host", host, "--target", "local"]) == 1
    assert "refuses the credentials" in capsys.readouterr().err


def test_the_example_runs_to_its_end_and_leaves_notebook_report_and_metrics(
    at_local: list[str], get: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    line = ["submit", str(EXAMPLES / "digits.ipynb"), "--param", "C=2", "--param", "kernel=linear"]
    assert main([*line, "--wait", "--output", "json", "--experiment", "digits", *at_local]) == 0
    printed = capsys.readouterr()
    result = json.loads(printed.out)
    assert (result["state"], result["error"]) == ("SUCCEEDED", None)
    assert "[7/7] cell 12" in printed.err
    run = get(f"/apis/v2beta1/runs/{result['run_id']}", view="FULL").json()
    assert run["runtime_config"]["parameters"]["C"] == 2
    outputs = _outputs(run)
    assert outputs["metrics"]["metadata"]["accuracy"] > 0.9
    executed = nbformat.reads(_content(get, outputs["notebook"]["uri"]), as_version=4)
    assert "kernel = 'linear'" in executed.cells[2].source
    assert "image/png" in executed.cells[10].outputs[0].data
    assert "Handwritten digits" in _content(get, outputs["report"]["uri"])
    again = get("/apis/v2beta1/experiments", filter=_named("digits")).json()["experiments"]
    assert [each["experiment_id"] for each in again] == [result["experiment_id"]]


def test_a_failing_cell_ends_submit_and_the_run_with_its_place(
    write_notebook: WriteNotebook,
    at_local: list[str],
    get: Callable[..., Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = write_notebook(
        "import logging\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    logging.exception('handled')",
        "x = 1\nraise ValueError('of course')",
    )
    assert main(["submit", str(path), "--wait", "--output", "json", *at_local]) == 1
    printed = capsys.readouterr()
    assert printed.err.endswith("Error: Cell 2, line 2: ValueError: of course\n")
    result = json.loads(printed.out)
    assert (result["state"], result["error"]) == ("FAILED", "Cell 2, line 2: ValueError: of course")
    run = get(f"/apis/v2beta1/runs/{result['run_id']}", view="FULL").json()
    assert "Cell 2, line 2: ValueError: of course" in run["error"]["message"]
    outputs = _outputs(run)
    partial = nbformat.reads(_content(get, outputs["notebook"]["uri"]), as_version=4)
    assert "handled" in partial.cells[0].outputs[0].text
    assert partial.cells[1].outputs[0].ename == "ValueError"
    assert "of course" in _content(get, outputs["report"]["uri"])


def _outputs(run: dict[str, Any]) -> dict[str, Any]:
    return {
        each["artifact_key"]: each["artifacts"][0]
        for task in run["tasks"]
        for each in task.get("outputs", {}).get("artifacts", [])
    }


def _named(name: str) -> str:
    predicate = {"operation": 1, "key": "display_name", "stringValue": name}
    return json.dumps({"predicates": [predicate]})


def _content(get: Callable[..., Any], uri: str) -> str:
    path = unquote(urlparse(uri).path)
    return str(get("/artifacts/get", source="file", key=path).text)
