"""The connections of one Jupyter server: which profiles there are, which one is active, and where its services are."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local import process

from . import config, in_cluster, kubeconfig, registries
from .access import stamps
from .clients import Clients
from .cluster import ClusterProfile
from .discovery import COMPONENTS, Component, fetch
from .local import NAME as LOCAL
from .local import LocalProfile
from .threads import in_thread
from .upstream import Upstream

if TYPE_CHECKING:
    import httpcore

IN_CLUSTER = "in-cluster"
KUBECONFIG = "kubeconfig"
CONFIGURED = "configured"
"""Kind of a profile that has nothing but the services which ``connections.json`` names."""

ALL = "*"
"""Stands for all namespaces."""

_UNESCAPED = "!*'()~"
"""What JavaScript's ``encodeURIComponent`` leaves as it is beside letters, digits, hyphens, dots and underscores."""

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


@dataclass(frozen=True)
class Timeouts:
    """Time limits of connections, in seconds.

    ``connect``: reaching a host. ``probe``: one request of discovery. ``wait``: how long reading the state waits for discovery.
    ``plugin``: a credential plugin. ``start``: starting Local Kubeflow.
    """

    connect: float = 10.0
    probe: float = 5.0
    wait: float = 5.0
    plugin: float = 60.0
    start: float = 60.0


@dataclass(frozen=True)
class _View:
    """One consistent look at the files: ``connections.json`` and the kubeconfig. ``allowed`` are the namespaces that may be used."""

    settings: dict[str, Any]
    contexts: kubeconfig.Contexts
    in_cluster: bool
    allowed: Sequence[str]

    def names(self) -> list[str]:
        names = [LOCAL, *([IN_CLUSTER] if self.in_cluster else [])]
        return list(dict.fromkeys([*names, *self.contexts.namespaces, *self.profiles()]))

    def profiles(self) -> dict[str, Any]:
        profiles: dict[str, Any] = self.settings.get("profiles", {})
        return profiles

    def active(self) -> str:
        """The remembered profile; else the pod's own cluster, else ``local``."""
        remembered: str | None = self.settings.get("active")
        return remembered or (IN_CLUSTER if self.in_cluster else LOCAL)

    def of(self, name: str) -> dict[str, Any]:
        """What is configured for a profile; in ``registry`` the name of the registry that was chosen in it, if one was."""
        settings: dict[str, Any] = self.profiles().get(name, {})
        registry = self.settings.get("registries", {}).get(name)
        return {**settings, "registry": registry} if registry else settings

    def kind(self, name: str) -> str:
        if name in (LOCAL, IN_CLUSTER):
            return name
        own = name not in self.contexts.namespaces and (
            self.of(name).get("services") or self.of(name).get("registries")
        )
        return CONFIGURED if own else KUBECONFIG

    def allows(self, namespace: str) -> bool:
        """Whether requests for a namespace pass."""
        return ALL in self.allowed or namespace in self.allowed

    def namespace(self, name: str) -> str:
        """The remembered namespace, else the profile's own; where that is not allowed, the first that is."""
        wanted = self._wanted(name)
        return wanted if self.allows(wanted) else next(iter(self.allowed), wanted)

    def _wanted(self, name: str) -> str:
        remembered: str | None = self.settings.get("namespaces", {}).get(name)
        if remembered:
            return remembered
        if name == LOCAL:
            return process.NAMESPACE
        if name == IN_CLUSTER:
            return in_cluster.namespace()
        return self.contexts.namespaces.get(name, "default")

    def namespaces(self, name: str, listed: list[str]) -> list[str]:
        """Those listed by the cluster, configured, and in use, as far as they are allowed; all that are allowed where the cluster lists none."""
        found = {*listed, *self.of(name).get("namespaces", []), self.namespace(name)}
        named = set() if listed else {*self.allowed} - {ALL}
        return sorted({each for each in found if self.allows(each)} | named)


def _look(allowed: Sequence[str]) -> _View:
    return _View(config.read(), kubeconfig.contexts(), in_cluster.available(), allowed)


def _stamp() -> Hashable:
    """Changes when a look would find something else. Quick: it is taken at each request, on the event loop."""
    return stamps([str(config.config_file())]), kubeconfig.fingerprint(), in_cluster.available()


class ConnectionManager:
    """Profiles, the active one, its components and its upstreams. All methods are for one event loop."""

    def __init__(
        self,
        timeouts: Timeouts | None = None,
        *,
        impersonation: bool = False,
        namespaces: Sequence[str] = (ALL,),
    ) -> None:
        """``impersonation``: whether a kubeconfig may ask to act as somebody else. ``namespaces``: those that may be used, ``*`` for all."""
        self.timeouts = timeouts or Timeouts()
        self._impersonation = impersonation
        self._allowed = namespaces
        self._seen: tuple[Hashable, _View] | None = None
        self._clients = Clients()
        self._local = LocalProfile(self._clients, self.timeouts.start)
        self._clusters: dict[tuple[str, str], ClusterProfile] = {}

    async def state(self) -> dict[str, Any]:
        """What ``GET /kubeflow/connection`` answers. Never raises for a broken profile or file: that is in ``status``."""
        try:
            view = await self._view()
        except KubeflowError as error:
            return {
                "active": "",
                "namespace": "",
                "profiles": [],
                "components": {
                    name: {"available": False, "reason": error.message} for name in COMPONENTS
                },
                "status": {"ok": False, "reason": error.reason, "message": error.message},
            }
        active = view.active()
        components, status, listed = await self._active(view, active)
        if view.contexts.problem and not status.get("message"):
            status = {**status, "message": view.contexts.problem}
        return {
            "active": active,
            "namespace": view.namespace(active),
            "profiles": [
                {
                    "name": name,
                    "kind": view.kind(name),
                    "namespaces": view.namespaces(name, listed if name == active else []),
                }
                for name in view.names()
            ],
            "components": {name: component.to_json() for name, component in components.items()},
            "status": status,
        }

    async def select(
        self, active: str | None, namespace: str | None, registry: str | None = None
    ) -> None:
        """Switches the profile, its namespace, its registry or several of these, and remembers it; what is None stays.

        Raises :class:`KubeflowError` for what is not there.
        """
        view = await self._view()
        name = active if active is not None else view.active()
        if name not in view.names():
            raise KubeflowError(
                f'There is no connection "{name}". There are: {", ".join(view.names())}.',
                reason="NotFound",
                status=404,
                details={"field": "active"},
            )
        if namespace and not _NAMESPACE.fullmatch(namespace):
            raise KubeflowError(
                f'"{namespace}" is not a namespace: use lower-case letters, digits and hyphens, at most 63.',
                details={"field": "namespace"},
            )
        if namespace and not view.allows(namespace):
            raise KubeflowError(
                f'The namespace "{namespace}" is not allowed. Allowed are: {", ".join(self._allowed) or "none"} '
                "(KubeflowExtension.kubernetes_namespaces).",
                reason="Forbidden",
                status=403,
                details={"field": "namespace"},
            )
        if registry is not None:
            await self._check_registry(view, name, registry)
        await in_thread(partial(config.save, active=name, namespace=namespace, registry=registry))
        for (other, _), cluster in self._clusters.items():
            if other != name:
                await cluster.close_forwards()

    async def _check_registry(self, view: _View, name: str, registry: str) -> None:
        component = (await self._active(view, name))[0]["registry"]
        names = [choice.name for choice in component.choices]
        if registry not in names:
            there = (
                f"There are: {', '.join(names)}." if names else component.reason or "None is known."
            )
            raise KubeflowError(
                f'There is no model registry "{registry}" to choose. {there}',
                reason="NotFound",
                status=404,
                details={"field": "registry"},
            )

    async def upstream(
        self, service: str, refresh: bool = False, place: str | None = None
    ) -> Upstream:
        """The active connection's ``service``, one of ``COMPONENTS``; ``refresh`` loads its credentials again.

        ``place`` is the registry that a request for ``registry`` is meant for, as ``PROFILE/CHOICE``, both percent-encoded; with another one in
        use it is refused (409), since objects of another registry have the same ids. Starts Local Kubeflow when that is needed. Raises :class:`KubeflowError` when the service is unknown or not there.
        """
        if service not in COMPONENTS:
            raise KubeflowError(
                f'There is no service "{service}". There are: {", ".join(COMPONENTS)}.',
                reason="NotFound",
                status=404,
            )
        view = await self._view()
        name = view.active()
        if place is not None and service == "registry":
            await self._check_place(view, name, place)
        if name == LOCAL:
            return await self._local.upstream(service, view.of(name))
        namespace = view.namespace(name)
        return await self._cluster(view, name).upstream(service, namespace, view.of(name), refresh)

    async def _check_place(self, view: _View, name: str, place: str) -> None:
        settings = view.of(name)
        component = registries.configured(settings)
        if component is None and name != LOCAL:
            found = await self._cluster(view, name).discover(view.namespace(name), settings)
            component = found.components["registry"]
        choice = component.choice if component else None
        if place != "/".join(quote(part, safe=_UNESCAPED) for part in (name, choice or "")):
            raise KubeflowError(
                f"The connection has been switched meanwhile: {choice or name} is the model registry in use now. Nothing was changed; refresh to "
                "see what it has.",
                reason="Conflict",
                status=409,
                service="registry",
            )

    async def _view(self) -> _View:
        """The files as they are now. They are read in a thread, when their times have changed. Raises :class:`KubeflowError`."""
        stamp = _stamp()
        if self._seen is None or self._seen[0] != stamp:
            self._seen = None
            self._seen = stamp, await in_thread(_look, self._allowed)
        return self._seen[1]

    async def pool(self, upstream: Upstream) -> httpcore.AsyncConnectionPool:
        """The shared pool of connections to ``upstream``."""
        return await self._clients.get(upstream)

    async def fetch(self, upstream: Upstream, path: str) -> tuple[int, Any]:
        """GETs JSON as discovery does: ``(status, body)``, body None when it is not JSON. Raises :class:`KubeflowError`."""
        return await fetch(self._clients, upstream, path, self.timeouts.probe)

    async def close(self) -> None:
        """Closes all upstream connections. Local Kubeflow goes on."""
        for cluster in self._clusters.values():
            await cluster.close()
        await self._clients.close()

    async def _active(
        self, view: _View, name: str
    ) -> tuple[dict[str, Component], dict[str, Any], list[str]]:
        settings = view.of(name)
        if name == LOCAL:
            return await self._local.look(settings, self.timeouts.probe)
        profile, namespace = self._cluster(view, name), view.namespace(name)
        search = asyncio.ensure_future(profile.discover(namespace, settings))
        try:
            found = await asyncio.wait_for(search, self.timeouts.wait)
        except asyncio.TimeoutError:
            earlier = profile.remembered(namespace, settings)
            if earlier is None:
                message = f"The connection {name} has not answered within {self.timeouts.wait:g} s; the search goes on. Refresh to see."
                waiting = {name: Component(False, reason=message) for name in COMPONENTS}
                return waiting, {"ok": False, "reason": "UpstreamTimeout", "message": message}, []
            found = earlier
        return found.components, found.status, found.namespaces

    def _cluster(self, view: _View, name: str) -> ClusterProfile:
        kind = view.kind(name)
        profile = self._clusters.get((name, kind))
        if profile is None:
            inside = kind == IN_CLUSTER
            profile = ClusterProfile(
                name,
                kind,
                self._clients,
                load=in_cluster.load
                if inside
                else partial(
                    kubeconfig.load,
                    name,
                    self.timeouts.plugin,
                    self._impersonation,
                ),
                stamp=in_cluster.account_folder if inside else kubeconfig.fingerprint,
                probe_timeout=self.timeouts.probe,
                allowed=self._allowed,
            )
            self._clusters[name, kind] = profile
        return profile
