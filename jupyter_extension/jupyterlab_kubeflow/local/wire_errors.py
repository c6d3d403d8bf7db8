"""Errors as the KFP API server answers them: ``{"error", "code", "message", "details"}`` with gRPC codes (``googleRpcStatus``).

The HTTP status follows from the code as in grpc-gateway. ``details`` holds the sentence once more, as KFP's own (``backend/src/common/util/
error.go`` of kubeflow/pipelines), where its clients look for what is meant for the user. ``error`` is what older clients read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import JSONResponse

UNKNOWN = 2
INVALID_ARGUMENT = 3
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAUTHENTICATED = 16

_HTTP_STATUS = {
    INVALID_ARGUMENT: 400,
    NOT_FOUND: 404,
    ALREADY_EXISTS: 409,
    PERMISSION_DENIED: 403,
    RESOURCE_EXHAUSTED: 507,
    FAILED_PRECONDITION: 400,
    ABORTED: 409,
    OUT_OF_RANGE: 400,
    UNIMPLEMENTED: 501,
    INTERNAL: 500,
    UNAUTHENTICATED: 401,
}


class ApiError(Exception):
    """A refused request: a gRPC code and a sentence that names the thing and the remedy."""

    def __init__(self, code: int, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or _HTTP_STATUS[code]

    @classmethod
    def invalid(cls, message: str) -> ApiError:
        """400: the request is wrong."""
        return cls(INVALID_ARGUMENT, message)

    @classmethod
    def not_found(cls, message: str) -> ApiError:
        """404: the thing is not there."""
        return cls(NOT_FOUND, message)

    @classmethod
    def exists(cls, message: str) -> ApiError:
        """409: the name is taken."""
        return cls(ALREADY_EXISTS, message)

    @classmethod
    def forbidden(cls, message: str) -> ApiError:
        """403."""
        return cls(PERMISSION_DENIED, message)

    @classmethod
    def failed_precondition(cls, message: str) -> ApiError:
        """400: not in this state."""
        return cls(FAILED_PRECONDITION, message)

    @classmethod
    def aborted(cls, message: str) -> ApiError:
        """409: what KFP calls a bad request, such as the retry of a run that has not failed."""
        return cls(ABORTED, message)

    @classmethod
    def unimplemented(cls, message: str) -> ApiError:
        """501: an operation of KFP that this server does not have."""
        return cls(UNIMPLEMENTED, message)

    @classmethod
    def unauthenticated(cls, message: str) -> ApiError:
        """401."""
        return cls(UNAUTHENTICATED, message)

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        said = {"code": self.code, "message": self.message}
        details = [{"@type": "type.googleapis.com/google.rpc.Status", **said}]
        return {"error": self.message, **said, "details": details}

    def response(self, headers: Mapping[str, str] | None = None) -> JSONResponse:
        """The HTTP answer, with more headers if given."""
        from starlette.responses import JSONResponse

        own = {"WWW-Authenticate": "Bearer"} if self.code == UNAUTHENTICATED else {}
        return JSONResponse(
            self.body(), status_code=self.status, headers={**own, **(headers or {})}
        )
