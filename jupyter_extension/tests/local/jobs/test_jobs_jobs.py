"""batch/v1 Jobs, seen by the official Python client and kubectl."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jupyterlab_kubeflow.local.jobs import indexes


def _make(cluster: Any, namespace: str, name: str, command: list[str], **spec: Any) -> None:
    pod = {
        "restartPolicy": spec.pop("restartPolicy", "Never"),
        "containers": [{"name": "main", "image": "python:3.11", "command": command}],
    }
    body = {"metadata": {"name": name}, "spec": {"template": {"spec": pod}, **spec}}
    cluster.batch.create_namespaced_job(namespace, body)


def _wait(cluster: Any, namespace: str, name: str, fits: Any) -> Any:
    return cluster.wait_for(lambda: cluster.batch.read_namespaced_job(name, namespace), fits)


def _holds(kind: str) -> Any:
    return lambda job: any(
        each.type == kind and each.status == "True" for each in job.status.conditions or ()
    )


def _reason(job: Any, kind: str) -> str:
    return str(next(each.reason for each in job.status.conditions if each.type == kind))


def _pods(cluster: Any, namespace: str, name: str) -> list[Any]:
    found = cluster.core.list_namespaced_pod(namespace, label_selector=f"job-name={name}").items
    return list(found)


def test_an_indexed_job_runs_every_index(cluster: Any, namespace: str) -> None:
    script = "import os, socket; print(os.environ['JOB_COMPLETION_INDEX'], os.environ['HOSTNAME'])"
    _make(
        cluster,
        namespace,
        "all",
        ["python", "-c", script],
        completions=3,
        parallelism=2,
        completionMode="Indexed",
    )
    job = _wait(cluster, namespace, "all", _holds("Complete"))
    assert job.status.succeeded == 3
    assert job.status.completed_indexes == "0-2"
    assert job.status.completion_time >= job.status.start_time
    assert _reason(job, "Complete") == "CompletionsReached"
    said = sorted(
        cluster.log(namespace, pod.metadata.name).strip()
        for pod in _pods(cluster, namespace, "all")
    )
    assert said == [f"{index} all-{index}" for index in range(3)]
    job = _wait(
        cluster,
        namespace,
        "all",
        lambda job: not (job.status.uncounted_terminated_pods or _NONE).succeeded,
    )
    assert not any(pod.metadata.finalizers for pod in _pods(cluster, namespace, "all"))
    assert {"SuccessfulCreate", "Completed"} <= set(cluster.reasons(namespace, "all"))


class _NONE:
    succeeded = None


def test_a_job_fails_after_its_attempts(cluster: Any, namespace: str) -> None:
    _make(cluster, namespace, "fails", ["sh", "-c", "exit 5"], backoffLimit=0)
    job = _wait(cluster, namespace, "fails", _holds("Failed"))
    assert _reason(job, "Failed") == "BackoffLimitExceeded"
    assert job.status.failed == 1
    assert not job.status.active
    assert "BackoffLimitExceeded" in cluster.reasons(namespace, "fails")


def test_a_failed_pod_is_replaced(cluster: Any, namespace: str, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    script = f"test -e {seen} || {{ touch {seen}; exit 5; }}"
    _make(cluster, namespace, "again", ["sh", "-c", script], backoffLimit=1)
    job = _wait(cluster, namespace, "again", _holds("Complete"))
    assert (job.status.succeeded, job.status.failed) == (1, 1)


def test_a_policy_ends_the_job_by_its_exit_code(cluster: Any, namespace: str) -> None:
    rules = [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [42]}}]
    _make(cluster, namespace, "policy", ["sh", "-c", "exit 42"], podFailurePolicy={"rules": rules})
    job = _wait(cluster, namespace, "policy", _holds("Failed"))
    assert _reason(job, "Failed") == "PodFailurePolicy"


def test_the_limit_of_each_index(cluster: Any, namespace: str) -> None:
    script = "exit $JOB_COMPLETION_INDEX"
    _make(
        cluster, namespace, "each", ["sh", "-c", script],
        completions=2, parallelism=2, completionMode="Indexed", backoffLimitPerIndex=0,
    )  # fmt: skip
    job = _wait(cluster, namespace, "each", _holds("Failed"))
    assert _reason(job, "Failed") == "FailedIndexes"
    assert (job.status.completed_indexes, job.status.failed_indexes) == ("0", "1")


def test_some_indexes_may_be_enough(cluster: Any, namespace: str) -> None:
    script = "test $JOB_COMPLETION_INDEX = 1 || sleep 600"
    _make(
        cluster, namespace, "enough", ["sh", "-c", script],
        completions=3, parallelism=3, completionMode="Indexed",
        successPolicy={"rules": [{"succeededIndexes": "1-2", "succeededCount": 1}]},
    )  # fmt: skip
    job = _wait(cluster, namespace, "enough", _holds("Complete"))
    assert _reason(job, "SuccessCriteriaMet") == _reason(job, "Complete") == "SuccessPolicy"
    assert (job.status.completed_indexes, job.status.active) == ("1", None)


def test_a_deadline_ends_it(cluster: Any, namespace: str) -> None:
    _make(cluster, namespace, "late", ["sleep", "600"], activeDeadlineSeconds=1)
    job = _wait(cluster, namespace, "late", _holds("Failed"))
    assert _reason(job, "Failed") == "DeadlineExceeded"
    cluster.wait_for(
        lambda: _pods(cluster, namespace, "late"),
        lambda pods: not any(pod.status.phase == "Running" for pod in pods),
    )


def test_suspending_and_resuming(cluster: Any, namespace: str, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    script = f"while ! test -e {gate}; do sleep 0.05; done"
    _make(cluster, namespace, "pauses", ["sh", "-c", script], suspend=True)
    job = _wait(cluster, namespace, "pauses", _holds("Suspended"))
    assert not _pods(cluster, namespace, "pauses")
    assert job.status.start_time is None
    cluster.batch.patch_namespaced_job("pauses", namespace, {"spec": {"suspend": False}})
    _wait(cluster, namespace, "pauses", lambda job: job.status.ready == 1)
    cluster.batch.patch_namespaced_job("pauses", namespace, {"spec": {"suspend": True}})
    cluster.wait_for(lambda: _pods(cluster, namespace, "pauses"), lambda pods: not pods)
    job = _wait(cluster, namespace, "pauses", lambda job: not job.status.active)
    assert not job.status.failed
    gate.touch()
    cluster.batch.patch_namespaced_job("pauses", namespace, {"spec": {"suspend": False}})
    job = _wait(cluster, namespace, "pauses", _holds("Complete"))
    assert not job.status.failed
    assert {"Suspended", "Resumed"} <= set(cluster.reasons(namespace, "pauses"))


def test_it_goes_when_its_time_has_come(cluster: Any, namespace: str) -> None:
    _make(cluster, namespace, "goes", ["true"], ttlSecondsAfterFinished=0)
    cluster.wait_for(
        lambda: [each.metadata.name for each in cluster.batch.list_namespaced_job(namespace).items],
        lambda names: not names,
    )
    cluster.wait_for(lambda: _pods(cluster, namespace, "goes"), lambda pods: not pods)


def test_kubectl_waits_reads_logs_and_deletes(cluster: Any, namespace: str, kubectl: Any) -> None:
    kubectl(
        "create",
        "job",
        "greets",
        "-n",
        namespace,
        "--image=busybox",
        "--",
        "sh",
        "-c",
        "echo hello",
    )
    kubectl("wait", "-n", namespace, "--for=condition=complete", "job/greets", "--timeout=60s")
    assert kubectl("logs", "-n", namespace, "job/greets") == "hello\n"
    line = kubectl("get", "job", "greets", "-n", namespace, "--no-headers").split()
    assert line[:3] == ["greets", "Complete", "1/1"]
    assert "SuccessfulCreate" in kubectl("describe", "job", "greets", "-n", namespace)
    kubectl("delete", "job", "greets", "-n", namespace)
    assert kubectl("get", "pods", "-n", namespace, "-o", "name") == ""


@pytest.mark.parametrize(
    ("held", "text"), [(set(), ""), ({3}, "3"), ({0, 1, 2, 5, 7, 8}, "0-2,5,7-8")]
)
def test_indexes_as_text(held: set[int], text: str) -> None:
    assert indexes.write(held) == text
    assert indexes.read(text) == held


@pytest.mark.parametrize(
    ("rules", "completed", "rule"),
    [
        ([], {0, 1}, None),
        ([{"succeededIndexes": "0,2"}], {0}, None),
        ([{"succeededIndexes": "0,2"}], {0, 1, 2}, 0),
        ([{"succeededIndexes": "0"}, {"succeededCount": 2}], {1, 2}, 1),
        ([{"succeededIndexes": "0-3", "succeededCount": 2}], {0, 5}, None),
    ],
)
def test_what_a_success_policy_wants(rules: Any, completed: set[int], rule: int | None) -> None:
    assert indexes.enough({"rules": rules}, completed) == rule
