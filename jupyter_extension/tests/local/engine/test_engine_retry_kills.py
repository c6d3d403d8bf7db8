"""The server is killed while a run is retried: an acknowledged retry is never lost, and one that is not has happened whole or not at all.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest
from engine_steps import let, step, times
from engine_support import compiled
from kfp import dsl
from kills import API, Victim

DELAYS = (0.0, 0.01, 0.1)
"""Seconds from the request to the kill."""


@dsl.pipeline(name="chain")
def chain(folder: str) -> None:
    first = step(folder=folder, name="first")
    second = step(folder=folder, name="second", before=first.output)
    step(folder=folder, name="third", before=second.output)
    with dsl.ParallelFor(["x", "y"]) as item:
        step(folder=folder, name=item)


def ended(client: httpx.Client, run_id: str) -> dict[str, Any]:
    """The run, once it has ended."""
    pause = threading.Event()
    while True:
        run: dict[str, Any] = client.get(f"{API}/runs/{run_id}").json()
        if run["state"] in ("SUCCEEDED", "FAILED"):
            return run
        pause.wait(0.05)


@pytest.mark.timeout(240)
def test_a_retry_survives_kills(tmp_path: Path, home: Path) -> None:
    victim = Victim(home)
    spec = compiled(chain)
    for number, delay in enumerate(DELAYS):
        folder = tmp_path / str(number)
        folder.mkdir()
        let(folder, "first", "third", "x")
        answers: list[int] = []
        with victim.client() as client:
            body = {
                "display_name": "chain",
                "pipeline_spec": spec,
                "runtime_config": {"parameters": {"folder": str(folder)}},
            }
            run_id = client.post(f"{API}/runs", json=body).json()["run_id"]
            assert ended(client, run_id)["state"] == "FAILED"
        let(folder, "second", "y")

        def ask(run_id: str = run_id, answers: list[int] = answers) -> None:
            with victim.client() as client:
                try:
                    answers.append(client.post(f"{API}/runs/{run_id}:retry").status_code)
                except httpx.TransportError:
                    answers.append(0)

        asking = threading.Thread(target=ask)
        asking.start()
        threading.Event().wait(delay)
        victim.kill(tasks=False)
        asking.join()
        victim.start()
        with victim.client() as client:
            run = ended(client, run_id)
            if run["state"] == "FAILED":
                assert answers == [0], "an acknowledged retry was lost"
                assert client.post(f"{API}/runs/{run_id}:retry").status_code == 200
                run = ended(client, run_id)
        assert run["state"] == "SUCCEEDED", run.get("error")
        states = [each["state"] for each in run["state_history"]]
        assert states == ["PENDING", "RUNNING", "FAILED", "PENDING", "RUNNING", "SUCCEEDED"]
        assert times(folder) == {"first": 1, "second": 2, "third": 1, "x": 1, "y": 2}
