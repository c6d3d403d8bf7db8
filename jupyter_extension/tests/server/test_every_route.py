"""What holds for every route of the extension: they are taken from its list, so a new one is covered."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from jupyterlab_kubeflow.extension import handlers
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketHandler, websocket_connect

from .conftest import SECRET, answer

EXAMPLES = {"kubeflow/proxy/(.*)": "kubeflow/proxy/pipelines/apis/v2beta1/runs"}
"""A path for each pattern that is not one itself."""

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def _own_methods(handler: type) -> list[str]:
    from jupyter_server.base.handlers import APIHandler
    from tornado.web import RequestHandler

    return [
        m
        for m in METHODS
        if getattr(handler, m.lower()) is not getattr(RequestHandler, m.lower())
        and getattr(handler, m.lower()) is not getattr(APIHandler, m.lower(), None)
    ]


ROUTES = [
    (EXAMPLES.get(pattern.lstrip("/"), pattern.lstrip("/")), handler)
    for pattern, handler in handlers()
]
REQUESTS = [
    pytest.param(method, path, id=f"{method} {path}")
    for path, handler in ROUTES
    if not issubclass(handler, WebSocketHandler)
    for method in _own_methods(handler)
]
WRITES = [p for p in REQUESTS if p.values[0] not in ("GET", "HEAD")]
READS = [p for p in REQUESTS if p.values[0] in ("GET", "HEAD")]
SOCKETS = [path for path, handler in ROUTES if issubclass(handler, WebSocketHandler)]


def test_the_list_is_whole() -> None:
    assert {path for path, _ in ROUTES} >= {
        "kubeflow/connection",
        "kubeflow/streams",
        "kubeflow/katib/observations",
        "kubeflow/notebook/inspect",
        "kubeflow/notebook/compile",
        "kubeflow/notebook/functions",
        "kubeflow/notebook/script",
    }
    assert len(REQUESTS) >= 10
    assert all("(" not in path for path, _ in ROUTES), "a pattern needs an example path"


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_refuses_the_unauthenticated(
    method: str, path: str, connected: Any, raw: Any
) -> None:
    reply = await raw(method, path, {"Content-Type": "application/json"})
    assert reply.status == 403
    assert connected.requests == []


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_refuses_a_wrong_token(method: str, path: str, connected: Any, raw: Any) -> None:
    reply = await raw(method, path, {"Authorization": "token wrong"})
    assert reply.status == 403
    assert connected.requests == []


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_refuses_a_browser_without_xsrf_token(
    method: str, path: str, connected: Any, raw: Any, cookies: Any
) -> None:
    connected.routes["*"] = answer()
    cookie, xsrf = await cookies()
    body = b"{}"
    reply = await raw(method, path, {"Cookie": cookie}, body)
    assert reply.status == 403
    assert "XSRF" in reply.json["message"] or "_xsrf" in reply.json["message"]
    assert set(reply.json) >= {"service", "status", "reason", "message"}
    wrong = await raw(method, path, {"Cookie": cookie, "X-XSRFToken": "2|wrong|0|0"}, body)
    assert wrong.status == 403
    assert connected.requests == []
    allowed = await raw(method, path, {"Cookie": cookie, "X-XSRFToken": xsrf}, body)
    assert allowed.status not in (401, 403, 500), "the same request passes with the token"


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_refuses_a_foreign_origin(
    method: str, path: str, connected: Any, raw: Any, cookies: Any
) -> None:
    cookie, xsrf = await cookies()
    headers = {"Cookie": cookie, "X-XSRFToken": xsrf, "Origin": "https://evil.example"}
    reply = await raw(method, path, headers, b"{}" if method not in ("GET", "HEAD") else b"")
    assert reply.status in (403, 404)
    assert connected.requests == []


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_asks_the_authorizer(
    method: str, path: str, connected: Any, fetch: Any, jp_serverapp: Any
) -> None:
    asked = []

    async def is_authorized(_: Any, __: Any, action: str, resource: str) -> bool:
        asked.append((action, resource))
        return False

    jp_serverapp.authorizer.is_authorized = is_authorized
    reply = await fetch(method, path)
    assert reply.status == 403
    assert asked
    assert {resource for _, resource in asked} == {"kubeflow"}
    if method in ("PUT", "PATCH", "DELETE"):
        assert {action for action, _ in asked} == {"write"}
    assert connected.requests == []


@pytest.mark.parametrize(("method", "path"), REQUESTS)
async def test_tells_no_credential(
    method: str, path: str, connected: Any, fetch: Any, jp_serverapp: Any
) -> None:
    async def echo(request: Any, reader: Any, writer: Any) -> None:
        headers = {"Set-Cookie": SECRET, "X-Echo": SECRET, "WWW-Authenticate": SECRET}
        await answer(json.dumps(request.headers), headers=headers)(request, reader, writer)

    connected.routes["*"] = echo
    reply = await fetch(method, path, body=b"" if method in ("GET", "HEAD") else b"{}")
    assert reply.status != 500
    assert SECRET not in reply.everything
    assert jp_serverapp.identity_provider.token not in reply.everything
    if path.startswith("kubeflow/proxy"):
        assert connected.requests[-1].headers["authorization"] == f"Bearer {SECRET}"


@pytest.mark.parametrize("path", SOCKETS)
async def test_socket_refuses_the_unauthenticated(
    path: str, connected: Any, http_server: Any, jp_http_port: int, jp_base_url: str
) -> None:
    url = f"ws://localhost:{jp_http_port}{jp_base_url}{path}"
    with pytest.raises(HTTPClientError) as refused:
        await websocket_connect(url)
    assert refused.value.code == 403


@pytest.mark.parametrize("path", SOCKETS)
async def test_socket_refuses_a_foreign_origin(
    path: str, connected: Any, cookies: Any, jp_http_port: int, jp_base_url: str
) -> None:
    cookie, _ = await cookies()
    url = f"ws://localhost:{jp_http_port}{jp_base_url}{path}"
    with pytest.raises(HTTPClientError) as refused:
        await websocket_connect(
            HTTPRequest(url, headers={"Cookie": cookie, "Origin": "https://evil.example"})
        )
    assert refused.value.code == 403
    own = {"Cookie": cookie, "Origin": f"http://localhost:{jp_http_port}"}
    socket = await asyncio.wait_for(websocket_connect(HTTPRequest(url, headers=own)), 10)
    socket.close()


@pytest.mark.parametrize("path", SOCKETS)
async def test_socket_asks_the_authorizer(
    path: str, connected: Any, jp_ws_fetch: Any, jp_serverapp: Any
) -> None:
    async def is_authorized(_: Any, __: Any, action: str, resource: str) -> bool:
        assert (action, resource) == ("read", "kubeflow")
        return False

    jp_serverapp.authorizer.is_authorized = is_authorized
    with pytest.raises(HTTPClientError) as refused:
        await jp_ws_fetch(path)
    assert refused.value.code == 403
