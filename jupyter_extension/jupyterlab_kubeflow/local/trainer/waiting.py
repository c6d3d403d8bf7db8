"""Says in the events of a TrainJob that a pod of its waits: ``Queued`` for cores, ``FailedScheduling`` for what this machine does not have.

Trainer has no condition for it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from jupyterlab_kubeflow.local.jobs.controller import Controller, Name, named, owner
from jupyterlab_kubeflow.local.jobs.events import Events
from jupyterlab_kubeflow.local.jobs.pod import GANG_LABEL
from jupyterlab_kubeflow.local.jobs.scheduling import queued
from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError

from .runtimes import VERSION

Body = dict[str, Any]


class Waiting:
    """Looks at all pods, from :meth:`start` to :meth:`stop`. A pod's wait is told once; where it stands in the queue is in its condition."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._pod = client.kind("v1", "Pod")
        self._set = client.kind("jobset.x-k8s.io/v1alpha2", "JobSet")
        self._train = client.kind(VERSION, "TrainJob")
        self._events = Events(client, "trainjob-controller")
        self._told: set[str] = set()
        self._controller = Controller(client, self._look, [(self._pod, _of_job_sets)])

    def start(self) -> None:
        """Begins with what is there."""
        self._controller.start()

    async def stop(self) -> None:
        """Ends."""
        await self._controller.stop()

    async def _look(self, name: Name) -> float | None:
        with suppress(StatusError):  # the pod, or what it is of, is gone
            pod = self._client.get(self._pod, *name)
            uid = pod["metadata"]["uid"]
            said = _waits(pod)
            if said is None:
                self._told.discard(uid)
            elif uid not in self._told:
                set_name = pod["metadata"]["labels"][GANG_LABEL]
                job_set = self._client.get(self._set, name.namespace, set_name)
                if of := owner(job_set, "TrainJob"):
                    job = self._client.get(self._train, name.namespace, of["name"])
                    self._told.add(uid)
                    reason = "Queued" if queued(said) else "FailedScheduling"
                    words = f"Pod {name.name} waits: {said}"
                    await self._events.tell(job, reason, words, warning=reason != "Queued")
        return None


def _of_job_sets(pod: Body) -> list[Name]:
    return [*named(pod)] if GANG_LABEL in (pod["metadata"].get("labels") or {}) else []


def _waits(pod: Body) -> str | None:
    for each in (pod.get("status") or {}).get("conditions") or ():
        if each["type"] == "PodScheduled" and each.get("reason") == "Unschedulable":
            return str(each.get("message", ""))
    return None
