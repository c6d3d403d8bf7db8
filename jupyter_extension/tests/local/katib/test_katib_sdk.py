"""The Kubeflow SDK's ``OptimizerClient``, unmodified, against Local Kubeflow."""

from __future__ import annotations

from typing import Any

import pytest
from kubeflow.common.types import KubernetesBackendConfig
from kubeflow.optimizer import (
    GridSearch,
    Objective,
    OptimizerClient,
    RandomSearch,
    Search,
    TrainJobTemplate,
    TrialConfig,
)
from kubeflow.trainer import CustomTrainer, TrainerClient


@pytest.fixture
def config(cluster: Any, namespace: str) -> KubernetesBackendConfig:
    """By the kubeconfig, as a user would."""
    return KubernetesBackendConfig(config_file=str(cluster.status.kubeconfig), namespace=namespace)


@pytest.fixture
def client(config: KubernetesBackendConfig) -> OptimizerClient:
    """The client under test."""
    return OptimizerClient(backend_config=config)


def bowl(x: str, kind: str = "round") -> None:
    print(f"begins with {kind}", flush=True)
    for step in range(3):
        loss = (float(x) - 1) ** 2 + (0 if kind == "round" else 10) + 2 - step
        print(f"step={step} loss={loss}", flush=True)


@pytest.fixture
def template(config: KubernetesBackendConfig) -> TrainJobTemplate:
    """A training whose loss is least with x = 1."""
    runtime = TrainerClient(backend_config=config).get_runtime("python-distributed")
    return TrainJobTemplate(runtime=runtime, trainer=CustomTrainer(func=bowl))


def test_a_function_is_tuned_at_random(client: OptimizerClient, template: TrainJobTemplate) -> None:
    name = client.optimize(
        trial_template=template,
        search_space={"x": Search.uniform(0, 2), "kind": Search.choice(["round", "high"])},
        objectives=[Objective(metric="loss")],
        trial_config=TrialConfig(num_trials=4, parallel_trials=2),
        algorithm=RandomSearch(random_state=3),
    )
    seen: list[str] = []
    job = client.wait_for_job_status(
        name, polling_interval=1, callbacks=[lambda each: seen.append(each.status)]
    )
    assert job.status == seen[-1] == "Complete"
    assert [each.name for each in client.list_jobs()] == [name]
    assert job.search_space["kind"].choices == ["round", "high"]
    assert (job.trial_config.num_trials, job.algorithm) == (4, RandomSearch(random_state=3))
    assert len(job.trials) == 4
    for trial in client.get_job(name).trials:
        x, high = float(trial.parameters["x"]), trial.parameters["kind"] == "high"
        least = (x - 1) ** 2 + 10 * high
        (loss,) = trial.metrics
        assert (float(loss.min), float(loss.max)) == pytest.approx((least, least + 2))
        assert loss.latest == loss.min
        assert trial.trainjob.status == "Complete"
    best = client.get_best_results(name)
    assert best is not None
    assert (
        min(job.trials, key=lambda each: float(each.metrics[0].min)).parameters == best.parameters
    )
    said = list(client.get_job_logs(name))
    assert said[0] == f"begins with {best.parameters['kind']}"
    assert said[-1].startswith("step=2 loss=")
    other = next(each for each in job.trials if each.parameters != best.parameters)
    assert list(client.get_job_logs(name, trial_name=other.name, follow=True))[1:]
    reasons = [(each.involved_object_kind, each.reason) for each in client.get_job_events(name)]
    assert reasons.count(("Trial", "JobSucceeded")) == 4
    client.delete_job(name)
    assert client.list_jobs() == []


def test_a_grid_ends_with_its_product(client: OptimizerClient, template: TrainJobTemplate) -> None:
    name = client.optimize(
        trial_template=template,
        search_space={"x": Search.choice([0, 1]), "kind": Search.choice(["round", "high"])},
        trial_config=TrialConfig(num_trials=4),
        algorithm=GridSearch(),
    )
    job = client.wait_for_job_status(name, polling_interval=1)
    tried = sorted((each.parameters["x"], each.parameters["kind"]) for each in job.trials)
    assert tried == [("0", "high"), ("0", "round"), ("1", "high"), ("1", "round")]
    best = client.get_best_results(name)
    assert best is not None
    assert best.parameters == {"x": "1", "kind": "round"}
