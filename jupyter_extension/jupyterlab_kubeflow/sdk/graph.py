"""Graph documents (``application/vnd.kubeflow.graph.v1+json``, docs/graph.md) of pipelines and runs.

The same documents as those of ``src/graph/adapters`` in TypeScript; both are held to ``src/graph/fixtures``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from jupyterlab_kubeflow.times import instant

from . import ir
from .ir import Json, SpecError
from .native import with_scope_paths

__all__ = ["GRAPH_MIME_TYPE", "SpecError", "graph_from_run", "graph_from_spec", "graph_state"]

GRAPH_MIME_TYPE = "application/vnd.kubeflow.graph.v1+json"

_STATES = {
    "PENDING": "pending",
    "RUNNING": "running",
    "CANCELING": "running",
    "SUCCEEDED": "succeeded",
    "FAILED": "failed",
    "SKIPPED": "skipped",
    "CACHED": "cached",
    "PAUSED": "paused",
    "CANCELED": "cancelled",
}


def graph_state(word: Any) -> str:
    """The graph's word for a ``v2beta1RuntimeState`` or a native task's state; ``pending`` for one that is unknown."""
    return _STATES.get(str(word), "pending")


def graph_from_spec(value: Any) -> Json:
    """The graph of a PipelineSpec, of the documents of a compiled file, or of ``{pipeline_spec, platform_spec}``.

    Raises :class:`SpecError` when it is not a KFP v2 pipeline.
    """
    spec = ir.read_spec(value)
    nodes: list[Json] = []
    edges: list[Json] = []

    def add(
        component: Json, path: str, parent: str | None, names: dict[str, str], within: list[int]
    ) -> None:
        tasks = ir.tasks_of(spec, component)
        known = {task.name for task in tasks}
        conditions = [t.condition for t in sorted(tasks, key=lambda t: ir.index(t.name))]
        ordered = [one for one in conditions if one is not None]
        branches = parent is not None and re.search(r"\.condition-branches-\d+$", path)
        for task in tasks:
            node_id = f"{path}.{task.name}"
            kind = ir.task_kind(spec, task)
            node: Json = {
                "id": node_id,
                "kind": kind,
                "label": ir.label_of(kind, task.display_name),
            }
            if parent is not None:
                node["parent"] = parent
            inputs = ir.names_of(task, names)
            if task.condition is not None:
                node["detail"] = (
                    ir.branch_condition(
                        task.condition, ordered[: ordered.index(task.condition)], inputs
                    )
                    if branches
                    else ir.readable_condition(task.condition, inputs)
                )
            elif node["kind"] == "loop":
                node["detail"] = ir.loop_detail(task, inputs)
            nodes.append(node)
            for source in task.sources():
                if source in known and source != task.name:
                    start = f"{path}.{source}"
                    edges.append({"id": f"{start}->{node_id}", "from": start, "to": node_id})
            if task.is_dag and task.component is not None and id(task.component) not in within:
                add(task.component, node_id, node_id, inputs, [*within, id(task.component)])

    add(spec.root, "root", None, {}, [])
    return {"version": 1, "title": spec.display_name or spec.name, "nodes": nodes, "edges": edges}


@dataclass
class _Part:
    """The tasks of a node: its own, and for a loop those of its iterations."""

    tasks: list[Json] = attribute(default_factory=list)
    iterations: list[Json] = attribute(default_factory=list)
    repeated: bool = False


def graph_from_run(spec: Any, tasks: Iterable[Json], run: Json | None = None) -> Json:
    """The graph of a run: that of its spec with states.

    ``tasks`` are native tasks (``v2beta1PipelineTask``); ``run`` is ``{id, name?, state?, asOf?}`` with the graph's word for the state.
    A node in a loop stands for all iterations. Raises :class:`SpecError` when ``spec`` is not a KFP v2 pipeline.
    """
    document = graph_from_spec(spec)
    loops = {node["id"] for node in document["nodes"] if node["kind"] == "loop"}
    parts: dict[str, _Part] = {}
    for task in with_scope_paths(tasks):
        node_id, iteration, repeated = _static_path(str(task.get("scope_path", "")), loops)
        part = parts.setdefault(node_id, _Part())
        part.repeated |= repeated
        (part.iterations if iteration else part.tasks).append(task)
    ended = _is_ended((run or {}).get("state"))
    states: dict[str, str] = {}
    nodes = []
    for node in document["nodes"]:
        own = parts.get(node["id"])
        shown = (
            _with_tasks(node, own)
            if own
            else {**node, "state": _unseen(states.get(node.get("parent", "")), ended)}
        )
        states[node["id"]] = shown["state"]
        nodes.append(shown)
    result = {**document, "nodes": nodes}
    if run:
        if run.get("name"):
            result["title"] = run["name"]
        source = {
            "api": "kfp/v2beta1",
            "runId": run["id"],
            "state": run.get("state"),
            "asOf": run.get("asOf"),
        }
        result["source"] = {key: value for key, value in source.items() if value}
    return result


def _static_path(scope_path: str, loops: set[str]) -> tuple[str, bool, bool]:
    node_id, iteration, repeated = "", False, False
    for segment in scope_path.split("."):
        iteration = not iteration and node_id in loops and segment.isdigit()
        if iteration:
            repeated = True
        else:
            node_id = f"{node_id}.{segment}" if node_id else segment
    return node_id, iteration, repeated and not iteration


def _with_tasks(node: Json, part: _Part) -> Json:
    of = part.tasks or part.iterations
    found = [_task_state(task) for task in of]
    shown = of[
        found.index("failed")
        if "failed" in found
        else found.index("running")
        if "running" in found
        else 0
    ]
    result: Json = {**node, "state": _aggregate(found)}
    start = _extreme([task.get("start_time") or task.get("create_time") for task in of], min)
    if start and result["state"] != "pending":
        result["startTime"] = start
    if all(map(_is_ended, found)):
        end = _extreme([task.get("end_time") for task in of], max)
        if end:
            result["endTime"] = end
    if node["kind"] == "loop":
        counts = [task.get("type_attributes", {}).get("iteration_count") for task in part.tasks]
        result["progress"] = _progress(part.iterations, sum(int(count or 0) for count in counts))
    elif part.repeated:
        result["progress"] = _progress(of, 0)
    if result.get("progress", {}).get("total") == 0:
        # A loop that has not begun does not know its items yet.
        del result["progress"]
    message = _failure(node, part, shown)
    if message is not None:
        result["detail"] = message
    pods = ir.mapping(shown).get("pods") or []
    pod = next((one for one in pods if one.get("type") != "DRIVER"), pods[0] if pods else None)
    result["refs"] = {"taskId": shown["task_id"], **({"podName": pod["name"]} if pod else {})}
    return result


def _progress(of: list[Json], counted: int) -> Json:
    return {
        "done": sum(_is_ended(state) and state != "cancelled" for state in map(_task_state, of)),
        "total": max(counted, len(of)),
    }


def _failure(node: Json, part: _Part, shown: Json) -> str | None:
    detail: str | None = node.get("detail")
    message = _message(shown)
    if node["kind"] == "loop":
        failed = next((task for task in part.iterations if _task_state(task) == "failed"), None)
        return _named(failed, _message(failed)) if failed else message or detail
    if message is None or node["kind"] == "condition":
        return detail
    return _named(shown, message) if part.repeated else message


def _named(task: Json, message: str | None) -> str:
    numbers = ".".join(part for part in task["scope_path"].split(".") if part.isdigit())
    which = (
        f"Iteration {numbers} failed" if _task_state(task) == "failed" else f"Iteration {numbers}"
    )
    return which if message is None else f"{which}: {message}"


def _message(task: Json) -> str | None:
    status = ir.mapping(task.get("status_metadata"))
    errors = [
        ir.text(ir.mapping(ir.mapping(entry).get("error")).get("message"))
        for entry in task.get("state_history") or []
    ]
    return ir.text(status.get("message")) or next((one for one in reversed(errors) if one), None)


def _task_state(task: Json) -> str:
    properties = ir.mapping(ir.mapping(task.get("status_metadata")).get("custom_properties"))
    special = _STATES.get(str(properties.get("state")))
    return special or graph_state(task.get("state"))


def _aggregate(states: list[str]) -> str:
    """The state that matters most to someone who looks at all of them at once."""
    for state in ("failed", "running", "paused"):
        if state in states:
            return state
    if "pending" in states:
        return "pending" if set(states) == {"pending"} else "running"
    if "cancelled" in states:
        return "cancelled"
    return states[0] if set(states) in ({"skipped"}, {"cached"}) else "succeeded"


def _unseen(above: str | None, ended: bool) -> str:
    if ended or above == "skipped":
        return "skipped"
    return "cached" if above == "cached" else "pending"


def _is_ended(state: str | None) -> bool:
    return state is not None and state not in ("pending", "running", "paused")


def _extreme(times: list[str | None], choose: Any) -> str | None:
    known = [at for at in times if at and instant(at).timestamp() > 0]
    return choose(known, key=instant) if known else None
