"""How Experiments end, are changed, go on and are deleted."""

from __future__ import annotations

from typing import Any

from katib_support import (
    GROUP,
    condition,
    ended,
    experiment,
    get,
    holds,
    job,
    make,
    trials,
    values,
    wait,
)

HOLD = """
import os, time
while not os.path.exists(GATE):
    time.sleep(0.02)
print(f"loss={${trialParameters.x}}")
"""


def _held(gate: Any) -> str:
    return HOLD.replace("GATE", repr(str(gate)))


def _patch(cluster: Any, namespace: str, name: str, **spec: Any) -> None:
    cluster.custom.patch_namespaced_custom_object(
        *GROUP, namespace, "experiments", name, {"spec": spec}
    )


def test_the_goal_ends_it(cluster: Any, namespace: str) -> None:
    objective = {"type": "minimize", "objectiveMetricName": "loss", "goal": 1}
    make(cluster, namespace, experiment("goal", objective=objective))
    done = ended(cluster, namespace, "goal")
    assert condition(done, "Succeeded")["reason"] == "ExperimentGoalReached"
    losses = [(int(values(each)["x"]) - 3) ** 2 for each in trials(cluster, namespace, "goal")]
    assert losses[-1] <= 1
    assert all(each > 1 for each in losses[:-1])


def test_too_many_failures_end_it(cluster: Any, namespace: str) -> None:
    script = "import sys; sys.exit(${trialParameters.x})"
    make(cluster, namespace, experiment("fails", script, maxFailedTrialCount=2))
    done = ended(cluster, namespace, "fails")
    assert condition(done, "Failed")["reason"] == "ExperimentFailed"
    assert (done["status"]["trials"], done["status"]["trialsFailed"]) == (2, 2)
    for each in trials(cluster, namespace, "fails"):
        told = condition(each, "Failed")
        assert told["reason"] == "TrialFailed. Job reason: BackoffLimitExceeded"
        code = values(each)["x"]
        assert told["message"].startswith(
            f"Trial has failed: the container main has ended with exit code {code}. Job message: "
        )


def test_the_space_ends_it(cluster: Any, namespace: str) -> None:
    body = experiment("space")
    del body["spec"]["maxTrialCount"]
    make(cluster, namespace, body)
    done = ended(cluster, namespace, "space")
    assert condition(done, "Succeeded")["reason"] == "ExperimentSuggestionEndReached"
    assert done["status"]["trialsSucceeded"] == 5


def test_it_goes_on_with_a_larger_budget(cluster: Any, namespace: str) -> None:
    for policy in ("LongRunning", "FromVolume"):
        name = policy.lower()
        make(cluster, namespace, experiment(name, maxTrialCount=2, resumePolicy=policy))
        done = ended(cluster, namespace, name)
        assert condition(done, "Succeeded")["reason"] == "ExperimentMaxTrialsReached"

        def suggestion(name: str = name) -> dict[str, Any]:
            return get(cluster, namespace, name, "suggestions")

        if policy == "FromVolume":
            cluster.wait_for(suggestion, lambda it: holds(it, "Succeeded"))
        first = [each["metadata"]["name"] for each in trials(cluster, namespace, name)]
        _patch(cluster, namespace, name, maxTrialCount=5)
        wait(cluster, namespace, name, lambda it: it["status"].get("trialsSucceeded") == 5)
        done = ended(cluster, namespace, name)
        assert holds(done, "Restarting")
        found = trials(cluster, namespace, name)
        assert [each["metadata"]["name"] for each in found][:2] == first
        assert sorted(values(each)["x"] for each in found) == ["1", "2", "3", "4", "5"]


def test_fewer_at_once(cluster: Any, namespace: str, tmp_path: Any) -> None:
    gate = tmp_path / "gate"
    make(cluster, namespace, experiment("fewer", _held(gate), parallelTrialCount=2))
    wait(cluster, namespace, "fewer", lambda it: it["status"].get("trialsRunning") == 2)
    first = trials(cluster, namespace, "fewer")[0]["metadata"]["name"]
    _patch(cluster, namespace, "fewer", parallelTrialCount=1)
    now = wait(cluster, namespace, "fewer", lambda it: it["status"].get("trialsRunning") == 1)
    assert now["status"]["runningTrialList"] == [first]
    assert "TrialsDeleted" in cluster.reasons(namespace, "fewer")
    gate.touch()
    done = ended(cluster, namespace, "fewer")
    assert done["status"]["trialsSucceeded"] == 5
    found = [values(each)["x"] for each in trials(cluster, namespace, "fewer")]
    assert sorted(found) == ["1", "2", "3", "4", "5"]


def test_no_more_at_once_than_the_machine_runs(cluster: Any, namespace: str, tmp_path: Any) -> None:
    gate = tmp_path / "gate"
    algorithm = {"algorithmName": "random"}
    make(
        cluster,
        namespace,
        experiment(
            "many", _held(gate), parallelTrialCount=300, maxTrialCount=300, algorithm=algorithm
        ),
    )
    now = wait(cluster, namespace, "many", lambda it: it["status"].get("trialsRunning"))
    cluster.wait_for(
        lambda: cluster.reasons(namespace, "many"), lambda it: "ParallelTrialsLimited" in it
    )
    assert now["status"]["trials"] < 300
    gate.touch()
    wait(
        cluster,
        namespace,
        "many",
        lambda it: it["status"].get("trialsSucceeded", 0) > now["status"]["trials"],
    )


def test_runs_are_retained(cluster: Any, namespace: str) -> None:
    template = {**job(), "retain": True}
    make(cluster, namespace, experiment("retain", trialTemplate=template, maxTrialCount=2))
    ended(cluster, namespace, "retain")
    jobs = cluster.batch.list_namespaced_job(namespace).items
    assert {each.metadata.name for each in jobs} == {
        each["metadata"]["name"] for each in trials(cluster, namespace, "retain")
    }


def test_all_goes_with_it(cluster: Any, namespace: str, tmp_path: Any) -> None:
    make(cluster, namespace, experiment("gone", _held(tmp_path / "never"), parallelTrialCount=2))
    wait(cluster, namespace, "gone", lambda it: it["status"].get("trialsRunning") == 2)
    cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "experiments", "gone")

    def left() -> list[Any]:
        custom = [
            each
            for plural in ("experiments", "suggestions", "trials")
            for each in cluster.custom.list_namespaced_custom_object(*GROUP, namespace, plural)[
                "items"
            ]
        ]
        return [
            *custom,
            *cluster.batch.list_namespaced_job(namespace).items,
            *cluster.core.list_namespaced_pod(namespace).items,
        ]

    cluster.wait_for(left, lambda it: not it)


WORSE = """
import pathlib, time
runs = pathlib.Path(RUNS)
good = not runs.exists() or len(runs.read_text()) < 2
with runs.open("a") as file:
    file.write("x")
for step in range(8):
    print(f"loss={1 if good else 9}", ${trialParameters.x}, flush=True)
while not good:
    time.sleep(0.02)
"""


def test_a_trial_is_stopped_early(cluster: Any, namespace: str, tmp_path: Any) -> None:
    stopping = {
        "algorithmName": "medianstop",
        "algorithmSettings": [
            {"name": "min_trials_required", "value": "2"},
            {"name": "start_step", "value": "4"},
        ],
    }
    template = {**job(WORSE.replace("RUNS", repr(str(tmp_path / "runs")))), "retain": True}
    body = experiment("early", trialTemplate=template, maxTrialCount=3, earlyStopping=stopping)
    make(cluster, namespace, body)
    done = ended(cluster, namespace, "early")
    *_, last = trials(cluster, namespace, "early")
    assert done["status"]["trialsEarlyStopped"] == 1
    assert done["status"]["earlyStoppedTrialList"] == [last["metadata"]["name"]]
    assert last["spec"]["earlyStoppingRules"] == [
        {"name": "loss", "value": "1.0", "comparison": "greater", "startStep": 4}
    ]
    told = condition(last, "EarlyStopped")
    assert told["reason"] == "TrialEarlyStopped"
    assert "loss was greater than 1.0 after 4 reports" in told["message"]
    assert last["status"]["observation"]["metrics"][0]["latest"] == "9"
    run = last["metadata"]["name"]
    cluster.wait_for(
        lambda: cluster.batch.read_namespaced_job(run, namespace).status,
        lambda it: it.succeeded == 1,
    )
