"""Experiments over HTTP, as Katib writes them."""

from __future__ import annotations

from typing import Any

from katib_support import GROUP, condition, ended, experiment, get, holds, job, make, trials, values
from kubeflow_katib_api import models


def test_a_grid_is_tried_and_its_best_is_told(cluster: Any, namespace: str) -> None:
    name = make(cluster, namespace, experiment("grid"))
    done = ended(cluster, namespace, name)
    found = trials(cluster, namespace, name)
    assert sorted(values(each)["x"] for each in found) == ["1", "2", "3", "4", "5"]
    models.V1beta1Experiment.from_dict(done)
    status = done["status"]
    assert [each["type"] for each in status["conditions"]] == ["Created", "Running", "Succeeded"]
    assert condition(done, "Running")["status"] == "False"
    assert condition(done, "Succeeded")["reason"] == "ExperimentMaxTrialsReached"
    assert (status["trials"], status["trialsSucceeded"]) == (5, 5)
    assert sorted(status["succeededTrialList"]) == sorted(
        each["metadata"]["name"] for each in found
    )
    best = status["currentOptimalTrial"]
    assert best["parameterAssignments"] == [{"name": "x", "value": "3"}]
    assert best["observation"]["metrics"] == [
        {"name": "loss", "min": "0", "max": "0", "latest": "0"}
    ]
    suggestion = get(cluster, namespace, name, "suggestions")
    assert suggestion["spec"]["requests"] == suggestion["status"]["suggestionCount"] == 5
    models.V1beta1Suggestion.from_dict(suggestion)
    for each in found:
        models.V1beta1Trial.from_dict(each)
        assert condition(each, "Succeeded")["message"].startswith("Trial has succeeded")


def test_a_template_refers_to_the_run_and_says_when_it_is_over(
    cluster: Any, namespace: str
) -> None:
    script = "print('${trialParameters.name} ${trialParameters.team} loss=${trialParameters.x}')"
    template = job(script)
    template["trialSpec"]["metadata"] = {"labels": {"team": "blue"}}
    template["trialParameters"] += [
        {"name": "name", "reference": "${trialSpec.Name}"},
        {"name": "team", "reference": "${trialSpec.Labels[team]}"},
    ]
    template |= {
        "retain": True,
        "successCondition": 'status.conditions.#(type=="SuccessCriteriaMet")',
        "failureCondition": 'status.conditions.#(reason=="BackoffLimitExceeded")#',
    }
    make(cluster, namespace, experiment("meta", trialTemplate=template, maxTrialCount=1))
    ended(cluster, namespace, "meta")
    (trial,) = trials(cluster, namespace, "meta")
    name = trial["metadata"]["name"]
    assert holds(trial, "Succeeded")
    (pod,) = cluster.core.list_namespaced_pod(namespace).items
    said = f"{name} blue loss={values(trial)['x']}\n"
    assert cluster.log(namespace, pod.metadata.name) == said
    collected = cluster.log(namespace, pod.metadata.name, container="metrics-logger-and-collector")
    assert collected == said
    # kubectl asks for the logs of those containers only that are in the pod.
    (collector,) = pod.spec.ephemeral_containers
    assert collector.name == "metrics-logger-and-collector"


def test_trainings_of_several_nodes(cluster: Any, namespace: str) -> None:
    script = (
        "import os; node = int(os.environ['JOB_COMPLETION_INDEX']); "
        "print(f'loss={${trialParameters.x} if node == 0 else -9}')"
    )
    trainer = {"numNodes": 2, "command": ["python", "-u", "-c", script]}
    template = {
        "primaryContainerName": "node",
        "trialParameters": [{"name": "x", "reference": "x"}],
        "trialSpec": {
            "apiVersion": "trainer.kubeflow.org/v1alpha1",
            "kind": "TrainJob",
            "spec": {"runtimeRef": {"name": "python-distributed"}, "trainer": trainer},
        },
    }
    make(cluster, namespace, experiment("nodes", trialTemplate=template, maxTrialCount=2))
    done = ended(cluster, namespace, "nodes")
    assert done["status"]["trialsSucceeded"] == 2
    for each in trials(cluster, namespace, "nodes"):
        (loss,) = each["status"]["observation"]["metrics"]
        assert loss["min"] == loss["max"] == values(each)["x"]
        reason = condition(each, "Succeeded")["reason"]
        assert reason == "TrialSucceeded. Job reason: AllJobsCompleted"

    def left() -> Any:
        found = cluster.custom.list_namespaced_custom_object(
            "trainer.kubeflow.org", "v1alpha1", namespace, "trainjobs"
        )
        return found["items"]

    cluster.wait_for(left, lambda jobs: not jobs)


def test_a_trial_that_is_deleted_is_made_again(cluster: Any, namespace: str, tmp_path: Any) -> None:
    gate = tmp_path / "gate"
    script = f"""
import os, time
while not os.path.exists({str(gate)!r}):
    time.sleep(0.02)
print("loss=${{trialParameters.x}}")
"""
    make(cluster, namespace, experiment("again", script, maxTrialCount=2))

    def first() -> Any:
        found = cluster.custom.list_namespaced_custom_object(*GROUP, namespace, "trials")["items"]
        return found[0] if found and found[0].get("status") else None

    before = cluster.wait_for(first, bool)
    name = before["metadata"]["name"]
    cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "trials", name)
    after = cluster.wait_for(
        first, lambda it: it and it["metadata"]["uid"] != before["metadata"]["uid"]
    )
    assert after["metadata"]["name"] == name
    assert values(after) == values(before)
    gate.touch()
    assert ended(cluster, namespace, "again")["status"]["trialsSucceeded"] == 2


def test_a_name_can_be_taken_again_at_once(cluster: Any, namespace: str) -> None:
    for _ in range(3):
        make(cluster, namespace, experiment("same", maxTrialCount=2))
        done = ended(cluster, namespace, "same")
        assert len(trials(cluster, namespace, "same")) == done["status"]["trials"] == 2
        cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "experiments", "same")


def test_a_trial_is_never_seen_without_its_run(cluster: Any, namespace: str) -> None:
    """The SDK's client reads the run of each Trial that it lists."""
    template = {**job(), "retain": True}
    make(cluster, namespace, experiment("seen", trialTemplate=template))
    over = False
    while not over:
        over = holds(get(cluster, namespace, "seen"), "Succeeded")
        found = cluster.custom.list_namespaced_custom_object(*GROUP, namespace, "trials")["items"]
        jobs = cluster.batch.list_namespaced_job(namespace).items
        there = {each.metadata.name for each in jobs}
        assert {each["metadata"]["name"] for each in found} <= there
