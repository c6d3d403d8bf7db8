"""One pod's life: it waits for what it asks for, runs its containers, restarts them, and is taken up where it was by a later server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from jupyterlab_kubeflow.local.engine import process as processes
from jupyterlab_kubeflow.local.engine.environments import Environments
from jupyterlab_kubeflow.local.engine.process import TaskProcess
from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.times import instant

from . import probes, process, quantities, status, times, volumes
from .controller import owner
from .cores import Cores
from .events import Events
from .process import Place
from .scheduling import Scheduling
from .status import NODE, ContainerState
from .times import stamp
from .words import CannotCreate, CannotStart

_log = logging.getLogger(__name__)
Body = dict[str, Any]
TakeReports = Callable[[Body, Path], Awaitable[None]]
_LOOK_AGAIN = 1.0
_QUIET = 600.0
"""Seconds that a container has to run for its back-off to begin anew."""

GANG_LABEL = "jobset.sigs.k8s.io/jobset-name"
"""Pods of one Job with this label start together."""


@dataclass(frozen=True)
class Machine:
    """What all pods share. ``backoff``: seconds before the first restart of a container, doubled each time up to ``longest``.

    ``take_reports`` takes what a container has reported that no server has taken: its spec, and the file.
    """

    client: Client
    cores: Cores
    environments: Environments
    events: Events
    scheduler_events: Events
    backoff: float = 10.0
    longest: float = 300.0
    find: Callable[[str, str, str], Body | None] = lambda *_: None
    take_reports: TakeReports | None = None


class Pod:
    """A pod. :meth:`live` is its life; :meth:`leave` ends what runs of it."""

    def __init__(self, machine: Machine, place: Place, body: Body) -> None:
        self._machine = machine
        self._place = place
        self._body = body
        self._kind = machine.client.kind("v1", "Pod")
        self.namespace = body["metadata"]["namespace"]
        self.name = body["metadata"]["name"]
        self.uid = body["metadata"]["uid"]
        self._containers = status.read(body)
        self._running: dict[str, TaskProcess] = {}
        self._stopped = False
        self._over: tuple[str, str] | None = None

    async def live(self) -> None:
        """Runs until the pod has ended. Cancelling leaves its processes to the next server."""
        state = self._body.get("status") or {}
        if state.get("phase") in ("Succeeded", "Failed"):
            return
        spec = self._body["spec"]
        if not spec.get("nodeName") and spec.get("schedulerName") not in (
            None,
            "default-scheduler",
        ):
            return  # it is for another scheduler
        count = quantities.cores(spec)
        job = owner(self._body, "Job")
        labelled = GANG_LABEL in (self._body["metadata"].get("labels") or {})
        gang = job["uid"] if job and labelled else ""
        if spec.get("nodeName"):
            with self._machine.cores.taken(self.uid, gang, count):
                await self._run()
            return
        cores = self._machine.cores
        waiting = Scheduling(self._body, self._edit, self._machine.scheduler_events)
        await waiting.what_is_asked(self._find)
        async with cores.hold(
            self.uid, gang, count, lambda ahead: waiting.queued(ahead, cores.capacity)
        ):
            await self._schedule()
            await self._run()

    async def leave(self, grace: float) -> None:
        """SIGTERM, and after ``grace`` seconds SIGKILL, to all that runs; returns when it is gone and its end is in the status."""
        self._stopped = True
        for container in self._containers:
            container.changed.set()
            if container.running and container.name not in self._running:
                folder = self._place.run(container.name, container.restarts)
                if left := processes.adopt(folder, self._marker(container)):
                    self._running[container.name] = left
            if container.name in self._running:
                said = f"Stopping container {container.name}"
                await self._tell("Killing", said, container=container.name)
        await asyncio.gather(*(each.terminate(grace) for each in [*self._running.values()]))

    async def end_well(self, name: str) -> None:
        """Ends a container as if it had succeeded."""
        for container in self._containers:
            if container.name == name and (run := self._running.get(name)):
                container.enough = True
                await run.terminate(self._body["spec"].get("terminationGracePeriodSeconds", 30))

    async def finish(self) -> None:
        """Records the end of a pod that was left and whose life is over."""
        self._running.clear()
        await self._write()

    async def _schedule(self) -> None:
        def change(body: Body) -> None:
            body["spec"]["nodeName"] = NODE
            status.write(body["status"], self.uid, self._containers, "Pending")

        self._body = await self._edit(change)
        said = f"Successfully assigned {self.namespace}/{self.name} to {NODE}"
        await self._machine.scheduler_events.tell(self._body, "Scheduled", said)
        if said := quantities.beyond(self._body["spec"], process.machine()) or "":
            await self._machine.scheduler_events.tell(
                self._body, "Overcommitted", said, warning=True
            )

    async def _run(self) -> None:
        seconds = self._body["spec"].get("activeDeadlineSeconds")
        watch = asyncio.create_task(self._deadline(seconds)) if seconds else None
        try:
            await self._run_all()
        finally:
            if watch:
                watch.cancel()

    async def _deadline(self, seconds: float) -> None:
        began = (self._body.get("status") or {}).get("startTime") or stamp()
        await asyncio.sleep(max(0.0, seconds - times.since(began)))
        said = "Pod was active on the node longer than the specified deadline"
        self._over = ("DeadlineExceeded", said)
        await self._tell("DeadlineExceeded", said)
        await self.leave(self._body["spec"].get("terminationGracePeriodSeconds", 30))

    async def _run_all(self) -> None:
        find = self._find
        mounted: volumes.Volumes | None = None
        while mounted is None:
            try:
                claims = self._place.claims
                mounted = volumes.make(self._body, self._place.own / "volumes", claims, find)
            except (CannotCreate, OSError) as error:
                await self._cannot_create(self._containers, error, "FailedMount")
                await asyncio.sleep(_LOOK_AGAIN)
        runs: dict[str, asyncio.Task[None]] = {}
        try:
            if await self._initialize(mounted, runs):
                usual = [each for each in self._containers if not each.initial]
                for each in usual:
                    runs[each.name] = asyncio.create_task(self._run_container(each, mounted))
                await asyncio.gather(*(runs[each.name] for each in usual))
            await self._end_sidecars(runs)
        finally:
            for run in runs.values():
                run.cancel()
        await self._write()

    async def _initialize(
        self, mounted: volumes.Volumes, runs: dict[str, asyncio.Task[None]]
    ) -> bool:
        """Runs the init containers one after the other; those that stay beside the others go into ``runs``. False when one has failed."""
        for container in self._containers:
            if container.sidecar:
                runs[container.name] = asyncio.create_task(self._run_container(container, mounted))
                while not container.done and not self._stopped:
                    await container.changed.wait()
                    container.changed.clear()
            elif container.initial:
                await self._run_container(container, mounted)
                if container.code != 0:
                    return False
        return True

    async def _end_sidecars(self, runs: dict[str, asyncio.Task[None]]) -> None:
        """Ends them in the opposite order, as all others are over."""
        for container in reversed([each for each in self._containers if each.sidecar]):
            if container.name not in runs:
                continue
            container.leaving = True
            if found := self._running.get(container.name):
                await found.terminate(self._body["spec"].get("terminationGracePeriodSeconds", 30))
                await runs[container.name]
            else:
                runs[container.name].cancel()

    async def _run_container(self, container: ContainerState, mounted: volumes.Volumes) -> None:
        """Runs a container, again and again where the restart policy says so."""
        policy = self._body["spec"].get("restartPolicy", "Always")
        if container.initial and policy == "Always":
            policy = "OnFailure"
        if container.sidecar:
            policy = "Always"
        pause = self._machine.backoff
        while not self._stopped:
            if container.code is None:
                await self._run_once(container, mounted)
            code = container.code
            if (
                self._stopped
                or container.leaving
                or code is None
                or policy == "Never"
                or (policy == "OnFailure" and code == 0)
            ):
                return
            ended = container.state["terminated"]
            if _seconds(ended) >= _QUIET:
                pause = self._machine.backoff
            said = f"back-off {pause:g}s restarting failed container={container.name} pod={self.name}_{self.namespace}({self.uid})"
            container.last = {"terminated": ended}
            container.wait("CrashLoopBackOff", said)
            container.restarts += 1
            await self._write()
            await self._tell(
                "BackOff", f"Back-off restarting failed container {container.name}", True
            )
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._machine.longest)
            container.state = {}

    async def _run_once(self, container: ContainerState, mounted: volumes.Volumes) -> None:
        """From where it is to the end of the present run. A process whose start is not recorded has not begun."""
        folder = self._place.run(container.name, container.restarts)
        if container.running and (left := processes.adopt(folder, self._marker(container))):
            self._running[container.name] = left
            code = await self._end_of(container, left, mounted)
            if left.started or code is not None:
                await self._has_ended(container, left, code)
                return
        started = await self._start(container, mounted)
        if started is None:
            return
        self._running[container.name] = started
        if self._stopped:
            await started.terminate(0)
        else:
            started.go()
        try:
            code = await self._end_of(container, started, mounted)
        except OSError as error:
            self._running.pop(container.name, None)
            container.state = {
                "terminated": process.not_started(
                    CannotStart(f"{error.strerror}: {error.filename}")
                )
            }
            await self._write()
            return
        await self._has_ended(container, started, code)

    async def _end_of(
        self, container: ContainerState, run: TaskProcess, mounted: volumes.Volumes
    ) -> int | None:
        """Its exit code. While it runs, its probes are made."""
        if not any(each.endswith("Probe") for each in container.spec):
            return await run.wait()
        probing = asyncio.create_task(self._probe(container, run, mounted))
        try:
            return await run.wait()
        finally:
            probing.cancel()

    async def _probe(
        self, container: ContainerState, run: TaskProcess, mounted: volumes.Volumes
    ) -> None:
        async def tell(kind: str, wrong: str) -> None:
            said = f"{kind} probe failed: {wrong}"
            await self._tell("Unhealthy", said, True, container=container.name)

        async def now(started: bool, ready: bool) -> None:
            container.started, container.ready = started, ready
            container.changed.set()
            await self._write()

        to_folder = volumes.replacer(mounted.paths(container.spec))
        known = (container.started, container.ready)
        kind = await probes.watch(container.spec, run, to_folder, tell, now, known)
        said = f"Container {container.name} failed {kind} probe, will be restarted"
        await self._tell("Killing", said, container=container.name)
        await run.terminate(self._body["spec"].get("terminationGracePeriodSeconds", 30))

    async def _start(
        self, container: ContainerState, mounted: volumes.Volumes
    ) -> TaskProcess | None:
        """The prepared process, recorded as running; None when it has failed to start, which is recorded, too."""
        while True:
            try:
                prepared = await process.prepare(
                    self._body,
                    container.spec,
                    container.restarts,
                    self._place,
                    mounted,
                    self._find,
                    self._machine.environments,
                )
                break
            except (CannotCreate, OSError) as error:
                await self._cannot_create([container], error, "Failed")
                await asyncio.sleep(_LOOK_AGAIN)
            except CannotStart as error:
                container.state = {"terminated": process.not_started(error)}
                container.changed.set()
                await self._write()
                await self._tell("Failed", f"Error: {error}", True, container=container.name)
                return None
        container.state = {"running": {"startedAt": stamp()}}
        container.started, container.ready = probes.first(container.spec)
        try:
            await self._write()
        except BaseException:
            await prepared.terminate(0)
            raise
        container.changed.set()
        image = container.spec.get("image", "")
        said = f"Started container {container.name} as process {prepared.pid} of this machine, whose Python and programs stand in for the image {image}"
        await self._tell("Started", said, container=container.name)
        return prepared

    async def _has_ended(
        self, container: ContainerState, run: TaskProcess, code: int | None
    ) -> None:
        if self._machine.take_reports:
            await self._machine.take_reports(container.spec, run.folder / process.REPORTS)
        self._running.pop(container.name, None)
        began = (container.state.get("running") or {}).get("startedAt") or stamp()
        log = self._place.logs.path(self.uid, container.name, container.restarts)
        found = await asyncio.to_thread(
            process.ended,
            run,
            0 if container.enough else code,
            began,
            log,
            container.spec,
            stopped=self._stopped or container.leaving,
        )
        found["containerID"] = f"local://{self.uid}/{container.name}/{container.restarts}"
        container.state = {"terminated": found}
        container.changed.set()
        await self._write()

    async def _cannot_create(
        self, containers: list[ContainerState], error: CannotCreate | OSError, event: str
    ) -> None:
        if isinstance(error, OSError):  # a full disk, for example
            error = CannotCreate(f"{error.filename}: {error.strerror}", "CreateContainerError")
        before = [each.state for each in containers]
        for each in containers:
            each.wait(error.reason, str(error))
        if [each.state for each in containers] != before:
            await self._write()
            await self._tell(event, f"Error: {error}", True)

    async def _write(self) -> None:
        """Puts what the containers do into the object; all of it is there when it returns."""
        now = status.phase(self._containers, self._body["spec"].get("restartPolicy", "Always"))
        if self._stopped and not self._running:
            codes = [each.code for each in self._containers]
            now = "Failed" if self._over or any(code != 0 for code in codes) else "Succeeded"

        def change(body: Body) -> None:
            status.write(body["status"], self.uid, self._containers, now)
            if self._over:
                body["status"].update(reason=self._over[0], message=self._over[1])

        try:
            self._body = await self._edit(change)
        except StatusError as error:
            if error.status != 404:
                raise

    async def _edit(self, change: Callable[[Body], None]) -> Body:
        def same(body: Body) -> None:
            if body["metadata"]["uid"] == self.uid:
                change(body)

        while True:
            try:
                return await self._machine.client.edit(self._kind, self.namespace, self.name, same)
            except StatusError as error:
                if error.status != 500:
                    raise
            await asyncio.sleep(_LOOK_AGAIN)  # the disk is full: it has to be recorded some day

    async def _tell(
        self, reason: str, message: str, warning: bool = False, container: str = ""
    ) -> None:
        await self._machine.events.tell(
            self._body, reason, message, warning=warning, container=container
        )

    def _marker(self, container: ContainerState) -> str:
        return process.marker(self.uid, container.name)

    @property
    def _find(self) -> volumes.Find:
        return partial(self._machine.find, self.namespace)


def _seconds(ended: Body) -> float:
    try:
        return (instant(ended["finishedAt"]) - instant(ended["startedAt"])).total_seconds()
    except (KeyError, ValueError):
        return 0.0
