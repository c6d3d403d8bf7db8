"""Which hosts a server's certificate is for, for messages."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

MISMATCHES = (62, 64)
"""What OpenSSL calls a certificate of another host, by name and by address (``X509_V_ERR_HOSTNAME_MISMATCH``, ``…_IP_ADDRESS_MISMATCH``)."""


async def hosts(
    context: ssl.SSLContext, address: Any, name: str | None, timeout: float | None
) -> list[str]:
    """The hosts in the certificate that the server at ``address`` shows when it is asked for ``name``; none when that cannot be told.

    It is looked at over a connection of its own, on which nothing is sent, and only when it is of an authority that ``context`` trusts.
    """
    anybody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anybody.check_hostname = False
    try:
        anybody.load_verify_locations(cadata=b"".join(context.get_ca_certs(binary_form=True)))
        opening = asyncio.open_connection(*address[:2], ssl=anybody, server_hostname=name)
        _, writer = await asyncio.wait_for(opening, timeout)
    except (OSError, TypeError, ValueError, asyncio.TimeoutError):
        return []
    shown = writer.get_extra_info("peercert") or {}
    writer.transport.abort()
    return [value for _, value in shown.get("subjectAltName", ())]
