"""A clock that is set while the server runs, and between a crash and the next start. ``libfaketime`` gives the server a clock of its own.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import kfp
import pytest
from jupyterlab_kubeflow.local import process
from kfp import dsl

libfaketime = pytest.importorskip("libfaketime", reason="libfaketime sets the server's clock")

API = "/apis/v2beta1"
_CODE = "import time; print(time.time())"


@dsl.container_component
def gate(folder: str, name: str):
    """Says that it runs and goes on when the test lets it."""
    script = ': > "$0/$1.running"; until [ -e "$0/$1.go" ]; do sleep 0.02; done; echo through'
    return dsl.ContainerSpec("busybox", ["sh", "-c", script], [folder, name])


@dsl.container_component
def second_time(folder: str):
    """Fails the first time."""
    script = 'if [ -e "$0/again" ]; then exit 0; fi; : > "$0/again"; exit 3'
    return dsl.ContainerSpec("busybox", ["sh", "-c", script], [folder])


@dsl.pipeline(name="gated")
def gated(folder: str, name: str):
    gate(folder=folder, name=name).set_caching_options(False)


@dsl.pipeline(name="retried")
def retried(folder: str):
    again = second_time(folder=folder).set_caching_options(False)
    again.set_retry(num_retries=1, backoff_duration="2s")


class Clock:
    """The clock of the processes that are started with it in their environment."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.set("+0")

    def set(self, offset: str) -> None:
        """Moves it away from the machine's: ``-2h``, ``+1d``."""
        new = self._file.with_suffix(".new")
        new.write_text(f"{offset}\n")
        new.rename(self._file)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    file = tmp_path / "clock"
    made = Clock(file)
    with monkeypatch.context() as patch:
        for name, value in libfaketime.get_reload_information()[1].items():
            patch.setenv(name, value)
        patch.setenv("FAKETIME_TIMESTAMP_FILE", str(file))
        made.set("+10d")
        said = subprocess.run([sys.executable, "-c", _CODE], capture_output=True, text=True)
        made.set("+0")
        if said.returncode or float(said.stdout) - time.time() < 86400:
            pytest.skip("libfaketime does not work on this system")
        yield made


@pytest.fixture
def server(home: Path, clock: Clock) -> process.LocalStatus:
    return process.start(home)


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


def _in_order(thing: dict[str, Any]) -> None:
    """The times of a run or task never go back."""
    names = ("created_at", "create_time", "start_time", "finished_at", "end_time")
    times = [datetime.fromisoformat(thing[name]) for name in names if name in thing]
    history = [datetime.fromisoformat(each["update_time"]) for each in thing["state_history"]]
    assert len(times) > 1, thing
    for earlier, later in [*pairwise(times), *pairwise(history)]:
        assert earlier <= later, thing


def test_a_clock_that_is_set_while_runs_are_going(
    server: process.LocalStatus, home: Path, clock: Clock, tmp_path: Path
) -> None:
    client = _client(server)

    def begin(name: str) -> str:
        arguments = {"folder": str(tmp_path), "name": name}
        run = client.create_run_from_pipeline_func(gated, arguments=arguments, run_name=name)
        _until_exists(tmp_path / f"{name}.running")
        return str(run.run_id)

    runs = [begin("a")]
    clock.set("-2h")
    (tmp_path / "a.go").touch()
    assert client.wait_for_run_completion(runs[0], 60, 0.1).state == "SUCCEEDED"
    runs.append(begin("b"))
    clock.set("+1d")
    os.kill(server.pid or 0, signal.SIGKILL)
    os.waitpid(server.pid or 0, 0)
    clock.set("-1d")
    process.start(home)
    runs.append(begin("c"))
    for name in ("b", "c"):
        (tmp_path / f"{name}.go").touch()
    for run_id in runs:
        assert client.wait_for_run_completion(run_id, 60, 0.1).state == "SUCCEEDED"

    with _http(server) as http:
        for run_id in runs:
            run = http.get(f"{API}/runs/{run_id}", params={"view": "FULL"}).json()
            _in_order(run)
            for task in [*run["tasks"], *run["run_details"]["task_details"]]:
                _in_order(task)
            pod = next(t["pods"][0]["name"] for t in run["tasks"] if t["name"] == "gate")
            assert http.get("/k8s/pod/logs", params={"podname": pod}).text == "through\n"

        for order in ("created_at", "created_at desc"):
            seen: list[str] = []
            token = ""
            for offset in ("+2d", "-3d", "+0"):
                clock.set(offset)
                query = {"page_size": 1, "page_token": token, "sort_by": order}
                page = http.get(f"{API}/runs", params=query).json()
                seen += [each["run_id"] for each in page["runs"]]
                token = page.get("next_page_token", "")
            expected = [runs[2], runs[1], runs[0]]
            assert seen == (expected if order == "created_at" else expected[::-1])
            assert not token


@pytest.mark.parametrize("restart", [False, True], ids=["running", "restarted"])
def test_a_pause_before_the_next_attempt_is_not_longer_for_a_clock_set_back(
    server: process.LocalStatus, home: Path, clock: Clock, tmp_path: Path, restart: bool
) -> None:
    client = _client(server)
    arguments = {"folder": str(tmp_path)}
    run_id = client.create_run_from_pipeline_func(retried, arguments=arguments).run_id
    _until_exists(tmp_path / "again")
    with _http(server) as http:

        def task() -> dict[str, Any]:
            run = http.get(f"{API}/runs/{run_id}", params={"view": "FULL"}).json()
            return next(each for each in run["tasks"] if each["name"] == "second-time")

        while "ttempt 1 of 2" not in task().get("status_metadata", {}).get("message", ""):
            time.sleep(0.02)
        clock.set("-300d")
        if restart:
            os.kill(server.pid or 0, signal.SIGKILL)
            os.waitpid(server.pid or 0, 0)
            process.start(home)
        assert client.wait_for_run_completion(run_id, 60, 0.1).state == "SUCCEEDED"
        _in_order(task())
