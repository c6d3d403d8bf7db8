"""The PipelineSpec of a notebook: accepted by KFP's own SDK, within the limits of a command line, the same each time."""

from __future__ import annotations

import base64
import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.notebook.api import compile_notebook
from jupyterlab_kubeflow.notebook.compile import executor_source, pipeline_name, to_yaml

EXAMPLES = Path(__file__).parents[3] / "examples"


def container(spec: dict[str, Any]) -> dict[str, Any]:
    (executor,) = spec["deploymentSpec"]["executors"].values()
    return dict(executor["container"])


def payload(spec: dict[str, Any]) -> dict[str, Any]:
    args = container(spec)["args"]
    chunks = [value for flag, value in pairwise(args) if flag == "--payload"]
    return dict(json.loads(gzip.decompress(base64.b64decode("".join(chunks)))))


def test_kfp_loads_the_spec_with_its_parameters_and_outputs(
    write_notebook: Callable[..., Path], tmp_path: Path
) -> None:
    from kfp import components

    path = write_notebook(
        (
            "name: str = 'grüße \"x\"'\nn: int = -1\nlr: float = 1\non: bool = True\n"
            "items: list = [1, 'a']\noptions: dict = {'a': None}\nmaybe: str | None = None\nmust: int",
            "parameters",
        )
    )
    file = tmp_path / "pipeline.yaml"
    file.write_text(to_yaml(compile_notebook(path, "Ünïcode & name")), encoding="utf-8")
    loaded = components.load_component_from_file(str(file))
    inputs = loaded.component_spec.inputs
    assert {name: item.type for name, item in inputs.items()} == {
        "name": "String",
        "n": "Integer",
        "lr": "Float",
        "on": "Boolean",
        "items": "List",
        "options": "Dict",
        "maybe": "String",
        "must": "Integer",
    }
    assert [name for name, item in inputs.items() if not item.optional] == ["must"]
    assert loaded.pipeline_spec.pipeline_info.display_name == "Ünïcode & name"
    (component,) = loaded.pipeline_spec.components.values()
    assert {
        name: item.artifact_type.schema_title
        for name, item in component.output_definitions.artifacts.items()
    } == {"notebook": "system.Artifact", "report": "system.HTML", "metrics": "system.Metrics"}


def test_stock_kfp_local_runs_it(write_notebook: Callable[..., Path], tmp_path: Path) -> None:
    path = write_notebook(
        ("who = 'world'\nrate: float = 2\nnothing: str | None = None", "parameters"),
        "%env GREETED=yes\nprint(who, rate, nothing)",
        ("{'rate': rate}", "metrics"),
    )
    file = tmp_path / "pipeline.yaml"
    file.write_text(to_yaml(compile_notebook(path)), encoding="utf-8")
    script = (
        "import sys\nfrom kfp import components, local\n"
        "local.init(local.SubprocessRunner(use_venv=False), pipeline_root=sys.argv[2])\n"
        "task = components.load_component_from_file(sys.argv[1])(who='it\\'s \"me\"')\n"
        "print(task.outputs['metrics'].metadata['rate'], task.outputs['notebook'].path)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, file, tmp_path / "root"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stderr + ran.stdout
    rate, place = ran.stdout.strip().splitlines()[-1].split(" ", 1)
    assert rate == "2.0"
    executed = nbformat.read(place, as_version=4)
    assert 'it\'s "me" 2.0 None' in "".join(output.text for output in executed.cells[2].outputs)


def test_compiling_needs_no_kfp_and_is_the_same_each_time() -> None:
    script = (
        "import sys, json\nfrom jupyterlab_kubeflow.notebook.api import compile_notebook\n"
        "print(json.dumps(compile_notebook(sys.argv[1])))\n"
        "assert not {'kfp', 'jupyter_server', 'nbclient', 'nbconvert'} & set(sys.modules)\n"
    )
    line = [sys.executable, "-c", script, EXAMPLES / "digits.ipynb"]
    first, second = (subprocess.run(line, capture_output=True, check=True) for _ in range(2))
    assert first.stdout == second.stdout


def test_outputs_of_an_earlier_session_do_not_travel(write_notebook: Callable[..., Path]) -> None:
    path = write_notebook("print('secret')")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].outputs = [nbformat.v4.new_output("stream", text="secret output")]
    notebook.cells[0].execution_count = 7
    nbformat.write(notebook, path)
    (cell,) = payload(compile_notebook(path))["notebook"]["cells"]
    assert (cell["outputs"], cell["execution_count"]) == ([], None)


def test_trust_does_not_travel(write_notebook: Callable[..., Path]) -> None:
    path = write_notebook("1", "#md text")
    document = json.loads(path.read_text())
    for cell in document["cells"]:
        cell["metadata"]["trusted"] = True
    path.write_text(json.dumps(document))
    cells = payload(compile_notebook(path))["notebook"]["cells"]
    assert [cell["metadata"] for cell in cells] == [{}, {}]


def test_a_local_task_carries_kernel_and_folder_a_cluster_task_does_not(
    write_notebook: Callable[..., Path],
) -> None:
    path = write_notebook("1", name="deep/work.ipynb")
    local = payload(compile_notebook(path, settings={"cell_timeout": 5, "timeout": 9.5}))
    assert (local["kernel"], local["working_directory"]) == ("python3", str(path.parent))
    assert (local["cell_timeout"], local["timeout"]) == (5, 9.5)
    cluster = payload(compile_notebook(path, settings={"target": "cluster"}))
    assert (cluster["kernel"], cluster["working_directory"]) == (None, None)


def test_a_cluster_task_installs_requirements_as_kfp_components_do(
    write_notebook: Callable[..., Path],
) -> None:
    from kfp import dsl

    settings = {
        "target": "cluster",
        "image": "python:3.12-slim",
        "requirements": ["pandas==2.2.3", "nbclient==0.10.2"],
    }
    ours = container(compile_notebook(write_notebook("1"), settings=settings))
    assert ours["image"] == "python:3.12-slim"

    @dsl.component(base_image="python:3.12", packages_to_install=["pandas==2.2.3"])
    def stock(): ...

    theirs = stock.component_spec.implementation.container.command
    assert ours["command"][:2] == list(theirs[:2]) == ["sh", "-c"]
    head = ours["command"][2].split(" 'pandas==2.2.3'")[0]
    assert theirs[2].startswith(head)
    assert ours["command"][2].rstrip().endswith('&& "$0" "$@"')
    assert "'pandas==2.2.3' 'nbclient==0.10.2' 'ipykernel" in ours["command"][2]
    assert "'nbclient>=" not in ours["command"][2]


def test_requirements_are_pinned_from_the_kernels_environment(
    write_notebook: Callable[..., Path],
) -> None:
    import sklearn

    path = write_notebook("%pip list", "import os, sklearn.svm\nfrom . import x\nimport beside_it")
    settings = {"target": "cluster", "requirements": "auto"}
    prelude = container(compile_notebook(path, settings=settings))["command"][2]
    assert f"'scikit-learn=={sklearn.__version__}'" in prelude
    assert "beside" not in prelude


def test_pinning_needs_the_notebooks_kernel(write_notebook: Callable[..., Path]) -> None:
    path = write_notebook(
        "1", kernelspec={"name": "gone", "display_name": "Gone", "language": "python"}
    )
    with pytest.raises(KubeflowError, match=r'kernel "gone" .* not installed here.*python3'):
        compile_notebook(path, settings={"target": "cluster", "requirements": "auto"})


def test_arguments_stay_below_linux_limits(write_notebook: Callable[..., Path]) -> None:
    noise = base64.b85encode(bytes((i * i * 31 + i // 7) % 251 for i in range(400_000))).decode()
    import random

    noise = "".join(random.Random(1).choices(noise, k=300_000))
    spec = compile_notebook(write_notebook(f"x = {noise!r}"))
    found = container(spec)
    assert max(len(part) for part in found["command"] + found["args"]) < 100 * 1024
    assert found["args"].count("--payload") > 1
    assert noise in payload(spec)["notebook"]["cells"][0]["source"].replace("\\\\", "\\")


def test_a_huge_notebook_is_refused_with_the_remedy(write_notebook: Callable[..., Path]) -> None:
    import random

    path = write_notebook("x = '" + random.Random(2).randbytes(1_000_000).hex() + "'")
    with pytest.raises(
        KubeflowError, match=r"too large .* Move embedded images and data"
    ) as caught:
        compile_notebook(path)
    assert caught.value.status == 413


def test_the_executor_holds_nothing_that_a_runner_would_replace() -> None:
    assert "{{" not in executor_source()
    assert "python3" not in executor_source()
    assert "pip install" not in executor_source()
    assert len(executor_source().encode()) < 64 * 1024


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Digits SVM_v2", "digits-svm-v2"),
        ("数字", "notebook"),
        ("-a-", "a"),
        ("x" * 200, "x" * 128),
    ],
)
def test_names_are_made_valid_for_kfp(name: str, expected: str) -> None:
    assert pipeline_name(name) == expected


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"imag": "x"}, 'Setting "imag" is not known. Known are: caching'),
        ({"target": "moon"}, 'Setting "target" must be local or cluster.'),
        ({"timeout": 0}, 'Setting "timeout" must be a number of seconds above 0'),
        ({"cell_timeout": True}, 'Setting "cell_timeout" must be a number'),
        ({"caching": "no"}, 'Setting "caching" must be true or false.'),
        ({"image": ""}, 'Setting "image" must be text.'),
        ({"target": "cluster", "requirements": ["a'; rm"]}, "is no requirement"),
        ({"target": "cluster", "requirements": "pandas"}, 'must be "auto" or a list'),
        ([], "settings must be a JSON object"),
    ],
)
def test_wrong_settings_are_refused_by_name(
    write_notebook: Callable[..., Path], settings: Any, told: str
) -> None:
    with pytest.raises(KubeflowError) as caught:
        compile_notebook(write_notebook("1"), settings=settings)
    assert told in caught.value.message


def test_caching_is_off_unless_asked_for(write_notebook: Callable[..., Path]) -> None:
    path = write_notebook("1")
    for settings, expected in (({}, {}), ({"caching": True}, {"enableCache": True})):
        (task,) = compile_notebook(path, settings=settings)["root"]["dag"]["tasks"].values()
        assert task["cachingOptions"] == expected
