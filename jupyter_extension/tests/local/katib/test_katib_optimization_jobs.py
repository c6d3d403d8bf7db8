"""OptimizationJobs of Trainer: TrainJobs with variables for parameters, judged by the progress that they report."""

from __future__ import annotations

import json
from typing import Any

import pytest
from katib_support import condition, holds
from kubernetes.client.exceptions import ApiException

GROUP = ("trainer.kubeflow.org", "v1alpha1")
REPORT = """
import json, os, ssl, urllib.request
from pathlib import Path
from datetime import datetime, timezone

def report(loss):
    told = {
        "lastUpdatedTime": datetime.now(timezone.utc).isoformat(),
        "metrics": [{"name": "loss", "value": str(loss)}],
    }
    request = urllib.request.Request(
        os.environ["KUBEFLOW_TRAINER_SERVER_URL"],
        json.dumps({"trainerStatus": told}).encode(),
        {"Authorization": "Bearer " + Path(os.environ["KUBEFLOW_TRAINER_SERVER_TOKEN"]).read_text()},
    )
    context = ssl.create_default_context(cafile=os.environ["KUBEFLOW_TRAINER_SERVER_CA_CERT"])
    urllib.request.urlopen(request, context=context).close()

"""
SCRIPT = f"{REPORT}\nreport((float(os.environ['KUBEFLOW_TRAINER_OPT_X']) - 3) ** 2)"


def _body(name: str, script: str = SCRIPT, **spec: Any) -> dict[str, Any]:
    runtime = {"name": "python-distributed"}
    trainer = {"command": ["python", "-u", "-c", script], "env": [{"name": "A", "value": "1"}]}
    return {
        "apiVersion": "/".join(GROUP),
        "kind": "OptimizationJob",
        "metadata": {"name": name},
        "spec": {
            "objectives": [{"metric": "loss"}],
            "searchAlgorithm": {"grid": {}},
            "parameters": [
                {"name": "x", "searchSpace": {"categorical": {"choices": ["1", "3", "5"]}}}
            ],
            "numTrials": 3,
            "trainJobTemplate": {"spec": {"runtimeRef": runtime, "trainer": trainer}},
            **spec,
        },
    }


def _make(cluster: Any, namespace: str, body: dict[str, Any]) -> str:
    cluster.custom.create_namespaced_custom_object(*GROUP, namespace, "optimizationjobs", body)
    return str(body["metadata"]["name"])


def _ended(cluster: Any, namespace: str, name: str) -> dict[str, Any]:
    def read() -> Any:
        return cluster.custom.get_namespaced_custom_object(
            *GROUP, namespace, "optimizationjobs", name
        )

    return dict(cluster.wait_for(read, lambda it: holds(it, "Complete") or holds(it, "Failed")))


def _trials(cluster: Any, namespace: str, name: str) -> list[dict[str, Any]]:
    found = cluster.custom.list_namespaced_custom_object(
        *GROUP,
        namespace,
        "trainjobs",
        label_selector=f"trainer.kubeflow.org/optimizationjob-name={name}",
    )["items"]
    label = "trainer.kubeflow.org/optimizationjob-trial"
    return sorted(found, key=lambda each: int(each["metadata"]["labels"][label]))


def _values(train: dict[str, Any]) -> dict[str, str]:
    annotation = train["metadata"]["annotations"]["trainer.kubeflow.org/optimizationjob-parameters"]
    return dict(json.loads(annotation))


def test_a_grid_is_tried_and_its_best_is_told(cluster: Any, namespace: str) -> None:
    name = _make(cluster, namespace, _body("grid"))
    done = _ended(cluster, namespace, name)
    assert condition(done, "Created")["status"] == "True"
    assert condition(done, "Complete")["reason"] == "MaxTrialsReached"
    found = _trials(cluster, namespace, name)
    assert sorted(_values(each)["x"] for each in found) == ["1", "3", "5"]
    best = next(each for each in found if _values(each)["x"] == "3")
    assert done["status"]["result"] == {
        "trainJobName": best["metadata"]["name"],
        "parameters": [{"name": "x", "value": "3"}],
    }
    assert best["spec"]["trainer"]["env"] == [
        {"name": "A", "value": "1"},
        {"name": "KUBEFLOW_TRAINER_OPT_X", "value": "3"},
    ]
    assert "MaxTrialsReached" in cluster.reasons(namespace, name)
    cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "optimizationjobs", name)
    cluster.wait_for(lambda: _trials(cluster, namespace, name), lambda it: not it)


def test_a_seed_gives_the_same_trials(cluster: Any, namespace: str) -> None:
    def values(name: str, parallel: int) -> list[str]:
        space = {"logUniform": {"min": "0.001", "max": "1"}}
        _make(
            cluster,
            namespace,
            _body(
                name,
                parameters=[{"name": "x", "searchSpace": space}],
                searchAlgorithm={"random": {"seed": 5}},
                numTrials=4,
                parallelTrials=parallel,
                objectives=[{"metric": "loss", "direction": "Maximize"}],
            ),
        )
        done = _ended(cluster, namespace, name)
        found = [_values(each)["x"] for each in _trials(cluster, namespace, name)]
        best = min(found, key=float)
        assert done["status"]["result"]["parameters"] == [{"name": "x", "value": best}]
        return found

    assert values("one", 1) == values("two", 2)


def test_a_space_smaller_than_the_budget(cluster: Any, namespace: str) -> None:
    name = _make(cluster, namespace, _body("small", numTrials=9))
    done = _ended(cluster, namespace, name)
    assert condition(done, "Complete")["reason"] == "SearchSpaceExhausted"
    assert len(_trials(cluster, namespace, name)) == 3


@pytest.mark.parametrize(
    ("script", "reason", "said"),
    [
        ("print('loss=1')", "MetricsUnavailable", "no trial has reported 'loss'"),
        ("raise SystemExit(3)", "TrialsFailed", "all 3 trials have failed"),
    ],
)
def test_nothing_to_choose_from(
    cluster: Any, namespace: str, script: str, reason: str, said: str
) -> None:
    done = _ended(cluster, namespace, _make(cluster, namespace, _body("none", script)))
    told = condition(done, "Failed")
    assert told["reason"] == reason
    assert said in told["message"]
    assert "result" not in done["status"]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"metadata": {"name": "a" * 40}}, "metadata.name: Invalid value"),
        (
            {
                "parameters": [
                    {"name": each, "searchSpace": {"categorical": {"choices": ["1"]}}}
                    for each in ("a-b", "a_b")
                ]
            },
            'spec.parameters[1].name: Invalid value: \\"a_b\\": it would be the same variable KUBEFLOW_TRAINER_OPT_A_B as a-b',
        ),
        (
            {"trainJobTemplate": {"spec": {"runtimeRef": {"name": "absent"}}}},
            "spec.trainJobTemplate.spec: its TrainJobs would be refused",
        ),
        ({"parallelTrials": 4}, "parallelTrials cannot exceed numTrials"),
    ],
)
def test_wrong_jobs(cluster: Any, namespace: str, changed: dict[str, Any], said: str) -> None:
    body = _body("wrong", **{key: value for key, value in changed.items() if key != "metadata"})
    body["metadata"] = changed.get("metadata", body["metadata"])
    with pytest.raises(ApiException) as caught:
        _make(cluster, namespace, body)
    assert caught.value.status == 422
    assert said in caught.value.body


def test_it_survives_the_death_of_the_server(own: Any) -> None:
    name = _make(own, "test", _body("killed"))
    own.wait_for(lambda: _trials(own, "test", name), bool)
    own.kill()
    own.start()
    assert condition(_ended(own, "test", name), "Complete")["reason"] == "MaxTrialsReached"
    assert len(_trials(own, "test", name)) == 3
