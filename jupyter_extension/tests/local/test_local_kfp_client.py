"""The official client, unmodified, as referee: what it does against a cluster it does here."""

from __future__ import annotations

import json
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import httpx
import kfp_server_api
import pytest
from kfp import compiler
from local_pipelines import adder, failing, waiter


def _filter(key: str, value: str, operation: str | int = "EQUALS") -> str:
    return json.dumps({"predicates": [{"operation": operation, "key": key, "stringValue": value}]})


def test_experiments(client: Any) -> None:
    assert client.get_experiment(experiment_name="Default").display_name == "Default"
    made = client.create_experiment("First experiment", description="a test")
    assert client.create_experiment("First experiment").experiment_id == made.experiment_id
    assert client.get_experiment(experiment_id=made.experiment_id).description == "a test"
    assert client.get_experiment(experiment_name="First experiment") == made
    with pytest.raises(ValueError, match="No experiment"):
        client.get_experiment(experiment_name="never made")

    client.archive_experiment(made.experiment_id)
    assert client.get_experiment(made.experiment_id).storage_state == "ARCHIVED"
    client.unarchive_experiment(made.experiment_id)
    listed = client.list_experiments(filter=_filter("display_name", "First", "IS_SUBSTRING"))
    assert [one.storage_state for one in listed.experiments] == ["AVAILABLE"]
    assert listed.total_size == 1

    client.delete_experiment(made.experiment_id)
    with pytest.raises(kfp_server_api.ApiException) as missing:
        client.get_experiment(made.experiment_id)
    assert missing.value.status == 404


def test_pipelines_and_versions(client: Any, adder_file: Path, tmp_path: Path) -> None:
    pipeline = client.upload_pipeline(str(adder_file), "Client pipeline", description="adds")
    assert client.get_pipeline_id("Client pipeline") == pipeline.pipeline_id
    assert client.get_pipeline_id("never uploaded") is None
    assert client.get_pipeline(pipeline.pipeline_id).description == "adds"
    with pytest.raises(kfp_server_api.ApiException) as taken:
        client.upload_pipeline(str(adder_file), "Client pipeline")
    assert taken.value.status == 409
    assert json.loads(taken.value.body)["code"] == 6

    zipped = tmp_path / "pipeline.zip"
    with zipfile.ZipFile(zipped, "w") as bundle:
        bundle.write(adder_file, "pipeline.yaml")
    tarred = tmp_path / "pipeline.tar.gz"
    with tarfile.open(tarred, "w:gz") as archive:
        archive.add(adder_file, "adder.yaml")
    for number, package in enumerate((zipped, tarred)):
        client.upload_pipeline_version(
            str(package), f"v{number}", pipeline_id=pipeline.pipeline_id, description="again"
        )
    client.upload_pipeline_version_from_pipeline_func(adder, "v2", pipeline_name="Client pipeline")
    versions = client.list_pipeline_versions(
        pipeline.pipeline_id, sort_by="created_at desc"
    ).pipeline_versions
    assert [one.display_name for one in versions] == ["v2", "v1", "v0", "Client pipeline"]
    assert versions[0].pipeline_spec["pipelineInfo"]["name"] == "adder"
    version = client.get_pipeline_version(pipeline.pipeline_id, versions[1].pipeline_version_id)
    assert version.description == "again"

    with pytest.raises(kfp_server_api.ApiException, match="4 versions"):
        client.delete_pipeline(pipeline.pipeline_id)
    for one in versions:
        client.delete_pipeline_version(pipeline.pipeline_id, one.pipeline_version_id)
    client.delete_pipeline(pipeline.pipeline_id)
    assert client.get_pipeline_id("Client pipeline") is None


def test_a_run_outlives_the_version_that_it_was_made_from(client: Any, tmp_path: Path) -> None:
    package = tmp_path / "adder.yaml"
    compiler.Compiler().compile(adder, str(package))
    pipeline = client.upload_pipeline(str(package), pipeline_name="Short-lived pipeline")
    version = client.list_pipeline_versions(pipeline.pipeline_id).pipeline_versions[0]
    run = client.run_pipeline(
        experiment_id=client.create_experiment("Short-lived").experiment_id,
        job_name="outlives",
        params={"x": 1},
        pipeline_id=pipeline.pipeline_id,
        version_id=version.pipeline_version_id,
    )
    assert client.get_run(run.run_id).pipeline_spec is None
    client.wait_for_run_completion(run.run_id, timeout=60, sleep_duration=0.1)
    client.delete_pipeline_version(pipeline.pipeline_id, version.pipeline_version_id)
    left = client.get_run(run.run_id)
    assert left.pipeline_version_reference is None
    assert left.pipeline_spec["pipelineInfo"]["name"] == "adder"


def test_run_from_function_to_its_outputs(client: Any, http: httpx.Client) -> None:
    result = client.create_run_from_pipeline_func(
        adder, arguments={"x": 1}, experiment_name="Functions", run_name="from function"
    )
    run = client.wait_for_run_completion(result.run_id, timeout=60, sleep_duration=0.1)
    assert run.state == "SUCCEEDED"
    assert run.error is None
    assert run.finished_at >= run.created_at
    assert [entry.state for entry in run.state_history] == ["PENDING", "RUNNING", "SUCCEEDED"]
    assert run.runtime_config.parameters == {"x": 1}
    experiment = client.get_experiment(experiment_name="Functions")
    assert run.experiment_id == experiment.experiment_id
    assert experiment.last_run_created_at == run.created_at

    details = {one.display_name: one for one in run.run_details.task_details}
    assert {one.state for one in details.values()} == {"SUCCEEDED"}
    assert set(details) == {"adder", "add", "add-2"}
    assert details["add"].parent_task_id == details["adder"].task_id

    tasks = http.get(f"/apis/v2beta1/runs/{run.run_id}/tasks").json()["tasks"]
    by_scope = {task["scope_path"]: task for task in tasks}
    last = by_scope["root.add-2"]
    assert last["outputs"]["parameters"][0]["value"] == 8
    assert last["inputs"]["parameters"][0] == {
        "parameter_key": "a",
        "value": 4,
        "type": "TASK_OUTPUT_INPUT",
        "producer": {"task_name": "add"},
    }
    assert by_scope["root"]["type"] == "ROOT"
    assert [one["name"] for one in by_scope["root"]["child_tasks"]] == ["add", "add-2"]


def test_run_of_an_uploaded_pipeline(client: Any, adder_file: Path) -> None:
    pipeline = client.upload_pipeline(str(adder_file), "Uploaded to run")
    version = client.list_pipeline_versions(pipeline.pipeline_id).pipeline_versions[0]
    experiment = client.create_experiment("Uploaded")
    run = client.run_pipeline(
        experiment.experiment_id,
        "from pipeline",
        params={"x": 2, "y": -1},
        pipeline_id=pipeline.pipeline_id,
        version_id=version.pipeline_version_id,
    )
    assert run.pipeline_version_reference.pipeline_id == pipeline.pipeline_id
    done = client.wait_for_run_completion(run.run_id, timeout=60, sleep_duration=0.1)
    assert done.state == "SUCCEEDED"


def test_lists_of_runs_and_pipelines(client: Any, adder_file: Path) -> None:
    experiment = client.create_experiment("Listed").experiment_id
    for name in ("b", "c", "a"):
        client.run_pipeline(experiment, name, str(adder_file), params={"x": 1})
    first = client.list_runs(experiment_id=experiment, page_size=2, sort_by="display_name desc")
    assert ([run.display_name for run in first.runs], first.total_size) == (["c", "b"], 3)
    second = client.list_runs(
        experiment_id=experiment,
        page_size=2,
        sort_by="display_name desc",
        page_token=first.next_page_token,
    )
    assert [run.display_name for run in second.runs] == ["a"]
    assert second.next_page_token is None
    found = client.list_runs(experiment_id=experiment, filter=_filter("display_name", "b"))
    assert [run.display_name for run in found.runs] == ["b"]
    client.upload_pipeline(str(adder_file), "Listed pipeline")
    listed = client.list_pipelines(filter=_filter("display_name", "Listed", "IS_SUBSTRING"))
    assert [one.display_name for one in listed.pipelines] == ["Listed pipeline"]


def test_run_from_a_package_without_caching(client: Any, adder_file: Path) -> None:
    for _ in range(2):
        result = client.create_run_from_pipeline_package(
            str(adder_file), arguments={"x": 9}, run_name="from package", enable_caching=False
        )
        run = client.wait_for_run_completion(result.run_id, timeout=60, sleep_duration=0.1)
        assert run.state == "SUCCEEDED"
    assert run.pipeline_spec["pipelineInfo"]["name"] == "adder"


def test_terminate(client: Any, tmp_path: Path, http: httpx.Client) -> None:
    run_id = client.create_run_from_pipeline_func(
        waiter, arguments={"gate": str(tmp_path / "never")}, run_name="endless"
    ).run_id
    _follow_until(http, run_id, "begin")
    client.terminate_run(run_id)
    assert _wait_for_end(client, run_id) == "CANCELED"
    with pytest.raises(kfp_server_api.ApiException, match="has ended as CANCELED"):
        client.terminate_run(run_id)
    tasks = http.get(f"/apis/v2beta1/runs/{run_id}/tasks").json()["tasks"]
    task = next(one for one in tasks if one["name"] == "wait")
    assert task["state"] == "FAILED"
    assert task["status_metadata"]["custom_properties"] == {"state": "CANCELED"}


def test_archive_and_delete(
    client: Any, tmp_path: Path, http: httpx.Client, local_kubeflow: Any
) -> None:
    run_id = client.create_run_from_pipeline_func(
        waiter, arguments={"gate": str(tmp_path / "never")}, run_name="to delete"
    ).run_id
    _follow_until(http, run_id, "begin")
    client.archive_run(run_id)
    assert client.get_run(run_id).storage_state == "ARCHIVED"
    client.unarchive_run(run_id)
    assert client.get_run(run_id).storage_state == "AVAILABLE"

    client.delete_run(run_id)
    with pytest.raises(kfp_server_api.ApiException) as missing:
        client.get_run(run_id)
    assert missing.value.status == 404
    assert not (Path(local_kubeflow.home) / "runs" / run_id).exists()
    assert not (Path(local_kubeflow.home) / "artifacts" / run_id).exists()


def test_a_failing_run_says_why(client: Any) -> None:
    run_id = client.create_run_from_pipeline_func(failing, run_name="failing").run_id
    run = client.wait_for_run_completion(run_id, timeout=60, sleep_duration=0.1)
    assert run.state == "FAILED"
    assert "fail" in run.error.message
    failed = next(one for one in run.run_details.task_details if one.display_name == "fail")
    assert failed.state == "FAILED"
    assert failed.error.message


def _wait_for_end(client: Any, run_id: str) -> str:
    while (state := client.get_run(run_id).state) not in ("CANCELED", "FAILED", "SUCCEEDED"):
        pass
    return str(state)


def _follow_until(http: httpx.Client, run_id: str, word: str) -> None:
    """Returns when the run's task has said ``word``."""
    pods: list[str] = []
    while not pods:
        tasks = http.get(f"/apis/v2beta1/runs/{run_id}/tasks").json().get("tasks", [])
        pods = [
            pod["name"]
            for task in tasks
            if task["state"] == "RUNNING"
            for pod in task.get("pods", [])
            if pod["type"] == "EXECUTOR"
        ]
    with http.stream("GET", "/k8s/pod/logs", params={"podname": pods[0]}) as log:
        for part in log.iter_text():
            if word in part:
                return
    pytest.fail(f"{word!r} was not said")
