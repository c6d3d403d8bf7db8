"""Objects by the official client: what may be done with them, and how refusals read."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from kubernetes_objects import TRAINJOBS, config, pod, refused, trainjob

MERGE = {"Content-Type": "application/merge-patch+json"}


def test_an_object_is_made_changed_and_deleted(core: Any, namespace: str) -> None:
    made = core.create_namespaced_config_map(namespace, config("one", {"a": "1"}))
    assert made.metadata.uid
    assert made.metadata.creation_timestamp
    assert made.metadata.managed_fields[0].manager == "OpenAPI-Generator"
    core.patch_namespaced_config_map("one", namespace, {"data": {"b": "2", "a": None}})
    read = core.read_namespaced_config_map("one", namespace)
    assert read.data == {"b": "2"}
    assert int(read.metadata.resource_version) > int(made.metadata.resource_version)
    assert core.delete_namespaced_config_map("one", namespace).status == "Success"
    assert refused(lambda: core.read_namespaced_config_map("one", namespace)) == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": 'configmaps "one" not found',
        "reason": "NotFound",
        "details": {"name": "one", "kind": "configmaps"},
        "code": 404,
    }


def test_a_name_is_taken_once_and_made_up_when_asked_for(core: Any, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, config("one"))
    said = refused(lambda: core.create_namespaced_config_map(namespace, config("one")))
    assert (said["code"], said["reason"]) == (409, "AlreadyExists")
    assert said["message"] == 'configmaps "one" already exists'
    body = {"metadata": {"generateName": "made-"}}
    first, second = (core.create_namespaced_config_map(namespace, body) for _ in range(2))
    assert first.metadata.name.startswith("made-")
    assert first.metadata.name != second.metadata.name
    made = core.create_namespace({"metadata": {"generateName": "made-"}}).metadata
    assert made.labels == {"kubernetes.io/metadata.name": made.name}
    core.delete_namespace(made.name)


def test_a_change_of_an_older_version_is_a_conflict(core: Any, namespace: str) -> None:
    old = core.create_namespaced_config_map(namespace, config("one"))
    core.patch_namespaced_config_map("one", namespace, {"data": {"a": "1"}})
    said = refused(lambda: core.replace_namespaced_config_map("one", namespace, old))
    assert (said["code"], said["reason"]) == (409, "Conflict")
    assert said["message"] == (
        'Operation cannot be fulfilled on configmaps "one": the object has been modified; please apply your changes to the latest version '
        "and try again"
    )


def test_a_change_that_changes_nothing_keeps_the_version(core: Any, namespace: str) -> None:
    made = core.create_namespaced_config_map(namespace, config("one", {"a": "1"}))
    again = core.patch_namespaced_config_map("one", namespace, {"data": {"a": "1"}})
    assert again.metadata.resource_version == made.metadata.resource_version


def test_a_dry_run_changes_nothing(core: Any, namespace: str) -> None:
    made = core.create_namespaced_config_map(namespace, config("one"), dry_run="All")
    assert made.metadata.uid
    assert core.list_namespaced_config_map(namespace).items == []


def test_custom_resources_are_defaulted_pruned_and_validated(
    custom: Any, namespace: str, runtime: str
) -> None:
    where = (*TRAINJOBS, namespace, "trainjobs")
    body = trainjob("one", trainer={"numNodes": 2, "unknown": 1})
    made = custom.create_namespaced_custom_object(*where, body)
    assert made["spec"]["suspend"] is False
    assert made["spec"]["runtimeRef"]["kind"] == "ClusterTrainingRuntime"
    assert made["spec"]["trainer"] == {"numNodes": 2}
    assert made["metadata"]["generation"] == 1
    wrong = {**trainjob("two"), "spec": {"trainer": {"numNodes": "two"}}}
    said = refused(lambda: custom.create_namespaced_custom_object(*where, wrong))
    assert (said["code"], said["reason"]) == (422, "Invalid")
    assert said["message"].startswith('TrainJob.trainer.kubeflow.org "two" is invalid: [')
    assert {
        "reason": "FieldValueRequired",
        "message": "Required value",
        "field": "spec.runtimeRef",
    } in said["details"]["causes"]
    assert {cause["field"] for cause in said["details"]["causes"]} == {
        "spec.runtimeRef",
        "spec.trainer.numNodes",
        "<nil>",
    }


def test_rules_of_the_crd_hold(custom: Any, namespace: str, runtime: str) -> None:
    where = (*TRAINJOBS, namespace, "trainjobs")
    custom.create_namespaced_custom_object(*where, trainjob("one", trainer={"numNodes": 1}))
    said = refused(
        lambda: custom.patch_namespaced_custom_object(
            *where, "one", {"spec": {"trainer": {"numNodes": 3}}}
        )
    )
    assert said["details"]["causes"] == [
        {
            "reason": "FieldValueInvalid",
            "message": 'Invalid value: "object": field is immutable',
            "field": "spec.trainer",
        }
    ]
    said = refused(lambda: custom.create_namespaced_custom_object(*where, trainjob("1one")))
    assert "metadata.name must match RFC 1035 DNS label format" in said["message"]


def test_a_trainjob_needs_its_runtime(custom: Any, namespace: str) -> None:
    body = trainjob("one", runtimeRef={"name": "nowhere"})
    said = refused(
        lambda: custom.create_namespaced_custom_object(*TRAINJOBS, namespace, "trainjobs", body)
    )
    assert (said["code"], said["reason"]) == (403, "Forbidden")
    assert said["message"].startswith(
        'admission webhook "validator.trainjob.trainer.kubeflow.org" denied the request: spec.RuntimeRef: '
    )


def test_status_and_spec_are_changed_apart_and_generation_counts_the_spec(
    custom: Any, namespace: str, runtime: str
) -> None:
    where = (*TRAINJOBS, namespace, "trainjobs")
    custom.create_namespaced_custom_object(*where, {**trainjob("one"), "status": {"x": 1}})
    status = {"jobsStatus": [], "conditions": []}
    changed = custom.patch_namespaced_custom_object_status(
        *where, "one", {"status": status, "spec": {"suspend": True}}
    )
    assert changed["spec"]["suspend"] is False
    assert changed["metadata"]["generation"] == 1
    changed = custom.patch_namespaced_custom_object(
        *where, "one", {"spec": {"suspend": True}, "status": {"conditions": None}}
    )
    assert changed["status"] == status
    assert changed["metadata"]["generation"] == 2


def test_patches_by_their_type(rest: httpx.Client, core: Any, namespace: str) -> None:
    made = pod("one", labels={"a": "1"})
    core.create_namespaced_pod(namespace, made)
    path = f"/api/v1/namespaces/{namespace}/pods/one"
    strategic = {"spec": {"containers": [{"name": "main", "image": "alpine"}]}}
    answer = rest.patch(
        path, json=strategic, headers={"Content-Type": "application/strategic-merge-patch+json"}
    ).json()
    assert answer["spec"]["containers"][0]["image"] == "alpine"
    assert answer["spec"]["containers"][0]["terminationMessagePath"] == "/dev/termination-log"
    operations = [
        {"op": "test", "path": "/metadata/labels/a", "value": "1"},
        {"op": "add", "path": "/metadata/labels/b~1c", "value": "2"},
    ]
    json_patch = {"Content-Type": "application/json-patch+json"}
    answer = rest.patch(path, json=operations, headers=json_patch).json()
    assert answer["metadata"]["labels"] == {"a": "1", "b/c": "2"}
    operations[0]["value"] = "2"
    said = rest.patch(path, json=operations, headers=json_patch)
    assert (said.status_code, said.json()["reason"]) == (422, "Invalid")
    said = rest.patch(path, json={"spec": {"nodeSelector": {"a": "b"}}}, headers=MERGE)
    assert said.status_code == 422
    assert said.json()["details"]["causes"][0]["field"] == "spec"


def test_strategic_patches_are_not_for_custom_resources(
    rest: httpx.Client, custom: Any, namespace: str, runtime: str
) -> None:
    custom.create_namespaced_custom_object(*TRAINJOBS, namespace, "trainjobs", trainjob("one"))
    answer = rest.patch(
        f"/apis/trainer.kubeflow.org/v1alpha1/namespaces/{namespace}/trainjobs/one",
        json={},
        headers={"Content-Type": "application/strategic-merge-patch+json"},
    )
    assert (answer.status_code, answer.json()["reason"]) == (415, "UnsupportedMediaType")


def test_server_side_apply_makes_changes_and_drops_what_is_left_out(
    rest: httpx.Client, namespace: str
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/one"

    def apply(manager: str, data: dict[str, str], **query: str) -> httpx.Response:
        return rest.patch(
            path,
            json=config("one", data),
            params={"fieldManager": manager, **query},
            headers={"Content-Type": "application/apply-patch+yaml"},
        )

    made = apply("first", {"a": "1", "b": "1"})
    assert made.status_code == 201
    assert apply("second", {"c": "1"}).json()["data"] == {"a": "1", "b": "1", "c": "1"}
    assert apply("first", {"a": "1"}).json()["data"] == {"a": "1", "c": "1"}
    said = apply("second", {"a": "2", "c": "1"}).json()
    assert said["code"] == 409
    assert said["message"] == 'Apply failed with 1 conflict: conflict with "first": .data.a'
    assert said["details"]["causes"] == [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "first"',
            "field": ".data.a",
        }
    ]
    taken = apply("second", {"a": "2", "c": "1"}, force="true").json()
    assert taken["data"] == {"a": "2", "c": "1"}
    assert {
        (each["manager"], each["operation"]) for each in taken["metadata"]["managedFields"]
    } == {
        ("first", "Apply"),
        ("second", "Apply"),
    }
    dry = apply("second", {"a": "3"}, dryRun="All").json()
    assert dry["data"] == {"a": "3"}
    assert rest.get(path).json()["data"] == {"a": "2", "c": "1"}


def test_lists_by_selectors_and_pages(core: Any, namespace: str) -> None:
    for index in range(5):
        labels = {"part": "even" if index % 2 == 0 else "odd"}
        core.create_namespaced_config_map(namespace, config(f"c{index}", labels=labels))
    for selector, names in {
        "part=even": ["c0", "c2", "c4"],
        "part!=even": ["c1", "c3"],
        "part in (odd, other)": ["c1", "c3"],
        "!part": [],
    }.items():
        found = core.list_namespaced_config_map(namespace, label_selector=selector)
        assert [each.metadata.name for each in found.items] == names
    found = core.list_namespaced_config_map(namespace, field_selector="metadata.name=c3")
    assert [each.metadata.name for each in found.items] == ["c3"]
    first = core.list_namespaced_config_map(namespace, limit=2)
    assert first.metadata.remaining_item_count == 3
    core.create_namespaced_config_map(namespace, config("c9"))
    core.delete_namespaced_config_map("c3", namespace)
    token = first.metadata._continue
    rest = core.list_namespaced_config_map(namespace, limit=10, _continue=token)
    assert [each.metadata.name for each in rest.items] == ["c2", "c3", "c4"]
    assert rest.metadata.resource_version == first.metadata.resource_version


@pytest.mark.parametrize("query", ["labelSelector=a=b=c", "fieldSelector=spec.foo=1", "limit=x"])
def test_what_cannot_be_read_is_a_bad_request(rest: httpx.Client, query: str) -> None:
    answer = rest.get(f"/api/v1/pods?{query}")
    assert (answer.status_code, answer.json()["reason"]) == (400, "BadRequest")


def test_only_who_has_the_token_and_speaks_to_loopback_is_answered(rest: httpx.Client) -> None:
    answer = rest.get("/api", headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()["reason"]) == (401, "Unauthorized")
    answer = rest.get("/api", headers={"Host": "example.com"})
    assert answer.status_code == 403
    review = {"spec": {"resourceAttributes": {"verb": "create", "resource": "pods"}}}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    assert rest.post(path, json=review).json()["status"] == {"allowed": True}
    path = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
    assert rest.post(path, json={}).json()["status"]["userInfo"]["username"] == "local-kubeflow"
    answer = rest.get("/api", headers={"Impersonate-User": "bob"})
    assert (answer.status_code, answer.json()["reason"]) == (403, "Forbidden")


def test_names_and_labels_are_checked(core: Any, namespace: str) -> None:
    said = refused(
        lambda: core.create_namespaced_config_map(namespace, config("Big", labels={"a": "b c"}))
    )
    assert [cause["field"] for cause in said["details"]["causes"]] == [
        "metadata.name",
        "metadata.labels",
    ]


def test_both_kinds_of_events_are_one(rest: httpx.Client, core: Any, namespace: str) -> None:
    about = {"kind": "Pod", "name": "one", "namespace": namespace, "apiVersion": "v1"}
    body = {
        "metadata": {"name": "one.1"},
        "involvedObject": about,
        "reason": "Started",
        "message": "it began",
        "type": "Normal",
    }
    core.create_namespaced_event(namespace, body)
    read = rest.get(f"/apis/events.k8s.io/v1/namespaces/{namespace}/events/one.1").json()
    assert (read["note"], read["regarding"], read["apiVersion"]) == (
        "it began",
        about,
        "events.k8s.io/v1",
    )
    found = core.list_namespaced_event(namespace, field_selector="involvedObject.name=one")
    assert [each.message for each in found.items] == ["it began"]
