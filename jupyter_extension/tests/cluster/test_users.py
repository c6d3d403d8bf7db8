"""Reading and changing through the proxy as users with a token, a certificate and few rights."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import yaml

from .conftest import NAMESPACE, Ask, Plane, Subscribe, configmap, configmaps, until

TRAINJOBS = f"/apis/trainer.kubeflow.org/v1alpha1/namespaces/{NAMESPACE}/trainjobs"
MERGE = "application/merge-patch+json"
APPLY = "application/apply-patch+yaml"


@pytest.fixture
def alice(plane: Plane, use: Any) -> None:
    """A user with a token, who may do everything in the namespace."""
    use(plane.folder / "alice.kubeconfig")


@pytest.fixture
def carol(plane: Plane, use: Any) -> None:
    """A user with a certificate, who may look."""
    use(plane.folder / "carol.kubeconfig")


@pytest.fixture
def bob(plane: Plane, use: Any) -> None:
    """A user with a token, who may look at TrainJobs of the namespace."""
    use(plane.folder / "bob.kubeconfig")


async def test_discovery(alice: None, ask: Ask) -> None:
    groups = [group["name"] for group in (await ask("GET", "/apis")).json["groups"]]
    assert {"trainer.kubeflow.org", "serving.kserve.io", "jobset.x-k8s.io"} <= set(groups)
    kinds = (await ask("GET", "/apis/trainer.kubeflow.org/v1alpha1")).json["resources"]
    assert "trainjobs" in [kind["name"] for kind in kinds]
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    assert (await ask("GET", "/apis", Accept=accept)).json["kind"] == "APIGroupDiscoveryList"
    schema = await ask("GET", "/openapi/v3/apis/trainer.kubeflow.org/v1alpha1")
    assert schema.json["openapi"].startswith("3.")
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"verb": "list", "resource": "pods", "namespace": "other"}},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    answer = await ask("POST", path, review)
    assert (answer.status, answer.json["status"]["allowed"]) == (201, False)


async def test_the_life_of_an_object(alice: None, ask: Ask, name: str) -> None:
    made = await ask("POST", f"{configmaps()}?fieldManager=me", configmap(name, a="1"))
    assert made.status == 201
    assert (await ask("POST", configmaps(), configmap(name))).json["reason"] == "AlreadyExists"
    one = configmaps(f"/{name}")
    read = (await ask("GET", one)).json
    assert read["metadata"]["uid"] == made.json["metadata"]["uid"]
    changed = await ask("PUT", one, {**read, "data": {"a": "2"}})
    assert changed.json["data"] == {"a": "2"}
    conflict = await ask("PUT", one, {**read, "data": {"a": "3"}})
    assert (conflict.status, conflict.json["reason"]) == (409, "Conflict")
    patched = await ask("PATCH", one, {"data": {"b": "1"}}, MERGE)
    assert patched.json["data"] == {"a": "2", "b": "1"}
    pointer = [{"op": "remove", "path": "/data/a"}]
    assert (await ask("PATCH", one, pointer, "application/json-patch+json")).json["data"] == {
        "b": "1"
    }
    strategic = await ask(
        "PATCH", one, {"data": {"c": "1"}}, "application/strategic-merge-patch+json"
    )
    assert strategic.json["data"] == {"b": "1", "c": "1"}
    dry = await ask("PATCH", f"{one}?dryRun=All", {"data": {"d": "1"}}, MERGE)
    assert dry.json["data"]["d"] == "1"
    assert "d" not in (await ask("GET", one)).json["data"]
    assert (await ask("DELETE", one, {"propagationPolicy": "Foreground"})).status in (200, 202)

    async def gone() -> bool:
        return (await ask("GET", one)).status == 404

    await until(gone)


async def test_apply_and_its_conflicts(alice: None, ask: Ask, name: str) -> None:
    one = configmaps(f"/{name}")

    async def apply(manager: str, query: str = "", **data: str) -> Any:
        body = yaml.safe_dump(configmap(name, **data))
        return await ask("PATCH", f"{one}?fieldManager={manager}{query}", body, APPLY)

    assert (await apply("first", a="1", b="1")).status == 201
    assert (await apply("first", "&dryRun=All", a="2")).json["data"] == {"a": "2"}
    assert (await apply("first", a="1")).json["data"] == {"a": "1"}, "what is left out goes"
    conflict = await apply("second", a="2")
    assert (conflict.status, conflict.json["reason"]) == (409, "Conflict")
    assert conflict.json["details"]["causes"][0]["field"] == ".data.a"
    assert (await apply("second", "&force=true", a="2")).json["data"] == {"a": "2"}


async def test_lists_pages_tables_and_collections(alice: None, ask: Ask, name: str) -> None:
    for number in range(5):
        await ask("POST", configmaps(), configmap(f"{name}-{number}", name))
    query = f"?labelSelector=test%3D{name}&limit=2"
    names: list[str] = []
    token = ""
    while True:
        page = (await ask("GET", f"{configmaps(query)}&continue={token}")).json
        names += [item["metadata"]["name"] for item in page["items"]]
        token = page["metadata"].get("continue", "")
        if not token:
            break
    assert names == [f"{name}-{number}" for number in range(5)]
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    table = (await ask("GET", configmaps(query), Accept=accept)).json
    assert (table["kind"], len(table["rows"])) == ("Table", 2)
    assert (await ask("DELETE", configmaps(f"?labelSelector=test%3D{name}"))).status == 200
    assert (await ask("GET", configmaps(query))).json["items"] == []


async def test_refusals_and_warnings_are_those_of_kubernetes(
    alice: None, ask: Ask, name: str
) -> None:
    job = {
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "TrainJob",
        "metadata": {"name": name, "labels": {"test": name}},
        "spec": {"runtimeRef": {"name": "torch-distributed"}, "trainer": {"env": [{"value": "x"}]}},
    }
    invalid = await ask("POST", TRAINJOBS, job)
    assert (invalid.status, invalid.json["reason"]) == (422, "Invalid")
    assert "spec.trainer.env[0].name" in [c["field"] for c in invalid.json["details"]["causes"]]
    warned = await ask(
        "POST", f"{configmaps()}?fieldValidation=Warn&dryRun=All", {**configmap(name), "dta": {}}
    )
    assert (
        warned.status,
        'unknown field "dta"' in warned.headers["warning"].replace("\\", ""),
    ) == (
        201,
        True,
    )
    strategic = "application/strategic-merge-patch+json"
    assert (await ask("PATCH", f"{TRAINJOBS}/x", {}, strategic)).status == 415


async def test_a_watch(alice: None, ask: Ask, subscribe: Subscribe, name: str) -> None:
    selector = f"test={name}"
    version = (await ask("GET", configmaps("?limit=1"))).json["metadata"]["resourceVersion"]
    query = {"watch": True, "resourceVersion": version, "labelSelector": selector}
    async with subscribe(configmaps(), allowWatchBookmarks=True, **query) as (stream, opened):
        assert (opened["op"], opened["status"]) == ("open", 200)
        await ask("POST", configmaps(), configmap(name, a="1"))
        assert (await stream.event("ADDED"))["data"] == {"a": "1"}
        await ask("PATCH", configmaps(f"/{name}"), {"data": {"a": "2"}}, MERGE)
        assert (await stream.event("MODIFIED"))["data"] == {"a": "2"}
        await ask("DELETE", configmaps(f"/{name}"))
        assert (await stream.event("DELETED"))["metadata"]["name"] == name
    async with subscribe(TRAINJOBS, watch=True, resourceVersion="1") as (stream, told):
        if told["op"] == "error":
            assert told["error"]["status"] == 410
        else:
            assert (await stream.event("ERROR"))["code"] == 410


async def test_a_certificate_user(carol: None, ask: Ask, subscribe: Subscribe, name: str) -> None:
    assert (await ask("GET", configmaps())).status == 200
    refused = await ask("POST", configmaps(), configmap(name))
    assert (refused.status, refused.json["reason"]) == (403, "Forbidden")
    assert 'User "carol" cannot create resource "configmaps"' in refused.json["message"]
    async with subscribe(configmaps(), watch=True) as (_, opened):
        assert opened["op"] == "open"


async def test_a_user_with_few_rights_is_told_verb_resource_and_namespace(
    bob: None, ask: Ask, subscribe: Subscribe, name: str
) -> None:
    assert (await ask("GET", TRAINJOBS)).status == 200
    body = {"apiVersion": "trainer.kubeflow.org/v1alpha1", "kind": "TrainJob"}
    job = {**body, "metadata": {"name": name}, "spec": {"runtimeRef": {"name": "x"}}}
    for method, path, content, verb in (
        ("POST", TRAINJOBS, job, "create"),
        ("DELETE", f"{TRAINJOBS}/{name}", None, "delete"),
        ("GET", "/apis/trainer.kubeflow.org/v1alpha1/namespaces/default/trainjobs", None, "list"),
    ):
        reply = await ask(method, path, content)
        assert (reply.status, reply.json["reason"]) == (403, "Forbidden")
        space = "default" if "default" in path else NAMESPACE
        for word in (f"cannot {verb} ", '"trainjobs"', f'in the namespace "{space}"'):
            assert word in reply.json["message"]
    async with subscribe(configmaps(), watch=True) as (_, told):
        error = told["error"]
        assert (told["op"], error["status"], error["reason"]) == ("error", 403, "Forbidden")
        assert 'cannot watch resource "configmaps"' in error["message"]
        assert f'in the namespace "{NAMESPACE}"' in error["message"]
    state = (await ask("GET", "/../../connection")).status
    assert state == 400, "a path of the proxy never leaves it"


async def test_what_the_policy_refuses_never_reaches_the_control_plane(
    plane: Plane, use: Any, ask: Ask
) -> None:
    use(plane.folder / "root.kubeconfig")
    for path in ("/api/v1/secrets", "/api/v1/namespaces/kube-system/secrets/x", "/metrics"):
        reply = await ask("GET", path)
        assert (reply.status, reply.json["service"]) == (403, "kubernetes")
    reply = await ask("POST", "/api/v1/namespaces/team/serviceaccounts/default/token", {})
    assert "never passes" in reply.json["message"]


async def test_many_at_once(alice: None, ask: Ask, name: str) -> None:
    replies = await asyncio.gather(
        *(ask("POST", configmaps(), configmap(f"{name}-{n}", name)) for n in range(40))
    )
    assert {reply.status for reply in replies} == {201}
