"""What an API server fills in for Kubernetes' own kinds beyond their schemas (custom resources have theirs in the CRD)."""

from __future__ import annotations

import base64
from typing import Any

from jupyterlab_kubeflow.local.katib.defaults import fill as fill_experiment

from .job_rules import fill_job_set


def fill(resource: str, body: dict[str, Any], *, new: bool) -> None:
    """Fills in defaults, in place. ``new``: the object is being made, so it also gets its first status."""
    if resource == "pods":
        spec = body.setdefault("spec", {})
        _pod_spec(spec, "Always")
        spec.setdefault("enableServiceLinks", True)
        _tolerate(spec)
        if new:
            _admit(spec)
            body["status"] = {"phase": "Pending", "qosClass": _qos(body["spec"])}
    elif resource == "namespaces":
        body.setdefault("spec", {}).setdefault("finalizers", ["kubernetes"])
        body["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = body["metadata"][
            "name"
        ]
        if new:
            body["status"] = {"phase": "Active"}
    elif resource == "jobs.batch":
        _job(body, new=new)
        if new:
            body["status"] = {}
    elif resource == "jobsets.jobset.x-k8s.io" and new:
        fill_job_set(body)
    elif resource == "experiments.kubeflow.org":
        fill_experiment(body)
    elif resource == "deployments.apps":
        _deployment(body)
    elif resource == "services":
        _service(body, new=new)
    elif resource == "persistentvolumeclaims":
        body.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
        if new:
            body["status"] = {"phase": "Pending"}
    elif resource == "secrets":
        body.setdefault("type", "Opaque")
        for name, text in (body.pop("stringData", None) or {}).items():
            body.setdefault("data", {})[name] = base64.b64encode(str(text).encode()).decode()
    if resource in ("configmaps", "secrets"):
        for name in ("data", "binaryData"):
            if body.get(name) == {}:
                del body[name]


def _defaults(target: dict[str, Any], **values: Any) -> None:
    for name, value in values.items():
        target.setdefault(name, value)


def _admit(spec: dict[str, Any]) -> None:
    """What admission plugins give a new pod."""
    _defaults(spec, priority=0, preemptionPolicy="PreemptLowerPriority")
    _defaults(spec, serviceAccountName="default", serviceAccount="default")


def _tolerate(spec: dict[str, Any]) -> None:
    """A pod stays for a while on a node that does not answer."""
    held = {each.get("key") for each in spec.setdefault("tolerations", [])}
    spec["tolerations"] += [
        {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
        for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
        if key not in held
    ]


def _pod_spec(spec: dict[str, Any], restart: str) -> None:
    _defaults(
        spec,
        restartPolicy=restart,
        terminationGracePeriodSeconds=30,
        dnsPolicy="ClusterFirst",
        schedulerName="default-scheduler",
        securityContext={},
    )
    if spec["terminationGracePeriodSeconds"] < 0:
        spec["terminationGracePeriodSeconds"] = 1
    for container in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]:
        if not isinstance(container, dict):
            continue
        image = str(container.get("image", ""))
        tag = image.rpartition("/")[2].partition(":")[2]
        _defaults(
            container,
            terminationMessagePath="/dev/termination-log",
            terminationMessagePolicy="File",
            resources={},
            imagePullPolicy="Always"
            if tag in ("", "latest") and "@" not in image
            else "IfNotPresent",
        )
        for port in container.get("ports") or ():
            port.setdefault("protocol", "TCP")
        for probe in (
            container.get(f"{name}Probe") for name in ("liveness", "readiness", "startup")
        ):
            if isinstance(probe, dict):
                _probe(probe)
        resources = container["resources"]
        if isinstance(resources, dict) and resources.get("limits"):
            for name, value in resources["limits"].items():
                resources.setdefault("requests", {}).setdefault(name, value)
        for env in container.get("env") or ():
            reference = (env.get("valueFrom") or {}).get("fieldRef")
            if reference:
                reference.setdefault("apiVersion", "v1")
    for volume in spec.get("volumes") or ():
        if set(volume) == {"name"}:
            volume["emptyDir"] = {}
        for name in ("secret", "configMap", "downwardAPI", "projected"):
            if isinstance(volume.get(name), dict):
                volume[name].setdefault("defaultMode", 420)


def _probe(probe: dict[str, Any]) -> None:
    _defaults(probe, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
    if isinstance(probe.get("httpGet"), dict):
        _defaults(probe["httpGet"], path="/", scheme="HTTP")


def _qos(spec: dict[str, Any]) -> str:
    found = [container.get("resources") or {} for container in spec.get("containers") or ()]
    if not any(each.get("requests") or each.get("limits") for each in found):
        return "BestEffort"
    guaranteed = all(
        each.get("requests") == each.get("limits")
        and {"cpu", "memory"} <= set(each.get("limits") or ())
        for each in found
    )
    return "Guaranteed" if guaranteed else "Burstable"


def _job(body: dict[str, Any], *, new: bool) -> None:
    spec = body.setdefault("spec", {})
    if spec.get("parallelism") is None:
        if "completions" not in spec:
            spec["completions"] = 1
        spec["parallelism"] = 1
    _defaults(
        spec,
        backoffLimit=2147483647 if "backoffLimitPerIndex" in spec else 6,
        completionMode="NonIndexed",
        suspend=False,
        manualSelector=False,
        podReplacementPolicy="Failed" if "podFailurePolicy" in spec else "TerminatingOrFailed",
    )
    template = spec.setdefault("template", {})
    _pod_spec(template.setdefault("spec", {}), "Always")
    if new and not spec.get("manualSelector"):
        uid, name = body["metadata"]["uid"], body["metadata"]["name"]
        given = template.setdefault("metadata", {}).setdefault("labels", {})
        for prefix in ("batch.kubernetes.io/", ""):
            given[f"{prefix}controller-uid"] = uid
            given[f"{prefix}job-name"] = name
        own = {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
        spec.setdefault("selector", own)
        if not body["metadata"].get("labels"):
            body["metadata"]["labels"] = dict(given)


def _deployment(body: dict[str, Any]) -> None:
    spec = body.setdefault("spec", {})
    _defaults(
        spec,
        replicas=1,
        revisionHistoryLimit=10,
        progressDeadlineSeconds=600,
        strategy={"type": "RollingUpdate"},
    )
    if spec["strategy"].get("type", "RollingUpdate") == "RollingUpdate":
        spec["strategy"].setdefault("type", "RollingUpdate")
        rolling = spec["strategy"].setdefault("rollingUpdate", {})
        _defaults(rolling, maxSurge="25%", maxUnavailable="25%")
    _pod_spec(spec.setdefault("template", {}).setdefault("spec", {}), "Always")


def _service(body: dict[str, Any], *, new: bool) -> None:
    spec = body.setdefault("spec", {})
    _defaults(spec, type="ClusterIP", sessionAffinity="None", internalTrafficPolicy="Cluster")
    if spec["type"] != "ExternalName":
        _defaults(spec, clusterIP="None", ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")
        spec.setdefault("clusterIPs", [spec["clusterIP"]])
    for port in spec.get("ports") or ():
        _defaults(port, protocol="TCP", targetPort=port.get("port"))
    if new:
        body["status"] = {"loadBalancer": {}}
