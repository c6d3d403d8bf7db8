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
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.resources import Options, Resources
from jupyterlab_kubeflow.local.kubernetes.schema import prune
from jupyterlab_kubeflow.local.kubernetes.store import settled
from jupyterlab_kubeflow.times import instant

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
    """Takes ``{trainerStatus: {…}}`` into the TrainJob's status, in place of the last report; answers with what it has taken.

    Raises 404, 413, and 422 for what is no such body.
    """
    kind = resources.kinds.of(VERSION, "TrainJob")
    options = Options(manager="trainer-status", force=True, subresource="status")

    async def taken(request: Request) -> Response:
        text = await request.body()
        if len(text) > _LONGEST:
            raise StatusError(413, "RequestEntityTooLarge", "Payload too large")
        try:
            body = json.loads(text)
        except (ValueError, RecursionError):
            body = None
        given = body.get("trainerStatus") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(given, dict | None):
            raise StatusError(422, "Invalid", "Invalid payload")
        if given is None:
            return JSONResponse({})
        if not _is_time(given.get("lastUpdatedTime")):
            said = "trainerStatus.lastUpdatedTime: must be a time with its zone, for example 2026-01-31T12:00:00Z"
            raise StatusError(422, "Invalid", said)
        status = {"status": {"trainerStatus": given}}
        for _ in prune(kind.node, status):
            pass  # as Trainer does
        namespace, name = request.path_params["namespace"], request.path_params["name"]
        try:
            await settled(resources.apply(kind, namespace, name, status, options))
        except StatusError as error:
            if error.status != 400:
                raise
            raise StatusError(422, "Invalid", error.message, error.details) from error
        return JSONResponse({"trainerStatus": given})

    return taken


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and instant(value).tzinfo is not None
    except ValueError:
        return False
