"""The forms in which objects are answered: as they are, as a ``Table``, or their metadata only."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import conversion, errors
from .columns import columns

if TYPE_CHECKING:
    from .history import Item
    from .kinds import Kind

ACCEPTED = ("application/json", "application/yaml", "application/json;stream=watch")


def compact(value: Any) -> str:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Form:
    """What a client accepts: ``name`` is ``""`` (objects), ``Table`` or ``PartialObjectMetadata``; ``include`` is a table's ``includeObject``."""

    name: str = ""
    include: str = "Metadata"

    @classmethod
    def accepted(cls, header: str, include: str = "") -> Form:
        """The first form of an ``Accept`` header that is known. Raises 406 when there is none."""
        for part in header.split(",") if header else ["*/*"]:
            media, *rest = (each.strip() for each in part.split(";"))
            options = dict(each.split("=", 1) for each in rest if "=" in each)
            if media not in ("application/json", "*/*", "application/*"):
                continue
            wanted = options.get("as", "")
            if wanted in ("Table", "PartialObjectMetadata", "PartialObjectMetadataList"):
                if options.get("v", "v1") == "v1":
                    return cls(wanted.removesuffix("List"), include or "Metadata")
            elif not wanted:
                return cls()
        raise errors.not_acceptable(ACCEPTED)

    def one(self, kind: Kind, item: Item, *, header: bool = True) -> str:
        """The JSON of one object. ``header``: a table states its columns."""
        if self.name == "Table":
            return self._table(kind, [item], {"resourceVersion": str(item.version)}, header)
        return self._object(kind)(item)

    def many(self, kind: Kind, items: list[Item], meta: dict[str, Any]) -> str:
        """The JSON of a list with this metadata."""
        if self.name == "Table":
            return self._table(kind, items, meta, True)
        write = self._object(kind)
        name, api_version = f"{kind.kind}List", kind.api_version
        if self.name:
            name, api_version = "PartialObjectMetadataList", "meta.k8s.io/v1"
        start = compact({"kind": name, "apiVersion": api_version, "metadata": meta})
        return f'{start[:-1]},"items":[{",".join(map(write, items))}]}}'

    def _object(self, kind: Kind) -> Callable[[Item], str]:
        if self.name:
            return lambda item: compact(_metadata_only(item.body))

        def write(item: Item) -> str:
            if item.body["apiVersion"] == kind.api_version:
                return item.json
            return compact(conversion.served(kind, item.body))

        return write

    def _table(self, kind: Kind, items: list[Item], meta: dict[str, Any], header: bool) -> str:
        found = columns(kind)
        rows = []
        for item in items:
            body = conversion.served(kind, item.body)
            row: dict[str, Any] = {"cells": [cell(body) for _, cell in found]}
            if self.include == "Object":
                row["object"] = body
            elif self.include != "None":
                row["object"] = _metadata_only(body)
            rows.append(row)
        return compact(
            {
                "kind": "Table",
                "apiVersion": "meta.k8s.io/v1",
                "metadata": meta,
                "columnDefinitions": [definition for definition, _ in found] if header else [],
                "rows": rows,
            }
        )


def _metadata_only(body: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": body["metadata"],
    }
