"""Writes that do not wait for the disk one by one: taken in order, committed many at once by one thread (group commit)."""

from __future__ import annotations

import asyncio
import errno
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from jupyterlab_kubeflow.local.engine.errors import RecordError

from .database import Database

_log = logging.getLogger(__name__)

_Change = TypeVar("_Change")
_Made = TypeVar("_Made")


@dataclass(frozen=True)
class _Write(Generic[_Change]):
    number: int
    run_id: str
    change: _Change


class Writer(Generic[_Change, _Made]):
    """Takes writes from any thread; all that have been taken while a transaction was under way are the next one.

    Writes of one run reach the disk in the order in which they were taken, and none after one that was refused (a full disk): as if the
    server had been killed there. Other runs' writes do not suffer from it.
    """

    def __init__(
        self,
        database: Database,
        make: Callable[[Connection, list[_Change]], _Made],
        then: Callable[[_Made], None],
    ) -> None:
        """``make`` makes changes inside a transaction; ``then`` is called in the writer's thread with what it answered, once that is on the disk."""
        self._database = database
        self._make = make
        self._then = then
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="records")
        self._lock = threading.Lock()
        self._taken: list[_Write[_Change]] = []
        self._number = 0
        self._written = 0
        self._last: dict[str, int] = {}
        self._refused: dict[str, Exception] = {}
        self._waiting: list[tuple[int, Future[None]]] = []
        self._busy = False

    def add(self, run_id: str, *changes: _Change) -> None:
        """Takes changes on behalf of the run, which are made all or not at all. Raises what earlier ones of the run were refused with."""
        with self._lock:
            self._check(run_id)
            self._number += 1
            self._last[run_id] = self._number
            self._taken += (_Write(self._number, run_id, each) for each in changes)
            if not self._busy:
                self._busy = True
                self._thread.submit(self._drain)

    async def settled(self, run_id: str) -> None:
        """Returns when what has been taken of the run is on the disk; raises what it was refused with."""
        if future := self._future(run_id):
            await asyncio.wrap_future(future)
        with self._lock:
            self._check(run_id)

    def wait(self, run_id: str | None = None) -> None:
        """Returns when what has been taken of the run, or of all, has been written or refused."""
        if future := self._future(run_id):
            future.result()

    def close(self, run_id: str) -> None:
        """As :meth:`settled`, for a thread; that a write was refused is no reason to refuse more from then on."""
        self.wait(run_id)
        with self._lock:
            error = self._refused.pop(run_id, None)
        if error is not None:
            raise error.with_traceback(None)

    def _check(self, run_id: str) -> None:
        if error := self._refused.get(run_id):
            raise error.with_traceback(None)

    def _future(self, run_id: str | None) -> Future[None] | None:
        with self._lock:
            number = self._number if run_id is None else self._last.get(run_id, 0)
            if number <= self._written:
                return None
            future: Future[None] = Future()
            self._waiting.append((number, future))
            return future

    def _drain(self) -> None:
        while True:
            with self._lock:
                batch, self._taken = self._taken, []
                if not batch:
                    self._busy = False
                    return
            try:
                self._commit([write for write in batch if write.run_id not in self._refused])
            finally:
                self._tell(batch)

    def _commit(self, batch: list[_Write[_Change]]) -> None:
        try:
            self._transaction(batch)
        except Exception:
            # Whose fault it was shows when each run's writes are a transaction of their own.
            for run_id in dict.fromkeys(write.run_id for write in batch):
                try:
                    self._transaction([write for write in batch if write.run_id == run_id])
                except Exception as error:
                    with self._lock:
                        self._refused[run_id] = self._in_words(error)

    def _in_words(self, error: Exception) -> Exception:
        if not isinstance(error, OperationalError):
            return error
        return RecordError(errno.EIO, str(error.orig), str(self._database.path))

    def _transaction(self, writes: list[_Write[_Change]]) -> None:
        with self._database.transaction() as connection:
            made = self._make(connection, [write.change for write in writes])
        try:
            self._then(made)
        except Exception:
            _log.exception("What was to follow a write")

    def _tell(self, batch: list[_Write[_Change]]) -> None:
        number = batch[-1].number
        with self._lock:
            self._written = number
            for write in batch:
                if self._last.get(write.run_id) == write.number:
                    del self._last[write.run_id]
            told = [future for until, future in self._waiting if until <= number]
            self._waiting = [each for each in self._waiting if each[0] > number]
        for future in told:
            if future.set_running_or_notify_cancel():
                future.set_result(None)
