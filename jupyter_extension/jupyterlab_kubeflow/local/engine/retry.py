"""Which tasks of an ended run a retry executes again, and which keep what they have made.

A task is kept when it has ended well (also by a condition that was false), everything that it waited for is kept, and its artifacts are
still there. All others are executed again: what failed, was cancelled or skipped for that, the loops and dags above, and what ran because
of the failure or after it (exit tasks, ``ignore_upstream_failure``), since it was told how the others ended. Argo's ``FormulateRetryWorkflow``
resets the same: the failed nodes, their descendants, the groups around them and the exit handlers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from . import spec
from .recorder import TaskRecord

GONE = "Executed again, because artifacts that it made are gone from the disk."
"""The status message of a task that had succeeded."""


def plan(
    pipeline: spec.Pipeline,
    records: Mapping[str, TaskRecord],
    there: Callable[[TaskRecord], bool],
) -> list[TaskRecord]:
    """What replaces the records of the tasks that are executed again: PENDING, without what the earlier attempt left in them.

    ``records`` are those of the run by scope path, ``there`` tells whether the artifacts that a task has made still exist.
    """
    planned = _Plan(pipeline, records, there)
    if root := records.get(spec.ROOT):
        planned.component(root, pipeline.root, after_reset=False)
    return planned.again


class _Plan:
    """``after_reset`` in its methods: something that the task has waited for is executed again."""

    def __init__(
        self,
        pipeline: spec.Pipeline,
        records: Mapping[str, TaskRecord],
        there: Callable[[TaskRecord], bool],
    ) -> None:
        self._pipeline = pipeline
        self._records = records
        self._there = there
        self.again: list[TaskRecord] = []

    def component(self, record: TaskRecord, component: Any, after_reset: bool) -> bool:
        """Plans a task or an iteration with all that it holds; whether it is executed again."""
        if record.state == "SKIPPED" and record.error_message is None and not after_reset:
            return False
        reason = None
        again = after_reset or record.state not in ("SUCCEEDED", "CACHED")
        if component.WhichOneof("implementation") == "dag":
            again = self._dag(record, component, after_reset) or again
        elif not again and not self._there(record):
            again, reason = True, GONE
        return again and self._reset(record, reason)

    def _dag(self, record: TaskRecord, component: Any, after_reset: bool) -> bool:
        tasks = component.dag.tasks
        again: set[str] = set()
        for name in spec.task_order(component):
            child = self._records.get(f"{record.scope_path}.{name}")
            if child is None:
                continue
            plan_child = self._loop if child.type == "LOOP" else self.component
            after = after_reset or bool(spec.dependencies(tasks[name]) & again)
            if plan_child(child, self._pipeline.component(tasks[name]), after):
                again.add(name)
        return bool(again)

    def _loop(self, record: TaskRecord, component: Any, after_reset: bool) -> bool:
        if record.state == "SKIPPED" and record.error_message is None and not after_reset:
            return False
        again = after_reset or record.state != "SUCCEEDED"
        index = 0
        while iteration := self._records.get(f"{record.scope_path}.{index}"):
            again = self.component(iteration, component, after_reset) or again
            index += 1
        return again and self._reset(record, None)

    def _reset(self, record: TaskRecord, reason: str | None) -> bool:
        self.again.append(
            replace(
                record,
                state="PENDING",
                start_time=None,
                end_time=None,
                error_message=None,
                status_message=reason,
                pid=None,
                attempt=1,
                next_attempt_at=None,
                retries=record.retries + 1,
                cache_fingerprint=None,
                input_digest=None,
                output_digest=None,
                input_parameters={},
                input_artifacts={},
                output_parameters={},
                output_artifacts={},
            )
        )
        return True
