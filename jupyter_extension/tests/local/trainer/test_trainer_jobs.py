"""TrainJobs over their life: suspended and resumed, late, reporting, killed with the server. Seen by the official Python client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kubernetes.client.exceptions import ApiException

GROUP = ("trainer.kubeflow.org", "v1alpha1")


def _make(cluster: Any, namespace: str, name: str, script: str, **spec: Any) -> None:
    trainer = {"command": ["python", "-u", "-c", script], **spec.pop("trainer", {})}
    body = {
        "apiVersion": "/".join(GROUP),
        "kind": "TrainJob",
        "metadata": {"name": name},
        "spec": {"runtimeRef": {"name": "python-distributed"}, "trainer": trainer, **spec},
    }
    cluster.custom.create_namespaced_custom_object(*GROUP, namespace, "trainjobs", body)


def _wait(cluster: Any, namespace: str, name: str, fits: Any) -> dict[str, Any]:
    def read() -> Any:
        return cluster.custom.get_namespaced_custom_object(*GROUP, namespace, "trainjobs", name)

    return dict(cluster.wait_for(read, fits))


def _suspend(cluster: Any, namespace: str, name: str, value: bool) -> None:
    patch = {"spec": {"suspend": value}}
    cluster.custom.patch_namespaced_custom_object(*GROUP, namespace, "trainjobs", name, patch)


def _holds(kind: str, status: str = "True") -> Any:
    return lambda job: any(
        each["type"] == kind and each["status"] == status
        for each in job.get("status", {}).get("conditions", ())
    )


def _pods(cluster: Any, namespace: str, name: str) -> list[Any]:
    selector = f"jobset.sigs.k8s.io/jobset-name={name}"
    return list(cluster.core.list_namespaced_pod(namespace, label_selector=selector).items)


def _says(cluster: Any, namespace: str, name: str, words: str) -> str:
    """The log of the only node once it has the words."""

    def read() -> str:
        for pod in _pods(cluster, namespace, name):
            try:
                return str(cluster.log(namespace, pod.metadata.name))
            except ApiException:
                continue
        return ""

    return str(cluster.wait_for(read, lambda text: words in text))


COUNTS = """
import pathlib, signal, sys, time
kept = pathlib.Path("/checkpoints/step")
step = int(kept.read_text()) if kept.exists() else 0
print("from", step)
def save(*_):
    kept.write_text(str(step))
    sys.exit(143)
signal.signal(signal.SIGTERM, save)
while step < GOAL:
    step += 1
    print("step", step)
    time.sleep(PAUSE)
print("done")
"""


def _with_claim(cluster: Any, namespace: str) -> list[dict[str, Any]]:
    spec = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}}
    cluster.core.create_namespaced_persistent_volume_claim(
        namespace, {"metadata": {"name": "checkpoints"}, "spec": spec}
    )
    pod = {
        "volumes": [{"name": "kept", "persistentVolumeClaim": {"claimName": "checkpoints"}}],
        "containers": [
            {"name": "node", "volumeMounts": [{"name": "kept", "mountPath": "/checkpoints"}]}
        ],
    }
    job = {"name": "node", "template": {"spec": {"template": {"spec": pod}}}}
    template = {"spec": {"replicatedJobs": [job]}}
    return [{"manager": "test.io/manager", "trainingRuntimeSpec": {"template": template}}]


def test_a_checkpoint_survives_suspension(cluster: Any, namespace: str) -> None:
    patches = _with_claim(cluster, namespace)
    script = COUNTS.replace("GOAL", "10**9").replace("PAUSE", "0.02")
    _make(cluster, namespace, "keeps", script, runtimePatches=patches)
    _says(cluster, namespace, "keeps", "step 5")
    _suspend(cluster, namespace, "keeps", True)
    job = _wait(cluster, namespace, "keeps", _holds("Suspended"))
    cluster.wait_for(lambda: _pods(cluster, namespace, "keeps"), lambda pods: not pods)
    job = _wait(
        cluster, namespace, "keeps", lambda job: job["status"]["jobsStatus"][0]["suspended"] == 1
    )
    assert job["status"]["jobsStatus"][0]["failed"] == 0
    _suspend(cluster, namespace, "keeps", False)
    said = _says(cluster, namespace, "keeps", "step ")
    assert int(said.split()[1]) >= 5
    _wait(cluster, namespace, "keeps", _holds("Suspended", "False"))


def test_a_server_that_is_killed_loses_nothing(own: Any) -> None:
    patches = _with_claim(own, "test")
    script = COUNTS.replace("GOAL", "100").replace("PAUSE", "0.02")
    _make(own, "test", "survives", script, runtimePatches=patches)
    _says(own, "test", "survives", "step 5")
    own.kill()
    own.start()
    job = _wait(own, "test", "survives", _holds("Complete"))
    assert job["status"]["jobsStatus"][0]["succeeded"] == 1
    (pod,) = _pods(own, "test", "survives")
    said = own.log("test", pod.metadata.name).splitlines()
    assert said == ["from 0", *(f"step {step}" for step in range(1, 101)), "done"]


def test_a_deadline(cluster: Any, namespace: str) -> None:
    _make(cluster, namespace, "late", "import time; time.sleep(600)", activeDeadlineSeconds=2)
    job = _wait(cluster, namespace, "late", _holds("Failed"))
    (failed,) = (each for each in job["status"]["conditions"] if each["type"] == "Failed")
    assert failed["reason"] == "DeadlineExceeded"
    cluster.wait_for(lambda: _pods(cluster, namespace, "late"), lambda pods: not pods)


REPORTS = """
import json, os, ssl, urllib.request
name = "KUBEFLOW_TRAINER_SERVER_"
def report(status):
    request = urllib.request.Request(
        os.environ[name + "URL"],
        json.dumps({"trainerStatus": status}).encode(),
        {"Authorization": "Bearer " + open(os.environ[name + "TOKEN"]).read(), "Content-Type": "application/json"},
    )
    context = ssl.create_default_context(cafile=os.environ[name + "CA_CERT"])
    return urllib.request.urlopen(request, context=context).status
base = {"lastUpdatedTime": "2026-01-31T12:00:00Z"}
print(report({**base, "progressPercentage": 10, "estimatedRemainingSeconds": 90}))
print(report({**base, "progressPercentage": 50, "metrics": [{"name": "loss", "value": "0.25"}]}))
try:
    report({**base, "progressPercentage": 200})
except urllib.error.HTTPError as error:
    print(error.code)
"""


def test_a_training_reports_its_progress(cluster: Any, namespace: str) -> None:
    _make(cluster, namespace, "reports", REPORTS)
    job = _wait(cluster, namespace, "reports", _holds("Complete"))
    assert _says(cluster, namespace, "reports", "422").split() == ["200", "200", "422"]
    assert job["status"]["trainerStatus"] == {
        "progressPercentage": 50,
        "metrics": [{"name": "loss", "value": "0.25"}],
        "lastUpdatedTime": "2026-01-31T12:00:00Z",
    }


def test_trainings_at_the_same_time_meet_at_ports_of_their_own(
    cluster: Any, namespace: str
) -> None:
    body = cluster.custom.get_cluster_custom_object(
        *GROUP, "clustertrainingruntimes", "xgboost-distributed"
    )
    body = {**body, "kind": "TrainingRuntime", "metadata": {"name": "own"}}
    cluster.custom.create_namespaced_custom_object(*GROUP, namespace, "trainingruntimes", body)
    script = "import os; print(*(os.environ['DMLC_' + n] for n in ('TRACKER_URI', 'TRACKER_PORT', 'TASK_ID', 'NUM_WORKER')))"
    said = []
    for name in ("one", "two"):
        reference = {"name": "own", "kind": "TrainingRuntime"}
        _make(cluster, namespace, name, script, runtimeRef=reference, trainer={"numNodes": 2})
        _wait(cluster, namespace, name, _holds("Complete"))
        pods = sorted(_pods(cluster, namespace, name), key=lambda pod: str(pod.metadata.name))
        said.append([cluster.log(namespace, pod.metadata.name).split() for pod in pods])
    for first, second in said:
        assert (first[0], second[0]) == ("127.0.0.1", "127.0.0.1")
        assert first[1] == second[1]
        assert (first[2], second[2], first[3]) == ("0", "1", "2")
    assert said[0][0][1] != said[1][0][1]


def test_data_and_model_come_from_paths_of_this_machine(
    cluster: Any, namespace: str, tmp_path: Path
) -> None:
    (tmp_path / "my data").mkdir()
    (tmp_path / "my data" / "rows.csv").write_text("1,2")
    (tmp_path / "weights.bin").write_text("weights")
    initializer = {
        "dataset": {"storageUri": f"file://{tmp_path}/my%20data"},
        "model": {"storageUri": f"file://{tmp_path}/weights.bin"},
    }
    script = "print(open('/workspace/dataset/rows.csv').read(), open('/workspace/model').read())"
    _make(cluster, namespace, "reads", script, initializer=initializer)
    job = _wait(cluster, namespace, "reads", _holds("Complete"))
    counts = {each["name"]: each["succeeded"] for each in job["status"]["jobsStatus"]}
    assert counts == {"dataset-initializer": 1, "model-initializer": 1, "node": 1}
    (node,) = (pod for pod in _pods(cluster, namespace, "reads") if "-node-" in pod.metadata.name)
    assert cluster.log(namespace, node.metadata.name) == "1,2 weights\n"
    cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "trainjobs", "reads")
    cluster.wait_for(lambda: _pods(cluster, namespace, "reads"), lambda pods: not pods)
    assert (tmp_path / "my data" / "rows.csv").read_text() == "1,2"


def test_kubectl_applies_waits_and_deletes(
    cluster: Any, namespace: str, kubectl: Any, tmp_path: Path
) -> None:
    body = {
        "apiVersion": "/".join(GROUP),
        "kind": "TrainJob",
        "metadata": {"name": "greets", "namespace": namespace},
        "spec": {
            "runtimeRef": {"name": "python-distributed"},
            "trainer": {"command": ["python", "-c", "print('hello')"]},
        },
    }
    file = tmp_path / "job.json"
    file.write_text(json.dumps(body))
    kubectl("apply", "-f", str(file))
    kubectl("wait", "-n", namespace, "--for=condition=Complete", "trainjob/greets", "--timeout=60s")
    assert kubectl("logs", "-n", namespace, "job/greets-node-0") == "hello\n"
    assert kubectl("apply", "-f", str(file)).strip().endswith("unchanged")
    kubectl("delete", "-f", str(file))
    cluster.wait_for(lambda: _pods(cluster, namespace, "greets"), lambda pods: not pods)
    assert kubectl("get", "jobsets,jobs", "-n", namespace, "-o", "name") == ""


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            {"initializer": {"dataset": {"storageUri": "s3://a/b"}}},
            "spec.initializer.dataset.storageUri: Local Kubeflow takes file:///PATH only",
        ),
        (
            {"initializer": {"model": {"storageUri": "file:///no/such"}}},
            "spec.initializer.model.storageUri: /no/such is not there",
        ),
        ({"runtimeRef": {"name": "none"}}, '"none" not found'),
    ],
)
def test_what_cannot_run_is_refused(
    cluster: Any, namespace: str, spec: dict[str, Any], words: str
) -> None:
    with pytest.raises(ApiException) as error:
        _make(cluster, namespace, "refused", "pass", **spec)
    assert error.value.status == 403
    assert words in error.value.body.replace("\\", "")
