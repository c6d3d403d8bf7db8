"""A component's command as this machine can run it: the pip prelude taken out, and what only its image can run named."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from kfp.dsl import component_factory

from . import requirements as req
from .errors import EngineError

_PYTHON = re.compile(r"python3?|/usr(/local)?/bin/python3?|/bin/python3?")
_SHELLS = ("sh", "bash", "dash", "ash", "zsh")
_EXECUTORS = (component_factory.EXECUTOR_MODULE, "kfp.components.executor_main")
"""The second one is kfp 2.0's name of it."""

_CREDENTIALS = re.compile(
    r"(JUPYTER|JPY|KUBEFLOW)\w*(TOKEN|SECRET|PASSWORD|COOKIE|CRYPT_KEY)|CONFIGPROXY_AUTH_TOKEN"
)
_INSTALLS = re.compile(
    r"""\b(pip3?|pipx|poetry)['",\s]+(-[^\s'",]+[\s'",]+)*install\b|\buv\s+(pip\s+(install|sync)|add|sync)\b"""
)
_SYSTEM_MANAGERS = "apt|apt-get|apk|yum|dnf|microdnf|zypper|pacman|conda|mamba|micromamba"
_SYSTEM_INSTALL = re.compile(
    rf"(?:^|[;&|(\n]|\b(?:sudo|then|do|else)\s)[ \t]*(?:\w+=\S*\s+)*({_SYSTEM_MANAGERS})\s+(?:-\S+\s+)*"
    r"(?:install|add|update|upgrade|create|env|-S\w*)\b"
)


@dataclass(frozen=True)
class Command:
    """An argument vector and what it needs.

    ``isolate``: it may install packages on its own and gets a throw-away environment. ``image_only``: why this machine cannot run it,
    only its image, as a sentence; None when it may try.
    """

    argv: list[str]
    requirements: req.Requirements = field(default_factory=req.Requirements)
    isolate: bool = False
    image_only: str | None = None

    @property
    def needs_kfp(self) -> bool:
        """Whether it runs kfp's executor."""
        return any(component_factory.EXECUTOR_MODULE in part for part in self.argv)

    @property
    def is_python(self) -> bool:
        """Whether it runs Python code, in whatever interpreter is called python."""
        return self.needs_kfp or (bool(self.argv) and _PYTHON.fullmatch(self.argv[0]) is not None)


def read(command: list[str], args: list[str], image: str) -> Command:
    """The command of a container spec.

    Raises :class:`EngineError` for what neither this machine nor a container runtime can do.
    """
    if image.startswith("argostub/"):
        raise EngineError(
            f"The component manages a volume of a Kubernetes cluster ({image}), which this machine does not have. "
            "Pass files as artifacts, or run the pipeline on a cluster."
        )
    argv = command + args
    if not command:
        return Command(argv, image_only="The component runs the entry point of its image.")
    if len(argv) > 3 and argv[0] in ("sh", "bash") and argv[1] == "-c":
        requirements = req.prelude(argv[2])
        if requirements is not None:
            inner = read(command[3:], args, image)
            return replace(_on_own_kfp(inner, requirements), requirements=requirements)
    in_image = argv[:2] == ["python3", "-m"] and argv[2] in _EXECUTORS
    if in_image and "--component_module_path" not in argv:
        return Command(argv, image_only="The component's code is in its image (target_image).")
    if manager := _system_manager(argv):
        return Command(
            argv,
            image_only=f"The component installs packages with {manager!r}, which would change this machine.",
        )
    return Command(argv, isolate=_INSTALLS.search(" ".join(argv[:4])) is not None)


def _on_own_kfp(found: Command, requirements: req.Requirements) -> Command:
    """kfp 2.0 calls its executor by a module that later versions do not have."""
    if any(re.match(r"kfp\b(?!-)", each) for each in requirements.packages):
        return found
    old, new = _EXECUTORS[1], _EXECUTORS[0]
    return replace(
        found, argv=[re.sub(rf"-m {re.escape(old)}\b", f"-m {new}", part) for part in found.argv]
    )


def _system_manager(argv: list[str]) -> str | None:
    program = os.path.basename(argv[0])
    if re.fullmatch(_SYSTEM_MANAGERS, program):
        return program
    if program in _SHELLS:
        for option, script in pairwise(argv[1:4]):
            if re.fullmatch(r"-\w*c", option):
                match = _SYSTEM_INSTALL.search(req.without_guard(script))
                return match[1] if match else None
    return None


def environment(python: Path, declared: dict[str, str]) -> dict[str, str]:
    """The environment of a task's process on this machine: the server's, ``python``'s folder first in PATH, then ``declared``.

    It is that of the user's own programs, with what they find their data by (``HOME``, ``AWS_…``, proxies, ``PIP_…``), as a kernel has it.
    What gives access to Jupyter or to Local Kubeflow itself is left out.
    """
    env = own_environment()
    env.pop("PYTHONHOME", None)
    env["PATH"] = os.pathsep.join([str(python.parent), env.get("PATH", os.defpath)])
    env["PYTHONUNBUFFERED"] = "1"
    if python.parent != Path(sys.executable).parent or sys.prefix != sys.base_prefix:
        env["VIRTUAL_ENV"] = str(python.parent.parent)
    return {**env, **declared}


def own_environment() -> dict[str, str]:
    """The server's environment without what gives access to Jupyter or to Local Kubeflow."""
    return {name: value for name, value in os.environ.items() if not _CREDENTIALS.match(name)}


def located(argv: list[str], python: Path, env: dict[str, str]) -> list[str] | None:
    """``argv`` with its program found: ``python`` is the given interpreter; None when this machine does not have the program."""
    program, *rest = argv
    if _PYTHON.fullmatch(program):
        return [str(python), *rest]
    found = shutil.which(program, path=env["PATH"])
    return None if found is None else [found, *rest]
