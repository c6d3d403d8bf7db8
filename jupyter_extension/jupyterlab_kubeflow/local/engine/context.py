"""What the parts of the engine share: among all runs, and within one run."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from . import placeholders
from .containers import Containers
from .environments import Environments
from .journal import Journal
from .recorder import Recorder, RunRecord, TaskRecord
from .slots import Slots
from .spec import Pipeline


@dataclass
class Services:
    """What all runs share."""

    recorder: Recorder
    home: Path
    slots: Slots
    environments: Environments
    containers: Containers = field(default_factory=Containers)
    forgotten: set[str] = field(default_factory=set)
    """Ids of runs that are being, or have been, deleted: nothing of them is taken from the cache. An id is never used again."""
    detached: bool = False
    """The server goes and leaves the processes to the next one: cancellation then ends nothing and records nothing."""


@dataclass(frozen=True)
class RunContext:
    """One run on its way."""

    services: Services
    run: RunRecord
    pipeline: Pipeline
    journal: Journal

    @property
    def folder(self) -> Path:
        """A folder a task: its log and working files."""
        return self.services.home / "runs" / self.run.run_id

    @property
    def artifacts(self) -> Path:
        """A folder a task: what it writes for others."""
        return self.services.home / "artifacts" / self.run.run_id

    def artifacts_of(self, record: TaskRecord) -> Path:
        """The task's folder in :attr:`artifacts`: another one after each retry of the run, since others may use what it has made before."""
        again = f".{record.retries}" if record.retries else ""
        return self.artifacts / f"{record.task_id}{again}"

    @property
    def workspace(self) -> Path:
        """Shared by the run's tasks."""
        return self.folder / "workspace"

    def names(self, record: TaskRecord) -> placeholders.Names:
        """What the placeholders about the run and the task stand for."""
        return placeholders.Names(
            job_name=self.run.display_name,
            job_id=self.run.run_id,
            task_name=record.name,
            task_id=record.task_id,
            pipeline_root=str(self.artifacts),
            workspace=self.workspace,
            created_at=self.run.created_at,
            scheduled_at=self.run.scheduled_at or self.run.created_at,
        )
