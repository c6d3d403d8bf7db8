"""Lay the tables of experiments, pipelines, runs, tasks and artifacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "artifacts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("uri", sa.String(), nullable=False),
        sa.Column("properties", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_artifacts_created_at", "artifacts", ["created_at", "id"], unique=False)

    op.create_table(
        "experiments",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_run_created_at", sa.DateTime(), nullable=True),
        sa.Column("storage_state", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("display_name"),
    )
    op.create_index("ix_experiments_created_at", "experiments", ["created_at", "id"], unique=False)

    op.create_table(
        "pipelines",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_index("ix_pipelines_created_at", "pipelines", ["created_at", "id"], unique=False)

    op.create_table(
        "specs",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("pipeline_spec", sa.JSON(), nullable=False),
        sa.Column("platform_spec", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "pipeline_versions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("pipeline_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("code_source_url", sa.String(), nullable=True),
        sa.Column("package_url", sa.String(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("spec_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["spec_digest"],
            ["specs.digest"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("pipeline_id", "name"),
    )
    op.create_index(
        "ix_pipeline_versions_created_at",
        "pipeline_versions",
        ["pipeline_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_pipeline_versions_spec_digest", "pipeline_versions", ["spec_digest"], unique=False
    )

    op.create_table(
        "runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("experiment_id", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("scheduled_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("storage_state", sa.String(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("state_history", sa.JSON(), nullable=False),
        sa.Column("service_account", sa.String(), nullable=True),
        sa.Column("pipeline_id", sa.String(), nullable=True),
        sa.Column("pipeline_version_id", sa.String(), nullable=True),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("pipeline_root", sa.String(), nullable=True),
        sa.Column("enable_caching", sa.Boolean(), nullable=True),
        sa.Column("spec_digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["spec_digest"],
            ["specs.digest"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_runs_created_at", "runs", ["created_at", "id"], unique=False)
    op.create_index("ix_runs_display_name", "runs", ["display_name", "id"], unique=False)
    op.create_index(
        "ix_runs_experiment", "runs", ["experiment_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_runs_spec_digest", "runs", ["spec_digest"], unique=False)
    op.create_index("ix_runs_state", "runs", ["state", "created_at", "id"], unique=False)
    op.create_index(
        "ix_runs_storage_state", "runs", ["storage_state", "created_at", "id"], unique=False
    )

    op.create_table(
        "tasks",
        sa.Column("sequence", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("scope_path", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_history", sa.JSON(), nullable=False),
        sa.Column("parent_task_id", sa.String(), nullable=True),
        sa.Column("iteration_index", sa.Integer(), nullable=True),
        sa.Column("iteration_count", sa.Integer(), nullable=True),
        sa.Column("create_time", sa.DateTime(), nullable=True),
        sa.Column("start_time", sa.DateTime(), nullable=True),
        sa.Column("end_time", sa.DateTime(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("status_message", sa.Text(), nullable=True),
        sa.Column("pod_name", sa.String(), nullable=True),
        sa.Column("log_path", sa.String(), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("cache_fingerprint", sa.String(), nullable=True),
        sa.Column("input_parameters", sa.JSON(), nullable=False),
        sa.Column("input_artifacts", sa.JSON(), nullable=False),
        sa.Column("output_parameters", sa.JSON(), nullable=False),
        sa.Column("output_artifacts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("run_id", "scope_path"),
        sa.UniqueConstraint("task_id"),
    )
    op.create_index(
        "ix_tasks_cache", "tasks", ["cache_fingerprint", "state", "sequence"], unique=False
    )
    op.create_index("ix_tasks_pod_name", "tasks", ["pod_name"], unique=False)
    op.create_index("ix_tasks_run", "tasks", ["run_id", "sequence"], unique=False)

    op.create_table(
        "artifact_tasks",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("artifact_id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("output", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.task_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_artifact_tasks_artifact_id", "artifact_tasks", ["artifact_id"], unique=False
    )
    op.create_index("ix_artifact_tasks_run_id", "artifact_tasks", ["run_id"], unique=False)
    op.create_index("ix_artifact_tasks_task_id", "artifact_tasks", ["task_id"], unique=False)
