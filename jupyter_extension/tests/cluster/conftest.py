"""The proxy on a real control plane, which ``npm run test:cluster -- proxy`` starts and names in ``KUBEFLOW_TEST_CLUSTER``.

The Jupyter server, its extension and what goes over the wire are as in production; each test has a user of the control plane.
"""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from server.conftest import (  # noqa: F401 fixtures
    Reply,
    config_home,
    extension_config,
    fetch,
    jp_server_config,
    raw,
    write_connections,
)

VARIABLE = "KUBEFLOW_TEST_CLUSTER"
NAMESPACE = "team"
"""The namespace that the users see (ui-tests/cluster/controlPlane.mjs)."""

PATIENCE = 60.0
"""Seconds for what the control plane does by itself."""

if VARIABLE not in os.environ:
    collect_ignore_glob = ["test_*.py"]


@dataclass(frozen=True)
class Plane:
    """The control plane: its API server, the folder of its files, and the bearer tokens of its users."""

    url: str
    folder: Path
    users: dict[str, str]
    ca: str = field(repr=False)

    def direct(self, token: str | None = None, certificate: Path | None = None) -> httpx.Client:
        """A client beside the proxy: as ``root`` unless a token or a certificate (with its key) is given."""
        context = ssl.create_default_context(cadata=self.ca)
        if certificate:
            context.load_cert_chain(certificate)
        headers = {} if certificate else {"Authorization": f"Bearer {token or self.users['root']}"}
        return httpx.Client(base_url=self.url, verify=context, headers=headers, trust_env=False)


@pytest.fixture(scope="session")
def plane() -> Plane:
    """The control plane that is running."""
    told = json.loads(os.environ[VARIABLE])
    return Plane(told["url"], Path(told["folder"]), told["users"], told["ca"])


class Root:
    """An administrator beside the proxy. Fails when it is refused."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def make(self, path: str, body: Any) -> Any:
        """Creates; the answer's JSON."""
        return self._client.post(path, json=body).raise_for_status().json()

    def remove(self, path: str, **query: str) -> None:
        """Deletes an object, or those of a collection."""
        self._client.delete(path, params=query).raise_for_status()


@pytest.fixture
def root(plane: Plane) -> Iterator[Root]:
    """An administrator beside the proxy."""
    with plane.direct() as client:
        yield Root(client)


@pytest.fixture
def name() -> str:
    """A name of the test's own, also the value of the label ``test`` of what it makes."""
    return f"proxy-{uuid.uuid4().hex[:8]}"


@pytest.fixture(autouse=True)
def clean(root: Root, name: str) -> Iterator[None]:
    """Removes what the test has made."""
    yield
    for path in (
        f"/api/v1/namespaces/{NAMESPACE}/configmaps",
        f"/api/v1/namespaces/{NAMESPACE}/pods",
        f"/apis/trainer.kubeflow.org/v1alpha1/namespaces/{NAMESPACE}/trainjobs",
        f"/apis/serving.kserve.io/v1beta1/namespaces/{NAMESPACE}/inferenceservices",
    ):
        root.remove(path, labelSelector=f"test={name}")


@pytest.fixture
def use(
    config_home: Path,  # noqa: F811
    write_connections: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Path], None]:
    """Makes the context ``user`` of a kubeconfig, by the file's name ``USER.kubeconfig``, the active connection."""

    def choose(kubeconfig: Path) -> None:
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig))
        write_connections({"active": kubeconfig.name.partition(".")[0]})

    return choose


Ask = Callable[..., Awaitable[Reply]]


@pytest.fixture
def ask(fetch: Any) -> Ask:  # noqa: F811
    """A request to the Kubernetes API through the proxy; ``body`` is sent as JSON, or as it is when it is text."""

    async def send(
        method: str, path: str, body: Any = None, kind: str = "application/json", **headers: str
    ) -> Reply:
        content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        if body is None:
            return await fetch(method, f"kubeflow/proxy/kubernetes{path}", headers)
        headers = {"Content-Type": kind, **headers}
        return await fetch(method, f"kubeflow/proxy/kubernetes{path}", headers, content)

    return send


class Stream:
    """One stream of the stream socket."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._lines: list[str] = []
        self._text = ""

    async def frame(self) -> dict[str, Any]:
        """The next frame."""
        frame: dict[str, Any] = json.loads(
            await asyncio.wait_for(self._socket.read_message(), PATIENCE)
        )
        return frame

    async def line(self) -> str:
        """The next whole line of data; fails at the end of the stream."""
        while "\n" not in self._text:
            frame = await self.frame()
            assert frame["op"] == "data", frame
            self._text += frame["data"]
        line, _, self._text = self._text.partition("\n")
        return line

    async def event(self, *wanted: str) -> dict[str, Any]:
        """The object of the next watch event of one of these types."""
        while True:
            event = json.loads(await self.line())
            if event["type"] in wanted:
                found: dict[str, Any] = event["object"]
                return found


Subscribe = Callable[..., Any]


@pytest.fixture
def subscribe(jp_ws_fetch: Any) -> Subscribe:
    """Opens a stream over a socket of its own: a context with the :class:`Stream` after its ``open`` (or ``error``) frame, and that frame."""

    @asynccontextmanager
    async def opened(
        path: str, format: str = "ndjson", **query: Any
    ) -> AsyncIterator[tuple[Stream, dict[str, Any]]]:
        socket = await jp_ws_fetch("kubeflow", "streams")
        frame = {"op": "subscribe", "id": "1", "service": "kubernetes", "path": path}
        await socket.write_message(
            json.dumps({**frame, "query": query, "format": format, "credit": 2**20})
        )
        stream = Stream(socket)
        try:
            yield stream, await stream.frame()
        finally:
            socket.close()

    return opened


async def until(probe: Callable[[], Awaitable[Any]]) -> Any:
    """Asks again and again until there is an answer; fails after :data:`PATIENCE` seconds."""

    async def repeat() -> Any:
        while not (answer := await probe()):  # noqa: ASYNC110 a server tells nobody
            await asyncio.sleep(0.1)
        return answer

    return await asyncio.wait_for(repeat(), PATIENCE)


def configmaps(path: str = "") -> str:
    """The ConfigMaps of the namespace, or one."""
    return f"/api/v1/namespaces/{NAMESPACE}/configmaps{path}"


def configmap(name: str, test: str | None = None, **data: str) -> dict[str, Any]:
    """A ConfigMap of the test ``test`` (by default called as it)."""
    metadata = {"name": name, "labels": {"test": test or name}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
