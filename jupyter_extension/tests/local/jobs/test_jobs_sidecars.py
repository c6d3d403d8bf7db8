"""Init containers that stay beside the others (``restartPolicy: Always``), seen by the official Python client."""

from __future__ import annotations

from typing import Any

SHARED = {"volumeMounts": [{"name": "shared", "mountPath": "/shared"}]}
SERVES = """
trap 'echo asked to end; exit 0' TERM
echo ready > /shared/ready
while :; do sleep 0.05; done
"""


def _container(name: str, script: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "image": "x", "command": ["sh", "-c", script], **SHARED, **more}


def _spec(main: str, *initial: dict[str, Any]) -> dict[str, Any]:
    return {
        "volumes": [{"name": "shared", "emptyDir": {}}],
        "initContainers": list(initial),
        "containers": [_container("main", main)],
    }


def _init(pod: Any, name: str) -> Any:
    (found,) = (each for each in pod.status.init_container_statuses if each.name == name)
    return found


def test_it_serves_the_others_and_ends_after_them(cluster: Any, namespace: str) -> None:
    side = _container("side", SERVES, restartPolicy="Always")
    waits = "while ! test -e /shared/ready; do sleep 0.02; done; cat /shared/ready"
    spec = _spec(waits, side, _container("first", waits))
    cluster.pod(namespace, "served", [], spec=spec)
    pod = cluster.ended(namespace, "served")
    assert pod.status.phase == "Succeeded"
    for name in ("first", "main"):
        assert cluster.log(namespace, "served", container=name) == "ready\n"
    assert cluster.log(namespace, "served", container="side").endswith("asked to end\n")
    side_status = _init(pod, "side")
    assert (side_status.state.terminated.exit_code, side_status.restart_count) == (0, 0)
    assert side_status.state.terminated.finished_at >= (
        pod.status.container_statuses[0].state.terminated.finished_at
    )


def test_how_it_ends_says_nothing_of_the_pod(cluster: Any, namespace: str) -> None:
    side = _container("side", "while :; do sleep 0.05; done", restartPolicy="Always")
    cluster.pod(namespace, "fine", [], spec=_spec("true", side))
    pod = cluster.ended(namespace, "fine")
    assert pod.status.phase == "Succeeded"
    assert _init(pod, "side").state.terminated.exit_code == 143
    cluster.pod(namespace, "fails", [], spec=_spec("exit 3", side))
    assert cluster.ended(namespace, "fails").status.phase == "Failed"


def test_it_is_restarted_whatever_the_policy_of_the_pod(cluster: Any, namespace: str) -> None:
    script = f"test -e /shared/seen || {{ touch /shared/seen; exit 3; }}{SERVES}"
    side = _container("side", script, restartPolicy="Always")
    main = "while ! test -e /shared/ready; do sleep 0.02; done"
    cluster.pod(namespace, "again", [], spec=_spec(main, side))
    pod = cluster.ended(namespace, "again")
    assert pod.status.phase == "Succeeded"
    assert _init(pod, "side").restart_count == 1
    assert _init(pod, "side").last_state.terminated.exit_code == 3


def test_a_killed_server_finds_it_again(own: Any) -> None:
    side = _container("side", SERVES, restartPolicy="Always")
    main = "while ! test -e /shared/go; do sleep 0.02; done"
    own.pod("test", "served", [], spec=_spec(main, side))
    pod = own.wait_for_pod("test", "served", lambda pod: pod.status.phase == "Running")
    folder = own.home / "pods" / pod.metadata.uid / "volumes" / "shared"
    own.kill()
    own.start()
    (folder / "go").touch()
    pod = own.ended("test", "served")
    assert pod.status.phase == "Succeeded"
    assert _init(pod, "side").restart_count == 0
    assert _init(pod, "side").state.terminated.exit_code == 0
