"""Compiles the pipelines below and writes ``src/graph/fixtures/*.json``: ``{spec, document}``, ``{spec, tasks, run, document}`` with
native tasks, or ``{spec, details, run, document}`` with ``run_details.task_details``.

Run it after a change of the graph adapters: ``python jupyter_extension/tests/sdk/make_fixtures.py``, and read the difference. The
TypeScript adapters (jest) and the Python ones (pytest) are both held to these files.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import yaml
from jupyterlab_kubeflow.sdk.graph import graph_from_run, graph_from_spec
from jupyterlab_kubeflow.sdk.run_details import tasks_from_run_details
from kfp import compiler, dsl

FOLDER = Path(__file__).parents[3] / "src" / "graph" / "fixtures"


@dsl.component(base_image="python:3.12")
def load(rows: int) -> int:
    return rows


@dsl.component(base_image="python:3.12")
def train(rows: int = 1, rate: float = 0.1) -> float:
    return rate * rows


@dsl.component(base_image="python:3.12")
def report(text: str = "") -> str:
    return text


@dsl.component(base_image="python:3.12")
def count(data: dsl.Input[dsl.Dataset]) -> int:
    return len(data.uri)


@dsl.pipeline(name="chain")
def chain(rows: int = 10):
    loaded = load(rows=rows)
    trained = train(rows=loaded.output)
    report(text="done").after(trained)


@dsl.pipeline(name="parallel")
def parallel(rows: int = 10):
    loaded = load(rows=rows)
    first = train(rows=loaded.output, rate=0.1)
    second = train(rows=loaded.output, rate=0.2).set_display_name("Train faster")
    report(text="done").after(first, second)


@dsl.pipeline(name="inner")
def inner(rows: int) -> float:
    loaded = load(rows=rows)
    return train(rows=loaded.output).output


@dsl.pipeline(name="nested")
def nested(rows: int = 10):
    first = inner(rows=rows)
    train(rate=first.output)


@dsl.pipeline(name="conditions")
def conditions(rows: int = 10):
    accuracy = train(rows=rows)
    with dsl.If(accuracy.output > 0.9):
        report(text="good")
    with dsl.Elif(accuracy.output > 0.5):
        report(text="fair")
    with dsl.Else():
        report(text="poor")
    with dsl.If(rows == 10, name="ten rows"):
        load(rows=rows)


@dsl.pipeline(name="loop")
def loop():
    first = load(rows=1)
    with dsl.ParallelFor([0.1, 0.2, 0.3]) as rate:
        trained = train(rows=first.output, rate=rate)
        report(text="x").after(trained)


@dsl.pipeline(name="nested-loop")
def nested_loop(rates: list[float] = [0.1]):  # noqa: B006 kfp takes the default from here
    with dsl.ParallelFor(rates) as rate, dsl.ParallelFor([1, 2]) as rows:
        train(rows=rows, rate=rate)


@dsl.pipeline(name="exit-handler")
def exit_handler():
    bye = report(text="bye")
    with dsl.ExitHandler(bye):
        train(rows=load(rows=1).output)


@dsl.pipeline(name="importer")
def importer():
    data = dsl.importer(artifact_uri="file:///data.csv", artifact_class=dsl.Dataset)
    count(data=data.output)


PIPELINES = [chain, parallel, nested, conditions, loop, nested_loop, exit_handler, importer]


def task(path: str, kind: str, state: str, **more: Any) -> dict[str, Any]:
    """A native task of a fixture's run."""
    parts = path.split(".")
    named = [part for part in parts if not part.isdigit()]
    found: dict[str, Any] = {
        "task_id": path.replace(".", "/"),
        "name": named[-1],
        "display_name": named[-1],
        "scope_path": path,
        "type": kind,
        "state": state,
        "create_time": "2026-01-01T10:00:00Z",
    }
    if state != "RUNTIME_STATE_UNSPECIFIED":
        found["start_time"] = "2026-01-01T10:00:01Z"
    if state not in ("RUNNING", "RUNTIME_STATE_UNSPECIFIED"):
        found["end_time"] = "2026-01-01T10:00:42.500Z"
    if len(parts) > 1:
        found["parent_task_id"] = "/".join(parts[:-1])
    if kind == "RUNTIME":
        found["pods"] = [{"name": "pod-" + "-".join(parts[1:]), "type": "EXECUTOR"}]
    return {**found, **more}


def _iteration(path: str, state: str) -> dict[str, Any]:
    index = path.rsplit(".", 1)[1]
    return task(path, "DAG", state, type_attributes={"iteration_index": index})


RUNS: dict[str, tuple[Any, list[dict[str, Any]], str]] = {
    "run-chain": (
        chain,
        [
            task("root", "ROOT", "RUNNING"),
            task("root.load", "RUNTIME", "CACHED"),
            task("root.train", "RUNTIME", "RUNNING"),
            task("root.report", "RUNTIME", "RUNTIME_STATE_UNSPECIFIED"),
        ],
        "running",
    ),
    "run-loop": (
        loop,
        [
            task("root", "ROOT", "FAILED"),
            task("root.load", "RUNTIME", "SUCCEEDED"),
            task("root.for-loop-2", "LOOP", "FAILED", type_attributes={"iteration_count": "3"}),
            _iteration("root.for-loop-2.0", "SUCCEEDED"),
            task("root.for-loop-2.0.train", "RUNTIME", "SUCCEEDED"),
            task("root.for-loop-2.0.report", "RUNTIME", "SUCCEEDED"),
            _iteration("root.for-loop-2.1", "FAILED"),
            task(
                "root.for-loop-2.1.train",
                "RUNTIME",
                "FAILED",
                status_metadata={"message": "ValueError: no rows"},
            ),
            _iteration("root.for-loop-2.2", "RUNNING"),
            task("root.for-loop-2.2.train", "RUNTIME", "RUNNING"),
        ],
        "failed",
    ),
    "run-loop-cancelled": (
        loop,
        [
            task("root", "ROOT", "CANCELED"),
            task("root.load", "RUNTIME", "SUCCEEDED"),
            task("root.for-loop-2", "LOOP", "CANCELED", type_attributes={"iteration_count": "3"}),
            _iteration("root.for-loop-2.0", "SUCCEEDED"),
            task("root.for-loop-2.0.train", "RUNTIME", "SUCCEEDED"),
            _iteration("root.for-loop-2.1", "CANCELED"),
            task("root.for-loop-2.1.train", "RUNTIME", "CANCELED"),
            _iteration("root.for-loop-2.2", "CANCELED"),
        ],
        "cancelled",
    ),
    "run-conditions": (
        conditions,
        [
            task("root", "ROOT", "SUCCEEDED"),
            task("root.train", "RUNTIME", "SUCCEEDED"),
            task("root.condition-branches-1", "CONDITION_BRANCH", "SUCCEEDED"),
            task("root.condition-branches-1.condition-2", "CONDITION", "SUCCEEDED"),
            task("root.condition-branches-1.condition-2.report", "RUNTIME", "SUCCEEDED"),
            task("root.condition-branches-1.condition-3", "CONDITION", "SKIPPED"),
        ],
        "succeeded",
    ),
}


def detail(number: int, name: str, state: str, *children: int, **more: Any) -> dict[str, Any]:
    """An entry of ``task_details`` that stands for a node of an Argo workflow."""
    return {
        "task_id": f"t{number}",
        "display_name": name,
        "pod_name": f"pod-{number}",
        "state": state,
        "create_time": "2026-01-01T10:00:00Z",
        "start_time": "2026-01-01T10:00:01Z",
        "end_time": "1970-01-01T00:00:00Z" if state == "RUNNING" else "2026-01-01T10:00:42Z",
        "child_tasks": [{"pod_name": f"pod-{child}"} for child in children],
        **more,
    }


def under(parent: int) -> dict[str, Any]:
    """Names the parent, as newer servers do."""
    return {"parent_task_id": f"t{parent}"}


DETAILS: dict[str, tuple[Any, list[dict[str, Any]], str]] = {
    # As the Argo workflow of KFP 2 has them: drivers and executors are nodes, places follow from the children's pods.
    "details-loop": (
        loop,
        [
            detail(1, "loop-x7k2", "FAILED", 2),
            detail(2, "root-driver", "SUCCEEDED", 3),
            detail(3, "root", "FAILED", 4, 6),
            detail(4, "load-driver", "SUCCEEDED", 5),
            detail(5, "load", "SUCCEEDED", 20),
            detail(20, "executor", "SKIPPED"),
            detail(6, "for-loop-2-driver", "SUCCEEDED", 7),
            detail(7, "for-loop-2", "FAILED", 8, 9),
            detail(8, "iteration-item(0:0.1)", "SUCCEEDED", 10),
            detail(9, "iteration-item(1:0.2)", "FAILED", 12),
            detail(10, "train-driver", "SUCCEEDED", 11),
            detail(11, "train", "SUCCEEDED", 14),
            detail(14, "executor", "SUCCEEDED"),
            detail(12, "train-driver", "SUCCEEDED", 13),
            detail(13, "train", "FAILED", 15),
            detail(15, "executor", "FAILED", error={"code": 2, "message": "ValueError: no rows"}),
        ],
        "failed",
    ),
    # Every entry names its parent.
    "details-conditions": (
        conditions,
        [
            detail(1, "root", "RUNNING"),
            detail(2, "train", "SUCCEEDED", **under(1)),
            detail(3, "condition-branches-1", "RUNNING", **under(1)),
            detail(4, "condition-2", "RUNNING", **under(3)),
            detail(5, "report", "RUNNING", **under(4)),
            detail(6, "condition-3", "SKIPPED", **under(3)),
            detail(7, "ten rows", "PENDING", **under(1)),
        ],
        "running",
    ),
}


def compiled(pipeline: Any) -> dict[str, Any]:
    """The spec as a compiled file has it, without what makes it long and the version of KFP."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "pipeline.yaml")
        compiler.Compiler().compile(pipeline, path)
        spec: dict[str, Any] = next(yaml.safe_load_all(Path(path).read_text()))
    spec.pop("sdkVersion", None)
    for executor in spec["deploymentSpec"]["executors"].values():
        if "container" in executor:
            executor["container"] = {"image": "python:3.12"}
    return spec


def write(name: str, content: dict[str, Any]) -> None:
    (FOLDER / f"{name}.json").write_text(
        json.dumps(content, indent=2, sort_keys=False) + "\n", encoding="utf8"
    )


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for pipeline in PIPELINES:
        spec = compiled(pipeline)
        write(pipeline.name, {"spec": spec, "document": graph_from_spec(spec)})
    for name, (pipeline, tasks, state) in RUNS.items():
        spec = compiled(pipeline)
        run = {"id": "run-1", "name": f"{name} 1", "state": state, "asOf": "2026-01-01T10:01:00Z"}
        document = graph_from_run(spec, tasks, run)
        write(name, {"spec": spec, "tasks": tasks, "run": run, "document": document})
    for name, (pipeline, details, state) in DETAILS.items():
        spec = compiled(pipeline)
        run = {"id": "run-2", "name": f"{name} 1", "state": state, "asOf": "2026-01-01T10:01:00Z"}
        wire = {"pipeline_spec": spec, "run_details": {"task_details": details}}
        document = graph_from_run(spec, tasks_from_run_details(wire), run)
        write(name, {"spec": spec, "details": details, "run": run, "document": document})


if __name__ == "__main__":
    main()
