"""Operations of KFP v2beta1 that a single user's machine has no use for: authorisation, which is always granted, and those refused with 501."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import answer
from .kinds import enum
from .services import Services

_RESOURCES = ("UNASSIGNED_RESOURCES", "VIEWERS")
_VERBS = ("UNASSIGNED_VERB", "CREATE", "GET", "DELETE")
_REFUSED = {
    (
        "GET",
        "/filters",
    ): "it only publishes the form of filters, and KFP's own server does not answer it either",
    (
        "POST",
        "/workflows",
    ): "it is for KFP's persistence agent, which reports Argo workflows of a cluster",
    (
        "POST",
        "/scheduledworkflows",
    ): "it is for KFP's agents, which report ScheduledWorkflow resources of a cluster",
    (
        "POST",
        "/visualizations/{namespace}",
    ): "it needs KFP's visualization service, which runs in a cluster. Let a component write an HTML artifact instead",
}


def router(_: Services) -> APIRouter:
    """``/auth``, and a refusal in KFP's form for each of the others."""
    routes = APIRouter()

    @routes.get("/auth")
    def authorize(namespace: str = "", resources: str = "", verb: str = "") -> JSONResponse:
        """Grants what is asked for, as KFP does for a single user, when the question is whole."""
        if not namespace:
            raise ApiError.invalid("namespace is missing.")
        for name, given, names in (("resources", resources, _RESOURCES), ("verb", verb, _VERBS)):
            wanted = int(given) if given.isdecimal() else given or names[0]
            if enum(*names)(wanted, name) == names[0]:
                raise ApiError.invalid(f"{name} is missing: it is one of {', '.join(names[1:])}.")
        return answer({})

    for (method, path), why in _REFUSED.items():
        routes.add_api_route(path, _refusal(f"{method} {path}", why), methods=[method])
    return routes


def _refusal(operation: str, why: str) -> Callable[[], None]:
    def refuse() -> None:
        raise ApiError.unimplemented(f"Local Kubeflow does not offer {operation}: {why}.")

    return refuse
