"""Pages of a list: size, order and the token of the next one, as upstream (``internal/platform/db/scopes/paginate.go``)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_
from sqlalchemy.sql.selectable import FromClause

from .errors import RegistryError
from .kinds import whole

_ORDERS = {"ID": "id", "CREATE_TIME": "created_at", "LAST_UPDATE_TIME": "updated_at"}
_DIRECTIONS = ("ASC", "DESC")
_LAST_ID = 1 << 31


@dataclass(frozen=True)
class Page:
    """What is asked for: ``size`` rows at most (0: all), ordered by the column ``order``, then by id, after the row ``after``
    (value of the order's column and id)."""

    size: int = 0
    order: str = "id"
    descending: bool = False
    after: tuple[int, int] | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Page:
        """Of the parameters ``pageSize``, ``orderBy``, ``sortOrder`` and ``nextPageToken``; an empty one counts as none. Raises 400."""
        size = whole(query.get("pageSize") or "0")
        if size is None or not -_LAST_ID <= size < _LAST_ID:
            raise RegistryError.invalid(
                f"pageSize: must be a whole number, not {query['pageSize']!r}."
            )
        order = _choice(query, "orderBy", tuple(_ORDERS))
        direction = _choice(query, "sortOrder", _DIRECTIONS)
        return cls(max(size, 0), _ORDERS[order], direction == "DESC", _after(query))

    def select(self, rows: Select[Any], table: FromClause) -> Select[Any]:
        """The rows of this page of ``rows``, and one more if there is a next page."""
        column, ident = table.c[self.order], table.c["id"]
        columns = [ident] if self.order == "id" else [column, ident]
        if self.after:
            rows = rows.where(self._behind(column, ident, *self.after))
        rows = rows.order_by(*(each.desc() if self.descending else each for each in columns))
        return rows.limit(self.size + 1) if self.size else rows

    def _behind(
        self, column: ColumnElement[Any], ident: ColumnElement[Any], value: int, last: int
    ) -> ColumnElement[bool]:
        def behind(each: ColumnElement[Any], than: int) -> ColumnElement[bool]:
            return each < than if self.descending else each > than

        if self.order == "id":
            return behind(ident, last)
        return or_(behind(column, value), and_(column == value, behind(ident, last)))

    def token(self, row: Mapping[str, Any]) -> str:
        """The token of the page after the row."""
        return base64.b64encode(f"{row['id']}:{row[self.order]}".encode()).decode()


def _choice(query: Mapping[str, str], name: str, values: tuple[str, ...]) -> str:
    value = query.get(name) or values[0]
    if value not in values:
        raise RegistryError.invalid(f"{name}: must be one of {', '.join(values)}, not {value!r}.")
    return value


def _after(query: Mapping[str, str]) -> tuple[int, int] | None:
    token = query.get("nextPageToken")
    if not token:
        return None
    try:
        ident, _, value = base64.b64decode(token, validate=True).decode().partition(":")
        last = whole(ident)
        # A token of a page in no order says no value.
        behind = whole(value) if value else last
    except (binascii.Error, ValueError):
        last = behind = None
    if last is None or behind is None or max(abs(last), abs(behind)) >= 1 << 63:
        raise RegistryError.invalid(
            "invalid nextPageToken: give that of the page before, or none for the first page."
        )
    return behind, last
