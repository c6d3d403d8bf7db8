"""Schemas and rules: what comes from the components is understood, and what is known and not applied is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cel
import httpx
import pytest
from jupyterlab_kubeflow.local.kubernetes.kinds import kinds
from jupyterlab_kubeflow.local.kubernetes.rules import RULES
from kubernetes_objects import TRAINJOBS, config, pod, refused, trainjob


def _stated(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        rules = schema.get("x-kubernetes-validations")
        if isinstance(rules, list):
            yield from (rule["rule"] for rule in rules)
        for each in schema.values():
            yield from _stated(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _stated(each)


def test_all_rules_that_crds_state_can_be_evaluated() -> None:
    table = kinds()
    rules = {
        *_stated([kind.document for kind in table.all]),
        *_stated(table.schemas.definitions),
    }
    assert len(rules) > 100
    for rule in rules:
        cel.compile(rule)


def test_rules_that_are_not_applied_say_why() -> None:
    resources = {kind.resource for kind in kinds().all}
    for rule in RULES:
        assert rule.resource in {*resources, "*"}
        assert bool(rule.note) == (rule.check is None), rule


def test_a_value_of_another_type_is_a_bad_request(rest: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    said = rest.post(path, json={**config("one"), "data": {"a": 1}}).json()
    assert said["code"] == 400
    assert said["message"] == (
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data.a of '
        "type string"
    )


def test_a_pod_needs_containers_of_different_names(core: Any, namespace: str) -> None:
    body = pod("one")
    body["spec"]["containers"] *= 2
    said = refused(lambda: core.create_namespaced_pod(namespace, body))
    assert said["details"]["causes"] == [
        {
            "reason": "FieldValueDuplicate",
            "message": 'Duplicate value: "main"',
            "field": "spec.containers[1].name",
        }
    ]


@pytest.mark.parametrize(
    ("trainer", "field"),
    [
        ({"numProcPerNode": 0}, "spec.trainer.numProcPerNode"),
        ({"env": [{"name": "A", "value": "1"}, {"name": "A"}]}, "spec.trainer.env[1]"),
        ({"env": [{"value": "1"}]}, "spec.trainer.env[0].name"),
    ],
)
def test_wrong_fields_are_named(
    custom: Any, namespace: str, runtime: str, trainer: dict[str, Any], field: str
) -> None:
    body = trainjob("one", trainer=trainer)
    said = refused(
        lambda: custom.create_namespaced_custom_object(*TRAINJOBS, namespace, "trainjobs", body)
    )
    assert field in [cause["field"] for cause in said["details"]["causes"]]


def _container(**fields: Any) -> dict[str, Any]:
    return {"containers": [{"name": "main", "image": "busybox", **fields}]}


@pytest.mark.parametrize(
    ("spec", "field", "reason"),
    [
        (_container(name="Main"), "spec.containers[0].name", "Invalid"),
        (_container(imagePullPolicy="Some"), "spec.containers[0].imagePullPolicy", "NotSupported"),
        (
            _container(ports=[{"containerPort": 70000}]),
            "spec.containers[0].ports[0].containerPort",
            "Invalid",
        ),
        (
            _container(resources={"limits": {"cpu": "1"}, "requests": {"cpu": "1001m"}}),
            "spec.containers[0].resources.requests",
            "Invalid",
        ),
        (
            _container(resources={"requests": {"memory": "-1Gi"}}),
            "spec.containers[0].resources.requests[memory]",
            "Invalid",
        ),
        (
            _container(volumeMounts=[{"name": "data", "mountPath": "/data"}]),
            "spec.containers[0].volumeMounts[0].name",
            "NotFound",
        ),
        (
            _container(readinessProbe={"periodSeconds": 5}),
            "spec.containers[0].readinessProbe",
            "Required",
        ),
        ({**_container(), "restartPolicy": "Often"}, "spec.restartPolicy", "NotSupported"),
        ({"containers": []}, "spec.containers", "Required"),
    ],
)
def test_a_pod_says_which_field_is_wrong(
    rest: httpx.Client, namespace: str, spec: dict[str, Any], field: str, reason: str
) -> None:
    body = {"metadata": {"name": "one"}, "spec": spec}
    said = rest.post(f"/api/v1/namespaces/{namespace}/pods", json=body).json()
    assert said["code"] == 422
    found = [(cause["field"], cause["reason"]) for cause in said["details"]["causes"]]
    assert found == [(field, f"FieldValue{reason}")]


_TEMPLATE = {"spec": {"restartPolicy": "Never", **_container()}}


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        ({"completions": -1}, "spec.completions"),
        ({"completionMode": "Indexed"}, "spec.completions"),
        ({"completionMode": "Random"}, "spec.completionMode"),
        ({"managedBy": "me"}, "spec.managedBy"),
        ({"backoffLimitPerIndex": 1}, "spec.backoffLimitPerIndex"),
        ({"selector": {"matchLabels": {"a": "b"}}}, "spec.selector"),
    ],
)
def test_a_job_says_which_field_is_wrong(
    rest: httpx.Client, namespace: str, spec: dict[str, Any], field: str
) -> None:
    whole = {"template": _TEMPLATE, "parallelism": 2, **spec}
    body = {"metadata": {"name": "one"}, "spec": whole}
    said = rest.post(f"/apis/batch/v1/namespaces/{namespace}/jobs", json=body).json()
    assert said["code"] == 422
    assert field in [cause["field"] for cause in said["details"]["causes"]]


def test_a_job_needs_a_name(rest: httpx.Client, namespace: str) -> None:
    body = {"spec": {"template": _TEMPLATE}}
    said = rest.post(f"/apis/batch/v1/namespaces/{namespace}/jobs", json=body).json()
    assert [cause["field"] for cause in said["details"]["causes"]] == ["metadata.name"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"network": {"subdomain": "No_domain"}}, "spec.network.subdomain"),
        ({"managedBy": "me"}, "spec.managedBy"),
        ({"successPolicy": {"operator": "All", "targetReplicatedJobs": ["b"]}}, "<nil>"),
        ({"coordinator": {"replicatedJob": "b"}}, "<nil>"),
    ],
)
def test_a_job_set_is_checked_as_by_its_webhook(
    rest: httpx.Client, namespace: str, changes: dict[str, Any], field: str
) -> None:
    path = f"/apis/jobset.x-k8s.io/v1alpha2/namespaces/{namespace}/jobsets"
    kind = {"apiVersion": "jobset.x-k8s.io/v1alpha2", "kind": "JobSet"}
    jobs = [{"name": "a", "template": {"spec": {"template": _TEMPLATE}}}]
    spec = {"replicatedJobs": jobs, "suspend": True}

    def create(name: str, **changes: Any) -> dict[str, Any]:
        body = {**kind, "metadata": {"name": name}, "spec": {**spec, **changes}}
        return dict(rest.post(path, json=body).json())

    assert create("one")["spec"]["successPolicy"] == {"operator": "All"}
    for said in (create("two", **changes), create("two" * 20)):
        assert said["code"] == 422
    assert [each["field"] for each in create("two", **changes)["details"]["causes"]] == [field]


@pytest.mark.parametrize(
    ("name", "size", "refused"),
    [
        ("a" * 48, {"completions": 10, "parallelism": 10}, None),  # …-node-0-9-abcde has 63
        ("a" * 48, {"completions": 11, "parallelism": 11}, "pod"),
        ("a" * 50, {"parallelism": 11}, None),
        ("a" * 50, {"completions": 11, "completionMode": "NonIndexed"}, None),
        ("a" * 56, {}, None),
        ("a" * 57, {}, "job"),
    ],
)
def test_a_job_set_whose_names_would_be_too_long_is_refused(
    rest: httpx.Client, namespace: str, name: str, size: dict[str, Any], refused: str | None
) -> None:
    job = {"name": "node", "template": {"spec": {"template": _TEMPLATE, **size}}}
    body = {
        "apiVersion": "jobset.x-k8s.io/v1alpha2",
        "kind": "JobSet",
        "metadata": {"name": name},
        "spec": {"replicatedJobs": [job], "suspend": True},
    }
    path = f"/apis/jobset.x-k8s.io/v1alpha2/namespaces/{namespace}/jobsets?dryRun=All"
    answer = rest.post(path, json=body)
    causes = answer.json().get("details", {}).get("causes", [])
    assert answer.status_code == (422 if refused else 201), answer.text
    assert [each["field"] for each in causes] == ["spec.replicatedJobs[0].name"][: len(causes)]
    if refused:
        said = f"{refused} names generated for this JobSet will exceed 63 characters"
        assert [said in each["message"] for each in causes] == [True]


@pytest.mark.parametrize(
    "metadata", [{"name": 1}, {"name": "one", "labels": ["a"]}, {"name": "one", "labels": {"a": 1}}]
)
def test_metadata_of_other_types_is_a_bad_request(
    rest: httpx.Client, namespace: str, metadata: dict[str, Any]
) -> None:
    for path in (
        "/api/v1/namespaces/{}/configmaps",
        "/apis/trainer.kubeflow.org/v1alpha1/namespaces/{}/trainjobs",
    ):
        body = {**trainjob("one"), "metadata": metadata}
        if "configmaps" in path:
            body = {"metadata": metadata}
        said = rest.post(path.format(namespace), json=body).json()
        assert (said["code"], said["reason"]) == (400, "BadRequest"), said


def test_a_name_that_is_given_twice_is_told(rest: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    body = b'{"metadata":{"name":"one"},"data":{"a":"1","a":"2"}}'
    headers = {"Content-Type": "application/json"}
    strict = rest.post(f"{path}?fieldValidation=Strict", content=body, headers=headers)
    assert strict.status_code == 400
    assert 'duplicate field "a"' in strict.json()["message"]
    made = rest.post(path, content=body, headers=headers)
    assert made.json()["data"] == {"a": "2"}
    assert "duplicate field" in made.headers["warning"]


def test_halves_of_characters_do_no_harm(rest: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    body = b'{"metadata":{"name":"one"},"data":{"a":"\\ud800x"}}'
    made = rest.post(path, content=body, headers={"Content-Type": "application/json"})
    assert made.status_code == 201
    assert made.json()["data"]["a"].endswith("x")
