"""What Local Kubeflow adds to a task's log before the task begins: its own words, and those of the programs that it calls."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from .failure import OWN_WORDS
from .requirements import redacted

_LONGEST = 4096


@dataclass(frozen=True)
class TaskLog:
    """A task's log, appended to; nothing is written without a ``path``. Credentials in URLs are left out."""

    path: Path | None = None

    def say(self, text: str) -> None:
        """A line of Local Kubeflow's own."""
        self.add(f"{OWN_WORDS}{text}")

    def add(self, line: str) -> None:
        """A line of another program."""
        if self.path is not None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "ab") as file:
                file.write(f"{redacted(line)}\n".encode())


async def lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """The lines of a program's output, without credentials; of a line longer than 4 KiB the end."""
    line = b""
    while part := await stream.read(_LONGEST):
        *whole, line = re.split(rb"[\r\n]", line + part)
        line = line[-_LONGEST:]
        for each in whole:
            yield redacted(each.decode(errors="replace"))
    if line:
        yield redacted(line.decode(errors="replace"))
