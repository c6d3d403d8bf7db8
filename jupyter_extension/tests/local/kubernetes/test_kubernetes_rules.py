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


def test_halves_of_characters_do_no_harm(rest: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    body = b'{"metadata":{"name":"one"},"data":{"a":"\\ud800x"}}'
    made = rest.post(path, content=body, headers={"Content-Type": "application/json"})
    assert made.status_code == 201
    assert made.json()["data"]["a"].endswith("x")
