"""What a container is given: its variables, its command with ``$(NAME)`` expanded, names of other pods as loopback addresses. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from jupyterlab_kubeflow.local.quantities import amount

from .volumes import Find, contents
from .words import CannotCreate

ADDRESS = "127.0.0.1"
"""Of every pod."""

_REFERENCE = re.compile(r"\$\$|\$\(([^)]*)\)")
_KEYED = re.compile(r"metadata\.(labels|annotations)\['(.+)'\]")


def expand(text: str, values: Mapping[str, str]) -> str:
    """``$(NAME)`` becomes the value, ``$$`` a dollar, and what is unknown stays, as in Kubernetes."""

    def put(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return values.get(match[1], match[0])

    return _REFERENCE.sub(put, text)


def field_of(pod: dict[str, Any], path: str) -> str:
    """A field of the downward API. Raises :class:`CannotCreate` for one that there is not."""
    meta, spec = pod["metadata"], pod["spec"]
    if match := _KEYED.fullmatch(path):
        return str((meta.get(match[1]) or {}).get(match[2], ""))
    fixed = {
        "metadata.name": meta["name"],
        "metadata.namespace": meta["namespace"],
        "metadata.uid": meta["uid"],
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", ""),
        "status.podIP": ADDRESS,
        "status.podIPs": ADDRESS,
        "status.hostIP": ADDRESS,
        "status.hostIPs": ADDRESS,
    }
    if path in fixed:
        return str(fixed[path])
    if path in ("metadata.labels", "metadata.annotations"):
        held = meta.get(path.partition(".")[2]) or {}
        return "\n".join(f'{key}="{value}"' for key, value in sorted(held.items()))
    raise CannotCreate(f"fieldRef: unsupported fieldPath {path!r}")


def resource_of(
    pod: dict[str, Any],
    container: dict[str, Any],
    reference: dict[str, Any],
    machine: Mapping[str, float],
) -> str:
    """A resource of the downward API; where there is no limit, what the ``machine`` has, as on a node."""
    if name := reference.get("containerName"):
        own = [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]
        container = next((each for each in own if each["name"] == name), container)
    kind, _, resource = str(reference["resource"]).partition(".")
    resources = container.get("resources") or {}
    given = (resources.get(kind) or {}).get(resource)
    if given is None:
        given = machine.get(resource, 0.0) if kind == "limits" else 0
    return str(math.ceil(amount(given) / (amount(reference.get("divisor") or 1) or 1)))


def variables(
    pod: dict[str, Any], container: dict[str, Any], find: Find, machine: Mapping[str, float]
) -> dict[str, str]:
    """The variables that a container declares, ``envFrom`` first. Raises :class:`CannotCreate` for what is not there."""
    found: dict[str, str] = {}
    for source in container.get("envFrom") or ():
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if reference := source.get(field):
                for key, value in _held(find, kind, reference).items():
                    found[f"{source.get('prefix') or ''}{key}"] = value
    for each in container.get("env") or ():
        name = each["name"]
        source = each.get("valueFrom")
        if not source:
            found[name] = expand(str(each.get("value") or ""), found)
            continue
        given = _from(source, pod, container, find, machine)
        if given is not None:
            found[name] = given
    return found


def _from(
    source: dict[str, Any],
    pod: dict[str, Any],
    container: dict[str, Any],
    find: Find,
    machine: Mapping[str, float],
) -> str | None:
    if reference := source.get("fieldRef"):
        return field_of(pod, reference["fieldPath"])
    if reference := source.get("resourceFieldRef"):
        return resource_of(pod, container, reference, machine)
    for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
        if reference := source.get(field):
            held = _held(find, kind, reference)
            key = reference["key"]
            if key in held:
                return held[key]
            if reference.get("optional"):
                return None
            raise CannotCreate(f"couldn't find key {key} in {kind} {reference.get('name')}")
    raise CannotCreate(f"env: Local Kubeflow does not know valueFrom.{next(iter(source))}")


def _held(find: Find, kind: str, reference: dict[str, Any]) -> dict[str, str]:
    body = find(kind, str(reference.get("name")))
    if body is None:
        if reference.get("optional"):
            return {}
        raise CannotCreate(f'{kind.lower()} "{reference.get("name")}" not found')
    return {key: value.decode(errors="replace") for key, value in contents(body).items()}


def loopback(pod: dict[str, Any]) -> Callable[[str], str]:
    """Puts the loopback address where a text names a pod of the same subdomain: there is no name server here."""
    subdomain = pod["spec"].get("subdomain")
    if not subdomain:
        return lambda text: text
    name = r"(?<![\w.-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\." + re.escape(subdomain)
    space = re.escape(pod["metadata"]["namespace"])
    pattern = re.compile(rf"{name}(?:\.{space}(?:\.svc(?:\.[a-z0-9.-]+)?)?)?(?![\w-]|\.\w)")
    return lambda text: pattern.sub(ADDRESS, text)
