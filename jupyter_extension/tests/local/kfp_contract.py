"""KFP's published API, 2.x and with native tasks: every answer is held against it.

``kfp_contract.json`` has the operations and the names and types of their answers, without words. It is made from the published files by
``python kfp_contract.py FOLDER > kfp_contract.json``.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

FILES = {"2.x": "v2beta1.swagger.json", "native": "v2beta1-native-tasks.swagger.json"}
SOURCE = "kubeflow/pipelines 7b70c7b (2.17), and the native tasks of its pull request 13986"
_WORDS = ("description", "title", "summary", "externalDocs")
_GATEWAY = {
    3: 400,
    5: 404,
    6: 409,
    7: 403,
    8: 507,
    9: 400,
    10: 409,
    12: 501,
    13: 500,
    16: 401,
}
"""HTTP status by gRPC code, as in grpc-gateway; 8 is Local Kubeflow's full disk."""

_formats = jsonschema.FormatChecker(formats=())


@_formats.checks("date-time")
def _is_time(value: Any) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", str(value)))


@_formats.checks("int64")
def _is_int64(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"-?\d{1,19}", value))


def without_words(folder: Path) -> dict[str, Any]:
    """What ``kfp_contract.json`` holds, from the published files in ``folder``."""
    found: dict[str, Any] = {"source": SOURCE}
    for name, file in FILES.items():
        swagger = json.loads((folder / file).read_text())
        found[name] = {
            "operations": {
                f"{method.upper()} {path}": _plain(operation["responses"]["200"]["schema"])
                for path, operations in swagger["paths"].items()
                for method, operation in operations.items()
            },
            "definitions": {key: _plain(one) for key, one in swagger["definitions"].items()},
        }
    return found


def _plain(value: Any, names: bool = False) -> Any:
    """The schema without words. With ``names`` the keys are names of fields, of which one may be ``description``."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if names or key not in _WORDS}
        return {key: _plain(one, key == "properties") for key, one in kept.items()}
    return value


@cache
def contract() -> dict[str, Any]:
    """The committed descriptions."""
    return dict(json.loads((Path(__file__).parent / "kfp_contract.json").read_text()))


def operations() -> Iterator[tuple[str, str]]:
    """All operations of both descriptions, as method and path template."""
    names = {name for file in FILES for name in contract()[file]["operations"]}
    for name in sorted(names):
        method, _, template = name.partition(" ")
        yield method, template


def check(method: str, path: str, status: int, body: Any) -> None:
    """Raises ``AssertionError`` unless the answer keeps to every description that has the operation; ``path`` begins with ``/apis``.

    A field may be missing from one of the descriptions, but not from both.
    """
    if status >= 400:
        check_error(status, body)
        return
    validators = [one for name in FILES if (one := _validator(name, f"{method.upper()} {path}"))]
    assert validators, f"KFP has no {method} {path}."
    for validator in validators:
        for error in validator.iter_errors(body):
            raise AssertionError(f"{method} {path}: {error.json_path}: {error.message}")


def check_error(status: int, body: Any) -> None:
    """An error in KFP's form, whose status is the one of its code."""
    assert isinstance(body, dict), body
    assert set(body) == {"error", "code", "message", "details"}, body
    assert body["error"] == body["message"]
    assert body["message"]
    assert _GATEWAY[body["code"]] == status, body
    assert body["details"][0]["message"] == body["message"]


def _validator(name: str, request: str) -> Any:
    for pattern, validator in _validators(name):
        if pattern.fullmatch(request):
            return validator
    return None


@cache
def _validators(name: str) -> list[tuple[re.Pattern[str], Any]]:
    definitions = _definitions(name)
    found = []
    for operation, schema in contract()[name]["operations"].items():
        pattern = re.sub(r"\\{[^}]*\\}", "[^/:]+", re.escape(operation))
        closed = schema if "$ref" in schema else {**schema, "additionalProperties": False}
        validator = jsonschema.Draft202012Validator(
            {**closed, "definitions": definitions}, format_checker=_formats
        )
        found.append((re.compile(pattern), validator))
    # Those with fewer parameters first: "pipelines/create" is no pipeline's id.
    return sorted(found, key=lambda one: one[0].pattern.count("[^/:]+"))


@cache
def _definitions(name: str) -> dict[str, Any]:
    """The definitions of one description, closed but for the fields that the same ones of the other have."""
    other = next(one for one in FILES if one != name)
    closed = {}
    for key, one in contract()[name]["definitions"].items():
        if "properties" in one and key != "protobufAny":
            elsewhere = contract()[other]["definitions"].get(key, {}).get("properties", {})
            extra = {field: {} for field in elsewhere}
            one = {**one, "properties": {**extra, **one["properties"]}}
            one["additionalProperties"] = False
        closed[key] = one
    return closed


if __name__ == "__main__":
    json.dump(without_words(Path(sys.argv[1])), sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")
