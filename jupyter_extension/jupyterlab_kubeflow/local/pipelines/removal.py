"""What goes with a run that is deleted, and what stays because other runs know it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import ColumnElement, Select, or_, select

from jupyterlab_kubeflow.local.store.models import Artifact, ArtifactTask, Run

from .services import Services
from .specs import drop_unused_specs


def used_elsewhere(services: Services, run_id: str) -> list[str]:
    """The paths of the run's artifacts that other runs know as well: read, taken from the cache, imported or reported, or a file in them.

    Each is that of an artifact of its own, ``artifacts/RUN_ID/TASK_ID/NAME``.
    """
    folder = services.home.artifacts / run_id
    resolved = services.home.root.resolve() / folder.relative_to(services.home.root)
    begins = {str(folder), str(resolved), folder.as_uri(), resolved.as_uri()}
    below = or_(*((Artifact.uri >= f"{one}/") & (Artifact.uri < f"{one}0") for one in begins))
    with services.database.read() as session:
        uris = session.scalars(
            select(Artifact.uri).where(
                below, Artifact.id.in_(_artifacts_of(ArtifactTask.run_id != run_id))
            )
        ).all()
    found: set[str] = set()
    for uri in uris:
        path = Path(unquote(urlsplit(uri).path) if uri.startswith("file:") else uri)
        for root in (folder, resolved):
            if path.is_relative_to(root):
                found.add(str(resolved.joinpath(*path.relative_to(root).parts[:2])))
    return sorted(found)


def remove_records(services: Services, run_id: str) -> None:
    """Removes the run's records. An artifact goes with the last run that knows it."""
    with services.database.write() as session:
        run = session.get(Run, run_id)
        if run is None:
            return
        doomed = session.scalars(
            select(Artifact).where(
                Artifact.id.in_(_artifacts_of(ArtifactTask.run_id == run_id)),
                Artifact.id.not_in(_artifacts_of(ArtifactTask.run_id != run_id)),
            )
        ).all()
        for artifact in doomed:
            session.delete(artifact)
        digest = run.spec_digest
        session.delete(run)
        drop_unused_specs(session, {digest})


def _artifacts_of(condition: ColumnElement[bool]) -> Select[Any]:
    return select(ArtifactTask.artifact_id).where(condition)
