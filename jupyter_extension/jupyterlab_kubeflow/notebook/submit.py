"""Submitting a compiled notebook over KFP's REST API (v2beta1) and waiting for its end. No kfp."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

from jupyterlab_kubeflow.errors import KubeflowError

END_STATES = frozenset({"SUCCEEDED", "FAILED", "CANCELED", "SKIPPED"})
POLL_SECONDS = 1.0

_WHERE = re.compile(
    r"((?:Cell \d+|Parameters|Before the first cell)(?:, line \d+)?: .*?|The kernel \".*?)(?: \(exit code -?\d+\))?$",
    re.MULTILINE,
)


class Pipelines:
    """A KFP API server. Every failure is a :class:`KubeflowError` that names it."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(30, connect=10),
            trust_env=not re.match(
                r"https?://(127\.0\.0\.1|localhost|\[::1\])[:/]", self.url + "/"
            ),
        )

    def __enter__(self) -> Pipelines:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._http.close()

    def create_run(
        self,
        name: str,
        spec: dict[str, Any],
        parameters: dict[str, Any],
        experiment: str | None = None,
    ) -> dict[str, Any]:
        """Creates a run from ``spec`` and answers it (``v2beta1Run``). ``experiment`` is a name; one that is not there is created."""
        body: dict[str, Any] = {
            "display_name": name,
            "pipeline_spec": spec,
            "runtime_config": {"parameters": parameters},
        }
        if experiment:
            body["experiment_id"] = self._experiment(experiment)
        return self._call("POST", "runs", json=body)

    def run(self, run_id: str) -> dict[str, Any]:
        """The run as it is now, with the details of its tasks."""
        return self._call("GET", f"runs/{run_id}")

    def wait(self, run_id: str, tell: Callable[[str], None]) -> dict[str, Any]:
        """The run when it has ended; until then ``tell`` gets its states and the lines of its log."""
        state, followed = "", False
        while True:
            run = self.run(run_id)
            if run.get("state", "") != state:
                state = run.get("state", "")
                tell(f"State: {state.lower()}")
            if state in END_STATES:
                return run
            if not followed:
                for line in self._log(run):
                    followed = True
                    tell(line)
                if followed:
                    continue
            time.sleep(POLL_SECONDS)

    def failure(self, run: dict[str, Any]) -> str:
        """Why the run failed: the failing cell where one is known."""
        tasks = run.get("run_details", {}).get("task_details", [])
        said = [(item.get("error") or {}).get("message", "") for item in [run, *tasks]]
        for text in said:
            found = _WHERE.search(text)
            if found:
                return found.group(1)
        found = None
        for line in self._log(run):
            found = _WHERE.match(line) or found
        if found:
            return found.group(1)
        return next(filter(None, said), f"The run ended as {run.get('state', 'unknown').lower()}.")

    def _log(self, run: dict[str, Any]) -> Iterator[str]:
        """The lines of the log of the run's task, as they come; none where the KFP UI's route for logs is not there."""
        tasks = run.get("run_details", {}).get("task_details", [])
        pods = [
            item["pod_name"]
            for item in tasks
            if item.get("pod_name") and not item.get("child_tasks")
        ]
        for pod in pods[-1:]:
            query = {"podname": pod, "runid": run["run_id"]}
            try:
                with self._http.stream(
                    "GET",
                    f"{self.url}/k8s/pod/logs",
                    params=query,
                    timeout=httpx.Timeout(None, connect=10),
                ) as answer:
                    if answer.status_code == 200 and "text/plain" in answer.headers.get(
                        "content-type", ""
                    ):
                        yield from answer.iter_lines()
            except httpx.HTTPError:
                return

    def _experiment(self, name: str) -> str:
        wanted = {"predicates": [{"operation": 1, "key": "display_name", "stringValue": name}]}
        found = self._call("GET", "experiments", params={"filter": json.dumps(wanted)})
        listed = found.get("experiments") or [
            self._call("POST", "experiments", json={"display_name": name})
        ]
        return str(listed[0]["experiment_id"])

    def _call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            answer = self._http.request(method, f"{self.url}/apis/v2beta1/{path}", **request)
        except httpx.TimeoutException as error:
            raise _upstream(
                f"{self.url} does not answer in time. Try again, or check the address.",
                "UpstreamTimeout",
                504,
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise _upstream(
                f"{self.url} cannot be reached ({error}). Check the address and that the service runs.",
                "UpstreamUnreachable",
                502,
            ) from error
        try:
            body = answer.json()
        except ValueError:
            body = None
        if answer.status_code >= 400 or not isinstance(body, dict):
            raise _refused(self.url, answer, body)
        return body


def read_token(path: str) -> str:
    """The bearer token in a file. Raises :class:`KubeflowError` naming the file."""
    try:
        token = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KubeflowError(f"The token file {path} cannot be read: {error}.") from error
    if not token:
        raise KubeflowError(f"The token file {path} is empty.")
    if not (token.isascii() and token.isprintable()):
        raise KubeflowError(
            f"The token file {path} holds no token: one line of plain characters is needed."
        )
    return token


def _refused(url: str, answer: httpx.Response, body: Any) -> KubeflowError:
    said = body.get("message") or body.get("error") if isinstance(body, dict) else None
    status = answer.status_code
    if status in (401, 403):
        what = (
            f"{url} refuses the credentials (HTTP {status}). Give a valid token with --token-file."
        )
        return _upstream(what, "Unauthorized" if status == 401 else "Forbidden", status)
    if said:
        return _upstream(str(said), "Invalid", status)
    return _upstream(
        f"{url} does not speak KFP's API v2beta1 (HTTP {status}). Check the address.",
        "UpstreamInvalid",
        502,
    )


def _upstream(message: str, reason: str, status: int) -> KubeflowError:
    return KubeflowError(message, reason=reason, status=status, service="pipelines")
