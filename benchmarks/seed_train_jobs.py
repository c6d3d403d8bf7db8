"""Makes TrainJobs in all states, which no controller takes up, in Local Kubeflow's namespace.

Usage: ``seed_train_jobs.py JOBS``, with ``KUBEFLOW_LOCAL_HOME`` naming the folder of a running server.
"""

from __future__ import annotations

import sys
from typing import Any

from jupyterlab_kubeflow.local import process
from kubernetes_api import GROUP, Connection, Server, job, rate

JOBS = f"{GROUP}/namespaces/kubeflow-user/trainjobs"
TIME = "2026-11-20T10:00:00Z"


def condition(kind: str, reason: str, message: str) -> dict[str, Any]:
    return {
        "conditions": [
            {
                "type": kind,
                "status": "True",
                "reason": reason,
                "message": message,
                "lastTransitionTime": TIME,
            }
        ]
    }


def nodes(**counts: int) -> dict[str, Any]:
    none = dict.fromkeys(("ready", "succeeded", "failed", "active", "suspended"), 0)
    return {"jobsStatus": [{"name": "node", **none, **counts}]}


def status(number: int) -> dict[str, Any]:
    """Complete, failed, suspended or running, with progress and metrics."""
    if number % 4 == 0:
        said = "jobset completed successfully"
        return {**condition("Complete", "AllJobsCompleted", said), **nodes(succeeded=1)}
    if number % 4 == 1:
        said = "jobset failed due to one or more job failures"
        return {**condition("Failed", "FailedJobs", said), **nodes(failed=1)}
    if number % 4 == 2:
        said = "TrainJob is suspended"
        return {**condition("Suspended", "Suspended", said), **nodes(suspended=1)}
    trainer = {
        "lastUpdatedTime": TIME,
        "progressPercentage": number % 100,
        "estimatedRemainingSeconds": 600 - number % 100,
        "metrics": [{"name": "loss", "value": "0.25"}, {"name": "accuracy", "value": "0.91"}],
    }
    return {**nodes(ready=1, active=1), "trainerStatus": trainer}


def main() -> None:
    def make(connection: Connection, number: int) -> None:
        body = job(number)
        body["spec"]["runtimeRef"] = {"name": "python-distributed"}  # type: ignore[index]
        body["spec"]["suspend"] = number % 4 == 2  # type: ignore[index]
        connection.ask("POST", JOBS, body)
        path = f"{JOBS}/job-{number}/status"
        media = "application/merge-patch+json"
        connection.ask("PATCH", path, {"status": status(number)}, media)

    rate(Server(process.status()), 8, int(sys.argv[1]), make)


if __name__ == "__main__":
    main()
