"""A notebook as what a training node runs: one of its functions, or all of it as a script. Nothing here executes the notebook's code.

The contract is ``CustomTrainer``'s of the Kubeflow SDK (``get_command_using_train_func``): a function that holds all that it needs, called at the
end of the file.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from jupyterlab_kubeflow.errors import KubeflowError

from .document import Notebook, code_cells, tags
from .inspect import Problem, has_code, notebook_language, plain_python, syntax_problem
from .parameters import ParameterType, annotated_type, json_problem, natural_type

ArgumentType = Literal["ANY"] | ParameterType
"""``ANY`` for an argument whose type the source does not tell."""

SKIPPED_TAG = "skip-execution"
_SHELL = """from IPython.core.interactiveshell import InteractiveShell

get_ipython = InteractiveShell.instance(user_ns=globals()).get_ipython
"""
_DISPLAY = "from IPython.display import display\n"
_SCREEN_ONLY = re.compile(
    r"get_ipython\(\)\.run_line_magic\('(?:matplotlib|autoreload|config)'.*\)|"
    r"get_ipython\(\)\.run_line_magic\('load_ext', 'autoreload'\)"
)
"""Magics that mean nothing where no notebook is looked at."""


@dataclass(frozen=True)
class Argument:
    """An argument of a function. ``default`` is a JSON value; ``None`` when there is none, or when only the function itself can say it."""

    name: str
    type: ArgumentType
    default: Any
    required: bool
    description: str = ""


@dataclass(frozen=True)
class TrainFunction:
    """A function that a notebook defines at its top level.

    ``cell`` counts all cells from 1, ``line`` the cell's lines from 1. ``problems`` say what of it a node could not run.
    """

    name: str
    cell: int
    cell_id: str
    line: int
    source: str
    parameters: list[Argument]
    problems: list[Problem]


@dataclass
class Script:
    """A notebook's code as one Python file."""

    name: str
    script: str = ""
    problems: list[Problem] = field(default_factory=list)


def train_functions(notebook: Notebook, name: str) -> list[TrainFunction]:
    """The functions of a notebook of nbformat 4, in order; of those with one name the last, as its kernel would have it.

    Raises :class:`KubeflowError` when its language is not Python.
    """
    _python_only(notebook, name)
    found: dict[str, TrainFunction] = {}
    for number, cell in _run_cells(notebook):
        try:
            source = plain_python(cell["source"])
            for node in ast.parse(source).body:
                if isinstance(node, ast.FunctionDef):
                    found.pop(node.name, None)
                    found[node.name] = _function(node, source, number, str(cell.get("id", "")))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # what cannot be read defines nothing, as in the kernel
    return list(found.values())


def notebook_script(
    notebook: Notebook,
    name: str,
    *,
    head: str = "",
    change: Callable[[dict[str, Any], str], str] = lambda _, source: source,
) -> Script:
    """A notebook of nbformat 4 as a script: its code cells in order, without those tagged ``skip-execution``.

    ``head`` is code that comes first; ``change`` makes other code of a cell's plain Python.

    IPython's magics stay calls of IPython on the script's own names, which the node then needs; those that only change how a notebook looks
    are left out. Raises :class:`KubeflowError` (``Invalid``, ``details.problems``) when its code cannot run as a script.
    """
    _python_only(notebook, name)
    result = Script(name)
    futures: dict[str, None] = {}
    parts: list[str] = []
    magics: list[int] = []
    shows = False
    for number, cell in _run_cells(notebook):
        try:
            source = _without_screen(plain_python(cell["source"]))
            tree = ast.parse(source)
            # What only a notebook's kernel takes, such as `await` outside of a function, parses all the same.
            compile(source, "cell", "exec", dont_inherit=True)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            result.problems.append(_refusal(error, cell["source"], number))
            continue
        source, names = _without_futures(source, tree)
        futures.update(dict.fromkeys(names))
        called = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        if "get_ipython" in called:
            magics.append(number)
        shows = shows or "display" in called
        parts.append(f"# Cell {number}\n{change(cell, source.strip())}\n")
    _refuse(result)
    if not parts:
        raise KubeflowError(f"{name} has no code. Add a code cell.")
    if magics:
        one = len(magics) == 1
        where = "" if one else f" in cells {', '.join(map(str, magics))}"
        result.problems.append(
            Problem(
                "warning",
                f"The nodes need the package ipython for IPython's magics and `!` lines{where}.",
                magics[0] if one else None,
            )
        )
    first = [f"from __future__ import {each}\n" for each in futures]
    first += [head] if head else []
    first += [_SHELL] if magics else []
    first += [_DISPLAY] if shows else []
    result.script = "\n".join([*first, *parts])
    return result


def to_json(found: TrainFunction | Script) -> dict[str, Any]:
    """Plain JSON."""
    return asdict(found)


def _python_only(notebook: Notebook, name: str) -> None:
    language = notebook_language(notebook)
    if language != "python":
        raise KubeflowError(
            f"The language of {name} is {language}. Only Python can be trained; choose a Python kernel if it is one."
        )


def _run_cells(notebook: Notebook) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, cell in code_cells(notebook):
        if SKIPPED_TAG not in tags(cell) and has_code(cell["source"]):
            yield number, cell


def _without_screen(source: str) -> str:
    """The source without magics that are for the eye only, line for line."""
    return "\n".join(
        f"{line[: len(line) - len(line.lstrip())]}pass  # {line.strip()}"
        if _SCREEN_ONLY.fullmatch(line.strip())
        else line
        for line in source.split("\n")
    )


def _without_futures(source: str, tree: ast.Module) -> tuple[str, list[str]]:
    """The source without its ``from __future__`` lines, which must stand first in a file, and what they name."""
    lines = source.split("\n")
    names: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            names += [alias.name for alias in node.names]
            for at in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[at] = ""
    return "\n".join(lines), names


def _refusal(error: Exception, source: str, number: int) -> Problem:
    """Why a cell cannot be part of a script."""
    try:
        flags = ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        compile(plain_python(source), "cell", "exec", flags=flags, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return syntax_problem(error, number, "error")
    line = error.lineno if isinstance(error, SyntaxError) else None
    return Problem(
        "error",
        "`await` outside of a function works in notebooks only. Put it into an async function and call that with asyncio.run.",
        number,
        line,
    )


def _refuse(result: Script) -> None:
    if result.problems:
        raise KubeflowError(
            f"{result.name} cannot run as a script. "
            + " ".join(problem.text() for problem in result.problems),
            details={"problems": [asdict(problem) for problem in result.problems]},
        )


def _function(node: ast.FunctionDef, source: str, number: int, cell_id: str) -> TrainFunction:
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    lines = source.split("\n")[first - 1 : node.end_lineno]
    text = textwrap.dedent("\n".join(lines))
    return TrainFunction(
        node.name,
        number,
        cell_id,
        node.lineno,
        text,
        _arguments(node),
        _function_problems(node, text, number),
    )


def _arguments(node: ast.FunctionDef) -> list[Argument]:
    given = node.args
    positional = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(given.defaults))
    defaults += given.defaults
    named = [*zip(positional, defaults, strict=True)]
    named += [*zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    return [_argument(argument, default) for argument, default in named]


def _argument(argument: ast.arg, default: ast.expr | None) -> Argument:
    kind, _ = annotated_type(argument.annotation)
    if default is None:
        return Argument(argument.arg, kind or "ANY", None, True)
    try:
        value = ast.literal_eval(default)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return Argument(argument.arg, kind or "ANY", None, False)
    if json_problem(value):
        value = None
    elif kind is None:
        kind = natural_type(value)
    elif kind == "NUMBER_DOUBLE" and natural_type(value) == "NUMBER_INTEGER":
        value = float(value)
    elif value is not None and kind != natural_type(value):
        kind = None
    return Argument(argument.arg, kind or "ANY", value, False)


def _function_problems(node: ast.FunctionDef, source: str, number: int) -> list[Problem]:
    missing = sorted(_outer_names(source))
    found: list[Problem] = []
    if missing:
        found.append(
            Problem(
                "warning",
                f"`{node.name}` uses {', '.join(f'`{each}`' for each in missing)} from outside of it. A node gets the function alone: import and define inside it what it needs, or train the whole notebook.",
                number,
                node.lineno,
            )
        )
    if node.args.posonlyargs:
        names = ", ".join(f"`{each.arg}`" for each in node.args.posonlyargs)
        found.append(
            Problem(
                "error",
                f"`{node.name}` takes {names} by position only, but arguments are given by name. Remove the `/`.",
                number,
                node.lineno,
            )
        )
    return found


def _outer_names(source: str) -> set[str]:
    """The names that a function reads and that nothing in its source gives it."""
    table = symtable.symtable(source, "cell", "exec")
    own = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned()}
    return {
        symbol.get_name()
        for scope in _scopes(table)
        for symbol in scope.get_symbols()
        if symbol.is_referenced() and (symbol.is_global() or scope is table)
    } - own - set(dir(builtins)) - {"__name__", "__file__"}  # fmt: skip


def _scopes(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _scopes(child)
