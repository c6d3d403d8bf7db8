"""Notebooks as pipelines, from Python.

>>> from jupyterlab_kubeflow.notebook.api import compile_notebook
>>> spec = compile_notebook("digits.ipynb", settings={"timeout": 600})
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .compile import compile_document
from .document import read_notebook
from .inspect import Inspection, inspect_notebook
from .settings import Settings


def inspect_path(path: str | Path) -> Inspection:
    """Kernel, parameters and problems of the notebook in a file. Raises ``KubeflowError`` when it cannot be read."""
    return inspect_notebook(read_notebook(path), Path(path).stem)


def compile_notebook(
    path: str | Path,
    name: str | None = None,
    settings: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The KFP v2 PipelineSpec (IR 2.1.0, a plain dict) that runs the notebook as one task.

    ``name`` is the pipeline's name, by default the file's without its ending. ``settings`` are those of
    :class:`jupyterlab_kubeflow.notebook.settings.Settings`. Raises ``KubeflowError`` with the reason when the notebook cannot run.
    """
    return compile_path(path, name, settings)[1]


def compile_path(
    path: str | Path,
    name: str | None = None,
    settings: dict[str, Any] | None = None,
) -> tuple[Inspection, dict[str, Any]]:
    """As :func:`compile_notebook`, with the inspection beside the spec."""
    path = Path(path)
    return compile_document(
        read_notebook(path),
        name or path.stem,
        Settings.from_json(settings),
        str(path.resolve().parent),
    )


__all__ = ["Inspection", "compile_notebook", "compile_path", "inspect_path"]
