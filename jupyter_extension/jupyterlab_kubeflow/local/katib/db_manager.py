"""Katib's db-manager: gRPC service ``api.v1.beta1.DBManager`` on loopback, by which runs report values themselves and clients read them.

Katib's clients bring no credential, so who may speak is told by the connection: processes of the user that the server runs as (where the system
tells whose a connection is, as Linux does), reports only for Trials that run, and no deletions.

A plain listener stands in front of the gRPC server, which is started by the first connection, on a socket file that only this user can open.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyterlab_kubeflow import katib_wire as wire
from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.listening import loopback

from . import metrics
from .metrics import Log
from .observations import Observations
from .words import VERSION, is_over

if TYPE_CHECKING:
    import grpc

Body = dict[str, Any]
_log = logging.getLogger(__name__)
_CONNECTIONS = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_CHUNK = 64 * 1024
_LONGEST_NAME, _LONGEST_VALUE = 255, 65_535
"""As of Katib's database."""


class DbManager:
    """The server, from :meth:`start` to :meth:`stop`, at the port of the last time, since what runs goes on reporting there."""

    def __init__(self, client: Client, observations: Observations, folder: Path) -> None:
        """``folder`` keeps the port."""
        self._trials = Trials(client, observations)
        self._port_file = folder / "db-manager.port"
        self._port = 0
        self._listener: asyncio.AbstractServer | None = None
        self._grpc: asyncio.Task[tuple[grpc.Server, Path]] | None = None
        self._bridges: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """``127.0.0.1:PORT`` as clients take it; empty where gRPC is not installed."""
        return f"127.0.0.1:{self._port}" if self._port else ""

    def variables(self) -> dict[str, str]:
        """Where it is, by the variables that Kubernetes gives to pods in Katib's namespace, and those that Katib's own components read."""
        if not self._port:
            return {}
        return {
            "KATIB_DB_MANAGER_SERVICE_HOST": "127.0.0.1",
            "KATIB_DB_MANAGER_SERVICE_IP": "127.0.0.1",
            "KATIB_DB_MANAGER_SERVICE_PORT": str(self._port),
        }

    async def start(self) -> None:
        """Listens; does nothing where gRPC is not installed."""
        if wire.problem():
            return
        listener = _listener(self._port_file)
        self._port = listener.getsockname()[1]
        self._port_file.write_text(f"{self._port}\n", encoding="ascii")
        self._listener = await asyncio.start_server(self._accept, sock=listener)

    async def stop(self) -> None:
        """Ends all connections."""
        if self._listener is None:
            return
        self._listener.close()
        bridges = list(self._bridges)
        for task in bridges:
            task.cancel()
        await asyncio.gather(*bridges, return_exceptions=True)
        if self._grpc is not None:
            with contextlib.suppress(Exception):
                server, folder = await self._grpc
                await asyncio.to_thread(server.stop(None).wait)
                shutil.rmtree(folder, ignore_errors=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._bridges.add(task)
        task.add_done_callback(self._bridges.discard)
        try:
            peer = writer.get_extra_info("peername")
            if peer and not await asyncio.to_thread(_is_ours, peer[1], self._port):
                _log.warning("Katib's db-manager refuses a process of another user")
            elif peer:
                inner = await asyncio.open_unix_connection(str(_socket(await self._served())))
                await _bridge((reader, writer), inner)
        except (OSError, asyncio.CancelledError):
            pass  # either side has gone, or the server ends
        except Exception:
            _log.exception("Katib's db-manager does not start")
        finally:
            writer.close()

    async def _served(self) -> Path:
        """The folder of the gRPC server's socket, once it serves."""
        if self._grpc is None:
            self._grpc = asyncio.ensure_future(asyncio.to_thread(_serve, self._trials))
        try:
            return (await asyncio.shield(self._grpc))[1]
        except Exception:
            self._grpc = None  # the next one tries again
            raise


class Refusal(Exception):
    """What gRPC is answered with: the name of a status, and words."""

    def __init__(self, status: str, message: str) -> None:
        super().__init__(message)
        self.status = status


class Trials:
    """The three calls, on the Trials of the store. They wait for the disk; all raise :class:`Refusal`."""

    def __init__(self, client: Client, observations: Observations) -> None:
        self._client = client
        self._kind = client.kind(VERSION, "Trial")
        self._observations = observations

    def report(self, request: Any) -> Any:
        """``ReportObservationLog``: takes values for a Trial that has not ended, all or none of them."""
        found = self._named(request.trial_name)
        running = [each for each in found if not is_over(each)]
        if not found:
            raise Refusal("NOT_FOUND", f"there is no trial {request.trial_name!r}")
        if len(running) != 1:
            raise Refusal("FAILED_PRECONDITION", _not_one(request.trial_name, running))
        logs = []
        for each in request.observation_log.metric_logs:
            name, value = each.metric.name, each.metric.value
            if not name.isprintable() or not 0 < len(name) <= _LONGEST_NAME:
                raise Refusal(
                    "INVALID_ARGUMENT",
                    f"{name[:80]!r} is no name of a metric: take 1 to 255 letters",
                )
            if len(value) > _LONGEST_VALUE:
                raise Refusal("INVALID_ARGUMENT", f"the value of {name} is too long: give a number")
            logs.append(Log(each.time_stamp, name, value))
        try:
            self._observations.report(running[0], logs)
        except ValueError as error:
            raise Refusal("INVALID_ARGUMENT", f"time_stamp: {error}") from error
        return wire.message(f"{wire.REPORT}Reply")()

    def get(self, request: Any) -> Any:
        """``GetObservationLog``: nothing for a Trial that is not there, as Katib's."""
        start, end = _moment(request, "start_time"), _moment(request, "end_time")
        found = self._named(request.trial_name)
        if len(found) > 1:
            raise Refusal("FAILED_PRECONDITION", _not_one(request.trial_name, found))
        reply = wire.message(f"{wire.GET}Reply")()
        reply.observation_log.SetInParent()
        for trial in found:
            for log in self._observations.series(trial, request.metric_name):
                if (start or "") <= log.time and (not end or log.time <= end):
                    told = reply.observation_log.metric_logs.add(time_stamp=log.time)
                    told.metric.name, told.metric.value = log.metric, log.value
        return reply

    def delete(self, request: Any) -> Any:
        """``DeleteObservationLog``: never done for a client."""
        name = request.trial_name
        raise Refusal(
            "PERMISSION_DENIED", f"what {name!r} has reported goes with it: delete the trial"
        )

    def _named(self, name: str) -> list[Body]:
        return [each for each in self._client.peek(self._kind) if each["metadata"]["name"] == name]


def _not_one(name: str, trials: list[Body]) -> str:
    if not trials:
        return f"the trial {name!r} has ended, so it takes no more reports"
    places = ", ".join(each["metadata"]["namespace"] for each in trials)
    return f"there are several trials {name!r}, in the namespaces {places}: give them names of their own"


def _moment(request: Any, field: str) -> str | None:
    given = getattr(request, field)
    found = metrics.normal(given) if given else None
    if given and found is None:
        said = f"{field}: {given!r} is no time: give it with its zone, for example 2026-01-31T12:00:00Z"
        raise Refusal("INVALID_ARGUMENT", said)
    return found


def _serve(trials: Trials) -> tuple[grpc.Server, Path]:
    """Starts the gRPC server; returns it with the folder of its socket. Takes a fifth of a second, most of it imports."""
    import grpc

    handlers = {}
    for name, answer in (
        (wire.REPORT, trials.report),
        (wire.GET, trials.get),
        (wire.DELETE, trials.delete),
    ):
        handlers[name] = grpc.unary_unary_rpc_method_handler(
            _answering(answer),
            wire.message(f"{name}Request").FromString,
            wire.message(f"{name}Reply").SerializeToString,
        )
    folder = Path(tempfile.mkdtemp(prefix="kubeflow-"))  # mode 0700
    server = grpc.server(ThreadPoolExecutor(4, thread_name_prefix="db-manager"))
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(wire.SERVICE, handlers)])
    server.add_insecure_port(f"unix:{_socket(folder)}")
    server.start()
    return server, folder


def _answering(answer: Callable[[Any], Any]) -> Callable[[Any, grpc.ServicerContext], Any]:
    def answered(request: Any, context: grpc.ServicerContext) -> Any:
        import grpc

        try:
            return answer(request)
        except Refusal as refusal:
            status, said = refusal.status, str(refusal)
        except Exception:
            _log.exception("Katib's db-manager")
            status, said = (
                "INTERNAL",
                "Local Kubeflow failed; `jupyter kubeflow local logs` shows more",
            )
        return context.abort(grpc.StatusCode[status], said)

    return answered


def _socket(folder: Path) -> Path:
    return folder / "db-manager"


def _listener(file: Path) -> Any:
    try:
        last = int(file.read_text(encoding="ascii"))
        return loopback(last)
    except (OSError, ValueError, OverflowError):
        return loopback(0)


def _is_ours(peer: int, own: int) -> bool:
    """Whether the connection from a port of loopback is of this user; true where the system does not tell."""
    # An IPv4 address at the end of an IPv6 one that stands for it is the same text.
    address = f"{int.from_bytes(bytes([127, 0, 0, 1]), sys.byteorder):08X}"
    there, here = f"{address}:{peer:04X}", f"{address}:{own:04X}"
    told = False
    for file in _CONNECTIONS:
        try:
            lines = file.read_text(encoding="ascii").splitlines()
        except OSError:
            continue
        told = True
        for line in lines:
            fields = line.split()
            if fields[1].endswith(there) and fields[2].endswith(here):
                return int(fields[7]) == os.getuid()
    return not told


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _bridge(one: Ends, other: Ends) -> None:
    """Passes on what either side says, until one has gone."""
    ways = [
        asyncio.ensure_future(_copy(one[0], other[1])),
        asyncio.ensure_future(_copy(other[0], one[1])),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        other[1].close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while content := await reader.read(_CHUNK):
        writer.write(content)
        await writer.drain()
