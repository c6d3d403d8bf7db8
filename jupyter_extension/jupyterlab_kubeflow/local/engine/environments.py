"""Python environments that stand in for images: the server's interpreter, overlays on it, or environments of their own, cached by hash.

An overlay sees all packages of the server's interpreter and adds only what is missing or newer. When the requirements contradict what the
interpreter has, they get an environment of their own. Nothing is ever installed into the server's interpreter.

An environment is a folder ``environments/KEY`` with ``complete.json`` once it can be used; the modification time of that file is its last
use. ``environments/KEY.lock`` is locked by who makes it, down to the installer, so that two never write to one folder.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import site
import sys
import sysconfig
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .errors import EngineError
from .own_words import TaskLog
from .requirements import Requirements, redacted
from .uv import Uv, UvError, settings

MARK = "complete.json"
"""In the folder of an environment that can be used: its packages, as ``{"packages": [TEXT]}``."""

_POLL = 0.1


class Environments:
    """The environments below ``home``, built when first needed."""

    def __init__(self, home: Path) -> None:
        self._home = home

    async def python(
        self,
        requirements: Requirements,
        needs_kfp: bool,
        tell: Callable[[str], None],
        log: Path | None = None,
    ) -> Path:
        """The interpreter that has ``requirements``; ``tell`` gets a status text when it has to be built first, ``log`` what the installer says.

        Raises :class:`EngineError` with the installer's words when they cannot be installed.
        """
        if not _missing(requirements):
            return Path(sys.executable)
        folder = self._home / _key(requirements, needs_kfp)
        mark = folder / MARK
        if not mark.exists():
            self._home.mkdir(parents=True, exist_ok=True)
            tell(f"Preparing an environment with {redacted(', '.join(_missing(requirements)))}")
            uv = Uv(await settings(requirements), TaskLog(log))
            uv.log.say(f"Preparing an environment with {requirements}")
            async with _locked(folder.with_suffix(".lock")) as lock:
                if not mark.exists():
                    await self._build(folder, requirements, needs_kfp, replace(uv, keep=(lock,)))
        os.utime(mark)
        return folder / "bin" / "python"

    async def throw_away(self, folder: Path, python: Path) -> Path:
        """A fresh overlay on the environment of ``python``, in ``folder``, for a command that installs packages by itself."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        seed = [] if importlib.util.find_spec("pip") else ["--seed"]
        own = python.parent.parent if python.parent.parent.parent == self._home else None
        made = await _overlay(folder, Uv(), *seed, on=own)
        for name in () if seed else ("pip", "pip3"):
            script = folder / "bin" / name
            script.write_text(f'#!/bin/sh\nexec {shlex.quote(str(made))} -m pip "$@"\n', "utf-8")
            script.chmod(0o755)
        return made

    async def _build(
        self, folder: Path, requirements: Requirements, needs_kfp: bool, uv: Uv
    ) -> None:
        try:
            try:
                await _fill(folder, requirements, needs_kfp, uv)
            except UvError as error:
                if not error.unreachable:
                    raise
                uv.log.say(
                    "The package index cannot be reached. Trying with what was downloaded before."
                )
                try:
                    await _fill(folder, requirements, needs_kfp, uv.offline())
                except UvError:
                    raise _unreachable(requirements, error) from error
        except BaseException as error:
            shutil.rmtree(folder, ignore_errors=True)
            if isinstance(error, UvError):
                raise _failure(requirements, error) from error
            raise
        new = folder / f"{MARK}.new"
        packages = sorted(redacted(each) for each in requirements.packages)
        new.write_text(json.dumps({"packages": packages}), "utf-8")
        os.replace(new, folder / MARK)


async def _fill(folder: Path, requirements: Requirements, needs_kfp: bool, uv: Uv) -> None:
    """Makes ``folder`` an overlay with ``requirements``, or, if they contradict the interpreter's packages, an environment of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    python = str(await _overlay(folder, uv))
    installed = _installed()
    with tempfile.TemporaryDirectory() as scratch:
        wanted = _written(scratch, "requirements.in", _missing(requirements))
        pins = (f"{name}=={version}" for name, version in installed.items())
        constraints = _written(scratch, "constraints.txt", pins)
        try:
            output = await uv.run(
                "pip", "compile", wanted, "-c", constraints, "--python", python,
                "--no-header", "--no-annotate", folder=folder,
            )  # fmt: skip
        except UvError as conflict:
            if not conflict.unsolvable:
                raise
            await _fill_own(folder, requirements, needs_kfp, uv)
            return
        lines = (line for line in output.splitlines() if line and not line.startswith("#"))
        missing = [line for line in lines if not _has(line, installed)]
        if missing:
            chosen = _written(scratch, "chosen.txt", missing)
            await uv.run(
                "pip", "install", "--python", python, "--no-deps", "-r", chosen, folder=folder
            )


async def _fill_own(folder: Path, requirements: Requirements, needs_kfp: bool, uv: Uv) -> None:
    """Makes ``folder`` an environment with ``requirements`` only and, where they bring none, the interpreter's kfp.

    That is installed as kfp's own prelude does it, without what it depends on, so that no package contradicts it.
    """
    uv.log.say("They contradict packages of this interpreter: making an environment of their own.")
    shutil.rmtree(folder)
    await uv.run("venv", "--quiet", "--python", sys.executable, str(folder), folder=folder.parent)
    install = "pip", "install", "--python", str(folder / "bin" / "python")
    with tempfile.TemporaryDirectory() as scratch:
        wanted = _written(scratch, "requirements.in", requirements.packages)
        await uv.run(*install, "-r", wanted, folder=folder)
    if needs_kfp and not (_packages(folder) / "kfp").exists():
        await uv.run(*install, "--no-deps", f"kfp=={metadata.version('kfp')}", folder=folder)
        as_runtime = 'import os; os.environ.setdefault("_KFP_RUNTIME", "true")\n'
        (_packages(folder) / "_kfp.pth").write_text(as_runtime, "utf-8")


async def _overlay(folder: Path, uv: Uv, *options: str, on: Path | None = None) -> Path:
    """The interpreter of a new environment that sees the packages of ``on``, or of the server's interpreter."""
    try:
        await uv.run(
            "venv", "--quiet", *options, "--python", sys.executable, str(folder), folder=folder.parent
        )  # fmt: skip
    except UvError as error:
        raise EngineError(f"No environment could be made in {folder}: {error}") from error
    parents = _site_folders() if on is None else [str(_packages(on))]
    lines = [f"import site; site.addsitedir({path!r})" for path in parents]
    (_packages(folder) / "_parent.pth").write_text("\n".join(lines) + "\n", "utf-8")
    return folder / "bin" / "python"


def _packages(folder: Path) -> Path:
    return next((folder / "lib").glob("python*/site-packages"))


@asynccontextmanager
async def _locked(path: Path) -> AsyncIterator[int]:
    """Holds the lock on ``path`` against every other task, here and in other processes; yields its descriptor."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            await asyncio.sleep(_POLL)
        yield descriptor
    finally:
        os.close(descriptor)


def _written(folder: str, name: str, lines: Iterable[str]) -> str:
    path = Path(folder, name)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


def _site_folders() -> list[str]:
    paths = sysconfig.get_paths()
    folders = [paths["purelib"], paths["platlib"], *site.getsitepackages()]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return [path for path in dict.fromkeys(folders) if Path(path).is_dir()]


def satisfied(requirement: str) -> bool:
    """Whether the server's interpreter has ``requirement`` (PEP 508, with markers and extras)."""
    try:
        return _satisfied(Requirement(requirement), frozenset())
    except InvalidRequirement:
        return False


def _satisfied(wanted: Requirement, seen: frozenset[str]) -> bool:
    if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
        return True
    if wanted.url is not None:
        return False
    try:
        found = metadata.distribution(wanted.name)
    except metadata.PackageNotFoundError:
        return False
    if not wanted.specifier.contains(found.version, prereleases=True):
        return False
    for extra in wanted.extras:
        if f"{wanted.name}[{extra}]" in seen:
            continue
        for line in found.requires or []:
            needed = Requirement(line)
            if needed.marker is None or not needed.marker.evaluate({"extra": extra}):
                continue
            needed.marker = None
            if not _satisfied(needed, seen | {f"{wanted.name}[{extra}]"}):
                return False
    return True


def _missing(requirements: Requirements) -> list[str]:
    return [each for each in requirements.packages if not satisfied(each)]


def _installed() -> dict[str, str]:
    """Names and versions in the interpreter, read again when its folders have changed."""
    return _installed_at(tuple(Path(path).stat().st_mtime_ns for path in _site_folders()))


@lru_cache(maxsize=1)
def _installed_at(stamps: tuple[int, ...]) -> dict[str, str]:
    return {
        canonicalize_name(each.metadata["Name"]): each.version
        for each in metadata.distributions()
        if each.metadata["Name"]
    }


def _has(line: str, installed: dict[str, str]) -> bool:
    name, separator, version = line.partition("==")
    bare = canonicalize_name(name.partition("[")[0].strip())
    return bool(separator) and installed.get(bare) == version.partition(";")[0].strip()


def _key(requirements: Requirements, needs_kfp: bool) -> str:
    identity = [
        sorted(requirements.packages),
        requirements.index_url,
        requirements.extra_index_urls,
        requirements.find_links,
        requirements.prereleases,
        sorted(_installed().items()),
        sys.executable,
        sys.version,
        needs_kfp,
    ]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:24]


def _failure(requirements: Requirements, error: UvError) -> EngineError:
    return EngineError(f"The packages {requirements} cannot be installed. {error}")


def _unreachable(requirements: Requirements, error: UvError) -> EngineError:
    return EngineError(
        f"The packages {requirements} cannot be installed: the package index cannot be reached, and not all of them were downloaded before. "
        f"Run `jupyter kubeflow local prepare PIPELINE.yaml` while there is a connection. {error}"
    )
