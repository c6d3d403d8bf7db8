"""What is wrong with a new OptimizationJob beside what its CRD says, and the names of its variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jupyterlab_kubeflow.local.kubernetes.errors import Cause, invalid_value

Body = dict[str, Any]
_VARIABLE = "KUBEFLOW_TRAINER_OPT_"
_LONGEST = 63 - len("-trial-abcde") - len("-node-0-0-abcde")


def check(body: Body, old: Body | None, _: object) -> Iterator[Cause]:
    """Yields what is wrong, with the field and what to do."""
    if old is not None:
        return
    from jupyterlab_kubeflow.local.tuning.optimization_jobs import read_optimization_job

    name, spec = body["metadata"]["name"], body["spec"]
    if len(name) > _LONGEST:
        said = f"take at most {_LONGEST} characters: the names of its trials and of their pods begin with it"
        yield invalid_value("metadata.name", name, said)
    for field, said in read_optimization_job(spec)[1]:
        yield Cause(field, "FieldValueInvalid", said)
    taken: dict[str, str] = {}
    for index, each in enumerate(spec.get("parameters") or ()):
        other = taken.setdefault(variable(each["name"]), each["name"])
        if other != each["name"]:
            said = f"it would be the same variable {variable(other)} as {other}: rename one"
            yield invalid_value(f"spec.parameters[{index}].name", each["name"], said)


def variable(parameter: str) -> str:
    """The variable by which the nodes of a trial get a parameter."""
    return _VARIABLE + re.sub(r"[^A-Z0-9]", "_", parameter.upper())
