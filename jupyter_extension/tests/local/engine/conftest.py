"""Fixtures of the engine's tests."""

from __future__ import annotations

import errno
import os

import pytest


@pytest.fixture(params=["with pidfd", "without pidfd", "pidfd refused"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Systems that tell the end of a process through a file descriptor (Linux), others (macOS), and those that refuse it (old, sandbox)."""

    def refused(pid: int) -> int:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    if request.param == "without pidfd":
        monkeypatch.delattr(os, "pidfd_open", raising=False)
    if request.param == "pidfd refused":
        monkeypatch.setattr(os, "pidfd_open", refused, raising=False)
