"""The service account of the pod that the Jupyter server runs in."""

from __future__ import annotations

import os
import time
from pathlib import Path

from jupyterlab_kubeflow.errors import KubeflowError

from .kubeconfig import EXPIRY_MARGIN, Access
from .upstream import Tls

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
ACCOUNT_VARIABLE = "KUBEFLOW_SERVICE_ACCOUNT_DIR"
"""Environment variable that overrides the folder of the service account (token, ca.crt, namespace)."""

KFP_TOKEN = "/var/run/secrets/kubeflow/pipelines/token"  # noqa: S105 a path
KFP_TOKEN_VARIABLE = "KF_PIPELINES_SA_TOKEN_PATH"  # noqa: S105 a variable's name

REREAD = 60.0
"""Seconds after which the token file is read again (the kubelet rotates it)."""


def account_folder() -> Path:
    """Where the service account's files lie."""
    return Path(os.environ.get(ACCOUNT_VARIABLE) or ACCOUNT)


def available() -> bool:
    """Whether this is a pod with a service account."""
    return (
        bool(os.environ.get("KUBERNETES_SERVICE_HOST")) and (account_folder() / "token").is_file()
    )


def namespace() -> str:
    """The pod's namespace."""
    try:
        return (account_folder() / "namespace").read_text(encoding="utf-8").strip() or "default"
    except OSError:
        return "default"


def load() -> Access:
    """The account's credentials, read afresh. Raises :class:`KubeflowError`."""
    host = os.environ.get("KUBERNETES_SERVICE_HOST", "")
    port = os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    folder = account_folder()
    try:
        token = (folder / "token").read_text(encoding="utf-8").strip()
    except OSError as error:
        raise KubeflowError(
            f"The service account's token {folder / 'token'} cannot be read: {error.strerror}. Mount a service account into the pod.",
            reason="NotConfigured",
            status=503,
            service="kubernetes",
        ) from error
    authority = folder / "ca.crt"
    return Access(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        headers={"Authorization": f"Bearer {token}"} if token else {},
        tls=Tls(ca=str(authority) if authority.is_file() else None),
        expires=time.time() + REREAD + EXPIRY_MARGIN,
    )


def kfp_token_file() -> Path:
    """KFP's projected service account token (audience ``pipelines.kubeflow.org``)."""
    return Path(os.environ.get(KFP_TOKEN_VARIABLE) or KFP_TOKEN)
