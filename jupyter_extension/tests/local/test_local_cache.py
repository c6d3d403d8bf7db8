"""Results used again, and importers, through the official client: what is the same artifact stays one, over runs and their deletion.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

from pathlib import Path
from typing import Any

import httpx
import pytest
from kfp import compiler, dsl
from kfp.dsl import Dataset, Input, Output


@dsl.component
def write(text: str, data: Output[Dataset]):
    with open(data.path, "w") as file:
        file.write(text)


@dsl.component
def read(data: Input[Dataset]) -> str:
    with open(data.path) as file:
        return file.read()


@dsl.pipeline(name="written-and-read")
def written_and_read(text: str) -> str:
    return read(data=write(text=text).outputs["data"]).output


@dsl.pipeline(name="imported-and-read")
def imported_and_read(uri: str) -> str:
    return read(
        data=dsl.importer(artifact_uri=uri, artifact_class=Dataset, reimport=False).output
    ).output


class Runner:
    """Runs pipelines to their ends and tells of their tasks."""

    def __init__(self, client: Any, http: httpx.Client) -> None:
        self._client = client
        self._http = http

    def run(self, pipeline: Any, arguments: dict[str, Any], **options: Any) -> str:
        """Creates the run and waits for its success; answers its id."""
        made = self._client.create_run_from_pipeline_func(pipeline, arguments, **options)
        ended = self._client.wait_for_run_completion(made.run_id, timeout=60, sleep_duration=0.1)
        assert ended.state == "SUCCEEDED", ended.error
        return str(made.run_id)

    def task(self, run_id: str, name: str) -> dict[str, Any]:
        """The native task of this name."""
        tasks = self._http.get(f"/apis/v2beta1/runs/{run_id}/tasks").json()["tasks"]
        return next(each for each in tasks if each["name"] == name)

    def made(self, run_id: str, name: str) -> dict[str, Any]:
        """The first output artifact of the task of this name."""
        artifact: dict[str, Any] = self.task(run_id, name)["outputs"]["artifacts"][0]["artifacts"][
            0
        ]
        return artifact


@pytest.fixture
def runner(client: Any, http: httpx.Client) -> Runner:
    return Runner(client, http)


def test_equal_tasks_are_found_by_their_fingerprint(
    runner: Runner, client: Any, http: httpx.Client
) -> None:
    first = runner.run(written_and_read, {"text": "a"})
    second = runner.run(written_and_read, {"text": "a"})
    for name in ("write", "read"):
        before, after = runner.task(first, name), runner.task(second, name)
        assert (before["state"], after["state"]) == ("SUCCEEDED", "CACHED")
        assert before["cache_fingerprint"] == after["cache_fingerprint"]
        found = http.post(
            "/apis/v2beta1/tasks:findCached",
            json={"cache_fingerprint": before["cache_fingerprint"]},
        ).json()
        assert found["task"]["task_id"] == before["task_id"]
    details = client.get_run(second).run_details.task_details
    assert {each.state for each in details} == {"SUCCEEDED"}
    assert runner.made(first, "write")["artifact_id"] == runner.made(second, "write")["artifact_id"]


def test_what_the_client_says_of_caching_holds_for_the_run(runner: Runner) -> None:
    runner.run(written_and_read, {"text": "b"})
    refused = runner.run(written_and_read, {"text": "b"}, enable_caching=False)
    assert runner.task(refused, "write")["state"] == "SUCCEEDED"
    assert "cache_fingerprint" not in runner.task(refused, "write")
    keyed = {"enable_caching": True, "cache_key": "mine"}
    runner.run(written_and_read, {"text": "c"}, **keyed)
    again = runner.run(written_and_read, {"text": "d"}, **keyed)
    assert runner.task(again, "write")["state"] == "CACHED"
    assert Path(runner.made(again, "write")["uri"]).read_text() == "c"


def test_what_a_deleted_run_made_is_kept_for_those_who_use_it(runner: Runner, client: Any) -> None:
    first = runner.run(written_and_read, {"text": "kept"})
    second = runner.run(written_and_read, {"text": "kept"})
    client.delete_run(first)
    assert Path(runner.made(second, "write")["uri"]).read_text() == "kept"
    third = runner.run(written_and_read, {"text": "kept"})
    assert runner.task(third, "write")["state"] == "SUCCEEDED", "its maker is gone"


def test_a_changed_result_is_made_again(runner: Runner) -> None:
    first = runner.run(written_and_read, {"text": "whole"})
    file = Path(runner.made(first, "write")["uri"])
    file.write_text("spoilt")
    second = runner.run(written_and_read, {"text": "whole"})
    assert runner.task(second, "write")["state"] == "SUCCEEDED"
    assert Path(runner.made(second, "write")["uri"]).read_text() == "whole"


def test_an_imported_artifact_is_one_over_runs(runner: Runner, client: Any, tmp_path: Path) -> None:
    source = tmp_path / "data.csv"
    source.write_text("1")
    first = runner.run(imported_and_read, {"uri": str(source)})
    second = runner.run(imported_and_read, {"uri": source.as_uri()})
    one = runner.made(first, "importer")
    assert runner.made(second, "importer") == one
    assert runner.task(second, "read")["state"] == "CACHED"
    client.delete_run(first)
    third = runner.run(imported_and_read, {"uri": str(source)})
    assert runner.made(third, "importer") == one
    for run_id in (second, third):
        client.delete_run(run_id)
    assert source.read_text() == "1", "what was imported is not the run's to delete"
    fourth = runner.run(imported_and_read, {"uri": str(source)})
    assert runner.made(fourth, "importer")["artifact_id"] != one["artifact_id"]


def test_a_run_of_a_version_uses_results_of_runs_of_specs(
    runner: Runner, client: Any, tmp_path: Path
) -> None:
    runner.run(written_and_read, {"text": "version"})
    package = tmp_path / "pipeline.yaml"
    compiler.Compiler().compile(written_and_read, str(package))
    pipeline = client.upload_pipeline(str(package), "Cached version")
    version = client.list_pipeline_versions(pipeline.pipeline_id).pipeline_versions[0]
    run = client.run_pipeline(
        client.create_experiment("Cached version").experiment_id,
        "of a version",
        params={"text": "version"},
        pipeline_id=pipeline.pipeline_id,
        version_id=version.pipeline_version_id,
    )
    client.wait_for_run_completion(run.run_id, timeout=60, sleep_duration=0.1)
    assert runner.task(run.run_id, "read")["state"] == "CACHED"
