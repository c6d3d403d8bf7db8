"""Server-side apply, as pure functions.

What each manager has applied last is kept with the object (and never shown: ``managedFields`` names the managers only). So a field that a
manager leaves out goes, unless another one applies it too; and a field that another one applies with another value is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .errors import StatusError, shown

if TYPE_CHECKING:
    from .schema import Node

Path = tuple[Any, ...]
"""Field names, and ``(key, …)`` tuples for entries of lists of type map."""

_NOT_OWNED = {("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")}


def apply(
    node: Node,
    live: dict[str, Any] | None,
    given: dict[str, Any],
    applied: dict[str, dict[str, Any]],
    manager: str,
    *,
    force: bool,
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The object with ``given`` applied by the manager, and what all managers have applied then.

    Raises 409 with a cause for each field that another manager applies with another value, unless ``force``, which takes the field.
    """
    others = {name: each for name, each in applied.items() if name != manager}
    taken = _conflicts(node, live or {}, given, others)
    if taken and not force:
        raise _conflict(node, taken)
    for name, paths in taken.items():
        for path in paths:
            others[name] = _without(node, others[name], path)
    kept = {path for each in (given, *others.values()) for path in leaves(node, each)}
    result = live or {}
    for path in leaves(node, applied.get(manager, {})):
        covered = any(each[: len(path)] == path for each in kept)
        if not covered and path not in _NOT_OWNED:
            result = _without(node, result, path)
    return merge(node, result, given), {**others, manager: given}


def merge(node: Node | None, live: Any, given: Any) -> Any:
    """``given`` on top of ``live``: maps by name, lists by their type."""
    if isinstance(given, dict) and isinstance(live, dict) and not _atomic(node):
        result = dict(live)
        for name, value in given.items():
            part = node.child(name) if node else None
            result[name] = merge(part, live.get(name), value)
        return result
    if isinstance(given, list) and isinstance(live, list) and node is not None:
        if node.list_keys:
            found = {node.key_of(each): each for each in live}
            for each in given:
                key = node.key_of(each)
                found[key] = merge(node.items, found.get(key), each)
            return list(found.values())
        if node.body.get("x-kubernetes-list-type") == "set":
            return live + [each for each in given if each not in live]
    return given


def leaves(node: Node | None, value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all that is applied."""
    if isinstance(value, dict) and value and not _atomic(node):
        for name, each in value.items():
            yield from leaves(node.child(name) if node else None, each, (*path, name))
    elif isinstance(value, list) and node is not None and node.list_keys:
        for each in value:
            yield from leaves(node.items, each, (*path, node.key_of(each)))
    else:
        yield path


def _atomic(node: Node | None) -> bool:
    return node is not None and node.body.get("x-kubernetes-map-type") == "atomic"


def _conflicts(
    node: Node, live: dict[str, Any], given: dict[str, Any], others: dict[str, dict[str, Any]]
) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    theirs = {name: set(leaves(node, each)) for name, each in others.items()}
    for path in leaves(node, given):
        if path in _NOT_OWNED or _at(node, live, path) == _at(node, given, path):
            continue
        for name, paths in theirs.items():
            if path in paths:
                found.setdefault(name, []).append(path)
    return found


def _conflict(node: Node, taken: dict[str, list[Path]]) -> StatusError:
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f"conflict with {shown(name)}",
            "field": _shown(node, path),
        }
        for name, paths in sorted(taken.items())
        for path in paths
    ]
    lines = [
        f"conflict with {shown(name)}: {_shown(node, paths[0])}"
        if len(paths) == 1
        else f"conflicts with {shown(name)}:\n" + "\n".join(f"- {_shown(node, p)}" for p in paths)
        for name, paths in sorted(taken.items())
    ]
    many = "1 conflict" if len(causes) == 1 else f"{len(causes)} conflicts"
    return StatusError(
        409, "Conflict", f"Apply failed with {many}: {' '.join(lines)}", {"causes": causes}
    )


def _shown(node: Node | None, path: Path) -> str:
    text = ""
    for part in path:
        if isinstance(part, tuple) and node is not None:
            pairs = zip(node.list_keys, part, strict=True)
            text += f"[{','.join(f'{key}={shown(value)}' for key, value in pairs)}]"
            node = node.items
        else:
            text += f".{part}"
            node = node.child(part) if node else None
    return text


def _at(node: Node | None, value: Any, path: Path) -> Any:
    for part in path:
        if isinstance(value, list) and node is not None:
            value = next((each for each in value if node.key_of(each) == part), None)
            node = node.items
        elif isinstance(value, dict):
            value = value.get(part)
            node = node.child(part) if node else None
        else:
            return None
    return value


def _without(node: Node | None, value: Any, path: Path) -> Any:
    """The value without what is at the path, and without what holds nothing any more."""
    head, rest = path[0], path[1:]
    if isinstance(value, list) and node is not None:
        if not rest:
            return [each for each in value if node.key_of(each) != head]
        changed = [
            _without(node.items, each, rest) if node.key_of(each) == head else each
            for each in value
        ]
        return [each for each in changed if set(each) - set(node.list_keys) or each in value]
    if not isinstance(value, dict) or head not in value:
        return value
    result = dict(value)
    if rest:
        result[head] = _without(node.child(head) if node else None, value[head], rest)
    if not rest or (not result[head] and value[head]):
        del result[head]
    return result
