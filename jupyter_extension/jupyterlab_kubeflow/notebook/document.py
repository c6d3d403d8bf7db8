"""Reading a notebook document: nbformat 4 as plain data, refused in words when it is none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

Notebook = dict[str, Any]
"""A notebook of nbformat 4 as plain JSON, cell sources as single strings."""


def read_notebook(path: str | Path) -> Notebook:
    """The notebook in a file, upgraded to nbformat 4.

    Raises :class:`KubeflowError` ``NotFound`` or ``Invalid``.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise KubeflowError(
            f"There is no notebook {path}. Check the path.", reason="NotFound", status=404
        ) from None
    except OSError as error:
        raise KubeflowError(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise unreadable(path.name, "it is not UTF-8 text") from error
    return parse_notebook(text, path.name)


def parse_notebook(text: str, name: str) -> Notebook:
    """The notebook that ``text`` holds; ``name`` is for messages. Raises :class:`KubeflowError` ``Invalid``."""
    import nbformat

    try:
        if not isinstance(json.loads(text), dict):
            raise unreadable(name, "it is JSON, but no object with cells")
    except ValueError as error:
        raise unreadable(name, f"it is not JSON ({error})") from error
    try:
        notebook = nbformat.reads(text, as_version=4)
    except Exception as error:
        raise unreadable(name, _first_line(error)) from error
    check_notebook(notebook, name)
    return dict(notebook)


def check_notebook(notebook: Notebook, name: str) -> None:
    """Raises :class:`KubeflowError` ``Invalid`` that names the file and the cell or field unless ``notebook`` follows nbformat 4."""
    import nbformat

    try:
        nbformat.validate(notebook)
    except Exception as error:
        path = [str(part) for part in getattr(error, "absolute_path", ())]
        if path[:1] == ["cells"] and len(path) > 1:
            path[:2] = [f"cell {int(path[1]) + 1}"]
        place = f"{', '.join(path)}: " if path else ""
        raise unreadable(name, place + _first_line(error)) from error


def unreadable(name: str, problem: str) -> KubeflowError:
    """The refusal of a file that is no notebook."""
    return KubeflowError(
        f"{name} is not a readable notebook: {problem.rstrip('.')}. Open it in JupyterLab and save it again, or restore it from a checkpoint."
    )


def code_cells(notebook: Notebook) -> Iterator[tuple[int, dict[str, Any]]]:
    """The code cells that hold source, each with its position in the notebook counted from 1 over all cells."""
    for number, cell in enumerate(notebook.get("cells", []), 1):
        if cell.get("cell_type") == "code" and cell.get("source", "").strip():
            yield number, cell


def tags(cell: dict[str, Any]) -> list[str]:
    """The cell's tags."""
    found = cell.get("metadata", {}).get("tags") or []
    return [tag for tag in found if isinstance(tag, str)] if isinstance(found, list) else []


def tagged(notebook: Notebook, tag: str) -> list[tuple[int, dict[str, Any]]]:
    """All cells (of any type) with ``tag``, each with its position counted from 1."""
    return [
        (number, cell)
        for number, cell in enumerate(notebook.get("cells", []), 1)
        if tag in tags(cell)
    ]


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200].rstrip(".")
