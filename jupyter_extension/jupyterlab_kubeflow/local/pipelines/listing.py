"""Paging and sorting of lists: ``page_token page_size sort_by filter`` of KFP v2beta1."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends
from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    SQLColumnExpression,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from jupyterlab_kubeflow.local.store.models import UtcDateTime
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import parse_time, strict_json
from .filters import Keys, column_type, conditions, expression

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 200
"""As in KFP: a larger ``page_size`` gives pages of this size."""


@dataclass
class ListQuery:
    """The query of a list request; ``page_size`` 0 means the default."""

    page_token: str = ""
    page_size: int = 0
    sort_by: str = ""
    filter: str = ""


def _list_query(
    page_token: str = "",
    page_size: int = 0,
    sort_by: str = "",
    filter: str = "",
) -> ListQuery:
    return ListQuery(page_token, page_size, sort_by, filter)


ListParameters = Annotated[ListQuery, Depends(_list_query)]


@dataclass
class Page:
    """One page. ``total`` counts all rows that match."""

    rows: Sequence[Any]
    total: int
    next_page_token: str | None

    def body(self, name: str, items: list[dict[str, Any]]) -> dict[str, Any]:
        """The JSON answer with the items under ``name``; what is empty or 0 is left out, as KFP does."""
        body = {name: items, "total_size": self.total, "next_page_token": self.next_page_token}
        return {key: value for key, value in body.items() if value}


def read_page(
    session: Session,
    statement: Select[Any],
    keys: Keys,
    identity: SQLColumnExpression[Any],
    query: ListQuery,
    *,
    default_sort: str = "created_at",
    scope: str = "",
) -> Page:
    """One page of ``statement``, which selects one entity of one table.

    A page begins after the last row of the one before, so rows that come or go in between neither repeat nor skip others.
    ``scope`` names what else narrows the list (such as the experiment): a token is good only for the list that it came from.
    """
    token = _read_token(query, scope)
    sort_text = query.sort_by.strip() or token.get("sort", "") or default_sort
    filter_text = query.filter.strip() or token.get("filter", "")
    column, descending = _sort(sort_text, keys)
    statement = statement.where(*conditions(filter_text, keys))
    narrowed = () if statement.whereclause is None else (statement.whereclause,)
    table = statement.get_final_froms()[0]
    total = session.scalar(select(func.count()).select_from(table).where(*narrowed)) or 0

    # First which rows these are, which an index alone can tell, and then the rows.
    order = (column.desc(), identity.desc()) if descending else (column.asc(), identity.asc())
    chosen = select(column, identity).select_from(table).where(*narrowed)
    if token:
        value = _decode(token["value"], column)
        chosen = chosen.where(_beyond(column, identity, value, token["id"], descending))
    size = _page_size(query.page_size)
    found = session.execute(chosen.order_by(*order).limit(size + 1)).all()
    places = {row[1]: place for place, row in enumerate(found[:size])}
    rows = session.execute(statement.add_columns(identity).where(identity.in_(places))).all()
    next_token = None
    if len(found) > size:
        value, last = found[size - 1]
        next_token = _write_token(
            {
                "value": value.isoformat() if isinstance(value, datetime) else value,
                "id": last,
                "sort": sort_text,
                "filter": filter_text,
                "scope": scope,
            }
        )
    ordered = sorted(rows, key=lambda row: places[row[-1]])
    return Page([row[0] for row in ordered], total, next_token)


def _beyond(
    column: SQLColumnExpression[Any],
    identity: SQLColumnExpression[Any],
    value: Any,
    last: str,
    descending: bool,
) -> ColumnElement[bool]:
    """What comes after the row with ``value`` and the id ``last``. SQLite puts what is not set before all else."""
    after_id = identity < last if descending else identity > last
    if value is None:
        same = column.is_(None) & after_id
        return same if descending else or_(column.is_not(None), same)
    same = (column == value) & after_id
    return or_(column < value, column.is_(None), same) if descending else or_(column > value, same)


def _page_size(size: int) -> int:
    if size < 0:
        raise ApiError.invalid(f"page_size must not be negative, but is {size}.")
    return min(size or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)


def _sort(text: str, keys: Keys) -> tuple[SQLColumnExpression[Any], bool]:
    words = text.lower().split()
    direction = words[1] if len(words) == 2 else "asc"
    if not words or len(words) > 2 or direction not in ("asc", "desc"):
        raise ApiError.invalid(f'sort_by must be "KEY", "KEY asc" or "KEY desc", not "{text}".')
    return expression(words[0], keys, "sort_by"), direction == "desc"


def _decode(value: Any, column: SQLColumnExpression[Any]) -> Any:
    kind = column_type(column)
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return parse_time(value, "page_token")
    wanted = (int, float) if isinstance(kind, (Integer, Float)) else str
    if not isinstance(value, wanted) or (type(value) is int and abs(value) >= 2**63):
        raise ApiError.invalid("page_token is not one that this server gave.")
    return value


def _write_token(token: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(token).encode()).decode().rstrip("=")


def _read_token(query: ListQuery, scope: str) -> dict[str, Any]:
    if not query.page_token:
        return {}
    try:
        padded = query.page_token + "=" * (-len(query.page_token) % 4)
        token = strict_json(json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)))
        known = (
            isinstance(token, dict)
            and "value" in token
            and all(isinstance(token.get(key), str) for key in ("id", "sort", "filter", "scope"))
        )
    except (ValueError, RecursionError):
        known = False
    if not known:
        raise ApiError.invalid(
            "page_token is not one that this server gave. Leave it out to read from the start."
        )
    same = (
        token["scope"] == scope
        and query.sort_by.strip() in ("", token["sort"])
        and query.filter.strip() in ("", token["filter"])
    )
    if not same:
        raise ApiError.invalid(
            "page_token belongs to a list with another sort_by, filter or parent. Leave it out to read from the start."
        )
    return dict(token)
