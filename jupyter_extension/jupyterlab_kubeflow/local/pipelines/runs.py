"""``/runs`` of KFP v2beta1."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from sqlalchemy import Text, case, cast, func, literal, select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.engine.errors import RunStateError
from jupyterlab_kubeflow.local.schedules.macros import Macros
from jupyterlab_kubeflow.local.store.history import END_STATES, continued, history_entry, now
from jupyterlab_kubeflow.local.store.models import Experiment, PipelineVersion, Run, Spec, Task
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import (
    answer,
    body,
    compact,
    format_time,
    history,
    required_text,
    rpc_status,
    text,
)
from .experiments import default_experiment, find_experiment
from .filters import Keys
from .kinds import enum
from .listing import ListParameters, read_page
from .messages import RUN
from .pipelines import find_version
from .removal import remove_records, used_elsewhere
from .services import Services
from .specs import Package, check_parameters, check_spec, spec_body, store_spec
from .task_bodies import native_tasks, run_tasks, task_details
from .tasks import find_run, run_not_found

_CONDITIONS = {
    "PENDING": "Pending",
    "PAUSED": "Pending",
    "RUNNING": "Running",
    "SUCCEEDED": "Succeeded",
    "SKIPPED": "Skipped",
    "FAILED": "Failed",
    "CANCELED": "Failed",
    "CANCELING": "Terminating",
}
"""The words of KFP 1 for the states, which its key ``status`` means."""

_VIEWS = ("DEFAULT", "FULL")
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
    "state_history": cast(Run.state_history, Text),
    "status": case(_CONDITIONS, value=Run.state, else_="Unknown"),
    "runtime_details": literal(""),
    "namespace": literal(""),
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
        """Runs of all experiments, or of one; with ``view=FULL`` with their tasks."""
        full = enum(*_VIEWS)(view, "view") == "FULL"
        statement = select(Run)
        with database.read() as session:
            if experiment_id:
                find_experiment(session, experiment_id)
                statement = statement.where(Run.experiment_id == experiment_id)
            page = read_page(session, statement, _KEYS, Run.id, query, scope=experiment_id)
            items = _bodies(session, page.rows)
            if full:
                for item, row in zip(items, page.rows, strict=True):
                    item["tasks"] = native_tasks(session, row, run_tasks(session, row.id))
            return answer(page.body("runs", items))

    @routes.post("")
    def create_run(
        given: Annotated[dict[str, Any], body(RUN)], experiment_id: str = ""
    ) -> JSONResponse:
        """Records the run, hands it to the engine and answers. The run is on disk before the answer is given."""
        if given.get("plugins_output"):
            raise ApiError.aborted("plugins_output is the server's to set. Leave it out.")
        package, version_id = pipeline_source(services, given)
        config = given.get("runtime_config", {})
        parameters = check_parameters(package.pipeline_spec, config.get("parameters", {}))
        with database.write() as session:
            version = find_version(session, None, version_id) if version_id else None
            digest = version.spec_digest if version else store_spec(session, package)
            run = record_run(
                session,
                display_name=required_text(given, "display_name", "A run"),
                experiment_id=text(given, "experiment_id") or experiment_id,
                spec_digest=digest,
                version=version,
                parameters=parameters,
                pipeline_root=text(config, "pipeline_root"),
                description=text(given, "description"),
                service_account=text(given, "service_account"),
                plugins_input=given.get("plugins_input") or None,
            )
            created = _body(run, 0, None if version else spec_body(package))
        services.submit(created["run_id"])
        return answer(created)

    @routes.get("/{run_id}")
    def get_run(run_id: str, view: str = "DEFAULT") -> JSONResponse:
        """The run with its tasks as KFP 2 tells them; with ``view=FULL`` also as native tasks."""
        full = enum(*_VIEWS)(view, "view") == "FULL"
        with database.read() as session:
            run = find_run(session, run_id)
            found = _bodies(session, [run])[0]
            if details := task_details(session, run_id):
                found["run_details"] = {"task_details": details}
            if full:
                found["tasks"] = native_tasks(session, run, run_tasks(session, run_id))
            return answer(found)

    @routes.post("/{run_id}:terminate")
    def terminate_run(run_id: str) -> JSONResponse:
        """Asks for the end of a run that has not ended; it is CANCELING until its processes are gone."""
        with database.write() as session:
            run = find_run(session, run_id)
            if run.state in END_STATES:
                raise ApiError.invalid(
                    f'Run "{run.display_name}" cannot be terminated: it has ended as {run.state}.'
                )
            if run.state != "CANCELING":
                run.state = "CANCELING"
                run.state_history = continued(run.state_history, history_entry("CANCELING"))
        services.terminate(run_id)
        return answer({})

    @routes.post("/{run_id}:retry")
    def retry_run(run_id: str) -> JSONResponse:
        """Takes up a run that has failed or was terminated from the tasks that failed; on disk before the answer is given."""
        try:
            services.retry(run_id)
        except KeyError:
            raise run_not_found(run_id) from None
        except RunStateError as error:
            raise ApiError.aborted(str(error)) from error
        return answer({})

    @routes.delete("/{run_id}")
    async def delete_run(run_id: str) -> JSONResponse:
        """Ends the run when it is still running, and removes it with its tasks, logs and artifacts."""

        def check() -> None:
            with database.read() as session:
                find_run(session, run_id)

        await run_in_threadpool(check)
        await services.engine.forget(run_id, lambda: used_elsewhere(services, run_id))
        await run_in_threadpool(remove_records, services, run_id)
        return answer({})

    @routes.post("/{run_id}:archive")
    def archive_run(run_id: str) -> JSONResponse:
        with database.write() as session:
            find_run(session, run_id).storage_state = "ARCHIVED"
            return answer({})

    @routes.post("/{run_id}:unarchive")
    def unarchive_run(run_id: str) -> JSONResponse:
        """Not while the run's experiment is archived, as in KFP."""
        with database.write() as session:
            run = find_run(session, run_id)
            experiment = session.get(Experiment, run.experiment_id)
            if experiment and experiment.storage_state == "ARCHIVED":
                raise ApiError.failed_precondition(
                    f'Run "{run.display_name}" cannot be unarchived while its experiment "{experiment.display_name}" is archived. '
                    "Unarchive that first."
                )
            run.storage_state = "AVAILABLE"
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
    plugins_input: dict[str, Any] | None = None,
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
        plugins_input=plugins_input,
        spec_digest=spec_digest,
    )
    experiment.last_run_created_at = created_at
    session.add(run)
    session.flush()
    return run


def pipeline_source(
    services: Services, given: dict[str, Any], what: str = "A run"
) -> tuple[Package, str | None]:
    """The spec that ``what`` is given, checked, or that of the version that it names (or the newest), and the version's id."""
    spec = given.get("pipeline_spec")
    reference = given.get("pipeline_version_reference", {})
    version_id = text(reference, "pipeline_version_id") or text(given, "pipeline_version_id")
    if spec and (reference or version_id):
        raise ApiError.invalid(
            f"{what} takes either a pipeline_spec or a pipeline_version_reference, not both."
        )
    if spec:
        return check_spec(spec), None
    if not reference and not version_id:
        raise ApiError.invalid(f"{what} needs a pipeline_spec or a pipeline_version_reference.")
    with services.database.read() as session:
        pipeline_id = text(reference, "pipeline_id")
        version = find_version(session, None if version_id else pipeline_id, version_id)
        if pipeline_id and version.pipeline_id != pipeline_id:
            raise ApiError.invalid(
                f"Pipeline version {version.id} belongs to pipeline {version.pipeline_id}, not to {pipeline_id}."
            )
        return Package(version.spec.pipeline_spec, version.spec.platform_spec), version.id


def _task_counts(session: Session, run_ids: list[str]) -> dict[str, int]:
    rows = session.execute(
        select(Task.run_id, func.count()).where(Task.run_id.in_(run_ids)).group_by(Task.run_id)
    )
    return {row[0]: row[1] for row in rows}


def _bodies(session: Session, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """The runs as ``v2beta1Run``: with the reference to the version that each was made from while there is one, else with its spec."""
    counts = _task_counts(session, [run.id for run in runs])
    named = {run.pipeline_version_id for run in runs if run.pipeline_version_id}
    versions = select(PipelineVersion.id).where(PipelineVersion.id.in_(named))
    there = set(session.scalars(versions)) if named else set()
    alone = {run.spec_digest for run in runs if run.pipeline_version_id not in there}
    specs = session.scalars(select(Spec).where(Spec.digest.in_(alone))) if alone else ()
    by_digest = {spec.digest: spec_body(spec) for spec in specs}
    return [
        _body(
            run,
            counts.get(run.id, 0),
            None if run.pipeline_version_id in there else by_digest[run.spec_digest],
        )
        for run in runs
    ]


def _body(run: Run, task_count: int, pipeline_spec: dict[str, Any] | None) -> dict[str, Any]:
    reference = {"pipeline_id": run.pipeline_id, "pipeline_version_id": run.pipeline_version_id}
    config = compact({"parameters": run.parameters or None, "pipeline_root": run.pipeline_root})
    return compact(
        {
            "experiment_id": run.experiment_id,
            "run_id": run.id,
            "recurring_run_id": run.recurring_run_id,
            "display_name": run.display_name,
            "description": run.description,
            "storage_state": run.storage_state,
            "pipeline_version_reference": None if pipeline_spec else reference,
            "pipeline_spec": pipeline_spec,
            "runtime_config": config or None,
            "plugins_input": run.plugins_input,
            "service_account": run.service_account,
            "created_at": format_time(run.created_at),
            "scheduled_at": format_time(run.scheduled_at),
            "finished_at": format_time(run.finished_at),
            "state": run.state,
            "error": rpc_status(run.error),
            "state_history": history(run.state_history, {}),
            "task_count": task_count or None,
        }
    )
