"""Where a training reports its progress, as Trainer's status server takes it: ``POST …/trainjobs/NAME/status`` (Trainer 2.3, proposal 2779).

A training finds the address, and the files with the authority and the token, in ``KUBEFLOW_TRAINER_SERVER_URL``, ``…_CA_CERT`` and ``…_TOKEN``.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jupyterlab_kubeflow.local.kubernetes.certificates import write_private
from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.resources import Resources

from .runtimes import GROUP, VERSION

PATH = f"/apis/{GROUP}/v1alpha1/namespaces/{{namespace}}/trainjobs/{{name}}/status"
_LONGEST = 64 * 1024


def reporting(url: str, token: str, folder: Path) -> Callable[[str, str], dict[str, str]]:
    """The variables of a TrainJob's containers, by namespace and name. ``folder`` has the authority ``ca.crt`` and gets the token's file."""
    file = folder / "token"
    write_private(file, token.encode())

    def variables(namespace: str, name: str) -> dict[str, str]:
        return {
            "KUBEFLOW_TRAINER_SERVER_URL": url + PATH.format(namespace=namespace, name=name),
            "KUBEFLOW_TRAINER_SERVER_CA_CERT": str(folder / "ca.crt"),
            "KUBEFLOW_TRAINER_SERVER_TOKEN": str(file),
        }

    return variables


def report(resources: Resources) -> Callable[[Request], Awaitable[Response]]:
    """Takes ``{trainerStatus: {…}}`` into the TrainJob's status; answers with what it has taken. Raises 404, and 422 for what is no such body."""
    client = Client(resources, "trainer-status")

    async def taken(request: Request) -> Response:
        text = await request.body()
        if len(text) > _LONGEST:
            raise StatusError(413, "RequestEntityTooLarge", "Payload too large")
        try:
            body = json.loads(text)
        except ValueError:
            body = None
        given = body.get("trainerStatus") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(given, dict | None):
            raise StatusError(422, "Invalid", "Invalid payload")
        if given is not None:
            namespace, name = request.path_params["namespace"], request.path_params["name"]
            kind = client.kind(VERSION, "TrainJob")
            replaced = dict.fromkeys(_old(client, namespace, name))
            patch = {"status": {"trainerStatus": {**replaced, **given}}}
            await client.patch(kind, namespace, name, patch, subresource="status")
        return JSONResponse({"trainerStatus": given} if given is not None else {})

    return taken


def _old(client: Client, namespace: str, name: str) -> list[str]:
    """The fields of the last report, which a new one replaces."""
    job = client.get(client.kind(VERSION, "TrainJob"), namespace, name)
    return list((job.get("status") or {}).get("trainerStatus") or ())
