"""The rules beyond structure, in one table: what Kubernetes' own validation and the components' webhooks check.

Rules that CRDs state themselves (``x-kubernetes-validations``) are not here: ``cel`` evaluates them. ``check`` None: known and not applied,
with the reason in ``note``. What is applied answers as the component does: 422 for Kubernetes' own rules, 403 with the webhook's name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyterlab_kubeflow.local.katib.optimization_rules import check as check_optimization_job
from jupyterlab_kubeflow.local.katib.validation import check_experiment, check_trial

from .errors import Cause, StatusError, forbidden_field, invalid_value, required
from .job_rules import check_job, check_job_set
from .metadata import is_label
from .pod_rules import check_pod_spec

if TYPE_CHECKING:
    from .kinds import Kind

Body = dict[str, Any]
Exists = Callable[[str, str, str], bool]
"""Whether an object is there: resource, namespace, name."""


@dataclass(frozen=True)
class Rule:
    """One rule. ``webhook``: the name of the webhook that it stands for, empty for Kubernetes' own validation."""

    resource: str
    what: str
    check: Callable[[Body, Body | None, Exists], Iterator[Cause]] | None = None
    webhook: str = ""
    note: str = ""


def check(
    kind: Kind, body: Body, old: Body | None, exists: Exists, found: Sequence[Cause] = ()
) -> list[Cause]:
    """What the rules of a kind find, beside what was ``found`` before; the first webhook that refuses raises its error, usually 403."""
    rules = [each for each in RULES if each.resource == kind.resource and each.check is not None]
    wrong = [
        cause
        for rule in rules
        if rule.check and not rule.webhook
        for cause in rule.check(body, old, exists)
    ]
    if wrong or found:
        return wrong
    for rule in rules:
        if not rule.webhook or rule.check is None:
            continue
        causes = list(rule.check(body, old, exists))
        if not causes:
            continue
        said = [f"{cause.field}: {cause.message}" for cause in causes]
        text = said[0] if len(said) == 1 else f"[{', '.join(said)}]"
        raise StatusError(
            403, "Forbidden", f'admission webhook "{rule.webhook}" denied the request: {text}'
        )
    return []


def _pod(body: Body, _: Body | None, __: Exists) -> Iterator[Cause]:
    return check_pod_spec(body["spec"], "spec", template=False)


_POD_MAY_CHANGE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
    "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
    "previously negative)"
)


def _pod_spec_is_immutable(body: Body, old: Body | None, _: Exists) -> Iterator[Cause]:
    if old is None:
        return
    for field in ("containers", "initContainers"):
        if len(body["spec"].get(field) or ()) != len(old["spec"].get(field) or ()):
            yield forbidden_field(f"spec.{field}", "pod updates may not add or remove containers")
            return
    if _frozen(body["spec"]) != _frozen(old["spec"]):
        yield forbidden_field("spec", _POD_MAY_CHANGE)


def _frozen(spec: Body) -> str:
    """A pod's spec without what may change and what the server sets when it binds the pod."""
    kept = {
        name: value
        for name, value in spec.items()
        if name
        not in (
            "activeDeadlineSeconds",
            "tolerations",
            "terminationGracePeriodSeconds",
            "schedulingGates",
            "ephemeralContainers",
        )
    }
    for field in ("containers", "initContainers"):
        kept[field] = [
            {name: value for name, value in each.items() if name != "image"}
            for each in spec.get(field) or ()
        ]
    return json.dumps(kept, sort_keys=True)


def _same(
    *path: str, said: str = "field is immutable"
) -> Callable[[Body, Body | None, Exists], Iterator[Cause]]:
    """The field keeps its value."""

    def checked(body: Body, old: Body | None, _: Exists) -> Iterator[Cause]:
        if old is None:
            return
        now: Any = body
        before: Any = old
        for part in path:
            now = (now or {}).get(part)
            before = (before or {}).get(part)
        if now != before:
            yield invalid_value(".".join(path), now, said)

    return checked


def _job_template_is_immutable(body: Body, old: Body | None, exists: Exists) -> Iterator[Cause]:
    """Scheduling fields may change while the job is suspended; everything else never."""
    if old is None or (
        old["spec"].get("suspend") and not (old.get("status") or {}).get("startTime")
    ):
        return
    yield from _same("spec", "template")(body, old, exists)


def _restart_policy(body: Body, _: Body | None, __: Exists) -> Iterator[Cause]:
    policy = body["spec"]["template"]["spec"].get("restartPolicy")
    if policy not in ("OnFailure", "Never"):
        yield Cause(
            "spec.template.spec.restartPolicy",
            "FieldValueNotSupported" if policy != "Always" else "FieldValueRequired",
            'Required value: valid values: "OnFailure", "Never"'
            if policy == "Always"
            else f'Unsupported value: "{policy}": supported values: "OnFailure", "Never"',
        )


def _deployment_selector(body: Body, _: Body | None, __: Exists) -> Iterator[Cause]:
    wanted = (body["spec"].get("selector") or {}).get("matchLabels") or {}
    held = (body["spec"]["template"].get("metadata") or {}).get("labels") or {}
    if not body["spec"].get("selector"):
        yield required("spec.selector")
    elif any(held.get(name) != value for name, value in wanted.items()):
        yield invalid_value(
            "spec.template.metadata.labels", held, "`selector` does not match template `labels`"
        )


def _immutable_data(body: Body, old: Body | None, _: Exists) -> Iterator[Cause]:
    if old is None or not old.get("immutable"):
        return
    if not body.get("immutable"):
        yield forbidden_field("immutable", "field is immutable when `immutable` is set")
    for field in ("data", "binaryData"):
        if body.get(field) != old.get(field):
            yield forbidden_field(field, "field is immutable when `immutable` is set")


def _event_namespace(body: Body, _: Body | None, __: Exists) -> Iterator[Cause]:
    about = (body.get("involvedObject") or {}).get("namespace") or "default"
    if about != body["metadata"]["namespace"]:
        yield invalid_value("involvedObject.namespace", about, "does not match event.namespace")


def _runtime_exists(body: Body, _: Body | None, exists: Exists) -> Iterator[Cause]:
    reference = (body.get("spec") or {}).get("runtimeRef") or {}
    name, kind = str(reference.get("name")), reference.get("kind", "ClusterTrainingRuntime")
    if kind == "ClusterTrainingRuntime":
        field, resource, namespace = "spec.RuntimeRef", "clustertrainingruntimes", ""
    elif kind == "TrainingRuntime":
        field, resource, namespace = (
            "spec.runtimeRef",
            "trainingruntimes",
            body["metadata"]["namespace"],
        )
    else:
        yield Cause(
            "spec.runtimeRef",
            "FieldValueInvalid",
            f"unsupported runtime: {kind}.trainer.kubeflow.org",
        )
        return
    if not exists(f"{resource}.trainer.kubeflow.org", namespace, name):
        word = f"{kind[0].lower()}{kind[1:]}"
        yield invalid_value(
            field,
            reference,
            f'{kind}.trainer.kubeflow.org "{name}" not found: specified {word} must be created before the TrainJob is created',
        )


_ANCESTORS = {
    "trainer": "node",
    "dataset-initializer": "dataset-initializer",
    "model-initializer": "model-initializer",
}


def _replicated_jobs(body: Body, old: Body | None, _: Exists) -> Iterator[Cause]:
    if old is not None:
        return
    template = (body.get("spec") or {}).get("template") or {}
    jobs = (template.get("spec") or {}).get("replicatedJobs") or []
    for index, job in enumerate(jobs):
        at = f"spec.template.spec.replicatedJobs[{index}]"
        template = job.get("template") or {}
        labels = (template.get("metadata") or {}).get("labels") or {}
        ancestor = labels.get("trainer.kubeflow.org/trainjob-ancestor-step")
        if ancestor not in _ANCESTORS:
            continue
        if job.get("replicas", 1) != 1:
            yield invalid_value(f"{at}.replicas", job["replicas"], "always must be 1")
        pod = (((template.get("spec") or {}).get("template") or {}).get("spec")) or {}
        containers = pod.get("containers") or []
        if not any(each.get("name") == _ANCESTORS[ancestor] for each in containers):
            yield invalid_value(
                f"{at}.template.spec.template.spec.containers",
                containers,
                f"must contain the required container for the ancestor: {ancestor}",
            )


_AUTOSCALERS = ("hpa", "keda", "external", "none")


def _service(body: Body, _: Body | None, __: Exists) -> Iterator[Cause]:
    meta = body["metadata"]
    if not is_label(meta["name"], digits_first=False):
        yield Cause("metadata.name", "FieldValueInvalid", f"{meta['name']!r} is no RFC 1035 label")
    scaler = (meta.get("annotations") or {}).get("serving.kserve.io/autoscalerClass")
    if scaler is not None and scaler not in _AUTOSCALERS:
        said = f"[{scaler}] is not a supported autoscaler class type"
        yield Cause("metadata.annotations", "FieldValueInvalid", said)
    for part in ("predictor", "transformer", "explainer"):
        component = (body.get("spec") or {}).get(part) or {}
        least, most = component.get("minReplicas"), component.get("maxReplicas")
        if isinstance(least, int) and least < 0:
            yield Cause(f"spec.{part}", "FieldValueInvalid", "MinReplicas cannot be less than 0")
        if isinstance(least, int) and isinstance(most, int) and 0 < most < least:
            said = "MinReplicas cannot be greater than MaxReplicas"
            yield Cause(f"spec.{part}", "FieldValueInvalid", said)


_TRAINJOB = "validator.trainjob.trainer.kubeflow.org"
_CONTROLLER = "what the component's controller needs to know of the cluster; the controller says it in a condition here"

OWN_REQUIRED = {"pods", "jobs.batch", "events"}
"""Kinds whose rules say what is required; what their schemas say of it is for clients, and no server checks it."""

RULES: tuple[Rule, ...] = (
    Rule("pods", "containers, volumes, probes, resources and names", _pod),
    Rule(
        "pods",
        "spec is immutable but for image, deadline, tolerations, grace",
        _pod_spec_is_immutable,
    ),
    Rule("pods", "affinity, security contexts, sources of volumes", note="structure only"),
    Rule("jobs.batch", "numbers, mode, selector and pods; what is immutable", check_job),
    Rule("jobs.batch", "restartPolicy is OnFailure or Never", _restart_policy),
    Rule("jobs.batch", "selector is immutable", _same("spec", "selector")),
    Rule("jobs.batch", "completionMode is immutable", _same("spec", "completionMode")),
    Rule("jobs.batch", "template is immutable once started", _job_template_is_immutable),
    Rule("deployments.apps", "selector fits the template", _deployment_selector),
    Rule("deployments.apps", "selector is immutable", _same("spec", "selector")),
    Rule("configmaps", "immutable data", _immutable_data),
    Rule("secrets", "immutable data", _immutable_data),
    Rule("secrets", "type is immutable", _same("type")),
    Rule(
        "services",
        "cluster address is given out and immutable",
        note="every service is headless: there is no cluster network",
    ),
    Rule("events", "is in its object's namespace", _event_namespace),
    Rule("trainjobs.trainer.kubeflow.org", "the runtime is there", _runtime_exists, _TRAINJOB),
    Rule(
        "trainjobs.trainer.kubeflow.org",
        "runtimePatches change while suspended only; reserved variables; torchtune and MPI",
        webhook=_TRAINJOB,
        note=_CONTROLLER,
    ),
    Rule(
        "trainingruntimes.trainer.kubeflow.org",
        "ancestors have their containers",
        _replicated_jobs,
        "validator.trainingruntime.trainer.kubeflow.org",
    ),
    Rule(
        "clustertrainingruntimes.trainer.kubeflow.org",
        "ancestors have their containers",
        _replicated_jobs,
        "validator.clustertrainingruntime.trainer.kubeflow.org",
    ),
    Rule("jobsets.jobset.x-k8s.io", "names, references, what is immutable", check_job_set),
    Rule(
        "jobsets.jobset.x-k8s.io",
        "failure policies, volume claim policies, restarts in place",
        webhook="vjobset.kb.io",
        note=_CONTROLLER,
    ),
    Rule(
        "inferenceservices.serving.kserve.io",
        "its name is a label, its replicas are in order, its autoscaler is known",
        _service,
        "inferenceservice.kserve-webhook-server.validator",
    ),
    Rule(
        "inferenceservices.serving.kserve.io",
        "one predictor; what an autoscaler, a canary and storage addresses need",
        webhook="inferenceservice.kserve-webhook-server.validator",
        note=_CONTROLLER,
    ),
    Rule(
        "inferenceservices.serving.kserve.io",
        "defaults of the cluster's configuration",
        webhook="inferenceservice.kserve-webhook-server.defaulter",
        note="its controller applies them",
    ),
    Rule(
        "servingruntimes.serving.kserve.io",
        "no two runtimes of one priority for a format",
        webhook="servingruntime.kserve-webhook-server.validator",
        note=_CONTROLLER,
    ),
    Rule(
        "clusterservingruntimes.serving.kserve.io",
        "no two runtimes of one priority for a format",
        webhook="clusterservingruntime.kserve-webhook-server.validator",
        note=_CONTROLLER,
    ),
    Rule(
        "inferencegraphs.serving.kserve.io",
        "a root node; targets and weights",
        webhook="inferencegraph.kserve-webhook-server.validator",
        note=_CONTROLLER,
    ),
    Rule(
        "trainedmodels.serving.kserve.io",
        "memory is not changed",
        webhook="trainedmodel.kserve-webhook-server.validator",
        note=_CONTROLLER,
    ),
    Rule(
        "experiments.kubeflow.org",
        "counts, objective, space, algorithm, trial template and collector; only counts are editable",
        check_experiment,
        "validator.experiment.katib.kubeflow.org",
    ),
    Rule("trials.kubeflow.org", "what its Experiment gives it", check_trial),
    Rule(
        "optimizationjobs.trainer.kubeflow.org",
        "its name, space and variables",
        check_optimization_job,
    ),
    Rule(
        "workloads.kueue.x-k8s.io",
        "pod sets and admission",
        webhook="vworkload.kb.io",
        note="there is no quota on one machine",
    ),
    Rule(
        "leaderworkersets.leaderworkerset.x-k8s.io",
        "sizes and rollout",
        webhook="vleaderworkerset.kb.io",
        note="there is no such controller here",
    ),
    Rule(
        "*",
        "conversion between versions by a component's webhook",
        note="versions differ by their schema only",
    ),
)
