"""What passes to a Model Registry: the paths, verbs and parameters of its API v1alpha3. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from jupyterlab_kubeflow.errors import KubeflowError

ROOT = ["api", "model_registry", "v1alpha3"]

_READ = frozenset({"GET", "HEAD"})
_LISTED = _READ | {"POST"}
_OBJECT = _READ | {"PATCH"}

_CHILDREN = {
    "registered_models": ["versions"],
    "model_versions": ["artifacts"],
    "artifacts": [],
    "model_artifacts": [],
    "inference_services": ["serves"],
    "serving_environments": ["inference_services"],
    "experiments": ["experiment_runs"],
    "experiment_runs": ["artifacts"],
}
"""The types of objects, by their names in paths, and what belongs to an object of the type."""

_READABLE = {
    "inference_services": ["model", "version"],
    "experiment_runs": ["metric_history"],
}
"""What an object of the type is only asked for."""

_PARAMETERS = frozenset(
    {
        "artifactType",
        "externalId",
        "filterQuery",
        "name",
        "nextPageToken",
        "orderBy",
        "pageSize",
        "parentResourceId",
        "sortOrder",
        "stepIds",
    }
)

_ID = re.compile(r"[0-9]{1,19}")


def check_registry(
    method: str, segments: Sequence[str], parameters: Iterable[tuple[str, str]]
) -> None:
    """Raises :class:`KubeflowError`: 403 for a path or verb that is not on the lists, 400 for a parameter that the API does not have."""
    if [*segments[:3]] != ROOT or method not in _verbs(segments[3:]):
        raise KubeflowError(
            f"{method} /{'/'.join(segments)[:200]} is not among the requests that pass to registry.",
            reason="Forbidden",
            status=403,
            service="registry",
        )
    for name, _ in parameters:
        if name not in _PARAMETERS:
            raise KubeflowError(
                f"The Model Registry has no parameter {name[:40]}. There are: {', '.join(sorted(_PARAMETERS))}.",
                reason="BadRequest",
                service="registry",
            )


def _verbs(path: Sequence[str]) -> frozenset[str]:
    """The verbs that pass for a path below the API's root."""
    match path:
        case [kind] if kind in _CHILDREN:
            return _LISTED
        case [kind] if f"{kind}s" in _CHILDREN:  # finds one by its name
            return _READ
        case ["experiment_runs", "metric_history"]:
            return _READ
        case [kind, key] if kind in _CHILDREN and _ID.fullmatch(key):
            return _OBJECT
        case [kind, key, child] if kind in _CHILDREN and _ID.fullmatch(key):
            if child in _CHILDREN[kind]:
                return _LISTED
            return _READ if child in _READABLE.get(kind, []) else frozenset()
    return frozenset()
