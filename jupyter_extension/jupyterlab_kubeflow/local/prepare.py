"""Makes ahead of time what is otherwise made at first use: the environments of pipelines' components, and the images of those that need them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

from .engine import command, preparation
from .engine.containers import Containers
from .engine.environments import Environments
from .engine.errors import EngineError
from .engine.own_words import TaskLog
from .paths import Home
from .pipelines.specs import Package, read_package
from .wire_errors import ApiError


@dataclass(frozen=True)
class _Component:
    label: str
    image: str
    command: command.Command
    rule: str


def prepare(home: Home, files: list[Path], tell: Callable[[str], None]) -> None:
    """Makes everything that the components of these pipeline files run in; ``tell`` gets a line for each step.

    Raises :class:`KubeflowError` that names the file when one cannot be read, packages cannot be installed, or an image cannot be pulled.
    """
    home.create()
    for file in files:
        try:
            package = read_package(file.read_bytes())
            components = list(_components(package, tell))
            asyncio.run(_make(Environments(home.environments), components, tell))
        except (ApiError, EngineError, OSError) as error:
            raise KubeflowError(f"{file}: {error}", service="local") from error
        tell(f"{package.name}: ready.")


def _components(package: Package, tell: Callable[[str], None]) -> Iterator[_Component]:
    deployment: dict[str, Any] = package.pipeline_spec.get("deploymentSpec") or {}
    for label, executor in sorted((deployment.get("executors") or {}).items()):
        container = executor.get("container")
        if not container:
            continue
        image = str(container.get("image", ""))
        declared = {each["name"]: each.get("value", "") for each in container.get("env") or []}
        try:
            found = command.read(
                list(container.get("command") or []), list(container.get("args") or []), image
            )
            yield _Component(label, image, found, preparation.mode(declared))
        except EngineError as error:
            tell(f"{label} cannot run on this machine: {error}")


async def _make(
    environments: Environments, components: list[_Component], tell: Callable[[str], None]
) -> None:
    containers = Containers()
    for one in components:
        found = one.command
        image_only = found.image_only or preparation.missing(found.argv, {})
        if not preparation.wants_image(one.rule, image_only):
            if image_only:
                tell(f"{one.label} cannot run on this machine: {image_only}")
            else:
                await environments.python(found.requirements, found.needs_kfp, tell)
            continue
        runtime = await containers.runtime()
        if isinstance(runtime, str):
            refused = preparation.refusal(one.image, image_only, one.rule, runtime)
            tell(f"{one.label} cannot run on this machine: {refused}")
        elif "{{" not in one.image:
            await containers.image(runtime, one.image, tell, TaskLog())
