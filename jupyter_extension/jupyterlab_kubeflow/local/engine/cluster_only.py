"""What a pipeline asks of a cluster and one machine does not have: named, so that nobody takes it for granted."""

from __future__ import annotations

from typing import Any

from .spec import Pipeline

_RESOURCES = {
    "cpu_limit": "CPU limit",
    "resource_cpu_limit": "CPU limit",
    "memory_limit": "memory limit",
    "resource_memory_limit": "memory limit",
    "cpu_request": "CPU request",
    "resource_cpu_request": "CPU request",
    "memory_request": "memory request",
    "resource_memory_request": "memory request",
    "accelerator": "accelerator",
}


def note(pipeline: Pipeline, component: Any, container: Any) -> str | None:
    """The settings of ``component`` (``ComponentSpec``, with its container) that have no effect here, in a sentence; None without any."""
    ignored = list(pipeline.cluster_settings.get(component.executor_label, []))
    fields = {field.name for field, _ in container.resources.ListFields()}
    ignored += dict.fromkeys(text for name, text in _RESOURCES.items() if name in fields)
    return f"Without effect on this machine: {', '.join(ignored)}." if ignored else None
