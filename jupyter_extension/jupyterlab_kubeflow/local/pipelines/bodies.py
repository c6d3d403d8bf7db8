"""Reading request bodies and writing answers: snake_case JSON, times in RFC 3339, nothing for what is not set."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Annotated, Any

from pydantic import AfterValidator
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.wire_errors import ApiError
from jupyterlab_kubeflow.times import instant


def strict_json(value: Any) -> Any:
    """The value, when it can be kept and sent: no NaN, no infinity, no half of a character. Else ``ValueError``."""
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    return value


JsonObject = Annotated[dict[str, Any], AfterValidator(strict_json)]
"""A request body: a JSON object."""


def field(body: dict[str, Any], name: str) -> Any:
    """The value of ``name``, written in snake_case or, as protobuf's JSON also allows, in camelCase; None when it is not there."""
    if name in body:
        return body[name]
    first, *rest = name.split("_")
    return body.get(first + "".join(word.capitalize() for word in rest))


def text(body: dict[str, Any], name: str) -> str | None:
    """A string of the body, None when it is missing or empty."""
    value = field(body, name)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise ApiError.invalid(f"{name} must be a string, not {value!r}.")
    return value


def required_text(body: dict[str, Any], name: str, what: str) -> str:
    """A string of the body that must be there and not blank; ``what`` says of what."""
    value = text(body, name)
    if value is None or not value.strip():
        raise ApiError.invalid(f"{what} needs a {name}: it is missing or empty.")
    return value


def mapping(body: dict[str, Any], name: str) -> dict[str, Any]:
    """An object of the body, empty when it is missing."""
    value = field(body, name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ApiError.invalid(f"{name} must be an object, not {value!r}.")
    return value


def tags(value: dict[str, Any]) -> dict[str, str]:
    """Tags: an object of strings."""
    for key, one in value.items():
        if not isinstance(one, str):
            raise ApiError.invalid(f'tags: the value of "{key}" must be a string, not {one!r}.')
    return value


def parse_time(value: Any, where: str) -> datetime:
    """An RFC 3339 time."""
    try:
        time = instant(str(value))
        return time.astimezone(timezone.utc) if time.tzinfo else time.replace(tzinfo=timezone.utc)
    except (ValueError, OverflowError):
        raise ApiError.invalid(
            f"{where}: {value!r} is not a time such as 2026-01-31T12:00:00Z."
        ) from None


def format_time(time: datetime | None) -> str | None:
    """RFC 3339 in UTC."""
    if time is None:
        return None
    return time.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def compact(body: dict[str, Any]) -> dict[str, Any]:
    """The body without what is None."""
    return {key: value for key, value in body.items() if value is not None}


def answer(body: dict[str, Any]) -> JSONResponse:
    """200 with ``body``."""
    return JSONResponse(body)
