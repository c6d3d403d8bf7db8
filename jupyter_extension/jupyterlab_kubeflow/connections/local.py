"""The profile ``local``: Local Kubeflow, started by the first request that needs it."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import Any

from jupyterlab_kubeflow import katib_wire as wire
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local import process
from jupyterlab_kubeflow.local.paths import Home

from .clients import Clients, Rotation
from .configured import components as preset
from .configured import configured, endpoint, identity
from .discovery import COMPONENTS, Component, fetch, missing, namespaces
from .threads import in_thread
from .upstream import Tls, Upstream

NAME = "local"

FRESH_FAILURE = 30.0
"""Seconds for which a start that failed is told as the connection's state."""

_BEHIND = {
    "pipelines": "pipelines",
    "pipelines-ui": "pipelines",
    "kubernetes": "kubernetes",
    "registry": "registry",
    "katib-ui": "katib-ui",
    "katib-db-manager": "katib-db-manager",
}
"""Service of the proxy → key in ``LocalStatus.services``."""


class LocalProfile:
    """Reaches Local Kubeflow with the token in its ``server.json``."""

    kind = "local"

    def __init__(self, clients: Clients, start_timeout: float) -> None:
        self._clients = clients
        self._rotation = Rotation(clients)
        self._start_timeout = start_timeout
        self._starting: asyncio.Task[process.LocalStatus] | None = None
        self._problem: tuple[KubeflowError, float] | None = None

    async def look(
        self, settings: dict[str, Any], timeout: float
    ) -> tuple[dict[str, Component], dict[str, Any], list[str]]:
        """The components, the status and the namespaces of a server that runs; ``timeout`` (seconds) is for asking it.

        Never starts the server: one that is not running is available, since using it starts it.
        """
        problem = None
        try:
            server = await in_thread(process.status)
            if not server.running:
                process.require_packages()
                problem = self._recent_problem()
        except KubeflowError as error:
            server, problem = process.LocalStatus(False, ""), error
        components = preset(settings)
        for service in COMPONENTS:
            if service in components:
                continue
            if not self._offers(service, server):
                components[service] = missing(service)
            elif reason := problem or (wire.problem() if service == "katib-db-manager" else None):
                components[service] = Component(False, reason=reason.message)
            else:
                components[service] = Component(True, server.version, "local")
        if problem:
            status = {"ok": False, "reason": problem.reason, "message": problem.message}
            return components, status, []
        return components, {"ok": True}, await self._namespaces(server, settings, timeout)

    async def _namespaces(
        self, server: process.LocalStatus, settings: dict[str, Any], timeout: float
    ) -> list[str]:
        """Those that the Kubernetes API lists; none where it does not run or answer."""
        if "kubernetes" not in server.services:
            return []
        try:
            authority = await in_thread(_authority, "kubernetes", server)
            upstream = await self._upstream("kubernetes", server, authority, settings)
            return await namespaces(partial(fetch, self._clients, upstream, timeout=timeout))
        except KubeflowError:
            return []

    async def upstream(self, service: str, settings: dict[str, Any]) -> Upstream:
        """Where ``service`` is, after starting the server when it does not run. Raises :class:`KubeflowError`."""
        if given := endpoint(service, settings):
            return await in_thread(configured, service, given)
        server, authority = await in_thread(_seen, service)
        if not self._offers(service, server):
            raise KubeflowError(
                missing(service).reason or "", reason="NotConfigured", status=503, service=service
            )
        if not server.running:
            server = await self._started()
            authority = await in_thread(_authority, service, server)
        return await self._upstream(service, server, authority, settings)

    async def _upstream(
        self,
        service: str,
        server: process.LocalStatus,
        authority: str | None,
        settings: dict[str, Any],
    ) -> Upstream:
        url = server.services[self._key(service, server)].rstrip("/")
        tls = Tls(ca=authority)
        if authority:
            await self._rotation.use(tls)
        return Upstream(
            service,
            url,
            "local",
            headers={"Authorization": f"Bearer {server.token}", **identity(settings)},
            tls=tls,
            environment=False,
            version=server.version,
        )

    def _key(self, service: str, server: process.LocalStatus) -> str:
        key = service if service in server.services else _BEHIND.get(service, service)
        if key not in server.services:
            raise KubeflowError(
                f"The Local Kubeflow that runs is of version {server.version} and has no {service} service. Run `jupyter kubeflow local "
                "stop`: it is started again, in the installed version, when it is needed.",
                reason="NotConfigured",
                status=503,
                service=service,
            )
        return key

    def _offers(self, service: str, server: process.LocalStatus) -> bool:
        return service in _BEHIND or service in server.services

    async def _started(self) -> process.LocalStatus:
        if self._starting is None or self._starting.done():
            self._starting = asyncio.ensure_future(self._start())
        return await asyncio.shield(self._starting)

    async def _start(self) -> process.LocalStatus:
        try:
            server = await in_thread(process.start, None, self._start_timeout)
        except KubeflowError as error:
            self._problem = (error, time.monotonic())
            raise
        self._problem = None
        return server

    def _recent_problem(self) -> KubeflowError | None:
        """Why the last start failed; after a while it may be tried again."""
        if self._problem is None or time.monotonic() - self._problem[1] > FRESH_FAILURE:
            return None
        return self._problem[0]


def _seen(service: str) -> tuple[process.LocalStatus, str | None]:
    """The server's status, and :func:`_authority`."""
    server = process.status()
    return server, _authority(service, server)


def _authority(service: str, server: process.LocalStatus) -> str | None:
    """What the certificate of a service that runs is checked by, where it has one; a home that was made anew has another one."""
    if not server.services.get(service, "").startswith("https:"):
        return None
    path = Home.of(server.home).authority
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise KubeflowError(
            f"The certificate authority {path} of Local Kubeflow cannot be read: {error}. Run `jupyter kubeflow local stop`: it is started "
            "again when it is needed.",
            reason="NotConfigured",
            status=503,
            service="kubernetes",
        ) from error
