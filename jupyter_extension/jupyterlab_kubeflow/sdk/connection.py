"""Where runs are read from: a kfp client's server, the environment, or Local Kubeflow."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jupyterlab_kubeflow.errors import KubeflowError

from .ir import Json, mapping

if TYPE_CHECKING:
    import httpx

HOST_VARIABLE = "KF_PIPELINES_ENDPOINT"
"""Environment variable with the address of KFP's API server, the one that ``kfp.Client`` reads."""
TOKEN_VARIABLE = "KF_PIPELINES_TOKEN"  # noqa: S105
"""Environment variable with a bearer token for it."""

_TIMEOUT = 30.0
_PAGE = 200


@dataclass
class Server:
    """A KFP API server: ``url`` without ``/apis/v2beta1``."""

    url: str
    token: str | None = field(default=None, repr=False)


def find_server(client: Any = None) -> Server:
    """The server of a ``kfp.Client``, else the one that the environment names, else Local Kubeflow where it runs.

    Never starts anything. Raises :class:`KubeflowError` when there is none.
    """
    if client is not None:
        configuration = client._run_api.api_client.configuration
        token = configuration.get_api_key_with_prefix("authorization")
        return Server(configuration.host.rstrip("/"), (token or "").removeprefix("Bearer ") or None)
    if host := os.environ.get(HOST_VARIABLE):
        return Server(host.rstrip("/"), os.environ.get(TOKEN_VARIABLE))
    from jupyterlab_kubeflow.local.process import status

    local = status()
    if local.running and "pipelines" in local.services:
        return Server(local.services["pipelines"].rstrip("/"), local.token)
    raise KubeflowError(
        "There is no Kubeflow to read the run from. Start Local Kubeflow with `jupyter kubeflow local start`, "
        f"set {HOST_VARIABLE}, or hand in client=kfp.Client(…).",
        reason="NotConfigured",
        status=503,
        service="pipelines",
    )


def connect() -> Any:
    """A ``kfp.Client`` for the server that the environment names, else for Local Kubeflow where it runs.

    Raises :class:`KubeflowError` when there is none or kfp is not installed.
    """
    server = find_server()
    try:
        import kfp
    except ImportError as error:
        raise KubeflowError(
            "kfp is not installed. Install it with `pip install 'jupyterlab-kubeflow[sdk]'`.",
            reason="NotConfigured",
            status=503,
            service="pipelines",
        ) from error
    return kfp.Client(host=server.url, existing_token=server.token or "")


def read_run(run_id: str, client: Any = None) -> tuple[Json, list[Json]]:
    """A run (``v2beta1Run``, with its spec) and its native tasks, by GET.

    A server without native tasks (KFP 2) gives an empty list. Raises :class:`KubeflowError`.
    """
    import httpx

    server = find_server(client)
    headers = {"Authorization": f"Bearer {server.token}"} if server.token else {}
    base = f"{server.url}/apis/v2beta1"
    try:
        with httpx.Client(headers=headers, timeout=_TIMEOUT) as http:
            run = _get(http, f"{base}/runs/{_segment(run_id)}", run_id)
            version = mapping(run.get("pipeline_version_reference"))
            pipeline_id, version_id = version.get("pipeline_id"), version.get("pipeline_version_id")
            if not run.get("pipeline_spec") and pipeline_id and version_id:
                path = f"{base}/pipelines/{_segment(pipeline_id)}/versions/{_segment(version_id)}"
                run["pipeline_spec"] = _get(http, path, run_id).get("pipeline_spec")
            return run, _tasks(http, f"{base}/runs/{_segment(run_id)}/tasks", run_id)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise KubeflowError(
            f"Kubeflow Pipelines at {server.url} does not answer ({type(error).__name__}). Check that it runs.",
            reason="UpstreamUnreachable",
            status=502,
            service="pipelines",
        ) from error


def _tasks(http: httpx.Client, url: str, run_id: str) -> list[Json]:
    tasks: list[Json] = []
    token = ""
    while True:
        params = {"page_size": str(_PAGE), **({"page_token": token} if token else {})}
        answer = http.get(url, params=params)
        if answer.status_code in (404, 405, 501) and not tasks:
            return []
        page = _json(answer, run_id)
        tasks += page.get("tasks") or []
        token = page.get("next_page_token") or ""
        if not token:
            return tasks


def _get(http: httpx.Client, url: str, run_id: str) -> Json:
    return _json(http.get(url), run_id)


def _json(answer: httpx.Response, run_id: str) -> Json:
    if answer.status_code == 404:
        raise KubeflowError(
            f"There is no run {run_id} here. Check the id and the connection.",
            reason="NotFound",
            status=404,
            service="pipelines",
        )
    try:
        body = answer.json()
    except ValueError:
        body = None
    if answer.is_error or not isinstance(body, dict):
        said = mapping(body).get("message") or answer.reason_phrase or "no JSON"
        raise KubeflowError(
            f"Kubeflow Pipelines refused run {run_id}: {answer.status_code} {said}",
            reason="UpstreamInvalid",
            status=answer.status_code if answer.is_error else 502,
            service="pipelines",
        )
    return body


def _segment(name: str) -> str:
    from urllib.parse import quote

    return quote(str(name), safe="")
