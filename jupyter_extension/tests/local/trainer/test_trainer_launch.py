"""The launch conventions of the runtimes with the real frameworks, where they are installed. Seen by the Kubeflow SDK's ``TrainerClient``."""

from __future__ import annotations

from typing import Any

import pytest
from kubeflow.trainer import CustomTrainer, TrainerClient
from trainer_support import OWN, create, holds, make_runtime, pods, wait


def boost(rounds: int) -> None:
    """As Trainer's own example: the first node runs the tracker, and all learn on a part of the rows each."""
    import os

    import xgboost
    from sklearn.datasets import load_breast_cancer
    from xgboost import collective
    from xgboost.tracker import RabitTracker

    rank, nodes = int(os.environ["DMLC_TASK_ID"]), int(os.environ["DMLC_NUM_WORKER"])
    address, port = os.environ["DMLC_TRACKER_URI"], int(os.environ["DMLC_TRACKER_PORT"])
    tracker = None
    if rank == 0:
        tracker = RabitTracker(host_ip="0.0.0.0", n_workers=nodes, port=port)
        tracker.start()
    with collective.CommunicatorContext(
        dmlc_tracker_uri=address, dmlc_tracker_port=port, dmlc_task_id=str(rank)
    ):
        data, target = load_breast_cancer(return_X_y=True)
        rows = xgboost.QuantileDMatrix(data[rank::nodes], label=target[rank::nodes])
        seen: dict[str, Any] = {}
        xgboost.train(
            {"objective": "binary:logistic", "eval_metric": "error", "nthread": 1},
            rows,
            num_boost_round=rounds,
            evals=[(rows, "all")],
            evals_result=seen,
            verbose_eval=False,
        )
        last = seen["all"]["error"][-1]
        print("of", collective.get_world_size(), "error", round(last, 6), last < 0.05, flush=True)
    if tracker is not None:
        tracker.wait_for()


def test_xgboost_over_two_nodes(client: TrainerClient) -> None:
    pytest.importorskip("xgboost")
    trainer = CustomTrainer(
        func=boost, func_args={"rounds": 10}, num_nodes=2, resources_per_node={"cpu": 1}
    )
    name = client.train(runtime="xgboost-distributed", trainer=trainer)
    client.wait_for_job_status(name, polling_interval=1)
    first, second = (
        next(
            each
            for each in client.get_job_logs(name, step=f"node-{index}")
            if each.startswith("of 2 error ")
        )
        for index in range(2)
    )
    assert first == second, "the error is that over the rows of all"
    assert first.endswith(" True")


def add_up() -> None:
    import torch
    from torch import distributed

    distributed.init_process_group("gloo")
    found = torch.tensor([float(distributed.get_rank())])
    distributed.all_reduce(found)
    print("sum", int(found.item()), "of", distributed.get_world_size(), flush=True)
    distributed.destroy_process_group()


def test_torchrun_over_two_nodes_with_two_processes_each(client: TrainerClient) -> None:
    pytest.importorskip("torch")
    trainer = CustomTrainer(func=add_up, num_nodes=2, resources_per_node={"cpu": 2})
    name = client.train(runtime="torch-distributed", trainer=trainer)
    client.wait_for_job_status(name, polling_interval=1)
    for index in range(2):
        said = list(client.get_job_logs(name, step=f"node-{index}"))
        assert [each for each in said if each.startswith("sum")] == ["sum 6 of 4"] * 2


PRINTS = "import os; print(*(os.environ.get('PET_' + n) for n in ('NNODES', 'NPROC_PER_NODE', 'NODE_RANK', 'MASTER_ADDR')))"


@pytest.mark.parametrize(
    ("trainer", "processes"),
    [
        ({"numProcPerNode": 3}, "3"),
        ({"resourcesPerNode": {"limits": {"cpu": "1500m"}}}, "2"),
        ({}, "1"),
    ],
)
def test_what_torchrun_is_told(
    cluster: Any, namespace: str, trainer: dict[str, Any], processes: str
) -> None:
    """Also to a container beside the node, where the runtime says so."""
    check = {"name": "check", "image": "python", "command": ["python", "-c", PRINTS]}
    pod = {
        "restartPolicy": "Never",
        "initContainers": [check],
        "containers": [{"name": "node", "image": "torch", "command": ["python", "-c", PRINTS]}],
    }
    template = {
        "metadata": {"labels": {"trainer.kubeflow.org/trainjob-ancestor-step": "trainer"}},
        "spec": {"template": {"spec": pod}},
    }
    injection = {"targets": [{"jobName": "node", "containerNames": ["check"]}]}
    spec = {
        "mlPolicy": {"numNodes": 2, "torch": {"envInjection": injection}},
        "template": {"spec": {"replicatedJobs": [{"name": "node", "template": template}]}},
    }
    make_runtime(cluster, namespace, spec, framework="own")
    create(cluster, namespace, "told", {"runtimeRef": OWN, "trainer": trainer})
    wait(cluster, namespace, "told", holds("Complete"))
    nodes = sorted(pods(cluster, namespace, "told"), key=lambda pod: str(pod.metadata.name))
    for rank, node in enumerate(nodes):
        for container in ("check", "node"):
            said = cluster.log(namespace, node.metadata.name, container=container)
            assert said.split() == ["2", processes, str(rank), "127.0.0.1"]
