"""The database: migrations, durability, and the recorder that the engine writes to."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local.engine.recorder import ArtifactRecord, TaskRecord
from jupyterlab_kubeflow.local.store.database import Database
from jupyterlab_kubeflow.local.store.models import Base, Run, Spec, Task
from jupyterlab_kubeflow.local.store.recorder import SqliteRecorder
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError


@pytest.fixture
def database(tmp_path: Path) -> Database:
    made = Database(tmp_path / "state.db")
    made.migrate()
    return made


@pytest.fixture
def recorder(database: Database) -> SqliteRecorder:
    with database.write() as session:
        spec = {"pipelineInfo": {"name": "p"}, "root": {}}
        session.add(Spec(digest="d", pipeline_spec=spec, platform_spec={"platforms": {}}))
        session.flush()
        for number, state in enumerate(("RUNNING", "SUCCEEDED", "PENDING", "CANCELING")):
            session.add(
                Run(
                    id=f"run-{number}",
                    experiment_id="e",
                    display_name="r",
                    created_at=datetime(2026, 1, 9 - number, tzinfo=timezone.utc),
                    state=state,
                    storage_state="AVAILABLE",
                    state_history=[],
                    parameters={"x": [1, {"y": None}]},
                    spec_digest="d",
                )
            )
    return SqliteRecorder(database)


def task(task_id: str = "t", **more: Any) -> TaskRecord:
    given = {
        "run_id": "run-0",
        "name": "train",
        "display_name": "Train",
        "scope_path": f"root.{task_id}",
        "type": "RUNTIME",
        "state": "RUNNING",
        **more,
    }
    return TaskRecord(task_id=task_id, **given)


def test_migrations_make_the_tables_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
    database.migrate()


def test_a_newer_database_is_refused_and_left_alone(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(KubeflowError, match=r"newer version.*Upgrade"):
        database.migrate()
    with database.read() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_safety_of_the_file(database: Database) -> None:
    with database.read() as session:
        pragmas = {
            name: session.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
    }


def test_runs_to_take_up(recorder: SqliteRecorder) -> None:
    assert [run.run_id for run in recorder.unfinished_runs()] == ["run-3", "run-2", "run-0"]
    run = recorder.run("run-0")
    assert run.parameters == {"x": [1, {"y": None}]}
    assert run.pipeline_spec == {"pipelineInfo": {"name": "p"}, "root": {}}
    assert run.platform_spec == {"platforms": {}}
    with pytest.raises(KeyError):
        recorder.run("gone")


def test_run_states(recorder: SqliteRecorder, database: Database) -> None:
    recorder.set_run_state("run-2", "RUNNING")
    recorder.set_run_state("run-2", "RUNNING")
    recorder.set_run_state("run-2", "FAILED", "the reason")
    recorder.close("run-2")
    with database.read() as session:
        row = session.get(Run, "run-2")
        assert row is not None
        assert [entry["state"] for entry in row.state_history] == ["RUNNING", "FAILED"]
        assert row.state_history[-1]["error"] == row.error == "the reason"
        assert row.finished_at is not None
        assert row.finished_at.tzinfo is not None
    recorder.set_run_state("run-3", "RUNNING")
    assert recorder.run("run-3").state == "CANCELING", "a wish to end is not lost"
    recorder.set_run_state("gone", "FAILED")
    with pytest.raises(KeyError):
        recorder.close("gone")


def test_tasks_are_replaced_as_a_whole(recorder: SqliteRecorder, database: Database) -> None:
    recorder.put_task(task("b", input_parameters={"lr": 0.1}, pid=7))
    recorder.put_task(task("a"))
    ended = task("b", state="FAILED", error_message="why", end_time=datetime.now(timezone.utc))
    recorder.put_task(ended)
    assert [one.task_id for one in recorder.tasks("run-0")] == ["b", "a"]
    assert recorder.tasks("run-0")[0] == ended
    with database.read() as session:
        row = session.query(Task).filter_by(task_id="b").one()
        assert [(one["state"], one.get("error")) for one in row.state_history] == [
            ("RUNNING", None),
            ("FAILED", "why"),
        ]
    recorder.put_task(task("c", run_id="gone"))
    with pytest.raises(KeyError):
        recorder.close("gone")


def test_many_tasks_are_recorded_in_one_transaction(
    recorder: SqliteRecorder, database: Database
) -> None:
    commits: list[object] = []
    event.listen(database.engine, "commit", commits.append)
    recorder.put_tasks([task(f"t{number}") for number in range(20)])
    recorder.close("run-0")
    assert len(commits) == 1
    assert [one.task_id for one in recorder.tasks("run-0")] == [f"t{n}" for n in range(20)]
    recorder.put_tasks([task("new"), task("other", run_id="gone")])
    with pytest.raises(KeyError):
        recorder.close("run-0")
    assert len(recorder.tasks("run-0")) == 20


def test_cache_finds_the_successes_of_a_pipeline_newest_first(recorder: SqliteRecorder) -> None:
    for name, state, digest in (
        ("old", "SUCCEEDED", "d"),
        ("new", "SUCCEEDED", "d"),
        ("failed", "FAILED", "d"),
        ("changed", "SUCCEEDED", "another"),
    ):
        recorder.put_task(task(name, state=state, cache_fingerprint="f", input_digest=digest))

    def found(fingerprint: str, pipeline: str, *without: str) -> list[str]:
        return [each.task_id for each in recorder.find_cached(fingerprint, "d", pipeline, without)]

    assert found("f", "p") == ["new", "old"]
    assert found("f", "p", "run-0") == []
    assert found("f", "another pipeline") == []
    assert found("another", "p") == []


def test_an_artifact_is_found_by_all_that_it_is(recorder: SqliteRecorder) -> None:
    for artifact_id, metadata in (
        ("a", {}),
        ("b", {"n": 1}),
        ("c", {"n": 1}),
        ("unused", {"m": 1}),
    ):
        artifact = ArtifactRecord(artifact_id, "x", "system.Model", "s3://x", metadata)
        recorder.put_artifact(artifact, "run-0")
    recorder.put_task(task("t", output_artifacts={"x": ["a", "b", "c"]}))

    def found(uri: str, type: str, metadata: dict[str, Any], *without: str) -> str | None:
        hit = recorder.find_artifact(uri, type, metadata, without)
        return hit.artifact_id if hit else None

    assert found("s3://x", "system.Model", {}) == "a"
    assert found("s3://x", "system.Model", {"n": 1}) == "c"
    assert found("s3://x", "system.Model", {"n": 1}, "run-0") is None
    assert found("s3://x", "system.Model", {"m": 1}) is None
    assert found("s3://x", "system.Dataset", {}) is None
    assert found("s3://y", "system.Model", {}) is None


def test_artifacts(recorder: SqliteRecorder) -> None:
    metrics = ArtifactRecord("a", "m", "system.Metrics", "/m", {"accuracy": 0.5})
    made = task("t", output_artifacts={"m": ["a"]})
    recorder.put_artifact(metrics, "run-0")
    recorder.put_task(made)
    first = recorder.artifact("a")
    assert first.created_at is not None
    recorder.put_artifact(replace(metrics, metadata={"accuracy": 0.7}), "run-0")
    recorder.put_task(made)
    assert recorder.artifact("a").metadata == {"accuracy": 0.7}
    assert recorder.artifact("a").created_at == first.created_at
    with pytest.raises(KeyError):
        recorder.artifact("gone")


def test_a_server_killed_between_an_artifact_and_its_task_leaves_neither(
    recorder: SqliteRecorder, database: Database
) -> None:
    recorder.put_task(task("t"))
    recorder.put_artifact(ArtifactRecord("a", "m", "system.Model", "/m"), "run-0")
    recorder.close("run-0")
    after = SqliteRecorder(database)
    with pytest.raises(KeyError):
        after.artifact("a")
    assert after.tasks("run-0")[0].output_artifacts == {}


def test_many_threads_write_at_once(recorder: SqliteRecorder) -> None:
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: recorder.put_task(task(f"t{number}")), range(100)))
    assert len(recorder.tasks("run-0")) == 100


def test_what_is_written_meanwhile_is_one_transaction(
    recorder: SqliteRecorder, database: Database
) -> None:
    commits: list[object] = []
    with database.write():
        recorder.put_task(task("first"))
        for number in range(20):
            recorder.put_task(task(f"t{number}", run_id=f"run-{number % 4}"))
        event.listen(database.engine, "commit", commits.append)
    asyncio.run(recorder.settled("run-3"))
    assert len(commits) <= 3, "the test's own, the first one's, all others'"
    with database.read() as session:
        assert session.query(Task).count() == 21


def test_a_write_that_is_refused_ends_those_of_its_run_only(
    recorder: SqliteRecorder, database: Database
) -> None:
    with database.write():
        recorder.put_task(task("before"))
        recorder.put_task(task("kept", run_id="run-1"))
        recorder.put_task(task("twin", scope_path="root.before"))
        recorder.put_task(task("after"))
        recorder.put_task(task("kept too", run_id="run-1"))
    with pytest.raises(IntegrityError):
        asyncio.run(recorder.settled("run-0"))
    with pytest.raises(IntegrityError):
        recorder.put_task(task("later"))
    asyncio.run(recorder.settled("run-1"))
    assert [one.task_id for one in recorder.tasks("run-1")] == ["kept", "kept too"]
    assert "after" not in [one.task_id for one in recorder.tasks("run-0")]
    with pytest.raises(IntegrityError):
        recorder.close("run-0")
    recorder.put_task(task("later"))
    recorder.close("run-0")
    assert "later" in [one.task_id for one in recorder.tasks("run-0")]


def test_half_a_character_is_refused_at_once(recorder: SqliteRecorder) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        recorder.put_task(task("t", error_message="\ud800"))
    with pytest.raises(ValueError, match="surrogates"):
        recorder.put_artifact(ArtifactRecord("a", "\ud800", "system.Model", "/m"), "run-0")
    recorder.put_task(task("t"))
    recorder.close("run-0")
