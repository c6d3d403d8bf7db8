"""What a Kubernetes API server checks of pods and of the pods of jobs, beyond their schemas (``k8s.io/kubernetes/pkg/apis/core/validation``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jupyterlab_kubeflow.local.quantities import amount

from .errors import Cause, forbidden_field, invalid_value, required, unsupported
from .metadata import is_label, is_qualified

Body = dict[str, Any]

_SPEC_CHOICES = {
    "restartPolicy": ("Always", "OnFailure", "Never"),
    "dnsPolicy": ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"),
}
_CONTAINER_CHOICES = {
    "imagePullPolicy": ("Always", "IfNotPresent", "Never"),
    "terminationMessagePolicy": ("File", "FallbackToLogsOnError"),
}
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE_NUMBERS = (
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
)
_ACTIONS = ("exec", "httpGet", "tcpSocket", "grpc")
_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_MOST_SECONDS = 2**31 - 1


def check_pod_spec(spec: Body, at: str, *, template: bool) -> Iterator[Cause]:
    """What is wrong with a pod's spec, which stands at ``at``. ``template``: of a job, whose restart policy is checked there."""
    for field, choices in _SPEC_CHOICES.items():
        value = spec.get(field)
        if value is not None and value not in choices and not (template and field[0] == "r"):
            yield unsupported(f"{at}.{field}", value, choices)
    if spec.get("dnsPolicy") == "None" and not (spec.get("dnsConfig") or {}).get("nameservers"):
        yield required(f"{at}.dnsConfig", "must provide `dnsConfig` when `dnsPolicy` is None")
    deadline = spec.get("activeDeadlineSeconds")
    if deadline is not None and not 0 < deadline <= _MOST_SECONDS:
        said = f"must be between 1 and {_MOST_SECONDS}, inclusive"
        yield invalid_value(f"{at}.activeDeadlineSeconds", deadline, said)
    if spec.get("hostname") and not is_label(spec["hostname"]):
        yield invalid_value(f"{at}.hostname", spec["hostname"], "must be an RFC 1123 label")
    for key in spec.get("nodeSelector") or {}:
        if not is_qualified(key):
            yield invalid_value(f"{at}.nodeSelector", key, "must be a valid label key")
    for index, each in enumerate(spec.get("tolerations") or ()):
        operator = each.get("operator") or "Equal"
        if operator not in ("Equal", "Exists"):
            where = f"{at}.tolerations[{index}].operator"
            yield unsupported(where, operator, ("Equal", "Exists"))
        if not each.get("key") and operator != "Exists":
            where = f"{at}.tolerations[{index}].operator"
            said = 'operator must be Exists when `key` is empty, which means "match all values and all keys"'
            yield invalid_value(where, operator, said)
    volumes: set[str] = set()
    for index, volume in enumerate(spec.get("volumes") or ()):
        yield from _volume(volume, f"{at}.volumes[{index}]", volumes)
    yield from _containers(spec, at, volumes)


def _volume(volume: Body, at: str, known: set[str]) -> Iterator[Cause]:
    name = volume.get("name")
    if not name:
        yield required(f"{at}.name")
    elif name in known:
        yield Cause(f"{at}.name", "FieldValueDuplicate", f'Duplicate value: "{name}"')
    else:
        known.add(name)
    sources = sorted(
        field for field, value in volume.items() if field != "name" and value is not None
    )
    # The first one, in the order of the API, is taken; emptyDir stands before the others.
    for field in (
        sources[:-1] if "emptyDir" not in sources else [s for s in sources if s != "emptyDir"]
    ):
        yield forbidden_field(f"{at}.{field}", "may not specify more than 1 volume type")


def _containers(spec: Body, at: str, volumes: set[str]) -> Iterator[Cause]:
    if not spec.get("containers"):
        yield required(f"{at}.containers")
    names: set[str] = set()
    for field in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(field) or ()):
            where = f"{at}.{field}[{index}]"
            name = container.get("name")
            if not name:
                yield required(f"{where}.name")
            elif not is_label(name):
                yield invalid_value(f"{where}.name", name, "must be an RFC 1123 label")
            elif name in names:
                yield Cause(f"{where}.name", "FieldValueDuplicate", f'Duplicate value: "{name}"')
            names.add(name)
            if not container.get("image"):
                yield required(f"{where}.image")
            yield from _container(container, where, volumes)


def _container(container: Body, at: str, volumes: set[str]) -> Iterator[Cause]:
    for field, choices in _CONTAINER_CHOICES.items():
        if (value := container.get(field)) and value not in choices:
            yield unsupported(f"{at}.{field}", value, choices)
    for index, port in enumerate(container.get("ports") or ()):
        yield from _port(port, f"{at}.ports[{index}]")
    for index, variable in enumerate(container.get("env") or ()):
        if not variable.get("name"):
            yield required(f"{at}.env[{index}].name")
        source = variable.get("valueFrom")
        if source is not None and variable.get("value"):
            said = "may not be specified when `value` is not empty"
            yield invalid_value(f"{at}.env[{index}].valueFrom", "", said)
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        if mount.get("name") not in volumes:
            where = f"{at}.volumeMounts[{index}].name"
            yield Cause(where, "FieldValueNotFound", f'Not found: "{mount.get("name")}"')
    for field in _PROBES:
        if probe := container.get(field):
            yield from _probe(probe, f"{at}.{field}")
    yield from _resources(container.get("resources") or {}, f"{at}.resources")


def _port(port: Body, at: str) -> Iterator[Cause]:
    number, name = port.get("containerPort", 0), port.get("name")
    if not 0 < number < 65536:
        yield invalid_value(f"{at}.containerPort", number, "must be between 1 and 65535, inclusive")
    if name and not (
        len(name) <= 15
        and re.fullmatch(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", name)
        and re.search("[a-z]", name)
        and "--" not in name
    ):
        yield invalid_value(f"{at}.name", name, "must be a port name of at most 15 characters")
    if (protocol := port.get("protocol", "TCP")) not in ("TCP", "UDP", "SCTP"):
        yield unsupported(f"{at}.protocol", protocol, ("SCTP", "TCP", "UDP"))


def _probe(probe: Body, at: str) -> Iterator[Cause]:
    if not any(probe.get(action) for action in _ACTIONS):
        yield required(at, "must specify a handler type")
    for field in _PROBE_NUMBERS:
        if (value := probe.get(field)) is not None and value < 0:
            yield invalid_value(f"{at}.{field}", value, "must be greater than or equal to 0")


def _resources(resources: Body, at: str) -> Iterator[Cause]:
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for field, values in (("limits", limits), ("requests", requests)):
        for name, value in values.items():
            where = f"{at}.{field}[{name}]"
            if "/" not in name and name not in _RESOURCES and not name.startswith("hugepages-"):
                said = "must be a standard resource type or fully qualified"
                yield invalid_value(where, name, said)
            elif amount(value) < 0:
                yield invalid_value(where, value, "must be greater than or equal to 0")
    for name, value in requests.items():
        if name in limits and amount(value) > amount(limits[name]):
            said = f"must be less than or equal to {name} limit of {limits[name]}"
            yield invalid_value(f"{at}.requests", value, said)
