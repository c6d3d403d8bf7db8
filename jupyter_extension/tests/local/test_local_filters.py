"""Filters, sorting and paging against the same done in Python over the same runs, and the forms that a filter may have."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jupyterlab_kubeflow.local.app import create_app
from jupyterlab_kubeflow.local.paths import Home
from jupyterlab_kubeflow.local.store.database import Database
from jupyterlab_kubeflow.local.store.models import Run, Spec
from starlette.testclient import TestClient

EPOCH = datetime.fromtimestamp(0, timezone.utc)
BEGIN = datetime(2026, 1, 1, tzinfo=timezone.utc)
STATES = ("SUCCEEDED", "FAILED", "CANCELED", "SKIPPED")
STATUS = {
    "SUCCEEDED": "Succeeded",
    "FAILED": "Failed",
    "CANCELED": "Failed",
    "SKIPPED": "Skipped",
}
TEXTS = {
    "run_id": "run_id",
    "id": "run_id",
    "display_name": "display_name",
    "name": "display_name",
    "description": "description",
    "storage_state": "storage_state",
    "state": "state",
    "experiment_id": "experiment_id",
    "recurring_run_id": "recurring_run_id",
    "service_account": "service_account",
}
TIMES = ("created_at", "scheduled_at", "finished_at")
KEYS = (*TEXTS, *TIMES, "status", "namespace", "runtime_details")
SCALARS = (
    "EQUALS",
    "NOT_EQUALS",
    "GREATER_THAN",
    "GREATER_THAN_EQUALS",
    "LESS_THAN",
    "LESS_THAN_EQUALS",
)
OPERATIONS = ("OPERATION_UNSPECIFIED", *SCALARS, "IN", "IS_SUBSTRING")
NAMES = ("train", "Train", "train 50%", "träin_1", "", "0", "7", "日本", "a/b", "'; --", "x" * 300)


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server with sixty ended runs, many of them alike."""
    home = Home(tmp_path_factory.mktemp("filters"))
    home.create()
    database = Database(home.database)
    database.migrate()
    with database.write() as session:
        session.add(Spec(digest="d", pipeline_spec={"pipelineInfo": {"name": "p"}}))
        session.flush()
        for number in range(60):
            created = BEGIN + timedelta(seconds=number // 4, microseconds=number % 4 * 250_000)
            session.add(
                Run(
                    id=f"{number * 7 % 60:02}",
                    experiment_id=str(number % 3),
                    recurring_run_id="r" if number % 5 == 0 else None,
                    display_name=NAMES[number % len(NAMES)],
                    description=None if number % 2 else NAMES[number % 7],
                    created_at=created,
                    scheduled_at=BEGIN if number % 3 else None,
                    finished_at=None if number % 6 == 0 else created + timedelta(seconds=9),
                    state=STATES[number % 4],
                    storage_state="ARCHIVED" if number % 7 == 0 else "AVAILABLE",
                    state_history=[],
                    parameters={},
                    service_account="s" if number % 4 == 0 else None,
                    spec_digest="d",
                )
            )
    database.close()
    headers = {"Authorization": "Bearer token"}
    app = create_app(home, "token")
    with TestClient(app, base_url="http://127.0.0.1/pipelines", headers=headers) as client:
        yield client


@pytest.fixture(scope="module")
def rows(http: httpx.Client) -> list[dict[str, Any]]:
    """All runs, as the API tells them without a filter."""
    found = http.get("/apis/v2beta1/runs", params={"page_size": 200}).json()
    assert found["total_size"] == len(found["runs"]) == 60
    return list(found["runs"])


def listed(http: httpx.Client, filter: Any, **query: Any) -> httpx.Response:
    text = filter if isinstance(filter, str) else json.dumps(filter)
    return http.get("/apis/v2beta1/runs", params={"filter": text, "page_size": 200, **query})


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body.get("total_size", 0) == len(body.get("runs", []))
    return [run["run_id"] for run in body.get("runs", [])]


def text_of(row: dict[str, Any], key: str) -> str:
    if key == "status":
        return STATUS[row["state"]]
    return str(row.get(TEXTS.get(key, ""), ""))


def time_of(row: dict[str, Any], key: str) -> datetime:
    return datetime.fromisoformat(row[key].replace("Z", "+00:00")) if key in row else EPOCH


def compare(operation: str, left: Any, right: Any) -> bool:
    return {
        "EQUALS": left == right,
        "NOT_EQUALS": left != right,
        "GREATER_THAN": left > right,
        "GREATER_THAN_EQUALS": left >= right,
        "LESS_THAN": left < right,
        "LESS_THAN_EQUALS": left <= right,
    }[operation]


def lower(text: str) -> str:
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in text)


def holds(row: dict[str, Any], key: str, operation: str, kind: str, value: Any) -> bool:
    """What the predicate says of the row, done in the plainest way."""
    if operation == "IN":
        single = kind.removesuffix("s")
        return any(holds(row, key, "EQUALS", single, one) for one in value)
    if key in TIMES:
        time = time_of(row, key)
        given = (
            datetime.fromtimestamp(int(value), timezone.utc) if kind != "timestamp_value" else value
        )
        if not given.microsecond:
            time = time.replace(microsecond=0)
        return compare(operation, time, given)
    text = text_of(row, key)
    if operation == "IS_SUBSTRING":
        return lower(value) in lower(text)
    return compare(operation, text, str(value))


def fits(key: str, operation: str, kind: str, value: Any) -> bool:
    """Whether KFP's rules allow the predicate, and the key's type."""
    if (operation == "IN") != kind.endswith("_values"):
        return False
    if operation == "IS_SUBSTRING":
        return kind == "string_value" and key not in TIMES
    if key in TIMES:
        texts = value if isinstance(value, list) else [value]
        return not kind.startswith("string") or all(one.isdecimal() for one in texts)
    return kind != "timestamp_value"


moments = st.integers(-2, 80).map(lambda n: BEGIN + timedelta(milliseconds=250 * n)) | st.just(
    EPOCH
)
seconds = moments.map(lambda time: int(time.timestamp())) | st.integers(-(2**31), 2**31 - 1)
texts = (
    st.sampled_from((*NAMES, *STATES, *STATUS.values(), "AVAILABLE", "ARCHIVED", "r", "s", "05"))
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=3)
    | st.sampled_from(NAMES).flatmap(
        lambda name: st.sampled_from(sorted({name[1:3], name[:2], name.upper()}))
    )
)
numbers = st.integers(0, 60) | seconds
values: dict[str, st.SearchStrategy[Any]] = {
    "string_value": texts,
    "int_value": numbers,
    "long_value": numbers,
    "timestamp_value": moments,
    "string_values": st.lists(texts, max_size=4),
    "int_values": st.lists(numbers, max_size=4),
    "long_values": st.lists(numbers, max_size=4),
}
predicates = st.tuples(
    st.sampled_from(KEYS),
    st.sampled_from((*SCALARS, "IN", "IS_SUBSTRING")),
    st.sampled_from(sorted(values)),
).flatmap(lambda one: st.tuples(*map(st.just, one), values[one[2]]))


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def on_the_wire(one: tuple[str, str, str, Any], style: tuple[bool, bool, bool]) -> dict[str, Any]:
    """The predicate as JSON: names in camelCase, the operation as a number, 64 bits as text, or not."""
    key, operation, kind, value = one
    in_camel, numbered, as_text = style

    def shown(one: Any) -> Any:
        if isinstance(one, datetime):
            return one.isoformat().replace("+00:00", "Z")
        return str(one) if kind.startswith("long") and as_text else one

    told = {"values": [shown(each) for each in value]} if isinstance(value, list) else shown(value)
    return {
        "key": key,
        "operation": OPERATIONS.index(operation) if numbered else operation,
        camel(kind) if in_camel else kind: told,
    }


@settings(max_examples=400, deadline=None)
@given(
    wanted=st.lists(st.tuples(predicates, st.tuples(*[st.booleans()] * 3)), max_size=3),
    sort=st.sampled_from([*TEXTS, *TIMES]),
    descending=st.booleans(),
)
def test_any_filter(
    http: httpx.Client, rows: list[dict[str, Any]], wanted: Any, sort: str, descending: bool
) -> None:
    body = {"predicates": [on_the_wire(*one) for one in wanted]}
    answer = listed(http, body, sort_by=f"{sort} {'desc' if descending else 'asc'}")
    if not all(fits(*one) for one, _ in wanted):
        assert (answer.status_code, answer.json()["code"]) == (400, 3), answer.text
        return
    expected = [row for row in rows if all(holds(row, *one) for one, _ in wanted)]
    assert ids(answer) == [row["run_id"] for row in in_order(expected, sort, descending)]


@pytest.mark.parametrize("key", TIMES)
@pytest.mark.parametrize("operation", SCALARS)
def test_times_at_their_boundaries(
    http: httpx.Client, rows: list[dict[str, Any]], key: str, operation: str
) -> None:
    for time in {time_of(row, key) for row in rows if key in row}:
        for moment in (time, time.replace(microsecond=0)):
            wanted = (key, operation, "timestamp_value", moment)
            expected = [row["run_id"] for row in rows if holds(row, *wanted)]
            body = {"predicates": [on_the_wire(wanted, (False, False, False))]}
            assert set(ids(listed(http, body))) == set(expected), moment


def in_order(rows: list[dict[str, Any]], key: str, descending: bool) -> list[dict[str, Any]]:
    """By the key, what has none first, and by the id among the same."""

    def place(row: dict[str, Any]) -> Any:
        given = time_of(row, key) if key in TIMES else text_of(row, key)
        return (TEXTS.get(key, key) in row, given, row["run_id"])

    return sorted(rows, key=place, reverse=descending)


@settings(max_examples=60, deadline=None)
@given(
    sort=st.sampled_from([*TEXTS, *TIMES]),
    descending=st.booleans(),
    size=st.integers(1, 70),
    state=st.none() | st.sampled_from(STATES),
)
def test_pages_make_the_list(
    http: httpx.Client,
    rows: list[dict[str, Any]],
    sort: str,
    descending: bool,
    size: int,
    state: str | None,
) -> None:
    mine = [row for row in rows if state in (None, row["state"])]
    expected = [row["run_id"] for row in in_order(mine, sort, descending)]
    predicate = {"key": "state", "operation": "EQUALS", "string_value": state}
    query: dict[str, Any] = {"sort_by": f"{sort} {'desc' if descending else ''}", "page_size": size}
    if state:
        query["filter"] = json.dumps({"predicates": [predicate]})
    found: list[str] = []
    while True:
        page = http.get("/apis/v2beta1/runs", params=query).json()
        assert page["total_size"] == len(expected)
        assert len(page["runs"]) <= size
        found += [run["run_id"] for run in page["runs"]]
        if "next_page_token" not in page:
            break
        query = {"page_size": size, "page_token": page["next_page_token"]}
    assert found == expected


def one(**predicate: Any) -> dict[str, Any]:
    return {"predicates": [predicate]}


def test_forms_of_the_whole_filter(http: httpx.Client, rows: list[dict[str, Any]]) -> None:
    wanted = one(key="name", operation="IS_SUBSTRING", string_value="50%")
    found = ids(listed(http, wanted))
    assert found
    assert ids(listed(http, quote(json.dumps(wanted)))) == found, "percent-encoded once more"
    for nothing in ({}, {"predicates": []}, {"predicates": None}):
        assert len(ids(listed(http, nothing))) == len(rows)
    twice = {"predicates": wanted["predicates"] * 2}
    assert ids(listed(http, twice)) == found


@pytest.mark.parametrize(
    ("filter", "said"),
    [
        ("{", "not JSON"),
        ('{"predicates": [{"key": "\\ud800"}]}', "not JSON"),
        ([], "filter must be an object"),
        ({"predicate": []}, 'Did you mean "predicates"'),
        ({"predicates": {}}, "filter.predicates must be a list"),
        ({"predicates": [1]}, "filter.predicates[0] must be an object"),
        (one(key="name", op="EQUALS", string_value="x"), 'no field "op"'),
        (one(key="name", string_value="x"), "needs an operation"),
        (one(key="name", operation=0, string_value="x"), "needs an operation"),
        (one(key="name", operation=9, string_value="x"), "operation must be one of"),
        (one(key="name", operation="LIKE", string_value="x"), '"LIKE"'),
        (one(key="name", operation="EQUALS"), "exactly one value"),
        (one(key="name", operation=1, string_value="x", int_value=1), "exactly one value"),
        (one(key="name", operation=1, string_value="x", stringValue="x"), "given twice"),
        (one(key="name", operation=1, string_value=1), "string_value must be a string"),
        (one(key="name", operation=1, int_value=2**31), "whole number of 32 bits"),
        (one(key="name", operation=1, long_value=2**63), "whole number of 64 bits"),
        (one(key="name", operation=1, long_value="1.5"), "whole number of 64 bits"),
        (one(key="created_at", operation=1, timestamp_value="noon"), "noon"),
        (one(key="created_at", operation=1, timestamp_value=5), "is not a time"),
        (one(key="created_at", operation=1, long_value=10**18), "not a time in seconds"),
        (one(key="name", operation=7, string_values=["x"]), "string_values must be an object"),
        (one(key="name", operation=7, string_values={"value": []}), 'no field "value"'),
        (one(key="name", operation=7, string_values={"values": [1]}), "values[0] must be a string"),
        (one(key="tags.a", operation=1, string_value="x"), '"tags.a"'),
        (one(key="nose", operation=1, string_value="x"), "it knows run_id"),
        (one(key="name", operation=1, string_value="a\0"), "U+0000"),
        (one(key="name", operation=8, string_value="a" * 10_001), "at most 10000 characters"),
        (one(key="", operation=1, string_value="x"), '""'),
        (
            {"predicates": one(key="id", operation=1, int_value=1)["predicates"] * 201},
            "at most 200",
        ),
        (
            one(key="created_at", operation=7, int_values={"values": list(range(201))}),
            "at most 200 times",
        ),
    ],
)
def test_bad_filters(http: httpx.Client, filter: Any, said: str) -> None:
    answer = listed(http, filter)
    assert (answer.status_code, answer.json()["code"]) == (400, 3)
    assert said in answer.json()["message"]


def test_the_longest_filters(http: httpx.Client, rows: list[dict[str, Any]]) -> None:
    many = [f"{number:02}" for number in range(3000)]
    wanted = one(key="id", operation="IN", string_values={"values": many})
    assert len(ids(listed(http, wanted))) == len(rows)
    long = one(key="name", operation="IS_SUBSTRING", string_value="y" * 10_000)
    assert ids(listed(http, long)) == []
    all_of = {"predicates": one(key="id", operation=2, string_value="x")["predicates"] * 200}
    assert len(ids(listed(http, all_of))) == len(rows)


@pytest.fixture
def tagged(http: httpx.Client, adder_file: Path) -> Iterator[tuple[str, str]]:
    """A pipeline and its version, both with tags."""
    spec = yaml.safe_load(adder_file.read_text())
    tags = {"team": "ml", 'od"d $key': "ünï", "empty": ""}
    body = {
        "pipeline": {"name": "tagged", "tags": tags},
        "pipeline_version": {"pipeline_spec": spec, "tags": tags},
    }
    made = http.post("/apis/v2beta1/pipelines/create", json=body).json()["pipeline_id"]
    http.post("/apis/v2beta1/pipelines", json={"name": "other", "tags": {"team": "ops"}})
    yield f"pipelines/{made}/versions", "pipelines"
    for name in ("tagged", "other"):
        found = http.get(f"/apis/v2beta1/pipelines/names/{name}").json()["pipeline_id"]
        http.delete(f"/apis/v2beta1/pipelines/{found}", params={"cascade": "true"})


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("team", "ml", 1),
        ("team", "ML", 0),
        ('od"d $key', "ünï", 1),
        ("empty", "", 1),
        ("gone", "", 0),
    ],
)
def test_tags(
    http: httpx.Client, tagged: tuple[str, str], key: str, value: str, found: int
) -> None:
    for path in tagged:
        wanted = one(key=f"tags.{key}", operation="EQUALS", string_value=value)
        answer = http.get(f"/apis/v2beta1/{path}", params={"filter": json.dumps(wanted)}).json()
        assert answer.get("total_size", 0) == found, path


@pytest.mark.parametrize(
    "predicate",
    [
        {"operation": "NOT_EQUALS", "string_value": "ml"},
        {"operation": "IS_SUBSTRING", "string_value": "m"},
        {"operation": "EQUALS", "int_value": 1},
    ],
)
def test_tags_are_only_compared_with_a_text(
    http: httpx.Client, tagged: tuple[str, str], predicate: dict[str, Any]
) -> None:
    for path in tagged:
        wanted = json.dumps(one(key="tags.team", **predicate))
        answer = http.get(f"/apis/v2beta1/{path}", params={"filter": wanted})
        assert answer.status_code == 400
        assert "tag" in answer.json()["message"]


def test_other_lists_by_their_keys(http: httpx.Client, tagged: tuple[str, str]) -> None:
    http.post("/apis/v2beta1/experiments", json={"display_name": "Listed", "description": "d"})
    versions, pipelines = tagged
    find: list[tuple[str, Callable[..., dict[str, Any]], dict[str, Any]]] = [
        ("experiments", one, {"key": "description", "string_value": "d"}),
        ("experiments", one, {"key": "display_name", "string_value": "Listed"}),
        (pipelines, one, {"key": "name", "string_value": "tagged"}),
        (versions, one, {"key": "status", "string_value": "READY"}),
        (versions, one, {"key": "namespace", "string_value": ""}),
    ]
    for path, form, predicate in find:
        text = json.dumps(form(operation="EQUALS", **predicate))
        answer = http.get(f"/apis/v2beta1/{path}", params={"filter": text})
        if predicate["key"] == "namespace":
            assert answer.status_code == 400, "a version has none in KFP"
        else:
            assert answer.json()["total_size"] == 1, path
    inside = json.dumps(one(key="pipeline_spec", operation="IS_SUBSTRING", string_value="comp-add"))
    assert (
        http.get(f"/apis/v2beta1/{versions}", params={"filter": inside}).json()["total_size"] == 1
    )
