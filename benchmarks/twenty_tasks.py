"""A pipeline of 20 trivial tasks: seconds from submit to end on Local Kubeflow or on stock ``kfp.local``.

Usage: ``twenty_tasks.py local | stock | stock-venv``; prints one JSON line ``{"seconds": s, "tasks": n}``. The clock starts when the run is submitted (for
``kfp.local``: when the pipeline function is called) and ends when its end is told to the caller. Imports and server start are outside.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from kfp import dsl, local

TASKS = 20


@dsl.component
def add(a: int, b: int) -> int:
    return a + b


@dsl.pipeline(name="twenty-tasks")
def twenty_tasks() -> None:
    for index in range(TASKS):
        add(a=index, b=1).set_caching_options(False)


def on_local_kubeflow() -> float:
    import kfp

    client = kfp.Client(host=os.environ["KFP_HOST"], existing_token=os.environ["KFP_TOKEN"])
    start = time.perf_counter()
    run = client.create_run_from_pipeline_func(
        twenty_tasks, arguments={}, experiment_name="benchmarks", enable_caching=False
    )
    result = client.wait_for_run_completion(run.run_id, timeout=600, sleep_duration=0.05)
    seconds = time.perf_counter() - start
    if result.state != "SUCCEEDED":
        raise SystemExit(f"the run ended as {result.state}")
    return seconds


def on_stock_kfp_local(use_venv: bool) -> float:
    with tempfile.TemporaryDirectory() as folder:
        local.init(
            runner=local.SubprocessRunner(use_venv=use_venv),
            pipeline_root=str(Path(folder) / "outputs"),
            workspace_root=str(Path(folder) / "workspace"),
        )
        start = time.perf_counter()
        twenty_tasks()
        return time.perf_counter() - start


def main() -> None:
    which = sys.argv[1]
    seconds = on_local_kubeflow() if which == "local" else on_stock_kfp_local(which == "stock-venv")
    print(json.dumps({"seconds": seconds, "tasks": TASKS}))


if __name__ == "__main__":
    main()
