"""A Kubernetes API of the tests' own, and the clients that are its referees."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import kubernetes
import pytest
from jupyterlab_kubeflow.local.kubernetes.server import KubernetesServer

TOKEN = "token-of-the-tests"
PROJECT = Path(__file__).parents[4]


@pytest.fixture(scope="session")
def kubernetes_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KubernetesServer]:
    """A running server. Its histories are short, so that tests reach their end."""
    server = KubernetesServer(tmp_path_factory.mktemp("kubernetes"), TOKEN, window=50)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def api_client(kubernetes_server: KubernetesServer) -> Iterator[Any]:
    """The official Python client, by the kubeconfig as a user would."""
    with kubernetes.config.new_client_from_config(str(kubernetes_server.kubeconfig)) as client:
        yield client


@pytest.fixture(scope="session")
def core(api_client: Any) -> Any:
    """``CoreV1Api``."""
    return kubernetes.client.CoreV1Api(api_client)


@pytest.fixture(scope="session")
def custom(api_client: Any) -> Any:
    """``CustomObjectsApi``."""
    return kubernetes.client.CustomObjectsApi(api_client)


@pytest.fixture
def namespace(core: Any) -> Iterator[str]:
    """A namespace of the test's own."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    core.create_namespace({"metadata": {"name": name}})
    yield name
    core.delete_namespace(name)


@pytest.fixture(scope="session")
def rest(kubernetes_server: KubernetesServer) -> Iterator[httpx.Client]:
    """Plain HTTP with the token."""
    with session_of(kubernetes_server) as session:
        yield session


def session_of(server: KubernetesServer) -> httpx.Client:
    """Plain HTTP to a server, which it knows by its authority."""
    import ssl

    context = ssl.create_default_context(cafile=str(server.kubeconfig.parent / "kubernetes/ca.crt"))
    return httpx.Client(
        base_url=server.url,
        headers={"Authorization": f"Bearer {TOKEN}"},
        verify=context,
        timeout=30,
        trust_env=False,
    )


@pytest.fixture(scope="session")
def runtime(custom: Any) -> str:
    """A runtime that TrainJobs may refer to."""
    body = {
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "ClusterTrainingRuntime",
        "metadata": {"name": "torch"},
        "spec": {
            "mlPolicy": {"numNodes": 1},
            "template": {
                "spec": {
                    "replicatedJobs": [
                        {
                            "name": "node",
                            "template": {
                                "metadata": {
                                    "labels": {
                                        "trainer.kubeflow.org/trainjob-ancestor-step": "trainer"
                                    }
                                },
                                "spec": {
                                    "template": {
                                        "spec": {"containers": [{"name": "node", "image": "torch"}]}
                                    }
                                },
                            },
                        }
                    ]
                }
            },
        },
    }
    custom.create_cluster_custom_object(
        "trainer.kubeflow.org", "v1alpha1", "clustertrainingruntimes", body
    )
    return "torch"


@pytest.fixture(scope="session")
def kubectl(
    kubernetes_server: KubernetesServer, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., str]:
    """Runs kubectl and returns what it prints; raises ``CalledProcessError`` with its words.

    Skips where there is none, unless ``KUBEFLOW_TEST_KUBECTL`` names the program, as the suite ``kubectl`` of ``npm run test:cluster`` does.
    """
    built = PROJECT / ".local/cluster/bin/kubectl"
    program = os.environ.get("KUBEFLOW_TEST_KUBECTL") or (
        built if built.exists() else shutil.which("kubectl")
    )
    if program is None:
        pytest.skip("kubectl is not here: `node ui-tests/cluster/start.mjs` builds it")
    home = tmp_path_factory.mktemp("kubectl")

    def run(*arguments: str, given: str | None = None) -> str:
        return subprocess.run(
            [str(program), *arguments],
            env={**os.environ, "KUBECONFIG": str(kubernetes_server.kubeconfig), "HOME": str(home)},
            input=given,
            check=True,
            capture_output=True,
            text=True,
            timeout=60,
        ).stdout

    return run
