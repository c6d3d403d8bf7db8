"""The base of every REST handler: authenticated, authorised, errors as JSON."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, TypeVar

from jupyter_server.base.handlers import APIHandler

from .errors import KubeflowError

Handler = TypeVar("Handler", bound="KubeflowHandler")

RESOURCE = "kubeflow"
"""Jupyter's authorisation resource for all routes of the suite."""

MAX_JSON_BYTES = 64 * 1024 * 1024


class KubeflowHandler(APIHandler):
    """Answers JSON and turns a :class:`KubeflowError` into its body and status."""

    def json_body(self) -> dict[str, Any]:
        """The request's JSON object.

        Raises :class:`KubeflowError` 400 when it is not a JSON object.
        """
        try:
            body = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise KubeflowError(
                f"The request body is not JSON: {error}.", reason="BadRequest"
            ) from error
        if not isinstance(body, dict):
            raise KubeflowError("The request body must be a JSON object.", reason="BadRequest")
        return body

    def finish_json(self, body: Any, status: int = 200) -> None:
        """Ends the request with ``body`` as JSON."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(body))


def answers_errors(
    method: Callable[..., Awaitable[None]],
) -> Callable[..., Awaitable[None]]:
    """Decorates a handler method so that an expected failure is answered as JSON."""

    @wraps(method)
    async def wrapper(self: KubeflowHandler, *args: Any, **kwargs: Any) -> None:
        try:
            await method(self, *args, **kwargs)
        except KubeflowError as error:
            self.finish_json(error.body(), error.status)

    return wrapper
