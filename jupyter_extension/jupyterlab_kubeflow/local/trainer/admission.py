"""What is refused when it is made, since this machine cannot run it."""

from __future__ import annotations

import importlib.util
import os
import re
from typing import Any

from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.kinds import Kind

from . import build, initializers
from .runtimes import FRAMEWORK, GROUP, runtime_of

Body = dict[str, Any]
_WEBHOOK = "validator.trainjob.trainer.kubeflow.org"
_OF_JOB_SETS = "vjobset.kb.io"
_A_CORE, _LEAST = 16, 32
"""How many processes this machine may start together, for each of its cores, and in any case."""

_PACKAGES = {
    "torch": "torch",
    "torchtune": "torchtune",
    "xgboost": "xgboost",
    "jax": "jax",
    "deepspeed": "deepspeed",
    "mlx": "mlx",
}
"""The package by which a framework is there: as it is imported and, but for its variants (``xgboost-cpu``), as it is installed."""


class Admission:
    """Refuses TrainJobs that this machine cannot run, and JobSets of more pods than it can start together, when they are made."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def __call__(self, kind: Kind, body: Body) -> None:
        """Raises 403 in the words of Trainer's webhook, with what to install."""
        if kind.resource == "jobsets.jobset.x-k8s.io":
            _check_pods(body)
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
        _check_nodes(body, runtime)
        if said := initializers.problem(body):
            raise _refused(said)
        reserved = {"torch": "PET_", "xgboost": "DMLC_"}
        for number, each in enumerate((body["spec"].get("trainer") or {}).get("env") or ()):
            for source, prefix in reserved.items():
                if source in policy and each["name"].startswith(prefix):
                    raise _refused(
                        f"spec.trainer.env[{number}]: Forbidden: {each['name']} is reserved for the {source} runtime"
                    )


def _check_nodes(job: Body, runtime: Body) -> None:
    nodes, each = build.size(job, runtime)
    what = f"{nodes} node{'s' if nodes > 1 else ''}{f' of {each} processes' if each > 1 else ''}"
    if said := _too_many(nodes * each, what):
        raise _refused(f"spec.trainer.{'numNodes' if nodes > 1 else 'numProcPerNode'}: {said}")


def _check_pods(job_set: Body) -> None:
    for number, each in enumerate(job_set["spec"].get("replicatedJobs") or ()):
        spec = each["template"]["spec"]
        together = 1 if spec.get("parallelism") is None else spec["parallelism"]
        if spec.get("completions") is not None:
            together = min(together, spec["completions"])
        if said := _too_many(together, f"{together} pods"):
            field = f"spec.replicatedJobs[{number}].template.spec.parallelism"
            raise _refused(f"{field}: {said}", _OF_JOB_SETS)


def _too_many(processes: int, what: str) -> str | None:
    """What is wrong with so many processes at once: the pods of a Job of a JobSet all start together, however few cores there are."""
    cores = os.cpu_count() or 1
    most = max(_LEAST, _A_CORE * cores)
    if processes <= most:
        return None
    return (
        f"this machine with {cores} cores starts at most {most} processes together ({_A_CORE} for each core, at least {_LEAST}), not {what}: "
        "take fewer, or run it on a cluster"
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


def _refused(said: str, webhook: str = _WEBHOOK) -> StatusError:
    return StatusError(
        403, "Forbidden", f'admission webhook "{webhook}" denied the request: {said}'
    )
