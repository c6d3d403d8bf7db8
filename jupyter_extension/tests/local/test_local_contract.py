"""Every answer against KFP's published API descriptions, 2.x and with native tasks, where these are present."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
import yaml
from local_pipelines import adder, failing, waiter

CONTRACTS = Path("/work/shared/contracts/pipelines")

pytestmark = pytest.mark.skipif(
    not CONTRACTS.is_dir(), reason="KFP's API descriptions are not here"
)


class Contract:
    """A swagger file. Checks are strict: a field that the description does not have is an error."""

    def __init__(self, file: str) -> None:
        self.swagger = json.loads((CONTRACTS / file).read_text())
        for definition in self.swagger["definitions"].values():
            if "properties" in definition:
                definition["additionalProperties"] = False

    def check(self, method: str, path: str, body: Any) -> None:
        for template, operations in self.swagger["paths"].items():
            pattern = re.sub(r"\\{[^}]*\\}", "[^/:]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in operations:
                schema = operations[method.lower()]["responses"]["200"]["schema"]
                jsonschema.validate(
                    body,
                    {**schema, "definitions": self.swagger["definitions"]},
                    format_checker=jsonschema.FormatChecker(),
                )
                return
        raise AssertionError(f"The description has no {method} {path}.")


def test_answers_keep_to_the_contracts(
    http: httpx.Client, client: Any, adder_file: Path, tmp_path: Path
) -> None:
    native = Contract("v2beta1-native-tasks.swagger.json")
    old = Contract("v2beta1.swagger.json")

    def call(method: str, path: str, **options: Any) -> Any:
        path = f"/apis/v2beta1{path}"
        answer = http.request(method, path, **options)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        native.check(method, path, _without(body, "task_details"))
        if "/tasks" not in path and "artifact" not in path:
            old.check(method, path, _without(body, "task_count", "tasks"))
        return body

    content = adder_file.read_bytes()
    call("GET", "/healthz")
    experiment = call(
        "POST", "/experiments", json={"display_name": "Contract", "description": "d"}
    )["experiment_id"]
    pipeline = call(
        "POST",
        "/pipelines/upload",
        params={"name": "Contract", "description": "d", "tags": '{"a": "b"}'},
        files={"uploadfile": ("p.yaml", content)},
    )["pipeline_id"]
    version = call(
        "POST",
        "/pipelines/upload_version",
        params={"name": "v2", "pipelineid": pipeline, "code_source_url": "https://x.example"},
        files={"uploadfile": ("p.yaml", content)},
    )["pipeline_version_id"]
    call(
        "POST",
        f"/pipelines/{pipeline}/versions",
        json={"display_name": "v3", "pipeline_spec": yaml.safe_load(content)},
    )
    body = {
        "pipeline": {"name": "Contract 2"},
        "pipeline_version": {"pipeline_spec": yaml.safe_load(content)},
    }
    other = call("POST", "/pipelines/create", json=body)["pipeline_id"]
    created = call(
        "POST",
        "/runs",
        json={
            "display_name": "Contract",
            "experiment_id": experiment,
            "pipeline_version_reference": {"pipeline_id": pipeline},
            "runtime_config": {"parameters": {"x": 1}},
        },
    )["run_id"]
    (tmp_path / "gate").touch()
    runs = [
        created,
        client.create_run_from_pipeline_func(adder, arguments={"x": 1}).run_id,
        client.create_run_from_pipeline_func(failing).run_id,
        client.create_run_from_pipeline_func(
            waiter, arguments={"gate": str(tmp_path / "gate")}
        ).run_id,
    ]
    for run in runs:
        call("GET", f"/runs/{run}")
        client.wait_for_run_completion(run, 60, 0.1)
        call("GET", f"/runs/{run}")
        call("GET", f"/runs/{run}", params={"view": "FULL"})
        for task in call("GET", f"/runs/{run}/tasks")["tasks"]:
            assert call("GET", f"/runs/{run}/tasks/{task['task_id']}") == task
    for view in ("DEFAULT", "FULL"):
        call("GET", "/runs", params={"page_size": 100, "view": view, "sort_by": "created_at desc"})
    for path in (
        "/experiments",
        f"/experiments/{experiment}",
        "/pipelines",
        f"/pipelines/{pipeline}",
        "/pipelines/names/Contract",
        f"/pipelines/{pipeline}/versions",
        f"/pipelines/{pipeline}/versions/{version}",
    ):
        call("GET", path)
    for artifact in call("GET", "/artifacts")["artifacts"]:
        call("GET", f"/artifacts/{artifact['artifact_id']}")
    assert call("GET", "/artifact_tasks", params={"page_size": 200})["artifact_tasks"]
    for path in (f"/runs/{created}", f"/experiments/{experiment}"):
        call("POST", f"{path}:archive")
        call("POST", f"{path}:unarchive")
        call("DELETE", path)
    call("DELETE", f"/pipelines/{pipeline}/versions/{version}")
    for one in (pipeline, other):
        call("DELETE", f"/pipelines/{one}", params={"cascade": "true"})


def _without(body: Any, *names: str) -> Any:
    """The body without fields that only the other description has."""
    if isinstance(body, dict):
        return {key: _without(value, *names) for key, value in body.items() if key not in names}
    if isinstance(body, list):
        return [_without(one, *names) for one in body]
    return body


def test_the_check_can_fail() -> None:
    contract = Contract("v2beta1.swagger.json")
    for body in ({"multiUser": False}, {"multi_user": "no"}):
        with pytest.raises(jsonschema.ValidationError):
            contract.check("GET", "/apis/v2beta1/healthz", body)
