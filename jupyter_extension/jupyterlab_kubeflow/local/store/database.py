"""The SQLite database: connections, transactions and migrations."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from . import upkeep

MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """A database file, for use from any thread.

    Journal in WAL, so that readers and the writer do not wait for one another; ``synchronous=FULL``, so that what was
    acknowledged survives a power cut; writers take turns.
    """

    def __init__(self, path: Path, migrations: Path = MIGRATIONS) -> None:
        self.path = path
        self._migrations = migrations
        self._writing = threading.Lock()
        self.engine = _engine(path)

    def migrate(self) -> None:
        """Brings the tables to the form that this version knows.

        Checks the file before, and leaves a copy of one that it upgrades. Raises :class:`KubeflowError` when a newer version has written
        the database, it is damaged or none, or cannot be written.
        """
        from alembic import command

        upkeep.check(self.path)
        config, current, head = self._revisions()
        if current == head:
            return
        if current is not None:
            upkeep.back_up(self.path, head)
        try:
            with self.engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, head)
        except DatabaseError as error:
            raise upkeep.unusable(upkeep.in_words(error, self.path)) from error

    def require_current(self) -> None:
        """Raises :class:`KubeflowError` unless the tables have the form that this version knows. Changes nothing: a server may use them."""
        _, current, head = self._revisions()
        if current != head:
            raise upkeep.unusable(
                f"{self.path} has the form of an older version of jupyterlab-kubeflow. `jupyter kubeflow local start` upgrades it; stop the "
                "server of that version before with `jupyter kubeflow local stop`, if it still runs."
            )

    def _revisions(self) -> tuple[Any, str | None, str]:
        """Alembic's configuration, the revision of the tables (None: there are none) and this version's; refuses what is newer."""
        from alembic.config import Config
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(self._migrations).replace("%", "%%"))
        scripts = ScriptDirectory.from_config(config)
        try:
            with self.engine.connect() as connection:
                current = MigrationContext.configure(connection).get_current_revision()
        except DatabaseError as error:
            raise upkeep.unusable(upkeep.in_words(error, self.path)) from error
        known = {script.revision for script in scripts.walk_revisions()}
        if current is not None and current not in known:
            raise upkeep.unusable(
                f"{self.path} was written by a newer version of jupyterlab-kubeflow. Upgrade this one, or set "
                "KUBEFLOW_LOCAL_HOME to another folder."
            )
        return config, current, str(scripts.get_current_head())

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

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """As :meth:`write`, for statements without the object mapper."""
        with (
            self._writing,
            self.engine.connect().execution_options(begin="IMMEDIATE") as connection,
            connection.begin(),
        ):
            yield connection

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
