"""What the tests of Local Kubeflow share: the official client, plain HTTP and small pipelines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from jupyterlab_kubeflow.local import process


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
