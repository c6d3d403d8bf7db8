"""The states that runs and tasks have been in, and when."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

END_STATES = frozenset({"SUCCEEDED", "FAILED", "CANCELED", "SKIPPED"})
"""States that a run does not leave."""


def now() -> datetime:
    """The present, in UTC."""
    return datetime.now(timezone.utc)


def history_entry(state: str, error: str | None = None) -> dict[str, Any]:
    """One entry of a state history, as in the database: ``{time, state, error?}``."""
    entry = {"time": now().isoformat(), "state": state}
    if error:
        entry["error"] = error
    return entry


def continued(history: list[dict[str, Any]], entry: dict[str, Any]) -> list[dict[str, Any]]:
    """``history`` with one more entry, whose time is not before that of the last one: the clock may have been set back."""
    times = [each["time"] for each in (*history[-1:], entry)]
    return [*history, {**entry, "time": max(times, key=datetime.fromisoformat)}]
