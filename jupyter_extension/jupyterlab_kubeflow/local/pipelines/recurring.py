"""``/recurringruns`` of KFP v2beta1, and the runs that come of them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter
from sqlalchemy import case, select
from sqlalchemy.orm import Session, object_session, selectinload
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.schedules.cron import CronError, parse
from jupyterlab_kubeflow.local.schedules.scheduler import trigger_of
from jupyterlab_kubeflow.local.schedules.trigger import Trigger
from jupyterlab_kubeflow.local.store.history import END_STATES
from jupyterlab_kubeflow.local.store.models import PipelineVersion, RecurringRun, Run
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import answer, body, compact, format_time, required_text, rpc_status, text
from .experiments import default_experiment, find_experiment
from .filters import Keys
from .kinds import enum
from .listing import ListParameters, read_page
from .messages import RECURRING_RUN
from .pipelines import find_version
from .runs import pipeline_source, record_run
from .services import Services
from .specs import check_parameters, drop_unused_specs, spec_body, store_spec

MAX_CONCURRENCY = 10
"""As in KFP."""

_POLICIES = ("DELETE_PROPAGATION_POLICY_UNSPECIFIED", "FOREGROUND", "BACKGROUND", "ORPHAN")
_KEYS: Keys = {
    "recurring_run_id": RecurringRun.id,
    "id": RecurringRun.id,
    "display_name": RecurringRun.display_name,
    "name": RecurringRun.display_name,
    "description": RecurringRun.description,
    "created_at": RecurringRun.created_at,
    "updated_at": RecurringRun.updated_at,
    "status": case((RecurringRun.enabled, "ENABLED"), else_="DISABLED"),
    "experiment_id": RecurringRun.experiment_id,
    "pipeline_id": RecurringRun.pipeline_id,
    "pipeline_version_id": RecurringRun.pipeline_version_id,
}


def find_recurring_run(session: Session, recurring_run_id: str) -> RecurringRun:
    """The recurring run, or 404."""
    found = session.get(RecurringRun, recurring_run_id)
    if found is None:
        raise ApiError.not_found(f"There is no recurring run {recurring_run_id}.")
    return found


def create_run(session: Session, row: RecurringRun, due: datetime) -> Run:
    """Adds the recurring run's next run, due at ``due``, to the session's transaction (a :data:`CreateRun` of the scheduler).

    A run of a pipeline without a version takes the newest one. Raises :class:`ApiError` when the pipeline or the experiment is gone, the
    experiment is archived or the version does not take the parameters.
    """
    version: PipelineVersion | None
    if row.spec is None:
        version = newest = find_version(session, row.pipeline_id, None)
        spec = newest.spec
    else:
        version = _pinned_version(session, row)
        spec = row.spec
    index = row.last_index + 1
    return record_run(
        session,
        display_name=f"{row.display_name}-{index}",
        experiment_id=row.experiment_id,
        spec_digest=spec.digest,
        version=version,
        parameters=check_parameters(spec.pipeline_spec, row.parameters),
        pipeline_root=row.pipeline_root,
        service_account=row.service_account,
        recurring_run_id=row.id,
        recurring_index=index,
        scheduled_at=due,
        plugins_input=row.plugins_input,
    )


def router(services: Services) -> APIRouter:
    """List, create, get, enable, disable and delete."""
    routes = APIRouter(prefix="/recurringruns")
    database = services.database

    @routes.get("")
    def list_recurring_runs(query: ListParameters, experiment_id: str = "") -> JSONResponse:
        """Recurring runs of all experiments, or of one."""
        statement = select(RecurringRun).options(selectinload(RecurringRun.spec))
        with database.read() as session:
            if experiment_id:
                find_experiment(session, experiment_id)
                statement = statement.where(RecurringRun.experiment_id == experiment_id)
            page = read_page(session, statement, _KEYS, RecurringRun.id, query, scope=experiment_id)
            return answer(page.body("recurringRuns", [_body(row) for row in page.rows]))

    @routes.post("")
    def create_recurring_run(given: Annotated[dict[str, Any], body(RECURRING_RUN)]) -> JSONResponse:
        """A schedule, which the scheduler takes up at once. Its parameters are held against the newest version when it names none."""
        row = _read(given)
        package, version_id = pipeline_source(services, given, "A recurring run")
        row.parameters = check_parameters(package.pipeline_spec, row.parameters)
        row.created_at = row.updated_at = services.scheduler.clock()
        row.next_scheduled_at = trigger_of(row).next_due(
            row.created_at, None, services.scheduler.zone
        )
        with database.write() as session:
            experiment_id = given.get("experiment_id")
            experiment = (
                find_experiment(session, experiment_id)
                if experiment_id
                else default_experiment(session)
            )
            if experiment.storage_state == "ARCHIVED":
                raise ApiError.failed_precondition(
                    f'Experiment "{experiment.display_name}" is archived. Unarchive it, or use another one.'
                )
            row.experiment_id = experiment.id
            if version_id is None:
                row.spec_digest = store_spec(session, package)
            else:
                version = find_version(session, None, version_id)
                row.pipeline_id = version.pipeline_id
                if _names_version(given):
                    row.pipeline_version_id = version.id
                    row.spec_digest = version.spec_digest
            session.add(row)
            session.flush()
            created = _body(row)
        services.scheduler.wake()
        return answer(created)

    @routes.get("/{recurring_run_id}")
    def get_recurring_run(recurring_run_id: str) -> JSONResponse:
        with database.read() as session:
            return answer(_body(find_recurring_run(session, recurring_run_id)))

    @routes.post("/{recurring_run_id}:enable")
    def enable_recurring_run(recurring_run_id: str) -> JSONResponse:
        """Goes on where it was: with catch-up, the runs that were due meanwhile are created."""
        return switch(recurring_run_id, True)

    @routes.post("/{recurring_run_id}:disable")
    def disable_recurring_run(recurring_run_id: str) -> JSONResponse:
        """Creates no more runs. Those that it has created go on."""
        return switch(recurring_run_id, False)

    def switch(recurring_run_id: str, enabled: bool) -> JSONResponse:
        with database.write() as session:
            row = find_recurring_run(session, recurring_run_id)
            if row.enabled != enabled:
                row.enabled = enabled
                row.error = None
                row.updated_at = services.scheduler.clock()
        services.scheduler.wake(recurring_run_id)
        return answer({})

    @routes.delete("/{recurring_run_id}")
    def delete_recurring_run(recurring_run_id: str, propagation_policy: str = "") -> JSONResponse:
        """Deletes the schedule. The records of its runs stay.

        With ``FOREGROUND`` or ``BACKGROUND`` those of its runs that have not ended are terminated, else they go on.
        """
        policy = enum("", *_POLICIES)(propagation_policy, "propagation_policy")
        with database.write() as session:
            row = find_recurring_run(session, recurring_run_id)
            active = session.scalars(
                select(Run.id).where(Run.recurring_run_id == row.id, Run.state.not_in(END_STATES))
            ).all()
            digest = row.spec_digest
            session.delete(row)
            if digest is not None:
                drop_unused_specs(session, {digest})
        services.scheduler.wake(recurring_run_id)
        if policy in ("FOREGROUND", "BACKGROUND"):
            for run_id in active:
                services.terminate(run_id)
        return answer({})

    return routes


def _read(given: dict[str, Any]) -> RecurringRun:
    """The fields of a new recurring run that need nothing else to be checked."""
    max_concurrency = given.get("max_concurrency", 0)
    if not 1 <= max_concurrency <= MAX_CONCURRENCY:
        raise ApiError.invalid(
            f"max_concurrency must be a number of runs from 1 to {MAX_CONCURRENCY}, not {max_concurrency}."
        )
    trigger = _trigger(given.get("trigger", {}))
    config = given.get("runtime_config", {})
    return RecurringRun(
        id=str(uuid.uuid4()),
        display_name=required_text(given, "display_name", "A recurring run"),
        description=text(given, "description"),
        enabled=given.get("mode") == "ENABLE",
        max_concurrency=max_concurrency,
        no_catchup=given.get("no_catchup", False),
        cron=trigger.cron,
        interval_second=trigger.interval_second,
        start_time=trigger.start,
        end_time=trigger.end,
        service_account=text(given, "service_account"),
        parameters=config.get("parameters", {}),
        pipeline_root=text(config, "pipeline_root"),
        plugins_input=given.get("plugins_input") or None,
        last_index=0,
    )


def _trigger(given: dict[str, Any]) -> Trigger:
    if len(given) != 1:
        raise ApiError.invalid(
            "A recurring run needs a trigger with either a cron_schedule or a periodic_schedule."
        )
    ((kind, schedule),) = given.items()
    if kind == "cron_schedule":
        _check_cron(schedule.get("cron", ""))
    elif schedule.get("interval_second", 0) < 1:
        raise ApiError.invalid(
            "trigger.periodic_schedule.interval_second must be at least 1 (seconds)."
        )
    start, end = (_whole_second(schedule.get(name)) for name in ("start_time", "end_time"))
    if start and end and end < start:
        raise ApiError.invalid(f"trigger.{kind}.end_time lies before its start_time.")
    return Trigger(schedule.get("cron"), schedule.get("interval_second"), start, end)


def _check_cron(expression: str) -> None:
    try:
        parse(expression)
    except CronError as error:
        raise ApiError.invalid(
            f'trigger.cron_schedule.cron "{expression}" is not a schedule: {error}. '
            'Give "second minute hour day-of-month month day-of-week", for example "0 30 9 * * MON-FRI", or @daily or @every 1h30m.'
        ) from None


def _whole_second(time: datetime | None) -> datetime | None:
    return time and time.replace(microsecond=0)


def _names_version(given: dict[str, Any]) -> bool:
    reference = given.get("pipeline_version_reference", {})
    return bool(reference.get("pipeline_version_id") or given.get("pipeline_version_id"))


def _pinned_version(session: Session, row: RecurringRun) -> PipelineVersion | None:
    """The version that it names, while there is one; its spec is kept with the recurring run."""
    if row.pipeline_version_id is None:
        return None
    return session.get(PipelineVersion, row.pipeline_version_id)


def _body(row: RecurringRun) -> dict[str, Any]:
    """The recurring run as ``v2beta1RecurringRun``; ``error`` says why the run that is due could not be created."""
    session = object_session(row)
    by_reference = row.spec is None or (session and _pinned_version(session, row))
    reference = compact(
        {"pipeline_id": row.pipeline_id, "pipeline_version_id": row.pipeline_version_id}
    )
    config = compact({"parameters": row.parameters or None, "pipeline_root": row.pipeline_root})
    times = {"start_time": format_time(row.start_time), "end_time": format_time(row.end_time)}
    schedule = (
        {"cron_schedule": compact({**times, "cron": row.cron})}
        if row.cron
        else {"periodic_schedule": compact({**times, "interval_second": str(row.interval_second)})}
    )
    return compact(
        {
            "recurring_run_id": row.id,
            "display_name": row.display_name,
            "description": row.description,
            "pipeline_version_reference": reference if by_reference else None,
            "pipeline_spec": None if by_reference or row.spec is None else spec_body(row.spec),
            "runtime_config": config or None,
            "service_account": row.service_account,
            "max_concurrency": str(row.max_concurrency),
            "trigger": schedule,
            "mode": "ENABLE" if row.enabled else "DISABLE",
            "created_at": format_time(row.created_at),
            "updated_at": format_time(row.updated_at),
            "status": "ENABLED" if row.enabled else "DISABLED",
            "error": rpc_status(row.error),
            "no_catchup": row.no_catchup,
            "experiment_id": row.experiment_id,
            "plugins_input": row.plugins_input,
        }
    )
