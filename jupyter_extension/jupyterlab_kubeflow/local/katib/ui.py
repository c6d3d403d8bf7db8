"""Routes of Katib's UI server (``pkg/ui/v1beta1`` of Katib 0.19) that tell what no object holds: ``fetch_hp_job_trial_info`` and ``fetch_trial_logs``.

As Katib's, they take ``namespace`` and ``trialName`` and answer with a text in JSON, or with plain words when they do not.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.resources import Resources

from . import metrics
from .metrics import Log
from .observations import Observations
from .sources import kept_logs
from .words import VERSION

Body = dict[str, Any]
PREFIX = "/katib"
_HEAD = "metricName,time,value"
_CHUNK = 64 * 1024


def routes(resources: Resources, home: Path) -> list[Route]:
    """The routes, for the application of the Kubernetes API. ``home`` is Local Kubeflow's folder, where the logs of Trials are kept."""
    kept = kept_logs(home)
    kind = resources.kinds.of(VERSION, "Trial")
    observations = Observations(resources.store.database)

    async def of_trial(request: Request, answer: Callable[[Body], Response]) -> Response:
        for name in ("namespace", "trialName"):
            if name not in request.query_params:
                return PlainTextResponse(f"no '{name}' provided", 400)
        try:
            query = request.query_params
            trial = resources.get(kind, query["namespace"], query["trialName"]).body
        except StatusError as error:
            return PlainTextResponse(error.message, error.status)
        return await asyncio.to_thread(answer, trial)

    def told(trial: Body) -> Response:
        rows = best_of_seconds(trial["spec"]["objective"], observations.series(trial))
        return _json([f"{_HEAD}\n", *(f"{','.join(row)}\n" for row in rows)])

    def said(trial: Body) -> Response:
        files = kept.files(trial["metadata"]["uid"])
        if not files:
            words = f"There is no log of the trial {trial['metadata']['name']}: it has said nothing yet, or its pod never started."
            return PlainTextResponse(words, 404)
        return _json(_lines(files))

    async def trial_info(request: Request) -> Response:
        return await of_trial(request, told)

    async def trial_logs(request: Request) -> Response:
        return await of_trial(request, said)

    return [
        Route(f"{PREFIX}/fetch_hp_job_trial_info/", trial_info),
        Route(f"{PREFIX}/fetch_trial_logs/", trial_logs),
    ]


def best_of_seconds(objective: Body, series: Iterable[Log]) -> list[tuple[str, str, str]]:
    """Metric, time and value as Katib's UI gives them: times to the second, and of the values of a metric in one second the best, by the objective."""
    rows: list[tuple[str, str, str]] = []
    last: dict[str, int] = {}
    for time, metric, value in series:
        row = (metric, time[:19], value)
        at = last.get(metric)
        if at is None or rows[at][1] != row[1]:
            last[metric] = len(rows)
            rows.append(row)
        elif _better(objective.get("type"), value, rows[at][2]):
            rows[at] = row
    return rows


def _better(wanted: str | None, value: str, held: str) -> bool:
    new, old = metrics.number(value), metrics.number(held)
    if new is None or old is None:
        return False
    return (wanted == "minimize" and new < old) or (wanted == "maximize" and new > old)


def _lines(files: list[Path]) -> Iterator[str]:
    """What logs in the kubelet's form say."""
    for file in files:
        with file.open("rb") as lines:
            for line in lines:
                yield line.split(b" ", 3)[-1].decode(errors="replace")


def _json(parts: Iterable[str]) -> Response:
    """A text, of any length, as JSON."""

    def chunks() -> Iterator[str]:
        held = ['"']
        size = 0
        for part in parts:
            held.append(json.dumps(part)[1:-1])
            size += len(part)
            if size >= _CHUNK:
                yield "".join(held)
                held, size = [], 0
        yield "".join([*held, '"'])

    return StreamingResponse(chunks(), media_type="application/json")
