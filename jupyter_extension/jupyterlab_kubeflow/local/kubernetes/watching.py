"""Watches: the lines of the stream that ``watch=true`` answers with."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from . import errors
from .errors import StatusError
from .forms import Form, compact
from .history import Event, Item

if TYPE_CHECKING:
    from .kinds import Kind
    from .selectors import Matches
    from .store import Store

BOOKMARK_SECONDS = 60.0
INITIAL_EVENTS_END = "k8s.io/initial-events-end"


@dataclass(frozen=True)
class WatchOptions:
    """What is watched. ``version`` None: from what is there now, told first as ADDED unless ``initial`` is False."""

    namespace: str = ""
    matches: Matches | None = None
    version: int | None = None
    bookmarks: bool = False
    initial: bool = True
    streaming_list: bool = False
    seconds: float | None = None


async def watch(
    store: Store, kind: Kind, options: WatchOptions, form: Form, stopping: asyncio.Event
) -> AsyncIterator[str]:
    """The lines of a watch, many at once where many events have come. An error ends it with an ERROR line."""
    seconds = options.seconds if options.seconds else random.uniform(1800, 3600)  # noqa: S311
    until = time.monotonic() + seconds
    lines = _Lines(kind, form)
    try:
        async with store.watch(kind.store_as, options.version) as (watcher, items, version):
            if options.initial:
                selected = (item for item in items if _selected(item, options))
                if text := "".join(lines.line("ADDED", item) for item in selected):
                    yield text
            if options.streaming_list:
                yield lines.bookmark(version, end=True)
            bookmark = time.monotonic() + BOOKMARK_SECONDS
            while not stopping.is_set():
                events, version = store.read(watcher)
                if text := "".join(lines.of(event, options) for event in events):
                    yield text
                now = time.monotonic()
                if options.bookmarks and (now >= bookmark or now >= until):
                    yield lines.bookmark(version)
                    bookmark = now + BOOKMARK_SECONDS
                if now >= until:
                    return
                await _wait(watcher.wait(min(until, bookmark) - now), stopping)
    except StatusError as error:
        yield lines.error(error)


async def _wait(waiting: object, stopping: asyncio.Event) -> None:
    tasks = {
        asyncio.ensure_future(waiting),  # type: ignore[call-overload]
        asyncio.ensure_future(stopping.wait()),
    }
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def change(event: Event, namespace: str, matches: Matches | None) -> str | None:
    """What an event is to a watcher: its type, or None when it is none of what is watched.

    An object that comes to be selected is ADDED, one that no longer is, DELETED.
    """
    if namespace and event.item.key.namespace != namespace:
        return None
    if matches is None:
        return event.type
    now = event.type != "DELETED" and matches(event.item.body)
    before = event.before is not None and matches(event.before.body)
    if now:
        return "MODIFIED" if before else "ADDED"
    return "DELETED" if before else None


def _as_it_was(event: Event) -> Item:
    """An object that is no longer selected, as it was when it was, in the version in which it left."""
    assert event.before is not None
    body = event.before.copy()
    body["metadata"]["resourceVersion"] = str(event.item.version)
    return replace(event.item, body=body)


def _selected(item: Item, options: WatchOptions) -> bool:
    if options.namespace and item.key.namespace != options.namespace:
        return False
    return options.matches is None or options.matches(item.body)


class _Lines:
    """Writes lines. A table states its columns in the first one only."""

    def __init__(self, kind: Kind, form: Form) -> None:
        self._kind = kind
        self._form = form
        self._header = True

    def line(self, what: str, item: Item) -> str:
        text = self._form.one(self._kind, item, header=self._header)
        self._header = False
        return f'{{"type":"{what}","object":{text}}}\n'

    def of(self, event: Event, options: WatchOptions) -> str:
        what = change(event, options.namespace, options.matches)
        if what == "DELETED" and event.type != "DELETED":
            return self.line(what, _as_it_was(event))
        return self.line(what, event.item) if what else ""

    def bookmark(self, version: int, *, end: bool = False) -> str:
        meta: dict[str, object] = {"resourceVersion": str(version)}
        if end:
            meta["annotations"] = {INITIAL_EVENTS_END: "true"}
        body: dict[str, object] = {
            "kind": self._kind.kind,
            "apiVersion": self._kind.api_version,
            "metadata": {**meta, "creationTimestamp": None},
        }
        if self._form.name == "Table":
            body = {"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": meta}
            body |= {"columnDefinitions": [], "rows": []}
        elif self._form.name:
            body |= {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
        return f'{{"type":"BOOKMARK","object":{compact(body)}}}\n'

    def error(self, error: StatusError) -> str:
        return f'{{"type":"ERROR","object":{compact(error.body())}}}\n'


def read_version(text: str) -> int | None:
    """The number in ``resourceVersion``; None for ``""`` and ``"0"``: any. Raises 400 for what is no number."""
    if text in ("", "0"):
        return None
    if not text.isdigit():
        raise errors.StatusError(
            400,
            "BadRequest",
            f'invalid resource version: resourceVersion: Invalid value: "{text}": strconv.ParseUint: parsing "{text}": invalid syntax',
        )
    return int(text)
