"""Typed notebook parameters: read from source with ``ast`` alone, checked against values that a person gives.

Types are KFP's parameter types (``ParameterType`` of pipeline_spec.proto, IR 2.1.0). Nothing here executes the notebook's code.
"""

from __future__ import annotations

import ast
import io
import json
import math
import tokenize
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Literal

from jupyterlab_kubeflow.errors import KubeflowError

ParameterType = Literal["STRING", "NUMBER_INTEGER", "NUMBER_DOUBLE", "BOOLEAN", "LIST", "STRUCT"]

MAX_EXACT_INTEGER = 2**53
"""KFP carries numbers as protobuf doubles: beyond this an integer would silently change."""

_ANNOTATIONS: dict[str, ParameterType] = {
    "str": "STRING",
    "int": "NUMBER_INTEGER",
    "float": "NUMBER_DOUBLE",
    "bool": "BOOLEAN",
    "list": "LIST",
    "List": "LIST",
    "Sequence": "LIST",
    "dict": "STRUCT",
    "Dict": "STRUCT",
    "Mapping": "STRUCT",
}

_WANTED: dict[ParameterType, str] = {
    "STRING": "must be text, for example abc",
    "NUMBER_INTEGER": "must be a whole number, for example 10",
    "NUMBER_DOUBLE": "must be a number, for example 0.01",
    "BOOLEAN": "must be true or false",
    "LIST": "must be a JSON list, for example [1, 2]",
    "STRUCT": 'must be a JSON object, for example {"a": 1}',
}


@dataclass(frozen=True)
class Parameter:
    """One parameter. ``default`` is a JSON value; ``None`` when there is none. ``required`` parameters must be given a value."""

    name: str
    type: ParameterType
    default: Any
    required: bool
    description: str

    def to_json(self) -> dict[str, Any]:
        """The shape that ``/kubeflow/notebook/inspect`` answers."""
        return asdict(self)


class NotLiteralError(Exception):
    """A statement of the parameters cell that is no plain value; ``line`` counts from 1 within the cell."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def read_parameters(source: str) -> list[Parameter]:
    """The parameters that a cell's Python source assigns, in order.

    Allowed are assignments of literals (with or without annotation), bare annotations (required parameters), comments, strings that stand
    alone, ``pass``, imports from ``typing`` and IPython's line magics.

    Raises :class:`NotLiteralError` for anything else and ``SyntaxError`` for what is not Python.
    """
    comments = _Comments(source)
    found: dict[str, Parameter] = {}
    for statement in ast.parse(source).body:
        for name, annotation, value in _assignments(statement, source):
            found.pop(name, None)
            found[name] = _parameter(name, annotation, value, statement, comments)
    return list(found.values())


def check_value(parameter: Parameter, value: Any) -> Any:
    """``value`` as JSON of the parameter's type; ``None`` stands for the notebook's own default.

    Raises :class:`KubeflowError` (``Invalid``, ``details.field``) naming the parameter and an example.
    """
    kind = parameter.type
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value is None and not parameter.required:
        return None
    if kind == "STRING" and isinstance(value, str):
        return value
    if kind == "BOOLEAN" and isinstance(value, bool):
        return value
    if kind == "NUMBER_INTEGER" and number and float(value).is_integer():
        if abs(value) > MAX_EXACT_INTEGER:
            raise _invalid(
                parameter, "is too large to travel exactly; make it a string and convert it"
            )
        return int(value)
    if kind == "NUMBER_DOUBLE" and number and math.isfinite(value):
        return float(value)
    if (kind == "LIST" and isinstance(value, list)) or (
        kind == "STRUCT" and isinstance(value, dict)
    ):
        problem = json_problem(value)
        if problem:
            raise _invalid(parameter, f"holds {problem}")
        return value
    raise _invalid(parameter, _WANTED[kind])


def parse_text(parameter: Parameter, text: str) -> Any:
    """The value that a person typed for ``parameter``, for example ``0.01``, ``true`` or ``[1, 2]``.

    Raises :class:`KubeflowError` as :func:`check_value` does.
    """
    if parameter.type == "STRING":
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = _python_text(parameter.type, text)
    if value is None:
        raise _invalid(parameter, _WANTED[parameter.type])
    return check_value(parameter, value)


def check_arguments(parameters: list[Parameter], values: dict[str, Any]) -> dict[str, Any]:
    """``values`` checked against ``parameters``; ``None`` values are left out.

    Raises :class:`KubeflowError` for an unknown, an ill-typed or a missing parameter, by name.
    """
    by_name = {parameter.name: parameter for parameter in parameters}
    for name in values:
        if name not in by_name:
            raise _unknown(name, list(by_name))
    checked = {name: check_value(by_name[name], value) for name, value in values.items()}
    given = {name: value for name, value in checked.items() if value is not None}
    for parameter in parameters:
        if parameter.required and parameter.name not in given:
            raise _invalid(parameter, "needs a value: the notebook gives it none")
    return given


def parse_arguments(parameters: list[Parameter], texts: dict[str, str]) -> dict[str, Any]:
    """As :func:`check_arguments`, for values that were typed on a command line."""
    by_name = {parameter.name: parameter for parameter in parameters}
    values = {
        name: parse_text(by_name[name], text) if name in by_name else text
        for name, text in texts.items()
    }
    return check_arguments(parameters, values)


def json_problem(value: Any) -> str | None:
    """What of ``value`` cannot travel as JSON through KFP, in words; ``None`` when all can."""
    if value is None or isinstance(value, (str, bool)):
        return None
    if isinstance(value, int):
        if abs(value) > MAX_EXACT_INTEGER:
            return f"the whole number {str(value)[:30]}, too large to travel exactly"
        return None
    if isinstance(value, float):
        return None if math.isfinite(value) else f"{value}, which JSON cannot carry"
    if isinstance(value, list):
        return next(filter(None, map(json_problem, value)), None)
    if isinstance(value, dict):
        odd = next((key for key in value if not isinstance(key, str)), None)
        if odd is not None:
            return f"the key {odd!r}, but keys must be strings"
        return next(filter(None, map(json_problem, value.values())), None)
    return f"a {type(value).__name__}, which JSON cannot carry"


def _invalid(parameter: Parameter, what: str) -> KubeflowError:
    return KubeflowError(f'Parameter "{parameter.name}" {what}.', details={"field": parameter.name})


def _unknown(name: str, names: list[str]) -> KubeflowError:
    close = get_close_matches(name, names, 1)
    if close:
        remedy = f'Did you mean "{close[0]}"?'
    elif names:
        remedy = f"It has: {', '.join(names)}."
    else:
        remedy = "It has none: tag the cell that assigns them with `parameters`."
    return KubeflowError(
        f'The notebook has no parameter "{name}". {remedy}', details={"field": name}
    )


def _python_text(kind: ParameterType, text: str) -> Any:
    """Python's spellings of what JSON writes differently: ``True``, ``['a']``, ``1_000``, ``.5``."""
    if kind == "BOOLEAN":
        return {"true": True, "false": False}.get(text.strip().lower())
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


_Assignment = tuple[str, ast.expr | None, ast.expr | None]


def _assignments(statement: ast.stmt, source: str) -> Iterator[_Assignment]:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        yield statement.target.id, statement.annotation, statement.value
        return
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            if not isinstance(target, ast.Name):
                raise NotLiteralError(
                    statement.lineno,
                    f"`{_excerpt(target, source)} = …` does not assign one plain name. Write one `name = value` a line.",
                )
            yield target.id, None, statement.value
        return
    if not _harmless(statement):
        raise NotLiteralError(
            statement.lineno,
            f"`{_excerpt(statement, source)}` is not a parameter. Keep only `name = value` lines in this cell and move the rest to the next one.",
        )


def _harmless(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.ImportFrom):
        return statement.module in ("typing", "__future__", "collections.abc")
    if isinstance(statement, ast.Import):
        return all(alias.name == "typing" for alias in statement.names)
    if isinstance(statement, ast.Expr):
        value = statement.value
        return isinstance(value, ast.Constant) or _is_line_magic(value)
    return False


def _is_line_magic(value: ast.expr) -> bool:
    """True for what IPython's transformer makes of ``%magic`` and ``!command``."""
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr in ("run_line_magic", "system", "getoutput")
        and isinstance(value.func.value, ast.Call)
        and isinstance(value.func.value.func, ast.Name)
        and value.func.value.func.id == "get_ipython"
    )


def _parameter(
    name: str,
    annotation: ast.expr | None,
    value: ast.expr | None,
    statement: ast.stmt,
    comments: _Comments,
) -> Parameter:
    line = statement.lineno
    description = comments.of(statement)
    kind, optional = annotated_type(annotation)
    if value is None:
        if kind is None:
            raise NotLiteralError(
                line,
                f"`{name}` has neither a value nor a type that KFP knows. Annotate it with str, int, float, bool, list or dict.",
            )
        return Parameter(name, kind, None, not optional, description)
    try:
        default = ast.literal_eval(value)
    except (ValueError, TypeError, RecursionError, MemoryError):
        raise NotLiteralError(
            value.lineno,
            f'`{name}` is computed. A parameter must be a plain value such as 0.01, "text", True, [1, 2] or {{"a": 1}}; compute it in a later cell.',
        ) from None
    problem = json_problem(default)
    if problem:
        raise NotLiteralError(
            value.lineno, f"`{name}` holds {problem}. Use a str, int, float, bool, list or dict."
        )
    natural = natural_type(default)
    if kind is None:
        kind = natural
    if kind is None:
        raise NotLiteralError(
            line,
            f"`{name}` is None, which has no type. Annotate it, for example `{name}: str | None = None`.",
        )
    if default is None:
        return Parameter(name, kind, None, False, description)
    if kind == "NUMBER_DOUBLE" and natural == "NUMBER_INTEGER":
        default = float(default)
    elif kind != natural:
        raise NotLiteralError(
            line, f"`{name}` is annotated as {_word(kind)} but its value is {_word(natural)}."
        )
    return Parameter(name, kind, default, False, description)


def annotated_type(annotation: ast.expr | None) -> tuple[ParameterType | None, bool]:
    """KFP's type of an annotation (``None`` when it says nothing) and whether it allows None."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None, False
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return _union([annotation.left, annotation.right])
    if isinstance(annotation, ast.Constant) and annotation.value is None:
        return None, True
    if isinstance(annotation, ast.Subscript):
        outer = _last_name(annotation.value)
        inner = annotation.slice
        members = list(inner.elts) if isinstance(inner, ast.Tuple) else [inner]
        if outer == "Optional":
            return annotated_type(members[0])[0], True
        if outer == "Union":
            return _union(members)
        if outer in ("Annotated", "Final"):
            return annotated_type(members[0])
        if outer == "Literal":
            values = [member.value for member in members if isinstance(member, ast.Constant)]
            kinds = {natural_type(value) for value in values if value is not None}
            return (kinds.pop() if len(kinds) == 1 else None), None in values
        return _ANNOTATIONS.get(outer), False
    return (_ANNOTATIONS.get(_last_name(annotation)) if annotation else None), False


def _union(members: list[ast.expr]) -> tuple[ParameterType | None, bool]:
    read = [annotated_type(member) for member in members]
    kinds = {kind for kind, _ in read if kind}
    if kinds == {"NUMBER_INTEGER", "NUMBER_DOUBLE"}:
        kinds = {"NUMBER_DOUBLE"}
    return (kinds.pop() if len(kinds) == 1 else None), any(optional for _, optional in read)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def natural_type(value: Any) -> ParameterType | None:
    """KFP's type of a value; ``None`` where it has none."""
    return _ANNOTATIONS.get(type(value).__name__)


def _word(kind: ParameterType | None) -> str:
    return next((word for word, known in _ANNOTATIONS.items() if known == kind), "None")


def _excerpt(node: ast.AST, source: str) -> str:
    text = (ast.get_source_segment(source, node) or "").split("\n", 1)[0]
    return text if len(text) <= 60 else f"{text[:59]}…"


class _Comments:
    """The comments of a source: behind a line, or on lines of their own above it."""

    def __init__(self, source: str) -> None:
        self._trailing: dict[int, str] = {}
        self._whole: dict[int, str] = {}
        try:
            for token in tokenize.generate_tokens(io.StringIO(source).readline):
                if token.type == tokenize.COMMENT:
                    alone = not token.line[: token.start[1]].strip()
                    place = self._whole if alone else self._trailing
                    place[token.start[0]] = token.string.lstrip("#").strip()
        except (tokenize.TokenError, SyntaxError):
            pass

    def of(self, statement: ast.stmt) -> str:
        """The comment behind the statement's last or first line, else the block right above it."""
        for line in (statement.end_lineno or statement.lineno, statement.lineno):
            if line in self._trailing:
                return self._trailing[line]
        block: list[str] = []
        line = statement.lineno - 1
        while line in self._whole:
            block.insert(0, self._whole[line])
            line -= 1
        return " ".join(filter(None, block))
