"""Alembic's environment: the connection comes from ``Database.migrate``."""

from __future__ import annotations

from alembic import context

from jupyterlab_kubeflow.local.registry.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
context.run_migrations()
