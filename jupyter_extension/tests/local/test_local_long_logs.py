"""A task that writes a gigabyte of log, and logs of other trying shapes: the server's memory stays bounded, nothing of the log is lost.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import kfp
import pytest
from jupyterlab_kubeflow.local import process
from kfp import dsl
from load_pipelines import imported

GIGABYTE = 10**9
BOUND = 64 * 1024 * 1024
"""So much more memory than before may the server take, however long the log and however slow its readers."""

LINE = "so much to say, and so little time to say it in, that it is said again and again until nobody listens\n"
LAST = "the last words\n"

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/clear_refs").exists(), reason="measures the peak of the memory in /proc"
)


@dsl.container_component
def shout(size: int):
    """Writes ``size`` bytes of lines as fast as it can, and fails with a last word."""
    script = f'yes "$1" 2>&- | head -c "$0"; echo; printf "%s" "{LAST}"; exit 3'
    return dsl.ContainerSpec("busybox", ["sh", "-c", script], [size, LINE.strip()])


@dsl.container_component
def mumble(file: str):
    """Writes the file to its log as it is, and fails."""
    return dsl.ContainerSpec("busybox", ["sh", "-c", 'cat "$0"; exit 3'], [file])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[process.LocalStatus]:
    home = tmp_path_factory.mktemp("long-logs")
    yield process.start(home)
    process.stop(home)
    shutil.rmtree(home)  # pytest keeps the folders of the last tests


@pytest.fixture(scope="module")
def http(server: process.LocalStatus) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=server.services["pipelines"],
        headers={"Authorization": f"Bearer {server.token}"},
        trust_env=False,
        timeout=120,
    ) as client:
        yield client


def _failed(server: process.LocalStatus, component: Any, **arguments: Any) -> tuple[str, str]:
    """Runs the component to its end; the run's id and its error."""
    client = kfp.Client(host=server.services["pipelines"], existing_token=server.token)
    run_id = client.create_run_from_pipeline_func(component, arguments=arguments).run_id
    run = client.wait_for_run_completion(run_id, 250, 0.2)
    assert run.state == "FAILED"
    return run_id, run.error.message


def _pod(http: httpx.Client, run_id: str) -> str:
    tasks = http.get(f"/apis/v2beta1/runs/{run_id}/tasks").json()["tasks"]
    return str(next(each["pods"][0]["name"] for each in tasks if each["type"] == "RUNTIME"))


class Peak:
    """The most memory that a process has had since this was made."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        Path(f"/proc/{pid}/clear_refs").write_text("5")
        self.before = self._value("VmHWM")

    def growth(self) -> int:
        """Bytes above what it had then."""
        return self._value("VmHWM") - self.before

    def _value(self, name: str) -> int:
        (line,) = (each for each in self._status.read_text().splitlines() if each.startswith(name))
        return int(line.split()[1]) * 1024


def _command_line(home: Path, run_id: str) -> tuple[int, bytes, int]:
    """What ``logs`` prints: its size and its end; and the peak of its memory."""
    arguments = ["-m", "jupyterlab_kubeflow.cli", "local", "logs", "--run", run_id]
    with subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        env={**os.environ, "KUBEFLOW_LOCAL_HOME": str(home)},
    ) as command:
        assert command.stdout
        size, end = 0, b""
        while part := command.stdout.read(1024 * 1024):
            size, end = size + len(part), (end + part)[-100:]
        _, status, usage = os.wait4(command.pid, 0)
        command.returncode = os.waitstatus_to_exitcode(status)
    assert command.returncode == 0
    return size, end, usage.ru_maxrss * 1024


@pytest.mark.timeout(600)
def test_a_gigabyte_of_log(server: process.LocalStatus, http: httpx.Client) -> None:
    home = Path(server.home)
    short, _ = _failed(server, shout, size=1000)
    peak = Peak(server.pid or 0)
    run_id, error = _failed(server, shout, size=GIGABYTE)
    assert error == f"shout: {LAST.strip()} (exit code 3)"
    expected = GIGABYTE + 1 + len(LAST)
    pod = _pod(http, run_id)

    with ExitStack() as stack:
        readers = [
            stack.enter_context(http.stream("GET", "/k8s/pod/logs", params={"podname": pod}))
            for _ in range(5)
        ]
        slow, fast = readers[:-1], readers[-1]
        for reader in slow:
            assert len(next(reader.iter_raw())) > 0
        size, end = 0, b""
        for part in fast.iter_raw():
            size, end = size + len(part), (end + part)[-100:]
    assert size == expected
    assert end.endswith(LAST.encode())

    _, _, usual = _command_line(home, short)
    size, end, most = _command_line(home, run_id)
    assert size == expected
    assert end.endswith(LAST.encode())
    print(
        f"server: {peak.growth() / 2**20:.0f} MiB, command line: {(most - usual) / 2**20:.0f} MiB"
    )
    assert most - usual < BOUND
    assert peak.growth() < BOUND

    assert http.delete(f"/apis/v2beta1/runs/{run_id}").status_code == 200
    assert not (home / "runs" / run_id).exists()


SHAPES = {
    "a long line": b"x" * 50_000_000,
    "garbage": bytes(range(256)) * 100_000,
    "zeros": b"\0" * 1_000_000,
    "no newline at the end": b"first line\nlast words",
    "half a character": "fünf".encode()[:2],
    "nothing": b"",
    "newlines only": b"\n" * 100_000,
    "returns": b"".join(b"%d%%\r" % number for number in range(100)) + b"done",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_logs_of_other_shapes(
    server: process.LocalStatus, http: httpx.Client, tmp_path: Path, shape: str
) -> None:
    content = SHAPES[shape]
    (tmp_path / "content").write_bytes(content)
    peak = Peak(server.pid or 0)
    run_id, error = _failed(server, mumble, file=str(tmp_path / "content"))
    answer = http.get("/k8s/pod/logs", params={"podname": _pod(http, run_id)})
    assert answer.status_code == 200
    assert answer.content == content
    assert _command_line(Path(server.home), run_id)[0] == len(content)
    assert peak.growth() < BOUND

    said = error.removeprefix("mumble: ").removesuffix(" (exit code 3)")
    assert len(said) <= 1000
    assert said.isprintable()
    if shape in ("no newline at the end", "returns"):
        assert said == ("last words" if shape == "no newline at the end" else "done")
    if shape in ("nothing", "newlines only", "zeros"):
        assert said == "It wrote no message."


def test_a_task_that_never_has_a_log_says_why(
    server: process.LocalStatus, http: httpx.Client, tmp_path: Path
) -> None:
    absent = str(tmp_path / "absent")
    run_id, error = _failed(server, imported, ledger=absent, uri=absent)
    tasks = http.get(f"/apis/v2beta1/runs/{run_id}/tasks").json()["tasks"]
    importer, show = (
        next(each for each in tasks if each["name"] == name) for name in ("importer", "show")
    )
    for task, why in ((importer, absent), (show, "importer failed")):
        answer = http.get("/k8s/pod/logs", params={"podname": task["pods"][0]["name"]})
        assert answer.status_code == 404
        assert "has no log: it ended as" in answer.json()["message"]
        assert why in answer.json()["message"]
    assert absent in error
