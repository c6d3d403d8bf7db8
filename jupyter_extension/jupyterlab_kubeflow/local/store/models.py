"""Tables of Local Kubeflow. A change here needs a migration in ``migrations/versions``; a test compares the two."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time: aware in Python, UTC in the database, where its order is that of time."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC without a zone. A naive value is taken as UTC."""
        if value is None or value.tzinfo is None:
            return value
        return value.astimezone(timezone.utc).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From UTC."""
        return None if value is None else value.replace(tzinfo=timezone.utc)


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {  # noqa: RUF012
        datetime: UtcDateTime,
        dict[str, Any]: JSON(none_as_null=True),
        list[dict[str, Any]]: JSON(none_as_null=True),
        dict[str, str]: JSON(none_as_null=True),
        dict[str, list[str]]: JSON(none_as_null=True),
        str: String,
    }


class Spec(Base):
    """A PipelineSpec with its platform spec, kept once however many versions and runs use it."""

    __tablename__ = "specs"

    digest: Mapped[str] = mapped_column(primary_key=True)
    """SHA-256 of both as canonical JSON."""
    pipeline_spec: Mapped[dict[str, Any]]
    platform_spec: Mapped[dict[str, Any] | None]


class Experiment(Base):
    """``v2beta1Experiment``."""

    __tablename__ = "experiments"

    id: Mapped[str] = mapped_column(primary_key=True)
    display_name: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    last_run_created_at: Mapped[datetime | None]
    storage_state: Mapped[str]

    __table_args__ = (Index("ix_experiments_created_at", "created_at", "id"),)


class Pipeline(Base):
    """``v2beta1Pipeline``."""

    __tablename__ = "pipelines"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    tags: Mapped[dict[str, str]]

    __table_args__ = (Index("ix_pipelines_created_at", "created_at", "id"),)


class PipelineVersion(Base):
    """``v2beta1PipelineVersion``."""

    __tablename__ = "pipeline_versions"

    id: Mapped[str] = mapped_column(primary_key=True)
    pipeline_id: Mapped[str] = mapped_column(ForeignKey("pipelines.id", ondelete="CASCADE"))
    name: Mapped[str]
    display_name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    code_source_url: Mapped[str | None]
    package_url: Mapped[str | None]
    tags: Mapped[dict[str, str]]
    spec_digest: Mapped[str] = mapped_column(ForeignKey("specs.digest"), index=True)

    spec: Mapped[Spec] = relationship()

    __table_args__ = (
        UniqueConstraint("pipeline_id", "name"),
        Index("ix_pipeline_versions_created_at", "pipeline_id", "created_at", "id"),
    )


class Run(Base):
    """``v2beta1Run``. It keeps its spec itself, so it outlives the pipeline version and the experiment that it names."""

    __tablename__ = "runs"

    id: Mapped[str] = mapped_column(primary_key=True)
    experiment_id: Mapped[str]
    recurring_run_id: Mapped[str | None]
    display_name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    scheduled_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    state: Mapped[str]
    storage_state: Mapped[str]
    error: Mapped[str | None] = mapped_column(Text)
    state_history: Mapped[list[dict[str, Any]]]
    service_account: Mapped[str | None]
    pipeline_id: Mapped[str | None]
    pipeline_version_id: Mapped[str | None]
    parameters: Mapped[dict[str, Any]]
    pipeline_root: Mapped[str | None]
    enable_caching: Mapped[bool | None] = mapped_column(Boolean)
    plugins_input: Mapped[dict[str, Any] | None]
    """Settings for plugins of KFP, by plugin: kept and told, as by a KFP server that has none of them."""
    spec_digest: Mapped[str] = mapped_column(ForeignKey("specs.digest"), index=True)

    spec: Mapped[Spec] = relationship()

    __table_args__ = (
        # With the name, so that a search in names need not read the rows.
        Index("ix_runs_created_at", "created_at", "id", "display_name"),
        Index("ix_runs_finished_at", "finished_at", "id"),
        Index("ix_runs_pipeline_version", "pipeline_version_id", "created_at", "id"),
        Index("ix_runs_display_name", "display_name", "id"),
        Index("ix_runs_state", "state", "created_at", "id"),
        Index("ix_runs_storage_state", "storage_state", "created_at", "id"),
        Index("ix_runs_experiment", "experiment_id", "created_at", "id"),
        Index("ix_runs_recurring_run", "recurring_run_id", "created_at", "id"),
        Index("ix_runs_recurring_run_state", "recurring_run_id", "state"),
    )


class RecurringRun(Base):
    """``v2beta1RecurringRun``: a schedule with either ``cron`` or ``interval_second``, and how far it has come."""

    __tablename__ = "recurring_runs"

    id: Mapped[str] = mapped_column(primary_key=True)
    experiment_id: Mapped[str]
    display_name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    enabled: Mapped[bool] = mapped_column(Boolean)
    max_concurrency: Mapped[int]
    no_catchup: Mapped[bool] = mapped_column(Boolean)
    cron: Mapped[str | None]
    interval_second: Mapped[int | None]
    start_time: Mapped[datetime | None]
    end_time: Mapped[datetime | None]
    service_account: Mapped[str | None]
    pipeline_id: Mapped[str | None]
    pipeline_version_id: Mapped[str | None]
    """Without it, and with ``pipeline_id``, each run takes the version that is the newest then."""
    spec_digest: Mapped[str | None] = mapped_column(ForeignKey("specs.digest"), index=True)
    """What is run, unless that is the newest version."""
    parameters: Mapped[dict[str, Any]]
    pipeline_root: Mapped[str | None]
    plugins_input: Mapped[dict[str, Any] | None]
    last_scheduled_at: Mapped[datetime | None]
    """The due time of the last run that was created; written in the same transaction as that run."""
    next_scheduled_at: Mapped[datetime | None]
    """The due time of the next run, which may be past; None when the schedule is over."""
    last_index: Mapped[int]
    """How many runs it has created."""
    error: Mapped[str | None] = mapped_column(Text)
    """Why the run that is due could not be created."""

    spec: Mapped[Spec | None] = relationship()

    __table_args__ = (
        Index("ix_recurring_runs_created_at", "created_at", "id"),
        Index("ix_recurring_runs_experiment", "experiment_id", "created_at", "id"),
        Index("ix_recurring_runs_next", "enabled", "next_scheduled_at"),
    )


class Task(Base):
    """A task of a run; the columns are those of ``TaskRecord`` in ``engine.recorder``, and ``reported``."""

    __tablename__ = "tasks"

    sequence: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    """Order of creation."""
    task_id: Mapped[str] = mapped_column(unique=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    name: Mapped[str]
    display_name: Mapped[str]
    scope_path: Mapped[str]
    type: Mapped[str]
    state: Mapped[str]
    state_history: Mapped[list[dict[str, Any]]]
    parent_task_id: Mapped[str | None]
    iteration_index: Mapped[int | None]
    iteration_count: Mapped[int | None]
    create_time: Mapped[datetime | None]
    start_time: Mapped[datetime | None]
    end_time: Mapped[datetime | None]
    error_message: Mapped[str | None] = mapped_column(Text)
    status_message: Mapped[str | None] = mapped_column(Text)
    pod_name: Mapped[str | None] = mapped_column(index=True)
    log_path: Mapped[str | None]
    pid: Mapped[int | None]
    attempt: Mapped[int] = mapped_column(default=1)
    next_attempt_at: Mapped[datetime | None]
    retries: Mapped[int] = mapped_column(default=0)
    cache_fingerprint: Mapped[str | None]
    input_digest: Mapped[str | None]
    output_digest: Mapped[str | None]
    input_parameters: Mapped[dict[str, Any]]
    input_artifacts: Mapped[dict[str, list[str]]]
    output_parameters: Mapped[dict[str, Any]]
    output_artifacts: Mapped[dict[str, list[str]]]
    reported: Mapped[dict[str, Any] | None]
    """None for the engine's tasks. Of a task that a client reports: what has no column of its own, in the words of ``v2beta1PipelineTask``.

    Such a task's ``scope_path`` column holds its identity, and ``reported["scope_path"]`` the path that the client gave.
    """

    __table_args__ = (
        Index("ix_tasks_run", "run_id", "sequence"),
        Index("ix_tasks_cache", "cache_fingerprint", "state", "sequence"),
        UniqueConstraint("run_id", "scope_path"),
    )


class Artifact(Base):
    """An artifact; ``type`` is its schema title, for example ``system.Model``."""

    __tablename__ = "artifacts"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    type: Mapped[str]
    uri: Mapped[str]
    properties: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    description: Mapped[str | None] = mapped_column(Text)
    number_value: Mapped[float | None] = mapped_column(Float)

    __table_args__ = (
        Index("ix_artifacts_created_at", "created_at", "id"),
        Index("ix_artifacts_uri", "uri"),
    )


class ArtifactTask(Base):
    """Who read or wrote an artifact (``v2beta1ArtifactTask``)."""

    __tablename__ = "artifact_tasks"

    id: Mapped[str] = mapped_column(primary_key=True)
    artifact_id: Mapped[str] = mapped_column(index=True)
    task_id: Mapped[str] = mapped_column(
        ForeignKey("tasks.task_id", ondelete="CASCADE"), index=True
    )
    run_id: Mapped[str] = mapped_column(index=True)
    key: Mapped[str]
    output: Mapped[bool] = mapped_column(Boolean)
    position: Mapped[int]
    type: Mapped[str | None]
    """``v2beta1IOType`` that a client gave; None for the engine's links, whose type stands in the spec."""
    producer: Mapped[dict[str, Any] | None]
    """``v2beta1IOProducer`` that a client gave."""
