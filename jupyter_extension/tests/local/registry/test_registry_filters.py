"""``filterQuery`` over HTTP: which objects a list then has, against the same worked out in Python."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyterlab_kubeflow.local.registry.app import Registry
from jupyterlab_kubeflow.local.registry.filters import Comparison, Expression, Junction
from jupyterlab_kubeflow.local.registry.filters.grammar import (
    MAX_COMPARISONS,
    MAX_DEPTH,
    MAX_VALUES,
)
from jupyterlab_kubeflow.local.registry.filters.patterns import MAX_LENGTH
from starlette.testclient import TestClient

API = "/api/model_registry/v1alpha3"


def as_metadata(value: Any) -> dict[str, Any]:
    """The custom property on the wire."""
    if isinstance(value, bool):
        return {"metadataType": "MetadataBoolValue", "bool_value": value}
    if isinstance(value, int):
        return {"metadataType": "MetadataIntValue", "int_value": str(value)}
    if isinstance(value, float):
        return {"metadataType": "MetadataDoubleValue", "double_value": value}
    return {"metadataType": "MetadataStringValue", "string_value": value}


PROPERTIES: list[dict[str, Any]] = [
    {},
    {"accuracy": 0.9, "rounds": 5, "my-property": "x%y", "fast": True},
    {"accuracy": 1, "rounds": 5.0, "my-property": "xzy", "fast": False},
    {"accuracy": "high", "rounds": -(2**62), "größe": "École", "a.b": 'it\'s "it"'},
    {"accuracy": False, "rounds": 2.5, "größe": "école", "": "nameless", "it`s": 1},
    {"accuracy": -0.5, "description": "mine", "state": "LIVE", "int_value": 7},
]
VERSIONS: list[dict[str, Any]] = [
    {
        "name": name,
        "customProperties": {key: as_metadata(each) for key, each in own.items()},
        **fields,
    }
    for own, (name, fields) in zip(
        PROPERTIES,
        {
            "v1": {"description": "the first", "author": "Ada"},
            "V1": {"externalId": "out-there", "state": "ARCHIVED"},
            "v_1": {"description": "50% [of] it*", "author": "ada"},
            "v10": {"author": "ÅSA"},
            "1:v1": {"description": "mine"},
            "'; --": {"state": "ARCHIVED", "author": "åsa"},
        }.items(),
        strict=True,
    )
]


class Served:
    """A registry with two models, a few versions of the first and one of the second, and artifacts."""

    def __init__(self, http: TestClient) -> None:
        self.http = http
        self.model = self.make(
            "registered_models", {"name": "m", "owner": "Ada", "libraryName": "sk"}
        )
        other = self.make("registered_models", {"name": "n"})
        self.versions = [
            self.make("model_versions", {**version, "registeredModelId": self.model})
            for version in VERSIONS
        ]
        self.other = self.make("model_versions", {"name": "v1", "registeredModelId": other})
        experiment = self.make("experiments", {"name": "e"})
        self.run = self.make(
            "experiment_runs",
            {"name": "r", "experimentId": experiment, "startTimeSinceEpoch": "1700000000000"},
        )
        at = f"experiment_runs/{self.run}/artifacts"
        self.metric = self.make(
            at,
            {"artifactType": "metric", "name": "loss", "value": 0.25, "step": 3, "timestamp": "17"},
        )
        self.parameter = self.make(
            at, {"artifactType": "parameter", "name": "rate", "value": "0.25"}
        )
        self.artifact = self.make(
            f"model_versions/{self.versions[0]}/artifacts",
            {"artifactType": "model-artifact", "uri": "s3://a/b", "modelFormatName": "onnx"},
        )

    def make(self, path: str, body: dict[str, Any]) -> str:
        answer = self.http.post(f"{API}/{path}", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def found(self, path: str, query: str, **more: str) -> list[str]:
        answer = self.http.get(f"{API}/{path}", params={"filterQuery": query, **more})
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["items"]]

    def versions_of(self, query: str) -> list[int]:
        """The places in :data:`VERSIONS` of the versions of the first model that are found."""
        found = self.found(f"registered_models/{self.model}/versions", query)
        return [self.versions.index(each) for each in found]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A registry with a few objects, that the tests only read."""
    registry = Registry(tmp_path_factory.mktemp("registry") / "registry.db")
    with TestClient(registry.app) as http:
        yield Served(http)
    registry.close()


FOUND: dict[str, list[int]] = {
    "": [0, 1, 2, 3, 4, 5],
    "name = 'v1'": [0],
    "name != 'v1'": [1, 2, 3, 4, 5],
    "name <> 'v1'": [1, 2, 3, 4, 5],
    "name IN ('v1', 'V1', 'gone')": [0, 1],
    "name IN ()": [],
    "name LIKE 'v%'": [0, 2, 3],
    "name LIKE 'v_1'": [2],
    "name LIKE 'v__'": [2, 3],
    r"name LIKE 'v\_%'": [2],
    "name ILIKE 'V1'": [0, 1],
    "name LIKE '%:%'": [4],
    """name = "'; --" """: [5],
    "name > 'v1'": [2, 3],
    "author = 'Ada'": [0],
    "author ILIKE 'ada'": [0, 2],
    "author ILIKE 'å_A'": [3, 5],
    "author LIKE 'å%'": [5],
    "author != 'Ada'": [2, 3, 5],
    "externalId = 'out-there'": [1],
    "externalId != 'x'": [1],
    "state = 'LIVE'": [0, 2, 3, 4],
    "state = 'LIVE' AND author = 'Ada' OR externalId LIKE 'out%'": [0, 1],
    "state = 'LIVE' AND (author = 'Ada' OR externalId LIKE 'out%')": [0],
    "description = 'mine'": [4, 5],
    "description LIKE '%[of]%'": [2],
    "description LIKE '%*'": [2],
    r"description LIKE '50\% %'": [2],
    "accuracy > 0.5": [1],
    "accuracy > 0": [1, 2],
    "accuracy = 1": [2],
    "accuracy = 'high'": [3],
    "accuracy = false": [4],
    "accuracy != 1": [1, 5],
    "accuracy.int_value >= 0": [2],
    "accuracy.double_value >= 0": [1],
    "accuracy.string_value LIKE 'h%'": [3],
    "accuracy.bool_value = false": [4],
    "accuracy IN (1, 0.9, 'high', false)": [1, 2, 3, 4],
    "rounds = 5": [1, 2],
    "rounds.double_value = 5": [2],
    "rounds.int_value = '5'": [1],
    "rounds.int_value > 2.5": [1],
    "rounds = -4611686018427387904": [3],
    "rounds < 0 OR rounds = 2.5": [3, 4],
    "fast = true": [1],
    "fast != true": [2],
    "fast.bool_value = 'FALSE'": [2],
    "`my-property` = 'x%y'": [1],
    "`my-property` LIKE 'x%y'": [1, 2],
    r"`my-property.string_value` LIKE 'x\%y'": [1],
    "`größe` = 'École'": [3],
    "`größe` ILIKE 'ÉCOLE'": [3, 4],
    "`größe` ILIKE 'É%' AND `größe` LIKE 'é%'": [4],
    r"""`a.b` = 'it\'s "it"'""": [3],
    "`` = 'nameless'": [4],
    r"`it\`s` = 1": [4],
    "int_value = 7": [5],
    "unknown = 1 OR unknown != 1": [],
    "createTimeSinceEpoch > 1600000000000": [0, 1, 2, 3, 4, 5],
    "lastUpdateTimeSinceEpoch < '1600000000000'": [],
    "`name` = 'v1'": [0],
}


@pytest.mark.parametrize("query", FOUND)
def test_a_list_has_what_its_filter_asks_for(served: Served, query: str) -> None:
    assert served.versions_of(query) == FOUND[query]


def test_ids_are_numbers(served: Served) -> None:
    first, second, *_ = served.versions
    assert served.found("model_versions", f"id = {first}") == [first]
    assert served.found("model_versions", f"id IN ('{first}', {second})") == [first, second]
    assert served.found("model_versions", f"id <= {second}") == [first, second]
    assert served.found("model_versions", "name = 'v1'") == [first, served.other]
    of_model = f"name = 'v1' AND registeredModelId = {served.model}"
    assert served.found("model_versions", of_model) == [first]
    kept = f"name = 'v1' AND registered_model_id = {served.model}"
    assert served.found("model_versions", kept) == [first]


def test_fields_of_other_kinds(served: Served) -> None:
    assert served.found("registered_models", "owner ILIKE 'ADA' AND state = 'LIVE'") == [
        served.model
    ]
    for name in ("libraryName", "library_name"):
        assert served.found("registered_models", f"{name} = 'sk'") == [served.model]
    run = "startTimeSinceEpoch >= 1700000000000 AND status = 'RUNNING'"
    assert served.found("experiment_runs", run) == [served.run]
    assert served.found("experiment_runs", "startTimeSinceEpoch > 1700000000000") == []
    assert served.found("model_artifacts", "modelFormatName = 'onnx'") == [served.artifact]


def test_artifacts_of_any_type(served: Served) -> None:
    def found(query: str, **more: str) -> list[str]:
        return served.found("artifacts", query, **more)

    assert found("uri LIKE 's3://%'") == [served.artifact]
    assert found("modelFormatName = 'onnx'") == [served.artifact]
    assert found("value = 0.25") == [served.metric]
    assert found("value.double_value < 1") == [served.metric]
    assert found("value = '0.25'") == [served.parameter]
    assert found("step = 3 AND timestamp = 17") == [served.metric]
    assert found("value < 1 AND step IN (3)", artifactType="metric") == [served.metric]
    assert found("value LIKE '0._5'", artifactType="parameter") == [served.parameter]
    for name in ("experimentRunId", "experiment_run_id"):
        assert found(f"{name} = {served.run}") == [served.metric, served.parameter]


def test_the_history_of_metrics(served: Served) -> None:
    at = "experiment_runs/metric_history"
    assert len(served.found(at, "name = 'loss' AND value < 1 AND step = 3")) == 1
    assert served.found(at, "value > 1") == []


WRONG = {
    "name = 5": "name is a text, which 5 is not. Put the value between quotes.",
    "state IN ('LIVE', true)": "state is a text, which True is not",
    "id = 'x'": "id is a whole number, which 'x' is not",
    "accuracy.int_value = 'x'": "accuracy is a whole number, which 'x' is not",
    "accuracy.double_value = true": "accuracy is a number, which True is not",
    "accuracy.bool_value = 1": "accuracy is true or false, which 1 is not",
    "accuracy.string_value = 1": "accuracy is a text, which 1 is not",
    "accuracy LIKE 5": "LIKE, which takes a pattern between quotes",
    "id LIKE '5'": "id is a whole number, which LIKE cannot compare",
    "accuracy.double_value ILIKE '5'": "accuracy is a number, which ILIKE cannot compare",
    "name = ('a', 'b')": "Use IN for a list",
    "name = ()": "Use IN for a list",
    f"name LIKE '{'%' * (MAX_LENGTH + 1)}'": "is compared with a pattern of more than",
    "name": "expected one of =",
}


@pytest.mark.parametrize("query", WRONG, ids=lambda query: query[:30])
def test_a_wrong_filter_is_refused(served: Served, query: str) -> None:
    answer = served.http.get(f"{API}/model_versions", params={"filterQuery": query})
    assert answer.status_code == 400
    assert answer.json()["code"] == "Bad Request"
    assert WRONG[query] in answer.json()["message"]


@pytest.mark.parametrize("word", ["AND", "OR"])
def test_the_longest_query_is_answered(served: Served, word: str) -> None:
    joined = f" {word} ".join(
        f"{name} IN (1,'x',.5,true)" for name in ["description"] + ["`a`"] * (MAX_COMPARISONS - 1)
    )
    query = "(" * MAX_DEPTH + joined + ")" * MAX_DEPTH
    assert served.versions_of(query) == []
    listed = f"rounds IN ({','.join('5' * MAX_VALUES)})"
    assert served.versions_of(listed) == [1, 2]
    longest = "ǆ" * MAX_LENGTH
    assert served.versions_of(f"name ILIKE '{longest}'") == []


_COMPARE = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NAMES = ("accuracy", "rounds", "my-property", "größe", "fast", "a.b", "unknown")
_TEXTS = st.one_of(
    st.sampled_from([each for own in PROPERTIES for each in own.values() if isinstance(each, str)]),
    st.text("aEé%_*[]\\'\"`x", max_size=4),
)
_NUMBERS = st.one_of(
    st.sampled_from([0.9, 1, 5, 5.0, -(2**62), 2.5, -0.5]),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
)


@st.composite
def _comparison(draw: st.DrawFn) -> Comparison:
    name = draw(st.sampled_from(_NAMES))
    word = draw(st.sampled_from([*_COMPARE, "LIKE", "ILIKE", "IN"]))
    if word == "IN":
        values = draw(st.lists(st.one_of(_TEXTS, _NUMBERS, st.booleans()), max_size=4))
        return Comparison(name, None, word, tuple(values), 1)
    value = draw(_TEXTS if "LIKE" in word else st.one_of(_TEXTS, _NUMBERS, st.booleans()))
    return Comparison(name, None, word, (value,), 1)


_EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(
    _comparison(),
    lambda parts: st.builds(
        lambda word, joined: Junction(word, tuple(joined)),
        st.sampled_from(["AND", "OR"]),
        st.lists(parts, min_size=2, max_size=3),
    ),
    max_leaves=6,
)


def written(expression: Expression) -> str:
    """The expression as a query."""
    if isinstance(expression, Junction):
        return "(" + f" {expression.operator} ".join(map(written, expression.parts)) + ")"
    values = [_literal(value) for value in expression.values]
    value = f"({', '.join(values)})" if expression.operator == "IN" else values[0]
    return f"`{expression.name}` {expression.operator} {value}"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value!r}" if "e" in repr(value) or "." in repr(value) else f"{value:.1f}"
    if isinstance(value, int):
        return str(value)
    return "'" + re.sub(r"(['\\])", r"\\\1", value) + "'"


def _holds(expression: Expression, own: dict[str, Any]) -> bool:
    if isinstance(expression, Junction):
        of = all if expression.operator == "AND" else any
        return of(_holds(part, own) for part in expression.parts)
    if expression.name not in own:
        return False
    there = own[expression.name]
    alike = [value for value in expression.values if _alike(there, value)]
    if expression.operator == "IN":
        return there in alike
    if not alike:
        return False
    if expression.operator in _COMPARE:
        return bool(_COMPARE[expression.operator](there, alike[0]))
    return _matches(there, alike[0], fold=expression.operator == "ILIKE")


def _alike(there: Any, value: Any) -> bool:
    """Whether the two are compared: of one type, or a whole number with one that need not be whole."""
    if isinstance(there, bool) or isinstance(value, bool):
        return type(there) is type(value)
    return type(there) is type(value) or (isinstance(there, float) and isinstance(value, int))


def _matches(there: str, pattern: str, *, fold: bool) -> bool:
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    text = "".join(wild.get(part) or re.escape(part[-1]) for part in parts)
    return bool(re.fullmatch(text, there, re.DOTALL | (re.IGNORECASE if fold else 0)))


@given(expression=_EXPRESSIONS)
@settings(max_examples=150, deadline=None)
def test_a_filter_means_what_it_says(served: Served, expression: Expression) -> None:
    query = written(expression)
    expected = [place for place, own in enumerate(PROPERTIES) if _holds(expression, own)]
    assert served.versions_of(query) == expected
