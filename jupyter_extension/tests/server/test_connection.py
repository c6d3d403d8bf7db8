"""``/kubeflow/connection``: profiles, discovery, credentials, and broken configuration told in words."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
import trustme
import yaml
from jupyterlab_kubeflow.connections import discovery
from jupyterlab_kubeflow.connections.threads import in_thread

from .conftest import SECRET, answer

STATE = "kubeflow/connection"


@pytest.fixture
def extension_config() -> dict[str, Any]:
    return {"discovery_timeout": 20, "state_timeout": 60, "plugin_timeout": 60}


@pytest.fixture
def kubeconfig(
    config_home: Path, tmp_path: Path, upstream: Any, monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Writes a kubeconfig whose cluster is the upstream; ``user`` is the user entry."""
    path = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(path))

    def write(user: dict[str, Any], context: str = "kind", **cluster: Any) -> Path:
        path.write_text(
            yaml.safe_dump(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": context,
                    "clusters": [{"name": "c", "cluster": {"server": upstream.url, **cluster}}],
                    "users": [{"name": "u", "user": user}],
                    "contexts": [
                        {
                            "name": context,
                            "context": {"cluster": "c", "user": "u", "namespace": "team-a"},
                        }
                    ],
                }
            )
        )
        return path

    return write


def cluster(upstream: Any, token: str = SECRET) -> None:
    """Lets the upstream answer like a Kubernetes API server with KFP in the namespace kubeflow."""

    def guarded(body: Any, status: str = "200 OK") -> Any:
        async def behave(request: Any, reader: Any, writer: Any) -> None:
            if request.headers.get("authorization") == f"Bearer {token}":
                await answer(json.dumps(body), status)(request, reader, writer)
            else:
                await answer("{}", "401 Unauthorized")(request, reader, writer)

        return behave

    services = "/api/v1/namespaces/kubeflow/services"
    names = [{"metadata": {"name": n}} for n in ("team-a", "kubeflow")]
    upstream.routes.update(
        {
            "/version": guarded({"gitVersion": "v1.34.1"}),
            "/api/v1/namespaces": guarded({"items": names}),
            f"{services}/ml-pipeline": guarded(
                {
                    "spec": {
                        "ports": [{"name": "grpc", "port": 8887}, {"name": "http", "port": 8888}]
                    }
                }
            ),
            f"{services}/ml-pipeline-ui": guarded(
                {"spec": {"ports": [{"name": "http", "port": 80}]}}
            ),
            f"{services}/ml-pipeline:8888/proxy/apis/v2beta1/healthz": guarded(
                {"tag_name": "2.15.0", "multi_user": False}
            ),
            f"{services}/ml-pipeline:8888/proxy/apis/v2beta1/runs": guarded({"runs": []}),
            "/api/v1/namespaces/team-a/pods": guarded({"items": []}),
        }
    )


async def test_local_is_the_default_and_is_not_started_by_looking(
    config_home: Path, fetch: Any
) -> None:
    reply = await fetch("GET", STATE)
    assert reply.status == 200
    state = reply.json
    assert state["active"] == "local"
    assert state["namespace"] == "kubeflow-user"
    assert state["profiles"] == [
        {"name": "local", "kind": "local", "namespaces": ["kubeflow-user"]}
    ]
    assert state["status"] == {"ok": True}
    assert state["components"]["pipelines"] == {"available": True, "via": "local"}
    assert state["components"]["kubernetes"] == {"available": True, "via": "local"}
    assert set(state["components"]) == {
        "kubernetes",
        "pipelines",
        "pipelines-ui",
        "registry",
        "feast",
        "feast-online",
        "inference",
        "katib-ui",
        "katib-db-manager",
    }
    assert all(c.get("reason") for c in state["components"].values() if not c["available"])
    assert "local-home" not in os.listdir(config_home.parent)


async def test_a_cluster_is_found_through_its_service_proxy(
    upstream: Any, kubeconfig: Any, fetch: Any, jp_serverapp: Any
) -> None:
    kubeconfig({"token": SECRET})
    cluster(upstream)
    reply = await fetch("PUT", STATE, body=b'{"active":"kind"}')
    assert reply.status == 200
    state = reply.json
    assert state["active"] == "kind"
    assert state["namespace"] == "team-a"
    assert {"name": "kind", "kind": "kubeconfig", "namespaces": ["kubeflow", "team-a"]} in state[
        "profiles"
    ]
    assert state["status"] == {"ok": True}
    assert state["components"]["kubernetes"] == {
        "available": True,
        "version": "v1.34.1",
        "via": "configured",
    }
    assert state["components"]["pipelines"] == {
        "available": True,
        "version": "2.15.0",
        "via": "service-proxy",
    }
    assert state["components"]["pipelines-ui"]["available"] is True
    assert SECRET not in reply.everything

    runs = await fetch("GET", "kubeflow/proxy/pipelines/apis/v2beta1/runs")
    assert runs.json == {"runs": []}
    pods = await fetch("GET", "kubeflow/proxy/kubernetes/api/v1/namespaces/team-a/pods?limit=5")
    assert pods.json == {"items": []}
    asked = len(upstream.requests)
    await fetch("GET", STATE)
    assert len(upstream.requests) == asked, "a fresh discovery is not repeated"


def plugin(tmp_path: Path, body: str) -> Path:
    script = tmp_path / "login-plugin"
    script.write_text(f"#!{sys.executable}\nimport json, os, sys, pathlib\n{body}\n")
    script.chmod(0o755)
    return script


def exec_user(script: Path) -> dict[str, Any]:
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": str(script),
            "args": ["get token"],
            "env": [{"name": "PLUGIN_FLAVOUR", "value": "sweet"}],
            "interactiveMode": "IfAvailable",
        }
    }


async def test_an_exec_plugin_is_run_again_on_401(
    upstream: Any,
    kubeconfig: Any,
    write_connections: Any,
    fetch: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = tmp_path / "calls"
    script = plugin(
        tmp_path,
        f"""
assert os.environ["PLUGIN_FLAVOUR"] == "sweet" and sys.argv[1] == "get token"
assert json.loads(os.environ["KUBERNETES_EXEC_INFO"])["spec"]["interactive"] is False
calls = pathlib.Path({str(calls)!r})
count = int(calls.read_text()) + 1 if calls.exists() else 1
calls.write_text(str(count))
print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                  "status": {{"token": f"plugin-token-{{count}}"}}}}))
""",
    )
    kubeconfig(exec_user(script))
    write_connections({"active": "kind"})
    cluster(upstream, "plugin-token-1")
    reply = await fetch("GET", STATE)
    assert reply.json["status"] == {"ok": True}
    assert calls.read_text() == "1"
    cluster(upstream, "plugin-token-2")
    pods = "kubeflow/proxy/kubernetes/api/v1/namespaces/team-a/pods"
    for _ in range(3):
        assert (await fetch("GET", pods)).status == 401
    assert calls.read_text() == "1", "refusals do not run it again and again"
    monkeypatch.setattr("jupyterlab_kubeflow.connections.cluster.REFRESH", 0.0)
    assert (await fetch("GET", pods)).status == 200
    assert calls.read_text() == "2"


async def test_rotated_certificates_leave_no_connections_behind(
    kubeconfig: Any, write_connections: Any, jp_serverapp: Any, tmp_path: Path
) -> None:
    write_connections({"active": "kind"})
    connections = jp_serverapp.web_app.settings["kubeflow_connections"]
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    made = []
    for number in range(5):
        own = authority.issue_cert("me")
        paths = {name: tmp_path / f"{name}-{number}.pem" for name in ("certificate", "key")}
        own.cert_chain_pems[0].write_to_path(str(paths["certificate"]))
        own.private_key_pem.write_to_path(str(paths["key"]))
        kubeconfig(
            {"client-certificate": str(paths["certificate"]), "client-key": str(paths["key"])},
            server="https://127.0.0.1:1",
            **{"certificate-authority": str(tmp_path / "ca.pem")},
        )
        upstream = await connections.upstream("kubernetes")
        made.append((upstream, await connections.pool(upstream)))
    assert len({id(pool) for _, pool in made}) == 5
    kept = [await connections.pool(upstream) is pool for upstream, pool in made]
    assert kept == [False, False, False, True, True]


async def test_an_expired_credential_is_loaded_again_before_use(
    upstream: Any, kubeconfig: Any, write_connections: Any, fetch: Any, tmp_path: Path
) -> None:
    calls = tmp_path / "calls"
    script = plugin(
        tmp_path,
        f"""
with open({str(calls)!r}, "a") as file: file.write("x")
print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
                  "status": {{"token": "short-lived-token", "expirationTimestamp": "2020-01-01T00:00:00Z"}}}}))
""",
    )
    kubeconfig(exec_user(script))
    write_connections({"active": "kind"})
    cluster(upstream, "short-lived-token")
    for _ in range(2):
        await fetch("GET", "kubeflow/proxy/kubernetes/api/v1/namespaces/team-a/pods")
    assert len(calls.read_text()) == 2
    assert all(r.headers["authorization"] == "Bearer short-lived-token" for r in upstream.requests)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sys.exit('please log in again')", "please log in again"),
        ("print('no json')", "not an ExecCredential"),
        (
            "print(json.dumps({'apiVersion': 'client.authentication.k8s.io/v1', 'status': {}}))",
            "neither a token nor a client certificate",
        ),
    ],
)
async def test_a_broken_exec_plugin_is_told_in_words(
    body: str, said: str, kubeconfig: Any, write_connections: Any, fetch: Any, tmp_path: Path
) -> None:
    kubeconfig(exec_user(plugin(tmp_path, body)))
    write_connections({"active": "kind"})
    reply = await fetch("GET", STATE)
    assert reply.status == 200
    assert reply.json["status"]["ok"] is False
    assert reply.json["status"]["reason"] == "Unauthorized"
    assert "login-plugin" in reply.json["status"]["message"]
    assert said in reply.json["status"]["message"]
    assert reply.json["components"]["pipelines"]["available"] is False


async def test_a_plugin_that_never_ends_is_ended_with_all_it_has_started(
    kubeconfig: Any, write_connections: Any, fetch: Any, tmp_path: Path, jp_serverapp: Any
) -> None:
    connections = jp_serverapp.web_app.settings["kubeflow_connections"]
    connections.timeouts = replace(connections.timeouts, plugin=2)
    started = tmp_path / "started"
    body = (
        "import pathlib, subprocess, time; helper = subprocess.Popen(['sleep', '600']); "
        f"pathlib.Path({str(started)!r}).write_text(str(helper.pid)); time.sleep(600)"
    )
    kubeconfig(exec_user(plugin(tmp_path, body)))
    write_connections({"active": "kind"})
    status = (await fetch("GET", STATE)).json["status"]
    assert (status["ok"], status["reason"]) == (False, "Unauthorized")
    assert "did not end within 2 s" in status["message"]
    with suppress(psutil.NoSuchProcess):
        helper = psutil.Process(int(started.read_text()))
        while helper.status() != psutil.STATUS_ZOMBIE:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_a_missing_exec_plugin(kubeconfig: Any, write_connections: Any, fetch: Any) -> None:
    kubeconfig(exec_user(Path("/nowhere/gke-auth")))
    write_connections({"active": "kind"})
    reply = await fetch("GET", STATE)
    assert "gke-auth" in reply.json["status"]["message"]


@pytest.mark.parametrize(
    "content",
    [
        "{ not yaml",
        "[]",
        "contexts: 5",
        "contexts: [{name: kind, context: {cluster: gone, user: u}}]\nclusters: []\nusers: []",
        "contexts: [{name: kind, context: 5}]",
        "contexts: [{name: kind, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 5}}]\nusers: 3",
        "contexts: [{name: kind, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://x.invalid', certificate-authority: /nowhere}}]",
    ],
)
async def test_a_broken_kubeconfig_is_a_status(
    content: str, tmp_path: Path, monkeypatch: Any, write_connections: Any, fetch: Any
) -> None:
    path = tmp_path / "broken"
    path.write_text(content)
    monkeypatch.setenv("KUBECONFIG", str(path))
    write_connections({"active": "kind"})
    reply = await fetch("GET", STATE)
    assert reply.status == 200
    assert reply.json["active"] == "kind"
    assert reply.json["status"]["ok"] is False
    assert "kind" in reply.json["status"]["message"]


async def test_a_cluster_that_is_down_or_slow_is_a_status(
    upstream: Any, kubeconfig: Any, write_connections: Any, fetch: Any, jp_serverapp: Any
) -> None:
    connections = jp_serverapp.web_app.settings["kubeflow_connections"]
    connections.timeouts = replace(connections.timeouts, probe=0.5)
    kubeconfig({"token": SECRET})
    write_connections({"active": "kind"})
    upstream.routes["*"] = upstream.waiting()
    reply = await fetch("GET", STATE)
    assert reply.json["status"]["reason"] == "UpstreamTimeout"
    upstream.server.close()
    await upstream.server.wait_closed()
    reply = await fetch("GET", "kubeflow/proxy/kubernetes/version")
    assert (reply.status, reply.json["reason"]) == (502, "UpstreamUnreachable")


@pytest.mark.parametrize("body", ["[]", "nonsense", '{"gitVersion": 5}'])
async def test_a_cluster_that_speaks_nonsense_is_a_status(
    body: str, upstream: Any, kubeconfig: Any, write_connections: Any, fetch: Any
) -> None:
    kubeconfig({"token": SECRET})
    write_connections({"active": "kind"})
    upstream.routes["*"] = answer(body)
    reply = await fetch("GET", STATE)
    assert reply.json["status"]["reason"] == "UpstreamInvalid"


async def test_reading_the_state_does_not_wait_for_a_slow_cluster(
    upstream: Any, kubeconfig: Any, write_connections: Any, fetch: Any, jp_serverapp: Any
) -> None:
    connections = jp_serverapp.web_app.settings["kubeflow_connections"]
    connections.timeouts = replace(connections.timeouts, probe=600, wait=0.2)
    kubeconfig({"token": SECRET})
    write_connections({"active": "kind"})
    upstream.routes["*"] = upstream.waiting()
    status = (await fetch("GET", STATE)).json["status"]
    assert (status["ok"], status["reason"]) == (False, "UpstreamTimeout")
    assert "the search goes on" in status["message"]


async def test_odd_lists_do_not_break_discovery(
    upstream: Any, kubeconfig: Any, write_connections: Any, fetch: Any
) -> None:
    kubeconfig({"token": SECRET})
    write_connections({"active": "kind"})
    upstream.routes["/version"] = answer('{"gitVersion":"v1"}')
    upstream.routes["*"] = answer('{"items":[1,{"metadata":3}],"spec":{"ports":[7]}}')
    reply = await fetch("GET", STATE)
    assert reply.status == 200
    assert reply.json["status"]["ok"] is True
    assert "port-forward" in reply.json["components"]["pipelines"]["reason"].lower()


async def test_an_open_data_hub_route_that_cannot_be_reached_is_passed_over(
    upstream: Any, kubeconfig: Any, write_connections: Any, fetch: Any
) -> None:
    kubeconfig({"token": SECRET})
    write_connections({"active": "kind"})
    cluster(upstream)
    group = "/apis/datasciencepipelinesapplications.opendatahub.io/v1/namespaces/team-a"
    url = "https://127.0.0.1/pipelines"
    item = {"status": {"components": {"apiServer": {"externalUrl": url}}}}
    upstream.routes[f"{group}/datasciencepipelinesapplications"] = answer(
        json.dumps({"items": [item]})
    )
    upstream.routes["/apis/route.openshift.io/v1/namespaces/team-a/routes"] = answer(
        json.dumps({"items": [admitted("127.0.0.1")]})
    )
    state = (await fetch("GET", STATE)).json
    assert state["components"]["pipelines"]["via"] == "service-proxy"


def admitted(host: str, status: str = "True") -> dict[str, Any]:
    """A Route and what a router says of it."""
    condition = {"type": "Admitted", "status": status}
    return {
        "spec": {"host": host},
        "status": {"ingress": [{"host": host, "conditions": [condition]}]},
    }


@pytest.mark.parametrize(
    ("published", "routes", "used"),
    [
        ("https://HOST/pipelines", [admitted("HOST")], True),
        ("https://HOST:443", [{}, admitted("other.example"), admitted("HOST")], True),
        ("https://HOST", None, False),
        ("https://HOST", [], False),
        ("https://HOST", [admitted("other.example")], False),
        ("https://HOST", [admitted("HOST", "False")], False),
        ("https://HOST", [{"spec": {"host": "HOST"}}], False),
        ("https://HOST:8443", [admitted("HOST")], False),
        ("https://HOST@evil.example", [admitted("HOST")], False),
        ("https://HOST.evil.example", [admitted("HOST")], False),
        ("http://HOST", [admitted("HOST")], False),
    ],
)
async def test_a_published_address_gets_the_token_only_where_an_admitted_route_leads(
    published: str,
    routes: Any,
    used: bool,
    upstream: Any,
    kubeconfig: Any,
    write_connections: Any,
    fetch: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kubeconfig({"token": SECRET})
    write_connections({"active": "kind"})
    upstream.routes["/version"] = answer('{"gitVersion":"v1.34.1"}')
    group = "/apis/datasciencepipelinesapplications.opendatahub.io/v1/namespaces/team-a"
    item = {"status": {"components": {"apiServer": {"externalUrl": published}}}}
    upstream.routes[f"{group}/datasciencepipelinesapplications"] = answer(
        json.dumps({"items": [item]}).replace("HOST", "kfp.example")
    )
    if routes is not None:
        upstream.routes["/apis/route.openshift.io/v1/namespaces/team-a/routes"] = answer(
            json.dumps({"items": routes}).replace("HOST", "kfp.example")
        )
    asked: list[str] = []

    async def fetched(clients: Any, to: Any, path: str, timeout: float) -> tuple[int, Any]:
        if to.url.startswith(upstream.url):
            return await cluster_fetch(clients, to, path, timeout)
        assert to.headers["Authorization"] == f"Bearer {SECRET}"
        asked.append(to.url)
        return 200, {"tag_name": "2.15.0"}

    cluster_fetch = discovery.fetch
    monkeypatch.setattr("jupyterlab_kubeflow.connections.cluster.fetch", fetched)
    component = (await fetch("GET", STATE)).json["components"]["pipelines"]
    assert component["available"] is used
    if used:
        assert component["via"] == "route"
        assert asked == [published.replace("HOST", "kfp.example")]
    else:
        assert asked == []
        assert "DataSciencePipelinesApplication" in component["reason"]
        assert "connections.json" in component["reason"]


async def test_the_pods_own_cluster(
    upstream: Any,
    tmp_path: Path,
    monkeypatch: Any,
    write_connections: Any,
    fetch: Any,
    jp_serverapp: Any,
) -> None:
    account = tmp_path / "account"
    account.mkdir()
    (account / "token").write_text(SECRET)
    (account / "namespace").write_text("team-b")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(upstream.port))
    monkeypatch.setenv("KUBEFLOW_SERVICE_ACCOUNT_DIR", str(account))
    kfp_token = tmp_path / "kfp-token"
    kfp_token.write_text("projected-kfp-token")
    monkeypatch.setenv("KF_PIPELINES_SA_TOKEN_PATH", str(kfp_token))
    connections = jp_serverapp.web_app.settings["kubeflow_connections"]
    connections.timeouts = replace(connections.timeouts, probe=0.3)
    service = {"url": upstream.url, "auth": {"type": "kfp"}}
    write_connections({"profiles": {"in-cluster": {"services": {"pipelines": service}}}})
    state = (await fetch("GET", STATE)).json
    assert state["active"] == "in-cluster"
    assert state["namespace"] == "team-b"
    assert state["components"]["pipelines"] == {"available": True, "via": "configured"}
    assert state["components"]["kubernetes"]["available"] is False, "the upstream speaks no TLS"
    upstream.routes["*"] = answer()
    await fetch("GET", "kubeflow/proxy/pipelines/apis/v2beta1/runs")
    assert upstream.requests[-1].headers["authorization"] == "Bearer projected-kfp-token"


class TestAllowedNamespaces:
    """``kubernetes_namespaces``."""

    @pytest.fixture
    def extension_config(self) -> dict[str, Any]:
        return {"kubernetes_namespaces": ["team-b", "team-a"]}

    @pytest.mark.parametrize("may_list", [True, False])
    async def test_are_offered_and_the_first_is_active_where_the_own_is_not_allowed(
        self,
        may_list: bool,
        upstream: Any,
        tmp_path: Path,
        monkeypatch: Any,
        write_connections: Any,
        fetch: Any,
    ) -> None:
        contexts = [
            {"name": name, "context": {"cluster": "c", "user": "u", **more}}
            for name, more in (
                ("none", {}),
                ("own", {"namespace": "team-a"}),
                ("other", {"namespace": "x"}),
            )
        ]
        path = tmp_path / "kubeconfig"
        clusters = [{"name": "c", "cluster": {"server": upstream.url}}]
        users = [{"name": "u", "user": {"token": SECRET}}]
        path.write_text(
            yaml.safe_dump({"clusters": clusters, "users": users, "contexts": contexts})
        )
        monkeypatch.setenv("KUBECONFIG", str(path))
        cluster(upstream)
        if not may_list:
            upstream.routes["/api/v1/namespaces"] = answer("{}", "403 Forbidden")
        for active, expected in (("none", "team-b"), ("own", "team-a"), ("other", "team-b")):
            write_connections({"active": active})
            state = (await fetch("GET", STATE)).json
            assert state["namespace"] == expected
            offered = {each["name"]: each["namespaces"] for each in state["profiles"]}
            listed = sorted({"team-a", expected}) if may_list else ["team-a", "team-b"]
            assert offered[active] == listed
            assert all(
                names == ["team-a", "team-b"] for name, names in offered.items() if name != active
            )
        write_connections({"active": "own", "namespaces": {"own": "kubeflow"}})
        assert (await fetch("GET", STATE)).json["namespace"] == "team-b", "remembered from before"
        reply = await fetch("PUT", STATE, body=b'{"namespace": "kubeflow"}')
        assert (reply.status, reply.json["details"]) == (403, {"field": "namespace"})


async def test_an_identity_header_goes_only_where_it_is_configured(
    upstream: Any, write_connections: Any, fetch: Any
) -> None:
    identity = {"type": "identity", "value": "me@example.org"}
    services = {
        "pipelines": {"url": upstream.url, "auth": identity},
        "pipelines-ui": {"url": upstream.url},
    }
    write_connections({"active": "x", "profiles": {"x": {"services": services}}})
    upstream.routes["*"] = answer()
    await fetch("GET", "kubeflow/proxy/pipelines/apis/v2beta1/runs", {"kubeflow-userid": "other"})
    assert upstream.requests[-1].headers["kubeflow-userid"] == "me@example.org"
    await fetch("GET", "kubeflow/proxy/pipelines-ui/k8s/pod/logs", {"kubeflow-userid": "other"})
    assert "kubeflow-userid" not in upstream.requests[-1].headers


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("{", ""),
        ("[]", ""),
        ({"actve": "x"}, "actve"),
        ({"active": 5}, "active"),
        ({"namespaces": {"x": "Not A Namespace"}}, "namespaces.x"),
        ({"profiles": {"p": {"services": {"pipelines": {}}}}}, "profiles.p.services.pipelines"),
        ({"profiles": {"p": {"services": {"feast": {"url": "http://x"}}}}}, "profiles.p.services"),
        (
            {"profiles": {"p": {"services": {"pipelines": {"url": "file:///etc/passwd"}}}}},
            "profiles.p.services.pipelines.url",
        ),
        (
            {"profiles": {"p": {"services": {"pipelines": {"url": "https://u:pw@x"}}}}},
            "profiles.p.services.pipelines.url",
        ),
        (
            {
                "profiles": {
                    "p": {"services": {"pipelines": {"url": "http://x", "auth": {"type": "basic"}}}}
                }
            },
            "profiles.p.services.pipelines.auth.type",
        ),
        (
            {
                "profiles": {
                    "p": {
                        "services": {"pipelines": {"url": "http://x", "auth": {"type": "bearer"}}}
                    }
                }
            },
            "profiles.p.services.pipelines.auth",
        ),
    ],
)
async def test_a_bad_file_names_the_field_and_is_left_alone(
    content: Any, field: str, write_connections: Any, fetch: Any
) -> None:
    path = write_connections(content)
    before = path.read_bytes()
    reply = await fetch("GET", STATE)
    assert reply.status == 200
    status = reply.json["status"]
    assert (status["ok"], status["reason"]) == (False, "Invalid")
    assert str(path) in status["message"]
    assert field in status["message"]
    put = await fetch("PUT", STATE, body=b'{"active":"local"}')
    assert (put.status, put.json["reason"]) == (422, "Invalid")
    assert path.read_bytes() == before
    proxied = await fetch("GET", "kubeflow/proxy/pipelines/apis/v2beta1/runs")
    assert (proxied.status, proxied.json["reason"]) == (422, "Invalid")


@pytest.mark.parametrize(
    ("service", "field"),
    [
        ({"url": "https://user:S3CRET@host"}, "url"),
        ({"url": "https://host", "auth": "S3CRET"}, "auth"),
        ({"url": "https://host", "auth": {"type": "Bearer S3CRET"}}, "auth.type"),
        ({"url": "https://host", "auth": {"type": "bearer", "S3CRET": ""}}, "auth"),
        ({"url": ["S3CRET"]}, "url"),
        ({"url": "https://host", "S3CRET": 1}, "pipelines"),
    ],
)
async def test_a_credential_in_the_wrong_place_is_not_repeated(
    service: Any, field: str, write_connections: Any, fetch: Any
) -> None:
    write_connections({"profiles": {"p": {"services": {"pipelines": service}}}})
    for reply in (
        await fetch("GET", STATE),
        await fetch("PUT", STATE, body=b'{"active":"local"}'),
        await fetch("GET", "kubeflow/proxy/pipelines/apis/v2beta1/runs"),
    ):
        assert "S3CRET" not in reply.everything
        assert f"{field}: " in reply.everything


async def test_remembers_profile_and_namespace_and_keeps_the_rest(
    kubeconfig: Any, upstream: Any, write_connections: Any, fetch: Any
) -> None:
    kubeconfig({"token": SECRET})
    cluster(upstream)
    profile = {"namespaces": ["extra"], "services": {"pipelines": {"url": "http://127.0.0.1:1"}}}
    path = write_connections({"profiles": {"mine": profile}})
    reply = await fetch("PUT", STATE, body=b'{"active":"kind","namespace":"team-b"}')
    assert (reply.json["active"], reply.json["namespace"]) == ("kind", "team-b")
    saved = json.loads(path.read_text())
    assert saved["active"] == "kind"
    assert saved["namespaces"] == {"kind": "team-b"}
    assert saved["profiles"] == {"mine": profile}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    reply = await fetch("PUT", STATE, body=b'{"active":"mine"}')
    assert reply.json["namespace"] == "default"
    assert reply.json["status"]["ok"] is True, "a configured service needs no kubeconfig context"
    assert {"name": "mine", "kind": "configured", "namespaces": ["default", "extra"]} in reply.json[
        "profiles"
    ]
    assert "connections.json" in reply.json["components"]["kubernetes"]["reason"]
    reply = await fetch("PUT", STATE, body=b'{"active":"kind"}')
    assert reply.json["namespace"] == "team-b"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        (b'{"active":"nowhere"}', 404, "active"),
        (b'{"active":5}', 400, "active"),
        (b'{"namespace":"No Namespace"}', 400, "namespace"),
        (b'{"namespace":"a/../b"}', 400, "namespace"),
        (b'{"kubeconfig":"/x"}', 400, "kubeconfig"),
        (b"[]", 400, None),
        (b"{", 400, None),
        (b"\xff\xfe", 400, None),
        (b"[" * 100_000, 400, None),
    ],
)
async def test_refuses_a_bad_switch(
    body: bytes, status: int, field: str | None, config_home: Path, fetch: Any
) -> None:
    reply = await fetch("PUT", STATE, body=body)
    assert reply.status == status
    assert len(reply.json["message"]) > 20
    if field:
        assert reply.json["details"]["field"] == field
    assert not (config_home / "connections.json").exists()


async def test_refuses_an_oversize_switch(fetch: Any) -> None:
    body = b'{"active":"' + b"x" * (4 * 1024 * 1024) + b'"}'
    reply = await fetch("PUT", STATE, body=body)
    assert (reply.status, reply.json["reason"]) == (413, "TooLarge")


async def test_a_plugin_that_hangs_does_not_block_other_requests(
    kubeconfig: Any, write_connections: Any, fetch: Any, tmp_path: Path
) -> None:
    started, leave = tmp_path / "started", tmp_path / "leave"
    for pipe in (started, leave):
        os.mkfifo(pipe)
    script = plugin(
        tmp_path,
        f"open({str(started)!r}, 'w').close()\nopen({str(leave)!r}).read()\nsys.exit('left')",
    )
    kubeconfig(exec_user(script))
    write_connections({"active": "kind"})
    pending = asyncio.ensure_future(fetch("GET", STATE))
    await in_thread(started.read_text)
    assert (await fetch("GET", "api")).status == 200
    assert not pending.done()
    await in_thread(leave.write_text, "")
    assert "left" in (await pending).json["status"]["message"]
