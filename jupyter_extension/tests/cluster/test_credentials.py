"""Credentials that end: a plugin's certificate that the API server no longer takes, a token that is withdrawn; in the middle of a watch."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import NAMESPACE, Ask, Plane, Root, Subscribe, configmap, configmaps, until

_CERTIFICATE = """
import datetime
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

folder = pathlib.Path({folder!r})
ca = x509.load_pem_x509_certificate((folder / "ca.crt").read_bytes())
signer = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
key = ec.generate_private_key(ec.SECP256R1())
name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "erin"), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "editors")])
now = datetime.datetime.now(datetime.timezone.utc)
ends = now + datetime.timedelta(seconds={seconds})
certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(ca.subject).public_key(key.public_key())
    .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(minutes=1)).not_valid_after(ends)
    .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    .sign(signer, hashes.SHA256())).public_bytes(serialization.Encoding.PEM).decode()
key = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
(own / f"{{calls}}.pem").write_text(certificate + key)
status = dict(clientCertificateData=certificate, clientKeyData=key)
if {told!r}:
    status["expirationTimestamp"] = ends.strftime("%Y-%m-%dT%H:%M:%SZ")
give(**status)
"""


class Plugin:
    """A credential plugin that counts its calls and keeps what it gave in ``COUNT.pem`` or ``COUNT.token``."""

    def __init__(self, folder: Path, plane: Plane) -> None:
        self.folder = folder
        self.script = folder / "issue-credential"
        self.kubeconfig = folder / "plugin.kubeconfig"
        content = yaml.safe_load((plane.folder / "alice.kubeconfig").read_text())
        cluster = content["clusters"][0]["cluster"]
        cluster["certificate-authority"] = str(plane.folder / "ca.crt")
        command = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(self.script)}
        context = {"cluster": "test", "user": "plugin", "namespace": NAMESPACE}
        content["users"] = [{"name": "plugin", "user": {"exec": command}}]
        content["contexts"] = [{"name": "plugin", "context": context}]
        self.kubeconfig.write_text(yaml.safe_dump(content))

    def does(self, body: str) -> None:
        """What it does; ``give(**status)`` hands the credential over."""
        self.script.write_text(
            f"""#!{sys.executable}
import json, os, pathlib, sys
own = pathlib.Path({str(self.folder)!r})
calls = len((own / "calls").read_text()) + 1 if (own / "calls").exists() else 1
(own / "calls").write_text("x" * calls)
def give(**status):
    print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}}))
{body}
"""
        )
        self.script.chmod(0o755)

    @property
    def calls(self) -> int:
        """How often it was run."""
        return len((self.folder / "calls").read_text())


@pytest.fixture
def plugin(plane: Plane, tmp_path: Path, use: Any) -> Plugin:
    """A plugin's user is the active connection's."""
    made = Plugin(tmp_path, plane)
    use(made.kubeconfig)
    return made


async def test_a_plugin_with_a_token_and_an_expiry(plane: Plane, plugin: Plugin, ask: Ask) -> None:
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    token = plane.users["alice"]
    plugin.does(f"give(token={token!r}, expirationTimestamp={soon!r})")
    for _ in range(3):
        assert (await ask("GET", configmaps())).status == 200
    assert plugin.calls == 1
    reply = await ask("GET", "/api/v1/namespaces/default/pods")
    assert 'User "alice" cannot list resource "pods"' in reply.json["message"]


@pytest.mark.parametrize("told", [True, False])
async def test_a_certificate_that_ends_in_the_middle_of_a_watch(
    told: bool,
    plane: Plane,
    plugin: Plugin,
    ask: Ask,
    subscribe: Subscribe,
    root: Root,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("jupyterlab_kubeflow.connections.cluster.REFRESH", 0.0)
    plugin.does(_CERTIFICATE.format(folder=str(plane.folder), seconds=6, told=told))
    query = {"watch": True, "labelSelector": f"test={name}"}

    async def refused() -> bool:
        with plane.direct(certificate=plugin.folder / "1.pem") as client:
            return client.get(configmaps("?limit=1")).status_code == 401

    async with subscribe(configmaps(), **query) as (stream, opened):
        assert opened["op"] == "open", opened
        assert not await refused()
        root.make(configmaps(), configmap(f"{name}-1", name))
        assert (await stream.event("ADDED"))["metadata"]["name"] == f"{name}-1"
        await until(refused)
        root.make(configmaps(), configmap(f"{name}-2", name))
        assert (await stream.event("ADDED"))["metadata"]["name"] == f"{name}-2", "it goes on"
        assert plugin.calls == 1
    async with subscribe(configmaps(), **query) as (stream, opened):
        assert (opened["op"], opened["status"]) == ("open", 200)
        names = {(await stream.event("ADDED"))["metadata"]["name"] for _ in range(2)}
        assert names == {f"{name}-1", f"{name}-2"}
    assert plugin.calls == 2
    assert (await ask("POST", configmaps(), configmap(name))).status == 201


async def test_a_token_that_is_withdrawn(
    plane: Plane,
    plugin: Plugin,
    ask: Ask,
    subscribe: Subscribe,
    root: Root,
    name: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Tokens of a service account as ``kubectl create token`` issues them, bound to a Secret: without it the API server refuses them."""
    monkeypatch.setattr("jupyterlab_kubeflow.connections.cluster.REFRESH", 0.0)
    base = f"/api/v1/namespaces/{NAMESPACE}"
    metadata = {"name": name, "labels": {"test": name}}
    account = f"{base}/serviceaccounts/{name}"
    root.make(f"{base}/serviceaccounts", {"metadata": metadata})
    binding = {
        "metadata": metadata,
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": name, "namespace": NAMESPACE}],
    }
    bindings = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}/rolebindings"
    root.make(bindings, binding)

    def issue() -> str:
        """Makes the Secret and a token that is bound to it."""
        root.make(f"{base}/secrets", {"metadata": metadata})
        bound = {"apiVersion": "v1", "kind": "Secret", "name": name}
        spec = {"expirationSeconds": 600, "boundObjectRef": bound}
        answer = root.make(f"{account}/token", {"spec": spec})
        token: str = answer["status"]["token"]
        (plugin.folder / "token").write_text(token)
        return token

    def withdraw() -> None:
        root.remove(f"{base}/secrets/{name}")

    try:
        plugin.does("give(token=(own / 'token').read_text())")
        token = issue()
        async with subscribe(configmaps(), watch=True, labelSelector=f"test={name}") as (_, opened):
            assert opened["op"] == "open", opened
            withdraw()
            issue()

            async def refused() -> bool:
                with plane.direct(token) as client:
                    return client.get(configmaps("?limit=1")).status_code == 401

            await until(refused)
        query = {"watch": True, "labelSelector": f"test={name}"}
        async with subscribe(configmaps(), **query) as (stream, opened):
            assert (opened["op"], opened["status"]) == ("open", 200)
            assert plugin.calls == 2
            root.make(configmaps(), configmap(name))
            assert (await stream.event("ADDED"))["metadata"]["name"] == name
        assert (await ask("GET", configmaps(f"/{name}"))).status == 200
        assert plugin.calls == 2
    finally:
        withdraw()
        root.remove(account)
        root.remove(f"{bindings}/{name}")


async def test_credentials_that_no_longer_hold_are_told(
    plugin: Plugin, ask: Ask, subscribe: Subscribe
) -> None:
    plugin.does("give(token='of-former-times')")
    reply = await ask("GET", configmaps())
    assert (reply.status, reply.json["reason"]) == (401, "Unauthorized")
    async with subscribe(configmaps(), watch=True) as (_, told):
        assert (told["op"], told["error"]["status"]) == ("error", 401)
    plugin.does("sys.exit('log in first')")
    plugin.kubeconfig.touch()
    reply = await ask("GET", configmaps())
    assert (reply.status, reply.json["reason"]) == (503, "Unauthorized")
    assert "issue-credential" in reply.json["message"]
    assert "log in first" in reply.json["message"]
