"""The machine as the one node: every pod of the Kubernetes API runs as processes here.

Files of a pod: ``pods/UID/containers/NAME/RESTARTS`` (see ``process``), ``pods/UID/home`` (``HOME``), ``pods/UID/volumes/NAME``. They and its
logs go with the pod. The volumes of claims stay. ``pods/UID`` is made when the pod comes, so the next server knows in which order they came.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyterlab_kubeflow.local.engine import marked
from jupyterlab_kubeflow.local.engine import process as processes
from jupyterlab_kubeflow.local.engine.environments import Environments
from jupyterlab_kubeflow.local.engine.slots import Slots
from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.deletion import DeleteOptions
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.logs import PodLogs

from . import process
from .cores import Cores
from .events import Events
from .pod import Machine, Pod, TakeReports
from .process import Place

_log = logging.getLogger(__name__)
Body = dict[str, Any]


class Runner:
    """Runs pods, from :meth:`start` to :meth:`stop`, in one event loop. ``root`` is Local Kubeflow's home."""

    def __init__(
        self,
        client: Client,
        logs: PodLogs,
        root: Path,
        slots: Slots,
        *,
        backoff: float = 10.0,
        take_reports: TakeReports | None = None,
    ) -> None:
        self._client = client
        self._logs = logs
        self._root = root
        self._kind = client.kind("v1", "Pod")
        self._machine = Machine(
            client,
            Cores(slots),
            Environments(root / "environments"),
            Events(client, "kubelet"),
            Events(client, "default-scheduler"),
            backoff=backoff,
            find=self._find,
            take_reports=take_reports,
        )
        self._pods: dict[str, Pod] = {}
        self._lives: dict[str, asyncio.Task[None]] = {}
        self._leaving: dict[str, asyncio.Task[None]] = {}
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Takes up the pods of an earlier server in the order in which they came, and ends what is left of pods that are no longer there."""
        there = {each["metadata"]["uid"]: each for each in self._client.list(self._kind)}
        came: dict[str, int] = {}
        gone: list[str] = []
        for folder in await asyncio.to_thread(lambda: [*(self._root / "pods").glob("*")]):
            if folder.name in there:
                came[folder.name] = folder.stat().st_mtime_ns
            else:
                gone.append(folder.name)
        await asyncio.gather(*(self._remove(each) for each in gone))
        order = sorted(
            there.values(),
            key=lambda each: (
                came.get(each["metadata"]["uid"], sys.maxsize),
                each["metadata"]["creationTimestamp"],
            ),
        )
        for body in order:
            self._changed(body)
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Leaves the processes to the next server."""
        tasks = [*self._lives.values(), *self._leaving.values()]
        if self._watching:
            tasks.append(self._watching)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def end_well(self, uid: str, container: str) -> None:
        """Ends a container of a pod, which counts as succeeded then. Does nothing where it does not run."""
        if pod := self._pods.get(uid):
            await pod.end_well(container)

    async def _watch(self) -> None:
        while True:
            seen: set[str] = set()
            try:
                async for event in self._client.watch(self._kind):
                    uid = event.object["metadata"]["uid"]
                    seen.add(uid)
                    if event.type == "DELETED":
                        self._gone(uid)
                    else:
                        self._changed(event.object)
            except StatusError as error:  # too slow: begin anew, and miss no deletion
                _log.info("Watching pods anew: %s", error)
                there = {each["metadata"]["uid"] for each in self._client.list(self._kind)}
                for uid in [each for each in self._pods if each not in there]:
                    self._gone(uid)

    def _changed(self, body: Body) -> None:
        meta = body["metadata"]
        uid = meta["uid"]
        if uid not in self._pods:
            place = Place(self._root / "pods" / uid, self._root / "volumes", self._logs)
            with suppress(OSError):  # a full disk: it comes last after a restart
                place.own.mkdir(parents=True, exist_ok=True, mode=0o700)
            pod = self._pods[uid] = Pod(self._machine, place, body)
            self._lives[uid] = asyncio.create_task(self._live(pod))
        grace = float(meta.get("deletionGracePeriodSeconds") or 0)
        if meta.get("deletionTimestamp") and grace and uid not in self._leaving:
            self._leaving[uid] = asyncio.create_task(self._leave(self._pods[uid], grace))

    async def _live(self, pod: Pod) -> None:
        try:
            await pod.live()
        except StatusError as error:
            if error.status != 404:
                _log.warning("Pod %s/%s: %s", pod.namespace, pod.name, error)
        except Exception:
            _log.exception("Pod %s/%s", pod.namespace, pod.name)

    async def _leave(self, pod: Pod, grace: float) -> None:
        """Ends a pod that is being deleted, and then lets it go."""
        life = self._lives[pod.uid]
        await pod.leave(grace)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(life), 1.0)
        life.cancel()
        await asyncio.gather(life, return_exceptions=True)
        await pod.finish()
        options = DeleteOptions(grace=0, uid=pod.uid)
        with suppress(StatusError):  # it is gone already
            await self._client.delete(self._kind, pod.namespace, pod.name, options)

    def _gone(self, uid: str) -> None:
        pod = self._pods.pop(uid, None)
        life, leaving = self._lives.pop(uid, None), self._leaving.get(uid)

        async def clear() -> None:
            if leaving:
                await asyncio.gather(leaving, return_exceptions=True)
            elif pod:
                await pod.leave(0)
            if life:
                life.cancel()
                await asyncio.gather(life, return_exceptions=True)
            await self._remove(uid)
            self._leaving.pop(uid, None)

        self._leaving[uid] = asyncio.create_task(clear())

    async def _remove(self, uid: str) -> None:
        """Ends what still runs of a pod and removes its files."""

        folder = self._root / "pods" / uid

        def remove() -> None:
            for run in (folder / "containers").glob("*/*"):
                if left := processes.adopt(run, ""):
                    shutil.rmtree(left.scratch, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)
            shutil.rmtree(self._logs.folder_of(uid), ignore_errors=True)

        containers = await asyncio.to_thread(lambda: [*(folder / "containers").glob("*")])
        await asyncio.gather(*(marked.end(process.marker(uid, each.name)) for each in containers))
        await asyncio.to_thread(remove)

    def _find(self, namespace: str, kind: str, name: str) -> Body | None:
        try:
            return self._client.get(self._client.kind("v1", kind), namespace, name)
        except StatusError:
            return None
