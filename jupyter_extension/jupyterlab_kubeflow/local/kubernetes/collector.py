"""The garbage collector: dependents follow their owners, foreground and orphaning deletions come to their end, namespaces are emptied, events
go an hour after they were written last.

It works from the state, not from what has happened: after a crash it goes on where it was.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from concurrent.futures import Future
from datetime import datetime, timedelta, timezone
from typing import Any

from .deletion import FOREGROUND, ORPHAN, DeleteOptions, delete
from .errors import StatusError
from .history import Event, Item, Key
from .kinds import Kind
from .resources import Resources

_log = logging.getLogger(__name__)
_MANAGER = "kube-controller-manager"
EVENT_SECONDS = 3600.0
"""How long events are kept (``--event-ttl`` of an API server)."""


class Collector:
    """Runs in a thread of its own from :meth:`start` to :meth:`stop`."""

    def __init__(self, resources: Resources, event_seconds: float = EVENT_SECONDS) -> None:
        self._resources = resources
        self._event_seconds = event_seconds
        self._events: queue.SimpleQueue[list[Event] | None] = queue.SimpleQueue()
        self._items: dict[str, Item] = {}
        self._dependents: dict[str, set[str]] = {}
        self._thread = threading.Thread(target=self._run, name="collector", daemon=True)

    def start(self) -> None:
        """Begins with what is there."""
        self._resources.store.listen(self._events.put)
        items = self._resources.store.everything()
        self._events.put([Event("ADDED", item, None) for item in items])
        self._thread.start()

    def stop(self) -> None:
        """Ends after what is under way."""
        self._events.put(None)
        self._thread.join()

    def _run(self) -> None:
        due = time.monotonic()
        while True:
            if (left := due - time.monotonic()) <= 0:
                self._expire()
                due = time.monotonic() + min(60, self._event_seconds)
            try:
                events = self._events.get(timeout=max(left, 0))
            except queue.Empty:
                continue
            if events is None:
                return
            touched: dict[str, None] = {}
            for event in events:
                touched.update(dict.fromkeys(self._note(event)))
            for uid in touched:
                try:
                    self._settle(uid)
                except Exception:
                    _log.exception("Collecting what %s owns", uid)

    def _expire(self) -> None:
        """Removes the events that are too old."""
        until = datetime.now(timezone.utc) - timedelta(seconds=self._event_seconds)
        text = until.strftime("%Y-%m-%dT%H:%M:%SZ")
        for item in list(self._items.values()):
            if item.key.resource == "events" and _written(item) < text:
                self._delete(item, "Background")

    def _note(self, event: Event) -> list[str]:
        """Takes up a change; the uids of the objects to look at."""
        item = event.item
        known = self._items.get(item.uid)
        if known and known.version > item.version:
            return []
        old_owners = set(_owners(known)) if known else set()
        gone = event.type == "DELETED"
        owners = set() if gone else set(_owners(item))
        for uid in old_owners - owners:
            self._dependents.get(uid, set()).discard(item.uid)
        for uid in owners:
            self._dependents.setdefault(uid, set()).add(item.uid)
        if gone:
            self._items.pop(item.uid, None)
        else:
            self._items[item.uid] = item
        touched = [item.uid, *old_owners]
        if gone:
            touched += sorted(self._dependents.pop(item.uid, set()))
        if item.key.namespace and (ending := self._ending_namespace(item.key.namespace)):
            touched.append(ending.uid)
        return touched

    def _settle(self, uid: str) -> None:
        item = self._items.get(uid)
        if item is None:
            return
        meta = item.body["metadata"]
        if meta.get("deletionTimestamp"):
            finalizers = meta.get("finalizers") or ()
            if ORPHAN in finalizers:
                self._orphan(item)
            elif FOREGROUND in finalizers:
                self._foreground(item)
            if item.key.resource == "namespaces":
                self._empty(item)
        elif meta.get("ownerReferences"):
            self._follow_owners(item)

    def _follow_owners(self, item: Item) -> None:
        references = item.body["metadata"]["ownerReferences"]
        solid = [each for each in references if self._stands(item, each)]
        waiting = [each for each in references if self._waits(each)]
        if len(solid) == len(references) and not waiting:
            return
        standing = [each for each in solid if each not in waiting]
        if standing:
            lost = {each["uid"] for each in references if each not in standing}
            self._edit(item, lambda meta: _drop_owners(meta, lost))
        else:
            nested = waiting and self._dependents.get(item.uid)
            self._delete(item, "Foreground" if nested else None)

    def _stands(self, item: Item, reference: dict[str, Any]) -> bool:
        """Whether an owner is there. One of a kind that is not served is taken to be."""
        owner = self._items.get(reference["uid"])
        if owner is not None:
            return owner.key.namespace in ("", item.key.namespace)
        try:
            kind = self._resources.kinds.of(reference["apiVersion"], reference["kind"])
        except KeyError:
            return True
        namespace = item.key.namespace
        found = self._resources.store.latest(
            self._resources.key(kind, namespace, reference["name"])
        )
        return found is not None and found.uid == reference["uid"]

    def _waits(self, reference: dict[str, Any]) -> bool:
        owner = self._items.get(reference["uid"])
        meta = owner.body["metadata"] if owner else {}
        return bool(meta.get("deletionTimestamp")) and FOREGROUND in meta.get("finalizers", ())

    def _foreground(self, owner: Item) -> None:
        dependents = [self._items[uid] for uid in sorted(self._dependents.get(owner.uid, ()))]
        for item in dependents:
            if not item.body["metadata"].get("deletionTimestamp"):
                self._follow_owners(item)
        if not any(_blocks(item, owner.uid) for item in dependents):
            self._edit(owner, lambda meta: _drop_finalizer(meta, FOREGROUND))

    def _orphan(self, owner: Item) -> None:
        lost = {owner.uid}
        futures = [
            self._edit(self._items[uid], lambda meta: _drop_owners(meta, lost))
            for uid in sorted(self._dependents.get(owner.uid, ()))
        ]
        for future in futures:
            if future is not None:
                future.result()
        self._edit(owner, lambda meta: _drop_finalizer(meta, ORPHAN))

    def _empty(self, namespace: Item) -> None:
        inside = [item for item in self._items.values() if item.key.namespace == namespace.key.name]
        for item in inside:
            if not item.body["metadata"].get("deletionTimestamp"):
                self._delete(item, "Background")
        if not inside:
            self._edit_body(namespace, lambda body: body["spec"].pop("finalizers", None))

    def _ending_namespace(self, name: str) -> Item | None:
        found = self._resources.store.latest(Key("namespaces", "", name))
        if found is None or not found.body["metadata"].get("deletionTimestamp"):
            return None
        return found

    def _kind(self, item: Item) -> Kind:
        return self._resources.kinds.stored(item.key.resource)

    def _delete(self, item: Item, propagation: str | None) -> None:
        if propagation is None:
            finalizers = item.body["metadata"].get("finalizers") or ()
            propagation = (
                "Orphan"
                if ORPHAN in finalizers
                else "Foreground"
                if FOREGROUND in finalizers
                else "Background"
            )
        options = DeleteOptions(propagation=propagation, uid=item.uid)
        try:
            delete(self._resources, self._kind(item), item.key.namespace, item.key.name, options)
        except StatusError as error:
            if error.status not in (404, 409):
                raise

    def _edit(self, item: Item, change: Any) -> Future[Item] | None:
        return self._edit_body(item, lambda body: change(body["metadata"]))

    def _edit_body(self, item: Item, change: Any) -> Future[Item] | None:
        def checked(body: dict[str, Any]) -> None:
            if body["metadata"]["uid"] == item.uid:
                change(body)

        try:
            return self._resources.edit(
                self._kind(item), item.key.namespace, item.key.name, checked, _MANAGER
            )
        except StatusError as error:
            if error.status != 404:
                raise
            return None


def _written(item: Item) -> str:
    """When an object was written last."""
    meta = item.body["metadata"]
    times = [each["time"] for each in meta.get("managedFields") or () if each.get("time")]
    return str(max([meta["creationTimestamp"], *times]))


def _owners(item: Item) -> list[str]:
    return [each["uid"] for each in item.body["metadata"].get("ownerReferences") or ()]


def _blocks(item: Item, owner: str) -> bool:
    return any(
        each["uid"] == owner and each.get("blockOwnerDeletion")
        for each in item.body["metadata"].get("ownerReferences") or ()
    )


def _drop_owners(meta: dict[str, Any], lost: set[str]) -> None:
    meta["ownerReferences"] = [
        each for each in meta.get("ownerReferences") or () if each["uid"] not in lost
    ]
    if not meta["ownerReferences"]:
        del meta["ownerReferences"]


def _drop_finalizer(meta: dict[str, Any], name: str) -> None:
    meta["finalizers"] = [each for each in meta.get("finalizers") or () if each != name]
    if not meta["finalizers"]:
        del meta["finalizers"]
