"""``/recurringruns`` of KFP v2beta1, and the runs that come of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from sqlalchemy import case, select
from sqlalchemy.orm import Session, object_session, selectinload
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.schedules.cron import CronError, parse
from jupyterlab_kubeflow.local.schedules.scheduler import trigger_of
from jupyterlab_kubeflow.local.schedules.trigger import Trigger
from jupyterlab_kubeflow.local.store.models import PipelineVersion, RecurringRun, Run
from jupyterlab_kubeflow.local.store.recorder import END_STATES
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import (
    JsonObject,
    answer,
    compact,
    field,
    format_time,
    mapping,
    parse_time,
    required_text,
    text,
)
from .experiments import default_experiment, find_experiment
from .listing import Keys, ListParameters, read_page
from .pipelines import find_version
from .runs import pipeline_source, record_run
from .services import Services
from .specs import check_parameters, drop_unused_specs, spec_body, store_spec
from .tasks import rpc_status

MAX_CONCURRENCY = 10
"""As in KFP."""

_MODES = ("MODE_UNSPECIFIED", "ENABLE", "DISABLE")
_POLICIES = ("DELETE_PROPAGATION_POLICY_UNSPECIFIED", "FOREGROUND", "BACKGROUND", "ORPHAN")
_LARGEST = 2**63 - 1
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
    )


def router(services: Services) -> APIRouter:
    """List, create, get, enable, disable and delete."""
    routes = APIRouter(prefix="/recurringruns")
    database = services.database

    @routes.get("")
    def list_recurring_runs(query: ListParameters, experiment_id: str = "") -> JSONResponse:
        statement = select(RecurringRun).options(selectinload(RecurringRun.spec))
        if experiment_id:
            statement = statement.where(RecurringRun.experiment_id == experiment_id)
        with database.read() as session:
            page = read_page(session, statement, _KEYS, RecurringRun.id, query, scope=experiment_id)
            return answer(page.body("recurringRuns", [_body(row) for row in page.rows]))

    @routes.post("")
    def create_recurring_run(body: JsonObject) -> JSONResponse:
        """A schedule, which the scheduler takes up at once. Its parameters are held against the newest version when it names none."""
        row = _read(body)
        package, version_id = pipeline_source(services, body, "A recurring run")
        parameters = mapping(mapping(body, "runtime_config"), "parameters")
        row.parameters = check_parameters(package.pipeline_spec, parameters)
        row.created_at = row.updated_at = services.scheduler.clock()
        row.next_scheduled_at = trigger_of(row).next_due(
            row.created_at, None, services.scheduler.zone
        )
        with database.write() as session:
            experiment_id = text(body, "experiment_id")
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
                if _names_version(body):
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
        policy = _enum(propagation_policy, _POLICIES, "propagation_policy")
        with database.write() as session:
            row = find_recurring_run(session, recurring_run_id)
            active = session.scalars(
                select(Run.id).where(Run.recurring_run_id == row.id, Run.state.not_in(END_STATES))
            ).all()
            digest = row.spec_digest
            session.delete(row)
            if digest is not None:
                drop_unused_specs(session, {digest})
        if policy in ("FOREGROUND", "BACKGROUND"):
            for run_id in active:
                services.terminate(run_id)
        return answer({})

    return routes


def _read(body: dict[str, Any]) -> RecurringRun:
    """The fields of a new recurring run that need nothing else to be checked."""
    max_concurrency = _whole_number(field(body, "max_concurrency") or 0, "max_concurrency")
    if not 1 <= max_concurrency <= MAX_CONCURRENCY:
        raise ApiError.invalid(
            f"max_concurrency must be a number of runs from 1 to {MAX_CONCURRENCY}, not {max_concurrency}."
        )
    no_catchup = field(body, "no_catchup") or False
    if not isinstance(no_catchup, bool):
        raise ApiError.invalid(f"no_catchup must be true or false, not {no_catchup!r}.")
    trigger = _trigger(mapping(body, "trigger"))
    return RecurringRun(
        id=str(uuid.uuid4()),
        display_name=required_text(body, "display_name", "A recurring run"),
        description=text(body, "description"),
        enabled=_enum(field(body, "mode"), _MODES, "mode") == "ENABLE",
        max_concurrency=max_concurrency,
        no_catchup=no_catchup,
        cron=trigger.cron,
        interval_second=trigger.interval_second,
        start_time=trigger.start,
        end_time=trigger.end,
        service_account=text(body, "service_account"),
        pipeline_root=text(mapping(body, "runtime_config"), "pipeline_root"),
        plugins_input=mapping(body, "plugins_input") or None,
        last_index=0,
    )


def _trigger(body: dict[str, Any]) -> Trigger:
    given = [
        name for name in ("cron_schedule", "periodic_schedule") if field(body, name) is not None
    ]
    if len(given) != 1:
        raise ApiError.invalid(
            "A recurring run needs a trigger with either a cron_schedule or a periodic_schedule."
        )
    where = f"trigger.{given[0]}"
    schedule = mapping(body, given[0])
    cron = interval = None
    if given[0] == "cron_schedule":
        cron = _cron(required_text(schedule, "cron", "A cron_schedule"))
    else:
        name = f"{where}.interval_second"
        interval = _whole_number(field(schedule, "interval_second") or 0, name)
        if interval < 1:
            raise ApiError.invalid(f"{name} must be at least 1, not {interval}.")
    start = _whole_second(schedule, "start_time", where)
    end = _whole_second(schedule, "end_time", where)
    if start and end and end < start:
        raise ApiError.invalid(f"{where}.end_time lies before its start_time.")
    return Trigger(cron, interval, start, end)


def _cron(expression: str) -> str:
    try:
        parse(expression)
    except CronError as error:
        raise ApiError.invalid(
            f'trigger.cron_schedule.cron "{expression}" is not a schedule: {error}. '
            'Give "second minute hour day-of-month month day-of-week", for example "0 30 9 * * MON-FRI", or @daily or @every 1h30m.'
        ) from None
    return expression


def _whole_second(body: dict[str, Any], name: str, where: str) -> datetime | None:
    value = field(body, name)
    return None if not value else parse_time(value, f"{where}.{name}").replace(microsecond=0)


def _whole_number(value: Any, where: str) -> int:
    """An int64 as protobuf's JSON has it: a number or its digits in a string."""
    digits = isinstance(value, str) and re.fullmatch("-?[0-9]{1,19}", value)
    whole = isinstance(value, float) and value.is_integer()
    number = int(value) if digits or whole else value
    if not isinstance(number, int) or isinstance(number, bool) or abs(number) > _LARGEST:
        raise ApiError.invalid(f"{where} must be a whole number of 64 bits, not {value!r}.")
    return number


def _enum(value: Any, names: Sequence[str], where: str) -> str:
    """An enum as protobuf's JSON has it: a name or its number; the first one when it is missing."""
    if value in (None, ""):
        return names[0]
    if value in names:
        return str(value)
    number = str(value)
    if isinstance(value, (int, str)) and number.isdecimal() and int(number) < len(names):
        return names[int(number)]
    raise ApiError.invalid(f"{where} must be one of {', '.join(names)}, not {value!r}.")


def _names_version(body: dict[str, Any]) -> bool:
    reference = mapping(body, "pipeline_version_reference")
    return bool(text(reference, "pipeline_version_id") or text(body, "pipeline_version_id"))


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
