"""A notebook, one of its functions or a Python file as what a tuning trial runs: a script that takes its parameters as ``--NAME=VALUE`` and prints its
metrics as ``NAME=VALUE``, which Katib's StdOut collector reads. Nothing here executes the code.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

from .document import Notebook, code_cells, tagged, tags
from .inspect import METRICS_TAG, PARAMETERS_TAG, Problem, inspect_notebook
from .parameters import natural_type
from .training import ArgumentType, TrainFunction, notebook_script, train_functions

METRICS_MIME = "application/vnd.kubeflow.metrics+json"
_OBJECTIVE = "objective"
"""The metric of a function that returns a number which bears no name."""

_TYPES: dict[str, ArgumentType] = {
    "int": "NUMBER_INTEGER",
    "float": "NUMBER_DOUBLE",
    "str": "STRING",
    "INT": "NUMBER_INTEGER",
    "FLOAT": "NUMBER_DOUBLE",
    "STRING": "STRING",
}
_SAYS = {"print", "info", "warning", "debug", "write", "echo", "log"}
_NAMED = re.compile(r"([A-Za-z_][\w-]*)\s*=\s*$")
_PLACED = re.compile(r"([A-Za-z_][\w-]*)\s*=\s*(?=[%{])")


@dataclass(frozen=True)
class TrialParameter:
    """A parameter of a script. ``flag`` is the option that takes it; ``default`` a JSON value, ``None`` when there is none; ``choices`` what it may be, if it says."""

    name: str
    flag: str
    type: ArgumentType
    default: Any
    required: bool
    description: str = ""
    choices: list[Any] = field(default_factory=list)


@dataclass
class Trial:
    """What a trial runs. ``metrics`` are the names by which it prints numbers, as far as the source tells; those that are tagged or returned come first."""

    name: str
    script: str
    parameters: list[TrialParameter]
    metrics: list[str]
    problems: list[Problem]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


@cache
def runtime_source() -> str:
    """The functions that travel in the script."""
    text = (files(__package__) / "trial_runtime.py").read_text(encoding="utf-8")
    body = re.sub(r"  # (type: ignore|noqa).*", "", text.split('"""', 2)[2])
    return f"# Parameters and metrics of the trial\n{body.strip()}\n"


def notebook_trial(notebook: Notebook, name: str) -> Trial:
    """All of a notebook of nbformat 4: the values replace those of the cell tagged ``parameters``; the numbers of the cell tagged ``metrics`` are printed after it.

    Raises :class:`KubeflowError` (``Invalid``, ``details.problems``) where it cannot be a script.
    """
    inspection = inspect_notebook(notebook, name)
    errors = [each for each in inspection.problems if each.severity == "error"]
    if errors:
        raise KubeflowError(
            f"{name} cannot be tuned. " + " ".join(each.text() for each in errors),
            details={"problems": [asdict(each) for each in errors]},
        )
    types = {each.name: each.type for each in inspection.parameters}
    metrics: dict[str, None] = {}

    def with_trial(cell: dict[str, Any], source: str) -> str:
        if PARAMETERS_TAG in tags(cell):
            source += f"\n\nglobals().update(_kubeflow_arguments({types!r}))"
        if METRICS_TAG in tags(cell):
            metrics.update(dict.fromkeys(_cell_metrics(ast.parse(source))))
            source = _reporting(source)
        return source

    made = notebook_script(notebook, name, head=runtime_source(), change=with_trial)
    parameters = [
        TrialParameter(
            each.name, f"--{each.name}", each.type, each.default, each.required, each.description
        )
        for each in inspection.parameters
    ]
    metrics.update(dict.fromkeys(_printed(ast.parse(made.script))))
    return Trial(name, made.script, parameters, list(metrics), made.problems + _lacks(notebook))


def function_trial(notebook: Notebook, name: str, function: str) -> Trial:
    """A function that a notebook defines at its top level: its arguments are the parameters; a dict of numbers, or a number, that it returns is printed.

    Raises :class:`KubeflowError` ``NotFound`` when there is no such function.
    """
    found = {each.name: each for each in train_functions(notebook, name)}
    if function not in found:
        known = ", ".join(found) or "none"
        raise KubeflowError(
            f"{name} defines no function {function} at its top level; it has {known}.",
            reason="NotFound",
            status=404,
        )
    chosen = found[function]
    tree = ast.parse(chosen.source)
    returned = _returned(tree.body[0])
    single = returned[0] if len(returned) == 1 else _OBJECTIVE
    types = {each.name: each.type for each in chosen.parameters}
    call = (
        f"_kubeflow_found = {function}(**_kubeflow_arguments({types!r}))\n"
        f"_kubeflow_report(_kubeflow_found if isinstance(_kubeflow_found, dict) else {{{single!r}: _kubeflow_found}})\n"
    )
    parameters = [
        TrialParameter(each.name, f"--{each.name}", each.type, each.default, each.required)
        for each in chosen.parameters
    ]
    metrics = dict.fromkeys([*returned, *_printed(tree)])
    script = "\n".join([runtime_source(), chosen.source.rstrip() + "\n", call])
    return Trial(name, script, parameters, list(metrics), _function_problems(chosen, metrics))


def file_trial(source: str, name: str) -> Trial:
    """A Python file as it is: the options that it gives ``argparse`` or ``click`` are its parameters.

    Raises :class:`KubeflowError` (``Invalid``) for what is no Python.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        place = f" in line {line}" if line else ""
        raise KubeflowError(f"{name} is no Python{place}: {said}. Correct it.") from error
    problems: list[Problem] = []
    parameters: dict[str, TrialParameter] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last_name(node.func) in ("add_argument", "option"):
            for each in _option(node, problems):
                parameters.setdefault(each.name, each)
    metrics = list(dict.fromkeys(_printed(tree)))
    if not metrics:
        problems.append(
            Problem(
                "warning",
                'No line of it prints a metric as name=value. Add one, for example print(f"accuracy={accuracy}").',
            )
        )
    return Trial(name, source, list(parameters.values()), metrics, problems)


def _lacks(notebook: Notebook) -> list[Problem]:
    found: list[Problem] = []
    if not tagged(notebook, PARAMETERS_TAG):
        found.append(
            Problem(
                "warning",
                "No cell is tagged `parameters`, so a trial cannot give it values. Tag the one that assigns them.",
            )
        )
    reported = tagged(notebook, METRICS_TAG)
    for number, cell in code_cells(notebook):
        if METRICS_MIME in cell["source"] and METRICS_TAG not in tags(cell):
            found.append(
                Problem(
                    "warning",
                    "Metrics that are displayed are not read from trials. Tag a cell that assigns them `metrics`.",
                    number,
                )
            )
            return found
    if not reported:
        found.append(
            Problem(
                "warning",
                "No cell is tagged `metrics`. Tag the one that assigns them, or print them as name=value.",
            )
        )
    return found


def _function_problems(chosen: TrainFunction, metrics: dict[str, None]) -> list[Problem]:
    found = list(chosen.problems)
    if not metrics:
        found.append(
            Problem(
                "warning",
                f"`{chosen.name}` returns no number and prints none as name=value. Return a dict such as {{'accuracy': accuracy}}.",
                chosen.cell,
                chosen.line,
            )
        )
    return found


def _reporting(source: str) -> str:
    """A metrics cell that reports: the dict that is its last expression, else the numbers that it assigns at its top level."""
    tree = ast.parse(source)
    last = tree.body[-1]
    names = ", ".join(f"{name!r}: {name}" for name in _assigned(tree))
    if not isinstance(last, ast.Expr):
        return f"{source}\n\n_kubeflow_report({{{names}}})"
    lines = source.encode().split(b"\n")
    before = b"\n".join([*lines[: last.lineno - 1], lines[last.lineno - 1][: last.col_offset]])
    shown = ast.get_source_segment(source, last.value) or ""
    return (
        f"{before.decode()}_kubeflow_shown = (\n{shown}\n)\n"
        f"_kubeflow_report(_kubeflow_shown if isinstance(_kubeflow_shown, dict) else {{{names}}})"
    )


def _cell_metrics(tree: ast.Module) -> list[str]:
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        value = _value_of(last.value, tree.body)
        if isinstance(value, ast.Dict):
            return _keys(value)
    return _assigned(tree)


def _value_of(node: ast.expr, body: list[ast.stmt]) -> ast.expr:
    """What a name was assigned last in these statements, else the expression itself."""
    if isinstance(node, ast.Name):
        for statement in reversed(body):
            if isinstance(statement, ast.Assign) and any(
                isinstance(target, ast.Name) and target.id == node.id
                for target in statement.targets
            ):
                return statement.value
    return node


def _keys(node: ast.Dict, prefix: str = "") -> list[str]:
    """The names of a dict's numbers, as ``_kubeflow_numbers`` makes them; keys that are computed are left out."""
    found: list[str] = []
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant):
            name = prefix + re.sub(r"[^\w-]+", "_", str(key.value))
            found += _keys(value, f"{name}_") if isinstance(value, ast.Dict) else [name]
    return found


def _assigned(tree: ast.Module) -> list[str]:
    """The names that a cell's top level assigns or shows, as the executor of pipelines takes them."""
    found: list[str] = []

    def names(target: ast.expr) -> None:
        if isinstance(target, ast.Name):
            found.append(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            for each in target.elts:
                names(each)

    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                names(target)
        elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
            names(statement.target)
        elif isinstance(statement, ast.Expr):
            names(statement.value)
    return list(dict.fromkeys(found))


def _returned(function: ast.stmt) -> list[str]:
    """The names of what a function returns last: the keys of a dict, or the variable itself."""
    assert isinstance(function, ast.FunctionDef)
    returns = [node for node in _own(function) if isinstance(node, ast.Return) and node.value]
    if not returns:
        return []
    last = returns[-1].value
    assert last is not None
    value = _value_of(last, function.body)
    if isinstance(value, ast.Dict):
        return _keys(value)
    if isinstance(value, ast.Constant | ast.Tuple | ast.List):
        number = isinstance(value, ast.Constant) and isinstance(value.value, int | float)
        return ([last.id] if isinstance(last, ast.Name) else [_OBJECTIVE]) if number else []
    return [last.id] if isinstance(last, ast.Name) else [_OBJECTIVE]


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function, without functions and classes in it, in order."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(
            child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
        ):
            yield child
            yield from _own(child)


def _printed(tree: ast.AST) -> list[str]:
    """The names that are printed as ``NAME=`` with a value behind it."""
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last_name(node.func) in _SAYS:
            for argument in node.args:
                for each in ast.walk(argument):
                    if isinstance(each, ast.JoinedStr):
                        found += _formatted(each)
                    elif isinstance(each, ast.Constant) and isinstance(each.value, str):
                        found += _PLACED.findall(each.value)
    return [name for name in found if not name.startswith("_kubeflow")]


def _formatted(node: ast.JoinedStr) -> Iterator[str]:
    before = ""
    for part in node.values:
        if isinstance(part, ast.Constant):
            before = str(part.value)
        else:
            match = _NAMED.search(before)
            if match:
                yield match[1]
            before = ""


def _option(node: ast.Call, problems: list[Problem]) -> Iterator[TrialParameter]:
    """The option that a call declares, if a value can be given to it."""
    flags = [each.value for each in node.args if isinstance(each, ast.Constant)]
    long = [each for each in flags if isinstance(each, str) and each.startswith("--")]
    if not long:
        return
    flag = max(long, key=len)
    given = {each.arg: each.value for each in node.keywords}
    action = _literal(given.get("action"))
    if given.keys() & {"nargs", "is_flag", "count"} or ("action" in given and action != "store"):
        return
    kind = given.get("type")
    if kind is not None and _last_name(kind) in ("bool", "BOOL"):
        problems.append(
            Problem(
                "warning",
                f"`{flag}` has type bool, which reads every text as true. Give it choices of text to tune it.",
                None,
                node.lineno,
            )
        )
        return
    choices = given.get("choices")
    if isinstance(kind, ast.Call) and _last_name(kind.func) == "Choice" and kind.args:
        choices = kind.args[0]
    default, listed = _literal(given.get("default")), _literal(choices)
    natural = natural_type(default) or (natural_type(listed[0]) if listed else None)
    declared = _TYPES.get(_last_name(kind)) if kind is not None else None
    name = flag.removeprefix("--")
    description = _literal(given.get("help"))
    yield TrialParameter(
        name,
        flag,
        declared or natural or "STRING",
        default,
        _literal(given.get("required")) is True,
        description if isinstance(description, str) else "",
        list(listed) if isinstance(listed, list | tuple) else [],
    )


def _literal(node: ast.expr | None) -> Any:
    """A plain value; ``None`` for what is computed, or not JSON."""
    if node is None:
        return None
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    known = value is None or isinstance(value, str | int | float | bool | list | tuple)
    return value if known else None


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
