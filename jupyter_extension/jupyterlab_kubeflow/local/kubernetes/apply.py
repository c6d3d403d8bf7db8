"""Who owns which fields, and server-side apply, as pure functions.

What each owner has set is kept with the object (and never shown: ``managedFields`` names the managers only). So a field that a manager
leaves out goes, unless another one owns it too; and a field that another one has set to another value is a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .errors import StatusError, shown
from .metadata import HEADER

if TYPE_CHECKING:
    from .schema import Node

Path = tuple[Any, ...]
"""Field names, and ``(key, …)`` tuples for entries of lists of type map."""

Owned = dict[str, dict[str, Any]]
"""Owner (see :func:`owner`) → the fields that it has set, with their values."""

_NOT_OWNED = {
    ("apiVersion",),
    ("kind",),
    *(("metadata", name) for name in (*HEADER, "generation", "generateName", "managedFields")),
}
_CLIENT_SIDE = "kubectl-client-side-apply"


def owner(manager: str, operation: str, subresource: str = "", api_version: str = "") -> str:
    """The name under which the fields of a manager are kept. ``operation``: Apply, or Update for all else, which is told apart by version."""
    return "\n".join((manager, operation, subresource, api_version))


def apply(
    node: Node,
    live: dict[str, Any] | None,
    given: dict[str, Any],
    owned: Owned,
    by: str,
    *,
    force: bool,
) -> tuple[dict[str, Any], Owned]:
    """The object with ``given`` applied by the owner, and what all own then.

    Raises 409 with a cause for each field that another one has set to another value, unless ``force``, which takes the field.
    """
    others = {name: each for name, each in owned.items() if name != by}
    taken = _conflicts(node, live or {}, given, others)
    if taken and not force:
        raise _conflict(node, taken)
    for name, paths in taken.items():
        for path in paths:
            others[name] = _without(node, others[name], path)
    kept = {path for each in (given, *others.values()) for path in leaves(node, each)}
    result = live or {}
    for path in leaves(node, owned.get(by, {})):
        covered = any(each[: len(path)] == path for each in kept)
        if not covered and path not in _NOT_OWNED:
            result = _without(node, result, path)
    own = given
    if by == owner("kubectl", "Apply"):
        own = _taken_over(node, others, given)
    return merge(node, result, given), {**others, by: own}


def _taken_over(node: Node, others: Owned, given: dict[str, Any]) -> dict[str, Any]:
    """What kubectl owns that now applies on the server what it applied by itself: both. It would move the fields in ``managedFields``."""
    for name in [each for each in others if each.startswith(f"{_CLIENT_SIDE}\n")]:
        given = merge(node, others.pop(name), given)
    return given


def update(
    node: Node, before: dict[str, Any], after: dict[str, Any], owned: Owned, by: str
) -> Owned:
    """What all own after a change by other means than apply: who changes a field has it, and nobody else."""
    changed = list(_changes(node, before, after))
    if not changed:
        return owned
    result = {}
    for name, each in owned.items():
        for path in changed:
            each = _without(node, each, path)
        if each:
            result[name] = each
    own = result.get(by, {})
    for path in changed:
        if _at(node, after, path) is not None:
            own = _with(node, own, after, path)
    return {**result, by: own} if own else result


def _changes(node: Node | None, before: Any, after: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of what is another value, new or gone."""
    if before == after or path in _NOT_OWNED:
        return
    if isinstance(before, dict) and isinstance(after, dict) and not _atomic(node):
        for name in before.keys() | after.keys():
            part = node.child(name) if node else None
            yield from _changes(part, before.get(name), after.get(name), (*path, name))
    elif _keyed(node) and isinstance(before, list) and isinstance(after, list):
        assert node is not None
        then, now = ({_key(node, each): each for each in some} for some in (before, after))
        for key in then.keys() | now.keys():
            yield from _changes(node.items, then.get(key), now.get(key), (*path, key))
    else:
        yield path


def _with(node: Node | None, value: Any, source: Any, path: Path) -> Any:
    """The value with what is at the path in ``source``."""
    if not path:
        return source
    head, rest = path[0], path[1:]
    if isinstance(source, list) and node is not None:
        entry = next(each for each in source if _key(node, each) == head)
        held = {_key(node, each): each for each in value} if isinstance(value, list) else {}
        if rest:
            named = {name: entry[name] for name in node.list_keys if name in entry}
            entry = _with(node.items, held.get(head, named), entry, rest)
        return list({**held, head: entry}.values())
    held = value if isinstance(value, dict) else {}
    part = node.child(head) if node else None
    return {**held, head: _with(part, held.get(head), source[head], rest)}


def _keyed(node: Node | None) -> bool:
    return node is not None and bool(node.list_keys or _is_set(node))


def _is_set(node: Node) -> bool:
    return node.body.get("x-kubernetes-list-type") == "set"


def _key(node: Node, entry: Any) -> Any:
    """What tells an entry of a list of type map or set from the others."""
    if node.list_keys:
        return node.key_of(entry)
    return (shown(entry) if isinstance(entry, (dict, list)) else entry,)


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
        if _is_set(node):
            return live + [each for each in given if each not in live]
    return given


def leaves(node: Node | None, value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all that is applied."""
    if isinstance(value, dict) and value and not _atomic(node):
        for name, each in value.items():
            yield from leaves(node.child(name) if node else None, each, (*path, name))
    elif isinstance(value, list) and node is not None and _keyed(node):
        for each in value:
            yield from leaves(node.items, each, (*path, _key(node, each)))
    else:
        yield path


def _atomic(node: Node | None) -> bool:
    return node is not None and node.body.get("x-kubernetes-map-type") == "atomic"


def _conflicts(
    node: Node, live: dict[str, Any], given: dict[str, Any], others: Owned
) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    theirs = {name: set(leaves(node, each)) for name, each in others.items()}
    for path in leaves(node, given):
        if path in _NOT_OWNED or _holds(node, live, given, path):
            continue
        for name, paths in theirs.items():
            if path in paths:
                found.setdefault(name, []).append(path)
    return found


def _holds(node: Node, live: dict[str, Any], given: dict[str, Any], path: Path) -> bool:
    """Whether there is already what is given at the path; an empty map wants no more than a map, or nothing."""
    held, wanted = _at(node, live, path), _at(node, given, path)
    if wanted == {} and not _atomic(_part(node, path)):
        return held is None or isinstance(held, dict)
    return bool(held == wanted)


def _part(node: Node | None, path: Path) -> Node | None:
    for part in path:
        if node is not None:
            node = node.items if isinstance(part, tuple) else node.child(part)
    return node


def _conflict(node: Node, taken: dict[str, list[Path]]) -> StatusError:
    causes = [
        {
            "reason": "FieldManagerConflict",
            "message": f"conflict with {_named(name)}",
            "field": _shown(node, path),
        }
        for name, paths in sorted(taken.items())
        for path in paths
    ]
    if len(causes) == 1:
        said = f"1 conflict: {causes[0]['message']}: {causes[0]['field']}"
    else:
        lines = [
            "\n- ".join([f"conflicts with {_named(name)}:", *(_shown(node, p) for p in paths)])
            for name, paths in sorted(taken.items())
        ]
        said = f"{len(causes)} conflicts: {chr(10).join(lines)}"
    return StatusError(409, "Conflict", f"Apply failed with {said}", {"causes": causes})


def _named(by: str) -> str:
    """An owner as API servers name it."""
    manager, operation, subresource, api_version = by.split("\n")
    said = shown(manager)
    if subresource:
        said += f" with subresource {shown(subresource)}"
    return f"{said} using {api_version}" if operation == "Update" else said


def _shown(node: Node | None, path: Path) -> str:
    text = ""
    for part in path:
        if isinstance(part, tuple) and node is not None:
            pairs = zip(node.list_keys or [""], part, strict=True)
            text += f"[{','.join(f'{key}={shown(value)}' for key, value in pairs)}]"
            node = node.items
        else:
            text += f".{part}"
            node = node.child(part) if node else None
    return text


def _at(node: Node | None, value: Any, path: Path) -> Any:
    for part in path:
        if isinstance(value, list) and node is not None:
            value = next((each for each in value if _key(node, each) == part), None)
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
            return [each for each in value if _key(node, each) != head]
        changed = [
            _without(node.items, each, rest) if _key(node, each) == head else each for each in value
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
