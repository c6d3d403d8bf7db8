"""uv, which makes environments: called with pip's settings, its words kept for the user, credentials on no command line and in no word."""

from __future__ import annotations

import ast
import asyncio
import os
import re
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from .command import own_environment
from .errors import EngineError
from .own_words import TaskLog, lines
from .requirements import Requirements

_KEPT = 64 * 1024
_SAID = 1000
_UNREACHABLE = re.compile(
    r"Failed to fetch|[Nn]etwork|error sending request|dns error|timed out|Connection refused|client error \(Connect\)"
)
_PIP_LINE = re.compile(r"(?::env:|global|install)\.([\w-]+)=(.*)")


class UvError(EngineError):
    """uv failed; the message is what it said, in one sentence or a few."""

    def __init__(self, output: str) -> None:
        super().__init__(_sentence(output))
        self.unsolvable = "No solution found" in output
        """The requirements contradict each other, or what is installed."""
        self.unreachable = not self.unsolvable and _UNREACHABLE.search(output) is not None
        """An index or a download could not be reached."""


@dataclass(frozen=True)
class Uv:
    """Ways to call uv for one environment.

    ``settings`` are environment variables. What uv says goes to ``log``. Child processes inherit the descriptors ``keep``.
    """

    settings: dict[str, str] = field(default_factory=dict)
    log: TaskLog = field(default_factory=TaskLog)
    keep: Sequence[int] = ()

    def offline(self) -> Uv:
        """The same with what is in uv's cache only."""
        return replace(self, settings={**self.settings, "UV_OFFLINE": "1"})

    async def run(self, *arguments: str, folder: Path) -> str:
        """What ``uv ARGUMENTS``, with ``folder`` as its directory, prints to its standard output. Raises :class:`UvError`."""
        process = await asyncio.create_subprocess_exec(
            _program(),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder,
            env={**own_environment(), **self.settings},
            pass_fds=tuple(self.keep),
        )
        try:
            output, said = await asyncio.gather(_read(process.stdout), self._told(process.stderr))
            code = await process.wait()
        except BaseException:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        if code != 0:
            raise UvError(said)
        return output

    async def _told(self, stream: asyncio.StreamReader | None) -> str:
        """Everything up to the stream's end, line by line into the log; the last lines, of at least 64 KiB if there is that much."""
        assert stream is not None
        kept: list[str] = []
        async for line in lines(stream):
            self.log.add(line)
            kept.append(line)
            if sum(map(len, kept)) > 2 * _KEPT:
                kept = "\n".join(kept)[-_KEPT:].splitlines()
        return "\n".join(kept)


async def settings(requirements: Requirements) -> dict[str, str]:
    """uv's environment variables for ``requirements``, in pip's meaning: the best version of all indexes.

    Where uv itself is not configured, it finds packages where pip is configured to (``pip.conf``, ``PIP_…``).
    """
    found = await _pip_settings()
    for name in [*found]:
        if name in os.environ or (name == "UV_DEFAULT_INDEX" and "UV_INDEX_URL" in os.environ):
            del found[name]
    if requirements.index_url:
        found["UV_DEFAULT_INDEX"] = requirements.index_url
    _extend(found, "UV_INDEX", requirements.extra_index_urls, " ")
    _extend(found, "UV_INSECURE_HOST", requirements.trusted_hosts, " ")
    _extend(found, "UV_FIND_LINKS", requirements.find_links, ",")
    if "UV_INDEX" in found and "UV_INDEX_STRATEGY" not in os.environ:
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if requirements.prereleases:
        found["UV_PRERELEASE"] = "allow"
    return found


def _extend(found: dict[str, str], name: str, values: Sequence[str], separator: str) -> None:
    before = found.get(name) or os.environ.get(name, "")
    if values:
        found[name] = separator.join([*values, *([before] if before else [])])


async def _pip_settings() -> dict[str, str]:
    try:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "pip", "config", "list",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return {}
    output, _ = await process.communicate()
    return uv_settings(output.decode(errors="replace"))


def uv_settings(pip_config: str) -> dict[str, str]:
    """What ``pip config list`` prints, as environment variables of uv. Later lines win, as with pip."""
    values: dict[str, str] = {}
    for name, value in _PIP_LINE.findall(pip_config):
        with suppress(ValueError, SyntaxError):
            values[name] = str(ast.literal_eval(value))
    found = {
        "UV_DEFAULT_INDEX": values.get("index-url", ""),
        "UV_INDEX": " ".join(values.get("extra-index-url", "").split()),
        "UV_INSECURE_HOST": " ".join(values.get("trusted-host", "").split()),
        "UV_FIND_LINKS": ",".join(values.get("find-links", "").split()),
        "UV_NO_INDEX": "1" if values.get("no-index", "").lower() in ("1", "true", "yes") else "",
        "SSL_CERT_FILE": values.get("cert", ""),
    }
    return {name: value for name, value in found.items() if value}


async def _read(stream: asyncio.StreamReader | None) -> str:
    assert stream is not None
    return (await stream.read()).decode()


def _sentence(output: str) -> str:
    """uv's error without its drawing: the line that names it, its causes, its hint."""
    said = [line.strip() for line in output.splitlines()]
    starts = [i for i, line in enumerate(said) if line.startswith(("error:", "×"))]
    said = [re.sub(r"^[\s×╰─▶├│]+|^cause:\s*", "", line) for line in said]
    words = " ".join(each for each in said[min(starts, default=0) :] if each)
    words = re.sub(r"^error:\s*|\s+(?=\s)", "", words).strip()
    words = words.replace("resolving dependencies Because", "resolving dependencies: Because")
    return words if len(words) <= _SAID else f"{words[:_SAID]} … (more in the log)"


@cache
def _program() -> str:
    with suppress(ImportError, FileNotFoundError):
        from uv import find_uv_bin

        return str(find_uv_bin())
    found = shutil.which("uv")
    if found is None:
        raise EngineError(
            "uv is needed to install a component's packages and is not here: pip install uv."
        )
    return found
