"""Fixtures of tests that run pods, Jobs or TrainJobs."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest
from jupyterlab_kubeflow.local import process
from local_cluster import Cluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A running Local Kubeflow."""
    home = tmp_path_factory.mktemp("jobs")
    try:
        yield Cluster(home)
    finally:
        process.stop(home=home)


@pytest.fixture
def namespace(cluster: Cluster) -> Iterator[str]:
    """A namespace of the test's own; nothing in it runs on after the test."""
    name = f"test-{uuid.uuid4().hex[:8]}"
    cluster.core.create_namespace({"metadata": {"name": name}})
    yield name
    cluster.core.delete_namespace(name)
    cluster.wait_for(lambda: cluster.core.list_namespaced_pod(name).items, lambda pods: not pods)


@pytest.fixture(scope="session")
def kubectl(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Runs kubectl and returns what it prints. Skips where there is none."""
    built = Path(__file__).parents[3] / ".local/cluster/bin/kubectl"
    program = built if built.exists() else shutil.which("kubectl")
    if program is None:
        pytest.skip("kubectl is not here: `node ui-tests/cluster/start.mjs` builds it")
    env = {
        "KUBECONFIG": str(cluster.status.kubeconfig),
        "HOME": str(tmp_path_factory.mktemp("kubectl")),
    }

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [str(program), *arguments],
            env={**os.environ, **env},
            check=True,
            capture_output=True,
            text=True,
            timeout=90,
        )
        return done.stdout

    return run


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Cluster]:
    """A server that the test may kill, with a namespace ``test``. Pods outlive a server; they end with the test."""
    home = tmp_path / "home"
    try:
        cluster = Cluster(home)
        cluster.core.create_namespace({"metadata": {"name": "test"}})
        yield cluster
    finally:
        process.stop(home=home)
        for each in psutil.process_iter():
            with suppress(psutil.Error):
                if each.environ().get("HOME", "").startswith(str(home / "pods")):
                    each.kill()
