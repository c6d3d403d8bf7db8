"""What deletions take with them, and what holds them up."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from jupyterlab_kubeflow.local.kubernetes.resources import Options
from jupyterlab_kubeflow.local.kubernetes.server import KubernetesServer
from kubernetes_objects import config, eventually, pod, refused


def _owned(owner: Any, name: str, *, block: bool = True) -> dict[str, Any]:
    reference = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": owner.metadata.name,
        "uid": owner.metadata.uid,
        "blockOwnerDeletion": block,
    }
    return config(name, ownerReferences=[reference])


def _names(core: Any, namespace: str) -> list[str]:
    return [each.metadata.name for each in core.list_namespaced_config_map(namespace).items]


def test_dependents_follow_their_owner(core: Any, namespace: str) -> None:
    owner = core.create_namespaced_config_map(namespace, config("owner"))
    child = core.create_namespaced_config_map(namespace, _owned(owner, "child"))
    core.create_namespaced_config_map(namespace, _owned(child, "grandchild"))
    core.create_namespaced_config_map(namespace, config("other"))
    core.delete_namespaced_config_map("owner", namespace)
    eventually(lambda: _names(core, namespace) == ["other"])


def test_an_owner_waits_for_its_dependents_in_the_foreground(core: Any, namespace: str) -> None:
    owner = core.create_namespaced_config_map(namespace, config("owner"))
    held = _owned(owner, "child")
    held["metadata"]["finalizers"] = ["example.com/held"]
    core.create_namespaced_config_map(namespace, held)
    core.delete_namespaced_config_map("owner", namespace, propagation_policy="Foreground")
    eventually(
        lambda: core.read_namespaced_config_map("child", namespace).metadata.deletion_timestamp
    )
    meta = core.read_namespaced_config_map("owner", namespace).metadata
    assert meta.finalizers == ["foregroundDeletion"]
    core.patch_namespaced_config_map("child", namespace, {"metadata": {"finalizers": None}})
    eventually(lambda: _names(core, namespace) == [])


def test_orphans_stay_without_their_owner(core: Any, namespace: str) -> None:
    owner = core.create_namespaced_config_map(namespace, config("owner"))
    core.create_namespaced_config_map(namespace, _owned(owner, "child"))
    core.delete_namespaced_config_map("owner", namespace, propagation_policy="Orphan")
    eventually(lambda: _names(core, namespace) == ["child"])
    assert core.read_namespaced_config_map("child", namespace).metadata.owner_references is None


def test_a_dependent_of_nobody_goes(core: Any, namespace: str) -> None:
    owner = core.create_namespaced_config_map(namespace, config("owner"))
    core.delete_namespaced_config_map("owner", namespace)
    core.create_namespaced_config_map(namespace, _owned(owner, "late"))
    eventually(lambda: _names(core, namespace) == [])


def test_a_finalizer_holds_an_object_and_no_new_one_comes(core: Any, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, config("one", finalizers=["example.com/held"]))
    core.delete_namespaced_config_map("one", namespace)
    assert core.read_namespaced_config_map("one", namespace).metadata.deletion_timestamp
    more = {"metadata": {"finalizers": ["example.com/held", "example.com/more"]}}
    said = refused(lambda: core.patch_namespaced_config_map("one", namespace, more))
    assert said["details"]["causes"][0]["field"] == "metadata.finalizers"
    core.patch_namespaced_config_map("one", namespace, {"metadata": {"finalizers": None}})
    assert _names(core, namespace) == []


@pytest.mark.parametrize("name", ["default", "kube-system", "kubeflow-user"])
def test_namespaces_that_clients_look_for_stay(core: Any, name: str) -> None:
    said = refused(lambda: core.delete_namespace(name))
    assert (said["code"], said["reason"]) == (403, "Forbidden")
    assert said["message"] == f'namespaces "{name}" is forbidden: this namespace may not be deleted'
    assert core.read_namespace(name).status.phase == "Active"


def test_preconditions_hold(core: Any, namespace: str) -> None:
    made = core.create_namespaced_config_map(namespace, config("one"))
    wrong = {"preconditions": {"uid": "other"}}
    said = refused(lambda: core.delete_namespaced_config_map("one", namespace, body=wrong))
    assert said["code"] == 409
    assert said["message"] == (
        f'Operation cannot be fulfilled on ConfigMap "one": the UID in the precondition (other) does not match the UID in record '
        f"({made.metadata.uid}). The object might have been deleted and then recreated"
    )


def test_a_namespace_is_emptied_and_takes_nothing_new(core: Any) -> None:
    name = core.create_namespace({"metadata": {"generateName": "ending-"}}).metadata.name
    core.create_namespaced_config_map(name, config("one"))
    core.create_namespaced_config_map(name, config("held", finalizers=["example.com/held"]))
    core.create_namespaced_pod(name, pod("one"))
    assert core.delete_namespace(name).status
    eventually(lambda: _names(core, name) == ["held"])
    assert core.read_namespace(name).status.phase == "Terminating"
    said = refused(lambda: core.create_namespaced_config_map(name, config("new")))
    assert said["message"] == (
        f'configmaps "new" is forbidden: unable to create new content in namespace {name} because it is being terminated'
    )
    assert said["details"]["causes"][0]["reason"] == "NamespaceTerminating"
    core.patch_namespaced_config_map("held", name, {"metadata": {"finalizers": None}})
    eventually(lambda: name not in [each.metadata.name for each in core.list_namespace().items])


def test_a_bound_pod_has_its_grace(core: Any, namespace: str) -> None:
    body = pod("one")
    body["spec"]["nodeName"] = "here"
    core.create_namespaced_pod(namespace, body)
    core.delete_namespaced_pod("one", namespace)
    meta = core.read_namespaced_pod("one", namespace).metadata
    assert meta.deletion_grace_period_seconds == 30
    core.delete_namespaced_pod("one", namespace, grace_period_seconds=0)
    assert core.list_namespaced_pod(namespace).items == []


def test_a_collection_is_deleted_by_selector(core: Any, namespace: str) -> None:
    for name, labels in (("one", {"a": "1"}), ("two", {})):
        core.create_namespaced_config_map(namespace, config(name, labels=labels))
    core.delete_collection_namespaced_config_map(namespace, label_selector="a=1")
    assert _names(core, namespace) == ["two"]


def test_jobs_keep_their_pods_unless_told(rest: httpx.Client, namespace: str) -> None:
    path = f"/apis/batch/v1/namespaces/{namespace}/jobs"
    template = {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "b"}]}}
    body = {"metadata": {"name": "one"}, "spec": {"template": template}}
    made = rest.post(path, json=body).json()
    assert made["spec"]["completions"] == 1
    assert made["spec"]["selector"]["matchLabels"] == {
        "batch.kubernetes.io/controller-uid": made["metadata"]["uid"]
    }
    answer = rest.delete(f"{path}/one")
    assert "child pods are preserved by default" in answer.headers["Warning"]


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        ({"propagationPolicy": "Some"}, 422, "propagationPolicy: Unsupported value"),
        (
            {"propagationPolicy": "Orphan", "orphanDependents": True},
            422,
            "orphanDependents and deletionPropagation cannot be both set",
        ),
        ({"gracePeriodSeconds": "x"}, 400, 'strconv.ParseInt: parsing "x": invalid syntax'),
        ({"preconditions": ["x"]}, 400, "preconditions: not an object"),
        ({"preconditions": {"resourceVersion": "1"}}, 409, "ResourceVersion in the precondition"),
    ],
)
def test_options_of_deletions_are_checked(
    rest: httpx.Client, core: Any, namespace: str, options: Any, status: int, said: str
) -> None:
    core.create_namespaced_config_map(namespace, config("one"))
    path = f"/api/v1/namespaces/{namespace}/configmaps/one"
    answer = rest.request("DELETE", path, json=options)
    assert answer.status_code == status
    assert said in answer.json()["message"]
    assert rest.get(path).status_code == 200


def test_a_name_is_taken_until_its_object_is_gone(core: Any, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, config("one", finalizers=["example.com/held"]))
    core.delete_namespaced_config_map("one", namespace)
    said = refused(lambda: core.create_namespaced_config_map(namespace, config("one")))
    assert (said["code"], said["reason"]) == (409, "AlreadyExists")
    assert said["message"] == 'object is being deleted: configmaps "one" already exists'
    core.patch_namespaced_config_map("one", namespace, {"metadata": {"finalizers": None}})
    core.create_namespaced_config_map(namespace, config("one"))


def test_events_go_after_their_time_and_nothing_else_does(tmp_path: Path) -> None:
    server = KubernetesServer(tmp_path, "token", event_seconds=1)
    server.start()
    kind = server.client.kind("v1", "Event")
    about = {"kind": "Pod", "name": "one", "namespace": "default", "apiVersion": "v1"}
    body = {"metadata": {"name": "one"}, "involvedObject": about, "reason": "Started"}
    server.resources.create(kind, "default", body, Options()).result()
    configs = server.client.kind("v1", "ConfigMap")
    server.resources.create(configs, "default", config("one"), Options()).result()
    eventually(lambda: server.client.list(kind) == [])
    assert [each["metadata"]["name"] for each in server.client.list(configs)] == ["one"]
    server.stop()
