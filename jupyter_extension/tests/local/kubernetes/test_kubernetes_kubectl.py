"""kubectl, as it is."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest
import yaml
from kubernetes_objects import config, pod, trainjob

Kubectl = Callable[..., str]


def test_kinds_and_their_fields_are_told(kubectl: Kubectl) -> None:
    kinds = kubectl("api-resources", "--no-headers", "-o", "name").split()
    assert {"pods", "trainjobs.trainer.kubeflow.org", "inferenceservices.serving.kserve.io"} <= set(
        kinds
    )
    assert "runtimeRef\t<Object> -required-" in kubectl("explain", "trainjob.spec")
    assert "containers\t<[]Container> -required-" in kubectl("explain", "pod.spec")


def test_objects_are_made_applied_shown_and_deleted(
    kubectl: Kubectl, namespace: str, runtime: str
) -> None:
    space = ("-n", namespace)
    bodies = [config("one", {"a": "1"}), pod("one"), trainjob("one", trainer={"numNodes": 2})]
    text = yaml.safe_dump_all(bodies)
    assert kubectl("create", *space, "-f", "-", given=text).splitlines() == [
        "configmap/one created",
        "pod/one created",
        "trainjob.trainer.kubeflow.org/one created",
    ]
    kubectl("apply", *space, "-f", "-", given=text)
    bodies[0]["data"] = {"b": "2"}
    text = yaml.safe_dump_all(bodies)
    assert kubectl("apply", *space, "-f", "-", given=text).splitlines() == [
        "configmap/one configured",
        "pod/one unchanged",
        "trainjob.trainer.kubeflow.org/one unchanged",
    ]
    assert kubectl("get", "cm", "one", *space, "-o", "jsonpath={.data}") == '{"b":"2"}'
    kubectl("apply", "--server-side", "--force-conflicts", *space, "-f", "-", given=text)
    shown = kubectl("get", "pods", *space).split()
    assert shown[:8] == ["NAME", "READY", "STATUS", "RESTARTS", "AGE", "one", "0/1", "Pending"]
    assert "Num Nodes:  2" in kubectl("describe", "trainjob", "one", *space)
    kubectl("delete", *space, "-f", "-", given=text)
    assert kubectl("get", "cm,pods,trainjobs", *space) == ""


def test_refusals_read_as_they_do_elsewhere(kubectl: Kubectl, namespace: str, runtime: str) -> None:
    wrong = trainjob("one", trainer={"numNodes": 1, "unknown": 1})
    with pytest.raises(subprocess.CalledProcessError) as caught:
        kubectl("create", "-n", namespace, "-f", "-", given=yaml.safe_dump(wrong))
    assert 'strict decoding error: unknown field "spec.trainer.unknown"' in caught.value.stderr


def test_changes_are_watched(kubectl: Kubectl, namespace: str) -> None:
    kubectl("apply", "-n", namespace, "-f", "-", given=yaml.safe_dump(config("one")))
    lines = kubectl("get", "cm", "-n", namespace, "-w", "--request-timeout=1s").splitlines()
    assert lines[0].split() == ["NAME", "DATA", "AGE"]
    assert lines[1].split()[:2] == ["one", "0"]


def test_typed_commands_work(kubectl: Kubectl, namespace: str) -> None:
    space = ("-n", namespace)
    kubectl("create", "configmap", "made", "--from-literal=a=1", *space)
    assert kubectl("get", "cm", "made", *space, "-o", "jsonpath={.data.a}") == "1"
    kubectl("create", "job", "made", "--image=busybox", *space, "--", "sleep", "1")
    command = "jsonpath={.spec.template.spec.containers[0].command}"
    assert kubectl("get", "job", "made", *space, "-o", command) == '["sleep","1"]'
    assert kubectl("auth", "can-i", "create", "pods", *space).strip() == "yes"
    kubectl("label", "cm", "made", "a=b", *space)
    kubectl("annotate", "cm", "made", "a=b", *space)
    assert kubectl("get", "cm", "-l", "a=b", *space, "-o", "name").strip() == "configmap/made"
