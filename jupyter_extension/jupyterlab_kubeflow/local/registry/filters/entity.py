"""What the names in a ``filterQuery`` mean for a kind of object, in terms of its table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Float,
    String,
    case,
    cast,
    func,
    select,
)

from jupyterlab_kubeflow.local.registry.kinds import METRIC, Kind
from jupyterlab_kubeflow.local.registry.models import Artifact

Column = ColumnElement[Any]


class Type(Enum):
    """What a value is; the value is the word for it in messages."""

    TEXT = "a text"
    INTEGER = "a whole number"
    DOUBLE = "a number"
    BOOLEAN = "true or false"


@dataclass(frozen=True)
class Field:
    """A field of the API: where it is, and what it is."""

    column: Column
    type: Type


Values = Mapping[Type, Column]
"""A property that may hold values of several types: the column of each, NULL where the value is of another."""

_COLUMNS = {
    "id": ("id", Type.INTEGER),
    "name": ("name", Type.TEXT),
    "externalId": ("external_id", Type.TEXT),
    "createTimeSinceEpoch": ("created_at", Type.INTEGER),
    "lastUpdateTimeSinceEpoch": ("updated_at", Type.INTEGER),
}
_INTEGERS = frozenset(
    {
        "registeredModelId",
        "modelVersionId",
        "servingEnvironmentId",
        "experimentId",
        "experimentRunId",
        "startTimeSinceEpoch",
        "endTimeSinceEpoch",
        "timestamp",
        "step",
    }
)
_PLAIN = re.compile(r'[^"\\\x00-\x1f]+')
_OF_RUN = ("experimentId", "experimentRunId")
_LISTS = frozenset({"language", "tasks"})
_CARD = frozenset(
    {
        "description",
        "readme",
        "maturity",
        "provider",
        "logo",
        "license",
        "licenseLink",
        "libraryName",
    }
)
"""Fields that upstream does not know as such: it finds them among all properties, where a custom one may have the same name."""


@dataclass(frozen=True)
class Entity:
    """What can be filtered: the objects of ``kind``, or with ``others`` also those of further kinds of the same table.

    The fields of artifacts of several kinds are those of ``kind``, for upstream those of model artifacts; what the others have besides is
    found under the names that it is kept by.
    """

    kind: Kind
    others: tuple[Kind, ...] = ()

    def field(self, name: str) -> Field | None:
        """The field that has this name in the API."""
        if name in _COLUMNS:
            column, kind = _COLUMNS[name]
            return Field(self._table.c[column], kind)
        if name not in _names(self.kind) or name in _CARD:
            return None
        return self._field(name)

    def stored(self, name: str) -> Values:
        """What else is kept under the name, besides custom properties: a field's value, under the name that upstream keeps it by."""
        for kind in (self.kind, *self.others):
            for each in _names(kind):
                if name == _snake(each) or (name == each and name in _CARD):
                    return self._value if each == "value" else Entity(kind)._stored(each)
        return {}

    def custom(self, name: str, test: Callable[[Values], Column]) -> Column:
        """Whether there is a custom property of the name that passes ``test``."""
        column = self._table.c.custom_properties
        if _PLAIN.fullmatch(name):
            return test(_typed(column, f'$."{name}"'))
        # A path cannot have what JSON escapes.
        each = func.json_each(column).table_valued("key", "value")
        return (
            select(each.c.key).where(each.c.key == name, test(_typed(each.c.value, "$"))).exists()
        )

    def _stored(self, name: str) -> Values:
        field = self._field(name)
        return {field.type: field.column}

    def _field(self, name: str) -> Field:
        if name == self.kind.parent:
            return Field(self._table.c.scope, Type.INTEGER)
        if name in _INTEGERS:
            return Field(cast(self._property(name, String()), BigInteger), Type.INTEGER)
        if name == "value" and self.kind is METRIC:
            return Field(self._property(name, Float()), Type.DOUBLE)
        return Field(self._property(name, String()), Type.TEXT)

    @property
    def _table(self) -> Any:
        return self.kind.table.__table__

    @property
    def _value(self) -> Values:
        """The ``value`` of a parameter, a text, or of a metric, a number."""
        text = func.json_type(self._table.c.properties, "$.value") == "text"
        return {
            Type.TEXT: case((text, self._property("value", String()))),
            Type.DOUBLE: case((~text, self._property("value", Float()))),
        }

    def _property(self, name: str, kind: Any) -> Column:
        return func.json_extract(self._table.c.properties, f"$.{name}", type_=kind)


def _typed(column: Column, path: str) -> Values:
    """The custom property at the path in a column of JSON, by its type."""

    def part(name: str, kind: Any) -> Column:
        return func.json_extract(column, f"{path}.{name}", type_=kind)

    return {
        Type.TEXT: part("string_value", String()),
        Type.INTEGER: cast(part("int_value", String()), BigInteger),
        Type.DOUBLE: part("double_value", Float()),
        Type.BOOLEAN: part("bool_value", Boolean()),
    }


def _names(kind: Kind) -> list[str]:
    """The fields that a query can name, besides those that every kind has."""
    names = [name for name in kind.fields if name not in _LISTS]
    return [*names, *_OF_RUN] if kind.table is Artifact else names


@cache
def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)
