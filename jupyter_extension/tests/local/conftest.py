"""What the tests of Local Kubeflow share: the official client, plain HTTP and small pipelines."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import kfp_contract
import kfp_server_api
import pytest
import yaml
from jupyterlab_kubeflow.local import process


@pytest.fixture(scope="module", autouse=True)
def _contract() -> Iterator[None]:
    """Holds every answer of KFP's API that a test gets, by plain HTTP or by the official client, against KFP's description of it."""
    send, kfp_request = httpx.Client.send, kfp_server_api.rest.RESTClientObject.request

    def checked_send(self: httpx.Client, request: httpx.Request, **options: Any) -> httpx.Response:
        answer = send(self, request, **options)
        if not options.get("stream"):
            _check(request.method, str(request.url), answer.status_code, answer.content)
        return answer

    def checked_request(self: Any, method: str, url: str, **options: Any) -> Any:
        answer = kfp_request(self, method, url, **options)
        _check(method, url, answer.status, answer.data)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpx.Client, "send", checked_send)
        patch.setattr(kfp_server_api.rest.RESTClientObject, "request", checked_request)
        yield


def _check(method: str, url: str, status: int, content: bytes | str) -> None:
    path = urlsplit(url).path
    _, found, rest = path.partition("/apis/v2beta1")
    if found and method != "HEAD" and content:
        kfp_contract.check(method, f"{found}{rest}", status, json.loads(content))


@pytest.fixture(scope="session")
def client(local_kubeflow: process.LocalStatus) -> Any:
    """``kfp.Client`` from PyPI, pointed at the server as a user would."""
    import kfp

    return kfp.Client(
        host=local_kubeflow.services["pipelines"], existing_token=local_kubeflow.token
    )


@pytest.fixture(scope="session")
def http(local_kubeflow: process.LocalStatus) -> Iterator[httpx.Client]:
    """Plain HTTP below ``/pipelines``, with the token."""
    with httpx.Client(
        base_url=local_kubeflow.services["pipelines"],
        headers={"Authorization": f"Bearer {local_kubeflow.token}"},
        timeout=30,
        trust_env=False,
    ) as session:
        yield session


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty folder for a server of the test's own, which is stopped at the end."""
    folder = tmp_path / "home"
    yield folder
    process.stop(folder)


@pytest.fixture(scope="session")
def adder_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled adder."""
    from kfp import compiler
    from local_pipelines import adder

    path = tmp_path_factory.mktemp("compiled") / "adder.yaml"
    compiler.Compiler().compile(adder, str(path))
    return path


@pytest.fixture
def spec(adder_file: Path) -> dict[str, Any]:
    """The adder's PipelineSpec, for the test to spoil."""
    return dict(yaml.safe_load(adder_file.read_text()))


@pytest.fixture
def world(tmp_path: Path) -> Any:
    """A home of its own whose clock the test sets, see ``local_schedules``."""
    from local_schedules import World

    return World(tmp_path / "home")


@pytest.fixture
def server(world: Any) -> Iterator[Any]:
    """A server on the world's home."""
    with world.server() as started:
        yield started


@pytest.fixture
def schedule(spec: dict[str, Any]) -> Callable[..., str]:
    """Makes a recurring run every minute, enabled, one run at once; what is given comes on top. Returns its id."""

    def make(server: Any, **more: Any) -> str:
        body = {
            "display_name": "nightly",
            "mode": "ENABLE",
            "max_concurrency": "1",
            "trigger": {"periodic_schedule": {"interval_second": "60"}},
            "pipeline_spec": spec,
            "runtime_config": {"parameters": {"x": 1}},
            **more,
        }
        if "pipeline_version_reference" in more:
            del body["pipeline_spec"]
        return str(server.post("/recurringruns", body)["recurring_run_id"])

    return make
