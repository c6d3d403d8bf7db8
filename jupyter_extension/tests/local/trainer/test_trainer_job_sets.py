"""JobSets beside TrainJobs: restarts and order. Seen by the official Python client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

GROUP = ("jobset.x-k8s.io", "v1alpha2")


def _job(name: str, script: str, **more: Any) -> dict[str, Any]:
    container = {"name": "main", "image": "busybox", "command": ["sh", "-c", script]}
    pod = {"restartPolicy": "Never", "containers": [container]}
    return {
        "name": name,
        "replicas": 1,
        "template": {"spec": {"backoffLimit": 0, "template": {"spec": pod}}},
        **more,
    }


def _run(cluster: Any, namespace: str, jobs: list[dict[str, Any]], **spec: Any) -> dict[str, Any]:
    body = {
        "apiVersion": "/".join(GROUP),
        "kind": "JobSet",
        "metadata": {"name": "set"},
        "spec": {"replicatedJobs": jobs, **spec},
    }
    cluster.custom.create_namespaced_custom_object(*GROUP, namespace, "jobsets", body)
    return dict(
        cluster.wait_for(
            lambda: cluster.custom.get_namespaced_custom_object(
                *GROUP, namespace, "jobsets", "set"
            ),
            lambda found: found.get("status", {}).get("terminalState"),
        )
    )


def test_it_restarts_as_often_as_its_policy_says(
    cluster: Any, namespace: str, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    script = f"test -e {seen} || {{ touch {seen}; exit 3; }}"
    found = _run(cluster, namespace, [_job("work", script)], failurePolicy={"maxRestarts": 1})
    assert found["status"]["terminalState"] == "Completed"
    assert found["status"]["restarts"] == 1
    assert "JobCreationFailed" not in cluster.reasons(namespace, "set")


def test_it_fails_when_a_job_does(cluster: Any, namespace: str) -> None:
    found = _run(cluster, namespace, [_job("work", "exit 3")])
    (failed,) = (each for each in found["status"]["conditions"] if each["type"] == "Failed")
    assert failed["reason"] == "FailedJobs"
    assert failed["message"].endswith("(first failed job: set-work-0)")


def test_what_depends_on_another_waits_for_it(cluster: Any, namespace: str, tmp_path: Path) -> None:
    made = tmp_path / "made"
    jobs = [
        _job("first", f"sleep 0.3; touch {made}"),
        _job("then", f"test -e {made}", dependsOn=[{"name": "first", "status": "Complete"}]),
    ]
    assert _run(cluster, namespace, jobs)["status"]["terminalState"] == "Completed"
