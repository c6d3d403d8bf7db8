"""What passes to the Kubernetes API and what does not, by default and by the settings."""

from __future__ import annotations

import asyncio
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kubernetes
import pytest
import yaml

from .conftest import SECRET, Request, Upstream, answer

TRAINJOBS = "/apis/trainer.kubeflow.org/v1alpha1/namespaces/team-a/trainjobs"
MERGE = {"Content-Type": "application/merge-patch+json"}


@pytest.fixture(autouse=True)
def cluster(
    upstream: Upstream,
    config_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    write_connections: Any,
) -> Upstream:
    """The upstream is the Kubernetes API of the active connection, and answers everything."""
    path = tmp_path / "kubeconfig"
    context = {"cluster": "c", "user": "u", "namespace": "team-a"}
    content = {
        "clusters": [{"name": "c", "cluster": {"server": upstream.url}}],
        "users": [{"name": "u", "user": {"token": SECRET}}],
        "contexts": [{"name": "kind", "context": context}],
    }
    path.write_text(yaml.safe_dump(content))
    monkeypatch.setenv("KUBECONFIG", str(path))
    write_connections({"active": "kind"})
    upstream.routes["*"] = answer()
    return upstream


@pytest.fixture
def limit(jp_serverapp: Any) -> Any:
    """Changes what passes, as the traits ``kubernetes_…`` do."""
    settings = jp_serverapp.web_app.settings

    def change(**changes: Any) -> None:
        limits = settings["kubeflow_limits"]
        settings["kubeflow_limits"] = replace(
            limits, kubernetes=replace(limits.kubernetes, **changes)
        )

    return change


@pytest.fixture
def ask(fetch: Any) -> Any:
    """A request to the Kubernetes API."""

    async def send(method: str, path: str, headers: Any = None, body: bytes = b"") -> Any:
        if method not in ("GET", "HEAD", "DELETE"):
            body = body or b"{}"
        return await fetch(method, f"kubeflow/proxy/kubernetes{path}", headers, body)

    return send


def refused(reply: Any, *words: str) -> None:
    assert (reply.status, reply.json["reason"]) == (403, "Forbidden"), reply.everything
    for word in words:
        assert word in reply.json["message"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/namespaces/team-a/secrets"),
        ("GET", "/api/v1/namespaces/team-a/secrets/mine"),
        ("GET", "/api/v1/namespaces/team-a/secrets?watch=1"),
        ("POST", "/api/v1/namespaces/team-a/secrets"),
        ("DELETE", "/api/v1/namespaces/team-a/secrets"),
        ("GET", "/api/v1/secrets"),
        ("GET", "/api/v1/namespaces/team-a/%73ecrets"),
        ("GET", "/api/v1/watch/secrets"),
        ("GET", "/api/v1/watch/namespaces/team-a/pods"),
        ("GET", "/api/v1/proxy/namespaces/team-a/pods/p"),
        ("GET", "/apis/batch/v1/watch/jobs"),
        ("GET", "/api/v1/namespaces/team-a/services/http:x:80/proxy"),
        ("GET", "/api/v1/namespaces/team-a/services/x/proxy/path/below"),
        ("GET", "/api/v1/nodes/n/proxy"),
        ("GET", "/api/v1/namespaces/team-a/pods/p/proxy"),
        ("GET", "/api/v1/namespaces/team-a/pods/p/exec?command=id"),
        ("POST", "/api/v1/namespaces/team-a/pods/p/exec?command=id"),
        ("GET", "/api/v1/namespaces/team-a/pods/p/attach"),
        ("GET", "/api/v1/namespaces/team-a/pods/p/portforward"),
        ("PATCH", "/api/v1/namespaces/team-a/pods/p/ephemeralcontainers"),
        ("POST", "/api/v1/namespaces/team-a/pods/p/binding"),
        ("POST", "/api/v1/namespaces/team-a/serviceaccounts/default/token"),
        ("POST", "/api/v1/namespaces/team-a/pods"),
        ("POST", "/api/v1/persistentvolumes"),
        ("DELETE", "/api/v1/namespaces/team-a/pods/p"),
        ("DELETE", "/api/v1/namespaces/team-a/pods"),
        ("POST", "/api/v1/namespaces"),
        ("PUT", "/api/v1/namespaces/team-a/finalize"),
        ("PATCH", "/apis/apps/v1/namespaces/team-a/deployments/d"),
        ("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"),
        ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"),
        ("POST", "/apis/authentication.k8s.io/v1/tokenreviews"),
        ("GET", "/apis/rbac.authorization.k8s.io/v1/clusterroles"),
        ("POST", "/apis"),
        ("GET", "/metrics"),
        ("GET", "/logs"),
        ("GET", "/api/v2/pods"),
        ("GET", f"{TRAINJOBS}/t/a/b"),
        ("GET", "/api/v1/nodes/n/metrics"),
        ("GET", "/api/v1/namespaces/team-a/pods/p/metrics"),
        ("DELETE", "/apis/metrics.k8s.io/v1beta1/namespaces/team-a/pods/p"),
    ],
)
async def test_what_does_not_pass(method: str, path: str, cluster: Any, ask: Any) -> None:
    refused(await ask(method, path))
    assert cluster.requests == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/apis"),
        ("GET", "/apis/trainer.kubeflow.org/v1alpha1"),
        ("GET", "/openapi/v3/apis/trainer.kubeflow.org/v1alpha1"),
        ("GET", "/version"),
        ("GET", "/api/v1/namespaces"),
        ("GET", "/api/v1/namespaces/team-a"),
        ("GET", "/api/v1/namespaces/team-a/pods/p/log?follow=true"),
        ("GET", "/api/v1/pods"),
        ("GET", "/apis/apps/v1/namespaces/team-a/deployments"),
        ("GET", f"{TRAINJOBS}?watch=1"),
        ("GET", f"{TRAINJOBS}/t/status"),
        ("GET", f"{TRAINJOBS}/t/metrics?since=7"),
        ("GET", "/apis/metrics.k8s.io/v1beta1/namespaces/team-a/pods"),
        ("POST", TRAINJOBS),
        ("POST", f"{TRAINJOBS}?dryRun=All&fieldManager=me&fieldValidation=Strict"),
        ("PUT", f"{TRAINJOBS}/t"),
        ("PATCH", f"{TRAINJOBS}/t"),
        ("PATCH", f"{TRAINJOBS}/t/status"),
        ("DELETE", f"{TRAINJOBS}/t"),
        ("DELETE", f"{TRAINJOBS}?labelSelector=a%3Db"),
        ("POST", "/apis/trainer.kubeflow.org/v1alpha1/clustertrainingruntimes"),
        ("POST", "/apis/batch/v1/namespaces/team-a/jobs"),
        ("POST", "/apis/jobset.x-k8s.io/v1alpha2/namespaces/team-a/jobsets"),
        ("POST", "/apis/kubeflow.org/v1beta1/namespaces/team-a/experiments"),
        ("POST", "/apis/serving.kserve.io/v1beta1/namespaces/team-a/inferenceservices"),
        ("PATCH", "/apis/kueue.x-k8s.io/v1beta2/namespaces/team-a/workloads/w"),
        ("POST", "/apis/leaderworkerset.x-k8s.io/v1/namespaces/team-a/leaderworkersets"),
        ("POST", "/apis/feast.dev/v1/namespaces/team-a/featurestores"),
        ("POST", "/api/v1/namespaces/team-a/configmaps"),
        ("POST", "/api/v1/namespaces/team-a/persistentvolumeclaims"),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"),
    ],
)
async def test_what_passes_by_default(method: str, path: str, cluster: Any, ask: Any) -> None:
    reply = await ask(method, path)
    assert reply.status == 200, reply.everything
    assert cluster.requests[-1].method == method
    assert cluster.requests[-1].target == path


@pytest.mark.parametrize(
    "kind",
    [
        "application/json-patch+json",
        "application/merge-patch+json",
        "application/strategic-merge-patch+json",
        "application/apply-patch+yaml",
    ],
)
async def test_what_a_patch_is_made_of_passes(kind: str, cluster: Any, ask: Any) -> None:
    body = b"spec:\n  suspend: true\n"
    target = f"{TRAINJOBS}/t?fieldManager=me&force=true&dryRun=All"
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    await ask("PATCH", target, {"Content-Type": kind, "Accept": accept}, body)
    sent = cluster.requests[-1]
    assert (sent.target, sent.body) == (target, body)
    assert sent.headers["content-type"] == kind
    assert sent.headers["accept"] == accept


async def test_warnings_and_retry_after_come_back(cluster: Any, ask: Any) -> None:
    async def behave(_: Request, __: Any, writer: Any) -> None:
        writer.write(
            b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 2\r\nContent-Type: text/plain\r\nRetry-After: 7\r\n"
            b'Warning: 299 - "one"\r\nWarning: 299 - "two \xe2\x80\xa6, \xc3\xa9"\r\nX-Internal: x\r\n\r\nno'
        )

    cluster.routes["*"] = behave
    reply = await ask("GET", TRAINJOBS)
    assert (reply.status, reply.headers["retry-after"]) == (429, "7")
    warning = reply.headers["warning"].encode("latin-1").decode("utf-8")
    assert warning == '299 - "one", 299 - "two …, é"'
    assert "x-internal" not in reply.headers


@pytest.mark.parametrize("header", ["Impersonate-User", "impersonate-group", "Impersonate-Extra-a"])
async def test_a_browser_cannot_act_as_somebody_else(header: str, cluster: Any, ask: Any) -> None:
    await ask("GET", TRAINJOBS, {header: "root"})
    assert not [name for name in cluster.requests[-1].headers if name.startswith("impersonate")]


async def test_groups_verbs_and_writable_limit(cluster: Any, ask: Any, limit: Any) -> None:
    limit(groups=("batch",))
    refused(await ask("GET", TRAINJOBS), "trainer.kubeflow.org", "kubernetes_groups")
    review = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    assert (await ask("POST", review)).status == 200, "one's own access may always be asked for"
    jobs = "/apis/batch/v1/namespaces/team-a/jobs"
    limit(verbs=("get", "list", "create", "deletecollection"))
    assert (await ask("POST", jobs)).status == 200
    assert (await ask("DELETE", jobs)).status == 200
    refused(await ask("DELETE", f"{jobs}/j"), "verb delete on jobs.batch", "kubernetes_verbs")
    limit(writable=("cronjobs.batch",))
    refused(await ask("POST", jobs), "Changing jobs.batch (create)", "kubernetes_writable")
    assert (await ask("POST", "/apis/batch/v1/namespaces/team-a/cronjobs")).status == 200
    limit(groups=("",), writable=("*",))
    assert (await ask("POST", "/api/v1/namespaces/team-a/pods")).status == 200
    refused(await ask("POST", "/api/v1/namespaces/team-a/secrets"), "kubernetes_secrets")


async def test_secrets_pass_when_a_setting_says_so(cluster: Any, ask: Any, limit: Any) -> None:
    secrets = "/api/v1/namespaces/team-a/secrets"
    limit(secrets=True)
    assert (await ask("GET", secrets)).status == 200
    refused(await ask("POST", secrets), "Changing secrets", "kubernetes_writable")
    limit(writable=("secrets",))
    assert (await ask("POST", secrets)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "passes"),
    [
        ("GET", TRAINJOBS, True),
        ("POST", TRAINJOBS, True),
        ("GET", "/api/v1/namespaces/team-a/pods/p/log", True),
        ("GET", "/api/v1/namespaces/team-a", True),
        ("GET", "/api/v1/namespaces/team-a/status", True),
        ("GET", "/api/v1/nodes", True),
        ("GET", "/apis/trainer.kubeflow.org/v1alpha1/clustertrainingruntimes?watch=1", True),
        ("GET", "/apis", True),
        ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", True),
        ("GET", "/apis/trainer.kubeflow.org/v1alpha1/trainjobs", False),
        ("GET", "/apis/trainer.kubeflow.org/v1alpha1/trainjobs?watch=1", False),
        (
            "GET",
            "/apis/trainer.kubeflow.org/v1alpha1/trainjobs?fieldSelector=metadata.name%3Da",
            False,
        ),
        ("DELETE", "/apis/trainer.kubeflow.org/v1alpha1/trainjobs", False),
        ("GET", "/apis/batch/v1/clustertrainingruntimes", False),
        ("GET", "/api/v1/pods", False),
        ("GET", "/api/v1/namespaces", False),
        ("GET", "/api/v1/namespaces?watch=1", False),
        ("GET", "/api/v1/namespaces/other", False),
        ("GET", "/api/v1/namespaces/other/status", False),
        ("GET", "/api/v1/namespaces/other/pods/p/log", False),
        ("GET", "/api/v1/namespaces/team-a2/pods", False),
        ("POST", "/apis/batch/v1/namespaces/other/jobs", False),
    ],
)
async def test_namespaces_limit(
    method: str, path: str, passes: bool, cluster: Any, ask: Any, limit: Any
) -> None:
    limit(namespaces=("team-a", "team-b"))
    reply = await ask(method, path)
    if passes:
        assert reply.status == 200, reply.everything
    else:
        refused(reply, "team-a, team-b", "kubernetes_namespaces")
        assert cluster.requests == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("watch=true&watch=false", 403),
        ("watch=false&watch=true", 403),
        ("watch=false&w%61tch=1", 403),
        ("watch=true", 403),
        ("watch=", 403),
        ("watch", 403),
        ("watch=0", 200),
        ("watch=False&limit=1&limit=2", 200),
    ],
)
async def test_a_watch_that_is_not_allowed_does_not_pass_however_it_is_spelt(
    query: str, status: int, cluster: Any, ask: Any, limit: Any
) -> None:
    limit(verbs=("get", "list"))
    reply = await ask("GET", f"/api/v1/namespaces/team-a/pods?{query}")
    assert reply.status == status
    assert len(cluster.requests) == (status == 200)


async def test_streams_keep_to_the_same_limits(cluster: Any, jp_ws_fetch: Any, limit: Any) -> None:
    limit(namespaces=("team-a",))
    socket = await jp_ws_fetch("kubeflow", "streams")
    for number, path in enumerate(
        ("/api/v1/secrets", "/api/v1/pods", "/api/v1/namespaces/team-a/pods/p/exec")
    ):
        frame = {"op": "subscribe", "id": str(number), "service": "kubernetes", "path": path}
        await socket.write_message(json.dumps({**frame, "query": {"watch": True}, "credit": 100}))
        told = json.loads(await asyncio.wait_for(socket.read_message(), 20))
        assert (told["op"], told["error"]["reason"]) == ("error", "Forbidden")
    socket.close()
    assert cluster.requests == []


class TestSettings:
    """The traits."""

    @pytest.fixture
    def extension_config(self) -> dict[str, Any]:
        return {
            "kubernetes_groups": ["", "batch"],
            "kubernetes_verbs": ["get", "create"],
            "kubernetes_namespaces": ["team-a"],
            "kubernetes_writable": ["configmaps"],
            "kubernetes_secrets": True,
        }

    async def test_they_are_heeded(self, cluster: Any, ask: Any, fetch: Any) -> None:
        assert (await ask("GET", "/api/v1/namespaces/team-a/secrets/s")).status == 200
        assert (await ask("POST", "/api/v1/namespaces/team-a/configmaps")).status == 200
        refused(await ask("GET", TRAINJOBS), "kubernetes_groups")
        refused(await ask("DELETE", "/api/v1/namespaces/team-a/configmaps/c"), "kubernetes_verbs")
        refused(await ask("GET", "/api/v1/namespaces/b/pods/p"), "kubernetes_namespaces")
        refused(await ask("POST", "/apis/batch/v1/namespaces/team-a/jobs"), "kubernetes_writable")

    async def test_no_other_namespace_is_offered_or_chosen(self, cluster: Any, fetch: Any) -> None:
        names = [{"metadata": {"name": name}} for name in ("team-a", "other")]
        cluster.routes["/version"] = answer('{"gitVersion":"v1.34.2"}')
        cluster.routes["/api/v1/namespaces"] = answer(json.dumps({"items": names}))
        state = (await fetch("GET", "kubeflow/connection")).json
        offered = {profile["name"]: profile["namespaces"] for profile in state["profiles"]}
        assert offered == {"local": ["team-a"], "kind": ["team-a"]}
        reply = await fetch("PUT", "kubeflow/connection", body=b'{"namespace":"other"}')
        refused(reply, '"other"', "team-a", "kubernetes_namespaces")
        assert reply.json["details"] == {"field": "namespace"}


REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


def review(**attributes: str) -> bytes:
    return json.dumps({"spec": {"resourceAttributes": attributes}}).encode()


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"resource": "pods", "verb": "delete"}, "pods to KubeflowExtension.kubernetes_writable"),
        (
            {"group": "apps", "resource": "deployments", "verb": "patch", "name": "web"},
            "deployments.apps to KubeflowExtension.kubernetes_writable",
        ),
        ({"resource": "secrets", "verb": "get"}, "KubeflowExtension.kubernetes_secrets"),
        ({"resource": "pods", "subresource": "exec", "verb": "create"}, "pods/exec never passes"),
        ({"resource": "configmaps", "verb": "escalate"}, "The verb escalate on configmaps"),
        ({"group": "rbac.authorization.k8s.io", "resource": "roles", "verb": "get"}, "API group"),
    ],
)
async def test_a_review_says_what_does_not_get_past_this_server(
    attributes: dict[str, str], said: str, cluster: Any, ask: Any
) -> None:
    reply = await ask("POST", REVIEWS, body=review(namespace="team-a", **attributes))
    assert reply.status == 201
    assert reply.json["status"]["allowed"] is False
    assert said in reply.json["status"]["reason"]
    assert reply.json["spec"]["resourceAttributes"]["verb"] == attributes["verb"]
    assert cluster.requests == []


@pytest.mark.parametrize(
    "body",
    [
        review(group="trainer.kubeflow.org", resource="trainjobs", verb="create", namespace="a"),
        review(resource="pods", verb="list"),
        b'{"spec": {"nonResourceAttributes": {"path": "/metrics", "verb": "get"}}}',
        b"nonsense",
        b"[]",
    ],
)
async def test_any_other_review_is_for_the_cluster(body: bytes, cluster: Any, ask: Any) -> None:
    cluster.routes[REVIEWS] = answer(b'{"status":{"allowed":true}}', "201 Created")
    reply = await ask("POST", REVIEWS, body=body)
    assert (reply.status, reply.json) == (201, {"status": {"allowed": True}})
    (request,) = cluster.requests
    assert request.body == body


async def test_a_review_keeps_to_the_namespaces(cluster: Any, ask: Any, limit: Any) -> None:
    limit(namespaces=("team-a",))
    asked = {"group": "trainer.kubeflow.org", "resource": "trainjobs", "verb": "list"}
    for namespace in ({}, {"namespace": "team-b"}):
        reply = await ask("POST", REVIEWS, body=review(**asked, **namespace))
        assert "Allowed are: team-a" in reply.json["status"]["reason"]


@pytest.fixture
def official(http_server: Any, jp_http_port: int, jp_base_url: str, jp_serverapp: Any) -> Any:
    """The official Python client through the proxy, with the Jupyter token."""
    configuration = kubernetes.client.Configuration()
    configuration.host = f"http://localhost:{jp_http_port}{jp_base_url}kubeflow/proxy/kubernetes"
    configuration.api_key = {"authorization": f"Bearer {jp_serverapp.identity_provider.token}"}
    return kubernetes.client.CoreV1Api(kubernetes.client.ApiClient(configuration))


async def test_a_client_of_kubernetes_reads_a_refusal_as_a_status(official: Any, ask: Any) -> None:
    with pytest.raises(kubernetes.client.ApiException) as caught:
        await asyncio.to_thread(official.list_namespaced_secret, "team-a")
    status = json.loads(caught.value.body)
    assert status == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "service": "kubernetes",
        "message": "Secrets do not pass. The server's administrator can allow them with KubeflowExtension.kubernetes_secrets.",
        "reason": "Forbidden",
        "code": 403,
    }
    official.api_client.configuration.api_key = {}
    with pytest.raises(kubernetes.client.ApiException) as caught:
        await asyncio.to_thread(official.list_namespaced_pod, "team-a")
    status = json.loads(caught.value.body)
    assert (status["kind"], status["code"]) == ("Status", 403)


async def test_a_client_of_kubernetes_reads_why_the_cluster_is_not_there(
    official: Any, cluster: Upstream
) -> None:
    await cluster.stop()
    with pytest.raises(kubernetes.client.ApiException) as caught:
        await asyncio.to_thread(official.list_namespaced_pod, "team-a")
    status = json.loads(caught.value.body)
    assert (status["kind"], status["status"]) == ("Status", "Failure")
    assert (status["code"], status["reason"]) == (502, "UpstreamUnreachable")


@pytest.mark.parametrize("jp_base_url", ["/user/me/"])  # Go's clients write @ for %40
async def test_kubectl_prints_why_a_request_does_not_pass(official: Any, tmp_path: Path) -> None:
    built = Path(__file__).parents[3] / ".local/cluster/bin/kubectl"
    program = str(built) if built.exists() else shutil.which("kubectl")
    if program is None:
        pytest.skip("kubectl is not here: `node ui-tests/cluster/start.mjs` builds it")
    given = official.api_client.configuration
    proxy = urlsplit(given.host)
    config = tmp_path / "through-jupyter"
    content = {
        "clusters": [{"name": "c", "cluster": {"server": f"{proxy.scheme}://{proxy.netloc}"}}],
        "contexts": [{"name": "c", "context": {"cluster": "c"}}],
        "current-context": "c",
    }
    config.write_text(yaml.safe_dump(content))
    token = given.api_key["authorization"].removeprefix("Bearer ")  # not sent without TLS
    # In full: before 1.33, `--raw` leaves out the path of the server's address.
    path = f"{proxy.path}/api/v1/namespaces/team-a/secrets?token={token}"
    run = await asyncio.create_subprocess_exec(
        *(program, "get", "--raw", path),
        env={"KUBECONFIG": str(config), "HOME": str(tmp_path)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await run.communicate()
    assert said.decode().startswith("Error from server (Forbidden): Secrets do not pass.")
