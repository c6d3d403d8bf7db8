"""A Kubernetes API of Local Kubeflow with many TrainJobs that change as often as is asked: what the list-watch cache is measured against.

Usage: ``kubernetes_events.py FOLDER OBJECTS``. Prints one JSON line ``{kubeconfig, namespace}`` when the jobs are there; its context is
called ``bench``. Then, for each line ``RATE SECONDS`` on standard input, changes the status of that many jobs a second, one after the other, each change durable,
and prints ``{events, seconds}``. Ends with its standard input.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from jupyterlab_kubeflow.local.kubernetes.resources import Options
from jupyterlab_kubeflow.local.kubernetes.server import NAMESPACE, KubernetesServer

GROUP = "trainer.kubeflow.org/v1alpha1"


def job(number: int) -> dict[str, Any]:
    """A TrainJob as the SDK makes it, some 1.5 KiB."""
    env = [{"name": f"VARIABLE_{each}", "value": "value " * 4} for each in range(10)]
    return {
        "apiVersion": GROUP,
        "kind": "TrainJob",
        "metadata": {"name": f"job-{number}", "labels": {"team": f"t{number % 10}"}},
        "spec": {
            "runtimeRef": {"name": "bench"},
            "trainer": {"numNodes": 2, "env": env, "command": ["python", "-c", "print(1)"]},
        },
    }


def fill(server: KubernetesServer, objects: int) -> None:
    """Makes the jobs and their runtime."""
    runtime = {
        "metadata": {"name": "bench"},
        "spec": {"mlPolicy": {"numNodes": 1}, "template": {"spec": {"replicatedJobs": []}}},
    }
    runtimes = server.client.kind(GROUP, "ClusterTrainingRuntime")
    server.resources.create(runtimes, "", runtime, Options()).result()
    jobs = server.client.kind(GROUP, "TrainJob")
    made = [
        server.resources.create(jobs, NAMESPACE, job(number), Options())
        for number in range(objects)
    ]
    for each in made:
        each.result()


def change(server: KubernetesServer, objects: int, rate: int, seconds: float) -> dict[str, float]:
    """Changes jobs at a steady rate."""
    jobs = server.client.kind(GROUP, "TrainJob")
    start = time.perf_counter()
    changed = []
    while (now := time.perf_counter() - start) < seconds:
        while len(changed) < now * rate:
            number = len(changed)

            def touch(body: dict[str, Any], number: int = number) -> None:
                progress = {"progressPercentage": number % 100, "metrics": []}
                body["status"] = {
                    "conditions": [],
                    "jobsStatus": [
                        {"name": "node", "active": number, "ready": 0, "succeeded": 0, "failed": 0}
                    ],
                    "trainerStatus": progress,
                }

            changed.append(
                server.resources.edit(jobs, NAMESPACE, f"job-{number % objects}", touch, "bench")
            )
        time.sleep(0.005)
    for each in changed:
        each.result()
    return {"events": len(changed), "seconds": time.perf_counter() - start}


def main(folder: Path, objects: int) -> None:
    """Serves until standard input ends."""
    server = KubernetesServer(folder, "bench")
    server.start()
    try:
        fill(server, objects)
        kubeconfig = yaml.safe_load(server.kubeconfig.read_text())
        kubeconfig["contexts"][0]["name"] = kubeconfig["current-context"] = "bench"
        own = folder / "bench.kubeconfig"
        own.write_text(yaml.safe_dump(kubeconfig))
        print(json.dumps({"kubeconfig": str(own), "namespace": NAMESPACE}), flush=True)
        for line in sys.stdin:
            rate, seconds = line.split()
            print(json.dumps(change(server, objects, int(rate), float(seconds))), flush=True)
    finally:
        server.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
