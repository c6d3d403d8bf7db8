"""Task state as KFP 2 tells it: ``run_details.task_details``, one entry a task or a node of the Argo workflow.

The same as ``src/graph/runDetails.ts`` in TypeScript; both are held to the fixtures in ``src/graph/fixtures``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from . import ir
from .ir import Json, SpecError, mapping, text

_ITERATION = re.compile(r"(?:.*[^\s(-])(?:\s+|\(|(?<=^iteration)-)(\d+)(?::[^)]*)?\)?")
"""``for-loop-1 3``, ``iteration-3``, ``for-loop-1(3)``, ``iteration-item(3:x)``; not the loop's own ``for-loop-1``."""
_WRAPPER = re.compile(r"iteration-(item|iterator)")
"""Nodes that the Argo compiler puts between a loop and its iterations."""


@dataclass
class _Place:
    """Where in the run, and in the spec if there is one, an entry stands."""

    path: str
    task: Json | None = None
    component: Json | None = None
    """Whose dag the tasks below belong to."""
    above: _Place | None = None
    loop: bool = False
    """Whether what is directly below is an iteration."""


def tasks_from_run_details(run: Json) -> list[Json]:
    """The tasks of a run without native tasks, in the shape of native tasks (``v2beta1PipelineTask``).

    ``run`` is a ``v2beta1Run``. Entries have no scope path: a task's place comes from ``parent_task_id``, else from ``child_tasks``,
    together with the pipeline spec where the run has it. Pods of drivers and executors become pods of their task.
    """
    return _Reader(run).read()


class _Reader:
    def __init__(self, run: Json) -> None:
        details = mapping(run.get("run_details")).get("task_details") or []
        self._entries = [mapping(one) for one in details if text(mapping(one).get("task_id"))]
        self._by_id = {entry["task_id"]: entry for entry in self._entries}
        by_pod = {entry["pod_name"]: entry for entry in self._entries if entry.get("pod_name")}
        self._referrers: dict[str, Json] = {}
        for entry in self._entries:
            for child in map(mapping, entry.get("child_tasks") or []):
                found = self._by_id.get(child.get("task_id")) or by_pod.get(child.get("pod_name"))
                if found:
                    self._referrers.setdefault(found["task_id"], entry)
        self._places: dict[str, _Place] = {}
        self._drivers: dict[str, str] = {}
        self._by_path: dict[str, Json] = {}
        self._tasks: list[Json] = []
        self._root = _Place("root")
        self._spec: ir.Spec | None = None
        try:
            self._spec = ir.read_spec(run.get("pipeline_spec"))
            self._root.component = self._spec.root
        except SpecError:
            pass  # Without a spec the names alone tell the places.

    def read(self) -> list[Json]:
        for entry in self._entries:
            self._place(entry)
        for path, pod in self._drivers.items():
            if path in self._by_path:
                self._by_path[path]["pods"].insert(0, {"name": pod, "type": "DRIVER"})
        return self._tasks

    def _place(self, entry: Json) -> _Place:
        key = entry["task_id"]
        if key in self._places:
            return self._places[key]
        # Ends a chain of parents that bites its tail.
        self._places[key] = self._root
        parent = self._by_id.get(entry.get("parent_task_id")) or self._referrers.get(key)
        place = self._find(entry, self._place(parent) if parent else None)
        self._places[key] = place
        return place

    def _find(self, entry: Json, above: _Place | None) -> _Place:
        name = text(entry.get("display_name")) or entry["task_id"]
        parent = above or self._root
        if name == "root":
            self._root.task = self._root.task or self._add(entry, self._root, "root", "ROOT")
            return self._root
        if name == "executor":
            self._executor(entry, parent)
            return parent
        if _WRAPPER.fullmatch(name):
            return parent
        if name.endswith("-driver"):
            home, task = self._look_up(name.removesuffix("-driver"), parent)
            pod = text(entry.get("pod_name"))
            if pod:
                known = task.name if task else name.removesuffix("-driver")
                self._drivers["root" if known == "root" else f"{home.path}.{known}"] = pod
            return home
        iteration = _ITERATION.fullmatch(name) if parent.loop else None
        if iteration:
            return self._iteration(entry, parent, int(iteration[1]))
        return self._member(entry, name, parent, above is None)

    def _iteration(self, entry: Json, parent: _Place, index: int) -> _Place:
        place = replace(parent, path=f"{parent.path}.{index}", above=parent, loop=False, task=None)
        name = parent.path.rpartition(".")[2]
        place.task = self._add(entry, place, name, "DAG")
        place.task["type_attributes"] = {"iteration_index": str(index)}
        return place

    def _member(self, entry: Json, name: str, parent: _Place, top: bool) -> _Place:
        """A task in the innermost dag around ``parent`` that has one of that name."""
        home, task = self._look_up(name, parent)
        if top and not task and entry.get("child_tasks"):
            return self._root  # The workflow itself.
        key = task.name if task else name
        loop = task.iterator is not None if task else bool(re.fullmatch(r"for-loop-\d+", name))
        place = _Place(
            f"{home.path}.{key}", component=task.component if task else None, above=home, loop=loop
        )
        kind = ir.task_kind(self._spec, task) if self._spec and task else "runtime"
        place.task = self._add(entry, place, key, "LOOP" if loop else kind.upper())
        return place

    def _executor(self, entry: Json, parent: _Place) -> None:
        """An executor that was skipped though its task succeeded: the task came from the cache."""
        task = parent.task
        if not task:
            return
        task["pods"] = [one for one in task["pods"] if one["type"] == "DRIVER"]
        if entry.get("state") == "SKIPPED":
            if task["state"] == "SUCCEEDED":
                task["state"] = "CACHED"
            return
        pod = text(entry.get("pod_name"))
        if pod:
            task["pods"].append({"name": pod, "type": "EXECUTOR"})
        _tell(task, entry)

    def _look_up(self, name: str, start: _Place) -> tuple[_Place, ir.SpecTask | None]:
        place: _Place | None = start
        while self._spec and place:
            tasks = [] if place.loop else ir.tasks_of(self._spec, place.component or {})
            found = next((one for one in tasks if one.name == name), None) or next(
                (one for one in tasks if one.display_name == name), None
            )
            if found:
                return place, found
            place = place.above
        return start, None

    def _add(self, entry: Json, place: _Place, name: str, kind: str) -> Json:
        pod = text(entry.get("pod_name"))
        leaf = kind in ("RUNTIME", "IMPORTER")
        task: Json = {
            "task_id": entry["task_id"],
            "name": name,
            "display_name": text(entry.get("display_name")) or name,
            "scope_path": place.path,
            "type": kind,
            "state": entry.get("state"),
            "pods": [{"name": pod, "type": "EXECUTOR"}] if pod and leaf else [],
        }
        for key in ("create_time", "start_time", "end_time"):
            if _is_set(entry.get(key)):
                task[key] = entry[key]
        _tell(task, entry)
        self._by_path[place.path] = task
        self._tasks.append(task)
        return task


def _tell(task: Json, entry: Json) -> None:
    """What went wrong, unless it is known already."""
    message = text(mapping(entry.get("error")).get("message"))
    if message:
        task.setdefault("status_metadata", {"message": message})


def _is_set(time: Any) -> bool:
    """KFP writes the epoch for a time that was not set."""
    return bool(text(time)) and not str(time).startswith("1970-01-01T00:00:00")
