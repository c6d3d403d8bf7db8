"""Every public method of the unmodified ``TrainerClient`` with its Kubernetes backend, and every kind of trainer, option and initializer.

The methods are found by introspection: one that a new release brings has no use here yet, and its test fails. A use of a method is the function
in this module that bears its name.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kubeflow.trainer import (
    BuiltinTrainer,
    CustomTrainer,
    CustomTrainerContainer,
    HuggingFaceDatasetInitializer,
    Initializer,
    S3ModelInitializer,
    TorchTuneConfig,
    TrainerClient,
)
from kubeflow.trainer.options.common import Name
from kubeflow.trainer.options.kubernetes import (
    ActiveDeadlineSeconds,
    Annotations,
    ContainerPatch,
    JobSetSpecPatch,
    JobSetTemplatePatch,
    JobSpecPatch,
    JobTemplatePatch,
    Labels,
    PodSpecPatch,
    PodTemplatePatch,
    ReplicatedJobPatch,
    RuntimePatch,
    TrainerArgs,
    TrainerCommand,
    TrainingRuntimeSpecPatch,
)
from trainer_support import GROUP, make_runtime, runtime_spec

RUNTIME = "python-distributed"


def greet(name: str) -> None:
    print("hello", name)


def hold(gate: str) -> None:
    import os
    import time

    print("begins", flush=True)
    while not os.path.exists(gate):
        time.sleep(0.02)
    print("ends", flush=True)


def report() -> None:
    from kubeflow.trainer import update_trainjob_status

    sent = update_trainjob_status(
        progress_percent=40, estimated_remaining_seconds=60, metrics={"loss": 0.5, "epoch": 2}
    )
    print("sent", sent)


@dataclass
class Scene:
    """What the uses share: the client, what it talks to, and a gate that opens after the test."""

    client: TrainerClient
    cluster: Any
    namespace: str
    gate: Path

    def greets(self, **more: Any) -> str:
        """A TrainJob that has completed."""
        trainer = CustomTrainer(func=greet, func_args={"name": "you"}, **more)
        name = str(self.client.train(runtime=RUNTIME, trainer=trainer))
        self.client.wait_for_job_status(name, polling_interval=1)
        return name

    def holds(self) -> str:
        """A TrainJob that runs until the gate opens."""
        trainer = CustomTrainer(func=hold, func_args={"gate": str(self.gate)})
        name = str(self.client.train(runtime=RUNTIME, trainer=trainer))
        self.client.wait_for_job_status(name, status={"Running"}, polling_interval=1)
        return name

    def job(self, name: str) -> dict[str, Any]:
        """The TrainJob as it is stored."""
        return dict(
            self.cluster.custom.get_namespaced_custom_object(
                *GROUP, self.namespace, "trainjobs", name
            )
        )

    def refusal(self, **arguments: Any) -> str:
        """The words with which the server refuses a TrainJob."""
        with pytest.raises(RuntimeError) as error:
            self.client.train(**arguments)
        assert self.client.list_jobs() == []
        return str(error.value.__cause__)


@pytest.fixture
def scene(client: TrainerClient, cluster: Any, namespace: str, tmp_path: Path) -> Iterator[Scene]:
    made = Scene(client, cluster, namespace, tmp_path / "gate")
    yield made
    made.gate.touch()


def public() -> list[str]:
    """The names of the client's public methods."""
    found = inspect.getmembers(TrainerClient, inspect.isfunction)
    return sorted(name for name, _ in found if name[0] != "_")


@pytest.mark.parametrize("name", public())
def test_methods(scene: Scene, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    use: Callable[..., None] | None = getattr(Uses, name, None)
    assert use, f"No test uses {name} yet: add it to Uses."
    if name == "get_runtime_packages":
        use(scene, capsys)
    else:
        use(scene)


class Uses:
    """The uses of ``TrainerClient``."""

    def list_runtimes(scene: Scene) -> None:
        found = {each.name: each for each in scene.client.list_runtimes()}
        assert {RUNTIME, "torch-distributed", "xgboost-distributed"} <= set(found)
        assert {each.kind.value for each in found.values()} == {"ClusterTrainingRuntime"}

    def get_runtime(scene: Scene) -> None:
        assert scene.client.get_runtime(RUNTIME).trainer.framework == "python"
        spec = runtime_spec(scene.cluster, RUNTIME)
        spec["mlPolicy"]["numNodes"] = 2
        make_runtime(scene.cluster, scene.namespace, spec, name=RUNTIME, framework="python")
        own = scene.client.get_runtime(RUNTIME)
        assert (own.kind.value, own.trainer.num_nodes) == ("TrainingRuntime", 2)

    def get_runtime_packages(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
        scene.client.get_runtime_packages(scene.client.get_runtime(RUNTIME))
        said = capsys.readouterr().out
        assert "Python: 3." in said
        assert "kubeflow" in said
        assert scene.client.list_jobs() == []

    def train(scene: Scene) -> None:
        name = scene.greets(num_nodes=2, env={"ROLE": "test"}, resources_per_node={"cpu": 1})
        spec = scene.job(name)["spec"]
        assert spec["trainer"]["numNodes"] == 2
        for step in ("node-0", "node-1"):
            assert list(scene.client.get_job_logs(name, step=step)) == ["hello you"]

    def list_jobs(scene: Scene) -> None:
        names = {scene.greets() for _ in range(2)}
        assert {each.name for each in scene.client.list_jobs()} == names
        runtime = scene.client.get_runtime("torch-distributed")
        assert scene.client.list_jobs(runtime=runtime) == []

    def get_job(scene: Scene) -> None:
        name = scene.greets()
        job = scene.client.get_job(name)
        assert (job.name, job.status, job.num_nodes) == (name, "Complete", 1)
        (step,) = job.steps
        assert (step.name, step.status) == ("node-0", "Succeeded")

    def get_job_logs(scene: Scene) -> None:
        name = scene.holds()
        assert list(scene.client.get_job_logs(name)) == ["begins"]
        lines = scene.client.get_job_logs(name, follow=True)
        assert next(lines) == "begins"
        scene.gate.touch()
        assert list(lines) == ["ends"]

    def get_job_events(scene: Scene) -> None:
        name = scene.greets()
        found = scene.client.get_job_events(name)
        kinds = {(each.involved_object_kind, each.reason) for each in found}
        assert {("Pod", "Scheduled"), ("Pod", "Started"), ("JobSet", "AllJobsCompleted")} <= kinds
        assert [each.event_time for each in found] == sorted(each.event_time for each in found)

    def wait_for_job_status(scene: Scene) -> None:
        name = scene.holds()
        with pytest.raises(TimeoutError):
            scene.client.wait_for_job_status(name, timeout=2, polling_interval=1)
        scene.gate.touch()
        seen: list[str] = []
        job = scene.client.wait_for_job_status(
            name, polling_interval=1, callbacks=[lambda job: seen.append(job.status)]
        )
        assert (job.status, seen[-1]) == ("Complete", "Complete")

    def delete_job(scene: Scene) -> None:
        name = scene.holds()
        (step,) = scene.client.get_job(name).steps
        scene.client.delete_job(name)
        assert scene.client.list_jobs() == []
        scene.cluster.wait_for(
            lambda: scene.cluster.core.list_namespaced_pod(scene.namespace).items,
            lambda pods: not pods,
        )
        with pytest.raises(RuntimeError, match="Failed to get"):
            scene.client.get_job(name)
        assert step.pod_name.startswith(f"{name}-node-0-0-")


def test_progress_is_reported_by_the_clients_own_call(scene: Scene) -> None:
    name = scene.client.train(runtime=RUNTIME, trainer=CustomTrainer(func=report))
    scene.client.wait_for_job_status(name, polling_interval=1)
    assert list(scene.client.get_job_logs(name)) == ["sent True"]
    told = scene.job(name)["status"]["trainerStatus"]
    assert (told["progressPercentage"], told["estimatedRemainingSeconds"]) == (40, 60)
    assert {each["name"]: each["value"] for each in told["metrics"]} == {
        "loss": "0.5",
        "epoch": "2",
    }


def test_a_command_without_a_function(scene: Scene) -> None:
    options = [
        Name("by-hand"),
        Labels({"team": "vision"}),
        Annotations({"note": "by hand"}),
        TrainerCommand(["sh", "-c"]),
        TrainerArgs(["echo from $HOME"]),
        ActiveDeadlineSeconds(600),
    ]
    with pytest.raises(ValueError, match="TrainerCommand"):
        scene.client.train(
            runtime=RUNTIME,
            trainer=CustomTrainer(func=greet, func_args={"name": "you"}),
            options=options,
        )
    name = scene.client.train(runtime=RUNTIME, options=options)
    scene.client.wait_for_job_status(name, polling_interval=1)
    job = scene.job("by-hand")
    assert job["metadata"]["labels"]["team"] == "vision"
    assert job["spec"]["activeDeadlineSeconds"] == 600
    assert next(scene.client.get_job_logs(name)).startswith("from /")


def test_patches_of_the_runtime(scene: Scene) -> None:
    pod = PodSpecPatch(
        volumes=[{"name": "scratch", "emptyDir": {}}],
        containers=[
            ContainerPatch(
                name="node", volume_mounts=[{"name": "scratch", "mountPath": "/scratch"}]
            )
        ],
    )
    node = ReplicatedJobPatch(
        name="node",
        template=JobTemplatePatch(spec=JobSpecPatch(template=PodTemplatePatch(spec=pod))),
    )
    patch = RuntimePatch(
        training_runtime_spec=TrainingRuntimeSpecPatch(
            template=JobSetTemplatePatch(spec=JobSetSpecPatch(replicated_jobs=[node]))
        )
    )
    name = scene.client.train(
        runtime=RUNTIME,
        options=[
            patch,
            TrainerCommand(["sh", "-c", "echo kept > /scratch/file; cat /scratch/file"]),
        ],
    )
    scene.client.wait_for_job_status(name, polling_interval=1)
    assert list(scene.client.get_job_logs(name)) == ["kept"]


def test_packages_are_installed_for_the_function(scene: Scene) -> None:
    """Those that are there already cost nothing, and need no index."""
    trainer = CustomTrainer(
        func=greet, func_args={"name": "you"}, packages_to_install=["numpy", "kubeflow"]
    )
    name = scene.client.train(runtime=RUNTIME, trainer=trainer)
    scene.client.wait_for_job_status(name, polling_interval=1)
    assert list(scene.client.get_job_logs(name))[-1] == "hello you"


def test_a_container_that_is_an_image_only_says_what_to_do(scene: Scene) -> None:
    trainer = CustomTrainerContainer(image="ghcr.io/example/training:1", num_nodes=1)
    name = scene.client.train(runtime=RUNTIME, trainer=trainer)
    until = time.monotonic() + 60
    said: list[str] = []
    while not said:
        assert time.monotonic() < until
        events = scene.client.get_job_events(name)
        said = [each.message for each in events if "runs no images" in each.message]
    assert "give the container a command that this machine has" in said[0]
    assert scene.client.get_job(name).steps[0].status == "Pending"


def test_fine_tuning_by_torchtune_is_refused_with_the_remedy(scene: Scene) -> None:
    spec = runtime_spec(scene.cluster, "torch-distributed")
    (job,) = spec["template"]["spec"]["replicatedJobs"]
    (node,) = job["template"]["spec"]["template"]["spec"]["containers"]
    node["command"] = ["tune", "run"]
    make_runtime(scene.cluster, scene.namespace, spec, name="torchtune", framework="torchtune")
    trainer = BuiltinTrainer(config=TorchTuneConfig(epochs=1))
    said = scene.refusal(runtime=scene.client.get_runtime("torchtune"), trainer=trainer)
    assert "`pip install torchtune`" in said


@pytest.mark.parametrize(
    ("initializer", "words"),
    [
        (
            Initializer(dataset=HuggingFaceDatasetInitializer(storage_uri="hf://a/b")),
            "spec.initializer.dataset.storageUri: Local Kubeflow takes file:///PATH only",
        ),
        (
            Initializer(model=S3ModelInitializer(storage_uri="s3://a/b")),
            "spec.initializer.model.storageUri: Local Kubeflow takes file:///PATH only",
        ),
    ],
)
def test_initializers_from_elsewhere_are_refused_in_words(
    scene: Scene, initializer: Initializer, words: str
) -> None:
    trainer = CustomTrainer(func=greet, func_args={"name": "you"})
    said = scene.refusal(runtime=RUNTIME, trainer=trainer, initializer=initializer)
    assert words in said.replace("\\", "")


def read() -> None:
    from pathlib import Path

    print(Path("/workspace/dataset/rows.csv").read_text())


def test_data_from_a_path_of_this_machine(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("1,2")
    data = HuggingFaceDatasetInitializer(storage_uri=f"file://{tmp_path}")
    name = scene.client.train(
        runtime=RUNTIME, trainer=CustomTrainer(func=read), initializer=Initializer(dataset=data)
    )
    job = scene.client.wait_for_job_status(name, polling_interval=1)
    assert {each.name: each.status for each in job.steps} == {
        "dataset-initializer": "Succeeded",
        "node-0": "Succeeded",
    }
    (said,) = scene.client.get_job_logs(name, step="dataset-initializer")
    assert said == f"file://{tmp_path} is dataset"
    assert list(scene.client.get_job_logs(name)) == ["1,2"]
