"""``model_registry.ModelRegistry`` of the active connection."""

from __future__ import annotations

import getpass
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

from .connection import certificates, with_manager


def connect_registry(author: str | None = None) -> Any:
    """A ``model_registry.ModelRegistry`` for the registry that is in use in JupyterLab.

    That is the one of the active connection, of several the one that was chosen there; Local Kubeflow is started when the connection is that and
    does not run. ``author`` is written into what it registers, by default the name of the user of this process. The client keeps today's
    credentials: connect again when they have expired. Raises :class:`KubeflowError` when there is no registry, the package is not installed,
    or the connection needs what the package cannot be given (a client certificate, a port-forward, headers).
    """
    try:
        from model_registry import ModelRegistry
    except ImportError as error:
        raise _refused(
            "model-registry is not installed. Install it with `pip install 'jupyterlab-kubeflow[sdk]'`."
        ) from error
    upstream = with_manager(lambda manager: manager.upstream("registry"))
    kind, _, token = upstream.headers.get("Authorization", "").partition(" ")
    tls = upstream.tls
    needed: dict[str, object] = {
        "a port-forward": upstream.socket,
        "a client certificate or server name": tls.cert or tls.server_name,
        "a proxy": upstream.proxy,
        "another way to sign in than a token": upstream.headers.keys() - {"Authorization"}
        or (kind and kind != "Bearer"),
        "no check of the server's certificate": not tls.verify,
        "no token over https": upstream.url.startswith("https:") and not token,
    }
    for needs, there in needed.items():
        if there:
            raise _refused(
                f"The connection to {upstream.host} needs {needs}, which ModelRegistry cannot be given. Use a connection with an address and a token."
            )
    return ModelRegistry(
        upstream.url,
        author=author or getpass.getuser(),
        user_token=token or None,
        custom_ca=certificates(tls.ca) if tls.ca else None,
    )


def _refused(message: str) -> KubeflowError:
    return KubeflowError(message, reason="NotConfigured", status=503, service="registry")
