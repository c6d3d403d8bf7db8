"""A small Kubernetes API server on loopback, over TLS: the objects that discovery reads, and port-forwards as the kubelet speaks them."""

from __future__ import annotations

import asyncio
import json
import ssl
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

NAMESPACE = "/api/v1/namespaces/kubeflow"


class KubernetesApi:
    """``objects`` maps a path to its JSON; anything else is 404. ``pods`` maps a pod's name to the port that its container listens on.

    ``token`` is the credential that is wanted, None for a client certificate only. ``forbidden`` holds paths that are answered with 403.
    ``peers`` are the common names of the client certificates, request by request.
    """

    def __init__(self) -> None:
        self.token: str | None = None
        self.objects: dict[str, Any] = {}
        self.pods: dict[str, int] = {}
        self.forbidden: set[str] = set()
        self.requests: list[tuple[str, str | None]] = []
        self.server_names: list[str | None] = []
        self.peers: list[str] = []
        self.open: set[Forward] = set()
        self.closed = asyncio.Event()
        self.port = 0

    def add_kfp(self, **pods: int) -> None:
        """KFP's API server as a Service of the namespace kubeflow, with these pods behind it."""
        self.objects["/version"] = {"gitVersion": "v1.34.1"}
        self.objects["/api/v1/namespaces"] = {"items": [{"metadata": {"name": "kubeflow"}}]}
        port = {"name": "http", "port": 8888, "targetPort": "api"}
        self.objects[f"{NAMESPACE}/services/ml-pipeline"] = {
            "spec": {"ports": [port], "selector": {"app": "ml-pipeline"}}
        }
        self.show(**pods)

    def show(self, **pods: int) -> None:
        """Replaces the pods behind the Service."""
        self.pods = pods
        self.objects[f"{NAMESPACE}/pods"] = {
            "items": [
                pod("starting", ready=False),
                *(pod(name) for name in pods),
            ]
        }

    def start(self, context: ssl.SSLContext) -> None:
        """Listens on a free port."""
        context.set_servername_callback(lambda _, name, __: self.server_names.append(name))
        application = Application(
            [(r"/api/v1/.*/portforward", Forward, {"api": self}), (r"/.*", Objects, {"api": self})],
            log_function=lambda _: None,
        )
        sockets = bind_sockets(0, "127.0.0.1")
        self.port = sockets[0].getsockname()[1]
        self.server = HTTPServer(application, ssl_options=context)
        self.server.add_sockets(sockets)

    def refusal(self, handler: RequestHandler) -> int | None:
        """Notes the request; says why it is refused."""
        authorization = handler.request.headers.get("Authorization")
        self.requests.append((handler.request.path, authorization))
        subject = (handler.request.get_ssl_certificate() or {}).get("subject", ())  # type: ignore[union-attr]
        self.peers += [value for part in subject for name, value in part if name == "commonName"]
        if self.token is not None and authorization != f"Bearer {self.token}":
            return 401
        return 403 if handler.request.path in self.forbidden else None


def pod(name: str, ready: bool = True) -> dict[str, Any]:
    """A pod of the API server."""
    return {
        "metadata": {"name": name},
        "spec": {"containers": [{"ports": [{"name": "api", "containerPort": 8080}]}]},
        "status": {"conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def status(code: int, message: str) -> dict[str, Any]:
    """A refusal as Kubernetes words it."""
    return {"kind": "Status", "status": "Failure", "code": code, "message": message}


class Objects(RequestHandler):
    """Reads."""

    def initialize(self, api: KubernetesApi) -> None:
        self.api = api

    def get(self) -> None:
        path = self.request.path
        refused = self.api.refusal(self)
        found = self.api.objects.get(path)
        code = refused or (200 if found is not None else 404)
        self.set_status(code)
        self.finish(json.dumps(found if code == 200 else status(code, f"{path} is refused")))


class Forward(WebSocketHandler):
    """``v4.channel.k8s.io``: channel 0 carries the data, channel 1 an error; the first message of each is the port."""

    def initialize(self, api: KubernetesApi) -> None:
        self.api = api

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return "v4.channel.k8s.io" if "v4.channel.k8s.io" in subprotocols else None

    async def prepare(self) -> None:
        refused = self.api.refusal(self)
        if refused:
            self.set_status(refused)
            self.finish(json.dumps(status(refused, "pods/portforward is not for you")))

    async def open(self, *_: str, **__: str) -> None:
        self.api.open.add(self)
        port = int(self.get_query_argument("ports"))
        for channel in (0, 1):
            await self.write_message(bytes([channel]) + port.to_bytes(2, "little"), binary=True)
        self.ping(b"are you there?")
        listening = self.api.pods.get(self.request.path.split("/")[-2])
        try:
            assert port == 8080
            reader, self.writer = await asyncio.open_connection("127.0.0.1", listening or 1)
        except OSError:
            await self.write_message(b"\x01connection refused by the pod", binary=True)
            self.close()
            return
        self.task = asyncio.ensure_future(self.down(reader))

    async def down(self, reader: asyncio.StreamReader) -> None:
        try:
            while data := await reader.read(300_000):
                await self.write_message(b"\x00" + data, binary=True)
        except WebSocketClosedError:
            pass
        self.close()

    async def on_message(self, message: str | bytes) -> None:  # type: ignore[override]
        assert isinstance(message, bytes)
        assert message[0] == 0
        self.writer.write(message[1:])
        await self.writer.drain()

    def on_close(self) -> None:
        self.api.open.discard(self)
        if hasattr(self, "writer"):
            self.writer.close()
        if not self.api.open:
            self.api.closed.set()
