"""Many runs queued at once in Local Kubeflow, against the very commands that it launched for them in a bare process pool.

Usage: ``queue_runs.py RUNS PAIRS``, with ``KUBEFLOW_LOCAL_HOME`` naming the folder of a running server. Each run is one lightweight component with a
parameter of its own, without caching, posted by several threads. A first pass, not timed, notes argument vector, environment and directory of every
process; the pool (as many workers as cores) runs these again, its output going to the same logs. Then the two are timed in turn, and in a last
pass somebody looks on. Prints one JSON line ``{"local": […], "pool": [{seconds, cpu}], "watched": …}``; the fields of a local pass are those of
:class:`Pass`.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml
from jupyterlab_kubeflow.local import process
from kfp import compiler, dsl

SUBMITTERS = 8
UNFINISHED = {
    "key": "state",
    "operation": "IN",
    "string_values": {"values": ["PENDING", "RUNNING"]},
}


@dsl.component(base_image="python:3.11")
def add(a: int, b: int) -> int:
    return a + b


@dsl.pipeline(name="add-two")
def add_two(a: int) -> int:
    return add(a=a, b=1).set_caching_options(False).output


@dataclass
class Command:
    """A task's process as it was launched."""

    argv: list[str]
    env: dict[str, str]
    cwd: str


@dataclass
class Pass:
    """All runs once: seconds from the first request to the last answer and to the last end; CPU seconds of the server and its processes.

    ``rss``: bytes that the server's memory grew by. Of a pass that somebody looks on, ``list_p95`` and ``list_max``: seconds that the panel's first
    page took while the queue drained, ``loop_max``: the longest that the event loop kept a request waiting.
    """

    submitted: float
    drained: float
    cpu: float
    server_cpu: float
    rss: int
    list_p95: float = 0
    list_max: float = 0
    loop_p95: float = 0
    loop_max: float = 0


def specification() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pipeline.yaml"
        compiler.Compiler().compile(add_two, str(path))
        loaded: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
        return loaded


@contextmanager
def probing(http: httpx.Client, path: str, every: float) -> Iterator[list[float]]:
    """Asks for ``path`` all the time and collects how long each answer took."""
    taken: list[float] = []
    over = threading.Event()

    def ask() -> None:
        while not over.wait(every):
            start = time.perf_counter()
            http.get(path).raise_for_status()
            taken.append(time.perf_counter() - start)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield taken
    finally:
        over.set()
        thread.join()


@contextmanager
def noting(home: Path, known: set[Path]) -> Iterator[list[Command]]:
    """Notes the command of every process that the server starts."""
    commands: list[Command] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.005):
            for state in set(home.glob("runs/*/*/process.json")) - known:
                with suppress(psutil.Error, OSError, ValueError, IndexError):
                    launcher = psutil.Process(json.loads(state.read_text("utf-8"))["pid"])
                    command = launcher.children()[0]
                    argv, env, cwd = command.cmdline(), command.environ(), command.cwd()
                    if argv and argv != launcher.cmdline():  # it has become the command itself
                        commands.append(Command(argv, env, cwd))
                        known.add(state)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield commands
    finally:
        over.set()
        thread.join()


def cpu_of(server: psutil.Process) -> tuple[float, float]:
    times = server.cpu_times()
    own = times.user + times.system
    return own, own + times.children_user + times.children_system


def watched(http: httpx.Client, server: psutil.Process, runs: int) -> Pass:
    """As :func:`drained`, while somebody looks on."""
    with (
        probing(http, "/apis/v2beta1/runs?page_size=50&sort_by=created_at%20desc", 0.5) as lists,
        probing(http, "/apis/v2beta1/healthz", 0.2) as loop,
    ):
        result = drained(http, server, runs)
    lists.sort()
    loop.sort()
    result.list_p95, result.list_max = lists[int(len(lists) * 0.95)], lists[-1]
    result.loop_p95, result.loop_max = loop[int(len(loop) * 0.95)], loop[-1]
    return result


def drained(http: httpx.Client, server: psutil.Process, runs: int) -> Pass:
    """Queues the runs and waits for their end."""
    spec = specification()
    own, all_ = cpu_of(server)
    rss = server.memory_info().rss
    start, began = time.perf_counter(), time.time()

    def submit(index: int) -> str:
        body = {
            "display_name": f"add {index}",
            "pipeline_spec": spec,
            "runtime_config": {"parameters": {"a": index}},
        }
        answer = http.post("/apis/v2beta1/runs", json=body).raise_for_status()
        return str(answer.json()["run_id"])

    with ThreadPoolExecutor(SUBMITTERS) as submitters:
        run_ids = list(submitters.map(submit, range(runs)))
    submitted = time.perf_counter() - start
    query = {"filter": json.dumps({"predicates": [UNFINISHED]}), "page_size": "1"}
    while http.get("/apis/v2beta1/runs", params=query).raise_for_status().json().get("runs"):
        time.sleep(0.5)
    own_after, all_after = cpu_of(server)
    ends = [ended(http, run_id) for run_id in run_ids]
    return Pass(
        submitted=submitted,
        drained=max(ends) - began,
        cpu=all_after - all_,
        server_cpu=own_after - own,
        rss=server.memory_info().rss - rss,
    )


def ended(http: httpx.Client, run_id: str) -> float:
    """When the run ended, in seconds of the epoch."""
    run = http.get(f"/apis/v2beta1/runs/{run_id}").raise_for_status().json()
    if run["state"] != "SUCCEEDED":
        raise SystemExit(f"A run ended as {run['state']}: {run.get('error')}")
    return datetime.fromisoformat(run["finished_at"].replace("Z", "+00:00")).timestamp()


def execute(command: Command) -> int:
    """The command as the engine runs it, and nothing else."""
    with open(Path(command.cwd).parent / "log.txt", "ab") as log:
        return subprocess.call(
            command.argv,
            env=command.env,
            cwd=command.cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def pooled(commands: list[Command]) -> dict[str, float]:
    """The commands in a bare process pool."""
    for command in commands:
        os.makedirs(command.env["TMPDIR"], exist_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        codes = list(pool.map(execute, commands))
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    for command in commands:
        with suppress(OSError):
            os.rmdir(command.env["TMPDIR"])
    if any(codes):
        raise SystemExit("A command failed in the pool.")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "cpu": cpu}


def main() -> None:
    runs, pairs = int(sys.argv[1]), int(sys.argv[2])
    status = process.status()
    if status.pid is None or status.services is None:
        raise SystemExit("Local Kubeflow is not running.")
    server, home = psutil.Process(status.pid), Path(status.home)
    with httpx.Client(
        base_url=status.services["pipelines"],
        headers={"Authorization": f"Bearer {status.token}"},
        timeout=60,
        limits=httpx.Limits(keepalive_expiry=2),  # less than the server's
        trust_env=False,
    ) as http:
        with noting(home, set(home.glob("runs/*/*/process.json"))) as commands:
            while len(commands) < runs:  # one may end before it is looked at
                drained(http, server, runs)
        local, pool = [], []
        for _ in range(pairs):
            local.append(asdict(drained(http, server, runs)))
            pool.append(pooled(commands[:runs]))
        looked = asdict(watched(http, server, runs))
    print(json.dumps({"local": local, "pool": pool, "watched": looked}))


if __name__ == "__main__":
    main()
