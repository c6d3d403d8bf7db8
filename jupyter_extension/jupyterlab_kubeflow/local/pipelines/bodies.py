"""Reading request bodies and writing answers: snake_case JSON, times in RFC 3339, nothing for what is not set."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.wire_errors import UNKNOWN, ApiError
from jupyterlab_kubeflow.times import instant

MAX_BODY_BYTES = 64 * 1024 * 1024
"""A JSON body may have at most this size."""

MAX_TAGS = 20
MAX_TAG_LENGTH = 63


def strict_json(value: Any) -> Any:
    """The value, when it can be kept and sent: no NaN, no infinity, no half of a character. Else ``ValueError``."""
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    return value


async def _content(request: Request) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MAX_BODY_BYTES:
            raise ApiError.invalid(f"The body is larger than {MAX_BODY_BYTES} bytes.")
    return bytes(content)


def body(kind: Callable[[Any, str], Any]) -> Any:
    """The dependency of a route whose body is of this kind (``messages``), whatever its content type; no body is an empty object."""

    def read(content: Annotated[bytes, Depends(_content)]) -> Any:
        try:
            given = strict_json(json.loads(content)) if content.strip() else {}
        except (ValueError, RecursionError) as error:
            raise ApiError.invalid(f"The body is not JSON: {error}.") from error
        return kind(given, "")

    return Depends(read)


def text(given: dict[str, Any], name: str) -> str | None:
    """A string of a message, None when it is missing or empty."""
    return given.get(name) or None


def required_text(given: dict[str, Any], name: str, what: str) -> str:
    """A string of a message that must be there and not blank; ``what`` says of what."""
    value = text(given, name)
    if value is None or not value.strip():
        raise ApiError.invalid(f"{what} needs a {name}: it is missing or empty.")
    return value


def name_within(name: str | None, limit: int, what: str, field_name: str = "name") -> str:
    """A name that is there, not blank and has at most ``limit`` bytes; ``what`` says whose."""
    if name is None or not name.strip():
        raise ApiError.invalid(f"{what} needs a {field_name}: it is missing or empty.")
    if len(name.encode()) > limit:
        raise ApiError.invalid(
            f"{what} has a {field_name} of at most {limit} bytes; this one has {len(name.encode())}."
        )
    return name


def checked_tags(tags: dict[str, str]) -> dict[str, str]:
    """The tags, when KFP would take them: at most 20, keys without a dot, keys and values of at most 63 characters."""
    if len(tags) > MAX_TAGS:
        raise ApiError.invalid(f"tags: at most {MAX_TAGS} are possible, not {len(tags)}.")
    for key, value in tags.items():
        if not key or "." in key:
            raise ApiError.invalid(f'tags: a key must not be empty or hold a dot, as "{key}" does.')
        if max(len(key), len(value)) > MAX_TAG_LENGTH:
            raise ApiError.invalid(
                f'tags: keys and values have at most {MAX_TAG_LENGTH} characters, unlike "{key}": "{value}".'
            )
    return tags


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


def history(entries: list[dict[str, Any]], words: dict[str, str]) -> list[dict[str, Any]]:
    """A state history as ``[{update_time, state, error?}]``, with states translated by ``words``."""
    return [
        compact(
            {
                "update_time": format_time(parse_time(entry["time"], "state_history")),
                "state": words.get(entry["state"], entry["state"]),
                "error": rpc_status(entry.get("error")),
            }
        )
        for entry in entries
    ]


def rpc_status(message: str | None) -> dict[str, Any] | None:
    """A message as ``googleRpcStatus``."""
    return {"code": UNKNOWN, "message": message} if message else None
