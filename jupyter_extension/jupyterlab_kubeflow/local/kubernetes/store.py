"""The resource store: all objects in memory and on disk, every change numbered and durable before it is seen.

A change is computed under a lock on the latest state, those not yet on the disk included; one thread writes all that have come meanwhile in
one transaction (group commit, ``synchronous=FULL``); only then do readers and watchers see them and their callers get them. So nothing that
anybody has seen is lost by ``kill -9`` or a power cut.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DatabaseError

from jupyterlab_kubeflow.local.store import upkeep
from jupyterlab_kubeflow.local.store.database import Database

from .errors import StatusError, expired, internal, too_large_version
from .history import Event, History, Item, Key, Watcher
from .models import LastVersion, StoredObject

MIGRATIONS = Path(__file__).parent / "migrations"
# One statement for all rows of a batch: each statement gives the interpreter's lock away, and may wait long to have it back.
_KEEP = text(
    "INSERT INTO objects (resource, namespace, name, version, body, applied) SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), "
    "json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]') "
    "FROM json_each(:rows) WHERE true ON CONFLICT (resource, namespace, name) DO UPDATE SET version = excluded.version, "
    "body = excluded.body, applied = excluded.applied"
)
_REMOVE = text(
    "DELETE FROM objects WHERE (resource, namespace, name) IN (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), "
    "json_extract(value, '$[2]') FROM json_each(:rows))"
)
_NUMBER = text(
    "INSERT INTO last_version (id, version) VALUES (1, :version) ON CONFLICT (id) DO UPDATE SET version = max(version, excluded.version)"
)

WINDOW = 10_000
"""So many changes of each resource are kept at least for watches that resume, while they are not old (see ``history``)."""


@dataclass(frozen=True)
class Draft:
    """What an object is to be. ``gone``: it is removed, and ``body`` is its last form."""

    body: dict[str, Any]
    owned: dict[str, dict[str, Any]]
    gone: bool = False


Change = Callable[[Item | None], Draft | None]
"""From the latest form to the one to be; None changes nothing. Called under the store's lock: it may read, and must not wait."""


@dataclass(frozen=True)
class _Write:
    event: Event
    done: Future[Item]


class Store:
    """The objects of all resources. For use from any thread."""

    def __init__(self, path: Path, resources: Iterable[str], *, window: int = WINDOW) -> None:
        """Opens the database at ``path``; raises :class:`KubeflowError` when it is unusable."""
        self.database = Database(path, MIGRATIONS)
        self.database.migrate()
        self.beside: list[Callable[[Connection, list[Event]], None]] = []
        """Called in the transaction that writes changes, with all of them in order: what they write is on the disk with these or not at all."""
        self._lock = threading.RLock()
        self._objects: dict[str, dict[Key, Item]] = {resource: {} for resource in resources}
        self._pending: dict[Key, Event] = {}
        self._taken: list[_Write] = []
        self._busy = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="objects")
        self._listeners: list[Callable[[list[Event]], None]] = []
        self._load()
        self._history = {resource: History(self.version, window) for resource in self._objects}

    def _load(self) -> None:
        with self.database.read() as session:
            self.version = session.scalar(select(LastVersion.version)) or 1
            for row in session.scalars(select(StoredObject)):
                key = Key(row.resource, row.namespace, row.name)
                item = Item(key, row.version, json.loads(row.body), json.loads(row.applied))
                self._objects.setdefault(row.resource, {})[key] = item
        self._last = self.version

    def close(self) -> None:
        """Writes what is left and closes the database."""
        self._thread.shutdown()
        self.database.close()

    def listen(self, listener: Callable[[list[Event]], None]) -> None:
        """Has ``listener`` called with all changes from now on, in the writer's thread; it must not wait."""
        self._listeners.append(listener)

    def get(self, key: Key) -> Item | None:
        """The object as all see it."""
        return self._objects[key.resource].get(key)

    def latest(self, key: Key) -> Item | None:
        """The object with what is not on the disk yet: what the next change builds on."""
        with self._lock:
            if event := self._pending.get(key):
                return None if event.type == "DELETED" else event.item
            return self.get(key)

    def items(self, resource: str, namespace: str = "") -> tuple[list[Item], int]:
        """The objects of a resource (in a namespace) in order, and the version of this state."""
        with self._lock:
            items = list(self._objects[resource].values())
            version = self.version
        return _in_order(items, namespace), version

    def items_at(self, resource: str, namespace: str, version: int, too_old: str) -> list[Item]:
        """The objects as they were at a version. Raises 410 with the words ``too_old`` when that is too long ago, 504 for one to come."""
        with self._lock:
            self.check(version)
            history = self._history[resource]
            try:
                events = history.since(history.position(version))
            except StatusError as error:
                raise expired(too_old) from error
            objects = dict(self._objects[resource])
        for event in reversed(events):
            if event.before is None:
                objects.pop(event.item.key, None)
            else:
                objects[event.item.key] = event.before
        return _in_order(list(objects.values()), namespace)

    def everything(self) -> list[Item]:
        """All objects of all resources, with what is not on the disk yet."""
        with self._lock:
            found = {key: item for kept in self._objects.values() for key, item in kept.items()}
            for key, event in self._pending.items():
                if event.type == "DELETED":
                    found.pop(key, None)
                else:
                    found[key] = event.item
            return list(found.values())

    def check(self, version: int) -> None:
        """Raises 504 for a version that is still to come."""
        if version > self.version:
            raise too_large_version(version, self.version)

    @asynccontextmanager
    async def watch(
        self, resource: str, version: int | None
    ) -> AsyncIterator[tuple[Watcher, list[Item], int]]:
        """A watcher of what happens after a version, or from now on (None), with the objects and the version of now.

        Raises 410 when the version is too long ago.
        """
        history = self._history[resource]
        with self._lock:
            if version is not None:
                self.check(version)
            current = self.version
            watcher = Watcher(history, history.position(current if version is None else version))
            history.watchers.add(watcher)
            items = list(self._objects[resource].values()) if version is None else []
        watcher.wake()
        try:
            yield watcher, _in_order(items, ""), current
        finally:
            with self._lock:
                history.watchers.discard(watcher)

    def read(self, watcher: Watcher) -> tuple[list[Event], int]:
        """What is new for a watcher, and the version up to which it knows everything then. Raises 410 when it was too slow."""
        with self._lock:
            return watcher.read(), self.version

    @contextmanager
    def together(self) -> Iterator[None]:
        """The changes that this thread makes meanwhile are written and seen at once, or none of them."""
        with self._lock:
            yield

    def change(self, key: Key, change: Change, *, dry_run: bool = False) -> Future[Item]:
        """Makes a change; the future has the object once it is on the disk, or as it would be.

        Raises what ``change`` raises. The future raises 500 when it could not be written, and nothing has changed then.
        """
        done: Future[Item] = Future()
        with self._lock:
            before = self.latest(key)
            draft = change(before)
            if draft is None and before is not None:
                waiting = self._pending.get(key)
                if waiting is None or dry_run:
                    done.set_result(before)
                else:
                    self._take(_Write(replace(waiting, before=before), done))
                return done
            if draft is None:
                raise ValueError(f"{key} is not there, and nothing is to be made")
            if dry_run:
                done.set_result(Item(key, before.version if before else 0, draft.body, draft.owned))
                return done
            self._last += 1
            draft.body["metadata"]["resourceVersion"] = str(self._last)
            item = Item(key, self._last, draft.body, draft.owned)
            kind = "DELETED" if draft.gone else "ADDED" if before is None else "MODIFIED"
            event = Event(kind, item, before)
            self._pending[key] = event
            self._take(_Write(event, done))
        return done

    def _take(self, write: _Write) -> None:
        self._taken.append(write)
        if not self._busy:
            self._busy = True
            self._thread.submit(self._drain)

    def _drain(self) -> None:
        while True:
            with self._lock:
                batch, self._taken = self._taken, []
                if not batch:
                    self._busy = False
                    return
            try:
                self._write([write.event for write in batch])
            except Exception as error:
                self._refuse(batch, error)
            else:
                self._publish(batch)

    def _write(self, events: list[Event]) -> None:
        last = {event.item.key: event for event in events}
        kept = [
            (*key, event.item.version, event.item.json, json.dumps(event.item.owned))
            for key, event in last.items()
            if event.type != "DELETED"
        ]
        gone = [key for key, event in last.items() if event.type == "DELETED"]
        with self.database.transaction() as connection:
            if kept:
                connection.execute(_KEEP, {"rows": json.dumps(kept)})
            if gone:
                connection.execute(_REMOVE, {"rows": json.dumps(gone)})
            connection.execute(_NUMBER, {"version": max(each.item.version for each in events)})
            for write in self.beside:
                write(connection, events)

    def _publish(self, batch: list[_Write]) -> None:
        events: list[Event] = []
        with self._lock:
            for write in batch:
                event = write.event
                if event.item.version <= self.version:
                    continue
                self.version = event.item.version
                key = event.item.key
                if event.type == "DELETED":
                    del self._objects[key.resource][key]
                else:
                    self._objects[key.resource][key] = event.item
                if self._pending.get(key) is event:
                    del self._pending[key]
                self._history[key.resource].append(event)
                events.append(event)
            for resource in {event.item.key.resource for event in events}:
                self._history[resource].wake()
        for write in batch:
            if write.done.set_running_or_notify_cancel():
                write.done.set_result(write.event.item)
        if events:
            for listener in self._listeners:
                listener(events)

    def _refuse(self, batch: list[_Write], error: Exception) -> None:
        """Nothing of the batch has happened, nor what was built on it."""
        said = (
            upkeep.in_words(error, self.database.path)
            if isinstance(error, DatabaseError)
            else f"{type(error).__name__}: {error}"
        )
        with self._lock:
            batch = batch + self._taken
            self._taken = []
            self._pending = {}
        for write in batch:
            if write.done.set_running_or_notify_cancel():
                write.done.set_exception(internal(said))


def _in_order(items: list[Item], namespace: str) -> list[Item]:
    if namespace:
        items = [item for item in items if item.key.namespace == namespace]
    return sorted(items, key=lambda item: item.key)


async def settled(future: Future[Item]) -> Item:
    """Waits for a change in an event loop; the change goes on when the caller no longer waits."""
    return await asyncio.shield(asyncio.wrap_future(future))
