"""Python environments that stand in for images: the server's interpreter, overlays on it, or environments of their own, cached by hash.

An overlay sees all packages of the server's interpreter and adds only what is missing or newer. When the requirements contradict what the
interpreter has, they get an environment of their own. Nothing is ever installed into the server's interpreter.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import site
import sys
import sysconfig
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache, lru_cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from .command import Requirements
from .errors import EngineError

_MARK = "complete.json"


class Environments:
    """The environments below ``home``, built when first needed."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._locks: dict[str, asyncio.Lock] = {}

    async def python(
        self, requirements: Requirements, needs_kfp: bool, tell: Callable[[str], None]
    ) -> Path:
        """The interpreter that has ``requirements``; ``tell`` gets a status text when it has to be built first.

        Raises :class:`EngineError` with the installer's words when they cannot be installed.
        """
        packages = [each for each in requirements.packages if not satisfied(each)]
        if not packages:
            return Path(sys.executable)
        key = _key(requirements, needs_kfp)
        folder = self._home / key
        python = folder / "bin" / "python"
        async with self._locks.setdefault(key, asyncio.Lock()):
            if not (folder / _MARK).exists():
                tell(f"Preparing an environment with {', '.join(packages)}")
                shutil.rmtree(folder, ignore_errors=True)
                self._home.mkdir(parents=True, exist_ok=True)
                try:
                    await self._build(folder, requirements, needs_kfp)
                except BaseException:
                    shutil.rmtree(folder, ignore_errors=True)
                    raise
                (folder / _MARK).write_text(json.dumps(sorted(requirements.packages)), "utf-8")
        return python

    async def throw_away(self, folder: Path) -> Path:
        """A fresh overlay in ``folder`` for a command that installs packages by itself."""
        shutil.rmtree(folder, ignore_errors=True)
        await _overlay(folder)
        return folder / "bin" / "python"

    async def _build(self, folder: Path, requirements: Requirements, needs_kfp: bool) -> None:
        await _overlay(folder)
        python = str(folder / "bin" / "python")
        sources = _sources(requirements)
        installed = _installed()
        with tempfile.TemporaryDirectory() as scratch:
            wanted = _written(scratch, "requirements.in", requirements.packages)
            pins = (f"{name}=={version}" for name, version in installed.items())
            constraints = _written(scratch, "constraints.txt", pins)
            code, output, errors = await _uv(
                "pip", "compile", wanted, "-c", constraints, "--python", python,
                "--no-header", "--no-annotate", "--quiet", *sources,
            )  # fmt: skip
            if code != 0:
                await self._build_own(folder, requirements, needs_kfp, errors)
                return
        missing = [line for line in output.splitlines() if line and not _has(line, installed)]
        if missing:
            code, _, errors = await _uv(
                "pip", "install", "--python", python, "--no-deps", "--quiet", *sources, *missing
            )
            if code != 0:
                raise _failure(requirements, errors)

    async def _build_own(
        self, folder: Path, requirements: Requirements, needs_kfp: bool, conflict: str
    ) -> None:
        shutil.rmtree(folder)
        code, _, errors = await _uv("venv", "--quiet", "--python", sys.executable, str(folder))
        packages = list(requirements.packages)
        if needs_kfp and not any(_name(each) == "kfp" for each in packages):
            packages.append(f"kfp=={metadata.version('kfp')}")
        if code == 0:
            code, _, errors = await _uv(
                "pip", "install", "--python", str(folder / "bin" / "python"), "--quiet",
                *_sources(requirements), *packages,
            )  # fmt: skip
        if code != 0:
            raise _failure(requirements, errors or conflict)


def _written(folder: str, name: str, lines: Iterable[str]) -> str:
    path = Path(folder, name)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return str(path)


async def _overlay(folder: Path) -> None:
    code, _, errors = await _uv("venv", "--quiet", "--python", sys.executable, str(folder))
    if code != 0:
        raise EngineError(f"No environment could be made in {folder}: {errors.strip()}")
    own = next((folder / "lib").glob("python*/site-packages"))
    lines = [f"import site; site.addsitedir({path!r})" for path in _site_folders()]
    (own / "_parent.pth").write_text("\n".join(lines) + "\n", "utf-8")


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
    if wanted.url is not None:
        return False
    if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
        return True
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
    return bool(separator) and installed.get(canonicalize_name(name.strip())) == version.strip()


def _name(requirement: str) -> str | None:
    with suppress(InvalidRequirement):
        return canonicalize_name(Requirement(requirement).name)
    return None


def _key(requirements: Requirements, needs_kfp: bool) -> str:
    identity = [
        sorted(requirements.packages),
        requirements.index_urls,
        requirements.find_links,
        sorted(_installed().items()),
        sys.executable,
        sys.version,
        needs_kfp,
    ]
    return hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:24]


def _sources(requirements: Requirements) -> list[str]:
    options: list[str] = []
    for number, url in enumerate(requirements.index_urls):
        options += ["--index-url" if number == 0 else "--extra-index-url", url]
    for host in requirements.trusted_hosts:
        options += ["--allow-insecure-host", host]
    for link in requirements.find_links:
        options += ["--find-links", link]
    return options


def _failure(requirements: Requirements, errors: str) -> EngineError:
    return EngineError(
        f"The packages {', '.join(requirements.packages)} cannot be installed. {errors.strip()}"
    )


@cache
def _uv_program() -> str:
    with suppress(ImportError, FileNotFoundError):
        from uv import find_uv_bin

        return str(find_uv_bin())
    found = shutil.which("uv")
    if found is None:
        raise EngineError(
            "uv is needed to install a component's packages and is not here: pip install uv."
        )
    return found


async def _uv(*arguments: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        _uv_program(),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise
    return process.returncode or 0, output.decode(), errors.decode(errors="replace")
