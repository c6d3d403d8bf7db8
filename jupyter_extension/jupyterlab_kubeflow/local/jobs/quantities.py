"""Amounts that pods ask for."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from jupyterlab_kubeflow.local.quantities import amount

from .words import CannotSchedule

_MEASURED = ("cpu", "memory", "ephemeral-storage", "storage", "pods")
_GPU = "nvidia.com/gpu"
_GIB = 1024**3


def cores(spec: dict[str, Any]) -> int:
    """The cores that a pod asks for, at least one."""
    return max(1, math.ceil(_together(spec, "cpu")))


def beyond(spec: dict[str, Any], machine: Mapping[str, float]) -> str | None:
    """What a pod asks for and the ``machine`` (cores, bytes) does not have, in a sentence; None when it has all."""
    asked, held = [], []
    cpu, bytes_ = _together(spec, "cpu"), _together(spec, "memory")
    if cpu > machine["cpu"]:
        asked.append(f"{float(cpu):,.10g} CPU")
        held.append(f"{machine['cpu']:g} CPU")
    if bytes_ > machine["memory"]:
        asked.append(f"{float(bytes_) / _GIB:,.1f} GiB of memory")
        held.append(f"{machine['memory'] / _GIB:,.1f} GiB of memory")
    if not asked:
        return None
    return f"It asks for {' and '.join(asked)}; this machine has {' and '.join(held)}: it runs with what there is."


def _together(spec: dict[str, Any], name: str) -> Decimal:
    """What a pod asks for of a resource: its containers together, or what its init containers want at any time."""
    beside = most = Decimal(0)
    for each in spec.get("initContainers") or ():
        asked = _asked(each, name)
        most = max(most, beside + asked)
        if each.get("restartPolicy") == "Always":
            beside += asked
    return max(most, sum((_asked(each, name) for each in spec.get("containers") or ()), beside))


def memory(container: dict[str, Any]) -> int:
    """The memory that a container may use, in bytes; 0 for no limit."""
    given = ((container.get("resources") or {}).get("limits") or {}).get("memory")
    return math.ceil(amount(given)) if given is not None else 0


def check(spec: dict[str, Any]) -> None:
    """Raises :class:`CannotSchedule` for devices that this machine does not have."""
    containers = [*(spec.get("initContainers") or ()), *(spec.get("containers") or ())]
    for device in _devices(containers):
        asked = sum(_asked(each, device) for each in containers)
        held = len(list(Path("/dev").glob("nvidia[0-9]*"))) if device == _GPU else 0
        if asked > held:
            raise CannotSchedule(
                f"0/1 nodes are available: the pod asks for {asked:g} {device}, and this machine has {held}. "
                "Ask for fewer, or run it on a cluster."
            )


def _devices(containers: Iterable[dict[str, Any]]) -> list[str]:
    found: dict[str, None] = {}
    for container in containers:
        resources = container.get("resources") or {}
        for kind in ("limits", "requests"):
            found.update(dict.fromkeys(resources.get(kind) or ()))
    return [each for each in found if each not in _MEASURED and not each.startswith("hugepages-")]


def _asked(container: dict[str, Any], name: str) -> Decimal:
    resources = container.get("resources") or {}
    given = (resources.get("requests") or {}).get(name, (resources.get("limits") or {}).get(name))
    return amount(given) if given is not None else Decimal(0)
