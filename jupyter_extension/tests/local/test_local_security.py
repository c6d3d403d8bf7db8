"""Who may speak to the server, and what it never serves."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import psutil
import pytest
from jupyterlab_kubeflow.local.process import LocalStatus

PATHS = [
    "/pipelines/apis/v2beta1/healthz",
    "/pipelines/apis/v2beta1/runs",
    "/pipelines/k8s/pod/logs?podname=x",
    "/pipelines/artifacts/get?source=file&key=/etc/passwd",
    "/",
    "/docs",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic TOKEN", "TOKEN"])
def test_without_the_token_nothing_is_answered(
    local_kubeflow: LocalStatus, path: str, header: str | None
) -> None:
    token = local_kubeflow.token or ""
    headers = {} if header is None else {"Authorization": header.replace("TOKEN", token)}
    answer = httpx.get(f"{local_kubeflow.url}{path}", headers=headers, trust_env=False)
    assert answer.status_code == 401
    assert answer.json()["code"] == 16
    assert token not in answer.text


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_without_the_token_no_method_is_answered(local_kubeflow: LocalStatus, method: str) -> None:
    for path in PATHS:
        answer = httpx.request(method, f"{local_kubeflow.url}{path}", trust_env=False)
        assert answer.status_code == 401, path


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_foreign_host_names_are_refused(http: httpx.Client, host: str) -> None:
    answer = http.get("/apis/v2beta1/healthz", headers={"Host": host})
    assert answer.status_code == 403
    assert "loopback" in answer.json()["message"]


@pytest.mark.parametrize("host", ["localhost:80", "127.0.0.1", "[::1]:8080", "LOCALHOST"])
def test_loopback_names_are_taken(http: httpx.Client, host: str) -> None:
    assert http.get("/apis/v2beta1/healthz", headers={"Host": host}).status_code == 200


def test_no_cross_origin_permission(http: httpx.Client) -> None:
    answer = http.get("/apis/v2beta1/healthz", headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_it_listens_on_loopback_only(local_kubeflow: LocalStatus) -> None:
    listening = [
        one.laddr.ip
        for one in psutil.Process(local_kubeflow.pid).net_connections()
        if one.status == psutil.CONN_LISTEN
    ]
    assert (
        listening == ["127.0.0.1"] * 3
    )  # the REST services, the Kubernetes API, Katib's db-manager


def test_only_artifacts_are_served(
    http: httpx.Client, local_kubeflow: LocalStatus, tmp_path: Path
) -> None:
    artifacts = Path(local_kubeflow.home) / "artifacts"
    artifacts.mkdir(exist_ok=True)
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    link = artifacts / "link.txt"
    link.symlink_to(secret)
    sibling = Path(local_kubeflow.home) / "artifacts-not"
    sibling.mkdir()
    (sibling / "x").write_text("secret")
    workspace = Path(local_kubeflow.home) / "runs" / "linked" / "workspace"
    (workspace.parent / "task").mkdir(parents=True)
    (workspace.parent / "task" / "process.json").write_text("{}")
    workspace.mkdir()
    (workspace / "link").symlink_to(tmp_path)
    false = workspace.parent.parent / "false" / "workspace"
    false.parent.mkdir()
    false.symlink_to(tmp_path)
    outside = [
        str(secret),
        str(link),
        str(sibling / "x"),
        f"{artifacts}/../server.json",
        f"file://{artifacts}/%2e%2e/server.json",
        f"{local_kubeflow.home}/state.db",
        f"{workspace}/link/secret.txt",
        f"{false}/secret.txt",
        f"{workspace}/../task/process.json",
        f"{workspace.parent}/other/workspace/secret.txt",
        str(workspace.parent.parent),
        str(workspace.parent),
        "/etc/passwd",
    ]
    for key in outside:
        answer = http.get("/artifacts/get", params={"source": "file", "key": key})
        assert answer.status_code == 403, key
        assert "outside the artifacts folder" in answer.json()["message"]
    os.unlink(link)
    for key in ("relative/path", "", "s3://bucket/key", "\0"):
        answer = http.get("/artifacts/get", params={"source": "file", "key": key})
        assert answer.status_code == 400, key
    assert http.get("/artifacts/get", params={"source": "s3", "key": "a"}).status_code == 400
