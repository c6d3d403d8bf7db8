"""Which commands run in their image, what is said where there is no container runtime, and the words that a runtime is called with.

No runtime is needed: where one is asked, a script stands in for its command line.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from engine_support import run
from jupyterlab_kubeflow.local.engine import container_run, containers, preparation
from jupyterlab_kubeflow.local.engine.container_run import Limits, Mount, User
from jupyterlab_kubeflow.local.engine.containers import Containers, Image, Runtime, qualified
from jupyterlab_kubeflow.local.engine.errors import EngineError
from kfp.dsl import component_factory
from package_index import pipeline

ENTRY_POINT = {"image": "acme:1", "args": ["x"]}
IN_IMAGE = {
    "image": "acme:1",
    "command": component_factory.CONTAINERIZED_PYTHON_COMPONENT_COMMAND,
    "args": ["--executor_input", "{{$}}", "--function_to_execute", "train"],
}
INSTALLED = [
    "sh",
    "-c",
    component_factory._get_packages_to_install_command(packages_to_install=["kfp>=2"])[2],
]
IN_IMAGE_AFTER_PRELUDE = {
    **IN_IMAGE,
    "command": [*INSTALLED, *component_factory.CONTAINERIZED_PYTHON_COMPONENT_COMMAND],
}
MISSING = {"image": "acme:1", "command": ["acme-tool"], "args": ["x"]}
SYSTEM = {"image": "acme:1", "command": ["sh", "-c", "apt-get install -y jq"]}
HERE = {"image": "acme:1", "command": ["sh", "-c", 'echo 1 > "$0"']}

WHY = [
    (ENTRY_POINT, "The component runs the entry point of its image."),
    (IN_IMAGE, "The component's code is in its image (target_image)."),
    (IN_IMAGE_AFTER_PRELUDE, "The component's code is in its image (target_image)."),
    (MISSING, "The component runs 'acme-tool', and this machine has no such command."),
    (SYSTEM, "The component installs packages with 'apt-get', which would change this machine."),
]


def stand_in(folder: Path, name: str, script: str) -> None:
    """A command in ``folder``."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder where commands are looked for; there is a shell in it, and no container runtime."""
    folder = tmp_path / "bin"
    stand_in(folder, "sh", 'exec /bin/sh "$@"')
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv(preparation.VARIABLE, "auto")
    return folder


@pytest.mark.parametrize(("container", "why"), WHY)
def test_without_a_runtime_the_refusal_names_image_reason_and_remedy(
    tmp_path: Path, path: Path, container: dict[str, Any], why: str
) -> None:
    result = run(pipeline(container), tmp_path / "home")
    assert result.state == "FAILED"
    assert result.error == (
        f"use: {why} The image 'acme:1' cannot be run, because neither Docker nor Podman is installed. "
        "Install Docker or Podman, give the component a command that this machine has, or run the pipeline on a cluster."
    )


@pytest.mark.parametrize(("container", "why"), WHY)
def test_images_can_be_switched_off(
    tmp_path: Path,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    container: dict[str, Any],
    why: str,
) -> None:
    called = tmp_path / "called"
    stand_in(path, "docker", f"touch {called}")
    monkeypatch.setenv(preparation.VARIABLE, "never")
    result = run(pipeline(container), tmp_path / "home")
    assert str(result.error).startswith(
        f"use: {why} The image 'acme:1' cannot be run, because KUBEFLOW_LOCAL_CONTAINERS is never."
    )
    assert not called.exists()


def test_a_runtime_that_does_not_answer_is_named(tmp_path: Path, path: Path) -> None:
    stand_in(path, "docker", "echo 'Cannot connect to the Docker daemon.' >&2; exit 1")
    stand_in(path, "podman", "echo '{}'")
    result = run(pipeline(ENTRY_POINT), tmp_path / "home")
    assert (
        "because docker is installed but does not work (Cannot connect to the Docker daemon.) "
        "and podman is installed but does not work (it said nothing)."
    ) in str(result.error)


def test_a_task_can_ask_for_its_image(tmp_path: Path, path: Path) -> None:
    env = [{"name": preparation.VARIABLE, "value": "always"}]
    result = run(pipeline({**HERE, "env": env}), tmp_path / "home")
    assert str(result.error) == (
        "use: KUBEFLOW_LOCAL_CONTAINERS=always asks for the image. The image 'acme:1' cannot be run, because neither Docker nor Podman is "
        "installed. Install Docker or Podman, unset KUBEFLOW_LOCAL_CONTAINERS, or run the pipeline on a cluster."
    )
    assert run(pipeline(HERE), tmp_path / "home").state == "SUCCEEDED"


def test_a_rule_that_is_none_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(preparation.VARIABLE, "yes")
    result = run(pipeline(HERE), tmp_path)
    assert "KUBEFLOW_LOCAL_CONTAINERS is 'yes'; it must be one of auto, always, never." in str(
        result.error
    )


@pytest.mark.parametrize(
    ("rule", "image_only", "expected"),
    [
        ("auto", None, False),
        ("auto", "why", True),
        ("always", None, True),
        ("always", "why", True),
        ("never", None, False),
        ("never", "why", False),
    ],
)
def test_the_rule(rule: str, image_only: str | None, expected: bool) -> None:
    assert preparation.wants_image(rule, image_only) is expected


def test_the_runtime_is_looked_for_once_a_minute(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = tmp_path / "calls"
    stand_in(path, "podman", f"echo x >> {calls}; echo '{json.dumps(PODMAN)}'")

    async def scenario() -> None:
        looked = Containers()
        found = await asyncio.gather(looked.runtime(), looked.runtime())
        assert found[0] is found[1]
        assert calls.read_text() == "x\n"
        monkeypatch.setattr(containers, "LOOK_AGAIN", 0.0)
        (path / "podman").unlink()
        assert await looked.runtime() == "neither Docker nor Podman is installed"

    asyncio.run(scenario())


PODMAN: dict[str, Any] = {
    "host": {
        "cpus": 4,
        "cgroupControllers": ["cpu", "memory", "pids"],
        "security": {"rootless": True, "selinuxEnabled": True},
    }
}
DOCKER: dict[str, Any] = {
    "ServerVersion": "27.0",
    "NCPU": 8,
    "CpuCfsQuota": True,
    "MemoryLimit": False,
    "SecurityOptions": ["name=seccomp,profile=builtin", "name=rootless"],
}


@pytest.mark.parametrize(
    ("name", "info", "expected"),
    [
        (
            "podman", PODMAN,
            {"kind": "podman", "rootless": True, "selinux": True, "limits": {"cpu", "memory"}, "cpus": 4},
        ),
        # A docker command that is Podman's.
        ("docker", PODMAN, {"kind": "podman"}),
        (
            "docker", DOCKER,
            {"kind": "docker", "rootless": True, "selinux": False, "limits": {"cpu"}, "cpus": 8},
        ),
    ],
)  # fmt: skip
def test_what_a_runtime_says_of_itself(
    path: Path, name: str, info: dict[str, Any], expected: dict[str, Any]
) -> None:
    stand_in(path, name, f"echo '{json.dumps(info)}'")
    found = asyncio.run(containers.find())
    assert isinstance(found, Runtime)
    assert found.program == str(path / name)
    assert {key: getattr(found, key) for key in expected} == expected


DOCKER_RUN = Runtime("/bin/docker", "docker", cpus=4)
PODMAN_RUN = Runtime("/bin/podman", "podman", rootless=True, cpus=4)
USER = User(1000, 100, Path("/runs/work"))


def argv(
    runtime: Runtime = DOCKER_RUN,
    image: Image = Image("docker.io/acme:1"),  # noqa: B008
    command: tuple[str, ...] = (),
    args: tuple[str, ...] = (),
    user: User = USER,
    **more: Any,
) -> list[str]:
    return container_run.arguments(
        runtime,
        image,
        "4711",
        command,
        args,
        more.get("env", {}),
        more.get("mounts", ()),
        more.get("limits", Limits()),
        user,
    )


def after(words: list[str], option: str) -> list[str]:
    """The values of an option."""
    end = words.index("--")
    return [words[i + 1] for i in range(end) if words[i] == option]


def test_the_container_is_named_by_its_task_and_removed_by_that_name() -> None:
    words = argv()
    assert words[:5] == ["/bin/docker", "run", "--rm", "--name", "kubeflow-4711"]
    assert after(words, "--pull") == ["never"]
    assert after(words, "--log-driver") == ["none"]
    assert container_run.removal(DOCKER_RUN, "4711") == [
        "/bin/docker", "rm", "--force", "kubeflow-4711",
    ]  # fmt: skip


def test_a_command_takes_the_place_of_the_entry_point() -> None:
    words = argv(command=("[", "a b", "--rm"), args=("$x;",))
    assert after(words, "--entrypoint") == ["["]
    assert words[words.index("--") :] == ["--", "docker.io/acme:1", "a b", "--rm", "$x;"]
    words = argv(PODMAN_RUN, command=('["x"]',))
    assert after(words, "--entrypoint") == ['["[\\"x\\"]"]']
    words = argv(args=("--privileged",))
    assert after(words, "--entrypoint") == []
    assert words[words.index("--") :] == ["--", "docker.io/acme:1", "--privileged"]


ROOT = User(0, 0, Path("/runs/work"))
HOME = ["HOME=/runs/work"]


@pytest.mark.parametrize(
    ("runtime", "image_user", "user", "expected", "userns", "env"),
    [
        (DOCKER_RUN, "", USER, ["1000:100"], [], HOME),
        (DOCKER_RUN, "jovyan", USER, ["1000:100"], [], HOME),
        (DOCKER_RUN, "", ROOT, [], [], []),
        (DOCKER_RUN, "1001", ROOT, ["0:0"], [], []),
        (Runtime("docker", "docker", rootless=True), "root", USER, [], [], []),
        (Runtime("docker", "docker", rootless=True), "1001:0", USER, ["0:0"], [], []),
        (PODMAN_RUN, "0:0", USER, [], [], []),
        (PODMAN_RUN, "jovyan", USER, ["1000:100"], ["keep-id"], HOME),
        (Runtime("podman", "podman"), "", ROOT, [], [], []),
    ],
)
def test_the_process_is_this_user(
    runtime: Runtime,
    image_user: str,
    user: User,
    expected: list[str],
    userns: list[str],
    env: list[str],
) -> None:
    words = argv(runtime, Image("a", image_user), user=user)
    assert after(words, "--user") == expected
    assert after(words, "--userns") == userns
    assert after(words, "--env") == env


def test_variables_of_the_task_win() -> None:
    words = argv(env={"HOME": "/mine", "A": "b\nc=d"})
    assert after(words, "--env") == ["HOME=/mine", "A=b\nc=d"]


def test_paths_hold_whatever_paths_hold() -> None:
    mounts = [
        Mount(Path('/a b/c,d:"e"')),
        Mount(Path("/in"), readonly=True),
        Mount(Path("/ws"), target=Path("/kfp-workspace")),
    ]
    assert after(argv(mounts=mounts), "--mount") == [
        'type=bind,"source=/a b/c,d:""e""","target=/a b/c,d:""e"""',
        "type=bind,source=/in,target=/in,readonly",
        "type=bind,source=/ws,target=/kfp-workspace",
    ]


def test_limits_hold_where_the_runtime_can_and_the_machine_has_more() -> None:
    limits = Limits(0.5, 64 * 2**20)
    words = argv(limits=limits)
    assert (after(words, "--cpus"), after(words, "--memory")) == (["0.5"], ["67108864"])
    unable = Runtime("podman", "podman", limits=frozenset(), cpus=4)
    words = argv(unable, limits=limits)
    assert (after(words, "--cpus"), after(words, "--memory")) == ([], [])
    assert after(argv(limits=Limits(4.0)), "--cpus") == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("python:3.11", "docker.io/library/python:3.11"),
        ("acme/tool", "docker.io/acme/tool"),
        ("ghcr.io/acme/tool:1", "ghcr.io/acme/tool:1"),
        ("localhost/x:1", "localhost/x:1"),
        ("registry:5000/x", "registry:5000/x"),
    ],
)
def test_names_without_a_registry_are_docker_hubs(name: str, expected: str) -> None:
    assert qualified(name) == expected


@pytest.mark.parametrize("name", ["--privileged", "", "a b", "$(id)", "/etc/passwd", "a:b:c", "é"])
def test_what_is_no_name_of_an_image_is_refused(name: str, path: Path) -> None:
    from jupyterlab_kubeflow.local.engine.own_words import TaskLog

    with pytest.raises(EngineError, match="is not the name of an image"):
        asyncio.run(Containers().image(DOCKER_RUN, name, lambda _: None, TaskLog()))


def test_selinux_is_kept_from_hiding_the_folders() -> None:
    words = argv(Runtime("podman", "podman", selinux=True))
    assert after(words, "--security-opt") == ["label=disable"]
