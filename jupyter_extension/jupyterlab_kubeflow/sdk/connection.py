"""Where runs are read from: a ``kfp.Client``'s server, the environment's, or that of the active connection."""

from __future__ import annotations

import asyncio
import atexit
import os
import tempfile
import warnings
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from jupyterlab_kubeflow.errors import KubeflowError

from .ir import Json, mapping

if TYPE_CHECKING:
    from jupyterlab_kubeflow.connections.manager import ConnectionManager
    from jupyterlab_kubeflow.connections.upstream import Upstream

HOST_VARIABLE = "KF_PIPELINES_ENDPOINT"
"""Environment variable with the address of KFP's API server, the one that ``kfp.Client`` reads."""
TOKEN_VARIABLE = "KF_PIPELINES_TOKEN"  # noqa: S105
"""Environment variable with a bearer token for it."""

_API = "/apis/v2beta1"
_TIMEOUT = 30.0
_PAGE = "200"

_Get = Callable[[str, dict[str, str]], Awaitable[tuple[int, Any]]]
"""A GET of a path below the server: the HTTP status and the JSON body, ``None`` when it is none."""
_Result = TypeVar("_Result")


def connect() -> Any:
    """A ``kfp.Client`` for the server that the environment names (``KF_PIPELINES_ENDPOINT``), else for the active connection.

    The active connection is the one that JupyterLab's status bar shows; Local Kubeflow is started when it is that and does not run.
    The client keeps today's credentials: connect again when they have expired. Raises :class:`KubeflowError` when there is no such
    server, kfp is not installed, or the connection needs what ``kfp.Client`` cannot be given (a client
    certificate, a port-forward).
    """
    try:
        import kfp
    except ImportError as error:
        raise KubeflowError(
            "kfp is not installed. Install it with `pip install 'jupyterlab-kubeflow[sdk]'`.",
            reason="NotConfigured",
            status=503,
            service="pipelines",
        ) from error
    upstream = with_manager(_server)
    tls = upstream.tls
    if tls.cert or tls.server_name or upstream.socket:
        needs = "a port-forward" if upstream.socket else "a client certificate or server name"
        raise KubeflowError(
            f"The connection to {upstream.host} needs {needs}, which kfp.Client cannot be given. Use a connection with a token, or set {HOST_VARIABLE}.",
            reason="NotConfigured",
            status=503,
            service="pipelines",
        )
    headers = dict(upstream.headers)
    kind, _, token = headers.get("Authorization", "").partition(" ")
    arguments: Json = {"host": upstream.url}
    if kind == "Bearer":
        del headers["Authorization"]
        arguments["existing_token"] = token
    if tls.ca:
        arguments["ssl_ca_cert"] = certificates(tls.ca)
    if not tls.verify:
        arguments["verify_ssl"] = False
    if upstream.proxy:
        arguments["proxy"] = upstream.proxy

    def client(**more: str) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            made = kfp.Client(**arguments, **more)
        for name, value in headers.items():
            made.runs.api_client.set_default_header(name, value)
        return made

    made = client()
    if upstream.via not in ("local", "environment") and made.get_kfp_healthz().multi_user:
        namespace = with_manager(_namespace)
        return client(namespace=namespace) if namespace else made
    return made


@lru_cache
def certificates(authority: str) -> str:
    """A file with these certificates until the process ends: the components' clients take no text."""
    with tempfile.NamedTemporaryFile("w", suffix=".pem", delete=False) as file:
        file.write(authority)
    atexit.register(Path(file.name).unlink, missing_ok=True)
    return file.name


def read_run(run_id: str, client: Any = None) -> tuple[Json, list[Json]]:
    """A run (``v2beta1Run``, with its spec) and its native tasks, by GET.

    Read with ``client``, a ``kfp.Client``, else as :func:`connect` finds the server. A server without native tasks (KFP 2) gives an
    empty list. Raises :class:`KubeflowError`.
    """
    if client is not None:
        return _in_loop(_run_and_tasks(_of_client(client), run_id))

    async def read(manager: ConnectionManager) -> tuple[Json, list[Json]]:
        upstream = await _server(manager)
        return await _run_and_tasks(await _of_upstream(manager, upstream), run_id)

    return with_manager(read)


def with_manager(work: Callable[[ConnectionManager], Awaitable[_Result]]) -> _Result:
    """What ``work`` gives, with the connections of this machine; whatever it opens there is closed."""
    from jupyterlab_kubeflow.connections.manager import ConnectionManager

    async def run() -> _Result:
        manager = ConnectionManager()
        try:
            return await work(manager)
        finally:
            await manager.close()

    return _in_loop(run())


def _in_loop(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Runs in a thread with a loop of its own: a kernel has one that is already running."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _server(manager: ConnectionManager) -> Upstream:
    host = os.environ.get(HOST_VARIABLE, "").rstrip("/")
    if not host:
        return await manager.upstream("pipelines")
    from jupyterlab_kubeflow.connections.upstream import Upstream

    token = os.environ.get(TOKEN_VARIABLE)
    return Upstream(
        "pipelines",
        host if "://" in host else f"https://{host}",
        "environment",
        headers={"Authorization": f"Bearer {token}"} if token else {},
    )


async def _namespace(manager: ConnectionManager) -> str:
    return str((await manager.state())["namespace"])


async def _of_upstream(manager: ConnectionManager, upstream: Upstream) -> _Get:
    from urllib.parse import urlencode

    from jupyterlab_kubeflow.connections.clients import Wait, send

    pool = await manager.pool(upstream)
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    wait = Wait(_TIMEOUT, _TIMEOUT, _TIMEOUT)

    async def get(path: str, params: dict[str, str]) -> tuple[int, Any]:
        target = f"{path}?{urlencode(params)}" if params else path
        answer = await send(pool, upstream, "GET", target, headers, wait)
        try:
            return answer.status, _parsed(await answer.read())
        finally:
            await answer.close()

    return get


def _of_client(client: Any) -> _Get:
    """Through the client's own connection: its credentials, certificates and cookies stay there."""
    try:
        api = client.runs.api_client
    except AttributeError as error:
        raise KubeflowError(
            f"client must be a kfp.Client, not {type(client).__name__}.", service="pipelines"
        ) from error
    import kfp_server_api
    import urllib3

    async def get(path: str, params: dict[str, str]) -> tuple[int, Any]:
        try:
            body = api.call_api(
                path,
                "GET",
                query_params=list(params.items()),
                header_params={"Accept": "application/json"},
                response_type="object",
                auth_settings=["Bearer"],
                _return_http_data_only=True,
                _request_timeout=_TIMEOUT,
            )
        except kfp_server_api.ApiException as error:
            return error.status or 502, _parsed(error.body)
        except urllib3.exceptions.HTTPError as error:
            host = api.configuration.host
            raise KubeflowError(
                f"Kubeflow Pipelines at {host} does not answer ({type(error).__name__}). Check that it runs.",
                reason="UpstreamUnreachable",
                status=502,
                service="pipelines",
            ) from error
        return 200, body

    return get


async def _run_and_tasks(get: _Get, run_id: str) -> tuple[Json, list[Json]]:
    path = f"{_API}/runs/{_segment(run_id)}"
    run = _checked(*await get(path, {}), run_id)
    version = mapping(run.get("pipeline_version_reference"))
    pipeline_id, version_id = version.get("pipeline_id"), version.get("pipeline_version_id")
    if not run.get("pipeline_spec") and pipeline_id and version_id:
        there = f"{_API}/pipelines/{_segment(pipeline_id)}/versions/{_segment(version_id)}"
        run["pipeline_spec"] = _checked(*await get(there, {}), run_id).get("pipeline_spec")
    return run, await _tasks(get, f"{path}/tasks", run_id)


async def _tasks(get: _Get, path: str, run_id: str) -> list[Json]:
    tasks: list[Json] = []
    params = {"page_size": _PAGE}
    while True:
        status, body = await get(path, params)
        if status in (404, 405, 501) and not tasks:
            return []
        page = _checked(status, body, run_id)
        tasks += page.get("tasks") or []
        token = page.get("next_page_token")
        if not token:
            return tasks
        params = {"page_size": _PAGE, "page_token": token}


def _checked(status: int, body: Any, run_id: str) -> Json:
    if status == 404:
        raise KubeflowError(
            f"There is no run {run_id} here. Check the id and the connection.",
            reason="NotFound",
            status=404,
            service="pipelines",
        )
    if status in (401, 403):
        raise KubeflowError(
            f"You may not read run {run_id} here. Sign in again, or ask for the right to read runs.",
            reason="Forbidden",
            status=status,
            service="pipelines",
        )
    if status >= 300 or not isinstance(body, dict):
        said = mapping(body).get("message") or "no JSON"
        raise KubeflowError(
            f"Kubeflow Pipelines refused run {run_id}: {status} {said}",
            reason="UpstreamInvalid",
            status=status if status >= 400 else 502,
            service="pipelines",
        )
    return body


def _parsed(content: bytes | str | None) -> Any:
    import json

    try:
        return json.loads(content or b"")
    except ValueError:
        return None


def _segment(name: str) -> str:
    return quote(str(name), safe="")
