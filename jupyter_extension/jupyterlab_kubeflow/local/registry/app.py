"""The Model Registry as an application of its own, to be mounted below ``/registry``: routes, errors, and the life of its database.

Its routes are those of the OpenAPI document v1alpha3, below ``/api/model_registry/v1alpha3`` and, for the Python client, which knows a part
of them as ``v1``, below ``/api/model_registry/v1``.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.exc import DatabaseError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Router

from jupyterlab_kubeflow.local.store import upkeep
from jupyterlab_kubeflow.local.store.database import Database

from .errors import RegistryError
from .routes import routes
from .writer import Writer

MIGRATIONS = Path(__file__).parent / "migrations"
PREFIXES = ("/api/model_registry/v1alpha3", "/api/model_registry/v1")


class Registry:
    """The registry kept in the database at ``path``; ``app`` serves it. Whoever makes it closes it."""

    def __init__(self, path: Path) -> None:
        """Raises :class:`KubeflowError` when the database is unusable."""
        self._database = Database(path, MIGRATIONS)
        self._database.migrate()
        self._writer = Writer(self._database)
        served = Router(routes(self._database, self._writer), redirect_slashes=False)
        self.app = Starlette(
            routes=[Mount(prefix, served) for prefix in PREFIXES],
            exception_handlers={
                RegistryError: _refused,
                HTTPException: _no_route,
                DatabaseError: self._unusable,
                Exception: _unexpected,
            },
        )
        self.app.router.redirect_slashes = False

    def close(self) -> None:
        """Ends what is being written and closes the database."""
        self._writer.close()
        self._database.close()

    async def _unusable(self, request: Request, error: Exception) -> Response:
        if not isinstance(error, DatabaseError):
            return await _unexpected(request, error)
        status = 500 if upkeep.is_damage(error) else 507
        return _answer(RegistryError(status, upkeep.in_words(error, self._database.path)))


def _answer(error: RegistryError) -> Response:
    return JSONResponse(error.body(), status_code=error.status)


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RegistryError)
    return _answer(error)


async def _no_route(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    said = (
        f"The registry does not offer {request.method} {request.url.path}."
        if status in (404, 405)
        else str(getattr(error, "detail", error))
    )
    return _answer(RegistryError(status, said))


async def _unexpected(request: Request, error: Exception) -> Response:
    return _answer(
        RegistryError(
            500,
            f"Local Kubeflow failed on {request.method} {request.url.path} ({type(error).__name__}). "
            "`jupyter kubeflow local logs` shows more.",
        )
    )
