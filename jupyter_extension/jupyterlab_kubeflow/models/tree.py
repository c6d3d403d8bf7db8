"""The files of a model: which they are, how many bytes, and that no link leads out."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from jupyterlab_kubeflow.errors import KubeflowError

MOST_FILES = 20_000
"""Most files of a folder that is a model."""


@dataclass(frozen=True)
class Member:
    """A file of a model: its path in the folder with ``/`` (the name of a model that is one file) and its size in bytes."""

    name: str
    path: Path
    size: int


@dataclass(frozen=True)
class Tree:
    """A file or folder, ``label`` being what it is called in messages, ``members`` in the order of the bytes of their names."""

    label: str
    path: Path
    folder: bool
    members: tuple[Member, ...]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(each.size for each in self.members)


def look(path: Path, root: Path, label: str) -> Tree:
    """The files at ``path``, which together with what its links lead to has to be below ``root`` (both without links of their own).

    Files and folders whose names begin with a dot belong to no model. Raises ``KubeflowError`` for what is not there (404), not a file or
    folder, a link out of ``root`` (403), a link to a folder, and more than :data:`MOST_FILES` files.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            members = tuple(
                sorted(_members(path, root, label), key=lambda each: os.fsencode(each.name))
            )
            return Tree(label, path, True, members)
        return Tree(label, path, False, (_member(path, path.name, root, label),))
    except FileNotFoundError:
        raise missing(label) from None
    except OSError as error:
        raise unreadable(label, error) from None


def missing(label: str) -> KubeflowError:
    """There is nothing of that name."""
    return KubeflowError(
        f"There is no {label}. Check the path.",
        reason="NotFound",
        status=404,
        details={"field": "path"},
    )


def unreadable(label: str, error: OSError) -> KubeflowError:
    """The system does not let the server read it."""
    return KubeflowError(
        f"{label} cannot be read: {error.strerror or 'the file system failed'}.",
        reason="Forbidden" if isinstance(error, PermissionError) else "Invalid",
        status=403 if isinstance(error, PermissionError) else 422,
        details={"field": "path"},
    )


def refused(message: str, status: int = 422) -> KubeflowError:
    """A path that cannot be a model's."""
    reason = "Forbidden" if status == 403 else "Invalid"
    return KubeflowError(message, reason=reason, status=status, details={"field": "path"})


def _members(folder: Path, root: Path, label: str) -> list[Member]:
    members: list[Member] = []
    waiting = [(folder, "")]
    while waiting:
        here, prefix = waiting.pop()
        with os.scandir(here) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                name = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((Path(entry.path), f"{name}/"))
                    continue
                if entry.is_symlink() and entry.is_dir():
                    raise refused(
                        f"{label}/{name} is a link to a folder. Put the folder itself there."
                    )
                members.append(_member(Path(entry.path), name, root, f"{label}/{name}"))
                if len(members) + len(waiting) > MOST_FILES:
                    raise refused(
                        f"{label} has more than {MOST_FILES:,} files and folders. Choose the folder of the model alone."
                    )
    return members


def _member(path: Path, name: str, root: Path, label: str) -> Member:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise refused(
            f"{label.encode('utf-8', 'replace').decode()} has a name that is not UTF-8. Rename it."
        ) from None
    real = path.resolve()
    if not real.is_relative_to(root):
        raise refused(
            f"{label} is a link that leads out of the folder that may be read. Put the file itself there.",
            403,
        )
    try:
        about = real.stat()
    except FileNotFoundError:
        raise refused(f"{label} is a link to a file that is not there. Remove it.") from None
    if not stat.S_ISREG(about.st_mode):
        raise refused(f"{label} is neither a file nor a folder. Remove it or choose another path.")
    return Member(name, real, about.st_size)
