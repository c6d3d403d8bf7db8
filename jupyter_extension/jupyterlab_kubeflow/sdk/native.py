"""Places of native tasks (``v2beta1PipelineTask``): the same as ``scopePath`` in ``src/graph/tasks.ts``."""

from __future__ import annotations

from collections.abc import Iterable

from .ir import Json, mapping, text


def with_scope_paths(tasks: Iterable[Json]) -> list[Json]:
    """The tasks with scope paths that name iterations, after the loop's name; KFP's own do not. What has no id is left out."""
    known = [task for task in map(mapping, tasks) if text(task.get("task_id"))]
    by_id = {task["task_id"]: task for task in known}
    paths: dict[str, str] = {}
    return [{**task, "scope_path": _path(task, by_id, paths)} for task in known]


def _path(task: Json, by_id: dict[str, Json], paths: dict[str, str]) -> str:
    key = task["task_id"]
    if key in paths:
        return paths[key]
    own = text(task.get("scope_path"))
    name = text(task.get("name")) or (own or key).rpartition(".")[2]
    # Ends a chain of parents that bites its tail.
    paths[key] = own or name
    parent = by_id.get(task.get("parent_task_id") or "")
    path = own or (name if parent or task.get("type") != "ROOT" else "root")
    if parent:
        above = _path(parent, by_id, paths)
        number = mapping(task.get("type_attributes")).get("iteration_index")
        index = str(number) if number is not None and parent.get("type") == "LOOP" else None
        if not (own or "").startswith(f"{above}.") or index is not None:
            loop = text(parent.get("name")) or above.rpartition(".")[2]
            path = above if index is None else f"{above}.{index}"
            # An iteration of a loop over a dag bears the loop's name.
            if index is None or not (name == loop or own == path):
                path = f"{path}.{name}"
    paths[key] = path
    return path
