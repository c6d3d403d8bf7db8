"""``filterQuery`` as text: what is read of it, and what is refused, with the place and the remedy."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyterlab_kubeflow.local.registry.errors import RegistryError
from jupyterlab_kubeflow.local.registry.filters import Expression, Junction, parse
from jupyterlab_kubeflow.local.registry.filters.grammar import (
    MAX_COMPARISONS,
    MAX_DEPTH,
    MAX_VALUES,
)


def said(expression: Expression) -> str:
    """The expression in one way of writing it: ``NAME:TYPE OPERATOR VALUES``, and parentheses around whatever is joined."""
    if isinstance(expression, Junction):
        return "(" + f" {expression.operator} ".join(map(said, expression.parts)) + ")"
    kind = f":{expression.type}" if expression.type else ""
    values = ", ".join(f"{type(value).__name__} {value}" for value in expression.values)
    return f"{expression.name}{kind} {expression.operator} [{values}]"


READ = {
    "name='my-model'": "name = [str my-model]",
    'name = "my-model"': "name = [str my-model]",
    "a=1 AND b=2 OR c=3 AND d=4": "((a = [int 1] AND b = [int 2]) OR (c = [int 3] AND d = [int 4]))",
    "a=1 AND (b=2 OR c=3)": "(a = [int 1] AND (b = [int 2] OR c = [int 3]))",
    "((a=1))": "a = [int 1]",
    "a=1AND b='x'OR c=2": "((a = [int 1] AND b = [str x]) OR c = [int 2])",
    "a <> 1": "a != [int 1]",
    "a!=1": "a != [int 1]",
    "a>=-5": "a >= [int -5]",
    "a<=+5": "a <= [int 5]",
    "a < .5": "a < [float 0.5]",
    "a > 1e-3": "a > [float 0.001]",
    "a = -1.5E2": "a = [float -150.0]",
    "a = 010": "a = [int 8]",
    "a = 9223372036854775807": "a = [int 9223372036854775807]",
    "a = true OR a = FALSE": "(a = [bool True] OR a = [bool False])",
    "name LIKE '%x_'": "name LIKE [str %x_]",
    'name ILIKE "X%"': "name ILIKE [str X%]",
    "a IN (1, 'x', 2.5, true)": "a IN [int 1, str x, float 2.5, bool True]",
    "a IN ()": "a IN []",
    "a IN 5": "a IN [int 5]",
    "a IN('x')": "a IN [str x]",
    "a = ('x')": "a = [str x]",
    "a.int_value = 1": "a:int_value = [int 1]",
    "a.b.string_value = 'x'": "a.b:string_value = [str x]",
    "a . b = 1": "a.b = [int 1]",
    "a.INT_VALUE = 1": "a.INT_VALUE = [int 1]",
    "int_value = 1": "int_value = [int 1]",
    "`my-property` = 1": "my-property = [int 1]",
    "`my-property.double_value` = 1": "my-property:double_value = [int 1]",
    "`mlflow.source.type` = 'notebook'": "mlflow.source.type = [str notebook]",
    r"`a\`b` = 1": "a`b = [int 1]",
    r"`a\.b\\c` = 1": "a.b\\c = [int 1]",
    "`Größe` = 1": "Größe = [int 1]",
    "AND = 1 AND true = 2 AND LIKE LIKE 'x'": "(AND = [int 1] AND true = [int 2] AND LIKE LIKE [str x])",
    r"a = 'it\'s'": "a = [str it's]",
    r'a = "say \"it\""': 'a = [str say "it"]',
    """a = '"x"'""": 'a = [str "x"]',
    r"a = 'back\\slash'": "a = [str back\\slash]",
    r"a = 'as\n it is'": "a = [str as\\n it is]",
    "a = ''": "a = [str ]",
    "a = '日本'": "a = [str 日本]",
    "a = 1 -- a note": "a = [int 1]",
    "-- a note\na\n=\t1": "a = [int 1]",
    "": "()",
    " \t\n": "()",
}
"""What the queries say. Upstream's parser reads each the same but for the quotes and backticks within, and ``<>``, which it keeps."""


@pytest.mark.parametrize("query", READ)
def test_a_query_is_read(query: str) -> None:
    assert said(parse(query)) == READ[query]


REFUSED = {
    "a=1 and b=2": (5, "in capitals"),
    "a like 'x'": (3, "in capitals"),
    "a in (1)": (3, "in capitals"),
    "NOT a = 1": (5, "expected one of ="),
    "a IS NULL": (3, "expected one of ="),
    "a == 1": (4, "expected a value"),
    "a = True": (5, "small letters"),
    "a = null": (5, "expected a value"),
    "a = b": (5, "between quotes"),
    "a = `b`": (5, "between quotes"),
    "a = 'it''s'": (9, "AND or OR"),
    "a = 'x": (5, "no second one"),
    "`a = 1": (1, "no second one"),
    "a = 1 AND": (10, "name of a property, not the end"),
    "a = 1 b = 2": (7, "AND or OR"),
    "a = 1)": (6, 'no "("'),
    "(a = 1": (7, 'the ")" for the "(" at character 1'),
    "a IN (1,)": (9, "expected a value"),
    "a IN (1": (8, '"," or ")"'),
    "a IN ((1))": (7, "expected a value"),
    "my-property = 1": (3, "backticks"),
    "my property = 1": (4, "expected one of ="),
    "größe = 1": (3, "backticks"),
    "1a = 2": (1, "name of a property"),
    "'a' = 2": (1, "name of a property"),
    "`a`.int_value = 1": (4, "inside of them"),
    "a. = 1": (4, "name of a property"),
    "a = 1.": (6, "AND or OR"),
    "a = 08": (5, "octal"),
    "a = 0x10": (6, "AND or OR"),
    "a = 9223372036854775808": (5, "64 bits"),
    "a = " + "9" * 5000: (5, "64 bits"),
    "a = 1e999": (5, "too large"),
    "a = 1; DROP TABLE contexts": (6, "cannot be here"),
    "-- only a note": (15, "name of a property"),
    "(" * (MAX_DEPTH + 1) + "a=1" + ")" * (MAX_DEPTH + 1): (MAX_DEPTH + 1, "parentheses"),
    " OR ".join(["a=1"] * (MAX_COMPARISONS + 1)): (MAX_COMPARISONS * 7 + 1, "comparisons"),
    f"a IN ({','.join('1' * (MAX_VALUES + 1))})": (MAX_VALUES * 2 + 7, "values"),
}
"""What is refused, as by upstream's parser but for the last three: the place and a part of the remedy."""


@pytest.mark.parametrize("query", REFUSED, ids=lambda query: query[:30])
def test_a_query_is_refused_with_its_place(query: str) -> None:
    position, remedy = REFUSED[query]
    with pytest.raises(RegistryError) as refused:
        parse(query)
    assert refused.value.status == 400
    assert refused.value.message.startswith(f"filterQuery, at character {position}: ")
    assert remedy in refused.value.message


@given(query=st.text("ab.`'\"\\()=<>!,-+ 019eANDORLIKE_%\n\té;", max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_or_refused(query: str) -> None:
    with contextlib.suppress(RegistryError):
        expression = parse(query)
        assert expression == Junction("AND", ()) or said(expression)
