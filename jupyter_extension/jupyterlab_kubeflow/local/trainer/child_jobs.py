"""The Jobs of a JobSet: their names, labels and order as JobSet makes them. Pure."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

from jupyterlab_kubeflow.local.jobs.controller import owner_reference
from jupyterlab_kubeflow.local.jobs.times import holds

from . import claims

Body = dict[str, Any]
PREFIX = "jobset.sigs.k8s.io/"
NAME = f"{PREFIX}jobset-name"
REPLICATED = f"{PREFIX}replicatedjob-name"
INDEX = f"{PREFIX}job-index"
ATTEMPT = f"{PREFIX}restart-attempt"
JOB_ATTEMPT = f"{PREFIX}job-restart-attempt"
"""The attempt of the one Job, where a failure policy restarts single ones."""


def make(job_set: Body, status: Body) -> list[Body]:
    """All Jobs of the JobSet's present attempt, in order."""
    found: list[Body] = []
    jobs = job_set["spec"].get("replicatedJobs") or []
    for replicated in jobs:
        for index in range(replicated.get("replicas", 1)):
            found.append(_job(job_set, status, replicated, index))
    return found


def present(job: Body, status: Body) -> bool:
    """Whether a Job is of the present attempt; the others have to go."""
    labels = job["metadata"]["labels"]
    if labels.get(ATTEMPT) != str(status.get("restarts", 0)):
        return False
    attempt = _attempt(status, labels[REPLICATED], int(labels[INDEX]))
    return int(labels.get(JOB_ATTEMPT, 0)) >= attempt


def _attempt(status: Body, name: str, index: int) -> int:
    for each in status.get("replicatedJobsStatus") or ():
        if each["name"] == name and each.get("jobRestarts"):
            return int(each["jobRestarts"][index])
    return 0


def _job(job_set: Body, status: Body, replicated: Body, index: int) -> Body:
    meta, spec = job_set["metadata"], job_set["spec"]
    name = f"{meta['name']}-{replicated['name']}-{index}"
    key = hashlib.sha1(f"{meta['namespace']}/{name}".encode(), usedforsecurity=False).hexdigest()
    jobs = spec["replicatedJobs"]
    group = replicated.get("groupName", "default")
    members = [each for each in jobs if each.get("groupName", "default") == group]
    told = {
        NAME: meta["name"],
        f"{PREFIX}jobset-uid": meta["uid"],
        REPLICATED: replicated["name"],
        ATTEMPT: str(status.get("restarts", 0)),
        f"{PREFIX}replicatedjob-replicas": str(replicated.get("replicas", 1)),
        f"{PREFIX}global-replicas": str(_replicas(jobs)),
        INDEX: str(index),
        f"{PREFIX}job-key": key,
        f"{PREFIX}job-global-index": str(_replicas(jobs[: jobs.index(replicated)]) + index),
        f"{PREFIX}group-name": group,
        f"{PREFIX}group-replicas": str(_replicas(members)),
        f"{PREFIX}job-group-index": str(_replicas(members[: members.index(replicated)]) + index),
    }
    if attempt := _attempt(status, replicated["name"], index):
        told[JOB_ATTEMPT] = str(attempt)
    network = spec.get("network") or {}
    subdomain = network.get("subdomain") or meta["name"]
    if first := spec.get("coordinator"):
        told[f"{PREFIX}coordinator"] = (
            f"{meta['name']}-{first['replicatedJob']}-{first.get('jobIndex', 0)}-{first.get('podIndex', 0)}.{subdomain}"
        )
    template = copy.deepcopy(replicated["template"])
    inner = template["spec"]
    inner["suspend"] = bool(spec.get("suspend"))
    pod = inner["template"].setdefault("spec", {})
    if network.get("enableDNSHostnames", True):
        pod["subdomain"] = subdomain
    claims.mount(pod, job_set)
    for told_in in (template, inner["template"]):
        own = told_in.setdefault("metadata", {})
        for field in ("labels", "annotations"):
            own[field] = {**(own.get(field) or {}), **told}
    template["metadata"].update(
        name=name, namespace=meta["namespace"], ownerReferences=[owner_reference(job_set)]
    )
    return {"apiVersion": "batch/v1", "kind": "Job", **template}


def _replicas(jobs: list[Body]) -> int:
    return sum(each.get("replicas", 1) for each in jobs)


def statuses(job_set: Body, jobs: list[Body], before: list[Body]) -> list[Body]:
    """``replicatedJobsStatus``; restarts of single Jobs are as they were ``before``."""
    found = []
    kept = {each["name"]: each for each in before}
    for replicated in job_set["spec"].get("replicatedJobs") or ():
        count: dict[str, int] = dict.fromkeys(
            ("ready", "succeeded", "failed", "active", "suspended"), 0
        )
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
        restarts: Body = {
            field: kept[replicated["name"]][field]
            for field in ("jobRestarts", "jobRestartsCountTowardsMax")
            if field in kept.get(replicated["name"], {})
        }
        found.append({"name": replicated["name"], **count, **restarts})
    return found


def may_start(job_set: Body, name: str, told: list[Body]) -> bool:
    """Whether the Jobs of a replicated job may be made, by what it depends on and, unless all is suspended, by the startup policy."""
    spec = job_set["spec"]
    jobs = spec.get("replicatedJobs") or []
    own = next(each for each in jobs if each["name"] == name)
    for needed in own.get("dependsOn") or ():
        if not _reached(spec, needed["name"], needed.get("status", "Ready"), told):
            return False
    if in_order(job_set) and not spec.get("suspend"):
        before = jobs[: jobs.index(own)]
        return all(_reached(spec, each["name"], "Ready", told) for each in before)
    return True


def in_order(job_set: Body) -> bool:
    """Whether replicated jobs start one after the other."""
    policy = job_set["spec"].get("startupPolicy") or {}
    return bool(policy.get("startupPolicyOrder") == "InOrder")


def started(job_set: Body, told: list[Body]) -> bool:
    """Whether all Jobs have started."""
    spec = job_set["spec"]
    jobs = spec.get("replicatedJobs") or ()
    return all(_reached(spec, each["name"], "Ready", told) for each in jobs)


def all_ready(job_set: Body, told: list[Body]) -> bool:
    """Whether all Jobs are ready or have succeeded."""
    jobs = job_set["spec"].get("replicatedJobs") or []
    return sum(each["ready"] + each["succeeded"] for each in told) == _replicas(jobs)


def _reached(spec: Body, name: str, state: str, told: list[Body]) -> bool:
    count = _replicas([each for each in spec["replicatedJobs"] if each["name"] == name])
    status = next(each for each in told if each["name"] == name)
    if state == "Complete":
        return bool(status["succeeded"] >= count)
    return bool(status["ready"] + status["succeeded"] + status["failed"] >= count)


def succeeded(job_set: Body, jobs: list[Body]) -> bool:
    """Whether the JobSet's success policy is met by its Jobs."""
    policy = job_set["spec"].get("successPolicy") or {}
    targets = policy.get("targetReplicatedJobs") or []
    replicated = job_set["spec"].get("replicatedJobs") or []
    wanted = [each for each in replicated if not targets or each["name"] in targets]
    names = {each["name"] for each in wanted}
    done = [
        each
        for each in jobs
        if holds(each.get("status") or {}, "Complete")
        and each["metadata"]["labels"][REPLICATED] in names
    ]
    if policy.get("operator") == "Any":
        return bool(done)
    return bool(done) and len(done) >= _replicas(wanted)
