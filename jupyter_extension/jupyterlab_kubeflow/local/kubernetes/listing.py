"""Lists: selection, versions and pages."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import selectors
from .errors import Cause, StatusError, bad_request, forbidden_field, invalid_option, unsupported
from .requests import number
from .watching import read_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .history import Item
    from .requests import Place
    from .selectors import Matches
    from .store import Store


_TOO_OLD_LIST = "The resourceVersion for the provided list is too old."
_TOO_OLD_PAGE = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter."


@dataclass(frozen=True)
class Page:
    """A page of a list and its ``metadata``."""

    items: list[Item]
    meta: dict[str, Any]


def selection(place: Place, query: dict[str, str]) -> Matches | None:
    """What the selectors of a request select; None: everything. Raises 400."""
    return selectors.both(
        selectors.labels(query.get("labelSelector", "")),
        selectors.fields(query.get("fieldSelector", ""), place.kind.store_as),
    )


def check(query: dict[str, str], *, watch: bool) -> None:
    """Raises 422 for options of a list or a watch that do not go together (``ValidateListOptions`` of ``k8s.io/apimachinery``)."""
    causes = list(_watch_options(query) if watch else _list_options(query))
    if causes:
        raise invalid_option("ListOptions", *causes)


_MATCH = "resourceVersionMatch"


def _list_options(query: dict[str, str]) -> Iterator[Cause]:
    match, version = query.get(_MATCH), query.get("resourceVersion")
    if match:
        if not version:
            said = f"{_MATCH} is forbidden unless resourceVersion is provided"
            yield forbidden_field(_MATCH, said)
        if query.get("continue"):
            yield forbidden_field(_MATCH, f"{_MATCH} is forbidden for continue")
        if match not in ("Exact", "NotOlderThan"):
            yield unsupported(_MATCH, match, ("Exact", "NotOlderThan", ""))
        if match == "Exact" and version == "0":
            said = f'{_MATCH} "exact" is forbidden for resourceVersion "0"'
            yield forbidden_field(_MATCH, said)
    if "sendInitialEvents" in query:
        yield forbidden_field("sendInitialEvents", "sendInitialEvents is forbidden for list")


def _watch_options(query: dict[str, str]) -> Iterator[Cause]:
    match, known = query.get(_MATCH), "NotOlderThan"
    if "sendInitialEvents" in query:
        if match != known:
            said = f"sendInitialEvents requires setting {_MATCH} to {known}"
            yield forbidden_field(_MATCH, said)
    elif match:
        said = f"{_MATCH} is forbidden for watch unless sendInitialEvents is provided"
        yield forbidden_field(_MATCH, said)
    if match and match != known:
        yield unsupported(_MATCH, match, (known,))


def page(store: Store, place: Place, query: dict[str, str]) -> Page:
    """The page that a request is about. Raises 400, 410 for one of a list too long ago, 504 for a version to come."""
    matches = selection(place, query)
    limit = number(query, "limit")
    resource = place.kind.store_as
    start: tuple[str, str] | None = None
    if token := query.get("continue"):
        if query.get("resourceVersion", "") not in ("", "0"):
            raise bad_request("specifying resource version is not allowed when using continue")
        version, start = _read(token)
        items = store.items_at(resource, place.namespace, version, _TOO_OLD_PAGE)
    else:
        wanted = read_version(query.get("resourceVersion", ""))
        if query.get("resourceVersionMatch") == "Exact" and wanted is not None:
            version = wanted
            items = store.items_at(resource, place.namespace, wanted, _TOO_OLD_LIST)
        else:
            if wanted is not None:
                store.check(wanted)
            items, version = store.items(resource, place.namespace)
    if start is not None:
        items = [item for item in items if (item.key.namespace, item.key.name) > start]
    if matches is not None:
        items = [item for item in items if matches(item.body)]
    meta: dict[str, Any] = {"resourceVersion": str(version)}
    if limit is not None and len(items) > limit:
        last = items[limit - 1].key
        meta["continue"] = _token(version, (last.namespace, last.name))
        if matches is None:
            meta["remainingItemCount"] = len(items) - limit
        items = items[:limit]
    return Page(items, meta)


def _token(version: int, start: tuple[str, str]) -> str:
    text = json.dumps({"v": "meta.k8s.io/v1", "rv": version, "start": start})
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(token: str) -> tuple[int, tuple[str, str]]:
    try:
        body = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        namespace, name = body["start"]
        return int(body["rv"]), (str(namespace), str(name))
    except (ValueError, KeyError, TypeError) as error:
        raise StatusError(
            400,
            "BadRequest",
            "invalid continue token: continue key is not valid: it was not made by this server",
        ) from error
