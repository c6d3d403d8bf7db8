"""Paging, sorting and filtering of lists: ``page_token page_size sort_by filter`` of KFP v2beta1 (``v2beta1Filter``)."""

from __future__ import annotations

import base64
import json
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Annotated, Any, cast

from fastapi import Depends
from sqlalchemy import ColumnElement, Select, SQLColumnExpression, String, func, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from jupyterlab_kubeflow.local.store.models import UtcDateTime
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import field, parse_time, strict_json

DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 200
"""As in KFP: a larger ``page_size`` gives pages of this size."""

_OPERATIONS = (
    "OPERATION_UNSPECIFIED",
    "EQUALS",
    "NOT_EQUALS",
    "GREATER_THAN",
    "GREATER_THAN_EQUALS",
    "LESS_THAN",
    "LESS_THAN_EQUALS",
    "IN",
    "IS_SUBSTRING",
)
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "EQUALS": operator.eq,
    "GREATER_THAN": operator.gt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN": operator.lt,
    "LESS_THAN_EQUALS": operator.le,
}
_BEYOND = 2**63
_SINGLE = ("string_value", "timestamp_value", "long_value", "int_value")
_MULTIPLE = ("string_values", "long_values", "int_values")

Keys = Mapping[str, SQLColumnExpression[Any]]
"""What a list may be sorted and filtered by: the API's key and the column."""


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
        """The JSON answer with the items under ``name``."""
        body: dict[str, Any] = {name: items, "total_size": self.total}
        if self.next_page_token:
            body["next_page_token"] = self.next_page_token
        return body


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
    """One page of ``statement``.

    A page begins after the last row of the one before, so rows that come or go in between neither repeat nor skip others.
    ``scope`` names what else narrows the list (such as the experiment): a token is good only for the list that it came from.
    """
    token = _read_token(query, scope)
    sort_text = query.sort_by.strip() or token.get("sort", "") or default_sort
    filter_text = query.filter.strip() or token.get("filter", "")
    column, descending = _sort(sort_text, keys)
    for condition in _conditions(filter_text, keys):
        statement = statement.where(condition)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0

    key = _without_null(column)
    if token:
        value = _decode(token["value"], column)
        beyond = key < value if descending else key > value
        beyond_id = identity < token["id"] if descending else identity > token["id"]
        statement = statement.where(or_(beyond, (key == value) & beyond_id))
    order = (key.desc(), identity.desc()) if descending else (key.asc(), identity.asc())
    size = _page_size(query.page_size)
    found = session.execute(
        statement.add_columns(key, identity).order_by(*order).limit(size + 1)
    ).all()
    rows = [row[0] for row in found[:size]]
    next_token = None
    if len(found) > size:
        last = found[size - 1]
        next_token = _write_token(
            {
                "value": _encode(last[-2]),
                "id": last[-1],
                "sort": sort_text,
                "filter": filter_text,
                "scope": scope,
            }
        )
    return Page(rows, total, next_token)


def _page_size(size: int) -> int:
    if size < 0:
        raise ApiError.invalid(f"page_size must not be negative, but is {size}.")
    return min(size or DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)


def _sort(text: str, keys: Keys) -> tuple[SQLColumnExpression[Any], bool]:
    words = text.split()
    direction = words[1].lower() if len(words) == 2 else "asc"
    if not words or len(words) > 2 or direction not in ("asc", "desc"):
        raise ApiError.invalid(f'sort_by must be "KEY", "KEY asc" or "KEY desc", not "{text}".')
    return _column(words[0], keys, "sort_by"), direction == "desc"


def _column(key: str, keys: Keys, where: str) -> SQLColumnExpression[Any]:
    if key not in keys:
        raise ApiError.invalid(f'{where} cannot use the key "{key}"; it knows {", ".join(keys)}.')
    return keys[key]


def _type(column: SQLColumnExpression[Any]) -> TypeEngine[Any]:
    return cast("ColumnElement[Any]", column).type


def _is_time(column: SQLColumnExpression[Any]) -> bool:
    return isinstance(_type(column), UtcDateTime)


def _without_null(column: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    if not getattr(column, "nullable", False):
        return column
    lowest: Any = datetime.min.replace(tzinfo=timezone.utc) if _is_time(column) else ""
    if not _is_time(column) and not isinstance(_type(column), String):
        lowest = -1
    return func.coalesce(column, lowest, type_=_type(column))


def _conditions(text: str, keys: Keys) -> list[ColumnElement[bool]]:
    if not text:
        return []
    try:
        body = strict_json(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise ApiError.invalid(f"filter is not JSON: {error}.") from error
    predicates = body.get("predicates", []) if isinstance(body, dict) else None
    if not isinstance(predicates, list) or not all(isinstance(one, dict) for one in predicates):
        raise ApiError.invalid('filter must be an object {"predicates": [{…}, …]}.')
    return [_condition(one, keys) for one in predicates]


def _condition(predicate: dict[str, Any], keys: Keys) -> ColumnElement[bool]:
    operation = _operation(predicate.get("operation"))
    column = _column(str(predicate.get("key", "")), keys, "filter")
    name, given = _value(predicate)
    if operation == "IN":
        values = field(given, "values") if isinstance(given, dict) else None
        if name not in _MULTIPLE or not isinstance(values, list):
            raise ApiError.invalid(
                'filter: IN wants a list, for example "string_values": {"values": ["a", "b"]}.'
            )
        return column.in_([_coerce(one, column) for one in values])
    if name not in _SINGLE:
        raise ApiError.invalid(f"filter: {operation} wants one of {', '.join(_SINGLE)}.")
    if operation == "IS_SUBSTRING":
        return column.contains(str(given), autoescape=True)
    value = _coerce(given, column)
    if operation == "NOT_EQUALS":
        return column.is_distinct_from(value)
    return cast("ColumnElement[bool]", _COMPARISONS[operation](column, value))


def _operation(given: Any) -> str:
    name = given
    if isinstance(given, int) and not isinstance(given, bool) and 0 < given < len(_OPERATIONS):
        name = _OPERATIONS[given]
    if name not in _OPERATIONS[1:]:
        raise ApiError.invalid(
            f"filter does not know the operation {given!r}; it knows {', '.join(_OPERATIONS[1:])}."
        )
    return str(name)


def _value(predicate: dict[str, Any]) -> tuple[str, Any]:
    found = [
        (name, value)
        for name in (*_SINGLE, *_MULTIPLE)
        if (value := field(predicate, name)) is not None
    ]
    if len(found) != 1:
        raise ApiError.invalid(
            f'filter: the predicate on "{predicate.get("key")}" must hold exactly one value.'
        )
    return found[0]


def _coerce(value: Any, column: SQLColumnExpression[Any]) -> Any:
    if _is_time(column):
        if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
            try:
                return datetime.fromtimestamp(int(value), timezone.utc)
            except (OverflowError, ValueError, OSError):
                raise ApiError.invalid(f"filter: {value} is not a time in seconds.") from None
        return parse_time(value, "filter")
    if isinstance(_type(column), String):
        return str(value)
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = _BEYOND
    if abs(number) >= _BEYOND:
        raise ApiError.invalid(f"filter: {value!r} is not a whole number of 64 bits.")
    return number


def _encode(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _decode(value: Any, column: SQLColumnExpression[Any]) -> Any:
    if _is_time(column):
        return parse_time(value, "page_token")
    fits = isinstance(value, str) if isinstance(_type(column), String) else type(value) is int
    if not fits or (isinstance(value, int) and abs(value) >= _BEYOND):
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
