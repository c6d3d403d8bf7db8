"""The Jobs of a JobSet: their names, labels and order as JobSet makes them. Pure."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

from jupyterlab_kubeflow.local.jobs.controller import owner_reference
from jupyterlab_kubeflow.local.jobs.times import holds

Body = dict[str, Any]
PREFIX = "jobset.sigs.k8s.io/"
NAME = f"{PREFIX}jobset-name"
REPLICATED = f"{PREFIX}replicatedjob-name"
ATTEMPT = f"{PREFIX}restart-attempt"


def make(job_set: Body, attempt: int) -> list[Body]:
    """All Jobs of the JobSet's present attempt, in order."""
    found: list[Body] = []
    jobs = job_set["spec"].get("replicatedJobs") or []
    total = sum(each.get("replicas", 1) for each in jobs)
    for replicated in jobs:
        for index in range(replicated.get("replicas", 1)):
            found.append(_job(job_set, replicated, index, len(found), total, attempt))
    return found


def _job(job_set: Body, replicated: Body, index: int, place: int, total: int, attempt: int) -> Body:
    meta = job_set["metadata"]
    name = f"{meta['name']}-{replicated['name']}-{index}"
    key = hashlib.sha1(f"{meta['namespace']}/{name}".encode(), usedforsecurity=False).hexdigest()
    told = {
        NAME: meta["name"],
        f"{PREFIX}jobset-uid": meta["uid"],
        REPLICATED: replicated["name"],
        ATTEMPT: str(attempt),
        f"{PREFIX}replicatedjob-replicas": str(replicated.get("replicas", 1)),
        f"{PREFIX}global-replicas": str(total),
        f"{PREFIX}job-index": str(index),
        f"{PREFIX}job-key": key,
        f"{PREFIX}job-global-index": str(place),
    }
    template = copy.deepcopy(replicated["template"])
    spec = template["spec"]
    spec["suspend"] = bool(job_set["spec"].get("suspend"))
    network = job_set["spec"].get("network") or {}
    if network.get("enableDNSHostnames", True):
        spec["template"].setdefault("spec", {})["subdomain"] = network.get(
            "subdomain", meta["name"]
        )
    for told_in in (template, spec["template"]):
        own = told_in.setdefault("metadata", {})
        for field in ("labels", "annotations"):
            own[field] = {**(own.get(field) or {}), **told}
    template["metadata"].update(
        name=name, namespace=meta["namespace"], ownerReferences=[owner_reference(job_set)]
    )
    return {"apiVersion": "batch/v1", "kind": "Job", **template}


def statuses(job_set: Body, jobs: list[Body]) -> list[Body]:
    """``replicatedJobsStatus``."""
    found = []
    for replicated in job_set["spec"].get("replicatedJobs") or ():
        count = dict.fromkeys(("ready", "succeeded", "failed", "active", "suspended"), 0)
        for job in jobs:
            if (job["metadata"].get("labels") or {}).get(REPLICATED) != replicated["name"]:
                continue
            status, spec = job.get("status") or {}, job["spec"]
            if holds(status, "Complete"):
                count["succeeded"] += 1
            elif holds(status, "Failed"):
                count["failed"] += 1
            else:
                pods = min(
                    spec.get("parallelism", 1),
                    spec.get("completions") or spec.get("parallelism", 1),
                )
                count["ready"] += status.get("succeeded", 0) + status.get("ready", 0) >= pods
                count["active"] += status.get("active", 0) > 0
                count["suspended"] += bool(spec.get("suspend"))
        found.append({"name": replicated["name"], **count})
    return found


def may_start(job_set: Body, name: str, told: list[Body]) -> bool:
    """Whether the Jobs of a replicated job may start, by what it depends on and the startup policy."""
    spec = job_set["spec"]
    jobs = spec.get("replicatedJobs") or []
    count = {each["name"]: each.get("replicas", 1) for each in jobs}
    by_name = {each["name"]: each for each in told}

    def reached(other: str, state: str) -> bool:
        status = by_name[other]
        if state == "Complete":
            return bool(status["succeeded"] >= count[other])
        return bool(status["ready"] + status["succeeded"] + status["failed"] >= count[other])

    own = next(each for each in jobs if each["name"] == name)
    for needed in own.get("dependsOn") or ():
        if not reached(needed["name"], needed.get("status", "Ready")):
            return False
    if (spec.get("startupPolicy") or {}).get("startupPolicyOrder") == "InOrder":
        before = [each["name"] for each in jobs][: jobs.index(own)]
        return all(reached(each, "Ready") for each in before)
    return True
