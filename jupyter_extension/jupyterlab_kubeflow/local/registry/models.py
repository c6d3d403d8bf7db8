"""Tables of the Model Registry. They have a database file of their own, ``registry.db``, for the reasons that those of the Kubernetes API
have. A change here needs a migration in ``migrations/versions``.

There are three families, as in the registry's own database, and so three sequences of ids: contexts (registered models, versions,
environments, inference services, experiments, runs), artifacts, and executions (serve models). Nothing is ever deleted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ForeignKey, Index, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

if TYPE_CHECKING:
    from sqlalchemy.sql.schema import SchemaItem


class Base(DeclarativeBase):
    """All tables."""


class Entry:
    """One object of any kind.

    ``scope``: the id of the context within which the name is unique; NULL for an artifact that was made without one, whose name need
    not be unique. Times are milliseconds since the epoch. ``properties``: the fields of the kind by their wire names, as the JSON of the
    wire; ``custom_properties``: JSON, ``{NAME: MetadataValue}`` as on the wire.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str]
    scope: Mapped[int | None]
    external_id: Mapped[str | None]
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)
    properties: Mapped[str] = mapped_column(Text)
    custom_properties: Mapped[str] = mapped_column(Text)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[SchemaItem, ...]:
        table = cls.__tablename__  # type: ignore[attr-defined]
        return (
            Index(f"{table}_by_name", "kind", "scope", "name", unique=True),
            Index(f"{table}_by_external_id", "external_id", unique=True),
            Index(f"{table}_by_scope", "kind", "scope"),
            Index(f"{table}_by_creation", "kind", "created_at"),
            Index(f"{table}_by_update", "kind", "updated_at"),
        )


class Context(Entry, Base):
    """A registered model, model version, serving environment, inference service, experiment or experiment run.

    ``scope`` is the parent: the model of a version, the environment of a service, the experiment of a run; 0 for those without.
    """

    __tablename__ = "contexts"


class Artifact(Entry, Base):
    """An artifact of any type, or a point in the history of a metric (kind ``metric-history``)."""

    __tablename__ = "artifacts"


class Execution(Entry, Base):
    """A serve model; ``scope`` is its inference service."""

    __tablename__ = "executions"


class Attribution(Base):
    """That an artifact belongs to a model version or an experiment run; to several, if need be."""

    __tablename__ = "attributions"
    __table_args__ = ({"sqlite_with_rowid": False},)

    context_id: Mapped[int] = mapped_column(ForeignKey("contexts.id"), primary_key=True)
    artifact_id: Mapped[int] = mapped_column(ForeignKey("artifacts.id"), primary_key=True)
