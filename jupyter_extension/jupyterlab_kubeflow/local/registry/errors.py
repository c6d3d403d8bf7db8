"""Errors as the Model Registry answers them: ``{"code": STATUS TEXT, "message"}`` (``internal/server/openapi/error.go`` of kubeflow/hub)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any


class RegistryError(Exception):
    """A refused request: an HTTP status and a sentence that names the field or object."""

    def __init__(self, status: int, message: str, *, code: int | None = None) -> None:
        """``code``: the status that the body names, where it is another one than the answer's."""
        super().__init__(message)
        self.status = status
        self.message = message
        self._code = code or status

    @classmethod
    def invalid(cls, message: str) -> RegistryError:
        """400: the request is wrong."""
        return cls(400, message)

    @classmethod
    def missing(cls, field: str) -> RegistryError:
        """422: a required field is missing or empty; the body says ``Bad Request``, as upstream's."""
        return cls(422, f"required field '{field}' is zero value.", code=400)

    @classmethod
    def not_found(cls, message: str) -> RegistryError:
        """404: the object is not there."""
        return cls(404, f"{message}: not found")

    @classmethod
    def exists(cls, message: str) -> RegistryError:
        """409: the name or external id is taken."""
        return cls(409, f"{message}: conflict")

    def body(self) -> dict[str, Any]:
        """The JSON body, the schema ``Error``."""
        return {"code": HTTPStatus(self._code).phrase, "message": self.message}
