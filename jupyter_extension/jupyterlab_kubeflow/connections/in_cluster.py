"""The service account of the pod that the Jupyter server runs in."""

from __future__ import annotations

import os
import time
from pathlib import Path

from jupyterlab_kubeflow.errors import KubeflowError

from .access import REREAD, Access
from .upstream import Tls

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
ACCOUNT_VARIABLE = "KUBEFLOW_SERVICE_ACCOUNT_DIR"
"""Environment variable that overrides the folder of the service account (token, ca.crt, namespace)."""

KFP_TOKEN = "/var/run/secrets/kubeflow/pipelines/token"  # noqa: S105 a path
KFP_TOKEN_VARIABLE = "KF_PIPELINES_SA_TOKEN_PATH"  # noqa: S105 a variable's name


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
    """The account's credentials, read afresh: the kubelet rotates the token. Raises :class:`KubeflowError`."""
    host = os.environ.get("KUBERNETES_SERVICE_HOST", "")
    port = os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    folder = account_folder()
    authority = folder / "ca.crt"
    try:
        token = (folder / "token").read_text(encoding="utf-8").strip()
        ca = authority.read_text(encoding="utf-8") if authority.is_file() else None
    except (OSError, UnicodeDecodeError) as error:
        raise KubeflowError(
            f"The service account in {folder} cannot be read: {error}. Mount a service account into the pod.",
            reason="NotConfigured",
            status=503,
            service="kubernetes",
        ) from error
    if not token:
        raise KubeflowError(
            f"The service account's token {folder / 'token'} is empty. Mount a service account into the pod.",
            reason="NotConfigured",
            status=503,
            service="kubernetes",
        )
    return Access(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        headers={"Authorization": f"Bearer {token}"},
        tls=Tls(ca=ca),
        renew=time.time() + REREAD,
        files=(str(folder / "token"), str(authority)),
    )


def kfp_token_file() -> Path:
    """KFP's projected service account token (audience ``pipelines.kubeflow.org``)."""
    return Path(os.environ.get(KFP_TOKEN_VARIABLE) or KFP_TOKEN)
