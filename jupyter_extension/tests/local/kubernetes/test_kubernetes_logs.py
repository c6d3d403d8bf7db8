"""Logs of pods."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from jupyterlab_kubeflow.local.kubernetes.server import KubernetesServer
from kubernetes_objects import pod, refused


@pytest.fixture
def written(core: Any, kubernetes_server: KubernetesServer, namespace: str) -> Any:
    """A pod whose container has been started twice; the second still writes. With its writer and its path."""
    made = core.create_namespaced_pod(namespace, pod("one"))
    first = kubernetes_server.logs.writer(made.metadata.uid, "main", 0)
    first.write("it was in vain\n")
    first.close()
    _state(core, namespace, "Running", 1)
    writer = kubernetes_server.logs.writer(made.metadata.uid, "main", 1)
    writer.write("one\ntwo\nthree\n")
    return writer


def _state(core: Any, namespace: str, phase: str, restarts: int) -> None:
    status = {
        "name": "main",
        "ready": True,
        "restartCount": restarts,
        "image": "busybox",
        "imageID": "",
    }
    body = {"status": {"phase": phase, "containerStatuses": [status]}}
    core.patch_namespaced_pod_status("one", namespace, body)


def test_a_log_is_read_whole_and_by_parts(core: Any, namespace: str, written: Any) -> None:
    def read(**options: Any) -> str:
        return str(core.read_namespaced_pod_log("one", namespace, **options))

    assert read() == "one\ntwo\nthree\n"
    assert read(tail_lines=2) == "two\nthree\n"
    assert read(tail_lines=0) == ""
    assert read(limit_bytes=5) == "one\nt"
    assert read(previous=True) == "it was in vain\n"
    assert read(since_seconds=3600, container="main") == "one\ntwo\nthree\n"
    stamped = read(timestamps=True, tail_lines=1)
    assert stamped.endswith("Z three\n")
    assert stamped[:2] == "20"


def test_a_followed_log_ends_with_its_pod(
    rest: httpx.Client, core: Any, namespace: str, written: Any
) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods/one/log"
    with rest.stream("GET", path, params={"follow": "true", "tailLines": "1"}) as answer:
        lines = answer.iter_lines()
        assert next(lines) == "three"
        written.write("four\n")
        assert next(lines) == "four"
        written.write("five\n")
        _state(core, namespace, "Succeeded", 1)
        assert list(lines) == ["five"]


def test_why_there_is_no_log_is_said(core: Any, namespace: str) -> None:
    body = pod("one")
    body["spec"]["containers"].append({"name": "side", "image": "busybox"})
    core.create_namespaced_pod(namespace, body)

    def said(**options: Any) -> Any:
        return refused(lambda: core.read_namespaced_pod_log("one", namespace, **options))["message"]

    assert said() == "a container name must be specified for pod one, choose one of: [main side]"
    assert said(container="x") == "container x is not valid for pod one"
    assert said(container="main") == (
        'container "main" in pod "one" is waiting to start: ContainerCreating'
    )
    assert said(container="main", previous=True) == (
        'previous terminated container "main" in pod "one" not found'
    )
