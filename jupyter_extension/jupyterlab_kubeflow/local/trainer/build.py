"""The JobSet of a TrainJob: its runtime's template with the job's own values and the launch convention of the runtime. Pure.

As Trainer's plugins do it (``pkg/runtime/framework/plugins`` of v2.3). The nodes reach one another on loopback, so each job has a port of its own.
"""

from __future__ import annotations

import copy
import math
import os
from typing import Any

from jupyterlab_kubeflow.local.jobs.controller import owner_reference
from jupyterlab_kubeflow.local.quantities import amount

from . import initializers
from .runtimes import ANCESTOR

Body = dict[str, Any]
_NODE = "node"
_INDEX = "batch.kubernetes.io/job-completion-index"


def job_set(job: Body, runtime: Body, port: int, variables: dict[str, str]) -> Body:
    """The JobSet. ``port``: for the rendezvous of its nodes; ``variables`` are for all containers of the trainer."""
    spec = runtime["spec"]
    template = copy.deepcopy(spec["template"])
    for patch in job["spec"].get("runtimePatches") or ():
        wanted = (patch.get("trainingRuntimeSpec") or {}).get("template") or {}
        template = merged(template, wanted)
    initializers.add(template, job, ANCESTOR)
    policy = spec.get("mlPolicy") or {}
    trainer = job["spec"].get("trainer") or {}
    nodes = _nodes(job, runtime)
    replicated = template["spec"]["replicatedJobs"]
    own = [each for each in replicated if _step(each) == "trainer"]
    resources = trainer.get("resourcesPerNode") or _resources(own)
    launch = _launch(job, policy, trainer, resources, nodes, port)
    for each in own:
        _trainer(each, trainer, nodes, port, variables, launch)
    _inject(replicated, policy, launch)
    meta = template.get("metadata") or {}
    body: Body = {
        "apiVersion": "jobset.x-k8s.io/v1alpha2",
        "kind": "JobSet",
        "metadata": {
            "name": job["metadata"]["name"],
            "namespace": job["metadata"]["namespace"],
            "ownerReferences": [owner_reference(job)],
        },
        "spec": {**template["spec"], "suspend": bool(job["spec"].get("suspend"))},
    }
    for field in ("labels", "annotations"):
        if held := {**(job["metadata"].get(field) or {}), **(meta.get(field) or {})}:
            body["metadata"][field] = held
    return body


def size(job: Body, runtime: Body) -> tuple[int, int]:
    """The nodes of a TrainJob, and the processes that the launch convention of its runtime begins on each."""
    spec = runtime["spec"]
    if "torch" not in (spec.get("mlPolicy") or {}):
        return _nodes(job, runtime), 1
    trainer = job["spec"].get("trainer") or {}
    own = [each for each in spec["template"]["spec"]["replicatedJobs"] if _step(each) == "trainer"]
    each = _processes(trainer, trainer.get("resourcesPerNode") or _resources(own))
    return _nodes(job, runtime), int(each) if each.isdigit() else os.cpu_count() or 1


def _nodes(job: Body, runtime: Body) -> int:
    given = (job["spec"].get("trainer") or {}).get("numNodes")
    return int(given or (runtime["spec"].get("mlPolicy") or {}).get("numNodes") or 1)


def _step(replicated: Body) -> str:
    """The step of a TrainJob that a replicated job is."""
    meta = (replicated.get("template") or {}).get("metadata") or {}
    return str((meta.get("labels") or {}).get(ANCESTOR, ""))


def _resources(own: list[Body]) -> Body:
    """What the runtime gives a node."""
    for each in own:
        for container in each["template"]["spec"]["template"]["spec"]["containers"]:
            if container["name"] == _NODE:
                return container.get("resources") or {}
    return {}


def _inject(replicated: list[Body], policy: Body, launch: list[Body]) -> None:
    """Gives the launch variables to further containers that the torch policy names."""
    injection = (policy.get("torch") or {}).get("envInjection") or {}
    for target in injection.get("targets") or ():
        for each in replicated:
            if each["name"] != target.get("jobName"):
                continue
            pod = each["template"]["spec"]["template"]["spec"]
            for container in [*(pod.get("initContainers") or ()), *pod["containers"]]:
                if container["name"] in (target.get("containerNames") or ()):
                    _put(container, launch)


def _trainer(
    replicated: Body,
    trainer: Body,
    nodes: int,
    port: int,
    variables: dict[str, str],
    launch: list[Body],
) -> None:
    replicated["replicas"] = 1
    inner = replicated["template"]["spec"]
    inner["parallelism"] = inner["completions"] = nodes
    for container in inner["template"]["spec"]["containers"]:
        _put(container, [_value(*each) for each in variables.items()])
        if container["name"] != _NODE:
            continue
        for field in ("image", "command", "args"):
            if trainer.get(field):
                container[field] = trainer[field]
        if trainer.get("resourcesPerNode"):
            container["resources"] = merged(
                container.get("resources") or {}, trainer["resourcesPerNode"]
            )
        _put(container, trainer.get("env") or [])
        if launch:
            _put(container, launch)
            container.setdefault("ports", []).append({"containerPort": port})


def _launch(
    job: Body, policy: Body, trainer: Body, resources: Body, nodes: int, port: int
) -> list[Body]:
    """The variables by which a runtime's nodes find one another."""
    name = job["metadata"]["name"]
    first = f"{name}-{_NODE}-0-0.{name}"
    rank = {"fieldRef": {"fieldPath": f"metadata.annotations['{_INDEX}']"}}
    if "torch" in policy:
        return [
            _value("PET_NNODES", str(nodes)),
            _value("PET_NPROC_PER_NODE", _processes(trainer, resources)),
            {"name": "PET_NODE_RANK", "valueFrom": rank},
            _value("PET_MASTER_ADDR", first),
            _value("PET_MASTER_PORT", str(port)),
        ]
    if "xgboost" in policy:
        workers = nodes * max(1, _asked(resources, "nvidia.com/gpu"))
        return [
            _value("DMLC_TRACKER_URI", first),
            _value("DMLC_TRACKER_PORT", str(port)),
            {"name": "DMLC_TASK_ID", "valueFrom": rank},
            _value("DMLC_NUM_WORKER", str(workers)),
        ]
    return []


def _processes(trainer: Body, resources: Body) -> str:
    """torchrun's processes on each node: as given, else ``auto`` with GPUs, else the cores that a node asks for."""
    if given := trainer.get("numProcPerNode"):
        return str(given)
    if _asked(resources, "nvidia.com/gpu"):
        return "auto"
    return str(max(1, _asked(resources, "cpu")))


def _asked(resources: Body, name: str) -> int:
    for kind in ("requests", "limits"):
        given = (resources.get(kind) or {}).get(name)
        if given is not None:
            return math.ceil(amount(given))
    return 0


def _value(name: str, value: str) -> Body:
    return {"name": name, "value": value}


def _put(container: Body, env: list[Body]) -> None:
    """Sets variables; those of the same name are replaced."""
    names = {each["name"] for each in env}
    kept = [each for each in container.get("env") or () if each["name"] not in names]
    if kept or env:
        container["env"] = [*kept, *copy.deepcopy(env)]


def merged(base: Any, patch: Any) -> Any:
    """A strategic merge: objects by their fields, lists of named things by name (mounts by path), everything else replaced."""
    if isinstance(base, dict) and isinstance(patch, dict):
        found = dict(base)
        for name, value in patch.items():
            found[name] = merged(base[name], value) if name in base else copy.deepcopy(value)
        return found
    if isinstance(base, list) and isinstance(patch, list):
        for key in ("mountPath", "name"):
            both = [*base, *patch]
            if all(isinstance(each, dict) and key in each for each in both):
                held = {each[key]: each for each in base}
                for each in patch:
                    before = held.get(each[key])
                    held[each[key]] = merged(before, each) if before else copy.deepcopy(each)
                return list(held.values())
    return copy.deepcopy(patch)
