"""The real Local Kubeflow behind the extension: found, started by the first use, and its token kept on the server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest

STATE = "kubeflow/connection"
HEALTH = "kubeflow/proxy/pipelines/apis/v2beta1/healthz"


@pytest.fixture
def running(config_home: Path, local_kubeflow: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A running Local Kubeflow is the one of this user."""
    monkeypatch.setenv("KUBEFLOW_LOCAL_HOME", local_kubeflow.home)
    return local_kubeflow


async def test_a_running_one_is_found(running: Any, fetch: Any) -> None:
    reply = await fetch("GET", STATE)
    assert reply.json["status"] == {"ok": True}
    component = {"available": True, "version": running.version, "via": "local"}
    assert reply.json["components"]["pipelines"] == component
    assert reply.json["components"]["pipelines-ui"] == component
    health = await fetch("GET", HEALTH)
    assert health.json["multi_user"] is False
    for answered in (reply, health):
        assert running.token not in answered.everything


async def test_an_experiment_through_the_proxy(running: Any, fetch: Any) -> None:
    path = "kubeflow/proxy/pipelines/apis/v2beta1/experiments"
    body = json.dumps({"display_name": "by the proxy"}).encode()
    made = await fetch("POST", path, {"Content-Type": "application/json"}, body)
    assert made.status == 200
    listed = await fetch("GET", f"{path}?page_size=50&1763690000000")
    assert "by the proxy" in [e["display_name"] for e in listed.json["experiments"]]


async def test_its_namespaces(running: Any, fetch: Any) -> None:
    from jupyterlab_kubeflow.local.kubernetes.namespaces import LASTING
    from jupyterlab_kubeflow.local.process import NAMESPACE

    state = (await fetch("GET", STATE)).json
    assert state["namespace"] == NAMESPACE
    (local,) = state["profiles"]
    assert local["namespaces"] == sorted(LASTING)
    state = (await fetch("PUT", STATE, body=b'{"namespace":"default"}')).json
    assert (state["active"], state["namespace"]) == ("local", "default")


async def test_a_home_that_is_made_anew_is_trusted_again(
    config_home: Path, tmp_path: Path, fetch: Any
) -> None:
    from jupyterlab_kubeflow.local import process

    path = "kubeflow/proxy/kubernetes/api/v1/namespaces/default"
    try:
        for _ in range(2):
            shutil.rmtree(tmp_path / "local-home", ignore_errors=True)
            assert (await fetch("GET", path)).json["metadata"]["name"] == "default"
            process.stop()
    finally:
        process.stop()


async def test_its_refusals_pass_through(running: Any, fetch: Any, jp_ws_fetch: Any) -> None:
    missing = await fetch("GET", "kubeflow/proxy/pipelines/apis/v2beta1/runs/none")
    assert missing.status == 404
    assert missing.json["code"] == 5
    stream = await jp_ws_fetch("kubeflow", "streams")
    await stream.write_message(
        json.dumps(
            {
                "op": "subscribe",
                "id": "1",
                "service": "pipelines-ui",
                "path": "/k8s/pod/logs",
                "query": {"podname": "none", "runid": "none"},
                "credit": 1000,
            }
        )
    )
    frame = json.loads(await asyncio.wait_for(stream.read_message(), 20))
    assert (frame["op"], frame["error"]["service"]) == ("error", "pipelines-ui")
    assert frame["error"]["status"] in (400, 404)
    stream.close()


async def test_the_first_use_starts_it(config_home: Path, fetch: Any) -> None:
    from jupyterlab_kubeflow.local import process

    assert not process.status().running
    try:
        replies = await asyncio.gather(*(fetch("GET", HEALTH) for _ in range(3)))
        assert [reply.status for reply in replies] == [200] * 3
        server = process.status()
        assert server.running
        assert str(server.token) not in "".join(reply.everything for reply in replies)
    finally:
        process.stop()


def newer_database(home: Path) -> None:
    home.mkdir()
    with contextlib.closing(sqlite3.connect(home / "state.db")) as database, database:
        database.execute("CREATE TABLE alembic_version (version_num TEXT)")
        database.execute("INSERT INTO alembic_version VALUES ('v9999')")


def circle(home: Path) -> None:
    home.symlink_to(home)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (newer_database, "was written by a newer version of jupyterlab-kubeflow. Upgrade this one"),
        (circle, "Too many levels of symbolic links. Make it readable"),
    ],
)
async def test_a_folder_that_cannot_be_used_is_told_in_words(
    config_home: Path, tmp_path: Path, fetch: Any, spoil: Any, said: str
) -> None:
    spoil(tmp_path / "local-home")
    reply = await fetch("GET", HEALTH)
    assert reply.status in (502, 503)
    assert said in reply.json["message"]
    status = (await fetch("GET", STATE)).json["status"]
    assert status["ok"] is False
    assert said in status["message"]


async def test_a_port_in_use_is_told_until_it_is_free(
    config_home: Path, fetch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyterlab_kubeflow.connections import local

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("KUBEFLOW_LOCAL_PORT", str(port))
        assert f"cannot listen on port {port}" in (await fetch("GET", HEALTH)).json["message"]
        status = (await fetch("GET", STATE)).json["status"]
        assert f"cannot listen on port {port}" in status["message"]
    monkeypatch.setattr(local, "FRESH_FAILURE", 0)
    assert (await fetch("GET", STATE)).json["status"] == {"ok": True}, "it may be tried again"


async def test_one_that_cannot_start_is_told_in_words(
    config_home: Path, fetch: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("KUBEFLOW_LOCAL_HOME", str(blocked / "home"))
    reply = await fetch("GET", HEALTH)
    assert reply.status == 503
    assert str(blocked) in reply.json["message"]
    state = (await fetch("GET", STATE)).json
    assert state["status"]["ok"] is False
    assert str(blocked) in state["status"]["message"]
