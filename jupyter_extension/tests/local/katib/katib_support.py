"""What tests of Experiments share: a small one, and shortcuts."""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable
from typing import Any

GROUP = ("kubeflow.org", "v1beta1")
SCRIPT = "x = ${trialParameters.x}\nprint(f'loss={(x - 3) ** 2}')"
"""Its best x is 3."""

_SPEC: dict[str, Any] = {
    "objective": {"type": "minimize", "objectiveMetricName": "loss"},
    "algorithm": {"algorithmName": "grid"},
    "parallelTrialCount": 1,
    "maxTrialCount": 5,
    "parameters": [
        {
            "name": "x",
            "parameterType": "int",
            "feasibleSpace": {"min": "1", "max": "5", "step": "1"},
        }
    ],
}


def job(script: str = SCRIPT, **spec: Any) -> dict[str, Any]:
    """The trial template of a Job whose container ``main`` runs ``script``."""
    container = {
        "name": "main",
        "image": "python:3.11",
        "command": [sys.executable, "-u", "-c", script],
    }
    pod = {"restartPolicy": "Never", "containers": [container]}
    run = {"backoffLimit": 0, "template": {"spec": pod}, **spec}
    return {
        "primaryContainerName": "main",
        "trialParameters": [{"name": "x", "reference": "x"}],
        "trialSpec": {"apiVersion": "batch/v1", "kind": "Job", "spec": run},
    }


def experiment(name: str, script: str = SCRIPT, **spec: Any) -> dict[str, Any]:
    """A grid over x from 1 to 5, with ``spec`` on top."""
    return {
        "apiVersion": "/".join(GROUP),
        "kind": "Experiment",
        "metadata": {"name": name},
        "spec": copy.deepcopy({**_SPEC, "trialTemplate": job(script), **spec}),
    }


def make(cluster: Any, namespace: str, body: dict[str, Any]) -> str:
    """Makes it; returns its name."""
    cluster.custom.create_namespaced_custom_object(*GROUP, namespace, "experiments", body)
    return str(body["metadata"]["name"])


def get(cluster: Any, namespace: str, name: str, plural: str = "experiments") -> dict[str, Any]:
    """The object, with a status."""
    found = cluster.custom.get_namespaced_custom_object(*GROUP, namespace, plural, name)
    return {"status": {}, **found}


def wait(
    cluster: Any, namespace: str, name: str, fits: Callable[[dict[str, Any]], Any]
) -> dict[str, Any]:
    """The Experiment once it is as wanted."""
    return dict(cluster.wait_for(lambda: get(cluster, namespace, name), fits))


def ended(cluster: Any, namespace: str, name: str) -> dict[str, Any]:
    """The Experiment at its end."""
    return wait(cluster, namespace, name, lambda it: holds(it, "Succeeded") or holds(it, "Failed"))


def trials(cluster: Any, namespace: str, name: str) -> list[dict[str, Any]]:
    """The Trials of an Experiment in the order in which they were proposed."""
    found = cluster.custom.list_namespaced_custom_object(
        *GROUP, namespace, "trials", label_selector=f"katib.kubeflow.org/experiment={name}"
    )["items"]
    told = get(cluster, namespace, name, "suggestions")["status"]["suggestions"]
    order = [each["name"] for each in told]
    return sorted(found, key=lambda each: order.index(each["metadata"]["name"]))


def holds(body: dict[str, Any], kind: str) -> bool:
    """Whether a condition is true."""
    return condition(body, kind).get("status") == "True"


def condition(body: dict[str, Any], kind: str) -> dict[str, Any]:
    """A condition, empty where there is none."""
    held = (body.get("status") or {}).get("conditions") or ()
    return dict(next((each for each in held if each["type"] == kind), {}))


def values(trial: dict[str, Any]) -> dict[str, str]:
    """A Trial's parameters."""
    return {each["name"]: each["value"] for each in trial["spec"]["parameterAssignments"]}
