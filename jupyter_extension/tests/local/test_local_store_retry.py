"""The one transaction in which a run is taken up again."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from jupyterlab_kubeflow.local.engine.errors import RunStateError
from jupyterlab_kubeflow.local.engine.recorder import ArtifactRecord, TaskRecord
from jupyterlab_kubeflow.local.store.database import Database
from jupyterlab_kubeflow.local.store.models import Artifact, Run, Spec, Task
from jupyterlab_kubeflow.local.store.recorder import SqliteRecorder
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """With two runs: ``failed``, and ``other``, which uses an artifact of it."""
    made = Database(tmp_path / "state.db")
    made.migrate()
    with made.write() as session:
        session.add(Spec(digest="d", pipeline_spec={}))
        session.flush()
        for name in ("failed", "other"):
            session.add(
                Run(
                    id=name,
                    experiment_id="e",
                    display_name=name,
                    created_at=datetime(2026, 1, 1, tzinfo=timezone.utc),
                    state="PENDING",
                    storage_state="AVAILABLE",
                    state_history=[],
                    parameters={},
                    spec_digest="d",
                )
            )
    recorder = SqliteRecorder(made)
    for name in ("shared", "own"):
        recorder.put_artifact(ArtifactRecord(name, "data", "system.Dataset", f"/{name}"), "failed")
    recorder.put_task(task("kept", state="SUCCEEDED"))
    recorder.put_task(task("fail", state="RUNNING"))
    recorder.put_task(failed())
    recorder.put_task(task("user", run_id="other", input_artifacts={"data": ["shared"]}))
    for state in ("RUNNING", "FAILED"):
        recorder.set_run_state("failed", state, "no luck" if state == "FAILED" else None)
    for name in ("failed", "other"):
        recorder.close(name)
    return made


def task(name: str, **fields: Any) -> TaskRecord:
    """A task of the failed run."""
    given = {"run_id": "failed", "state": "PENDING", **fields}
    return TaskRecord(
        task_id=name,
        name=name,
        display_name=name,
        scope_path=f"root.{name}",
        type="RUNTIME",
        **given,
    )


def failed() -> TaskRecord:
    """The task that failed and left two artifacts."""
    outputs = {"data": ["shared", "own"]}
    return task("fail", state="FAILED", error_message="no luck", output_artifacts=outputs)


AGAIN = replace(failed(), state="PENDING", error_message=None, output_artifacts={}, retries=1)


def content(database: Database) -> list[dict[str, Any]]:
    """All rows of the tables that a retry touches."""
    with database.read() as session:
        return [
            {name: value for name, value in vars(row).items() if not name.startswith("_")}
            for table in (Run, Task, Artifact)
            for row in session.scalars(select(table))
        ]


def test_a_failed_run_goes_back_to_pending(database: Database) -> None:
    recorder = SqliteRecorder(database)
    assert recorder.retry_run("failed", [AGAIN]) == ["/own"]
    with database.read() as session:
        run = session.get(Run, "failed")
        assert run is not None
        assert (run.state, run.error, run.finished_at) == ("PENDING", None, None)
        states = [entry["state"] for entry in run.state_history]
        assert states == ["RUNNING", "FAILED", "PENDING"]
        assert run.state_history[1]["error"] == "no luck"
        row = session.scalar(select(Task).where(Task.task_id == "fail"))
        assert row is not None
        assert [entry["state"] for entry in row.state_history] == ["RUNNING", "FAILED", "PENDING"]
    assert [(each.task_id, each.state) for each in recorder.tasks("failed")] == [
        ("kept", "SUCCEEDED"),
        ("fail", "PENDING"),
    ]
    assert recorder.artifact("shared").uri == "/shared"
    with pytest.raises(KeyError):
        recorder.artifact("own")


def test_content_that_another_artifact_names_is_not_given_up(database: Database) -> None:
    """As one that a client has reported."""
    recorder = SqliteRecorder(database)
    recorder.put_artifact(ArtifactRecord("again", "data", "system.Dataset", "/own"), "other")
    recorder.put_task(task("reader", run_id="other", input_artifacts={"data": ["again"]}))
    recorder.close("other")
    assert recorder.retry_run("failed", [AGAIN]) == []
    with pytest.raises(KeyError):
        recorder.artifact("own")


@pytest.mark.parametrize("state", ["PENDING", "RUNNING", "CANCELING", "SUCCEEDED"])
def test_no_other_run_does(database: Database, state: Any) -> None:
    recorder = SqliteRecorder(database)
    recorder.set_run_state("other", state)
    recorder.close("other")
    before = content(database)
    with pytest.raises(RunStateError, match=f"The run is {state}"):
        recorder.retry_run("other", [])
    with pytest.raises(KeyError):
        recorder.retry_run("nobody", [])
    assert content(database) == before


def test_all_of_it_or_nothing(database: Database) -> None:
    before = content(database)
    with pytest.raises(IntegrityError):
        SqliteRecorder(database).retry_run("failed", [AGAIN, replace(AGAIN, run_id="nobody")])
    assert content(database) == before
