"""``/experiments`` of KFP v2beta1."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter
from sqlalchemy import literal, select, update
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.store.history import now
from jupyterlab_kubeflow.local.store.models import Experiment, RecurringRun, Run
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import answer, body, compact, format_time, name_within, text
from .filters import Keys
from .listing import ListParameters, read_page
from .messages import EXPERIMENT
from .services import Services

DEFAULT_NAME = "Default"
"""The experiment of runs that name none; it is made when the server starts and whenever it is missing."""

_KEYS: Keys = {
    "experiment_id": Experiment.id,
    "id": Experiment.id,
    "display_name": Experiment.display_name,
    "name": Experiment.display_name,
    "description": Experiment.description,
    "created_at": Experiment.created_at,
    "last_run_created_at": Experiment.last_run_created_at,
    "storage_state": Experiment.storage_state,
    "namespace": literal(""),
}

_NAME_BYTES = 128
"""As in KFP."""


def default_experiment(session: Session) -> Experiment:
    """The default experiment, made when it is missing."""
    found = session.scalar(select(Experiment).where(Experiment.display_name == DEFAULT_NAME))
    return found or _create(
        session, DEFAULT_NAME, "All runs created without specifying an experiment."
    )


def find_experiment(session: Session, experiment_id: str) -> Experiment:
    """The experiment, or 404."""
    found = session.get(Experiment, experiment_id)
    if found is None:
        raise ApiError.not_found(f"There is no experiment {experiment_id}.")
    return found


def router(services: Services) -> APIRouter:
    """List, create, get, delete, archive and unarchive."""
    routes = APIRouter(prefix="/experiments")
    database = services.database

    @routes.get("")
    def list_experiments(query: ListParameters) -> JSONResponse:
        with database.read() as session:
            page = read_page(session, select(Experiment), _KEYS, Experiment.id, query)
            return answer(page.body("experiments", [_body(row) for row in page.rows]))

    @routes.post("")
    def create_experiment(
        given: Annotated[dict[str, Any], body(EXPERIMENT)],
    ) -> JSONResponse:
        name = name_within(given.get("display_name"), _NAME_BYTES, "An experiment", "display_name")
        with database.write() as session:
            if session.scalar(select(Experiment.id).where(Experiment.display_name == name)):
                raise ApiError.exists(
                    f'An experiment "{name}" exists already. Use another display_name.'
                )
            return answer(_body(_create(session, name, text(given, "description"))))

    @routes.get("/{experiment_id}")
    def get_experiment(experiment_id: str) -> JSONResponse:
        with database.read() as session:
            return answer(_body(find_experiment(session, experiment_id)))

    @routes.delete("/{experiment_id}")
    def delete_experiment(experiment_id: str) -> JSONResponse:
        """Deletes the experiment alone: its runs stay, as in KFP. The default experiment stays too."""
        with database.write() as session:
            experiment = find_experiment(session, experiment_id)
            if experiment.display_name == DEFAULT_NAME:
                raise ApiError.aborted(
                    f'The default experiment "{DEFAULT_NAME}" cannot be deleted: runs that name no experiment go there.'
                )
            session.delete(experiment)
            return answer({})

    @routes.post("/{experiment_id}:archive")
    def archive_experiment(experiment_id: str) -> JSONResponse:
        """Archives the experiment and its runs, and disables its recurring runs."""
        with database.write() as session:
            find_experiment(session, experiment_id).storage_state = "ARCHIVED"
            session.execute(
                update(Run)
                .where(Run.experiment_id == experiment_id)
                .values(storage_state="ARCHIVED")
            )
            session.execute(
                update(RecurringRun)
                .where(RecurringRun.experiment_id == experiment_id, RecurringRun.enabled)
                .values(enabled=False, updated_at=now())
            )
            return answer({})

    @routes.post("/{experiment_id}:unarchive")
    def unarchive_experiment(experiment_id: str) -> JSONResponse:
        """Unarchives the experiment; its runs stay archived and its recurring runs disabled, as in KFP."""
        with database.write() as session:
            find_experiment(session, experiment_id).storage_state = "AVAILABLE"
            return answer({})

    return routes


def _create(session: Session, name: str, description: str | None) -> Experiment:
    experiment = Experiment(
        id=str(uuid.uuid4()),
        display_name=name,
        description=description,
        created_at=now(),
        storage_state="AVAILABLE",
    )
    session.add(experiment)
    session.flush()
    return experiment


def _body(row: Experiment) -> dict[str, Any]:
    return compact(
        {
            "experiment_id": row.id,
            "display_name": row.display_name,
            "description": row.description,
            "created_at": format_time(row.created_at),
            "last_run_created_at": format_time(row.last_run_created_at),
            "storage_state": row.storage_state,
        }
    )
