"""What the engine tells of a run while it executes it, and what it needs to know to resume.

The engine knows nothing of SQL: it speaks to a :class:`Recorder`. ``local.store`` implements it on SQLite. Names and values follow KFP
v2beta1 with native tasks (``v2beta1PipelineTask``, ``v2beta1Artifact`` in ``backend/api/v2beta1`` of kubeflow/pipelines).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

RunState = Literal[
    "PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELING", "CANCELED", "SKIPPED", "PAUSED"
]
"""``v2beta1RuntimeState``."""

RETRIABLE: frozenset[RunState] = frozenset({"FAILED", "CANCELED"})
"""The states in which a run can be taken up again."""

TaskState = Literal["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "SKIPPED", "CACHED", "CANCELED"]
"""The engine's own task states. The native-task API has no PENDING and no CANCELED; the REST layer maps them."""

TaskType = Literal[
    "ROOT", "RUNTIME", "CONDITION_BRANCH", "CONDITION", "LOOP", "EXIT_HANDLER", "IMPORTER", "DAG"
]
"""``PipelineTaskTaskType``. One iteration of a loop is a DAG task with ``iteration_index``."""


@dataclass
class ArtifactRecord:
    """An artifact (``v2beta1Artifact``). ``type`` is a schema title such as ``system.Model``."""

    artifact_id: str
    name: str
    type: str
    uri: str
    metadata: dict[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None


@dataclass
class TaskRecord:
    """One task of a run, upserted as a whole by the engine whenever it changes.

    ``scope_path`` is the place in the spec (``root.for-loop-1.0.train``, a number being an iteration) and is unique within a run.
    ``inputs`` and ``outputs`` map parameter names to JSON values; the artifact maps hold artifact ids in order.
    ``log_path`` is the file that receives the process' output, set as soon as it exists. ``pod_name`` names the task towards
    the KFP UI server's ``/k8s/pod/logs``. ``cache_fingerprint`` is KFP's; the two digests say what it does not (``cache``).

    ``attempt`` counts from 1: the attempt under way, or the one that the task waits for until ``next_attempt_at``. ``retries`` says how
    often a retry of the run has begun the task anew, with attempts counted from 1 again.
    """

    run_id: str
    task_id: str
    name: str
    display_name: str
    scope_path: str
    type: TaskType
    state: TaskState
    parent_task_id: str | None = None
    iteration_index: int | None = None
    iteration_count: int | None = None
    create_time: datetime | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    error_message: str | None = None
    status_message: str | None = None
    pod_name: str | None = None
    log_path: str | None = None
    pid: int | None = None
    attempt: int = 1
    next_attempt_at: datetime | None = None
    retries: int = 0
    cache_fingerprint: str | None = None
    input_digest: str | None = None
    output_digest: str | None = None
    input_parameters: dict[str, Any] = field(default_factory=dict)
    input_artifacts: dict[str, list[str]] = field(default_factory=dict)
    output_parameters: dict[str, Any] = field(default_factory=dict)
    output_artifacts: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class RunRecord:
    """What the engine needs of a run to execute it. Runs with the same ``spec_digest`` have the same specs, which nobody changes."""

    run_id: str
    display_name: str
    pipeline_spec: dict[str, Any]
    parameters: dict[str, Any]
    state: RunState
    created_at: datetime
    scheduled_at: datetime | None = None
    """When it was due, if that is not when it was created."""
    enable_caching: bool | None = None
    platform_spec: dict[str, Any] | None = None
    pipeline_root: str | None = None
    spec_digest: str | None = None


class Recorder(Protocol):
    """Where the engine keeps what it knows. Every call may be made from any thread.

    What is written of a run becomes durable in order and, however late that is, is read in the calls below at once. Nobody else is
    told of it before it is durable; what must not happen before that waits with :meth:`settled`. When a write fails, later
    ones of its run raise the same error (:class:`.errors.RecordError` on a full disk) until :meth:`close`, as if the server had been
    killed there.
    """

    def run(self, run_id: str) -> RunRecord:
        """The run; ``KeyError`` when it is not there (deleted meanwhile)."""

    def unfinished_runs(self) -> list[RunRecord]:
        """Runs in PENDING, RUNNING or CANCELING, oldest first: what a restarted server has to take up again."""

    def set_run_state(self, run_id: str, state: RunState, error: str | None = None) -> None:
        """Moves the run to ``state`` and appends to its state history; sets ``finished_at`` for an end state."""

    def put_task(self, task: TaskRecord) -> None:
        """Inserts or replaces the task with this ``task_id``; a change of state is appended to its state history."""

    def put_tasks(self, tasks: Sequence[TaskRecord]) -> None:
        """As :meth:`put_task` for many tasks, in order, at the cost of one: all of them are recorded, or none."""

    def tasks(self, run_id: str) -> list[TaskRecord]:
        """All tasks of the run in order of creation."""

    def retry_run(self, run_id: str, again: Sequence[TaskRecord]) -> list[str]:
        """Moves a run in FAILED or CANCELED back to PENDING and replaces the tasks ``again``: all of it is recorded, or nothing.

        The run's error and end are cleared, state histories go on. Artifacts that no task has read or written any more are removed; the
        answer is their URIs. ``KeyError`` when the run is not there, :class:`.errors.RunStateError` when it is in another state.
        """

    def put_artifact(self, artifact: ArtifactRecord, run_id: str) -> None:
        """Inserts or replaces an artifact, together with the next tasks of the run that are put: there is none that no task has."""

    def artifact(self, artifact_id: str) -> ArtifactRecord:
        """The artifact; ``KeyError`` when it is not there."""

    def run_artifacts(self, run_id: str) -> dict[str, ArtifactRecord]:
        """The artifacts that tasks of the run have read or written, by id."""

    def find_cached(
        self, fingerprint: str, input_digest: str, pipeline_name: str, without: Collection[str] = ()
    ) -> list[TaskRecord]:
        """The SUCCEEDED tasks with this fingerprint and digest in runs of pipelines of this name, newest first; none of the runs ``without``."""

    def find_artifact(
        self, uri: str, type: str, metadata: dict[str, Any], without: Collection[str] = ()
    ) -> ArtifactRecord | None:
        """The newest artifact with just this URI, type and metadata that a run knows which is not among ``without``, or None."""

    async def settled(self, run_id: str) -> None:
        """Returns when all that has been written of the run is durable; raises what one of its writes failed with."""

    def close(self, run_id: str) -> None:
        """As :meth:`settled` without an event loop, at the end of an execution. A failure that it raises keeps no later write from being made."""
