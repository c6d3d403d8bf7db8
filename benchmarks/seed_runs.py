"""Fills a Local Kubeflow that is not running with ended runs: ``seed_runs.py COUNT``, into ``KUBEFLOW_LOCAL_HOME``.

What a user has after months of work, written as the server itself would have: runs of one spec, a minute apart, each twentieth failed in its task,
each fiftieth archived, half of them of ten versions of a pipeline, in ten experiments.
"""

from __future__ import annotations

import sys
import uuid
from datetime import datetime, timedelta, timezone

from jupyterlab_kubeflow.local.paths import Home
from jupyterlab_kubeflow.local.store.database import Database
from jupyterlab_kubeflow.local.store.models import (
    Experiment,
    Pipeline,
    PipelineVersion,
    Run,
    Spec,
    Task,
)

SPEC = {
    "pipelineInfo": {"name": "train"},
    "root": {
        "dag": {
            "tasks": {
                "train": {"taskInfo": {"name": "train"}, "componentRef": {"name": "comp-train"}}
            }
        }
    },
    "components": {"comp-train": {"executorLabel": "exec-train"}},
    "deploymentSpec": {
        "executors": {"exec-train": {"container": {"image": "python:3.11", "command": ["true"]}}}
    },
    "schemaVersion": "2.1.0",
    "sdkVersion": "kfp-2.17.0",
}


def main() -> None:
    home = Home.of(None)
    home.create()
    database = Database(home.database)
    database.migrate()
    end = datetime.now(timezone.utc)
    with database.write() as session:
        session.add(Spec(digest="seed", pipeline_spec=SPEC, platform_spec=None))
        session.add_all(
            Experiment(
                id=f"experiment-{number}",
                display_name=f"seed {number}",
                description=None,
                created_at=end,
                last_run_created_at=end,
                storage_state="AVAILABLE",
            )
            for number in range(10)
        )
        named = {"name": "train", "display_name": "train", "created_at": end, "tags": {}}
        session.add(Pipeline(id="train", **named))
        session.flush()
        session.add_all(
            PipelineVersion(
                id=f"version-{number}",
                pipeline_id="train",
                spec_digest="seed",
                **{**named, "name": f"train {number}"},
            )
            for number in range(10)
        )
        session.flush()
        for index in range(int(sys.argv[1])):
            failed = index % 20 == 0
            state = "FAILED" if failed else "SUCCEEDED"
            created = end - timedelta(minutes=index + 2)
            finished = created + timedelta(seconds=5 + index % 50)
            run_id = str(uuid.uuid4())
            session.add(
                Run(
                    id=run_id,
                    experiment_id=f"experiment-{index % 10}",
                    pipeline_id="train" if index % 2 else None,
                    pipeline_version_id=f"version-{index // 2 % 10}" if index % 2 else None,
                    display_name=f"train-{index:05d}",
                    created_at=created,
                    scheduled_at=created,
                    finished_at=finished,
                    state=state,
                    storage_state="ARCHIVED" if index % 50 == 7 else "AVAILABLE",
                    error="Task train failed: exit code 1." if failed else None,
                    state_history=[{"time": finished.isoformat(), "state": state}],
                    parameters={},
                    spec_digest="seed",
                )
            )
            if index % 1000 == 999:
                session.flush()
            if not failed:
                continue
            session.flush()
            session.add(
                Task(
                    task_id=str(uuid.uuid4()),
                    run_id=run_id,
                    name="train",
                    display_name="train",
                    scope_path="root.train",
                    type="RUNTIME",
                    state="FAILED",
                    state_history=[],
                    create_time=created,
                    start_time=created,
                    end_time=finished,
                    error_message="exit code 1",
                    input_parameters={},
                    input_artifacts={},
                    output_parameters={},
                    output_artifacts={},
                )
            )


if __name__ == "__main__":
    main()
