"""What can be sent to Model Registry, made by hypothesis from its published API."""

from __future__ import annotations

import base64
import itertools
import json
import uuid
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from registry_contract import contract, name_of

SET_BY_REGISTRY = ("id", "createTimeSinceEpoch", "lastUpdateTimeSinceEpoch")

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
"""Any text but those with NUL, which neither upstream's database nor Local Kubeflow takes."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
_INT64 = st.integers(-(2**63), 2**63 - 1)
_suffixes = (f"-{uuid.uuid4().hex[:12]}-{number}" for number in itertools.count())


def new_name() -> str:
    """A text that nobody else has."""
    return next(_suffixes)


def bodies(schema: Any, ids: Mapping[str, str]) -> st.SearchStrategy[dict[str, Any]]:
    """Bodies of the schema that are accepted: names and external ids are new, fields in ``ids`` refer to these objects, a run ends after it
    begins, and a metric has a value."""
    return values(schema).map(lambda body: _accepted(body, ids))


def _accepted(body: dict[str, Any], ids: Mapping[str, str]) -> dict[str, Any]:
    made = {key: value for key, value in body.items() if key not in SET_BY_REGISTRY}
    made |= {key: ids[key] for key in body if key in ids}
    made |= {key: made[key] + new_name() for key in ("name", "externalId") if key in made}
    if made.get("artifactType") == "metric":
        made.setdefault("value", 0.5)
    times = [made[key] for key in ("startTimeSinceEpoch", "endTimeSinceEpoch") if key in made]
    if len(times) == 2:
        made["startTimeSinceEpoch"], made["endTimeSinceEpoch"] = sorted(times, key=int)
    return made


def values(schema: Any) -> st.SearchStrategy[Any]:
    """Values of the schema."""
    if "discriminator" in schema:
        key = schema["discriminator"]["propertyName"]
        return st.one_of(
            *(
                _chosen({"$ref": target}, key, value)
                for value, target in schema["discriminator"]["mapping"].items()
            )
        )
    if "$ref" in schema:
        return values(contract()["schemas"][name_of(schema)])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    properties, required = _fields(schema)
    if properties:
        return st.fixed_dictionaries(
            {key: _value(key, properties[key]) for key in properties if key in required},
            optional={
                key: _value(key, properties[key]) for key in properties if key not in required
            },
        )
    return _plain(schema)


def _chosen(schema: Any, key: str, value: str) -> st.SearchStrategy[Any]:
    return values(schema).map(lambda made: {**made, key: value})


def _fields(schema: Any) -> tuple[dict[str, Any], set[str]]:
    """All fields of an object and which of them it needs, also those of what it is made of."""
    if "$ref" in schema:
        return _fields(contract()["schemas"][name_of(schema)])
    properties, required = dict(schema.get("properties", {})), set(schema.get("required", ()))
    for part in schema.get("allOf", ()):
        more, needed = _fields(part)
        properties = more | properties
        required |= needed
    return properties, required


def _value(name: str, schema: Any) -> st.SearchStrategy[Any]:
    if name == "struct_value":
        return st.dictionaries(TEXTS, JSON, max_size=3).map(
            lambda made: _base64(json.dumps(made).encode())
        )
    if name == "int_value":
        return st.integers(-(10**9) + 1, 10**9 - 1).map(str)
    if name == "artifactType":
        return st.just(schema["default"])
    return values(schema)


def _plain(schema: Any) -> st.SearchStrategy[Any]:
    kind = schema["type"]
    if kind == "array":
        return st.lists(values(schema["items"]), max_size=3)
    if kind == "object":
        return st.dictionaries(TEXTS, values(schema["additionalProperties"]), max_size=4)
    if kind == "string":
        return _text(schema)
    return {"integer": _INT64, "boolean": st.booleans(), "number": _doubles()}[kind]


def _text(schema: Any) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(schema["pattern"].replace("$", r"\Z"), fullmatch=True)
    if schema.get("format") == "int64":
        return _INT64.map(str)
    if schema.get("format") == "byte":
        return st.binary(max_size=20).map(_base64)
    return TEXTS


def _doubles() -> st.SearchStrategy[float]:
    return st.floats(allow_nan=False, allow_infinity=False)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
