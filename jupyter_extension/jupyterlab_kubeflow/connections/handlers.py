"""``GET`` and ``PUT /kubeflow/connection``."""

from __future__ import annotations

from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.rest import RESOURCE, KubeflowHandler, answers_errors

from .manager import ConnectionManager


class ConnectionHandler(KubeflowHandler):
    """The active connection, its namespace, components and status; and switching it (docs/architecture.md, Routes)."""

    @property
    def connections(self) -> ConnectionManager:
        """The server's connections."""
        manager: ConnectionManager = self.settings["kubeflow_connections"]
        return manager

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    @answers_errors
    async def get(self) -> None:
        """Answers the state. A broken connection is told in ``status``, with HTTP 200."""
        self.finish_json(await self.connections.state())

    @web.authenticated
    @authorized(action="write", resource=RESOURCE)
    @answers_errors
    async def put(self) -> None:
        """Switches to ``{active?, namespace?, registry?}`` and answers the state.

        400 for a field that is not one of these or no string, 404 for an unknown connection or registry, 422 when ``connections.json`` is invalid.
        """
        body = self.json_body()
        unknown = sorted(set(body) - {"active", "namespace", "registry"})
        if unknown:
            raise KubeflowError(
                f'There is no field "{unknown[0]}"; give active, namespace, registry or several of these.',
                details={"field": unknown[0]},
            )
        for field, value in body.items():
            if not isinstance(value, str):
                raise _not_text(field, value)
        await self.connections.select(
            body.get("active"), body.get("namespace"), body.get("registry")
        )
        self.finish_json(await self.connections.state())


def _not_text(field: str, value: Any) -> KubeflowError:
    return KubeflowError(
        f"The field {field} must be a string, not {type(value).__name__}.", details={"field": field}
    )
