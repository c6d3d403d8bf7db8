"""``connect_registry``: the package ``model-registry`` against the registry of the active connection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local.process import LocalStatus
from jupyterlab_kubeflow.sdk import connect_registry


@pytest.fixture(autouse=True)
def active(local_kubeflow: LocalStatus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Local Kubeflow is the active connection; the folder of the connections."""
    monkeypatch.setenv("KUBEFLOW_LOCAL_HOME", str(local_kubeflow.home))
    monkeypatch.setenv("KUBEFLOW_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    return tmp_path


def test_the_registry_of_the_active_connection() -> None:
    registry = connect_registry("ana")
    registry.register_model(
        "from-the-sdk",
        "s3://models/a",
        version="v1",
        model_format_name="onnx",
        model_format_version="1",
    )
    found = connect_registry().get_model_version("from-the-sdk", "v1")
    assert found is not None
    assert found.author == "ana"


def test_a_configured_registry_is_used_with_its_token(
    local_kubeflow: LocalStatus, active: Path
) -> None:
    (active / "token").write_text(str(local_kubeflow.token))
    service = {
        "url": local_kubeflow.services["registry"],
        "auth": {"type": "bearer", "tokenFile": str(active / "token")},
    }
    settings = {"active": "team", "profiles": {"team": {"services": {"registry": service}}}}
    (active / "connections.json").write_text(json.dumps(settings))
    registry = connect_registry("ana")
    registry.register_model(
        "configured",
        "s3://models/b",
        version="v1",
        model_format_name="onnx",
        model_format_version="1",
    )
    assert registry.get_registered_model("configured") is not None


def test_a_connection_without_a_registry_says_so(active: Path) -> None:
    service = {"url": "http://127.0.0.1:9", "auth": {"type": "none"}}
    settings = {"active": "team", "profiles": {"team": {"services": {"pipelines": service}}}}
    (active / "connections.json").write_text(json.dumps(settings))
    with pytest.raises(KubeflowError, match=r"connections\.json"):
        connect_registry()


def test_what_the_package_cannot_be_given_is_said(active: Path) -> None:
    service = {"url": "https://registry.example", "auth": {"type": "none"}}
    settings = {"active": "team", "profiles": {"team": {"services": {"registry": service}}}}
    (active / "connections.json").write_text(json.dumps(settings))
    with pytest.raises(KubeflowError, match="ModelRegistry cannot be given"):
        connect_registry()
