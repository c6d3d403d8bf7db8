"""The one table of kinds: what ``resources.json.gz`` (made by ``scripts/kubernetes_schemas.py``) says of each, by group, version and plural."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from .schema import Node, Schemas

SHARED = "shared."
"""What the names of definitions begin with that only save room in the table."""


@dataclass(frozen=True, eq=False)
class Kind:
    """One version of a resource.

    ``status``: it has a status subresource. ``storage``: the version that is kept; others differ by their schema only. ``strategic``: takes
    strategic merge patches (Kubernetes' own kinds). ``columns``: ``additionalPrinterColumns`` of the CRD. ``scale``: the paths of its scale
    subresource (``specReplicasPath`` …), None when it has none.
    """

    group: str
    version: str
    kind: str
    plural: str
    singular: str
    namespaced: bool
    status: bool
    storage: bool
    strategic: bool
    node: Node
    document: dict[str, Any] = field(repr=False)
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    columns: tuple[dict[str, Any], ...] = ()
    scale: dict[str, str] | None = None

    @property
    def api_version(self) -> str:
        """``GROUP/VERSION``, or ``v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """``PLURAL.GROUP``, or ``PLURAL``: the same for all versions."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def store_as(self) -> str:
        """Under which resource its objects are kept: both kinds of events are one."""
        return "events" if self.kind == "Event" else self.resource


class Kinds:
    """All kinds, in order."""

    def __init__(
        self, kinds: list[Kind], schemas: Schemas, messages: dict[str, dict[str, list[str]]]
    ) -> None:
        self.all = kinds
        self.schemas = schemas
        self.messages = messages
        self._by_path = {(kind.group, kind.version, kind.plural): kind for kind in kinds}
        self._stored = {kind.store_as: kind for kind in kinds if kind.storage}

    def find(self, group: str, version: str, plural: str) -> Kind | None:
        """The kind at a path, None when it is not served."""
        return self._by_path.get((group, version, plural))

    def stored(self, store_as: str) -> Kind:
        """The version in which a resource is kept. Raises ``KeyError`` for an unknown one."""
        return self._stored[store_as]

    def of(self, api_version: str, kind: str) -> Kind:
        """The kind of an object. Raises ``KeyError`` for an unknown one."""
        for each in self.all:
            if each.kind == kind and each.api_version == api_version:
                return each
        raise KeyError(f"{api_version} {kind}")

    def groups(self) -> dict[str, list[str]]:
        """Group → its versions, the preferred one first."""
        found: dict[str, list[str]] = {}
        for kind in self.all:
            versions = found.setdefault(kind.group, [])
            if kind.version not in versions:
                versions.append(kind.version)
        return {group: sorted(versions, key=_priority) for group, versions in found.items()}

    def resources(self) -> list[str]:
        """What objects are kept under."""
        return list(self._stored)


def _priority(version: str) -> tuple[int, int, int]:
    """Kubernetes' order: stable before beta before alpha, newer before older."""
    for rank, mark in enumerate(("beta", "alpha"), 1):
        if mark in version:
            major, _, minor = version[1:].partition(mark)
            return rank, -int(major), -int(minor or 0)
    return 0, -int(version[1:]), 0


@cache
def kinds() -> Kinds:
    """The table; read once."""
    with gzip.open(Path(__file__).parent / "resources.json.gz", "rt", encoding="utf-8") as file:
        body = json.load(file)
    schemas = Schemas(body["definitions"])
    return Kinds(
        [
            Kind(
                group=each["group"],
                version=each["version"],
                kind=each["kind"],
                plural=each["plural"],
                singular=each["singular"],
                namespaced=each["namespaced"],
                status=each["status"],
                storage=each["storage"],
                strategic="columns" not in each,
                node=schemas.root(each["schema"], custom="columns" in each),
                document=each["schema"],
                short_names=tuple(each["shortNames"]),
                categories=tuple(each["categories"]),
                columns=tuple(each.get("columns", ())),
                scale=each.get("scale"),
            )
            for each in body["kinds"]
        ],
        schemas,
        body["messages"],
    )
