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


def _conditions(found: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {
        each["type"]: (each["status"], each["reason"]) for each in found["status"]["conditions"]
    }


def test_no_more_restarts_than_allowed(cluster: Any, namespace: str, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    script = f"echo run >> {runs}; exit 3"
    found = _run(cluster, namespace, [_job("work", script)], failurePolicy={"maxRestarts": 1})
    assert _conditions(found) == {
        "Failed": ("True", "ReachedMaxRestarts"),
        "RestartingJobSet": ("False", "JobSetFailed"),
    }
    assert runs.read_text().split() == ["run", "run"]
    assert (found["status"]["restarts"], found["status"]["restartsCountTowardsMax"]) == (1, 1)
    reasons = cluster.reasons(namespace, "set")
    assert {"RestartJobSetFailurePolicyAction", "DefaultFailurePolicy"} <= set(reasons)


def _by_exit_code(job: dict[str, Any], code: int) -> dict[str, Any]:
    """A Job that fails with the reason ``PodFailurePolicy`` by an exit code."""
    rule = {"action": "FailJob", "onExitCodes": {"operator": "In", "values": [code]}}
    job["template"]["spec"]["podFailurePolicy"] = {"rules": [rule]}
    return job


def test_a_rule_ends_it_by_the_reason_of_a_failed_job(cluster: Any, namespace: str) -> None:
    rules = [
        {"name": "other", "action": "RestartJobSet", "targetReplicatedJobs": ["idle"]},
        {"name": "stop", "action": "FailJobSet", "onJobFailureReasons": ["PodFailurePolicy"]},
    ]
    jobs = [_by_exit_code(_job("work", "exit 42"), 42), _job("idle", "sleep 600")]
    found = _run(cluster, namespace, jobs, failurePolicy={"maxRestarts": 3, "rules": rules})
    (failed,) = found["status"]["conditions"]
    assert failed["reason"] == "FailJobSetFailurePolicyAction"
    assert failed["message"] == (
        "applying FailJobSet failure policy action (first failed job: set-work-0)"
    )
    assert found["status"]["restarts"] == 0
    cluster.wait_for(
        lambda: cluster.core.list_namespaced_pod(namespace).items,
        lambda pods: not any(each.status.phase == "Running" for each in pods),
    )


def test_a_rule_may_restart_it_beyond_the_limit(
    cluster: Any, namespace: str, tmp_path: Path
) -> None:
    seen = tmp_path / "seen"
    script = f"test -e {seen} || {{ touch {seen}; exit 42; }}"
    rule = {
        "name": "preempted",
        "action": "RestartJobSetAndIgnoreMaxRestarts",
        "onJobFailureMessagePatterns": ["exit code 4[0-9]"],
    }
    jobs = [_by_exit_code(_job("work", script), 42)]
    found = _run(cluster, namespace, jobs, failurePolicy={"maxRestarts": 0, "rules": [rule]})
    assert found["status"]["terminalState"] == "Completed"
    assert found["status"]["restarts"] == 1
    assert "restartsCountTowardsMax" not in found["status"]
    assert "FailurePolicy_preempted" in cluster.reasons(namespace, "set")


def test_a_rule_restarts_one_job_only(cluster: Any, namespace: str, tmp_path: Path) -> None:
    seen, kept = tmp_path / "seen", tmp_path / "kept"
    fails = f"test -e {seen} || {{ touch {seen}; exit 3; }}"
    waits = f"echo run >> {kept}; while ! test -e {seen}; do sleep 0.05; done"
    rule = {"name": "again", "action": "RestartJob"}
    jobs = [_job("work", fails), _job("other", waits)]
    found = _run(cluster, namespace, jobs, failurePolicy={"maxRestarts": 1, "rules": [rule]})
    assert found["status"]["terminalState"] == "Completed"
    assert found["status"]["restarts"] == 0
    told = {each["name"]: each for each in found["status"]["replicatedJobsStatus"]}
    assert told["work"]["jobRestarts"] == [1]
    assert told["work"]["jobRestartsCountTowardsMax"] == [1]
    assert "jobRestarts" not in told["other"]
    assert kept.read_text() == "run\n"


def test_any_job_of_a_target_may_be_enough(cluster: Any, namespace: str) -> None:
    policy = {"operator": "Any", "targetReplicatedJobs": ["leader"]}
    jobs = [_job("leader", "true"), _job("worker", "sleep 600")]
    found = _run(cluster, namespace, jobs, successPolicy=policy)
    assert _conditions(found) == {"Completed": ("True", "AllJobsCompleted")}
    cluster.wait_for(
        lambda: [each.metadata.name for each in cluster.batch.list_namespaced_job(namespace).items],
        lambda names: names == ["set-leader-0"],
    )


def test_jobs_start_one_after_the_other(cluster: Any, namespace: str, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    jobs = [
        _job("first", f"sleep 0.3; echo first >> {begun}"),
        _job("second", f"echo second >> {begun}"),
    ]
    found = _run(cluster, namespace, jobs, startupPolicy={"startupPolicyOrder": "InOrder"})
    assert _conditions(found)["StartupPolicyCompleted"] == ("True", "InOrderStartupPolicyCompleted")
    assert _conditions(found)["StartupPolicyInProgress"][0] == "False"


def test_it_makes_the_claims_that_its_jobs_share(cluster: Any, namespace: str) -> None:
    template = {
        "metadata": {"name": "shared"},
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": "1Mi"}},
        },
    }
    first = _job("first", "echo state > /shared/last")
    then = _job("then", "cat /shared/last", dependsOn=[{"name": "first", "status": "Complete"}])
    for each in (first, then):
        (container,) = each["template"]["spec"]["template"]["spec"]["containers"]
        container["volumeMounts"] = [{"name": "shared", "mountPath": "/shared"}]
    _run(cluster, namespace, [first, then], volumeClaimPolicies=[{"templates": [template]}])
    (pod,) = cluster.core.list_namespaced_pod(
        namespace, label_selector="jobset.sigs.k8s.io/replicatedjob-name=then"
    ).items
    assert cluster.log(namespace, pod.metadata.name) == "state\n"
    assert pod.metadata.labels["jobset.sigs.k8s.io/group-name"] == "default"
    cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "jobsets", "set")
    cluster.wait_for(
        lambda: cluster.core.list_namespaced_persistent_volume_claim(namespace).items,
        lambda left: not left,
    )


def test_it_goes_when_its_time_has_come(cluster: Any, namespace: str) -> None:
    body = {
        "apiVersion": "/".join(GROUP),
        "kind": "JobSet",
        "metadata": {"name": "goes"},
        "spec": {"replicatedJobs": [_job("work", "true")], "ttlSecondsAfterFinished": 0},
    }
    cluster.custom.create_namespaced_custom_object(*GROUP, namespace, "jobsets", body)
    cluster.wait_for(
        lambda: cluster.custom.list_namespaced_custom_object(*GROUP, namespace, "jobsets")["items"],
        lambda left: not left,
    )
    cluster.wait_for(
        lambda: cluster.core.list_namespaced_pod(namespace).items, lambda pods: not pods
    )
