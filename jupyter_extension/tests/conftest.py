"""Fixtures that all Python tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

# The same examples each time, so that a change is judged by itself; HYPOTHESIS_PROFILE=explore looks for others.
settings.register_profile("reproducible", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "reproducible"))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes stand in no test's name: archives have their time in them, and processes that share the tests have to name them alike."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session", autouse=True)
def no_containers() -> None:
    """What tests expect does not depend on a container runtime of the machine; those of containers say that they want one."""
    os.environ["KUBEFLOW_LOCAL_CONTAINERS"] = "never"


@pytest.fixture(scope="session")
def local_kubeflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A real Local Kubeflow in a home of its own; yields its ``LocalStatus``."""
    from jupyterlab_kubeflow.local import process

    home = tmp_path_factory.mktemp("local-kubeflow")
    try:
        yield process.start(home=home)
    finally:
        process.stop(home=home)
