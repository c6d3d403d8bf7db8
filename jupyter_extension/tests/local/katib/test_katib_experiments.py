"""Experiments over HTTP, as Katib writes them."""

from __future__ import annotations

from typing import Any

from katib_support import condition, ended, experiment, get, make, trials, values
from kubeflow_katib_api import models


def test_a_grid_is_tried_and_its_best_is_told(cluster: Any, namespace: str) -> None:
    name = make(cluster, namespace, experiment("grid"))
    done = ended(cluster, namespace, name)
    found = trials(cluster, namespace, name)
    assert sorted(values(each)["x"] for each in found) == ["1", "2", "3", "4", "5"]
    models.V1beta1Experiment.from_dict(done)
    status = done["status"]
    assert [each["type"] for each in status["conditions"]] == ["Created", "Running", "Succeeded"]
    assert condition(done, "Running")["status"] == "False"
    assert condition(done, "Succeeded")["reason"] == "ExperimentMaxTrialsReached"
    assert (status["trials"], status["trialsSucceeded"]) == (5, 5)
    assert sorted(status["succeededTrialList"]) == sorted(
        each["metadata"]["name"] for each in found
    )
    best = status["currentOptimalTrial"]
    assert best["parameterAssignments"] == [{"name": "x", "value": "3"}]
    assert best["observation"]["metrics"] == [
        {"name": "loss", "min": "0", "max": "0", "latest": "0"}
    ]
    suggestion = get(cluster, namespace, name, "suggestions")
    assert suggestion["spec"]["requests"] == suggestion["status"]["suggestionCount"] == 5
    models.V1beta1Suggestion.from_dict(suggestion)
    for each in found:
        models.V1beta1Trial.from_dict(each)
        assert condition(each, "Succeeded")["message"].startswith("Trial has succeeded")
