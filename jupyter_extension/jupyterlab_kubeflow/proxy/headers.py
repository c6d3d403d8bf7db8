"""Which headers go up and which come back. Everything else stays behind: cookies, Authorization, the XSRF and the Jupyter token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from jupyterlab_kubeflow.errors import KubeflowError

UP = (
    "Accept",
    "Accept-Language",
    "Content-Encoding",
    "Content-Type",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "Range",
)

DOWN = (
    "Accept-Ranges",
    "Cache-Control",
    "Content-Disposition",
    "Content-Encoding",
    "Content-Language",
    "Content-Length",
    "Content-Range",
    "Content-Type",
    "ETag",
    "Expires",
    "Last-Modified",
    "Retry-After",
    "Warning",
)

_DOWN = {name.lower().encode(): name for name in DOWN}

SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'self'"
"""Content-Security-Policy of whatever comes from an upstream: it never runs as the Jupyter server's origin."""

_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_GZIP = re.compile(r"(?:^|[,\s])gzip\s*(?:,|$|;\s*q=(?:1|0?\.\d*[1-9]))", re.IGNORECASE)
"""An ``Accept-Encoding`` that has gzip with a weight above 0."""

_MAX_VALUE = 8 * 1024


def upward(headers: Mapping[str, str], service: str) -> dict[str, str]:
    """The request headers to send. Raises :class:`KubeflowError` 400 for a value that could inject another header."""
    result = {}
    for name in UP:
        value = headers.get(name)
        if value is None:
            continue
        if not _VALUE.fullmatch(value) or len(value) > _MAX_VALUE:
            raise KubeflowError(
                f"The header {name} is refused: it holds a control character or is too long.",
                reason="BadRequest",
                service=service,
            )
        result[name] = value
    packed = service == "kubernetes" and _GZIP.search(headers.get("Accept-Encoding", ""))
    result["Accept-Encoding"] = "gzip" if packed else "identity"
    result.setdefault("Accept", "*/*")
    return result


def downward(raw: Iterable[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    """The answer's headers to pass on, byte for byte (as Latin-1, which HTTP libraries write); of one that is repeated, all values."""
    found: dict[str, list[str]] = {}
    for name, value in raw:
        listed = _DOWN.get(name.lower())
        text = value.decode("latin-1")
        if listed and _VALUE.fullmatch(text):
            found.setdefault(listed, []).append(text)
    return [(name, ", ".join(values)) for name, values in found.items()]
