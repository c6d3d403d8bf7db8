"""``POST /kubeflow/models/inspect`` on a real Jupyter server."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import making
import pytest
from jupyterlab_kubeflow.models import digest as digests
from jupyterlab_kubeflow.models import handlers
from tornado.httpclient import HTTPClientError


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    return {"ServerApp": {"jpserver_extensions": {"jupyterlab_kubeflow": True}}}


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("KUBEFLOW_LOCAL_HOME", str(tmp_path / "kubeflow-local"))
    monkeypatch.setenv("KUBEFLOW_CONFIG_HOME", str(tmp_path / "kubeflow-config"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    return tmp_path / "kubeflow-local"


@pytest.fixture
def inspect(jp_fetch: Any) -> Callable[..., Any]:
    """The lines that come back."""

    async def call(**body: Any) -> list[Any]:
        reply = await jp_fetch(
            "kubeflow", "models", "inspect", method="POST", body=json.dumps(body)
        )
        assert reply.headers["Content-Type"] == "application/x-ndjson"
        return [json.loads(line) for line in reply.body.splitlines()]

    return call


@pytest.fixture
def refused(jp_fetch: Any) -> Callable[..., Any]:
    """The error that comes back."""

    async def call(body: Any) -> Any:
        data = body if isinstance(body, str) else json.dumps(body)
        with pytest.raises(HTTPClientError) as caught:
            await jp_fetch("kubeflow", "models", "inspect", method="POST", body=data)
        assert caught.value.response
        error = json.loads(caught.value.response.body)
        assert error["status"] == caught.value.code
        return error

    return call


async def test_tells_of_a_file_and_its_digest(inspect: Any, jp_root_dir: Path) -> None:
    (jp_root_dir / "models").mkdir()
    (jp_root_dir / "models" / "net.onnx").write_bytes(making.onnx())
    first, last = await inspect(path="models/net.onnx")
    told = first["inspection"]
    assert told["name"] == "net.onnx"
    assert told["uri"] == f"file://{jp_root_dir}/models/net.onnx"
    assert (told["folder"], told["files"], told["size"]) == (False, 1, len(making.onnx()))
    assert told["format"] == {"name": "onnx", "version": "1"}
    assert told["signature"]["inputs"][0]["name"] == "x"
    assert last == {"sha256": hashlib.sha256(making.onnx()).hexdigest()}


async def test_tells_of_a_folder(inspect: Any, jp_root_dir: Path) -> None:
    making.hub(
        jp_root_dir / "bert",
        config__json={"model_type": "bert"},
        model__safetensors=making.safetensors(),
    )
    first, last = await inspect(path="/bert/")
    assert (first["inspection"]["folder"], first["inspection"]["files"]) == (True, 2)
    assert first["inspection"]["format"]["name"] == "huggingface"
    assert len(last["sha256"]) == 64


async def test_a_file_of_no_format_has_a_size_and_a_digest(inspect: Any, jp_root_dir: Path) -> None:
    (jp_root_dir / "weights.dat").write_bytes(b"own")
    first, last = await inspect(path="weights.dat")
    assert "format" not in first["inspection"]
    assert first["inspection"]["size"] == 3
    assert "sha256" in last


async def test_the_digest_can_be_left_out(inspect: Any, jp_root_dir: Path) -> None:
    (jp_root_dir / "net.onnx").write_bytes(making.onnx())
    assert [list(line) for line in await inspect(path="net.onnx", digest=False)] == [["inspection"]]


async def test_tells_how_far_it_is(
    inspect: Any, jp_root_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers, "_PROGRESS_SECONDS", 0)
    monkeypatch.setattr(digests, "_SLICE", 0)
    monkeypatch.setattr(digests.Digest, "go_on", digests.Digest._step)
    (jp_root_dir / "large.bin").write_bytes(bytes(3 * 1024 * 1024))
    lines = await inspect(path="large.bin")
    done = [line["progress"]["done"] for line in lines if "progress" in line]
    assert done == sorted(done)
    assert done[-1] == 3 * 1024 * 1024
    assert {line["progress"]["size"] for line in lines if "progress" in line} == {3 * 1024 * 1024}
    assert "sha256" in lines[-1]


async def test_a_failure_in_the_middle_is_the_last_line(
    inspect: Any, jp_root_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (jp_root_dir / "growing.bin").write_bytes(b"x")
    go_on = digests.Digest.go_on

    def grown(self: Any) -> bool:
        (jp_root_dir / "growing.bin").write_bytes(b"xx")
        return go_on(self)

    monkeypatch.setattr(digests.Digest, "go_on", grown)
    lines = await inspect(path="growing.bin")
    assert "growing.bin changed while it was read" in lines[-1]["error"]["message"]


async def test_reading_ends_when_the_client_goes(
    http_server: Any,
    jp_http_port: int,
    jp_base_url: str,
    jp_root_dir: Path,
    jp_auth_header: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    size = 1 << 40
    with (jp_root_dir / "endless.bin").open("wb") as file:
        file.truncate(size)
    ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    watched = _watched(handlers.InspectHandler._digest, ended)
    monkeypatch.setattr(handlers.InspectHandler, "_digest", watched)
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    body = json.dumps({"path": "endless.bin"}).encode()
    lines = {
        "Host": f"localhost:{jp_http_port}",
        "Authorization": jp_auth_header["Authorization"],
        "Content-Length": str(len(body)),
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(
        f"POST {jp_base_url}kubeflow/models/inspect HTTP/1.1\r\n{head}\r\n".encode() + body
    )
    assert b"200" in await reader.readline()
    assert await reader.readuntil(b"inspection")
    writer.close()
    digest = await ended
    assert digest.sha256 is None
    assert digest.done < size


def _watched(method: Any, closed: asyncio.Future[Any]) -> Any:
    async def watched(self: Any, digest: Any, size: int) -> None:
        try:
            await method(self, digest, size)
        finally:
            closed.set_result(digest)

    return watched


async def test_artifacts_and_volumes_of_local_kubeflow(inspect: Any, home: Path) -> None:
    artifact = home / "artifacts" / "run" / "task" / "model"
    volume = home / "volumes" / "team" / "training" / "out"
    for path in (artifact, volume / "net.onnx"):
        path.parent.mkdir(parents=True)
        path.write_bytes(making.onnx())
    told = (await inspect(uri=str(artifact)))[0]["inspection"]
    assert told["uri"] == f"file://{artifact}"
    assert told["format"]["name"] == "onnx"
    told = (await inspect(uri="pvc://training/out/net.onnx", namespace="team"))[0]["inspection"]
    assert told["uri"] == "pvc://training/out/net.onnx"
    assert told["format"]["name"] == "onnx"


async def test_a_path_that_kserve_does_not_read_is_noted(inspect: Any, jp_root_dir: Path) -> None:
    (jp_root_dir / "50%.onnx").write_bytes(making.onnx())
    told = (await inspect(path="50%.onnx"))[0]["inspection"]
    assert told["uri"].endswith("/50%25.onnx")
    assert "Rename" in told["notes"][-1]
    (jp_root_dir / "my net.onnx").write_bytes(making.onnx())
    told = (await inspect(path="my net.onnx"))[0]["inspection"]
    assert told["uri"].endswith("/my net.onnx")
    assert told["notes"] == []


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "path"),
        ({"path": "a", "uri": "/b"}, 400, "path"),
        ({"path": 3}, 400, "path"),
        ({"path": ""}, 422, "path"),
        ({"path": "../secret"}, 403, "path"),
        ({"path": "a\0b"}, 403, "path"),
        ({"path": "missing.onnx"}, 404, "path"),
        ({"path": "half-\ud800"}, 422, "path"),
        ({"path": "long" * 2000}, 422, "path"),
        ({"uri": "/half-\ud800"}, 422, "path"),
        ({"path": ".hidden/net.onnx"}, 404, "path"),
        ({"path": "to-secret/net.onnx"}, 403, "path"),
        ({"path": "broken.onnx"}, 422, "path"),
        ({"path": "broken.onnx", "digest": "no"}, 400, "digest"),
        ({"uri": "/etc/passwd"}, 403, "path"),
        ({"uri": "file:///etc/../etc/passwd"}, 400, "uri"),
        ({"uri": "s3://bucket/model"}, 422, "path"),
        ({"uri": "ftp://host/model"}, 400, "uri"),
        ({"uri": "pvc://claim/model"}, 400, "namespace"),
        ({"uri": "pvc://claim/model", "namespace": "../x"}, 400, "namespace"),
        ({"uri": "pvc://claim/model", "namespace": "team"}, 404, "path"),
    ],
    ids=str,
)
async def test_what_cannot_be_read_is_refused_with_the_field(
    refused: Any, jp_root_dir: Path, tmp_path: Path, body: Any, status: int, field: str
) -> None:
    secret = tmp_path / "outside"
    secret.mkdir()
    (secret / "net.onnx").write_bytes(making.onnx())
    (jp_root_dir / "to-secret").symlink_to(secret)
    (jp_root_dir / ".hidden").mkdir()
    (jp_root_dir / ".hidden" / "net.onnx").write_bytes(making.onnx())
    (jp_root_dir / "broken.onnx").write_bytes(making.onnx()[:-20])
    error = await refused(body)
    assert error["status"] == status
    assert error["details"]["field"] == field
    assert error["message"].endswith(".")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_that_may_not_be_read_is_named(refused: Any, jp_root_dir: Path) -> None:
    (jp_root_dir / "net.onnx").write_bytes(making.onnx())
    (jp_root_dir / "net.onnx").chmod(0)
    error = await refused({"path": "net.onnx"})
    assert error["status"] == 403
    assert error["message"].startswith("net.onnx cannot be read")
