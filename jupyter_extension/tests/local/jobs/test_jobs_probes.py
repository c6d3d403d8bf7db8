"""Probes of containers, seen by the official Python client."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

SERVES = """
import http.server, os
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if os.path.exists(FILE) else 503)
        self.end_headers()
    def log_message(self, *_):
        pass
http.server.HTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _often(**probe: Any) -> dict[str, Any]:
    return {"periodSeconds": 1, "failureThreshold": 1, **probe}


def _ready(pod: Any) -> bool:
    return any(
        each.type == "Ready" and each.status == "True" for each in pod.status.conditions or ()
    )


def _main(pod: Any) -> Any:
    return pod.status.container_statuses[0]


def _again(pod: Any) -> bool:
    return bool(pod.status.container_statuses and _main(pod).restart_count == 1)


def test_readiness_comes_and_goes(cluster: Any, namespace: str, tmp_path: Path, port: int) -> None:
    file = tmp_path / "well"
    script = SERVES.replace("FILE", repr(str(file))).replace("PORT", str(port))
    container = {
        "ports": [{"name": "http", "containerPort": port}],
        "readinessProbe": _often(httpGet={"path": "/healthz", "port": "http"}),
    }
    cluster.pod(namespace, "serves", ["python", "-c", script], container=container)
    pod = cluster.wait_for_pod(namespace, "serves", lambda pod: pod.status.phase == "Running")
    assert not _ready(pod)
    assert not _main(pod).ready
    cluster.wait_for(
        lambda: cluster.reasons(namespace, "serves"), lambda reasons: "Unhealthy" in reasons
    )
    file.touch()
    pod = cluster.wait_for_pod(namespace, "serves", _ready)
    assert _main(pod).ready
    file.unlink()
    pod = cluster.wait_for_pod(namespace, "serves", lambda pod: not _ready(pod))
    assert _main(pod).state.running
    assert _main(pod).restart_count == 0


def test_a_container_that_does_not_start_is_begun_anew(
    cluster: Any, namespace: str, port: int
) -> None:
    script = f"test -e $HOME/seen || {{ touch $HOME/seen; sleep 600; }}; exec python -m http.server {port}"
    container = {"startupProbe": _often(tcpSocket={"port": port}, failureThreshold=3)}
    spec = {"restartPolicy": "OnFailure", "terminationGracePeriodSeconds": 1}
    main = {"name": "main", "image": "x", "command": ["sh", "-c", script], **container}
    cluster.pod(namespace, "starts", [], spec={**spec, "containers": [main]})
    found = cluster.wait_for_pod(namespace, "starts", _again)
    assert not _main(found).started
    found = cluster.wait_for_pod(namespace, "starts", _ready)
    assert _main(found).started
    assert _main(found).last_state.terminated.exit_code in (137, 143)
    assert "Killing" in cluster.reasons(namespace, "starts")


def test_a_container_that_is_no_longer_well_is_begun_anew(cluster: Any, namespace: str) -> None:
    script = "test -e /state/dead && exec sleep 600; touch /state/well /state/begun; while test -e /state/well; do sleep 0.05; done; sleep 600"
    check = "test ! -e /state/begun || test -e /state/well || { touch /state/dead; echo is ill; exit 1; }"
    container = {
        "livenessProbe": _often(exec={"command": ["sh", "-c", check]}, initialDelaySeconds=1),
        "volumeMounts": [{"name": "state", "mountPath": "/state"}],
    }
    main = {"name": "main", "image": "x", "command": ["sh", "-c", script], **container}
    spec = {
        "restartPolicy": "OnFailure",
        "terminationGracePeriodSeconds": 1,
        "volumes": [{"name": "state", "emptyDir": {}}],
        "containers": [main],
    }
    cluster.pod(namespace, "dies", [], spec=spec)
    pod = cluster.wait_for_pod(namespace, "dies", lambda pod: pod.status.phase == "Running")
    state = cluster.home / "pods" / pod.metadata.uid / "volumes" / "state"
    cluster.wait_for((state / "begun").exists, bool)
    (state / "well").unlink()
    pod = cluster.wait_for_pod(namespace, "dies", _again)
    assert _main(pod).last_state.terminated.exit_code in (137, 143)
    events = cluster.core.list_namespaced_event(namespace).items
    assert any(each.message == "Liveness probe failed: is ill" for each in events)


def test_a_killed_server_goes_on_with_what_is_ready(own: Any, tmp_path: Path, port: int) -> None:
    file = tmp_path / "well"
    file.touch()
    script = SERVES.replace("FILE", repr(str(file))).replace("PORT", str(port))
    probe = _often(httpGet={"path": "/", "port": port})
    container = {"readinessProbe": probe, "startupProbe": {**probe, "failureThreshold": 30}}
    own.pod("test", "serves", ["python", "-c", script], container=container)
    own.wait_for_pod("test", "serves", _ready)
    own.kill()
    own.start()
    pod = own.core.read_namespaced_pod("serves", "test")
    assert _ready(pod)
    assert _main(pod).started
    file.unlink()
    pod = own.wait_for_pod("test", "serves", lambda pod: not _ready(pod))
    assert _main(pod).started
    assert _main(pod).restart_count == 0
