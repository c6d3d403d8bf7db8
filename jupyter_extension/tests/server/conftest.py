"""A Jupyter server with the extension, a real upstream on loopback that misbehaves on request, and a raw HTTP client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SECRET = "upstream-credential-0123456789"
PROFILE = "test"


@dataclass
class Request:
    """What reached the upstream."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""
    lines: list[tuple[str, str]] = field(default_factory=list)
    """The headers line by line, names in lower case."""


Behaviour = Callable[[Request, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answer(
    body: bytes | str = b"{}",
    status: str = "200 OK",
    kind: str = "application/json",
    headers: dict[str, str] | None = None,
) -> Behaviour:
    """Answers with a fixed body."""
    content = body.encode() if isinstance(body, str) else body

    async def behave(_: Request, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines = {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + content)

    return behave


@dataclass
class Upstream:
    """A small HTTP server. ``routes`` maps a path to what it does; ``hung_up`` is set when a client leaves a waiting request."""

    port: int = 0
    routes: dict[str, Behaviour] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    open_now: int = 0
    server: Any = None
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    def waiting(self, first: bytes = b"") -> Behaviour:
        """Sends ``first`` (with a head) and then nothing more until the client leaves."""

        async def behave(
            _: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            if first:
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + f"{len(first):x}\r\n".encode()
                    + first
                    + b"\r\n"
                )
                await writer.drain()
            self.open_now += 1
            try:
                await reader.read()
            except ConnectionError:
                pass
            finally:
                self.open_now -= 1
                self.hung_up.set()
            writer.close()

        return behave

    async def stop(self) -> None:
        """Ends everything that is still open."""
        self.server.close()
        for task in self.serving:
            task.cancel()
        await asyncio.gather(*self.serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)
        try:
            while not writer.is_closing():
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.strip().split("\r\n")
                method, target, _ = first.split(" ", 2)
                pairs = [
                    (k.lower(), v.strip()) for k, _, v in (line.partition(":") for line in lines)
                ]
                headers = dict(pairs)
                request = Request(method, target, headers, lines=pairs)
                self.requests.append(request)
                self.arrived.set()
                behave = self.routes.get(target.partition("?")[0]) or self.routes.get("*")
                if not getattr(behave, "reads_body", False):
                    request.body = await read_body(headers, reader)
                await (behave or answer('{"error":"no route"}', "404 Not Found"))(
                    request, reader, writer
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.hung_up.set()
        finally:
            writer.close()


async def read_body(headers: dict[str, str], reader: asyncio.StreamReader) -> bytes:
    """A request's body, of known length or chunked."""
    if headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return body
    return await reader.readexactly(int(headers.get("content-length", 0)))


@dataclass
class Reply:
    """An answer of the Jupyter server."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def everything(self) -> str:
        return repr(self.headers) + self.body.decode("utf-8", "replace")


@pytest.fixture
def upstream(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[Upstream]:
    """The upstream, listening."""
    server = Upstream()
    jp_asyncio_loop.run_until_complete(server.start())
    yield server
    jp_asyncio_loop.run_until_complete(server.stop())


@pytest.fixture
def config_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty configuration folder, no kubeconfig, no cluster around us."""
    home = tmp_path / "kubeflow-config"
    home.mkdir()
    monkeypatch.setenv("KUBEFLOW_CONFIG_HOME", str(home))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-kubeconfig"))
    monkeypatch.setenv("KUBEFLOW_LOCAL_HOME", str(tmp_path / "local-home"))
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    return home


@pytest.fixture
def write_connections(config_home: Path) -> Callable[[Any], Path]:
    """Writes ``connections.json``: text as it is, anything else as JSON."""

    def write(content: Any) -> Path:
        path = config_home / "connections.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return write


@pytest.fixture
def connected(
    upstream: Upstream, config_home: Path, write_connections: Callable[[Any], Path]
) -> Upstream:
    """The upstream as the active connection's ``pipelines`` and ``pipelines-ui``, behind a bearer token."""
    (config_home / "token").write_text(SECRET + "\n")
    service = {"url": upstream.url, "auth": {"type": "bearer", "tokenFile": "token"}}
    write_connections(
        {
            "version": 1,
            "active": PROFILE,
            "profiles": {PROFILE: {"services": {"pipelines": service, "pipelines-ui": service}}},
        }
    )
    return upstream


@pytest.fixture
def extension_config() -> dict[str, Any]:
    """Traits of the extension; a test module overrides it."""
    return {}


@pytest.fixture
def jp_server_config(config_home: Path, extension_config: dict[str, Any]) -> dict[str, Any]:
    """The extension is loaded, authentication and XSRF are as in production."""
    return {
        "ServerApp": {"jpserver_extensions": {"jupyterlab_kubeflow": True}},
        "KubeflowExtension": extension_config,
    }


@pytest.fixture
def raw(http_server: Any, jp_http_port: int, jp_base_url: str) -> Callable[..., Awaitable[Reply]]:
    """Sends a request as it is written, below the base URL: no client normalises it."""

    async def send(
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
    ) -> Reply:
        reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
        lines = {"Host": f"localhost:{jp_http_port}", "Connection": "close", **(headers or {})}
        if (body or method in ("POST", "PUT", "PATCH")) and "Transfer-Encoding" not in lines:
            lines.setdefault("Content-Length", str(len(body)))
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(
            f"{method} {jp_base_url}{path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body
        )
        try:
            content = await reader.read()
        finally:
            writer.close()
        start, _, rest = content.partition(b"\r\n\r\n")
        first, *answered = start.decode("latin-1").split("\r\n")
        found = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in answered)}
        if found.get("transfer-encoding") == "chunked":
            rest = _unchunked(rest)
        return Reply(int(first.split(" ")[1]) if first else 0, found, rest)

    return send


def _unchunked(content: bytes) -> bytes:
    body = b""
    while content:
        size, _, content = content.partition(b"\r\n")
        if not size or int(size, 16) == 0:
            break
        body += content[: int(size, 16)]
        content = content[int(size, 16) + 2 :]
    return body


@pytest.fixture
def fetch(raw: Any, jp_auth_header: dict[str, str]) -> Callable[..., Awaitable[Reply]]:
    """As ``raw``, with the Jupyter token."""

    async def send(
        method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Reply:
        return await raw(method, path, {**jp_auth_header, **(headers or {})}, body)

    return send


@pytest.fixture
def cookies(raw: Any, jp_serverapp: Any) -> Callable[[], Awaitable[tuple[str, str]]]:
    """Logs in as a browser does: ``(Cookie header, XSRF token)``."""

    async def login() -> tuple[str, str]:
        page = await raw("GET", "login")
        xsrf = page.headers["set-cookie"].partition("_xsrf=")[2].partition(";")[0]
        token = jp_serverapp.identity_provider.token
        reader = await raw(
            "POST",
            "login",
            {
                "Cookie": f"_xsrf={xsrf}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            f"_xsrf={xsrf}&password={token}".encode().replace(b"|", b"%7C"),
        )
        assert reader.status == 302, reader.everything
        session = reader.headers["set-cookie"].partition(";")[0]
        return f"_xsrf={xsrf}; {session}", xsrf

    return login
