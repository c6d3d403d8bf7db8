"""Structural schemas: default, prune and validate, in the words of a Kubernetes API server."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Any

from jupyterlab_kubeflow.local.quantities import is_quantity

from . import cel
from .errors import Cause, invalid_value, required, shown, unsupported

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


class Node:
    """A schema whose parts are looked up when they are needed, so that schemas may refer to themselves."""

    def __init__(self, schemas: Schemas, body: dict[str, Any], *, custom: bool) -> None:
        reference = body.get("$ref")
        self._schemas = schemas
        self.reference: str | None = reference
        self.custom = custom and not str(reference).startswith("io.k8s.")
        self.body = {**schemas.definitions[reference], **body} if reference else body
        self.type: str | None = self.body.get("type")
        self.has_default = "default" in self.body
        self.default = self.body.get("default")
        self.nullable = bool(self.body.get("nullable"))
        self.required: list[str] = self.body.get("required", [])
        self.list_keys: list[str] = (
            self.body.get("x-kubernetes-list-map-keys", [])
            if self.body.get("x-kubernetes-list-type") == "map"
            else []
        )
        self.rules: list[dict[str, Any]] = self.body.get("x-kubernetes-validations", [])
        self.preserve = bool(self.body.get("x-kubernetes-preserve-unknown-fields"))
        self.embedded = bool(self.body.get("x-kubernetes-embedded-resource"))
        self.int_or_string = (
            bool(self.body.get("x-kubernetes-int-or-string"))
            or self.body.get("format") == "int-or-string"
        )

    @cached_property
    def properties(self) -> dict[str, Node]:
        """The named fields."""
        return {
            name: self._schemas.node(part, custom=self.custom)
            for name, part in self.body.get("properties", {}).items()
        }

    @cached_property
    def items(self) -> Node | None:
        """Schema of the entries of a list."""
        part = self.body.get("items")
        return self._schemas.node(part, custom=self.custom) if part else None

    @cached_property
    def values(self) -> Node | None:
        """Schema of the values of a map."""
        part = self.body.get("additionalProperties")
        return self._schemas.node(part, custom=self.custom) if isinstance(part, dict) else None

    @cached_property
    def states_rules(self) -> bool:
        """Whether it, or a part of it, has rules."""
        seen: set[Node] = set()
        left = [self]
        while left:
            node = left.pop()
            if node.rules:
                return True
            if node not in seen and node.custom:
                seen.add(node)
                left += [*node.properties.values(), *filter(None, (node.items, node.values))]
        return False

    @property
    def open(self) -> bool:
        """Whether any field is allowed: a free-form object."""
        return (
            self.preserve
            or self.body.get("additionalProperties") is True
            or (not self.custom and not self.properties and self.values is None)
            or (self.type is None and not self.properties and self.values is None)
        )

    def child(self, name: str) -> Node | None:
        """The schema of a field by its name, None when it has none."""
        return self.properties.get(name) or self.values

    def key_of(self, entry: Any) -> tuple[Any, ...] | None:
        """What tells an entry of a list of type map from others, None when this is no such list."""
        if not self.list_keys or not isinstance(entry, dict):
            return None
        properties = self.items.properties if self.items else {}
        return tuple(
            _hashable(entry.get(key, properties[key].default if key in properties else None))
            for key in self.list_keys
        )


class Schemas:
    """Named schemas and the nodes made of them."""

    def __init__(self, definitions: dict[str, Any]) -> None:
        self.definitions = definitions
        self._nodes: dict[tuple[int, bool], Node] = {}

    def node(self, body: dict[str, Any], *, custom: bool) -> Node:
        """The node of a schema; always the same for the same one."""
        key = (id(body), custom)
        if key not in self._nodes:
            self._nodes[key] = Node(self, body, custom=custom)
        return self._nodes[key]

    def root(self, body: dict[str, Any], *, custom: bool) -> Node:
        """The node of a kind: with ``apiVersion``, ``kind`` and Kubernetes' own ``metadata``."""
        node = Node(self, body, custom=custom)
        if custom:
            text = {"type": "string"}
            node.properties["apiVersion"] = node.properties["kind"] = Node(
                self, text, custom=custom
            )
            node.properties["metadata"] = self.named(
                "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
            )
        return node

    def named(self, name: str) -> Node:
        """The node of a definition."""
        return self.node(self.definitions[name], custom=False)


def set_defaults(node: Node, value: Any) -> None:
    """Fills in what is absent and has a default, in place. Kubernetes' own kinds state zero values as defaults, which are no fields."""
    if isinstance(value, dict):
        for name, part in node.properties.items():
            if part.has_default and (part.custom or part.default not in ({}, "", 0, False, None)):
                if name not in value or (value[name] is None and not part.nullable):
                    value[name] = _copy(part.default)
            elif name in value and value[name] is None and not part.nullable:
                del value[name]
        for name, each in value.items():
            if part_ := node.child(name):
                set_defaults(part_, each)
    elif isinstance(value, list) and node.items:
        for each in value:
            set_defaults(node.items, each)


def prune(node: Node, value: Any, path: str = "", *, root: bool = True) -> Iterator[str]:
    """Drops unknown fields, in place, and yields their paths."""
    if isinstance(value, dict):
        for name in list(value):
            at = f"{path}.{name}" if path else name
            part = node.child(name)
            if part is not None:
                yield from prune(part, value[name], at, root=False)
            elif node.embedded and name in ("apiVersion", "kind", "metadata"):
                continue
            elif not node.open:
                del value[name]
                yield at
    elif isinstance(value, list) and node.items:
        for index, each in enumerate(value):
            yield from prune(node.items, each, f"{path}[{index}]", root=False)


_BLOCKING = {
    "FieldValueNotSupported",
    "FieldValueRequired",
    "FieldValueTooLong",
    "FieldValueTooMany",
    "FieldValueTypeInvalid",
}
"""With one of these wrong, rules are not looked at."""


def mistyped(node: Node, body: dict[str, Any], *, everywhere: bool) -> Cause | None:
    """The first value of another type than its field's: in the object's metadata, or ``everywhere``."""
    wrong = _structure(node.properties["metadata"], body["metadata"], "metadata")
    if everywhere:
        wrong = chain(wrong, _structure(node, body, ""))
    return next((each for each in wrong if each.reason == "FieldValueTypeInvalid"), None)


def validate(
    node: Node, body: dict[str, Any], old: dict[str, Any] | None, found: Sequence[Cause] = ()
) -> Iterator[Cause]:
    """What is wrong with an object beside its metadata, field by field.

    Rules are applied where the structure is right, as by an API server, ``found`` being what is wrong with the metadata.
    """
    causes = list(_structure(node, body, ""))
    yield from causes
    if not any(cause.reason in _BLOCKING for cause in (*found, *causes)):
        yield from _rules(node, body, old, "")
    elif node.states_rules:
        yield Cause(
            "<nil>",
            "FieldValueInvalid",
            "Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to "
            "complete validation",
        )


def _mistyped(path: str, wanted: str, value: Any) -> str:
    held = _type_name(value)
    return f'Invalid value: "{held}": {path} in body must be of type {wanted}: "{held}"'


def _is_time(value: Any) -> bool:
    try:
        return value is None or bool(datetime.fromisoformat(str(value).replace("Z", "+00:00")))
    except ValueError:
        return False


_FORMS: dict[str, Callable[[Any], bool]] = {
    "io.k8s.apimachinery.pkg.api.resource.Quantity": is_quantity,
    "io.k8s.apimachinery.pkg.apis.meta.v1.Time": _is_time,
    "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": _is_time,
}
"""What values of Kubernetes' own types look like, where their schema says no more than that they are texts."""


def _structure(node: Node, value: Any, path: str) -> Iterator[Cause]:
    if value is None and node.nullable:
        return
    wrong = _wrong_type(node, value)
    if wrong:
        yield Cause(path, "FieldValueTypeInvalid", _mistyped(path, wrong, value))
        return
    if (form := _FORMS.get(str(node.reference))) and not form(value):
        wrong = str(node.reference).rpartition(".")[2]
        yield Cause(path, "FieldValueTypeInvalid", _mistyped(path, wrong, value))
        return
    yield from _value(node, value, path)
    if isinstance(value, dict):
        for name in node.required:
            if name not in value:
                yield required(f"{path}.{name}" if path else name)
        for name, each in value.items():
            if not path and name == "metadata":
                continue
            if part := node.child(name):
                if each is None and not part.custom:
                    continue
                yield from _structure(part, each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        yield from _entries(node, value, path)


def _entries(node: Node, value: list[Any], path: str) -> Iterator[Cause]:
    seen: set[Any] = set()
    for index, each in enumerate(value):
        at = f"{path}[{index}]"
        if node.items:
            yield from _structure(node.items, each, at)
        key = node.key_of(each)
        if key is None and node.body.get("x-kubernetes-list-type") == "set":
            key = (_hashable(each),)
        if key is not None and node.custom:
            if key in seen:
                what = dict(zip(node.list_keys, key, strict=True)) if node.list_keys else each
                yield Cause(at, "FieldValueDuplicate", f"Duplicate value: {shown(what)}")
            seen.add(key)


def _value(node: Node, value: Any, path: str) -> Iterator[Cause]:
    body = node.body
    if "enum" in body and value not in body["enum"]:
        yield unsupported(path, value, body["enum"])
    if isinstance(value, str):
        if len(value) < body.get("minLength", 0):
            yield invalid_value(
                path, value, f"{path} in body should be at least {body['minLength']} chars long"
            )
        if "maxLength" in body and len(value) > body["maxLength"]:
            yield Cause(
                path,
                "FieldValueTooLong",
                f"Too long: may not be more than {body['maxLength']} bytes",
            )
        if "pattern" in body and not re.search(_python_pattern(body["pattern"]), value):
            yield invalid_value(path, value, f"{path} in body should match '{body['pattern']}'")
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        if "minimum" in body and value < body["minimum"]:
            yield invalid_value(
                path,
                value,
                f"{path} in body should be greater than or equal to {body['minimum']}",
            )
        if "maximum" in body and value > body["maximum"]:
            yield invalid_value(
                path, value, f"{path} in body should be less than or equal to {body['maximum']}"
            )
    elif isinstance(value, (list, dict)):
        unit = "items" if isinstance(value, list) else "properties"
        least, most = body.get(f"min{unit.title()}", 0), body.get(f"max{unit.title()}")
        if len(value) < least:
            yield invalid_value(
                path, len(value), f"{path} in body should have at least {least} {unit}"
            )
        if most is not None and len(value) > most:
            yield Cause(
                path,
                "FieldValueTooMany",
                f"Too many: {len(value)}: must have at most {most} {unit.replace('properties', 'items')}",
            )
    if not node.int_or_string:
        yield from _alternatives(node, value, path)


def _alternatives(node: Node, value: Any, path: str) -> Iterator[Cause]:
    for word in ("anyOf", "oneOf"):
        choices = node.body.get(word)
        if not choices or not node.custom:
            continue
        fitting = sum(
            not any(_structure(node._schemas.node(each, custom=True), value, path))
            for each in choices
        )
        if fitting == 0 or (word == "oneOf" and fitting != 1):
            many = "only one" if word == "oneOf" else "at least one"
            yield invalid_value(path, "", f'"{path}" must validate {many} schema ({word})')
    for each in node.body.get("allOf", ()):
        yield from _structure(node._schemas.node(each, custom=node.custom), value, path)


def _rules(node: Node, value: Any, old: Any, path: str) -> Iterator[Cause]:
    """What is wrong by the rules; what has not changed is not looked at again, as with an API server's ratcheting."""
    if old is not None and value == old:
        return
    for rule in node.rules:
        text = rule["rule"]
        if "oldSelf" in text and old is None and not rule.get("optionalOldSelf"):
            continue
        if text == "self == oldSelf":
            held = value == old
        else:
            held = cel.holds(text, value, old if "oldSelf" in text else None)
        if not held:
            said = rule.get("message") or f"failed rule: {text}"
            if "messageExpression" in rule:
                said = cel.evaluate(rule["messageExpression"], value, old) or said
            yield Cause(
                f"{path}{rule.get('fieldPath', '')}" or "<nil>",
                rule.get("reason", "FieldValueInvalid"),
                f'Invalid value: "{_type_name(value)}": {said.strip()}',
            )
    if isinstance(value, dict):
        before = old if isinstance(old, dict) else {}
        for name, each in value.items():
            if part := node.child(name):
                at = f"{path}.{name}" if path else name
                yield from _rules(part, each, before.get(name), at)
    elif isinstance(value, list) and node.items:
        known = {node.key_of(each): each for each in old or () if node.list_keys}
        for index, each in enumerate(value):
            yield from _rules(node.items, each, known.get(node.key_of(each)), f"{path}[{index}]")


def _wrong_type(node: Node, value: Any) -> str | None:
    """The type that the value should have and has not."""
    if node.int_or_string:
        fits = isinstance(value, str) or _is(value, "integer")
        return None if fits else "int-or-string"
    if node.type is None:
        choices = [each["type"] for each in node.body.get("oneOf", ()) if "type" in each]
        if choices and not node.custom:
            fits = any(_is(value, each) for each in choices)
            return None if fits else ",".join(choices)
        return None
    return None if _is(value, node.type) else node.type


def _is(value: Any, name: str) -> bool:
    if name == "integer" and isinstance(value, float) and value.is_integer():
        return True
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, _TYPES[name])


def _type_name(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float) and not value.is_integer():
        return "number"
    return next(
        name for name in ("object", "array", "string", "integer", "number") if _is(value, name)
    )


def _hashable(value: Any) -> Any:
    return shown(value) if isinstance(value, (dict, list)) else value


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_copy(each) for each in value]
    return value


def _python_pattern(pattern: str) -> str:
    """A pattern of Go in Python's words: ``$`` is the very end of the text there."""
    return (
        pattern[:-1] + r"\Z" if pattern.endswith("$") and not pattern.endswith(r"\$") else pattern
    )
