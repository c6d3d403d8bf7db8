"""What Trials report: where it is read, what is kept of it, and what is said where nothing comes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jupyterlab_kubeflow.local.katib.metrics import Log
from jupyterlab_kubeflow.local.katib.observations import Observations
from jupyterlab_kubeflow.local.katib.sources import kept_logs
from jupyterlab_kubeflow.local.store.database import Database
from katib_support import GROUP, condition, ended, experiment, holds, job, make, trials, wait


@pytest.fixture
def observations(cluster: Any) -> Observations:
    """What the server of the tests keeps."""
    return Observations(Database(cluster.home / "kubernetes.db"))


def _metrics(trial: dict[str, Any]) -> dict[str, tuple[str, str, str]]:
    held = trial["status"]["observation"]["metrics"]
    return {each["name"]: (each["min"], each["max"], each["latest"]) for each in held}


def _one(cluster: Any, namespace: str, body: dict[str, Any]) -> dict[str, Any]:
    """The only Trial of an Experiment, at its end."""
    body["spec"]["maxTrialCount"] = 1
    name = make(cluster, namespace, body)
    ended(cluster, namespace, name)
    (found,) = trials(cluster, namespace, name)
    return found


LOOP = "for n in range(4): print(f'epoch={n} accuracy={n / 4} loss={(n - 2) ** 2 + ${trialParameters.x}}')"


def test_the_whole_series_is_kept(cluster: Any, namespace: str, observations: Observations) -> None:
    objective = {
        "type": "minimize",
        "objectiveMetricName": "loss",
        "additionalMetricNames": ["accuracy", "absent"],
        "metricStrategies": [{"name": "accuracy", "value": "latest"}],
    }
    grid = [{"name": "x", "parameterType": "discrete", "feasibleSpace": {"list": ["7"]}}]
    trial = _one(cluster, namespace, experiment("kept", LOOP, objective=objective, parameters=grid))
    assert _metrics(trial) == {
        "loss": ("7", "11", "8"),
        "accuracy": ("0.0", "0.75", "0.75"),
        "absent": ("unavailable",) * 3,
    }
    series = observations.series(trial)
    assert [each.value for each in series if each.metric == "loss"] == ["11", "8", "7", "8"]
    assert [each.value for each in series if each.metric == "accuracy"] == [
        "0.0",
        "0.25",
        "0.5",
        "0.75",
    ]
    times = [each.time for each in series]
    assert times == sorted(times)
    assert times[0] >= trial["status"]["startTime"][:19]
    assert {each.metric for each in observations.series(trial, "loss")} == {"loss"}
    cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "experiments", "kept")
    cluster.wait_for(lambda: observations.series(trial), lambda found: not found)


def test_own_patterns_and_own_times(
    cluster: Any, namespace: str, observations: Observations
) -> None:
    script = (
        "print('2026-01-31T12:00:02Z loss: 2');"
        "print('2026-01-31T13:00:01+01:00 loss: 5');"
        "print('loss=9 ${trialParameters.x}')"
    )
    pattern = {"filter": {"metricsFormat": [r"(\w+): (\d+)"]}}
    spec = {"collector": {"kind": "StdOut"}, "source": pattern}
    trial = _one(cluster, namespace, experiment("own", script, metricsCollectorSpec=spec))
    assert _metrics(trial) == {"loss": ("2", "5", "2")}
    assert observations.series(trial) == [
        Log("2026-01-31T12:00:01.000000Z", "loss", "5"),
        Log("2026-01-31T12:00:02.000000Z", "loss", "2"),
    ]


WRITE = """
import pathlib, sys
file = pathlib.Path(sys.argv[1])
file.write_text(TEXT)
"""


def _writes(text: str, path: str) -> dict[str, Any]:
    template = job(WRITE.replace("TEXT", repr(text)))
    container = template["trialSpec"]["spec"]["template"]["spec"]["containers"][0]
    container["command"] += [path, "${trialParameters.x}"]
    return template


def test_a_file_of_lines(cluster: Any, namespace: str) -> None:
    path = "/var/log/katib/metrics.log"
    collector = {"collector": {"kind": "File"}}
    template = _writes("loss=3\nloss=1\nother=2\nloss=2", path)
    body = experiment("lines", trialTemplate=template, metricsCollectorSpec=collector)
    assert _metrics(_one(cluster, namespace, body)) == {"loss": ("1", "3", "2")}


def test_a_file_of_json(cluster: Any, namespace: str, observations: Observations) -> None:
    lines = [
        {"loss": "0.5", "timestamp": 1638422847.5, "more": 1},
        {"loss": 0.1, "timestamp": "2021-12-02T05:27:30Z"},
        {"loss": "0.25", "timestamp": "2021-12-02T05:27:29Z"},
    ]
    file = {"path": "/results/metrics.json", "format": "JSON"}
    collector = {"collector": {"kind": "File"}, "source": {"fileSystemPath": file}}
    text = "\n".join(json.dumps(each) for each in lines)
    body = experiment(
        "json", trialTemplate=_writes(text, file["path"]), metricsCollectorSpec=collector
    )
    trial = _one(cluster, namespace, body)
    assert _metrics(trial) == {"loss": ("0.25", "0.5", "0.25")}
    assert observations.series(trial) == [
        Log("2021-12-02T05:27:27.500000Z", "loss", "0.5"),
        Log("2021-12-02T05:27:29.000000Z", "loss", "0.25"),
    ]


def test_a_value_that_is_no_finite_number_is_never_the_best(cluster: Any, namespace: str) -> None:
    file = {"path": "/results/metrics.json", "format": "JSON"}
    template = _writes("TOLD", file["path"])
    told = "{1: 'nan', 2: '-inf', 3: 'low', 4: '2', 5: '1'}[${trialParameters.x}]"
    container = template["trialSpec"]["spec"]["template"]["spec"]["containers"][0]
    container["command"] = [
        each.replace("'TOLD'", f"'{{\"loss\": \"' + {told} + '\"}}'")
        for each in container["command"]
    ]
    body = experiment(
        "nan",
        trialTemplate=template,
        objective={"type": "minimize", "objectiveMetricName": "loss", "goal": 0},
        algorithm={
            "algorithmName": "grid",
            "algorithmSettings": [{"name": "random_state", "value": "7"}],
        },
        metricsCollectorSpec={"collector": {"kind": "File"}, "source": {"fileSystemPath": file}},
    )
    make(cluster, namespace, body)
    done = ended(cluster, namespace, "nan")
    assert condition(done, "Succeeded")["reason"] == "ExperimentMaxTrialsReached"
    assert done["status"]["trialsSucceeded"] == 5
    assert done["status"]["currentOptimalTrial"]["parameterAssignments"] == [
        {"name": "x", "value": "5"}
    ]


HOLD = """
import os, time
print(os.environ["KATIB_TRIAL_NAME"], ${trialParameters.x}, flush=True)
while not os.path.exists(GATE):
    time.sleep(0.02)
print("loss=5")
"""


def test_what_a_run_pushes(
    cluster: Any, namespace: str, observations: Observations, tmp_path: Any
) -> None:
    gate = tmp_path / "gate"
    body = experiment(
        "push",
        HOLD.replace("GATE", repr(str(gate))),
        maxTrialCount=1,
        metricsCollectorSpec={"collector": {"kind": "Push"}},
    )
    make(cluster, namespace, body)
    wait(cluster, namespace, "push", lambda it: it["status"].get("trialsRunning") == 1)
    (trial,) = trials(cluster, namespace, "push")
    name = trial["metadata"]["name"]
    selector = f"katib.kubeflow.org/trial={name}"

    def said() -> str:
        pods = cluster.core.list_namespaced_pod(namespace, label_selector=selector).items
        running = [each for each in pods if each.status.phase == "Running"]
        return str(cluster.log(namespace, running[0].metadata.name)) if running else ""

    assert cluster.wait_for(said, bool).split()[0] == name
    with pytest.raises(ValueError, match="give it with its zone"):
        observations.report(trial, [Log("yesterday", "loss", "1")])
    observations.report(trial, [Log("2026-01-31T12:00:00Z", "loss", "1")])
    observations.report(trial, [Log("2026-01-31T12:00:01Z", "loss", "0.5")])
    gate.touch()
    ended(cluster, namespace, "push")
    (trial,) = trials(cluster, namespace, "push")
    assert _metrics(trial) == {"loss": ("0.5", "1", "0.5")}


@pytest.mark.parametrize(
    ("collector", "said"),
    [
        ({"collector": {"kind": "StdOut"}}, "no number for 'loss' is in the log of the container main (nan and inf are none): print it as loss=0.5"),
        ({"collector": {"kind": "File"}}, "no number for 'loss' is in the file /var/log/katib/metrics.log"),
        ({"collector": {"kind": "Push"}}, "the run has not reported 'loss': print it as loss=0.5 and take StdOut, or report it by kubeflow.katib.report_metrics({'loss': 0.5}, "
            "db_manager_address=ADDRESS)"),
    ],
)  # fmt: skip
def test_a_metric_that_is_never_reported(
    cluster: Any, namespace: str, collector: dict[str, Any], said: str
) -> None:
    script = "print('gain=1 loss=nan ${trialParameters.x}')"
    body = experiment("silent", script, maxFailedTrialCount=2, metricsCollectorSpec=collector)
    make(cluster, namespace, body)
    done = ended(cluster, namespace, "silent")
    assert condition(done, "Failed")["message"] == (
        "Experiment has failed because max failed count has reached"
    )
    found = trials(cluster, namespace, "silent")
    assert done["status"]["trialMetricsUnavailable"] == len(found) == 2
    assert "currentOptimalTrial" not in done["status"]
    for each in found:
        told = condition(each, "MetricsUnavailable")
        assert told["reason"].startswith("MetricsUnavailable")
        assert f"Metrics are not available: {said}" in told["message"]
        assert not holds(each, "Running")
        assert "MetricsUnavailable" in cluster.reasons(namespace, each["metadata"]["name"])


def test_an_end_without_any_value(cluster: Any, namespace: str) -> None:
    make(
        cluster,
        namespace,
        experiment("mute", "print('gain=${trialParameters.x}')", maxTrialCount=2),
    )
    done = ended(cluster, namespace, "mute")
    assert condition(done, "Succeeded")["reason"] == "ExperimentMaxTrialsReached"
    events = cluster.core.list_namespaced_event(
        namespace, field_selector="involvedObject.name=mute,reason=MetricsUnavailable"
    ).items
    (told,) = events
    assert told.type == "Warning"
    assert told.message.startswith("No trial has reported a number for 'loss', so there is no best")


def test_values_of_an_attempt_that_failed_do_not_count(
    cluster: Any, namespace: str, observations: Observations, tmp_path: Any
) -> None:
    script = f"""
import os, sys, time
again = os.path.exists({str(tmp_path / "again")!r})
print("loss=5" if again else "loss=1", ${{trialParameters.x}}, flush=True)
open({str(tmp_path / "again")!r}, "w").close()
sys.exit(0 if again else 1)
"""
    body = experiment("again", trialTemplate=job(script, backoffLimit=1))
    body["spec"]["trialTemplate"]["retain"] = True
    trial = _one(cluster, namespace, body)
    assert _metrics(trial) == {"loss": ("5", "5", "5")}
    assert [each.value for each in observations.series(trial)] == ["5"]


def test_logs_are_kept_when_the_pod_is_gone(cluster: Any, namespace: str) -> None:
    trial = _one(cluster, namespace, experiment("logs"))
    name, uid = trial["metadata"]["name"], trial["metadata"]["uid"]
    cluster.wait_for(lambda: cluster.core.list_namespaced_pod(namespace).items, lambda it: not it)
    assert "JobDeleted" in cluster.reasons(namespace, name)
    kept = kept_logs(cluster.home)
    assert kept.text(uid).startswith("loss=")
    cluster.custom.delete_namespaced_custom_object(*GROUP, namespace, "experiments", "logs")
    cluster.wait_for(lambda: kept.files(uid), lambda files: not files)
