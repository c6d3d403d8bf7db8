"""The proxy: what passes, what is refused, what a broken upstream or a leaving client leads to."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from .conftest import SECRET, Request, answer, read_body

RUNS = "kubeflow/proxy/pipelines/apis/v2beta1/runs"
LOGS = "kubeflow/proxy/pipelines-ui/k8s/pod/logs"


@pytest.fixture
def extension_config() -> dict[str, Any]:
    return {
        "max_request_bytes": 200_000,
        "connect_timeout": 20,
        "response_timeout": 60,
        "idle_timeout": 60,
    }


@pytest.fixture
def impatient(jp_serverapp: Any) -> None:
    """The upstream has half a second."""
    settings = jp_serverapp.web_app.settings
    settings["kubeflow_limits"] = replace(settings["kubeflow_limits"], first_byte=0.5, idle=0.5)


def refused(reply: Any, status: int, reason: str) -> None:
    """The reply has the error shape of docs/architecture.md."""
    assert reply.status == status, reply.everything
    assert reply.headers["content-type"].startswith("application/json")
    assert reply.json["status"] == status
    assert reply.json["reason"] == reason
    assert isinstance(reply.json["service"], str)
    assert len(reply.json["message"]) > 20
    assert "Traceback" not in reply.json["message"]
    assert SECRET not in reply.everything


async def test_forwards_what_is_listed_and_nothing_else(
    connected: Any, fetch: Any, jp_serverapp: Any
) -> None:
    token = jp_serverapp.identity_provider.token
    connected.routes["/apis/v2beta1/runs"] = answer(
        '{"runs":[]}',
        headers={
            "ETag": '"1"',
            "Set-Cookie": "a=b",
            "Access-Control-Allow-Origin": "*",
            "Content-Security-Policy": "script-src *",
            "X-Powered-By": "magic",
        },
    )
    reply = await fetch(
        "GET",
        f"{RUNS}?page_size=2&filter=%7B%22a%22%3A%201%7D&1763690000000&token={token}&_xsrf=x",
        {
            "Cookie": "secret=1",
            "X-XSRFToken": "x",
            "X-Forwarded-For": "1.2.3.4",
            "kubeflow-userid": "somebody@else",
            "Accept": "application/json",
            "Accept-Language": "de",
        },
    )
    assert reply.status == 200
    assert reply.json == {"runs": []}
    sent = connected.requests[-1]
    assert sent.target == "/apis/v2beta1/runs?page_size=2&filter=%7B%22a%22%3A+1%7D"
    assert sent.headers["authorization"] == f"Bearer {SECRET}"
    assert sent.headers["accept"] == "application/json"
    assert sent.headers["accept-language"] == "de"
    for name in ("cookie", "x-xsrftoken", "x-forwarded-for", "kubeflow-userid"):
        assert name not in sent.headers
    assert reply.headers["etag"] == '"1"'
    assert reply.headers["content-security-policy"].startswith("sandbox;")
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert "x-powered-by" not in reply.headers
    assert "a=b" not in reply.headers.get("set-cookie", "")


async def test_upstream_errors_pass_through(connected: Any, fetch: Any) -> None:
    body = '{"error":"x","code":5,"message":"Run not found.","details":[]}'
    connected.routes["*"] = answer(body, "404 Not Found")
    reply = await fetch("GET", f"{RUNS}/none")
    assert (reply.status, reply.body.decode()) == (404, body)


async def test_a_range_of_an_artifact(connected: Any, fetch: Any) -> None:
    connected.routes["/artifacts/get"] = answer(
        b"\x00\xff" * 8,
        "206 Partial Content",
        "application/octet-stream",
        {"Content-Range": "bytes 0-15/99"},
    )
    reply = await fetch(
        "GET",
        "kubeflow/proxy/pipelines-ui/artifacts/get?source=minio&bucket=b&key=k",
        {"Range": "bytes=0-15"},
    )
    assert (reply.status, reply.body) == (206, b"\x00\xff" * 8)
    assert reply.headers["content-range"] == "bytes 0-15/99"
    assert connected.requests[-1].headers["range"] == "bytes=0-15"


async def test_head_and_not_modified_have_no_body(connected: Any, fetch: Any) -> None:
    async def head(_: Request, __: Any, writer: Any) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\nContent-Type: text/x\r\n\r\n")

    connected.routes["/artifacts/get"] = head
    reply = await fetch("HEAD", "kubeflow/proxy/pipelines-ui/artifacts/get?key=k")
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["content-length"] == "12345"

    async def unmodified(_: Request, __: Any, writer: Any) -> None:
        writer.write(b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')

    connected.routes["/artifacts/get"] = unmodified
    reply = await fetch(
        "GET", "kubeflow/proxy/pipelines-ui/artifacts/get?key=k", {"If-None-Match": '"1"'}
    )
    assert (reply.status, reply.body) == (304, b"")
    assert connected.requests[-1].headers["if-none-match"] == '"1"'


@pytest.mark.parametrize("size", [0, 5, 100_000])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("kind", ["text/csv", "application/vnd.kubernetes.protobuf"])
async def test_an_answer_keeps_its_content_type(
    kind: str, method: str, size: int, connected: Any, fetch: Any
) -> None:
    body = b"" if method == "HEAD" else b"x" * size
    length = {"Content-Length": str(size)}
    connected.routes["/artifacts/get"] = answer(body, kind=kind, headers=length)
    reply = await fetch(method, "kubeflow/proxy/pipelines-ui/artifacts/get?key=k")
    assert (reply.status, reply.headers["content-type"]) == (200, kind)
    assert reply.body == body


async def test_html_cannot_run_as_jupyter(connected: Any, fetch: Any) -> None:
    connected.routes["/artifacts/get"] = answer("<script>1</script>", kind="text/html")
    reply = await fetch("GET", "kubeflow/proxy/pipelines-ui/artifacts/get?key=k")
    assert reply.body == b"<script>1</script>"
    assert reply.headers["content-security-policy"].startswith("sandbox;")
    assert "allow-scripts" not in reply.headers["content-security-policy"]


@pytest.mark.parametrize(
    "path",
    [
        "/apis/v2beta1/../../secret",
        "/apis/v2beta1/./runs",
        "/apis/v2beta1/%2e%2e/%2e%2e/secret",
        "/apis/v2beta1/%2E%2E/secret",
        "/apis/v2beta1/.%2e/secret",
        "/apis/v2beta1/%252e%252e/secret",
        "/apis/v2beta1/..%2f..%2fsecret",
        "/apis/v2beta1/..%5c..%5csecret",
        "/apis/v2beta1/..\\..\\secret",
        "/apis/v2beta1/..;/secret",
        "/apis/v2beta1/%c0%ae%c0%ae/secret",
        "/apis/v2beta1/runs%00",
        "/apis/v2beta1/runs%0d%0aX-Evil:%201",
        "/apis/v2beta1/runs%",
        "/apis/v2beta1//runs",
        "//127.0.0.1/apis/v2beta1/runs",
        "//evil.example/apis/v2beta1/runs",
        "/http://evil.example/",
        "/apis%2fv2beta1/runs",
    ],
)
async def test_refuses_paths_that_lead_elsewhere(path: str, connected: Any, fetch: Any) -> None:
    refused(await fetch("GET", f"kubeflow/proxy/pipelines{path}"), 400, "BadRequest")
    assert connected.requests == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "pipelines/"),
        ("GET", "pipelines"),
        ("GET", "pipelines/apis/v1beta1/runs"),
        ("GET", "pipelines/metrics"),
        ("GET", "pipelines/apis/v2beta1evil/runs"),
        ("POST", "pipelines-ui/k8s/pod/logs"),
        ("GET", "pipelines-ui/k8s/pod"),
        ("GET", "pipelines-ui/artifacts/get/more"),
        ("GET", "pipelines-ui/artifacts/get?source=http&bucket=evil.example&key=x"),
        ("GET", "pipelines-ui/artifacts/get?source=HTTPS&bucket=evil.example&key=x"),
    ],
)
async def test_refuses_what_is_not_listed(
    method: str, path: str, connected: Any, fetch: Any
) -> None:
    reply = await fetch(method, f"kubeflow/proxy/{path}")
    assert reply.status in (400, 403), reply.everything
    refused(reply, reply.status, "BadRequest" if reply.status == 400 else "Forbidden")
    assert connected.requests == []


@pytest.mark.parametrize(
    "service", ["nothing", "https:", "pipelines.evil.example", "", "%70ipelines"]
)
async def test_refuses_unknown_services(service: str, connected: Any, fetch: Any) -> None:
    reply = await fetch("GET", f"kubeflow/proxy/{service}/apis/v2beta1/runs")
    refused(reply, 404, "NotFound")
    assert connected.requests == []


@pytest.mark.parametrize("service", ["feast", "feast-online", "inference"])
async def test_says_what_is_not_there_yet(service: str, connected: Any, fetch: Any) -> None:
    refused(await fetch("GET", f"kubeflow/proxy/{service}/x"), 503, "NotConfigured")


async def test_refuses_absolute_urls_as_request_target(
    connected: Any, jp_auth_header: Any, http_server: Any, jp_http_port: int
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    writer.write(
        f"GET {connected.url}/apis/v2beta1/runs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: {jp_auth_header['Authorization']}\r\n\r\n".encode()
    )
    content = await reader.read()
    writer.close()
    assert b" 404 " in content.partition(b"\r\n")[0] or b" 400 " in content.partition(b"\r\n")[0]
    assert connected.requests == []


@pytest.mark.parametrize("value", ["a\rX-Evil: 1", "a\x00b", "a\x0bb", "x" * 9000])
async def test_refuses_header_injection(value: str, connected: Any, fetch: Any) -> None:
    reply = await fetch("GET", RUNS, {"Accept": value})
    assert reply.status == 400
    assert connected.requests == []


async def test_a_folded_header_does_not_become_two(connected: Any, fetch: Any) -> None:
    connected.routes["*"] = answer()
    await fetch("GET", RUNS, {"Accept": "a\r\n X-Evil: 1"})
    for request in connected.requests:
        assert "x-evil" not in request.headers


async def test_streams_an_upload_up(connected: Any, fetch: Any) -> None:
    received = []

    async def upload(request: Request, reader: Any, writer: Any) -> None:
        request.body = await read_body(request.headers, reader)
        received.append(request)
        await answer('{"pipeline_id":"1"}')(request, reader, writer)

    upload.reads_body = True  # type: ignore[attr-defined]
    connected.routes["/apis/v2beta1/pipelines/upload"] = upload
    body = b'--b\r\nContent-Disposition: form-data; name="uploadfile"\r\n\r\n' + b"x" * 150_000
    path = "kubeflow/proxy/pipelines/apis/v2beta1/pipelines/upload?name=n"
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    reply = await fetch("POST", path, kind, body)
    assert reply.json == {"pipeline_id": "1"}
    assert received[0].body == body
    assert received[0].headers["content-length"] == str(len(body))
    assert received[0].headers["content-type"] == "multipart/form-data; boundary=b"
    chunked = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    reply = await fetch("POST", path, {**kind, "Transfer-Encoding": "chunked"}, chunked)
    assert reply.status == 200
    assert received[1].body == b"hello world"


async def test_the_upstream_sees_an_upload_before_it_is_complete(
    connected: Any, jp_auth_header: Any, http_server: Any, jp_http_port: int, jp_base_url: str
) -> None:
    first = asyncio.Event()

    async def upload(request: Request, reader: Any, writer: Any) -> None:
        assert await reader.readexactly(5) == b"first"
        first.set()
        assert await reader.readexactly(6) == b"second"
        await answer('{"done":true}')(request, reader, writer)

    upload.reads_body = True  # type: ignore[attr-defined]
    connected.routes["*"] = upload
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    writer.write(
        f"POST {jp_base_url}{RUNS} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 11\r\n"
        f"Authorization: {jp_auth_header['Authorization']}\r\n\r\nfirst".encode()
    )
    await asyncio.wait_for(first.wait(), 10)
    writer.write(b"second")
    assert b'{"done":true}' in await reader.read()
    writer.close()


async def test_refuses_an_oversize_body(connected: Any, fetch: Any) -> None:
    connected.routes["*"] = answer()
    refused(await fetch("POST", RUNS, body=b"x" * 200_001), 413, "TooLarge")
    assert connected.requests == []
    chunked = b"30d41\r\n" + b"x" * 200_001 + b"\r\n0\r\n\r\n"
    reply = await fetch("POST", RUNS, {"Transfer-Encoding": "chunked"}, chunked)
    refused(reply, 413, "TooLarge")
    assert all(len(r.body) <= 200_000 for r in connected.requests)


@pytest.mark.parametrize(
    "location",
    ["https://evil.example/x", "//evil.example", "/login", "http://[", "http://u:p@x.example/"],
)
async def test_follows_no_redirect(location: str, connected: Any, fetch: Any) -> None:
    connected.routes["*"] = answer("", "302 Found", headers={"Location": location})
    reply = await fetch("GET", RUNS)
    refused(reply, 502, "UpstreamInvalid")
    assert "location" not in reply.headers
    assert "u:p" not in reply.everything
    assert len(connected.requests) == 1


@pytest.mark.parametrize("farewell", [b"", b"HTTP/1.1 408 Request Timeout\r\n\r\n"])
async def test_a_connection_that_the_upstream_has_closed_is_not_used_again(
    farewell: bytes, connected: Any, fetch: Any
) -> None:
    async def close(request: Request, reader: Any, writer: Any) -> None:
        await answer('{"runs":[]}')(request, reader, writer)
        writer.write(farewell)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    connected.routes["*"] = close
    for _ in range(3):
        assert (await fetch("GET", RUNS)).json == {"runs": []}


async def test_tls_that_never_begins(
    connected: Any, write_connections: Any, fetch: Any, jp_serverapp: Any
) -> None:
    settings = jp_serverapp.web_app.settings
    settings["kubeflow_limits"] = replace(settings["kubeflow_limits"], connect=0.3)
    service = {"url": connected.url.replace("http:", "https:")}
    write_connections({"active": "x", "profiles": {"x": {"services": {"pipelines": service}}}})
    refused(await fetch("GET", RUNS), 504, "UpstreamTimeout")


async def test_upstream_down(connected: Any, fetch: Any) -> None:
    connected.server.close()
    await connected.server.wait_closed()
    refused(await fetch("GET", RUNS), 502, "UpstreamUnreachable")
    refused(await fetch("POST", RUNS, body=b"{}"), 502, "UpstreamUnreachable")


async def test_upstream_slow_to_answer(connected: Any, fetch: Any, impatient: None) -> None:
    connected.routes["*"] = connected.waiting()
    refused(await fetch("GET", RUNS), 504, "UpstreamTimeout")
    await asyncio.wait_for(connected.hung_up.wait(), 10)


async def test_upstream_falls_silent_midway(connected: Any, fetch: Any, impatient: None) -> None:
    connected.routes["*"] = connected.waiting(b"first")
    reply = await fetch("GET", LOGS)
    assert reply.status == 200
    assert reply.body.startswith(b"first")
    await asyncio.wait_for(connected.hung_up.wait(), 10)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"\x16\x03\x01\x00\x00garbage\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi",
    ],
)
async def test_upstream_speaks_nonsense(nonsense: bytes, connected: Any, fetch: Any) -> None:
    async def behave(_: Request, __: Any, writer: Any) -> None:
        writer.write(nonsense)
        writer.close()

    connected.routes["*"] = behave
    refused(await fetch("GET", RUNS), 502, "UpstreamInvalid")


@pytest.mark.parametrize(
    "begun", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"SSH-2.0-OpenSSH_9.6\r\n"]
)
async def test_upstream_stops_before_it_answers(begun: bytes, connected: Any, fetch: Any) -> None:
    async def behave(_: Request, __: Any, writer: Any) -> None:
        writer.write(begun)
        writer.close()

    connected.routes["*"] = behave
    reply = await fetch("GET", RUNS)
    refused(reply, 502, "UpstreamUnreachable")
    assert "broke off the connection before its answer" in reply.json["message"]


async def test_a_truncated_answer_never_looks_complete(
    connected: Any, jp_auth_header: Any, http_server: Any, jp_http_port: int, jp_base_url: str
) -> None:
    async def behave(_: Request, __: Any, writer: Any) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
        )
        writer.close()

    connected.routes["*"] = behave
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    writer.write(
        f"GET {jp_base_url}{LOGS} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {jp_auth_header['Authorization']}\r\n\r\n".encode()
    )
    content = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert b"hello" in content
    assert not content.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize("first", [b"", b"begun"])
async def test_a_client_that_hangs_up_ends_the_upstream_request(
    first: bytes,
    connected: Any,
    jp_auth_header: Any,
    http_server: Any,
    jp_http_port: int,
    jp_base_url: str,
) -> None:
    connected.routes["*"] = connected.waiting(first)
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    writer.write(
        f"GET {jp_base_url}{LOGS} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: {jp_auth_header['Authorization']}\r\n\r\n".encode()
    )
    await asyncio.wait_for(connected.arrived.wait(), 10)
    if first:
        await asyncio.wait_for(reader.readuntil(first), 10)
    assert not connected.hung_up.is_set()
    writer.close()
    await asyncio.wait_for(connected.hung_up.wait(), 10)


async def test_a_client_that_hangs_up_while_it_uploads(
    connected: Any, jp_auth_header: Any, http_server: Any, jp_http_port: int, jp_base_url: str
) -> None:
    connected.routes["/x"] = answer()
    _, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    writer.write(
        f"POST {jp_base_url}{RUNS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
        f"Authorization: {jp_auth_header['Authorization']}\r\n\r\npart".encode()
    )
    await asyncio.wait_for(connected.arrived.wait(), 10)
    writer.close()
    await asyncio.wait_for(connected.hung_up.wait(), 10)


@pytest.mark.parametrize(
    ("method", "body", "sent"),
    [
        ("GET", b"", 2),
        ("DELETE", b"", 2),
        ("POST", b'{"a":1}', 2),
        ("POST", b"x" * 150_000, 2),
        ("PUT", b"x" * (1024 * 1024 + 1), 1),
    ],
)
async def test_a_request_is_repeated_once_with_fresh_credentials(
    method: str,
    body: bytes,
    sent: int,
    connected: Any,
    fetch: Any,
    config_home: Any,
    jp_serverapp: Any,
) -> None:
    settings = jp_serverapp.web_app.settings
    settings["kubeflow_limits"] = replace(settings["kubeflow_limits"], request_bytes=2**21)

    async def rotating(request: Request, reader: Any, writer: Any) -> None:
        if request.headers["authorization"] == "Bearer renewed-token":
            await answer('{"ok":true}')(request, reader, writer)
        else:
            (config_home / "token").write_text("renewed-token")
            await answer("{}", "401 Unauthorized")(request, reader, writer)

    connected.routes["*"] = rotating
    reply = await fetch(method, RUNS, body=body)
    assert reply.status == (200 if sent == 2 else 401)
    assert [request.body for request in connected.requests] == [body] * sent


async def test_the_same_credentials_are_not_tried_again(connected: Any, fetch: Any) -> None:
    connected.routes["*"] = answer("{}", "401 Unauthorized")
    assert (await fetch("GET", RUNS)).status == 401
    assert len(connected.requests) == 1


async def test_a_credential_is_masked_across_chunks(connected: Any, fetch: Any) -> None:
    async def behave(_: Request, __: Any, writer: Any) -> None:
        content = f"a{SECRET}b".encode()
        writer.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {len(content)}\r\n\r\n".encode()
        )
        for byte in content:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)

    connected.routes["*"] = behave
    reply = await fetch("GET", LOGS)
    assert reply.body == b"a" + b"*" * len(SECRET) + b"b"


async def test_no_credential_in_the_log(
    connected: Any, fetch: Any, caplog: Any, impatient: None
) -> None:
    connected.routes["*"] = connected.waiting(b"first")
    caplog.set_level("DEBUG")
    await fetch("GET", LOGS)
    connected.server.close()
    await fetch("GET", RUNS)
    assert caplog.records
    assert SECRET not in caplog.text


async def test_a_missing_token_file_names_itself(
    connected: Any, fetch: Any, config_home: Any
) -> None:
    (config_home / "token").unlink()
    reply = await fetch("GET", RUNS)
    refused(reply, 503, "NotConfigured")
    assert str(config_home / "token") in reply.json["message"]


async def test_jupyter_own_error_pages_are_json(connected: Any, fetch: Any) -> None:
    reply = await fetch("PATCH", "kubeflow/connection", body=b"{}")
    assert reply.status == 405
    assert json.loads(reply.body)["reason"] == "MethodNotAllowed"
