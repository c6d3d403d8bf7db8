"""The grammar of ``filterQuery``. Keywords are in capitals, as upstream's parser wants them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from jupyterlab_kubeflow.local.registry.errors import RegistryError

Value = str | int | float | bool

MAX_COMPARISONS = 500
"""So many comparisons a query may hold: SQLite bounds the depth of a condition."""

MAX_DEPTH = 100
"""So many parentheses may be within one another."""

MAX_VALUES = 10_000
"""So many values a query may hold: SQLite bounds the parameters of a statement."""

VALUE_TYPES = ("string_value", "double_value", "int_value", "bool_value")
"""What may follow a property's name after a dot: which of its values is meant."""

OPERATORS = ("=", "!=", "<>", ">=", "<=", ">", "<", "LIKE", "ILIKE", "IN")


@dataclass(frozen=True)
class Comparison:
    """``NAME OPERATOR VALUE``.

    ``name``: the property, without backticks and without the type; ``type``: one of :data:`VALUE_TYPES`, or None where none was given;
    ``operator``: as written, but ``!=`` for ``<>``; ``values``: the value, or those of the list that was given for it; ``position``: the place of the
    name in the text, from 1.
    """

    name: str
    type: str | None
    operator: str
    values: tuple[Value, ...]
    position: int


@dataclass(frozen=True)
class Junction:
    """Parts joined by ``AND`` or ``OR``, in the order of the text. ``AND`` of none holds always."""

    operator: str
    parts: tuple[Expression, ...]


Expression = Comparison | Junction


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int

    def __str__(self) -> str:
        return f"`{self.text}`" if self.text else "the end"


_TOKEN = re.compile(
    r"""(?P<space>[\t\n\f\r ]+|--[^\r\n]*)
      | (?P<name>[a-zA-Z_][a-zA-Z0-9_]*)
      | (?P<float>[-+]?[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+)
      | (?P<integer>[-+]?[0-9]+)
      | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<escaped>`(?:[^`\\]|\\.)*`)
      | (?P<operator>>=|<=|!=|<>|=|>|<)
      | (?P<mark>[().,])""",
    re.VERBOSE,
)
_ESCAPED_IN_TEXT = re.compile(r"""\\(["'\\])""")
_ESCAPED_IN_NAME = re.compile(r"\\([`.\\])")
_OCTAL = re.compile("[0-7]+")
_BOOLEANS = {"true": True, "TRUE": True, "false": False, "FALSE": False}


def parse(text: str) -> Expression:
    """What ``text`` says; of a blank one, that everything is wanted. Raises 400 that names the place and the remedy."""
    if not text.strip():
        return Junction("AND", ())
    parser = _Parser(_tokens(text))
    expression = parser.either(0)
    parser.finish()
    return expression


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            _refuse(place + 1, _unreadable(text[place]))
        if found.lastgroup != "space":
            tokens.append(_Token(str(found.lastgroup), found.group(), place + 1))
        place = found.end()
    tokens.append(_Token("end", "", len(text) + 1))
    return tokens


def _unreadable(character: str) -> str:
    if character in "'\"`":
        return f"the {character} has no second one. Close it, and put a backslash before one that is part of the value"
    return (
        f"{character!r} cannot be here. Put a text between quotes, and a property's name that holds other characters than letters, "
        "digits, _ and . between backticks"
    )


def _refuse(position: int, problem: str) -> NoReturn:
    raise RegistryError.invalid(f"filterQuery, at character {position}: {problem}.")


class _Parser:
    """Reads tokens from left to right; each method reads one thing of the grammar."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0
        self._comparisons = 0
        self._values = 0

    def either(self, depth: int) -> Expression:
        """Comparisons and groups joined by ``AND`` and, less tightly, by ``OR``."""
        return self._joined("OR", lambda: self._joined("AND", lambda: self._term(depth)))

    def finish(self) -> None:
        """Refuses what follows the expression."""
        token = self._next
        if token.kind == "end":
            return
        if token.text == ")":
            _refuse(token.position, 'there is no "(" for this ")"')
        _refuse(token.position, f"expected AND or OR, in capitals, not {token}")

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self, *texts: str) -> bool:
        """Whether one of ``texts`` comes next, which is then read."""
        if self._next.text not in texts:
            return False
        self._place += 1
        return True

    def _read(self) -> _Token:
        token = self._next
        self._place += 1
        return token

    def _joined(self, word: str, part: Callable[[], Expression]) -> Expression:
        parts = [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Junction(word, tuple(parts))

    def _term(self, depth: int) -> Expression:
        begin = self._next
        if not self._take("("):
            return self._comparison()
        if depth == MAX_DEPTH:
            _refuse(begin.position, f"at most {MAX_DEPTH} parentheses can be within one another")
        inner = self.either(depth + 1)
        if not self._take(")"):
            closing = f'AND, OR, or the ")" for the "(" at character {begin.position}'
            _refuse(self._next.position, f"expected {closing}, not {self._next}")
        return inner

    def _comparison(self) -> Comparison:
        position = self._next.position
        self._comparisons += 1
        if self._comparisons > MAX_COMPARISONS:
            _refuse(position, f"a query can hold at most {MAX_COMPARISONS} comparisons")
        name = self._name()
        operator = self._operator()
        values = self._list() if self._take("(") else (self._value(),)
        path, _, last = name.rpartition(".")
        kind = last if "." in name and last in VALUE_TYPES else None
        return Comparison(path if kind else name, kind, operator, values, position)

    def _name(self) -> str:
        token = self._read()
        if token.kind == "escaped":
            if self._next.text == ".":
                _refuse(
                    self._next.position,
                    "nothing can follow a name in backticks. Write the type inside of them, as in `my-property.int_value`",
                )
            return _ESCAPED_IN_NAME.sub(r"\1", token.text[1:-1])
        parts = [self._identifier(token)]
        while self._take("."):
            parts.append(self._identifier(self._read()))
        return ".".join(parts)

    def _identifier(self, token: _Token) -> str:
        if token.kind != "name":
            _refuse(
                token.position,
                f"expected the name of a property, not {token}. A name that does not begin with a letter or holds other characters than "
                "letters, digits and _ must be between backticks",
            )
        return token.text

    def _operator(self) -> str:
        token = self._read()
        if token.text not in OPERATORS:
            _refuse(
                token.position,
                f"expected one of {' '.join(OPERATORS)}, in capitals, not {token}",
            )
        return "!=" if token.text == "<>" else token.text

    def _list(self) -> tuple[Value, ...]:
        if self._take(")"):
            return ()
        values = [self._value()]
        while self._take(","):
            values.append(self._value())
        if not self._take(")"):
            _refuse(self._next.position, f'expected "," or ")", not {self._next}')
        return tuple(values)

    def _value(self) -> Value:
        token = self._read()
        self._values += 1
        if self._values > MAX_VALUES:
            _refuse(token.position, f"a query can hold at most {MAX_VALUES} values")
        if token.kind == "text":
            return _ESCAPED_IN_TEXT.sub(r"\1", token.text[1:-1])
        if token.kind == "integer":
            return _integer(token)
        if token.kind == "float":
            number = float(token.text)
            if number in (float("inf"), float("-inf")):
                _refuse(token.position, f"{token.text} is too large for a number")
            return number
        if token.text in _BOOLEANS:
            return _BOOLEANS[token.text]
        _refuse(
            token.position,
            f"expected a value, not {token}. Texts are put between quotes; true and false are written in small letters",
        )


def _integer(token: _Token) -> int:
    """The number, of 64 bits; with a 0 in front it is octal, as upstream reads it."""
    digits = token.text.lstrip("+-")
    octal = digits.startswith("0")
    if octal and not _OCTAL.fullmatch(digits):
        _refuse(token.position, f"{token.text} begins with 0 and is not octal. Leave the 0 out")
    number = int(digits, 8) if octal else int(digits[:20])
    number = -number if token.text.startswith("-") else number
    if not -(2**63) <= number < 2**63:
        _refuse(token.position, f"{token.text} does not fit into 64 bits")
    return number
