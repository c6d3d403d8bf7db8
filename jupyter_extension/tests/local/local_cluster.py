"""A server of the tests' own for what runs by the Kubernetes API, and shortcuts over the official Python client."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kubernetes
import psutil
from jupyterlab_kubeflow.local import process


class Cluster:
    """The official Python client of one server, and shortcuts."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.start()

    def start(self) -> None:
        """Starts the server, or finds it."""
        self.status = process.start(home=self.home)
        client = kubernetes.config.new_client_from_config(str(self.status.kubeconfig))
        self.core = kubernetes.client.CoreV1Api(client)
        self.batch = kubernetes.client.BatchV1Api(client)
        self.custom = kubernetes.client.CustomObjectsApi(client)
        self.client = client

    def kill(self) -> None:
        """``kill -9``."""
        server = psutil.Process(self.status.pid)
        server.kill()
        psutil.wait_procs([server], timeout=30)

    def pod(self, namespace: str, name: str, command: list[str], **more: Any) -> Any:
        """Makes a pod with one container ``main``; ``spec`` and ``container`` come on top."""
        container = {
            "name": "main",
            "image": "python:3.11",
            "command": command,
            **more.get("container", {}),
        }
        spec = {"restartPolicy": "Never", "containers": [container], **more.get("spec", {})}
        meta = {"name": name, **more.get("metadata", {})}
        return self.core.create_namespaced_pod(namespace, {"metadata": meta, "spec": spec})

    def wait_for_pod(
        self, namespace: str, name: str, fits: Callable[[Any], Any], seconds: float = 60
    ) -> Any:
        """The pod once it is as wanted."""
        return self.wait_for(lambda: self.core.read_namespaced_pod(name, namespace), fits, seconds)

    @staticmethod
    def wait_for(read: Callable[[], Any], fits: Callable[[Any], Any], seconds: float = 60) -> Any:
        """What ``read`` gives once it is as wanted."""
        until = time.monotonic() + seconds
        while True:
            found = read()
            if fits(found):
                return found
            assert time.monotonic() < until, f"still {found}"
            time.sleep(0.05)

    def ended(self, namespace: str, name: str) -> Any:
        """The pod at its end."""
        return self.wait_for_pod(
            namespace, name, lambda pod: pod.status.phase in ("Succeeded", "Failed")
        )

    def log(self, namespace: str, name: str, **options: Any) -> str:
        """What a pod has said."""
        return str(self.core.read_namespaced_pod_log(name, namespace, **options))

    def reasons(self, namespace: str, name: str) -> list[str]:
        """The reasons of an object's events."""
        events = self.core.list_namespaced_event(namespace).items
        return [each.reason for each in events if each.involved_object.name == name]
