"""What the package imports is what it declares, not what comes along with something else, and its parts depend on one another one way."""

from __future__ import annotations

import ast
import re
import sys
from graphlib import TopologicalSorter
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


PARTS = [*sorted(file.parent.name for file in PACKAGE.glob("*/__init__.py")), "katib_wire.py"]
"""The packages, and what else may need an extra: the one of its name up to ``_``."""


@pytest.mark.parametrize("part", [*PARTS, ""])
def test_every_import_is_declared(part: str) -> None:
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extra = project["optional-dependencies"].get(part.partition("_")[0], [])
    declared = {named(item) for item in [*project["dependencies"], *extra]}
    distributions = packages_distributions()
    undeclared = {
        f"{file.relative_to(PACKAGE)}: {name}"
        for file in files(part)
        for name in imported(file)
        if not declared & {named(item) for item in distributions.get(name, [name])}
    }
    assert undeclared == set()


def files(part: str) -> list[Path]:
    """The files of a part; for the empty name, the modules that are none."""
    if not part:
        return [file for file in PACKAGE.glob("*.py") if file.name not in PARTS]
    return [PACKAGE / part] if part.endswith(".py") else [*(PACKAGE / part).rglob("*.py")]


def test_packages_and_modules_import_one_another_one_way() -> None:
    graph: dict[str, set[str]] = {}
    for file in PACKAGE.rglob("*.py"):
        inside = file.relative_to(PACKAGE).with_suffix("").parts
        graph.setdefault(inside[0], set()).update(parts_imported(file, top=len(inside) == 1))
    TopologicalSorter({part: wanted - {part} for part, wanted in graph.items()}).prepare()


def parts_imported(file: Path, top: bool) -> set[str]:
    """The packages and modules right in the package that a file imports, anywhere in it; ``top`` says that the file is right in it itself."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and (top or not node.level):
            base = ".".join(filter(None, [PACKAGE.name if node.level else "", node.module]))
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        found.update(name.split(".")[1] for name in names if name.startswith(f"{PACKAGE.name}."))
    return found
