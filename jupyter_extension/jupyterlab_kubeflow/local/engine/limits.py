"""The time limit of a task, which kfp's Kubernetes platform spec sets (``kubernetes.set_timeout``). That of a run is ``Pipeline.time_limit``."""

from __future__ import annotations

from typing import Any

from .spec import Pipeline


def of_task(pipeline: Pipeline, component: Any) -> float | None:
    """The seconds that one attempt of a task with this component may take, as of a pod; None without a limit."""
    given = pipeline.cluster_settings.get(component.executor_label, {}).get("activeDeadlineSeconds")
    try:
        return float(given or 0) or None  # an int64, which JSON may hold as a text
    except (TypeError, ValueError):
        return None
