"""Credentials of a kubeconfig and of a pod: what is sent, when it is loaded again, and that nothing goes out without them."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from .conftest import SECRET, Upstream, answer
from .kubernetes_api import KubernetesApi

PODS = "kubeflow/proxy/kubernetes/api/v1/namespaces/team-a/pods"
V1 = "client.authentication.k8s.io/v1"


@pytest.fixture
def kubeconfig(
    config_home: Path, tmp_path: Path, upstream: Upstream, monkeypatch: Any, write_connections: Any
) -> Callable[..., Path]:
    """Writes a kubeconfig with this user, whose cluster is the upstream, and makes its context the active connection."""
    path = tmp_path / "kube" / "config"
    path.parent.mkdir()
    monkeypatch.setenv("KUBECONFIG", str(path))
    write_connections({"active": "kind"})
    upstream.routes["*"] = answer()

    def write(user: Any, users: Any = None, **cluster: Any) -> Path:
        content = {
            "clusters": [{"name": "c", "cluster": {"server": upstream.url, **cluster}}],
            "users": [{"name": "u", "user": user}] if users is None else users,
            "contexts": [{"name": "kind", "context": {"cluster": "c", "user": "u"}}],
        }
        path.write_text(yaml.safe_dump(content))
        return path

    return write


def refused(reply: Any, *words: str) -> None:
    assert reply.status in (403, 503), reply.everything
    for word in words:
        assert word in reply.json["message"]


def plugin(folder: Path, body: str) -> Path:
    """A credential plugin; ``give(**status)`` prints its credential, ``info`` is what it is told."""
    script = folder / "login-plugin"
    script.write_text(
        f"""#!{sys.executable}
import json, os, pathlib, sys, time
info = json.loads(os.environ["KUBERNETES_EXEC_INFO"])
def give(**status):
    print(json.dumps({{"apiVersion": info["apiVersion"], "kind": "ExecCredential", "status": status}}))
{body}
"""
    )
    script.chmod(0o755)
    return script


def runs(script: Path, **more: Any) -> dict[str, Any]:
    return {"exec": {"apiVersion": V1, "command": str(script), **more}}


def sent(upstream: Upstream) -> list[str | None]:
    return [request.headers.get("authorization") for request in upstream.requests]


@pytest.mark.parametrize(
    ("user", "authorization"),
    [
        ({"token": SECRET}, f"Bearer {SECRET}"),
        ({"username": "me", "password": "x:y"}, f"Basic {base64.b64encode(b'me:x:y').decode()}"),
        ({"token": SECRET, "exec": {"command": "/nowhere", "apiVersion": V1}}, f"Bearer {SECRET}"),
        ({}, None),
    ],
)
async def test_what_is_sent(
    user: Any, authorization: str | None, upstream: Any, kubeconfig: Any, fetch: Any
) -> None:
    kubeconfig(user)
    assert (await fetch("GET", PODS)).status == 200
    assert sent(upstream) == [authorization]


async def test_a_token_file_comes_first_and_is_read_again_when_it_changes(
    upstream: Any, kubeconfig: Any, fetch: Any
) -> None:
    path = kubeconfig({"tokenFile": "token", "token": "an-older-one"})
    for token in ("first-token", "second-token"):
        (path.parent / "token").write_text(f"{token}\n")
        await fetch("GET", PODS)
    assert sent(upstream) == ["Bearer first-token", "Bearer second-token"]
    (path.parent / "token").write_text("")
    refused(await fetch("GET", PODS), "tokenFile", "empty")
    (path.parent / "token").unlink()
    refused(await fetch("GET", PODS), "kind", str(path.parent / "token"))
    assert len(upstream.requests) == 2


@pytest.mark.parametrize(
    ("user", "users", "words"),
    [
        (None, [], ['the user "u"', "no kubeconfig has"]),
        ({"auth-provider": {"name": "magic"}}, None, ['auth-provider "magic"', "exec"]),
        ({"auth-provider": "oidc"}, None, ["auth-provider"]),
        (
            {"auth-provider": {"name": "oidc", "config": {"id-token": "broken"}}},
            None,
            ['auth-provider "oidc" gave no token'],
        ),
        ({"token": 5}, None, ["token of the user"]),
        ({"token": "a\nb"}, None, ["token of the user"]),
        ({"token": "two words"}, None, ["token of the user"]),
        ({"client-certificate-data": "!", "client-key-data": "!"}, None, ["base64"]),
        ({"client-key-data": "eA=="}, None, ["only one of client-certificate and client-key"]),
        ("text", None, ['the user "u"', "must be an object"]),
        ({"exec": "text"}, None, ["exec.command is missing"]),
        (
            {"exec": {"command": "x", "apiVersion": "client.authentication.k8s.io/v1alpha1"}},
            None,
            ["exec.apiVersion"],
        ),
        ({"exec": {"command": "x", "apiVersion": V1, "env": 5}}, None, ["exec.env"]),
        (
            {"exec": {"command": "x", "apiVersion": V1, "interactiveMode": "Perhaps"}},
            None,
            ["interactiveMode"],
        ),
        (
            {"exec": {"command": "x", "apiVersion": V1, "interactiveMode": "Always"}},
            None,
            ["terminal"],
        ),
        (
            {
                "exec": {
                    "command": "/no/gke-auth",
                    "apiVersion": V1,
                    "installHint": "Get it at https://x.",
                }
            },
            None,
            ['"gke-auth"', "cannot be run", "Get it at https://x."],
        ),
    ],
)
async def test_nothing_is_asked_without_the_credentials_that_are_named(
    user: Any, users: Any, words: list[str], upstream: Any, kubeconfig: Any, fetch: Any
) -> None:
    kubeconfig(user, users)
    refused(await fetch("GET", PODS), "kind", *words)
    status = (await fetch("GET", "kubeflow/connection")).json["status"]
    assert status["ok"] is False
    assert words[0] in status["message"]
    assert upstream.requests == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("sys.exit('please log in')", ["ended with 1", "please log in", "pip install login"]),
        ("give()", ["neither a token nor", "pip install login"]),
        ("give(clientCertificateData='x')", ["only one of a client certificate"]),
        ("give(token='a\\nb')", ["not text"]),
        ("give(token=5)", ["not text"]),
        ("give(token='x', expirationTimestamp='soon')", ["not an ExecCredential"]),
        ("print('[' * 100000)", ["not an ExecCredential"]),
        (
            "info['apiVersion'] = 'client.authentication.k8s.io/v1beta1'; give(token='x')",
            ["v1beta1"],
        ),
    ],
)
async def test_a_failing_plugin_names_itself_and_how_it_is_installed(
    body: str, words: list[str], upstream: Any, kubeconfig: Any, fetch: Any, tmp_path: Path
) -> None:
    kubeconfig(runs(plugin(tmp_path, body), installHint="Try pip install login."))
    refused(await fetch("GET", PODS), "login-plugin", *words)
    assert upstream.requests == []


@pytest.mark.parametrize("version", [V1, "client.authentication.k8s.io/v1beta1"])
async def test_what_a_plugin_is_told(
    version: str, upstream: Any, kubeconfig: Any, fetch: Any, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    body = f"open({str(told)!r}, 'w').write(json.dumps([info, sys.argv[1:], sys.stdin.read()])); give(token='t0')"
    script = plugin(tmp_path, body)
    os.rename(script, tmp_path / "kube" / "login")
    extension = {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "x"}}
    user = runs(Path("./login"), args=["get", 5], provideClusterInfo=True)
    user["exec"]["apiVersion"] = version
    user["exec"]["command"] = "./login"
    kubeconfig(user, **{"tls-server-name": "name", "extensions": [extension]})
    assert (await fetch("GET", PODS)).status == 200
    cluster = {"server": upstream.url, "tls-server-name": "name", "config": {"audience": "x"}}
    info = {
        "apiVersion": version,
        "kind": "ExecCredential",
        "spec": {"interactive": False, "cluster": cluster},
    }
    assert json.loads(told.read_text()) == [info, ["get", "5"], ""]


async def test_a_short_lived_token_is_used_as_long_as_it_lives(
    upstream: Any, kubeconfig: Any, fetch: Any, tmp_path: Path
) -> None:
    calls = tmp_path / "calls"
    body = f"""
with open({str(calls)!r}, "a") as file: file.write("x")
ends = time.strftime("%Y-%m-%dT%H:%M:%S.5Z", time.gmtime(time.time() + 50))
give(token="t0", expirationTimestamp=ends)
"""
    kubeconfig(runs(plugin(tmp_path, body)))
    for _ in range(3):
        await fetch("GET", PODS)
    assert calls.read_text() == "x", "50 s are less than the margin of a longer life"


async def test_a_plugin_that_fails_later_ends_the_use_of_the_old_token(
    upstream: Any, kubeconfig: Any, fetch: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("jupyterlab_kubeflow.connections.cluster.REFRESH", 0.0)
    logged_in = tmp_path / "logged-in"
    logged_in.touch()
    body = f"give(token='t0') if os.path.exists({str(logged_in)!r}) else sys.exit('logged out')"
    kubeconfig(runs(plugin(tmp_path, body)))
    assert (await fetch("GET", PODS)).status == 200
    logged_in.unlink()
    upstream.routes["*"] = answer("{}", "401 Unauthorized")
    asked = len(upstream.requests)
    refused(await fetch("GET", PODS), "login-plugin", "logged out")
    refused(await fetch("GET", PODS), "login-plugin", "logged out")
    assert len(upstream.requests) == asked + 1
    assert set(sent(upstream)) == {"Bearer t0"}
    logged_in.touch()
    upstream.routes["*"] = answer()
    assert (await fetch("GET", PODS)).status == 200


async def test_a_watch_that_is_refused_begins_with_fresh_credentials(
    upstream: Any, kubeconfig: Any, jp_ws_fetch: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr("jupyterlab_kubeflow.connections.cluster.REFRESH", 0.0)
    calls = tmp_path / "calls"
    body = f"""
calls = pathlib.Path({str(calls)!r})
calls.write_text((calls.read_text() if calls.exists() else "") + "x")
give(token=f"token-{{len(calls.read_text())}}")
"""
    kubeconfig(runs(plugin(tmp_path, body)))
    valid = "token-1"

    async def watch(request: Any, reader: Any, writer: Any) -> None:
        good = request.headers["authorization"] == f"Bearer {valid}"
        line = '{"type":"ADDED","object":{}}\n' if good else "{}"
        await answer(line, "200 OK" if good else "401 Unauthorized")(request, reader, writer)

    upstream.routes["*"] = watch
    socket = await jp_ws_fetch("kubeflow", "streams")
    for attempt in ("1", "2"):
        frame = {"op": "subscribe", "id": attempt, "service": "kubernetes", "format": "ndjson"}
        path = "/api/v1/namespaces/team-a/pods"
        await socket.write_message(
            json.dumps({**frame, "path": path, "query": {"watch": True}, "credit": 1000})
        )
        told = [json.loads(await asyncio.wait_for(socket.read_message(), 20)) for _ in range(3)]
        assert [frame["op"] for frame in told] == ["open", "data", "end"]
        valid = "token-2"
    socket.close()
    assert sent(upstream) == [f"Bearer token-{n}" for n in (1, 1, 2)]


ACTING = {
    "token": SECRET,
    "as": "jane",
    "as-uid": "7",
    "as-groups": ["devs", "ops"],
    "as-user-extra": {"Team/Name": ["a", "b"]},
}


@pytest.mark.parametrize("field", ["as", "as-uid", "as-groups", "as-user-extra"])
async def test_acting_as_somebody_else_is_refused_unless_it_is_allowed(
    field: str, upstream: Any, kubeconfig: Any, fetch: Any
) -> None:
    kubeconfig({"token": SECRET, field: ACTING[field]})
    reply = await fetch("GET", PODS, {"Impersonate-User": "root"})
    assert (reply.status, reply.json["reason"]) == (403, "Forbidden")
    assert "kubernetes_impersonation" in reply.json["message"]
    status = (await fetch("GET", "kubeflow/connection")).json["status"]
    assert (status["ok"], status["reason"]) == (False, "Forbidden")
    assert upstream.requests == []


class TestImpersonation:
    """Where it is allowed."""

    @pytest.fixture
    def extension_config(self) -> dict[str, Any]:
        return {"kubernetes_impersonation": True}

    async def test_the_kubeconfig_says_whom_to_act_as(
        self, upstream: Any, kubeconfig: Any, fetch: Any
    ) -> None:
        heads: list[str] = []
        kubeconfig(ACTING)

        async def behave(request: Any, reader: Any, writer: Any) -> None:
            heads.extend(f"{k}: {v}" for k, v in request.lines if k.startswith("impersonate"))
            await answer()(request, reader, writer)

        upstream.routes["*"] = behave
        browser = {"Impersonate-User": "root", "Impersonate-Group": "system:masters"}
        assert (await fetch("GET", PODS, browser)).status == 200
        assert heads == [
            "impersonate-user: jane",
            "impersonate-uid: 7",
            "impersonate-group: devs",
            "impersonate-group: ops",
            "impersonate-extra-team%2fname: a",
            "impersonate-extra-team%2fname: b",
        ]

    @pytest.mark.parametrize(
        ("user", "field"),
        [
            ({"as-groups": ["x"]}, "as of the user"),
            ({"as": "x", "as-groups": "y"}, "as-groups"),
            ({"as": "x\ny"}, "as of the user"),
            ({"as": "x", "as-user-extra": [1]}, "as-user-extra"),
        ],
    )
    async def test_a_malformed_one_names_the_field(
        self, user: Any, field: str, upstream: Any, kubeconfig: Any, fetch: Any
    ) -> None:
        kubeconfig({"token": SECRET, **user})
        refused(await fetch("GET", PODS), field)
        assert upstream.requests == []


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def api(jp_asyncio_loop: Any, authority: trustme.CA) -> Iterator[KubernetesApi]:
    """An API server that wants a client certificate of the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED

    async def start() -> KubernetesApi:
        api = KubernetesApi()
        api.objects["/api/v1/namespaces/team-a/pods"] = {"items": []}
        api.start(context)
        return api

    api = jp_asyncio_loop.run_until_complete(start())
    yield api
    api.server.stop()


def issue(authority: trustme.CA, name: str) -> tuple[str, str]:
    """A client certificate and its key."""
    made = authority.issue_cert(common_name=name)
    return made.cert_chain_pems[0].bytes().decode(), made.private_key_pem.bytes().decode()


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def test_certificates_as_data_and_from_a_plugin(
    api: Any, authority: Any, kubeconfig: Any, fetch: Any, tmp_path: Path
) -> None:
    certificate, key = issue(authority, "carol")
    ca = "# Stammzertifikat für Tests\n" + authority.cert_pem.bytes().decode()
    server = {
        "server": f"https://127.0.0.1:{api.port}",
        "certificate-authority-data": encoded(ca),
    }
    data = {"client-certificate-data": encoded(certificate), "client-key-data": encoded(key)}
    kubeconfig(data, **server)
    assert (await fetch("GET", PODS)).status == 200
    given, given_key = issue(authority, "dave")
    body = f"give(clientCertificateData={given!r}, clientKeyData={given_key!r})"
    kubeconfig(runs(plugin(tmp_path, body)), **server)
    assert (await fetch("GET", PODS)).status == 200
    assert api.peers == ["carol", "dave"]


async def test_files_are_found_beside_the_kubeconfig_that_names_them_and_read_again(
    api: Any,
    authority: Any,
    tmp_path: Path,
    monkeypatch: Any,
    config_home: Path,
    write_connections: Any,
    fetch: Any,
) -> None:
    clusters, users = tmp_path / "clusters", tmp_path / "users"
    for folder in (clusters, users):
        folder.mkdir()
    authority.cert_pem.write_to_path(str(clusters / "ca.pem"))

    def certify(name: str) -> None:
        certificate, key = issue(authority, name)
        (users / "cert.pem").write_text(certificate)
        (users / "key.pem").write_text(key)

    server = {"server": f"https://127.0.0.1:{api.port}", "certificate-authority": "ca.pem"}
    user = {"client-certificate": "cert.pem", "client-key": "./key.pem"}
    context = {"cluster": "c", "user": "u"}
    wrong = [{"name": "u", "user": {"token": "of the second file"}}]
    (clusters / "config").write_text(
        yaml.safe_dump(
            {
                "clusters": [{"name": "c", "cluster": server}],
                "contexts": [{"name": "kind", "context": context}],
            }
        )
    )
    (users / "config").write_text(yaml.safe_dump({"users": [{"name": "u", "user": user}]}))
    (users / "later").write_text(yaml.safe_dump({"users": wrong}))
    files = [clusters / "config", tmp_path / "missing", users / "config", users / "later"]
    monkeypatch.setenv("KUBECONFIG", os.pathsep.join(map(str, files)))
    write_connections({"active": "kind"})
    for name in ("carol", "dave"):
        certify(name)
        assert (await fetch("GET", PODS)).status == 200
    assert api.peers == ["carol", "dave"]
    trustme.CA().cert_pem.write_to_path(str(clusters / "ca.pem"))
    reply = await fetch("GET", PODS)
    assert (reply.status, reply.json["reason"]) == (502, "UpstreamUnreachable")
    assert "not trusted" in reply.json["message"]


async def test_a_certificate_can_go_unchecked_and_a_bad_one_is_told(
    api: Any, authority: Any, kubeconfig: Any, fetch: Any
) -> None:
    certificate, key = issue(authority, "carol")
    data = {"client-certificate-data": encoded(certificate), "client-key-data": encoded(key)}
    server = {"server": f"https://127.0.0.1:{api.port}"}
    kubeconfig(data, **server, **{"insecure-skip-tls-verify": True})
    assert (await fetch("GET", PODS)).status == 200
    kubeconfig({**data, "client-key-data": encoded("no key")}, **server)
    reply = await fetch("GET", PODS)
    assert (reply.status, reply.json["reason"]) == (503, "NotConfigured")
    assert "certificates" in reply.json["message"]


async def test_a_certificate_of_another_host_is_told_with_its_hosts(
    kubeconfig: Any, authority: Any, tmp_path: Path, fetch: Any
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("api.cluster.example", "10.96.0.1").configure_cert(context)
    other = KubernetesApi()
    other.objects["/api/v1/namespaces/team-a/pods"] = {"items": []}
    other.start(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    server = {
        "server": f"https://127.0.0.1:{other.port}",
        "certificate-authority": str(tmp_path / "ca.pem"),
    }
    kubeconfig({"token": SECRET}, **server)
    reply = await fetch("GET", PODS)
    assert (reply.status, reply.json["reason"]) == (502, "UpstreamUnreachable")
    for words in ("127.0.0.1", "api.cluster.example", "10.96.0.1", "tls-server-name"):
        assert words in reply.json["message"]
    assert "authority" not in reply.json["message"]
    assert other.requests == [], "no credential goes there"
    kubeconfig({"token": SECRET}, **server, **{"tls-server-name": "gone.example"})
    assert "'gone.example'" in (await fetch("GET", PODS)).json["message"]
    kubeconfig({"token": SECRET}, **server, **{"tls-server-name": "api.cluster.example"})
    assert (await fetch("GET", PODS)).status == 200
    other.server.stop()


@pytest.mark.parametrize(
    ("user", "what"),
    [
        ({"token": SECRET}, "refuses the token"),
        ({"username": "me", "password": SECRET}, "refuses the name and password"),
        ({}, "there are none"),
    ],
)
async def test_refused_credentials_are_told_with_their_connection(
    user: Any, what: str, upstream: Any, kubeconfig: Any, fetch: Any, jp_ws_fetch: Any
) -> None:
    kubeconfig(user)
    unauthorized = {
        "kind": "Status",
        "code": 401,
        "reason": "Unauthorized",
        "message": "Unauthorized",
    }
    upstream.routes["*"] = answer(json.dumps(unauthorized), "401 Unauthorized")
    reply = await fetch("GET", PODS)
    assert (reply.status, reply.json["reason"]) == (401, "Unauthorized")
    state = (await fetch("GET", "kubeflow/connection")).json
    for told in (reply.json, state["status"]):
        for words in ('connection "kind"', what, "Log in to the cluster again", "kubeconfig"):
            assert words in told["message"]
        assert SECRET not in told["message"]


async def test_the_token_of_a_pod_is_read_again_when_it_is_rotated(
    api: Any, tmp_path: Path, monkeypatch: Any, config_home: Path, fetch: Any
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority = trustme.CA()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    pod = KubernetesApi()
    pod.objects["/api/v1/namespaces/team-a/pods"] = {"items": []}
    pod.start(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(pod.port))
    monkeypatch.setenv("KUBEFLOW_SERVICE_ACCOUNT_DIR", str(tmp_path))
    for token in ("first-token", "second-token"):
        (tmp_path / "token").write_text(token)
        assert (await fetch("GET", PODS)).status == 200
    (tmp_path / "token").write_text("\n")
    refused(await fetch("GET", PODS), str(tmp_path / "token"))
    assert [authorization for _, authorization in pod.requests] == [
        "Bearer first-token",
        "Bearer second-token",
    ]
    pod.server.stop()
