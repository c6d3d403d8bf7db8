"""The Model Registries of a connection (``registry``): those configured, else the Services of a cluster with a registry's label."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from jupyterlab_kubeflow.errors import KubeflowError

from .discovery import (
    FORWARD,
    Choice,
    Component,
    Get,
    Probe,
    admitted,
    configure,
    dig,
    items,
    joined,
    refusal,
)

ALL = "*"
"""Stands for all namespaces."""

SELECTOR = "component=model-registry"
"""The label of a registry's Service, as Model Registry's UI looks for it."""

NAMESPACES = ("kubeflow", "odh-model-registries", "rhoai-model-registries")
"""Where registries are installed by their manifests and operators."""

MODELS = "/api/model_registry/v1alpha3/registered_models?pageSize=1"

ADDRESS = "/external-address-rest"
"""How the annotation ends that names the host of a registry's Route; before it is the installer's domain."""

_PORTS = {"http-api": False, "https-api": True}
"""The ports of a registry's API by name, and whether it is spoken to by TLS."""

_HOST = re.compile(r"(?:https://)?([A-Za-z0-9.-]+)(?::443)?/?")


def endpoints(settings: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The configured registries of a profile by name: ``services.registry``, called ``registry``, and ``registries``."""
    single = settings.get("services", {}).get("registry")
    return {**({"registry": single} if single else {}), **settings.get("registries", {})}


def configured(settings: dict[str, Any]) -> Component | None:
    """The registry in use among those configured, with all of them as choices; None where none is."""
    names = list(endpoints(settings))
    choices = tuple(Choice(name, name) for name in names)
    return _chosen(choices, settings.get("registry"), len(names) == 1) if names else None


def endpoint(settings: dict[str, Any]) -> dict[str, Any] | None:
    """The configured endpoint of the registry in use; None where none is configured. Raises :class:`KubeflowError` where the one chosen is gone."""
    found = configured(settings)
    if found is None:
        return None
    if found.choice is None:
        raise KubeflowError(
            found.reason or "", reason="NotConfigured", status=503, service="registry"
        )
    return endpoints(settings)[found.choice]


def _chosen(choices: tuple[Choice, ...], wanted: str | None, only: bool = False) -> Component:
    """The choice that is wanted, else the first. One that is gone is not replaced, since objects of another registry have the same ids."""
    names = [choice.name for choice in choices]
    if wanted is None or only:
        return Component(True, via="configured", choices=choices, choice=names[0])
    if wanted in names:
        return Component(True, via="configured", choices=choices, choice=wanted)
    return Component(
        False,
        reason=f"The model registry {wanted}, which was chosen for this connection, is not there any more. Choose another one.",
        choices=choices,
    )


@dataclass(frozen=True)
class Registry:
    """A registry's Service: its ``port``, whether that wants TLS, and the ``host`` of its Route, where it names one."""

    namespace: str
    service: str
    port: int
    secure: bool
    host: str | None
    choice: Choice


def registry_of(service: Any) -> Registry | None:
    """The registry behind a Service of the Kubernetes API; None where it has no port of the API."""
    namespace, name = (dig(service, "metadata", field) for field in ("namespace", "name"))
    ports = dig(service, "spec", "ports")
    named = [p for p in (ports if isinstance(ports, list) else []) if dig(p, "name") in _PORTS]
    if not named or not isinstance(named[0].get("port"), int):
        return None
    annotations = dig(service, "metadata", "annotations") or {}
    texts = {k: v for k, v in annotations.items() if isinstance(v, str) and v}
    address = next((v for k, v in texts.items() if k.endswith(ADDRESS)), "")
    host = _HOST.fullmatch(address)
    return Registry(
        namespace,
        name,
        named[0]["port"],
        _PORTS[named[0]["name"]],
        host.group(1).lower() if host else None,
        Choice(f"{namespace}/{name}", texts.get("displayName", name), texts.get("description")),
    )


class RegistryFinder:
    """Looks for registries in the namespaces that are ``allowed`` (``*`` for all).

    A registry is reached in order: in-cluster service, route, the Kubernetes API's service proxy, a port-forward; one that wants TLS only by
    its route, since it wants a token as well.
    """

    def __init__(
        self, namespace: str, allowed: Sequence[str], *, in_cluster: bool, get: Get, probe: Probe
    ) -> None:
        self._namespace = namespace
        self._allowed = allowed
        self._in_cluster = in_cluster
        self._get = get
        self._probe = probe

    async def find(self, wanted: str | None) -> Component:
        """The registry that is ``wanted``, else one of the namespace, else the first by name; all that there are as choices."""
        notes: list[str] = []
        found = {registry.choice.name: registry for registry in await self._listed(notes)}
        if not found:
            where = "the allowed namespaces" if ALL not in self._allowed else "the cluster"
            return Component(
                False,
                reason=f"No Model Registry (Service with the label {SELECTOR}) was found in {where}. {joined(notes)}"
                f"If there is one, {configure('registry')}",
            )
        order = sorted(
            found.values(), key=lambda r: (r.namespace != self._namespace, r.choice.name)
        )
        choices = tuple(registry.choice for registry in order)
        chosen = _chosen(choices, wanted)
        if chosen.choice is None:
            return chosen
        notes = []
        for base, via in await self._ways(found[chosen.choice], notes):
            if await self._answers(base, via, notes):
                return Component(True, via=via, base=base, choices=choices, choice=chosen.choice)
        return Component(
            False,
            reason=f"The Model Registry {chosen.choice} was found but cannot be used. {joined(notes)}"
            f"Ask who runs it, or {configure('registry')}",
            choices=choices,
            choice=chosen.choice,
        )

    async def _listed(self, notes: list[str]) -> list[Registry]:
        """The registries whose Services may be listed; over all namespaces, or in those where they are usually installed."""
        namespaces = list(self._allowed)
        if ALL in self._allowed:
            status, found = await self._services("/api/v1/services")
            if status == 200:
                return found
            namespaces = list(dict.fromkeys([self._namespace, *NAMESPACES]))
        paths = [f"/api/v1/namespaces/{quote(namespace)}/services" for namespace in namespaces]
        answers = await asyncio.gather(*(self._services(path) for path in paths))
        refused = [n for n, (s, _) in zip(namespaces, answers, strict=True) if s in (401, 403)]
        if refused:
            notes.append(f"You may not list services in the namespaces {', '.join(refused)}.")
        return [registry for _, found in answers for registry in found]

    async def _services(self, path: str) -> tuple[int, list[Registry]]:
        status, body = await self._get(f"{path}?labelSelector={quote(SELECTOR)}")
        found = [registry_of(item) for item in items(body)] if status == 200 else []
        return status, [registry for registry in found if registry is not None]

    async def _ways(self, registry: Registry, notes: list[str]) -> list[tuple[str, str]]:
        """The ways to a registry, each as ``base`` and ``via``."""
        namespace, name, port = registry.namespace, registry.service, registry.port
        ways = []
        if self._in_cluster and not registry.secure:
            ways.append((f"http://{name}.{namespace}.svc:{port}", "in-cluster"))
        if registry.host:
            if registry.host in await admitted(self._get, namespace):
                ways.append((f"https://{registry.host}", "route"))
            else:
                notes.append(
                    f"Its Service names the address {registry.host}, but no admitted Route of the namespace {namespace} that you may read has "
                    "this host, so your credentials are not sent there. If you trust it, configure it as services.registry.url with "
                    "services.registry.auth in connections.json."
                )
        if not registry.secure:
            proxy = f"/api/v1/namespaces/{quote(namespace)}/services/{name}:{port}/proxy"
            ways.append((proxy, "service-proxy"))
            ways.append((f"{FORWARD}{name}.{namespace}:{port}", "port-forward"))
        elif not registry.host:
            notes.append("It wants a token by TLS, and its Service names no address of a Route.")
        return ways

    async def _answers(self, base: str, via: str, notes: list[str]) -> bool:
        try:
            status, body = await self._probe("registry", base, MODELS)
        except KubeflowError as error:
            notes.append(error.message)
            return False
        if status == 200 and isinstance(dig(body, "items"), list):
            return True
        notes.append(refusal("It", via, status, body))
        return False
