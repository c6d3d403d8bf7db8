"""Reviews of one's own access, which have to say as well what never gets past this server to the Kubernetes API."""

from __future__ import annotations

import json
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

from .kubernetes_policy import check_attributes
from .limits import KubernetesLimits


def refused_review(content: bytes, limits: KubernetesLimits) -> dict[str, Any] | None:
    """The answer to a SelfSubjectAccessReview about what the lists refuse; None when the cluster has to say.

    ``status.reason`` is the sentence with which the request itself would be refused. What is no review is for the cluster to refuse.
    """
    try:
        review = json.loads(content)
        attributes = review["spec"]["resourceAttributes"]
        check_attributes(attributes, limits)
    except KubeflowError as error:
        return {**review, "status": {"allowed": False, "denied": True, "reason": error.message}}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return None
