"""Parameters: what a cell declares, what a person may give, and how values reach the kernel unchanged."""

from __future__ import annotations

import ast
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.notebook.executor import arguments, injected_source
from jupyterlab_kubeflow.notebook.parameters import (
    MAX_EXACT_INTEGER,
    NotLiteralError,
    Parameter,
    check_arguments,
    parse_arguments,
    parse_text,
    read_parameters,
)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_EXACT_INTEGER, MAX_EXACT_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def one(source: str) -> Parameter:
    (parameter,) = read_parameters(source)
    return parameter


@pytest.mark.parametrize(
    ("source", "kind", "default"),
    [
        ("x = 'a'", "STRING", "a"),
        ('x = "it\'s"', "STRING", "it's"),
        ("x = 'grüße 🚀'", "STRING", "grüße 🚀"),
        ("x = 'a' 'b'", "STRING", "ab"),
        ("x = 3", "NUMBER_INTEGER", 3),
        ("x = -3", "NUMBER_INTEGER", -3),
        ("x = -1e-3", "NUMBER_DOUBLE", -0.001),
        ("x: float = 1", "NUMBER_DOUBLE", 1.0),
        ("x = True", "BOOLEAN", True),
        ("x = [1, -2.5, 'a', None]", "LIST", [1, -2.5, "a", None]),
        ("x: list[int] = []", "LIST", []),
        ("x = {'a': {'b': [1]}}", "STRUCT", {"a": {"b": [1]}}),
        ("import typing\nx: typing.Dict[str, int] = {}", "STRUCT", {}),
        ("x: 'int' = 1", "NUMBER_INTEGER", 1),
        ("from typing import Literal\nx: Literal['a', 'b'] = 'a'", "STRING", "a"),
        ("x: int | float = 1", "NUMBER_DOUBLE", 1.0),
        ("x: Path = 'data'", "STRING", "data"),
        ("%matplotlib inline\n!echo hi\nx = 1", "NUMBER_INTEGER", 1),
    ],
)
def test_types_come_from_annotations_and_values(source: str, kind: str, default: Any) -> None:
    parameter = one(TransformerManager().transform_cell(source))
    assert (parameter.type, parameter.default, parameter.required) == (kind, default, False)
    assert type(parameter.default) is type(default)


@pytest.mark.parametrize(
    ("source", "kind", "required"),
    [
        ("x: str | None = None", "STRING", False),
        ("x: Optional[float] = None", "NUMBER_DOUBLE", False),
        ("x: Union[None, list] = None", "LIST", False),
        ("x: int = None", "NUMBER_INTEGER", False),
        ("x: int", "NUMBER_INTEGER", True),
        ("x: Optional[int]", "NUMBER_INTEGER", False),
    ],
)
def test_none_is_optional_and_a_bare_annotation_required(
    source: str, kind: str, required: bool
) -> None:
    parameter = one(source)
    assert (parameter.type, parameter.default, parameter.required) == (kind, None, required)


@pytest.mark.parametrize(
    ("source", "line", "told"),
    [
        ("a = 1\nx = f()", 2, "computed"),
        ("a = 1\nb = a + 1", 2, "computed"),
        ("x = f'{1}'", 1, "computed"),
        ("x = [1,\n  g()]", 1, "computed"),
        ("a, b = 1, 2", 1, "one plain name"),
        ("x['a'] = 1", 1, "one plain name"),
        ("import os", 1, "not a parameter"),
        ("print(1)", 1, "not a parameter"),
        ("for i in []:\n    pass", 1, "not a parameter"),
        ("x = (1, 2)", 1, "tuple"),
        ("x = {1: 2}", 1, "key 1"),
        ("x = b'a'", 1, "bytes"),
        ("x = 1e999", 1, "inf"),
        ("x = 9007199254740993", 1, "too large"),
        ("x = None", 1, "no type"),
        ("x: Thing", 1, "neither a value nor a type"),
        ("x: int = 1.5", 1, "annotated as int"),
        ("x: bool = 1", 1, "annotated as bool"),
        ("x: str = 1", 1, "annotated as str"),
    ],
)
def test_what_is_not_literal_is_refused_with_its_line(source: str, line: int, told: str) -> None:
    with pytest.raises(NotLiteralError) as caught:
        read_parameters(source)
    assert caught.value.line == line
    assert told in caught.value.message


def test_nothing_of_the_cell_is_executed(tmp_path: Any) -> None:
    with pytest.raises(NotLiteralError):
        read_parameters(f"x = open({str(tmp_path / 'made')!r}, 'w')")
    assert not (tmp_path / "made").exists()


def test_descriptions_come_from_the_comments_beside_or_above() -> None:
    found = read_parameters(
        "lr = 0.1  # learning rate\n"
        "# how often\n# it goes round\nepochs = 3\n"
        "plain = 1\n\n# about something else\n\nnames = [\n  'a',  # first\n]  # of columns\n"
        "tag = '#no comment'"
    )
    assert {item.name: item.description for item in found} == {
        "lr": "learning rate",
        "epochs": "how often it goes round",
        "plain": "",
        "names": "of columns",
        "tag": "",
    }


def test_the_last_assignment_of_a_name_counts() -> None:
    assert [(item.name, item.default) for item in read_parameters("x = 1\ny = x = 2")] == [
        ("y", 2),
        ("x", 2),
    ]


@given(json_values)
def test_a_default_is_read_as_it_was_written(value: Any) -> None:
    try:
        parameter = one(f"x = {value!r}")
    except NotLiteralError:
        assert value is None
        return
    assert parameter.default == value


@given(json_values)
def test_an_injected_value_is_the_value_and_never_code(value: Any) -> None:
    source = injected_source({"x": value})
    assert TransformerManager().transform_cell(source).rstrip("\n") == source
    (statement,) = ast.parse(source).body
    assert isinstance(statement, ast.Assign)
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    assert namespace["x"] == value
    assert json.dumps(namespace["x"]) == json.dumps(value)


def test_nan_infinity_and_deep_nesting_are_injected() -> None:
    deep: Any = 1
    for _ in range(150):
        deep = [deep]
    namespace: dict[str, Any] = {}
    exec(injected_source({"x": [math.nan, math.inf, -math.inf], "y": deep}), namespace)
    assert math.isnan(namespace["x"][0])
    assert namespace["x"][1:] == [math.inf, -math.inf]
    assert namespace["y"] == deep


def test_numbers_that_travelled_as_doubles_get_their_type_back() -> None:
    declared = {
        "n": {"type": "NUMBER_INTEGER", "default": 1},
        "f": {"type": "NUMBER_DOUBLE", "default": 1.0},
        "l": {"type": "LIST", "default": [1.0, 2]},
        "o": {"type": "STRING", "default": None},
    }
    values = arguments({"n": 4.0, "f": 2, "l": [1, 2.0]}, declared)
    assert json.dumps(values) == '{"n": 4, "f": 2.0, "l": [1.0, 2]}'


DECLARED = read_parameters(
    "lr = 0.1\nn = 1\nname = 'a'\non = False\nitems = []\noptions = {}\nmaybe: int | None = None"
)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("lr", "1e-3", 0.001),
        ("lr", "-2", -2.0),
        ("lr", ".5", 0.5),
        ("n", "-7", -7),
        ("name", "true", "true"),
        ("name", 'it\'s = "x"', 'it\'s = "x"'),
        ("on", "True", True),
        ("on", "false", False),
        ("items", "[1, null]", [1, None]),
        ("items", "['a']", ["a"]),
        ("options", '{"a": [1]}', {"a": [1]}),
        ("maybe", "3", 3),
    ],
)
def test_typed_text_becomes_a_value(name: str, text: str, value: Any) -> None:
    found = parse_arguments(DECLARED, {name: text})[name]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("lr", "abc", 'Parameter "lr" must be a number, for example 0.01.'),
        ("lr", "nan", 'Parameter "lr" must be a number, for example 0.01.'),
        ("lr", "true", 'Parameter "lr" must be a number, for example 0.01.'),
        ("n", "1.5", 'Parameter "n" must be a whole number, for example 10.'),
        ("n", "", 'Parameter "n" must be a whole number, for example 10.'),
        ("on", "1", 'Parameter "on" must be true or false.'),
        ("items", "a,b", 'Parameter "items" must be a JSON list, for example [1, 2].'),
        ("options", "[]", 'Parameter "options" must be a JSON object, for example {"a": 1}.'),
        ("lrr", "1", 'The notebook has no parameter "lrr". Did you mean "lr"?'),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, text: str, message: str) -> None:
    with pytest.raises(KubeflowError) as caught:
        parse_arguments(DECLARED, {name: text})
    assert caught.value.message == message
    assert caught.value.details == {"field": name}


def test_a_required_parameter_must_be_given() -> None:
    with pytest.raises(KubeflowError, match='"data" needs a value'):
        check_arguments(read_parameters("data: str"), {})
    assert check_arguments(read_parameters("data: str"), {"data": ""}) == {"data": ""}


@given(st.text())
def test_text_reaches_a_string_parameter_unchanged(text: str) -> None:
    assert parse_text(one("x = ''"), text) == text
