"""What trainings have reported over time: kept with their TrainJob, whoever kills the server, and served in pages."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from local_cluster import Cluster

GROUP = ("trainer.kubeflow.org", "v1alpha1")
Api = Callable[..., httpx.Response]


def api_of(cluster: Cluster) -> Api:
    """Plain requests about a TrainJob's subresources: ``api(method, namespace, name, subresource, ...)``."""
    context = ssl.create_default_context(cafile=str(cluster.home / "kubernetes/ca.crt"))
    client = httpx.Client(
        base_url=cluster.status.services["kubernetes"],
        headers={"Authorization": f"Bearer {cluster.status.token}"},
        verify=context,
        trust_env=False,
        timeout=30,
    )

    def send(method: str, namespace: str, name: str, what: str, **more: Any) -> httpx.Response:
        path = f"/apis/{'/'.join(GROUP)}/namespaces/{namespace}/trainjobs/{name}/{what}"
        return client.request(method, path, **more)

    return send


@pytest.fixture
def api(cluster: Cluster) -> Api:
    """Of the shared server."""
    return api_of(cluster)


def make(cluster: Cluster, namespace: str, name: str, script: str = "", **spec: Any) -> None:
    """A TrainJob on one node; without a script one that is suspended."""
    trainer = {"command": ["python", "-u", "-c", script]}
    body = {
        "apiVersion": "/".join(GROUP),
        "kind": "TrainJob",
        "metadata": {"name": name},
        "spec": {
            "runtimeRef": {"name": "python-distributed"},
            "trainer": trainer,
            "suspend": not script,
            **spec,
        },
    }
    cluster.custom.create_namespaced_custom_object(*GROUP, namespace, "trainjobs", body)


def report(api: Api, namespace: str, name: str, step: int, **more: Any) -> httpx.Response:
    """The report of a step."""
    metrics = [{"name": "loss", "value": str(1 / (step + 1))}, {"name": "step", "value": str(step)}]
    status = {
        "lastUpdatedTime": f"2026-01-31T12:00:00.{step:06}Z",
        "progressPercentage": step % 101,
        "metrics": metrics,
        **more,
    }
    body = {"trainerStatus": {key: value for key, value in status.items() if value is not None}}
    return api("POST", namespace, name, "status", json=body)


def steps(answer: httpx.Response) -> list[int]:
    """The steps of a page."""
    assert answer.status_code == 200, answer.text
    return [int(each["metrics"]["step"]) for each in answer.json()["items"]]


SDK = """
from kubeflow.trainer import update_trainjob_status
from kubeflow.trainer.backends.kubernetes import utils
utils._MIN_UPDATE_INTERVAL_SECONDS = 0
for step in range(3):
    assert update_trainjob_status(step * 40, 10 - step, {"loss": 1 / (step + 1), "note": "warm"})
"""


def test_a_training_that_reports_by_the_sdk(cluster: Cluster, namespace: str, api: Api) -> None:
    make(cluster, namespace, "learns", SDK)
    cluster.wait_for(
        lambda: api("GET", namespace, "learns", "metrics").json()["items"],
        lambda items: len(items) == 3,
    )
    answer = api("GET", namespace, "learns", "metrics").json()
    assert (answer["kind"], answer["apiVersion"]) == ("TrainJobMetrics", "/".join(GROUP))
    job = cluster.custom.get_namespaced_custom_object(*GROUP, namespace, "trainjobs", "learns")
    meta = answer["metadata"]
    assert (meta["name"], meta["namespace"]) == ("learns", namespace)
    assert meta["uid"] == job["metadata"]["uid"]
    assert "continue" not in meta
    told = [
        (each["progressPercentage"], each["estimatedRemainingSeconds"], each["metrics"])
        for each in answer["items"]
    ]
    assert told == [
        (step * 40, 10 - step, {"loss": str(1 / (step + 1)), "note": "warm"}) for step in range(3)
    ]
    assert answer["items"][-1]["time"] == job["status"]["trainerStatus"]["lastUpdatedTime"]


def test_pages_and_what_is_new(cluster: Cluster, namespace: str, api: Api) -> None:
    make(cluster, namespace, "pages")
    empty = api("GET", namespace, "pages", "metrics").json()
    assert (empty["items"], empty["metadata"]["resourceVersion"]) == ([], "0")
    for step in range(5):
        assert report(api, namespace, "pages", step).status_code == 200
    first = api("GET", namespace, "pages", "metrics", params={"limit": 2})
    assert steps(first) == [0, 1]
    following = first.json()["metadata"]["continue"]
    second = api("GET", namespace, "pages", "metrics", params={"limit": 3, "since": following})
    assert steps(second) == [2, 3, 4]
    meta = second.json()["metadata"]
    assert "continue" not in meta
    since = {"since": meta["resourceVersion"]}
    assert steps(api("GET", namespace, "pages", "metrics", params=since)) == []
    report(api, namespace, "pages", 5)
    assert steps(api("GET", namespace, "pages", "metrics", params=since)) == [5]


def test_a_report_stands_in_place_of_the_one_before(
    cluster: Cluster, namespace: str, api: Api
) -> None:
    make(cluster, namespace, "anew")
    report(api, namespace, "anew", 1, estimatedRemainingSeconds=9)
    report(api, namespace, "anew", 2, progressPercentage=None)
    report(api, namespace, "anew", 2, progressPercentage=None)  # the same once more
    items = api("GET", namespace, "anew", "metrics").json()["items"]
    assert items == [
        {
            "time": "2026-01-31T12:00:00.000001Z",
            "progressPercentage": 1,
            "estimatedRemainingSeconds": 9,
            "metrics": {"loss": "0.5", "step": "1"},
        },
        {"time": "2026-01-31T12:00:00.000002Z", "metrics": {"loss": str(1 / 3), "step": "2"}},
    ]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"progressPercentage": 101}, "status.trainerStatus.progressPercentage"),
        ({"progressPercentage": "half"}, "progressPercentage"),
        ({"metrics": [{"name": "loss"}]}, "status.trainerStatus.metrics[0].value"),
        ({"metrics": [{"name": "loss", "value": 0.5}]}, "status.trainerStatus.metrics[0].value"),
        ({"metrics": [{"name": "m", "value": "1"}] * 257}, "status.trainerStatus.metrics"),
        ({"lastUpdatedTime": None}, "lastUpdatedTime"),
        ({"lastUpdatedTime": "noon"}, "lastUpdatedTime"),
        ({"lastUpdatedTime": "2026-01-31T12:00:00"}, "lastUpdatedTime"),
        ({"lastUpdatedTime": []}, "lastUpdatedTime"),
    ],
)
def test_a_report_that_is_refused_is_not_kept(
    cluster: Cluster, namespace: str, api: Api, given: dict[str, Any], said: str
) -> None:
    make(cluster, namespace, "refused")
    answer = report(api, namespace, "refused", 1, **given)
    assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid"), answer.text
    assert said in answer.json()["message"]
    assert steps(api("GET", namespace, "refused", "metrics")) == []


def test_what_trainer_does_not_know_of_a_report_is_left_out(
    cluster: Cluster, namespace: str, api: Api
) -> None:
    make(cluster, namespace, "more")
    metrics = [{"name": "step", "value": "1", "unit": "none"}]
    answer = report(api, namespace, "more", 1, epoch=3, metrics=metrics)
    assert answer.json()["trainerStatus"]["metrics"] == [{"name": "step", "value": "1"}]
    assert steps(api("GET", namespace, "more", "metrics")) == [1]


@pytest.mark.parametrize(
    ("method", "query", "status"),
    [
        ("GET", {"since": "yesterday"}, 400),
        ("GET", {"since": "-1"}, 200),
        ("GET", {"limit": "²"}, 400),
        ("GET", {"since": "9" * 40}, 200),
        ("POST", {}, 405),
        ("PUT", {}, 405),
        ("DELETE", {}, 405),
    ],
)
def test_requests_that_are_no_question(
    cluster: Cluster, namespace: str, api: Api, method: str, query: dict[str, str], status: int
) -> None:
    make(cluster, namespace, "asked")
    answer = api(method, namespace, "asked", "metrics", params=query)
    assert answer.status_code == status, answer.text
    assert api("GET", namespace, "nobody", "metrics").status_code == 404


def test_the_history_goes_with_its_train_job(cluster: Cluster, namespace: str, api: Api) -> None:
    make(cluster, namespace, "again")
    report(api, namespace, "again", 1)
    cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "trainjobs", "again")
    assert report(api, namespace, "again", 2).status_code == 404
    make(cluster, namespace, "again")
    report(api, namespace, "again", 3)
    assert steps(api("GET", namespace, "again", "metrics")) == [3]


def test_nodes_report_at_the_same_time_and_nothing_is_lost_by_a_kill(own: Cluster) -> None:
    make(own, "test", "busy")
    api = api_of(own)
    with ThreadPoolExecutor(4) as pool:
        answers = [*pool.map(lambda step: report(api, "test", "busy", step), range(200))]
    assert {each.status_code for each in answers} == {200}
    own.kill()
    own.start()
    after = api_of(own)
    found = after("GET", "test", "busy", "metrics").json()["items"]
    assert sorted(int(each["metrics"]["step"]) for each in found) == [*range(200)]
    for each in found:
        step = int(each["metrics"]["step"])
        assert each["time"] == f"2026-01-31T12:00:00.{step:06}Z"
        assert each["metrics"]["loss"] == str(1 / (step + 1))
        assert each["progressPercentage"] == step % 101
    version = after("GET", "test", "busy", "metrics").json()["metadata"]["resourceVersion"]
    report(after, "test", "busy", 200)
    assert steps(after("GET", "test", "busy", "metrics", params={"since": version})) == [200]


def test_discovery_names_it(cluster: Cluster, kubectl: Callable[..., str]) -> None:
    found = json.loads(kubectl("get", "--raw", f"/apis/{'/'.join(GROUP)}"))
    (entry,) = (each for each in found["resources"] if each["name"] == "trainjobs/metrics")
    assert (entry["kind"], entry["verbs"]) == ("TrainJobMetrics", ["get"])
