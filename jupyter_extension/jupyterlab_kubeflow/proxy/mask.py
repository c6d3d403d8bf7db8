"""Keeps credentials out of streamed answers."""

from __future__ import annotations

from .packed import Unpacker


class Mask:
    """Replaces credentials in a stream of bytes by as many asterisks, so that lengths and ranges stay right.

    Of what has arrived it holds back only an end that may be the beginning of a credential.
    """

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = [secret.encode() for secret in secrets]
        self._held = b""

    def feed(self, chunk: bytes) -> bytes:
        """What may be passed on after ``chunk``; possibly nothing."""
        if not self._secrets:
            return chunk
        content = self._held + chunk if self._held else chunk
        hold = 0
        for secret in self._secrets:
            if secret in content:
                content = content.replace(secret, b"*" * len(secret))
            hold = max(hold, _begun(content, secret))
        self._held = content[len(content) - hold :]
        return content[: len(content) - hold] if hold else content

    def end(self) -> bytes:
        """What is left at the end of the stream."""
        held, self._held = self._held, b""
        return held


class PackedGuard:
    """Looks for credentials in a stream of bytes that is packed with gzip, which passes as it is."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = [secret.encode() for secret in secrets]
        self._tail = max(map(len, self._secrets), default=1) - 1
        self._unpacker = Unpacker("gzip")
        self._seen = b""

    def feed(self, chunk: bytes) -> bytes:
        """``chunk``. Raises ``ValueError`` when it holds a credential or is not gzip."""
        for piece in self._unpacker.feed(chunk) if self._secrets else ():
            content = self._seen + piece
            if any(secret in content for secret in self._secrets):
                raise ValueError("it holds the credential that was sent")
            self._seen = content[max(0, len(content) - self._tail) :]
        return chunk

    def end(self) -> bytes:
        """Nothing is held back."""
        return b""


def _begun(content: bytes, secret: bytes) -> int:
    """How many bytes at the end of ``content`` may be the beginning of ``secret``."""
    start = max(0, len(content) - len(secret) + 1)
    while (start := content.find(secret[:1], start)) >= 0:
        if secret.startswith(content[start:]):
            return len(content) - start
        start += 1
    return 0
