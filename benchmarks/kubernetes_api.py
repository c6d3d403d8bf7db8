"""The Kubernetes API of Local Kubeflow under load, as its clients see it: durable writes, large lists, watch fan-out, and what the KFP API beside it feels.

Usage: ``kubernetes_api.py [OBJECTS [WATCHERS]]``, with ``KUBEFLOW_LOCAL_HOME`` naming the folder of a running server. All goes over https with
the token, from a process of its own. Prints one JSON line, :class:`Figures`.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

import psutil
import yaml
from jupyterlab_kubeflow.local import process

NAMESPACE = "bench"
GROUP = "/apis/trainer.kubeflow.org/v1alpha1"
JOBS = f"{GROUP}/namespaces/{NAMESPACE}/trainjobs"


@dataclass
class Figures:
    """Per second: ``creates_alone`` by one connection, ``creates`` and ``status_patches`` by 16, ``events`` of one burst until the last watcher has
    them all. ``lost``: events that a watcher did not get. Seconds: ``list``, ``get`` (median), ``runs`` and ``runs_in_storm`` (the KFP
    API's list of runs, median and worst, without and during the writes and the burst). MiB: ``memory`` of the server before and after.
    """

    objects: int
    watchers: int
    creates_alone: float
    creates: float
    status_patches: float
    list: float
    list_mib: float
    get: float
    events: float
    lost: int
    runs: tuple[float, float]
    runs_in_storm: tuple[float, float]
    memory: tuple[float, float]


class Connection:
    """One kept-alive connection to a server."""

    def __init__(self, url: str, token: str, context: ssl.SSLContext | None) -> None:
        address = urlsplit(url).netloc
        self._http = (
            http.client.HTTPSConnection(address, context=context, timeout=300)
            if context
            else http.client.HTTPConnection(address, timeout=300)
        )
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def open(
        self, method: str, path: str, body: object = None, media: str = "application/json"
    ) -> http.client.HTTPResponse:
        """The answer, its body still to be read. Raises ``RuntimeError`` for a refusal."""
        text = None if body is None else json.dumps(body)
        self._http.request(method, path, text, {**self._headers, "Content-Type": media})
        answer = self._http.getresponse()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {answer.read()[:300]!r}")
        return answer

    def ask(self, *request: Any) -> bytes:
        """The body of the answer."""
        return self.open(*request).read()


@dataclass
class Server:
    """The running server: connections to its two APIs."""

    status: process.LocalStatus

    def kubernetes(self) -> Connection:
        """A new connection to the Kubernetes API."""
        with open(str(self.status.kubeconfig), encoding="utf-8") as file:
            cluster = yaml.safe_load(file)["clusters"][0]["cluster"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        context = ssl.create_default_context(cadata=authority)
        return Connection(cluster["server"], str(self.status.token), context)

    def pipelines(self) -> Connection:
        """A new connection to the KFP API."""
        return Connection(str(self.status.url), str(self.status.token), None)

    def memory(self) -> float:
        """MiB that the server holds."""
        return float(psutil.Process(self.status.pid).memory_info().rss / 2**20)


def job(number: int) -> dict[str, object]:
    """A TrainJob as the SDK makes it, which no controller takes up: it is the API that is measured."""
    env = [{"name": f"VARIABLE_{each}", "value": "value"} for each in range(5)]
    return {
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "TrainJob",
        "metadata": {"name": f"job-{number}", "labels": {"team": f"t{number % 10}"}},
        "spec": {
            "managedBy": "kueue.x-k8s.io/multikueue",
            "runtimeRef": {"name": "bench"},
            "trainer": {"numNodes": 2, "env": env, "command": ["python", "-c", "print(1)"]},
        },
    }


def rate(
    server: Server, workers: int, count: int, call: Callable[[Connection, int], object]
) -> float:
    """Calls a second, by so many connections."""
    numbers = iter(range(count))
    lock = threading.Lock()

    def work() -> None:
        connection = server.kubernetes()
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            call(connection, number)

    start = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        for each in [pool.submit(work) for _ in range(workers)]:
            each.result()
    return count / (time.perf_counter() - start)


def seconds(call: Callable[[], object]) -> float:
    """How long a call takes."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@contextmanager
def pipelines_used(server: Server) -> Iterator[list[float]]:
    """Lists runs of the KFP API all the while, and notes how long it takes each time."""
    times: list[float] = []
    stop = threading.Event()

    def use() -> None:
        connection = server.pipelines()
        path = "/pipelines/apis/v2beta1/runs?page_size=20"
        while not stop.wait(0.02):
            times.append(seconds(lambda: connection.ask("GET", path)))

    thread = threading.Thread(target=use)
    thread.start()
    yield times
    stop.set()
    thread.join()


def spread(times: list[float]) -> tuple[float, float]:
    """Median and worst."""
    return statistics.median(times), max(times)


def burst(server: Server, watchers: int, objects: int, version: str) -> tuple[float, int]:
    """Deletes all jobs at once: events a second until all watchers have all of them, and how many they did not get."""
    counts = [0] * watchers
    opened = threading.Barrier(watchers + 1)

    def follow(index: int) -> None:
        path = f"{JOBS}?watch=1&resourceVersion={version}&timeoutSeconds=120"
        stream = server.kubernetes().open("GET", path)
        opened.wait()
        rest = b""
        while counts[index] < objects and (part := stream.read1(1 << 16)):
            text = rest + part
            counts[index] += text.count(b'{"type":"DELETED"')
            rest = text[-16:] if not text.endswith(b"\n") else b""

    threads = [threading.Thread(target=follow, args=(index,)) for index in range(watchers)]
    for thread in threads:
        thread.start()
    opened.wait()
    start = time.perf_counter()
    server.kubernetes().ask("DELETE", JOBS)
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - start
    return objects / taken, watchers * objects - sum(counts)


def main(server: Server, objects: int, watchers: int) -> Figures:
    """Measures; leaves nothing behind."""
    before = server.memory()
    own = server.kubernetes()
    own.ask("POST", "/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
    runtime = {
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "TrainingRuntime",
        "metadata": {"name": "bench"},
        "spec": {"mlPolicy": {"numNodes": 1}, "template": {"spec": {"replicatedJobs": []}}},
    }
    own.ask("POST", f"{GROUP}/namespaces/{NAMESPACE}/trainingruntimes", runtime)
    with pipelines_used(server) as quiet:
        time.sleep(3)

    def create(connection: Connection, number: int) -> None:
        body = job(number)
        body["spec"]["runtimeRef"]["kind"] = "TrainingRuntime"  # type: ignore[index]
        connection.ask("POST", JOBS, body)

    def patch(connection: Connection, number: int) -> None:
        status: dict[str, object] = {"status": {"jobsStatus": [], "conditions": []}}
        path = f"{JOBS}/job-{number}/status"
        connection.ask("PATCH", path, status, "application/merge-patch+json")

    alone = objects // 5
    with pipelines_used(server) as storm:
        creates_alone = rate(server, 1, alone, create)
        creates = rate(
            server, 16, objects - alone, lambda connection, n: create(connection, n + alone)
        )
        status_patches = rate(server, 16, objects, patch)
        text = b""

        def read() -> None:
            nonlocal text
            text = own.ask("GET", JOBS)

        whole = seconds(read)
        listed = json.loads(text)
        assert len(listed["items"]) == objects
        gets = [seconds(lambda: own.ask("GET", f"{JOBS}/job-7")) for _ in range(300)]
        events, lost = burst(server, watchers, objects, listed["metadata"]["resourceVersion"])
    after = server.memory()
    own.ask("DELETE", f"/api/v1/namespaces/{NAMESPACE}")
    return Figures(
        objects=objects,
        watchers=watchers,
        creates_alone=creates_alone,
        creates=creates,
        status_patches=status_patches,
        list=whole,
        list_mib=len(text) / 2**20,
        get=statistics.median(gets),
        events=events,
        lost=lost,
        runs=spread(quiet),
        runs_in_storm=spread(storm),
        memory=(before, after),
    )


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    running = process.status()
    if not running.running:
        sys.exit("Local Kubeflow does not run: `jupyter kubeflow local start`")
    print(json.dumps(asdict(main(Server(running), *(given or [5000])[:1], *(given[1:] or [20])))))
