"""Katib's db-manager: what runs report themselves, who may, and what clients read, by gRPC and by Katib's own SDK."""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from jupyterlab_kubeflow import katib_wire as wire
from jupyterlab_kubeflow.local.katib import defaults
from jupyterlab_kubeflow.local.katib.db_manager import DbManager, Refusal, Trials
from jupyterlab_kubeflow.local.katib.validation import check_experiment
from katib_support import ended, experiment, get, make, trials, wait

PUSH = {"collector": {"kind": "Push"}}

REPORT = """
import os, pathlib, sys, time
import grpc
from jupyterlab_kubeflow import katib_wire as wire

address = os.environ["KATIB_DB_MANAGER_SERVICE_HOST"] + ":" + os.environ["KATIB_DB_MANAGER_SERVICE_PORT"]
report = grpc.insecure_channel(address).unary_unary(
    f"/{wire.SERVICE}/{wire.REPORT}",
    request_serializer=wire.message(f"{wire.REPORT}Request").SerializeToString,
    response_deserializer=wire.message(f"{wire.REPORT}Reply").FromString,
)
def tell(metric, value, time_stamp):
    request = wire.message(f"{wire.REPORT}Request")(trial_name=os.environ["KATIB_TRIAL_NAME"])
    log = request.observation_log.metric_logs.add(time_stamp=time_stamp)
    log.metric.name, log.metric.value = metric, value
    report(request, wait_for_ready=True, timeout=60)
"""
"""The beginning of a run that reports itself."""


def call(address: str, name: str, timeout: float = 30, **fields: Any) -> Any:
    """Calls db-manager; raises ``grpc.RpcError``."""
    with grpc.insecure_channel(address) as channel:
        method = channel.unary_unary(
            f"/{wire.SERVICE}/{name}",
            request_serializer=wire.message(f"{name}Request").SerializeToString,
            response_deserializer=wire.message(f"{name}Reply").FromString,
        )
        return method(wire.message(f"{name}Request")(**fields), timeout=timeout)


def log(metric: str = "loss", value: str = "1", time: str = "2026-01-31T12:00:00Z") -> Any:
    """A log of one value."""
    entry = {"time_stamp": time, "metric": {"name": metric, "value": value}}
    return wire.message("ObservationLog")(metric_logs=[entry])


def read(address: str, trial: str, **fields: str) -> list[tuple[str, str, str]]:
    """What db-manager has of a Trial."""
    logs = call(address, wire.GET, trial_name=trial, **fields).observation_log.metric_logs
    return [(each.metric.name, each.time_stamp, each.metric.value) for each in logs]


def address_of(cluster: Any) -> str:
    """Where db-manager is, as `jupyter kubeflow local status` tells."""
    return str(cluster.status.services["katib-db-manager"].removeprefix("http://"))


@pytest.fixture
def address(cluster: Any) -> str:
    return address_of(cluster)


def pushed(name: str, script: str) -> dict[str, Any]:
    """An Experiment of one Trial that reports itself."""
    return experiment(
        name, REPORT + textwrap.dedent(script), metricsCollectorSpec=PUSH, maxTrialCount=1
    )


def test_a_run_reports_itself(cluster: Any, namespace: str, address: str) -> None:
    body = pushed(
        "push",
        """
        tell("loss", "0.5", "2026-01-31T12:00:00.25Z")
        tell("loss", "0.75", "2026-01-31T13:00:00.5+01:00")
        tell("accuracy", "0.9", "2026-01-31T12:00:01Z")
        # ${trialParameters.x}
        """,
    )
    make(cluster, namespace, body)
    ended(cluster, namespace, "push")
    (trial,) = trials(cluster, namespace, "push")
    (loss,) = trial["status"]["observation"]["metrics"]
    assert loss == {"name": "loss", "min": "0.5", "max": "0.75", "latest": "0.75"}
    name = trial["metadata"]["name"]
    first, second, third = series = [
        ("loss", "2026-01-31T12:00:00.250000Z", "0.5"),
        ("loss", "2026-01-31T12:00:00.500000Z", "0.75"),
        ("accuracy", "2026-01-31T12:00:01.000000Z", "0.9"),
    ]
    assert read(address, name) == series
    assert read(address, name, metric_name="accuracy") == [third]
    assert read(address, name, start_time="2026-01-31T12:00:00.3Z") == [second, third]
    assert read(address, name, end_time="2026-01-31T13:00:00.3+01:00") == [first]


def test_what_logs_tell_is_read_as_well(cluster: Any, namespace: str, address: str) -> None:
    make(cluster, namespace, experiment("logged", maxTrialCount=1))
    ended(cluster, namespace, "logged")
    (trial,) = trials(cluster, namespace, "logged")
    ((metric, _, value),) = read(address, trial["metadata"]["name"])
    assert (metric, value) == ("loss", trial["status"]["observation"]["metrics"][0]["latest"])
    assert read(address, "no-such-trial") == []


def test_what_is_no_report_is_refused(cluster: Any, namespace: str, address: str) -> None:
    gate = cluster.home / f"gate-{namespace}"
    body = pushed(
        "refused",
        f"""
        tell("loss", "1", "2026-01-31T12:00:00Z")
        while not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.02)
        # ${{trialParameters.x}}
        """,
    )
    make(cluster, namespace, body)
    wait(cluster, namespace, "refused", lambda it: it["status"].get("trialsRunning") == 1)
    (trial,) = trials(cluster, namespace, "refused")
    name = trial["metadata"]["name"]
    kept = [("loss", "2026-01-31T12:00:00.000000Z", "1")]
    cluster.wait_for(lambda: read(address, name), lambda found: found == kept)

    def refused(method: str, **fields: Any) -> tuple[str, str]:
        with pytest.raises(grpc.RpcError) as error:
            call(address, method, **fields)
        return error.value.code().name, error.value.details()

    code, said = refused(wire.REPORT, trial_name="no-such-trial", observation_log=log())
    assert code == "NOT_FOUND"
    assert "no-such-trial" in said
    for wrong, words in (
        (log(time="yesterday"), "'yesterday' is no time"),
        (log(time=""), "is no time"),
        (log(metric=""), "is no name of a metric"),
        (log(metric="a\nb"), "is no name of a metric"),
        (log(metric="a" * 256), "is no name of a metric"),
        (log(value="1" * 70_000), "the value of loss is too long"),
    ):
        code, said = refused(wire.REPORT, trial_name=name, observation_log=wrong)
        assert code == "INVALID_ARGUMENT"
        assert words in said
    code, said = refused(wire.GET, trial_name=name, start_time="12 o'clock")
    assert code == "INVALID_ARGUMENT"
    assert "start_time" in said
    code, said = refused(wire.DELETE, trial_name=name)
    assert code == "PERMISSION_DENIED"
    assert "delete the trial" in said
    assert read(address, name) == kept
    gate.touch()
    ended(cluster, namespace, "refused")
    code, said = refused(wire.REPORT, trial_name=name, observation_log=log())
    assert code == "FAILED_PRECONDITION"
    assert "has ended" in said
    assert read(address, name) == kept


def test_trials_of_one_name_are_not_mixed() -> None:
    found = [{"metadata": {"name": "twin", "namespace": name}, "spec": {}} for name in ("a", "b")]
    client: Any = SimpleNamespace(kind=lambda *_: None, peek=lambda _: found)
    both = Trials(client, SimpleNamespace())  # type: ignore[arg-type]
    for method, name in ((both.get, wire.GET), (both.report, wire.REPORT)):
        with pytest.raises(Refusal, match="in the namespaces a, b") as refusal:
            method(wire.message(f"{name}Request")(trial_name="twin"))
        assert refusal.value.status == "FAILED_PRECONDITION"


def test_runs_go_on_reporting_to_the_next_server(own: Any) -> None:
    gate = own.home / "gate"
    body = pushed(
        "survives",
        f"""
        tell("loss", "1", "2026-01-31T12:00:00Z")
        while not pathlib.Path({str(gate)!r}).exists(): time.sleep(0.02)
        tell("loss", "2", "2026-01-31T12:00:01Z")
        # ${{trialParameters.x}}
        """,
    )
    make(own, "test", body)
    wait(own, "test", "survives", lambda it: it["status"].get("trialsRunning") == 1)
    (trial,) = trials(own, "test", "survives")
    before, name = address_of(own), trial["metadata"]["name"]
    own.wait_for(lambda: read(before, name), lambda found: found)
    own.kill()
    gate.touch()
    own.start()
    assert address_of(own) == before
    ended(own, "test", "survives")
    assert [value for _, _, value in read(before, name)] == ["1", "2"]


PREFACE = """
import socket, sys
with socket.create_connection(("127.0.0.1", int(sys.argv[1])), 20) as connection:
    try:
        connection.sendall(b"PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n\\0\\0\\0\\4\\0\\0\\0\\0\\0")
        print(len(connection.recv(9)))
    except ConnectionError:
        print(0)
"""


@pytest.mark.skipif(
    not Path("/proc/net/tcp").exists() or os.getuid() != 0,
    reason="needs a system that tells whose a connection is, and the right to be somebody else",
)
def test_other_users_are_not_heard(address: str) -> None:
    def answered(user: int) -> str:
        command = ["/usr/bin/env", "python3", "-c", PREFACE, address.rpartition(":")[2]]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=True,
            user=user,
            cwd="/",
            env={"PATH": "/usr/local/bin:/usr/bin:/bin"},
        ).stdout.strip()

    assert answered(os.getuid()) == "9", "the head of gRPC's settings"
    assert answered(65534) == "0"


async def test_nobody_listens_where_grpc_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(wire, "find_spec", lambda name: None)
    body = experiment("push", metricsCollectorSpec=PUSH)
    defaults.fill(body)
    (cause,) = check_experiment(body, None, lambda *_: True)
    assert cause.field == "spec.metricsCollectorSpec.collector.kind"
    assert 'pip install "jupyterlab-kubeflow[katib]"' in cause.message
    client: Any = SimpleNamespace(kind=lambda *_: None)
    manager = DbManager(client, SimpleNamespace(), tmp_path)  # type: ignore[arg-type]
    await manager.start()
    assert (manager.address, manager.variables()) == ("", {})
    await manager.stop()


SDK_VARIABLE = "KUBEFLOW_TEST_KATIB_PYTHON"
"""Names an interpreter that has kubeflow-katib, which wants an older protobuf than kfp and so an environment of its own."""

SDK_REPORT = """
import os
from kubeflow import katib
from kubeflow.katib.utils import utils
utils.get_current_k8s_namespace = lambda: "NAMESPACE"
host, port = (os.environ[f"KATIB_DB_MANAGER_SERVICE_{part}"] for part in ("HOST", "PORT"))
metrics = {"loss": (${trialParameters.x} - 3) ** 2, "accuracy": 0.5}
katib.report_metrics(metrics, db_manager_address=f"{host}:{port}")
"""
"""As docs/katib.md says."""

SDK_READ = """
import json, sys
from kubeflow import katib
kubeconfig, namespace, trial, address = sys.argv[1:]
client = katib.KatibClient(config_file=kubeconfig, namespace=namespace)
logs = client.get_trial_metrics(trial, namespace, db_manager_address=address)
print(json.dumps([[each.metric.name, each.metric.value, each.time_stamp] for each in logs]))
"""


@pytest.fixture
def katib_sdk() -> Callable[..., Any]:
    """Runs a program with Katib's SDK and returns the JSON that it prints; its attribute ``python`` is the interpreter."""
    python = os.environ.get(SDK_VARIABLE)
    if not python:
        pytest.skip(f"{SDK_VARIABLE} names no interpreter with kubeflow-katib")

    def run(program: str, *arguments: str) -> Any:
        command = [python, "-c", program, *arguments]
        return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)

    run.python = python  # type: ignore[attr-defined]
    return run


SDK_MESSAGES = """
import json, sys
from kubeflow.katib import katib_api_pb2
print(json.dumps({
    name: [[each.number, each.name, each.message_type.name if each.message_type else "", each.label]
           for each in getattr(katib_api_pb2, name).DESCRIPTOR.fields]
    for name in json.loads(sys.argv[1])
}))
"""


def test_the_messages_are_katibs(katib_sdk: Any) -> None:
    ours = {
        name: [
            [
                each.number,
                each.name,
                each.message_type.name if each.message_type else "",
                each.label,
            ]
            for each in wire.message(name).DESCRIPTOR.fields
        ]
        for name in wire.MESSAGES
    }
    assert katib_sdk(SDK_MESSAGES, json.dumps([*ours])) == ours


def test_katibs_sdk_reports_and_reads(
    cluster: Any, namespace: str, address: str, katib_sdk: Any
) -> None:
    body = experiment("sdk", metricsCollectorSpec=PUSH, maxTrialCount=2)
    (container,) = body["spec"]["trialTemplate"]["trialSpec"]["spec"]["template"]["spec"][
        "containers"
    ]
    container["command"] = [katib_sdk.python, "-c", SDK_REPORT.replace("NAMESPACE", namespace)]
    make(cluster, namespace, body)
    done = ended(cluster, namespace, "sdk")
    assert done["status"]["trialsSucceeded"] == 2
    for trial in trials(cluster, namespace, "sdk"):
        x = int(trial["spec"]["parameterAssignments"][0]["value"])
        (loss,) = trial["status"]["observation"]["metrics"]
        assert loss["latest"] == str((x - 3) ** 2)
        name = trial["metadata"]["name"]
        told = katib_sdk(SDK_READ, str(cluster.status.kubeconfig), namespace, name, address)
        assert {metric: value for metric, value, _ in told} == {
            "loss": loss["latest"],
            "accuracy": "0.5",
        }
        assert get(cluster, namespace, name, "trials")["metadata"]["name"] == name
        assert all(time.endswith("Z") for _, _, time in told)
