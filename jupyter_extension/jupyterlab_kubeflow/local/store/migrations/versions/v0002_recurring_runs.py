"""Add recurring runs, tasks and artifacts that clients report, and indexes for lists of runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "recurring_runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("experiment_id", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("max_concurrency", sa.Integer(), nullable=False),
        sa.Column("no_catchup", sa.Boolean(), nullable=False),
        sa.Column("cron", sa.String(), nullable=True),
        sa.Column("interval_second", sa.Integer(), nullable=True),
        sa.Column("start_time", sa.DateTime(), nullable=True),
        sa.Column("end_time", sa.DateTime(), nullable=True),
        sa.Column("service_account", sa.String(), nullable=True),
        sa.Column("pipeline_id", sa.String(), nullable=True),
        sa.Column("pipeline_version_id", sa.String(), nullable=True),
        sa.Column("spec_digest", sa.String(), nullable=True),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("pipeline_root", sa.String(), nullable=True),
        sa.Column("plugins_input", sa.JSON(), nullable=True),
        sa.Column("last_scheduled_at", sa.DateTime(), nullable=True),
        sa.Column("next_scheduled_at", sa.DateTime(), nullable=True),
        sa.Column("last_index", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["spec_digest"], ["specs.digest"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_recurring_runs_created_at", "recurring_runs", ["created_at", "id"])
    op.create_index(
        "ix_recurring_runs_experiment", "recurring_runs", ["experiment_id", "created_at", "id"]
    )
    op.create_index("ix_recurring_runs_next", "recurring_runs", ["enabled", "next_scheduled_at"])
    op.create_index("ix_recurring_runs_spec_digest", "recurring_runs", ["spec_digest"])

    op.add_column("runs", sa.Column("recurring_run_id", sa.String(), nullable=True))
    op.create_index("ix_runs_recurring_run", "runs", ["recurring_run_id", "created_at", "id"])
    op.create_index("ix_runs_recurring_run_state", "runs", ["recurring_run_id", "state"])

    op.add_column("runs", sa.Column("plugins_input", sa.JSON(), nullable=True))
    op.drop_index("ix_runs_created_at", "runs")
    op.create_index("ix_runs_created_at", "runs", ["created_at", "id", "display_name"])
    op.create_index("ix_runs_finished_at", "runs", ["finished_at", "id"])
    op.create_index("ix_runs_pipeline_version", "runs", ["pipeline_version_id", "created_at", "id"])

    op.add_column("tasks", sa.Column("reported", sa.JSON(), nullable=True))
    op.add_column("tasks", sa.Column("input_digest", sa.String(), nullable=True))
    op.add_column("tasks", sa.Column("output_digest", sa.String(), nullable=True))
    op.add_column("artifacts", sa.Column("description", sa.Text(), nullable=True))
    op.add_column("artifacts", sa.Column("number_value", sa.Float(), nullable=True))
    op.create_index("ix_artifacts_uri", "artifacts", ["uri"])
    op.add_column("artifact_tasks", sa.Column("type", sa.String(), nullable=True))
    op.add_column("artifact_tasks", sa.Column("producer", sa.JSON(), nullable=True))

    op.add_column("tasks", sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("tasks", sa.Column("next_attempt_at", sa.DateTime(), nullable=True))
    op.add_column("tasks", sa.Column("retries", sa.Integer(), nullable=False, server_default="0"))
