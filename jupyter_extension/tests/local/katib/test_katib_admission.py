"""What is refused when an Experiment is made or changed: with the field, and with what to do."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from katib_support import GROUP, condition, ended, experiment, get, job, make, wait
from kubernetes.client.exceptions import ApiException

WEBHOOK = 'admission webhook "validator.experiment.katib.kubeflow.org" denied the request: '


def refused(send: Callable[[], Any]) -> str:
    """The sentence with which something is refused, without its beginning."""
    with pytest.raises(ApiException) as caught:
        send()
    said = json.loads(caught.value.body)
    assert said["code"] == 403, said
    assert said["message"].startswith(WEBHOOK)
    return str(said["message"].removeprefix(WEBHOOK))


def _space(**space: str) -> list[dict[str, Any]]:
    return [{"name": "x", "parameterType": "int", "feasibleSpace": space}]


def _without(template: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in template.items() if name not in names}


def _collector(kind: str, **source: Any) -> dict[str, Any]:
    return {"collector": {"kind": kind}, **({"source": source} if source else {})}


_GRID = {"algorithmName": "grid"}
_LOST = job("print(1)")
_OTHER = {**job(), "trialParameters": [{"name": "x", "reference": "y"}]}
_TWICE = {**job(), "trialParameters": [{"name": "x", "reference": "x"}] * 2}
_NAMED = job()
_NAMED["trialSpec"] = {**_NAMED["trialSpec"], "metadata": {"name": "one"}}
_POD = job()
_POD["trialSpec"] = {"apiVersion": "v1", "kind": "Pod", "spec": {"x": "${trialParameters.x}"}}
_POD |= {"successCondition": "status", "failureCondition": "status"}


def _of_kind(kind: Any) -> dict[str, Any]:
    template = job()
    template["trialSpec"]["kind"] = kind
    return template


_WRONG = job(completions="${trialParameters.x}")
_MORE = job("${trialParameters.x} ${trialParameters.y}")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"objective": {"type": "best", "objectiveMetricName": "a"}}, "spec.objective.type: must be maximize or minimize"),
        ({"objective": {"type": "minimize", "objectiveMetricName": "loss", "goal": 10**400}}, "spec.objective.goal: must be a number up to 1.7e308"),
        ({"parameters": []}, "spec.parameters: the search space is empty"),
        ({"parameters": _space(min="5", max="1")}, "spec.parameters[0].feasibleSpace"),
        ({"objective": {"type": "minimize", "objectiveMetricName": "a", "metricStrategies": [{"name": "a", "value": "avg"}]}}, 'spec.objective.metricStrategies[0].value: Invalid value: "avg": take min, max or latest'),
        ({"algorithm": None}, "spec.algorithm.algorithmName: must be given: take one of random, grid"),
        ({"algorithm": {"algorithmName": "magic"}}, "spec.algorithm.algorithmName"),
        ({"maxTrialCount": 6}, "spec.maxTrialCount: the grid has 5 combinations"),
        ({"parallelTrialCount": 0}, "spec.parallelTrialCount: Invalid value: 0: must be at least 1"),
        ({"parallelTrialCount": 6}, "must be at most spec.maxTrialCount, which is 5"),
        ({"maxFailedTrialCount": -1}, "spec.maxFailedTrialCount: Invalid value: -1"),
        ({"resumePolicy": "Always"}, "take Never, LongRunning, FromVolume"),
        ({"earlyStopping": {"algorithmName": "eager"}}, "take medianstop"),
        ({"trialTemplate": None}, "spec.trialTemplate: Required value"),
        ({"trialTemplate": _without(job(), "primaryContainerName")}, "spec.trialTemplate.primaryContainerName: Required value"),
        ({"trialTemplate": {**job(), "primaryContainerName": "nope"}}, "spec.trialTemplate.primaryContainerName: its Job has no container 'nope': take main"),
        ({"trialTemplate": _without(job(), "trialParameters")}, "spec.trialTemplate.trialParameters: Required value"),
        ({"trialTemplate": _without(job(), "trialSpec")}, "give exactly one of trialSpec and configMap"),
        ({"trialTemplate": {**job(), "successCondition": "status.#"}}, "does not understand the path 'status.#'"),
        ({"trialTemplate": _OTHER}, 'trialParameters[0].reference: Invalid value: "y": is none of spec.parameters, which has x'),
        ({"trialTemplate": _TWICE}, 'trialParameters[1].name: Invalid value: "x": is there twice'),
        ({"trialTemplate": _LOST}, "trialParameters[0].name: the template has no ${trialParameters.x}"),
        ({"trialTemplate": _MORE}, "asks for ${trialParameters.y}, which trialParameters does not name; it names x"),
        ({"trialTemplate": _NAMED}, "spec.trialTemplate.trialSpec.metadata: leave out name and namespace"),
        ({"trialTemplate": _POD}, "runs trials of the kinds Job (batch/v1) and TrainJob"),
        *(({"trialTemplate": _of_kind(kind)}, "runs trials of the kinds Job (batch/v1) and TrainJob") for kind in ([], {}, ["Job"], "PyTorchJob")),
        ({"trialTemplate": _WRONG}, "spec.trialTemplate.trialSpec: with x=1 it is refused: Job in version"),
        ({"metricsCollectorSpec": _collector("PrometheusMetric")}, "does not collect by PrometheusMetric: print the metric as name=value"),
        ({"metricsCollectorSpec": _collector("TensorFlowEvent")}, "does not collect by TensorFlowEvent"),
        ({"metricsCollectorSpec": _collector("Custom")}, "does not collect by Custom"),
        ({"metricsCollectorSpec": _collector("None")}, 'collector.kind: Invalid value: "None": take StdOut, File or Push'),
        ({"metricsCollectorSpec": _collector("StdOut", filter={"metricsFormat": ["(loss)"]})}, "it needs two groups in parentheses"),
        ({"metricsCollectorSpec": _collector("StdOut", filter={"metricsFormat": ["("]})}, "it is no regular expression"),
        ({"metricsCollectorSpec": _collector("File", fileSystemPath={"path": "a.log"})}, 'path: Invalid value: "a.log": must be absolute'),
    ],
)  # fmt: skip
def test_wrong_experiments(
    cluster: Any, namespace: str, changed: dict[str, Any], said: str
) -> None:
    body = experiment("wrong", **changed)
    assert said in refused(lambda: make(cluster, namespace, body))
    found = cluster.custom.list_namespaced_custom_object(*GROUP, namespace, "experiments")
    assert found["items"] == []


@pytest.mark.parametrize("missing", [{}, {"spec": None}])
def test_without_a_spec(cluster: Any, namespace: str, missing: dict[str, Any]) -> None:
    body = {name: value for name, value in experiment("wrong").items() if name != "spec"}
    said = refused(lambda: make(cluster, namespace, {**body, **missing}))
    assert said.startswith("spec: Required value")


@pytest.mark.parametrize("goal", ["2", "x", "", [1], {}, True])
def test_a_goal_that_is_no_number(cluster: Any, namespace: str, goal: Any) -> None:
    objective = {"type": "minimize", "objectiveMetricName": "loss", "goal": goal}
    with pytest.raises(ApiException) as caught:
        make(cluster, namespace, experiment("wrong", objective=objective))
    said = json.loads(caught.value.body)
    assert (said["code"], said["reason"]) == (422, "Invalid")
    assert "spec.objective.goal in body must be of type number" in said["message"]


def test_a_count_is_told_once(cluster: Any, namespace: str) -> None:
    said = refused(lambda: make(cluster, namespace, experiment("wrong", maxTrialCount=0)))
    assert said == "spec.maxTrialCount: Invalid value: 0: must be at least 1"


def test_a_name_from_which_no_trial_could_be_named(cluster: Any, namespace: str) -> None:
    body = experiment("a" * 41)
    assert "take at most 40" in refused(lambda: make(cluster, namespace, body))


def test_a_training_that_this_machine_cannot_run(cluster: Any, namespace: str) -> None:
    template = {**job(), "primaryContainerName": "node"}
    command = ["python", "-c", "${trialParameters.x}"]
    template["trialSpec"] = {
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "TrainJob",
        "spec": {"runtimeRef": {"name": "absent"}, "trainer": {"command": command}},
    }
    body = experiment("absent", trialTemplate=template)
    said = refused(lambda: make(cluster, namespace, body))
    assert "spec.trialTemplate.trialSpec: with x=1 it is refused" in said
    assert '"absent" not found' in said


def _in_config_map(namespace: str, name: str) -> dict[str, Any]:
    """A trial template that is ``job.yaml`` of a ConfigMap."""
    source = {"configMapName": name, "configMapNamespace": namespace, "templatePath": "job.yaml"}
    return {
        **_without(job(), "trialSpec"),
        "configMap": source,
        "successCondition": 'status.conditions.#(type=="Complete")#|#(status=="True")#',
        "failureCondition": 'status.conditions.#(type=="Failed")#|#(status=="True")#',
    }


_KEPT = """
apiVersion: batch/v1
kind: Job
spec:
  completions: ${trialParameters.x}
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: main
          image: busybox
          command: [echo, "loss=${trialParameters.x}"]
"""


def _keep(cluster: Any, namespace: str, name: str, text: str) -> None:
    data = {"metadata": {"name": name}, "data": {"job.yaml": text}}
    cluster.core.create_namespaced_config_map(namespace, data)


def test_a_template_in_a_config_map(cluster: Any, namespace: str) -> None:
    template = _in_config_map(namespace, "kept")
    body = experiment("kept", trialTemplate=template, maxTrialCount=2)
    assert "there is no ConfigMap 'kept'" in refused(lambda: make(cluster, namespace, body))
    _keep(cluster, namespace, "kept", _KEPT)
    make(cluster, namespace, body)
    assert ended(cluster, namespace, "kept")["status"]["trialsSucceeded"] == 2


@pytest.mark.parametrize(
    ("before", "after", "value", "good", "said"),
    [
        ('"loss=${trialParameters.x}"', "'loss=${trialParameters.x}'", "a'b", "1", "the template in the ConfigMap is no YAML"),
        ("kind: Job", "kind: ${trialParameters.x}", "Pod", "Job", "Local Kubeflow runs trials of the kinds Job (batch/v1) and TrainJob"),
        ("kind: Job", "${trialParameters.x}: Job", "type", "kind", "Local Kubeflow runs trials of the kinds"),
    ],
)  # fmt: skip
def test_a_value_with_which_a_template_gives_no_run(
    cluster: Any, namespace: str, before: str, after: str, value: str, good: str, said: str
) -> None:
    text = _KEPT.replace("completions: ${trialParameters.x}", "completions: 1")
    _keep(cluster, namespace, "wrong", text.replace(before, after))
    space = {"list": [good, value]}
    body = experiment(
        "wrong",
        trialTemplate=_in_config_map(namespace, "wrong"),
        parameters=[{"name": "x", "parameterType": "categorical", "feasibleSpace": space}],
        maxTrialCount=2,
    )
    make(cluster, namespace, body)
    told = condition(ended(cluster, namespace, "wrong"), "Failed")["message"]
    assert told.startswith(f"Experiment has failed because a trial cannot be made with x={value}: ")
    assert f"spec.trialTemplate.configMap.templatePath: {said}" in told
    assert "ReconcileError" in cluster.reasons(namespace, "wrong")


def test_a_config_map_that_is_away_for_a_while(
    cluster: Any, namespace: str, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    wait_then_tell = f"until [ -e {gate} ]; do sleep 0.02; done; echo loss=${{trialParameters.x}}"
    text = _KEPT.replace("completions: ${trialParameters.x}", "completions: 1")
    text = text.replace(
        '[echo, "loss=${trialParameters.x}"]', json.dumps(["sh", "-c", wait_then_tell])
    )
    _keep(cluster, namespace, "away", text)
    template = _in_config_map(namespace, "away")
    make(cluster, namespace, experiment("away", trialTemplate=template, maxTrialCount=2))
    wait(cluster, namespace, "away", lambda it: it["status"].get("trialsRunning") == 1)
    cluster.core.delete_namespaced_config_map("away", namespace)
    gate.touch()
    said = "Experiment is running, and its next trials wait: spec.trialTemplate.configMap.configMapName: there is no ConfigMap 'away'"
    wait(cluster, namespace, "away", lambda it: said in condition(it, "Running")["message"])
    _keep(cluster, namespace, "away", text)
    cluster.custom.patch_namespaced_custom_object(
        *GROUP, namespace, "experiments", "away", {"spec": {"maxTrialCount": 3}}
    )
    done = ended(cluster, namespace, "away")
    assert done["status"]["trialsSucceeded"] == 3
    assert condition(done, "Running")["message"] == "Experiment is running"


def test_only_counts_can_be_changed(cluster: Any, namespace: str) -> None:
    make(cluster, namespace, experiment("fixed", maxTrialCount=1))
    done = ended(cluster, namespace, "fixed")
    assert done["spec"]["parallelTrialCount"] == 1
    assert done["spec"]["resumePolicy"] == "Never"

    def patch(**spec: Any) -> Any:
        return cluster.custom.patch_namespaced_custom_object(
            *GROUP, namespace, "experiments", "fixed", {"spec": spec}
        )

    assert "make a new one" in refused(lambda: patch(maxTrialCount=4))
    assert "only parallelTrialCount, maxTrialCount, maxFailedTrialCount" in refused(
        lambda: patch(algorithm={"algorithmName": "random"})
    )
    cluster.custom.patch_namespaced_custom_object(
        *GROUP, namespace, "experiments", "fixed", {"metadata": {"labels": {"a": "b"}}}
    )
    assert get(cluster, namespace, "fixed")["metadata"]["labels"] == {"a": "b"}


def test_a_trial_by_itself(cluster: Any, namespace: str) -> None:
    body = {"apiVersion": "/".join(GROUP), "kind": "Trial", "metadata": {"name": "one"}, "spec": {}}
    with pytest.raises(ApiException) as caught:
        cluster.custom.create_namespaced_custom_object(*GROUP, namespace, "trials", body)
    assert "a Trial is made by its Experiment" in caught.value.body


def test_kubectl(kubectl: Any, namespace: str, tmp_path: Path) -> None:
    file = tmp_path / "experiment.json"
    file.write_text(json.dumps(experiment("wrong", parameters=[])))
    for verb in (["create"], ["apply", "--server-side"], ["apply"]):
        with pytest.raises(subprocess.CalledProcessError) as caught:
            kubectl(*verb, "-n", namespace, "-f", str(file))
        assert "spec.parameters: the search space is empty" in caught.value.stderr
    file.write_text(json.dumps(experiment("right")))
    kubectl("apply", "-n", namespace, "-f", str(file))
    kubectl("wait", "-n", namespace, "--for=condition=Succeeded", "experiment/right")
    head, row = kubectl("get", "-n", namespace, "experiments").splitlines()
    assert head.split() == ["NAME", "TYPE", "STATUS", "AGE"]
    assert row.split()[:3] == ["right", "Succeeded", "True"]
