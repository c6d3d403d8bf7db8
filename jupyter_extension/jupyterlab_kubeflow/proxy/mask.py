"""Keeps credentials out of streamed answers."""

from __future__ import annotations


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
        content = self._held + chunk
        hold = 0
        for secret in self._secrets:
            content = content.replace(secret, b"*" * len(secret))
            longest = min(len(secret) - 1, len(content))
            hold = max(
                hold, next((n for n in range(longest, 0, -1) if content.endswith(secret[:n])), 0)
            )
        self._held = content[len(content) - hold :]
        return content[: len(content) - hold]

    def end(self) -> bytes:
        """What is left at the end of the stream."""
        held, self._held = self._held, b""
        return held
