"""The namespaces that are always there."""

from __future__ import annotations

from jupyterlab_kubeflow.local.process import NAMESPACE

LASTING = ("default", "kube-system", "kubeflow", "kubeflow-system", NAMESPACE)
"""Made at the start where they are missing, and never deleted, as ``default`` and ``kube-system`` of a cluster: clients look for them."""
