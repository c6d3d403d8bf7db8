"""A server in this process for tests of recurring runs: its clock is set by the test, and its engine only notes what it is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unittest.mock import patch

from jupyterlab_kubeflow.local import app as local_app
from jupyterlab_kubeflow.local.engine.recorder import Recorder
from jupyterlab_kubeflow.local.engine.slots import Slots
from jupyterlab_kubeflow.local.paths import Home
from starlette.testclient import TestClient

BEGIN = datetime(2026, 1, 5, 8, 0, tzinfo=timezone.utc)
"""What the clock shows at first: a Monday."""

API = "/apis/v2beta1"


class NotingEngine:
    """At the engine's door: keeps runs pending until the test ends them."""

    def __init__(self, recorder: Recorder, home: Path) -> None:
        self.recorder = recorder
        self.slots = Slots(1)
        self.taken_up: list[str] = []
        self.submitted: list[str] = []
        self.terminated: list[str] = []

    async def start(self) -> None:
        self.taken_up = [run.run_id for run in self.recorder.unfinished_runs()]

    async def stop(self) -> None:
        pass

    def submit(self, run_id: str) -> None:
        self.submitted.append(run_id)

    def terminate(self, run_id: str) -> None:
        self.terminated.append(run_id)
        self.recorder.set_run_state(run_id, "CANCELED")
        self.recorder.close(run_id)

    async def forget(self, run_id: str, keep: Callable[[], Any] = tuple) -> None:
        pass


class Server:
    """One life of the server, with short words for what the tests ask of it."""

    def __init__(self, http: TestClient, engine: NotingEngine, scheduler: Any) -> None:
        self.http = http
        self.engine = engine
        self.scheduler = scheduler

    def look(self) -> timedelta:
        """What the scheduler does when it looks at its clock; all that is due has been created when this returns."""
        return self.scheduler.create_due()

    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        """A POST that is taken."""
        answer = self.http.post(API + path, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """A GET that is answered."""
        answer = self.http.get(API + path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def runs(self, recurring_run_id: str) -> list[dict[str, Any]]:
        """The runs of a recurring run in the order of their due times."""
        predicate = {
            "operation": "EQUALS",
            "key": "recurring_run_id",
            "string_value": recurring_run_id,
        }
        found: list[dict[str, Any]] = []
        token: str | None = ""
        while token is not None:
            page = self.get(
                "/runs",
                filter=json.dumps({"predicates": [predicate]}),
                sort_by="scheduled_at",
                page_size=200,
                page_token=token,
            )
            found += page.get("runs", [])
            token = page.get("next_page_token")
        return found

    def due_times(self, recurring_run_id: str) -> list[datetime]:
        """When the runs of a recurring run were due."""
        return [
            datetime.fromisoformat(run["scheduled_at"].replace("Z", "+00:00"))
            for run in self.runs(recurring_run_id)
        ]

    def end(self, *run_ids: str) -> None:
        """Lets runs succeed."""
        for run_id in run_ids:
            self.engine.recorder.set_run_state(run_id, "SUCCEEDED")
            self.engine.recorder.close(run_id)

    def end_all(self, recurring_run_id: str) -> None:
        """Lets those of its runs succeed that have not ended."""
        self.end(
            *(
                run["run_id"]
                for run in self.runs(recurring_run_id)
                if run["state"] not in ("SUCCEEDED", "CANCELED")
            )
        )


class World:
    """A home, a clock, and servers that live one after the other."""

    def __init__(self, home: Path) -> None:
        self.home = Home(home)
        self.home.create()
        self.now = BEGIN

    def clock(self) -> datetime:
        """The present."""
        return self.now

    def pass_time(self, **by: float) -> None:
        """Sets the clock forward, or back."""
        self.now += timedelta(**by)

    @contextmanager
    def server(self) -> Iterator[Server]:
        """Starts a server on the home and stops it at the end."""
        engines: list[NotingEngine] = []

        def engine(*given: Any) -> NotingEngine:
            engines.append(NotingEngine(*given))
            return engines[-1]

        with patch.object(local_app, "Engine", engine):
            app = local_app.create_app(self.home, "token", clock=self.clock)
            with TestClient(
                app,
                base_url="http://127.0.0.1/pipelines",
                headers={"Authorization": "Bearer token"},
            ) as http:
                yield Server(http, engines[-1], app.state.scheduler)


def minutes(*numbers: int) -> list[datetime]:
    """So many minutes after the beginning."""
    return [BEGIN + timedelta(minutes=number) for number in numbers]
