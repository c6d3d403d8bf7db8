"""The Kubernetes API as a part of the whole Local Kubeflow: starts that fail in words, stops, and ``kill -9`` at any moment."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sqlite3
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local import process
from kubernetes_objects import config

CONFIGS = "/api/v1/namespaces/default/configmaps"
MERGE = {"Content-Type": "application/merge-patch+json"}
_NEVER = threading.Event()


def _client(status: process.LocalStatus) -> httpx.Client:
    cluster = yaml.safe_load(Path(str(status.kubeconfig)).read_text())["clusters"][0]["cluster"]
    ca = Path(status.home) / "kubernetes/ca.crt"
    return httpx.Client(
        base_url=cluster["server"],
        headers={"Authorization": f"Bearer {status.token}"},
        verify=ssl.create_default_context(cafile=str(ca)),
        timeout=30,
        trust_env=False,
    )


def _damage(file: Path) -> None:
    file.write_bytes(b"no database, but long enough to be looked at" * 100)


def _half(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def _newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = 'v9999'")


def _no_file(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_damage, "cannot be read as a database"),
        (_half, "cannot be read as a database"),
        (_newer, "was written by a newer version of jupyterlab-kubeflow"),
        (_no_file, "cannot use its folder"),
    ],
)
def test_a_start_says_what_is_wrong_with_the_database(
    home: Path, spoil: Callable[[Path], None], said: str
) -> None:
    process.start(home)
    process.stop(home)
    file = home / "kubernetes.db"
    spoil(file)
    held = file.read_bytes() if file.is_file() else b""
    with pytest.raises(KubeflowError) as caught:
        process.start(home)
    assert said in caught.value.message
    assert "Traceback" not in caught.value.message
    assert str(home if spoil is _no_file else file) in caught.value.message
    assert not process.status(home).running
    assert (file.read_bytes() if file.is_file() else b"") == held


def test_a_home_without_this_database_gets_one(home: Path) -> None:
    process.start(home)
    process.stop(home)
    (home / "kubernetes.db").unlink()
    with _client(process.start(home)) as client:
        assert client.get("/api/v1/namespaces/default").status_code == 200


def test_another_address_is_told_when_the_last_one_is_taken(home: Path) -> None:
    with _client(process.start(home)) as client:
        client.post(CONFIGS, json=config("one")).raise_for_status()
        address = client.base_url
    process.stop(home)
    with socket.create_server(("127.0.0.1", address.port)):
        status = process.start(home)
        with _client(status) as client:
            assert client.base_url != address
            assert status.services["kubernetes"] == str(client.base_url)
            assert client.get(f"{CONFIGS}/one").status_code == 200


def test_open_watches_and_logs_end_with_the_server(home: Path) -> None:
    status = process.start(home)
    opened = threading.Barrier(51)
    with _client(status) as client, ThreadPoolExecutor(50) as pool:
        body = {"metadata": {"name": "one"}, "spec": {"containers": [{"name": "a", "image": "b"}]}}
        pods = "/api/v1/namespaces/default/pods"
        uid = client.post(pods, json=body).json()["metadata"]["uid"]
        log = home / "kubernetes/pods" / uid / "a/0.log"
        log.parent.mkdir(parents=True)
        log.write_text("2026-01-01T00:00:00Z stdout F begun\n")

        def follow(index: int) -> str:
            path = "/api/v1/pods" if index % 2 else f"{pods}/one/log"
            query = {"watch": "1", "follow": "true"}
            with _client(status) as own, own.stream("GET", path, params=query) as stream:
                lines = stream.iter_lines()
                first = next(lines)
                opened.wait(30)
                assert list(lines) == []
                return first

        followers = [pool.submit(follow, index) for index in range(50)]
        opened.wait(30)
        process.stop(home)
        assert {each.result() for each in followers[::2]} == {"begun"}
    said = (home / "server.log").read_text()
    assert "Traceback" not in said
    assert "ERROR" not in said


class _Knowledge:
    """What clients were told: of each object the last form, None when it is gone, and what became of the request under way."""

    def __init__(self) -> None:
        self.held: dict[str, str | None] = {}
        self.unsure: set[str] = set()
        self.newest = 0
        self._lock = threading.Lock()

    def told(self, name: str, value: str | None, version: str) -> None:
        with self._lock:
            self.held[name] = value
            self.newest = max(self.newest, int(version))


def _write(
    client: httpx.Client, prefix: str, knowledge: _Knowledge, random_: random.Random
) -> None:
    """Makes, changes and removes objects until the server does not answer."""
    for number in range(100_000):
        name = f"{prefix}-{random_.randrange(20)}"
        there = knowledge.held.get(name) is not None
        value = f"{prefix} {number}"
        knowledge.unsure.add(name)
        if not there:
            body = config(name, {"n": value})
            answer = client.post(CONFIGS, json=body)
        elif number % 3:
            body = {"data": {"n": value}}
            answer = client.patch(f"{CONFIGS}/{name}", json=body, headers=MERGE)
        else:
            answer = client.delete(f"{CONFIGS}/{name}")
            answer.raise_for_status()
            knowledge.told(name, None, "0")
            knowledge.unsure.discard(name)
            continue
        meta = answer.raise_for_status().json()["metadata"]
        knowledge.told(name, value, meta["resourceVersion"])
        knowledge.unsure.discard(name)


def _until_killed(call: Callable[[], None]) -> None:
    with suppress(httpx.TransportError):
        call()


def test_nothing_acknowledged_is_lost_by_kills_at_any_moment(home: Path) -> None:
    """What was under way when the server was killed may have happened or not; all else is as it was told, and versions only go up."""
    random_ = random.Random(5)
    knowledge = _Knowledge()
    version = 0
    for round_ in range(5):
        status = process.start(home)
        with _client(status) as client, ThreadPoolExecutor(4) as pool:
            listed = client.get(CONFIGS).json()
            there = {
                each["metadata"]["name"]: each["data"]["n"]
                for each in listed["items"]
                if each["metadata"]["name"] != "kube-root-ca.crt"
            }
            told = {name: value for name, value in knowledge.held.items() if value is not None}
            for name in (there.keys() | told.keys()) - knowledge.unsure:
                assert there.get(name) == told.get(name), (round_, name)
            assert int(listed["metadata"]["resourceVersion"]) >= max(version, knowledge.newest)
            if round_:
                _follows_or_is_gone(client, version)
            version = int(listed["metadata"]["resourceVersion"])
            knowledge.held, knowledge.unsure = {**dict.fromkeys(knowledge.held), **there}, set()
            for index in range(4):
                own = _client(status)
                seed = random.Random(random_.random())
                pool.submit(
                    _until_killed,
                    lambda own=own, index=index, seed=seed: _write(
                        own, f"w{index}", knowledge, seed
                    ),
                )
            _NEVER.wait(random_.uniform(0.05, 0.8))
            os.kill(int(status.pid or 0), signal.SIGKILL)
    process.start(home)


def _follows_or_is_gone(client: httpx.Client, version: int) -> None:
    """A watch from a version before the kill either goes on or says that it cannot."""
    query = {"watch": "1", "resourceVersion": str(version), "timeoutSeconds": "1"}
    with client.stream("GET", CONFIGS, params=query) as stream:
        lines: list[dict[str, Any]] = [json.loads(line) for line in stream.iter_lines()]
    kinds = {line["type"] for line in lines}
    assert kinds <= {"ADDED", "MODIFIED", "DELETED"} or [
        line["object"]["code"] for line in lines
    ] == [410]
