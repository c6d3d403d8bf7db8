"""The SQLite database: connections, transactions and migrations."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session

from jupyterlab_kubeflow.errors import KubeflowError

MIGRATIONS = Path(__file__).parent / "migrations"

_REMEDY = " Free its disk and make it readable, restore it from a backup, or set KUBEFLOW_LOCAL_HOME to another folder."


class Database:
    """A database file, for use from any thread.

    Journal in WAL, so that readers and the writer do not wait for one another; ``synchronous=FULL``, so that what was
    acknowledged survives a power cut; writers take turns.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = threading.Lock()
        self.engine = _engine(path)

    def migrate(self) -> None:
        """Brings the tables to the form that this version knows.

        Raises :class:`KubeflowError` when a newer version has written the database, it is none or cannot be written.
        """
        from alembic import command
        from alembic.config import Config
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory
        from sqlalchemy.exc import DatabaseError

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        scripts = ScriptDirectory.from_config(config)
        try:
            with self.engine.connect() as connection:
                current = MigrationContext.configure(connection).get_current_revision()
        except DatabaseError as error:
            raise _unusable(
                f"{self.path} cannot be read as a database: {error.orig}.{_REMEDY}"
            ) from error
        if current == scripts.get_current_head():
            return
        known = {script.revision for script in scripts.walk_revisions()}
        if current is not None and current not in known:
            raise _unusable(
                f"{self.path} was written by a newer version of jupyterlab-kubeflow. Upgrade this one, or set "
                "KUBEFLOW_LOCAL_HOME to another folder."
            )
        try:
            with self.engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except DatabaseError as error:
            raise _unusable(f"{self.path} cannot be upgraded: {error.orig}.{_REMEDY}") from error

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one consistent state."""
        with Session(self.engine, autoflush=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back by an exception. One at a time."""
        with self._writing, Session(self.engine) as session:
            session.connection(execution_options={"begin": "IMMEDIATE"})
            yield session
            session.commit()

    def close(self) -> None:
        """Closes all connections."""
        self.engine.dispose()


def _engine(path: Path) -> Engine:
    engine = create_engine(
        f"sqlite:///{path}",
        connect_args={"check_same_thread": False, "timeout": 30},
        pool_size=16,
        max_overflow=48,
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, not by the driver
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:
        mode = connection.get_execution_options().get("begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def _unusable(message: str) -> KubeflowError:
    return KubeflowError(message, reason="NotConfigured", status=503, service="local")
