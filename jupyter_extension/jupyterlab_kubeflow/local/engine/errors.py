"""The engine's own errors."""

from __future__ import annotations


class EngineError(Exception):
    """A task or a run cannot go on. The message is for the user: it names the task or field and says what to do."""


class RunStateError(EngineError):
    """What is asked of a run does not fit its state. The message is for the user: it names the state and says what would fit."""


class RecordError(OSError):
    """What is to be recorded of a run cannot be written, on a full disk for example; it may be later."""
