"""Model registries: finding them, choosing among several, and what passes to the one in use."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from jupyterlab_kubeflow.connections.registries import RegistryFinder
from jupyterlab_kubeflow.errors import KubeflowError

from .conftest import PROFILE, SECRET, answer
from .test_connection import STATE, admitted, cluster, kubeconfig  # noqa: F401 a fixture

PROXY = "kubeflow/proxy/registry"
ROOT = "/api/model_registry/v1alpha3"
MODELS = f"{ROOT}/registered_models"
EMPTY = answer('{"items":[],"nextPageToken":"","pageSize":0,"size":0}')
ROUTES = "/apis/route.openshift.io/v1/namespaces/{}/routes"


@pytest.fixture
def extension_config() -> dict[str, Any]:
    return {"discovery_timeout": 20, "state_timeout": 60}


def service(
    namespace: str, name: str, port: str = "http-api", **annotations: str
) -> dict[str, Any]:
    """A registry's Service."""
    return {
        "metadata": {"namespace": namespace, "name": name, "annotations": annotations},
        "spec": {"ports": [{"name": "metrics", "port": 1}, {"name": port, "port": 8080}]},
    }


def proxy(namespace: str, name: str) -> str:
    """Where the Kubernetes API's service proxy has a registry."""
    return f"/api/v1/namespaces/{namespace}/services/{name}:8080/proxy"


def have(upstream: Any, *services: dict[str, Any], path: str = "/api/v1/services") -> None:
    """Lets the cluster list these Services, with a registry behind each."""
    upstream.routes[path] = answer(json.dumps({"items": services}))
    for each in services:
        base = proxy(each["metadata"]["namespace"], each["metadata"]["name"])
        upstream.routes[f"{base}{MODELS}"] = EMPTY


@pytest.fixture
def kind(
    upstream: Any,
    kubeconfig: Any,  # noqa: F811
    write_connections: Any,
) -> Any:
    """A cluster as the active connection, with its namespace team-a."""
    kubeconfig({"token": SECRET})
    cluster(upstream)
    write_connections({"version": 1, "active": "kind"})
    return upstream


async def component(fetch: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await fetch("GET", STATE)).json["components"]["registry"]
    return found


async def test_registries_are_found_by_their_label(kind: Any, fetch: Any) -> None:
    have(
        kind,
        service("b", "two"),
        service("b", "one", displayName="First", description="For tests"),
        service("team-a", "own"),
        service("b", "none", port="grpc"),
    )
    assert await component(fetch) == {
        "available": True,
        "via": "service-proxy",
        "choice": "team-a/own",
        "choices": [
            {"name": "team-a/own", "displayName": "own"},
            {"name": "b/one", "displayName": "First", "description": "For tests"},
            {"name": "b/two", "displayName": "two"},
        ],
    }
    listed = [r.target for r in kind.requests if r.target.startswith("/api/v1/services?")]
    assert listed == ["/api/v1/services?labelSelector=component%3Dmodel-registry"]
    query = urlencode({"filterQuery": 'name = "a b"', "pageSize": 5})
    reply = await fetch("GET", f"{PROXY}{MODELS}?{query}")
    assert reply.status == 200
    assert kind.requests[-1].target == f"{proxy('team-a', 'own')}{MODELS}?{query}"


async def test_the_choice_is_kept(kind: Any, fetch: Any, config_home: Any) -> None:
    have(kind, service("b", "one"), service("b", "two"))
    state = (await fetch("PUT", STATE, body=b'{"registry":"b/two"}')).json
    assert state["components"]["registry"]["choice"] == "b/two"
    assert json.loads((config_home / "connections.json").read_text())["registries"] == {
        "kind": "b/two"
    }
    await fetch("GET", f"{PROXY}{MODELS}")
    assert kind.requests[-1].target == f"{proxy('b', 'two')}{MODELS}"
    await fetch("PUT", STATE, body=b'{"namespace":"kubeflow"}')
    assert (await component(fetch))["choice"] == "b/two"


async def test_another_registry_never_stands_in_for_the_one_chosen(
    kind: Any, fetch: Any, write_connections: Any
) -> None:
    have(kind, service("b", "one"))
    write_connections({"active": "kind", "registries": {"kind": "b/gone"}})
    found = await component(fetch)
    assert not found["available"]
    assert "b/gone" in found["reason"]
    assert found["choices"] == [{"name": "b/one", "displayName": "one"}]
    assert "choice" not in found
    before = len(kind.requests)
    reply = await fetch("POST", f"{PROXY}{MODELS}", body=b'{"name":"m"}')
    assert reply.status == 503
    assert "b/gone" in reply.json["message"]
    assert len(kind.requests) == before


@pytest.mark.parametrize(
    ("place", "passes"),
    [
        ("kind/b%2Fone", True),
        ("kind/b%2Ftwo", False),
        ("other/b%2Fone", False),
        ("kind/", False),
        (None, True),
    ],
)
async def test_a_request_meant_for_another_registry_is_refused(
    place: str | None, passes: bool, kind: Any, fetch: Any
) -> None:
    have(kind, service("b", "one"), service("b", "two"))
    await fetch("GET", STATE)
    before = len(kind.requests)
    headers = {"X-Kubeflow-Registry": place} if place else {}
    reply = await fetch("POST", f"{PROXY}{MODELS}", headers, b'{"name":"m"}')
    if passes:
        assert reply.status == 200
        assert "x-kubeflow-registry" not in kind.requests[-1].headers
    else:
        assert (reply.status, reply.json["reason"]) == (409, "Conflict")
        assert "b/one" in reply.json["message"]
        assert len(kind.requests) == before


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"registry": "b/none"}, 404, "b/one"),
        ({"registry": 5}, 400, "registry"),
        ({"registry": "b/one", "active": "local"}, 404, "b/one"),
    ],
)
async def test_refuses_a_bad_choice(
    body: Any, status: int, said: str, kind: Any, fetch: Any, config_home: Any
) -> None:
    have(kind, service("b", "one"))
    before = (config_home / "connections.json").read_text()
    reply = await fetch("PUT", STATE, body=json.dumps(body).encode())
    assert reply.status == status
    assert said in reply.json["message"]
    assert reply.json["details"]["field"] == "registry"
    assert (config_home / "connections.json").read_text() == before


async def test_known_namespaces_are_tried_where_not_all_may_be_listed(
    kind: Any, fetch: Any
) -> None:
    kind.routes["/api/v1/services"] = answer("{}", "403 Forbidden")
    services = "/api/v1/namespaces/{}/services"
    kind.routes[services.format("team-a")] = answer("{}", "403 Forbidden")
    have(kind, service("kubeflow", "model-registry"), path=services.format("kubeflow"))
    assert (await component(fetch))["choice"] == "kubeflow/model-registry"


async def test_why_none_is_found(kind: Any, fetch: Any) -> None:
    kind.routes["/api/v1/services"] = answer("{}", "403 Forbidden")
    kind.routes["/api/v1/namespaces/team-a/services"] = answer("{}", "403 Forbidden")
    found = await component(fetch)
    assert not found["available"]
    assert "component=model-registry" in found["reason"]
    assert "You may not list services in the namespaces team-a." in found["reason"]
    assert "services.registry" in found["reason"]


async def test_one_that_does_not_answer_is_told_with_the_others(kind: Any, fetch: Any) -> None:
    have(kind, service("b", "one"), service("b", "two"))
    kind.routes[f"{proxy('b', 'one')}{MODELS}"] = answer(
        '{"message":"database is down"}', "503 Service Unavailable"
    )
    found = await component(fetch)
    assert not found["available"]
    assert "database is down" in found["reason"]
    assert found["choice"] == "b/one"
    assert [each["name"] for each in found["choices"]] == ["b/one", "b/two"]


class TestNamespaces:
    """With a list of allowed namespaces, only these are looked into."""

    @pytest.fixture
    def extension_config(self) -> dict[str, Any]:
        return {
            "discovery_timeout": 20,
            "state_timeout": 60,
            "kubernetes_namespaces": ["team-a", "b"],
        }

    async def test_that_are_not_allowed_are_not_looked_into(self, kind: Any, fetch: Any) -> None:
        have(kind, service("kubeflow", "hidden"))
        have(kind, service("b", "one"), path="/api/v1/namespaces/b/services")
        assert (await component(fetch))["choice"] == "b/one"
        listed = {r.target.partition("?")[0] for r in kind.requests if "labelSelector" in r.target}
        assert listed == {f"/api/v1/namespaces/{name}/services" for name in ("team-a", "b")}


FORWARD = "forward://one.b:8080"


@pytest.mark.parametrize(
    ("in_cluster", "port", "answering", "via"),
    [
        (True, "http-api", "http://one.b.svc:8080", "in-cluster"),
        (True, "http-api", proxy("b", "one"), "service-proxy"),
        (False, "http-api", FORWARD, "port-forward"),
        (False, "http-api", "http://one.b.svc:8080", None),
        (True, "https-api", "http://one.b.svc:8080", None),
        (False, "https-api", FORWARD, None),
    ],
)
async def test_the_first_way_that_answers_is_taken(
    in_cluster: bool, port: str, answering: str, via: str | None
) -> None:
    async def get(path: str) -> tuple[int, Any]:
        listed = path.partition("?")[0] == "/api/v1/services"
        return (200, {"items": [service("b", "one", port)]}) if listed else (404, None)

    async def probe(_: str, base: str, path: str) -> tuple[int, Any]:
        if base != answering:
            raise KubeflowError(f"{base} cannot be reached.")
        return 200, {"items": []}

    finder = RegistryFinder("team-a", ["*"], in_cluster=in_cluster, get=get, probe=probe)
    found = await finder.find(None)
    assert (found.available, found.via) == (via is not None, via)
    assert found.choice == "b/one"
    if via is None:
        said = "cannot be reached" if port == "http-api" else "names no address of a Route"
        assert said in (found.reason or "")
    else:
        assert found.base == answering


@pytest.mark.parametrize(
    ("address", "routes", "used"),
    [
        ("HOST:443", [admitted("HOST")], True),
        ("https://HOST", [admitted("HOST")], True),
        ("HOST", [admitted("other.example")], False),
        ("HOST", [admitted("HOST", "False")], False),
        ("HOST:8443", [admitted("HOST")], False),
        ("HOST.evil.example", [admitted("HOST")], False),
        ("HOST@evil.example", [admitted("HOST")], False),
    ],
)
async def test_a_route_gets_the_token_only_where_it_is_admitted(
    address: str, routes: Any, used: bool, kind: Any, fetch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyterlab_kubeflow.connections import cluster as profiles

    annotations = {"routing.opendatahub.io/external-address-rest": address}
    secure = service("odh", "secure", "https-api", **annotations)
    text = json.dumps({"items": [secure]}).replace("HOST", "registry.example")
    kind.routes["/api/v1/services"] = answer(text)
    text = json.dumps({"items": routes}).replace("HOST", "registry.example")
    kind.routes[ROUTES.format("odh")] = answer(text)
    asked: list[str] = []
    real = profiles.fetch

    async def outside(clients: Any, upstream: Any, path: str, timeout: float) -> Any:
        if upstream.service != "registry":
            return await real(clients, upstream, path, timeout)
        assert upstream.headers["Authorization"] == f"Bearer {SECRET}"
        asked.append(upstream.url + path)
        return 200, {"items": []}

    monkeypatch.setattr(profiles, "fetch", outside)
    found = await component(fetch)
    assert found["available"] == used
    assert asked == ([f"https://registry.example{MODELS}?pageSize=1"] if used else [])


async def test_configured_registries_are_chosen_by_name(
    upstream: Any, write_connections: Any, config_home: Any, fetch: Any
) -> None:
    (config_home / "token").write_text(SECRET)
    upstream.routes["*"] = EMPTY
    auth = {"type": "bearer", "tokenFile": "token"}
    first, second = (
        {"url": f"{upstream.url}/{name}", "auth": auth} for name in ("first", "second")
    )
    write_connections(
        {"active": PROFILE, "profiles": {PROFILE: {"registries": {"A": first, "B b": second}}}}
    )
    choices = [{"name": name, "displayName": name} for name in ("A", "B b")]
    told = {"available": True, "via": "configured", "choices": choices}
    assert await component(fetch) == {**told, "choice": "A"}
    reply = await fetch("PUT", STATE, body=b'{"registry":"B b"}')
    assert reply.json["components"]["registry"] == {**told, "choice": "B b"}
    assert (await fetch("GET", f"{PROXY}{MODELS}")).status == 200
    assert upstream.requests[-1].target == f"/second{MODELS}"
    assert upstream.requests[-1].headers["authorization"] == f"Bearer {SECRET}"


async def test_a_configured_registry_takes_the_place_of_those_of_the_cluster(
    kind: Any, write_connections: Any, fetch: Any
) -> None:
    have(kind, service("b", "one"))
    kind.routes[f"/own{MODELS}"] = EMPTY
    services = {"registry": {"url": f"{kind.url}/own"}}
    write_connections(
        {
            "active": "kind",
            "registries": {"kind": "b/one"},
            "profiles": {"kind": {"services": services}},
        }
    )
    assert (await component(fetch))["via"] == "configured"
    assert (await fetch("GET", f"{PROXY}{MODELS}")).status == 200
    assert kind.requests[-1].target == f"/own{MODELS}"
    assert "authorization" not in kind.requests[-1].headers


@pytest.fixture
def registry(upstream: Any, write_connections: Any) -> Any:
    """The upstream as the registry of the active connection."""
    upstream.routes["*"] = answer("{}")
    services = {"registry": {"url": upstream.url}}
    write_connections({"active": PROFILE, "profiles": {PROFILE: {"services": services}}})
    return upstream


KINDS = (
    "registered_models",
    "model_versions",
    "artifacts",
    "model_artifacts",
    "inference_services",
    "serving_environments",
    "experiments",
    "experiment_runs",
)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *((method, f"/{kind}") for kind in KINDS for method in ("GET", "POST")),
        *((method, f"/{kind}/12") for kind in KINDS for method in ("GET", "PATCH")),
        *(("GET", f"/{kind[:-1]}?name=a&externalId=b&parentResourceId=1") for kind in KINDS),
        ("POST", "/registered_models/1/versions"),
        ("GET", "/model_versions/1/artifacts?artifactType=metric"),
        ("POST", "/experiments/1/experiment_runs"),
        ("POST", "/experiment_runs/1/artifacts"),
        ("POST", "/serving_environments/1/inference_services"),
        ("POST", "/inference_services/1/serves"),
        ("GET", "/inference_services/1/model"),
        ("GET", "/inference_services/1/version"),
        ("GET", "/experiment_runs/1/metric_history?name=loss&stepIds=1%2C2"),
        ("GET", "/experiment_runs/metric_history"),
        ("GET", "/artifacts?orderBy=ID&sortOrder=DESC&nextPageToken=x&pageSize=1&filterQuery=a"),
    ],
)
async def test_what_the_api_has_passes(method: str, path: str, registry: Any, fetch: Any) -> None:
    body = b"{}" if method != "GET" else b""
    reply = await fetch(method, f"{PROXY}{ROOT}{path}", body=body)
    assert reply.status == 200, reply.everything
    assert (registry.requests[-1].method, registry.requests[-1].target) == (method, ROOT + path)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", f"{MODELS}/1", 403),
        ("PUT", f"{MODELS}/1", 403),
        ("PATCH", MODELS, 403),
        ("POST", f"{MODELS}/1", 403),
        ("GET", f"{MODELS}/x", 403),
        ("GET", f"{MODELS}/1/artifacts", 403),
        ("GET", f"{MODELS}/1/versions/2", 403),
        ("POST", f"{ROOT}/inference_services/1/model", 403),
        ("POST", f"{ROOT}/registered_model", 403),
        ("POST", f"{ROOT}/experiment_runs/metric_history", 403),
        ("GET", f"{ROOT}/nothing", 403),
        ("GET", ROOT, 403),
        ("GET", "/api/model_registry/v1/registered_models", 403),
        ("GET", "/api/model_catalog/v1alpha1/sources", 403),
        ("GET", "/readyz/health", 403),
        ("GET", f"{MODELS}?sql=1", 400),
        ("GET", f"{MODELS}/../../x", 400),
        ("GET", f"{MODELS}/", 400),
    ],
)
async def test_nothing_else_passes(
    method: str, path: str, status: int, registry: Any, fetch: Any
) -> None:
    reply = await fetch(method, f"{PROXY}{path}", body=b"{}" if method != "GET" else b"")
    assert reply.status == status, reply.everything
    assert reply.json["service"] == "registry"
    assert registry.requests == []
