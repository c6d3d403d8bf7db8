"""The status of a pod from what its containers do, as the kubelet writes it. Pure."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from .times import condition, stamp
from .variables import ADDRESS

NODE = "local"
"""The name of the one node."""


@dataclass
class ContainerState:
    """One container: ``state`` and ``last`` are ``v1.ContainerState``; ``restarts`` counts what came before the present run of it."""

    spec: dict[str, Any]
    initial: bool
    restarts: int = 0
    state: dict[str, Any] = field(default_factory=dict)
    last: dict[str, Any] = field(default_factory=dict)
    started: bool = True
    ready: bool = True
    """As its probes say, while its command runs."""
    leaving: bool = False
    """It is ended since all others are over."""
    enough: bool = False
    """It is ended since it has done enough: it counts as succeeded."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when its command has begun or ended."""

    @property
    def name(self) -> str:
        """Its name in the pod."""
        return str(self.spec["name"])

    @property
    def code(self) -> int | None:
        """Its exit code; None while it has not ended."""
        ended = self.state.get("terminated")
        return None if ended is None else int(ended["exitCode"])

    @property
    def running(self) -> bool:
        """Whether its command runs."""
        return "running" in self.state

    @property
    def serves(self) -> bool:
        """Whether its command runs and is ready."""
        return self.running and self.ready

    @property
    def sidecar(self) -> bool:
        """Whether it is an init container that runs beside the others, until they are over."""
        return self.initial and self.spec.get("restartPolicy") == "Always"

    @property
    def done(self) -> bool:
        """Whether what comes after it may begin."""
        if self.sidecar:
            return (self.running and self.started) or self.restarts > 0 or self.code is not None
        return self.code == 0

    def wait(self, reason: str, message: str = "") -> None:
        """It waits, for a reason in the kubelet's words."""
        self.state = {"waiting": {"reason": reason, **({"message": message} if message else {})}}

    def body(self, uid: str) -> dict[str, Any]:
        """``v1.ContainerStatus``."""
        ready = self.code == 0 if self.initial and not self.sidecar else self.serves
        found: dict[str, Any] = {
            "name": self.name,
            "state": self.state,
            "lastState": self.last,
            "ready": ready,
            "restartCount": self.restarts,
            "image": self.spec.get("image", ""),
            "imageID": "",
            "started": self.running and self.started,
        }
        if not self.state.get("waiting"):
            found["containerID"] = f"local://{uid}/{self.name}/{self.restarts}"
        return found


def read(pod: dict[str, Any]) -> list[ContainerState]:
    """The containers of a pod, init containers first, as its status tells of them."""
    status = pod.get("status") or {}
    found = []
    for field_, initial, told in (
        ("initContainers", True, "initContainerStatuses"),
        ("containers", False, "containerStatuses"),
    ):
        held = {each["name"]: each for each in status.get(told) or ()}
        for spec in pod["spec"].get(field_) or ():
            known = held.get(spec["name"], {})
            container = ContainerState(
                spec,
                initial,
                known.get("restartCount", 0),
                known.get("state") or {},
                known.get("lastState") or {},
            )
            if container.running:
                container.started = known.get("started", True)
                container.ready = known.get("ready", True)
            if not container.state:
                container.wait(
                    "PodInitializing" if pod["spec"].get("initContainers") else "ContainerCreating"
                )
            found.append(container)
    return found


def phase(containers: list[ContainerState], restart: str) -> str:
    """The phase of a scheduled pod. ``restart`` is its restart policy."""
    initial = [each for each in containers if each.initial and not each.sidecar]
    usual = [each for each in containers if not each.initial]
    beside = any(each.sidecar and each.running for each in containers)
    if any(each.code not in (None, 0) for each in initial) and restart == "Never":
        return "Pending" if beside else "Failed"
    if any(each.code != 0 for each in initial):
        return "Pending"
    if all(each.code is not None for each in usual):
        if beside:
            return "Running"
        if restart == "Never" and any(each.code for each in usual):
            return "Failed"
        if restart != "Always" and not any(each.code for each in usual):
            return "Succeeded"
        return "Running"
    if any(each.running or each.code is not None or each.restarts for each in usual):
        return "Running"
    return "Pending"


def write(status: dict[str, Any], uid: str, containers: list[ContainerState], now: str) -> None:
    """Puts what a scheduled pod's containers do into its status, in place. ``now`` is the phase that holds."""
    initial = [each for each in containers if each.initial]
    usual = [each for each in containers if not each.initial]
    over = now in ("Succeeded", "Failed")
    status["phase"] = now
    status.setdefault("startTime", stamp())
    status.update(
        hostIP=ADDRESS, hostIPs=[{"ip": ADDRESS}], podIP=ADDRESS, podIPs=[{"ip": ADDRESS}]
    )
    if initial:
        status["initContainerStatuses"] = [each.body(uid) for each in initial]
    status["containerStatuses"] = [each.body(uid) for each in usual]
    left = [each.name for each in initial if not each.done]
    condition(status, "PodReadyToStartContainers", not over)
    if left:
        said = f"containers with incomplete status: [{' '.join(left)}]"
        condition(status, "Initialized", False, "ContainersNotInitialized", said)
    else:
        condition(status, "Initialized", True, "PodCompleted" if now == "Succeeded" else "")
    beside = [each for each in initial if each.sidecar]
    unready = [each.name for each in [*beside, *usual] if not each.serves]
    said = f"containers with unready status: [{' '.join(unready)}]"
    for kind in ("Ready", "ContainersReady"):
        if now == "Succeeded":
            condition(status, kind, False, "PodCompleted")
        elif now == "Failed":
            condition(status, kind, False, "PodFailed")
        elif unready:
            condition(status, kind, False, "ContainersNotReady", said)
        else:
            condition(status, kind, True)
    condition(status, "PodScheduled", True)
