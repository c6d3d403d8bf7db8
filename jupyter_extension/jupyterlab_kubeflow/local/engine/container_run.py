"""The argument vector that runs a task in its image, and the one that removes its container. Pure.

As on a cluster, a command takes the place of the image's entry point and arguments that of its own, and the variables are those that the
task declares, nothing of the server's. Unlike there, the process is this user's on this machine: what it writes belongs to the user.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .containers import Image, Runtime


@dataclass(frozen=True)
class Mount:
    """A file or folder of this machine, at the same path in the container unless ``target`` is another one."""

    source: Path
    readonly: bool = False
    target: Path | None = None


@dataclass(frozen=True)
class Limits:
    """``cpus`` in cores, ``memory`` in bytes; None for no limit."""

    cpus: float | None = None
    memory: int | None = None


@dataclass(frozen=True)
class User:
    """Who the process is to be: this user's ids, and a folder that may serve as ``HOME``."""

    uid: int
    gid: int
    home: Path


def name(task_id: str) -> str:
    """The container of a task."""
    return f"kubeflow-{task_id}"


def removal(runtime: Runtime, task_id: str) -> list[str]:
    """Removes the task's container, with what runs in it."""
    return [runtime.program, "rm", "--force", name(task_id)]


def arguments(
    runtime: Runtime,
    image: Image,
    task_id: str,
    command: Sequence[str],
    args: Sequence[str],
    env: Mapping[str, str],
    mounts: Sequence[Mount],
    limits: Limits,
    user: User,
) -> list[str]:
    """``docker run …`` or ``podman run …``: in the foreground, its exit code that of the container, which it removes at the end."""
    argv = [runtime.program, "run", "--rm", "--name", name(task_id)]
    # What it prints goes to the task's log only; the image is there already; removing it by force waits for nothing.
    argv += ["--log-driver", "none", "--pull", "never", "--stop-timeout", "0"]
    if runtime.selinux:
        argv += ["--security-opt", "label=disable"]
    options, variables = _identity(runtime, image, user)
    argv += options
    for variable, value in {**variables, **env}.items():
        argv += ["--env", f"{variable}={value}"]
    for mount in mounts:
        argv += ["--mount", _mount(mount)]
    if limits.cpus is not None and "cpu" in runtime.limits and limits.cpus < runtime.cpus:
        argv += ["--cpus", f"{limits.cpus:g}"]
    if limits.memory is not None and "memory" in runtime.limits:
        argv += ["--memory", str(limits.memory)]
    if command:
        # Podman takes a text that looks like JSON for a list.
        entry = json.dumps([command[0]]) if runtime.kind == "podman" else command[0]
        argv += ["--entrypoint", entry]
    return [*argv, "--", image.name, *command[1:], *args]


def _identity(runtime: Runtime, image: Image, user: User) -> tuple[list[str], dict[str, str]]:
    if image.user.partition(":")[0] in ("", "0", "root"):
        # Root of a rootless container is this user.
        if runtime.rootless or user.uid == 0:
            return [], {}
    elif user.uid == 0 or (runtime.rootless and runtime.kind == "docker"):
        return ["--user", "0:0"], {}
    keep = ["--userns", "keep-id"] if runtime.rootless else []
    return [*keep, "--user", f"{user.uid}:{user.gid}"], {"HOME": str(user.home)}


def _mount(mount: Mount) -> str:
    """The fields are CSV, so that a path may hold a comma."""
    fields = ["type=bind", f"source={mount.source}", f"target={mount.target or mount.source}"]
    if mount.readonly:
        fields.append("readonly")
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()
