"""Filters of lists (``v2beta1Filter``), as KFP's API server applies them (``backend/src/apiserver/filter`` of kubeflow/pipelines).

Text is compared as it is, but ``IS_SUBSTRING`` takes no notice of the case of ASCII letters. What is not set counts as empty text, as 0 or
as 1970. A time without a fraction means its whole second, since KFP knows whole seconds only.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, cast
from urllib.parse import unquote_plus

from sqlalchemy import ColumnElement, Float, Integer, SQLColumnExpression, String, func, or_, select
from sqlalchemy.types import TypeEngine

from jupyterlab_kubeflow.local.store.models import UtcDateTime
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import parse_time, strict_json
from .messages import FILTER

TAGS = "tags."
"""The key of the column with tags; ``tags.NAME`` then filters by the value of one tag."""


@dataclass(frozen=True)
class Choice:
    """A column with one of some names, which a filter may also name by number, as for KFP's enums."""

    expression: SQLColumnExpression[Any]
    names: tuple[str, ...]


Keys = Mapping[str, "SQLColumnExpression[Any] | Choice"]
"""What a list may be sorted and filtered by: the API's key and the column."""

MAX_TERMS = 200
"""So many predicates, or times of one ``IN``, a filter may hold: SQLite bounds the depth of an expression."""

MAX_SUBSTRING = 10_000
"""Characters that may be searched for: SQLite bounds the length of a pattern."""

_SCALARS = ("string_value", "timestamp_value", "long_value", "int_value")
_LISTS = ("string_values", "long_values", "int_values")

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "EQUALS": operator.eq,
    "NOT_EQUALS": operator.ne,
    "GREATER_THAN": operator.gt,
    "GREATER_THAN_EQUALS": operator.ge,
    "LESS_THAN": operator.lt,
    "LESS_THAN_EQUALS": operator.le,
}
_TIMES: dict[str, Callable[[Any, datetime, datetime], Any]] = {
    "EQUALS": lambda time, begin, end: (time >= begin) & (time < end),
    "NOT_EQUALS": lambda time, begin, end: (time < begin) | (time >= end),
    "GREATER_THAN": lambda time, _, end: time >= end,
    "GREATER_THAN_EQUALS": lambda time, begin, _: time >= begin,
    "LESS_THAN": lambda time, begin, _: time < begin,
    "LESS_THAN_EQUALS": lambda time, _, end: time < end,
}
_EPOCH = datetime.fromtimestamp(0, timezone.utc)


def conditions(text: str, keys: Keys) -> list[ColumnElement[bool]]:
    """What the filter ``text`` demands of the rows. Raises 400 that names what is wrong with it."""
    if not text:
        return []
    predicates = FILTER(_read(text), "filter").get("predicates", [])
    if len(predicates) > MAX_TERMS:
        raise ApiError.invalid(
            f"filter: at most {MAX_TERMS} predicates can be combined, not {len(predicates)}."
        )
    return [_condition(one, keys) for one in predicates]


def expression(key: str, keys: Keys, where: str) -> SQLColumnExpression[Any]:
    """The column of ``key``, or 400."""
    found = keys.get(key) if key != TAGS else None
    if found is None:
        known = [f"{name}NAME" if name == TAGS else name for name in keys]
        raise ApiError.invalid(f'{where} cannot use the key "{key}"; it knows {", ".join(known)}.')
    return found.expression if isinstance(found, Choice) else found


def column_type(column: SQLColumnExpression[Any]) -> TypeEngine[Any]:
    """The SQL type of a column or expression."""
    return cast("ColumnElement[Any]", column).type


def _read(text: str) -> Any:
    """The filter's JSON, which may also be percent-encoded once more, as KFP's own web pages do."""
    for form in (text, unquote_plus(text)):
        try:
            return strict_json(json.loads(form))
        except (ValueError, RecursionError) as error:
            problem = error
    raise ApiError.invalid(f"filter is not JSON: {problem}.")


def _condition(predicate: dict[str, Any], keys: Keys) -> ColumnElement[bool]:
    key = predicate.get("key", "")
    operation = predicate.get("operation", "OPERATION_UNSPECIFIED")
    name, given = _value(key, predicate)
    if operation not in (*_COMPARISONS, "IN", "IS_SUBSTRING"):
        raise ApiError.invalid(f'filter: the predicate on "{key}" needs an operation.')
    if (operation == "IN") != (name in _LISTS):
        wanted = _LISTS if operation == "IN" else _SCALARS
        raise ApiError.invalid(f"filter: {operation} wants one of {', '.join(wanted)}, not {name}.")
    if key.startswith(TAGS) and TAGS in keys:
        return _tag(key, operation, name, given, cast("Any", keys[TAGS]))
    column = expression(key, keys, "filter")
    if operation == "IS_SUBSTRING":
        if name != "string_value":
            raise ApiError.invalid(f"filter: IS_SUBSTRING wants a string_value, not {name}.")
        if not isinstance(column_type(column), String):
            raise ApiError.invalid(f'filter: IS_SUBSTRING wants a text, which "{key}" is not.')
        if len(given) > MAX_SUBSTRING:
            raise ApiError.invalid(
                f"filter: IS_SUBSTRING takes at most {MAX_SUBSTRING} characters, not {len(given)}."
            )
        return _or_unset(column, given == "", column.contains(given, autoescape=True))
    if operation == "IN":
        return _among(key, column, {_coerce(one, key, keys) for one in given["values"]})
    return _compare(operation, column, _coerce(given, key, keys))


def _value(key: str, predicate: dict[str, Any]) -> tuple[str, Any]:
    found = [
        (name, predicate[name]) for name in (*_SCALARS, *_LISTS) if predicate.get(name) is not None
    ]
    if len(found) != 1:
        raise ApiError.invalid(f'filter: the predicate on "{key}" must hold exactly one value.')
    name, given = found[0]
    return name, {"values": [], **given} if name in _LISTS else given


def _tag(
    key: str, operation: str, name: str, given: Any, tags: SQLColumnExpression[Any]
) -> ColumnElement[bool]:
    if operation != "EQUALS" or name != "string_value":
        raise ApiError.invalid(
            f"filter: a tag can only be compared by EQUALS with a string_value, but {key} is not."
        )
    entries = func.json_each(tags).table_valued("key", "value")
    wanted = (entries.c.key == key.removeprefix(TAGS)) & (entries.c.value == given)
    return select(entries.c.key).where(wanted).exists()


def _compare(operation: str, column: SQLColumnExpression[Any], value: Any) -> ColumnElement[bool]:
    if isinstance(value, datetime):
        begin, end = value, _end(value)
        within = _TIMES[operation]
        return _or_unset(column, within(_EPOCH, begin, end), within(column, begin, end))
    compare = _COMPARISONS[operation]
    unset = "" if isinstance(value, str) else 0
    return _or_unset(column, compare(unset, value), compare(column, value))


def _among(key: str, column: SQLColumnExpression[Any], values: set[Any]) -> ColumnElement[bool]:
    if not any(isinstance(one, datetime) for one in values):
        return _or_unset(column, bool(values & {"", 0}), column.in_(values))
    if len(values) > MAX_TERMS:
        raise ApiError.invalid(
            f'filter: IN takes at most {MAX_TERMS} times for "{key}", not {len(values)}.'
        )
    return or_(*(_compare("EQUALS", column, one) for one in values))


def _or_unset(
    column: SQLColumnExpression[Any], holds: bool, condition: ColumnElement[bool]
) -> ColumnElement[bool]:
    """The condition, or with ``holds`` that the column is not set."""
    return or_(condition, column.is_(None)) if holds else condition


def _end(time: datetime) -> datetime:
    """When the second, or with a fraction the microsecond, is over that ``time`` means."""
    try:
        return time + (timedelta(microseconds=1) if time.microsecond else timedelta(seconds=1))
    except OverflowError:
        return datetime.max.replace(tzinfo=timezone.utc)


def _coerce(given: Any, key: str, keys: Keys) -> Any:
    """The value in the type of the key's column."""
    known = keys[key]
    if isinstance(known, Choice):
        return _choice(given, key, known)
    kind = column_type(known)
    if isinstance(kind, UtcDateTime):
        return _time(given)
    if isinstance(given, datetime):
        raise ApiError.invalid(f'filter: "{key}" is not a time, so it takes no timestamp_value.')
    if not isinstance(kind, (Integer, Float)):
        return str(given)
    try:
        number = float(given) if isinstance(kind, Float) else int(given)
    except ValueError:
        number = 2**63
    if not abs(number) < 2**63:
        raise ApiError.invalid(f'filter: "{key}" is a number, and {given!r} is none.')
    return number


def _choice(given: Any, key: str, choice: Choice) -> str:
    if isinstance(given, str):
        return given
    if type(given) is not int or not 0 <= given < len(choice.names):
        raise ApiError.invalid(
            f'filter: "{key}" is one of {", ".join(choice.names)}, or its number from 0, not {given}.'
        )
    return choice.names[given]


def _time(given: Any) -> datetime:
    if isinstance(given, datetime):
        return given
    if isinstance(given, int) or given.isdecimal():
        try:
            return datetime.fromtimestamp(int(given), timezone.utc)
        except (OverflowError, ValueError, OSError):
            raise ApiError.invalid(f"filter: {given} is not a time in seconds.") from None
    return parse_time(given, "filter")
