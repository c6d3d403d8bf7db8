"""Katib's UI and db-manager: finding them, what passes, and the series that db-manager gives, through real gRPC and real port-forwards."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import grpc
import pytest
import trustme
from jupyterlab_kubeflow import katib_wire as wire
from jupyterlab_kubeflow.connections.discovery import Finder
from jupyterlab_kubeflow.katib import observations

from .conftest import SECRET, Upstream, answer
from .test_connection import cluster, kubeconfig  # noqa: F401 a fixture

ROUTE = "kubeflow/katib/observations"
INFO = "kubeflow/proxy/katib-ui/katib/fetch_hp_job_trial_info/"
LOGS = "kubeflow/proxy/katib-ui/katib/fetch_trial_logs/"
TRIAL = "/apis/kubeflow.org/v1beta1/namespaces/team-a/trials/random-x7k"
ASKED = f"{ROUTE}?namespace=team-a&trial=random-x7k"
SERVICES = "/api/v1/namespaces/kubeflow/services"


class DbManager:
    """A db-manager as Katib's: ``logs`` are ``(time, metric, value)``; ``asked`` are the requests; ``fail`` is how it refuses."""

    def __init__(self, credentials: grpc.ServerCredentials | None = None) -> None:
        self.logs: list[tuple[str, str, str]] = []
        self.asked: list[Any] = []
        self.metadata: list[dict[str, str]] = []
        self.fail: tuple[grpc.StatusCode, str] | None = None
        request, reply = (wire.message(f"{wire.GET}{part}") for part in ("Request", "Reply"))
        handler = grpc.unary_unary_rpc_method_handler(
            self.get, request.FromString, reply.SerializeToString
        )
        self.server = grpc.server(ThreadPoolExecutor(2))
        self.server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler(wire.SERVICE, {wire.GET: handler})]
        )
        self.port = (
            self.server.add_secure_port("127.0.0.1:0", credentials)
            if credentials
            else self.server.add_insecure_port("127.0.0.1:0")
        )
        self.server.start()

    def get(self, request: Any, context: grpc.ServicerContext) -> Any:
        self.asked.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        if self.fail:
            context.abort(*self.fail)
        reply = wire.message(f"{wire.GET}Reply")()
        for time, metric, value in self.logs:
            log = reply.observation_log.metric_logs.add(time_stamp=time)
            log.metric.name, log.metric.value = metric, value
        return reply


@pytest.fixture
def db_manager() -> Iterator[DbManager]:
    manager = DbManager()
    manager.logs = [
        ("2026-01-31T12:00:00.25Z", "loss", "0.5"),
        ("2026-01-31T12:00:00.75Z", "loss", "0.25"),
        ("2026-01-31T12:00:01Z", "accuracy", "0.9"),
    ]
    yield manager
    manager.server.stop(None)


@pytest.fixture
def katib(
    upstream: Upstream,
    db_manager: DbManager,
    config_home: Path,
    write_connections: Callable[[Any], Path],
) -> Upstream:
    """A connection with the Kubernetes API (which has the trial), Katib's UI and db-manager configured."""
    (config_home / "token").write_text(SECRET)
    service = {"url": upstream.url, "auth": {"type": "bearer", "tokenFile": "token"}}
    manager = {"url": f"http://127.0.0.1:{db_manager.port}"}
    services = {"katib-ui": service, "katib-db-manager": manager}
    write_connections({"active": "kind", "profiles": {"kind": {"services": services}}})
    upstream.routes[TRIAL] = answer('{"kind":"Trial"}')
    return upstream


@pytest.fixture
def with_cluster(kubeconfig: Any, upstream: Upstream) -> None:  # noqa: F811
    """The upstream is the cluster of the active connection."""
    kubeconfig({"token": SECRET})
    cluster(upstream)


async def test_a_series_is_given_as_db_manager_has_it(
    katib: Upstream, with_cluster: None, db_manager: DbManager, fetch: Any
) -> None:
    reply = await fetch("GET", ASKED)
    assert reply.status == 200
    assert reply.headers["content-type"].startswith("application/json")
    assert reply.json == {
        "items": [
            {"metric": "loss", "time": "2026-01-31T12:00:00.25Z", "value": "0.5"},
            {"metric": "loss", "time": "2026-01-31T12:00:00.75Z", "value": "0.25"},
            {"metric": "accuracy", "time": "2026-01-31T12:00:01Z", "value": "0.9"},
        ]
    }
    (asked,) = db_manager.asked
    assert (asked.trial_name, asked.metric_name, asked.start_time) == ("random-x7k", "", "")
    read = [request for request in katib.requests if request.target == TRIAL]
    assert [request.headers["authorization"] for request in read] == [f"Bearer {SECRET}"]

    part = urlencode(
        {"metric": "loss", "start": "2026-01-31T12:00:00Z", "end": "2026-01-31T12:30:00+01:00"}
    )
    assert (await fetch("GET", f"{ASKED}&{part}")).status == 200
    asked = db_manager.asked[-1]
    assert (asked.metric_name, asked.start_time, asked.end_time) == (
        "loss",
        "2026-01-31T12:00:00Z",
        "2026-01-31T12:30:00+01:00",
    )


@pytest.mark.parametrize(
    ("status", "expected", "words"),
    [
        ("403 Forbidden", (403, "Forbidden"), "You may not get trials of Katib in the namespace"),
        ("404 Not Found", (404, "NotFound"), "no trial random-x7k in the namespace team-a"),
        ("500 Internal", (502, "UpstreamInvalid"), "HTTP 500"),
    ],
)
async def test_only_who_may_get_the_trial_gets_its_series(
    status: str,
    expected: tuple[int, str],
    words: str,
    katib: Upstream,
    with_cluster: None,
    db_manager: DbManager,
    fetch: Any,
) -> None:
    katib.routes[TRIAL] = answer("{}", status)
    reply = await fetch("GET", ASKED)
    assert (reply.status, reply.json["reason"]) == expected
    assert words in reply.json["message"]
    assert db_manager.asked == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("", "namespace"),
        ("namespace=team-a", "trial"),
        ("namespace=team-a&trial=", "trial"),
        ("namespace=team-a&trial=../x", "trial"),
        ("namespace=Team&trial=x", "namespace"),
        ("namespace=team-a&trial=x&trial=y", "trial"),
        ("namespace=team-a&trial=x&start=yesterday", "start"),
        ("namespace=team-a&trial=x&end=2026-01-31T12:00:00", "end"),
        ("namespace=team-a&trial=x&limit=5", "limit"),
    ],
)
async def test_a_parameter_that_is_wrong_is_named(
    query: str, field: str, katib: Upstream, db_manager: DbManager, fetch: Any
) -> None:
    reply = await fetch("GET", f"{ROUTE}?{query}")
    assert (reply.status, reply.json["reason"]) == (400, "BadRequest")
    assert reply.json["details"] == {"field": field}
    assert field in reply.json["message"]
    assert katib.requests == []
    assert db_manager.asked == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (grpc.StatusCode.UNKNOWN, (502, "UpstreamInvalid")),
        (grpc.StatusCode.UNAVAILABLE, (502, "UpstreamUnreachable")),
        (grpc.StatusCode.DEADLINE_EXCEEDED, (504, "UpstreamTimeout")),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, (413, "TooLarge")),
    ],
)
async def test_what_db_manager_refuses_is_told(
    code: grpc.StatusCode,
    expected: tuple[int, str],
    katib: Upstream,
    with_cluster: None,
    db_manager: DbManager,
    fetch: Any,
) -> None:
    db_manager.fail = code, "the database is gone"
    reply = await fetch("GET", ASKED)
    assert (reply.status, reply.json["reason"]) == expected
    assert reply.json["service"] == "katib-db-manager"
    assert reply.json["message"].startswith("Katib's db-manager at 127.0.0.1:")
    db_manager.fail = None
    assert (await fetch("GET", ASKED)).status == 200, "the next question is a new one"


async def test_an_answer_that_is_too_long_is_refused_with_what_to_do(
    katib: Upstream,
    with_cluster: None,
    db_manager: DbManager,
    fetch: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(observations, "LARGEST", 10_000)
    db_manager.logs *= 1000
    reply = await fetch("GET", ASKED)
    assert (reply.status, reply.json["reason"]) == (413, "TooLarge")
    assert "Ask for one metric" in reply.json["message"]


async def test_a_db_manager_that_has_gone_is_told_in_words(
    katib: Upstream, with_cluster: None, db_manager: DbManager, fetch: Any
) -> None:
    assert (await fetch("GET", ASKED)).status == 200
    await asyncio.to_thread(db_manager.server.stop(None).wait)
    reply = await fetch("GET", ASKED)
    assert (reply.status, reply.json["reason"]) == (502, "UpstreamUnreachable")
    assert "Check that it runs" in reply.json["message"]


async def test_what_is_missing_for_grpc_is_told_with_its_install_line(
    katib: Upstream,
    with_cluster: None,
    write_connections: Any,
    fetch: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wire, "find_spec", lambda name: None if name == "grpc" else object())
    reply = await fetch("GET", ASKED)
    assert (reply.status, reply.json["reason"]) == (503, "NotConfigured")
    assert 'pip install "jupyterlab-kubeflow[katib]"' in reply.json["message"]
    write_connections({"active": "kind"})
    component = (await fetch("GET", "kubeflow/connection")).json["components"]["katib-db-manager"]
    assert component["available"] is False
    assert 'pip install "jupyterlab-kubeflow[katib]"' in component["reason"]


async def test_tls_and_a_credential_are_as_configured(
    katib: Upstream,
    with_cluster: None,
    write_connections: Any,
    config_home: Path,
    fetch: Any,
) -> None:
    authority = trustme.CA()
    own = authority.issue_cert("127.0.0.1")
    pair = (own.private_key_pem.bytes(), own.cert_chain_pems[0].bytes())
    manager = DbManager(grpc.ssl_server_credentials([pair]))
    authority.cert_pem.write_to_path(str(config_home / "ca.pem"))
    address = {"url": f"https://127.0.0.1:{manager.port}"}

    async def status(**service: Any) -> tuple[int, str]:
        services = {"katib-db-manager": {**address, **service}}
        write_connections({"active": "kind", "profiles": {"kind": {"services": services}}})
        reply = await fetch("GET", ASKED)
        return reply.status, reply.json.get("message", "")

    assert (await status())[0] == 502, "an authority that is not trusted"
    code, said = await status(verify=False)
    assert code == 503
    assert "(ca)" in said
    code, said = await status(url=f"{address['url']}/katib")
    assert code == 503
    assert "http://HOST:PORT" in said
    assert manager.asked == []
    auth = {"type": "bearer", "tokenFile": "token"}
    assert (await status(ca="ca.pem", auth=auth))[0] == 200
    assert manager.metadata[-1]["authorization"] == f"Bearer {SECRET}"
    manager.server.stop(None)


async def test_katib_is_found_in_its_namespace(
    upstream: Upstream, with_cluster: None, write_connections: Any, fetch: Any
) -> None:
    """The UI behind the service proxy; db-manager behind a port-forward, since the service proxy passes no gRPC."""
    identity = {"value": "me@example.org"}
    auth = {"type": "bearer", "tokenFile": "token"}
    write_connections(
        {"active": "kind", "profiles": {"kind": {"identity": identity, "auth": auth}}}
    )
    port = {"spec": {"ports": [{"name": "ui", "port": 80}]}}
    upstream.routes[f"{SERVICES}/katib-ui"] = answer(json.dumps(port))
    proxy = f"{SERVICES}/katib-ui:80/proxy/katib/fetch_hp_job_trial_info/"
    upstream.routes[proxy] = answer("no 'namespace' provided", "400 Bad Request", "text/plain")
    port = {"spec": {"ports": [{"name": "api", "port": 6789}]}}
    upstream.routes[f"{SERVICES}/katib-db-manager"] = answer(json.dumps(port))
    components = (await fetch("GET", "kubeflow/connection")).json["components"]
    assert components["katib-ui"] == {"available": True, "via": "service-proxy"}
    assert components["katib-db-manager"] == {"available": True, "via": "port-forward"}

    upstream.routes[proxy] = answer('"metricName,time,value\\n"', kind="text/plain")
    reply = await fetch("GET", f"{INFO}?trialName=random-x7k&namespace=team-a")
    assert reply.json == "metricName,time,value\n"
    sent = upstream.requests[-1]
    assert sent.headers["authorization"] == f"Bearer {SECRET}", "of the cluster, not of KFP"
    assert sent.headers["kubeflow-userid"] == "me@example.org"


async def test_in_a_pod_katib_is_reached_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, str]] = []

    async def nothing(_: str) -> tuple[int, Any]:
        return 403, None

    async def probe(*of: str) -> tuple[int, Any]:
        asked.append(of)
        return 400, None

    async def listens(_: Finder, *of: Any) -> bool:
        return of == ("katib-db-manager.kubeflow.svc", 6789)

    monkeypatch.setattr(Finder, "_listens", listens)
    finder = Finder("team-a", in_cluster=True, proxied=True, get=nothing, probe=probe, timeout=5)
    ui, db_manager = await finder.katib_ui(), await finder.katib_db_manager()
    assert (ui.via, ui.base) == ("in-cluster", "http://katib-ui.kubeflow.svc:80")
    assert asked == [("katib-ui", ui.base, "/katib/fetch_hp_job_trial_info/")]
    assert (db_manager.via, db_manager.base) == (
        "in-cluster",
        "http://katib-db-manager.kubeflow.svc:6789",
    )


async def test_a_cluster_without_katib_says_what_to_do(
    upstream: Upstream, with_cluster: None, write_connections: Any, fetch: Any
) -> None:
    write_connections({"active": "kind"})
    components = (await fetch("GET", "kubeflow/connection")).json["components"]
    for name in ("katib-ui", "katib-db-manager"):
        assert components[name]["available"] is False
        assert f"configure services.{name}" in components[name]["reason"]
    reply = await fetch("GET", f"{INFO}?trialName=x&namespace=team-a")
    assert (reply.status, reply.json["reason"]) == (503, "NotConfigured")


async def test_a_katib_ui_that_refuses_is_no_katib_ui(
    upstream: Upstream, with_cluster: None, write_connections: Any, fetch: Any
) -> None:
    write_connections({"active": "kind"})
    port = {"spec": {"ports": [{"name": "ui", "port": 80}]}}
    upstream.routes[f"{SERVICES}/katib-ui"] = answer(json.dumps(port))
    upstream.routes[f"{SERVICES}/katib-ui:80/proxy/katib/fetch_hp_job_trial_info/"] = answer(
        '{"message":"services/proxy is not for you"}', "403 Forbidden"
    )
    component = (await fetch("GET", "kubeflow/connection")).json["components"]["katib-ui"]
    assert component["available"] is False
    assert "services/proxy is not for you" in component["reason"]


@pytest.mark.parametrize("path", [INFO, LOGS, LOGS.rstrip("/")])
async def test_the_two_routes_of_katib_ui_pass(path: str, katib: Upstream, fetch: Any) -> None:
    katib.routes["*"] = answer('"said"', kind="text/plain")
    reply = await fetch("GET", f"{path}?namespace=team-a&trialName=random-x7k")
    assert (reply.status, reply.json) == (200, "said")
    sent = path.removeprefix("kubeflow/proxy/katib-ui").rstrip("/") + "/"
    assert katib.requests[-1].target == f"{sent}?namespace=team-a&trialName=random-x7k"


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("POST", f"{INFO}?namespace=a&trialName=b", 403),
        ("DELETE", f"{INFO}?namespace=a&trialName=b", 403),
        ("GET", "kubeflow/proxy/katib-ui/katib/", 403),
        ("GET", "kubeflow/proxy/katib-ui/katib/delete_experiment/?namespace=a&trialName=b", 403),
        ("GET", "kubeflow/proxy/katib-ui/katib/fetch_trial_templates/", 403),
        ("GET", "kubeflow/proxy/katib-ui/katib/fetch_namespaces", 403),
        ("GET", f"{INFO}x?namespace=a&trialName=b", 403),
        ("GET", f"{INFO}/?namespace=a&trialName=b", 400),
        ("GET", f"{INFO}?namespace=a", 400),
        ("GET", f"{INFO}?namespace=a&namespace=b&trialName=c", 400),
        ("GET", f"{INFO}?namespace=a&trialName=b&experimentName=c", 400),
        ("GET", "kubeflow/proxy/katib-db-manager/x", 404),
    ],
)
async def test_nothing_else_passes(
    method: str, target: str, status: int, katib: Upstream, fetch: Any
) -> None:
    assert (await fetch(method, target)).status == status
    assert katib.requests == []


class TestLimitedNamespaces:
    @pytest.fixture
    def extension_config(self) -> dict[str, Any]:
        return {"kubernetes_namespaces": ["team-a"]}

    @pytest.mark.parametrize(
        "path", [f"{INFO}?trialName=x", f"{LOGS}?trialName=x", f"{ROUTE}?trial=x"]
    )
    async def test_bind_here_as_well(
        self, path: str, katib: Upstream, db_manager: DbManager, fetch: Any
    ) -> None:
        reply = await fetch("GET", f"{path}&namespace=team-b")
        assert reply.status == 403
        assert "kubernetes_namespaces" in reply.json["message"]
        assert katib.requests == []
        assert db_manager.asked == []
