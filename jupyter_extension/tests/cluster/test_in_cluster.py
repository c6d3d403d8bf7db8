"""The pod's own cluster: a service account's token as the kubelet projects it, bound and short-lived, that ends in the middle of a watch."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

from .conftest import NAMESPACE, Ask, Plane, Root, Subscribe, configmap, configmaps, until

LEEWAY = 60
"""Seconds for which a Kubernetes API server takes a token beyond its end."""

ACCOUNTS = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts"
BINDINGS = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}/rolebindings"


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class Account:
    """A service account that may edit, and the folder that a pod has of it."""

    def __init__(self, plane: Plane, root: Root, name: str, folder: Path) -> None:
        self._plane, self._root, self._name = plane, root, name
        self.folder = folder
        (folder / "ca.crt").write_text(plane.ca)
        (folder / "namespace").write_text(NAMESPACE)
        metadata = {"name": name, "labels": {"test": name}}
        role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"}
        subject = {"kind": "ServiceAccount", "name": name, "namespace": NAMESPACE}
        root.make(ACCOUNTS, {"metadata": metadata})
        root.make(BINDINGS, {"metadata": metadata, "roleRef": role, "subjects": [subject]})

    def project(self, seconds: int = 600) -> str:
        """Puts a new token in the place of the old one, in one step. It ends in so many seconds; ten minutes are the least that one can ask for,
        so one of less is made of it and signed with the control plane's key."""
        answer = self._root.make(
            f"{ACCOUNTS}/{self._name}/token", {"spec": {"expirationSeconds": 600}}
        )
        token: str = answer["status"]["token"]
        if seconds < 600:
            token = self._shortened(token, int(time.time()) - LEEWAY + seconds)
        (self.folder / "new").write_text(token)
        os.replace(self.folder / "new", self.folder / "token")
        return token

    def _shortened(self, token: str, ends: int) -> str:
        head, body, _ = token.split(".")
        claims = json.loads(base64.urlsafe_b64decode(body + "=="))
        begins = ends - 600
        claims.update(iat=begins, nbf=begins, exp=ends)
        signed = f"{head}.{encoded(json.dumps(claims).encode())}"
        key: Any = serialization.load_pem_private_key(
            (self._plane.folder / "service-account.key").read_bytes(), None
        )
        return f"{signed}.{encoded(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def remove(self) -> None:
        self._root.remove(f"{BINDINGS}/{self._name}")
        self._root.remove(f"{ACCOUNTS}/{self._name}")


@pytest.fixture
def account(
    plane: Plane, root: Root, name: str, tmp_path: Path, config_home: Path, monkeypatch: Any
) -> Any:
    """The Jupyter server runs in a pod with this account."""
    folder = tmp_path / "serviceaccount"
    folder.mkdir()
    address = urlsplit(plane.url)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", address.hostname)
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", str(address.port))
    monkeypatch.setenv("KUBEFLOW_SERVICE_ACCOUNT_DIR", str(folder))
    made = Account(plane, root, name, folder)
    yield made
    made.remove()


async def test_a_token_that_ends_and_is_rotated(
    plane: Plane,
    account: Account,
    root: Root,
    name: str,
    ask: Ask,
    fetch: Any,
    subscribe: Subscribe,
) -> None:
    token = account.project(seconds=4)
    state = (await fetch("GET", "kubeflow/connection")).json
    assert (state["active"], state["namespace"]) == ("in-cluster", NAMESPACE)
    assert state["components"]["kubernetes"]["available"], state
    assert (await ask("POST", configmaps(), configmap(f"{name}-1", name))).status == 201
    refused = await ask("GET", "/api/v1/namespaces/default/pods")
    assert refused.status == 403
    assert f"system:serviceaccount:{NAMESPACE}:{name}" in refused.json["message"]

    async def ended() -> bool:
        with plane.direct(token) as client:
            return client.get(configmaps("?limit=1")).status_code == 401

    query = {"watch": True, "labelSelector": f"test={name}"}
    async with subscribe(configmaps(), **query) as (stream, opened):
        assert opened["op"] == "open", opened
        assert (await stream.event("ADDED"))["metadata"]["name"] == f"{name}-1"
        await until(ended)
        reply = await ask("GET", configmaps())
        assert (reply.status, reply.json["reason"]) == (401, "Unauthorized")
        for words in ('"in-cluster"', "refuses the token", "expired", "service account"):
            assert words in reply.json["message"]
        account.project()
        assert (await ask("POST", configmaps(), configmap(f"{name}-2", name))).status == 201
        assert (await stream.event("ADDED"))["metadata"]["name"] == f"{name}-2", "it goes on"
    async with subscribe(configmaps(), **query) as (stream, opened):
        assert opened["op"] == "open", opened
        names = {(await stream.event("ADDED"))["metadata"]["name"] for _ in range(2)}
        assert names == {f"{name}-1", f"{name}-2"}
