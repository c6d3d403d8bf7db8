"""KFP's own test pipelines, where they are at hand: uploaded, run by the server, and ended as kfp.local ends them."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from engine_support import load
from referees import agrees, by_kfp_local, in_words
from shared_pipelines import FOLDER, INVALID, TABLE, Expected

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="KFP's test pipelines are not here")

_COMPARED = {name: each for name, each in TABLE.items() if each.installs is None}


def _index_answers() -> bool:
    with suppress(httpx.HTTPError):
        index = os.environ.get("UV_DEFAULT_INDEX", "https://pypi.org/simple").rstrip("/")
        return httpx.get(f"{index}/pandas/", timeout=10, follow_redirects=True).is_success
    return False


@dataclass
class Ended:
    """A run that has ended, with its native tasks by scope path."""

    run: dict[str, Any]
    tasks: dict[str, dict[str, Any]]

    def outputs(self, path: str = "root") -> dict[str, Any]:
        """Output parameters, and artifacts as ``[{"text", "metadata"}]``."""
        made = self.tasks[path].get("outputs", {})
        outputs = {each["parameter_key"]: each.get("value") for each in made.get("parameters", [])}
        for each in made.get("artifacts", []):
            outputs[each["artifact_key"]] = [
                in_words(one["uri"], one.get("metadata", {})) for one in each["artifacts"]
            ]
        return outputs


def _file(name: str) -> Path:
    return FOLDER / "valid" / f"{name}.yaml"


def _parameters(expected: Expected, folder: Path) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    return {
        key: value.replace("FOLDER", str(folder)) if isinstance(value, str) else value
        for key, value in expected.parameters.items()
    }


@pytest.fixture(scope="module")
def uploaded(http: httpx.Client) -> dict[str, httpx.Response]:
    """The server's answers to the upload of each valid file."""
    return {
        name: http.post(
            "/apis/v2beta1/pipelines/upload",
            params={"name": f"shared {name}"},
            files={"uploadfile": (_file(name).name, _file(name).read_bytes())},
        )
        for name in TABLE
    }


@pytest.fixture(scope="module")
def ended(
    client: Any,
    http: httpx.Client,
    uploaded: dict[str, httpx.Response],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Ended]:
    """The runs of the uploaded pipelines, side by side, at their ends."""
    folder = tmp_path_factory.mktemp("shared")
    runs: dict[str, str] = {}
    for name, expected in (TABLE if _index_answers() else _COMPARED).items():
        pipeline_id = uploaded[name].json()["pipeline_id"]
        version = client.list_pipeline_versions(pipeline_id).pipeline_versions[0]
        answer = http.post(
            "/apis/v2beta1/runs",
            json={
                "display_name": name,
                "pipeline_version_reference": {
                    "pipeline_id": pipeline_id,
                    "pipeline_version_id": version.pipeline_version_id,
                },
                "runtime_config": {"parameters": _parameters(expected, folder / name)},
            },
        )
        assert answer.status_code == 200, answer.text
        runs[name] = answer.json()["run_id"]
    found = {}
    for name, run_id in runs.items():
        client.wait_for_run_completion(run_id, timeout=300, sleep_duration=0.2)
        run = http.get(f"/apis/v2beta1/runs/{run_id}").json()
        tasks = http.get(f"/apis/v2beta1/runs/{run_id}/tasks", params={"page_size": 200}).json()
        found[name] = Ended(run, {each["scope_path"]: each for each in tasks["tasks"]})
    return found


@pytest.fixture(scope="module")
def refereed(
    ended: dict[str, Ended], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """How kfp.local ends them."""
    folder = tmp_path_factory.mktemp("referee")
    jobs = [
        (load(_file(name)), _parameters(expected, folder / "files" / name))
        for name, expected in _COMPARED.items()
    ]
    return dict(zip(_COMPARED, by_kfp_local(jobs, folder / "jobs"), strict=True))


def test_the_tables_name_every_file() -> None:
    def names(kind: str) -> set[str]:
        files = (FOLDER / kind).rglob("*.yaml")
        return {str(each.relative_to(FOLDER / kind).with_suffix("")) for each in files}

    assert names("valid") == TABLE.keys()
    assert names("invalid") == INVALID.keys()


@pytest.mark.parametrize("name", TABLE)
def test_every_valid_file_is_accepted(uploaded: dict[str, httpx.Response], name: str) -> None:
    assert uploaded[name].status_code == 200, uploaded[name].text


@pytest.mark.parametrize("name", TABLE)
def test_it_ends_as_the_table_says(http: httpx.Client, ended: dict[str, Ended], name: str) -> None:
    if name not in ended:
        pytest.skip(f"it installs {TABLE[name].installs}, and no package index answers")
    expected, end = TABLE[name], ended[name]
    assert end.run["state"] == expected.state, end.run.get("error")
    for path, outputs in expected.outputs.items():
        if isinstance(outputs, str):
            pod = end.tasks[path]["pods"][0]["name"]
            assert outputs in http.get("/k8s/pod/logs", params={"podname": pod}).text
            continue
        found = end.outputs(path)
        for key, value in outputs.items():
            listed = found[key]
            if isinstance(listed, list) and listed and isinstance(listed[0], dict):
                listed = [each["text"] for each in listed]
            assert listed == value
    for path, message in expected.messages.items():
        assert message in end.tasks[path]["status_metadata"]["message"]


@pytest.mark.parametrize("name", _COMPARED)
def test_it_ends_as_kfp_local_ends_it(
    ended: dict[str, Ended], refereed: dict[str, dict[str, Any]], name: str
) -> None:
    """Or the table says why not, which is to be taken back when it does not hold any more."""
    end, by_local = ended[name], refereed[name]
    failed = end.run["state"] == "FAILED"
    made = {path: end.outputs(path) for path in end.tasks}
    same = (
        "error" in by_local
        if failed
        else agrees(by_local, made, written=_COMPARED[name].own is None)
    )
    assert same == (_COMPARED[name].local is None), by_local


@pytest.mark.parametrize("name", INVALID)
def test_the_invalid_files_are_refused_in_words(http: httpx.Client, name: str) -> None:
    file = FOLDER / "invalid" / f"{name}.yaml"
    answer = http.post(
        "/apis/v2beta1/pipelines/upload",
        params={"name": f"shared {name}"},
        files={"uploadfile": (file.name, file.read_bytes())},
    )
    assert answer.status_code == 400
    assert answer.json()["message"] == INVALID[name]
