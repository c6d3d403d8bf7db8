"""What loading the extension costs, and where its settings come from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from jupyter_server.serverapp import ServerApp
from jupyterlab_kubeflow.extension import KubeflowExtension
from traitlets import TraitError

HEAVY = (
    "httpx",
    "kubernetes",
    "yaml.loader",
    "jsonschema",
    "nbconvert",
    "nbclient",
    "kfp",
    "fastapi",
    "google.protobuf",
    "grpc",
)


def test_loading_imports_nothing_heavy() -> None:
    program = (
        "import jupyter_server.serverapp, jupyter_server.extension.application, sys, json;"
        "before = set(sys.modules);"
        "import jupyterlab_kubeflow.extension;"
        "print(json.dumps(sorted(set(sys.modules) - before)))"
    )
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout
    loaded = json.loads(output)
    assert "jupyterlab_kubeflow.extension" in loaded
    assert [name for name in loaded if name.startswith(HEAVY)] == []


def test_every_setting_has_help() -> None:
    own = {
        name: trait
        for name, trait in KubeflowExtension.class_own_traits().items()
        if trait.metadata.get("config")
    }
    assert len(own) >= 10
    assert all(trait.help for trait in own.values())
    page = Path(__file__).parents[3] / "docs" / "configuration.md"
    if not page.exists():
        pytest.skip("the documentation is not part of this installation")
    text = page.read_text(encoding="utf-8")
    assert [name for name in own if f"`{name}`" not in text] == []


def test_the_schema_of_connections_is_valid_and_shipped() -> None:
    from importlib.resources import files

    schema = files("jupyterlab_kubeflow.connections").joinpath("connections.schema.json")
    Draft202012Validator.check_schema(json.loads(schema.read_text(encoding="utf-8")))


def started(*arguments: str) -> KubeflowExtension:
    """The extension as a Jupyter server makes it with these arguments."""
    app = ServerApp()
    app.parse_command_line(list(arguments))
    return KubeflowExtension(config=app.config)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["get"], ["get"]),
        (["get", "list"], ["get", "list"]),
        (['["get","list"]'], ["get", "list"]),
        (["['get', 'list']"], ["get", "list"]),
        (["[get,list]"], ["get", "list"]),
        (["get,list"], ["get", "list"]),
        (["[]"], []),
    ],
)
def test_lists_may_be_written_in_every_way(given: list[str], expected: list[str]) -> None:
    setting = "--KubeflowExtension.kubernetes_verbs="
    assert started(*(setting + each for each in given)).kubernetes_verbs == expected


def test_the_core_group_is_the_empty_text() -> None:
    for given in ("", "['']", '[""]'):
        extension = started(f"--KubeflowExtension.kubernetes_groups={given}")
        assert extension.kubernetes_groups == [""]
    both = started('--KubeflowExtension.kubernetes_groups=["", "trainer.kubeflow.org"]')
    assert both.kubernetes_groups == ["", "trainer.kubeflow.org"]


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        ("kubernetes_verbs", "gett", "get, list, watch"),
        ("kubernetes_verbs", "*", "get, list, watch"),
        ("kubernetes_verbs", "GET", "get, list, watch"),
        ("kubernetes_groups", "core", "the empty text is the core group"),
        ("kubernetes_groups", "apps/v1", "without a version"),
        ("kubernetes_groups", "*", "without a version"),
        ("kubernetes_namespaces", "team-*", "patterns are not possible"),
        ("kubernetes_namespaces", "Team", '"*" for all'),
        ("kubernetes_namespaces", "", '"*" for all'),
        ("kubernetes_writable", "trainjobs/status", "RESOURCE.GROUP"),
        ("kubernetes_writable", "TrainJob.trainer.kubeflow.org", "plural"),
    ],
)
def test_what_can_never_be_meant_is_refused(setting: str, value: str, remedy: str) -> None:
    for given in (value, f'["{value}"]'):
        with pytest.raises(TraitError) as refused:
            started(f"--KubeflowExtension.{setting}={given}")
        said = str(refused.value)
        assert f"KubeflowExtension.{setting}" in said
        assert f'"{value}"' in said
        assert remedy in said


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("kubernetes_verbs=gett", '"gett" is no verb'),
        ("max_streams=0", "max_streams"),
    ],
)
def test_a_server_with_a_setting_that_cannot_be_used_does_not_start(
    setting: str, said: str, tmp_path: Path
) -> None:
    """With the default in its place, more would pass than the setting says."""
    folders = {name: str(tmp_path) for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR")}
    options = ["--ServerApp.port=0", "--ServerApp.open_browser=False", "--allow-root"]
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "jupyter_server",
            "--ServerApp.jpserver_extensions=jupyterlab_kubeflow=True",
            *options,
            f"--KubeflowExtension.{setting}",
        ],
        env={**os.environ, **folders},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
