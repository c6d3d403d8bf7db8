"""Connections to upstreams on asyncio's own transports.

The HTTP client's default goes through an abstraction of event loops that reads one TLS record at a time; this one hands over all that has
arrived, which makes large answers several times cheaper. It is a backend of httpcore (``httpcore.AsyncNetworkBackend``).
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import httpcore

from .certificate import MISMATCHES, hosts

if TYPE_CHECKING:
    from collections.abc import Iterator

_HIGH = 512 * 1024
"""Bytes that wait to be read above which the other end has to wait."""

_Result = TypeVar("_Result")


class Backend(httpcore.AsyncNetworkBackend):
    """Opens connections in the running event loop.

    ``server_name`` is the name that certificates have to be for, where it is not the host's; that of the host ``proxy`` is its own.
    """

    def __init__(self, server_name: str | None, proxy: str | None) -> None:
        self._name = server_name
        self._proxy = proxy

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A connection to a host. Raises httpcore's ``ConnectError`` or ``ConnectTimeout``."""
        loop = asyncio.get_running_loop()
        local = (local_address, 0) if local_address else None
        opening = loop.create_connection(_Connection, host, port, local_addr=local)
        return await self._opened(opening, timeout)

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.AsyncNetworkStream:
        """A connection to a socket file. Raises as :meth:`connect_tcp`."""
        loop = asyncio.get_running_loop()
        opening = loop.create_unix_connection(_Connection, path)
        return await self._opened(opening, timeout)

    async def sleep(self, seconds: float) -> None:
        """For retries."""
        await asyncio.sleep(seconds)

    async def _opened(
        self, opening: Awaitable[tuple[asyncio.BaseTransport, _Connection]], timeout: float | None
    ) -> Stream:
        with _mapped(httpcore.ConnectError, httpcore.ConnectTimeout):
            _, connection = await asyncio.wait_for(opening, timeout)
        return Stream(connection, self._certified)

    def _certified(self, host: str | None) -> str | None:
        return self._name if self._name and host != self._proxy else host


class _Connection(asyncio.Protocol):
    """Keeps what arrives until it is read; ``transport`` changes when TLS begins."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.buffer = bytearray()
        self.ended = False
        self._error: Exception | None = None
        self._reading: asyncio.Future[None] | None = None
        self._writing: asyncio.Future[None] | None = None
        self._full = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if len(self.buffer) > _HIGH and not self._full:
            self._full = True
            self.transport.pause_reading()
        _settle(self._reading)

    def eof_received(self) -> None:
        self.ended = True
        _settle(self._reading)

    def connection_lost(self, error: Exception | None) -> None:
        self.ended = True
        self._error = error
        _settle(self._reading)
        _settle(self._writing)

    def pause_writing(self) -> None:
        self._writing = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        waiting, self._writing = self._writing, None
        _settle(waiting)

    async def read(self, most: int, timeout: float | None) -> bytes:
        if not self.buffer and not self.ended:
            self._reading = asyncio.get_running_loop().create_future()
            try:
                await _limited(self._reading, timeout)
            finally:
                self._reading = None
        if not self.buffer and self._error is not None:
            raise self._error
        data = bytes(self.buffer[:most])
        del self.buffer[:most]
        if self._full and len(self.buffer) < _HIGH // 2:
            self._full = False
            self.transport.resume_reading()
        return data

    async def write(self, data: bytes, timeout: float | None) -> None:
        if self.ended and self._error is not None:
            raise self._error
        if self.transport.is_closing():
            raise ConnectionResetError("the connection was closed")
        self.transport.write(data)
        if self._writing is not None:
            await _limited(self._writing, timeout)


class Stream(httpcore.AsyncNetworkStream):
    """One connection."""

    def __init__(
        self, connection: _Connection, certified: Callable[[str | None], str | None]
    ) -> None:
        """``certified`` gives the name that the certificate of a host has to be for."""
        self._connection = connection
        self._certified = certified

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has arrived, at least one byte; nothing at the end. Raises httpcore's ``ReadError`` or ``ReadTimeout``."""
        with _mapped(httpcore.ReadError, httpcore.ReadTimeout):
            return await self._connection.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Returns when the network can take more. Raises httpcore's ``WriteError`` or ``WriteTimeout``."""
        if buffer:
            with _mapped(httpcore.WriteError, httpcore.WriteTimeout):
                await self._connection.write(buffer, timeout)

    async def aclose(self) -> None:
        """Ends it at once."""
        self._connection.transport.abort()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Begins TLS. Raises httpcore's ``ConnectError`` or ``ConnectTimeout``."""
        connection = self._connection
        address = connection.transport.get_extra_info("peername")
        name = self._certified(server_hostname)
        starting = asyncio.get_running_loop().start_tls(
            connection.transport, connection, ssl_context, server_hostname=name
        )
        try:
            with _mapped(httpcore.ConnectError, httpcore.ConnectTimeout):
                transport = await asyncio.wait_for(starting, timeout)
                if transport is None:
                    raise ConnectionResetError("the connection was closed")
        except httpcore.ConnectError as error:
            connection.transport.abort()
            refused = error.__cause__
            if (
                isinstance(refused, ssl.SSLCertVerificationError)
                and refused.verify_code in MISMATCHES
            ):
                shown = ", ".join(await hosts(ssl_context, address, name, timeout)) or "others"
                raise httpcore.ConnectError(
                    f"{refused.verify_message.rstrip('.')}, but for {shown}"
                ) from error
            raise
        except BaseException:
            connection.transport.abort()
            raise
        connection.transport = transport
        return self

    def get_extra_info(self, info: str) -> Any:
        """What httpcore asks: of an idle connection ``is_readable``, which means that it is of no more use; the rest is asyncio's."""
        if info == "is_readable":
            return self._connection.ended or bool(self._connection.buffer)
        names = {"client_addr": "sockname", "server_addr": "peername"}
        return self._connection.transport.get_extra_info(names.get(info, info))


def _settle(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)


async def _limited(waiting: asyncio.Future[None], timeout: float | None) -> None:
    """Waits, without a task of its own. Raises ``TimeoutError``."""
    if timeout is None:
        await waiting
        return

    def late() -> None:
        if not waiting.done():
            waiting.set_exception(TimeoutError())

    timer = asyncio.get_running_loop().call_later(timeout, late)
    try:
        await waiting
    finally:
        timer.cancel()


@contextmanager
def _mapped(broken: type[Exception], late: type[Exception]) -> Iterator[None]:
    try:
        yield
    except (TimeoutError, asyncio.TimeoutError) as error:
        raise late(str(error)) from error
    except OSError as error:  # also what OpenSSL refuses
        said = (
            os.strerror(error.errno) if isinstance(error, ConnectionError) and error.errno else ""
        )
        raise broken(said or str(error)) from error
