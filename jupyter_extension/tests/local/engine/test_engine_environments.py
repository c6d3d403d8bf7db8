"""Environments that stand in for images: what kfp's install prelude asks for, overlays, environments of their own, and none that is half made."""

from __future__ import annotations

import asyncio
import importlib.metadata
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import yaml
from engine_support import MemoryRecorder, Result, run
from hypothesis import given
from hypothesis import strategies as st
from jupyterlab_kubeflow.cli import main
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local import process
from jupyterlab_kubeflow.local.engine import command
from jupyterlab_kubeflow.local.engine.engine import Engine
from jupyterlab_kubeflow.local.engine.environments import satisfied
from jupyterlab_kubeflow.local.engine.requirements import Requirements, prelude, redacted
from jupyterlab_kubeflow.local.engine.uv import uv_settings
from jupyterlab_kubeflow.local.paths import Home
from jupyterlab_kubeflow.local.prepare import prepare
from jupyterlab_kubeflow.local.prune import prune
from kfp import dsl
from kfp.dsl import component_factory
from package_index import PackageIndex, pipeline, using

TINY = "import kubeflow_test_tiny; result = kubeflow_test_tiny.version"
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(autouse=True)
def _uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of its own, and no second try at an index that is not there."""
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[PackageIndex]:
    found = PackageIndex(tmp_path / "index")
    yield found
    found.close()


def made(home: Path) -> list[Path]:
    """The environments that can be used."""
    return [mark.parent for mark in (home / "environments").glob("*/complete.json")]


def folders(home: Path) -> list[Path]:
    return [each for each in (home / "environments").glob("*") if each.is_dir()]


def messages(result: Result, path: str = "root.use") -> list[str]:
    return result.recorder.messages.get(result.tasks[path].task_id, [])


GUARD = """
if ! [ -x "$(command -v pip)" ]; then
    python3 -m ensurepip || python3 -m ensurepip --user || apt-get install python3-pip
fi

"""
VENV = """
export PIP_DISABLE_PIP_VERSION_CHECK=1
tmp=$(mktemp -d)
python3 -m venv "$tmp/venv" --system-site-packages
. "$tmp/venv/bin/activate"

"""
PIP = "python3 -m pip install --quiet --no-warn-script-location"
OLD_PIP = "python3 -m pip install --quiet     --no-warn-script-location"
OWN = """'--no-deps' 'typing-extensions>=3.7.4,<5; python_version<"3.9"'"""
URLS = "--index-url https://a.example/simple --trusted-host https://a.example/simple "


@pytest.mark.parametrize(
    ("installs", "expected"),
    [
        pytest.param(f"{OLD_PIP} 'kfp==2.0.1'", Requirements(), id="2.0"),
        pytest.param(
            f"{OLD_PIP} 'pandas==2.0' 'kfp==2.0.1'", Requirements(("pandas==2.0",)), id="2.0 more"
        ),
        pytest.param(
            f"{OLD_PIP} {URLS}'pandas' 'kfp-dsl==2.1.3'",
            Requirements(
                ("pandas",), "https://a.example/simple", trusted_hosts=("a.example",)
            ),
            id="2.1 index",
        ),
        pytest.param(
            f"{OLD_PIP} 'kfp==2.0.1' 'pandas'", Requirements(("kfp==2.0.1", "pandas")),
            id="2.0 kfp of the component's own",
        ),
        pytest.param(f"{PIP} 'kfp==2.4.0' {OWN}", Requirements(), id="2.2"),
        pytest.param(
            f"{PIP} 'kfp==2.7.0' {OWN}  &&  {PIP} 'pandas>=2,<3' 'a-b[c,d]; python_version>\"3\"'",
            Requirements(("pandas>=2,<3", 'a-b[c,d]; python_version>"3"')),
            id="2.2 more",
        ),
        pytest.param(
            f"{PIP} 'kfp==2.5.0' 'pandas'", Requirements(("kfp==2.5.0", "pandas")),
            id="2.2 kfp of the component's own",
        ),
        pytest.param(
            f"{PIP} --index-url https://a.example/s --extra-index-url https://b.example/s "
            f"--trusted-host b.example:8443 'pandas'  &&  {PIP} --index-url https://a.example/s 'kfp==2.14.3' {OWN}",
            Requirements(
                ("pandas",), "https://a.example/s", ("https://b.example/s",), ("b.example:8443",)
            ),
            id="2.14 indexes and trusted hosts",
        ),
        pytest.param(
            f"{VENV}{PIP} 'pandas'  &&  {PIP} 'kfp==2.16.1' {OWN}",
            Requirements(("pandas",)),
            id="2.10 use_venv",
        ),
        pytest.param(
            f"{PIP} 'git+https://github.com/a/pipelines@refs/pull/1/merge#subdirectory=sdk/python' '--no-deps'",
            Requirements(
                ("git+https://github.com/a/pipelines@refs/pull/1/merge#subdirectory=sdk/python",)
            ),
            id="2.17 kfp_package_path",
        ),
        pytest.param(
            f"{PIP} '--pre' '--find-links' '/wheels' 'pandas'",
            Requirements(("pandas",), find_links=("/wheels",), prereleases=True),
            id="options among the packages",
        ),
        pytest.param(f"{PIP} '-r' '/requirements.txt'", None, id="a file"),
        pytest.param(
            f"{PIP} --index-url https://$USER:$TOKEN@a.example/simple 'pandas'", None, id="a variable"
        ),
        pytest.param(f"{PIP} 'pandas' && touch /done", None, id="more commands"),
    ],
)  # fmt: skip
def test_preludes_of_all_versions(installs: str, expected: Requirements | None) -> None:
    disabled = "" if installs.startswith(VENV) else "PIP_DISABLE_PIP_VERSION_CHECK=1 "
    script = f'{GUARD}{disabled}{installs} && "$0" "$@"\n'
    assert prelude(script) == expected
    found = command.read(["sh", "-c", script, "sh", "-ec", "script"], ["--x"], "python:3.11")
    if expected is None:
        assert found.isolate
        assert found.argv[2] == script
        assert found.image_only is None
    else:
        assert found.argv == ["sh", "-ec", "script", "--x"]
        assert found.requirements == expected
        assert not found.isolate


@given(
    st.lists(st.sampled_from(["pandas>=2", "a-b==1.0", "c[d,e]~=3; python_version>'3'"])),
    st.lists(
        st.sampled_from(["https://one.example/simple", "https://two.example/simple"]), unique=True
    ),
    st.booleans(),
    st.booleans(),
)
def test_the_prelude_of_this_kfp(
    packages: list[str], urls: list[str], kfp_too: bool, venv: bool
) -> None:
    script = component_factory._get_packages_to_install_command(
        packages_to_install=packages,
        pip_index_urls=urls or None,
        install_kfp_package=kfp_too,
        use_venv=venv,
    )
    found = command.read([*script, "sh", "-ec", "script", "code"], ["--x"], "python:3.11")
    assert found.argv == ["sh", "-ec", "script", "code", "--x"]
    assert not found.isolate
    if script:
        assert found.requirements.packages == tuple(packages)
        assert found.requirements.index_url == (urls[0] if urls else None)
        assert found.requirements.extra_index_urls == tuple(urls[1:])


@pytest.mark.parametrize("package", [None, "requests==2.31.0"])
def test_a_component_of_kfp_2_0_runs_on_the_executor_of_today(
    tmp_path: Path, index: PackageIndex, package: str | None
) -> None:
    """Also where it can have nothing of what kfp depends on."""
    installs = f"--index-url {index.url} '{package}'" if package else ""
    script = (
        f'{GUARD}PIP_DISABLE_PIP_VERSION_CHECK=1 {OLD_PIP} {installs} \'kfp==2.0.1\' && "$0" "$@"\n'
    )
    program = (
        'program_path=$(mktemp -d)\nprintf "%s" "$0" > "$program_path/ephemeral_component.py"\n'
        "python3 -m kfp.components.executor_main "
        '--component_module_path "$program_path/ephemeral_component.py" "$@"\n'
    )
    code = "import kfp\nfrom kfp import dsl\n\ndef double(text: str = 'ab') -> str:\n    return text * 2\n"
    container = {
        "command": ["sh", "-c", script, "sh", "-ec", program, code],
        "args": ["--executor_input", "{{$}}", "--function_to_execute", "double"],
    }
    spec = pipeline(container)
    outputs = spec["components"]["comp-use"]["outputDefinitions"]
    outputs["parameters"] = {"Output": {"parameterType": "STRING"}}
    result = run(spec, tmp_path)
    assert result.outputs("root.use") == {"Output": "abab"}, result.error


def test_satisfied_requirements() -> None:
    assert satisfied("kfp>=2")
    assert satisfied("no-such-thing; python_version < '3'")
    assert satisfied("no-such-thing @ https://example.org/x.whl ; python_version < '3'")
    assert satisfied("hypothesis[pytest]; extra == 'no-such-extra'")
    assert not satisfied("kfp>=99")
    assert not satisfied("no-such-thing")
    assert not satisfied("kfp @ https://example.org/kfp.whl")
    assert not satisfied("kfp ==")


def _freeze() -> list[str]:
    return sorted(f"{d.name}=={d.version}" for d in importlib.metadata.distributions())


def test_missing_packages_come_from_an_overlay_made_once(
    tmp_path: Path, index: PackageIndex
) -> None:
    code = "import kubeflow_test_tiny, psutil; result = [kubeflow_test_tiny.version, psutil.__version__]"
    spec = pipeline(using("kubeflow-test-tiny", "psutil", index=index.url, code=code))
    before = _freeze()
    results = [run(spec, tmp_path / "home") for _ in range(2)]
    for result in results:
        assert result.outputs("root.use") == {"out": f"['1.0', '{psutil.__version__}']"}, (
            result.error
        )
    assert len(made(tmp_path / "home")) == 1
    assert messages(results[0]) == ["Preparing an environment with kubeflow-test-tiny"]
    assert messages(results[1]) == []
    assert " + kubeflow-test-tiny==1.0" in results[0].log("root.use")
    assert results[1].log("root.use") == ""
    assert _freeze() == before


def test_packages_that_conflict_get_an_environment_of_their_own(
    tmp_path: Path, index: PackageIndex
) -> None:
    code = "import kubeflow_test_clash, psutil; result = psutil.version"
    spec = pipeline(using("kubeflow-test-clash", index=index.url, code=code))
    result = run(spec, tmp_path / "home")
    assert result.outputs("root.use") == {"out": "0.0.1"}, result.error


def test_packages_that_contradict_kfps_own_win(tmp_path: Path, index: PackageIndex) -> None:
    """As on a cluster, where kfp is installed without what it depends on."""

    @dsl.component(packages_to_install=["requests==2.31.0"], pip_index_urls=[index.url])
    def versions():
        import kfp
        import requests

        print(f"kfp {kfp.__version__} and requests {requests.version}")

    result = run(versions, tmp_path / "home")
    assert result.state == "SUCCEEDED", result.error
    expected = f"kfp {importlib.metadata.version('kfp')} and requests 2.31.0"
    assert expected in result.log("root.versions")


def test_packages_that_do_not_exist_fail_the_task_in_words(
    tmp_path: Path, index: PackageIndex
) -> None:
    spec = pipeline(using("kubeflow-test-nothing", index=index.url, code="result = 1"))
    result = run(spec, tmp_path / "home")
    assert result.state == "FAILED"
    said = str(result.error)
    assert "The packages kubeflow-test-nothing cannot be installed. No solution found" in said
    assert "kubeflow-test-nothing was not found in the package registry" in said
    assert "\n" not in said
    assert "prepare" not in said
    assert folders(tmp_path / "home") == []
    # Who opens the log reads the same.
    assert "was not found in the package registry" in result.log("root.use")


def test_a_requirement_that_cannot_be_read_is_named(tmp_path: Path, index: PackageIndex) -> None:
    result = run(pipeline(using("a b==", index=index.url, code="result = 1")), tmp_path / "home")
    assert "The packages a b== cannot be installed." in str(result.error)
    assert "parse" in str(result.error)


def test_what_a_failed_task_said_last_is_not_what_the_installer_said(
    tmp_path: Path, index: PackageIndex
) -> None:
    code = "import kubeflow_test_tiny; sys.exit(3)"
    spec = pipeline(using("kubeflow-test-tiny", index=index.url, code=code))
    result = run(spec, tmp_path / "home")
    assert str(result.error).endswith("It wrote no message. (exit code 3)")


def test_who_opens_the_log_early_sees_the_environment_being_prepared(
    tmp_path: Path, index: PackageIndex
) -> None:
    async def scenario() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        index.open.clear()
        spec = pipeline(using("kubeflow-test-tiny", index=index.url, code=TINY))
        run_id = recorder.add(spec, {})
        engine.submit(run_id)
        await asyncio.to_thread(index.asked.wait)
        task = Result(recorder, run_id, tmp_path).tasks["root.use"]
        assert task.state == "PENDING"
        assert task.status_message == "Preparing an environment with kubeflow-test-tiny"
        begin = "[Local Kubeflow] Preparing an environment with kubeflow-test-tiny\n"
        assert Result(recorder, run_id, tmp_path).log("root.use").startswith(begin)
        index.open.set()
        await engine.wait(run_id)
        await engine.stop()
        return Result(recorder, run_id, tmp_path)

    result = asyncio.run(scenario())
    assert result.outputs("root.use") == {"out": "1.0"}, result.error
    assert "[Local Kubeflow] The task begins.\n" in result.log("root.use")


def test_tasks_that_need_the_same_environment_share_it(tmp_path: Path, index: PackageIndex) -> None:
    spec = pipeline(using("kubeflow-test-tiny", index=index.url, code=TINY), tasks=4)
    result = run(spec, tmp_path / "home")
    assert result.state == "SUCCEEDED", result.error
    assert len(made(tmp_path / "home")) == 1
    logs = [result.log(path) for path in result.tasks if path != "root"]
    assert len(logs) == 4
    assert sum(" + kubeflow-test-tiny==1.0" in log for log in logs) == 1


def test_cancelling_ends_the_preparation_and_leaves_nothing_half_made(
    tmp_path: Path, index: PackageIndex
) -> None:
    async def scenario() -> Result:
        recorder = MemoryRecorder()
        engine = Engine(recorder, tmp_path / "home")
        await engine.start()
        index.open.clear()
        run_id = recorder.add(pipeline(using("kubeflow-test-tiny", index=index.url, code=TINY)), {})
        engine.submit(run_id)
        await asyncio.to_thread(index.asked.wait)
        engine.terminate(run_id)
        await engine.wait(run_id)
        await engine.stop()
        return Result(recorder, run_id, tmp_path)

    assert asyncio.run(scenario()).state == "CANCELED"
    assert folders(tmp_path / "home") == []


def test_an_environment_that_a_killed_process_left_half_made_is_not_used(
    tmp_path: Path, index: PackageIndex
) -> None:
    spec = pipeline(using("kubeflow-test-tiny", index=index.url, code=TINY))
    file = tmp_path / "pipeline.yaml"
    file.write_text(yaml.safe_dump(spec))
    index.open.clear()
    script = (
        "import sys; from pathlib import Path; from jupyterlab_kubeflow.local.paths import Home; "
        "from jupyterlab_kubeflow.local.prepare import prepare; prepare(Home(Path(sys.argv[1])), [Path(sys.argv[2])], print)"
    )
    home = tmp_path / "home"
    with subprocess.Popen([sys.executable, "-c", script, str(home), str(file)]) as first:
        assert index.asked.wait(60)
        installer = psutil.Process(first.pid).children(recursive=True)
        assert installer
        first.send_signal(signal.SIGKILL)
    half = folders(home)
    assert half
    assert made(home) == []
    # The installer still writes there; it is waited for.
    assert all(_runs(each) for each in installer)
    index.open.set()
    result = run(spec, home)
    assert result.outputs("root.use") == {"out": "1.0"}, result.error
    assert made(home) == half
    assert not any(_runs(each) for each in installer)


def _runs(process: psutil.Process) -> bool:
    """Whether it has not ended; one whose parent is gone may be a zombie for as long as nobody looks after it."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("how", ["index", "url"])
def test_passwords_are_seen_nowhere(tmp_path: Path, how: str) -> None:
    password = "hunter2-4711"
    index = PackageIndex(tmp_path / "index", password)
    try:
        wheel = "kubeflow-test-tiny/kubeflow_test_tiny-1.0-py3-none-any.whl"
        package = (
            "kubeflow-test-tiny" if how == "index" else f"kubeflow-test-tiny @ {index.url}/{wheel}"
        )
        told: list[str] = []
        spec = pipeline(using(package, index=index.url, code=TINY))
        result = run(spec, tmp_path / "home")
        assert result.outputs("root.use") == {"out": "1.0"}, result.error
        told += messages(result)
        wrong = pipeline(
            using("kubeflow-test-nothing", package, index=index.url, code="result = 1")
        )
        failed = run(wrong, tmp_path / "home")
        assert failed.state == "FAILED"
        told += [*messages(failed), str(failed.error), failed.log("root.use")]
    finally:
        index.close()
    assert not [text for text in told if password in text]
    assert any("kubeflow-test-nothing" in text for text in told)
    files = [each for each in (tmp_path / "home").rglob("*") if each.is_file()]
    assert not [each for each in files if password.encode() in each.read_bytes()]


def test_credentials_are_taken_out_of_words() -> None:
    said = "see https://u:p@h.example/s?x=1&api_token=abc#f and git+ssh://git@github.com/a/b, a@b.c"
    assert redacted(said) == (
        "see https://****@h.example/s?x=1&api_token=****#f and git+ssh://****@github.com/a/b, a@b.c"
    )


def test_without_a_connection_what_was_downloaded_before_serves(tmp_path: Path) -> None:
    index = PackageIndex(tmp_path / "index")
    spec = pipeline(using("kubeflow-test-tiny", index=index.url, code=TINY))
    more = pipeline(using("kubeflow-test-clash", index=index.url, code="result = 1"))
    assert run(spec, tmp_path / "one").state == "SUCCEEDED"
    index.close()
    result = run(spec, tmp_path / "other")
    assert result.outputs("root.use") == {"out": "1.0"}, result.error
    result = run(more, tmp_path / "other")
    said = str(result.error)
    assert "The packages kubeflow-test-clash cannot be installed: the package index cannot be reached" in said  # fmt: skip
    assert "jupyter kubeflow local prepare" in said
    assert len(folders(tmp_path / "other")) == 1


def test_prepare_makes_what_a_run_then_uses(tmp_path: Path) -> None:
    index = PackageIndex(tmp_path / "index")
    spec = pipeline(using("kubeflow-test-tiny", index=index.url, code=TINY))
    file = tmp_path / "pipeline.yaml"
    file.write_text(yaml.safe_dump(spec))
    told: list[str] = []
    prepare(Home(tmp_path / "home"), [file], told.append)
    index.close()
    assert told == ["Preparing an environment with kubeflow-test-tiny", "packages: ready."]
    result = run(spec, tmp_path / "home")
    assert result.outputs("root.use") == {"out": "1.0"}, result.error
    assert messages(result) == []


def test_prepare_names_what_cannot_run_here(tmp_path: Path) -> None:
    file = tmp_path / "pipeline.yaml"
    file.write_text(yaml.safe_dump(pipeline({"image": "acme/tool:1", "command": ["acme-tool"]})))
    told: list[str] = []
    prepare(Home(tmp_path / "home"), [file], told.append)
    assert told[0] == (
        "exec-use cannot run on this machine: The component runs 'acme-tool', and this machine has no such command."
    )


def test_where_pip_is_configured_to_look_is_looked(
    tmp_path: Path, index: PackageIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pip")
    monkeypatch.setenv("PIP_INDEX_URL", index.url)
    result = run(pipeline(using("kubeflow-test-tiny", index=None, code=TINY)), tmp_path / "home")
    assert result.outputs("root.use") == {"out": "1.0"}, result.error


def test_pips_settings_in_uvs_words() -> None:
    assert uv_settings("no such option\n:env:.timeout='9'\n") == {}
    assert uv_settings(
        "global.index-url='https://a.example'\nglobal.extra-index-url='\\nhttps://b.example\\nhttps://c.example'\n"
        "install.find-links='/wheels'\nglobal.cert='/ca.pem'\n:env:.index-url='https://d.example'\n"
    ) == {
        "UV_DEFAULT_INDEX": "https://d.example",
        "UV_INDEX": "https://b.example https://c.example",
        "UV_FIND_LINKS": "/wheels",
        "SSL_CERT_FILE": "/ca.pem",
    }


@pytest.mark.parametrize("pip", ["pip", "pip3", "python3 -m pip", "uv pip"])
def test_a_pip_install_of_the_command_itself_stays_out_of_the_interpreter(
    tmp_path: Path, index: PackageIndex, pip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    script = (
        f"{pip} install -q --index-url {index.url} kubeflow-test-tiny && "
        """python3 -c 'import kubeflow_test_tiny as t; print(t.version, end="")' > "$0" """
    )
    before = _freeze()
    result = run(pipeline({"command": ["sh", "-c", script]}), tmp_path / "home")
    assert result.outputs("root.use") == {"out": "1.0"}, (result.error, json.dumps(result.states))
    assert _freeze() == before


def test_code_that_installs_packages_sees_those_of_its_prelude(
    tmp_path: Path, index: PackageIndex
) -> None:
    code = (
        "import subprocess, kubeflow_test_tiny\n"
        f"subprocess.run([sys.executable, '-m', 'pip', 'install', '-q', '--no-deps', '--index-url', {index.url!r}, 'kubeflow-test-clash'], check=True)\n"
        "import importlib; importlib.invalidate_caches(); import kubeflow_test_clash\n"
        "result = kubeflow_test_tiny.version + kubeflow_test_clash.version"
    )
    spec = pipeline(using("kubeflow-test-tiny", index=index.url, code=code))
    before = _freeze()
    result = run(spec, tmp_path / "home")
    assert result.outputs("root.use") == {"out": "1.01.0"}, result.error
    assert _freeze() == before


@pytest.mark.parametrize(
    "argv",
    [
        ["sh", "-c", "apt-get update && apt-get install -y jq && jq ."],
        ["bash", "-euc", "set -x\nsudo apt -qq install jq"],
        ["sh", "-c", "if ! command -v jq; then apk add --no-cache jq; fi"],
        ["bash", "-c", "DEBIAN_FRONTEND=noninteractive apt-get -y install jq"],
        ["sh", "-c", "conda install -y numpy; python3 main.py"],
        ["micromamba", "create", "-n", "x"],
    ],
)
def test_what_would_change_this_machine_is_refused_without_its_image(
    tmp_path: Path, argv: list[str]
) -> None:
    result = run(pipeline({"image": "acme:1", "command": argv}), tmp_path / "home")
    assert result.state == "FAILED"
    assert "which would change this machine. The image 'acme:1' cannot be run" in str(result.error)


@pytest.mark.parametrize(
    "argv",
    [
        ["sh", "-c", "echo apt-get install is not run"],
        ["sh", "-c", "# conda install numpy\ntrue"],
        ["python3", "-c", "'''apt-get install x'''"],
        ["sh", "-c", "pip " + "-," * 10_000 + "\n" * 10_000],
    ],
)
def test_mentioning_an_installation_is_none(argv: list[str]) -> None:
    assert command.read(argv, [], "acme:1").image_only is None


@pytest.mark.parametrize(
    ("container", "note"),
    [
        ({"image": f"python:{HERE}-slim"}, None),
        ({"image": f"registry.example:5000/library/python:{HERE}"}, None),
        (
            {"image": "python:3.7"},
            f"Python {HERE} of this machine stands in for the image python:3.7.",
        ),
        (
            {"image": "acme/train"},
            f"Python {HERE} of this machine stands in for the image acme/train.",
        ),
    ],
)
def test_what_stands_in_for_the_image_is_told(
    tmp_path: Path, container: dict[str, Any], note: str | None
) -> None:
    spec = pipeline({**using(index=None, code="result = 1"), **container})
    result = run(spec, tmp_path)
    assert result.tasks["root.use"].status_message == note
    assert result.state == "SUCCEEDED", result.error


def test_a_command_of_this_machine_stands_in_for_that_of_the_image(tmp_path: Path) -> None:
    spec = pipeline({"image": "alpine:3", "command": ["sh", "-c", 'echo 1 > "$0"']})
    result = run(spec, tmp_path)
    told = result.tasks["root.use"].status_message
    assert told == "'sh' of this machine stands in for the image alpine:3."


def test_prune_removes_what_is_long_unused_or_half_made(
    tmp_path: Path,
    index: PackageIndex,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("KUBEFLOW_LOCAL_HOME", str(home))
    file = tmp_path / "pipeline.yaml"
    for package in ("kubeflow-test-tiny", "kubeflow-test-clash"):
        spec = pipeline(using(package, index=index.url, code="result = 1"))
        file.write_text(yaml.safe_dump(spec))
        prepare(Home(home), [file], lambda _: None)
    old = next(e for e in made(home) if "tiny" in (e / "complete.json").read_text())
    os.utime(old / "complete.json", (0, 0))
    (home / "environments" / "half" / "bin").mkdir(parents=True)
    assert main(["local", "prune"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "Environments removed: 2, kept: 1."
    assert "Removed the environment with kubeflow-test-tiny, last used 1970-01-01." in said
    assert "Removed a half-made environment." in said
    assert [old.exists(), len(made(home))] == [False, 1]
    # It is made again.
    assert (
        run(pipeline(using("kubeflow-test-tiny", index=index.url, code=TINY)), home).state
        == "SUCCEEDED"
    )
    assert len(made(home)) == 2
    assert main(["local", "prune", "--days", "0"]) == 0
    assert folders(home) == []


def test_prune_waits_for_runs(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    (home.environments / "half").mkdir(parents=True)
    server = process.start(home=home.root)
    try:
        url = f"{server.services['pipelines']}/apis/v2beta1/runs"
        token = {"Authorization": f"Bearer {server.token}"}
        spec = pipeline({"command": ["sleep", "1000"], "args": []})
        body = {"display_name": "busy", "pipeline_spec": spec}
        answer = httpx.post(url, json=body, headers=token, trust_env=False).raise_for_status()
        run_id = answer.json()["run_id"]
        with pytest.raises(KubeflowError, match=f"The run {run_id} has not ended and may use"):
            prune(home, 0, print)
        assert (home.environments / "half").exists()
        httpx.post(f"{url}/{run_id}:terminate", headers=token, trust_env=False).raise_for_status()
    finally:
        process.stop(home=home.root)
