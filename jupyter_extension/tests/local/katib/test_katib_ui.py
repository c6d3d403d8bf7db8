"""The routes of Katib's UI that give the series and the log of a Trial."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from jupyterlab_kubeflow.local.katib.metrics import Log
from jupyterlab_kubeflow.local.katib.ui import best_of_seconds
from jupyterlab_kubeflow.local.paths import Home
from katib_support import GROUP, ended, experiment, make, trials

INFO = "/katib/fetch_hp_job_trial_info/"
LOGS = "/katib/fetch_trial_logs/"
Ask = Callable[..., httpx.Response]


@pytest.fixture
def ask(cluster: Any) -> Ask:
    """GETs a route as the proxy does."""
    trust = ssl.create_default_context(cafile=str(Home.of(cluster.home).authority))
    base = cluster.status.services["katib-ui"]

    def get(path: str, token: str = cluster.status.token, **query: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(verify=trust, trust_env=False) as client:
            return client.get(base + path, params=query, headers=headers)

    return get


def one(cluster: Any, namespace: str, name: str, script: str) -> str:
    """The name of the only Trial of an Experiment, which has ended."""
    make(cluster, namespace, experiment(name, script, maxTrialCount=1))
    ended(cluster, namespace, name)
    (trial,) = trials(cluster, namespace, name)
    return str(trial["metadata"]["name"])


def test_the_series_of_a_trial(cluster: Any, namespace: str, ask: Ask) -> None:
    script = """
for second, value in ((1, 0.5), (1, 0.25), (1, 0.75), (2, 0.3)):
    print(f"2026-01-31T12:00:0{second}.{int(value * 100)}Z loss={value}")
# ${trialParameters.x}
"""
    name = one(cluster, namespace, "series", script)
    answer = ask(INFO, namespace=namespace, trialName=name)
    assert answer.status_code == 200
    assert answer.json() == (
        "metricName,time,value\nloss,2026-01-31T12:00:01,0.25\nloss,2026-01-31T12:00:02,0.3\n"
    )


def test_the_log_of_a_trial_when_its_pod_is_gone(cluster: Any, namespace: str, ask: Ask) -> None:
    said = 'é "quoted" \\ back\tslash \U0001f600'
    script = f"for n in range(3000): print(n, {said!r})\nprint('loss=1')\n# ${{trialParameters.x}}"
    name = one(cluster, namespace, "log", script)
    cluster.wait_for(lambda: cluster.core.list_namespaced_pod(namespace).items, lambda it: not it)
    lines = ask(LOGS, namespace=namespace, trialName=name).json().splitlines()
    assert lines == [*(f"{n} {said}" for n in range(3000)), "loss=1"]
    cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "experiments", "log")
    cluster.wait_for(
        lambda: ask(LOGS, namespace=namespace, trialName=name).status_code, (404).__eq__
    )


@pytest.mark.parametrize("path", [INFO, LOGS])
def test_what_cannot_be_answered_is_said_in_plain_words(
    path: str, namespace: str, ask: Ask
) -> None:
    for query, status, words in (
        ({}, 400, "no 'namespace' provided"),
        ({"namespace": namespace}, 400, "no 'trialName' provided"),
        ({"namespace": namespace, "trialName": "none"}, 404, '"none" not found'),
        ({"namespace": "", "trialName": ""}, 404, "not found"),
    ):
        answer = ask(path, **query)
        assert answer.status_code == status
        assert words in answer.text
        assert answer.headers["content-type"].startswith("text/plain")
    assert ask(path, token="wrong", namespace=namespace, trialName="none").status_code == 401


def test_a_trial_that_has_said_nothing_has_no_log(cluster: Any, namespace: str, ask: Ask) -> None:
    body = {
        "apiVersion": "/".join(GROUP),
        "kind": "Trial",
        "metadata": {"name": "mute"},
        "spec": {
            "objective": {"type": "minimize", "objectiveMetricName": "loss"},
            "parameterAssignments": [],
            "primaryContainerName": "main",
            "metricsCollector": {"collector": {"kind": "StdOut"}},
            "successCondition": "status.succeeded",
            "failureCondition": "status.failed",
            "runSpec": {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {"name": "mute", "namespace": namespace},
                "spec": {
                    "suspend": True,
                    "template": {
                        "spec": {
                            "restartPolicy": "Never",
                            "containers": [{"name": "main", "image": "x", "command": ["true"]}],
                        }
                    },
                },
            },
        },
    }
    cluster.custom.create_namespaced_custom_object(*GROUP, namespace, "trials", body)
    answer = ask(LOGS, namespace=namespace, trialName="mute")
    assert answer.status_code == 404
    assert "There is no log of the trial mute" in answer.text
    rows = ask(INFO, namespace=namespace, trialName="mute")
    assert json.loads(rows.text) == "metricName,time,value\n"


@pytest.mark.parametrize(
    ("objective", "kept"),
    [("minimize", ["-1", "2"]), ("maximize", ["5", "2"]), (None, ["3", "2"])],
)
def test_of_the_values_of_a_second_the_best_is_told(objective: str | None, kept: list[str]) -> None:
    values = ["3", "nan", "5", "x", "-1"]
    series = [
        Log(f"2026-01-31T12:00:00.{at}00000Z", "loss", value) for at, value in enumerate(values)
    ]
    series.insert(2, Log("2026-01-31T12:00:00.150000Z", "accuracy", "9"))
    series.append(Log("2026-01-31T12:00:01.000000Z", "loss", "2"))
    rows = best_of_seconds({"type": objective}, series)
    assert [value for metric, _, value in rows if metric == "loss"] == kept
    assert ("accuracy", "2026-01-31T12:00:00", "9") in rows
