"""What pods use, as ``metrics.k8s.io`` tells it: seen by the official Python client and ``kubectl top``."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from jupyterlab_kubeflow.local.quantities import amount
from kubernetes.client.exceptions import ApiException
from local_cluster import Cluster

METRICS = ("metrics.k8s.io", "v1beta1")
BUSY = [
    "python",
    "-c",
    "held = bytearray(200_000_000)\nprint('begins', flush=True)\nwhile True: pass",
]
IDLE = ["python", "-c", "import time\nprint('begins', flush=True)\ntime.sleep(600)"]


def _running(cluster: Cluster, namespace: str, name: str) -> None:
    cluster.wait_for_pod(namespace, name, lambda pod: pod.status.phase == "Running")
    cluster.wait_for(lambda: cluster.log(namespace, name), lambda log: "begins" in log)


def _one(cluster: Cluster, namespace: str, name: str) -> dict[str, Any]:
    return dict(cluster.custom.get_namespaced_custom_object(*METRICS, namespace, "pods", name))


def _names(cluster: Cluster, namespace: str, **selectors: str) -> list[str]:
    found = cluster.custom.list_namespaced_custom_object(*METRICS, namespace, "pods", **selectors)
    assert found["kind"] == "PodMetricsList"
    return [each["metadata"]["name"] for each in found["items"]]


def _usage(metrics: dict[str, Any]) -> tuple[Decimal, Decimal]:
    (container,) = metrics["containers"]
    assert container["name"] == "main"
    return amount(container["usage"]["cpu"]), amount(container["usage"]["memory"])


def test_a_busy_pod_and_an_idle_one(cluster: Cluster, namespace: str) -> None:
    cluster.pod(namespace, "busy", BUSY, metadata={"labels": {"does": "work"}})
    cluster.pod(namespace, "idle", IDLE)
    for name in ("busy", "idle"):
        _running(cluster, namespace, name)
    busy, idle = _one(cluster, namespace, "busy"), _one(cluster, namespace, "idle")
    assert (busy["kind"], busy["apiVersion"]) == ("PodMetrics", "metrics.k8s.io/v1beta1")
    assert busy["metadata"]["labels"] == {"does": "work"}
    assert busy["window"].endswith("s")
    (cores, memory), (none, little) = _usage(busy), _usage(idle)
    assert cores > none
    assert memory > 200_000_000 > little > 0
    assert sorted(_names(cluster, namespace)) == ["busy", "idle"]
    assert _names(cluster, namespace, label_selector="does=work") == ["busy"]
    assert _names(cluster, namespace, field_selector="metadata.name=idle") == ["idle"]


def test_processes_that_a_training_starts_count(cluster: Cluster, namespace: str) -> None:
    starts = f"import subprocess; subprocess.run({BUSY!r}, start_new_session=True)"
    cluster.pod(namespace, "starts", ["python", "-c", starts])
    _running(cluster, namespace, "starts")
    cores, memory = _usage(_one(cluster, namespace, "starts"))
    assert cores > 0
    assert memory > 200_000_000


def test_what_does_not_run_uses_nothing(cluster: Cluster, namespace: str) -> None:
    cluster.pod(namespace, "ended", ["true"])
    cluster.ended(namespace, "ended")
    assert _names(cluster, namespace) == []
    for name in ("ended", "nobody"):
        with pytest.raises(ApiException) as caught:
            _one(cluster, namespace, name)
        assert caught.value.status == 404
        assert f"{namespace}/{name}" in caught.value.body
    with pytest.raises(ApiException) as caught:
        _names(cluster, namespace, label_selector="((")
    assert caught.value.status == 400
    with pytest.raises(ApiException) as caught:
        cluster.custom.delete_namespaced_custom_object(*METRICS, namespace, "pods", "ended")
    assert caught.value.status == 405


def test_kubectl_top(cluster: Cluster, namespace: str, kubectl: Callable[..., str]) -> None:
    cluster.pod(namespace, "idle", IDLE)
    _running(cluster, namespace, "idle")
    (row,) = kubectl("top", "pod", "-n", namespace, "--no-headers").splitlines()
    name, cores, memory = row.split()
    assert (name, cores[-1], memory[-2:]) == ("idle", "m", "Mi")
    assert kubectl("top", "pod", "idle", "-n", namespace, "--containers").split()[4:6] == [
        "idle",
        "main",
    ]
