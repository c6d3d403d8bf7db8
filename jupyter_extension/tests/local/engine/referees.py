"""kfp.local as the measure: what it makes of compiled pipelines, and a run's outputs in the same form."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Sequence
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
        written.append({"file": str(file), "parameters": parameters, "root": str(folder / "root")})
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


def outputs_of(result: Result) -> dict[str, Any]:
    """The outputs of the run's root in the referee's form."""
    root = result.tasks["root"]
    outputs: dict[str, Any] = dict(root.output_parameters)
    for name, ids in root.output_artifacts.items():
        artifact = result.recorder.artifacts[ids[0]]
        file = Path(artifact.uri)
        text = file.read_text() if file.is_file() else None
        outputs[name] = {"text": text, "metadata": artifact.metadata}
    return outputs


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
