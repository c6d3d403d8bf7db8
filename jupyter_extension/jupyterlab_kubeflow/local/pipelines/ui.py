"""The routes of the KFP UI server that give logs and artifact content: ``/k8s/pod/logs`` and ``/artifacts/get``."""

from __future__ import annotations

import asyncio
import mimetypes
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from fastapi import APIRouter
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from jupyterlab_kubeflow.local.engine.content import local_path
from jupyterlab_kubeflow.local.paths import Home
from jupyterlab_kubeflow.local.store.models import Task
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .content import file_response, folder_response, folder_summary
from .services import Services

_TEXT = "text/plain; charset=utf-8"
_CHUNK = 64 * 1024
_POLL = 0.15
_LOCAL_SOURCES = ("file", "local")
_GUARD_HEADERS = {
    "Content-Security-Policy": "sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def router(services: Services) -> APIRouter:
    """Logs and artifact content."""
    routes = APIRouter()

    @routes.api_route("/k8s/pod/logs", methods=["GET", "HEAD"])
    def pod_logs(
        request: Request,
        podname: str = "",
        podnamespace: str = "",
        runid: str = "",
        createdat: str = "",
    ) -> Response:
        """A task's log as text: what is there, and then what comes until the task has ended. With ``Range`` of what is there only."""
        if not podname:
            raise ApiError.invalid("podname is missing: name the task's pod.")
        task = _find_task(services, podname, runid)
        if task is None:
            raise ApiError.not_found(f"There is no pod {podname}.")
        if task.log_path is None and task.end_time is not None:
            why = task.error_message or task.status_message or ""
            raise ApiError.not_found(
                f'Task "{task.display_name}" has no log: it ended as {task.state} without running. {why}'.rstrip()
            )
        if request.method == "HEAD" or "range" in request.headers:
            return file_response(request, _log_now(task.log_path), _TEXT, _GUARD_HEADERS)
        return StreamingResponse(
            _follow(services, task.task_id), media_type=_TEXT, headers=_GUARD_HEADERS
        )

    @routes.api_route("/artifacts/get", methods=["GET", "HEAD"])
    def artifact_content(
        request: Request,
        source: str = "",
        bucket: str = "",
        key: str = "",
        namespace: str = "",
        peek: int = 0,
    ) -> Response:
        """An artifact's content, whole, by range, or with ``peek`` its first bytes; of a folder an archive, or with ``peek`` the files' names.

        ``source`` is ``file`` and ``key`` the artifact's path, below the artifacts folder or a run's workspace; with a ``bucket`` the path is
        ``/bucket/key``.
        """
        if source not in _LOCAL_SOURCES:
            raise ApiError.invalid(
                f'source "{source}" is not served here: Local Kubeflow serves the files that its runs have made (source=file). What lies '
                "in an object store or at another address, its own client can fetch."
            )
        path = _artifact_path(services.home, bucket, key)
        if path.is_dir():
            if peek > 0:
                return Response(folder_summary(path), media_type=_TEXT, headers=_GUARD_HEADERS)
            return folder_response(request, path, _GUARD_HEADERS)
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        return file_response(request, path.open("rb"), kind, _GUARD_HEADERS, peek)

    return routes


def _find_task(services: Services, pod_name: str, run_id: str) -> Task | None:
    statement = select(Task).where(Task.pod_name == pod_name)
    if run_id:
        statement = statement.where(Task.run_id == run_id)
    with services.database.read() as session:
        return session.scalar(statement.order_by(Task.sequence.desc()).limit(1))


async def _follow(services: Services, task_id: str) -> AsyncIterator[bytes]:
    """The log's content so far, then what is added. A log that is removed with its run ends."""

    def look() -> tuple[str | None, bool]:
        with services.database.read() as session:
            row = session.execute(
                select(Task.log_path, Task.end_time).where(Task.task_id == task_id)
            ).one_or_none()
        return (None, True) if row is None else (row[0], row[1] is not None)

    file: BinaryIO | None = None
    try:
        while True:
            log_path, ended = await run_in_threadpool(look)
            if file is None:
                file = await run_in_threadpool(_open_log, log_path)
            while file is not None and (part := await run_in_threadpool(file.read, _CHUNK)):
                yield part
            if ended or services.stopping.is_set():
                return
            await asyncio.sleep(_POLL)
    finally:
        if file is not None:
            file.close()


def _open_log(path: str | None) -> BinaryIO | None:
    try:
        return open(path, "rb") if path is not None else None
    except FileNotFoundError:
        return None


def _log_now(path: str | None) -> BinaryIO:
    """The log, empty when there is none yet."""
    return _open_log(path) or Path(os.devnull).open("rb")


def _artifact_path(home: Home, bucket: str, key: str) -> Path:
    """The file or folder that is meant, which must lie in the artifacts folder or a run's workspace once all links are followed.

    That an artifact is recorded for a path elsewhere (imported, or reported by a client) does not open it.
    """
    named = f"/{bucket.strip('/')}/{key.lstrip('/')}" if bucket else key
    path = local_path(named)
    if path is None or not path.startswith("/") or "\0" in path:
        raise ApiError.invalid("key must be the absolute path of an artifact.")
    artifacts, runs, real = (
        Path(os.path.realpath(each)) for each in (home.artifacts, home.runs, path)
    )
    in_workspace = real.is_relative_to(runs) and real.relative_to(runs).parts[1:2] == ("workspace",)
    if not (real.is_relative_to(artifacts) or in_workspace):
        raise ApiError.forbidden(
            f"{path} lies outside the artifacts folder of Local Kubeflow ({home.artifacts}) and the workspaces of its runs, so it is not "
            "served. Open it on this machine, or import it with download_to_workspace=True: the run's copy is served."
        )
    if not (os.path.isfile(real) or os.path.isdir(real)):
        raise ApiError.not_found(f"There is no content at {path}.")
    return real
