"""Writes to the registry: taken in order, committed many at once by one thread (group commit), acknowledged once they are on the disk."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from jupyterlab_kubeflow.local.store.database import Database

from .errors import RegistryError

_Made = TypeVar("_Made")

Change = Callable[[Connection], _Made]
"""A write, made inside a transaction that it may share with others. It raises :class:`RegistryError` only before it has changed anything;
any other error undoes it."""


@dataclass(frozen=True)
class _Write:
    change: Change[Any]
    done: Future[Any]


class Writer:
    """Takes changes from any thread; all that have been taken while a transaction was under way are the next one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="registry")
        self._lock = threading.Lock()
        self._taken: list[_Write] = []
        self._busy = False

    def add(self, change: Change[_Made]) -> Future[_Made]:
        """Makes the change; the future has what it returned once that is on the disk, or what it was refused with."""
        done: Future[_Made] = Future()
        with self._lock:
            self._taken.append(_Write(change, done))
            if not self._busy:
                self._busy = True
                self._thread.submit(self._drain)
        return done

    def close(self) -> None:
        """Writes what is left."""
        self._thread.shutdown()

    def _drain(self) -> None:
        while True:
            with self._lock:
                batch, self._taken = self._taken, []
                if not batch:
                    self._busy = False
                    return
            self._commit(batch)

    def _commit(self, batch: list[_Write]) -> None:
        try:
            results = self._transaction(batch)
        except Exception as error:
            if len(batch) == 1:
                _tell(batch[0], error)
                return
            # Whose fault it was shows when each is a transaction of its own.
            for write in batch:
                self._commit([write])
        else:
            for write, result in zip(batch, results, strict=True):
                _tell(write, result)

    def _transaction(self, batch: list[_Write]) -> list[Any]:
        results: list[Any] = []
        with self._database.transaction() as connection:
            for write in batch:
                try:
                    results.append(write.change(connection))
                except RegistryError as error:
                    results.append(error)
        return results


def _tell(write: _Write, result: Any) -> None:
    if not write.done.set_running_or_notify_cancel():
        return
    if isinstance(result, Exception):
        write.done.set_exception(result.with_traceback(None))
    else:
        write.done.set_result(result)
