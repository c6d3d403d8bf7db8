"""Reaching KFP through a port-forward that the server holds, at a cluster with its own certificate authority and client certificates."""

from __future__ import annotations

import asyncio
import glob
import os
import ssl
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from .conftest import SECRET, Upstream, answer
from .kubernetes_api import NAMESPACE, KubernetesApi
from .test_katib import ASKED, TRIAL, DbManager

STATE = "kubeflow/connection"
RUNS = "kubeflow/proxy/pipelines/apis/v2beta1/runs"
HEALTH = "/apis/v2beta1/healthz"


@pytest.fixture
def extension_config() -> dict[str, Any]:
    return {"discovery_timeout": 20, "state_timeout": 60}


@pytest.fixture(autouse=True)
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Temporary folders are made in one of the test's own, short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="pf-", dir="/tmp") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def api(
    jp_asyncio_loop: asyncio.AbstractEventLoop, authority: trustme.CA
) -> Iterator[KubernetesApi]:
    """The API server; it wants a client certificate of the authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "api.cluster.example").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED

    async def start() -> KubernetesApi:
        api = KubernetesApi()
        api.start(context)
        return api

    api = jp_asyncio_loop.run_until_complete(start())
    yield api
    api.server.stop()


@pytest.fixture
def kubeconfig(
    api: KubernetesApi,
    authority: trustme.CA,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_connections: Callable[[Any], Path],
) -> Callable[..., None]:
    """Writes a kubeconfig for the API server, and makes its context the active connection with these settings."""
    path = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(path))
    client = authority.issue_cert("me@example.org")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    client.private_key_pem.write_to_path(str(tmp_path / "key.pem"))
    client.cert_chain_pems[0].write_to_path(str(tmp_path / "cert.pem"))

    def write(profile: dict[str, Any] | None = None, **cluster: Any) -> None:
        server = {"server": f"https://127.0.0.1:{api.port}", "certificate-authority": "ca.pem"}
        user = {"client-certificate": "cert.pem", "client-key": "key.pem"}
        if api.token:
            user["token"] = api.token
        path.write_text(
            yaml.safe_dump(
                {
                    "clusters": [{"name": "c", "cluster": {**server, **cluster}}],
                    "users": [{"name": "u", "user": user}],
                    "contexts": [{"name": "kind", "context": {"cluster": "c", "user": "u"}}],
                }
            )
        )
        write_connections({"active": "kind", "profiles": {"kind": profile or {}}})

    return write


@pytest.fixture
def kfp(upstream: Upstream, api: KubernetesApi) -> Upstream:
    """KFP in a pod of the cluster."""
    api.add_kfp(**{"ml-pipeline-1": upstream.port})
    upstream.routes[HEALTH] = answer('{"tag_name":"2.15.0"}')
    upstream.routes["/apis/v2beta1/runs"] = answer('{"runs":[]}')
    return upstream


def sockets() -> list[str]:
    return glob.glob(os.path.join(tempfile.gettempdir(), "*", "*"))


async def test_kfp_is_reached_where_the_service_proxy_is_forbidden(
    kfp: Upstream, api: KubernetesApi, kubeconfig: Any, fetch: Any
) -> None:
    api.token = SECRET
    api.forbidden.add(f"{NAMESPACE}/services/ml-pipeline:8888/proxy{HEALTH}")
    kubeconfig()
    state = (await fetch("GET", STATE)).json
    assert state["status"] == {"ok": True}
    expected = {"available": True, "version": "2.15.0", "via": "port-forward"}
    assert state["components"]["pipelines"] == expected
    assert (await fetch("GET", RUNS)).json == {"runs": []}
    assert "authorization" not in kfp.requests[-1].headers, "the cluster's credential stays there"
    forwards = [path for path, _ in api.requests if path.endswith("/portforward")]
    assert set(forwards) == {f"{NAMESPACE}/pods/ml-pipeline-1/portforward"}, "a pod that is ready"

    (socket,) = sockets()
    assert stat.S_ISSOCK(os.stat(socket).st_mode)
    assert stat.S_IMODE(os.stat(os.path.dirname(socket)).st_mode) == 0o700


async def test_large_bodies_pass_both_ways(
    kfp: Upstream, api: KubernetesApi, kubeconfig: Any, fetch: Any
) -> None:
    kubeconfig()
    kfp.routes["/apis/v2beta1/runs"] = answer(b'"' + b"y" * 3_000_000 + b'"')
    body = b'{"display_name":"' + b"x" * 1_000_000 + b'"}'
    reply = await fetch("POST", RUNS, {"Content-Type": "application/json"}, body)
    assert reply.status == 200
    assert reply.body == b'"' + b"y" * 3_000_000 + b'"'
    assert kfp.requests[-1].body == body


async def test_a_token_for_kfp_goes_through_a_port_forward_only(
    kfp: Upstream, api: KubernetesApi, config_home: Path, kubeconfig: Any, fetch: Any
) -> None:
    api.objects[f"{NAMESPACE}/services/ml-pipeline:8888/proxy{HEALTH}"] = {"tag_name": "2.15.0"}
    (config_home / "kfp-token").write_text("token-for-kfp-alone\n")
    kubeconfig({"auth": {"type": "kfp", "tokenFile": "kfp-token"}})
    assert (await fetch("GET", RUNS)).status == 200
    assert kfp.requests[-1].headers["authorization"] == "Bearer token-for-kfp-alone"
    assert not [path for path, _ in api.requests if "/proxy" in path]
    assert not [given for _, given in api.requests if given and "kfp-alone" in given]


async def test_the_service_proxy_comes_first(
    kfp: Upstream, api: KubernetesApi, kubeconfig: Any, fetch: Any
) -> None:
    api.objects[f"{NAMESPACE}/services/ml-pipeline:8888/proxy{HEALTH}"] = {"tag_name": "2.15.0"}
    kubeconfig()
    state = (await fetch("GET", STATE)).json
    assert state["components"]["pipelines"]["via"] == "service-proxy"
    assert sockets() == []


async def test_a_new_pod_is_found_when_the_old_one_is_gone(
    kfp: Upstream, api: KubernetesApi, kubeconfig: Any, fetch: Any
) -> None:
    kubeconfig()
    assert (await fetch("GET", RUNS)).status == 200
    for forward in list(api.open):
        forward.close()
    await api.closed.wait()
    api.forbidden.add(f"{NAMESPACE}/pods/ml-pipeline-1/portforward")
    api.show(**{"ml-pipeline-2": kfp.port})
    assert (await fetch("GET", RUNS)).status == 200
    assert api.requests[-1][0] == f"{NAMESPACE}/pods/ml-pipeline-2/portforward"


async def test_what_fails_is_told_in_words(
    kfp: Upstream, api: KubernetesApi, kubeconfig: Any, fetch: Any
) -> None:
    kubeconfig()
    assert (await fetch("GET", RUNS)).status == 200
    for forward in list(api.open):
        forward.close()
    await api.closed.wait()

    api.show(**{"ml-pipeline-1": 1})
    reply = await fetch("GET", RUNS)
    assert (reply.status, reply.json["reason"]) == (502, "UpstreamUnreachable")
    assert (
        "ml-pipeline.kubeflow:8888 failed: connection refused by the pod" in reply.json["message"]
    )
    api.show()
    reply = await fetch("POST", RUNS, {"Content-Type": "application/json"}, b"x" * 500_000)
    assert "it has no pod that is ready" in reply.json["message"]
    api.show(**{"ml-pipeline-3": kfp.port})
    api.forbidden.add(f"{NAMESPACE}/pods/ml-pipeline-3/portforward")
    reply = await fetch("GET", RUNS)
    assert (reply.status, reply.json["reason"]) == (403, "Forbidden")
    assert "pods/portforward is not for you" in reply.json["message"]


async def test_a_switch_of_the_connection_ends_it(
    kfp: Upstream, api: KubernetesApi, kubeconfig: Any, fetch: Any
) -> None:
    kubeconfig()
    kfp.routes["/apis/v2beta1/runs"] = kfp.waiting(b"{")
    pending = asyncio.ensure_future(fetch("GET", RUNS))
    while not any(request.target == "/apis/v2beta1/runs" for request in kfp.requests):
        kfp.arrived.clear()
        await kfp.arrived.wait()
    assert api.open
    await fetch("PUT", STATE, body=b'{"active":"local"}')
    await api.closed.wait()
    await kfp.hung_up.wait()
    await pending
    assert sockets() == []


async def test_a_server_name_of_its_own_is_expected_in_the_certificate(
    kfp: Upstream, api: KubernetesApi, kubeconfig: Any, fetch: Any
) -> None:
    kubeconfig(**{"tls-server-name": "api.cluster.example"})
    assert (await fetch("GET", RUNS)).status == 200
    assert set(api.server_names) == {"api.cluster.example"}
    kubeconfig(**{"tls-server-name": "other.example"})
    status = (await fetch("GET", STATE)).json["status"]
    assert status["ok"] is False
    assert "certificate of another host" in status["message"]
    assert "api.cluster.example" in status["message"]


@pytest.mark.parametrize(
    ("host", "named"),
    [
        ("api.cluster.example", {}),
        ("10.1.2.3", {"tls-server-name": "api.cluster.example"}),
    ],
)
async def test_a_proxy_of_the_kubeconfig_is_used(
    host: str,
    named: dict[str, str],
    kfp: Upstream,
    api: KubernetesApi,
    kubeconfig: Any,
    fetch: Any,
) -> None:
    asked: list[bytes] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        there, back = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")

        async def copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
            while data := await source.read(65536):
                target.write(data)
                await target.drain()
            target.close()

        await asyncio.gather(copy(reader, back), copy(there, writer), return_exceptions=True)

    proxy = await asyncio.start_server(tunnel, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    kubeconfig(server=f"https://{host}:6443", **{"proxy-url": f"http://127.0.0.1:{port}"}, **named)
    assert (await fetch("GET", RUNS)).status == 200
    assert set(asked) == {f"CONNECT {host}:6443 HTTP/1.1".encode()}
    proxy.close()


async def test_a_proxy_that_cannot_be_reached_or_refuses_is_told(
    api: KubernetesApi, kubeconfig: Any, fetch: Any
) -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    proxy = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    kubeconfig(**{"proxy-url": f"http://me:proxy-password@127.0.0.1:{port}"})
    for words in ("407", "refused"):
        reply = await fetch("GET", "kubeflow/proxy/kubernetes/api/v1/namespaces")
        assert (reply.status, reply.json["reason"]) == (502, "UpstreamUnreachable")
        said = reply.json["message"]
        assert f"the proxy http://127.0.0.1:{port} (proxy-url in the kubeconfig)" in said
        assert words in said
        assert "proxy-password" not in said
        proxy.close()
        await proxy.wait_closed()
    assert api.requests == []


@pytest.mark.parametrize("proxy", ["ftp://x", "socks5://127.0.0.1:1", 5])
async def test_a_proxy_that_cannot_be_used_is_told_in_words(
    proxy: Any, kubeconfig: Any, fetch: Any
) -> None:
    kubeconfig(**{"proxy-url": proxy})
    status = (await fetch("GET", STATE)).json["status"]
    assert status["ok"] is False
    assert "proxy" in status["message"]


@pytest.fixture
def katib(api: KubernetesApi, kfp: Upstream) -> Iterator[DbManager]:
    """Katib's db-manager in a pod of the cluster, which has the trial."""
    manager = DbManager()
    manager.logs = [("2026-01-31T12:00:00Z", "loss", "0.5")]
    api.objects[TRIAL] = {"kind": "Trial"}
    port = {"name": "api", "port": 6789, "targetPort": "api"}
    api.objects[f"{NAMESPACE}/services/katib-db-manager"] = {
        "spec": {"ports": [port], "selector": {"katib.kubeflow.org/component": "db-manager"}}
    }
    api.show(**{"katib-db-manager-1": manager.port})
    yield manager
    manager.server.stop(None)


async def test_db_manager_is_asked_through_a_port_forward(
    katib: DbManager, api: KubernetesApi, kubeconfig: Any, fetch: Any
) -> None:
    api.token = SECRET
    kubeconfig()
    items = [{"metric": "loss", "time": "2026-01-31T12:00:00Z", "value": "0.5"}]
    assert (await fetch("GET", ASKED)).json["items"] == items
    assert api.requests[-1][0] == f"{NAMESPACE}/pods/katib-db-manager-1/portforward"
    for _ in range(2):
        assert (await fetch("GET", ASKED)).json["items"] == items
        assert api.requests[-1][0] == TRIAL, "one port-forward for all questions"
    assert all("authorization" not in sent for sent in katib.metadata), "the credential stays there"

    for forward in list(api.open):
        forward.close()
    await api.closed.wait()
    api.show(**{"katib-db-manager-2": katib.port})
    api.forbidden.add(f"{NAMESPACE}/pods/katib-db-manager-1/portforward")
    assert (await fetch("GET", ASKED)).status == 200, "a new pod is found"


async def test_why_a_port_forward_to_db_manager_fails_is_told(
    katib: DbManager, api: KubernetesApi, kubeconfig: Any, fetch: Any
) -> None:
    kubeconfig()
    api.show()
    reply = await fetch("GET", ASKED)
    assert (reply.status, reply.json["reason"]) == (502, "UpstreamUnreachable")
    assert "it has no pod that is ready" in reply.json["message"]
    api.show(**{"katib-db-manager-3": katib.port})
    api.forbidden.add(f"{NAMESPACE}/pods/katib-db-manager-3/portforward")
    reply = await fetch("GET", ASKED)
    assert (reply.status, reply.json["reason"]) == (403, "Forbidden")
    assert reply.json["service"] == "katib-db-manager", "it is not about the trial"
    assert "pods/portforward is not for you" in reply.json["message"]
    assert "katib-db-manager.kubeflow:6789" in reply.json["message"]
    api.forbidden.clear()
    assert (await fetch("GET", ASKED)).status == 200
