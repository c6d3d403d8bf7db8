"""A client of the store for the server's own controllers: the semantics of the API without the way over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from . import deletion, patches, selectors
from .errors import StatusError
from .history import Item
from .kinds import Kind
from .resources import Options, Resources
from .store import settled
from .watching import change

Body = dict[str, Any]
MANAGER = "local-kubeflow"


@dataclass(frozen=True)
class WatchEvent:
    """ADDED, MODIFIED or DELETED, and the object: a copy of one's own."""

    type: str
    object: Body


class Client:
    """Objects by kind (``client.kind(...)``), in any event loop. Bodies are copies; all methods raise :class:`StatusError` as the API does."""

    def __init__(self, resources: Resources, manager: str = MANAGER) -> None:
        self._resources = resources
        self._manager = manager

    def kind(self, api_version: str, kind: str) -> Kind:
        """A kind of the table. Raises ``KeyError``."""
        return self._resources.kinds.of(api_version, kind)

    def get(self, kind: Kind, namespace: str, name: str) -> Body:
        """The object. Raises 404."""
        return self._resources.get(kind, namespace, name).copy()

    def peek_one(self, kind: Kind, namespace: str, name: str) -> Body | None:
        """The object as all readers share it, never to be changed; None where there is none."""
        item = self._resources.store.get(self._resources.key(kind, namespace, name))
        return None if item is None else item.body

    def peek(self, kind: Kind, namespace: str = "", labels: str = "") -> list[Body]:
        """As :meth:`list`, without copies: what is shared by all readers, never to be changed."""
        matches = selectors.labels(labels)
        items, _ = self._resources.store.items(kind.store_as, namespace)
        return [item.body for item in items if matches is None or matches(item.body)]

    def list(self, kind: Kind, namespace: str = "", labels: str = "") -> list[Body]:
        """The objects that a label selector selects."""
        matches = selectors.labels(labels)
        items, _ = self._resources.store.items(kind.store_as, namespace)
        return [item.copy() for item in items if matches is None or matches(item.body)]

    async def create(self, kind: Kind, namespace: str, body: Body) -> Body:
        """Makes an object. Raises 409 when there is one."""
        return await _body(self._resources.create(kind, namespace, body, self._options()))

    async def create_with(
        self, kind: Kind, namespace: str, body: Body, other: Kind, of: Callable[[Body], Body]
    ) -> None:
        """Makes an object, and at the same time the ``other`` one that belongs to it, made by ``of``; nobody sees one without the other.

        Where only the other one is refused, the first is made alone. Raises 409 when there is one.
        """
        resources = self._resources
        with resources.store.together():
            futures = [resources.create(kind, namespace, body, self._options())]
            made = resources.store.latest(resources.key(kind, namespace, body["metadata"]["name"]))
            if made is not None:
                with suppress(StatusError):
                    second = of(made.copy())
                    futures.append(resources.create(other, namespace, second, self._options()))
        await asyncio.gather(*map(_body, futures))

    async def replace(self, kind: Kind, namespace: str, body: Body) -> Body:
        """Replaces an object; raises 409 when ``body`` is not of its latest version."""
        name = body["metadata"]["name"]
        return await _body(self._resources.replace(kind, namespace, name, body, self._options()))

    async def replace_status(self, kind: Kind, namespace: str, body: Body) -> Body:
        """As :meth:`replace`, for the status only."""
        name = body["metadata"]["name"]
        options = self._options("status")
        return await _body(self._resources.replace(kind, namespace, name, body, options))

    async def patch(
        self, kind: Kind, namespace: str, name: str, patch: Body, *, subresource: str = ""
    ) -> Body:
        """Applies a JSON merge patch."""
        options = self._options(subresource)
        return await _body(
            self._resources.patch(kind, namespace, name, patches.MERGE, patch, options)
        )

    async def edit(
        self, kind: Kind, namespace: str, name: str, change: Callable[[Body], None]
    ) -> Body:
        """Changes the latest object in place, spec, status and metadata at once: no conflict is possible. ``change`` must not wait."""
        return await _body(self._resources.edit(kind, namespace, name, change, self._manager))

    async def delete(
        self, kind: Kind, namespace: str, name: str, options: deletion.DeleteOptions | None = None
    ) -> Body:
        """Deletes an object."""
        wanted = options or deletion.DeleteOptions(propagation="Background")
        return await _body(deletion.delete(self._resources, kind, namespace, name, wanted))

    async def watch(
        self, kind: Kind, namespace: str = "", labels: str = ""
    ) -> AsyncIterator[WatchEvent]:
        """What is there (as ADDED), then what happens, without an end. A reader that is too slow gets a 410 and begins anew."""
        matches = selectors.labels(labels)
        store = self._resources.store
        async with store.watch(kind.store_as, None) as (watcher, items, _):
            for item in items:
                here = not namespace or item.key.namespace == namespace
                if here and (matches is None or matches(item.body)):
                    yield WatchEvent("ADDED", item.copy())
            while True:
                events, _ = store.read(watcher)
                for event in events:
                    if what := change(event, namespace, matches):
                        yield WatchEvent(what, event.item.copy())
                if not events:
                    await watcher.wait(None)

    def _options(self, subresource: str = "") -> Options:
        return Options(manager=self._manager, validation="Ignore", subresource=subresource)


async def _body(future: Any) -> Body:
    item: Item = await settled(future)
    return item.copy()


__all__ = ["Client", "WatchEvent"]
