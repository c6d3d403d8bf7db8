"""The values that Trials have reported, over time: what Katib's db-manager keeps. They are on the disk when they are acknowledged, and go with their Trial."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Connection, text

from jupyterlab_kubeflow.local.kubernetes.history import Event
from jupyterlab_kubeflow.local.store.database import Database

from . import metrics
from .metrics import Log
from .words import GROUP

Body = dict[str, Any]
PUSHED = "pushed"
"""The source of what a run reports itself."""

_KEEP = text(
    "INSERT OR IGNORE INTO observations (uid, source, position, time, metric, value) SELECT :uid, :source, :start + key, "
    "json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(:rows)"
)
_NEXT = text(
    "SELECT coalesce(max(position) + 1, 0) FROM observations WHERE uid = :uid AND source = :source"
)
_READ = text(
    "SELECT time, metric, value FROM observations WHERE uid = :uid AND (:metric = '' OR metric = :metric) ORDER BY time, source, position"
)
_DROP = text(
    "DELETE FROM observations WHERE uid = :uid AND source NOT IN (SELECT value FROM json_each(:sources))"
)
_REMOVE = text("DELETE FROM observations WHERE uid IN (SELECT value FROM json_each(:uids))")


class Observations:
    """The series of all Trials, in the database of the Kubernetes API's objects. For use from any thread; all calls wait for the disk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def series(self, trial: Body, metric: str = "") -> list[Log]:
        """The values of a Trial (of one ``metric``) in the order of their times, which are UTC with six digits of a second."""
        with self._database.engine.connect() as connection:
            found = connection.execute(_READ, {"uid": trial["metadata"]["uid"], "metric": metric})
            return [Log(*row) for row in found]

    def report(self, trial: Body, logs: Iterable[Log]) -> None:
        """Takes what a run reports itself. Raises ``ValueError`` for what is no RFC 3339 time."""
        taken = []
        for each in logs:
            time = metrics.normal(each.time)
            if time is None:
                raise ValueError(
                    f"{each.time!r} is no time: give it with its zone, for example 2026-01-31T12:00:00Z"
                )
            taken.append(Log(time, each.metric, each.value))
        uid = trial["metadata"]["uid"]
        with self._database.transaction() as connection:
            start = connection.execute(_NEXT, {"uid": uid, "source": PUSHED}).scalar_one()
            _keep(connection, uid, PUSHED, start, taken)

    def put(self, uid: str, source: str, start: int, logs: Collection[Log]) -> None:
        """Takes the values of a source from the position ``start`` on; those that are there already stay."""
        if logs:
            with self._database.transaction() as connection:
                _keep(connection, uid, source, start, logs)

    def only(self, uid: str, sources: Collection[str]) -> None:
        """Drops what came from other sources than these and the run itself: from attempts that have failed."""
        with self._database.transaction() as connection:
            kept = json.dumps([*sources, PUSHED])
            connection.execute(_DROP, {"uid": uid, "sources": kept})

    def delete(self, trial: Body) -> None:
        """Removes all of a Trial."""
        with self._database.transaction() as connection:
            connection.execute(_REMOVE, {"uids": json.dumps([trial["metadata"]["uid"]])})


def _keep(connection: Connection, uid: str, source: str, start: int, logs: Collection[Log]) -> None:
    rows = {"uid": uid, "source": source, "start": start, "rows": json.dumps([*logs])}
    connection.execute(_KEEP, rows)


def forget(connection: Connection, events: list[Event]) -> None:
    """Removes the series of Trials that are gone. For ``Store.beside``."""
    gone = [
        event.item.uid
        for event in events
        if event.type == "DELETED" and event.item.key.resource == f"trials.{GROUP}"
    ]
    if gone:
        connection.execute(_REMOVE, {"uids": json.dumps(gone)})
