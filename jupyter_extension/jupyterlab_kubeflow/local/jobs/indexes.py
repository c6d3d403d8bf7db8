"""Sets of completion indexes as Jobs write them, ``0-2,5``, and which of them are enough. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def read(text: str) -> set[int]:
    """The indexes in a text; empty for an empty one."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def write(indexes: Iterable[int]) -> str:
    """The text of a set of indexes: three and more in a row with a hyphen."""
    runs: list[list[int]] = []
    for index in sorted(set(indexes)):
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def enough(policy: dict[str, Any] | None, completed: set[int]) -> int | None:
    """The rule of a Job's success policy that the completed indexes meet, by its place; None for none."""
    for place, rule in enumerate((policy or {}).get("rules") or ()):
        named, count = rule.get("succeededIndexes"), rule.get("succeededCount")
        wanted = read(named) if named else completed
        done = len(completed & wanted)
        if done and done >= (count if count is not None else len(wanted)):
            return place
    return None
