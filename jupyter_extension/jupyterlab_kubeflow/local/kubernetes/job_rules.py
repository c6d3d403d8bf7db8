"""What a Kubernetes API server checks of jobs, and JobSet's webhook of its jobs, beyond their schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .errors import Cause, invalid_value, required, unsupported
from .metadata import is_label, is_qualified
from .pod_rules import check_pod_spec

Body = dict[str, Any]

_NEVER_NEGATIVE = (
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
)
_MODES = ("NonIndexed", "Indexed")
_UID = "batch.kubernetes.io/controller-uid"


def check_job(body: Body, old: Body | None, _: object) -> Iterator[Cause]:
    """What is wrong with a job."""
    spec = body["spec"]
    template = spec["template"]
    for field in _NEVER_NEGATIVE:
        if (spec.get(field) or 0) < 0:
            yield invalid_value(f"spec.{field}", spec[field], "must be greater than or equal to 0")
    yield from _managed_by(spec)
    mode = spec.get("completionMode")
    if mode not in _MODES:
        yield unsupported("spec.completionMode", mode, _MODES)
    elif mode == "Indexed":
        if spec.get("completions") is None:
            yield required("spec.completions", "when completion mode is Indexed")
    elif spec.get("backoffLimitPerIndex") is not None:
        said = "requires indexed completion mode"
        yield invalid_value("spec.backoffLimitPerIndex", spec["backoffLimitPerIndex"], said)
    yield from _selector(spec)
    for name, value in ((template.get("metadata") or {}).get("labels") or {}).items():
        if not is_qualified(name) or len(str(value)) > 63:
            yield invalid_value("spec.template.labels", name, "must be a valid label")
    yield from check_pod_spec(template["spec"], "spec.template.spec", template=True)
    if old is not None:
        yield from _unchanged_job(spec, old["spec"])


def _selector(spec: Body) -> Iterator[Cause]:
    """Of itself the selector is the uid of the job, which the server gives to its pods, too."""
    if spec.get("manualSelector"):
        return
    wanted = (spec.get("selector") or {}).get("matchLabels") or {}
    labels = (spec["template"].get("metadata") or {}).get("labels") or {}
    if set(wanted) != {_UID}:
        yield invalid_value("spec.selector", wanted, "`selector` not auto-generated")
    if any(labels.get(name) != value for name, value in wanted.items()):
        said = "`selector` does not match template `labels`"
        yield invalid_value("spec.template.metadata.labels", labels, said)


def _unchanged_job(spec: Body, before: Body) -> Iterator[Cause]:
    for field in ("managedBy", "backoffLimitPerIndex", "podFailurePolicy", "successPolicy"):
        if spec.get(field) != before.get(field):
            yield invalid_value(f"spec.{field}", spec.get(field), "field is immutable")
    done = spec.get("completions")
    if done != before.get("completions") and not (
        spec.get("completionMode") == "Indexed" and done == spec.get("parallelism")
    ):
        yield invalid_value("spec.completions", done, "field is immutable")


def _managed_by(spec: Body) -> Iterator[Cause]:
    manager = spec.get("managedBy")
    if manager is not None and not re.fullmatch(
        r"[a-z0-9.-]+/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+", manager
    ):
        said = 'must be a domain-prefixed path (such as "acme.io/foo")'
        yield invalid_value("spec.managedBy", manager, said)


def check_job_set(body: Body, old: Body | None, _: object) -> Iterator[Cause]:
    """What is wrong with a JobSet: what its webhook refuses with 422."""
    spec = body["spec"]
    jobs: list[Body] = spec.get("replicatedJobs") or []
    if old is not None:
        yield from _unchanged_job_set(spec, old["spec"])
        return
    yield from _managed_by(spec)
    subdomain = (spec.get("network") or {}).get("subdomain")
    if subdomain and not is_label(subdomain, digits_first=False):
        yield invalid_value("spec.network.subdomain", subdomain, "must be an RFC 1035 label")
    for index, job in enumerate(jobs):
        yield from _names(body["metadata"]["name"], job, f"spec.replicatedJobs[{index}].name")
    yield from _references(spec, jobs)


def _names(job_set: str, job: Body, field: str) -> Iterator[Cause]:
    """The longest names of a replicated job's jobs and, where they have an index, of its pods, of which the last five characters are random."""
    longest = f"{job_set}-{job.get('name', '')}-{job.get('replicas', 1) - 1}"
    spec = job["template"]["spec"]
    names = {"job": longest}
    if spec.get("completionMode") == "Indexed" and spec.get("completions") is not None:
        names["pod"] = f"{longest}-{spec['completions'] - 1}-abcde"
    for what, name in names.items():
        if len(name) > 63:
            said = f"JobSet name is too long, {what} names generated for this JobSet will exceed 63 characters"
            yield invalid_value(field, longest, said)
        elif not is_label(name, digits_first=False):
            yield invalid_value(field, longest, f"the names of its {what}s must be RFC 1035 labels")


def _references(spec: Body, jobs: list[Body]) -> Iterator[Cause]:
    """Names of jobs that are none. The webhook names no field for them."""
    names = [str(job.get("name", "")) for job in jobs]

    def wrong(said: str) -> Cause:
        return Cause("<nil>", "InternalError", f"Internal error: {said}")

    if jobs and jobs[0].get("dependsOn") is not None:
        yield wrong("DependsOn can't be set for the first ReplicatedJob")
    for index, job in enumerate(jobs):
        for other in job.get("dependsOn") or ():
            if other.get("name") not in names[: index + 1]:
                said = f"cannot depend on replicatedJob: {other.get('name')}"
                yield wrong(f"replicatedJob: {names[index]} {said}")
    for name in (spec.get("successPolicy") or {}).get("targetReplicatedJobs") or ():
        if name not in names:
            yield wrong(
                f"invalid replicatedJob name '{name}' does not appear in .spec.ReplicatedJobs"
            )
    coordinator = (spec.get("coordinator") or {}).get("replicatedJob")
    if coordinator is not None and coordinator not in names:
        yield wrong(f"coordinator replicatedJob {coordinator} does not exist")


def _unchanged_job_set(spec: Body, before: Body) -> Iterator[Cause]:
    """While a JobSet is suspended, what decides where its pods run may change."""
    free = spec.get("suspend") or before.get("suspend")
    kept = [
        [_fixed(job) if free else job for job in each.get("replicatedJobs") or ()]
        for each in (spec, before)
    ]
    if kept[0] != kept[1]:
        said = "field is immutable"
        yield invalid_value("spec.replicatedJobs", spec.get("replicatedJobs"), said)
    if spec.get("managedBy") != before.get("managedBy"):
        yield invalid_value("spec.managedBy", spec.get("managedBy"), "field is immutable")


_PLACEMENT = ("nodeSelector", "tolerations", "schedulingGates")


def _fixed(job: Body) -> Body:
    spec = (job.get("template") or {}).get("spec") or {}
    pod = spec.get("template") or {}
    inner = {
        name: value for name, value in (pod.get("spec") or {}).items() if name not in _PLACEMENT
    }
    return {**job, "template": {**(job.get("template") or {}), "spec": {**spec, "template": inner}}}


def fill_job_set(body: Body) -> None:
    """What JobSet's webhook fills in."""
    spec = body.setdefault("spec", {})
    spec.setdefault("successPolicy", {"operator": "All"})
    spec.setdefault("startupPolicy", {"startupPolicyOrder": "AnyOrder"})
    network = spec.setdefault("network", {})
    network.setdefault("enableDNSHostnames", True)
    network.setdefault("publishNotReadyAddresses", True)
    for job in spec.get("replicatedJobs") or ():
        inner = job.setdefault("template", {}).setdefault("spec", {})
        inner.setdefault("completionMode", "Indexed")
        pod = inner.setdefault("template", {}).setdefault("spec", {})
        pod.setdefault("restartPolicy", "OnFailure")
    for index, rule in enumerate((spec.get("failurePolicy") or {}).get("rules") or ()):
        rule.setdefault("name", f"failurePolicyRule{index}")
    for policy in spec.get("volumeClaimPolicies") or ():
        policy.setdefault("retentionPolicy", {"whenDeleted": "Delete"})
