"""How long a trial takes in Local Kubeflow, against Optuna that runs the same command as a subprocess itself.

Usage: ``tune_trials.py TRIALS PAIRS``, with ``KUBEFLOW_LOCAL_HOME`` naming the folder of a running server. Both search with the same sampler and seed, one
trial at a time and as many as there are cores; the commands are a bare Python that prints, and one that trains with scikit-learn. Each waits for its end
before the other begins; a first pair is not counted. Prints one JSON line: command → how many at a time → ``{"local": [seconds a trial …], "optuna": […]}``.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import optuna
from jupyterlab_kubeflow.local import process
from kubernetes_api import Connection, Server

EXPERIMENTS = "/apis/kubeflow.org/v1beta1/namespaces/kubeflow-user/experiments"
EXAMPLE = Path(__file__).parent.parent / "examples" / "tune_digits.py"
PLACE = "${trialParameters.rate}"
COMMANDS = {
    "bare": [sys.executable, "-c", f"print('accuracy={PLACE}')"],
    "sklearn": [sys.executable, str(EXAMPLE), f"--rate={PLACE}"],
}


def experiment(name: str, command: list[str], trials: int, parallel: int) -> dict[str, Any]:
    """Trials are Jobs of one container."""
    container = {"name": "main", "image": "python:3.11", "command": command}
    pod = {"restartPolicy": "Never", "containers": [container]}
    return {
        "apiVersion": "kubeflow.org/v1beta1",
        "kind": "Experiment",
        "metadata": {"name": name},
        "spec": {
            "objective": {"type": "maximize", "objectiveMetricName": "accuracy"},
            "algorithm": {
                "algorithmName": "tpe",
                "algorithmSettings": [{"name": "random_state", "value": "1"}],
            },
            "maxTrialCount": trials,
            "parallelTrialCount": parallel,
            "parameters": [
                {
                    "name": "rate",
                    "parameterType": "double",
                    "feasibleSpace": {"min": "0.001", "max": "0.1"},
                }
            ],
            "trialTemplate": {
                "primaryContainerName": "main",
                "trialParameters": [{"name": "rate", "reference": "rate"}],
                "trialSpec": {
                    "apiVersion": "batch/v1",
                    "kind": "Job",
                    "spec": {"backoffLimit": 0, "template": {"spec": pod}},
                },
            },
        },
    }


def of_local_kubeflow(
    connection: Connection, name: str, command: list[str], trials: int, parallel: int
) -> float:
    """Seconds from the request until a watch tells that all trials have succeeded."""
    start = time.perf_counter()
    body = experiment(name, command, trials, parallel)
    version = json.loads(connection.ask("POST", EXPERIMENTS, body))["metadata"]["resourceVersion"]
    path = f"{EXPERIMENTS}?watch=1&resourceVersion={version}&fieldSelector=metadata.name={name}"
    answer = connection.open("GET", path)
    for line in answer:
        found = json.loads(line)["object"]
        ended = [
            each["type"]
            for each in found.get("status", {}).get("conditions", [])
            if each["status"] == "True" and each["type"] in ("Succeeded", "Failed")
        ]
        if ended:
            taken = time.perf_counter() - start
            if ended != ["Succeeded"] or found["status"]["trialsSucceeded"] != trials:
                sys.exit(f"{name}: {json.dumps(found['status'])}")
            return taken
    sys.exit(f"{name}: the watch ended before the experiment did.")


def of_optuna(command: list[str], trials: int, parallel: int) -> float:
    """Seconds of a study that runs the command."""

    def objective(trial: optuna.Trial) -> float:
        rate = str(trial.suggest_float("rate", 0.001, 0.1))
        given = [each.replace(PLACE, rate) for each in command]
        said = subprocess.run(given, stdout=subprocess.PIPE, text=True, check=True).stdout
        return float(re.findall(r"accuracy=(\S+)", said)[-1])

    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=1))
    start = time.perf_counter()
    study.optimize(objective, n_trials=trials, n_jobs=parallel)
    return time.perf_counter() - start


def main(trials: int, pairs: int) -> None:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    server = Server(process.status())
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found: dict[str, dict[int, dict[str, list[float]]]] = {}
    for which, command in COMMANDS.items():
        for parallel in sorted({1, cores or 1}):
            seconds: dict[str, list[float]] = {"local": [], "optuna": []}
            for pair in range(pairs + 1):
                name = f"{which}-{parallel}-{pair}"
                many = trials if pair > 0 else parallel
                taken = of_local_kubeflow(server.kubernetes(), name, command, many, parallel)
                peer = of_optuna(command, many, parallel)
                server.kubernetes().ask("DELETE", f"{EXPERIMENTS}/{name}")
                if pair > 0:
                    seconds["local"].append(taken / many)
                    seconds["optuna"].append(peer / many)
            found.setdefault(which, {})[parallel] = seconds
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
