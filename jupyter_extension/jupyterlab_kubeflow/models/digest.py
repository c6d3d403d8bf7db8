"""SHA-256 of a model, piece by piece.

Of a file it is that of its bytes, as ``sha256sum`` prints it. Of a folder it is that of the lines ``SHA256␠␠PATH`` of its files, with a newline
each, paths relative to the folder with ``/``, in the order of their bytes, without what begins with a dot::

    find -L . -type f -not -path '*/.*' -printf '%P\\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from typing import BinaryIO

from .tree import Member, Tree, missing, refused, unreadable

_CHUNK = 1024 * 1024
_SLICE = 0.2
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")


class Digest:
    """The digest of a model while it is computed. ``done`` is how many bytes have been read."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._left = list(reversed(tree.members))
        self._lines = hashlib.sha256()
        self._file: BinaryIO | None = None
        self._member: Member | None = None
        self._hash = hashlib.sha256()
        self._read = 0
        self.done = 0
        self.sha256: str | None = None
        for each in tree.members:
            if tree.folder and _CONTROL.search(each.name):
                raise refused(
                    f"{tree.label} has a file whose name has a backslash or a control character in it. Rename it."
                )

    def go_on(self) -> bool:
        """Reads for about 0.2 seconds, in a thread; answers whether more is left. Then ``sha256`` is the digest.

        Raises ``KubeflowError`` for a file that is gone, unreadable or has become another meanwhile.
        """
        until = time.monotonic() + _SLICE
        while time.monotonic() < until:
            if not self._step():
                return False
        return True

    def close(self) -> None:
        """Closes the file that is being read."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _step(self) -> bool:
        if self._file is None or self._member is None:
            if not self._left:
                self.sha256 = (
                    self._lines.hexdigest() if self._tree.folder else self._hash.hexdigest()
                )
                return False
            self._open(self._left.pop())
            return True
        try:
            chunk = self._file.read(_CHUNK)
        except OSError as error:
            raise unreadable(self._label(self._member), error) from None
        if chunk:
            self._hash.update(chunk)
            self._read += len(chunk)
            self.done += len(chunk)
        else:
            self._end(self._member)
        return True

    def _open(self, member: Member) -> None:
        self._member, self._hash, self._read = member, hashlib.sha256(), 0
        try:
            self._file = open(member.path, "rb", buffering=0, opener=_opener)  # noqa: SIM115
        except FileNotFoundError:
            raise missing(self._label(member)) from None
        except OSError as error:
            raise unreadable(self._label(member), error) from None

    def _end(self, member: Member) -> None:
        self.close()
        if self._read != member.size:
            raise refused(
                f"{self._label(member)} changed while it was read. Try again when nothing writes to it."
            )
        self._lines.update(f"{self._hash.hexdigest()}  {member.name}\n".encode())

    def _label(self, member: Member) -> str:
        return f"{self._tree.label}/{member.name}" if self._tree.folder else self._tree.label


def _opener(path: str, flags: int) -> int:
    """Opens without waiting for a writer, should the file have become a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))
