"""What the package imports is what it declares, not what comes along with something else."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "jupyter_extension" / "jupyterlab_kubeflow"
BY_THE_USER = {"skopt"}
"""What the user installs for what is refused with the install line without it."""


def named(requirement: str) -> str:
    """The canonical name of what a requirement asks for."""
    return re.sub(r"[-_.]+", "-", re.split(r"[^A-Za-z0-9._-]", requirement)[0]).lower()


def imported(file: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    beside = {
        each.stem for each in file.parent.glob("*.py")
    }  # of a file that is also run by its path
    top = {name.split(".")[0] for name in found}
    return top - sys.stdlib_module_names - {PACKAGE.name} - beside - BY_THE_USER


@pytest.mark.parametrize("part", ["local", "sdk", "connections", "katib", "notebook", "proxy", ""])
def test_every_import_is_declared(part: str) -> None:
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = project["optional-dependencies"].get(part, [])
    declared = {named(item) for item in [*project["dependencies"], *extra]}
    files = (PACKAGE / part).rglob("*.py") if part else PACKAGE.glob("*.py")
    distributions = packages_distributions()
    undeclared = {
        f"{file.relative_to(PACKAGE)}: {name}"
        for file in files
        for name in imported(file)
        if not declared & {named(item) for item in distributions.get(name, [name])}
    }
    assert undeclared == set()
