"""What the routers share: the database, the recorder and the door to the engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyterlab_kubeflow.local.paths import Home
from jupyterlab_kubeflow.local.schedules.scheduler import Scheduler
from jupyterlab_kubeflow.local.store.database import Database
from jupyterlab_kubeflow.local.store.recorder import SqliteRecorder

if TYPE_CHECKING:
    from jupyterlab_kubeflow.local.engine.engine import Engine

logger = logging.getLogger(__name__)


@dataclass
class Services:
    """The parts of a running server. ``stopping`` is set when it begins to go down."""

    home: Home
    database: Database
    recorder: SqliteRecorder
    engine: Engine
    scheduler: Scheduler
    loop: asyncio.AbstractEventLoop
    stopping: asyncio.Event

    def submit(self, run_id: str) -> None:
        """Hands a recorded run to the engine. What goes wrong there becomes the run's state, never the request's answer."""
        self._tell(self.engine.submit, run_id, "Local Kubeflow could not start the run")

    def terminate(self, run_id: str) -> None:
        """Tells the engine to end a run."""
        self._tell(self.engine.terminate, run_id, "Local Kubeflow could not end the run")

    def retry(self, run_id: str) -> None:
        """Takes an ended run up again from the tasks that failed; see :meth:`.engine.engine.Engine.retry`. Recorded when it returns.

        ``KeyError`` when the run is not there, :class:`.engine.errors.RunStateError` when its state does not allow it.
        """
        self.engine.retry(run_id)

    def _tell(self, what: Callable[[str], None], run_id: str, failure: str) -> None:
        def call() -> None:
            try:
                what(run_id)
            except Exception as error:
                logger.exception("%s %s", failure, run_id)
                try:
                    self.recorder.set_run_state(run_id, "FAILED", f"{failure}: {error}")
                    self.recorder.close(run_id)
                except Exception:
                    logger.exception("The failure of run %s could not be recorded", run_id)

        self.loop.call_soon_threadsafe(call)
