"""The application of Local Kubeflow: routes, errors and the engine's life."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DatabaseError, OperationalError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from jupyterlab_kubeflow import __version__

from .auth import Guard
from .engine.engine import Engine
from .engine.slots import Slots
from .kubernetes.server import KubernetesServer
from .paths import Home
from .pipelines import (
    artifacts,
    cluster_only,
    experiments,
    pipelines,
    recurring,
    runs,
    tasks,
    ui,
)
from .pipelines.query_names import QueryNames
from .pipelines.services import Services
from .process import LocalStatus, write_server_file
from .registry.app import Registry
from .schedules.scheduler import Clock, Scheduler, zone_of_environment
from .store import upkeep
from .store.database import Database
from .store.history import now
from .store.recorder import SqliteRecorder
from .wire_errors import (
    INTERNAL,
    INVALID_ARGUMENT,
    NOT_FOUND,
    RESOURCE_EXHAUSTED,
    UNIMPLEMENTED,
    ApiError,
)

PREFIX = "/pipelines"
"""Under this path lie the KFP API and the routes of the KFP UI server."""

REGISTRY = "/registry"
"""Under this path lies the API of the Model Registry."""


def create_app(
    home: Home,
    token: str,
    *,
    clock: Clock = now,
    beside: Callable[[Slots], AbstractAsyncContextManager[None]] = lambda _: nullcontext(),
) -> FastAPI:
    """The application on ``home``: every route wants ``Authorization: Bearer TOKEN`` and a loopback ``Host``.

    Recurring runs are due by ``clock``. ``beside`` runs on the same event loop and shares the slots of pipeline runs. Raises
    :class:`KubeflowError` when the database or the time zone is unusable.
    """

    zone = zone_of_environment()
    upkeep.check_runs(home.database, home.runs)
    database = Database(home.database)
    database.migrate()
    registry = Registry(home.registry)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        scheduler = Scheduler(
            database,
            recurring.create_run,
            lambda run_id: services.submit(run_id),
            clock=clock,
            zone=zone,
        )
        recorder = SqliteRecorder(database, scheduler.wake)
        services = Services(
            home=home,
            database=database,
            recorder=recorder,
            engine=Engine(recorder, home.root),
            scheduler=scheduler,
            loop=asyncio.get_running_loop(),
            stopping=app.state.stopping,
        )
        with database.write() as session:
            experiments.default_experiment(session)
        _add_routes(app, services)
        await services.engine.start()
        await scheduler.start()
        app.state.scheduler = scheduler
        try:
            async with beside(services.engine.slots):
                yield
        finally:
            await scheduler.stop()
            await services.engine.stop()
            await asyncio.to_thread(registry.close)
            database.close()

    app = FastAPI(
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.mount(REGISTRY, registry.app)
    app.state.stopping = asyncio.Event()
    app.add_middleware(QueryNames, prefix=f"{PREFIX}/apis/")
    app.add_middleware(Guard, token=token)
    _add_error_handlers(app, home)
    return app


def _add_routes(app: FastAPI, services: Services) -> None:
    api = APIRouter(prefix=f"{PREFIX}/apis/v2beta1")

    @api.get("/healthz")
    async def healthz() -> JSONResponse:
        return JSONResponse({"multi_user": False, "pipeline_store": "database"})

    for resource in (
        experiments,
        pipelines,
        runs,
        recurring,
        tasks,
        artifacts,
        cluster_only,
    ):
        api.include_router(resource.router(services))
    app.include_router(api)
    app.include_router(ui.router(services), prefix=PREFIX)


def _add_error_handlers(app: FastAPI, home: Home) -> None:
    @app.exception_handler(ApiError)
    async def api_error(_: Request, error: ApiError) -> JSONResponse:
        return error.response()

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        said = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
            for problem in error.errors()
        )
        return ApiError(INVALID_ARGUMENT, f"The request is invalid: {said}.").response()

    @app.exception_handler(HTTPException)
    async def no_route(request: Request, error: HTTPException) -> Response:
        path = request.url.path
        if error.status_code == 404:
            return ApiError(NOT_FOUND, f"Local Kubeflow has no route {path}.").response()
        if error.status_code == 405:
            return ApiError(
                UNIMPLEMENTED, f"Local Kubeflow does not offer {request.method} {path}."
            ).response()
        return ApiError(INVALID_ARGUMENT, str(error.detail), status=error.status_code).response()

    @app.exception_handler(OSError)
    async def files(_: Request, error: OSError) -> JSONResponse:
        return ApiError(
            RESOURCE_EXHAUSTED,
            f"Local Kubeflow cannot use its folder {home.root}: {error.strerror}. Free some space on its disk, or make the folder writable, "
            "and try again.",
        ).response()

    @app.exception_handler(DatabaseError)
    async def records(request: Request, error: DatabaseError) -> JSONResponse:
        if type(error) not in (DatabaseError, OperationalError):
            return await unexpected(request, error)
        code = INTERNAL if upkeep.is_damage(error) else RESOURCE_EXHAUSTED
        return ApiError(code, upkeep.in_words(error, home.database)).response()

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        return ApiError(
            INTERNAL,
            f"Local Kubeflow failed on {request.method} {request.url.path} ({type(error).__name__}). "
            "`jupyter kubeflow local logs` shows more.",
        ).response()


class Server(uvicorn.Server):
    """Publishes its address once it accepts connections, and ends open streams before it waits for them."""

    def __init__(
        self, app: FastAPI, home: Home, url: str, token: str, kubernetes: KubernetesServer
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="on",
                server_header=False,
                timeout_keep_alive=75,  # longer than clients do, so that none sends into a connection that is being closed
                timeout_graceful_shutdown=5,
            )
        )
        self._app = app
        self._home = home
        self._kubernetes = kubernetes
        self._status = LocalStatus(
            running=True,
            home=str(home.root),
            url=url,
            token=token,
            pid=os.getpid(),
            version=__version__,
            kubeconfig=str(kubernetes.kubeconfig),
            services={
                "pipelines": f"{url}{PREFIX}",
                "registry": f"{url}{REGISTRY}",
                "kubernetes": kubernetes.url,
            },
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            # Collections then leave out what has been imported, which took up to a tenth of a second each.
            gc.freeze()
            self._status.services.update(self._kubernetes.services)
            write_server_file(self._home, self._status)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # All of it here: uvicorn raises the signal again once this is done, which ends the process.
        self._app.state.stopping.set()
        streams = asyncio.create_task(asyncio.to_thread(self._kubernetes.stop_serving))
        await super().shutdown(sockets)
        await streams
        await asyncio.to_thread(self._kubernetes.stop)
        self._home.server_file.unlink(missing_ok=True)
