"""A component's command as this machine runs it: the pip prelude taken out, the interpreter chosen, commands that are not here refused."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from kfp.dsl import component_factory

from .errors import EngineError

_ENSURE_PIP = re.compile(r"""\s*if ! \[ -x "\$\(command -v pip\)" \]; then\n.*?\nfi\n""", re.DOTALL)
_VENV = re.compile(
    r"""export PIP_DISABLE_PIP_VERSION_CHECK=1\s+tmp=\$\(mktemp -d\)\s+"""
    r"""python3 -m venv "\$tmp/venv" --system-site-packages\s+\. "\$tmp/venv/bin/activate"\s+"""
)
_PIP = (["python3", "-m", "pip"], ["python", "-m", "pip"], ["pip"], ["pip3"])
_SILENT_FLAGS = {
    "--quiet",
    "-q",
    "--no-warn-script-location",
    "--user",
    "--no-cache-dir",
    "--disable-pip-version-check",
    "--upgrade",
    "-U",
    "--no-deps",
}
_PYTHONS = ("python", "python3")


@dataclass(frozen=True)
class Requirements:
    """What a component wants installed: pip requirement strings and where to find them."""

    packages: tuple[str, ...] = ()
    index_urls: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()

    def __add__(self, other: Requirements) -> Requirements:
        return Requirements(
            self.packages + other.packages,
            tuple(dict.fromkeys(self.index_urls + other.index_urls)),
            tuple(dict.fromkeys(self.trusted_hosts + other.trusted_hosts)),
            tuple(dict.fromkeys(self.find_links + other.find_links)),
        )


@dataclass(frozen=True)
class Command:
    """An argument vector and what it needs. ``isolate``: it may install packages on its own and gets a throw-away environment."""

    argv: list[str]
    requirements: Requirements = Requirements()
    isolate: bool = False

    @property
    def needs_kfp(self) -> bool:
        """Whether it runs kfp's executor."""
        return any(component_factory.EXECUTOR_MODULE in part for part in self.argv)


def read(command: list[str], args: list[str], image: str) -> Command:
    """The command of a container spec; :class:`EngineError` when only the image could run it."""
    argv = command + args
    if image.startswith("argostub/"):
        raise EngineError(
            f"The component manages a volume of a Kubernetes cluster ({image}), which this machine does not have. "
            "Pass files as artifacts, or run the pipeline on a cluster."
        )
    if not command:
        raise EngineError(
            f"The component runs the entry point of the image {image!r}, and Local Kubeflow has no container runtime. "
            "Give the component a command that exists on this machine, or run the pipeline on a cluster."
        )
    if command == component_factory.CONTAINERIZED_PYTHON_COMPONENT_COMMAND:
        raise EngineError(
            f"The component's code is in the image {image!r}, and Local Kubeflow has no container runtime. "
            "Compile it as a lightweight component (without target_image), or run the pipeline on a cluster."
        )
    if len(argv) > 3 and argv[0] in ("sh", "bash") and argv[1] == "-c":
        requirements = _prelude(argv[2])
        if requirements is not None:
            return replace(read(argv[3:], [], image), requirements=requirements)
    installs = any(re.search(r"\b(pip3?|uv pip|conda)\s+install\b", part) for part in argv[:4])
    return Command(argv, isolate=installs)


def _prelude(script: str) -> Requirements | None:
    """The requirements of kfp's install prelude, or None when ``script`` is something else."""
    match = _ENSURE_PIP.match(script)
    if match is None:
        return None
    script = _VENV.sub("", script[match.end() :])
    try:
        words = shlex.split(script)
    except ValueError:
        return None
    *installs, rest = _split(words, "&&")
    if rest != ["$0", "$@"]:
        return None
    found = Requirements()
    for install in installs:
        one = _pip_install(install)
        if one is None:
            return None
        found += one
    return found


def _split(words: list[str], separator: str) -> Iterator[list[str]]:
    part: list[str] = []
    for word in words:
        if word == separator:
            yield part
            part = []
        else:
            part.append(word)
    yield part


def _pip_install(words: list[str]) -> Requirements | None:
    while words and re.fullmatch(r"\w+=\S*", words[0]):
        words = words[1:]
    prefix = next((each for each in _PIP if words[: len(each) + 1] == [*each, "install"]), None)
    if prefix is None:
        return None
    packages: list[str] = []
    options: dict[str, list[str]] = {"index": [], "trusted": [], "links": []}
    names = {
        "--index-url": "index",
        "-i": "index",
        "--extra-index-url": "index",
        "--trusted-host": "trusted",
        "--find-links": "links",
        "-f": "links",
    }
    rest = iter(words[len(prefix) + 1 :])
    for word in rest:
        flag, equals, value = word.partition("=")
        if flag in names:
            options[names[flag]].append(value if equals else next(rest, ""))
        elif word in _SILENT_FLAGS:
            continue
        elif word.startswith("-"):
            return None
        else:
            packages.append(word)
    if "--no-deps" in words and any(re.match(r"kfp\b(?!-)", each) for each in packages):
        # kfp's own executor, which the interpreter has: the pipeline may have been compiled by any version.
        packages = []
    return Requirements(
        tuple(packages),
        tuple(options["index"]),
        tuple(options["trusted"]),
        tuple(options["links"]),
    )


def environment(python: Path, declared: dict[str, str]) -> dict[str, str]:
    """The environment of a task: the server's without its credentials, ``python``'s folder first in PATH, then ``declared``."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not re.match(r"(JUPYTER|JPY|KUBEFLOW)\w*(TOKEN|SECRET|PASSWORD|COOKIE)", name)
    }
    env.pop("PYTHONHOME", None)
    env["PATH"] = os.pathsep.join([str(python.parent), env.get("PATH", os.defpath)])
    env["PYTHONUNBUFFERED"] = "1"
    if python.parent != Path(sys.executable).parent or sys.prefix != sys.base_prefix:
        env["VIRTUAL_ENV"] = str(python.parent.parent)
    return {**env, **declared}


def located(argv: list[str], python: Path, env: dict[str, str], image: str) -> list[str]:
    """``argv`` with its program found: ``python`` is the given interpreter; what this machine does not have is refused by name."""
    program, *rest = argv
    if program in _PYTHONS or re.fullmatch(r"(/usr(/local)?)?/bin/python3?", program):
        return [str(python), *rest]
    found = shutil.which(program, path=env["PATH"])
    if found is None:
        raise EngineError(
            f"The component runs {program!r} of the image {image!r}, and this machine has no such command. "
            f"Local Kubeflow runs commands on this machine, without a container runtime: install {program!r} here, "
            "or run the pipeline on a cluster."
        )
    return [found, *rest]
