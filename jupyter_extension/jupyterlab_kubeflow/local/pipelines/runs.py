"""``/runs`` of KFP v2beta1."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, object_session, selectinload
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.schedules.macros import Macros
from jupyterlab_kubeflow.local.store.models import (
    Artifact,
    ArtifactTask,
    PipelineVersion,
    Run,
    Task,
)
from jupyterlab_kubeflow.local.store.recorder import END_STATES, history_entry, now
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import JsonObject, answer, compact, field, format_time, mapping, required_text, text
from .experiments import default_experiment, find_experiment
from .listing import Keys, ListParameters, read_page
from .pipelines import find_version
from .services import Services
from .specs import (
    Package,
    check_parameters,
    check_spec,
    drop_unused_specs,
    spec_body,
    store_spec,
)
from .tasks import find_run, history, native_tasks, rpc_status, run_tasks, task_details

_KEYS: Keys = {
    "run_id": Run.id,
    "id": Run.id,
    "display_name": Run.display_name,
    "name": Run.display_name,
    "description": Run.description,
    "created_at": Run.created_at,
    "scheduled_at": Run.scheduled_at,
    "finished_at": Run.finished_at,
    "state": Run.state,
    "status": Run.state,
    "storage_state": Run.storage_state,
    "experiment_id": Run.experiment_id,
    "recurring_run_id": Run.recurring_run_id,
    "pipeline_id": Run.pipeline_id,
    "pipeline_version_id": Run.pipeline_version_id,
    "service_account": Run.service_account,
}


def router(services: Services) -> APIRouter:
    """List, create, get, terminate, delete, archive and unarchive."""
    routes = APIRouter(prefix="/runs")
    database = services.database

    @routes.get("")
    def list_runs(
        query: ListParameters, experiment_id: str = "", view: str = "DEFAULT"
    ) -> JSONResponse:
        statement = select(Run).options(selectinload(Run.spec))
        if experiment_id:
            statement = statement.where(Run.experiment_id == experiment_id)
        with database.read() as session:
            page = read_page(session, statement, _KEYS, Run.id, query, scope=experiment_id)
            counts = _task_counts(session, [row.id for row in page.rows])
            items = [_body(row, counts.get(row.id, 0)) for row in page.rows]
            if view == "FULL":
                for item, row in zip(items, page.rows, strict=True):
                    item["tasks"] = native_tasks(session, row, run_tasks(session, row.id))
            return answer(page.body("runs", items))

    @routes.post("")
    def create_run(body: JsonObject, experiment_id: str = "") -> JSONResponse:
        """Records the run, hands it to the engine and answers. The run is on disk before the answer is given."""
        package, version_id = pipeline_source(services, body)
        parameters = check_parameters(
            package.pipeline_spec, mapping(mapping(body, "runtime_config"), "parameters")
        )
        with database.write() as session:
            version = find_version(session, None, version_id) if version_id else None
            digest = version.spec_digest if version else store_spec(session, package)
            run = record_run(
                session,
                display_name=required_text(body, "display_name", "A run"),
                experiment_id=text(body, "experiment_id") or experiment_id,
                spec_digest=digest,
                version=version,
                parameters=parameters,
                pipeline_root=text(mapping(body, "runtime_config"), "pipeline_root"),
                description=text(body, "description"),
                service_account=text(body, "service_account"),
            )
            created = _body(run, 0)
        services.submit(created["run_id"])
        return answer(created)

    @routes.get("/{run_id}")
    def get_run(run_id: str, view: str = "DEFAULT") -> JSONResponse:
        with database.read() as session:
            run = find_run(session, run_id)
            details = task_details(session, run_id)
            body = _body(run, len(details))
            body["run_details"] = {"task_details": details}
            if view == "FULL":
                body["tasks"] = native_tasks(session, run, run_tasks(session, run_id))
            return answer(body)

    @routes.post("/{run_id}:terminate")
    def terminate_run(run_id: str) -> JSONResponse:
        """Asks for the end of a run that has not ended; it is CANCELING until its processes are gone."""
        with database.write() as session:
            run = find_run(session, run_id)
            if run.state in END_STATES:
                raise ApiError.failed_precondition(
                    f'Run "{run.display_name}" cannot be terminated: it has ended as {run.state}.'
                )
            if run.state != "CANCELING":
                run.state = "CANCELING"
                run.state_history = [*run.state_history, history_entry("CANCELING")]
        services.terminate(run_id)
        return answer({})

    @routes.delete("/{run_id}")
    async def delete_run(run_id: str) -> JSONResponse:
        """Ends the run when it is still running, and removes it with its tasks, logs and artifacts."""

        def check() -> None:
            with database.read() as session:
                find_run(session, run_id)

        await run_in_threadpool(check)
        await services.engine.forget(run_id, lambda: _used_elsewhere(services, run_id))
        await run_in_threadpool(_delete, services, run_id)
        return answer({})

    @routes.post("/{run_id}:archive")
    def archive_run(run_id: str) -> JSONResponse:
        with database.write() as session:
            find_run(session, run_id).storage_state = "ARCHIVED"
            return answer({})

    @routes.post("/{run_id}:unarchive")
    def unarchive_run(run_id: str) -> JSONResponse:
        with database.write() as session:
            find_run(session, run_id).storage_state = "AVAILABLE"
            return answer({})

    return routes


def record_run(
    session: Session,
    *,
    display_name: str,
    experiment_id: str | None,
    spec_digest: str,
    parameters: dict[str, Any],
    version: PipelineVersion | None = None,
    pipeline_root: str | None = None,
    description: str | None = None,
    service_account: str | None = None,
    recurring_run_id: str | None = None,
    recurring_index: int | None = None,
    scheduled_at: datetime | None = None,
) -> Run:
    """Adds a pending run to the session's transaction; ``Services.submit`` starts it once that is committed.

    ``parameters`` are checked already (``check_parameters``); macros in them are filled here. Without ``experiment_id`` the run goes to the
    default experiment, without ``scheduled_at`` it was due when it was created. ``recurring_index`` counts the runs of its recurring run.
    Raises 404 when the experiment is not there and 400 when it is archived.
    """
    experiment = (
        find_experiment(session, experiment_id) if experiment_id else default_experiment(session)
    )
    if experiment.storage_state == "ARCHIVED":
        raise ApiError.failed_precondition(
            f'Experiment "{experiment.display_name}" is archived. Unarchive it, or use another one.'
        )
    created_at = now()
    run_id = str(uuid.uuid4())
    macros = Macros(run_id, created_at, scheduled_at, recurring_index)
    run = Run(
        id=run_id,
        experiment_id=experiment.id,
        recurring_run_id=recurring_run_id,
        display_name=display_name,
        description=description,
        created_at=created_at,
        scheduled_at=scheduled_at or created_at,
        state="PENDING",
        storage_state="AVAILABLE",
        state_history=[history_entry("PENDING")],
        service_account=service_account,
        pipeline_id=version.pipeline_id if version else None,
        pipeline_version_id=version.id if version else None,
        parameters=macros.fill(parameters),
        pipeline_root=pipeline_root,
        spec_digest=spec_digest,
    )
    experiment.last_run_created_at = created_at
    session.add(run)
    session.flush()
    return run


def pipeline_source(
    services: Services, body: dict[str, Any], what: str = "A run"
) -> tuple[Package, str | None]:
    """The spec that ``what`` is given, checked, or that of the version that it names (or the newest), and the version's id."""
    spec = field(body, "pipeline_spec")
    reference = mapping(body, "pipeline_version_reference")
    version_id = text(reference, "pipeline_version_id") or text(body, "pipeline_version_id")
    if spec and (reference or version_id):
        raise ApiError.invalid(
            f"{what} takes either a pipeline_spec or a pipeline_version_reference, not both."
        )
    if spec:
        if not isinstance(spec, dict):
            raise ApiError.invalid("pipeline_spec must be an object.")
        return check_spec(spec), None
    if not reference and not version_id:
        raise ApiError.invalid(f"{what} needs a pipeline_spec or a pipeline_version_reference.")
    with services.database.read() as session:
        version = find_version(session, text(reference, "pipeline_id"), version_id)
        return Package(version.spec.pipeline_spec, version.spec.platform_spec), version.id


def _used_elsewhere(services: Services, run_id: str) -> list[str]:
    """The URIs of the run's artifacts that other runs know as well, having read them or taken them from the cache."""
    with services.database.read() as session:
        return list(
            session.scalars(
                select(Artifact.uri).where(
                    Artifact.id.in_(_artifacts_of(ArtifactTask.run_id == run_id)),
                    Artifact.id.in_(_artifacts_of(ArtifactTask.run_id != run_id)),
                )
            )
        )


def _artifacts_of(condition: ColumnElement[bool]) -> Select[Any]:
    return select(ArtifactTask.artifact_id).where(condition)


def _delete(services: Services, run_id: str) -> None:
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


def _task_counts(session: Session, run_ids: list[str]) -> dict[str, int]:
    rows = session.execute(
        select(Task.run_id, func.count()).where(Task.run_id.in_(run_ids)).group_by(Task.run_id)
    )
    return {row[0]: row[1] for row in rows}


def _body(run: Run, task_count: int) -> dict[str, Any]:
    """The run as ``v2beta1Run``: with the reference to the version that it was made from while there is one, else with its spec."""
    session = object_session(run)
    version = (
        session.get(PipelineVersion, run.pipeline_version_id)
        if session and run.pipeline_version_id
        else None
    )
    reference = (
        {"pipeline_id": run.pipeline_id, "pipeline_version_id": run.pipeline_version_id}
        if version
        else None
    )
    return compact(
        {
            "experiment_id": run.experiment_id,
            "run_id": run.id,
            "recurring_run_id": run.recurring_run_id,
            "display_name": run.display_name,
            "description": run.description,
            "storage_state": run.storage_state,
            "pipeline_version_reference": reference,
            "pipeline_spec": None if reference else spec_body(run.spec),
            "runtime_config": compact(
                {"parameters": run.parameters, "pipeline_root": run.pipeline_root}
            ),
            "service_account": run.service_account,
            "created_at": format_time(run.created_at),
            "scheduled_at": format_time(run.scheduled_at),
            "finished_at": format_time(run.finished_at),
            "state": run.state,
            "error": rpc_status(run.error),
            "state_history": history(run.state_history, {}),
            "task_count": task_count,
        }
    )
