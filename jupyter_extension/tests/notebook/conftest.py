"""Notebooks made for a test, and tasks run as a runner of KFP would run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}

WriteNotebook = Callable[..., Path]


@pytest.fixture
def write_notebook(tmp_path: Path) -> WriteNotebook:
    """Writes a notebook; a cell is its source or ``(source, tag)``; a source starting with ``#md`` is Markdown."""

    def write(*cells: Any, name: str = "work.ipynb", **metadata: Any) -> Path:
        made = []
        for cell in cells:
            source, tag = cell if isinstance(cell, tuple) else (cell, None)
            new = new_markdown_cell if source.startswith("#md") else new_code_cell
            made.append(new(source, metadata={"tags": [tag]} if tag else {}))
        notebook = new_notebook(cells=made, metadata={"kernelspec": KERNEL, **metadata})
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    return write


@dataclass
class Ran:
    """How a task ended."""

    code: int
    stdout: str
    stderr: str
    root: Path

    @property
    def last_line(self) -> str:
        return self.stderr.rstrip().rsplit("\n", 1)[-1]

    @property
    def notebook(self) -> Any:
        return nbformat.read(self.root / "notebook", as_version=4)

    @property
    def report(self) -> str:
        return (self.root / "report").read_text()

    @property
    def metrics(self) -> dict[str, float]:
        output = json.loads((self.root / "executor_output.json").read_text())
        metadata = output["artifacts"]["metrics"]["artifacts"][0]["metadata"]
        return dict(metadata)

    @property
    def text(self) -> str:
        """All that the cells printed, from the executed notebook."""
        return "".join(
            output.text
            for cell in self.notebook.cells
            for output in cell.get("outputs", [])
            if output.output_type == "stream"
        )


def command_of(spec: dict[str, Any], root: Path, parameters: dict[str, Any]) -> list[str]:
    """The task's command line with KFP's placeholders filled in, as the launcher does."""
    (executor,) = spec["deploymentSpec"]["executors"].values()
    (component,) = spec["components"].values()
    declared = component.get("inputDefinitions", {}).get("parameters", {})
    values = {
        name: item["defaultValue"] for name, item in declared.items() if "defaultValue" in item
    }
    artifacts = {
        name: {"artifacts": [{"name": name, "uri": str(root / name), "metadata": {}}]}
        for name in component["outputDefinitions"]["artifacts"]
    }
    executor_input = {
        "inputs": {"parameterValues": {**values, **parameters}},
        "outputs": {"artifacts": artifacts, "outputFile": str(root / "executor_output.json")},
    }
    places = {f"{{{{$.outputs.artifacts['{name}'].path}}}}": str(root / name) for name in artifacts}
    places["{{$}}"] = json.dumps(executor_input)
    container = executor["container"]
    line = [places.get(part, part) for part in container["command"] + container["args"]]
    return [sys.executable if part == "python3" else part for part in line]


@pytest.fixture
def start_task(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts a compiled notebook as a process, in a working directory of its own."""

    def start(spec: dict[str, Any], **parameters: Any) -> subprocess.Popen[str]:
        root = tmp_path / "task"
        root.mkdir()
        return subprocess.Popen(
            command_of(spec, root, parameters),
            cwd=root,
            env={**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture
def run_task(
    start_task: Callable[..., subprocess.Popen[str]], tmp_path: Path
) -> Callable[..., Ran]:
    """Runs a compiled notebook to its end."""

    def run(spec: dict[str, Any], **parameters: Any) -> Ran:
        process = start_task(spec, **parameters)
        stdout, stderr = process.communicate(timeout=120)
        return Ran(process.returncode, stdout, stderr, tmp_path / "task")

    return run
