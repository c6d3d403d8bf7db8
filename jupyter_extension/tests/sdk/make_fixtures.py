"""Compiles the pipelines below and writes ``src/graph/fixtures/*.json``: ``{spec, document}`` or ``{spec, tasks, run, document}``.

Run it after a change of the graph adapters: ``python jupyter_extension/tests/sdk/make_fixtures.py``, and read the difference. The
TypeScript adapters (jest) and the Python ones (pytest) are both held to these files.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import yaml
from jupyterlab_kubeflow.sdk.graph import graph_from_run, graph_from_spec
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
def nested_loop(rates: list[float] | None = None):
    if rates is None:
        rates = [0.1]
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


if __name__ == "__main__":
    main()
