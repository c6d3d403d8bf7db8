"""The server of the Kubernetes API: https on loopback in a thread of its own, with its store, collector and kubeconfig."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn
import yaml

from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local.listening import loopback
from jupyterlab_kubeflow.local.process import NAMESPACE

from .app import create_kubernetes_app
from .certificates import Certificates, write_private
from .client import Client
from .collector import EVENT_SECONDS, Collector
from .kinds import kinds
from .logs import PodLogs
from .namespaces import LASTING
from .resources import Options, Resources
from .store import WINDOW, Store

_FAREWELL_SECONDS = 0.2


class KubernetesServer:
    """The API of one home: its database ``kubernetes.db``, the folder ``kubernetes`` (certificates, pod logs) and its ``kubeconfig``.

    ``client`` is for the server's own controllers, from :meth:`start` to :meth:`stop`.
    """

    def __init__(
        self,
        root: Path,
        token: str,
        *,
        port: int = 0,
        window: int = WINDOW,
        event_seconds: float = EVENT_SECONDS,
    ) -> None:
        """``port`` 0: where it listened last, else a random free one."""
        self.kubeconfig = root / "kubeconfig"
        self.url = ""
        self.services: dict[str, str] = {}
        """What else is served beside it, as in ``LocalStatus``: filled by :meth:`start` and by the controllers."""

        self._root = root
        self._token = token
        self._port = port
        self._window = window
        self._event_seconds = event_seconds
        self._closed = False
        self._folder = root / "kubernetes"
        self.logs = PodLogs(self._folder / "pods")

    def start(self) -> None:
        """Returns when it answers. Raises :class:`KubeflowError` when the database is unusable, ``OSError`` when the folder is."""
        from jupyterlab_kubeflow.local.katib import observations
        from jupyterlab_kubeflow.local.trainer import history

        table = kinds()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        certificates = Certificates(self._folder)
        certificates.make()
        database = self._root / "kubernetes.db"
        database.touch(mode=0o600)
        store = Store(database, table.resources(), window=self._window)
        self._store = store
        store.beside += [history.keep, observations.forget]
        self.resources = Resources(store, table)
        self.client = Client(self.resources)
        self._make_namespaces()
        self._collector = Collector(self.resources, self._event_seconds)
        self._collector.start()
        listener = self._listen()
        self.url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        self.services["katib-ui"] = self.url
        self._write_kubeconfig(certificates.authority.read_bytes())
        ready: threading.Event = threading.Event()
        self._thread = threading.Thread(
            target=self._serve, args=(listener, certificates, ready), name="kubernetes", daemon=True
        )
        self._thread.start()
        while not ready.wait(0.05):
            if not self._thread.is_alive():
                raise KubeflowError(
                    "The Kubernetes API of Local Kubeflow did not start; `jupyter kubeflow local logs` shows more.",
                    reason="NotConfigured",
                    status=503,
                    service="local",
                )

    def stop_serving(self) -> None:
        """Ends open streams and waits for what is under way; ``client`` goes on."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop)
            self._thread.join()

    def stop(self) -> None:
        """Ends all, as :meth:`stop_serving`, and closes the database. Does nothing the second time."""
        self.stop_serving()
        if not self._closed:
            self._closed = True
            self._collector.stop()
            self._store.close()

    def _stop(self) -> None:
        self._stopping.set()
        self._server.should_exit = True

    def _make_namespaces(self) -> None:
        kind = self.resources.kinds.of("v1", "Namespace")
        present = {item.key.name for item in self._store.items("namespaces")[0]}
        for name in LASTING:
            if name not in present:
                body = {"metadata": {"name": name}}
                self.resources.create(kind, "", body, Options(manager="local-kubeflow")).result()

    def _listen(self) -> socket.socket:
        port = self._port or self._last_port()
        with contextlib.suppress(OSError):
            return loopback(port)
        if self._port:
            raise KubeflowError(
                f"The Kubernetes API of Local Kubeflow cannot listen on port {port}: another program does. Choose another one.",
                reason="NotConfigured",
                status=503,
                service="local",
            )
        return loopback(0)

    def _last_port(self) -> int:
        try:
            body = yaml.safe_load(self.kubeconfig.read_text())
            return urlsplit(body["clusters"][0]["cluster"]["server"]).port or 0
        except (OSError, yaml.YAMLError, KeyError, TypeError, IndexError, ValueError):
            return 0

    def _write_kubeconfig(self, authority: bytes) -> None:
        name = "local-kubeflow"
        cluster = {
            "server": self.url,
            "certificate-authority-data": base64.b64encode(authority).decode(),
        }
        context = {"cluster": name, "user": name, "namespace": NAMESPACE}
        body = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": cluster}],
            "users": [{"name": name, "user": {"token": self._token}}],
            "contexts": [{"name": name, "context": context}],
            "current-context": name,
        }
        write_private(self.kubeconfig, yaml.safe_dump(body, sort_keys=False).encode())

    def _serve(
        self, listener: socket.socket, certificates: Certificates, ready: threading.Event
    ) -> None:
        asyncio.run(self._run(listener, certificates, ready))

    async def _run(
        self, listener: socket.socket, certificates: Certificates, ready: threading.Event
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        app = create_kubernetes_app(
            self.resources, self.logs, self._root, self._token, self._stopping
        )
        self._server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_keep_alive=120,  # longer than clients do, so that none sends into a connection that is being closed
                timeout_graceful_shutdown=5,
                ssl_certfile=certificates.server,
                ssl_keyfile=certificates.server_key,
            ),
            ready,
        )
        await self._server.serve(sockets=[listener])


class _Server(uvicorn.Server):
    """Says when it answers, and leaves signals to the process's own server."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        abandoning = asyncio.create_task(self._abandon_idle_connections())
        await super().shutdown(sockets)
        abandoning.cancel()

    async def _abandon_idle_connections(self) -> None:
        """Once all is answered: clients that keep a connection and do not read do not notice its end, which asyncio waits 30 s for."""
        if answering := list(self.server_state.tasks):
            await asyncio.wait(answering)
        await asyncio.sleep(_FAREWELL_SECONDS)
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield
