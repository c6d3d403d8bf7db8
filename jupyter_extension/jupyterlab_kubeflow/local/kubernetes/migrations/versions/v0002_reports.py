"""Lay the table of what trainings have reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Applies this step."""
    op.create_table(
        "reports",
        sa.Column("uid", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("uid", "version"),
        sqlite_with_rowid=False,
    )
