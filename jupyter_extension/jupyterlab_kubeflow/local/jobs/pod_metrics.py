"""``metrics.k8s.io/v1beta1``, PodMetrics, in the form of metrics-server: of the containers that run now, measured when it is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from jupyterlab_kubeflow.local.kubernetes import errors, requests, selectors
from jupyterlab_kubeflow.local.kubernetes.discovery import METRICS
from jupyterlab_kubeflow.local.kubernetes.history import Item
from jupyterlab_kubeflow.local.kubernetes.logs import PodLogs
from jupyterlab_kubeflow.local.kubernetes.resources import Resources

from .process import Place
from .times import stamp
from .usage import Meter, Run, Usage

_VERSION = f"{METRICS}/v1beta1"
_ROOT = f"/apis/{_VERSION}"


def routes(resources: Resources, logs: PodLogs, root: Path) -> list[Route]:
    """Lists of all pods and of a namespace's, by label and field selectors, and one pod. ``root`` is Local Kubeflow's home.

    A pod of which nothing runs is not in a list, and is not found (404), as with metrics-server. Other verbs get a 405.
    """
    meter = Meter(lambda uid: Place(root / "pods" / uid, root / "volumes", logs))
    kind = resources.kinds.of("v1", "Pod")

    async def measured(pods: Iterable[Item]) -> list[dict[str, Any]]:
        running = [(pod, runs) for pod in pods if (runs := _runs(pod))]
        usage = await meter.measure([run for _, runs in running for run in runs])
        now = datetime.now(timezone.utc)
        return [
            _metrics(pod, {run: usage[run] for run in runs}, now)
            for pod, runs in running
            if all(run in usage for run in runs)
        ]

    async def many(request: Request) -> Response:
        query = _query(request)
        matches = selectors.both(
            selectors.labels(query.get("labelSelector", "")),
            selectors.fields(query.get("fieldSelector", ""), "pods"),
        )
        items, version = resources.store.items("pods", request.path_params.get("namespace", ""))
        found = await measured(item for item in items if matches is None or matches(item.body))
        return JSONResponse(
            {
                "kind": "PodMetricsList",
                "apiVersion": _VERSION,
                "metadata": {"resourceVersion": str(version)},
                "items": found,
            }
        )

    async def one(request: Request) -> Response:
        _query(request)
        namespace, name = request.path_params["namespace"], request.path_params["name"]
        item = resources.store.get(resources.key(kind, namespace, name))
        found = await measured([item] if item else [])
        if not found:
            said = f'podmetrics.{METRICS} "{namespace}/{name}" not found'
            details = {"name": f"{namespace}/{name}", "group": METRICS, "kind": "podmetrics"}
            raise errors.StatusError(404, "NotFound", said, details)
        return JSONResponse(found[0])

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [
        Route(f"{_ROOT}/pods", many, methods=methods),
        Route(f"{_ROOT}/namespaces/{{namespace}}/pods", many, methods=methods),
        Route(f"{_ROOT}/namespaces/{{namespace}}/pods/{{name}}", one, methods=methods),
    ]


def _query(request: Request) -> dict[str, str]:
    query = requests.query(request)
    if request.method != "GET" or requests.flag(query, "watch"):
        raise errors.method_not_allowed()
    return query


def _runs(pod: Item) -> list[Run]:
    """The containers of a pod that run."""
    status = pod.body.get("status") or {}
    told = [status.get(name) or () for name in ("initContainerStatuses", "containerStatuses")]
    return [
        Run(pod.uid, each["name"], each.get("restartCount", 0))
        for each in (*told[0], *told[1])
        if "running" in (each.get("state") or {})
    ]


def _metrics(pod: Item, usage: dict[Run, Usage], now: datetime) -> dict[str, Any]:
    meta = pod.body["metadata"]
    found: dict[str, Any] = {
        "name": meta["name"],
        "namespace": meta["namespace"],
        "creationTimestamp": stamp(now),
    }
    if meta.get("labels"):
        found["labels"] = meta["labels"]
    return {
        "kind": "PodMetrics",
        "apiVersion": _VERSION,
        "metadata": found,
        "timestamp": stamp(now),
        "window": f"{max(each.window for each in usage.values()):.3f}s",
        "containers": [
            {
                "name": run.container,
                "usage": {
                    "cpu": f"{round(each.cores * 1e9)}n",
                    "memory": f"{-(-each.memory // 1024)}Ki",
                },
            }
            for run, each in usage.items()
        ],
    }
