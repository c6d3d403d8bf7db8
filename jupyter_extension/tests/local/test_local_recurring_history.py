"""Any history of a recurring run: whatever happens to the clock, the server, the runs and the switch, no due time is lost or doubled."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from local_schedules import BEGIN, Server, World

MINUTE = timedelta(minutes=1)


class History(RuleBasedStateMachine):
    """Two recurring runs, every minute and at every whole minute, with catch-up and without it."""

    spec: ClassVar[dict[str, Any]]

    @initialize(max_concurrency=st.integers(1, 4))
    def begin(self, max_concurrency: int) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.world = World(self.folder / "home")
        self.latest_now = self.world.now
        self.max_concurrency = max_concurrency
        self.life = ExitStack()
        self.server: Server = self.life.enter_context(self.world.server())

        def make(no_catchup: bool, trigger: dict[str, Any]) -> str:
            body = {
                "display_name": "history",
                "mode": "ENABLE",
                "max_concurrency": max_concurrency,
                "no_catchup": no_catchup,
                "trigger": trigger,
                "pipeline_spec": self.spec,
                "runtime_config": {"parameters": {"x": 1}},
            }
            return str(self.server.post("/recurringruns", body)["recurring_run_id"])

        self.every = make(False, {"periodic_schedule": {"interval_second": 60}})
        self.latest = make(True, {"cron_schedule": {"cron": "0 * * * * *"}})

    @rule(seconds=st.integers(1, 400))
    def time_passes(self, seconds: int) -> None:
        self.world.pass_time(seconds=seconds)
        self.latest_now = max(self.latest_now, self.world.now)

    @rule(seconds=st.integers(1, 1000))
    def the_clock_is_set_back(self, seconds: int) -> None:
        self.world.pass_time(seconds=-seconds)

    @rule()
    def the_scheduler_looks(self) -> None:
        self.server.look()

    @rule(which=st.integers(0, 9))
    def a_run_ends(self, which: int) -> None:
        active = [*self.active(self.every), *self.active(self.latest)]
        if active:
            self.server.end(active[which % len(active)])

    @rule()
    def the_server_starts_anew(self) -> None:
        self.life.close()
        self.server = self.life.enter_context(self.world.server())

    @rule(verb=st.sampled_from(("enable", "disable")))
    def it_is_switched(self, verb: str) -> None:
        for each in (self.every, self.latest):
            self.server.post(f"/recurringruns/{each}:{verb}")

    def active(self, recurring_run_id: str) -> list[str]:
        runs = self.server.runs(recurring_run_id)
        return [run["run_id"] for run in runs if run["state"] == "PENDING"]

    def due_so_far(self) -> list[datetime]:
        count = int((self.latest_now - BEGIN) / MINUTE)
        return [BEGIN + number * MINUTE for number in range(1, count + 1)]

    @invariant()
    def nothing_is_doubled_left_out_or_early(self) -> None:
        if not hasattr(self, "every"):
            return
        due = self.due_so_far()
        every = self.server.due_times(self.every)
        assert every == due[: len(every)]
        latest = self.server.due_times(self.latest)
        assert len(set(latest)) == len(latest)
        assert set(latest) <= set(due)
        for each in (self.every, self.latest):
            assert len(self.active(each)) <= self.max_concurrency
            names = [run["display_name"] for run in self.server.runs(each)]
            assert names == [f"history-{number}" for number in range(1, len(names) + 1)]

    def teardown(self) -> None:
        if not hasattr(self, "every"):
            return
        self.world.now = self.latest_now
        for each in (self.every, self.latest):
            self.server.post(f"/recurringruns/{each}:enable")
        due = self.due_so_far()
        while self.active(self.every) or len(self.server.runs(self.every)) < len(due):
            self.server.look()
            for each in (self.every, self.latest):
                self.server.end(*self.active(each))
        self.server.look()
        assert self.server.due_times(self.every) == due, "in the end all are made up for"
        assert self.server.due_times(self.latest)[-1:] == due[-1:]
        self.life.close()
        shutil.rmtree(self.folder)


@pytest.mark.timeout(600)
def test_histories(spec: dict[str, Any]) -> None:
    History.spec = spec
    run_state_machine_as_test(
        History, settings=settings(max_examples=15, stateful_step_count=20, deadline=None)
    )
