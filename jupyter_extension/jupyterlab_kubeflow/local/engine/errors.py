"""The engine's own error."""

from __future__ import annotations


class EngineError(Exception):
    """A task or a run cannot go on. The message is for the user: it names the task or field and says what to do."""
