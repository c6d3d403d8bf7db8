"""Runs compiled pipelines with kfp.local, unmodified, in a process of its own: ``referee.py JOBS RESULTS``.

JOBS is a JSON file ``[{"file", "parameters", "root"}]``, each with a root of its own. RESULTS receives for each ``{"outputs", "written"}``:
the pipeline's outputs, an artifact among them as ``{"text", "metadata"}``, and those that the components' executors wrote, of iterations
the last. When it does not end well: ``{"error"}`` with what it says.
"""

# ruff: noqa: SIM115 - components are what kfp understands

import glob
import json
import os
import sys

from kfp import components, dsl, local


def plain(value):
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, dsl.Artifact):
        return artifact(value.path, value.metadata)
    return value


def artifact(path, metadata):
    text = open(path).read() if os.path.isfile(path) else None
    return {"text": text, "metadata": metadata}


def written(root):
    for path in glob.glob(os.path.join(root, "**", "executor_output.json"), recursive=True):
        output = json.load(open(path))
        yield {
            **output.get("parameterValues", {}),
            **{
                name: [artifact(each["uri"], each["metadata"]) for each in listed["artifacts"]]
                for name, listed in output.get("artifacts", {}).items()
            },
        }


def end_of(job):
    local.init(
        local.SubprocessRunner(use_venv=False), pipeline_root=job["root"], raise_on_error=True
    )
    try:
        task = components.load_component_from_file(job["file"])(**job["parameters"])
        outputs = {name: plain(value) for name, value in task.outputs.items()}
        return {"outputs": outputs, "written": list(written(job["root"]))}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main(jobs_file: str, results_file: str) -> None:
    results = [end_of(job) for job in json.load(open(jobs_file))]
    with open(results_file, "w") as file:
        json.dump(results, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
