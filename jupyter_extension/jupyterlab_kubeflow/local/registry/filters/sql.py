"""The condition that an :data:`Expression` is."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Boolean, and_, false, func, literal, or_, true

from jupyterlab_kubeflow.local.registry.errors import RegistryError

from .entity import Column, Entity, Type, Values
from .grammar import Comparison, Expression, Value
from .patterns import MAX_LENGTH, glob

_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_PATTERNS = ("LIKE", "ILIKE")
_TYPES = {
    "string_value": Type.TEXT,
    "int_value": Type.INTEGER,
    "double_value": Type.DOUBLE,
    "bool_value": Type.BOOLEAN,
}
_NUMBER = re.compile(r"[-+]?(\d{1,18}|\d*\.\d+([eE][-+]?\d{1,3})?|\d+[eE][-+]?\d{1,3})", re.ASCII)


def condition(expression: Expression, entity: Entity) -> Column:
    """The rows of the entity's table for which ``expression`` holds.

    A comparison with what an object does not have holds for none, ``!=`` too. A name that is no field's is that of a custom property, whose
    type is the one that is named, or else that of the value; a whole number is also compared with numbers that need not be whole. Raises
    400 for a value that is not of the field's type.
    """
    if isinstance(expression, Comparison):
        return _comparison(expression, entity)
    parts = [condition(part, entity) for part in expression.parts]
    return and_(true(), *parts) if expression.operator == "AND" else or_(false(), *parts)


def _comparison(given: Comparison, entity: Entity) -> Column:
    if given.operator in _PATTERNS and not all(isinstance(each, str) for each in given.values):
        raise _refusal(
            given, f"is compared by {given.operator}, which takes a pattern between quotes"
        )
    if given.operator != "IN" and len(given.values) != 1:
        raise _refusal(given, f"is compared with one value by {given.operator}. Use IN for a list")
    field = entity.field(given.name)
    if field is not None:
        return _compare(given, field.column, field.type)
    custom = entity.custom(given.name, lambda values: _among(given, values))
    stored = entity.stored(given.name)
    return _any(custom, _among(given, stored)) if stored else custom


def _among(given: Comparison, columns: Values) -> Column:
    """Whether the value of one of the types passes."""
    if given.type is not None:
        kind = _TYPES[given.type]
        return _compare(given, columns[kind], kind) if kind in columns else false()
    tests = []
    for kind, column in columns.items():
        values = [value for value in given.values if kind in _types_of(value)]
        if values:
            tests.append(_test(given, column, kind, values))
    return _any(*tests)


def _any(*tests: Column) -> Column:
    """One of the tests, as one part of what it is joined with: SQLAlchemy would join the tests with it, and SQLite bounds how many may be."""
    if len(tests) < 2:
        return tests[0] if tests else false()
    return func.coalesce(or_(*tests), false(), type_=Boolean())


def _types_of(value: Value) -> tuple[Type, ...]:
    if isinstance(value, bool):
        return (Type.BOOLEAN,)
    if isinstance(value, int):
        return (Type.INTEGER, Type.DOUBLE)
    return (Type.DOUBLE,) if isinstance(value, float) else (Type.TEXT,)


def _compare(given: Comparison, column: Column, kind: Type) -> Column:
    return _test(given, column, kind, [_coerced(given, value, kind) for value in given.values])


def _test(given: Comparison, column: Column, kind: Type, values: Sequence[Value]) -> Column:
    if given.operator == "IN":
        return column.in_(values)
    [value] = values
    if given.operator in _COMPARISONS:
        return _COMPARISONS[given.operator](column, literal(value, column.type))
    if kind is not Type.TEXT:
        raise _refusal(given, f"is {kind.value}, which {given.operator} cannot compare")
    pattern = str(value)
    if len(pattern) > MAX_LENGTH:
        raise _refusal(given, f"is compared with a pattern of more than {MAX_LENGTH} characters")
    return column.op("GLOB", is_comparison=True)(glob(pattern, fold=given.operator == "ILIKE"))


def _coerced(given: Comparison, value: Value, kind: Type) -> Value:
    """The value in the type ``kind``: a number and a boolean may be written as text."""
    if kind in _types_of(value):
        return value
    if kind is Type.INTEGER and isinstance(value, float):
        return value
    if isinstance(value, str):
        if kind is Type.BOOLEAN and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if kind in (Type.INTEGER, Type.DOUBLE) and _NUMBER.fullmatch(value):
            return float(value) if set(value) & set(".eE") else int(value)
    remedy = ". Put the value between quotes" if kind is Type.TEXT else ""
    raise _refusal(given, f"is {kind.value}, which {value!r} is not{remedy}")


def _refusal(given: Comparison, problem: str) -> RegistryError:
    return RegistryError.invalid(
        f"filterQuery, at character {given.position}: {given.name} {problem}."
    )
