"""Pods run as processes: what they are given, how they end, and what is told of it. Seen by the official Python client."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from kubernetes.client.exceptions import ApiException

HELLO = "import os, sys; print('err', file=sys.stderr); print('out\\n' + os.getcwd(), os.environ['HOME'])"


def _terminated(pod: Any, index: int = 0) -> Any:
    return pod.status.container_statuses[index].state.terminated


def _condition(pod: Any, kind: str) -> Any:
    return next((each for each in pod.status.conditions or () if each.type == kind), None)


def test_a_pod_runs_in_folders_of_its_own(cluster: Any, namespace: str) -> None:
    cluster.pod(namespace, "hello", ["python", "-c", HELLO])
    pod = cluster.ended(namespace, "hello")
    assert pod.status.phase == "Succeeded"
    assert _terminated(pod).reason == "Completed"
    assert _terminated(pod).started_at <= _terminated(pod).finished_at
    assert pod.spec.node_name == "local"
    assert pod.status.pod_ip == "127.0.0.1"
    assert _condition(pod, "PodScheduled").status == "True"
    assert _condition(pod, "Ready").reason == "PodCompleted"
    said = cluster.log(namespace, "hello").splitlines()
    assert {"out", "err"} < set(said)
    work, home = (Path(each) for each in said[said.index("out") + 1].split())
    assert work != home
    assert work.is_relative_to(cluster.home)
    assert home != Path.home()
    assert {"Scheduled", "Started"} <= set(cluster.reasons(namespace, "hello"))
    cluster.core.delete_namespaced_pod("hello", namespace)
    cluster.wait_for(home.exists, lambda there: not there)


def test_variables_come_from_where_they_are_said_to(cluster: Any, namespace: str) -> None:
    cluster.core.create_namespaced_config_map(
        namespace, {"metadata": {"name": "settings"}, "data": {"rate": "0.1", "EPOCHS": "3"}}
    )
    cluster.core.create_namespaced_secret(
        namespace, {"metadata": {"name": "keys"}, "stringData": {"token": "secret-word"}}
    )
    env = [
        {"name": "PLAIN", "value": "1"},
        {"name": "BUILT", "value": "$(PLAIN)-$$(PLAIN)-$(UNKNOWN)"},
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "TEAM", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['team']"}}},
        {"name": "CPUS", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
        {"name": "RATE", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "rate"}}},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}},
    ]
    names = ["BUILT", "POD", "TEAM", "CPUS", "RATE", "TOKEN", "P_EPOCHS"]
    cluster.pod(
        namespace,
        "given",
        ["python", "-c", f"import os, sys; print([os.environ[n] for n in {names}], sys.argv[1])"],
        metadata={"labels": {"team": "vision"}},
        container={
            "env": env,
            "envFrom": [{"prefix": "P_", "configMapRef": {"name": "settings"}}],
            "args": ["pod $(POD)"],
            "resources": {"limits": {"cpu": "500m"}},
        },
    )
    cluster.ended(namespace, "given")
    said = cluster.log(namespace, "given").strip()
    assert (
        said
        == "['1-$(PLAIN)-$(UNKNOWN)', 'given', 'vision', '1', '0.1', 'secret-word', '3'] pod given"
    )


def test_what_is_not_there_is_waited_for(cluster: Any, namespace: str) -> None:
    source = {"configMapKeyRef": {"name": "later", "key": "word"}}
    cluster.pod(
        namespace,
        "waits",
        ["python", "-c", "import os; print(os.environ['WORD'])"],
        container={"env": [{"name": "WORD", "valueFrom": source}]},
    )

    def waiting(pod: Any) -> bool:
        statuses = pod.status.container_statuses
        held = statuses and statuses[0].state.waiting
        return bool(held and held.reason == "CreateContainerConfigError")

    pod = cluster.wait_for_pod(namespace, "waits", waiting)
    assert pod.status.container_statuses[0].state.waiting.message == 'configmap "later" not found'
    cluster.core.create_namespaced_config_map(
        namespace, {"metadata": {"name": "later"}, "data": {"word": "here"}}
    )
    cluster.ended(namespace, "waits")
    assert cluster.log(namespace, "waits") == "here\n"


def test_init_containers_go_first_and_share_volumes(cluster: Any, namespace: str) -> None:
    mounts = {"volumeMounts": [{"name": "data", "mountPath": "/workspace"}]}

    def container(name: str, script: str) -> dict[str, Any]:
        return {"name": name, "image": "busybox", "command": ["sh", "-c", script], **mounts}

    spec = {
        "volumes": [{"name": "data", "emptyDir": {}}],
        "initContainers": [
            container("first", "echo 1 > /workspace/steps"),
            container("second", "echo 2 >> /workspace/steps"),
        ],
        "containers": [
            container("main", "cat /workspace/steps; cat /workspaces"),
            container("other", "sleep 0.2; cat '/workspace/steps'"),
        ],
    }
    cluster.pod(namespace, "steps", [], spec=spec)
    pod = cluster.ended(namespace, "steps")
    assert [each.ready for each in pod.status.init_container_statuses] == [True, True]
    assert cluster.log(namespace, "steps", container="other") == "1\n2\n"
    said = cluster.log(namespace, "steps", container="main")
    assert said.startswith("1\n2\n")
    assert "/workspaces" in said
    assert pod.status.phase == "Failed"
    assert _condition(pod, "Initialized").status == "True"


def test_a_failed_init_container_ends_the_pod(cluster: Any, namespace: str) -> None:
    spec = {
        "initContainers": [{"name": "first", "image": "x", "command": ["sh", "-c", "exit 3"]}],
        "containers": [{"name": "main", "image": "x", "command": ["true"]}],
    }
    cluster.pod(namespace, "broken", [], spec=spec)
    pod = cluster.ended(namespace, "broken")
    assert pod.status.phase == "Failed"
    assert pod.status.init_container_statuses[0].state.terminated.exit_code == 3
    assert pod.status.container_statuses[0].state.waiting.reason == "PodInitializing"


def test_a_killed_process_says_that_memory_may_be_short(cluster: Any, namespace: str) -> None:
    cluster.pod(namespace, "killed", ["python", "-c", "import os; os.kill(os.getpid(), 9)"])
    ended = _terminated(cluster.ended(namespace, "killed"))
    assert ended.exit_code == 137
    assert "out of memory" in ended.message


def test_a_pod_ends_at_its_deadline(cluster: Any, namespace: str) -> None:
    cluster.pod(namespace, "late", ["sleep", "600"], spec={"activeDeadlineSeconds": 1})
    pod = cluster.ended(namespace, "late")
    assert (pod.status.phase, pod.status.reason) == ("Failed", "DeadlineExceeded")
    assert _terminated(pod).exit_code == 143


def test_the_users_caches_are_shared(cluster: Any, namespace: str) -> None:
    cluster.pod(namespace, "caches", ["sh", "-c", "echo $XDG_CACHE_HOME"])
    cluster.ended(namespace, "caches")
    known = os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))
    assert cluster.log(namespace, "caches").strip() == known


def test_a_program_that_is_not_there(cluster: Any, namespace: str) -> None:
    cluster.pod(namespace, "absent", ["no-such-program"])
    ended = _terminated(cluster.ended(namespace, "absent"))
    assert (ended.exit_code, ended.reason) == (128, "StartError")
    assert "'no-such-program'" in ended.message
    with pytest.raises(
        ApiException, match="has terminated with StartError, and there is no log of it"
    ):
        cluster.log(namespace, "absent")


def test_a_failed_container_is_restarted(cluster: Any, namespace: str) -> None:
    script = "echo run; test -e $HOME/seen || { touch $HOME/seen; exit 4; }"
    cluster.pod(namespace, "again", ["sh", "-c", script], spec={"restartPolicy": "OnFailure"})

    def backing_off(pod: Any) -> bool:
        held = pod.status.container_statuses and pod.status.container_statuses[0].state.waiting
        return bool(held and held.reason == "CrashLoopBackOff")

    cluster.wait_for_pod(namespace, "again", backing_off)
    pod = cluster.ended(namespace, "again")
    assert pod.status.phase == "Succeeded"
    status = pod.status.container_statuses[0]
    assert status.restart_count == 1
    assert status.last_state.terminated.exit_code == 4
    assert cluster.log(namespace, "again", previous=True) == "run\n"
    assert "BackOff" in cluster.reasons(namespace, "again")


def test_volumes_of_the_cluster_are_refused_in_words(cluster: Any, namespace: str) -> None:
    for name, volume, words in (
        ("host", {"hostPath": {"path": "/"}}, "spec.volumes[0].hostPath"),
        ("claim", {"persistentVolumeClaim": {"claimName": "none"}}, '"none" not found'),
    ):
        cluster.pod(namespace, name, ["true"], spec={"volumes": [{"name": "x", **volume}]})
        pod = cluster.wait_for_pod(namespace, name, lambda pod: _condition(pod, "PodScheduled"))
        assert _condition(pod, "PodScheduled").status == "False"
        assert words in _condition(pod, "PodScheduled").message


def test_a_claim_keeps_its_files(cluster: Any, namespace: str) -> None:
    claim = {
        "metadata": {"name": "kept"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    cluster.core.create_namespaced_persistent_volume_claim(namespace, claim)
    spec = {"volumes": [{"name": "x", "persistentVolumeClaim": {"claimName": "kept"}}]}
    mounts = {"volumeMounts": [{"name": "x", "mountPath": "/ckpt"}]}
    for name, script in (("writes", "echo state > /ckpt/last"), ("reads", "cat /ckpt/last")):
        container = {"name": "main", "image": "x", "command": ["sh", "-c", script], **mounts}
        cluster.pod(namespace, name, [], spec={**spec, "containers": [container]})
        cluster.ended(namespace, name)
        if name == "writes":
            cluster.core.delete_namespaced_pod(name, namespace)
    assert cluster.log(namespace, "reads") == "state\n"


def test_deleting_gives_time_to_save_and_ends_everything(cluster: Any, namespace: str) -> None:
    script = (
        "import os, signal, subprocess, sys, time\n"
        "child = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "def save(*_):\n"
        "    print('saved', flush=True)\n"
        "    sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, save)\n"
        "print('pid', child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    cluster.pod(
        namespace, "saves", ["python", "-c", script], metadata={"finalizers": ["test/held"]}
    )
    said = cluster.wait_for(
        lambda: _log(cluster, namespace, "saves"), lambda text: text.startswith("pid ")
    )
    pid = int(said.split()[1])
    assert psutil.pid_exists(pid)
    cluster.core.delete_namespaced_pod("saves", namespace)
    pod = cluster.ended(namespace, "saves")
    assert pod.metadata.deletion_timestamp
    assert cluster.log(namespace, "saves").splitlines()[1] == "saved"
    cluster.wait_for(lambda: psutil.pid_exists(pid), lambda there: not there)
    assert "Killing" in cluster.reasons(namespace, "saves")
    cluster.core.patch_namespaced_pod("saves", namespace, {"metadata": {"finalizers": None}})


def test_pods_wait_for_cores_in_order(cluster: Any, namespace: str, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    cores = str(os.cpu_count())
    wait = ["sh", "-c", f"while ! test -e {gate}; do sleep 0.05; done"]
    big = {"resources": {"requests": {"cpu": cores}}}
    cluster.pod(namespace, "holds", wait, container=big)
    cluster.wait_for_pod(namespace, "holds", lambda pod: pod.status.phase == "Running")
    for name in ("second", "third"):
        cluster.pod(namespace, name, ["true"], container=big)
    pod = cluster.wait_for_pod(namespace, "third", lambda pod: _condition(pod, "PodScheduled"))
    assert _condition(pod, "PodScheduled").reason == "Unschedulable"
    assert (
        f"1 pod goes first: all {cores} cores of this machine are in use"
        in _condition(pod, "PodScheduled").message
    )
    gate.touch()
    third = cluster.ended(namespace, "third")
    second = cluster.core.read_namespaced_pod("second", namespace)
    assert _terminated(second).finished_at <= _terminated(third).started_at


def test_what_the_machine_does_not_have_is_told_once(cluster: Any, namespace: str) -> None:
    asked = {"resources": {"requests": {"cpu": "6400", "memory": "9000Ti"}}}
    cluster.pod(namespace, "much", ["true"], container=asked)
    cluster.pod(namespace, "little", ["true"])
    for name in ("much", "little"):
        assert cluster.ended(namespace, name).status.phase == "Succeeded"
    events = cluster.core.list_namespaced_event(namespace).items
    (told,) = [each for each in events if each.reason == "Overcommitted"]
    assert (told.involved_object.name, told.type, told.count) == ("much", "Warning", 1)
    assert told.message.startswith(
        f"It asks for 6,400 CPU and 9,216,000.0 GiB of memory; this machine has {os.cpu_count()} CPU and "
    )
    assert told.message.endswith(" GiB of memory: it runs with what there is.")


def test_the_servers_interpreter_stands_in_for_the_image(cluster: Any, namespace: str) -> None:
    cluster.pod(namespace, "python", ["python3", "-c", "import sys; print(sys.executable)"])
    pod = cluster.ended(namespace, "python")
    assert (pod.status.phase, cluster.log(namespace, "python").strip()) == (
        "Succeeded",
        sys.executable,
    ), pod.status


def _log(cluster: Any, namespace: str, name: str) -> str:
    try:
        return str(cluster.log(namespace, name))
    except ApiException:
        return ""


def test_the_working_directory(cluster: Any, namespace: str, tmp_path: Path) -> None:
    """One of this machine or in a volume is taken; one that only the image has is replaced by one of the container's own."""
    mounts = [{"name": "data", "mountPath": "/workspace"}]
    for name, folder in (("here", str(tmp_path)), ("volume", "/workspace/a"), ("image", "/opt/x")):
        main = {"name": "main", "image": "x", "command": ["pwd"], "workingDir": folder}
        spec = {
            "volumes": [{"name": "data", "emptyDir": {}}],
            "containers": [{**main, "volumeMounts": mounts}],
        }
        cluster.pod(namespace, name, [], spec=spec)
        uid = cluster.ended(namespace, name).metadata.uid
        own = cluster.home / "pods" / uid
        expected = {
            "here": tmp_path,
            "volume": own / "volumes/data/a",
            "image": own / "containers/main/0/work",
        }
        assert cluster.log(namespace, name).strip() == str(expected[name])
