"""The ClusterTrainingRuntimes that a new home has, and what of them this machine can run."""

from __future__ import annotations

import importlib.util
import re
from contextlib import suppress
from typing import Any

from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.kinds import Kind

from . import initializers

Body = dict[str, Any]
GROUP = "trainer.kubeflow.org"
VERSION = f"{GROUP}/v1alpha1"
FRAMEWORK = f"{GROUP}/framework"
ANCESTOR = f"{GROUP}/trainjob-ancestor-step"
_SYSTEM = "kubeflow-system"
_PUBLIC = "kubeflow-trainer-public"
_TRAINER = "2.3.0"
_WEBHOOK = "validator.trainjob.trainer.kubeflow.org"

_SHIPPED: tuple[tuple[str, str, str, Body], ...] = (
    ("python-distributed", "python", "python", {}),
    ("torch-distributed", "torch", "pytorch/pytorch", {"torch": {}}),
    ("xgboost-distributed", "xgboost", "ghcr.io/kubeflow/trainer/xgboost-runtime", {"xgboost": {}}),
)
_PACKAGES = {
    "torch": "torch",
    "torchtune": "torchtune",
    "xgboost": "xgboost",
    "jax": "jax",
    "deepspeed": "deepspeed",
    "mlx": "mlx",
}
"""The package by which a framework is there: as it is imported and, but for its variants (``xgboost-cpu``), as it is installed."""


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


class Admission:
    """Refuses TrainJobs that this machine cannot run, when they are made."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, kind: Kind, body: Body) -> None:
        """Raises 403 in the words of Trainer's webhook, with what to install."""
        if kind.resource != f"trainjobs.{GROUP}":
            return
        runtime = runtime_of(self._client, body)
        if runtime is None:
            return
        framework = (runtime["metadata"].get("labels") or {}).get(FRAMEWORK, "")
        policy = runtime["spec"].get("mlPolicy") or {}
        missing = _PACKAGES.get(framework)
        if missing and not _is_here(missing) and not _installs(body, missing):
            raise _refused(
                f"spec.runtimeRef: the runtime {runtime['metadata']['name']!r} needs the package {missing}, which Local Kubeflow's Python does not have: "
                f"`pip install {missing}`"
            )
        for source in ("mpi", "flux", "jax"):
            if source in policy:
                raise _refused(
                    f"spec.runtimeRef: Local Kubeflow does not launch by mlPolicy.{source}: use a runtime with torch, xgboost or plain Python, or a cluster"
                )
        if said := initializers.problem(body):
            raise _refused(said)
        reserved = {"torch": "PET_", "xgboost": "DMLC_"}
        for number, each in enumerate((body["spec"].get("trainer") or {}).get("env") or ()):
            for source, prefix in reserved.items():
                if source in policy and each["name"].startswith(prefix):
                    raise _refused(
                        f"spec.trainer.env[{number}]: Forbidden: {each['name']} is reserved for the {source} runtime"
                    )


def _is_here(package: str) -> bool:
    importlib.invalidate_caches()  # it may have been installed since
    return importlib.util.find_spec(package) is not None


def _installs(job: Body, package: str) -> bool:
    """Whether the command of a TrainJob installs the package itself, as the SDK's do for ``packages_to_install``."""
    trainer = job["spec"].get("trainer") or {}
    script = "\n".join([*(trainer.get("command") or ()), *(trainer.get("args") or ())])
    named = rf"(?m)^.*(?:\bpip3? install\b|\bPACKAGES=).*\b{re.escape(package)}(?!\w)"
    return re.search(named, script) is not None


def _refused(said: str) -> StatusError:
    return StatusError(
        403, "Forbidden", f'admission webhook "{_WEBHOOK}" denied the request: {said}'
    )
