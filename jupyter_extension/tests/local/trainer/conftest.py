"""What tests of TrainJobs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from cluster_fixtures import cluster, kubectl, namespace, own

if TYPE_CHECKING:
    from kubeflow.trainer import TrainerClient

__all__ = ["client", "cluster", "kubectl", "namespace", "own"]


@pytest.fixture
def client(cluster: Any, namespace: str) -> TrainerClient:
    """By the kubeconfig, as a user would."""
    from kubeflow.common.types import KubernetesBackendConfig
    from kubeflow.trainer import TrainerClient

    config = KubernetesBackendConfig(
        config_file=str(cluster.status.kubeconfig), namespace=namespace
    )
    return TrainerClient(backend_config=config)
