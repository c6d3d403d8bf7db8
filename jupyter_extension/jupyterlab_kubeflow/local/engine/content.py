"""What is in an artifact's file or folder, told by a digest, so that a change of it is seen."""

from __future__ import annotations

import hashlib
import os
import stat
import time
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

_CHUNK = 1024 * 1024
_SETTLED_NS = 2_000_000_000
"""A file that changed less than this long ago may change once more without a new time stamp."""


def local_path(uri: str) -> str | None:
    """The path that a URI of an artifact means on this machine, None when it lies elsewhere."""
    if uri.startswith("/"):
        return uri
    parts = urlsplit(uri)
    return unquote(parts.path) if parts.scheme == "file" else None


def digest(uri: str) -> str:
    """The SHA-256 of what lies at ``uri``: of a file its bytes, of a folder the names and contents in it, links followed.

    Nothing there has a digest, too (metrics have no file), and so has a remote URI, whose content is not looked at. Raises ``OSError`` for
    what cannot be read.
    """
    found = hashlib.sha256()
    path = local_path(uri)
    if path is None:
        found.update(f"elsewhere {uri}".encode())
    else:
        _add(found, Path(path))
    return found.hexdigest()


def _add(found: Any, path: Path) -> None:
    waiting: list[tuple[Path, frozenset[tuple[int, int]]]] = [(path, frozenset())]
    while waiting:
        path, above = waiting.pop()
        try:
            about = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            found.update(b"nothing")
            continue
        here = (about.st_dev, about.st_ino)
        if stat.S_ISREG(about.st_mode):
            found.update(b"file" + _file(path, about))
        elif not stat.S_ISDIR(about.st_mode):
            found.update(b"special")
        elif here in above:
            found.update(b"circle")
        else:
            names = sorted(os.listdir(path))
            found.update(b"folder %d" % len(names))
            for name in names:
                encoded = os.fsencode(name)
                found.update(b"%d %s" % (len(encoded), encoded))
            waiting += ((path / name, above | {here}) for name in reversed(names))


def _file(path: Path, about: os.stat_result) -> bytes:
    version = (about.st_dev, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns)
    settled = time.time_ns() - about.st_ctime_ns > _SETTLED_NS
    return _remembered(str(path), version) if settled else _read(str(path))


@lru_cache(maxsize=16384)
def _remembered(path: str, version: tuple[int, ...]) -> bytes:
    return _read(path)


def _read(path: str) -> bytes:
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.digest()
