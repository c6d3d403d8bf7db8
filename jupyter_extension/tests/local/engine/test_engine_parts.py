"""Conditions, the pip prelude and environments on their own."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from engine_support import run
from hypothesis import given
from hypothesis import strategies as st
from jupyterlab_kubeflow.local.engine import command, conditions
from jupyterlab_kubeflow.local.engine.environments import satisfied
from jupyterlab_kubeflow.local.engine.errors import EngineError
from jupyterlab_kubeflow.local.engine.values import checked
from kfp.dsl import component_factory
from kfp.pipeline_spec.pipeline_spec_pb2 import ParameterType

P = "inputs.parameter_values['pipelinechannel--x']"


@pytest.mark.parametrize(
    ("condition", "x", "expected"),
    [
        (f"{P} == 'heads'", "heads", True),
        (f"{P} != 'heads'", "heads", False),
        (f"int({P}) > 5", "7", True),
        (f"int({P}) >= 7 && int({P}) < 7", 7, False),
        (f"double({P}) <= 0.5 || {P} == 'x'", 0.25, True),
        (f"!({P} == true) && {P} == false", False, True),
        (f"!({P} == 'a') && !({P} == 'b')", "c", True),
        (f"{P} == '&& || !'", "&& || !", True),
        (f"{P} == 'x'", "x' or 'a' == 'a", False),
        ("'a' in ['a', 'b'] && true", 0, True),
    ],
)
def test_conditions(condition: str, x: Any, expected: bool) -> None:
    assert conditions.evaluate(condition, {"pipelinechannel--x": x}) is expected


@pytest.mark.parametrize("kind", ["NUMBER_INTEGER", "NUMBER_DOUBLE"])
def test_numbers_that_no_double_holds_are_errors_that_name_them(kind: str) -> None:
    with pytest.raises(EngineError, match=r"Output parameter 'n' .*cannot hold"):
        checked("n", 10**400, ParameterType.ParameterTypeEnum.Value(kind), "Output parameter")


@pytest.mark.parametrize(
    "condition",
    [
        "__import__('os').system('id') == 0",
        "().__class__ == 1",
        "inputs.parameter_values['y'] == 1",
        f"{P} > 1",
        f"int({P}) == 1",
        f"{P} ==",
        "(" * 300 + "1" + ")" * 300,
    ],
)
def test_conditions_that_cannot_be_evaluated_are_errors(condition: str) -> None:
    with pytest.raises(EngineError, match="condition"):
        conditions.evaluate(condition, {"pipelinechannel--x": "text"})


@given(st.text(), st.text())
def test_conditions_compare_any_texts(x: str, y: str) -> None:
    values = {"pipelinechannel--x": x, "y": y}
    assert conditions.evaluate(f"{P} == inputs.parameter_values['y']", values) is (x == y)


@given(
    st.lists(st.sampled_from(["pandas>=2", "a-b==1.0", "c[d,e]~=3; python_version>'3'"])),
    st.lists(
        st.sampled_from(["https://one.example/simple", "https://two.example/simple"]), unique=True
    ),
    st.booleans(),
    st.booleans(),
)
def test_the_prelude_of_kfp_is_recognised(
    packages: list[str], urls: list[str], kfp_too: bool, venv: bool
) -> None:
    prelude = component_factory._get_packages_to_install_command(
        packages_to_install=packages,
        pip_index_urls=urls or None,
        install_kfp_package=kfp_too,
        use_venv=venv,
    )
    found = command.read([*prelude, "sh", "-ec", "script", "code"], ["--x"], "python:3.11")
    assert found.argv == ["sh", "-ec", "script", "code", "--x"]
    assert not found.isolate
    if prelude:
        assert found.requirements.packages == tuple(packages)
        assert set(found.requirements.index_urls) == set(urls)


def test_other_installing_commands_are_isolated() -> None:
    found = command.read(["sh", "-c", "pip install x && python3 main.py"], [], "python:3.11")
    assert found.isolate
    assert found.argv[2] == "pip install x && python3 main.py"


def test_code_in_an_image_is_refused() -> None:
    with pytest.raises(EngineError, match=r"acme:1.*no container runtime"):
        command.read([], ["x"], "acme:1")
    containerized = component_factory.CONTAINERIZED_PYTHON_COMPONENT_COMMAND
    with pytest.raises(EngineError, match=r"code is in the image 'acme:1'"):
        command.read(containerized, [], "acme:1")


def test_volumes_of_a_cluster_are_refused() -> None:
    with pytest.raises(EngineError, match=r"volume of a Kubernetes cluster"):
        command.read([], [], "argostub/createpvc")


def test_satisfied_requirements() -> None:
    assert satisfied("kfp>=2")
    assert satisfied("no-such-thing; python_version < '3'")
    assert not satisfied("kfp>=99")
    assert not satisfied("no-such-thing")
    assert not satisfied("kfp @ https://example.org/kfp.whl")


def _wheel(folder: Path, name: str, version: str, requires: str | None = None) -> None:
    info = f"{name}-{version}.dist-info"
    page = folder / name.replace("_", "-")
    page.mkdir(exist_ok=True)
    with zipfile.ZipFile(page / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", f"version = {version!r}\n")
        needs = f"Requires-Dist: {requires}\n" if requires else ""
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def index(tmp_path: Path) -> Iterator[str]:
    """A package index on loopback with ``tiny`` 1.0, and ``clash`` 1.0 that wants another psutil than is installed."""
    folder = tmp_path / "index"
    folder.mkdir()
    _wheel(folder, "kubeflow_test_tiny", "1.0")
    _wheel(folder, "kubeflow_test_clash", "1.0", "psutil==0.0.1")
    _wheel(folder, "psutil", "0.0.1")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(_Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _spec(package: str, index: str, code: str) -> dict[str, Any]:
    """A component of a plain command behind kfp's prelude, which writes ``code``'s ``result`` to its output."""
    prelude = component_factory._get_packages_to_install_command(
        packages_to_install=[package], pip_index_urls=[index], install_kfp_package=False
    )
    body = f"import sys\n{code}\nopen(sys.argv[1], 'w').write(str(result))"
    return {
        "pipelineInfo": {"name": "packages"},
        "schemaVersion": "2.1.0",
        "components": {
            "comp-use": {
                "executorLabel": "exec-use",
                "outputDefinitions": {"parameters": {"out": {"parameterType": "STRING"}}},
            }
        },
        "deploymentSpec": {
            "executors": {
                "exec-use": {
                    "container": {
                        "image": "python:3.11",
                        "command": [*prelude, "python3", "-c", body],
                        "args": ["{{$.outputs.parameters['out'].output_file}}"],
                    }
                }
            }
        },
        "root": {"dag": {"tasks": {"use": {"componentRef": {"name": "comp-use"}}}}},
    }


def _freeze() -> str:
    code = "import importlib.metadata as m; print(sorted(d.name for d in m.distributions()))"
    return subprocess.check_output([sys.executable, "-c", code], text=True)


def test_missing_packages_come_from_an_overlay_made_once(tmp_path: Path, index: str) -> None:
    code = "import kubeflow_test_tiny, psutil; result = [kubeflow_test_tiny.version, psutil.__version__]"
    spec, before = _spec("kubeflow-test-tiny", index, code), _freeze()
    results = [run(spec, tmp_path / "home") for _ in range(2)]
    import psutil

    for result in results:
        assert result.outputs("root.use") == {"out": f"['1.0', '{psutil.__version__}']"}, (
            result.error
        )
    assert len(list((tmp_path / "home" / "environments").iterdir())) == 1
    messages = [r.recorder.messages.get(r.tasks["root.use"].task_id, []) for r in results]
    assert messages[0] == ["Preparing an environment with kubeflow-test-tiny"]
    assert messages[1] == []
    assert _freeze() == before


def test_packages_that_conflict_get_an_environment_of_their_own(tmp_path: Path, index: str) -> None:
    code = "import kubeflow_test_clash, psutil; result = psutil.version"
    result = run(_spec("kubeflow-test-clash", index, code), tmp_path / "home")
    assert result.outputs("root.use") == {"out": "0.0.1"}, result.error


def test_packages_that_do_not_exist_fail_the_task_in_words(tmp_path: Path, index: str) -> None:
    result = run(_spec("kubeflow-test-nothing", index, "result = 1"), tmp_path / "home")
    assert result.state == "FAILED"
    assert "The packages kubeflow-test-nothing cannot be installed." in str(result.error)
    assert "No solution found" in str(result.error)
    assert list((tmp_path / "home" / "environments").iterdir()) == []


def test_a_pip_install_of_the_command_itself_stays_out_of_the_interpreter(
    tmp_path: Path, index: str
) -> None:
    spec = _spec("x", index, "")
    container = spec["deploymentSpec"]["executors"]["exec-use"]["container"]
    container["command"] = [
        "sh",
        "-c",
        f"python3 -m pip install -q --index-url {index} kubeflow-test-tiny && "
        'python3 -c "import kubeflow_test_tiny as t; print(t.version, end=chr(0)[:0])" > "$0"',
    ]
    pytest.importorskip("pip")
    before = _freeze()
    result = run(spec, tmp_path / "home")
    assert result.outputs("root.use") == {"out": "1.0"}, (result.error, json.dumps(result.states))
    assert _freeze() == before
