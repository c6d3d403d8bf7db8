"""What tests of Experiments share."""

from cluster_fixtures import cluster, kubectl, namespace, own

__all__ = ["cluster", "kubectl", "namespace", "own"]
