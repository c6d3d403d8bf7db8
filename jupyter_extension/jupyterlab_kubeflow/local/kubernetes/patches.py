"""JSON merge patch (RFC 7386), JSON patch (RFC 6902) and strategic merge patch, as pure functions."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from .errors import StatusError, bad_request

if TYPE_CHECKING:
    from .schema import Node

MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


def patched(media: str, node: Node | None, target: dict[str, Any], patch: Any) -> dict[str, Any]:
    """The object with a patch of one of the media types but apply. Raises 400 for a patch that is none, 422 for one that does not fit."""
    if media != JSON and not isinstance(patch, dict):
        raise bad_request(
            "json: cannot unmarshal array into Go value of type map[string]interface {}"
        )
    if media == JSON:
        body = json_patch(target, patch)
    elif media == STRATEGIC:
        body = strategic(node, target, patch)
    else:
        body = merge(target, patch)
    if not isinstance(body, dict):
        raise bad_request("the patched object is no object")
    return body


def merge(target: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge(result.get(name), value)
    return result


def json_patch(target: Any, operations: Any) -> Any:
    """RFC 6902. Raises 400 for what is no patch, 422 for one that does not fit."""
    if not isinstance(operations, list) or not all(isinstance(each, dict) for each in operations):
        raise bad_request(
            "error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch"
        )
    document = {"": copy.deepcopy(target)}
    for operation in operations:
        try:
            _operate(document, operation)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise _does_not_fit() from error
    return document[""]


def _operate(document: dict[str, Any], operation: dict[str, Any]) -> None:
    name = operation["op"]
    if name in ("move", "copy"):
        value = copy.deepcopy(_get(document, operation["from"]))
        if name == "move":
            _remove(document, operation["from"])
        _add(document, operation["path"], value)
    elif name == "add":
        _add(document, operation["path"], copy.deepcopy(operation["value"]))
    elif name == "remove":
        _remove(document, operation["path"])
    elif name == "replace":
        _get(document, operation["path"])
        parent, key = _place(document, operation["path"])
        parent[key] = copy.deepcopy(operation["value"])
    elif name == "test":
        if _get(document, operation["path"]) != operation["value"]:
            raise ValueError("test failed")
    else:
        raise ValueError(f"unexpected kind: {name}")


def _does_not_fit() -> StatusError:
    return StatusError(
        422, "Invalid", "the server rejected our request due to an error in our request", {}
    )


def _place(document: dict[str, Any], pointer: str) -> tuple[Any, Any]:
    if pointer and not pointer.startswith("/"):
        raise KeyError(pointer)
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")]
    parent: Any = document
    for part in parts[:-1]:
        parent = parent[_key(parent, part)]
    return parent, _key(parent, parts[-1])


def _key(parent: Any, part: str) -> Any:
    if isinstance(parent, list):
        if part == "-":
            return len(parent)
        if not part.isdigit():
            raise KeyError(part)
        return int(part)
    if not isinstance(parent, dict):
        raise KeyError(part)
    return part


def _get(document: dict[str, Any], pointer: str) -> Any:
    parent, key = _place(document, pointer)
    return parent[key]


def _add(document: dict[str, Any], pointer: str, value: Any) -> None:
    parent, key = _place(document, pointer)
    if isinstance(parent, list):
        if key > len(parent):
            raise IndexError(key)
        parent.insert(key, value)
    else:
        parent[key] = value


def _remove(document: dict[str, Any], pointer: str) -> None:
    parent, key = _place(document, pointer)
    del parent[key]


def strategic(node: Node | None, target: Any, patch: Any) -> Any:
    """Kubernetes' strategic merge: lists with a merge key are merged by it, with ``$patch``, ``$retainKeys``, ``$setElementOrder`` and
    ``$deleteFromPrimitiveList``."""
    if not isinstance(patch, dict):
        return patch
    directive = patch.get("$patch")
    if directive == "delete":
        return {}
    if directive == "replace":
        return {name: value for name, value in patch.items() if name != "$patch"}
    result = dict(target) if isinstance(target, dict) else {}
    if "$retainKeys" in patch:
        result = {name: value for name, value in result.items() if name in patch["$retainKeys"]}
    for name, value in patch.items():
        part = node.child(name) if node else None
        if name.startswith("$deleteFromPrimitiveList/"):
            field = name.partition("/")[2]
            result[field] = [each for each in result.get(field) or () if each not in value]
        elif name.startswith("$"):
            continue
        elif value is None:
            result.pop(name, None)
        elif isinstance(value, list):
            order = patch.get(f"$setElementOrder/{name}")
            result[name] = _strategic_list(part, result.get(name) or [], value, order)
        else:
            result[name] = strategic(part, result.get(name), value)
    for name, order in patch.items():
        field = name.partition("/")[2]
        if name.startswith("$setElementOrder/") and field not in patch and field in result:
            part = node.child(field) if node else None
            key = part.body.get("x-kubernetes-patch-merge-key") if part else None
            result[field] = _ordered(result[field], order, key)
    return result


def _strategic_list(
    node: Node | None, target: list[Any], patch: list[Any], order: list[Any] | None
) -> list[Any]:
    if node is None or "merge" not in node.body.get("x-kubernetes-patch-strategy", ""):
        return patch
    key = node.body.get("x-kubernetes-patch-merge-key")
    if key is None:
        merged = target + [each for each in patch if each not in target]
        return _ordered(merged, order, None)
    if any(isinstance(each, dict) and each.get("$patch") == "replace" for each in patch):
        return [each for each in patch if each.get("$patch") != "replace"]
    result = list(target)
    for each in patch:
        if not isinstance(each, dict) or key not in each:
            raise bad_request(
                f"map: {each} does not contain declared merge key: {key}".replace("'", '"')
            )
        at = next((i for i, old in enumerate(result) if old.get(key) == each[key]), None)
        if each.get("$patch") == "delete":
            if at is not None:
                del result[at]
        elif at is None:
            result.append(strategic(node.items, {}, each))
        else:
            result[at] = strategic(node.items, result[at], each)
    return _ordered(result, order, key)


def _ordered(entries: list[Any], order: list[Any] | None, key: str | None) -> list[Any]:
    if not order:
        return entries
    wanted = [each.get(key) if key else each for each in order]

    def rank(entry: Any) -> int:
        value = entry.get(key) if key else entry
        return wanted.index(value) if value in wanted else len(wanted)

    return sorted(entries, key=rank)
