"""Each algorithm by a whole Experiment: what it proposes is run, and it learns of the results."""

from __future__ import annotations

from typing import Any

import pytest
from katib_support import condition, ended, experiment, make, trials, values

SPACE = [
    {"name": "x", "parameterType": "double", "feasibleSpace": {"min": "0", "max": "9"}},
    {"name": "y", "parameterType": "double", "feasibleSpace": {"min": "0", "max": "9"}},
]


def _experiment(name: str, algorithm: str, parameters: Any, **settings: str) -> dict[str, Any]:
    given = [{"name": key, "value": value} for key, value in settings.items()]
    body = experiment(
        name,
        "print('loss=%f' % (${trialParameters.x} + ${trialParameters.y}))",
        algorithm={"algorithmName": algorithm, "algorithmSettings": given},
        parameters=parameters,
    )
    template = body["spec"]["trialTemplate"]
    template["trialParameters"].append({"name": "y", "reference": "y"})
    return body


@pytest.mark.parametrize("name", ["tpe", "multivariate-tpe", "cmaes", "sobol"])
def test_they_find_a_way(cluster: Any, namespace: str, name: str) -> None:
    body = _experiment(name, name, SPACE, random_state="1")
    body["spec"] |= {"maxTrialCount": 6, "parallelTrialCount": 2}
    make(cluster, namespace, body)
    done = ended(cluster, namespace, name)
    assert condition(done, "Succeeded")["reason"] == "ExperimentMaxTrialsReached", done["status"]
    found = trials(cluster, namespace, name)
    assert len({tuple(values(each).values()) for each in found}) == 6
    best = min(found, key=lambda each: sum(map(float, values(each).values())))
    assert done["status"]["currentOptimalTrial"]["bestTrialName"] == best["metadata"]["name"]


def test_hyperband_gives_the_best_more(cluster: Any, namespace: str) -> None:
    budget = {"name": "y", "parameterType": "int", "feasibleSpace": {"min": "1", "max": "4"}}
    body = _experiment("band", "hyperband", [SPACE[0], budget], r_l="4", eta="2", resource_name="y")
    del body["spec"]["maxTrialCount"]
    body["spec"]["parallelTrialCount"] = 4
    make(cluster, namespace, body)
    done = ended(cluster, namespace, "band")
    assert condition(done, "Succeeded")["reason"] == "ExperimentSuggestionEndReached"
    budgets = {values(each)["y"] for each in trials(cluster, namespace, "band")}
    assert "4" in budgets
    assert len(budgets) > 1
