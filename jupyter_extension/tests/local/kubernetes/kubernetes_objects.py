"""Objects and helpers of the tests of the Kubernetes API."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import kubernetes
import pytest

TRAINJOBS = ("trainer.kubeflow.org", "v1alpha1")


def trainjob(name: str, **spec: Any) -> dict[str, Any]:
    """A TrainJob on the tests' runtime."""
    return {
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "TrainJob",
        "metadata": {"name": name},
        "spec": {"runtimeRef": {"name": "torch"}, **spec},
    }


def pod(name: str, **metadata: Any) -> dict[str, Any]:
    """A pod with one container."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, **metadata},
        "spec": {"containers": [{"name": "main", "image": "busybox"}]},
    }


def config(name: str, data: dict[str, str] | None = None, **metadata: Any) -> dict[str, Any]:
    """A ConfigMap."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, **metadata},
        "data": data or {},
    }


def refused(call: Callable[[], Any]) -> dict[str, Any]:
    """The ``Status`` that a call is refused with."""
    with pytest.raises(kubernetes.client.ApiException) as caught:
        call()
    return dict(json.loads(caught.value.body))


def eventually(check: Callable[[], Any], seconds: float = 30) -> Any:
    """What ``check`` gives once it gives something; fails when it never does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {seconds} s in vain")
