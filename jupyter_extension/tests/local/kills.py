"""A server that is killed while clients use it, and what the clients know afterwards."""

from __future__ import annotations

import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from jupyterlab_kubeflow.local import process

API = "/apis/v2beta1"
CREATORS, CREATED_BY_EACH = 3, 2
"""Clients that create runs at the same time, and how many each creates between two kills."""

FAILING = "leaving"
"""The kind of pipeline whose runs fail, and are retried."""

END_STATES = ("SUCCEEDED", "FAILED", "CANCELED")

_NEVER = threading.Event()
"""Waiting for it takes as long as a test wants to let the others go on."""


@dataclass
class Answers:
    """What a request that changes something came to: acknowledged, or unknown because the server was killed meanwhile."""

    yes: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)


class Victim:
    """A server in ``home``; its address and token stay the same over all kills."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.status = process.start(home)
        self.kills = 0

    def client(self) -> httpx.Client:
        """A client of its own for each thread."""
        return httpx.Client(
            base_url=self.status.services["pipelines"],
            headers={"Authorization": f"Bearer {self.status.token}"},
            timeout=60,
            trust_env=False,
        )

    def kill(self, *, tasks: bool) -> None:
        """``kill -9`` of the server, and with ``tasks`` of every process of its tasks, wherever they are."""
        for server in self._servers():
            server.send_signal(signal.SIGKILL)
            server.wait()
        while tasks and (found := self.task_processes()):
            for each in found:
                with suppress(psutil.NoSuchProcess):
                    each.kill()
        self.kills += 1

    def kill_while_it_starts(self, moment: float) -> None:
        """Begins a start and kills it ``moment`` seconds after its process is there."""

        def start() -> None:
            with suppress(process.KubeflowError):
                process.start(self.home)

        starting = threading.Thread(target=start)
        starting.start()
        while starting.is_alive() and not self._servers():
            _NEVER.wait(0.01)
        _NEVER.wait(moment)
        self.kill(tasks=False)
        starting.join()

    def start(self) -> None:
        """Starts it again, where the clients expect it."""
        again = process.start(self.home)
        assert (again.url, again.token) == (self.status.url, self.status.token)

    def task_processes(self) -> list[psutil.Process]:
        """The processes of tasks of this home that are alive."""
        return [each for each in psutil.process_iter() if _is_task_of(each, self.home)]

    def _servers(self) -> list[psutil.Process]:
        return [
            each
            for each in psutil.Process().children()
            if each.status() != psutil.STATUS_ZOMBIE and str(self.home) in each.cmdline()
        ]


def _is_task_of(candidate: psutil.Process, home: Path) -> bool:
    with suppress(psutil.Error, OSError):
        return (
            candidate.status() != psutil.STATUS_ZOMBIE
            and "KUBEFLOW_LOCAL_TASK" in candidate.environ()
            and home.resolve() in Path(candidate.cwd()).parents
        )
    return False


class Load:
    """Clients that create, terminate, retry, delete and list runs, and remember what they were told."""

    def __init__(self, victim: Victim, bodies: dict[str, dict[str, Any]]) -> None:
        self._victim = victim
        self._bodies = bodies
        self._lock = threading.Lock()
        self._acknowledged = threading.Semaphore(0)
        self._count = 0
        self.kinds: dict[str, str] = {}
        """The kind of pipeline of each acknowledged run, by id."""
        self.names = Answers()
        self.terminated = Answers()
        self.deleted = Answers()
        self.retried: Counter[str] = Counter()
        self.perhaps_retried: Counter[str] = Counter()
        """How often retries of a run were acknowledged, and how often their answer did not come."""
        self.wrong: list[str] = []
        """Answers that no server may give, killed or not."""

    def round(self, dice: random.Random, strike: Callable[[], None]) -> None:
        """Has several clients ask for things, calls ``strike`` in the midst of it, and returns when they have their answers, or know that
        none comes.
        """
        jobs: list[Callable[[], None]] = [self._list]
        for _ in range(CREATORS):
            kinds = [dice.choice(list(self._bodies)) for _ in range(CREATED_BY_EACH)]
            jobs.append(lambda kinds=kinds: self._create_all(kinds))
        targets = dice.sample([*self.kinds], min(2, len(self.kinds)))
        for target, job in zip(targets, (self._terminate, self._delete), strict=False):
            jobs.append(lambda job=job, target=target: job(target))
        failing = [run_id for run_id, kind in self.kinds.items() if kind == FAILING]
        if failing:
            again = dice.choice(failing)
            jobs.append(lambda: self._retry(again))
        self._acknowledged = threading.Semaphore(0)
        with ThreadPoolExecutor(len(jobs)) as pool:
            running = [pool.submit(job) for job in jobs]
            for _ in range(dice.randint(0, CREATORS * CREATED_BY_EACH)):
                assert self._acknowledged.acquire(timeout=60)
            strike()
            for each in running:
                each.result()

    def was_retried(self, run_id: str) -> bool:
        """Whether the run was retried, or perhaps."""
        return self.retried[run_id] + self.perhaps_retried[run_id] > 0

    def _create_all(self, kinds: list[str]) -> None:
        for kind in kinds:
            self._create(kind)

    def _create(self, kind: str) -> None:
        with self._lock:
            self._count += 1
            name = f"{kind} {self._count}"
        answer = self._ask("POST", "/runs", json={"display_name": name, **self._bodies[kind]})
        if answer is None:
            self.names.unknown.add(name)
        elif self._expect(answer, 200):
            self._acknowledged.release()
            self.names.yes.add(name)
            self.kinds[answer.json()["run_id"]] = kind

    def _terminate(self, run_id: str) -> None:
        answer = self._ask("POST", f"/runs/{run_id}:terminate")
        if answer is None:
            self.terminated.unknown.add(run_id)
        elif self._expect(answer, 200, 400, 404) and answer.status_code == 200:
            self.terminated.yes.add(run_id)

    def _retry(self, run_id: str) -> None:
        answer = self._ask("POST", f"/runs/{run_id}:retry")
        if answer is None:
            self.perhaps_retried[run_id] += 1
        elif self._expect(answer, 200, 404, 409) and answer.status_code == 200:
            self.retried[run_id] += 1

    def _delete(self, run_id: str) -> None:
        answer = self._ask("DELETE", f"/runs/{run_id}")
        if answer is None:
            self.deleted.unknown.add(run_id)
        elif self._expect(answer, 200, 404) and answer.status_code == 200:
            self.deleted.yes.add(run_id)

    def _list(self) -> None:
        answer = self._ask("GET", "/runs", params={"page_size": 200})
        if answer is not None:
            self._expect(answer, 200)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response | None:
        with self._victim.client() as client:
            try:
                return client.request(method, f"{API}{path}", **more)
            except httpx.TransportError:
                return None

    def _expect(self, answer: httpx.Response, *good: int) -> bool:
        if answer.status_code in good:
            return True
        self.wrong.append(f"{answer.request.method} {answer.request.url}: {answer.text}")
        return False


def listed(client: httpx.Client) -> Iterator[dict[str, Any]]:
    """All runs."""
    token = ""
    while True:
        page = client.get(f"{API}/runs", params={"page_size": 200, "page_token": token}).json()
        yield from page.get("runs", [])
        token = page.get("next_page_token", "")
        if not token:
            return


def all_ended(client: httpx.Client, seconds: float) -> list[dict[str, Any]]:
    """All runs once each of them is in an end state; ``AssertionError`` when that takes longer than ``seconds``."""
    deadline = time.monotonic() + seconds
    while True:
        runs = list(listed(client))
        going = [run for run in runs if run["state"] not in END_STATES]
        if not going:
            return runs
        assert time.monotonic() < deadline, f"still not ended: {going}"
        time.sleep(0.1)


def tasks_of(client: httpx.Client, run_id: str) -> list[dict[str, Any]]:
    """The native tasks of a run."""
    answer = client.get(f"{API}/runs/{run_id}/tasks", params={"page_size": 200})
    return list(answer.raise_for_status().json().get("tasks", []))


def attempts(home: Path, task: dict[str, Any]) -> int:
    """How often the task's process was let begin, as its folder tells."""
    folder = home / "runs" / task["run_id"] / task["task_id"]
    noted = [(folder / name).exists() for name in ("started", "exit")]
    if not (folder / "process.json").exists():
        return 0
    attempt: int = json.loads((folder / "process.json").read_text())["attempt"]
    return attempt if any(noted) else attempt - 1


def moment(seconds: float) -> None:
    """Lets everybody else go on for a while."""
    _NEVER.wait(seconds)


def seed() -> int:
    """The seed of this test run: ``KUBEFLOW_TEST_SEED``, or a new one; printed, so that a failure shows it."""
    value = int(os.environ.get("KUBEFLOW_TEST_SEED") or random.SystemRandom().randrange(2**32))
    print(f"KUBEFLOW_TEST_SEED={value}")
    return value
