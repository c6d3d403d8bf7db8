"""Query parameters by either name that a field has: ``page_size``, or ``pageSize`` as JSON spells it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_HUMP = re.compile(rb"(?<=[a-z0-9])[A-Z]")


class QueryNames:
    """ASGI middleware: below ``prefix``, names of query parameters become those of the proto files.

    KFP's gateway reads both (grpc-gateway's ``runtime.PopulateQueryParameters``).
    """

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, its query renamed."""
        if scope["type"] == "http" and scope["path"].startswith(self._prefix):
            scope = {**scope, "query_string": _renamed(scope["query_string"])}
        await self._app(scope, receive, send)


def _renamed(query: bytes) -> bytes:
    def snake(parameter: bytes) -> bytes:
        name, sign, value = parameter.partition(b"=")
        return _HUMP.sub(lambda hump: b"_" + hump[0].lower(), name) + sign + value

    return b"&".join(map(snake, query.split(b"&")))
