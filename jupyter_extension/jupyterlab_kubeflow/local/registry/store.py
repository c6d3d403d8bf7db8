"""The registry's objects in its database: made, changed and got.

All are functions of a connection. Those that write are to be run by the :class:`Writer`: they see all that was written before them, and
raise :class:`RegistryError` only as long as they have changed nothing.
"""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.exc import IntegrityError

from .bodies import Given, changed
from .errors import RegistryError
from .kinds import (
    EXPERIMENT_RUN,
    INFERENCE_SERVICE,
    METRIC,
    METRIC_HISTORY,
    MODEL_VERSION,
    PARAMETER,
    REGISTERED_MODEL,
    SERVE_MODEL,
    Kind,
    read_id,
)
from .models import Artifact, Attribution, Context, Execution

Row = dict[str, Any]
"""One row of a family's table, by column."""

_TABLES = {model: model.__table__ for model in (Context, Artifact, Execution)}
_BY_ID = {
    model: select(table).where(table.c.id == bindparam("ident"), table.c.kind == bindparam("key"))
    for model, table in _TABLES.items()
}
_INSERT = {model: insert(model).inline() for model in _TABLES}
_CHANGE = {
    model: update(model)
    .where(table.c.id == bindparam("ident"))
    .values(
        {
            column: bindparam(f"new_{column}")
            for column in ("external_id", "updated_at", "properties", "custom_properties")
        }
    )
    for model, table in _TABLES.items()
}
_ATTRIBUTE = insert_or(Attribution).on_conflict_do_nothing()
_NAMED_IN_CONTEXT = (
    select(_TABLES[Artifact])
    .join(Attribution, Attribution.artifact_id == Artifact.id)
    .where(
        Attribution.context_id == bindparam("context"),
        Artifact.kind == bindparam("key"),
        Artifact.name == bindparam("name"),
    )
    .order_by(Artifact.id)
    .limit(1)
)
_REFERENCES: dict[str, dict[str, Kind]] = {
    INFERENCE_SERVICE.key: {
        "registeredModelId": REGISTERED_MODEL,
        "modelVersionId": MODEL_VERSION,
    },
    SERVE_MODEL.key: {"modelVersionId": MODEL_VERSION},
}


def get(connection: Connection, kind: Kind, ident: int) -> Row:
    """The object, or 404."""
    found = connection.execute(_BY_ID[kind.table], {"ident": ident, "key": kind.key})
    row = found.mappings().first()
    if row is None:
        raise RegistryError.not_found(f"no {kind.words} found for id {ident}")
    return dict(row)


def create(
    connection: Connection,
    kind: Kind,
    given: Given,
    scope: int | None = None,
    **own: str,
) -> Row:
    """Makes an object, within ``scope`` or the parent that it names; ``own`` are properties that the registry sets.

    404 when its parent, or what else it refers to, is not there; 409 when its name or external id is taken.
    """
    if scope is None and kind.table is Context:
        scope = given.parent or 0
    if kind.parent_kind and scope is not None:
        get(connection, kind.parent_kind, scope)
    properties = given.properties | own
    _check(connection, kind, properties)
    now = _now()
    row: Row = {
        "kind": kind.key,
        "name": given.name or str(uuid.uuid4()),
        "scope": scope,
        "external_id": given.external_id,
        "created_at": now,
        "updated_at": now,
        "properties": _json(properties),
        "custom_properties": _json(given.custom_properties or {}),
    }
    try:
        row["id"] = connection.execute(_INSERT[kind.table], row).lastrowid
    except IntegrityError as error:
        raise _taken(kind, row, error) from None
    return row


def change(connection: Connection, kind: Kind, ident: int, given: Given, **own: str) -> Row:
    """Changes what ``given`` names of an object, and sets the properties ``own``; ``customProperties`` are replaced as a whole.

    404 when it is not there, or what it is to refer to; 409 when its external id is taken.
    """
    row = get(connection, kind, ident)
    properties = json.loads(row["properties"]) | given.properties | own
    _check(connection, kind, properties, given.properties)
    row["external_id"] = given.external_id or row["external_id"]
    row["updated_at"] = max(_now(), row["updated_at"])
    row["properties"] = _json(properties)
    if given.custom_properties is not None:
        row["custom_properties"] = _json(given.custom_properties)
    try:
        connection.execute(
            _CHANGE[kind.table],
            {
                "ident": ident,
                "new_external_id": row["external_id"],
                "new_updated_at": row["updated_at"],
                "new_properties": row["properties"],
                "new_custom_properties": row["custom_properties"],
            },
        )
    except IntegrityError as error:
        raise _taken(kind, row, error) from None
    return row


def create_or_change(
    connection: Connection, kind: Kind, given: Given, scope: int
) -> tuple[Row, bool]:
    """Changes the child of ``scope`` whose id is given, or makes one; says whether one was made. 404 when the id is not that of a child."""
    if given.id is None:
        return create(connection, kind, given, scope), True
    ident = read_id(given.id, kind.words)
    if get(connection, kind, ident)["scope"] != scope:
        raise RegistryError.not_found(f"no {kind.words} found for id {ident} in {scope}")
    return change(connection, kind, ident, changed(kind, given)), False


def put_artifact(
    connection: Connection, kind: Kind, given: Given, context_kind: Kind, context: int
) -> tuple[Row, bool]:
    """Makes an artifact of a model version or experiment run; says whether one was made.

    The artifact with the id that is given, or the metric or parameter of the same name in this context, is changed instead and then belongs
    to this context too. Each value of a metric of a run is kept in its history. 404 when the context is not there, 400 when the id is not
    that of such an artifact, 409 when the name or external id is taken.
    """
    parent = get(connection, context_kind, context)
    own = (
        {"experimentId": str(parent["scope"]), "experimentRunId": str(context)}
        if context_kind is EXPERIMENT_RUN
        else {}
    )
    require_value(kind, given)
    there = _artifact_there(connection, kind, given, context)
    if there is None:
        row = create(connection, kind, given, context, **own)
    else:
        row = change(connection, kind, there, changed(kind, given), **own)
    _attribute(connection, row["id"], context)
    if own and kind is METRIC:
        _keep_history(connection, row, context)
    return row, there is None


def require_value(kind: Kind, given: Given) -> None:
    """400 for a metric without a value."""
    if kind is METRIC and "value" not in given.properties:
        raise RegistryError.invalid("metric value is required")


def _artifact_there(connection: Connection, kind: Kind, given: Given, context: int) -> int | None:
    if given.id is not None:
        ident = read_id(given.id, "artifact")
        try:
            return int(get(connection, kind, ident)["id"])
        except RegistryError:
            raise RegistryError.invalid(
                f"mismatched types, artifact with id {ident} is not a {kind.words}"
            ) from None
    if kind in (METRIC, PARAMETER) and given.name:
        found = connection.execute(
            _NAMED_IN_CONTEXT, {"context": context, "key": kind.key, "name": given.name}
        ).first()
        return found.id if found else None
    return None


def _attribute(connection: Connection, artifact: int, context: int) -> None:
    connection.execute(_ATTRIBUTE, {"context_id": context, "artifact_id": artifact})


def _keep_history(connection: Connection, metric: Row, run: int) -> None:
    point = {column: value for column, value in metric.items() if column != "id"} | {
        "kind": METRIC_HISTORY,
        "scope": None,
        "external_id": None,
        "created_at": metric["updated_at"],
    }
    _attribute(connection, connection.execute(_INSERT[Artifact], point).lastrowid, run)


def _check(connection: Connection, kind: Kind, properties: Row, named: Row | None = None) -> None:
    """What is to be kept must make sense; of references only those that are ``named`` now, or all."""
    for name, referred in _REFERENCES.get(kind.key, {}).items():
        if name in (properties if named is None else named):
            get(connection, referred, int(properties[name]))
    if kind is EXPERIMENT_RUN:
        start, end = properties.get("startTimeSinceEpoch"), properties.get("endTimeSinceEpoch")
        if start is not None and end is not None and int(end) < int(start):
            raise RegistryError.invalid(
                f"endTimeSinceEpoch ({end}) cannot be less than startTimeSinceEpoch ({start})"
            )


def _taken(kind: Kind, row: Row, error: IntegrityError) -> RegistryError:
    if "external_id" in str(error.orig):
        return RegistryError.exists(
            f"{kind.words} with externalId {row['external_id']} already exists: "
            "an external id is that of one object only"
        )
    return RegistryError.exists(f"{kind.words} with name {row['name']} already exists")


def _now() -> int:
    return time.time_ns() // 1_000_000


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
