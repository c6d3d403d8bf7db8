"""TrainJobs when cores are short: they wait in order, and say so. Seen by the official Python client."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from trainer_support import holds, make, pods, wait

WAITS = """
import os, pathlib, time
here = pathlib.Path(HERE)
with (here / "order").open("a") as file:
    print(NAME, file=file)
while not (here / "gate").exists():
    time.sleep(0.02)
"""
ALL = {"resourcesPerNode": {"requests": {"cpu": str(os.cpu_count())}}}


def _queue(cluster: Any, namespace: str, here: Path, names: list[str]) -> None:
    """Makes TrainJobs that each want the whole machine, one after the other, and go on once there is ``here/gate``."""
    for name in names:
        script = WAITS.replace("HERE", repr(str(here))).replace("NAME", repr(name))
        make(cluster, namespace, name, script, trainer=ALL)
        cluster.wait_for(lambda name=name: pods(cluster, namespace, name), len)


def _said(cluster: Any, namespace: str, name: str) -> str:
    """What the condition of the only pod says of its place in the queue."""
    for pod in pods(cluster, namespace, name):
        for each in pod.status.conditions or ():
            if each.type == "PodScheduled" and each.reason == "Unschedulable":
                return str(each.message)
    return ""


def _order(cluster: Any, namespace: str, here: Path, names: list[str]) -> list[str]:
    """The order in which the TrainJobs have begun, once all are over."""
    (here / "gate").touch()
    for name in names:
        wait(cluster, namespace, name, holds("Complete"))
    return (here / "order").read_text().split()


def test_they_wait_in_order_and_say_so(cluster: Any, namespace: str, tmp_path: Path) -> None:
    names = ["zero", "then", "last"]
    _queue(cluster, namespace, tmp_path, names)
    for name, words in (("then", "It is next"), ("last", "1 pod goes first")):
        said = cluster.wait_for(lambda name=name: _said(cluster, namespace, name), bool)
        assert said == f"{words}: all {os.cpu_count()} cores of this machine are in use."
        cluster.wait_for(
            lambda name=name: cluster.reasons(namespace, name),
            lambda reasons: "Queued" in reasons,
        )
        (pod,) = pods(cluster, namespace, name)
        assert "FailedScheduling" in cluster.reasons(namespace, pod.metadata.name)
    assert "Queued" not in cluster.reasons(namespace, "zero")
    assert _order(cluster, namespace, tmp_path, names) == names


def test_the_order_outlives_the_server(own: Any, tmp_path: Path) -> None:
    names = ["zero", "e", "d", "c", "b", "a"]
    _queue(own, "test", tmp_path, names)
    own.wait_for(lambda: _said(own, "test", "a"), lambda said: "4 pods go first" in said)
    own.kill()
    own.start()
    for ahead, name in enumerate(names[1:]):
        words = ("It is next", "1 pod goes first")[ahead] if ahead < 2 else f"{ahead} pods go first"
        own.wait_for(
            lambda name=name: _said(own, "test", name), lambda said, words=words: words in said
        )
    assert _order(own, "test", tmp_path, names) == names


def test_nodes_of_one_job_start_together_when_there_are_too_few_cores(
    cluster: Any, namespace: str, tmp_path: Path
) -> None:
    script = (
        "import os, pathlib, time\n"
        f"here = pathlib.Path({str(tmp_path)!r})\n"
        "(here / os.environ['JOB_COMPLETION_INDEX']).touch()\n"
        "while len(list(here.iterdir())) < 3: time.sleep(0.02)"
    )
    make(cluster, namespace, "meet", script, trainer={**ALL, "numNodes": 3})
    wait(cluster, namespace, "meet", holds("Complete"))


def test_what_this_machine_does_not_have_is_told_with_the_remedy(
    cluster: Any, namespace: str
) -> None:
    wants = {"resourcesPerNode": {"limits": {"example.com/tpu": "1"}}}
    make(cluster, namespace, "wants", "print('never')", trainer=wants)
    cluster.wait_for(
        lambda: cluster.reasons(namespace, "wants"),
        lambda reasons: "FailedScheduling" in reasons,
    )
    (said,) = (
        each.message
        for each in cluster.core.list_namespaced_event(namespace).items
        if each.involved_object.kind == "TrainJob"
    )
    assert "the pod asks for 1 example.com/tpu, and this machine has 0" in said
    assert "run it on a cluster" in said
