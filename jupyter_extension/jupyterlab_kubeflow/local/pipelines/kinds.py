"""JSON as KFP's gateway reads it: the JSON form of protobuf messages, one function a kind of value.

A field may be written in snake_case or camelCase and at most once; ``null`` leaves it out; one that the message does not have is refused.
Numbers of 64 bits may be strings, enum values may be numbers.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Callable, Sequence
from typing import Any

from jupyterlab_kubeflow.local.wire_errors import ApiError

Kind = Callable[[Any, str], Any]
"""Reads a JSON value at a path such as ``runtime_config.parameters``. Raises 400 that names the path when the value is of another kind."""


def string(given: Any, path: str) -> str:
    """A string without the character U+0000, which databases end texts at."""
    if not isinstance(given, str):
        raise _not("a string", given, path)
    if "\0" in given:
        raise ApiError.invalid(f"{path} must not hold the character U+0000.")
    return given


def boolean(given: Any, path: str) -> bool:
    """``true`` or ``false``."""
    if not isinstance(given, bool):
        raise _not("true or false", given, path)
    return given


def _integer(bits: int) -> Kind:
    def read(given: Any, path: str) -> int:
        number: Any = given
        if isinstance(given, str):
            try:
                number = int(given) if given.isascii() and given.strip() == given else None
            except ValueError:
                number = None
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        if type(number) is not int or not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            raise _not(f"a whole number of {bits} bits", given, path)
        return number

    return read


int32 = _integer(32)
int64 = _integer(64)


def double(given: Any, path: str) -> float:
    """A finite number."""
    number: Any = given
    if isinstance(given, str):
        try:
            number = float(given)
        except ValueError:
            number = None
    try:
        if isinstance(number, (int, float)) and type(number) is not bool and math.isfinite(number):
            return float(number)
    except OverflowError:
        pass
    raise _not("a number", given, path)


def struct(given: Any, path: str) -> dict[str, Any]:
    """Any JSON object."""
    if not isinstance(given, dict):
        raise _not("an object", given, path)
    return given


def value(given: Any, path: str) -> Any:
    """Any JSON value, ``null`` too."""
    return given


def enum(*names: str) -> Kind:
    """One of the names, or its number."""

    def read(given: Any, path: str) -> str:
        if type(given) is int and 0 <= given < len(names):
            return names[given]
        if given not in names:
            raise _not(f"one of {', '.join(names)}", given, path)
        return str(given)

    return read


def repeated(kind: Kind) -> Kind:
    """A list."""

    def read(given: Any, path: str) -> list[Any]:
        if not isinstance(given, list):
            raise _not("a list", given, path)
        return [kind(one, f"{path}[{index}]") for index, one in enumerate(given)]

    return read


def mapping(kind: Kind) -> Kind:
    """An object with any keys."""

    def read(given: Any, path: str) -> dict[str, Any]:
        return {key: kind(one, f"{path}.{key}") for key, one in struct(given, path).items()}

    return read


def message(**kinds: Kind) -> Kind:
    """An object with these fields. What is read holds those that are given, by their names in snake_case."""
    names = {name: name for name in kinds} | {_camel(name): name for name in kinds}

    def read(given: Any, path: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, one in struct(given, path).items():
            name = names.get(key)
            if name is None:
                raise _unknown(key, path, list(kinds))
            where = f"{path}.{name}" if path else name
            if name in found:
                raise ApiError.invalid(f"{where} is given twice.")
            if one is not None or kinds[name] is value:
                found[name] = kinds[name](one, where)
        return found

    return read


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _not(wanted: str, given: Any, path: str) -> ApiError:
    shown = json.dumps(given, ensure_ascii=False)
    shown = shown if len(shown) <= 80 else f"{shown[:80]}…"
    return ApiError.invalid(f"{path or 'The body'} must be {wanted}, not {shown}.")


def _unknown(key: str, path: str, names: Sequence[str]) -> ApiError:
    near = difflib.get_close_matches(key, names, n=1)
    hint = f'Did you mean "{near[0]}"?' if near else f"It knows {', '.join(names)}."
    return ApiError.invalid(f'{path or "The body"} has no field "{key}". {hint}')
