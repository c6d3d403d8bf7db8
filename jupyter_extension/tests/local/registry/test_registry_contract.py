"""Every operation of Model Registry's published API, with objects and requests that hypothesis makes: all answers are of the published form, are
read by the official client's models without loss, and have a status that upstream has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import mr_openapi
import pytest
import registry_contract
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyterlab_kubeflow.local.process import LocalStatus
from registry_contract import PREFIX, PUBLISHED, check, contract, name_of, operation
from registry_requests import JSON, TEXTS, bodies, new_name, values
from registry_support import Api

OPERATIONS: dict[str, Any] = contract()["operations"]
READS = sorted(key for key in OPERATIONS if key.startswith("GET"))
WRITES = sorted(key for key in OPERATIONS if not key.startswith("GET"))
LISTS = [key for key in READS if "pageSize" in OPERATIONS[key]["query"]]
FINDS = [key for key in READS if "name" in OPERATIONS[key]["query"] and key not in LISTS]
ERROR = {"$ref": "#/components/schemas/Error"}

_few = settings(max_examples=5, deadline=None)


class Checked(Api):
    """A client that holds every answer against the published description and the official client's models."""

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        answer = super().send(request, **options)
        key, known = operation(request.method, request.url.path.partition(PREFIX)[2])
        answers = {int(status): schema for status, schema in known["answers"].items()}
        # Upstream refuses in the same ways everywhere, and answers 201 for what is new, whatever the document says.
        allowed = {status for status in answers if status < 500} | {400, 404, 409, 422}
        if request.method == "POST":
            allowed.add(201)
        assert answer.status_code in allowed, f"{key}: {answer.status_code} {answer.text}"
        schema = ERROR if answer.status_code >= 400 else answers[min(answers)]
        check(schema, answer.json())
        if model := getattr(mr_openapi, name_of(schema), None):
            known = _as_client(answer.json())
            assert json.loads(json.dumps(model.from_dict(known).to_dict())) == known
        return answer


def _as_client(body: dict[str, Any]) -> dict[str, Any]:
    """The body as the models of the official client have it: without the times that only the registry sets, which they read and never write,
    and the ids of an artifact's run, which the published document has and they do not; the step of a metric is a text there."""
    unknown = {"createTimeSinceEpoch", "lastUpdateTimeSinceEpoch"}
    if "artifactType" in body:
        unknown |= {"experimentId", "experimentRunId"}
    kept = {key: value for key, value in body.items() if key not in unknown}
    if "step" in kept:
        kept["step"] = str(kept["step"])
    if "items" in kept:
        kept["items"] = [_as_client(item) for item in kept["items"]]
    return kept


class World:
    """A registry with an object of each kind: ``ids`` by the fields that refer to them, and the artifacts by their types."""

    def __init__(self, http: Checked) -> None:
        self.http = http
        self.ids: dict[str, str] = {}
        for key, path, parents in (
            ("registeredModelId", "registered_models", ()),
            ("modelVersionId", "model_versions", ("registeredModelId",)),
            ("servingEnvironmentId", "serving_environments", ()),
            (
                "inferenceServiceId",
                "inference_services",
                ("registeredModelId", "modelVersionId", "servingEnvironmentId"),
            ),
            ("experimentId", "experiments", ()),
            ("experimentRunId", "experiment_runs", ("experimentId",)),
            ("modelArtifactId", "model_artifacts", ()),
        ):
            body = {parent: self.ids[parent] for parent in parents}
            self.ids[key] = http.make(path, name=new_name(), **body)["id"]
        kinds = contract()["schemas"]["Artifact"]["discriminator"]["mapping"]
        self.artifacts = {
            kind: http.make(
                "artifacts", artifactType=kind, value="1" if kind == "parameter" else 1
            )["id"]
            if kind in ("metric", "parameter")
            else http.make("artifacts", artifactType=kind)["id"]
            for kind in kinds
        }

    def path(self, key: str, artifact: str = "model-artifact") -> str:
        """The path of the operation, of things that are there."""
        known = {name.lower(): one for name, one in self.ids.items()} | {
            "id": self.artifacts[artifact]
        }
        return re.sub(r"\{([^}]*)\}", lambda name: known[name[1].lower()], key.partition(" ")[2])

    def body(self, key: str) -> st.SearchStrategy[dict[str, Any]]:
        """What the operation takes."""
        return bodies(OPERATIONS[key]["body"], self.ids)


@pytest.fixture(scope="module")
def world(local_kubeflow: LocalStatus) -> Iterator[World]:
    """One registry for all tests here, that each adds to."""
    with Checked.of(local_kubeflow) as http:
        yield World(http)


@pytest.mark.skipif(not PUBLISHED.is_file(), reason="Model Registry's API description is not here")
def test_the_committed_description_is_the_published_one() -> None:
    assert registry_contract.without_words(PUBLISHED) == contract()


@pytest.mark.parametrize("key", WRITES)
@given(data=st.data())
@_few
def test_what_is_sent_is_kept(world: World, key: str, data: st.DataObject) -> None:
    sent = data.draw(world.body(key))
    method = key.split()[0]
    path = world.path(key, sent.get("artifactType", "model-artifact"))
    before = world.http.read(path[1:]) if method == "PATCH" else {}
    answer = world.http.request(method, path, json=sent)
    made = world.http.took(answer, 200 if method == "PATCH" else 201)
    ignored = {"experimentId", "experimentRunId"} if "artifact" in key else set()
    assert {**made, **{each: one for each, one in sent.items() if each not in ignored}} == made
    if method == "PATCH":
        own = {"lastUpdateTimeSinceEpoch", *sent} - ignored
        assert {**before, **{each: made[each] for each in own}} == made
    kind = OPERATIONS[key]["answers"][
        "200" if method == "PATCH" else min(OPERATIONS[key]["answers"])
    ]
    if one := _one(name_of(kind)):
        assert world.http.read(one[1:].format(id=made["id"])) == made


def _one(schema: str) -> str | None:
    """The path of one object of the schema, but for artifacts of one type, which have none of their own."""
    found = [
        key.partition(" ")[2]
        for key in READS
        if re.fullmatch(r"GET /[a-z_]+/\{[^}]*\}", key)
        and name_of(OPERATIONS[key]["answers"]["200"]) == schema
    ]
    return re.sub(r"\{[^}]*\}", "{id}", found[0]) if found else None


@pytest.mark.parametrize("key", WRITES)
@given(data=st.data())
@_few
def test_whatever_is_sent_is_answered(world: World, key: str, data: st.DataObject) -> None:
    """A body of any JSON, or an accepted one with a field changed: taken, or refused in words that the client is told."""
    body = data.draw(
        st.one_of(
            JSON,
            st.tuples(world.body(key), values(OPERATIONS[key]["body"]), JSON).flatmap(
                lambda made: st.sampled_from(sorted(made[0] | made[1]) or ["name"]).map(
                    lambda name: {**made[0], name: made[2]}
                )
            ),
        )
    )
    answer = world.http.request(key.split()[0], world.path(key), content=json.dumps(body).encode())
    assert answer.status_code < 300 or answer.json()["message"]


@pytest.mark.parametrize("key", WRITES)
@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 20_000, b'{"name": NaN}'])
def test_what_is_no_json_is_refused(world: World, key: str, content: bytes) -> None:
    answer = world.http.request(key.split()[0], world.path(key), content=content)
    assert answer.status_code in (400, 422), answer.text


@pytest.mark.parametrize("key", LISTS)
@given(data=st.data())
@_few
def test_pages_of_a_list_are_the_list(world: World, key: str, data: st.DataObject) -> None:
    known = OPERATIONS[key]["query"]
    order = {name: data.draw(st.none() | values(known[name])) for name in ("orderBy", "sortOrder")}
    query = {name: value for name, value in order.items() if value is not None}
    path = world.path(key)[1:]
    whole = world.http.read(path, **query)
    most = max(1, len(whole["items"]))
    size = data.draw(st.integers(1 + most // 5, most))
    pages = list(world.http.pages(path, pageSize=size, **query))
    assert [item for page in pages for item in page["items"]] == whole["items"]
    assert all(page["size"] == len(page["items"]) <= size for page in pages)
    assert all(page["size"] == size for page in pages[:-1])
    field = {"CREATE_TIME": "createTimeSinceEpoch", "LAST_UPDATE_TIME": "lastUpdateTimeSinceEpoch"}
    column = field.get(query.get("orderBy", "ID"), "id")
    keys = [(int(item[column]), int(item["id"])) for item in whole["items"]]
    assert keys == sorted(keys, reverse=query.get("sortOrder") == "DESC")


@pytest.mark.parametrize("key", READS)
@given(data=st.data())
@_few
def test_whatever_is_asked_is_answered(world: World, key: str, data: st.DataObject) -> None:
    """Queries of the published form, and of any text: found, or refused in words."""
    query = {
        name: data.draw(st.one_of(values(schema), TEXTS, st.just("")))
        for name, schema in OPERATIONS[key]["query"].items()
        if data.draw(st.booleans())
    }
    answer = world.http.get(world.path(key), params=query)
    assert answer.status_code < 300 or answer.json()["message"]


@pytest.mark.parametrize("key", [key for key in OPERATIONS if "{" in key])
def test_what_is_not_there(world: World, key: str) -> None:
    """404, or as upstream an empty list; 400 for an id that is none."""
    method, path = key.split()
    body = None if method == "GET" else {"name": new_name(), **world.ids}
    for ident, refused in (("999999999", 404), ("none", 400), ("-", 400), ("9" * 30, 400)):
        at = re.sub(r"\{[^}]*\}", ident, path)
        answer = world.http.request(method, at, json=body)
        if answer.status_code == 200:
            assert (key in LISTS, ident, answer.json()["items"]) == (True, "999999999", [])
        else:
            assert answer.status_code in (refused, 400), answer.text


@pytest.mark.parametrize("key", FINDS)
def test_finding_needs_a_name_or_an_external_id(world: World, key: str) -> None:
    path = world.path(key)
    assert world.http.get(path).status_code == 400
    assert world.http.get(path, params={"externalId": new_name()}).status_code == 404
    gone = {"name": new_name(), "parentResourceId": "1"}
    assert world.http.get(path, params=gone).status_code == 404


@pytest.mark.parametrize("path", sorted({key.split()[1] for key in OPERATIONS}))
def test_nothing_is_deleted_or_put(world: World, path: str) -> None:
    at = world.path(f"DELETE {path}")
    for method in ("DELETE", "PUT"):
        request = world.http.build_request(method, at, json={})
        answer = httpx.Client.send(world.http, request)
        assert answer.status_code == 405
        check(ERROR, answer.json())


@pytest.mark.parametrize("key", READS)
def test_nothing_is_answered_without_the_token(world: World, key: str) -> None:
    request = world.http.build_request(
        "GET", world.path(key), headers={"Authorization": "Bearer wrong"}
    )
    answer = httpx.Client.send(world.http, request)
    assert answer.status_code == 401
    check(ERROR, answer.json())
