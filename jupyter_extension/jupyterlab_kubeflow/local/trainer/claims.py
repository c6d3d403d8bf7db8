"""The persistent volume claims that a JobSet makes for its pods by ``volumeClaimPolicies``. Pure."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from jupyterlab_kubeflow.local.jobs.controller import owner_reference

Body = dict[str, Any]


def make(job_set: Body) -> list[Body]:
    """The claims. Those that are not to be kept go with the JobSet."""
    found = []
    for policy, template in _templates(job_set):
        meta = template.get("metadata") or {}
        labels = {
            **(meta.get("labels") or {}),
            "jobset.sigs.k8s.io/jobset-name": job_set["metadata"]["name"],
        }
        body: Body = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {
                "name": _name(job_set, template),
                "namespace": job_set["metadata"]["namespace"],
                "labels": labels,
                "annotations": dict(meta.get("annotations") or {}),
            },
            "spec": copy.deepcopy(template["spec"]),
        }
        if (policy.get("retentionPolicy") or {}).get("whenDeleted", "Delete") == "Delete":
            body["metadata"]["ownerReferences"] = [owner_reference(job_set)]
        found.append(body)
    return found


def mount(pod: Body, job_set: Body) -> None:
    """Gives a pod's spec the volumes of the claims that its containers mount, in place."""
    containers = [*(pod.get("initContainers") or ()), *(pod.get("containers") or ())]
    mounted = {one["name"] for each in containers for one in each.get("volumeMounts") or ()}
    for _, template in _templates(job_set):
        name = template["metadata"]["name"]
        if name in mounted:
            claim = {"persistentVolumeClaim": {"claimName": _name(job_set, template)}}
            pod["volumes"] = [*(pod.get("volumes") or ()), {"name": name, **claim}]


def _name(job_set: Body, template: Body) -> str:
    return f"{template['metadata']['name']}-{job_set['metadata']['name']}"


def _templates(job_set: Body) -> Iterator[tuple[Body, Body]]:
    for policy in job_set["spec"].get("volumeClaimPolicies") or ():
        for template in policy.get("templates") or ():
            yield policy, template
