"""Initializers of TrainJobs from paths of this machine: a step before the nodes puts ``dataset`` and ``model`` into the folder that they share.

The folder is a claim of the TrainJob, ``/workspace`` to its containers as in Trainer. What it holds are links, so nothing is copied, whatever its size.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from jupyterlab_kubeflow.local.jobs.controller import owner_reference

Body = dict[str, Any]
STEPS = {"dataset": "dataset-initializer", "model": "model-initializer"}
_WORKSPACE = "/workspace"
_VOLUME = "initializer"
_LINK = """
import os, sys, urllib.parse
address, target = os.environ["STORAGE_URI"], sys.argv[1]
if os.path.lexists(target):
    os.unlink(target)
os.symlink(urllib.parse.unquote(urllib.parse.urlsplit(address).path), target)
print(address, "is", os.path.basename(target))
"""
"""Reads the path from the address: in arguments, paths of volumes are replaced."""


def wanted(job: Body) -> dict[str, Body]:
    """The initializers of a TrainJob by what they bring: ``dataset``, ``model``."""
    given = job["spec"].get("initializer") or {}
    return {name: given[name] for name in STEPS if given.get(name)}


def path_of(initializer: Body) -> Path | None:
    """The path of this machine that an initializer names (``file:///PATH``); None for another address."""
    address = urlsplit(str(initializer.get("storageUri") or ""))
    if address.scheme != "file" or address.netloc not in ("", "localhost"):
        return None
    return Path(unquote(address.path))


def problem(job: Body) -> str | None:
    """Why a TrainJob's initializers cannot run here, with the field and what to do."""
    for name, each in wanted(job).items():
        field = f"spec.initializer.{name}.storageUri"
        path = path_of(each)
        if path is None:
            return f"{field}: Local Kubeflow takes file:///PATH only: download it, or read {each.get('storageUri')!r} in the training code"
        if not path.exists():
            return f"{field}: {path} is not there"
    return None


def claim(job: Body) -> Body:
    """The claim of the folder that the steps of a TrainJob share."""
    meta = job["metadata"]
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": claim_name(job),
            "namespace": meta["namespace"],
            "ownerReferences": [owner_reference(job)],
        },
        "spec": {
            "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": "1Mi"}},
        },
    }


def claim_name(job: Body) -> str:
    """Of :func:`claim`: another one for a TrainJob made again under the same name."""
    return f"{job['metadata']['name']}-initializer-{job['metadata']['uid'][:8]}"


def add(template: Body, job: Body, ancestor: str) -> None:
    """Puts the steps before the nodes of a JobSet's template, in place, and the folder into all of them. Steps of the runtime's own are replaced."""
    steps = wanted(job)
    if not steps:
        return
    names = {STEPS[each] for each in steps}
    jobs = [each for each in template["spec"]["replicatedJobs"] if each["name"] not in names]
    for each in jobs:
        labels = ((each.get("template") or {}).get("metadata") or {}).get("labels") or {}
        if labels.get(ancestor) != "trainer":
            continue
        held = [one for one in each.get("dependsOn") or () if one["name"] not in names]
        after = [{"name": name, "status": "Complete"} for name in sorted(names)]
        each["dependsOn"] = [*held, *after]
        pod = each["template"]["spec"]["template"]["spec"]
        _mount(pod, job)
    made = [_step(each, steps[each], job, ancestor) for each in steps]
    template["spec"]["replicatedJobs"] = [*made, *jobs]


def _step(name: str, initializer: Body, job: Body, ancestor: str) -> Body:
    container = {
        "name": STEPS[name],
        "image": f"ghcr.io/kubeflow/trainer/{STEPS[name]}",
        "command": ["python", "-c", _LINK, f"{_WORKSPACE}/{name}"],
        "env": [
            {"name": "STORAGE_URI", "value": initializer["storageUri"]},
            *(initializer.get("env") or []),
        ],
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    pod: Body = {"restartPolicy": "Never", "containers": [container]}
    _mount(pod, job)
    return {
        "name": STEPS[name],
        "replicas": 1,
        "template": {
            "metadata": {"labels": {ancestor: STEPS[name]}},
            "spec": {"backoffLimit": 0, "template": {"spec": pod}},
        },
    }


def _mount(pod: Body, job: Body) -> None:
    source = {"persistentVolumeClaim": {"claimName": claim_name(job)}}
    volumes = [each for each in pod.get("volumes") or () if each["name"] != _VOLUME]
    pod["volumes"] = [*volumes, {"name": _VOLUME, **source}]
    for container in pod["containers"]:
        mounts = [each for each in container.get("volumeMounts") or () if each["name"] != _VOLUME]
        container["volumeMounts"] = [*mounts, {"name": _VOLUME, "mountPath": _WORKSPACE}]
