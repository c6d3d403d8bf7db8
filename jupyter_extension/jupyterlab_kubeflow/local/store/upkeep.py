"""What keeps the database file from harm: it is checked before it is used, copied before it is upgraded, and its errors are told in words."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from jupyterlab_kubeflow.errors import KubeflowError

_ELSEWHERE = "or set KUBEFLOW_LOCAL_HOME to another folder"
_DAMAGED = ("malformed", "not a database", "missing from index", "wrong # of entries")


def check(path: Path) -> None:
    """Reads the whole file, without a change to it; raises :class:`KubeflowError` when SQLite would not read it, or only after a loss.

    Takes about a second for each gigabyte that the disk gives in that time.
    """
    journal = path.with_name(f"{path.name}-wal")
    if not _size(path):
        if _size(journal):
            raise unusable(
                f"{path} is missing or empty, although {journal} holds changes to it. Put the file back that belongs to it, move "
                f"{journal} away to begin anew, {_ELSEWHERE}."
            )
        return
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            ((found, *_), *_) = database.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        raise unusable(_in_words(str(error), path)) from error
    if found != "ok":
        raise unusable(_damage(found.splitlines()[-1], path))


def check_runs(path: Path, runs: Path) -> None:
    """Raises :class:`KubeflowError` when there are runs' files in the folder ``runs``, and no database that knows of them."""
    if _size(path):
        return
    check(path)
    if any(runs.iterdir()):
        raise unusable(
            f"{path} is missing or empty, although {runs} holds the files of runs. Put the file back that belongs to them, move {runs} away "
            f"to begin anew, {_ELSEWHERE}."
        )


def back_up(path: Path, revision: str) -> Path:
    """Copies the database to ``NAME.before-REVISION`` beside it, readable by its owner only, and returns that path.

    Raises :class:`KubeflowError` when there is no room for it.
    """
    copy = path.with_name(f"{path.name}.before-{revision}")
    unfinished = copy.with_name(f"{copy.name}.new")
    try:
        unfinished.unlink(missing_ok=True)
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with (
            closing(sqlite3.connect(path)) as source,
            closing(sqlite3.connect(unfinished)) as target,
        ):
            source.backup(target)
        os.replace(unfinished, copy)
    except (OSError, sqlite3.DatabaseError) as error:
        unfinished.unlink(missing_ok=True)
        said = error.strerror if isinstance(error, OSError) else error
        raise unusable(
            f"{path} is to be upgraded, and cannot be copied to {copy} before: {said}. Free some space on its disk and start again, "
            f"{_ELSEWHERE}."
        ) from error
    return copy


def in_words(error: DatabaseError, path: Path) -> str:
    """What to tell of an error of the database at ``path``, with the remedy."""
    return _in_words(str(error.orig), path)


def is_damage(error: DatabaseError) -> bool:
    """Whether the file itself is damaged, rather than its disk full or its folder not writable."""
    return any(each in str(error.orig) for each in _DAMAGED)


def unusable(message: str) -> KubeflowError:
    """The error of a server that cannot work with its database."""
    return KubeflowError(message, reason="NotConfigured", status=503, service="local")


def _in_words(said: str, path: Path) -> str:
    if any(each in said for each in _DAMAGED):
        return _damage(said, path)
    if "locked" in said:
        return f"Another program keeps {path} locked. Close it, and try again."
    return (
        f"Local Kubeflow cannot use its folder {path.parent}: {said}. Free some space on its disk, or make the folder writable, and try "
        "again."
    )


def _damage(said: str, path: Path) -> str:
    return (
        f"{path} cannot be read as a database: {said}. It has been left as it is. Stop Local Kubeflow and restore it from a copy (each "
        f"upgrade leaves one, {path.name}.before-REVISION), recover what is readable with `sqlite3 {path} .recover`, {_ELSEWHERE}."
    )


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
