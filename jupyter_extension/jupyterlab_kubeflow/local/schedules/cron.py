"""Cron expressions as KFP takes them, which reads them with robfig/cron 1.2; cronsim computes their times.

Fields: second, minute, hour, day of month, month, day of week (0 is Sunday, there is no 7). The last one may be left out, so five fields
begin with seconds as well. A field lists numbers, names (``JAN``, ``MON``), ranges ``a-b``, steps ``a-b/n`` and ``a/n`` (from a to the end),
and ``*`` or ``?`` for all. Where neither day field has a star, a day that fits one of them is enough. Else there are ``@yearly``,
``@monthly``, ``@weekly``, ``@daily``, ``@hourly``, their other names, and ``@every 1h30m``.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache

from cronsim import CronSim, CronSimError

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NOTHING: dict[str, int] = {}
_FIELDS = (
    ("second", 0, 59, _NOTHING),
    ("minute", 0, 59, _NOTHING),
    ("hour", 0, 23, _NOTHING),
    ("day of month", 1, 31, _NOTHING),
    ("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    ("day of week", 0, 6, {name: number for number, name in enumerate(_DAYS)}),
)
_DESCRIPTORS = {
    "@yearly": "0 0 0 1 1 *",
    "@annually": "0 0 0 1 1 *",
    "@monthly": "0 0 0 1 * *",
    "@weekly": "0 0 0 * * 0",
    "@daily": "0 0 0 * * *",
    "@midnight": "0 0 0 * * *",
    "@hourly": "0 0 * * * *",
}
_EVERY = "@every "
_UNITS = {
    "ns": Decimal("1e-9"),
    "us": Decimal("1e-6"),
    "µs": Decimal("1e-6"),  # U+00B5
    "μs": Decimal("1e-6"),  # U+03BC
    "ms": Decimal("1e-3"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
}
_AMOUNT = r"([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)"
_DURATION = re.compile(rf"([-+]?)(0|(?:{_AMOUNT})+)")
_LONGEST = 2**63 / 1e9
_SOME_TIME = datetime(2000, 1, 1, tzinfo=timezone.utc)


class CronError(ValueError):
    """An expression that is none, or never comes due; the message says what is wrong with which field."""


@dataclass(frozen=True)
class Cron:
    """Times that fit one of some expressions, written as cronsim reads them: what was ``?`` is ``*``, ranges without a star are lists."""

    expressions: tuple[str, ...]

    def after(self, time: datetime, zone: tzinfo) -> datetime | None:
        """The first time after ``time`` (whole seconds) on the clocks of ``zone``, None when there is none before the calendar ends."""
        return min(self._next(time, zone, reverse=False), default=None)

    def latest(self, limit: datetime, zone: tzinfo) -> datetime | None:
        """The last time up to ``limit`` (whole seconds) and including it."""
        return max(self._next(limit + timedelta(seconds=1), zone, reverse=True), default=None)

    def _next(self, time: datetime, zone: tzinfo, *, reverse: bool) -> list[datetime]:
        found = []
        for expression in self.expressions:
            with contextlib.suppress(CronSimError, StopIteration, OverflowError, ValueError):
                due = next(CronSim(expression, time.astimezone(zone), reverse=reverse))
                found.append(due.astimezone(timezone.utc))
        return found


@dataclass(frozen=True)
class Every:
    """Times that lie ``seconds`` apart."""

    seconds: int

    def after(self, time: datetime) -> datetime | None:
        """The next time after the one that is given, None beyond the calendar's end."""
        try:
            return time + timedelta(seconds=self.seconds)
        except OverflowError:
            return None

    def latest(self, first: datetime, limit: datetime) -> datetime:
        """The last time up to ``limit`` and including it, of those that begin with ``first``."""
        return first + (limit - first) // timedelta(seconds=self.seconds) * timedelta(
            seconds=self.seconds
        )


@lru_cache(maxsize=1024)
def parse(text: str) -> Cron | Every:
    """Reads an expression. Raises :class:`CronError`."""
    if text.startswith(_EVERY):
        return Every(_duration(text[len(_EVERY) :]))
    if text.startswith("@") and text not in _DESCRIPTORS:
        raise CronError(f"{text} is not one of {', '.join(_DESCRIPTORS)} and @every DURATION")
    parts = _DESCRIPTORS.get(text, text).split()
    if len(parts) not in (5, 6):
        raise CronError(f"it has {len(parts)} fields instead of 6")
    fields = [_field(part, *field) for part, field in zip([*parts, "*"], _FIELDS, strict=False)]
    clock, (of_month, month, of_week) = " ".join(fields[:3]), fields[3:]
    if of_month[0] == "*" or of_week[0] == "*":
        cron = Cron((f"{clock} {of_month} {month} {of_week}",))
    else:
        cron = Cron((f"{clock} {of_month} {month} *", f"{clock} * {month} {of_week}"))
    if cron.after(_SOME_TIME, timezone.utc) is None:
        raise CronError("no day fits it")
    return cron


def _field(text: str, name: str, low: int, high: int, names: dict[str, int]) -> str:
    """One field for cronsim, its stars first: a star at the beginning tells that both day fields have to fit."""
    stars: set[str] = set()
    numbers: set[int] = set()
    for part in filter(None, text.split(",")):
        span, *steps = part.split("/")
        first, *last = span.split("-")
        if len(steps) > 1:
            raise CronError(f'the {name} "{part}" has too many slashes')
        step = _number(steps[0], part, name, {}) if steps else 1
        if step == 0:
            raise CronError(f'the {name} "{part}" has a step of 0')
        if first in ("*", "?"):
            stars.add("*" if step == 1 else f"*/{step}")
            continue
        if len(last) > 1:
            raise CronError(f'the {name} "{part}" has too many hyphens')
        begin = _number(first, part, name, names)
        end = _number(last[0], part, name, names) if last else high if steps else begin
        if begin < low or end > high:
            raise CronError(f'the {name} "{part}" is not within {low} to {high}')
        if begin > end:
            raise CronError(f'the {name} "{part}" ends before it begins')
        numbers.update(range(begin, end + 1, step))
    if not stars and not numbers:
        raise CronError(f'the {name} "{text}" is empty')
    return ",".join([*sorted(stars), *map(str, sorted(numbers))])


def _number(text: str, part: str, name: str, names: dict[str, int]) -> int:
    if text.lower() in names:
        return names[text.lower()]
    if not re.fullmatch(r"\+?[0-9]{1,18}", text):
        raise CronError(f'the {name} "{part}" is not made of numbers{" or names" if names else ""}')
    return int(text)


def _duration(text: str) -> int:
    """Whole seconds, at least one, of a duration as Go writes it: ``1h30m``, ``1.5h``, ``90s``."""
    found = _DURATION.fullmatch(text)
    if not found:
        raise CronError(f'"{text}" is not a duration such as 1h30m or 90s')
    amounts = re.findall(_AMOUNT, found[2])
    seconds = sum(Decimal(number) * _UNITS[unit] for number, unit in amounts)
    if seconds >= _LONGEST:
        raise CronError(f'the duration "{text}" is longer than 292 years')
    return 1 if found[1] == "-" else max(1, int(seconds))
