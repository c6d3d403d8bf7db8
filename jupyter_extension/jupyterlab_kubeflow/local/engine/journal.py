"""The records of one run's tasks, handed to the recorder whenever they change.

The states of a task::

    PENDING ─▶ RUNNING ─▶ SUCCEEDED, FAILED or CANCELED
       │  ◀──────┘          an attempt has failed and the next one is due (``attempts``)
       └─▶ SKIPPED          its condition is false, or something before it failed (then with an error) or was skipped
       └─▶ CACHED           the outputs of an equal task are taken (``cache``)
       └─▶ FAILED, CANCELED before it could begin

PENDING means that it waits: for other tasks, or for what its status message says (``waiting``). RUNNING means that its process runs, or for
a dag or loop that it has begun. Nothing leaves the states of :data:`ENDED`, but for a retry of the run, which moves what it executes again
back to PENDING (``retry``). A restarted server finds the states as they were and goes on from them.
"""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from .recorder import ArtifactRecord, Recorder, TaskRecord, TaskState, TaskType
from .values import Outcome, Values

_log = logging.getLogger(__name__)

ENDED: frozenset[TaskState] = frozenset({"SUCCEEDED", "FAILED", "SKIPPED", "CACHED", "CANCELED"})
"""The states in which a task stays."""


def now() -> datetime:
    """The current time with its zone."""
    return datetime.now(timezone.utc)


def now_after(*earlier: datetime | None) -> datetime:
    """The current time, but not before any of ``earlier``: the clock may have been set back."""
    return max([now(), *filter(None, earlier)])


class Journal:
    """Opens, changes and recalls the task records of a run. Scope paths are described in ``spec``."""

    def __init__(self, recorder: Recorder, run_id: str) -> None:
        self._recorder = recorder
        self._run_id = run_id
        self._records = {record.scope_path: record for record in recorder.tasks(run_id)}
        self._artifacts: dict[str, ArtifactRecord] = {}
        self._opened: list[TaskRecord] | None = None
        self._told: dict[str, TaskRecord] = {}

    @property
    def begun(self) -> bool:
        """Whether the run has any record."""
        return bool(self._records)

    @property
    def running(self) -> set[str]:
        """The ids of the tasks that are RUNNING."""
        return {each.task_id for each in self._records.values() if each.state == "RUNNING"}

    @property
    def unfinished(self) -> list[TaskRecord]:
        """The records that are not in an end state."""
        return [record for record in self._records.values() if record.state not in ENDED]

    @property
    def failures(self) -> list[TaskRecord]:
        """The failed tasks that hold no others: where things went wrong."""
        failed = [record for record in self._records.values() if record.state == "FAILED"]
        parents = {record.parent_task_id for record in failed}
        return [record for record in failed if record.task_id not in parents]

    def open(
        self,
        scope_path: str,
        name: str,
        task_type: TaskType,
        *,
        display_name: str = "",
        parent: TaskRecord | None = None,
        iteration_index: int | None = None,
    ) -> TaskRecord:
        """The record of the task at ``scope_path``: the one of an earlier server, or a new one in PENDING."""
        known = self._records.get(scope_path)
        if known is not None:
            return known
        task_id = str(uuid.uuid4())
        pod = re.sub(r"[^a-z0-9-]+", "-", name.lower()).strip("-")[:40]
        record = TaskRecord(
            run_id=self._run_id,
            task_id=task_id,
            name=name,
            display_name=display_name or name,
            scope_path=scope_path,
            type=task_type,
            state="PENDING",
            parent_task_id=parent.task_id if parent else None,
            iteration_index=iteration_index,
            create_time=now(),
            pod_name=f"{pod or 'task'}-{task_id}",
        )
        self._records[scope_path] = record
        if self._opened is None:
            self._recorder.put_task(record)
        else:
            self._opened.append(record)
        return record

    @contextmanager
    def together(self) -> Iterator[None]:
        """The new records that are opened inside are written at its end, at once. Nothing is awaited inside."""
        self._opened = []
        try:
            yield
        finally:
            opened, self._opened = self._opened, None
            if opened:
                self._recorder.put_tasks(opened)

    def tell(self, record: TaskRecord, message: str) -> None:
        """Sets the status message; many that are told at the same time are written at once, soon after."""
        if record.status_message != message:
            record.status_message = message
            if not self._told:
                asyncio.get_running_loop().call_soon(self._write_told)
            self._told[record.task_id] = record

    def _write_told(self) -> None:
        told, self._told = self._told, {}
        try:
            self._recorder.put_tasks(list(told.values()))
        except Exception as error:
            _log.warning(
                "What tasks of run %s wait for could not be recorded: %s", self._run_id, error
            )

    def update(self, record: TaskRecord, **changes: Any) -> None:
        """Sets fields of ``record`` and writes it if anything changed."""
        if any(getattr(record, name) != value for name, value in changes.items()):
            for name, value in changes.items():
                setattr(record, name, value)
            self._recorder.put_task(record)

    def start(self, record: TaskRecord, inputs: Values | None = None, **changes: Any) -> None:
        """Moves ``record`` to RUNNING, with its inputs. The first attempt's start is the task's."""
        if inputs is not None:
            changes |= self.inputs(inputs)
        if record.state != "RUNNING":
            begun = record.start_time or now_after(record.create_time)
            changes |= {"state": "RUNNING", "start_time": begun, "next_attempt_at": None}
        self.update(record, **changes)

    def inputs(self, inputs: Values) -> dict[str, Any]:
        """``inputs`` as fields of a record."""
        return {
            "input_parameters": dict(inputs.parameters),
            "input_artifacts": {k: self._ids(v) for k, v in inputs.artifacts.items()},
        }

    def finish(self, record: TaskRecord, outcome: Outcome, **changes: Any) -> Outcome:
        """Moves ``record`` to the outcome's state, with its outputs (new artifacts are recorded first) and error; returns the outcome."""
        if outcome.error is not None:
            changes["error_message"] = outcome.error
        if outcome.ok:
            changes["output_parameters"] = dict(outcome.outputs.parameters)
            changes["output_artifacts"] = {
                k: self._ids(v) for k, v in outcome.outputs.artifacts.items()
            }
        ended = now_after(record.create_time, changes.get("start_time", record.start_time))
        self.update(record, state=outcome.state, end_time=ended, next_attempt_at=None, **changes)
        return outcome

    def close(self) -> None:
        """Ends what an earlier attempt at the run has opened and this one did not come to (a loop with fewer items, a condition that is false now)."""
        left = [record for record in self._records.values() if record.state == "PENDING"]
        for record in left:
            record.state = "SKIPPED"
            record.status_message = "Skipped, because the run did not come to it again."
            record.end_time = now_after(record.create_time, record.start_time)
        if left:
            self._recorder.put_tasks(left)

    def keep(self, record: TaskRecord, outputs: Values) -> None:
        """Records artifacts that a task has written although it does not succeed. They are for the user, not for other tasks."""
        self.update(
            record, output_artifacts={k: self._ids(v) for k, v in outputs.artifacts.items()}
        )

    async def settled(self) -> None:
        """Returns when all that has been recorded is durable; raises what kept it from that."""
        await self._recorder.settled(self._run_id)

    def recall(self, record: TaskRecord) -> Outcome:
        """The outcome of a task that has ended, from its record; ``KeyError`` when an artifact of it is gone."""
        outcome = Outcome(
            record.state,
            error=record.error_message,
            blocked=record.state == "SKIPPED" and record.error_message is not None,
        )
        if outcome.ok:
            outcome.outputs.parameters = dict(record.output_parameters)
            outcome.outputs.artifacts = {
                name: [self.artifact(each) for each in ids]
                for name, ids in record.output_artifacts.items()
            }
        return outcome

    def artifact(self, artifact_id: str) -> ArtifactRecord:
        """An artifact by id; ``KeyError`` when it is gone."""
        if artifact_id not in self._artifacts:
            self._artifacts[artifact_id] = self._recorder.artifact(artifact_id)
        return self._artifacts[artifact_id]

    def _ids(self, artifacts: list[ArtifactRecord]) -> list[str]:
        for artifact in artifacts:
            if artifact.artifact_id not in self._artifacts:
                self._recorder.put_artifact(artifact, self._run_id)
                self._artifacts[artifact.artifact_id] = artifact
        return [artifact.artifact_id for artifact in artifacts]
