"""Starting, sharing, finding and stopping the server process."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import httpx
import psutil
import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local import process
from local_pipelines import adder


def _answers(server: process.LocalStatus) -> bool:
    answer = httpx.get(
        f"{server.services['pipelines']}/apis/v2beta1/healthz",
        headers={"Authorization": f"Bearer {server.token}"},
        trust_env=False,
    )
    return answer.status_code == 200 and answer.json()["multi_user"] is False


def _is_private(home: Path, server: process.LocalStatus) -> None:
    for name in ("server.json", "server.log", "state.db", "state.db-wal"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o600, name
    for name in (".", "runs", "artifacts"):
        assert stat.S_IMODE((home / name).stat().st_mode) == 0o700, name
    assert server.token
    assert json.loads((home / "server.json").read_text())["token"] == server.token
    assert server.token not in repr(server)
    assert server.token not in (home / "server.log").read_text()


def test_life_of_a_server(home: Path) -> None:
    assert process.status(home) == process.LocalStatus(running=False, home=str(home))

    server = process.start(home)
    assert server.running
    assert _answers(server)
    assert process.status(home) == server
    assert process.start(home) == server, "starting again finds the server that runs"
    _is_private(home, server)

    stopped = process.stop(home)
    assert not stopped.running
    assert not psutil.pid_exists(server.pid or 0)
    assert not (home / "server.json").exists()
    assert not process.stop(home).running, "stopping again does nothing"


def _kill(server: process.LocalStatus) -> None:
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    os.waitpid(server.pid, 0)


@pytest.mark.parametrize("before", ["nothing", "a crash", "garbage"])
def test_two_starters_share_one_server(home: Path, before: str) -> None:
    if before == "a crash":
        _kill(process.start(home))
    elif before == "garbage":
        home.mkdir()
        for name in ("server.json", "server.crashed.json", "server.lock", "start.lock"):
            (home / name).write_bytes(b"\0{garbage")
    code = (
        "import sys, json; from jupyterlab_kubeflow.local import process;"
        "print(json.dumps(process.start(sys.argv[1]).to_json()))"
    )

    def start() -> dict[str, object]:
        done = subprocess.run(
            [sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True
        )
        return dict(json.loads(done.stdout))

    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda _: start(), range(2))
    assert first == second
    assert _answers(process.status(home)), "the server outlives those who started it"


def test_a_killed_server_is_not_taken_for_running_and_what_it_acknowledged_goes_on(
    home: Path,
) -> None:
    import kfp

    server = process.start(home)
    client = kfp.Client(host=server.services["pipelines"], existing_token=server.token)
    run_id = client.create_run_from_pipeline_func(adder, arguments={"x": 1}).run_id
    _kill(server)
    assert (home / "server.json").exists()
    assert not process.status(home).running

    again = process.start(home)
    assert again.pid != server.pid
    # The client that was connected before the crash finds the new server at the old address.
    assert client.wait_for_run_completion(run_id, 120, 0.1).state == "SUCCEEDED"


def test_a_server_killed_while_it_starts_leaves_the_address_to_the_next_one(home: Path) -> None:
    first = process.start(home)
    _kill(first)
    command = [sys.executable, "-m", "jupyterlab_kubeflow.local.server", "--home", str(home)]
    with subprocess.Popen(command) as starting:
        while (home / "server.json").exists():
            assert starting.poll() is None
        starting.kill()
    again = process.start(home)
    assert (again.url, again.token) == (first.url, first.token)
    assert not (home / "server.crashed.json").exists()


def test_the_address_of_a_crashed_server_may_be_taken(home: Path) -> None:
    first = process.start(home)
    _kill(first)
    port = int(str(first.url).rpartition(":")[2])
    with socket.socket() as taken:
        # However the last connections to it are closing.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        again = process.start(home)
    assert again.url != first.url
    assert _answers(again)
    assert f"Another program has taken port {port}" in (home / "server.log").read_text()


@pytest.mark.parametrize("file", ["server.json", None])
def test_a_server_that_is_going_down_is_waited_for(home: Path, file: str | None) -> None:
    """It holds its lock, and may still say where it was."""
    first = process.start(home)
    said = (home / "server.json").read_bytes()
    process.stop(home)
    if file:
        (home / file).write_bytes(said)
    with (home / "server.lock").open("r+") as lock, (home / "start.lock").open("r+") as starting:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with ThreadPoolExecutor() as pool:
            again = pool.submit(process.start, home)
            while _free(starting):
                assert not again.done()
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert again.result().pid != first.pid


def _free(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(file, fcntl.LOCK_UN)
    return True


def test_a_home_behind_a_link_is_the_same_home(home: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    home.mkdir()
    link.symlink_to(home)
    server = process.start(link)
    assert process.start(home).pid == server.pid
    assert process.status(link).url == process.status(home).url == server.url
    process.stop(home)
    assert not process.status(link).running


def test_stale_file_with_the_id_of_a_living_process(home: Path) -> None:
    home.mkdir()
    stale = {
        "running": True,
        "url": "http://127.0.0.1:9",
        "token": "t",
        "pid": os.getpid(),
        "version": "0",
        "kubeconfig": None,
        "services": {"pipelines": "http://127.0.0.1:9/pipelines"},
    }
    (home / "server.json").write_text(json.dumps(stale))
    assert not process.status(home).running
    process.stop(home)  # ends nothing: the process of that id is this one
    assert _answers(process.start(home))


def test_port_in_use_is_said_in_words(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(KubeflowError, match=f"cannot listen on port {port}.*in use"):
            process.start(home, port=port)
    assert not process.status(home).running
    assert process.start(home, port=port).url == f"http://127.0.0.1:{port}"
    assert process.start(home, port=port).running
    with pytest.raises(KubeflowError, match=f"already runs at .*:{port}. Stop it .* on port 1"):
        process.start(home, port=1)


def test_port_from_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBEFLOW_LOCAL_PORT", "eighty")
    with pytest.raises(KubeflowError, match="KUBEFLOW_LOCAL_PORT must be a port number"):
        process.start(home)


def test_broken_database_is_said_in_words(home: Path) -> None:
    home.mkdir()
    (home / "state.db").write_text("this is not a database, but it is long enough to look at" * 50)
    with pytest.raises(KubeflowError, match=r"state\.db cannot be read as a database"):
        process.start(home)
    assert "this is not a database" in (home / "state.db").read_text()


def test_missing_packages_are_named_with_the_remedy(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_REQUIRED", ("fastapi", "no_such_package_at_all"))
    with pytest.raises(KubeflowError, match=r'no_such_package_at_all.*pip install "jupyterlab-kub'):
        process.start(home)


def test_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        KubeflowError, match=r"cannot use .*/file/home: Not a directory\..*KUBEFLOW_LOCAL_HOME"
    ):
        process.start(tmp_path / "file" / "home")
