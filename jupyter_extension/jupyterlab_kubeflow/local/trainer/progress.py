"""Where a training reports its progress, as Trainer's status server takes it: ``POST …/trainjobs/NAME/status`` (Trainer 2.3, proposal 2779).

A training finds the address, and the files with the authority and the token, in ``KUBEFLOW_TRAINER_SERVER_URL``, ``…_CA_CERT`` and ``…_TOKEN``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from jupyterlab_kubeflow.local.jobs.reports import URL, kept, passed_on
from jupyterlab_kubeflow.local.kubernetes.certificates import write_private
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.resources import Options, Resources
from jupyterlab_kubeflow.local.kubernetes.schema import prune
from jupyterlab_kubeflow.local.kubernetes.store import settled
from jupyterlab_kubeflow.times import instant

from .runtimes import GROUP, VERSION

PATH = f"/apis/{GROUP}/v1alpha1/namespaces/{{namespace}}/trainjobs/{{name}}/status"
_ADDRESS = re.compile(PATH.format(namespace="(?P<namespace>[^/]+)", name="(?P<name>[^/]+)") + "$")
_LONGEST = 64 * 1024
_LOOK_AGAIN = 1.0
_log = logging.getLogger(__name__)


def reporting(url: str, token: str, folder: Path) -> Callable[[str, str], dict[str, str]]:
    """The variables of a TrainJob's containers, by namespace and name. ``folder`` has the authority ``ca.crt`` and gets the token's file."""
    file = folder / "token"
    write_private(file, token.encode())

    def variables(namespace: str, name: str) -> dict[str, str]:
        return {
            URL: url + PATH.format(namespace=namespace, name=name),
            "KUBEFLOW_TRAINER_SERVER_CA_CERT": str(folder / "ca.crt"),
            "KUBEFLOW_TRAINER_SERVER_TOKEN": str(file),
        }

    return variables


Take = Callable[[str, str, bytes], Awaitable[dict[str, Any]]]


def _taking(resources: Resources) -> Take:
    """Takes a report, by namespace, name and body; gives what it has taken. Raises as :func:`report`."""
    kind = resources.kinds.of(VERSION, "TrainJob")
    options = Options(manager="trainer-status", force=True, subresource="status")

    async def take(namespace: str, name: str, text: bytes) -> dict[str, Any]:
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
            return {}
        if not _is_time(given.get("lastUpdatedTime")):
            said = "trainerStatus.lastUpdatedTime: must be a time with its zone, for example 2026-01-31T12:00:00Z"
            raise StatusError(422, "Invalid", said)
        status = {"status": {"trainerStatus": given}}
        for _ in prune(kind.node, status):
            pass  # as Trainer does
        try:
            await settled(resources.apply(kind, namespace, name, status, options))
        except StatusError as error:
            if error.status != 400:
                raise
            raise StatusError(422, "Invalid", error.message, error.details) from error
        return {"trainerStatus": given}

    return take


def report(resources: Resources) -> Callable[[Request], Awaitable[Response]]:
    """Takes ``{trainerStatus: {…}}`` into the TrainJob's status, in place of the last report; answers with what it has taken.

    Raises 404, 413, and 422 for what is no such body.
    """
    take = _taking(resources)

    async def taken(request: Request) -> Response:
        where = request.path_params
        return JSONResponse(await take(where["namespace"], where["name"], await request.body()))

    return taken


def left(resources: Resources) -> Callable[[dict[str, Any], Path], Awaitable[None]]:
    """Takes what a container, given by its spec, has reported while there was no server, from the file of ``jobs.reports``; once only."""
    take = _taking(resources)

    async def take_all(namespace: str, name: str, file: str) -> None:
        for at, body in await asyncio.to_thread(lambda: [*kept(file)]):
            while True:
                try:
                    await take(namespace, name, body)
                except StatusError as error:
                    if error.status >= 500:  # the disk is full: it has to be taken some day
                        await asyncio.sleep(_LOOK_AGAIN)
                        continue
                    _log.info("A report of TrainJob %s/%s was refused: %s", namespace, name, error)
                break
            await asyncio.to_thread(passed_on, file, at)

    async def taken(container: dict[str, Any], file: Path) -> None:
        declared = {each["name"]: each.get("value") or "" for each in container.get("env") or ()}
        if where := _ADDRESS.search(declared.get(URL, "")):
            try:
                await take_all(where["namespace"], where["name"], str(file))
            except OSError as error:  # the container's end is to be told all the same
                _log.warning("Reports of TrainJob %s: %s", where["name"], error)

    return taken


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and instant(value).tzinfo is not None
    except ValueError:
        return False
