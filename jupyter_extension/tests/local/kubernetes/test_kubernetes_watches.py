"""Watches by the official client and by plain HTTP: what they begin with, what they select, and where they end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import kubernetes
import pytest
from kubernetes_objects import config

TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}


def _lines(rest: httpx.Client, path: str, wanted: int, **options: Any) -> list[dict[str, Any]]:
    """The first lines of a watch."""
    with rest.stream("GET", path, **options) as answer:
        assert answer.status_code == 200, answer.read()
        lines = _read(answer)
        return [next(lines) for _ in range(wanted)]


def _read(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in answer.iter_lines())


def test_the_official_watch_follows_a_list(core: Any, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, config("one"))
    listed = core.list_namespaced_config_map(namespace)
    core.create_namespaced_config_map(namespace, config("two"))
    core.patch_namespaced_config_map("two", namespace, {"data": {"a": "1"}})
    core.delete_namespaced_config_map("one", namespace)
    seen = [
        (event["type"], event["object"].metadata.name)
        for event in kubernetes.watch.Watch().stream(
            core.list_namespaced_config_map,
            namespace,
            resource_version=listed.metadata.resource_version,
            timeout_seconds=1,
        )
    ]
    assert seen == [("ADDED", "two"), ("MODIFIED", "two"), ("DELETED", "one")]


def test_a_watch_without_a_version_begins_with_what_is_there(core: Any, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, config("one"))
    stream = kubernetes.watch.Watch().stream(
        core.list_namespaced_config_map, namespace, timeout_seconds=30
    )
    assert next(stream)["type"] == "ADDED"
    core.create_namespaced_config_map(namespace, config("two"))
    assert next(stream)["object"].metadata.name == "two"


def test_objects_come_into_a_selection_and_leave_it(core: Any, namespace: str) -> None:
    version = core.create_namespaced_config_map(namespace, config("one")).metadata.resource_version
    for labels in ({"a": "1"}, {"a": "1", "b": "2"}, {"a": None}):
        core.patch_namespaced_config_map("one", namespace, {"metadata": {"labels": labels}})
    events = list(
        kubernetes.watch.Watch().stream(
            core.list_namespaced_config_map,
            namespace,
            label_selector="a=1",
            resource_version=version,
            timeout_seconds=1,
        )
    )
    assert [event["type"] for event in events] == ["ADDED", "MODIFIED", "DELETED"]
    left = events[-1]["object"].metadata
    now = core.read_namespaced_config_map("one", namespace).metadata
    assert left.labels == {"a": "1", "b": "2"}
    assert (now.labels, left.resource_version) == ({"b": "2"}, now.resource_version)


def test_a_limit_below_nothing_is_none(core: Any, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, config("one"))
    assert len(core.list_namespaced_config_map(namespace, limit=-2).items) == 1


def test_a_streaming_list_says_where_it_ends(rest: httpx.Client, core: Any, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, config("one"))
    query = {
        "watch": "1",
        "sendInitialEvents": "true",
        "resourceVersionMatch": "NotOlderThan",
        "allowWatchBookmarks": "true",
    }
    added, end = _lines(rest, f"/api/v1/namespaces/{namespace}/configmaps", 2, params=query)
    assert added["type"] == "ADDED"
    assert end["type"] == "BOOKMARK"
    assert end["object"]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}


def test_a_bookmark_comes_before_the_end(rest: httpx.Client, core: Any, namespace: str) -> None:
    version = core.create_namespaced_config_map(namespace, config("one")).metadata.resource_version
    query = {
        "watch": "1",
        "allowWatchBookmarks": "true",
        "timeoutSeconds": "1",
        "resourceVersion": version,
    }
    (line,) = _lines(rest, f"/api/v1/namespaces/{namespace}/configmaps", 1, params=query)
    assert line["type"] == "BOOKMARK"
    assert int(line["object"]["metadata"]["resourceVersion"]) >= int(version)


def test_a_version_that_is_no_longer_known_is_gone(
    rest: httpx.Client, core: Any, namespace: str
) -> None:
    old = core.create_namespaced_config_map(namespace, config("one")).metadata.resource_version
    page = core.list_namespaced_config_map(namespace, limit=1)
    core.create_namespaced_config_map(namespace, config("two"))
    token = core.list_namespaced_config_map(namespace, limit=1).metadata._continue
    assert page.metadata._continue is None
    for number in range(120):
        core.patch_namespaced_config_map("one", namespace, {"data": {"n": str(number)}})
    (line,) = _lines(
        rest,
        f"/api/v1/namespaces/{namespace}/configmaps",
        1,
        params={"watch": "1", "resourceVersion": old},
    )
    assert line["type"] == "ERROR"
    assert (line["object"]["code"], line["object"]["reason"]) == (410, "Expired")
    with pytest.raises(kubernetes.client.ApiException) as caught:
        core.list_namespaced_config_map(namespace, limit=1, _continue=token)
    assert caught.value.status == 410


def test_a_version_to_come_is_waited_for_by_nobody(rest: httpx.Client) -> None:
    answer = rest.get("/api/v1/configmaps", params={"resourceVersion": "99999999"})
    assert answer.status_code == 504
    assert answer.json()["details"]["causes"][0]["reason"] == "ResourceVersionTooLarge"


def test_tables_state_their_columns_once(rest: httpx.Client, core: Any, namespace: str) -> None:
    core.create_namespaced_config_map(namespace, config("one", {"a": "1"}))
    core.create_namespaced_config_map(namespace, config("two"))
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    table = rest.get(path, headers=TABLE).json()
    assert [each["name"] for each in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert [row["cells"][:2] for row in table["rows"]] == [["one", 1], ["two", 0]]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    first, second = _lines(rest, path, 2, params={"watch": "1"}, headers=TABLE)
    assert first["object"]["columnDefinitions"]
    assert second["object"]["columnDefinitions"] == []


def test_all_watchers_get_all_events_in_order(
    rest: httpx.Client, core: Any, namespace: str
) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    core.create_namespaced_config_map(namespace, config("one"))
    with (
        rest.stream("GET", path, params={"watch": "1"}) as first,
        rest.stream("GET", path, params={"watch": "1"}) as second,
    ):
        streams = [_read(first), _read(second)]
        versions = [
            core.patch_namespaced_config_map(
                "one", namespace, {"data": {"n": str(number)}}
            ).metadata.resource_version
            for number in range(20)
        ]
        for stream in streams:
            assert next(stream)["type"] == "ADDED"
            seen = [next(stream)["object"]["metadata"]["resourceVersion"] for _ in versions]
            assert seen == versions


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("resourceVersionMatch=Exact", ["Forbidden"]),
        ("resourceVersion=0&resourceVersionMatch=Exact", ["Forbidden"]),
        ("resourceVersion=1&resourceVersionMatch=Newest", ["NotSupported"]),
        ("resourceVersion=1&resourceVersionMatch=Exact&continue=x", ["Forbidden"]),
        ("sendInitialEvents=true", ["Forbidden"]),
        ("watch=1&resourceVersionMatch=NotOlderThan", ["Forbidden"]),
        ("watch=1&resourceVersionMatch=Exact", ["Forbidden", "NotSupported"]),
        ("watch=1&sendInitialEvents=true", ["Forbidden"]),
        (
            "watch=1&sendInitialEvents=true&resourceVersionMatch=Exact",
            ["Forbidden", "NotSupported"],
        ),
    ],
)
def test_options_that_do_not_go_together_are_named(
    rest: httpx.Client, query: str, said: list[str]
) -> None:
    answer = rest.get(f"/api/v1/configmaps?{query}")
    assert (answer.status_code, answer.json()["reason"]) == (422, "Invalid")
    details = answer.json()["details"]
    assert (details["group"], details["kind"]) == ("meta.k8s.io", "ListOptions")
    field = "sendInitialEvents" if query.startswith("send") else "resourceVersionMatch"
    assert [(cause["field"], cause["reason"]) for cause in details["causes"]] == [
        (field, f"FieldValue{each}") for each in said
    ]


def test_a_list_is_of_the_version_that_is_asked_for(
    rest: httpx.Client, core: Any, namespace: str
) -> None:
    old = core.create_namespaced_config_map(namespace, config("one")).metadata.resource_version
    core.create_namespaced_config_map(namespace, config("two"))
    path = f"/api/v1/namespaces/{namespace}/configmaps"

    def names(**query: str) -> list[str]:
        return [each["metadata"]["name"] for each in rest.get(path, params=query).json()["items"]]

    assert names(resourceVersion=old, resourceVersionMatch="Exact") == ["one"]
    assert names(resourceVersion=old, resourceVersionMatch="NotOlderThan") == ["one", "two"]
    assert names(resourceVersion="0") == names(resourceVersion="") == ["one", "two"]
    for number in range(120):
        core.patch_namespaced_config_map("one", namespace, {"data": {"n": str(number)}})
    answer = rest.get(path, params={"resourceVersion": old, "resourceVersionMatch": "Exact"})
    assert (answer.status_code, answer.json()["reason"]) == (410, "Expired")
    assert answer.json()["message"] == "The resourceVersion for the provided list is too old."
