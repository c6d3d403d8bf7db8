"""What loading the extension costs, and where its settings come from."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

HEAVY = (
    "httpx",
    "kubernetes",
    "yaml.loader",
    "jsonschema",
    "nbconvert",
    "nbclient",
    "kfp",
    "fastapi",
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
    from jupyterlab_kubeflow.extension import KubeflowExtension

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
