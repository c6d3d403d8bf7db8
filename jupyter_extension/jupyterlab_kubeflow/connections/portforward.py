"""Port-forwards to Services of a cluster, held by the server (``pods/portforward``, WebSocket subprotocol ``v4.channel.k8s.io``).

A port-forward reaches what the Kubernetes API's service proxy does not: upstreams that need an ``Authorization`` header of their own, and
clusters that forbid the service proxy. Each one listens on a socket file in a folder that only this user can enter, so that, unlike with a
port, nobody else on the machine gets through. Each connection to it is one WebSocket to a ready pod of the Service.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jupyterlab_kubeflow.errors import KubeflowError

from .discovery import Get, dig, items
from .websocket import WebSocket

PROTOCOL = "v4.channel.k8s.io"

_CHUNK = 32 * 1024
_DATA, _ERROR = 0, 1
"""Channels of the first port; the first message of each tells the port."""

Open = Callable[[str, bool], Awaitable[AbstractAsyncContextManager[WebSocket]]]
"""Gives the WebSocket of a path of the Kubernetes API; True loads the credentials again."""


@dataclass(frozen=True)
class Target:
    """A port of a Service."""

    namespace: str
    service: str
    port: int

    def __str__(self) -> str:
        return f"{self.service}.{self.namespace}:{self.port}"


class Forwards:
    """The port-forwards of one cluster, opened when first needed."""

    def __init__(self, get: Get, open_socket: Open) -> None:
        self._get = get
        self._open = open_socket
        self._folder: Path | None = None
        self._listening: dict[Target, tuple[str, asyncio.AbstractServer]] = {}
        self._bridges: set[asyncio.Task[None]] = set()
        self._pods: dict[Target, tuple[str, int]] = {}
        self._lock = asyncio.Lock()

    async def socket(self, target: Target) -> str:
        """The socket file that leads to ``target``."""
        async with self._lock:
            if target not in self._listening:
                if self._folder is None:
                    self._folder = Path(tempfile.mkdtemp(prefix="kubeflow-"))  # mode 0700
                path = str(self._folder / str(len(self._listening)))

                async def accept(
                    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
                ) -> None:
                    task = asyncio.current_task()
                    assert task is not None
                    self._bridges.add(task)
                    task.add_done_callback(self._bridges.discard)
                    await self._bridge(target, reader, writer)

                self._listening[target] = (path, await asyncio.start_unix_server(accept, path))
            return self._listening[target][0]

    async def close(self) -> list[str]:
        """Ends all of them, waits until they have ended and returns their socket files."""
        paths = []
        for path, server in self._listening.values():
            server.close()
            paths.append(path)
        bridges, folder = list(self._bridges), self._folder
        self._listening, self._pods, self._folder = {}, {}, None
        for task in bridges:
            task.cancel()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
        await asyncio.gather(*bridges, return_exceptions=True)
        return paths

    async def _bridge(
        self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            async with AsyncExitStack() as stack:
                socket = await self._connected(target, stack)
                up = asyncio.ensure_future(_upward(reader, socket))
                down = asyncio.ensure_future(_downward(target, socket, writer))
                try:
                    await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for task in (up, down):
                        task.cancel()
                    results = await asyncio.gather(up, down, return_exceptions=True)
                for result in results:
                    if isinstance(result, KubeflowError):
                        raise result
        except KubeflowError as error:
            self._pods.pop(target, None)
            with contextlib.suppress(OSError):
                await _say(error, reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _connected(self, target: Target, stack: AsyncExitStack) -> WebSocket:
        """A WebSocket to a pod; once more with fresh credentials and another look for the pod."""
        for again in (False, True):
            try:
                if again or target not in self._pods:
                    self._pods[target] = await self._pod(target)
                pod, port = self._pods[target]
                path = (
                    f"/api/v1/namespaces/{quote(target.namespace)}/pods/{quote(pod)}/portforward"
                    f"?ports={port}"
                )
                return await stack.enter_async_context(await self._open(path, again))
            except KubeflowError as error:
                if again:
                    raise _failed(target, error.message.rstrip("."), error.status) from error
        raise AssertionError

    async def _pod(self, target: Target) -> tuple[str, int]:
        """A ready pod behind the Service, and the port on it."""
        base = f"/api/v1/namespaces/{quote(target.namespace)}"
        status, service = await self._get(f"{base}/services/{quote(target.service)}")
        if status != 200:
            raise _failed(target, f"the Service cannot be read (HTTP {status})", status)
        selector = dig(service, "spec", "selector")
        if not isinstance(selector, dict) or not selector:
            raise _failed(target, "the Service selects no pods")
        labels = quote(",".join(f"{name}={value}" for name, value in sorted(selector.items())))
        status, pods = await self._get(f"{base}/pods?labelSelector={labels}")
        if status != 200:
            raise _failed(target, f"you may not list its pods (HTTP {status})", status)
        ready = [pod for pod in items(pods) if _ready(pod)]
        if not ready:
            raise _failed(target, "it has no pod that is ready")
        wanted: Any = target.port
        for port in dig(service, "spec", "ports") or []:
            if isinstance(port, dict) and port.get("port") == target.port:
                wanted = port.get("targetPort") or target.port
        number = wanted if isinstance(wanted, int) else _named(ready[0], wanted)
        if number is None:
            raise _failed(target, f"its pod has no port named {wanted}")
        return str(dig(ready[0], "metadata", "name")), number


def _ready(pod: dict[str, Any]) -> bool:
    conditions = dig(pod, "status", "conditions")
    return dig(pod, "metadata", "deletionTimestamp") is None and any(
        isinstance(one, dict) and one.get("type") == "Ready" and one.get("status") == "True"
        for one in (conditions if isinstance(conditions, list) else [])
    )


def _named(pod: dict[str, Any], name: Any) -> int | None:
    for container in dig(pod, "spec", "containers") or []:
        for port in dig(container, "ports") or []:
            number = dig(port, "containerPort")
            if dig(port, "name") == name and isinstance(number, int):
                return number
    return None


async def _upward(reader: asyncio.StreamReader, socket: WebSocket) -> None:
    import httpcore

    with contextlib.suppress(httpcore.NetworkError):
        while chunk := await reader.read(_CHUNK):
            await socket.send(bytes([_DATA]) + chunk)


async def _downward(target: Target, socket: WebSocket, writer: asyncio.StreamWriter) -> None:
    """Raises :class:`KubeflowError` when the connection breaks before the pod has sent anything."""
    import httpcore

    named: set[int] = set()
    begun = False
    problem = "the pod closed the connection"
    try:
        while (message := await socket.receive()) is not None:
            channel, content = message[:1], message[1:]
            if not channel or channel[0] not in (_DATA, _ERROR):
                problem = "the cluster does not keep to the protocol"
                break
            if channel[0] not in named:
                named.add(channel[0])  # two bytes: the port
            elif channel[0] == _ERROR:
                problem = content.decode("utf-8", "replace").strip()[:500]
                break
            else:
                begun = True
                writer.write(content)
                await writer.drain()
    except (httpcore.NetworkError, httpcore.TimeoutException, ValueError) as error:
        problem = str(error) or problem
    if not begun:
        raise _failed(target, problem)


async def _say(
    error: KubeflowError, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answers in the pod's stead, and reads on until the client has gone: an earlier end could lose the answer."""
    body = json.dumps(error.body()).encode()
    writer.write(
        f"HTTP/1.1 {error.status} Port-forward failed\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        + body
    )
    await writer.drain()
    while await reader.read(_CHUNK):
        pass


def _failed(target: Target, problem: str, status: int = 502) -> KubeflowError:
    return KubeflowError(
        f"The port-forward to {target} failed: {problem}. Check that its pod runs and that you may list pods and create pods/portforward "
        f"in {target.namespace}.",
        reason="Forbidden" if status == 403 else "UpstreamUnreachable",
        status=403 if status == 403 else 502,
        service="kubernetes",
    )
