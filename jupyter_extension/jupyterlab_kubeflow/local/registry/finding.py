"""The registry's objects found and listed. All are functions of a connection that reads."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from .bodies import written
from .errors import RegistryError
from .kinds import (
    ARTIFACTS,
    METRIC_HISTORY,
    MODEL_VERSION,
    REGISTERED_MODEL,
    Kind,
    whole,
)
from .models import Artifact, Attribution
from .paging import Page
from .store import Row, get


@dataclass(frozen=True)
class Wanted:
    """Which objects: of ``kinds``, which are of one family; ``scope``: children of this context, or artifacts that belong to it."""

    kinds: Collection[Kind]
    scope: int | None = None
    name: str | None = None
    external_id: str | None = None

    def select(self) -> Select[Any]:
        """Their rows, in no order."""
        kind, *_ = self.kinds
        table = kind.table.__table__
        rows = select(table).where(table.c.kind.in_([each.key for each in self.kinds]))
        if self.name is not None:
            rows = rows.where(table.c.name == self.name)
        if self.external_id is not None:
            rows = rows.where(table.c.external_id == self.external_id)
        if self.scope is None:
            return rows
        if kind.table is Artifact:
            return _of_context(rows, self.scope)
        return rows.where(table.c.scope == self.scope)


def _of_context(rows: Select[Any], context: int) -> Select[Any]:
    return rows.join(Attribution, Attribution.artifact_id == Artifact.id).where(
        Attribution.context_id == context
    )


def find(connection: Connection, wanted: Wanted) -> Row:
    """The one object with this name (in ``scope``, where names are unique there only) or external id.

    400 when neither is given, 404 when there is none, or more than one.
    """
    kind, *more = wanted.kinds
    words = "artifact" if more else kind.words
    scoped = kind.parent is not None or kind.table is Artifact
    if wanted.external_id is None and (wanted.name is None or (scoped and wanted.scope is None)):
        needed = "(name and parentResourceId), or externalId" if scoped else "name or externalId"
        raise RegistryError.invalid(f"invalid parameters call, supply either {needed}")
    rows = connection.execute(wanted.select().limit(2)).mappings().all()
    if len(rows) != 1:
        parent = f"parentResourceId={wanted.scope or ''}, " if scoped else ""
        raise RegistryError.not_found(
            f"{'multiple' if rows else 'no'} {words}s found for name={wanted.name or ''}, {parent}externalId={wanted.external_id or ''}"
        )
    return dict(rows[0])


def list_page(connection: Connection, kind: Kind, rows: Select[Any], page: Page) -> str:
    """One page of ``rows`` of the family of ``kind``, as a list on the wire, as JSON."""
    found = connection.execute(page.select(rows, kind.table.__table__)).mappings().all()
    shown = found[: page.size] if page.size else found
    token = page.token(dict(shown[-1])) if len(found) > len(shown) else ""
    items = ",".join([written(kind, dict(row)) for row in shown])
    return f'{{"items":[{items}],"nextPageToken":"{token}","pageSize":{page.size},"size":{len(shown)}}}'


def history(run: int | None, name: str | None, steps: str | None) -> Select[Any]:
    """The points in the histories of metrics: of this run, this name and these steps (separated by commas). 400 for a step that is none."""
    rows = select(Artifact.__table__).where(Artifact.kind == METRIC_HISTORY)
    if name:
        rows = rows.where(Artifact.name == name)
    if numbers := [_step(each) for each in (steps or "").split(",") if each.strip()]:
        rows = rows.where(func.json_extract(Artifact.properties, "$.step").in_(numbers))
    return rows if run is None else _of_context(rows, run)


def _step(text: str) -> int:
    number = whole(text.strip())
    if number is None:
        raise RegistryError.invalid(f"invalid step ID {text.strip()!r}: must be a valid integer")
    return number


def artifact_kinds(artifact_type: str | None) -> Collection[Kind]:
    """The kinds of artifact that ``artifactType`` of a list asks for; all, when it is missing or empty. Raises 400."""
    if not artifact_type:
        return list(ARTIFACTS.values())
    if artifact_type not in ARTIFACTS:
        raise RegistryError.invalid(
            f"artifactType: must be one of {', '.join(ARTIFACTS)}, not {artifact_type!r}."
        )
    return [ARTIFACTS[artifact_type]]


def artifact(connection: Connection, ident: int) -> Row:
    """The artifact of any kind, or 404."""
    table = Artifact.__table__
    found = connection.execute(
        select(table).where(table.c.id == ident, table.c.kind != METRIC_HISTORY)
    ).mappings()
    row = found.first()
    if row is None:
        raise RegistryError.not_found(f"no artifact found for id {ident}")
    return dict(row)


def served_model(connection: Connection, service: Row) -> Row:
    """The registered model of an inference service."""
    return get(
        connection, REGISTERED_MODEL, int(json.loads(service["properties"])["registeredModelId"])
    )


def served_version(connection: Connection, service: Row) -> Row:
    """The version that an inference service serves: the one that it names, else the latest of its model. 404 when there is none."""
    named = json.loads(service["properties"])
    if version := named.get("modelVersionId"):
        return get(connection, MODEL_VERSION, int(version))
    latest = Wanted([MODEL_VERSION], scope=int(named["registeredModelId"])).select()
    page = Page(size=1, order="created_at", descending=True)
    table = MODEL_VERSION.table.__table__
    row = connection.execute(page.select(latest, table)).mappings().first()
    if row is None:
        raise RegistryError.not_found(f"no model versions found for id {service['id']}")
    return dict(row)
