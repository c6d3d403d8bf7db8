"""What tests of pods and Jobs share."""

from cluster_fixtures import cluster, kubectl, namespace, own

__all__ = ["cluster", "kubectl", "namespace", "own"]
