"""Model Registry's published API, v1alpha3: every answer is held against it, and what is sent is made from it.

``registry_contract.json`` has its operations, and the names and types of what is sent and answered, without words. It is made from the
published document by ``python registry_contract.py FILE > registry_contract.json``.
"""

from __future__ import annotations

import json
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

PUBLISHED = Path(__file__).parents[5] / "shared/contracts/model-registry/v1alpha3.openapi.yaml"
PREFIX = "/api/model_registry/v1alpha3"
_WORDS = ("description", "title", "summary", "example", "examples", "links", "externalDocs")


def without_words(file: Path) -> dict[str, Any]:
    """What ``registry_contract.json`` holds, from the published document: ``{"operations": {"GET /path": {"query": {NAME: SCHEMA}, "body":
    SCHEMA or None, "answers": {STATUS: SCHEMA}}}, "schemas": {NAME: SCHEMA}}``."""
    document = yaml.safe_load(file.read_text())
    components = document["components"]

    def resolved(item: dict[str, Any]) -> dict[str, Any]:
        *_, family, name = item.get("$ref", "//").split("/")
        return dict(components[family][name]) if name else item

    def content(item: dict[str, Any]) -> Any:
        return _plain(resolved(item)["content"]["application/json"]["schema"])

    operations = {}
    for path, item in document["paths"].items():
        for method in ("get", "post", "patch", "put", "delete"):
            if method not in item:
                continue
            operation = item[method]
            parameters = [
                resolved(each)
                for each in (*item.get("parameters", ()), *operation.get("parameters", ()))
            ]
            operations[f"{method.upper()} {path.removeprefix(PREFIX)}"] = {
                "query": {
                    each["name"]: _plain(each["schema"])
                    for each in parameters
                    if each["in"] == "query"
                },
                "body": content(operation["requestBody"]) if "requestBody" in operation else None,
                "answers": {
                    str(status): content(answer)
                    for status, answer in operation["responses"].items()
                },
            }
    schemas = {name: _plain(schema) for name, schema in components["schemas"].items()}
    return {"operations": operations, "schemas": schemas}


def _plain(value: Any, names: bool = False) -> Any:
    """The schema without words. With ``names`` the keys are names of fields, of which one may be ``description``."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if names or key not in _WORDS}
        return {key: _plain(one, key == "properties") for key, one in kept.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


@cache
def contract() -> dict[str, Any]:
    """The committed description."""
    return dict(json.loads((Path(__file__).parent / "registry_contract.json").read_text()))


def operation(method: str, path: str) -> tuple[str, dict[str, Any]]:
    """The operation that a request without the prefix asks for, with its key. Paths without parameters come first."""
    found = [
        (key, one)
        for key, one in contract()["operations"].items()
        if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", key), f"{method} {path}")
    ]
    return min(found, key=lambda one: one[0].count("{"))


def name_of(schema: Any) -> str:
    """The name of the schema that is referred to."""
    return str(schema["$ref"]).rpartition("/")[2]


def check(schema: Any, body: Any) -> None:
    """Raises ``AssertionError`` unless the answer ``body`` is of the schema and has no other fields, nor its items."""
    closed = {"$ref": _local(schema["$ref"]), "unevaluatedProperties": False}
    validator = jsonschema.Draft202012Validator({**closed, "$defs": _definitions()})
    problems = [f"{one.json_path}: {one.message}" for one in validator.iter_errors(body)]
    assert not problems, problems


@cache
def _definitions() -> dict[str, Any]:
    return {name: _strict(schema) for name, schema in contract()["schemas"].items()}


def _strict(schema: Any) -> Any:
    """The schema as JSON Schema: what a discriminator chooses is chosen by it, and the items of a list have no other fields."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "discriminator" in schema:
        key, mapping = schema["discriminator"]["propertyName"], schema["discriminator"]["mapping"]
        chosen = [
            {"if": {"properties": {key: {"const": value}}}, "then": {"$ref": _local(target)}}
            for value, target in mapping.items()
        ]
        return {"required": [key], "properties": {key: {"enum": list(mapping)}}, "allOf": chosen}
    made = {key: _strict(one) for key, one in schema.items()}
    if isinstance(schema.get("$ref"), str):
        made["$ref"] = _local(schema["$ref"])
    if "$ref" in made.get("items", {}):
        made["items"]["unevaluatedProperties"] = False
    return made


def _local(reference: str) -> str:
    return reference.replace("#/components/schemas/", "#/$defs/")


if __name__ == "__main__":
    print(json.dumps(without_words(Path(sys.argv[1])), indent=1, sort_keys=True))
