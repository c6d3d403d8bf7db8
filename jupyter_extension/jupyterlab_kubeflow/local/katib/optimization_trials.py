"""The trials of an OptimizationJob: its TrainJobs, which are all that is known of it (Trainer's proposal 2605). Pure."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from jupyterlab_kubeflow.local.jobs.controller import owner_reference
from jupyterlab_kubeflow.local.jobs.times import holds
from jupyterlab_kubeflow.local.tuning import Past

from . import metrics
from .optimization_rules import variable
from .words import listed

Body = dict[str, Any]
VERSION = "trainer.kubeflow.org/v1alpha1"
JOB = "trainer.kubeflow.org/optimizationjob-name"
"""The label of its TrainJobs: its name."""

NUMBER = "trainer.kubeflow.org/optimizationjob-trial"
"""The label that counts its TrainJobs, from 0."""

PARAMETERS = "trainer.kubeflow.org/optimizationjob-parameters"
"""The annotation with the values of a TrainJob's parameters: a JSON object."""


def train_job(job: Body, name: str, number: int, values: Mapping[str, str]) -> Body:
    """The TrainJob of a trial."""
    template = copy.deepcopy(job["spec"]["trainJobTemplate"])
    meta, spec = template.get("metadata") or {}, template["spec"]
    trainer = spec.setdefault("trainer", {})
    given = {variable(parameter): value for parameter, value in values.items()}
    kept = [each for each in trainer.get("env") or () if each["name"] not in given]
    trainer["env"] = [*kept, *listed(given)]
    return {
        "apiVersion": VERSION,
        "kind": "TrainJob",
        "metadata": {
            **meta,
            "name": name,
            "namespace": job["metadata"]["namespace"],
            "labels": {
                **(meta.get("labels") or {}),
                JOB: job["metadata"]["name"],
                NUMBER: str(number),
            },
            "annotations": {
                **(meta.get("annotations") or {}),
                PARAMETERS: json.dumps(dict(values)),
            },
            "ownerReferences": [owner_reference(job)],
        },
        "spec": spec,
    }


def number(train: Body) -> int:
    """Which trial a TrainJob is."""
    text = (train["metadata"].get("labels") or {}).get(NUMBER, "")
    return int(text) if text.isdigit() else 0


def values(train: Body) -> dict[str, str]:
    """The parameters of a trial."""
    try:
        held = json.loads((train["metadata"].get("annotations") or {}).get(PARAMETERS, "{}"))
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in held.items()} if isinstance(held, dict) else {}


def past(train: Body, metric: str) -> Past:
    """A trial as the search knows it."""
    status, value = train.get("status") or {}, objective(train, metric)
    if holds(status, "Failed"):
        return Past(train["metadata"]["name"], values(train), "failed")
    if not holds(status, "Complete"):
        return Past(train["metadata"]["name"], values(train), "running")
    state = "metrics-unavailable" if value is None else "succeeded"
    return Past(train["metadata"]["name"], values(train), state, value)  # type: ignore[arg-type]


def objective(train: Body, metric: str) -> float | None:
    """The value of the objective that a trial has reported last."""
    told = ((train.get("status") or {}).get("trainerStatus") or {}).get("metrics") or ()
    found = next((each["value"] for each in told if each["name"] == metric), None)
    return None if found is None else metrics.number(str(found))


def best(trains: Sequence[Body], wanted: Body) -> Body | None:
    """The completed trial with the best objective; of equal ones the first."""
    sign = -1.0 if wanted.get("direction") == "Maximize" else 1.0
    found = [
        (sign * value, each)
        for each in trains
        if holds(each.get("status") or {}, "Complete")
        and (value := objective(each, wanted["metric"])) is not None
    ]
    return min(found, key=lambda each: each[0])[1] if found else None
