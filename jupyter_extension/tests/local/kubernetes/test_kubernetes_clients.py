"""Clients that discover the API by themselves, or know the Trainer's kinds: the Python ``DynamicClient`` and the kubeflow SDK."""

from __future__ import annotations

from typing import Any

import kubernetes
import pytest
from jupyterlab_kubeflow.local.kubernetes.server import KubernetesServer
from kubernetes.dynamic import DynamicClient
from kubernetes.dynamic.exceptions import ConflictError, NotFoundError
from kubernetes_objects import config, pod

FRAMEWORK = {"trainer.kubeflow.org/framework": "torch"}


@pytest.fixture(scope="session")
def dynamic(api_client: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """``kubernetes.dynamic.DynamicClient``."""
    return DynamicClient(api_client, cache_file=str(tmp_path_factory.mktemp("dynamic") / "cache"))


def test_the_dynamic_client_discovers_the_kinds(dynamic: Any) -> None:
    jobs = dynamic.resources.get(api_version="trainer.kubeflow.org/v1alpha1", kind="TrainJob")
    assert (jobs.name, jobs.namespaced, "status" in jobs.subresources) == ("trainjobs", True, True)
    assert dynamic.resources.get(kind="InferenceService").group == "serving.kserve.io"
    assert dynamic.resources.get(api_version="apps/v1", kind="Deployment").subresources["scale"]


def test_the_dynamic_client_makes_applies_follows_and_deletes(dynamic: Any, namespace: str) -> None:
    configs = dynamic.resources.get(api_version="v1", kind="ConfigMap")
    made = configs.create(body=config("one", {"a": "1"}), namespace=namespace)
    configs.patch(
        name="one",
        namespace=namespace,
        body={"data": {"a": "2"}},
        content_type="application/merge-patch+json",
    )
    applied = config("one", {"a": "3"})
    with pytest.raises(ConflictError):
        dynamic.server_side_apply(
            configs, name="one", namespace=namespace, body=applied, field_manager="test"
        )
    dynamic.server_side_apply(
        configs,
        name="one",
        namespace=namespace,
        body=applied,
        field_manager="test",
        force_conflicts=True,
    )
    configs.delete(name="one", namespace=namespace)
    seen = [
        (event["type"], event["object"].data.a)
        for event in configs.watch(
            namespace=namespace, resource_version=made.metadata.resourceVersion, timeout=1
        )
    ]
    assert seen == [("MODIFIED", "2"), ("MODIFIED", "3"), ("DELETED", "3")]
    with pytest.raises(NotFoundError):
        configs.get(name="one", namespace=namespace)


@pytest.fixture
def trainer(kubernetes_server: KubernetesServer, namespace: str) -> Any:
    """The SDK's ``TrainerClient`` in the test's namespace."""
    from kubeflow.common.types import KubernetesBackendConfig
    from kubeflow.trainer import TrainerClient

    configuration = kubernetes.client.Configuration()
    kubernetes.config.load_kube_config(
        str(kubernetes_server.kubeconfig), client_configuration=configuration
    )
    return TrainerClient(
        KubernetesBackendConfig(namespace=namespace, client_configuration=configuration)
    )


def _runtime(custom: Any, namespace: str) -> None:
    labels = {"trainer.kubeflow.org/trainjob-ancestor-step": "trainer"}
    container = {"name": "node", "image": "torch", "command": ["torchrun"]}
    template = {
        "metadata": {"labels": labels},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }
    body = {
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "TrainingRuntime",
        "metadata": {"name": "own", "labels": FRAMEWORK},
        "spec": {
            "mlPolicy": {"numNodes": 2, "torch": {}},
            "template": {"spec": {"replicatedJobs": [{"name": "node", "template": template}]}},
        },
    }
    custom.create_namespaced_custom_object(
        "trainer.kubeflow.org", "v1alpha1", namespace, "trainingruntimes", body
    )


def _node(trainjob_name: str, index: int) -> dict[str, Any]:
    labels = {
        "jobset.sigs.k8s.io/jobset-name": trainjob_name,
        "jobset.sigs.k8s.io/replicatedjob-name": "node",
        "batch.kubernetes.io/job-completion-index": str(index),
    }
    body = pod(f"{trainjob_name}-node-0-{index}", labels=labels)
    body["spec"]["containers"] = [
        {"name": "node", "image": "torch", "resources": {"limits": {"cpu": "2"}}}
    ]
    return body


def test_the_sdk_reads_runtimes_and_jobs(
    trainer: Any, kubernetes_server: KubernetesServer, core: Any, custom: Any, namespace: str
) -> None:
    _runtime(custom, namespace)
    (runtime,) = [each for each in trainer.list_runtimes() if each.name == "own"]
    assert (runtime.trainer.framework, runtime.trainer.num_nodes) == ("torch", 2)
    name = trainer.train(runtime=trainer.get_runtime("own"))
    assert [each.name for each in trainer.list_jobs()] == [name]
    made = [core.create_namespaced_pod(namespace, _node(name, index)) for index in range(2)]
    job = trainer.get_job(name)
    assert (job.status, job.num_nodes) == ("Created", 2)
    assert {step.name: step.status for step in job.steps} == {
        "node-0": "Pending",
        "node-1": "Pending",
    }
    state = {"containerID": "", "image": "torch", "imageID": "", "ready": True, "restartCount": 0}
    for each in made:
        status = {"phase": "Running", "containerStatuses": [{"name": "node", **state}]}
        core.patch_namespaced_pod_status(each.metadata.name, namespace, {"status": status})
    assert trainer.get_job(name).status == "Running"
    writer = kubernetes_server.logs.writer(made[0].metadata.uid, "node")
    writer.write("one\ntwo\n")
    assert list(trainer.get_job_logs(name, follow=False)) == ["one", "two"]
    condition = {
        "type": "Complete",
        "status": "True",
        "reason": "Done",
        "message": "it ended",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    custom.patch_namespaced_custom_object_status(
        "trainer.kubeflow.org",
        "v1alpha1",
        namespace,
        "trainjobs",
        name,
        {"status": {"conditions": [condition]}},
    )
    assert trainer.wait_for_job_status(name, timeout=30, polling_interval=1).status == "Complete"
    trainer.delete_job(name)
    assert trainer.list_jobs() == []
