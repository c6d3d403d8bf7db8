"""What is recorded of a run and its tasks: kinds, order, values, artifacts.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

# ruff: noqa: SIM115 - components are what kfp understands

from pathlib import Path

from constructs_components import add, write
from constructs_control import branches, exit_handler, loop_of_constants, nested
from constructs_tasks import settings
from engine_support import MemoryRecorder, run
from kfp import dsl
from kfp.dsl import Artifact, Dataset, Input, Metrics, Model, Output


@dsl.component
def meet(mine: str, theirs: str):
    """Leaves a file and waits for the other task's."""
    import os
    import time

    open(mine, "w").close()
    deadline = time.time() + 60
    while not os.path.exists(theirs):
        assert time.time() < deadline, "the other task does not run at the same time"
        time.sleep(0.01)


def test_default_values_and_sequence(tmp_path: Path) -> None:
    @dsl.pipeline(name="sequence")
    def pipeline(start: int = 2) -> int:
        first = add(a=start)
        return add(a=first.output, b=10).output

    result = run(pipeline, tmp_path)
    assert result.state == "SUCCEEDED", result.error
    assert result.outputs() == {"Output": 13}
    assert result.states == {
        "root": "SUCCEEDED",
        "root.add": "SUCCEEDED",
        "root.add-2": "SUCCEEDED",
    }
    task = result.tasks["root.add-2"]
    assert task.type == "RUNTIME"
    assert task.input_parameters == {"a": 3, "b": 10}
    assert task.parent_task_id == result.tasks["root"].task_id
    assert task.pod_name != result.tasks["root.add"].pod_name
    assert task.create_time <= task.start_time <= task.end_time  # type: ignore[operator]
    assert result.recorder.task_history[task.task_id] == ["PENDING", "RUNNING", "SUCCEEDED"]
    assert result.recorder.run_history[result.run_id] == ["PENDING", "RUNNING", "SUCCEEDED"]


def test_the_kinds_of_tasks(tmp_path: Path) -> None:
    types: dict[str, str] = {}
    for pipeline, parameters in (
        (nested, {}),
        (branches, {"n": 3}),
        (exit_handler, {"broken": False}),
        (loop_of_constants, {}),
    ):
        result = run(pipeline, tmp_path, parameters=parameters)
        types |= {path: task.type for path, task in result.tasks.items()}
    kinds = {
        "root": "ROOT",
        "root.middle": "DAG",
        "root.middle.inner-2.add": "RUNTIME",
        "root.condition-branches-1": "CONDITION_BRANCH",
        "root.condition-branches-1.condition-2": "CONDITION",
        "root.exit-handler-1": "EXIT_HANDLER",
        "root.for-loop-2": "LOOP",
        "root.for-loop-2.0": "DAG",
        "root.for-loop-2.1.add": "RUNTIME",
    }
    assert {path: types[path] for path in kinds} == kinds
    tasks = result.tasks
    assert tasks["root.for-loop-2"].iteration_count == 2
    for index in range(2):
        iteration = tasks[f"root.for-loop-2.{index}"]
        assert iteration.iteration_index == index
        assert iteration.parent_task_id == tasks["root.for-loop-2"].task_id


def test_a_task_goes_by_its_display_name(tmp_path: Path) -> None:
    tasks = run(settings, tmp_path).tasks
    assert (tasks["root.say"].name, tasks["root.say"].display_name) == ("say", "Say it")


def test_importing_again_makes_a_new_artifact(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")

    def imported(recorder: MemoryRecorder, reimport: bool, **metadata: str) -> str:
        @dsl.pipeline(name="importing")
        def pipeline() -> None:
            dsl.importer(
                artifact_uri=str(tmp_path / "data"),
                artifact_class=Dataset,
                reimport=reimport,
                metadata=metadata,
            )

        result = run(pipeline, tmp_path / "home", recorder)
        return result.tasks["root.importer"].output_artifacts["artifact"][0]

    recorder = MemoryRecorder()
    first = imported(recorder, reimport=True)
    assert imported(recorder, reimport=False) == first
    assert imported(recorder, reimport=False, of="another") != first
    again = imported(recorder, reimport=True)
    assert again != first
    assert imported(recorder, reimport=False) == again, "the newest"


def test_independent_tasks_run_at_the_same_time(tmp_path: Path) -> None:
    a, b = str(tmp_path / "a"), str(tmp_path / "b")

    @dsl.pipeline(name="parallel")
    def pipeline() -> None:
        meet(mine=a, theirs=b).set_caching_options(False)
        meet(mine=b, theirs=a).set_caching_options(False)

    result = run(pipeline, tmp_path / "home", max_parallel=2)
    assert result.state == "SUCCEEDED", result.error


def test_parallelism_limit_of_a_loop(tmp_path: Path) -> None:
    @dsl.component
    def alone(folder: str, n: int):
        import os
        import time

        mark = os.path.join(folder, "busy")
        os.mkdir(mark)
        time.sleep(0.05)
        os.rmdir(mark)

    @dsl.pipeline(name="limited")
    def pipeline(folder: str) -> None:
        with dsl.ParallelFor([1, 2, 3, 4], parallelism=1) as n:
            alone(folder=folder, n=n)

    result = run(pipeline, tmp_path / "home", parameters={"folder": str(tmp_path)})
    assert result.state == "SUCCEEDED", result.error


def test_artifacts_with_metadata_and_several_kinds(tmp_path: Path) -> None:
    @dsl.component
    def train(data: Input[Dataset], model: Output[Model], scores: Output[Metrics]):
        import os

        os.makedirs(model.path)
        open(os.path.join(model.path, "weights"), "w").write("w")
        model.metadata["framework"] = "none"
        scores.log_metric("accuracy", 0.5)

    @dsl.component
    def look(model: Input[Model]) -> str:
        import os

        return f"{os.listdir(model.path)} {model.metadata['framework']}"

    @dsl.pipeline(name="training")
    def pipeline() -> str:
        trained = train(data=write(text="abc").outputs["data"])
        return look(model=trained.outputs["model"]).output

    result = run(pipeline, tmp_path)
    assert result.outputs() == {"Output": "['weights'] none"}, result.error
    record = result.tasks["root.train"]
    model = result.recorder.artifacts[record.output_artifacts["model"][0]]
    scores = result.recorder.artifacts[record.output_artifacts["scores"][0]]
    assert model.uri == str(tmp_path / "artifacts" / result.run_id / record.task_id / "model")
    assert (model.type, model.metadata) == ("system.Model", {"framework": "none"})
    assert (scores.type, scores.metadata) == ("system.Metrics", {"accuracy": 0.5})
    assert record.input_artifacts["data"] == result.tasks["root.write"].output_artifacts["data"]


def test_generic_artifact_returned(tmp_path: Path) -> None:
    @dsl.component
    def elsewhere() -> Artifact:
        return Artifact(name="there", uri="s3://bucket/there", metadata={"a": 1})

    result = run(elsewhere, tmp_path)
    assert result.state == "SUCCEEDED", result.error
    record = result.tasks["root.elsewhere"]
    artifact = result.recorder.artifacts[record.output_artifacts["Output"][0]]
    assert (artifact.uri, artifact.metadata) == ("s3://bucket/there", {"a": 1})


def test_retries(tmp_path: Path) -> None:
    @dsl.component
    def third_time(folder: str) -> int:
        import os

        n = len(os.listdir(folder)) + 1
        open(os.path.join(folder, str(n)), "w").close()
        assert n >= 3, f"attempt {n}"
        return n

    @dsl.pipeline(name="retrying")
    def pipeline(folder: str, retries: int = 0) -> int:
        task = third_time(folder=folder).set_caching_options(False)
        return task.set_retry(2, backoff_duration="0s").output

    marks = tmp_path / "marks"
    marks.mkdir()
    result = run(pipeline, tmp_path, parameters={"folder": str(marks)})
    assert result.outputs() == {"Output": 3}, result.error
    task = result.tasks["root.third-time"]
    assert any("Attempt 1 of 3 failed" in m for m in result.recorder.messages[task.task_id])
