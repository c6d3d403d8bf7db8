"""Folders and files that the server cannot use: it says why and what to do, and leaves them as they are."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local import process
from local_pipelines import adder


def _folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def _file(path: Path) -> None:
    if path.is_dir():
        path.rmdir()
    path.touch()


@pytest.mark.parametrize(
    ("name", "put", "said"),
    [
        ("state.db", _folder, "Is a directory"),
        ("server.log", _folder, "Is a directory"),
        ("server.lock", _folder, "Is a directory"),
        ("start.lock", _folder, "Is a directory"),
        ("runs", _file, "File exists"),
        ("artifacts", _file, "File exists"),
    ],
)
def test_something_else_in_the_place_of_a_file(
    home: Path, name: str, put: Callable[[Path], None], said: str
) -> None:
    home.mkdir()
    put(home / name)
    with pytest.raises(
        KubeflowError, match=rf"cannot use {home / name}: {said}\. Move away what is there, or set"
    ):
        process.start(home)
    (home / name).rmdir() if (home / name).is_dir() else (home / name).unlink()
    assert process.start(home).running


@pytest.fixture
def read_only(home: Path) -> Iterator[Path]:
    """A home on a disk that is mounted for reading only."""
    home.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(home)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount")
    yield home
    subprocess.run(["umount", str(home)], check=True)


def test_a_disk_that_is_mounted_read_only(read_only: Path) -> None:
    with pytest.raises(
        KubeflowError,
        match=rf"cannot use {read_only}/runs: Read-only file system\. Mount its disk so that it can",
    ):
        process.start(read_only)


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a pipeline, a run and a few hundred experiments, of which the last ones are in the journal only: its server was killed."""
    import kfp

    home = tmp_path_factory.mktemp("used") / "home"
    server = process.start(home)
    client = kfp.Client(host=server.services["pipelines"], existing_token=server.token)
    run = client.create_run_from_pipeline_func(adder, arguments={"x": 1})
    client.wait_for_run_completion(run.run_id, 60, 0.1)
    with _client(server) as http:
        for number in range(300):
            body = {"display_name": f"experiment {number}", "description": "x" * 500}
            assert http.post("/apis/v2beta1/experiments", json=body).status_code == 200
    os.kill(server.pid or 0, signal.SIGKILL)
    os.waitpid(server.pid or 0, 0)
    return home


@pytest.fixture
def copied(used: Path, home: Path) -> Path:
    shutil.copytree(used, home)
    return home


def _client(server: process.LocalStatus) -> httpx.Client:
    return httpx.Client(
        base_url=server.services["pipelines"],
        headers={"Authorization": f"Bearer {server.token}"},
        trust_env=False,
        timeout=60,
    )


def _settled(home: Path) -> Path:
    """The database file, with the journal put into it."""
    with closing(sqlite3.connect(home / "state.db")) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return home / "state.db"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _garbage_in_the_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 8 * 4096] = os.urandom(8 * 4096)
    path.write_bytes(content)


def _cut_to_a_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2 // 4096 * 4096)


def _text(path: Path) -> None:
    path.write_text("this is not a database, but it is long enough to look at" * 100)


@pytest.mark.parametrize("damage", [_garbage_in_the_middle, _cut_to_a_half, _text])
def test_a_damaged_database_is_left_as_it_is(copied: Path, damage: Callable[[Path], None]) -> None:
    database = _settled(copied)
    damage(database)
    before = _digest(database)
    with pytest.raises(
        KubeflowError,
        match=rf"{database} cannot be read as a database: .*\. It has been left as it is\. .*restore it "
        r"from a copy .*\.recover.*KUBEFLOW_LOCAL_HOME",
    ):
        process.start(copied)
    assert "Traceback" not in (copied / "server.log").read_text()
    assert _digest(database) == before


def test_a_database_that_is_damaged_while_it_is_used(copied: Path) -> None:
    server = process.start(copied)
    with _client(server) as http:
        _settled(copied)
        _garbage_in_the_middle(copied / "state.db")
        answers = [
            http.get("/apis/v2beta1/experiments", params={"page_size": 200, "filter": text})
            for text in ("", '{"predicates":[{"operation":"IS_SUBSTRING","key":"name"}]}')
        ]
        answers += [
            http.post("/apis/v2beta1/experiments", json={"display_name": f"again {number}"})
            for number in range(100)
        ]
        refused = [each.json() for each in answers if each.status_code == 500]
        assert refused
        for each in refused:
            assert f"{copied / 'state.db'} cannot be read as a database" in each["message"]


def test_a_journal_whose_database_is_gone_is_not_thrown_away(copied: Path) -> None:
    journal = copied / "state.db-wal"
    before = _digest(journal)
    kept = (copied / "state.db").rename(copied / "kept")
    with pytest.raises(
        KubeflowError, match=rf"state.db is missing or empty, although {journal} holds changes"
    ):
        process.start(copied)
    assert _digest(journal) == before
    kept.rename(copied / "state.db")
    with _client(process.start(copied)) as http:
        answer = http.get("/apis/v2beta1/experiments", params={"page_size": 1}).json()
        assert answer["total_size"] == 301


@pytest.mark.parametrize("lost", [Path.unlink, lambda path: path.write_bytes(b"")])
def test_runs_whose_database_is_gone_are_not_forgotten_silently(
    copied: Path, lost: Callable[[Path], object]
) -> None:
    lost(_settled(copied))
    with pytest.raises(
        KubeflowError,
        match=rf"state.db is missing or empty, although {copied}/runs holds the files",
    ):
        process.start(copied)
    (copied / "runs").rename(copied / "kept")
    assert process.start(copied).running


@pytest.mark.parametrize("rest", ["a half", "garbage"])
def test_what_a_torn_journal_still_holds_is_kept(copied: Path, rest: str) -> None:
    """As after a power cut on a disk that did not write in order: SQLite takes the transactions up to the tear."""
    journal = copied / "state.db-wal"
    size = journal.stat().st_size
    with journal.open("r+b") as file:
        file.truncate(size // 2)
        if rest == "garbage":
            file.seek(0, os.SEEK_END)
            file.write(os.urandom(size // 2))
    with _client(process.start(copied)) as http:
        found = http.get("/apis/v2beta1/experiments", params={"page_size": 200}).json()
        assert 0 < found["total_size"] < 301
        (run,) = http.get("/apis/v2beta1/runs").json()["runs"]
        assert run["state"] == "SUCCEEDED"
    process.stop(copied)
    with closing(sqlite3.connect(copied / "state.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_newer_database_is_left_as_it_is(copied: Path) -> None:
    database = _settled(copied)
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    _settled(copied)
    before = _digest(database)
    with pytest.raises(KubeflowError, match=r"state.db was written by a newer version.*Upgrade"):
        process.start(copied)
    assert _digest(database) == before
    assert not list(copied.glob("state.db.*"))
