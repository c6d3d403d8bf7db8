"""Requirements for a container, pinned to what the notebook's kernel has installed."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

from .document import Notebook, code_cells
from .inspect import plain_python

# Run by the kernel's own Python: the distributions of the import names on stdin, with their versions and where they came from.
_LIST = """
import json, sys
from importlib import metadata
found = {}
packages = metadata.packages_distributions()
for name in json.load(sys.stdin):
    for distribution in packages.get(name, []):
        info = metadata.distribution(distribution)
        direct = json.loads(info.read_text("direct_url.json") or "{}")
        found[info.metadata["Name"]] = [info.version, "dir_info" in direct]
json.dump(found, sys.stdout)
"""


def pinned_requirements(notebook: Notebook, kernel: str) -> list[str]:
    """``name==version`` of every distribution that the notebook imports, as the kernel's environment has it, sorted by name.

    Standard library and modules beside the notebook are left out. Raises :class:`KubeflowError` when the environment cannot be read or holds
    a package installed from a folder, which no index has.
    """
    try:
        answer = subprocess.run(
            [_kernel_python(kernel), "-c", _LIST],
            input=json.dumps(sorted(imported_names(notebook))),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        found: dict[str, Any] = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise KubeflowError(
            f'The environment of kernel "{kernel}" cannot be read ({type(error).__name__}). Give the requirements as a list.',
            details={"field": "settings.requirements"},
        ) from error
    folders = sorted(name for name, (_, folder) in found.items() if folder)
    if folders:
        raise KubeflowError(
            f"{', '.join(folders)} is installed from a folder, so no index has that version. Give the requirements as a list.",
            details={"field": "settings.requirements"},
        )
    return sorted(f"{name}=={version.split('+')[0]}" for name, (version, _) in found.items())


def imported_names(notebook: Notebook) -> set[str]:
    """The top-level names that the notebook's cells import. Cells that are not Python are passed over."""
    names: set[str] = set()
    for _, cell in code_cells(notebook):
        try:
            tree = ast.parse(plain_python(cell["source"]))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names


def _kernel_python(kernel: str) -> str:
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    manager = KernelSpecManager()
    try:
        program = str(manager.get_kernel_spec(kernel).argv[0])
    except NoSuchKernel:
        installed = ", ".join(sorted(manager.find_kernel_specs())) or "none"
        raise KubeflowError(
            f'The kernel "{kernel}" of this notebook is not installed here, so its packages are unknown. Installed: {installed}. '
            "Choose one of them or give the requirements as a list.",
            details={"field": "settings.requirements"},
        ) from None
    return sys.executable if program in ("python", "python3") else program
