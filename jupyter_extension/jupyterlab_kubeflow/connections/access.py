"""How to speak to a Kubernetes API server, and for how long that holds."""

from __future__ import annotations

import os
import time
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from .upstream import Tls

EXPIRY_MARGIN = 60.0
"""Seconds before its expiry when a credential is loaded again; a quarter of its life where that is less."""

REREAD = 60.0
"""Seconds after which a token file is read again, as by client-go."""


@dataclass(frozen=True)
class Access:
    """Address and credentials.

    ``renew`` is when they should be loaded again, in seconds since the epoch; None when that is not known. ``impersonation`` holds the headers
    that say whom to act as, of which one may occur several times. ``files`` are those that a change of means loading again.
    """

    server: str
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    tls: Tls = field(default_factory=Tls)
    renew: float | None = None
    proxy: str | None = field(default=None, repr=False)
    impersonation: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()

    def due(self) -> bool:
        """Whether it should be loaded again."""
        return self.renew is not None and time.time() > self.renew


def renewal(expires: float | None) -> float | None:
    """When a credential that was just given and ends at ``expires`` (seconds since the epoch) should be loaded again."""
    if expires is None:
        return None
    return expires - min(EXPIRY_MARGIN, max(0.0, expires - time.time()) / 4)


def stamps(files: Iterable[str]) -> Hashable:
    """Changes when one of the files changes."""
    result = []
    for name in files:
        try:
            stat = os.stat(name)
            result.append((name, stat.st_mtime_ns, stat.st_size, stat.st_ino))
        except OSError:
            result.append((name, 0, 0, 0))
    return tuple(result)
