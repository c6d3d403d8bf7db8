"""Errors as a Kubernetes API server answers them: ``Status`` objects in the words of ``k8s.io/apimachinery/pkg/api/errors``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .kinds import Kind


@dataclass(frozen=True)
class Cause:
    """What is wrong with one field: its path, the reason (``FieldValueInvalid`` …) and the sentence."""

    field: str
    reason: str
    message: str

    def body(self) -> dict[str, str]:
        """The entry of ``details.causes``."""
        return {"reason": self.reason, "message": self.message, "field": self.field}


def required(field: str, said: str = "") -> Cause:
    """The field is missing."""
    return Cause(field, "FieldValueRequired", f"Required value{f': {said}' if said else ''}")


def invalid_value(field: str, value: Any, said: str) -> Cause:
    """The field's value is not allowed."""
    return Cause(field, "FieldValueInvalid", f"Invalid value: {shown(value)}: {said}")


def forbidden_field(field: str, said: str) -> Cause:
    """The field must not be set."""
    return Cause(field, "FieldValueForbidden", f"Forbidden: {said}")


def unsupported(field: str, value: Any, allowed: Iterable[Any]) -> Cause:
    """The field's value is none of those in the list."""
    listed = ", ".join(shown(each) for each in allowed)
    return Cause(
        field,
        "FieldValueNotSupported",
        f"Unsupported value: {shown(value)}: supported values: {listed}",
    )


def shown(value: Any) -> str:
    """A value as it stands in a message."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class StatusError(Exception):
    """A refused request: HTTP status, machine-readable reason, sentence, details."""

    def __init__(
        self, status: int, reason: str, message: str, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.message = message
        self.details = details

    def body(self) -> dict[str, Any]:
        """The ``Status`` object."""
        body: dict[str, Any] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            body["reason"] = self.reason
        if self.details is not None:
            body["details"] = self.details
        body["code"] = self.status
        return body


def _details(kind: Kind | None, name: str = "", *, as_kind: bool = False) -> dict[str, Any]:
    details: dict[str, Any] = {}
    if name:
        details["name"] = name
    if kind is not None:
        if kind.group:
            details["group"] = kind.group
        details["kind"] = kind.kind if as_kind else kind.plural
    return details


def not_found(kind: Kind, name: str) -> StatusError:
    """404: no such object."""
    return StatusError(404, "NotFound", f'{kind.resource} "{name}" not found', _details(kind, name))


def no_route() -> StatusError:
    """404: no such path."""
    return StatusError(404, "NotFound", "the server could not find the requested resource", {})


def no_subresource(kind: Kind, name: str) -> StatusError:
    """404: no such path below an object; of a custom resource it is the object that is said not to be there."""
    return no_route() if kind.strategic else not_found(kind, name)


def already_exists(kind: Kind, name: str, *, ending: bool = False) -> StatusError:
    """409: the name is taken. ``ending``: by an object that is being deleted."""
    said = f'{"object is being deleted: " if ending else ""}{kind.resource} "{name}" already exists'
    return StatusError(409, "AlreadyExists", said, _details(kind, name))


MODIFIED = (
    "the object has been modified; please apply your changes to the latest version and try again"
)


def conflict(kind: Kind, name: str, said: str = MODIFIED) -> StatusError:
    """409: the object has another version than the one the request is about."""
    return StatusError(
        409,
        "Conflict",
        f'Operation cannot be fulfilled on {kind.resource} "{name}": {said}',
        _details(kind, name),
    )


def invalid(kind: Kind, name: str, causes: Sequence[Cause]) -> StatusError:
    """422: fields are wrong."""
    said = [f"{cause.field}: {cause.message}" for cause in causes]
    listed = said[0] if len(said) == 1 else f"[{', '.join(said)}]"
    title = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    details = _details(kind, name, as_kind=True)
    details["causes"] = [cause.body() for cause in causes]
    return StatusError(422, "Invalid", f'{title} "{name}" is invalid: {listed}', details)


def invalid_option(kind: str, *causes: Cause) -> StatusError:
    """422: parameters of a request (``CreateOptions`` …) are wrong."""
    said = [f"{cause.field}: {cause.message}" for cause in causes]
    listed = said[0] if len(said) == 1 else f"[{', '.join(said)}]"
    return StatusError(
        422,
        "Invalid",
        f'{kind}.meta.k8s.io "" is invalid: {listed}',
        {"group": "meta.k8s.io", "kind": kind, "causes": [cause.body() for cause in causes]},
    )


def unknown_fields(kind: Kind, fields: Sequence[str]) -> StatusError:
    """400: an object has fields that its kind has not."""
    return not_strict(kind, [f'unknown field "{each}"' for each in fields])


def not_strict(kind: Kind, said: Sequence[str]) -> StatusError:
    """400: strict validation found something in an object's text."""
    return bad_request(
        f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: strict decoding error: {", ".join(said)}'
    )


def unknown_in_patch(_: Kind, fields: Sequence[str]) -> StatusError:
    """422: a patch would add fields that the kind has not."""
    said = ", ".join(f'unknown field "{each}"' for each in fields)
    cause = Cause("patch", "FieldValueInvalid", f"Invalid value: strict decoding error: {said}")
    message = f' "" is invalid: {cause.field}: {cause.message}'
    return StatusError(422, "Invalid", message, {"causes": [cause.body()]})


def unknown_in_apply(kind: Kind, fields: Sequence[str]) -> StatusError:
    """400: what is applied has fields that the kind has not."""
    said = "; ".join(f".{each}: field not declared in schema" for each in fields)
    return bad_request(
        f"failed to create typed patch object ({kind.api_version}, Kind={kind.kind}): {said}"
    )


def no_version(kind: Kind, name: str) -> StatusError:
    """422: a replacement of a custom resource does not say which version it replaces."""
    cause = invalid_value("metadata.resourceVersion", 0, "must be specified for an update")
    details = {**_details(kind, name), "causes": [cause.body()]}
    said = f'{kind.resource} "{name}" is invalid: {cause.field}: {cause.message}'
    return StatusError(422, "Invalid", said, details)


def precondition(kind: Kind, name: str, what: str, wanted: str, held: str) -> StatusError:
    """409: a deletion is of another object or version."""
    happened = "deleted and then recreated" if what == "UID" else "modified"
    title = f"{kind.kind}.{kind.group}" if kind.group else kind.kind
    return StatusError(
        409,
        "Conflict",
        f'Operation cannot be fulfilled on {title} "{name}": the {what} in the precondition ({wanted}) does not match the {what} in record '
        f"({held}). The object might have been {happened}",
        _details(kind, name, as_kind=True),
    )


def bad_request(message: str) -> StatusError:
    """400."""
    return StatusError(400, "BadRequest", message)


def forbidden(kind: Kind, name: str, said: str, cause: Cause | None = None) -> StatusError:
    """403."""
    details = _details(kind, name)
    if cause:
        details["causes"] = [cause.body()]
    about = f'{kind.resource} "{name}"' if name else kind.resource
    return StatusError(403, "Forbidden", f"{about} is forbidden: {said}", details)


def method_not_allowed(kind: Kind | None = None, verb: str = "") -> StatusError:
    """405."""
    if kind is None:
        return StatusError(
            405,
            "MethodNotAllowed",
            "the server does not allow this method on the requested resource",
            {},
        )
    return StatusError(
        405,
        "MethodNotAllowed",
        f"{verb} is not supported on resources of kind {kind.resource!r}".replace("'", '"'),
        _details(kind),
    )


def unsupported_media_type(accepted: Sequence[str]) -> StatusError:
    """415: a patch or body of a type that the resource does not take."""
    return StatusError(
        415,
        "UnsupportedMediaType",
        f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}",
    )


def not_acceptable(accepted: Sequence[str]) -> StatusError:
    """406: no answer of a type that the client takes."""
    return StatusError(
        406,
        "NotAcceptable",
        f"only the following media types are accepted: {', '.join(accepted)}",
    )


def expired(message: str) -> StatusError:
    """410: a version older than the history that is kept."""
    return StatusError(410, "Expired", message)


def too_old(version: int, oldest: int) -> StatusError:
    """410 of a watch."""
    return expired(f"too old resource version: {version} ({oldest})")


def too_large_version(version: int, current: int) -> StatusError:
    """504: a version that is still to come."""
    return StatusError(
        504,
        "Timeout",
        f"Timeout: Too large resource version: {version}, current: {current}",
        {
            "causes": [
                {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
            ],
            "retryAfterSeconds": 1,
        },
    )


def unauthorized() -> StatusError:
    """401."""
    return StatusError(401, "Unauthorized", "Unauthorized")


def internal(message: str) -> StatusError:
    """500: the server failed, or its disk is full."""
    return StatusError(500, "InternalError", f"Internal error occurred: {message}")
