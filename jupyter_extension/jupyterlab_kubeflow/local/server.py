"""The server process of Local Kubeflow: ``python -m jupyterlab_kubeflow.local.server --home FOLDER``."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from jupyterlab_kubeflow import __version__
from jupyterlab_kubeflow.errors import KubeflowError

from .auth import Guard
from .engine.engine import Engine
from .paths import Home
from .pipelines import artifacts, experiments, pipelines, runs, tasks, ui
from .pipelines.services import Services
from .process import PORT_VARIABLE, hold_server_lock, write_server_file
from .store.database import Database
from .store.recorder import SqliteRecorder
from .wire_errors import INTERNAL, INVALID_ARGUMENT, NOT_FOUND, UNIMPLEMENTED, ApiError

logger = logging.getLogger("jupyterlab_kubeflow.local")

PREFIX = "/pipelines"
"""Under this path lie the KFP API and the routes of the KFP UI server."""


def create_app(home: Home, token: str) -> FastAPI:
    """The application on ``home``: every route wants ``Authorization: Bearer TOKEN`` and a loopback ``Host``."""

    database = Database(home.database)
    database.migrate()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        services = Services(
            home=home,
            database=database,
            recorder=(recorder := SqliteRecorder(database)),
            engine=Engine(recorder, home.root),
            loop=asyncio.get_running_loop(),
            stopping=app.state.stopping,
        )
        with database.write() as session:
            experiments.default_experiment(session)
        _add_routes(app, services)
        await services.engine.start()
        try:
            yield
        finally:
            await services.engine.stop()
            database.close()

    app = FastAPI(
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.stopping = asyncio.Event()
    app.add_middleware(Guard, token=token)
    _add_error_handlers(app)
    return app


def _add_routes(app: FastAPI, services: Services) -> None:
    api = APIRouter(prefix=f"{PREFIX}/apis/v2beta1")

    @api.get("/healthz")
    async def healthz() -> JSONResponse:
        return JSONResponse({"multi_user": False, "pipeline_store": "database"})

    for resource in (experiments, pipelines, runs, tasks, artifacts):
        api.include_router(resource.router(services))
    app.include_router(api)
    app.include_router(ui.router(services), prefix=PREFIX)


def _add_error_handlers(app: FastAPI) -> None:
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

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        return ApiError(
            INTERNAL,
            f"Local Kubeflow failed on {request.method} {request.url.path} ({type(error).__name__}). "
            "`jupyter kubeflow local logs` shows more.",
        ).response()


class _Server(uvicorn.Server):
    """Publishes its address once it accepts connections, and ends open streams before it waits for them."""

    def __init__(self, app: FastAPI, home: Home, url: str, token: str) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                lifespan="on",
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        )
        self._app = app
        self._home = home
        self._url = url
        self._token = token

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            write_server_file(self._home, self._url, self._token, __version__)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.stopping.set()
        await super().shutdown(sockets)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise KubeflowError(
            f"Local Kubeflow cannot listen on port {port}: {getattr(error, 'strerror', error)}. Choose another one with "
            f"--port or {PORT_VARIABLE}, or none for a random free one.",
            reason="NotConfigured",
            status=503,
            service="local",
        ) from error
    return listener


def _port(given: int | None) -> int:
    if given is not None:
        return given
    text = os.environ.get(PORT_VARIABLE, "").strip()
    if not text:
        return 0
    try:
        return int(text)
    except ValueError:
        raise KubeflowError(
            f"{PORT_VARIABLE} must be a port number, not {text!r}.", reason="NotConfigured"
        ) from None


def serve(home: Home, port: int | None = None) -> None:
    """Serves ``home`` until SIGTERM or SIGINT. Raises :class:`KubeflowError` when it cannot start."""
    os.umask(0o077)
    home.create()
    lock = hold_server_lock(home)
    listener = _listen(_port(port))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    token = secrets.token_urlsafe(32)
    server = _Server(create_app(home, token), home, url, token)
    try:
        server.run(sockets=[listener])
    finally:
        home.server_file.unlink(missing_ok=True)
        os.close(lock)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the server process; what it says goes to ``server.log``."""
    parser = argparse.ArgumentParser(prog="python -m jupyterlab_kubeflow.local.server")
    parser.add_argument("--home", help="folder of Local Kubeflow")
    parser.add_argument("--port", type=int, help="port to listen on; a random free one by default")
    options = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        serve(Home.of(options.home), options.port)
    except KubeflowError as error:
        print(error.message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
