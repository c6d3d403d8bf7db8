"""The subresource ``scale``: how many replicas an object has and is to have, as ``Scale`` of ``autoscaling/v1``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import StatusError, invalid, invalid_value
from .metadata import HEADER
from .selectors import written

if TYPE_CHECKING:
    from .history import Item
    from .kinds import Kind

Body = dict[str, Any]
API_VERSION = "autoscaling/v1"


def read(kind: Kind, item: Item) -> Body:
    """The ``Scale`` of an object."""
    paths, body = kind.scale or {}, item.body
    meta = {name: body["metadata"][name] for name in HEADER if name in body["metadata"]}
    status: Body = {"replicas": _at(body, paths["statusReplicasPath"]) or 0}
    selector = _at(body, paths.get("labelSelectorPath", ""))
    if isinstance(selector, dict):
        selector = written(selector)
    if selector:
        status["selector"] = selector
    replicas = _at(body, paths["specReplicasPath"])
    return {
        "kind": "Scale",
        "apiVersion": API_VERSION,
        "metadata": meta,
        "spec": {"replicas": replicas} if replicas else {},
        "status": status,
    }


def write(kind: Kind, body: Body, scale: Any) -> None:
    """Sets the replicas of an object to those of a ``Scale``, in place, and the version that it is about. Raises 422 for what is no number of replicas."""
    spec = scale.get("spec") if isinstance(scale, dict) else None
    replicas = (spec if isinstance(spec, dict) else {}).get("replicas") or 0
    name = body["metadata"]["name"]
    if not isinstance(replicas, int) or isinstance(replicas, bool) or replicas < 0:
        raise _refused(kind, name, replicas)
    meta = scale.get("metadata") if isinstance(scale, dict) else None
    if isinstance(meta, dict) and meta.get("resourceVersion"):
        body["metadata"]["resourceVersion"] = meta["resourceVersion"]
    *above, last = _steps((kind.scale or {})["specReplicasPath"])
    for step in above:
        body = body.setdefault(step, {})
    body[last] = replicas


def _refused(kind: Kind, name: str, replicas: Any) -> StatusError:
    if not kind.strategic:
        path = (kind.scale or {})["specReplicasPath"]
        said = "should be a non-negative integer"
        return invalid(kind, name, [invalid_value(path, replicas, said)])
    cause = invalid_value("spec.replicas", replicas, "must be greater than or equal to 0")
    details = {"name": name, "group": "autoscaling", "kind": "Scale", "causes": [cause.body()]}
    said = f'Scale.autoscaling "{name}" is invalid: {cause.field}: {cause.message}'
    return StatusError(422, "Invalid", said, details)


def table(scale: Body, age: str) -> Body:
    """The ``Table`` of a ``Scale``, as ``kubectl get --subresource=scale`` shows it."""
    cells = [
        ("Name", "string", scale["metadata"]["name"]),
        ("Desired", "integer", scale["spec"].get("replicas", 0)),
        ("Available", "integer", scale["status"]["replicas"]),
        ("Age", "string", age),
    ]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": scale["metadata"]["resourceVersion"]},
        "columnDefinitions": [
            {
                "name": name,
                "type": of,
                "format": "name" if name == "Name" else "",
                "description": "",
                "priority": 0,
            }
            for name, of, _ in cells
        ],
        "rows": [{"cells": [cell for _, _, cell in cells], "object": scale}],
    }


def _steps(path: str) -> list[str]:
    return path.strip(".").split(".")


def _at(body: Any, path: str) -> Any:
    for step in _steps(path) if path else []:
        body = body.get(step) if isinstance(body, dict) else None
    return body if path else None
