"""How containers end: what they say of it, and what they are ended for. Seen by the official Python client."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil
import pytest

FALLBACK = {"terminationMessagePolicy": "FallbackToLogsOnError"}
MISSING = ["python", "-c", "import no_such_module"]


def _end(cluster: Any, namespace: str, name: str) -> Any:
    pod = cluster.ended(namespace, name)
    return pod.status.container_statuses[0].state.terminated


def test_the_end_of_the_log_says_why_where_the_policy_is_so(cluster: Any, namespace: str) -> None:
    cluster.pod(namespace, "fails", MISSING, container=FALLBACK)
    ended = _end(cluster, namespace, "fails")
    assert (ended.exit_code, ended.reason) == (1, "Error")
    assert ended.message.startswith("Traceback (most recent call last):")
    assert ended.message.endswith("\nModuleNotFoundError: No module named 'no_such_module'")


def test_a_long_log_is_cut_as_a_kubelet_does(cluster: Any, namespace: str) -> None:
    script = "for i in range(1000):\n    print('line', i)\nraise SystemExit(3)"
    cluster.pod(namespace, "says-much", ["python", "-c", script], container=FALLBACK)
    lines = _end(cluster, namespace, "says-much").message.splitlines()
    assert lines == [f"line {i}" for i in range(920, 1000)]


def test_by_default_nothing_is_taken_from_the_log(cluster: Any, namespace: str) -> None:
    cluster.pod(namespace, "fails", MISSING)
    assert _end(cluster, namespace, "fails").message is None


@pytest.mark.parametrize(
    ("name", "path", "code"), [("usual", None, 0), ("named", "/workspace/why", 4)]
)
def test_a_container_says_itself_how_it_ended(
    cluster: Any, namespace: str, name: str, path: str | None, code: int
) -> None:
    target = path or "/dev/termination-log"
    script = f"echo {name} on stdout; printf 'accuracy 0.9' > {target}; exit {code}"
    more = {**FALLBACK, **({"terminationMessagePath": path} if path else {})}
    cluster.pod(namespace, name, ["sh", "-c", script], container=more)
    ended = _end(cluster, namespace, name)
    assert (ended.exit_code, ended.message) == (code, "accuracy 0.9")


LIMITED = {"resources": {"limits": {"memory": "96Mi"}}}
TAKES = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "held = b'x' * (200 << 20); import time; time.sleep(600)"])
print('pid', child.pid, flush=True)
time.sleep(600)
"""


def test_who_takes_more_memory_than_allowed_is_killed_with_all_it_started(
    cluster: Any, namespace: str
) -> None:
    cluster.pod(namespace, "takes", ["python", "-c", TAKES], container=LIMITED)
    ended = _end(cluster, namespace, "takes")
    assert (ended.exit_code, ended.reason) == (137, "OOMKilled")
    pid = int(cluster.log(namespace, "takes").split()[1])
    cluster.wait_for(lambda: psutil.pid_exists(pid), lambda there: not there)


def test_mapped_files_are_none_of_it(cluster: Any, namespace: str, tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_bytes(b"x" * (200 << 20))
    script = (
        "import mmap, time\n"
        f"file = open({str(file)!r}, 'rb')\n"
        "data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)\n"
        "print(sum(data[::4096]) > 0)\n"
        "time.sleep(1)"
    )
    cluster.pod(namespace, "reads", ["python", "-c", script], container=LIMITED)
    assert _end(cluster, namespace, "reads").reason == "Completed"


def test_memory_is_watched_without_a_server(own: Any, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    script = (
        "import os, time\n"
        "print('pid', os.getpid(), flush=True)\n"
        f"while not os.path.exists({str(gate)!r}): time.sleep(0.02)\n"
        "held = b'x' * (200 << 20)\n"
        "time.sleep(600)"
    )
    own.pod("test", "takes", ["python", "-u", "-c", script], container=LIMITED)
    own.wait_for_pod("test", "takes", lambda pod: pod.status.phase == "Running")
    said = own.wait_for(lambda: own.log("test", "takes"), lambda text: text.endswith("\n"))
    own.kill()
    gate.touch()
    own.wait_for(lambda: psutil.pid_exists(int(said.split()[1])), lambda there: not there)
    own.start()
    ended = _end(own, "test", "takes")
    assert (ended.exit_code, ended.reason) == (137, "OOMKilled")


STRAY = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    os.execve("/bin/sleep", ["sleep", "600"], {})
os.wait()
time.sleep(0.1)
"""
"""Leaves a process behind that bears no mark and is in a session of its own."""


def _strays() -> list[psutil.Process]:
    found = []
    for each in psutil.process_iter(["cmdline", "environ", "status"]):
        if each.info["cmdline"] == ["sleep", "600"] and not each.info["environ"]:
            found.append(each)
    return [each for each in found if each.info["status"] != psutil.STATUS_ZOMBIE]


def test_what_is_left_behind_ends_with_the_container(cluster: Any, namespace: str) -> None:
    before = set(_strays())
    cluster.pod(namespace, "leaves", ["python", "-c", STRAY])
    assert _end(cluster, namespace, "leaves").exit_code == 0
    assert set(_strays()) <= before


def test_what_is_left_behind_ends_with_the_pod(cluster: Any, namespace: str) -> None:
    before = set(_strays())
    cluster.pod(namespace, "leaves", ["python", "-c", STRAY + "time.sleep(600)"])
    cluster.wait_for(lambda: set(_strays()) - before, bool)
    cluster.core.delete_namespaced_pod("leaves", namespace)
    cluster.wait_for(lambda: set(_strays()) - before, lambda left: not left)
