"""Fills a Local Kubeflow that is not running with an experiment whose trials have ended: ``seed_experiment.py TRIALS``, into ``KUBEFLOW_LOCAL_HOME``.

Objects with conditions, counters and observations as Katib writes them.
"""

from __future__ import annotations

import asyncio
import copy
import random
import sys
from typing import Any

from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.kinds import Kind
from jupyterlab_kubeflow.local.kubernetes.server import KubernetesServer
from jupyterlab_kubeflow.local.paths import Home

VERSION = "kubeflow.org/v1beta1"
NAMESPACE = "kubeflow-user"
NAME = "many-trials"
SUCCESS = 'status.conditions.#(type=="Complete")#|#(status=="True")#'
FAILURE = 'status.conditions.#(type=="Failed")#|#(status=="True")#'
OBJECTIVE = {
    "type": "maximize",
    "objectiveMetricName": "accuracy",
    "additionalMetricNames": ["loss"],
    "metricStrategies": [
        {"name": "accuracy", "value": "max"},
        {"name": "loss", "value": "min"},
    ],
}
SPACE = [
    {"name": "rate", "parameterType": "double", "feasibleSpace": {"min": "0.0001", "max": "0.1"}},
    {"name": "decay", "parameterType": "double", "feasibleSpace": {"min": "0", "max": "0.01"}},
    {"name": "units", "parameterType": "int", "feasibleSpace": {"min": "8", "max": "128"}},
    {"name": "layers", "parameterType": "int", "feasibleSpace": {"min": "1", "max": "4"}},
    {
        "name": "solver",
        "parameterType": "categorical",
        "feasibleSpace": {"list": ["adam", "sgd", "lbfgs"]},
    },
]
TEMPLATE: dict[str, Any] = {
    "primaryContainerName": "main",
    "trialParameters": [{"name": each["name"], "reference": each["name"]} for each in SPACE],
    "trialSpec": {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "spec": {
            "template": {
                "spec": {
                    "restartPolicy": "Never",
                    "containers": [
                        {
                            "name": "main",
                            "image": "python:3.11",
                            "command": [
                                "python",
                                "train.py",
                                *(
                                    f"--{each['name']}=${{trialParameters.{each['name']}}}"
                                    for each in SPACE
                                ),
                            ],
                        }
                    ],
                }
            }
        },
    },
}


def condition(kind: str, reason: str, message: str, status: str = "True") -> dict[str, str]:
    time = "2026-11-20T10:00:00Z"
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": time,
        "lastUpdateTime": time,
    }


def values(number: int) -> tuple[dict[str, str], float]:
    """What a trial tried, and what it reached."""
    draw = random.Random(number)
    given = {
        "rate": f"{10 ** draw.uniform(-4, -1):.6g}",
        "decay": f"{draw.uniform(0, 0.01):.6g}",
        "units": str(draw.randint(8, 128)),
        "layers": str(draw.randint(1, 4)),
        "solver": draw.choice(["adam", "sgd", "lbfgs"]),
    }
    return given, 0.99 - abs(float(given["rate"]) - 0.01) - draw.uniform(0, 0.1)


def observation(value: float) -> dict[str, Any]:
    def metric(name: str, reached: float) -> dict[str, str]:
        text = f"{reached:.6f}"
        return {"name": name, "latest": text, "max": text, "min": text}

    return {"metrics": [metric("accuracy", value), metric("loss", 1 - value)]}


def name_of(number: int) -> str:
    return f"{NAME}-{number:08x}"


def time_of(number: int) -> str:
    return f"2026-11-20T{10 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z"


def experiment(trials: int) -> dict[str, Any]:
    """An experiment that has used its budget up."""
    numbers = range(trials)
    best = max(numbers, key=lambda number: values(number)[1])
    given, value = values(best)
    return {
        "apiVersion": VERSION,
        "kind": "Experiment",
        "metadata": {"name": NAME},
        "spec": {
            "objective": OBJECTIVE,
            "algorithm": {"algorithmName": "random"},
            "maxTrialCount": trials,
            "parallelTrialCount": 1,
            "parameters": SPACE,
            "trialTemplate": TEMPLATE,
        },
        "status": {
            "startTime": time_of(0),
            "completionTime": time_of(trials),
            "conditions": [
                condition("Created", "ExperimentCreated", "Experiment is created"),
                condition("Running", "ExperimentRunning", "Experiment is running", "False"),
                condition("Succeeded", "ExperimentMaxTrialsReached", "Max trials are reached"),
            ],
            "trials": trials,
            "trialsSucceeded": trials,
            "succeededTrialList": [name_of(number) for number in numbers],
            "currentOptimalTrial": {
                "bestTrialName": name_of(best),
                "parameterAssignments": assignments(given),
                "observation": observation(value),
            },
        },
    }


def assignments(given: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in given.items()]


def trial(number: int, owner: dict[str, Any]) -> dict[str, Any]:
    """A trial that has succeeded."""
    given, value = values(number)
    run = copy.deepcopy(TEMPLATE["trialSpec"])
    run["metadata"] = {"name": name_of(number), "namespace": NAMESPACE}
    container = run["spec"]["template"]["spec"]["containers"][0]
    container["command"] = [
        "python",
        "train.py",
        *(f"--{name}={value}" for name, value in given.items()),
    ]
    return {
        "apiVersion": VERSION,
        "kind": "Trial",
        "metadata": {
            "name": name_of(number),
            "labels": {"katib.kubeflow.org/experiment": NAME},
            "ownerReferences": [
                {
                    "apiVersion": VERSION,
                    "kind": "Experiment",
                    "name": NAME,
                    "uid": owner["metadata"]["uid"],
                    "controller": True,
                    "blockOwnerDeletion": True,
                }
            ],
        },
        "spec": {
            "objective": OBJECTIVE,
            "parameterAssignments": assignments(given),
            "primaryContainerName": "main",
            "runSpec": run,
            "successCondition": SUCCESS,
            "failureCondition": FAILURE,
            "metricsCollector": {"collector": {"kind": "StdOut"}},
        },
        "status": {
            "startTime": time_of(number),
            "completionTime": time_of(number + 1),
            "conditions": [
                condition("Created", "TrialCreated", "Trial is created"),
                condition("Running", "TrialRunning", "Trial is running", "False"),
                condition("Succeeded", "TrialSucceeded", "Trial has succeeded"),
            ],
            "observation": observation(value),
        },
    }


async def seed(client: Client, trials: int) -> None:
    async def make(kind: Kind, body: dict[str, Any]) -> dict[str, Any]:
        made = await client.create(kind, NAMESPACE, body)
        return await client.replace_status(kind, NAMESPACE, {**made, "status": body["status"]})

    owner = await make(client.kind(VERSION, "Experiment"), experiment(trials))
    kind = client.kind(VERSION, "Trial")
    await asyncio.gather(*(make(kind, trial(number, owner)) for number in range(trials)))


def main() -> None:
    home = Home.of(None)
    home.create()
    # The API alone: nothing acts on what is made.
    server = KubernetesServer(home.root, "seed")
    server.start()
    try:
        asyncio.run(seed(server.client, int(sys.argv[1])))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
