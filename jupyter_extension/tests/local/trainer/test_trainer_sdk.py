"""The Kubeflow SDK's ``TrainerClient`` with its Kubernetes backend, unmodified, against Local Kubeflow."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import psutil
import pytest
from kubeflow.trainer import CustomTrainer, TrainerClient
from trainer_support import make_runtime, runtime_spec


def count(steps: int) -> None:
    import os

    for step in range(steps):
        print(f"node {os.environ['JOB_COMPLETION_INDEX']} step {step}", flush=True)


def test_runtimes(client: TrainerClient, caplog: pytest.LogCaptureFixture) -> None:
    found = {each.name: each.trainer for each in client.list_runtimes()}
    assert {"python-distributed", "torch-distributed", "xgboost-distributed"} <= set(found)
    assert found["torch-distributed"].command[-1].rstrip().endswith('torchrun "{func_file}"')
    assert not caplog.records, "the client warns of nothing"


def test_a_function_trains_on_two_nodes(client: TrainerClient) -> None:
    runtime = client.get_runtime("python-distributed")
    trainer = CustomTrainer(
        func=count, func_args={"steps": 2}, num_nodes=2, resources_per_node={"cpu": 1}
    )
    name = client.train(runtime=runtime, trainer=trainer)
    job = client.wait_for_job_status(name, polling_interval=1)
    assert job.num_nodes == 2
    assert sorted((each.name, each.status) for each in job.steps) == [
        ("node-0", "Succeeded"),
        ("node-1", "Succeeded"),
    ]
    for index in range(2):
        said = list(client.get_job_logs(name, step=f"node-{index}"))
        assert said == [f"node {index} step {step}" for step in range(2)]
    reasons = {(each.involved_object_kind, each.reason) for each in client.get_job_events(name)}
    assert {("Pod", "Scheduled"), ("Pod", "Started"), ("JobSet", "AllJobsCompleted")} <= reasons
    assert [each.name for each in client.list_jobs()] == [name]
    client.delete_job(name)
    assert client.list_jobs() == []


def hold(gate: str) -> None:
    import os
    import time

    print("begins", os.getpid(), flush=True)
    while not os.path.exists(gate):
        time.sleep(0.02)
    print("ends", flush=True)


def test_logs_are_followed(client: TrainerClient, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    runtime = client.get_runtime("python-distributed")
    name = client.train(
        runtime=runtime, trainer=CustomTrainer(func=hold, func_args={"gate": str(gate)})
    )
    client.wait_for_job_status(name, status={"Running"}, polling_interval=1)
    lines = client.get_job_logs(name, follow=True)
    assert next(lines).startswith("begins ")
    gate.touch()
    assert list(lines) == ["ends"]
    client.wait_for_job_status(name, polling_interval=1)


def test_deleting_ends_every_process(client: TrainerClient, cluster: Any, tmp_path: Path) -> None:
    gate = tmp_path / "never"
    runtime = client.get_runtime("python-distributed")
    trainer = CustomTrainer(func=hold, func_args={"gate": str(gate)}, num_nodes=3)
    name = client.train(runtime=runtime, trainer=trainer)
    client.wait_for_job_status(name, status={"Running"}, polling_interval=1)
    ids = [
        int(next(iter(client.get_job_logs(name, step=f"node-{index}"))).split()[1])
        for index in range(3)
    ]
    assert all(map(psutil.pid_exists, ids))
    client.delete_job(name)
    cluster.wait_for(
        lambda: [each for each in ids if psutil.pid_exists(each)], lambda left: not left
    )


def broken() -> None:
    import no_such_module  # noqa: F401


def test_a_failure_is_told(client: TrainerClient, cluster: Any, namespace: str) -> None:
    runtime = client.get_runtime("python-distributed")
    name = client.train(runtime=runtime, trainer=CustomTrainer(func=broken))
    job = client.wait_for_job_status(name, status={"Failed"}, polling_interval=1)
    pod = cluster.core.read_namespaced_pod(job.steps[0].pod_name, namespace)
    ended = pod.status.container_statuses[0].state.terminated
    assert ended.message.endswith("ModuleNotFoundError: No module named 'no_such_module'")


def test_a_missing_package_is_refused_with_the_remedy(client: TrainerClient) -> None:
    if importlib.util.find_spec("torch"):
        pytest.skip("torch is here")
    with pytest.raises(RuntimeError) as error:
        client.train(runtime="torch-distributed", trainer=CustomTrainer(func=count))
    assert "`pip install torch`" in str(error.value.__cause__)
    assert client.list_jobs() == []


def learn(steps: int) -> None:
    """Trains over two nodes: each on its half of the digits, which the first node averages."""
    import os
    import pickle
    import socket
    import time

    import numpy as np
    from sklearn.datasets import load_digits
    from sklearn.linear_model import SGDClassifier

    rank, nodes = int(os.environ["PET_NODE_RANK"]), int(os.environ["PET_NNODES"])
    address = (os.environ["PET_MASTER_ADDR"], int(os.environ["PET_MASTER_PORT"]))
    data, target = load_digits(return_X_y=True)
    model = SGDClassifier(random_state=rank)
    for _ in range(steps):
        model.partial_fit(data[rank::nodes] / 16, target[rank::nodes], classes=np.arange(10))
    if rank == 0:
        with socket.create_server(address) as server:
            peer, _ = server.accept()
            with peer, peer.makefile("rb") as stream:
                other = pickle.load(stream)
        model.coef_ = (model.coef_ + other) / nodes
        print("accuracy", model.score(data / 16, target) > 0.8)
        return
    while True:
        try:
            with socket.create_connection(address) as peer:
                peer.sendall(pickle.dumps(model.coef_))
            return
        except ConnectionRefusedError:
            time.sleep(0.05)


def test_nodes_meet_by_the_launch_convention_of_torch(
    client: TrainerClient, cluster: Any, namespace: str
) -> None:
    spec = runtime_spec(cluster, "torch-distributed")
    make_runtime(cluster, namespace, spec, name="meets", framework="own")
    runtime = client.get_runtime("meets")
    runtime.trainer.set_command(
        tuple(part.replace("torchrun", "python") for part in runtime.trainer.command)
    )
    trainer = CustomTrainer(func=learn, func_args={"steps": 5}, num_nodes=2)
    name = client.train(runtime=runtime, trainer=trainer)
    client.wait_for_job_status(name, polling_interval=1)
    assert list(client.get_job_logs(name)) == ["accuracy True"]
