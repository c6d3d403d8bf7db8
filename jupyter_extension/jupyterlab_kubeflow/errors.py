"""Errors that a person may read: each has a reason word, a message that says what to do, and an HTTP status."""

from __future__ import annotations

from typing import Any


class KubeflowError(Exception):
    """An expected failure.

    ``reason`` is a word of the Kubernetes style (``NotFound``, ``Invalid``, ``UpstreamUnreachable`` …), ``message`` a sentence that names the
    thing and the remedy, ``service`` who failed, ``details`` JSON for a form (for example ``{"field": "lr"}``).
    """

    def __init__(
        self,
        message: str,
        *,
        reason: str = "Invalid",
        status: int = 400,
        service: str = "jupyter",
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason
        self.status = status
        self.service = service
        self.details = details

    def body(self) -> dict[str, Any]:
        """The JSON body of an error answer (see *Routes* in docs/architecture.md)."""
        body: dict[str, Any] = {
            "service": self.service,
            "status": self.status,
            "reason": self.reason,
            "message": self.message,
        }
        if self.details:
            body["details"] = self.details
        return body

    def status_body(self) -> dict[str, Any]:
        """The same as a ``v1.Status`` for clients of the Kubernetes API: ``status`` is ``Failure``, the HTTP status is in ``code``."""
        kind = {"kind": "Status", "apiVersion": "v1", "metadata": {}}
        return {**kind, **self.body(), "status": "Failure", "code": self.status}
