"""The folder that a run's tasks share, and the environment of a task's process.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from engine_support import compiled, retried, run
from jupyterlab_kubeflow.local.engine.engine import Engine
from kfp import dsl

CONFIG = dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi"))


@dsl.component
def write(folder: str) -> str:
    import os

    with open(os.path.join(folder, "written"), "a") as file:
        file.write("once")
    return folder


@dsl.component
def read(flag: str, written: str = "/kfp-workspace/written") -> str:
    import os

    if not os.path.exists(flag):
        raise FileNotFoundError(flag)
    with open(written) as file:
        return file.read()


@dsl.pipeline(name="sharing", pipeline_config=CONFIG)
def sharing(flag: str) -> str:
    first = write(folder=dsl.WORKSPACE_PATH_PLACEHOLDER)
    second = read(flag=flag, written=f"{dsl.WORKSPACE_PATH_PLACEHOLDER}/written").after(first)
    return second.output


def test_the_workspace_is_a_runs_own_kept_for_a_retry_and_removed_with_the_run(
    tmp_path: Path,
) -> None:
    home, flag = tmp_path / "home", tmp_path / "flag"
    first = run(sharing, home, parameters={"flag": str(flag)})
    assert first.state == "FAILED"
    folder = Path(first.tasks["root.write"].output_parameters["Output"])
    assert (folder / "written").read_text() == "once"
    assert folder.is_relative_to(home / "runs" / first.run_id)
    flag.touch()
    again = retried(first)
    assert again.outputs() == {"Output": "once"}, again.error
    other = run(sharing, home, first.recorder, parameters={"flag": str(flag)})
    assert other.outputs() == {"Output": "once"}, other.error

    async def forget() -> None:
        engine = Engine(first.recorder, home)
        await engine.start()
        await engine.forget(first.run_id)
        await engine.stop()

    asyncio.run(forget())
    assert not folder.exists()
    assert Path(other.tasks["root.write"].output_parameters["Output"]).is_dir()


@pytest.mark.parametrize("root", ["s3://bucket/x", "file:///tmp/x", "/tmp/x", "relative/x"])
def test_a_pipeline_root_is_named_as_without_effect(tmp_path: Path, root: str) -> None:
    parameters = {"flag": str(tmp_path)}
    result = run(sharing, tmp_path / "home", parameters=parameters, pipeline_root=root)
    assert result.outputs() == {"Output": "once"}, result.error
    assert result.tasks["root"].status_message == (
        f"Without effect on this machine: pipeline root {root}, size of the workspace 1Gi."
    )


def test_the_pipeline_root_of_a_run_goes_before_that_of_its_pipeline(tmp_path: Path) -> None:
    spec = {**compiled(write), "defaultPipelineRoot": "gs://of/the/pipeline"}
    result = run(spec, tmp_path, parameters={"folder": str(tmp_path)}, pipeline_root="gs://mine")
    told = result.tasks["root"].status_message
    assert told == "Without effect on this machine: pipeline root gs://mine."


def test_a_process_has_the_users_environment_without_the_keys_to_jupyter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = {"AWS_PROFILE": "a", "HF_TOKEN": "b", "PIP_INDEX_URL": "c", "HTTPS_PROXY": "d"}
    left_out = [
        "JUPYTER_TOKEN", "JPY_API_TOKEN", "JUPYTERHUB_API_TOKEN", "JUPYTERHUB_COOKIE_SECRET",
        "JUPYTERHUB_CRYPT_KEY", "CONFIGPROXY_AUTH_TOKEN", "KUBEFLOW_LOCAL_TOKEN", "JUPYTER_PASSWORD",
    ]  # fmt: skip
    for name in left_out:
        monkeypatch.setenv(name, "secret")
    for name, value in kept.items():
        monkeypatch.setenv(name, value)

    @dsl.component
    def look() -> dict:
        import os

        return dict(os.environ)

    result = run(look, tmp_path)
    seen = result.outputs("root.look")["Output"]
    assert not [name for name in left_out if name in seen]
    assert {name: seen.get(name) for name in kept} == kept
    assert seen["HOME"] == os.environ["HOME"]
    assert seen["PATH"].split(os.pathsep)[0] == str(Path(sys.executable).parent)
    assert not Path(seen["TMPDIR"]).exists()
