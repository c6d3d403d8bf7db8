"""Profiles of a cluster: a kubeconfig context, or the pod's own service account."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

from .access import Access, stamps
from .clients import Clients, Rotation
from .configured import components as preset_components
from .configured import configured, credentials, endpoint, identity
from .discovery import COMPONENTS, FORWARD, KFP, Component, Finder, fetch, missing, namespaces
from .portforward import PROTOCOL, Forwards, Target
from .registries import RegistryFinder
from .threads import in_thread
from .upstream import Upstream, unauthorized
from .websocket import WebSocket, connect

FRESH = 300.0
"""Seconds for which a discovery that worked is used."""

FRESH_FAILURE = 15.0
"""Seconds for which a discovery that failed, or that missed a component, is used."""

REFRESH = 10.0
"""Seconds after loading credentials for which a refusal does not load them again."""


@dataclass(frozen=True)
class Found:
    """What a discovery has told."""

    components: dict[str, Component]
    status: dict[str, Any]
    namespaces: list[str]
    at: float
    complete: bool

    def fresh(self) -> bool:
        """Whether it needs no repeating yet."""
        return time.monotonic() - self.at < (FRESH if self.complete else FRESH_FAILURE)


class ClusterProfile:
    """Reaches a cluster. ``load`` gives its credentials (blocking); ``stamp`` changes when they should be loaded again (quick).

    ``probe_timeout`` is in seconds; ``allowed`` are the namespaces in which registries are looked for, ``*`` for all."""

    def __init__(
        self,
        name: str,
        kind: str,
        clients: Clients,
        *,
        load: Callable[[], Access],
        stamp: Callable[[], Hashable],
        probe_timeout: float,
        allowed: Sequence[str],
    ) -> None:
        self.name = name
        self.kind = kind
        self._clients = clients
        self._load = load
        self._stamp = stamp
        self._timeout = probe_timeout
        self._allowed = allowed
        self._access: Access | None = None
        self._loaded_at = 0.0
        self._rotation = Rotation(clients)
        self._stamped: Hashable = None
        self._loading: asyncio.Task[Access] | None = None
        self._found: dict[Hashable, Found] = {}
        self._searches: dict[Hashable, asyncio.Task[Found]] = {}
        self._forwards = Forwards(self._get, self._websocket)

    def stamp(self) -> Hashable:
        """Changes when the credentials should be loaded again: with the files that they come from. Only looks at their times."""
        access = self._access
        return self._stamp(), stamps(access.files if access else ())

    async def access(self, refresh: bool = False) -> Access:
        """Credentials for the Kubernetes API; loaded again on ``refresh`` (at most every 10 s), near their expiry and when their files change."""
        stamp = self.stamp()
        access = self._access
        refresh = refresh and time.monotonic() - self._loaded_at > REFRESH
        if access and not refresh and stamp == self._stamped and not access.due():
            return access
        if self._loading is None or self._loading.done():
            self._loading = asyncio.ensure_future(self._loaded())
        return await asyncio.shield(self._loading)

    async def _loaded(self) -> Access:
        self._access = None

        def load() -> tuple[Access, Hashable]:
            before = self._stamp()
            access = self._load()
            return access, (before, stamps(access.files))

        access, self._stamped = await in_thread(load)
        self._access, self._loaded_at = access, time.monotonic()
        await self._rotation.use(access.tls)
        return access

    async def upstream(
        self,
        service: str,
        namespace: str,
        settings: dict[str, Any],
        refresh: bool = False,
    ) -> Upstream:
        """Where ``service`` is and with which credentials. Raises :class:`KubeflowError` when it is not there."""
        if given := endpoint(service, settings):
            return await in_thread(configured, service, given)
        if service == "kubernetes" and self.kind != "configured":
            return self._kubernetes(await self.access(refresh))
        component = (await self.discover(namespace, settings)).components[service]
        if not component.available:
            raise KubeflowError(
                component.reason or f"The service {service} was not found.",
                reason="NotConfigured",
                status=503,
                service=service,
            )
        return await self._component(service, component, settings, refresh)

    def _kubernetes(self, access: Access) -> Upstream:
        via = "in-cluster" if self.kind == "in-cluster" else "configured"
        return Upstream(
            "kubernetes",
            access.server,
            via,
            access.headers,
            access.tls,
            environment=self.kind != "in-cluster",
            proxy=access.proxy,
            impersonation=access.impersonation,
            profile=self.name,
        )

    async def _component(
        self, service: str, component: Component, settings: dict[str, Any], refresh: bool
    ) -> Upstream:
        base, via = component.base or "", component.via or ""
        extra = (
            await in_thread(credentials, service, settings, via == "in-cluster")
            if service in KFP
            else identity(settings)
        )
        if via == "in-cluster":
            return Upstream(service, base, via, extra, environment=False, version=component.version)
        if via == "port-forward":
            address = base.removeprefix(FORWARD)
            return Upstream(
                service,
                f"http://{address}",
                via,
                extra,
                environment=False,
                version=component.version,
                socket=await self._forwards.socket(_target(address)),
            )
        access = await self.access(refresh)
        if via == "service-proxy":
            upstream = self._kubernetes(access)
            return replace(
                upstream,
                service=service,
                url=upstream.url + base,
                via=via,
                headers={**access.headers, **extra},
                version=component.version,
            )
        if access.impersonation:
            raise KubeflowError(
                f"The kubeconfig asks to act as somebody else, which the {service} at {base} would not see. Configure services.{service} in "
                "connections.json with credentials of its own.",
                reason="NotConfigured",
                status=503,
                service=service,
            )
        return Upstream(service, base, via, {**access.headers, **extra}, version=component.version)

    async def discover(self, namespace: str, settings: dict[str, Any]) -> Found:
        """What the cluster has, from memory while that is fresh. One search at a time for all who ask."""
        key = (namespace, repr(settings), self._stamp())
        found = self._found.get(key)
        if found and found.fresh():
            return found
        search = self._searches.get(key)
        if search is None or search.done():
            search = asyncio.ensure_future(self._search(key, namespace, settings))
            self._searches = {k: t for k, t in self._searches.items() if not t.done()}
            self._searches[key] = search
        return await asyncio.shield(search)

    async def close_forwards(self) -> None:
        """Ends the port-forwards; one is opened again when it is needed."""
        await self._clients.forget(await self._forwards.close())

    async def close(self) -> None:
        """Ends what is still searching, and the port-forwards."""
        for task in (*self._searches.values(), self._loading):
            if task is not None:
                task.cancel()
        await self.close_forwards()

    def remembered(self, namespace: str, settings: dict[str, Any]) -> Found | None:
        """The last discovery of ``namespace``, however old."""
        wanted = (namespace, repr(settings))
        matching = [
            f for key, f in self._found.items() if isinstance(key, tuple) and key[:2] == wanted
        ]
        return max(matching, key=lambda f: f.at, default=None)

    async def _search(self, key: Hashable, namespace: str, settings: dict[str, Any]) -> Found:
        found = await self._looked(namespace, settings)
        self._found = {k: f for k, f in self._found.items() if f.fresh()}
        self._found[key] = found
        return found

    async def _looked(self, namespace: str, settings: dict[str, Any]) -> Found:
        preset = preset_components(settings)
        components = {service: missing(service) for service in COMPONENTS} | preset
        listed: list[str] = []
        problem: KubeflowError | None = None
        if self.kind == "configured":
            reason = "This connection has only what is configured for it in connections.json."
            components = {name: Component(False, reason=reason) for name in COMPONENTS} | preset
            return Found(components, {"ok": True}, [], time.monotonic(), True)
        try:
            components["kubernetes"] = await self._version()
            probe = partial(self._probe, settings)
            finder = Finder(
                namespace,
                in_cluster=self.kind == "in-cluster",
                proxied=settings.get("auth", {}).get("type", "none") not in ("bearer", "kfp"),
                get=self._get,
                probe=probe,
                timeout=self._timeout,
            )
            registries = RegistryFinder(
                namespace,
                self._allowed,
                in_cluster=self.kind == "in-cluster",
                get=self._get,
                probe=probe,
            )
            searches: dict[str, Callable[[], Awaitable[Component]]] = {
                "registry": partial(registries.find, settings.get("registry")),
                "pipelines": finder.pipelines,
                "pipelines-ui": finder.pipelines_ui,
                "katib-ui": finder.katib_ui,
                "katib-db-manager": finder.katib_db_manager,
            }
            wanted = [service for service in searches if service not in preset]
            listed, found = await asyncio.gather(
                namespaces(self._get),
                asyncio.gather(*(searches[service]() for service in wanted)),
            )
            components.update(zip(wanted, found, strict=True))
        except KubeflowError as error:
            problem = error
            for service in ("kubernetes", *KFP, "registry", "katib-ui", "katib-db-manager"):
                if not components[service].available:
                    components[service] = Component(False, reason=error.message)
        status: dict[str, Any] = {"ok": True}
        if problem and not preset:
            status = {"ok": False, "reason": problem.reason, "message": problem.message}
        elif problem:
            status["message"] = problem.message
        complete = problem is None and components["pipelines"].available
        return Found(components, status, listed, time.monotonic(), complete)

    async def _version(self) -> Component:
        status, body = await self._get("/version")
        if status == 401:
            raise unauthorized(self._kubernetes(await self.access()))
        version = body.get("gitVersion") if isinstance(body, dict) else None
        if status != 403 and not isinstance(version, str):
            raise KubeflowError(
                f"The server of this connection does not answer like a Kubernetes API server (HTTP {status}). Check its address.",
                reason="UpstreamInvalid",
                status=502,
                service="kubernetes",
            )
        via = "in-cluster" if self.kind == "in-cluster" else "configured"
        return Component(True, version, via)

    async def _get(self, path: str) -> tuple[int, Any]:
        """GETs a path of the Kubernetes API; once more with fresh credentials on 401."""
        upstream = self._kubernetes(await self.access())
        status, body = await fetch(self._clients, upstream, path, self._timeout)
        if status == 401:
            upstream = self._kubernetes(await self.access(refresh=True))
            status, body = await fetch(self._clients, upstream, path, self._timeout)
        return status, body

    async def _probe(
        self, settings: dict[str, Any], service: str, base: str, path: str
    ) -> tuple[int, Any]:
        if base.startswith("/"):
            via = "service-proxy"
        elif base.startswith(FORWARD):
            via = "port-forward"
        else:
            via = "in-cluster" if base.startswith("http://") else "route"
        component = Component(True, via=via, base=base)
        upstream = await self._component(service, component, settings, refresh=False)
        return await fetch(self._clients, upstream, path, self._timeout)

    async def _websocket(self, path: str, refresh: bool) -> AbstractAsyncContextManager[WebSocket]:
        upstream = self._kubernetes(await self.access(refresh))
        pool = await self._clients.get(upstream)
        return connect(pool, upstream, path, PROTOCOL, self._timeout)


def _target(address: str) -> Target:
    host, _, port = address.partition(":")
    service, _, namespace = host.partition(".")
    return Target(namespace, service, int(port))
