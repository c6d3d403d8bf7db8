"""Where a task's command runs, this machine or its image, and what it needs there.

The rule (``KUBEFLOW_LOCAL_CONTAINERS``, of the task's own variables or the server's): ``auto`` runs on this machine what this machine has
the command for, and everything else in its image; ``always`` runs everything in its image; ``never`` runs nothing in an image.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kfp.dsl import constants as dsl_constants

from jupyterlab_kubeflow.local.quantities import amount, is_quantity

from . import cluster_only, container_run, placeholders
from . import command as commands
from .container_run import Limits, Mount
from .containers import Runtime
from .content import local_path
from .context import RunContext
from .errors import EngineError
from .marked import TASK_VARIABLE
from .own_words import TaskLog
from .recorder import TaskRecord
from .values import Values

VARIABLE = "KUBEFLOW_LOCAL_CONTAINERS"
"""Environment variable that says when images are used."""

MODES = ("auto", "always", "never")

_PYTHON_IMAGE = re.compile(r"(?:.*/)?python:(\d+\.\d+)\b.*")


@dataclass(frozen=True)
class Prepared:
    """A process to launch. ``removal`` is the command that removes its container, if it has one; ``note`` is for the task's status.

    ``vain`` is the part of it that says what the task lacks here (see ``cluster_only``).
    """

    argv: list[str]
    env: dict[str, str]
    removal: list[str] | None = None
    note: str | None = None
    vain: str | None = None


def mode(declared: Mapping[str, str], own: Mapping[str, str] = os.environ) -> str:
    """The rule that holds for a task that declares these variables. Raises :class:`EngineError` for a word that is none."""
    value = declared.get(VARIABLE) or own.get(VARIABLE) or "auto"
    if value not in MODES:
        raise EngineError(f"{VARIABLE} is {value!r}; it must be one of {', '.join(MODES)}.")
    return value


def wants_image(rule: str, image_only: str | None) -> bool:
    """Whether a command is to run in its image; ``image_only`` is why this machine cannot run it, None when it can."""
    return rule == "always" or (rule == "auto" and image_only is not None)


def refusal(image: str, image_only: str | None, rule: str, absent: str) -> EngineError:
    """For a command that cannot run anywhere here. ``absent`` is why no container runtime is used."""
    why = image_only or f"{VARIABLE}=always asks for the image."
    runtime = "Install Docker or Podman"
    if rule == "never":
        runtime = f"Set {VARIABLE}=auto with Docker or Podman here"
    command = "give the component a command that this machine has"
    if not image_only:
        command = f"unset {VARIABLE}"
    return EngineError(
        f"{why} The image {image!r} cannot be run, because {absent}. "
        f"{runtime}, {command}, or run the pipeline on a cluster."
    )


async def prepare(
    context: RunContext,
    record: TaskRecord,
    component: Any,
    executor_input: dict[str, Any],
    inputs: Values,
) -> Prepared:
    """Everything that a container task needs before it takes a slot: the image, or the environment that stands in for it.

    What it waits for is told in the task's status and log. Raises :class:`EngineError` when it cannot run here.
    """
    container = context.pipeline.executors[component.executor_label].container
    folder = context.folder / record.task_id
    log = folder / "log.txt"
    names = context.names(record)

    def resolve(elements: list[str]) -> list[str]:
        return placeholders.resolve_command(elements, executor_input, names)

    told = False

    def tell(text: str) -> None:
        nonlocal told
        told = True
        context.journal.update(record, status_message=text, log_path=str(log))

    image = resolve([container.image])[0]
    declared = {each.name: resolve([each.value])[0] for each in container.env}
    rule = mode(declared)
    found = commands.read(list(container.command), list(container.args), image)
    image_only = found.image_only or missing(resolve(found.argv), declared)
    if not wants_image(rule, image_only):
        if image_only:
            raise refusal(image, image_only, rule, f"{VARIABLE} is never")
        prepared = await _on_machine(context, folder, found, resolve, declared, image, tell)
        limits, note = frozenset[str](), prepared.note
    else:
        runtime = await context.services.containers.runtime()
        if isinstance(runtime, str):
            raise refusal(image, image_only, rule, runtime)
        try:
            prepared = await _in_image(
                context, record, runtime, image, container, resolve, declared, inputs, tell
            )
        except EngineError as error:
            raise EngineError(" ".join(filter(None, (image_only, str(error))))) from error
        limits, note = runtime.limits, prepared.note
    if told:
        TaskLog(log).say("The task begins.")
    vain = cluster_only.note(context.pipeline, component, inputs, limits)
    note = " ".join(filter(None, (note, vain))) or None
    return Prepared(prepared.argv, prepared.env, prepared.removal, note, vain)


def missing(argv: list[str], declared: Mapping[str, str]) -> str | None:
    """Why this machine cannot run ``argv``, as a sentence; None when it has the program."""
    python = Path(sys.executable)
    if commands.located(argv, python, commands.environment(python, dict(declared))) is not None:
        return None
    return f"The component runs {argv[0]!r}, and this machine has no such command."


async def _on_machine(
    context: RunContext,
    folder: Path,
    found: commands.Command,
    resolve: Callable[[list[str]], list[str]],
    declared: dict[str, str],
    image: str,
    tell: Callable[[str], None],
) -> Prepared:
    environments = context.services.environments
    python = await environments.python(
        found.requirements, found.needs_kfp, tell, folder / "log.txt"
    )
    if found.isolate:
        python = await environments.throw_away(folder / "environment", python)
    env = commands.environment(python, declared)
    if found.isolate:
        env.setdefault("PIP_REQUIRE_VIRTUALENV", "1")
    argv = commands.located(resolve(found.argv), python, env)
    if argv is None:
        raise EngineError(f"{found.argv[0]!r} is not on this machine any more.")
    return Prepared(argv, env, note=_stand_in(found, image))


def _stand_in(found: commands.Command, image: str) -> str | None:
    """What stands in for the image, unless that is the same Python."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if found.is_python:
        same = _PYTHON_IMAGE.fullmatch(image)
        if same and same[1] == version:
            return None
        return f"Python {version} of this machine stands in for the image {image}."
    return f"{Path(found.argv[0]).name!r} of this machine stands in for the image {image}."


async def _in_image(
    context: RunContext,
    record: TaskRecord,
    runtime: Runtime,
    name: str,
    container: Any,
    resolve: Callable[[list[str]], list[str]],
    declared: dict[str, str],
    inputs: Values,
    tell: Callable[[str], None],
) -> Prepared:
    folder = context.folder / record.task_id
    image = await context.services.containers.image(
        runtime, name, tell, TaskLog(folder / "log.txt")
    )
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    context.artifacts.mkdir(parents=True, exist_ok=True)
    argv = container_run.arguments(
        runtime,
        image,
        record.task_id,
        resolve(list(container.command)),
        resolve(list(container.args)),
        declared,
        _mounts(context, folder, inputs),
        _limits(container.resources, resolve),
        container_run.User(os.getuid(), os.getgid(), work),
    )
    # The runtime's own processes are not the task's: they end with its container.
    unmarked = [shutil.which("env") or "env", "-u", TASK_VARIABLE, *argv]
    note = f"Runs in the image {name} with {runtime.name}."
    removal = container_run.removal(runtime, record.task_id)
    return Prepared(unmarked, commands.own_environment(), removal, note)


def _mounts(context: RunContext, folder: Path, inputs: Values) -> list[Mount]:
    """The run's artifacts, what the task writes and the workspace; read-only, what the task is given from elsewhere (imported, reused).

    Not ``folder`` itself: what it tells of the process is believed when the process is taken up again.
    """
    own = [folder / "work", folder / "outputs", context.artifacts, context.workspace]
    mounts = [Mount(path) for path in own]
    mounts.append(Mount(context.workspace, target=Path(dsl_constants.WORKSPACE_MOUNT_PATH)))
    paths = (local_path(each.uri) for records in inputs.artifacts.values() for each in records)
    given = dict.fromkeys(Path(os.path.normpath(path)) for path in paths if path)
    inside = [each for each in given if any(each.is_relative_to(path) for path in own)]
    return mounts + [
        Mount(each, readonly=True) for each in given if each not in inside and each.exists()
    ]


def _limits(asked: Any, resolve: Callable[[list[str]], list[str]]) -> Limits:
    """``ResourceSpec``: texts since kfp 2.11 (they may hold placeholders), numbers (of GB) before."""

    def limit(text: str, number: float) -> float | None:
        if not text:
            return number or None
        given = resolve([text])[0].strip()
        value = float(amount(given)) if is_quantity(given) else 0.0
        return value if value > 0 else None

    cpus = limit(asked.resource_cpu_limit, asked.cpu_limit)
    memory = limit(asked.resource_memory_limit, asked.memory_limit * 1e9)
    return Limits(cpus, None if memory is None else int(memory))
