"""Local Kubeflow's Kubernetes API under load: durable writes, large lists, watch fan-out.

    python benchmarks/kubernetes_api.py [--objects 5000] [--watchers 20] [--events 5000]

Writes and reads go over https with the token, by as many connections as said; watchers count every event that reaches them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import ssl
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from jupyterlab_kubeflow.local.kubernetes.resources import Options
from jupyterlab_kubeflow.local.kubernetes.server import KubernetesServer

TOKEN = "bench"
RUNTIME = {
    "metadata": {"name": "torch"},
    "spec": {"mlPolicy": {"numNodes": 1}, "template": {"spec": {"replicatedJobs": []}}},
}
JOBS = "/apis/trainer.kubeflow.org/v1alpha1/namespaces/default/trainjobs"
MERGE = {"Content-Type": "application/merge-patch+json"}


def job(number: int) -> dict[str, object]:
    """A TrainJob."""
    return {
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "TrainJob",
        "metadata": {"name": f"job-{number}", "labels": {"team": f"t{number % 10}"}},
        "spec": {"runtimeRef": {"name": "torch"}, "trainer": {"numNodes": 2}},
    }


def client(server: KubernetesServer) -> httpx.AsyncClient:
    """HTTP to the server."""
    context = ssl.create_default_context(cafile=str(server.kubeconfig.parent / "kubernetes/ca.crt"))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    return httpx.AsyncClient(
        base_url=server.url, verify=context, headers=headers, timeout=120, trust_env=False
    )


async def over(workers: int, count: int, call: object) -> float:
    """Seconds that ``count`` calls take by so many workers."""
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            await call(number)  # type: ignore[operator]

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(workers)))
    return time.perf_counter() - start


async def main(server: KubernetesServer, objects: int, watchers: int, events: int) -> None:
    """Prints one line a measurement."""
    async with client(server) as http:

        async def create(number: int) -> None:
            (await http.post(JOBS, json=job(number))).raise_for_status()

        seconds = await over(16, objects, create)
        print(f"creates over https, 16 connections: {objects / seconds:.0f}/s")

        start = time.perf_counter()
        answer = await http.get(JOBS)
        taken = time.perf_counter() - start
        print(
            f"list of {len(answer.json()['items'])}: {taken:.2f} s, {len(answer.content) / 2**20:.1f} MiB"
        )

        times = []
        for number in range(200):
            start = time.perf_counter()
            (await http.get(f"{JOBS}/job-{number}")).raise_for_status()
            times.append(time.perf_counter() - start)
        print(f"get: p50 {statistics.median(times) * 1000:.1f} ms")

        version = answer.json()["metadata"]["resourceVersion"]
        counts = [0] * watchers
        opened = asyncio.Semaphore(0)

        async def follow(index: int) -> None:
            query = {"watch": "1", "resourceVersion": version}
            async with client(server) as own, own.stream("GET", JOBS, params=query) as stream:
                opened.release()
                async for line in stream.aiter_lines():
                    counts[index] += json.loads(line)["type"] == "MODIFIED"
                    if counts[index] == events:
                        return

        followers = [asyncio.create_task(follow(index)) for index in range(watchers)]
        for _ in followers:
            await opened.acquire()
        kind = server.client.kind("trainer.kubeflow.org/v1alpha1", "TrainJob")

        def burst() -> None:
            for number in range(events):
                name = f"job-{number % objects}"

                def touch(body: dict[str, object], number: int = number) -> None:
                    body["status"] = {"conditions": [], "jobsStatus": [], "n": number}

                server.resources.edit(kind, "default", name, touch, "bench")

        start = time.perf_counter()
        await asyncio.to_thread(burst)
        await asyncio.gather(*followers)
        seconds = time.perf_counter() - start
        print(
            f"{events} events to {watchers} watchers (their reading included): {events / seconds:.0f} events/s, "
            f"{sum(counts) / seconds:.0f} deliveries/s, lost {events * watchers - sum(counts)}"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory, server and clients in one process: {peak:.0f} MiB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=5000)
    parser.add_argument("--watchers", type=int, default=20)
    parser.add_argument("--events", type=int, default=5000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        served = KubernetesServer(Path(folder), TOKEN)
        served.start()
        runtimes = served.client.kind("trainer.kubeflow.org/v1alpha1", "ClusterTrainingRuntime")
        served.resources.create(runtimes, "", RUNTIME, Options()).result()
        try:
            asyncio.run(main(served, given.objects, given.watchers, given.events))
        finally:
            served.stop()
