import json
import subprocess
import sys
from pathlib import Path

import pytest
from jupyterlab_kubeflow.sdk import (
    GRAPH_MIME_TYPE,
    SpecError,
    graph_document,
    graph_from_run,
    graph_from_spec,
    mime_bundle,
)
from jupyterlab_kubeflow.sdk.run_details import tasks_from_run_details
from kfp import compiler, dsl

FIXTURES = sorted((Path(__file__).parents[3] / "src/graph/fixtures").glob("*.json"))
SHARED = Path(__file__).parents[4] / "shared/pipelines/valid"


@dsl.component(base_image="python:3.12")
def step(x: int) -> int:
    return x


@dsl.pipeline(name="two-steps")
def two_steps(x: int = 1):
    step(x=step(x=x).output)


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_documents_are_those_of_the_typescript_adapters(path: Path) -> None:
    fixture = json.loads(path.read_text())
    tasks = fixture.get("tasks")
    if "details" in fixture:
        details = {"task_details": fixture["details"]}
        tasks = tasks_from_run_details({"pipeline_spec": fixture["spec"], "run_details": details})
    if tasks is not None:
        document = graph_from_run(fixture["spec"], tasks, fixture["run"])
    else:
        document = graph_from_spec(fixture["spec"])
    assert document == fixture["document"]


def test_a_pipeline_function_a_file_and_a_dict_give_the_same_graph(tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    compiler.Compiler().compile(two_steps, str(path))
    drawn = graph_document(two_steps)
    assert [node["id"] for node in drawn["nodes"]] == ["root.step", "root.step-2"]
    assert drawn["edges"] == [
        {"id": "root.step->root.step-2", "from": "root.step", "to": "root.step-2"}
    ]
    assert graph_document(str(path)) == graph_document(path) == drawn


def test_a_bundle_has_mermaid_and_text_for_other_front_ends() -> None:
    bundle = mime_bundle(two_steps)
    assert bundle[GRAPH_MIME_TYPE]["version"] == 1
    assert bundle["text/plain"] == "two-steps\n├─ step\n└─ step-2"
    assert bundle["text/vnd.mermaid"].splitlines() == [
        "flowchart TB",
        '  n0["step"]',
        '  n1["step-2"]',
        "  n0 --> n1",
    ]


def test_mermaid_labels_are_escaped() -> None:
    spec = {"root": {"dag": {"tasks": {"a": {"taskInfo": {"name": '"]<b>'}}}}}}
    assert 'n0["&quot;]&lt;b&gt;"]' in mime_bundle(spec)["text/vnd.mermaid"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({}, 'no "root"'),
        ({"kind": "Workflow"}, "KFP 1"),
        ({"root": {"dag": {}}}, "no tasks"),
        (3, "int cannot be drawn"),
        ("missing.yaml", "missing.yaml cannot be read: No such file"),
    ],
)
def test_what_is_no_pipeline_is_refused_in_words(value: object, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        graph_document(value)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("a: [")
    with pytest.raises(SpecError, match=r"broken.yaml is not valid YAML"):
        graph_document(path)


def test_the_sdk_does_not_import_the_jupyter_server_or_kfp() -> None:
    code = "import sys, jupyterlab_kubeflow.sdk, jupyterlab_kubeflow.connections.manager; print({'jupyter_server', 'tornado', 'kfp'} & set(sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "set()"


def test_a_pipeline_draws_itself_as_the_last_expression() -> None:
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        from jupyterlab_kubeflow.sdk.show import register_formatters

        register_formatters()
        data, _ = shell.display_formatter.format(two_steps)
        assert data[GRAPH_MIME_TYPE]["title"] == "two-steps"
        assert "text/vnd.mermaid" in data
    finally:
        InteractiveShell.clear_instance()


@pytest.mark.skipif(not SHARED.is_dir(), reason="KFP's pipelines are not at hand")
def test_kfps_own_pipelines_are_drawn() -> None:
    for path in sorted(SHARED.rglob("*.yaml")):
        document = graph_document(path)
        ids = [node["id"] for node in document["nodes"]]
        assert len(ids) == len(set(ids)), path
        assert {end for edge in document["edges"] for end in (edge["from"], edge["to"])} <= set(ids)
