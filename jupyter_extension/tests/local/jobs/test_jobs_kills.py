"""``kill -9`` of the server: no line, no exit code and no process is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psutil

COUNT = (
    "i=0; while ! test -e GATE; do i=$((i+1)); echo line $i; sleep 0.01; done; echo last; exit 7"
)


def test_a_running_pod_is_taken_up_with_its_log_and_exit_code(own: Any, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    own.pod("test", "counts", ["sh", "-c", COUNT.replace("GATE", str(gate))])
    own.wait_for_pod("test", "counts", lambda pod: pod.status.phase == "Running")
    own.pod("test", "ends", ["sh", "-c", COUNT.replace("GATE", str(gate))])
    own.wait_for_pod("test", "ends", lambda pod: pod.status.phase == "Running")
    before = own.core.read_namespaced_pod("counts", "test")
    own.kill()
    own.start()
    pod = own.core.read_namespaced_pod("counts", "test")
    assert pod.status.phase == "Running"
    begun = before.status.container_statuses[0].state.running.started_at
    assert pod.status.container_statuses[0].state.running.started_at == begun
    own.kill()
    gate.touch()  # they end while there is no server
    own.start()
    for name in ("counts", "ends"):
        ended = own.ended("test", name).status.container_statuses[0]
        assert ended.state.terminated.exit_code == 7
        assert ended.restart_count == 0
        *lines, last = own.log("test", name).splitlines()
        assert last == "last"
        assert lines == [f"line {i + 1}" for i in range(len(lines))]


def test_a_pod_deleted_while_there_is_no_server_would_be_ended(own: Any) -> None:
    script = "trap 'echo saved; exit 0' TERM; echo ready; while :; do sleep 0.05; done"
    own.pod("test", "saves", ["sh", "-c", script], metadata={"finalizers": ["test/held"]})
    own.wait_for_pod("test", "saves", lambda pod: pod.status.phase == "Running")
    own.core.delete_namespaced_pod("saves", "test")
    own.kill()
    own.start()
    own.ended("test", "saves")
    own.core.patch_namespaced_pod("saves", "test", {"metadata": {"finalizers": None}})
    own.wait_for(
        lambda: [p for p in psutil.process_iter() if _marked(p, own.home)], lambda left: not left
    )


def _marked(each: psutil.Process, home: Path) -> bool:
    try:
        return each.environ().get("HOME", "").startswith(str(home / "pods"))
    except psutil.Error:
        return False
