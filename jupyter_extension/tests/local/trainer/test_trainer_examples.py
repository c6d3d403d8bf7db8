"""The examples of training do what they say."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from jupyterlab_kubeflow.local.paths import HOME_VARIABLE
from nbclient import NotebookClient
from trainer_support import GROUP, holds, make, pods, suspend, wait

EXAMPLES = Path(__file__).parents[4] / "examples"


def train(cluster: Any, namespace: str, name: str, nodes: int, *arguments: str) -> None:
    """A TrainJob of the script."""
    command = ["python", str(EXAMPLES / "train_digits.py")]
    args = ["--nodes", str(nodes), *arguments]
    trainer = {"numNodes": nodes, "command": command, "args": args}
    make(cluster, namespace, name, "", trainer=trainer)


def last(folder: Path) -> int:
    """The epoch of the last checkpoint."""
    found = [int(each.stem.split("-")[1]) for each in folder.glob("epoch-?????.npz")]
    return max(found, default=0)


def test_the_script_trains_on_two_nodes_and_goes_on_from_its_last_checkpoint(
    cluster: Any, namespace: str, tmp_path: Path
) -> None:
    def running() -> list[Any]:
        found = pods(cluster, namespace, "digits")
        return [each for each in found if each.status.phase == "Running"]

    def said() -> str:
        return "".join(cluster.log(namespace, each.metadata.name) for each in running())

    folder = tmp_path / "checkpoints"
    train(cluster, namespace, "digits", 2, "--checkpoints", str(folder), "--epochs", "10000")
    wait(cluster, namespace, "digits", lambda job: job.get("status", {}).get("trainerStatus"))
    cluster.wait_for(lambda: last(folder), lambda epoch: epoch >= 3)
    suspend(cluster, namespace, "digits", True)
    wait(cluster, namespace, "digits", holds("Suspended"))
    cluster.wait_for(running, lambda left: not left)
    reached = last(folder)
    assert 0 < len([*folder.glob("epoch-?????.npz")]) <= 3

    suspend(cluster, namespace, "digits", False)
    text = cluster.wait_for(said, lambda text: text.count("goes on after epoch") == 2)
    assert f"node 0: goes on after epoch {reached}\n" in text
    cluster.wait_for(lambda: last(folder), lambda epoch: epoch > reached)
    cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "trainjobs", "digits")
    cluster.wait_for(lambda: pods(cluster, namespace, "digits"), lambda left: not left)

    end = str(last(folder) + 30)
    train(cluster, namespace, "fewer", 1, "--checkpoints", str(folder), "--epochs", end)
    told = wait(cluster, namespace, "fewer", holds("Complete"))["status"]["trainerStatus"]
    assert (told["progressPercentage"], told.get("estimatedRemainingSeconds", 0)) == (100, 0)
    metrics = {each["name"]: float(each["value"]) for each in told["metrics"]}
    assert metrics["accuracy"] > 0.9
    assert metrics["loss"] < 0.5


def test_what_the_script_reports_to_a_killed_server_is_reported_later(
    own: Any, tmp_path: Path
) -> None:
    def kept() -> int:
        files = (own.home / "pods").glob("*/containers/*/*/reports")
        return sum(each.read_bytes().count(b"\n") for each in files)

    def reported() -> list[int]:
        where = f"/apis/{'/'.join(GROUP)}/namespaces/test/trainjobs/digits/metrics"
        answer = own.client.call_api(
            where, "GET", response_type="object", auth_settings=["BearerToken"]
        )
        return [int(each["metrics"]["epoch"]) for each in answer[0]["items"]]

    folder = tmp_path / "checkpoints"
    train(own, "test", "digits", 1, "--checkpoints", str(folder), "--epochs", "100000")
    wait(own, "test", "digits", lambda job: job.get("status", {}).get("trainerStatus"))
    own.kill()
    before = last(folder)
    own.wait_for(kept, lambda count: count >= 2)
    after = last(folder)
    own.start()
    found = own.wait_for(reported, lambda epochs: max(epochs) > after)
    assert sum(before <= each <= after for each in found) >= 2, (before, after, found)
    assert found == sorted(found)


def test_a_node_that_begins_anew_takes_nothing_away_that_another_one_may_read(
    tmp_path: Path,
) -> None:
    names = ["epoch-00001.npz", "epoch-00001-node-1.npz", "epoch-00002-node-1.npz"]
    sizes = [(64, 64), (64, 10), (64,), (10,)]
    for name in names:
        np.savez(tmp_path / name, *(np.zeros(size) for size in sizes))
    subprocess.run(
        [
            *(sys.executable, EXAMPLES / "train_digits.py", "--checkpoints", tmp_path),
            *("--nodes", "2", "--epochs", "1"),
        ],
        env={**os.environ, "JOB_COMPLETION_INDEX": "1"},
        check=True,
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "epoch-00001.npz",
        "epoch-00002-node-1.npz",
    ]


def test_more_nodes_than_the_script_is_told_of_are_named(
    cluster: Any, namespace: str, tmp_path: Path
) -> None:
    train(cluster, namespace, "two", 2, "--checkpoints", str(tmp_path), "--nodes", "1")
    wait(cluster, namespace, "two", holds("Failed"))
    said = [
        each.status.container_statuses[0].state.terminated.message or ""
        for each in pods(cluster, namespace, "two")
        if each.status.phase == "Failed"
    ]
    assert any("more nodes than --nodes 1" in each for each in said), said


def test_the_notebook_runs_in_a_kernel(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(cluster.home))
    notebook = nbformat.read(EXAMPLES / "train.ipynb", as_version=4)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    said = json.dumps([cell.get("outputs") for cell in notebook.cells])
    assert re.search(r"400 trees: accuracy 0\.9\d", said)
    assert notebook.cells[-1].outputs[0].data["text/plain"] == "400"
    jobs = cluster.custom.list_namespaced_custom_object(*GROUP, "kubeflow-user", "trainjobs")
    told = jobs["items"][0]["status"]["trainerStatus"]
    assert told["progressPercentage"] == 100
    assert told["metrics"][0]["name"] == "accuracy"
    cluster.custom.delete_collection_namespaced_custom_object(*GROUP, "kubeflow-user", "trainjobs")
