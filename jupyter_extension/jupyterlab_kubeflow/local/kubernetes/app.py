"""The application of the Kubernetes API: discovery, OpenAPI, reviews, health and the objects, behind the bearer token."""

from __future__ import annotations

import asyncio
import hmac
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from jupyterlab_kubeflow.local.auth import LOOPBACK_NAMES

from . import discovery, errors, openapi, requests
from .errors import StatusError
from .forms import compact
from .logs import PodLogs
from .resources import Resources
from .routes import Routes

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_log = logging.getLogger(__name__)
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def create_kubernetes_app(
    resources: Resources, logs: PodLogs, home: Path, token: str, stopping: asyncio.Event
) -> ASGIApp:
    """The API over what ``resources`` holds, and what Katib's UI tells of it. Every request wants ``Authorization: Bearer TOKEN`` and a loopback ``Host``.

    ``home`` is Local Kubeflow's folder, where pods' files are. ``stopping`` ends open watches and logs when it is set, in the loop that serves the application.
    """
    from jupyterlab_kubeflow.local.jobs import pod_metrics
    from jupyterlab_kubeflow.local.katib import ui
    from jupyterlab_kubeflow.local.trainer import history, progress

    routes = Routes(resources, logs, stopping)
    kinds = resources.kinds

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def version(_: Request) -> Response:
        return JSONResponse(discovery.VERSION)

    async def paths(_: Request) -> Response:
        return JSONResponse(discovery.paths(kinds))

    async def root(request: Request) -> Response:
        core = request.url.path.rstrip("/") == "/api"
        if "APIGroupDiscoveryList" in request.headers.get("accept", "").split(",")[0]:
            content = compact(discovery.aggregated(kinds, core=core))
            return Response(content, media_type=discovery.AGGREGATED)
        return JSONResponse(discovery.core_versions() if core else discovery.group_list(kinds))

    async def group(request: Request) -> Response:
        name = request.path_params["group"]
        versions = discovery.groups(kinds).get(name)
        if not versions:
            raise errors.no_route()
        return JSONResponse(discovery.group(name, versions))

    async def objects(request: Request) -> Response:
        group = request.path_params.get("group", "")
        version = request.path_params.get("version", "v1")
        rest = [part for part in request.path_params.get("rest", "").split("/") if part]
        if not rest:
            found = discovery.resource_list(kinds, group, version)
            if found is None:
                raise errors.no_route()
            return JSONResponse(found)
        if reviewed := discovery.REVIEWS.get(group, {}).get(rest[0]):
            return await review(request, f"{group}/{version}", reviewed, rest)
        return await routes.answer(request, group, version, rest)

    async def openapi_3(request: Request) -> Response:
        path = request.path_params.get("path", "").strip("/")
        if not path:
            return JSONResponse(openapi.index())
        group, _, version = path.removeprefix("apis/").removeprefix("api/").rpartition("/")
        document = openapi.version_3(group, version)
        if document is None:
            raise errors.no_route()
        return JSONResponse(document)

    async def openapi_2(request: Request) -> Response:
        accepted = [
            each.split(";")[0].strip() for each in request.headers.get("accept", "*/*").split(",")
        ]
        if openapi.PROTOBUF in accepted:
            return Response(openapi.version_2_protobuf(), media_type=openapi.PROTOBUF_ANSWER)
        if not {"application/json", "*/*", "application/*"} & {*accepted}:
            raise errors.not_acceptable(["application/json", openapi.PROTOBUF])
        return JSONResponse(await asyncio.to_thread(openapi.version_2))

    return _Guard(
        Starlette(
            routes=[
                *(Route(f"/{name}", health) for name in ("healthz", "livez", "readyz")),
                Route("/", paths),
                Route("/version", version),
                Route("/version/", version),
                Route("/openapi/v2", openapi_2),
                Route("/openapi/v3", openapi_3),
                Route("/openapi/v3/{path:path}", openapi_3),
                Route("/api", root),
                Route("/api/", root),
                Route("/apis", root),
                Route("/apis/", root),
                Route("/api/v1", objects),
                Route("/api/v1/{rest:path}", objects, methods=_METHODS),
                Route("/apis/{group}", group),
                Route("/apis/{group}/", group),
                Route(progress.PATH, progress.report(resources), methods=["POST"]),
                Route(history.PATH, history.reports(resources), methods=_METHODS),
                *pod_metrics.routes(resources, logs, home),
                *ui.routes(resources, home),
                Route("/apis/{group}/{version}", objects),
                Route("/apis/{group}/{version}/{rest:path}", objects, methods=_METHODS),
            ],
            exception_handlers={
                StatusError: _refused,
                404: _no_route,
                405: _no_method,
                Exception: _unexpected,
            },
        ),
        token,
    )


_USER = {"username": "local-kubeflow", "groups": ["system:masters", "system:authenticated"]}


async def review(request: Request, api_version: str, kind: str, rest: list[str]) -> Response:
    """Reviews of who asks and what they may do: whoever has the token is the same user, and may do everything."""
    if request.method != "POST" or len(rest) != 1:
        raise errors.method_not_allowed()
    _, body = await requests.body(request)
    if not isinstance(body, dict):
        raise errors.bad_request("the body of the request is no object")
    status: dict[str, Any]
    if kind == "SelfSubjectAccessReview":
        status = {"allowed": True}
    elif kind == "SelfSubjectReview":
        status = {"userInfo": _USER}
    else:
        status = {
            "resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
            "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
            "incomplete": False,
        }
    answer = {**body, "kind": kind, "apiVersion": api_version, "status": status}
    answer.setdefault("metadata", {})
    return JSONResponse(answer, 201)


class _Guard:
    """Refuses requests without the bearer token, and those that name the server by another than a loopback name."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what is allowed, answers the rest."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            headers = dict(scope["headers"])
            host = headers.get(b"host", b"").decode("latin-1").lower()
            name = host if host.endswith("]") else host.rpartition(":")[0] or host
            if name not in LOOPBACK_NAMES:
                said = f'the server answers on loopback only, not as "{host}"'
                error = StatusError(403, "Forbidden", said)
            elif not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
                error = errors.unauthorized()
            elif any(name.startswith(b"impersonate-") for name in headers):
                said = "Local Kubeflow has one user, who cannot impersonate others; leave out the headers Impersonate-*"
                error = StatusError(403, "Forbidden", said)
            else:
                await self._app(scope, receive, send)
                return
            await JSONResponse(error.body(), error.status)(scope, receive, send)


def _answer(error: StatusError) -> Response:
    headers = None
    if error.details and (seconds := error.details.get("retryAfterSeconds")):
        headers = {"Retry-After": str(seconds)}
    return JSONResponse(error.body(), error.status, headers=headers)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, StatusError)
    return _answer(error)


async def _no_route(_: Request, __: Exception) -> Response:
    return _answer(errors.no_route())


async def _no_method(_: Request, __: Exception) -> Response:
    return _answer(errors.method_not_allowed())


async def _unexpected(request: Request, error: Exception) -> Response:
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    return _answer(
        errors.internal(f"{type(error).__name__}; `jupyter kubeflow local logs` shows more")
    )
