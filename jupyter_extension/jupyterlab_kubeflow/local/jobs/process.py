"""One run of a container as a process: what it is given, where it writes, how it ended.

Its folder is ``pods/UID/containers/NAME/RESTARTS`` below Local Kubeflow's home, in the form of the engine's tasks (see ``engine.process``), with
``termination-log``, what the container writes at its ``terminationMessagePath``, ``out-of-memory`` when it was ended for what it used, and
``reports`` while there are some that no server has taken.
"""

from __future__ import annotations

import os
import re
import site
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import psutil

from jupyterlab_kubeflow.local.engine import command as commands
from jupyterlab_kubeflow.local.engine import process as processes
from jupyterlab_kubeflow.local.engine.environments import Environments
from jupyterlab_kubeflow.local.engine.errors import EngineError
from jupyterlab_kubeflow.local.engine.process import TaskProcess
from jupyterlab_kubeflow.local.kubernetes.logs import PodLogs

from . import quantities, variables, volumes
from .times import stamp
from .volumes import Find, Volumes
from .words import CannotCreate, CannotStart

_PIP_GUARD = re.compile(r"if ! \[ -x \"\$\(command -v pip\)\" \]; then\n.*?\nfi\n", re.S)
"""What the Kubeflow SDK's scripts do where there is no pip, before they install packages: it is there always."""

_SHIM = Path(__file__).with_name("shim.py")
_LIBRARIES = Path(psutil.__file__).parents[1]
_TERMINATION = "termination-log"
_OUT_OF_MEMORY = "out-of-memory"

REPORTS = "reports"
"""In its folder: what it has reported of its progress that no server has taken, see ``reports``."""

_TOLD = "/dev/termination-log"
"""Where a container says why it has ended, unless it names another path."""

_WRITTEN = 4096
_LOGGED, _LINES = 2048, 80
_TAIL = 16 * 1024
"""How much of what a container has written about its end goes into the status, and how much of its log: the kubelet's bounds."""


@dataclass(frozen=True)
class Place:
    """Where a pod's files are: ``own`` is the pod's folder, ``claims`` holds those of persistent volume claims."""

    own: Path
    claims: Path
    logs: PodLogs

    def run(self, container: str, restarts: int) -> Path:
        """The folder of one run of a container."""
        return self.own / "containers" / container / str(restarts)


def marker(uid: str, container: str) -> str:
    """What marks the processes of a container."""
    return f"pod-{uid}-{container}"


def machine() -> Mapping[str, float]:
    """What the machine has: cores, and memory in bytes."""
    return {"cpu": float(os.cpu_count() or 1), "memory": float(psutil.virtual_memory().total)}


async def prepare(
    pod: dict[str, Any],
    container: dict[str, Any],
    restarts: int,
    place: Place,
    mounted: Volumes,
    find: Find,
    environments: Environments,
) -> TaskProcess:
    """Everything up to the start, which :meth:`TaskProcess.go` brings. Raises :class:`CannotCreate` and :class:`CannotStart`."""
    uid = pod["metadata"]["uid"]
    folder = place.run(container["name"], restarts)
    declared = variables.variables(pod, container, find, machine())
    told = {container.get("terminationMessagePath") or _TOLD: str(folder / _TERMINATION)}
    to_folder = volumes.replacer({**told, **mounted.paths(container)})
    to_address = variables.loopback(pod)

    def local(text: str) -> str:
        return to_address(to_folder(text))

    declared = {name: local(value) for name, value in declared.items()}
    argv, isolate = _command(container, declared, local)
    home = place.own / "home"
    for path in (home, folder / "work"):
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    python = Path(sys.executable)
    try:
        if isolate:
            python = await environments.throw_away(folder / "environment", python)
    except EngineError as error:
        raise CannotStart(str(error)) from error
    given = {"HOME": str(home), "HOSTNAME": _hostname(pod), **_of_the_user(), **declared}
    env = commands.environment(python, given)
    if isolate:
        env.setdefault("PIP_REQUIRE_VIRTUALENV", "1")
    found = commands.located(argv, python, env)
    if found is None:
        raise CannotStart(f"exec: {argv[0]!r}: this machine has no such command in {env['PATH']}")
    log = place.logs.path(uid, container["name"], restarts)
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    log.touch(mode=0o600)  # whoever sees the container run may read its log
    for name in (_TERMINATION, _OUT_OF_MEMORY):  # of a start that was not recorded
        (folder / name).unlink(missing_ok=True)
    (folder / _TERMINATION).touch(mode=0o600)
    work = _directory(container, local, folder / "work")
    limit = [str(quantities.memory(container)), str(folder / _OUT_OF_MEMORY), str(_LIBRARIES)]
    paths = [str(log), str(work), *limit, str(folder / REPORTS)]
    shim = [sys.executable, "-I", "-S", str(_SHIM), *paths, *found]
    try:
        return processes.launch(folder, shim, env, marker(uid, container["name"]), restarts)
    except EngineError as error:
        raise CannotStart(str(error)) from error


def _command(
    container: dict[str, Any], declared: Mapping[str, str], local: Any
) -> tuple[list[str], bool]:
    def given(field: str) -> list[str]:
        return [local(variables.expand(str(each), declared)) for each in container.get(field) or ()]

    command, args = given("command"), given("args")
    try:
        judged = [_PIP_GUARD.sub("", part) for part in command]
        found = commands.read(judged, args, str(container.get("image", "")))
    except EngineError as error:
        raise CannotCreate(str(error), "CreateContainerError") from error
    if found.image_only:
        raise CannotCreate(
            f"{found.image_only.replace('The component', 'The container')} Local Kubeflow runs no images: give the container a command that "
            "this machine has, or run it on a cluster.",
            "CreateContainerError",
        )
    return [*command, *args], found.isolate or bool(found.requirements.packages)


def _hostname(pod: dict[str, Any]) -> str:
    return str(pod["spec"].get("hostname") or pod["metadata"]["name"])


def _of_the_user() -> dict[str, str]:
    """What a command with another home would miss of the user's: packages, caches (of models, of pip) and pip's configuration."""
    home = Path.home()
    found = {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(home / ".cache")}
    packages = site.getusersitepackages()
    if site.ENABLE_USER_SITE and Path(packages).is_dir():
        before = os.environ.get("PYTHONPATH")
        found["PYTHONPATH"] = os.pathsep.join(filter(None, [before, packages]))
    for name in (".config/pip/pip.conf", ".pip/pip.conf"):
        if "PIP_CONFIG_FILE" not in os.environ and (home / name).is_file():
            found["PIP_CONFIG_FILE"] = str(home / name)
    return found


def _directory(container: dict[str, Any], local: Any, work: Path) -> Path:
    """The working directory: that of the container where it is in a volume or on this machine, else one of its own."""
    wanted = container.get("workingDir")
    if not wanted:
        return work
    folder = Path(local(str(wanted)))
    if folder.is_absolute() and folder.is_dir():
        return folder
    if str(folder) != str(wanted):  # a folder in a volume is made, as a cluster does
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    return work


def ended(
    process: TaskProcess,
    code: int | None,
    began: str,
    log: Path,
    container: dict[str, Any],
    *,
    stopped: bool,
) -> dict[str, Any]:
    """``v1.ContainerStateTerminated`` of a process, as the kubelet writes it. ``stopped``: it was ended because its pod was."""
    try:
        moment = datetime.fromtimestamp((process.folder / "exit").stat().st_mtime, timezone.utc)
    except OSError:
        moment = datetime.now(timezone.utc)
    number = 137 if code is None else 128 - code if code < 0 else code
    reason = "Completed" if number == 0 else "Error"
    hint = ""
    if (process.folder / _OUT_OF_MEMORY).exists():
        number, reason = 137, "OOMKilled"
    elif code is None and not stopped:
        reason = "ContainerStatusUnknown"
        hint = "It was killed from outside, or the machine restarted: its exit code is not known."
    elif number == 137 and not stopped:
        hint = "It was killed (SIGKILL): the machine may have run out of memory."
    found = {"exitCode": number, "reason": reason, "startedAt": began, "finishedAt": stamp(moment)}
    if code is not None and code < 0:
        found["signal"] = -code
    if message := f"{_message(process.folder, log, container, number)}\n{hint}".strip():
        found["message"] = message
    return found


def _message(folder: Path, log: Path, container: dict[str, Any], code: int) -> str:
    """What the container says of its end: what it has written about it or, where its policy is so and it has failed, the end of its log."""
    with suppress(OSError), (folder / _TERMINATION).open("rb") as file:
        if said := file.read(_WRITTEN).decode(errors="replace"):
            return said
    if code and container.get("terminationMessagePolicy") == "FallbackToLogsOnError":
        return _last_words(log)
    return ""


def not_started(error: CannotStart) -> dict[str, Any]:
    """``v1.ContainerStateTerminated`` of a command that could not begin, as containerd tells it."""
    now = stamp()
    return {
        "exitCode": 128,
        "reason": "StartError",
        "message": str(error)[:_LOGGED],
        "startedAt": now,
        "finishedAt": now,
    }


def _last_words(log: Path) -> str:
    """The end of a log, without the times."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _TAIL))
            lines = file.read().splitlines()[-_LINES:]
    except OSError:
        return ""
    said = [each.split(b" ", 3)[3] for each in lines if each.count(b" ") >= 3]
    return b"\n".join(said)[-_LOGGED:].decode(errors="replace")
