"""How the controllers write the status of an object."""

from __future__ import annotations

from typing import Any

from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.kinds import Kind

Body = dict[str, Any]


async def set_status(client: Client, kind: Kind, about: Body, status: Body) -> None:
    """Sets the status of an object, unless it is so or the object is gone. Raises what else fails, a full disk for example."""
    if about.get("status") == status:
        return
    meta = about["metadata"]

    def change(body: Body) -> None:
        if body["metadata"]["uid"] == meta["uid"]:
            body["status"] = status

    try:
        await client.edit(kind, meta["namespace"], meta["name"], change)
    except StatusError as error:
        if error.status != 404:
            raise
