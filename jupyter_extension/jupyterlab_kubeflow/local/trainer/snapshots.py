"""The runtime as it was when a TrainJob began: Trainer keeps it in a ConfigMap of the TrainJob's, so that later changes are for later TrainJobs only.

The form is that of Trainer 2.3 (``pkg/runtime/core/snapshot.go``). Pure.
"""

from __future__ import annotations

import copy
from functools import lru_cache
from typing import Any

import yaml

from jupyterlab_kubeflow.local.jobs.controller import owner, owner_reference

Body = dict[str, Any]
_KEY = "runtime"
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class Invalid(Exception):
    """There is something else where the snapshot should be. The message says what, and what to do."""


def name(job: Body) -> str:
    """The name of the ConfigMap."""
    return f"{job['metadata']['name']}-runtime-snapshot"


def make(job: Body, runtime: Body) -> Body:
    """The ConfigMap of a TrainJob's runtime."""
    meta = {name: value for name, value in runtime["metadata"].items() if name != "managedFields"}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": name(job),
            "namespace": job["metadata"]["namespace"],
            "ownerReferences": [owner_reference(job)],
        },
        "data": {_KEY: yaml.dump({**runtime, "metadata": meta}, Dumper=_DUMPER)},
    }


def read(job: Body, held: Body) -> Body:
    """The runtime in the ConfigMap. Raises :class:`Invalid`."""
    at = f"ConfigMap {held['metadata']['name']!r}"
    if (owner(held, "TrainJob") or {}).get("uid") != job["metadata"]["uid"]:
        raise Invalid(
            f"invalid runtime snapshot: {at} is not of this TrainJob: remove it, or name the TrainJob otherwise"
        )
    try:
        found = copy.deepcopy(_loaded((held.get("data") or {})[_KEY]))
        named = found["metadata"]["name"], found["kind"]
        found["spec"]["template"]
    except (KeyError, TypeError, yaml.YAMLError) as error:
        raise Invalid(
            f"invalid runtime snapshot: {at} holds no runtime: make the TrainJob anew"
        ) from error
    reference = job["spec"]["runtimeRef"]
    if named != (reference["name"], reference.get("kind", "ClusterTrainingRuntime")):
        raise Invalid(
            f"invalid runtime snapshot: {at} holds the {named[1]} {named[0]!r}: make the TrainJob anew"
        )
    return dict(found)


@lru_cache(maxsize=64)
def _loaded(text: str) -> Any:
    """A TrainJob is looked at after each report of its progress, and reading YAML takes longer than all else then."""
    return yaml.safe_load(text)
