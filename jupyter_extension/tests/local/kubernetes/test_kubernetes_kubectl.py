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


def _refused(kubectl: Kubectl, *arguments: str, given: str | None = None) -> str:
    """What kubectl says when it fails."""
    with pytest.raises(subprocess.CalledProcessError) as caught:
        kubectl(*arguments, given=given)
    return str(caught.value.stderr)


def test_what_was_applied_by_kubectl_is_applied_on_the_server(
    kubectl: Kubectl, namespace: str
) -> None:
    space = ("-n", namespace)
    kubectl("create", "job", "one", "--image=busybox", *space)
    shown = yaml.safe_load(kubectl("get", "job", "one", *space, "-o", "yaml"))
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "two"}}
    template = shown["spec"]["template"]
    job["spec"] = {"template": {"spec": {**template["spec"], "tolerations": []}}}
    text = yaml.safe_dump_all([job, config("one", {"a": "1"})])
    kubectl("apply", *space, "-f", "-", given=text)
    for _ in range(2):
        assert kubectl("apply", "--server-side", *space, "-f", "-", given=text).splitlines() == [
            "job.batch/two serverside-applied",
            "configmap/one serverside-applied",
        ]
    kubectl("patch", "cm", "one", *space, "-p", '{"data":{"a":"2"}}')
    said = _refused(kubectl, "apply", "--server-side", *space, "-f", "-", given=text)
    assert 'conflict with "kubectl-patch" using v1: .data.a' in said
    kubectl("apply", "--server-side", "--force-conflicts", *space, "-f", "-", given=text)
    assert kubectl("diff", "--server-side", *space, "-f", "-", given=text) == ""


def test_replicas_are_set(kubectl: Kubectl, namespace: str) -> None:
    space = ("-n", namespace)
    kubectl("create", "deployment", "one", "--image=busybox", *space)
    kubectl("scale", "deployment", "one", "--replicas=3", *space)
    shown = kubectl("get", "deploy", "one", "--subresource=scale", *space).split()
    assert shown[:-1] == ["NAME", "DESIRED", "AVAILABLE", "AGE", "one", "3", "0"]


def test_what_there_is_not_is_said(kubectl: Kubectl, namespace: str) -> None:
    space = ("-n", namespace)
    unknown = {"apiVersion": "example.com/v1", "kind": "Unknown", "metadata": {"name": "a"}}
    said = _refused(kubectl, "create", *space, "-f", "-", given=yaml.safe_dump(unknown))
    assert 'no matches for kind "Unknown" in version "example.com/v1"' in said
    assert 'have a resource type "nodes"' in _refused(kubectl, "get", "nodes")
    kubectl("create", *space, "-f", "-", given=yaml.safe_dump(pod("one")))
    status = '{"status":{"phase":"Running"}}'
    kubectl("patch", "pod", "one", *space, "--subresource=status", "--type=merge", "-p", status)
    assert "Local Kubeflow has no exec" in _refused(kubectl, "exec", "one", *space, "--", "ls")
    assert "Local Kubeflow has no portforward" in _refused(
        kubectl, "port-forward", "one", "8080:80", *space
    )
    assert "cannot impersonate" in _refused(kubectl, "get", "pods", *space, "--as=bob")


def test_conditions_and_ends_are_waited_for(kubectl: Kubectl, namespace: str, runtime: str) -> None:
    space = ("-n", namespace)
    kubectl("create", *space, "-f", "-", given=yaml.safe_dump(trainjob("one")))
    condition = {
        "type": "Complete",
        "status": "True",
        "reason": "Done",
        "message": "",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    status = yaml.safe_dump({"status": {"conditions": [condition]}})
    kubectl(
        *("patch", "trainjob", "one", *space, "--subresource=status", "--type=merge", "-p", status)
    )
    kubectl("wait", "trainjob/one", *space, "--for=condition=Complete", "--timeout=30s")
    kubectl("delete", "trainjob", "one", *space, "--cascade=foreground", "--wait=false")
    kubectl("wait", "trainjob/one", *space, "--for=delete", "--timeout=30s")


def test_events_are_shown_with_their_object(kubectl: Kubectl, namespace: str) -> None:
    space = ("-n", namespace)
    kubectl("create", *space, "-f", "-", given=yaml.safe_dump(pod("one")))
    uid = kubectl("get", "pod", "one", *space, "-o", "jsonpath={.metadata.uid}")
    about = {"apiVersion": "v1", "kind": "Pod", "name": "one", "namespace": namespace, "uid": uid}
    event = {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "one.1"},
        "involvedObject": about,
        "reason": "Started",
        "message": "it began",
        "type": "Normal",
    }
    kubectl("create", *space, "-f", "-", given=yaml.safe_dump(event))
    assert "it began" in kubectl("describe", "pod", "one", *space)
    assert "it began" in kubectl("events", "--for", "pod/one", *space)
    assert kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}") == (
        "local-kubeflow"
    )
