"""What a run says of its metrics, read as Katib's collectors read it (``pkg/metricscollector``). Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timezone
from typing import Any, NamedTuple

from jupyterlab_kubeflow.times import instant

from .words import UNAVAILABLE, metric_names

Body = dict[str, Any]
FORMAT = r"([\w|-]+)\s*=\s*([+-]?\d*(\.\d+)?([Ee][+-]?\d+)?)"
"""By which metrics are found where no ``metricsFormat`` is given: ``loss=0.3``, ``Score=-7.53e-05``."""

_GROUPS = re.compile(r".*\(.*\).*\(.*\).*", re.S)


class Log(NamedTuple):
    """One value: its time (RFC 3339), the metric, and the value as it was written."""

    time: str
    metric: str
    value: str


Reader = Callable[[str, str], list[Log]]
"""The metrics of a line, given the time at which it came."""


def reader(collector: Body, objective: Body) -> Reader:
    """How the lines of a source are read that a ``metricsCollectorSpec`` describes. Raises ``ValueError`` for a pattern that is none."""
    names = metric_names(objective)
    source = collector.get("source") or {}
    if (source.get("fileSystemPath") or {}).get("format") == "JSON":
        return lambda line, time: _of_json(line, time, names)
    given = (source.get("filter") or {}).get("metricsFormat") or [_usual(names)]
    patterns = [pattern(each) for each in given]
    return lambda line, time: _of_text(line, time, names, patterns)


def _usual(names: Sequence[str]) -> str:
    """:data:`FORMAT` for these names: what is longer than each of them is none, so a long line does not take the square of its length."""
    return FORMAT.replace("+", f"{{1,{max(map(len, names)) + 1}}}", 1)


def pattern(text: str) -> re.Pattern[str]:
    """A ``metricsFormat``: its first two groups are name and value. Raises ``ValueError`` with what to do."""
    try:
        made = re.compile(text, re.ASCII)
    except re.error as error:
        raise ValueError(f"it is no regular expression: {error}") from error
    if not _GROUPS.fullmatch(text) or made.groups < 2:
        raise ValueError("it needs two groups in parentheses: the metric's name, then its value")
    return made


def _of_text(
    line: str, time: str, names: Sequence[str], patterns: Iterable[re.Pattern[str]]
) -> list[Log]:
    if not any(name in line for name in names):
        return []
    first = line.partition(" ")[0]
    moment = normal(first) or time
    found = []
    for each in patterns:
        for match in each.finditer(line):
            name, value = (match[1] or "").strip(), (match[2] or "").strip()
            if name in names and value:
                found.append(Log(moment, name, value))
    return found


def _of_json(line: str, time: str, names: Sequence[str]) -> list[Log]:
    try:
        held = json.loads(line)
    except ValueError:
        return []
    if not isinstance(held, dict):
        return []
    moment = _json_time(held.get("timestamp")) or time
    return [Log(moment, name, held[name]) for name in names if isinstance(held.get(name), str)]


def _json_time(value: Any) -> str | None:
    if isinstance(value, str):
        return normal(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return _written(datetime.fromtimestamp(value, timezone.utc))
        except (OverflowError, ValueError, OSError):
            return None
    return None


def normal(text: str) -> str | None:
    """A time in UTC with six digits, so that texts sort as times do; None for what is no RFC 3339 time."""
    if "T" not in text:
        return None
    try:
        moment = instant(text)
    except ValueError:
        return None
    return _written(moment) if moment.tzinfo else None


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(timezone.utc).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def now() -> str:
    """The present time."""
    return _written(datetime.now(timezone.utc))


def number(text: str) -> float | None:
    """A value as a finite number, None for other texts, ``nan`` and ``inf`` among them."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def observation(objective: Body, series: Iterable[Log]) -> Body:
    """``Trial.status.observation``: the least, the greatest and the latest value of each metric, as they were written.

    Without a value of the objective's metric, all are ``unavailable``.
    """
    names = [each["name"] for each in objective.get("metricStrategies") or ()]
    logs = list(series)
    if not any(each.metric == objective["objectiveMetricName"] for each in logs):
        logs = []
    return {
        "metrics": [_summed(name, [each for each in logs if each.metric == name]) for name in names]
    }


def _summed(name: str, logs: list[Log]) -> Body:
    numbers = [(value, each.value) for each in logs if (value := number(each.value)) is not None]
    latest = (
        max(enumerate(logs), key=lambda each: (each[1].time, each[0]))[1].value
        if logs
        else UNAVAILABLE
    )
    return {
        "name": name,
        "min": min(numbers)[1] if numbers else UNAVAILABLE,
        "max": max(numbers)[1] if numbers else UNAVAILABLE,
        "latest": latest,
    }


def is_available(trial: Body) -> bool:
    """Whether a Trial's status has the objective's metric."""
    wanted = trial["spec"]["objective"]["objectiveMetricName"]
    held = ((trial.get("status") or {}).get("observation") or {}).get("metrics") or ()
    return any(each["name"] == wanted and each.get("latest") != UNAVAILABLE for each in held)


def value_of(trial: Body) -> str | None:
    """The value of a Trial's objective by its metric strategy, None where there is none."""
    objective = trial["spec"]["objective"]
    name = objective["objectiveMetricName"]
    strategies = {each["name"]: each["value"] for each in objective.get("metricStrategies") or ()}
    held = ((trial.get("status") or {}).get("observation") or {}).get("metrics") or ()
    for each in held:
        if each["name"] == name and name in strategies:
            value = each.get(strategies[name])
            found = each.get("latest") if value in (None, UNAVAILABLE) else value
            return None if found in (None, UNAVAILABLE) else str(found)
    return None
