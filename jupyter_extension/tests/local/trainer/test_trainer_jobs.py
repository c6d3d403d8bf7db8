"""TrainJobs over their life: suspended and resumed, late, reporting, killed with the server. Seen by the official Python client."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from kubernetes.client.exceptions import ApiException
from trainer_support import (
    COUNTS,
    GROUP,
    OWN,
    create,
    holds,
    make,
    make_runtime,
    pods,
    runtime_spec,
    says,
    suspend,
    wait,
    with_claim,
)


def test_a_checkpoint_survives_suspension(cluster: Any, namespace: str) -> None:
    patches = with_claim(cluster, namespace)
    script = COUNTS.replace("GOAL", "10**9").replace("PAUSE", "0.02")
    make(cluster, namespace, "keeps", script, runtimePatches=patches)
    says(cluster, namespace, "keeps", "step 5")
    suspend(cluster, namespace, "keeps", True)
    job = wait(cluster, namespace, "keeps", holds("Suspended"))
    cluster.wait_for(lambda: pods(cluster, namespace, "keeps"), lambda pods: not pods)
    job = wait(
        cluster, namespace, "keeps", lambda job: job["status"]["jobsStatus"][0]["suspended"] == 1
    )
    assert job["status"]["jobsStatus"][0]["failed"] == 0
    assert "RuntimePatchesIgnored" not in cluster.reasons(namespace, "keeps")
    changed = {"spec": {"runtimePatches": [{**patches[0], "manager": "test.io/other"}]}}
    cluster.custom.patch_namespaced_custom_object(*GROUP, namespace, "trainjobs", "keeps", changed)
    cluster.wait_for(
        lambda: cluster.reasons(namespace, "keeps"),
        lambda reasons: "RuntimePatchesIgnored" in reasons,
    )
    suspend(cluster, namespace, "keeps", False)
    said = says(cluster, namespace, "keeps", "step ")
    assert int(said.split()[1]) >= 5
    wait(cluster, namespace, "keeps", holds("Suspended", "False"))


def test_a_deadline(cluster: Any, namespace: str) -> None:
    make(cluster, namespace, "late", "import time; time.sleep(600)", activeDeadlineSeconds=2)
    job = wait(cluster, namespace, "late", holds("Failed"))
    (failed,) = (each for each in job["status"]["conditions"] if each["type"] == "Failed")
    assert failed["reason"] == "DeadlineExceeded"
    cluster.wait_for(lambda: pods(cluster, namespace, "late"), lambda pods: not pods)


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
    make(cluster, namespace, "reports", REPORTS)
    job = wait(cluster, namespace, "reports", holds("Complete"))
    assert says(cluster, namespace, "reports", "422").split() == ["200", "200", "422"]
    assert job["status"]["trainerStatus"] == {
        "progressPercentage": 50,
        "metrics": [{"name": "loss", "value": "0.25"}],
        "lastUpdatedTime": "2026-01-31T12:00:00Z",
    }


def test_trainings_at_the_same_time_meet_at_ports_of_their_own(
    cluster: Any, namespace: str
) -> None:
    make_runtime(cluster, namespace, runtime_spec(cluster, "xgboost-distributed"))
    script = "import os; print(*(os.environ['DMLC_' + n] for n in ('TRACKER_URI', 'TRACKER_PORT', 'TASK_ID', 'NUM_WORKER')))"
    said = []
    for name in ("one", "two"):
        make(cluster, namespace, name, script, runtimeRef=OWN, trainer={"numNodes": 2})
        wait(cluster, namespace, name, holds("Complete"))
        nodes = sorted(pods(cluster, namespace, name), key=lambda pod: str(pod.metadata.name))
        said.append([cluster.log(namespace, pod.metadata.name).split() for pod in nodes])
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
    make(cluster, namespace, "reads", script, initializer=initializer)
    job = wait(cluster, namespace, "reads", holds("Complete"))
    counts = {each["name"]: each["succeeded"] for each in job["status"]["jobsStatus"]}
    assert counts == {"dataset-initializer": 1, "model-initializer": 1, "node": 1}
    (node,) = (pod for pod in pods(cluster, namespace, "reads") if "-node-" in pod.metadata.name)
    assert cluster.log(namespace, node.metadata.name) == "1,2 weights\n"
    cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "trainjobs", "reads")
    cluster.wait_for(lambda: pods(cluster, namespace, "reads"), lambda pods: not pods)
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
    cluster.wait_for(lambda: pods(cluster, namespace, "greets"), lambda pods: not pods)
    assert kubectl("get", "jobsets,jobs", "-n", namespace, "-o", "name") == ""


def test_kubectl_follows_describes_and_suspends(
    cluster: Any, namespace: str, kubectl: Any, tmp_path: Path
) -> None:
    space = ("-n", namespace)
    gate = tmp_path / "gate"
    script = (
        "import os, time\nprint('begins')\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.02)\nprint('ends')"
    )
    make(cluster, namespace, "shown", script)
    says(cluster, namespace, "shown", "begins")
    patch = '{"spec":{"suspend":true}}'
    kubectl("patch", "trainjob", "shown", *space, "--type=merge", "-p", patch)
    kubectl("wait", *space, "--for=condition=Suspended", "trainjob/shown", "--timeout=60s")
    line = kubectl("get", "trainjobs", "shown", *space, "--no-headers").split()
    assert line[:2] == ["shown", "Suspended"]
    cluster.wait_for(lambda: pods(cluster, namespace, "shown"), lambda left: not left)
    patch = '{"spec":{"suspend":false}}'
    kubectl("patch", "trainjob", "shown", *space, "--type=merge", "-p", patch)
    says(cluster, namespace, "shown", "begins")
    gate.touch()
    assert kubectl("logs", "-f", *space, "job/shown-node-0") == "begins\nends\n"
    kubectl("wait", *space, "--for=condition=Complete", "trainjob/shown", "--timeout=60s")
    said = kubectl("describe", "trainjob", "shown", *space)
    assert "jobset completed successfully" in said
    kubectl("delete", "trainjob", "shown", *space, "--cascade=foreground")
    assert kubectl("get", "jobsets,jobs,pods,configmaps", *space, "-o", "name") == ""


def test_what_it_made_goes_when_its_time_has_come(cluster: Any, namespace: str) -> None:
    spec = runtime_spec(cluster, "python-distributed")
    spec["template"]["spec"]["ttlSecondsAfterFinished"] = 0
    make_runtime(cluster, namespace, spec)
    make(cluster, namespace, "goes", "print('here')", runtimeRef=OWN)
    wait(cluster, namespace, "goes", holds("Complete"))
    cluster.wait_for(lambda: pods(cluster, namespace, "goes"), lambda left: not left)
    job_sets = ("jobset.x-k8s.io", "v1alpha2", namespace, "jobsets")
    cluster.wait_for(
        lambda: cluster.custom.list_namespaced_custom_object(*job_sets)["items"],
        lambda left: not left,
    )
    wait(cluster, namespace, "goes", holds("Complete"))


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
        (
            {"trainer": {"numNodes": 1_000_000}},
            f"spec.trainer.numNodes: this machine with {os.cpu_count()} cores starts at most {max(32, 16 * (os.cpu_count() or 1))} processes together",
        ),
    ],
)
def test_what_cannot_run_is_refused(
    cluster: Any, namespace: str, spec: dict[str, Any], words: str
) -> None:
    with pytest.raises(ApiException) as error:
        make(cluster, namespace, "refused", "pass", **spec)
    assert error.value.status == 403
    assert words in error.value.body.replace("\\", "")


def test_more_processes_than_the_machine_starts_together_are_refused(
    cluster: Any, namespace: str
) -> None:
    node = {"name": "node", "image": "x", "command": ["true"]}
    pod = {"restartPolicy": "Never", "containers": [node]}
    job = {"parallelism": 1_000_000, "completions": 1_000_000, "template": {"spec": pod}}
    template = {"spec": {"replicatedJobs": [{"name": "node", "template": {"spec": job}}]}}
    spec = {"mlPolicy": {"numNodes": 2, "torch": {}}, "template": template}
    make_runtime(cluster, namespace, spec, framework="own")
    for nodes, words in (
        (2, "spec.trainer.numNodes: .*, not 2 nodes of 1000000 processes: take fewer"),
        (1, "spec.trainer.numProcPerNode: .*, not 1 node of 1000000 processes: take fewer"),
    ):
        trainer = {"numNodes": nodes, "numProcPerNode": 1_000_000}
        with pytest.raises(ApiException, match=words):
            make(cluster, namespace, "many", "pass", runtimeRef=OWN, trainer=trainer)
    job_set = {
        "apiVersion": "jobset.x-k8s.io/v1alpha2",
        "kind": "JobSet",
        "metadata": {"name": "many"},
        **template,
    }
    where = ("jobset.x-k8s.io", "v1alpha2", namespace, "jobsets")
    with pytest.raises(
        ApiException, match=r"replicatedJobs\[0\].template.spec.parallelism: .*, not 1000000 pods"
    ):
        cluster.custom.create_namespaced_custom_object(*where, job_set)


def test_it_keeps_the_runtime_that_it_began_with(cluster: Any, namespace: str) -> None:
    node = {"name": "node", "image": "python", "command": ["sh", "-c", "echo old"]}
    pod = {"restartPolicy": "Never", "containers": [node]}
    template = {
        "metadata": {"labels": {"trainer.kubeflow.org/trainjob-ancestor-step": "trainer"}},
        "spec": {"template": {"spec": pod}},
    }
    spec = {
        "mlPolicy": {"numNodes": 1},
        "template": {"spec": {"replicatedJobs": [{"name": "node", "template": template}]}},
    }
    make_runtime(cluster, namespace, spec, framework="python")
    runtimes = (*GROUP, namespace, "trainingruntimes")
    create(cluster, namespace, "keeps", {"runtimeRef": OWN, "suspend": True})
    wait(cluster, namespace, "keeps", holds("Suspended"))
    job_sets = ("jobset.x-k8s.io", "v1alpha2", namespace, "jobsets")
    cluster.wait_for(lambda: cluster.custom.list_namespaced_custom_object(*job_sets)["items"], len)
    found = cluster.custom.get_namespaced_custom_object(*runtimes, "own")
    (replicated,) = found["spec"]["template"]["spec"]["replicatedJobs"]
    (changed,) = replicated["template"]["spec"]["template"]["spec"]["containers"]
    changed["command"] = ["sh", "-c", "echo new"]
    cluster.custom.replace_namespaced_custom_object(*runtimes, "own", found)
    # The JobSet goes, as by hand: what is made anew is of the runtime as it was.
    cluster.custom.delete_namespaced_custom_object(*job_sets, "keeps")
    cluster.wait_for(
        lambda: cluster.custom.list_namespaced_custom_object(*job_sets)["items"],
        lambda sets: sets and not sets[0]["metadata"].get("deletionTimestamp"),
    )
    suspend(cluster, namespace, "keeps", False)
    wait(cluster, namespace, "keeps", holds("Complete"))
    assert says(cluster, namespace, "keeps", "\n") == "old\n"
    cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "trainjobs", "keeps")
    cluster.wait_for(
        lambda: [
            each.metadata.name for each in cluster.core.list_namespaced_config_map(namespace).items
        ],
        lambda names: "keeps-runtime-snapshot" not in names,
    )


def test_a_failed_node_ends_it_with_the_reason_in_its_pod(cluster: Any, namespace: str) -> None:
    make(cluster, namespace, "fails", "import no_such_module", trainer={"numNodes": 2})
    job = wait(cluster, namespace, "fails", holds("Failed"))
    (failed,) = job["status"]["conditions"]
    assert failed["reason"] == "FailedJobs"
    assert failed["message"].endswith("(first failed job: fails-node-0)")
    job = wait(
        cluster, namespace, "fails", lambda job: job["status"]["jobsStatus"][0]["failed"] == 1
    )
    assert job["status"]["jobsStatus"] == [
        {"name": "node", "active": 0, "failed": 1, "ready": 0, "succeeded": 0, "suspended": 0}
    ]
    endings = [
        each.status.container_statuses[0].state.terminated
        for each in pods(cluster, namespace, "fails")
    ]
    said = [each.message for each in endings if each and each.exit_code == 1]
    assert said
    assert all(each.endswith("No module named 'no_such_module'") for each in said)


def test_a_rule_of_the_runtime_begins_the_failed_node_anew(
    cluster: Any, namespace: str, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    policy = {"maxRestarts": 1, "rules": [{"name": "again", "action": "RestartJob"}]}
    spec = runtime_spec(cluster, "python-distributed")
    spec["template"]["spec"]["failurePolicy"] = policy
    make_runtime(cluster, namespace, spec)
    script = (
        "import pathlib, sys\n"
        f"seen = pathlib.Path({str(seen)!r})\n"
        "if not seen.exists():\n    seen.touch()\n    sys.exit(3)"
    )
    make(cluster, namespace, "again", script, runtimeRef=OWN)
    job = wait(cluster, namespace, "again", holds("Complete"))
    (told,) = job["status"]["jobsStatus"]
    assert set(told) == {"name", "active", "failed", "ready", "succeeded", "suspended"}
    (pod,) = pods(cluster, namespace, "again")
    assert pod.metadata.labels["jobset.sigs.k8s.io/job-restart-attempt"] == "1"


def test_a_node_out_of_memory_ends_it(cluster: Any, namespace: str) -> None:
    script = "held = b'x' * (200 << 20); import time; time.sleep(600)"
    limits = {"resourcesPerNode": {"limits": {"memory": "96Mi"}}}
    make(cluster, namespace, "takes", script, trainer=limits)
    wait(cluster, namespace, "takes", holds("Failed"))
    (pod,) = pods(cluster, namespace, "takes")
    ended = pod.status.container_statuses[0].state.terminated
    assert (ended.reason, ended.exit_code) == ("OOMKilled", 137)
