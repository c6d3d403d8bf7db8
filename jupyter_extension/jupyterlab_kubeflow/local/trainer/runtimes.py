"""The ClusterTrainingRuntimes that a new home has, and the runtimes that TrainJobs refer to."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError

Body = dict[str, Any]
GROUP = "trainer.kubeflow.org"
VERSION = f"{GROUP}/v1alpha1"
FRAMEWORK = f"{GROUP}/framework"
ANCESTOR = f"{GROUP}/trainjob-ancestor-step"
_SYSTEM = "kubeflow-system"
_PUBLIC = "kubeflow-trainer-public"
_TRAINER = "2.3.0"

_SHIPPED: tuple[tuple[str, str, str, Body], ...] = (
    ("python-distributed", "python", "python", {}),
    ("torch-distributed", "torch", "pytorch/pytorch", {"torch": {}}),
    ("xgboost-distributed", "xgboost", "ghcr.io/kubeflow/trainer/xgboost-runtime", {"xgboost": {}}),
)


def shipped() -> list[Body]:
    """The runtimes in the form in which Trainer ships its own. A node that fails ends its job: there is no other machine to try.

    The end of its log is then in its status, so whoever looks at the pod sees why.
    """
    return [_runtime(*each) for each in _SHIPPED]


def _runtime(name: str, framework: str, image: str, source: Body) -> Body:
    node = {"name": "node", "image": image, "terminationMessagePolicy": "FallbackToLogsOnError"}
    pod = {"restartPolicy": "Never", "containers": [node]}
    job = {
        "name": "node",
        "template": {
            "metadata": {"labels": {ANCESTOR: "trainer"}},
            "spec": {"backoffLimit": 0, "template": {"spec": pod}},
        },
    }
    return {
        "apiVersion": VERSION,
        "kind": "ClusterTrainingRuntime",
        "metadata": {"name": name, "labels": {FRAMEWORK: framework}},
        "spec": {
            "mlPolicy": {"numNodes": 1, **source},
            "template": {"spec": {"replicatedJobs": [job]}},
        },
    }


async def install(client: Client) -> None:
    """Makes the runtimes at the first start only, so that what a user has changed or removed stays so."""
    config = client.kind("v1", "ConfigMap")
    kind = client.kind(VERSION, "ClusterTrainingRuntime")
    with suppress(StatusError):
        client.get(config, _SYSTEM, _PUBLIC)
        return
    for body in shipped():
        with suppress(StatusError):  # the user has one of this name
            await client.create(kind, "", body)
    mark = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": _PUBLIC, "namespace": _SYSTEM},
        "data": {"kubeflow_trainer_version": _TRAINER},
    }
    await client.create(config, _SYSTEM, mark)


def runtime_of(client: Client, job: Body) -> Body | None:
    """The runtime that a TrainJob refers to."""
    reference = job["spec"]["runtimeRef"]
    name = reference.get("kind", "ClusterTrainingRuntime")
    with suppress(StatusError, KeyError):
        kind = client.kind(VERSION, name)
        namespace = job["metadata"]["namespace"] if kind.namespaced else ""
        return client.get(kind, namespace, reference["name"])
    return None
