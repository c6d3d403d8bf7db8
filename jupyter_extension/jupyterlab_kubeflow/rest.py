"""The base of every REST handler: authenticated, authorised, errors as JSON."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import wraps
from http.client import responses
from typing import Any, TypeVar

from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError

from .errors import KubeflowError

Handler = TypeVar("Handler", bound="KubeflowHandler")

RESOURCE = "kubeflow"
"""Jupyter's authorisation resource for all routes of the suite."""

MAX_JSON_BYTES = 4 * 1024 * 1024
"""Largest body of the extension's own JSON routes, in bytes."""

_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "MethodNotAllowed",
    413: "TooLarge",
}


def http_error(status: int, error: BaseException | None) -> KubeflowError:
    """What a refusal by Jupyter itself says: authentication, origin, XSRF, unknown method."""
    message = ""
    if isinstance(error, HTTPError) and status < 500:
        message = error.log_message or ""
    return KubeflowError(
        message or responses.get(status, "Unknown error"),
        reason=_REASONS.get(status, "InternalError"),
        status=status,
    )


class JsonErrors:
    """Mixin for handlers: whatever Jupyter or Tornado refuses is answered in the suite's error shape."""

    def error_body(self, error: KubeflowError) -> dict[str, Any]:
        """The JSON that stands for an error."""
        return error.body()

    def write_error(self: Any, status_code: int, **kwargs: Any) -> None:
        """Answers with :meth:`error_body`; an unforeseen error tells no internals."""
        error = (kwargs.get("exc_info") or (None, None))[1]
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(self.error_body(http_error(status_code, error))))


class KubeflowHandler(JsonErrors, APIHandler):
    """Answers JSON and turns a :class:`KubeflowError` into its body and status."""

    def json_body(self) -> dict[str, Any]:
        """The request's JSON object.

        Raises :class:`KubeflowError` 400 when it is not a JSON object and 413 when it is longer than :data:`MAX_JSON_BYTES`.
        """
        if len(self.request.body or b"") > MAX_JSON_BYTES:
            raise KubeflowError(
                f"The request body is longer than {MAX_JSON_BYTES} bytes.",
                reason="TooLarge",
                status=413,
            )
        try:
            body = json.loads(self.request.body or b"{}")
        except (ValueError, RecursionError) as error:
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
            self.finish_json(self.error_body(error), error.status)

    return wrapper
