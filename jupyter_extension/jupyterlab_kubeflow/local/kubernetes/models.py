"""Tables of the Kubernetes API. They have a database file of their own: its writes, of which controllers make many, wait neither for those
of pipeline runs nor hold them up, and its migrations are its own. A change here needs a migration in ``migrations/versions``."""

from __future__ import annotations

from sqlalchemy import BigInteger, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """All tables."""


class StoredObject(Base):
    """One object: its JSON, and the JSON of what each manager has applied last."""

    __tablename__ = "objects"

    resource: Mapped[str] = mapped_column(primary_key=True)
    namespace: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[str] = mapped_column(Text)
    applied: Mapped[str] = mapped_column(Text)


class LastVersion(Base):
    """The version of the last change; also of one that removed an object. A single row."""

    __tablename__ = "last_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)


class Report(Base):
    """What a training has reported once (see ``trainer.history``): the uid of its TrainJob, the version that this made, and JSON."""

    __tablename__ = "reports"
    __table_args__ = ({"sqlite_with_rowid": False},)

    uid: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    body: Mapped[str] = mapped_column(Text)


class Observation(Base):
    """A value that a Trial has reported (see ``katib.observations``), by the Trial's uid; ``position`` counts those of a source."""

    __tablename__ = "observations"
    __table_args__ = ({"sqlite_with_rowid": False},)

    uid: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    time: Mapped[str]
    metric: Mapped[str]
    value: Mapped[str] = mapped_column(Text)
