"""Who may speak to the server: whoever knows the token, and names the server by a loopback name."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from .registry.errors import RegistryError
from .wire_errors import ApiError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_REGISTRY = "/registry/"
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})


class Guard:
    """ASGI middleware: refuses requests without the bearer token (401) and with a foreign ``Host`` (403).

    The second keeps a web page from reaching the server through a name that it has made to point at loopback.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes on what is allowed, answers the rest."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return
        refusal = self._refusal(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            await _answer(scope["path"], refusal)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ApiError | None:
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        if name not in LOOPBACK_NAMES:
            return ApiError.forbidden(
                f'The server answers on loopback only, not as "{host}". Use the address in `jupyter kubeflow local status`.'
            )
        if not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
            return ApiError.unauthenticated(
                "The bearer token is missing or wrong. `jupyter kubeflow local status --output json` shows it."
            )
        return None


def _answer(path: str, refusal: ApiError) -> ASGIApp:
    """The refusal in the form of the API that the path belongs to."""
    if not path.startswith(_REGISTRY):
        return refusal.response()
    from starlette.responses import JSONResponse

    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else None
    return JSONResponse(
        RegistryError(refusal.status, refusal.message).body(), refusal.status, headers
    )
