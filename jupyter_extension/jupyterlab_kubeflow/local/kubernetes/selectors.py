"""Label and field selectors."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .errors import StatusError, bad_request

Matches = Callable[[dict[str, Any]], bool]
"""Whether an object is selected."""

_SET = re.compile(r"^(?P<key>[^\s!=,()]+)\s+(?P<operator>in|notin)\s*\((?P<values>[^)]*)\)$")
_EQUAL = re.compile(r"^(?P<key>[^\s!=,()]+)\s*(?P<operator>==|=|!=)\s*(?P<value>[^\s!=,()]*)$")
_EXISTS = re.compile(r"^(?P<absent>!?)\s*(?P<key>[^\s!=,()]+)$")

_FIELDS = {
    "pods": {
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "spec.hostNetwork",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    },
    "events": {
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "reportingComponent",
        "source",
        "type",
        "regarding.kind",
        "regarding.namespace",
        "regarding.name",
        "regarding.uid",
        "regarding.apiVersion",
        "reportingController",
    },
    "namespaces": {"status.phase", "name"},
    "secrets": {"type"},
    "jobs.batch": {"status.successful"},
}
_ELSEWHERE = {
    "regarding": "involvedObject",
    "reportingController": "reportingComponent",
    "source": "source.component",
    "name": "metadata.name",
    "status.successful": "status.succeeded",
}


def labels(text: str) -> Matches | None:
    """The function of a label selector, None of an empty one. Raises 400 for one that cannot be read."""
    tests = [_label_test(part.strip(), text) for part in _split(text)]
    if not tests:
        return None

    def matches(body: dict[str, Any]) -> bool:
        held = body.get("metadata", {}).get("labels") or {}
        return all(test(held) for test in tests)

    return matches


def fields(text: str, resource: str) -> Matches | None:
    """The function of a field selector, None of an empty one. Raises 400 for a field that the resource cannot be selected by."""
    tests: list[tuple[list[str], bool, str]] = []
    for part in _split(text):
        found = re.match(r"^\s*([^\s!=]+)\s*(==|=|!=)(.*)$", part)
        if not found:
            raise bad_request(
                f"Unable to find {resource!r} that match label selector \"\", field selector {text!r}: invalid selector: '{part}'; can't understand '{part}'".replace(
                    "'", '"', 2
                )
            )
        name, operator, value = found.groups()
        if name not in {"metadata.name", "metadata.namespace", *_FIELDS.get(resource, ())}:
            raise bad_request(f"field label not supported: {name}")
        for start, real in _ELSEWHERE.items():
            if name == start or (start == "regarding" and name.startswith("regarding.")):
                name = real + name[len(start) :]
                break
        tests.append((name.split("."), operator != "!=", value.strip()))
    if not tests:
        return None

    def matches(body: dict[str, Any]) -> bool:
        return all((_text(body, path) == value) is equal for path, equal, value in tests)

    return matches


def written(selector: dict[str, Any]) -> str:
    """The text of a ``LabelSelector`` object."""
    parts = [f"{key}={value}" for key, value in sorted((selector.get("matchLabels") or {}).items())]
    for each in selector.get("matchExpressions") or ():
        key, operator = each.get("key"), each.get("operator")
        if operator in ("In", "NotIn"):
            parts.append(f"{key} {operator.lower()} ({','.join(sorted(each.get('values') or ()))})")
        elif operator in ("Exists", "DoesNotExist"):
            parts.append(f"{'' if operator == 'Exists' else '!'}{key}")
    return ",".join(parts)


def both(first: Matches | None, second: Matches | None) -> Matches | None:
    """Selected by both."""
    if first is None or second is None:
        return first or second
    return lambda body: first(body) and second(body)


def _split(text: str) -> list[str]:
    return [part for part in re.split(r",(?![^(]*\))", text) if part.strip()]


def _label_test(part: str, whole: str) -> Callable[[dict[str, str]], bool]:
    if found := _SET.match(part):
        values = {each.strip() for each in found["values"].split(",")}
        key = found["key"]
        if found["operator"] == "in":
            return lambda held: key in held and held[key] in values
        return lambda held: held.get(key) not in values
    if found := _EQUAL.match(part):
        key, value = found["key"], found["value"]
        if found["operator"] == "!=":
            return lambda held: held.get(key) != value
        return lambda held: held.get(key) == value
    if found := _EXISTS.match(part):
        key = found["key"]
        if found["absent"]:
            return lambda held: key not in held
        return lambda held: key in held
    raise _unreadable(whole, part)


def _unreadable(whole: str, part: str) -> StatusError:
    return bad_request(
        f'unable to parse requirement: found \'{part}\', expected: identifier, "!", "in", "notin", "=", "==" or "!=" in the selector "{whole}"'
    )


def _text(body: Any, path: list[str]) -> str:
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    if isinstance(body, bool):
        return "true" if body else "false"
    return "" if body is None else str(body)
