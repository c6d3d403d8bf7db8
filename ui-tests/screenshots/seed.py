"""Fills a Local Kubeflow with real pipelines and runs for the pictures: ``seed.py URL TOKEN``.

Prints the ids of the runs by name as JSON. One run stays under way until it is terminated.
"""

# No `annotations` from the future: kfp reads the components' real types.
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

# Every run is to run.
os.environ["KFP_DISABLE_EXECUTION_CACHING_BY_DEFAULT"] = "true"

import httpx
import kfp
from kfp import compiler, dsl


@dsl.component
def load_transactions(month: str, rows: int) -> int:
    """Reads the transactions of a month."""
    print(f"Reading the transactions of {month}")
    for part in range(1, 6):
        print(f"part {part} of 5: {rows // 5:,} rows")
    return rows


@dsl.component
def clean(rows: int, table: dsl.Output[dsl.Dataset]) -> int:
    """Drops what cannot be read."""
    with open(table.path, "w") as file:
        file.write("amount,country,hour,fraud\n")
        for row in range(200):
            file.write(
                f"{row * 3.7:.2f},{('NL', 'DE', 'FR', 'IT')[row % 4]},{row % 24},{int(row % 41 == 0)}\n"
            )
    print(f"{rows - 12:,} of {rows:,} rows kept")
    return rows - 12


@dsl.component
def profile(rows: int, summary: dsl.Output[dsl.Markdown]) -> None:
    """Describes the columns."""
    with open(summary.path, "w") as file:
        file.write(f"# Transactions\n\n{rows:,} rows, 4 columns, no gaps.\n")


@dsl.component
def train(
    rows: int,
    depth: int,
    seconds: int,
    model: dsl.Output[dsl.Model],
    metrics: dsl.Output[dsl.Metrics],
) -> float:
    """Trains one model."""
    import time

    print(f"Training on {rows:,} rows to depth {depth}", flush=True)
    for epoch in range(1, 11):
        print(f"epoch {epoch:2d} of 10  loss {0.69 / (epoch + depth) ** 0.5:.4f}", flush=True)
    deadline = time.monotonic() + (seconds if depth == 8 else 0)
    while time.monotonic() < deadline:
        time.sleep(0.2)
    with open(model.path, "w") as file:
        file.write(f"depth {depth}")
    score = round(0.88 + depth / 200, 4)
    metrics.log_metric("accuracy", score)
    metrics.log_metric("depth", depth)
    return score


@dsl.component
def choose(scores: list) -> float:  # type: ignore[type-arg]
    """The best score."""
    return max(scores)


@dsl.component
def register(score: float) -> str:
    """Puts the best model into the registry."""
    print(f"registered with accuracy {score}")
    return f"fraud:{score}"


@dsl.component
def report(score: float) -> None:
    """Says that no model was good enough."""
    print(f"{score} is not enough")


@dsl.pipeline(
    name="fraud-train", description="Trains fraud models of several depths and registers the best."
)
def fraud_train(
    month: str = "2026-10",
    rows: int = 120000,
    threshold: float = 0.9,
    notify: bool = True,
    tags: list = ["weekly"],  # noqa: B006
    seconds: int = 0,
) -> None:
    """Load, clean and describe, train in a loop, register when it is good enough."""
    loaded = load_transactions(month=month, rows=rows)
    table = clean(rows=loaded.output)
    profile(rows=loaded.output)
    with dsl.ParallelFor(items=[2, 4, 8], name="depths") as depth:
        model = train(rows=table.outputs["Output"], depth=depth, seconds=seconds)
    best = choose(scores=dsl.Collected(model.outputs["Output"]))
    with dsl.If(best.output >= threshold, name="good enough"):
        register(score=best.output)
    with dsl.Else(name="not good enough"):
        report(score=best.output)


@dsl.component
def load(day: str) -> str:
    """Loads a day from the warehouse."""
    print(f"Reading the orders of {day}", flush=True)
    raise ValueError(f"The warehouse has no orders for {day}")


@dsl.component
def store(rows: str) -> str:
    """Stores what was loaded."""
    return rows


@dsl.pipeline(name="etl-nightly", description="Copies the orders of a day.")
def etl_nightly(day: str = "2026-11-20") -> None:
    """Load, then store."""
    store(rows=load(day=day).output)


@dsl.component
def greet(name: str) -> str:
    """One small step."""
    return f"Hello, {name}"


@dsl.pipeline(name="smoke-test", description="One small step, to see that all works.")
def smoke_test(name: str = "team") -> None:
    """A single task."""
    greet(name=name)


class Wanted(NamedTuple):
    name: str
    pipeline: str
    arguments: dict[str, object]
    end: str


#: Oldest first.
RUNS = [
    Wanted("smoke-test-1", "smoke-test", {}, "wait"),
    Wanted("smoke-test-2", "smoke-test", {"name": "all"}, "wait"),
    Wanted("تجربة-الكشف-عن-الاحتيال", "smoke-test", {}, "wait"),
    Wanted(
        "churn-model-with-every-feature-of-the-warehouse-and-a-very-long-name-that-says-it-all-for-the-europe-region-2026-11-19-v12",
        "smoke-test",
        {},
        "wait",
    ),
    Wanted("fraud-train-2026-11-13", "fraud-train", {"month": "2026-09"}, "wait"),
    Wanted("fraud-train-2026-11-20", "fraud-train", {}, "wait"),
    Wanted("depth-sweep", "fraud-train", {"seconds": 3600}, "terminate"),
    Wanted("etl-nightly-2026-11-20", "etl-nightly", {}, "wait"),
    Wanted("fraud-train-live", "fraud-train", {"seconds": 3600}, "leave"),
]


def main() -> None:
    url, token = sys.argv[1:]
    client = kfp.Client(host=url, existing_token=token, verify_ssl=False)
    pipelines: dict[str, tuple[str, str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for function in (smoke_test, etl_nightly, fraud_train):
            name = function.name
            file = str(Path(folder) / f"{name}.yaml")
            compiler.Compiler().compile(function, file)
            client.upload_pipeline(file, name, description=function.description)
            pipeline_id = client.get_pipeline_id(name)
            version = client.list_pipeline_versions(pipeline_id).pipeline_versions[0]
            pipelines[name] = (pipeline_id, version.pipeline_version_id)
    experiment = client.create_experiment("fraud detection").experiment_id
    ids: dict[str, str] = {}
    for wanted in RUNS:
        pipeline_id, version_id = pipelines[wanted.pipeline]
        run = client.run_pipeline(
            experiment,
            wanted.name,
            pipeline_id=pipeline_id,
            version_id=version_id,
            params=wanted.arguments,
            enable_caching=False,
        )
        ids[wanted.name] = run.run_id
        if wanted.end == "wait":
            client.wait_for_run_completion(run.run_id, timeout=300, sleep_duration=1)
        else:
            _until_training(url, token, run.run_id)
        if wanted.end == "terminate":
            client.terminate_run(run.run_id)
    # The client has written to the output as well: the last line is the answer.
    print(json.dumps(ids))


def _until_training(url: str, token: str, run_id: str) -> None:
    """Waits until two of the three models of the loop are trained."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        answer = httpx.get(
            f"{url}/apis/v2beta1/runs/{run_id}/tasks?page_size=200",
            headers={"Authorization": f"Bearer {token}"},
        )
        tasks = answer.json().get("tasks", [])
        done = [task for task in tasks if task["name"] == "train" and task["state"] == "SUCCEEDED"]
        if len(done) == 2:
            return
        time.sleep(0.5)
    raise SystemExit(f"Run {run_id} did not get to its last model within 5 minutes.")


if __name__ == "__main__":
    main()
