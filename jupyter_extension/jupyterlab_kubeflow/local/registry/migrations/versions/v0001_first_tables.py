"""Lay the tables of the Model Registry."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Applies this step."""
    for table in ("contexts", "artifacts", "executions"):
        op.create_table(
            table,
            sa.Column("id", sa.Integer(), nullable=False),
            sa.Column("kind", sa.String(), nullable=False),
            sa.Column("name", sa.String(), nullable=False),
            sa.Column("scope", sa.Integer(), nullable=True),
            sa.Column("external_id", sa.String(), nullable=True),
            sa.Column("created_at", sa.BigInteger(), nullable=False),
            sa.Column("updated_at", sa.BigInteger(), nullable=False),
            sa.Column("properties", sa.Text(), nullable=False),
            sa.Column("custom_properties", sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint("id"),
        )
        op.create_index(f"{table}_by_name", table, ["kind", "scope", "name"], unique=True)
        op.create_index(f"{table}_by_external_id", table, ["external_id"], unique=True)
        op.create_index(f"{table}_by_scope", table, ["kind", "scope"])
        op.create_index(f"{table}_by_creation", table, ["kind", "created_at"])
        op.create_index(f"{table}_by_update", table, ["kind", "updated_at"])
    op.create_table(
        "attributions",
        sa.Column("context_id", sa.Integer(), sa.ForeignKey("contexts.id"), nullable=False),
        sa.Column("artifact_id", sa.Integer(), sa.ForeignKey("artifacts.id"), nullable=False),
        sa.PrimaryKeyConstraint("context_id", "artifact_id"),
        sqlite_with_rowid=False,
    )
