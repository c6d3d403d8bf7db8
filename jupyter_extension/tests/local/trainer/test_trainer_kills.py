"""``kill -9`` and ``stop`` of the server in mid-training lose nothing. Seen by the official Python client."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import psutil
from jupyterlab_kubeflow.local import process
from test_trainer_history import api_of, steps
from trainer_support import COUNTS, holds, make, pods, says, suspend, wait, with_claim

GOAL = 240

REPORTS = """
import pathlib, time
from kubeflow.trainer import update_trainjob_status
from kubeflow.trainer.backends.kubernetes import utils
utils._MIN_UPDATE_INTERVAL_SECONDS = 0
told, gate = pathlib.Path("TOLD"), pathlib.Path("GATE")
new = told.with_suffix(".new")
step = 0
while not gate.exists():
    assert update_trainjob_status(step % 101, metrics={"step": step})
    step += 1
    new.write_text(str(step))
    new.replace(told)
    time.sleep(0.2)
told.rename(gate)
"""


def _counts(goal: int = GOAL) -> str:
    return COUNTS.replace("GOAL", str(goal)).replace("PAUSE", "0.03")


def _whole(begun: int) -> list[str]:
    steps = (f"step {step}" for step in range(begun + 1, GOAL + 1))
    return [f"from {begun}", *steps, "done"]


def test_a_server_that_is_killed_again_and_again_loses_nothing(own: Any) -> None:
    chance = random.Random()
    make(own, "test", "survives", _counts(), trainer={"numNodes": 2})
    own.kill()  # acknowledged is all that it is yet
    own.start()
    for step in sorted(chance.sample(range(1, GOAL // 2), 3)):
        own.wait_for(
            lambda: [says(own, "test", "survives", "step")],
            lambda said, step=step: f"step {step}\n" in said[0],
        )
        own.kill()
        own.start()
    job = wait(own, "test", "survives", holds("Complete"))
    assert job["status"]["jobsStatus"][0]["succeeded"] == 1
    nodes = pods(own, "test", "survives")
    assert len(nodes) == 2
    for pod in nodes:
        assert pod.status.container_statuses[0].restart_count == 0
        assert own.log("test", pod.metadata.name).splitlines() == _whole(0)


def test_a_server_killed_while_it_suspends_resumes_from_the_checkpoint(own: Any) -> None:
    patches = with_claim(own, "test")
    make(own, "test", "keeps", _counts(10**9), runtimePatches=patches)
    says(own, "test", "keeps", "step 5")
    suspend(own, "test", "keeps", True)
    own.kill()
    own.start()
    wait(own, "test", "keeps", holds("Suspended"))
    own.wait_for(lambda: pods(own, "test", "keeps"), lambda left: not left)
    suspend(own, "test", "keeps", False)
    own.kill()
    own.start()
    wait(own, "test", "keeps", holds("Suspended", "False"))
    first, *steps = says(own, "test", "keeps", "step ").splitlines()
    begun = int(first.removeprefix("from "))
    assert begun >= 5
    assert steps == [f"step {begun + 1 + each}" for each in range(len(steps))]


def test_a_training_goes_on_while_the_server_is_stopped(own: Any) -> None:
    make(own, "test", "goes-on", _counts())
    says(own, "test", "goes-on", "step 5")
    (pod,) = pods(own, "test", "goes-on")
    process.stop(home=own.home)
    mark = f"pod-{pod.metadata.uid}-node"
    own.wait_for(lambda: _marked(mark), lambda left: not left)
    own.start()
    wait(own, "test", "goes-on", holds("Complete"))
    (pod,) = pods(own, "test", "goes-on")
    assert own.log("test", pod.metadata.name).splitlines() == _whole(0)


def test_what_a_training_reports_to_a_killed_server_is_in_its_history(
    own: Any, tmp_path: Path
) -> None:
    told, gate = tmp_path / "told", tmp_path / "gate"
    make(own, "test", "tells", REPORTS.replace("TOLD", str(told)).replace("GATE", str(gate)))

    def reaches(count: int) -> None:
        own.wait_for(lambda: int((told.exists() and told.read_text()) or 0), lambda n: n >= count)

    def history() -> list[int]:
        return steps(api_of(own)("GET", "test", "tells", "metrics"))

    reaches(3)
    (pod,) = pods(own, "test", "tells")
    mark = f"pod-{pod.metadata.uid}-node"
    own.kill()
    before = int(told.read_text())
    reaches(before + 4)
    own.start()  # it goes on, and what was kept comes first
    own.wait_for(history, lambda found: len(found) > before + 6)
    own.kill()
    reaches(int(told.read_text()) + 4)
    gate.touch()
    own.wait_for(lambda: _marked(mark), lambda left: not left)
    own.start()
    job = wait(own, "test", "tells", holds("Complete"))
    count = int(gate.read_text())
    assert history() == [*range(count)]
    metrics = job["status"]["trainerStatus"]["metrics"]
    assert metrics == [{"name": "step", "value": str(count - 1)}]


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for each in psutil.process_iter():
        try:
            if each.environ().get("KUBEFLOW_LOCAL_TASK") == mark:
                found.append(each)
        except psutil.Error:
            continue
    return found
