"""Server-side apply: who owns a field, and who is in conflict with whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from kubernetes_objects import config, pod

Apply = Callable[..., httpx.Response]


@pytest.fixture
def apply(rest: httpx.Client, namespace: str) -> Apply:
    """Applies a body as a manager."""

    def call(manager: str, body: dict[str, Any], **query: str) -> httpx.Response:
        path = f"/api/v1/namespaces/{namespace}/{body['kind'].lower()}s/{body['metadata']['name']}"
        return rest.patch(
            path,
            json=body,
            params={"fieldManager": manager, **query},
            headers={"Content-Type": "application/apply-patch+yaml"},
        )

    return call


def _update(rest: httpx.Client, namespace: str, manager: str, patch: dict[str, Any]) -> Any:
    answer = rest.patch(
        f"/api/v1/namespaces/{namespace}/configmaps/one",
        json=patch,
        params={"fieldManager": manager},
        headers={"Content-Type": "application/merge-patch+json"},
    )
    return answer.raise_for_status().json()


def test_who_makes_or_changes_a_field_by_other_means_owns_it(
    rest: httpx.Client, core: Any, namespace: str, apply: Apply
) -> None:
    core.create_namespaced_config_map(namespace, config("one", {"a": "1"}), field_manager="maker")
    _update(rest, namespace, "editor", {"data": {"b": "1"}})
    said = apply("applier", config("one", {"a": "2", "b": "2"})).json()
    assert said["message"] == (
        'Apply failed with 2 conflicts: conflicts with "editor" using v1:\n- .data.b\nconflicts with "maker" using v1:\n- .data.a'
    )
    assert [cause["field"] for cause in said["details"]["causes"]] == [".data.b", ".data.a"]
    assert apply("applier", config("one", {"a": "1", "b": "1"})).status_code == 200
    assert apply("applier", config("one", {"a": "2"}), force="true").json()["data"] == {
        "a": "2",
        "b": "1",
    }
    assert apply("applier", config("one", {"a": "3"})).status_code == 200


def test_who_loses_a_field_no_longer_removes_it(
    rest: httpx.Client, namespace: str, apply: Apply
) -> None:
    assert apply("applier", config("one", {"a": "1", "b": "1"})).status_code == 201
    _update(rest, namespace, "editor", {"data": {"a": "2"}})
    said = apply("applier", config("one", {"a": "1"}))
    assert said.status_code == 409
    assert said.json()["message"] == (
        'Apply failed with 1 conflict: conflict with "editor" using v1: .data.a'
    )
    assert apply("applier", config("one")).json()["data"] == {"a": "2"}
    assert "data" not in _update(rest, namespace, "editor", {"data": {"a": None}})
    assert apply("applier", config("one", {"a": "1"})).json()["data"] == {"a": "1"}


def test_entries_of_sets_and_maps_have_owners_of_their_own(apply: Apply) -> None:
    first = apply("first", config("one", finalizers=["example.com/a"])).json()
    assert first["metadata"]["finalizers"] == ["example.com/a"]
    both = apply("second", config("one", finalizers=["example.com/b"])).json()
    assert both["metadata"]["finalizers"] == ["example.com/a", "example.com/b"]
    left = apply("first", config("one")).json()
    assert left["metadata"]["finalizers"] == ["example.com/b"]
    apply("second", config("one"))
    assert apply("first", pod("two")).status_code == 201
    side = pod("two")
    side["spec"]["containers"] = [{"name": "main", "image": "alpine"}]
    said = apply("second", side).json()
    assert said["details"]["causes"] == [
        {
            "reason": "FieldManagerConflict",
            "message": 'conflict with "first"',
            "field": '.spec.containers[name="main"].image',
        }
    ]


def test_what_kubectl_applied_by_itself_is_its_own_on_the_server(
    core: Any, namespace: str, apply: Apply
) -> None:
    by_itself = "kubectl-client-side-apply"
    made = config("one", {"a": "1", "b": "1"})
    core.create_namespaced_config_map(namespace, made, field_manager=by_itself)
    assert apply("kubectl", made).status_code == 200
    changed = apply("kubectl", config("one", {"a": "2"}))
    assert changed.json()["data"] == {"a": "2"}
