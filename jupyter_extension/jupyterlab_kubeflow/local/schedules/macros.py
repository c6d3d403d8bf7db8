"""Macros in a run's parameters, as KFP fills them when a run is created.

``[[RunUUID]]``, ``[[CurrentTime]]`` and, in the runs of a recurring run, ``[[ScheduledTime]]`` and ``[[Index]]`` (the first run has 1). Times are
in UTC, written ``20060102150405`` unless another layout of Go's follows (``[[ScheduledTime.2006-01-02]]``);
``{{$.scheduledTime.strftime('%Y-%m-%d')}}`` and ``{{$.currentTime.strftime(…)}}`` take strftime's words, with ``%s`` for seconds since 1970.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

_MACRO = re.compile(r"\[\[.*?\]\]|\{\{\$\..*?\}\}")
_TIME = re.compile(
    r"\[\[(?P<go>Scheduled|Current)Time(?:\.(?P<layout>.*))?\]\]"
    r"|\{\{\$\.(?P<c>scheduled|current)Time\.strftime\('(?P<format>.*)'\)\}\}"
)
_GO = re.compile(
    r"January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|2006|__2|_2(?!006)|002|0[1-6]|15|[12345]|PM|pm"
    r"|[-Z]07(?::00:00|0000|:00|00)?|[.,](?:0+|9+)(?![0-9])"
)
_WORDS: dict[str, Callable[[datetime], str]] = {
    "January": lambda time: f"{time:%B}",
    "Jan": lambda time: f"{time:%b}",
    "Monday": lambda time: f"{time:%A}",
    "Mon": lambda time: f"{time:%a}",
    "MST": lambda _: "UTC",
    "2006": lambda time: f"{time.year:04}",
    "__2": lambda time: f"{time.timetuple().tm_yday:3}",
    "_2": lambda time: f"{time.day:2}",
    "002": lambda time: f"{time:%j}",
    "01": lambda time: f"{time:%m}",
    "02": lambda time: f"{time:%d}",
    "03": lambda time: f"{time:%I}",
    "04": lambda time: f"{time:%M}",
    "05": lambda time: f"{time:%S}",
    "06": lambda time: f"{time:%y}",
    "15": lambda time: f"{time:%H}",
    "1": lambda time: str(time.month),
    "2": lambda time: str(time.day),
    "3": lambda time: str((time.hour + 11) % 12 + 1),
    "4": lambda time: str(time.minute),
    "5": lambda time: str(time.second),
    "PM": lambda time: "PM" if time.hour >= 12 else "AM",
    "pm": lambda time: "pm" if time.hour >= 12 else "am",
}


@dataclass(frozen=True)
class Macros:
    """What the macros of one run stand for. A macro that stands for nothing is left as it is."""

    run_id: str
    current: datetime
    scheduled: datetime | None = None
    index: int | None = None

    def fill(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters with the macros in those that are strings filled, once; lists and objects are not looked into."""
        return {
            name: _MACRO.sub(self._value, value) if isinstance(value, str) else value
            for name, value in parameters.items()
        }

    def _value(self, match: re.Match[str]) -> str:
        text = match[0]
        if text == "[[RunUUID]]":
            return self.run_id
        if text == "[[Index]]" and self.index is not None:
            return str(self.index)
        found = _TIME.fullmatch(text)
        if not found:
            return text
        named = (found["go"] or found["c"]).lower()
        time = self.current if named == "current" else self.scheduled
        if time is None:
            return text
        time = time.astimezone(timezone.utc)
        if found["go"]:
            layout = found["layout"]
            return _go(time, "20060102150405" if layout is None else layout)
        return _strftime(time, found["format"], text)


def _go(time: datetime, layout: str) -> str:
    """The time in a layout of Go's ``time`` package, which writes how 3:04:05 PM on January 2, 2006 would look."""

    def word(match: re.Match[str]) -> str:
        found = match[0]
        if found in _WORDS:
            return _WORDS[found](time)
        if found[0] in ".,":  # schedules have whole seconds
            return "" if found[1] == "9" else found[0] + "0" * (len(found) - 1)
        return "Z" if found[0] == "Z" else "+" + found[1:].replace("7", "0")

    return _GO.sub(word, layout)


def _strftime(time: datetime, form: str, otherwise: str) -> str:
    own = {"%s": str(int(time.timestamp())), "%v": f"{time:%e-%b-%Y}"}
    form = re.sub(r"%.", lambda match: own.get(match[0], match[0]), form)
    try:
        return time.strftime(form)
    except ValueError:
        return otherwise
