"""Where the servers of Local Kubeflow listen: on loopback."""

from __future__ import annotations

import socket


def loopback(port: int) -> socket.socket:
    """A socket that is bound to a port of 127.0.0.1, to a random free one for 0. Raises ``OSError`` or, for what is no port, ``OverflowError``."""
    # With the protocol named, asyncio sends small answers at once (TCP_NODELAY), not 40 ms later.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener
