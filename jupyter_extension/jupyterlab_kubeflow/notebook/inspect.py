"""What a notebook is as a pipeline: its kernel, its parameters and what stands against running it."""

from __future__ import annotations

import ast
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from jupyterlab_kubeflow.errors import KubeflowError

from .document import Notebook, code_cells, tagged, tags
from .parameters import NotLiteralError, Parameter, read_parameters

PARAMETERS_TAG = "parameters"
METRICS_TAG = "metrics"


@dataclass(frozen=True)
class Problem:
    """Something to tell before a run. An ``error`` refuses it. ``cell`` counts all cells from 1, ``line`` the cell's lines from 1."""

    severity: Literal["error", "warning"]
    message: str
    cell: int | None = None
    line: int | None = None

    def text(self) -> str:
        """The message with its place: ``Cell 3, line 2: …``."""
        if self.cell is None:
            return self.message
        place = f"Cell {self.cell}" + (f", line {self.line}" if self.line else "")
        return f"{place}: {self.message}"


@dataclass
class Inspection:
    """The answer of ``/kubeflow/notebook/inspect`` (docs/architecture.md)."""

    name: str
    kernel: dict[str, str]
    parameters: list[Parameter] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)

    def refuse(self) -> None:
        """Raises :class:`KubeflowError` (``Invalid``, ``details.problems``) when a problem is an error."""
        errors = [problem for problem in self.problems if problem.severity == "error"]
        if errors:
            raise KubeflowError(
                f"{self.name} cannot run as a pipeline. "
                + " ".join(problem.text() for problem in errors),
                details={"problems": [asdict(problem) for problem in errors]},
            )


def inspect_notebook(notebook: Notebook, name: str) -> Inspection:
    """Inspects a notebook of nbformat 4 without running any of it. ``name`` is what people call it."""
    kernelspec = notebook.get("metadata", {}).get("kernelspec", {})
    kernel_name = str(kernelspec.get("name") or "python3")
    result = Inspection(
        name,
        {"name": kernel_name, "display_name": str(kernelspec.get("display_name") or kernel_name)},
    )
    language = notebook_language(notebook)
    if language != "python":
        result.problems.append(
            Problem(
                "error",
                f"Its language is {language}. Only Python notebooks can run as a pipeline; choose a Python kernel if it is one.",
            )
        )
        return result
    if not any(has_code(cell["source"]) for _, cell in code_cells(notebook)):
        result.problems.append(Problem("error", "It has no code. Add a code cell."))
        return result
    _check_kernel(kernel_name, result)
    _read_parameters(notebook, result)
    _check_syntax(notebook, result)
    return result


def notebook_language(notebook: Notebook) -> str:
    """The language in lower case, from the document or, when it does not say, from the installed kernelspec."""
    metadata = notebook.get("metadata", {})
    kernelspec = metadata.get("kernelspec", {})
    language = metadata.get("language_info", {}).get("name") or kernelspec.get("language")
    if not language and kernelspec.get("name"):
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

        try:
            language = KernelSpecManager().get_kernel_spec(kernelspec["name"]).language
        except (NoSuchKernel, OSError, ValueError):
            language = None
    language = str(language or "python").lower()
    return "python" if language in ("ipython", "python3") else language


def has_code(source: str) -> bool:
    """Whether a cell holds more than comments."""
    lines = (line.strip() for line in source.splitlines())
    return any(line and not line.startswith("#") for line in lines)


def _check_kernel(name: str, result: Inspection) -> None:
    """Warns of a kernel that is not here: a run on this machine needs it, one on a cluster does not."""
    from jupyter_client.kernelspec import KernelSpecManager

    installed = sorted(KernelSpecManager().find_kernel_specs())
    if name not in installed:
        result.problems.append(
            Problem(
                "warning",
                f'Its kernel "{name}" is not installed here, so it cannot run on this machine. '
                f"Choose one of {', '.join(installed)} in the notebook, or install it.",
            )
        )


def plain_python(source: str) -> str:
    """The cell's source with IPython's magics and ``!`` lines as function calls."""
    from IPython.core.inputtransformer2 import TransformerManager

    return str(TransformerManager().transform_cell(source))


def _read_parameters(notebook: Notebook, result: Inspection) -> None:
    cells = tagged(notebook, PARAMETERS_TAG)
    code = [(number, cell) for number, cell in cells if cell["cell_type"] == "code"]
    for number, cell in cells:
        if cell["cell_type"] != "code":
            result.problems.append(
                Problem(
                    "warning",
                    "It is tagged `parameters` but is no code cell, so the tag has no effect.",
                    number,
                )
            )
    if len(code) > 1:
        numbers = " and ".join(str(number) for number, _ in code)
        result.problems.append(
            Problem(
                "error",
                f"Cells {numbers} are tagged `parameters`. Keep the tag on one of them.",
                code[1][0],
            )
        )
        return
    for number, cell in code:
        source = cell["source"]
        if source.lstrip().startswith("%%"):
            magic = source.split(None, 1)[0]
            result.problems.append(
                Problem(
                    "error",
                    f"The cell is tagged `parameters` but begins with {magic}. Remove that line: parameters are plain assignments.",
                    number,
                    1,
                )
            )
            continue
        try:
            result.parameters = read_parameters(plain_python(source))
        except NotLiteralError as error:
            result.problems.append(Problem("error", error.message, number, error.line))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            result.problems.append(syntax_problem(error, number, "error"))


def _check_syntax(notebook: Notebook, result: Inspection) -> None:
    """Warns of code that cannot run. The kernel has the last word: its Python may be newer than this one."""
    for number, cell in code_cells(notebook):
        if {PARAMETERS_TAG, "skip-execution", "raises-exception"} & set(tags(cell)):
            continue
        try:
            compile(
                plain_python(cell["source"]),
                "cell",
                "exec",
                flags=ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
                dont_inherit=True,
            )
        except (SyntaxError, ValueError) as error:
            result.problems.append(syntax_problem(error, number, "warning"))
        except (RecursionError, MemoryError) as error:
            result.problems.append(syntax_problem(error, number, "error"))


def syntax_problem(error: Exception, cell: int, severity: Literal["error", "warning"]) -> Problem:
    """Why a cell's source is no Python, in words."""
    if isinstance(error, SyntaxError):
        return Problem(severity, f"{error.msg}. Correct the line.", cell, error.lineno)
    if isinstance(error, (RecursionError, MemoryError)):
        return Problem(
            severity, "The code is nested too deeply to be read. Divide the expression.", cell
        )
    return Problem(severity, f"{error}.", cell)
