"""``kill -9`` of the server in the middle of an Experiment: it goes on as if nothing had happened."""

from __future__ import annotations

from typing import Any

from jupyterlab_kubeflow.local.katib.observations import Observations
from jupyterlab_kubeflow.local.store.database import Database
from katib_support import ended, experiment, make, trials, values, wait

STEPS = """
import pathlib, time
with open(RUNS, "a") as file:
    file.write("${trialParameters.x}\\n")
for step in range(3):
    print(f"loss={${trialParameters.x} + step}", flush=True)
    time.sleep(0.1)
"""


def test_nothing_is_lost_and_nothing_is_done_twice(own: Any, tmp_path: Any) -> None:
    algorithm = {
        "algorithmName": "random",
        "algorithmSettings": [{"name": "random_state", "value": "7"}],
    }
    space = [{"name": "x", "parameterType": "double", "feasibleSpace": {"min": "0", "max": "9"}}]

    def begin(name: str) -> Any:
        runs = tmp_path / name
        script = STEPS.replace("RUNS", repr(str(runs)))
        body = experiment(name, script, algorithm=algorithm, parameters=space, maxTrialCount=8)
        make(own, "test", body)
        return runs

    begin("calm")
    ended(own, "test", "calm")
    expected = [values(each)["x"] for each in trials(own, "test", "calm")]
    runs = begin("killed")
    for count in (1, 3, 6):
        wait(own, "test", "killed", lambda it, most=count: it["status"].get("trials", 0) >= most)
        own.kill()
        own.start()
    done = ended(own, "test", "killed")
    assert done["status"]["trialsSucceeded"] == 8
    found = trials(own, "test", "killed")
    assert [values(each)["x"] for each in found] == expected
    assert runs.read_text().split() == expected
    observations = Observations(Database(own.home / "kubernetes.db"))
    for each in found:
        series = [float(log.value) for log in observations.series(each)]
        assert series == [float(values(each)["x"]) + step for step in range(3)]
