"""What tests of TrainJobs share."""

from __future__ import annotations

from typing import Any

from kubernetes.client.exceptions import ApiException

GROUP = ("trainer.kubeflow.org", "v1alpha1")


OWN = {"name": "own", "kind": "TrainingRuntime"}
"""Refers to the runtime that ``make_runtime`` makes."""


def create(cluster: Any, namespace: str, name: str, spec: dict[str, Any]) -> None:
    """Makes a TrainJob."""
    body = {
        "apiVersion": "/".join(GROUP),
        "kind": "TrainJob",
        "metadata": {"name": name},
        "spec": spec,
    }
    cluster.custom.create_namespaced_custom_object(*GROUP, namespace, "trainjobs", body)


def make(cluster: Any, namespace: str, name: str, script: str, **spec: Any) -> None:
    """Makes a TrainJob of plain Python whose nodes run ``script``; ``trainer`` and other fields of its spec come on top."""
    trainer = {"command": ["python", "-u", "-c", script], **spec.pop("trainer", {})}
    plain = {"runtimeRef": {"name": "python-distributed"}, "trainer": trainer, **spec}
    create(cluster, namespace, name, plain)


def runtime_spec(cluster: Any, name: str) -> dict[str, Any]:
    """The spec of a runtime of the cluster, to make another one like it."""
    found = cluster.custom.get_cluster_custom_object(*GROUP, "clustertrainingruntimes", name)
    return dict(found["spec"])


def make_runtime(
    cluster: Any,
    namespace: str,
    spec: dict[str, Any],
    *,
    name: str = OWN["name"],
    framework: str | None = None,
) -> None:
    """Makes a TrainingRuntime, with the label that the SDK needs where a framework is named."""
    labels = {"trainer.kubeflow.org/framework": framework} if framework else {}
    body = {
        "apiVersion": "/".join(GROUP),
        "kind": "TrainingRuntime",
        "metadata": {"name": name, "labels": labels},
        "spec": spec,
    }
    cluster.custom.create_namespaced_custom_object(*GROUP, namespace, "trainingruntimes", body)


def wait(cluster: Any, namespace: str, name: str, fits: Any) -> dict[str, Any]:
    def read() -> Any:
        return cluster.custom.get_namespaced_custom_object(*GROUP, namespace, "trainjobs", name)

    return dict(cluster.wait_for(read, fits))


def suspend(cluster: Any, namespace: str, name: str, value: bool) -> None:
    """Suspends or resumes it."""
    patch = {"spec": {"suspend": value}}
    cluster.custom.patch_namespaced_custom_object(*GROUP, namespace, "trainjobs", name, patch)


def holds(kind: str, status: str = "True") -> Any:
    """Whether a condition is so."""
    return lambda job: any(
        each["type"] == kind and each["status"] == status
        for each in job.get("status", {}).get("conditions", ())
    )


def pods(cluster: Any, namespace: str, name: str) -> list[Any]:
    """The pods of a TrainJob."""
    selector = f"jobset.sigs.k8s.io/jobset-name={name}"
    return list(cluster.core.list_namespaced_pod(namespace, label_selector=selector).items)


def says(cluster: Any, namespace: str, name: str, words: str) -> str:
    """The log of the only node once it has the words."""

    def read() -> str:
        for pod in pods(cluster, namespace, name):
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


def with_claim(cluster: Any, namespace: str) -> list[dict[str, Any]]:
    """A claim, and the ``runtimePatches`` by which nodes have it at ``/checkpoints``."""
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
