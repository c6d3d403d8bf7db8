"""Docker or Podman, where one is there and answers: finding it, and getting images. Called through its command line, without a shell."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from .command import own_environment
from .errors import EngineError
from .own_words import TaskLog, lines
from .requirements import redacted

LOOK_AGAIN = 60.0
"""Seconds for which it is taken for granted that a container runtime is there, or is not."""

_PATIENCE = 15.0
"""Seconds within which a container runtime has to say that it is there."""

_GRACE = 5.0
_TELL_EVERY = 1.0
_REFERENCE = re.compile(
    r"[A-Za-z0-9](?:[\w.-]*)(?::\d+)?(?:/[\w.-]+)*(?::\w[\w.-]{0,127})?(?:@[\w+.-]+:[0-9a-fA-F]{32,})?"
)
_PREFIX = re.compile(
    r"^(docker: |time=\S+ level=\w+ msg=|Error: |Error response from daemon: |ERROR: )+"
)


@dataclass(frozen=True)
class Runtime:
    """A container runtime that answers.

    ``program`` is its command. ``rootless``: root in its containers is this user. ``limits`` holds ``cpu`` and ``memory`` where it can limit
    them. ``cpus`` is how many it has.
    """

    program: str
    kind: Literal["docker", "podman"]
    rootless: bool = False
    selinux: bool = False
    limits: frozenset[str] = frozenset({"cpu", "memory"})
    cpus: int = 1

    @property
    def name(self) -> str:
        """For messages."""
        return self.kind.capitalize()


@dataclass(frozen=True)
class Image:
    """An image that is there. ``user`` is what it runs as (``USER[:GROUP]``), empty for root."""

    name: str
    user: str = ""


class Containers:
    """The machine's container runtime, looked for when first needed and again when a minute has passed."""

    def __init__(self) -> None:
        self._found: Runtime | str = ""
        self._looked = -LOOK_AGAIN
        self._looking = asyncio.Lock()
        self._pulling: dict[str, asyncio.Lock] = {}

    async def runtime(self) -> Runtime | str:
        """The runtime to use; if there is none, why, as a clause: "neither Docker nor Podman is installed"."""
        async with self._looking:
            if time.monotonic() - self._looked >= LOOK_AGAIN:
                self._found = await find()
                self._looked = time.monotonic()
            return self._found

    async def image(
        self, runtime: Runtime, name: str, tell: Callable[[str], None], log: TaskLog
    ) -> Image:
        """The image ``name``, pulled if it is not there: ``tell`` then gets status texts, ``log`` what the runtime says.

        A name without a registry is Docker Hub's, unless an image of this machine has it. Raises :class:`EngineError` with the runtime's
        words. When cancelled, it ends the pull first.
        """
        if not _REFERENCE.fullmatch(name):
            raise EngineError(
                f"{name!r} is not the name of an image. Write it as [REGISTRY/]NAME[:TAG]."
            )
        if found := await _inspect(runtime, name) or await _inspect(runtime, qualified(name)):
            return found
        async with self._pulling.setdefault(name, asyncio.Lock()):
            if found := await _inspect(runtime, qualified(name)):
                return found
            await _pull(runtime, qualified(name), tell, log)
            found = await _inspect(runtime, qualified(name))
        if found is None:
            raise EngineError(f"{runtime.name} has pulled the image {name!r} and does not find it.")
        return found


async def find() -> Runtime | str:
    """The first of Docker and Podman that answers; if none does, why."""
    silent = []
    for name in ("docker", "podman"):
        program = shutil.which(name)
        if program is None:
            continue
        code, output, errors = await _called(program, "info", "--format", "{{json .}}")
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            if code == 0:
                return _read_info(program, json.loads(output))
        silent.append(f"{name} is installed but does not work ({_said(errors)})")
    return " and ".join(silent) or "neither Docker nor Podman is installed"


def _read_info(program: str, info: dict[str, Any]) -> Runtime:
    """``docker info`` or ``podman info``; a ``docker`` command may also be Podman's. ``KeyError`` when no server answered."""
    if "host" in info:
        host = info["host"]
        controllers = host.get("cgroupControllers") or []
        return Runtime(
            program,
            "podman",
            rootless=bool(host["security"]["rootless"]),
            selinux=bool(host["security"].get("selinuxEnabled")),
            limits=frozenset({"cpu", "memory"} & set(controllers)),
            cpus=int(host.get("cpus") or 1),
        )
    if not info.get("ServerVersion"):
        raise KeyError("ServerVersion")
    options = " ".join(info.get("SecurityOptions") or [])
    able = {"cpu": info.get("CpuCfsQuota"), "memory": info.get("MemoryLimit")}
    return Runtime(
        program,
        "docker",
        rootless="name=rootless" in options,
        selinux="name=selinux" in options,
        limits=frozenset(name for name, can in able.items() if can),
        cpus=int(info.get("NCPU") or 1),
    )


def qualified(name: str) -> str:
    """``name`` with its registry, as Docker and Kubernetes read it: ``python:3.11`` is ``docker.io/library/python:3.11``."""
    first, slash, _ = name.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first):
        return name
    return f"docker.io/{name}" if slash else f"docker.io/library/{name}"


async def _inspect(runtime: Runtime, name: str) -> Image | None:
    code, output, _ = await _called(
        runtime.program, "image", "inspect", "--format", "{{json .Config.User}}", name
    )
    if code != 0:
        return None
    with suppress(ValueError):
        return Image(name, str(json.loads(output) or ""))
    return Image(name)


async def _pull(runtime: Runtime, name: str, tell: Callable[[str], None], log: TaskLog) -> None:
    tell(f"Pulling the image {name}")
    last, told = "", time.monotonic()
    log.say(f"Pulling the image {name}")
    process = await _started(runtime.program, "pull", name)
    try:
        assert process.stdout is not None
        async for line in lines(process.stdout):
            log.add(line)
            last = line.strip() or last
            if time.monotonic() - told >= _TELL_EVERY:
                told = time.monotonic()
                tell(f"Pulling the image {name}: {last[:100]}")
        code = await process.wait()
    except BaseException:
        await _ended(process)
        raise
    if code != 0:
        raise EngineError(f"The image {name} cannot be pulled: {_said(last)}")


async def _called(*argv: str) -> tuple[int, str, str]:
    """Exit code and what was said; code -1 when the program cannot be run or does not answer in time."""
    try:
        process = await _started(*argv, stderr=asyncio.subprocess.PIPE)
    except OSError as error:
        return -1, "", str(error.strerror)
    try:
        output, errors = await asyncio.wait_for(process.communicate(), _PATIENCE)
    except asyncio.TimeoutError:
        await _ended(process)
        return -1, "", f"no answer within {_PATIENCE:g} s"
    except BaseException:
        await _ended(process)
        raise
    return process.returncode or 0, output.decode(errors="replace"), errors.decode(errors="replace")


async def _started(
    *argv: str, stderr: int = asyncio.subprocess.STDOUT
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=stderr,
        env=own_environment(),
        cwd="/",
        start_new_session=True,
    )


async def _ended(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _GRACE)
    except asyncio.TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _said(output: str) -> str:
    """The last line of what a runtime said, without what stands in front of it."""
    lines = [line for line in redacted(output).splitlines() if line.strip()]
    last = _PREFIX.sub("", lines[-1].strip()).strip('"') if lines else "it said nothing"
    return last[:500]
