"""kfp.local as the measure: what it makes of compiled pipelines, and a run's outputs in the same form."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from engine_support import Result
from jupyterlab_kubeflow.local.engine import command

_SCRIPT = Path(__file__).with_name("referee.py")


def by_kfp_local(
    jobs: Sequence[tuple[dict[str, Any], dict[str, Any]]], folder: Path
) -> list[dict[str, Any]]:
    """What ``referee.py`` tells of each pipeline (compiled) with its parameters. All files are made below ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, (spec, parameters) in enumerate(jobs):
        file = folder / f"{number}.yaml"
        file.write_text(yaml.safe_dump_all(_without_prelude(spec)))
        root = folder / f"root-{number}"
        written.append({"file": str(file), "parameters": parameters, "root": str(root)})
    (folder / "jobs.json").write_text(json.dumps(written))
    done = subprocess.run(
        [sys.executable, str(_SCRIPT), str(folder / "jobs.json"), str(folder / "results.json")],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    results: list[dict[str, Any]] = json.loads((folder / "results.json").read_text())
    return results


def agrees(
    end: dict[str, Any], tasks: Mapping[str, Mapping[str, Any]], written: bool = True
) -> bool:
    """Whether a run that has succeeded has made what kfp.local says: the root's outputs and, with ``written``, what each component wrote.

    ``tasks`` holds by scope path the outputs, each artifact as a list of ``{"text", "metadata"}``.
    """
    if "outputs" not in end or {n: _one(v) for n, v in tasks["root"].items()} != end["outputs"]:
        return False
    return not written or all(
        any(
            all(name in made and made[name] == each[name] for name in each)
            for made in tasks.values()
        )
        for each in end["written"]
    )


def _one(value: Any) -> Any:
    """kfp.local knows single artifacts only as outputs of pipelines."""
    artifacts = isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict)
    return value[0] if artifacts and value[0].keys() == {"text", "metadata"} else value


def outputs_of(result: Result) -> dict[str, dict[str, Any]]:
    """The outputs of the run's tasks in the referee's form."""
    found: dict[str, dict[str, Any]] = {}
    for path, task in result.tasks.items():
        found[path] = dict(task.output_parameters)
        for name, ids in task.output_artifacts.items():
            artifacts = [result.recorder.artifacts[each] for each in ids]
            found[path][name] = [in_words(each.uri, each.metadata) for each in artifacts]
    return found


def in_words(uri: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """An artifact in the referee's form."""
    return {"text": Path(uri).read_text() if Path(uri).is_file() else None, "metadata": metadata}


def _without_prelude(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The documents of the compiled file. kfp.local would run ``pip install`` in this interpreter."""
    spec = copy.deepcopy(spec)
    platform = [spec["platform_spec"]] if "platform_spec" in spec else []
    spec = spec.get("pipeline_spec", spec)
    for executor in spec["deploymentSpec"]["executors"].values():
        container = executor.get("container")
        if container and container.get("command"):
            args = container.get("args", [])
            found = command.read(container["command"], args, container["image"])
            container["command"] = found.argv[: len(found.argv) - len(args)]
    return [spec, *platform]
