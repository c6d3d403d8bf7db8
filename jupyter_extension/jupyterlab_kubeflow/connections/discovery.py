"""Finding the components of a cluster: KFP's API server (``pipelines``) and its UI server (``pipelines-ui``), Katib's UI server (``katib-ui``)
and its db-manager (``katib-db-manager``)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from jupyterlab_kubeflow import katib_wire as wire
from jupyterlab_kubeflow.errors import KubeflowError

from .clients import Clients, Wait, send
from .upstream import Upstream

SERVICES = (
    "kubernetes",
    "pipelines",
    "pipelines-ui",
    "registry",
    "feast",
    "feast-online",
    "inference",
    "katib-ui",
)
"""The services of ``/kubeflow/proxy/SERVICE``."""

COMPONENTS = (*SERVICES, "katib-db-manager")
"""All that is looked for. ``katib-db-manager`` speaks gRPC, so it is no service of the proxy."""

KFP = ("pipelines", "pipelines-ui")

KFP_NAMESPACE = "kubeflow"
"""Where KFP is installed by its manifests."""

KATIB_NAMESPACE = "kubeflow"
"""Where Katib is installed by its manifests."""

HEALTH = "/apis/v2beta1/healthz"

TRIAL_INFO = "/katib/fetch_hp_job_trial_info/"
"""A route of Katib's UI server, which answers 400, whoever asks, where no namespace is named."""

_HTTPS = re.compile(r"https://([A-Za-z0-9.-]+)(?::443)?(?:/[A-Za-z0-9._~/-]*)?")

FORWARD = "forward://"
"""How the ``base`` of a component behind a port-forward starts."""

_DSPA = "/apis/datasciencepipelinesapplications.opendatahub.io/{}/namespaces/{}/datasciencepipelinesapplications"
_ROUTES = "/apis/route.openshift.io/v1/namespaces/{}/routes"
_MAX_ANSWER = 8 * 1024 * 1024


@dataclass(frozen=True)
class Choice:
    """One of several components of a kind: what names it, and what it is called."""

    name: str
    display_name: str
    description: str | None = None

    def to_json(self) -> dict[str, Any]:
        """``{name, displayName, description?}``."""
        described = {"description": self.description} if self.description else {}
        return {"name": self.name, "displayName": self.display_name, **described}


@dataclass(frozen=True)
class Component:
    """A component of a connection, as ``GET /kubeflow/connection`` tells it.

    ``base`` is where it is: a path below the Kubernetes API server when it starts with ``/``, a Service behind a port-forward when it
    starts with ``forward://`` (``forward://SERVICE.NAMESPACE:PORT``), else an address. Not told. ``choices`` are all that there are of a
    component of which there can be several, ``choice`` is the name of the one in use.
    """

    available: bool
    version: str | None = None
    via: str | None = None
    reason: str | None = None
    base: str | None = None
    choices: tuple[Choice, ...] = ()
    choice: str | None = None

    def to_json(self) -> dict[str, Any]:
        """``{available, version?, via?, reason?, choices?, choice?}``."""
        fields = {
            "version": self.version,
            "via": self.via,
            "reason": self.reason,
            "choices": [choice.to_json() for choice in self.choices],
            "choice": self.choice,
        }
        return {"available": self.available, **{k: v for k, v in fields.items() if v}}


def missing(service: str) -> Component:
    """The component of a service that this version does not reach yet."""
    return Component(False, reason=f"The service {service} is not supported yet.")


async def fetch(clients: Clients, upstream: Upstream, path: str, timeout: float) -> tuple[int, Any]:
    """GETs JSON: ``(status, body)``, body None when it is not JSON. Raises :class:`KubeflowError` when there is no answer."""
    import json

    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    wait = Wait(timeout, timeout, timeout)
    answer = await send(await clients.get(upstream), upstream, "GET", path, headers, wait)
    try:
        content = await answer.read(_MAX_ANSWER)
    finally:
        await answer.close()
    try:
        return answer.status, json.loads(content)
    except (ValueError, RecursionError):
        return answer.status, None


def items(body: Any) -> list[dict[str, Any]]:
    """The objects of a Kubernetes list; none for anything else."""
    listed = body.get("items") if isinstance(body, dict) else None
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def dig(body: Any, *keys: str) -> Any:
    """The value below nested keys; None when it is not there."""
    for key in keys:
        body = body.get(key) if isinstance(body, dict) else None
    return body


Get = Callable[[str], Awaitable[tuple[int, Any]]]
"""GETs a path of the Kubernetes API."""

Probe = Callable[[str, str, str], Awaitable[tuple[int, Any]]]
"""GETs a path of a service at a ``base``, with the credentials that the component would get."""


async def namespaces(get: Get) -> list[str]:
    """The names of all namespaces; none where they may not be listed, which is a right of its own."""
    status, body = await get("/api/v1/namespaces")
    names = [dig(item, "metadata", "name") for item in items(body)] if status == 200 else []
    return sorted(name for name in names if isinstance(name, str))


async def admitted(get: Get, namespace: str) -> set[str]:
    """The hosts of a namespace's Routes that a router has admitted, in lower case; none where Routes may not be read."""
    status, body = await get(_ROUTES.format(quote(namespace)))
    hosts = set()
    for route in items(body) if status == 200 else []:
        ingresses = dig(route, "status", "ingress")
        for ingress in ingresses if isinstance(ingresses, list) else []:
            conditions, host = dig(ingress, "conditions"), dig(ingress, "host")
            if isinstance(host, str) and any(
                dig(condition, "type") == "Admitted" and dig(condition, "status") == "True"
                for condition in (conditions if isinstance(conditions, list) else [])
            ):
                hosts.add(host.lower())
    return hosts


class Finder:
    """Looks for KFP and Katib in order: in-cluster service, route, the Kubernetes API's service proxy, a port-forward.

    ``proxied`` is false when KFP needs an ``Authorization`` of its own, which the service proxy would drop. ``timeout`` is in seconds.
    """

    def __init__(
        self,
        namespace: str,
        *,
        in_cluster: bool,
        proxied: bool,
        get: Get,
        probe: Probe,
        timeout: float,
    ) -> None:
        self._proxied = proxied
        self._timeout = timeout
        self._namespaces = list(dict.fromkeys([namespace, KFP_NAMESPACE]))
        self._namespace = namespace
        self._in_cluster = in_cluster
        self._get = get
        self._probe = probe

    async def pipelines(self) -> Component:
        """KFP's API server."""
        notes: list[str] = []
        if self._in_cluster:
            for namespace in self._namespaces:
                base = f"http://ml-pipeline.{namespace}.svc:8888"
                found = await self._health(base, "in-cluster", None)
                if found.available:
                    return found
        url = await self._route(notes)
        if url:
            found = await self._health(url, "route", notes)
            if found.available:
                return found
        for namespace in self._namespaces:
            ways = await self._service(namespace, "ml-pipeline", ("http", 8888), notes)
            for base, via in self._allowed(ways):
                found = await self._health(base, via, notes)
                if found.available:
                    return found
        return self._nothing("pipelines", "KFP API server (Service ml-pipeline)", notes)

    async def pipelines_ui(self) -> Component:
        """KFP's UI server, which serves task logs and artifact content."""
        notes: list[str] = []
        for namespace in self._namespaces:
            if self._in_cluster:
                base = f"http://ml-pipeline-ui.{namespace}.svc:80"
                try:
                    status, _ = await self._probe("pipelines-ui", base, HEALTH)
                except KubeflowError:
                    continue
                if status < 500:
                    return Component(True, via="in-cluster", base=base)
        for namespace in self._namespaces:
            ways = await self._service(namespace, "ml-pipeline-ui", ("http", 80), notes)
            for base, via in self._allowed(ways):
                try:
                    status, body = await self._probe("pipelines-ui", base, HEALTH)
                except KubeflowError as error:
                    notes.append(error.message)
                    continue
                if status < 500 and status not in (401, 403):
                    return Component(True, via=via, base=base)
                notes.append(refusal("KFP", via, status, body))
        return self._nothing("pipelines-ui", "KFP UI server (Service ml-pipeline-ui)", notes)

    async def katib_ui(self) -> Component:
        """Katib's UI server, which serves the metrics of trials over time, and their logs."""
        notes: list[str] = []
        if self._in_cluster:
            base = f"http://katib-ui.{KATIB_NAMESPACE}.svc:80"
            if await self._is_katib_ui(base, "in-cluster", []):
                return Component(True, via="in-cluster", base=base)
        for base, via in await self._service(KATIB_NAMESPACE, "katib-ui", ("ui", 80), notes):
            if await self._is_katib_ui(base, via, notes):
                return Component(True, via=via, base=base)
        return _no_katib("katib-ui", "UI", notes)

    async def _is_katib_ui(self, base: str, via: str, notes: list[str]) -> bool:
        try:
            status, body = await self._probe("katib-ui", base, TRIAL_INFO)
        except KubeflowError as error:
            notes.append(error.message)
            return False
        if status != 400:
            notes.append(refusal("Katib's UI", via, status, body))
        return status == 400

    async def katib_db_manager(self) -> Component:
        """Katib's db-manager, in a pod by its Service, else through a port-forward: the service proxy passes no gRPC. It is not spoken to."""
        if missing := wire.problem():
            return Component(False, reason=missing.message)
        notes: list[str] = []
        host = f"katib-db-manager.{KATIB_NAMESPACE}.svc"
        if self._in_cluster and await self._listens(host, wire.PORT):
            return Component(True, via="in-cluster", base=f"http://{host}:{wire.PORT}")
        ways = await self._service(KATIB_NAMESPACE, "katib-db-manager", ("api", wire.PORT), notes)
        for base, via in ways:
            if via == "port-forward":
                return Component(True, via=via, base=base)
        return _no_katib("katib-db-manager", "db-manager", notes)

    async def _listens(self, host: str, port: int) -> bool:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), self._timeout)
        except (OSError, asyncio.TimeoutError):
            return False
        writer.close()
        return True

    def _nothing(self, service: str, what: str, notes: list[str]) -> Component:
        return Component(
            False,
            reason=f"No {what} was found in the namespaces {', '.join(self._namespaces)}. {joined(notes)}"
            f"Choose its namespace, or {configure(service)}",
        )

    def _allowed(self, ways: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The ways to KFP that its credentials can go."""
        return [way for way in ways if self._proxied or way[1] != "service-proxy"]

    async def _health(self, base: str, via: str, notes: list[str] | None) -> Component:
        try:
            status, body = await self._probe("pipelines", base, HEALTH)
        except KubeflowError as error:
            if notes is not None:
                notes.append(error.message)
            return Component(False)
        if status == 200 and isinstance(body, dict):
            version = body.get("tag_name")
            return Component(True, version if isinstance(version, str) else None, via, base=base)
        if notes is not None:
            notes.append(refusal("KFP", via, status, body))
        return Component(False)

    async def _route(self, notes: list[str]) -> str | None:
        """The address that an Open Data Hub DataSciencePipelinesApplication of the namespace publishes.

        The cluster's token goes there, so it must be the address of a Route (route.openshift.io/v1) of the namespace that is admitted.
        """
        for version in ("v1", "v1alpha1"):
            status, body = await self._get(_DSPA.format(version, quote(self._namespace)))
            if status != 200:
                continue
            for item in items(body):
                url = dig(item, "status", "components", "apiServer", "externalUrl")
                parsed = _HTTPS.fullmatch(url) if isinstance(url, str) else None
                if parsed is None:
                    notes.append(
                        "A DataSciencePipelinesApplication publishes no address as Routes have it (https, port 443)."
                    )
                elif parsed.group(1).lower() in await admitted(self._get, self._namespace):
                    return url.rstrip("/")
                else:
                    notes.append(
                        f"A DataSciencePipelinesApplication publishes the address {url}, but no admitted Route of the namespace "
                        f"{self._namespace} that you may read has this host, so your credentials are not sent there. If you trust it, "
                        "configure it as services.pipelines.url with services.pipelines.auth in connections.json."
                    )
            return None
        return None

    async def _service(
        self, namespace: str, name: str, port: tuple[str, int], notes: list[str]
    ) -> list[tuple[str, str]]:
        """The ways to a Service, each as ``base`` and ``via``, when the Service is there."""
        status, body = await self._get(f"/api/v1/namespaces/{quote(namespace)}/services/{name}")
        if status in (401, 403):
            notes.append(f"You may not read services in the namespace {namespace} (HTTP {status}).")
        listed = dig(body, "spec", "ports")
        if status != 200 or not isinstance(listed, list):
            return []
        ports = [p for p in listed if isinstance(p, dict)]
        best = sorted(ports, key=lambda p: (p.get("name") != port[0], p.get("port") != port[1]))
        if not best or not isinstance(best[0].get("port"), int):
            return []
        number = best[0]["port"]
        proxy = f"/api/v1/namespaces/{quote(namespace)}/services/{name}:{number}/proxy"
        forward = (f"{FORWARD}{name}.{namespace}:{number}", "port-forward")
        return [(proxy, "service-proxy"), forward]


def _no_katib(service: str, what: str, notes: list[str]) -> Component:
    name = f"Katib {what} (Service {service})"
    return Component(
        False,
        reason=f"No {name} was found in the namespace {KATIB_NAMESPACE}. {joined(notes)}If it is elsewhere, {configure(service)}",
    )


def joined(notes: list[str]) -> str:
    """Notes as the sentences of a reason, each once."""
    return "".join(f"{note} " for note in dict.fromkeys(notes))


def configure(service: str) -> str:
    """What to do where a service is not found, as the end of a sentence."""
    return f"configure services.{service} in connections.json: an address, for example of a port-forward of your own."


def refusal(what: str, via: str, status: int, body: Any) -> str:
    """That ``what`` was found but did not answer its health check as it should."""
    said = dig(body, "message")
    words = f": {said.rstrip('.')}" if isinstance(said, str) and said else ""
    return f"{what} was found ({via}) but its health check answered HTTP {status}{words}."
