"""A disk that is really full: a small one, mounted for the test. Requests say so, runs end once there is space, and nothing is lost.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import kfp
import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local import process
from kfp import dsl

SIZE = 12 * 1024 * 1024
API = "/apis/v2beta1"


@dsl.container_component
def shout(size: int):
    """Writes to its log, until that cannot take any more."""
    return dsl.ContainerSpec("busybox", ["sh", "-c", 'yes "so much to say" | head -c "$0"'], [size])


@dsl.container_component
def gate(folder: str):
    """Says that it runs and goes on when the test lets it."""
    script = ': > "$0/running"; until [ -e "$0/go" ]; do sleep 0.02; done'
    return dsl.ContainerSpec("busybox", ["sh", "-c", script], [folder])


@dsl.pipeline(name="gated")
def gated(folder: str):
    gate(folder=folder)


class Disk:
    """A small disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self, but: int = 0) -> None:
        """Takes all space that is left, except so many bytes."""
        with self._filler.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 65536) == 65536:
                    pass
            except OSError:
                pass
            if but:
                file.truncate(file.tell() - but)

    def free(self) -> None:
        """Gives the space back."""
        self._filler.unlink()


@pytest.fixture
def disk(home: Path) -> Iterator[Disk]:
    home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(home)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a small disk")
    yield Disk(home)
    process.stop(home)
    subprocess.run(["umount", str(home)], check=True)


@pytest.fixture
def server(disk: Disk) -> process.LocalStatus:
    return process.start(disk.folder)


def _client(server: process.LocalStatus) -> Any:
    return kfp.Client(host=server.services["pipelines"], existing_token=server.token)


def _http(server: process.LocalStatus) -> httpx.Client:
    return httpx.Client(
        base_url=server.services["pipelines"],
        headers={"Authorization": f"Bearer {server.token}"},
        trust_env=False,
        timeout=60,
    )


def _until_exists(path: Path) -> None:
    while not path.exists():
        time.sleep(0.02)


def test_what_was_acknowledged_before_the_disk_was_full_is_kept(
    disk: Disk, server: process.LocalStatus
) -> None:
    acknowledged: list[str] = []
    with _http(server) as http:
        disk.fill(but=256 * 1024)
        while True:
            name = f"experiment {len(acknowledged)}"
            answer = http.post(
                f"{API}/experiments", json={"display_name": name, "description": "x" * 20_000}
            )
            if answer.status_code != 200:
                break
            acknowledged.append(name)
        assert answer.status_code == 507
        assert (
            f"Local Kubeflow cannot use its folder {disk.folder}: database or disk is full. Free some space"
            in answer.json()["message"]
        )

        def names() -> set[str]:
            page = http.get(f"{API}/experiments", params={"page_size": 200}).json()
            return {each["display_name"] for each in page["experiments"]} - {"Default"}

        assert names() == set(acknowledged)
        os.kill(server.pid or 0, signal.SIGKILL)
        os.waitpid(server.pid or 0, 0)
        with pytest.raises(KubeflowError, match=r"No space left on device\. Free some space|full"):
            process.start(disk.folder)
        disk.free()
        process.start(disk.folder)
        assert names() == set(acknowledged)
        assert http.post(f"{API}/experiments", json={"display_name": "next"}).status_code == 200


def test_what_the_registry_acknowledged_before_the_disk_was_full_is_kept(
    disk: Disk, server: process.LocalStatus
) -> None:
    acknowledged: list[str] = []
    with _http(server) as http:
        http.base_url = f"{server.services['registry']}/api/model_registry/v1alpha3"
        disk.fill(but=256 * 1024)
        while True:
            name = f"model {len(acknowledged)}"
            answer = http.post("/registered_models", json={"name": name, "readme": "x" * 20_000})
            if answer.status_code != 201:
                break
            acknowledged.append(name)
        assert answer.status_code == 507
        assert answer.json()["code"] == "Insufficient Storage"
        assert "Free some space" in answer.json()["message"]

        def names() -> list[str]:
            return [each["name"] for each in http.get("/registered_models").json()["items"]]

        assert names() == acknowledged
        disk.free()
        assert http.post("/registered_models", json={"name": "next"}).status_code == 201
        assert names() == [*acknowledged, "next"]


def test_a_first_start_on_a_full_disk(disk: Disk) -> None:
    disk.fill()
    with pytest.raises(KubeflowError, match=r"No space left on device\. Free some space"):
        process.start(disk.folder)
    disk.free()
    assert process.start(disk.folder).running


def test_a_run_goes_on_when_there_is_space_again(
    disk: Disk, server: process.LocalStatus, tmp_path: Path
) -> None:
    client = _client(server)
    arguments = {"folder": str(tmp_path)}
    run_id = client.create_run_from_pipeline_func(gated, arguments=arguments).run_id
    _until_exists(tmp_path / "running")
    disk.fill()
    (tmp_path / "go").touch()
    _until_exists(next((disk.folder / "runs" / run_id).glob("*/started")).with_name("exit"))
    assert client.get_run(run_id).state == "RUNNING"
    disk.free()
    assert client.wait_for_run_completion(run_id, 120, 0.2).state == "SUCCEEDED"


def test_a_task_whose_log_fills_the_disk_fails_with_the_reason(
    disk: Disk, server: process.LocalStatus
) -> None:
    disk.fill(but=4 * 1024 * 1024)
    client = _client(server)
    run_id = client.create_run_from_pipeline_func(shout, arguments={"size": 2 * SIZE}).run_id
    _until_exists(disk.folder / "runs" / run_id)
    while not list((disk.folder / "runs" / run_id).glob("*/exit")):
        time.sleep(0.02)
    disk.free()
    run = client.wait_for_run_completion(run_id, 120, 0.2)
    assert run.state == "FAILED"
    assert f"The disk of {disk.folder}/runs" in run.error.message
    assert "was full: free some space on it" in run.error.message


def test_deleting_a_run_makes_room_on_a_full_disk(disk: Disk, server: process.LocalStatus) -> None:
    client = _client(server)
    run_id = client.create_run_from_pipeline_func(shout, arguments={"size": SIZE // 4}).run_id
    client.wait_for_run_completion(run_id, 60, 0.1)
    disk.fill()
    with _http(server) as http:
        large = {"display_name": "large", "description": "x" * SIZE}
        assert http.post(f"{API}/experiments", json=large).status_code == 507
        assert http.delete(f"{API}/runs/{run_id}").status_code == 200
        assert http.get(f"{API}/runs/{run_id}").status_code == 404
        small = {"display_name": "small", "description": "x" * (SIZE // 10)}
        assert http.post(f"{API}/experiments", json=small).status_code == 200
