"""What the tests of the Model Registry share: plain HTTP, and names that nobody else has."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from jupyterlab_kubeflow.local.process import LocalStatus
from registry_support import Api


@pytest.fixture
def api(local_kubeflow: LocalStatus) -> Iterator[Api]:
    """Plain HTTP below ``/api/model_registry/v1alpha3``, with the token."""
    with Api.of(local_kubeflow) as client:
        yield client


@pytest.fixture
def name() -> str:
    """A name of the test's own."""
    return f"model-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def model(api: Api, name: str) -> str:
    """The id of a registered model."""
    return str(api.make("registered_models", name=name)["id"])


@pytest.fixture
def version(api: Api, model: str) -> str:
    """The id of a version of it."""
    return str(api.make("model_versions", name="v1", registeredModelId=model)["id"])


@pytest.fixture
def run(api: Api, name: str) -> str:
    """The id of an experiment run."""
    experiment = api.make("experiments", name=name)["id"]
    return str(api.make("experiment_runs", name="first", experimentId=experiment)["id"])
