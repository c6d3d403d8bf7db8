"""Components in their images, by the container runtime of the machine. What needs none is in ``test_engine_container_choice``.

Images are made on the spot; nothing is fetched. Without a runtime that can run one these tests are skipped, with its words.
Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import asyncio
import json
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import container_images as images
import httpx
import psutil
import pytest
from container_images import NAME, PYTHON, Registry
from engine_support import MemoryRecorder, Result, run
from jupyterlab_kubeflow.local import process
from jupyterlab_kubeflow.local.engine import containers
from jupyterlab_kubeflow.local.engine.engine import Engine
from kfp import dsl
from kfp.dsl import Dataset, Input, Output, component_factory
from package_index import pipeline

OUT = "{{$.outputs.parameters['out'].output_file}}"


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[containers.Runtime]:
    """A container runtime that has been seen to run an image, with the images of these tests."""
    folder = tmp_path_factory.mktemp("containers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUBEFLOW_LOCAL_CONTAINERS", "auto")
        for name, value in images.settings(folder).items():
            patch.setenv(name, value)
        found = asyncio.run(containers.find())
        if isinstance(found, str):
            pytest.skip(f"no container runtime: {found}")
        try:
            images.make_tools(found.program, folder)
        except images.Unusable as error:
            pytest.skip(f"{found.name} cannot run an image here: {error}")
        yield found
        images.call(found.program, "image", "rm", "--force", NAME)
        if found.kind == "podman":
            images.call(found.program, "image", "rm", "--all", "--force")
            if found.rootless:
                images.call(found.program, "unshare", "rm", "-rf", str(folder / "storage"))
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def python_image(
    runtime: containers.Runtime, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    try:
        images.make_python(runtime.program, tmp_path_factory.mktemp("python"))
        images.call(runtime.program, "run", "--rm", "--entrypoint", "python3", PYTHON, "-c", "")
    except images.Unusable as error:
        pytest.skip(f"the interpreter of the tests does not run in an image: {error}")
    yield PYTHON
    if runtime.kind == "docker":
        images.call(runtime.program, "image", "rm", "--force", PYTHON)


@pytest.fixture(autouse=True)
def nothing_left(runtime: containers.Runtime) -> Iterator[None]:
    """No test leaves a container."""
    before = left(runtime)
    yield
    assert left(runtime) == before


def left(runtime: containers.Runtime) -> list[str]:
    """The containers of tasks that are there, in whatever state."""
    listed = images.call(runtime.program, "ps", "--all", "--format", "{{.Names}}")
    return [name for name in listed.split() if name.startswith("kubeflow-")]


def tool(script: str, **more: Any) -> dict[str, Any]:
    """A container that runs ``script`` in the shell of the tests' image, with its output's file as ``$1``."""
    env = [{"name": "KUBEFLOW_LOCAL_CONTAINERS", "value": "always"}, *more.pop("env", [])]
    return {"image": NAME, "command": ["sh", "-ec", script, "sh"], "env": env, **more}


def messages(result: Result, path: str = "root.use") -> list[str]:
    return result.recorder.messages.get(result.tasks[path].task_id, [])


def test_the_entry_point_of_an_image(tmp_path: Path, runtime: containers.Runtime) -> None:
    result = run(pipeline({"image": NAME, "args": ["$HOME; hi", OUT]}), tmp_path)
    assert result.outputs("root.use") == {"out": "$HOME; hi"}, result.error
    assert result.log("root.use").startswith("entry $HOME; hi ")
    assert result.tasks["root.use"].status_message == (
        f"Runs in the image {NAME} with {runtime.name}."
    )


def test_a_command_that_only_the_image_has(tmp_path: Path) -> None:
    result = run(pipeline({"image": NAME, "command": ["acme-tool"]}), tmp_path)
    assert result.outputs("root.use") == {"out": "tool of the image, the local image"}, result.error


def test_a_command_of_this_machine_runs_on_it(tmp_path: Path) -> None:
    container = {"image": NAME, "command": ["sh", "-c", 'test -e /about || printf here > "$0"']}
    result = run(pipeline(container), tmp_path)
    assert result.outputs("root.use") == {"out": "here"}, result.error


def test_a_container_does_not_reach_what_is_noted_of_its_process(tmp_path: Path) -> None:
    script = (
        'folder="${1%/outputs/*}"; ls "$folder" > "$1"; rm -rf "$folder"/*.json; : > "$folder/exit"'
    )
    result = run(pipeline(tool(script, args=[OUT])), tmp_path)
    assert result.outputs("root.use") == {"out": "outputs\nwork\n"}, result.error
    folder = Path(result.tasks["root.use"].log_path or "").parent
    assert (folder / "process.json").exists()
    assert (folder / "exit").read_text().split() == ["0"]


def test_packages_of_the_system_are_installed_in_the_image(tmp_path: Path) -> None:
    script = 'apk() { :; }; apk add jq && cat /about > "$0"'
    result = run(pipeline({"image": NAME, "command": ["sh", "-c", script]}), tmp_path)
    assert result.outputs("root.use") == {"out": "the local image"}, result.error


def test_variables_are_those_of_the_task_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "JUPYTER_TOKEN", "FROM_SERVER"):
        monkeypatch.setenv(name, "of the server")
    env = [{"name": "OWN", "value": "a 'b'\n$c"}, {"name": "EMPTY", "value": ""}]
    result = run(pipeline(tool('env > "$1"; printf %s "$OWN"', env=env)), tmp_path)
    seen = result.outputs("root.use")["out"]
    assert "OWN=a 'b'\n$c" in seen
    assert "EMPTY=\n" in seen
    assert "of the server" not in seen
    assert "KUBEFLOW_LOCAL_TASK" not in seen
    assert result.log("root.use") == "a 'b'\n$c"


def test_what_is_written_belongs_to_the_user(tmp_path: Path) -> None:
    result = run(pipeline(tool('mkdir "$1.d" && touch "$1.d/x" && echo 1 > "$1"')), tmp_path)
    assert result.state == "SUCCEEDED", result.error
    outputs = tmp_path / "runs" / result.run_id / result.tasks["root.use"].task_id / "outputs"
    written = [each.stat() for each in outputs.rglob("*")]
    assert len(written) >= 3
    assert {(each.st_uid, each.st_gid) for each in written} == {(os.getuid(), os.getgid())}


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("echo one; echo two >&2; exit 42", "two (exit code 42)"),
        ("exit 125", "It wrote no message. (exit code 125)"),
        ("no-such-thing", "no-such-thing: not found (exit code 127)"),
    ],
)
def test_failures_have_their_exit_code_and_last_words(
    tmp_path: Path, script: str, error: str
) -> None:
    result = run(pipeline(tool(script)), tmp_path)
    assert result.state == "FAILED"
    assert str(result.error).endswith(error)


def test_a_command_that_the_image_has_not(tmp_path: Path) -> None:
    result = run(pipeline({"image": NAME, "command": ["acme-missing"]}), tmp_path)
    assert result.state == "FAILED"
    assert "acme-missing" in str(result.error)
    assert "(exit code 127)" in str(result.error)


@dsl.component
def write(text: str, data: Output[Dataset]):  # type: ignore[no-untyped-def]
    with open(data.path, "w") as file:
        file.write(text)


def copied(image: str, script: str) -> Any:
    """A component that runs ``script`` in an image with its input as ``$1`` and its output as ``$2``."""

    @dsl.container_component
    def copy(source: Input[Dataset], target: Output[Dataset]):  # type: ignore[no-untyped-def]
        return dsl.ContainerSpec(
            image=image, command=["sh", "-ec", script, "sh"], args=[source.path, target.path]
        )

    return copy


ALWAYS = ("KUBEFLOW_LOCAL_CONTAINERS", "always")


def test_artifacts_go_in_and_out(tmp_path: Path) -> None:
    copy = copied(NAME, 'mkdir -p "$(dirname "$2")"; cat "$1" /about > "$2"')

    @dsl.pipeline(name="copying")
    def copying() -> Dataset:
        return copy(source=write(text="data, ").outputs["data"]).set_env_variable(*ALWAYS).output

    result = run(copying, tmp_path)
    assert result.outputs() == {"Output": ["data, the local image"]}, result.error
    # Reused artifacts lie with the run that made them.
    again = run(copying, tmp_path, result.recorder)
    assert again.outputs() == {"Output": ["data, the local image"]}, again.error


def test_what_is_imported_can_be_read_and_not_written(tmp_path: Path) -> None:
    file = tmp_path / "a, b" / "data.txt"
    file.parent.mkdir()
    file.write_text("mine, ")
    copy = copied(
        NAME, '(echo no > "$1") 2>/dev/null && exit 3; cat "$1" "$(dirname "$1")"/* > "$2"'
    )
    uri = str(file)

    @dsl.pipeline(name="importing")
    def importing() -> Dataset:
        source = dsl.importer(artifact_uri=uri, artifact_class=Dataset, reimport=True)
        return copy(source=source.output).set_env_variable(*ALWAYS).output

    result = run(importing, tmp_path / "home")
    assert result.outputs() == {"Output": ["mine, mine, "]}, result.error
    assert file.read_text() == "mine, "


def test_the_workspace_is_shared_with_tasks_of_this_machine(tmp_path: Path) -> None:
    @dsl.component
    def first(folder: str):  # type: ignore[no-untyped-def]
        import os

        with open(os.path.join(folder, "shared"), "w") as file:
            file.write("from here")

    @dsl.container_component
    def second(folder: str, out: dsl.OutputPath(str)):  # type: ignore[no-untyped-def, valid-type]
        script = 'printf " and there" >> "$1/shared"; cp "$1/shared" "$2"; cat /kfp-work*/shared'
        return dsl.ContainerSpec(
            image=NAME, command=["sh", "-ec", script, "sh"], args=[folder, out]
        )

    config = dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi"))

    @dsl.pipeline(name="sharing", pipeline_config=config)
    def sharing() -> str:
        one = first(folder=dsl.WORKSPACE_PATH_PLACEHOLDER)
        two = second(folder=dsl.WORKSPACE_PATH_PLACEHOLDER).after(one)
        return two.set_env_variable(*ALWAYS).outputs["out"]

    result = run(sharing, tmp_path)
    assert result.outputs() == {"Output": "from here and there"}, result.error
    assert result.log("root.second") == "from here and there"


def test_limits_are_passed_on(tmp_path: Path, runtime: containers.Runtime) -> None:
    if "memory" not in runtime.limits:
        pytest.skip("this container runtime limits no memory here")
    script = (
        "cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null"
        ' > "$1" || true'
    )
    asked = {
        "resourceCpuLimit": "500m",
        "resourceMemoryLimit": "64Mi",
        "accelerator": {"resourceType": "nvidia.com/gpu", "resourceCount": "1"},
    }
    result = run(pipeline(tool(script, resources=asked)), tmp_path)
    assert result.outputs("root.use") == {"out": f"{64 * 2**20}\n"}, result.error
    told = str(result.tasks["root.use"].status_message)
    assert told.startswith(f"Runs in the image {NAME} with {runtime.name}.")
    assert "1 × nvidia.com/gpu" in told
    assert "limit" not in told


def containerised(image: str) -> dict[str, Any]:
    spec = pipeline(
        {
            "image": image,
            "command": component_factory.CONTAINERIZED_PYTHON_COMPONENT_COMMAND,
            "args": ["--executor_input", "{{$}}", "--function_to_execute", "greet"],
        }
    )
    component = spec["components"]["comp-use"]
    component["inputDefinitions"] = {"parameters": {"name": {"parameterType": "STRING"}}}
    component["outputDefinitions"] = {"parameters": {"Output": {"parameterType": "STRING"}}}
    value = {"runtimeValue": {"constant": "you"}}
    spec["root"]["dag"]["tasks"]["use"]["inputs"] = {"parameters": {"name": value}}
    return spec


def test_code_that_is_in_the_image(tmp_path: Path, python_image: str) -> None:
    result = run(containerised(python_image), tmp_path)
    assert result.outputs("root.use") == {"Output": "hello you of the image"}, result.error


def test_a_python_component_in_its_image(tmp_path: Path, python_image: str) -> None:
    @dsl.component(base_image=python_image, install_kfp_package=False)
    def look(data: Output[Dataset]) -> str:
        with open("/about") as about, open(data.path, "w") as file:
            file.write(about.read())
        return data.path

    @dsl.pipeline(name="looking")
    def looking() -> Dataset:
        return look().set_env_variable(*ALWAYS).outputs["data"]

    result = run(looking, tmp_path)
    assert result.outputs() == {"Output": ["the Python image"]}, result.error
    assert result.tasks["root.look"].output_parameters["Output"].startswith(str(tmp_path))


@pytest.fixture
def registry() -> Iterator[Registry]:
    found = Registry()
    yield found
    found.close()


def test_an_image_is_pulled_once_and_its_pull_is_told(
    tmp_path: Path, registry: Registry, runtime: containers.Runtime
) -> None:
    container = {"image": registry.image, "args": ["pulled", OUT]}

    async def scenario() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path)
        await engine.start()
        registry.open.clear()
        run_id = recorder.add(pipeline(container, tasks=2), {})
        engine.submit(run_id)
        await asyncio.to_thread(registry.asked.wait)
        result = Result(recorder, run_id, tmp_path)
        assert {result.tasks[f"root.{name}"].state for name in ("use", "use-2")} == {"PENDING"}
        await recorder.until(lambda: any("Pulling" in str(messages(result, p)) for p in PATHS))
        registry.open.set()
        await engine.wait(run_id)
        await engine.stop()
        return result

    result = asyncio.run(scenario())
    assert result.state == "SUCCEEDED", result.error
    told = [text for path in PATHS for text in messages(result, path)]
    assert f"Pulling the image {registry.image}" in told
    assert registry.sent == 1
    logs = [result.log(path) for path in PATHS]
    assert any(f"[Local Kubeflow] Pulling the image {registry.image}\n" in log for log in logs)
    assert all("entry pulled" in log for log in logs)


PATHS = ("root.use", "root.use-2")


def test_cancelling_while_an_image_is_pulled(
    tmp_path: Path, registry: Registry, runtime: containers.Runtime
) -> None:
    async def scenario() -> tuple[Result, list[psutil.Process]]:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path)
        await engine.start()
        registry.open.clear()
        run_id = recorder.add(pipeline({"image": registry.image, "args": ["x", OUT]}), {})
        engine.submit(run_id)
        await asyncio.to_thread(registry.asked.wait)
        pulling = [
            each
            for each in psutil.Process().children(recursive=True)
            if "pull" in each.cmdline()[1:2]
        ]
        engine.terminate(run_id)
        await engine.wait(run_id)
        await engine.stop()
        return Result(recorder, run_id, tmp_path), pulling

    result, pulling = asyncio.run(scenario())
    assert result.state == "CANCELED"
    assert pulling
    assert not any(each.is_running() for each in pulling)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("{host}/acme/nothing:1", "manifest unknown"),
        ("127.0.0.1:1/acme/tools:1", "connection refused"),
        ("--privileged", "is not the name of an image"),
        ("a b", "is not the name of an image"),
    ],
)
def test_images_that_cannot_be_had(
    tmp_path: Path, registry: Registry, name: str, said: str
) -> None:
    name = name.format(host=registry.host)
    result = run(pipeline({"image": name, "args": ["x", OUT]}), tmp_path)
    assert result.state == "FAILED"
    assert "The component runs the entry point of its image." in str(result.error)
    assert name in str(result.error)
    assert said in str(result.error)


def terminated(home: Path, script: str, ready: str) -> Result:
    """The run of ``script``, terminated once its log holds ``ready``."""

    async def scenario() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, home)
        await engine.start()
        run_id = recorder.add(pipeline(tool(script)), {})
        engine.submit(run_id)
        result = Result(recorder, run_id, home)
        await recorder.until(lambda: result.states.get("root.use") == "RUNNING")
        await logged(result, ready)
        engine.terminate(run_id)
        await engine.wait(run_id)
        await engine.stop()
        return result

    return asyncio.run(scenario())


async def logged(result: Result, text: str) -> None:
    """Returns when the log of ``root.use`` holds ``text``."""
    while text not in result.log("root.use"):  # noqa: ASYNC110
        await asyncio.sleep(0.02)


def test_terminate_gives_the_container_time_to_leave(tmp_path: Path) -> None:
    script = "trap 'echo saved; exit 0' TERM; echo ready; while true; do sleep 0.05; done"
    result = terminated(tmp_path, script, "ready")
    assert result.state == "CANCELED"
    assert result.log("root.use") == "ready\nsaved\n"


def test_terminate_ends_a_container_that_does_not_leave(tmp_path: Path) -> None:
    script = "trap '' TERM; echo ready; while true; do sleep 0.05; done"
    assert terminated(tmp_path, script, "ready").state == "CANCELED"


def test_terminate_at_the_very_start(tmp_path: Path) -> None:
    assert terminated(tmp_path, "sleep 1000", "").state == "CANCELED"


def detached(home: Path, script: str, meanwhile: Callable[[Result], None]) -> Result:
    """The run of ``script``, whose server goes once the log holds ``ready`` and comes back after ``meanwhile``."""

    async def scenario() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, home)
        await engine.start()
        run_id = recorder.add(pipeline(tool(script)), {})
        engine.submit(run_id)
        result = Result(recorder, run_id, home)
        await recorder.until(lambda: result.states.get("root.use") == "RUNNING")
        await logged(result, "ready")
        await engine.stop()
        await asyncio.to_thread(meanwhile, result)
        engine = Engine(recorder, home)
        await engine.start()
        await engine.wait(run_id)
        await engine.stop()
        return result

    return asyncio.run(scenario())


GATE = 'echo ready; while ! test -e "$(dirname "$1")/go"; do sleep 0.05; done; '


def open_gate(result: Result) -> None:
    task = result.tasks["root.use"]
    (result.home / "runs" / result.run_id / task.task_id / "outputs" / "go").touch()


@pytest.mark.parametrize("code", [0, 7])
def test_a_restarted_server_takes_up_a_container(tmp_path: Path, code: int) -> None:
    script = f'{GATE}echo more; echo 1 > "$1"; exit {code}'
    result = detached(tmp_path, script, open_gate)
    assert result.state == ("FAILED" if code else "SUCCEEDED"), result.error
    assert result.log("root.use") == "ready\nmore\n"
    if code:
        assert str(result.error).endswith("more (exit code 7)")


def test_a_container_whose_launcher_was_killed_is_removed(
    tmp_path: Path, runtime: containers.Runtime
) -> None:
    def kill(result: Result) -> None:
        assert len(left(runtime)) == 1
        launcher = psutil.Process(result.tasks["root.use"].pid)
        for each in [launcher, *launcher.children(recursive=True)]:
            each.kill()

    result = detached(tmp_path, "echo ready; sleep 1000", kill)
    assert result.state == "FAILED"
    assert "without an exit code" in str(result.error)


def test_a_killed_server_loses_nothing_of_a_container(
    tmp_path: Path, runtime: containers.Runtime
) -> None:
    home = tmp_path / "home"
    script = GATE + 'echo more; printf done > "$1"'
    try:
        first = process.start(home=home)
        body = {"display_name": "killed", "pipeline_spec": pipeline(tool(script))}
        with api(first) as http:
            run_id = http.post("/runs", json=body).raise_for_status().json()["run_id"]
            folder = home / "runs" / run_id
            while not any("ready" in log.read_text() for log in folder.glob("*/log.txt")):
                http.get("/healthz").raise_for_status()
        assert first.pid is not None
        os.kill(first.pid, signal.SIGKILL)
        while process.status(home=home).running:
            time.sleep(0.01)
        second = process.start(home=home)
        task = next(folder.glob("*/log.txt")).parent
        (task / "outputs" / "go").touch()
        with api(second) as http:
            while (state := http.get(f"/runs/{run_id}").json()["state"]) in ("PENDING", "RUNNING"):
                pass
        assert state == "SUCCEEDED"
        assert (task / "log.txt").read_text() == "ready\nmore\n"
    finally:
        process.stop(home=home)


def api(server: process.LocalStatus) -> httpx.Client:
    return httpx.Client(
        base_url=f"{server.services['pipelines']}/apis/v2beta1",
        headers={"Authorization": f"Bearer {server.token}"},
        trust_env=False,
    )


def test_a_retried_task_gets_a_new_container(tmp_path: Path) -> None:
    spec = pipeline(
        tool('f="$(dirname "$1")/../work/n"; echo x >> "$f"; wc -l < "$f" > "$1"; grep -c x "$f" | grep 2')
    )  # fmt: skip
    spec["root"]["dag"]["tasks"]["use"]["retryPolicy"] = {
        "maxRetryCount": 2,
        "backoffDuration": "0.01s",
    }
    result = run(spec, tmp_path)
    assert result.outputs("root.use")["out"].strip() == "2", result.error


def test_prepare_pulls_images(
    tmp_path: Path, registry: Registry, runtime: containers.Runtime
) -> None:
    from jupyterlab_kubeflow.local.paths import Home
    from jupyterlab_kubeflow.local.prepare import prepare

    images.call(runtime.program, "rmi", "--force", registry.image)
    file = tmp_path / "pipeline.json"
    file.write_text(json.dumps(pipeline({"image": registry.image, "args": ["x", OUT]})))
    told: list[str] = []
    prepare(Home(tmp_path / "home"), [file], told.append)
    registry.close()
    assert told[0] == f"Pulling the image {registry.image}"
    result = run(pipeline({"image": registry.image, "args": ["x", OUT]}), tmp_path / "home")
    assert result.outputs("root.use") == {"out": "x"}, result.error
