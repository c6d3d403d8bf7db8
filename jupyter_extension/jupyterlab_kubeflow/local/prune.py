"""Removes environments that have not been used for long. Nothing is removed unless a user asks."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from jupyterlab_kubeflow.errors import KubeflowError

from .engine.environments import MARK
from .paths import Home
from .store.database import Database
from .store.recorder import SqliteRecorder

_DAY = 24 * 3600


def prune(home: Home, days: float, tell: Callable[[str], None]) -> None:
    """Removes the environments of ``home`` whose last use is at least ``days`` days ago, and half-made ones; ``tell`` gets a line for each.

    They are made again when a task needs them. Raises :class:`KubeflowError` while there are runs that may use them.
    """
    if home.database.exists() and home.database.stat().st_size:
        database = Database(home.database)
        try:
            database.require_current()
            going_on = SqliteRecorder(database).unfinished_runs()
        finally:
            database.close()
        if going_on:
            raise KubeflowError(
                f"{len(going_on)} runs have not ended, which may use the environments. Wait for their end, or end them, and try again."
                if len(going_on) > 1
                else f"The run {going_on[0].run_id} has not ended and may use the environments. Wait for its end, or end it, and try again."
            )
    removed = kept = 0
    for folder in sorted(each for each in home.environments.glob("*") if each.is_dir()):
        if said := _removed(folder, days):
            tell(said)
            removed += 1
        else:
            kept += 1
    tell(f"Environments removed: {removed}, kept: {kept}.")


def _removed(folder: Path, days: float) -> str | None:
    """What to say of the environment that has been removed; None when it stays."""
    descriptor = os.open(folder.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None  # is being made
        mark, packages, used = folder / MARK, "a half-made environment", ""
        with suppress(FileNotFoundError):
            last = mark.stat().st_mtime
            if time.time() - last < days * _DAY:
                return None
            packages = f"the environment with {_packages(mark)}"
            used = f", last used {time.strftime('%Y-%m-%d', time.localtime(last))}"
        mark.unlink(missing_ok=True)  # from here on it is half made, whatever happens
        shutil.rmtree(folder)
        return f"Removed {packages}{used}."
    finally:
        os.close(descriptor)


def _packages(mark: Path) -> str:
    with suppress(ValueError, TypeError, KeyError):
        return ", ".join(json.loads(mark.read_text("utf-8"))["packages"])
    return "unknown packages"
