"""One stored form, several served versions.

Versions of custom resources differ by their schema only, as with the conversion strategy ``None``. The two kinds of events are the same
object with other names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .kinds import Kind

_EVENTS = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}


def served(kind: Kind, body: dict[str, Any]) -> dict[str, Any]:
    """A stored object as the kind's version; not changed when it is that already."""
    if body["apiVersion"] == kind.api_version:
        return body
    if kind.kind == "Event":
        names = {old: new for new, old in _EVENTS.items()}
        body = {names.get(name, name): value for name, value in body.items()}
    return {**body, "apiVersion": kind.api_version}


def stored(kind: Kind, storage: Kind, body: dict[str, Any]) -> dict[str, Any]:
    """An object of the kind's version as it is stored."""
    if kind is storage:
        return body
    if kind.kind == "Event":
        body = {_EVENTS.get(name, name): value for name, value in body.items()}
    return {**body, "apiVersion": storage.api_version}
