"""Time limits: what kfp's Kubernetes platform spec sets for a task (``kubernetes.set_timeout``) and for a run (``dsl.PipelineConfig``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .spec import Pipeline


def of_task(pipeline: Pipeline, component: Any) -> float | None:
    """The seconds that one attempt of a task with this component may take, as of a pod; None without a limit."""
    return _seconds(pipeline.cluster_settings.get(component.executor_label, {}))


def of_run(platform_spec: dict[str, Any] | None) -> float | None:
    """The seconds that a run with this platform spec may take; None without a limit."""
    found: Any = platform_spec or {}
    for name in ("platforms", "kubernetes", "pipelineConfig"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return _seconds(found) if isinstance(found, Mapping) else None


def _seconds(settings: Mapping[str, Any]) -> float | None:
    """An int64, which JSON may hold as a text; Kubernetes takes 0 for no limit."""
    try:
        return float(settings.get("activeDeadlineSeconds") or 0) or None
    except (TypeError, ValueError):
        return None
