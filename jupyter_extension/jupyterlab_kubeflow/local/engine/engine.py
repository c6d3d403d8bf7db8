"""The door of the engine: takes runs, executes them side by side, ends them, and takes them up again after a restart.

Files below ``home``: ``runs/RUN_ID/TASK_ID/`` (``log.txt``, ``process.json``, ``exit``, ``work/`` as the process' directory, ``outputs/``),
``runs/RUN_ID/workspace/`` (shared by the run's tasks), ``artifacts/RUN_ID/TASK_ID/NAME`` and ``environments/``. An artifact's uri is
the absolute path of its file or directory, as in kfp.local, unless a component or importer names a remote one. Scope paths: ``spec``.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import shutil
import threading
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from . import process, retry, spec
from .content import local_path
from .context import Services
from .environments import Environments
from .errors import EngineError, RecordError
from .journal import Journal
from .recorder import ArtifactRecord, Recorder, RunRecord, TaskRecord
from .run import RunExecution
from .slots import Slots
from .values import Outcome

_T = TypeVar("_T")
_log = logging.getLogger(__name__)

FIRST_RETRY = 1.0
"""Seconds until a run whose end could not be recorded is taken up again; doubled each time, up to :data:`LAST_RETRY`."""

LAST_RETRY = 60.0


class Engine:
    """Executes pipeline runs as processes of this machine.

    ``home`` is Local Kubeflow's folder. ``max_parallel`` bounds the processes at once over all runs (default: the number of CPUs).
    """

    def __init__(self, recorder: Recorder, home: Path, *, max_parallel: int | None = None) -> None:
        home = home.resolve()
        self._recorder = recorder
        self._home = home
        self.slots = Slots(max_parallel if max_parallel is not None else os.cpu_count() or 1)
        self._services = Services(recorder, home, self.slots, Environments(home / "environments"))
        self._running: dict[str, asyncio.Task[None]] = {}
        self._executions: dict[str, RunExecution] = {}
        self._unrecorded: dict[str, float] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._retrying = threading.Lock()
        self._again: set[str] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def start(self) -> None:
        """Takes up the unfinished runs of an earlier server and accepts runs from now on, on the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._services.detached = False
        for run in await asyncio.to_thread(self._recorder.unfinished_runs):
            self._begin(run)

    def submit(self, run_id: str) -> None:
        """Starts the recorded run, if it has not ended. May be called from any thread; ``KeyError`` when the run is not there."""
        run = self._recorder.run(run_id)
        self._soon(self._begin, run)

    def retry(self, run_id: str) -> None:
        """Takes up again a run that has FAILED or was CANCELED: what has succeeded is kept, the rest is executed again (see ``retry``).

        Recorded when it returns, in one transaction, so that a server that ends meanwhile has either the old end or the new beginning. May be
        called from any thread; ``KeyError`` when the run is not there, :class:`RunStateError` when it is in another state.
        """
        with self._retrying:
            run = self._recorder.run(run_id)
            if run_id in self._services.forgotten:
                raise KeyError(run_id)
            records = {record.scope_path: record for record in self._recorder.tasks(run_id)}
            try:
                pipeline = spec.of(run)
            except EngineError:
                again = []  # it ended before it had tasks, and will again
            else:
                artifacts = self._recorder.run_artifacts(run_id)
                again = retry.plan(pipeline, records, lambda task: _there(task, artifacts))
            replaced = self._recorder.retry_run(run_id, again)
        own = self._home / "artifacts" / run_id
        for uri in replaced:
            if own in Path(uri).parents:
                _remove(Path(uri))
        with suppress(RuntimeError):  # a server that goes leaves the run to the next one
            self._soon(self._begin_again, run_id)

    def terminate(self, run_id: str) -> None:
        """Ends the run: CANCELING at once, CANCELED when all its processes are gone. Nothing happens to a run that has ended.

        Processes get SIGTERM and, after 5 seconds, SIGKILL with all they have started. Then the exit tasks of what had begun run, as with
        KFP; a second call ends them, too. May be called from any thread; ``KeyError`` when the run is not there.
        """
        self._recorder.run(run_id)
        self._soon(self._cancel, run_id)

    async def forget(self, run_id: str, keep: Callable[[], Collection[str]] = tuple) -> None:
        """Ends the run if it is running and removes its files, except the artifacts with a uri in what ``keep`` answers.

        From the call on no run takes a result of this one from the cache. ``keep`` says what other runs use; it is called in a thread
        once the run has ended and what others have taken until then is durable.
        """
        self._services.forgotten.add(run_id)
        self._unrecorded.pop(run_id, None)
        if timer := self._timers.pop(run_id, None):
            timer.cancel()
        job = self._running.get(run_id)
        if job is not None:
            self._set_canceling(run_id)
            job.cancel()
            await asyncio.wait([job])
        for other in [*self._running]:
            with suppress(Exception):  # it is told to that run
                await self._recorder.settled(other)
        try:
            kept = await asyncio.to_thread(keep)
            await asyncio.to_thread(self._remove_files, run_id, frozenset(kept))
        except BaseException:
            self._services.forgotten.discard(run_id)
            raise

    async def stop(self) -> None:
        """Lets go of all runs without ending them: their processes go on, and the next :meth:`start` takes them up."""
        self._services.detached = True
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        self._unrecorded.clear()
        jobs = list(self._running.values())
        for job in jobs:
            job.cancel()
        if jobs:
            await asyncio.wait(jobs)
        self._loop = None

    async def wait(self, run_id: str) -> None:
        """Returns when the run is not being executed (any more)."""
        job = self._running.get(run_id)
        if job is not None:
            await asyncio.wait([job])

    def _soon(self, call: Callable[[_T], None], argument: _T) -> None:
        if self._loop is None:
            raise RuntimeError("The engine has not been started.")
        try:
            here = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            here = False
        if here:
            call(argument)
        else:
            self._loop.call_soon_threadsafe(call, argument)

    def _begin_again(self, run_id: str) -> None:
        if run_id in self._running:
            self._again.add(run_id)  # its end is recorded, but not quite over
            return
        self._again.discard(run_id)
        with suppress(KeyError):
            self._begin(self._recorder.run(run_id))

    def _begin(self, run: RunRecord) -> None:
        if self._services.detached or run.run_id in self._services.forgotten:
            return
        if run.run_id in self._running or run.state not in ("PENDING", "RUNNING", "CANCELING"):
            return
        execution = RunExecution(self._services, run)
        job = asyncio.get_running_loop().create_task(execution.execute(), name=f"run {run.run_id}")
        self._running[run.run_id] = job
        self._executions[run.run_id] = execution
        job.add_done_callback(lambda done: self._ended(run.run_id, done))

    def _ended(self, run_id: str, job: asyncio.Task[None]) -> None:
        self._running.pop(run_id, None)
        self._executions.pop(run_id, None)
        try:
            if job.cancelled():
                if not self._services.detached:
                    self._record_cancelled(run_id)
            elif error := job.exception():
                with suppress(Exception):  # of a write: it must not keep the end from being told
                    self._recorder.close(run_id)
                if isinstance(error, RecordError):
                    raise error
                _log.error("Run %s", run_id, exc_info=error)
                self._recorder.set_run_state(run_id, "FAILED", f"Local Kubeflow failed: {error}")
            self._recorder.close(run_id)
        except Exception as error:
            self._record_later(run_id, error)
        else:
            self._unrecorded.pop(run_id, None)
            if run_id in self._again:
                self._begin_again(run_id)

    def _record_later(self, run_id: str, error: Exception) -> None:
        """Takes the run up again later, as a restarted server would: nothing that has ended is executed again."""
        if self._services.detached or run_id in self._services.forgotten:
            return
        delay = self._unrecorded.get(run_id, FIRST_RETRY)
        self._unrecorded[run_id] = min(2 * delay, LAST_RETRY)
        _log.error(
            "The end of run %s could not be recorded: %s. Free some space on the disk of %s, or make it writable. Next try in %g s.",
            run_id,
            error,
            self._home,
            delay,
        )
        loop = asyncio.get_running_loop()
        self._timers[run_id] = loop.call_later(delay, self._take_up_again, run_id)

    def _take_up_again(self, run_id: str) -> None:
        del self._timers[run_id]
        try:
            run = self._recorder.run(run_id)
            if run.state in ("PENDING", "RUNNING", "CANCELING"):
                # Also shows whether anything can be written, before anything is executed.
                why = "Its end could not be recorded; Local Kubeflow takes it up again."
                self._recorder.set_run_state(run_id, run.state, why)
                self._recorder.close(run_id)
        except KeyError:
            self._unrecorded.pop(run_id, None)
        except Exception as error:
            self._record_later(run_id, error)
        else:
            self._begin(run)

    def _record_cancelled(self, run_id: str) -> None:
        journal = Journal(self._recorder, run_id)
        for record in journal.unfinished:
            journal.finish(record, Outcome("CANCELED"))
        self._recorder.set_run_state(run_id, "CANCELED")

    def _cancel(self, run_id: str) -> None:
        self._set_canceling(run_id)
        execution = self._executions.get(run_id)
        if execution is not None:
            execution.end()
        else:
            self._begin_again(run_id)  # to its end

    def _set_canceling(self, run_id: str) -> None:
        if self._recorder.run(run_id).state in ("PENDING", "RUNNING"):
            self._recorder.set_run_state(run_id, "CANCELING")

    def _remove_files(self, run_id: str, keep: frozenset[str]) -> None:
        folder = self._home / "runs" / run_id
        process.tidy(folder)
        shutil.rmtree(folder, ignore_errors=True)
        artifacts = self._home / "artifacts" / run_id
        kept = [Path(each) for each in keep]
        for path in artifacts.glob("*/*"):
            if not any(path == each or path in each.parents for each in kept):
                _remove(path)
        for folder in [*artifacts.glob("*"), artifacts]:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _there(record: TaskRecord, artifacts: Mapping[str, ArtifactRecord]) -> bool:
    """Whether what the task has made still exists. An artifact without a file of its own (metrics are in its metadata) has a folder."""
    for artifact_id in itertools.chain(*record.output_artifacts.values()):
        artifact = artifacts.get(artifact_id)
        if artifact is None:
            return False
        local = local_path(artifact.uri)
        if local is None or os.path.exists(local):
            continue
        if not (artifact.metadata and Path(local).parent.exists()):
            return False
    return True
