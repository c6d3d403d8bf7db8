"""One stream of the stream socket: its subscription, its credit and its upstream request."""

from __future__ import annotations

import asyncio
import codecs
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from jupyterlab_kubeflow.connections.manager import ConnectionManager
from jupyterlab_kubeflow.errors import KubeflowError

from .forward import Answer, Call, forward
from .limits import Limits

logger = logging.getLogger(__name__)

FORMATS = ("text", "ndjson")

Send = Callable[[dict[str, Any]], Awaitable[None]]
"""Sends a frame to the browser; returns when the socket has taken it."""

_ACCEPT = {"text": "text/plain, */*", "ndjson": "application/json, */*"}
_REASONS = {
    400: "BadRequest",
    401: "Unauthorized",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    410: "Gone",
    422: "Invalid",
    429: "TooManyRequests",
}
_ERROR_BYTES = 64 * 1024
_FIELDS = {"op", "id", "service", "path", "query", "format", "credit"}


@dataclass(frozen=True)
class Subscription:
    """A checked ``subscribe`` frame."""

    call: Call
    format: str
    credit: int

    @classmethod
    def parse(cls, frame: dict[str, Any], limits: Limits) -> Subscription:
        """Checks the frame and the allow-lists. Raises :class:`KubeflowError` that names the field."""
        unknown = sorted(set(frame) - _FIELDS)
        if unknown:
            raise _field(unknown[0][:40], "is not known")
        for name in ("service", "path"):
            if not isinstance(frame.get(name), str):
                raise _field(name, "must be a string")
        form = frame.get("format", "text")
        if form not in FORMATS:
            raise _field("format", f"must be one of {', '.join(FORMATS)}")
        credit = checked_credit(frame.get("credit"), "credit", limits.stream_credit)
        call = Call.checked(
            frame["service"],
            "GET",
            frame["path"],
            _query(frame.get("query")),
            {"Accept": _ACCEPT[form]},
            limits,
        )
        return cls(call, form, credit)


class Stream:
    """Forwards one answer within its credit: the next piece is read from upstream only when the one before has been sent."""

    def __init__(
        self, identifier: str, subscription: Subscription, limits: Limits, send: Send
    ) -> None:
        self._id = identifier
        self._subscription = subscription
        self._limits = limits
        self._send = send
        self._credit = subscription.credit
        # A line may overdraw the credit; its reader then gives back what was sent at once.
        self._most = max(limits.stream_credit, limits.line_bytes + subscription.credit)
        self._more = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self, connections: ConnectionManager, ended: Callable[[], None]) -> None:
        """Begins; ``ended`` is called once at the end, however it comes."""
        self._task = asyncio.ensure_future(self._run(connections))

        def done(task: asyncio.Task[None]) -> None:
            ended()
            if not task.cancelled():
                task.exception()

        self._task.add_done_callback(done)

    def cancel(self) -> None:
        """Ends the upstream request; nothing more is sent."""
        if self._task is not None:
            self._task.cancel()

    def add_credit(self, count: Any) -> None:
        """Allows ``count`` more bytes. Raises :class:`KubeflowError` when it is no count or the credit gets too large."""
        added = checked_credit(count, "bytes", self._most)
        if self._credit + added > self._most:
            raise _field("bytes", f"raises the credit above {self._most}")
        self._credit += added
        self._more.set()

    async def _run(self, connections: ConnectionManager) -> None:
        subscription, limits = self._subscription, self._limits
        try:
            async with forward(
                connections,
                subscription.call,
                limits,
                first_byte=limits.stream_idle,
                idle=limits.stream_idle,
            ) as answer:
                if not 200 <= answer.status < 300:
                    raise await _upstream_error(answer)
                await self._say(
                    "open",
                    status=answer.status,
                    contentType=answer.header("content-type"),
                )
                pieces = (
                    _lines(answer, limits.line_bytes)
                    if subscription.format == "ndjson"
                    else _text(answer)
                )
                async for piece in pieces:
                    await self._pass(piece)
            await self._say("end")
        except KubeflowError as error:
            await self._say("error", error=error.body())
        except Exception as error:
            unforeseen = KubeflowError(
                f"The stream broke off ({type(error).__name__}). Open it again.",
                reason="InternalError",
                status=500,
                service=subscription.call.service,
            )
            logger.exception("kubeflow: a stream of %s broke off", subscription.call.service)
            await self._say("error", error=unforeseen.body())

    async def _pass(self, piece: bytes) -> None:
        """Sends what fits into the credit. The first character or line always fits, once there is any credit."""
        while piece:
            while self._credit <= 0:
                self._more.clear()
                await self._more.wait()
            fit = cut_lines if self._subscription.format == "ndjson" else cut
            size = fit(piece, self._credit)
            self._credit -= size
            await self._say("data", data=piece[:size].decode("utf-8"))
            piece = piece[size:]

    async def _say(self, op: str, **fields: Any) -> None:
        await self._send({"op": op, "id": self._id, **fields})


def cut(text: bytes, limit: int) -> int:
    """How many bytes of UTF-8 ``text`` fit into ``limit`` without dividing a character; at least one character."""
    if len(text) <= limit:
        return len(text)
    end = limit
    while end > 0 and text[end] & 0xC0 == 0x80:
        end -= 1
    if end == 0:
        end = 1
        while end < len(text) and text[end] & 0xC0 == 0x80:
            end += 1
    return end


def cut_lines(lines: bytes, limit: int) -> int:
    """How many bytes of whole lines fit into ``limit``; at least one line."""
    if len(lines) <= limit:
        return len(lines)
    return (lines.rfind(b"\n", 0, limit) + 1) or (lines.find(b"\n") + 1)


def checked_credit(count: Any, name: str, most: int) -> int:
    """A credit of at most ``most`` bytes. Raises :class:`KubeflowError` that names the field."""
    if isinstance(count, bool) or not isinstance(count, int):
        raise _field(name, "must be a whole number of bytes")
    if not 0 <= count <= most:
        raise _field(name, f"must be between 0 and {most}")
    return count


async def _text(answer: Answer) -> AsyncIterator[bytes]:
    """UTF-8 in whole characters; what is not UTF-8 becomes U+FFFD."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    async for chunk in answer.chunks(decoded=True):
        if text := decoder.decode(chunk):
            yield text.encode("utf-8")
    if rest := decoder.decode(b"", final=True):
        yield rest.encode("utf-8")


async def _lines(answer: Answer, longest: int) -> AsyncIterator[bytes]:
    """Whole lines, the last one completed with a line feed. Raises :class:`KubeflowError` for a line longer than ``longest``."""
    held = bytearray()
    async for piece in _text(answer):
        scanned = len(held)
        held += piece
        end = held.rfind(b"\n", scanned) + 1
        if end:
            yield bytes(held[:end])
            del held[:end]
        if len(held) > longest:
            raise KubeflowError(
                f"A line of the stream is longer than {longest} bytes. The server's administrator can raise "
                "KubeflowExtension.max_line_bytes.",
                reason="TooLarge",
                status=502,
                service=answer.upstream.service,
            )
    if held:
        yield bytes(held) + b"\n"


async def _upstream_error(answer: Answer) -> KubeflowError:
    """An upstream's refusal: what its JSON (Kubernetes Status, googleRpcStatus) or text says."""
    content = b""
    async for chunk in answer.chunks(decoded=True):
        content += chunk
        if len(content) >= _ERROR_BYTES:
            break
    text = content[:_ERROR_BYTES].decode("utf-8", "replace").strip()
    reason = _REASONS.get(answer.status, "UpstreamError")
    message, details = text[:1000], None
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        said = body.get("message") or body.get("error")
        message = said if isinstance(said, str) else message
        if isinstance(body.get("reason"), str) and body["reason"]:
            reason = body["reason"]
        if isinstance(body.get("details"), dict):
            details = body["details"]
    if (after := answer.header("retry-after")).isdecimal():
        details = {"retryAfterSeconds": int(after), **(details or {})}
    return KubeflowError(
        message or f"The service {answer.upstream.service} answered with HTTP {answer.status}.",
        reason=reason,
        status=answer.status,
        service=answer.upstream.service,
        details=details,
    )


def _query(query: Any) -> str:
    if query is None:
        return ""
    if not isinstance(query, dict):
        raise _field("query", "must be an object")
    pairs: list[tuple[str, str]] = []
    for key, value in query.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, bool):
                pairs.append((key, str(item).lower()))
            elif isinstance(item, (str, int, float)):
                pairs.append((key, str(item)))
            else:
                raise _field(f"query.{key[:40]}", "must be a string, a number or a truth value")
    try:
        return urlencode(pairs)
    except UnicodeEncodeError as error:
        raise _field("query", "holds half a surrogate pair") from error


def _field(name: str, problem: str) -> KubeflowError:
    return KubeflowError(
        f"The field {name} {problem}.", reason="BadRequest", details={"field": name}
    )
