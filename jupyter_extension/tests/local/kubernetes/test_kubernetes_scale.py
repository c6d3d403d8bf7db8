"""The subresource ``scale``, and what one machine does not have."""

from __future__ import annotations

from typing import Any

import httpx
import kubernetes
import pytest
from kubernetes_objects import pod

MERGE = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture
def deployment(api_client: Any, namespace: str) -> Any:
    """``AppsV1Api`` with a deployment ``one``."""
    apps = kubernetes.client.AppsV1Api(api_client)
    labels = {"app": "one"}
    spec = {"containers": [{"name": "a", "image": "b"}]}
    body = {
        "metadata": {"name": "one"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }
    apps.create_namespaced_deployment(namespace, body)
    return apps


def test_replicas_are_read_and_set(deployment: Any, namespace: str) -> None:
    held = deployment.read_namespaced_deployment_scale("one", namespace)
    assert (held.kind, held.spec.replicas, held.status.selector) == ("Scale", 1, "app=one")
    deployment.patch_namespaced_deployment_scale("one", namespace, {"spec": {"replicas": 3}})
    held = deployment.read_namespaced_deployment_scale("one", namespace)
    assert held.spec.replicas == 3
    held.spec.replicas = 2
    deployment.replace_namespaced_deployment_scale("one", namespace, held)
    made = deployment.read_namespaced_deployment("one", namespace)
    assert (made.spec.replicas, made.metadata.generation) == (2, 3)
    with pytest.raises(kubernetes.client.ApiException) as caught:
        deployment.replace_namespaced_deployment_scale("one", namespace, held)
    assert caught.value.status == 409


@pytest.mark.parametrize(
    ("body", "status"), [({"spec": {"replicas": -1}}, 422), ({"spec": {"replicas": "x"}}, 422)]
)
def test_replicas_are_a_number(
    rest: httpx.Client, deployment: Any, namespace: str, body: Any, status: int
) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments/one/scale"
    answer = rest.patch(path, json=body, headers=MERGE)
    assert (answer.status_code, answer.json()["reason"]) == (status, "Invalid")
    assert answer.json()["details"]["causes"][0]["field"] == "spec.replicas"


def test_custom_resources_are_scaled_where_their_crd_says_so(
    rest: httpx.Client, custom: Any, namespace: str
) -> None:
    where = ("leaderworkerset.x-k8s.io", "v1", namespace, "leaderworkersets")
    template = {"spec": {"containers": [{"name": "a", "image": "b"}]}}
    body = {
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "metadata": {"name": "one"},
        "spec": {"leaderWorkerTemplate": {"size": 2, "workerTemplate": template}},
    }
    custom.create_namespaced_custom_object(*where, body)
    custom.patch_namespaced_custom_object_scale(*where, "one", {"spec": {"replicas": 4}})
    assert custom.get_namespaced_custom_object(*where, "one")["spec"]["replicas"] == 4
    path = f"/apis/leaderworkerset.x-k8s.io/v1/namespaces/{namespace}/leaderworkersets/one/scale"
    answer = rest.patch(path, json={"spec": {"replicas": -2}}, headers=MERGE).json()
    assert answer["message"] == (
        'LeaderWorkerSet.leaderworkerset.x-k8s.io "one" is invalid: .spec.replicas: Invalid value: -2: should be a non-negative integer'
    )
    absent = rest.get(
        f"/apis/trainer.kubeflow.org/v1alpha1/namespaces/{namespace}/trainjobs/one/scale"
    )
    assert absent.status_code == 404


@pytest.mark.parametrize("subresource", ["exec", "attach", "portforward", "proxy", "eviction"])
def test_what_one_machine_does_not_have_is_refused_in_words(
    rest: httpx.Client, core: Any, namespace: str, subresource: str
) -> None:
    core.create_namespaced_pod(namespace, pod("one"))
    answer = rest.post(f"/api/v1/namespaces/{namespace}/pods/one/{subresource}")
    assert (answer.status_code, answer.json()["reason"]) == (405, "MethodNotAllowed")
    assert answer.json()["message"].startswith(f"Local Kubeflow has no {subresource}: ")
