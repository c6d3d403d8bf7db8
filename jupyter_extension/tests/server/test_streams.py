"""The stream socket: protocol, credit, limits, and that leaving ends the upstream requests."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from .conftest import SECRET, Request, answer

PATH = "/k8s/pod/logs"


@pytest.fixture
def extension_config() -> dict[str, Any]:
    return {"max_streams": 3, "max_line_bytes": 1000, "connect_timeout": 20}


def subscribe(identifier: str = "1", **changes: Any) -> str:
    frame = {
        "op": "subscribe",
        "id": identifier,
        "service": "pipelines-ui",
        "path": PATH,
        "query": {"podname": "p"},
        "format": "text",
        "credit": 100_000,
        **changes,
    }
    return json.dumps({k: v for k, v in frame.items() if v is not None})


async def receive(socket: Any) -> dict[str, Any]:
    message = await asyncio.wait_for(socket.read_message(), 10)
    assert message is not None, f"the socket was closed: {socket.close_code} {socket.close_reason}"
    frame: dict[str, Any] = json.loads(message)
    return frame


async def until_end(socket: Any) -> tuple[str, dict[str, Any]]:
    """All data of a stream, and its last frame."""
    text = ""
    while True:
        frame = await receive(socket)
        if frame["op"] == "data":
            text += frame["data"]
        elif frame["op"] in ("end", "error"):
            return text, frame


def chunked(*chunks: bytes, kind: str = "text/plain") -> Any:
    async def behave(_: Request, __: Any, writer: Any) -> None:
        writer.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        for chunk in chunks:
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0)
        writer.write(b"0\r\n\r\n")

    return behave


async def test_a_stream_from_open_to_end(connected: Any, jp_ws_fetch: Any) -> None:
    connected.routes[PATH] = chunked(b"one\n", "zwei ü".encode()[:6], "zwei ü".encode()[6:])
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe(query={"podname": "a b", "token": "t", "tail": 5}))
    assert await receive(socket) == {
        "op": "open",
        "id": "1",
        "status": 200,
        "contentType": "text/plain",
    }
    text, last = await until_end(socket)
    assert text == "one\nzwei ü"
    assert last == {"op": "end", "id": "1"}
    sent = connected.requests[-1]
    assert sent.target == f"{PATH}?podname=a+b&tail=5"
    assert sent.headers["authorization"] == f"Bearer {SECRET}"
    assert "cookie" not in sent.headers
    socket.close()


async def test_many_streams_over_one_socket(connected: Any, jp_ws_fetch: Any) -> None:
    connected.routes[PATH] = connected.waiting(b"hello")
    socket = await jp_ws_fetch("kubeflow", "streams")
    for identifier in "abc":
        await socket.write_message(subscribe(identifier))
    seen = set()
    while len(seen) < 3:
        frame = await receive(socket)
        if frame["op"] == "data":
            assert frame["data"] == "hello"
            seen.add(frame["id"])
    await socket.write_message(subscribe("d"))
    frame = await receive(socket)
    assert (frame["op"], frame["id"], frame["error"]["reason"]) == ("error", "d", "TooLarge")
    socket.close()


async def test_sends_no_more_than_the_credit(connected: Any, jp_ws_fetch: Any) -> None:
    text = "aü€" * 20
    connected.routes[PATH] = answer(text, kind="text/plain")
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe(credit=10))
    assert (await receive(socket))["op"] == "open"
    received, granted = "", 10
    while True:
        frame = await receive(socket)
        if frame["op"] == "end":
            break
        received += frame["data"]
        used = len(received.encode())
        assert used <= granted + 2, "at most the rest of one character more"
        if used >= granted:
            granted += 10
            await socket.write_message(json.dumps({"op": "credit", "id": "1", "bytes": 10}))
    assert received == text
    socket.close()


async def test_without_credit_nothing_is_sent_until_it_comes(
    connected: Any, jp_ws_fetch: Any
) -> None:
    connected.routes[PATH] = answer("x" * 50, kind="text/plain")
    connected.routes["/artifacts/get"] = answer("other", kind="text/plain")
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe("starved", credit=0))
    assert (await receive(socket))["op"] == "open"
    await socket.write_message(subscribe("other", path="/artifacts/get"))
    frames = [await receive(socket) for _ in range(3)]
    assert [f["id"] for f in frames] == ["other"] * 3, "one stream's credit holds no other up"
    for amount in (20, 20, 20):
        await socket.write_message(json.dumps({"op": "credit", "id": "starved", "bytes": amount}))
    text, last = await until_end(socket)
    assert (text, last["op"]) == ("x" * 50, "end")
    socket.close()


async def test_a_slow_reader_holds_the_upstream_back(connected: Any, jp_ws_fetch: Any) -> None:
    written = 0
    stalled = asyncio.Event()

    async def flood(_: Request, __: Any, writer: Any) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n")
        while written < 64 * 1024 * 1024:
            writer.write(b"x" * 65536)
            written += 65536
            try:
                await asyncio.wait_for(asyncio.shield(writer.drain()), 0.5)
            except asyncio.TimeoutError:
                stalled.set()
                return

    connected.routes[PATH] = flood
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe(credit=1000))
    await asyncio.wait_for(stalled.wait(), 20)
    assert written < 32 * 1024 * 1024
    socket.close()


async def test_ndjson_sends_whole_lines(connected: Any, jp_ws_fetch: Any) -> None:
    connected.routes[PATH] = chunked(b'{"a":', b"1}\n{", b'"b":2}\n{"c"', b":3}")
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe(format="ndjson", credit=1))
    await socket.write_message(json.dumps({"op": "credit", "id": "1", "bytes": 10_000}))
    lines = []
    while (frame := await receive(socket))["op"] != "end":
        if frame["op"] == "data":
            assert frame["data"].endswith("\n")
            lines += frame["data"].splitlines()
    assert [json.loads(line) for line in lines] == [{"a": 1}, {"b": 2}, {"c": 3}]
    socket.close()


async def test_a_line_longer_than_the_largest_credit_comes_whole_and_is_given_back(
    connected: Any, jp_ws_fetch: Any, jp_serverapp: Any
) -> None:
    settings = jp_serverapp.web_app.settings
    settings["kubeflow_limits"] = replace(
        settings["kubeflow_limits"], stream_credit=100, line_bytes=1000
    )
    line = json.dumps({"a": "x" * 900}) + "\n"
    connected.routes[PATH] = answer(line * 3, kind="application/json")
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe(format="ndjson", credit=100))
    received = ""
    while (frame := await receive(socket))["op"] != "end":
        assert frame["op"] in ("open", "data"), frame
        if frame["op"] == "data":
            received += frame["data"]
            size = len(frame["data"])
            await socket.write_message(json.dumps({"op": "credit", "id": "1", "bytes": size}))
    assert received == line * 3
    socket.close()


async def test_more_credit_than_can_be_owed_ends_the_stream(
    connected: Any, jp_ws_fetch: Any
) -> None:
    connected.routes[PATH] = connected.waiting(b"begun")
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe())
    await socket.write_message(json.dumps({"op": "credit", "id": "1", "bytes": 16 * 1024 * 1024}))
    _, last = await until_end(socket)
    assert (last["op"], last["error"]["details"]) == ("error", {"field": "bytes"})
    socket.close()


async def test_an_endless_line_is_refused(connected: Any, jp_ws_fetch: Any) -> None:
    connected.routes[PATH] = connected.waiting(b"x" * 1001)
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe(format="ndjson"))
    _, last = await until_end(socket)
    assert last["error"]["reason"] == "TooLarge"
    await asyncio.wait_for(connected.hung_up.wait(), 10)
    socket.close()


@pytest.mark.parametrize("how", ["cancel", "close"])
async def test_leaving_ends_the_upstream_request(
    how: str, connected: Any, jp_ws_fetch: Any
) -> None:
    connected.routes[PATH] = connected.waiting(b"begun")
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe())
    assert [(await receive(socket))["op"] for _ in range(2)] == ["open", "data"]
    assert not connected.hung_up.is_set()
    if how == "cancel":
        await socket.write_message(json.dumps({"op": "cancel", "id": "1"}))
    else:
        socket.close()
    await asyncio.wait_for(connected.hung_up.wait(), 10)
    if how == "cancel":
        connected.routes[PATH] = answer("again", kind="text/plain")
        await socket.write_message(subscribe("1"))
        assert (await until_end(socket))[0] == "again"
        socket.close()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"service": "nothing"}, "NotFound"),
        ({"service": "feast"}, "NotConfigured"),
        ({"service": "registry"}, "Forbidden"),
        ({"service": 5}, "BadRequest"),
        ({"path": "/other"}, "Forbidden"),
        ({"path": "http://evil.example/"}, "BadRequest"),
        ({"path": "//evil.example/"}, "BadRequest"),
        ({"path": "/k8s/pod/%2e%2e/logs"}, "BadRequest"),
        ({"path": "/k8s/pod/logs?a=b"}, "BadRequest"),
        ({"path": "/k8s/pod/logs\r\nX-Evil: 1"}, "BadRequest"),
        ({"path": None}, "BadRequest"),
        ({"query": "a=b"}, "BadRequest"),
        ({"query": {"a": {"b": 1}}}, "BadRequest"),
        ({"query": {"a": "\ud800"}}, "BadRequest"),
        ({"format": "binary"}, "BadRequest"),
        ({"credit": None}, "BadRequest"),
        ({"credit": -1}, "BadRequest"),
        ({"credit": 10**12}, "BadRequest"),
        ({"credit": True}, "BadRequest"),
        ({"method": "DELETE"}, "BadRequest"),
        ({"headers": {"a": "b"}}, "BadRequest"),
    ],
)
async def test_refuses_a_bad_subscription(
    changes: dict[str, Any], reason: str, connected: Any, jp_ws_fetch: Any
) -> None:
    connected.routes[PATH] = answer("fine", kind="text/plain")
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe(**changes))
    frame = await receive(socket)
    assert (frame["op"], frame["id"]) == ("error", "1")
    assert frame["error"]["reason"] == reason
    assert set(frame["error"]) >= {"service", "status", "reason", "message"}
    assert connected.requests == []
    await socket.write_message(subscribe())
    assert (await until_end(socket))[0] == "fine", "the socket goes on"
    socket.close()


async def test_an_id_in_use_ends_both(connected: Any, jp_ws_fetch: Any) -> None:
    connected.routes[PATH] = connected.waiting(b"begun")
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe())
    assert [(await receive(socket))["op"] for _ in range(2)] == ["open", "data"]
    await socket.write_message(subscribe())
    assert (await receive(socket))["error"]["reason"] == "BadRequest"
    await asyncio.wait_for(connected.hung_up.wait(), 10)
    socket.close()


@pytest.mark.parametrize(
    "frame", ["no json", "[]", "{}", '{"op":"subscribe"}', '{"op":"x","id":"1"}', '{"id":""}']
)
async def test_a_frame_without_sense_closes_the_socket(
    frame: str, connected: Any, jp_ws_fetch: Any
) -> None:
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(frame)
    assert await asyncio.wait_for(socket.read_message(), 10) is None
    assert socket.close_code == 1008
    assert socket.close_reason


async def test_an_upstream_refusal_is_an_error_of_the_stream(
    connected: Any, jp_ws_fetch: Any
) -> None:
    connected.routes[PATH] = answer(
        json.dumps({"kind": "Status", "reason": "Expired", "message": f"gone {SECRET}"}), "410 Gone"
    )
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe())
    frame = await receive(socket)
    assert frame["op"] == "error"
    assert (frame["error"]["status"], frame["error"]["reason"]) == (410, "Expired")
    assert SECRET not in json.dumps(frame)
    connected.server.close()
    await connected.server.wait_closed()
    socket.close()


@pytest.mark.parametrize(
    ("body", "seconds"),
    [("Too many requests", 7), ('{"message":"later","details":{"retryAfterSeconds":1}}', 1)],
)
async def test_when_to_come_again_is_told(
    body: str, seconds: int, connected: Any, jp_ws_fetch: Any
) -> None:
    connected.routes[PATH] = answer(body, "429 Too Many Requests", headers={"Retry-After": "7"})
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe())
    error = (await receive(socket))["error"]
    assert (error["status"], error["reason"]) == (429, "TooManyRequests")
    assert error["details"] == {"retryAfterSeconds": seconds}
    socket.close()


async def test_upstream_down(connected: Any, jp_ws_fetch: Any) -> None:
    connected.server.close()
    await connected.server.wait_closed()
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe())
    assert (await receive(socket))["error"]["reason"] == "UpstreamUnreachable"
    socket.close()


async def test_upstream_breaks_off(connected: Any, jp_ws_fetch: Any) -> None:
    async def behave(_: Request, __: Any, writer: Any) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")
        writer.close()

    connected.routes[PATH] = behave
    socket = await jp_ws_fetch("kubeflow", "streams")
    await socket.write_message(subscribe())
    text, last = await until_end(socket)
    assert text == "short"
    assert (last["op"], last["error"]["reason"]) == ("error", "UpstreamUnreachable")
    assert "broke off its answer" in last["error"]["message"]
    socket.close()
