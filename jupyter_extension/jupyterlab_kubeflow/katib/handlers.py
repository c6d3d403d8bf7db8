"""``GET /kubeflow/katib/observations``."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from jupyter_server.auth.decorator import authorized
from tornado import web

from jupyterlab_kubeflow.connections.manager import ConnectionManager
from jupyterlab_kubeflow.connections.upstream import Upstream
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.proxy.forward import Call, forward
from jupyterlab_kubeflow.proxy.limits import Limits
from jupyterlab_kubeflow.proxy.policy import OURS
from jupyterlab_kubeflow.rest import RESOURCE, KubeflowHandler, answers_errors
from jupyterlab_kubeflow.times import instant

from .observations import DbManager, Question

_NEEDED = ("namespace", "trial")
_TIMES = ("start", "end")
_KNOWN = (*_NEEDED, "metric", *_TIMES)
_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_TRIAL = "/apis/kubeflow.org/v1beta1/namespaces/{}/trials/{}"


class ObservationsHandler(KubeflowHandler):
    """What a trial has reported over time, from Katib's db-manager, which itself asks nobody who they are."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    @answers_errors
    async def get(self) -> None:
        """Answers ``{items: [{metric, time, value}]}``: all texts, in the order of times, times as RFC 3339.

        Query: ``namespace`` and ``trial``; ``metric``, ``start`` and ``end`` (RFC 3339) for a part. Only who may get the trial, with the
        connection's credentials and within ``kubernetes_namespaces``, gets an answer: else 403 or 404, as the Kubernetes API says. 400 names a
        parameter that is wrong; 503 (``NotConfigured``) says what is missing for db-manager, 413, 502 and 504 why it gave no answer.
        """
        asked = self._asked()
        connections: ConnectionManager = self.settings["kubeflow_connections"]
        limits: Limits = self.settings["kubeflow_limits"]
        db_manager: DbManager = self.settings["kubeflow_db_manager"]
        path = _TRIAL.format(quote(asked["namespace"]), quote(asked["trial"]))
        async with forward(
            connections, Call.checked("kubernetes", "GET", path, "", {}, limits), limits
        ) as answer:
            if answer.status != 200:
                raise _refused(asked, answer.status)
        upstream = await connections.upstream("katib-db-manager")
        question = Question(*(asked.get(name, "") for name in ("trial", "metric", *_TIMES)))
        try:
            content = await db_manager.ask(upstream, question, limits.first_byte)
        except KubeflowError as error:
            raise await _explained(connections, upstream, error) from error
        self.set_header("Content-Type", "application/json")
        self.finish(content)

    def _asked(self) -> dict[str, str]:
        given = {
            name: self.get_query_arguments(name, strip=False)
            for name in self.request.query_arguments
            if name not in OURS
        }
        for name, values in given.items():
            if name not in _KNOWN:
                raise _bad(name, f'There is no parameter "{name[:40]}"; give {", ".join(_KNOWN)}.')
            if len(values) > 1:
                raise _bad(name, f"The parameter {name} is given more than once. Give it once.")
        asked = {name: values[0] for name, values in given.items()}
        for name in _NEEDED:
            if not _NAME.fullmatch(asked.get(name, "")):
                raise _bad(name, f"The parameter {name} must be the name of a {name}.")
        for name in _TIMES:
            if asked.get(name) and not _is_time(asked[name]):
                raise _bad(
                    name,
                    f"The parameter {name} must be a time with its zone, for example 2026-01-31T12:00:00Z.",
                )
        return asked


def _is_time(text: str) -> bool:
    try:
        return "T" in text and instant(text).tzinfo is not None
    except ValueError:
        return False


def _bad(field: str, message: str) -> KubeflowError:
    return KubeflowError(message, reason="BadRequest", details={"field": field[:40]})


def _refused(asked: dict[str, str], status: int) -> KubeflowError:
    trial, namespace = asked["trial"], asked["namespace"]
    if status == 404:
        return KubeflowError(
            f"There is no trial {trial} in the namespace {namespace}. It may have been deleted with its experiment.",
            reason="NotFound",
            status=404,
            service="kubernetes",
        )
    if status in (401, 403):
        return KubeflowError(
            f"You may not get trials of Katib in the namespace {namespace}, so their metrics are not read either.",
            reason="Forbidden",
            status=403,
            service="kubernetes",
        )
    return KubeflowError(
        f"Whether you may get the trial {trial} cannot be found out: the Kubernetes API answered with HTTP {status}. Try again.",
        reason="UpstreamInvalid",
        status=502,
        service="kubernetes",
    )


async def _explained(
    connections: ConnectionManager, upstream: Upstream, error: KubeflowError
) -> KubeflowError:
    """The error itself, or why the port-forward failed, which gRPC does not pass on: the port-forward answers in HTTP/1.1."""
    if not upstream.socket or error.reason != "UpstreamUnreachable":
        return error
    try:
        status, body = await connections.fetch(upstream, "/")
        message: Any = body["message"]
        return KubeflowError(
            message, reason=body["reason"], status=status, service="katib-db-manager"
        )
    except (KubeflowError, KeyError, TypeError):
        return error
