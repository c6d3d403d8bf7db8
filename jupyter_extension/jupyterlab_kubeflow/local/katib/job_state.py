"""How the run of a Trial goes, by the Trial's ``successCondition`` and ``failureCondition``: the part of gjson's paths that Katib's users write. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_STEP = re.compile(
    r"""
    (?P<name>[A-Za-z_][\w-]*)
    | \#\(\s*(?P<field>[A-Za-z_][\w.-]*)\s*(?P<sign>==|=|!=)\s*(?:"(?P<text>[^"]*)"|(?P<bare>[\w.-]+))\s*\)(?P<all>\#?)
    """,
    re.X,
)


@dataclass(frozen=True)
class Said:
    """What a condition of the run says of its end."""

    succeeded: bool
    reason: str = ""
    message: str = ""


def ended(job: dict[str, Any], success: str, failure: str) -> Said | None:
    """How it has ended, None while it has not. Failure comes first, as with Katib. Raises ``ValueError`` for a path that is not understood."""
    for path, succeeded in ((failure, False), (success, True)):
        found = _at(job, _steps(path))
        if isinstance(found, list):
            found = found[0] if found else None
        if isinstance(found, dict):
            return Said(succeeded, str(found.get("reason") or ""), str(found.get("message") or ""))
    return None


def check(path: str) -> None:
    """Raises ``ValueError`` that says what can be written."""
    _steps(path)


@lru_cache(maxsize=64)
def _steps(path: str) -> tuple[re.Match[str], ...]:
    steps: list[re.Match[str]] = []
    at = 0
    while at < len(path):
        if steps:
            if path[at] not in ".|":
                raise _unknown(path)
            at += 1
        step = _STEP.match(path, at)
        if step is None:
            raise _unknown(path)
        steps.append(step)
        at = step.end()
    if not steps:
        raise _unknown(path)
    return tuple(steps)


def _unknown(path: str) -> ValueError:
    return ValueError(
        f'Local Kubeflow does not understand the path {path!r}: write it of field names and of #(FIELD=="VALUE")#, joined by . or |, for example '
        'status.conditions.#(type=="Complete")#|#(status=="True")#'
    )


def _at(value: Any, steps: tuple[re.Match[str], ...]) -> Any:
    for step in steps:
        if step["name"]:
            value = value.get(step["name"]) if isinstance(value, dict) else None
            continue
        wanted = step["text"] if step["text"] is not None else step["bare"]
        fitting = [
            each
            for each in (value if isinstance(value, list) else ())
            if (_text(_field(each, step["field"])) == wanted) == (step["sign"] != "!=")
        ]
        value = fitting if step["all"] else (fitting[0] if fitting else None)
    return value


def _field(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
