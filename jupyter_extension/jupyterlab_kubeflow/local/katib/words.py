"""Names that Katib's objects bear, and what else several parts share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jupyterlab_kubeflow.local.jobs.times import holds

Body = dict[str, Any]
GROUP = "kubeflow.org"
VERSION = f"{GROUP}/v1beta1"
EXPERIMENT = "katib.kubeflow.org/experiment"
"""The label of what belongs to an Experiment: its name."""

TRIAL = "katib.kubeflow.org/trial"
"""The label of a Trial's pods: its name."""

COLLECTOR = "metrics-logger-and-collector"
"""The container by whose log clients read what a Trial says. No process stands behind it here: it is the log of the primary container."""

PRIMARY = "katib.kubeflow.org/primary-container"
"""The annotation of a pod that tells whose log clients get when they ask for that of the collector."""

UNAVAILABLE = "unavailable"
"""The value of a metric that was not reported."""

ENDS = ("Succeeded", "Failed", "Killed", "EarlyStopped", "MetricsUnavailable")
"""The conditions of a Trial that is over."""


def is_over(trial: Body) -> bool:
    """Whether a Trial has ended, one way or another."""
    status = trial.get("status") or {}
    return any(holds(status, each) for each in ENDS)


def metric_names(objective: Body) -> list[str]:
    """The objective's metric, then the additional ones."""
    return [objective["objectiveMetricName"], *(objective.get("additionalMetricNames") or ())]


def assignments(trial: Body) -> dict[str, str]:
    """The values of a Trial's parameters."""
    return pairs(trial["spec"].get("parameterAssignments"))


def pairs(named: Iterable[Body] | None) -> dict[str, str]:
    """``[{name, value}]`` as a dictionary."""
    return {each["name"]: each["value"] for each in named or ()}


def listed(values: dict[str, str]) -> list[Body]:
    """A dictionary as ``[{name, value}]``."""
    return [{"name": name, "value": value} for name, value in values.items()]
