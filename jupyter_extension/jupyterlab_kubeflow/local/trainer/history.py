"""What trainings have reported over time: ``GET …/trainjobs/NAME/metrics``, ours, since a TrainJob itself holds the last report only.

A report is written in the transaction of the change that it makes to its TrainJob, whoever makes that, so it is acknowledged when both are
on the disk; it goes with the TrainJob.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, text
from starlette.requests import Request
from starlette.responses import Response

from jupyterlab_kubeflow.local.kubernetes import errors, requests
from jupyterlab_kubeflow.local.kubernetes.forms import compact
from jupyterlab_kubeflow.local.kubernetes.history import Event, Item
from jupyterlab_kubeflow.local.kubernetes.resources import Resources

from .runtimes import GROUP, VERSION

PATH = f"/apis/{GROUP}/v1alpha1/namespaces/{{namespace}}/trainjobs/{{name}}/metrics"
PAGE = 5_000
"""So many reports are in an answer at most."""

_RESOURCE = f"trainjobs.{GROUP}"
_KEEP = text(
    "INSERT INTO reports (uid, version, body) SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]') "
    "FROM json_each(:rows)"
)
_REMOVE = text("DELETE FROM reports WHERE uid IN (SELECT value FROM json_each(:uids))")
_READ = text(
    "SELECT version, body FROM reports WHERE uid = :uid AND version > :since ORDER BY version LIMIT :limit"
)


def keep(connection: Connection, events: list[Event]) -> None:
    """Writes the reports among changes, and removes those of TrainJobs that are gone. For ``Store.beside``."""
    rows, gone = [], []
    for event in events:
        if event.item.key.resource != _RESOURCE:
            continue
        if event.type == "DELETED":
            gone.append(event.item.uid)
            continue
        told = _told(event.item)
        if told and told != (_told(event.before) if event.before else None):
            rows.append((event.item.uid, event.item.version, compact(_report(told))))
    if rows:
        connection.execute(_KEEP, {"rows": json.dumps(rows)})
    if gone:
        connection.execute(_REMOVE, {"uids": json.dumps(gone)})


def reports(resources: Resources) -> Callable[[Request], Awaitable[Response]]:
    """Answers ``{kind: "TrainJobMetrics", metadata: {name, namespace, uid, resourceVersion, continue?}, items}``, in the order of arrival.

    An item is ``{time, progressPercentage?, estimatedRemainingSeconds?, metrics: {NAME: VALUE}}``: times as the training gave them, values
    texts as in ``trainerStatus``. ``?since=`` takes the ``resourceVersion`` of an earlier answer and asks for what came after; ``?limit=`` for
    so many at most, as no answer has more than :data:`PAGE`. ``continue``, the value of ``since`` that gets the next ones, is there while
    there are more. Raises 400, 404, 405.
    """
    kind = resources.kinds.of(VERSION, "TrainJob")
    database = resources.store.database

    def read(uid: str, since: int, limit: int) -> list[Any]:
        with database.engine.connect() as connection:
            wanted = {"uid": uid, "since": since, "limit": limit + 1}
            return list(connection.execute(_READ, wanted))

    async def answer(request: Request) -> Response:
        if request.method != "GET":
            raise errors.method_not_allowed()
        query = requests.query(request)
        since = min(requests.number(query, "since") or 0, 2**63 - 1)
        limit = min(requests.number(query, "limit") or PAGE, PAGE)
        namespace, name = request.path_params["namespace"], request.path_params["name"]
        job = resources.get(kind, namespace, name)
        found = await asyncio.to_thread(read, job.uid, since, limit)
        rows = found[:limit]
        last = str(rows[-1][0] if rows else since)
        meta = {"name": name, "namespace": namespace, "uid": job.uid, "resourceVersion": last}
        if len(found) > limit:
            meta["continue"] = last
        head = compact({"kind": "TrainJobMetrics", "apiVersion": VERSION, "metadata": meta})
        items = ",".join(body for _, body in rows)
        return Response(f'{head[:-1]},"items":[{items}]}}', media_type="application/json")

    return answer


def _told(job: Item) -> dict[str, Any] | None:
    return (job.body.get("status") or {}).get("trainerStatus")


def _report(told: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {
        name: told[name]
        for name in ("progressPercentage", "estimatedRemainingSeconds")
        if name in told
    }
    metrics = {each["name"]: each["value"] for each in told.get("metrics") or ()}
    return {"time": told["lastUpdatedTime"], **given, "metrics": metrics}
