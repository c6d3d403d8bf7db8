"""What was acknowledged is there after ``kill -9``; versions go on; the tables are those of the models."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import kubernetes
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from jupyterlab_kubeflow.local.kubernetes.deletion import DeleteOptions, delete
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.models import Base
from jupyterlab_kubeflow.local.kubernetes.resources import Options
from jupyterlab_kubeflow.local.kubernetes.server import KubernetesServer
from jupyterlab_kubeflow.local.kubernetes.store import MIGRATIONS
from jupyterlab_kubeflow.local.store.database import Database
from kubernetes_objects import config, eventually
from sqlalchemy import event
from sqlalchemy.pool import Pool


@contextmanager
def _server(root: Path) -> Iterator[tuple[Any, Any]]:
    """A process and ``CoreV1Api`` for it; the process is killed at the end."""
    program = Path(__file__).with_name("kubernetes_process.py")
    process = subprocess.Popen(
        [sys.executable, str(program), str(root)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("https://127.0.0.1:")
        with kubernetes.config.new_client_from_config(str(root / "kubeconfig")) as client:
            yield process, kubernetes.client.CoreV1Api(client)
    finally:
        process.kill()
        process.wait()


def test_nothing_acknowledged_is_lost_by_a_kill(tmp_path: Path) -> None:
    acknowledged: dict[str, str] = {}

    def write(core: Any, prefix: str) -> None:
        for number in range(10_000):
            name = f"{prefix}-{number}"
            try:
                made = core.create_namespaced_config_map("default", config(name))
            except Exception:
                return
            acknowledged[name] = made.metadata.resource_version

    with _server(tmp_path) as (process, core):
        writers = [threading.Thread(target=write, args=(core, f"w{n}")) for n in range(4)]
        for writer in writers:
            writer.start()
        eventually(lambda: len(acknowledged) >= 100)
        process.kill()
        for writer in writers:
            writer.join()
    with _server(tmp_path) as (_, core):
        listed = core.list_namespaced_config_map("default")
        there = {each.metadata.name: each.metadata.resource_version for each in listed.items}
        assert acknowledged.items() <= there.items()
        newest = max(map(int, there.values()))
        assert int(listed.metadata.resource_version) == newest
        made = core.create_namespaced_config_map("default", config("after"))
        assert int(made.metadata.resource_version) > newest
        with pytest.raises(kubernetes.client.ApiException) as caught:
            next(
                kubernetes.watch.Watch().stream(
                    core.list_namespaced_config_map, "default", resource_version="3"
                )
            )
        assert caught.value.status == 410


def test_versions_go_on_after_changes_that_changed_nothing(tmp_path: Path) -> None:
    server = KubernetesServer(tmp_path, "token")
    server.start()
    kind = server.client.kind("v1", "ConfigMap")
    with closing(sqlite3.connect(tmp_path / "kubernetes.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        # While the file is locked, nothing of this is on the disk: the third builds on the first.
        made = [
            server.resources.create(kind, "default", config("one"), Options()),
            server.resources.create(kind, "default", config("two"), Options()),
            server.resources.edit(kind, "default", "one", lambda _: None, "test"),
            delete(server.resources, kind, "default", "two", DeleteOptions()),
            server.resources.edit(kind, "default", "one", lambda _: None, "test"),
        ]
        other.rollback()
    versions = [each.result().version for each in made]
    server.stop()
    server = KubernetesServer(tmp_path, "token")
    server.start()
    after = server.resources.create(kind, "default", config("three"), Options()).result()
    server.stop()
    assert after.version > max(versions)


def test_a_full_disk_is_said_in_words_and_nothing_is_lost(tmp_path: Path) -> None:
    pages = [2**30]

    def checkout(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages[0]}")

    server = KubernetesServer(tmp_path, "token")
    event.listen(Pool, "checkout", checkout)
    try:
        server.start()
        kind = server.client.kind("v1", "ConfigMap")

        def create(name: str) -> Any:
            body = config(name, {"a": "x" * 100_000})
            return server.resources.create(kind, "default", body, Options())

        before = create("before").result()
        pages[0] = 1
        refused = create("large")
        with pytest.raises(StatusError) as caught:
            refused.result()
        assert caught.value.status == 500
        assert f"cannot use its folder {tmp_path}: database or disk is full" in caught.value.message
        names = [each["metadata"]["name"] for each in server.client.list(kind, "default")]
        assert names == ["before"]
        pages[0] = 2**30
        assert create("large").result().version > before.version
    finally:
        event.remove(Pool, "checkout", checkout)
        server.stop()


def test_a_namespace_that_was_being_deleted_is_gone_after_a_restart(tmp_path: Path) -> None:
    with _server(tmp_path) as (process, core):
        core.create_namespace({"metadata": {"name": "ending"}})
        for number in range(200):
            core.create_namespaced_config_map("ending", config(f"c{number}"))
        core.delete_namespace("ending")
        process.kill()
    with _server(tmp_path) as (_, core):
        eventually(
            lambda: "ending" not in [each.metadata.name for each in core.list_namespace().items]
        )


def test_files_are_their_owners_only(tmp_path: Path) -> None:
    with _server(tmp_path):
        for name in ("kubeconfig", "kubernetes.db", "kubernetes/ca.key", "kubernetes/server.key"):
            assert (tmp_path / name).stat().st_mode & 0o077 == 0, name


def test_the_address_and_the_authority_stay(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    with _server(tmp_path):
        before = kubeconfig.read_text()
    with _server(tmp_path):
        assert kubeconfig.read_text() == before


def test_the_tables_are_those_of_the_models(tmp_path: Path) -> None:
    database = Database(tmp_path / "kubernetes.db", MIGRATIONS)
    database.migrate()
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    database.close()
