"""Making ahead of time what is otherwise made at first use: the environments of pipelines' components."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

from .engine import command
from .engine.environments import Environments
from .engine.errors import EngineError
from .paths import Home
from .pipelines.specs import Package, read_package
from .wire_errors import ApiError


def prepare(home: Home, files: list[Path], tell: Callable[[str], None]) -> None:
    """Builds the environments that the components of these pipeline files run in; ``tell`` gets a line for each step.

    Raises :class:`KubeflowError` that names the file when one cannot be read, or packages cannot be installed.
    """
    home.create()
    for file in files:
        try:
            package = read_package(file.read_bytes())
            commands = list(_commands(package, tell))
            asyncio.run(_build(Environments(home.root / "environments"), commands, tell))
        except (ApiError, EngineError, OSError) as error:
            raise KubeflowError(f"{file}: {error}", service="local") from error
        tell(f"{package.name}: ready.")


def _commands(package: Package, tell: Callable[[str], None]) -> Iterator[command.Command]:
    deployment: dict[str, Any] = package.pipeline_spec.get("deploymentSpec") or {}
    for label, executor in sorted((deployment.get("executors") or {}).items()):
        container = executor.get("container")
        if not container:
            continue
        try:
            yield command.read(
                list(container.get("command") or []),
                list(container.get("args") or []),
                str(container.get("image", "")),
            )
        except EngineError as error:
            tell(f"{label} cannot run on this machine: {error}")


async def _build(
    environments: Environments, commands: list[command.Command], tell: Callable[[str], None]
) -> None:
    for one in commands:
        await environments.python(one.requirements, one.needs_kfp, tell)
