"""Trigger conditions: the subset of CEL that kfp compiles ``dsl.If``, ``dsl.Elif`` and ``dsl.Else`` to.

Values are looked up, never pasted into the expression, and only comparisons, ``&& || !``, the conversions ``int double string bool`` and
``inputs.parameter_values['name']`` are understood.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from .errors import EngineError

_TOKENS = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|&&|\|\||!(?!=)""")
_WORDS = {"&&": " and ", "||": " or ", "!": "~"}
_CONSTANTS = {"true": True, "false": False, "null": None}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, container: item in container,
}


def _to_string(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _to_bool(value: Any) -> bool:
    if isinstance(value, str):
        if value.lower() not in ("true", "false"):
            raise ValueError(f"{value!r} is neither true nor false")
        return value.lower() == "true"
    return bool(value)


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "int": int,
    "double": float,
    "float": float,
    "string": _to_string,
    "bool": _to_bool,
    "size": len,
}


def evaluate(condition: str, parameters: Mapping[str, Any]) -> bool:
    """The truth of ``condition`` with ``parameters`` as ``inputs.parameter_values``.

    Raises :class:`EngineError` for an expression outside the subset, a parameter without a value, and values that cannot be compared.
    """
    source = _TOKENS.sub(lambda match: _WORDS.get(match[0], match[0]), condition).strip()
    try:
        tree = ast.parse(source, mode="eval")
        return bool(_value(tree.body, parameters))
    except SyntaxError as error:
        raise EngineError(f"Cannot read the condition {condition!r}.") from error
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise EngineError(f"Cannot evaluate the condition {condition!r}: {error}.") from error


def _value(node: ast.expr, parameters: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=value) if isinstance(value, str | int | float):
            return value
        case ast.Name(id=name) if name in _CONSTANTS:
            return _CONSTANTS[name]
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_value(each, parameters) for each in values)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_value(each, parameters) for each in values)
        case ast.UnaryOp(op=ast.Invert(), operand=operand):  # "!": binds as tightly as in CEL
            return not _value(operand, parameters)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, parameters)
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
            return _COMPARE[type(op)](_value(left, parameters), _value(right, parameters))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _CONVERSIONS:
            return _CONVERSIONS[name](_value(argument, parameters))
        case ast.List(elts=elements):
            return [_value(each, parameters) for each in elements]
        case ast.Subscript(
            value=ast.Attribute(value=ast.Name(id="inputs"), attr="parameter_values"),
            slice=ast.Constant(value=str() as name),
        ):
            if name not in parameters:
                raise ValueError(f"{name.removeprefix('pipelinechannel--')} has no value")
            return parameters[name]
    raise ValueError(f"{ast.unparse(node)} is not supported in a condition")
