"""Runs compiled pipelines with kfp.local, unmodified, in a process of its own: ``referee.py JOBS RESULTS``.

JOBS is a JSON file ``[{"file", "parameters", "root"}]``. RESULTS receives for each ``{"outputs"}``, an artifact among them as ``{"text",
"metadata"}``, or ``{"error"}`` with what it says when it does not end well.
"""

# ruff: noqa: SIM115 - components are what kfp understands

import json
import os
import sys

from kfp import components, dsl, local


def plain(value):
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dsl.Artifact):
        text = open(value.path).read() if os.path.isfile(value.path) else None
        return {"text": text, "metadata": value.metadata}
    return value


def end_of(job):
    local.init(
        local.SubprocessRunner(use_venv=False), pipeline_root=job["root"], raise_on_error=True
    )
    try:
        task = components.load_component_from_file(job["file"])(**job["parameters"])
        return {"outputs": {name: plain(value) for name, value in task.outputs.items()}}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main(jobs_file: str, results_file: str) -> None:
    results = [end_of(job) for job in json.load(open(jobs_file))]
    with open(results_file, "w") as file:
        json.dump(results, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
