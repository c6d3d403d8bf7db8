"""What refuses a notebook, each with its reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.notebook.api import compile_notebook, inspect_path

EXAMPLES = Path(__file__).parents[3] / "examples"


def refusal(path: Path) -> str:
    with pytest.raises(KubeflowError) as caught:
        compile_notebook(path)
    return caught.value.message


def test_a_notebook_tells_its_kernel_parameters_and_no_problem(
    write_notebook: Callable[..., Path],
) -> None:
    path = write_notebook("#md title", ("lr = 0.1  # rate", "parameters"), "%time print(lr)")
    assert inspect_path(path).to_json() == {
        "name": "work",
        "kernel": {"name": "python3", "display_name": "Python 3 (ipykernel)"},
        "parameters": [
            {
                "name": "lr",
                "type": "NUMBER_DOUBLE",
                "default": 0.1,
                "required": False,
                "description": "rate",
            }
        ],
        "problems": [],
    }


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (["#md only text", "  \n"], "no code"),
        (["# only a comment\n\n  # and another"], "no code"),
        ([("a = 1", "parameters"), ("b = 2", "parameters")], "Cells 1 and 2 are tagged"),
        (["1", ("a = 1\nb = f()", "parameters")], "Cell 2, line 2: `b` is computed"),
        ([("%%time\na = 1", "parameters")], "Cell 1, line 1: The cell is tagged"),
        ([("a = 1\nb = = 2", "parameters")], "Cell 1, line 2: invalid syntax"),
    ],
)
def test_a_notebook_that_cannot_run_is_refused(
    write_notebook: Callable[..., Path], cells: list[Any], told: str
) -> None:
    assert told in refusal(write_notebook(*cells))


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}},
        {"kernelspec": {"name": "ir", "display_name": "R"}, "language_info": {"name": "R"}},
    ],
)
def test_another_language_is_refused_by_name(
    write_notebook: Callable[..., Path], metadata: dict[str, Any]
) -> None:
    assert "language is r." in refusal(write_notebook("x <- 1", **metadata))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"not json", "not a readable notebook: it is not JSON (Expecting value"),
        (b"[]", "not a readable notebook: it is JSON, but no object with cells"),
        (b'{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "not a readable"),
        (b"\xff\xfe", "it is not UTF-8 text"),
    ],
)
def test_an_unparsable_file_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "broken.ipynb"
    path.write_bytes(content)
    assert told in refusal(path)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(KubeflowError) as caught:
        inspect_path(tmp_path / "none.ipynb")
    assert (caught.value.status, caught.value.reason) == (404, "NotFound")


def test_code_that_cannot_be_parsed_warns_and_markdown_tags_too(
    write_notebook: Callable[..., Path],
) -> None:
    path = write_notebook(
        ("#md lr = 1", "parameters"), "await thing()\n!ls\n%%foo", "x = 1\ny = (", "%%bash\nif ["
    )
    problems = [(p.severity, p.cell, p.line) for p in inspect_path(path).problems]
    assert ("warning", 1, None) in problems
    assert any(severity == "warning" and cell == 3 for severity, cell, _ in problems)
    assert not any(cell == 4 for _, cell, _ in problems)
    assert not any(severity == "error" for severity, _, _ in problems)


def test_a_kernel_that_is_not_here_is_warned_of(write_notebook: Callable[..., Path]) -> None:
    path = write_notebook("1", kernelspec={"name": "gone", "display_name": "Gone"})
    (problem,) = inspect_path(path).problems
    assert problem.severity == "warning"
    assert 'kernel "gone" is not installed here' in problem.message
    assert "python3" in problem.message


def test_an_old_notebook_is_upgraded(tmp_path: Path) -> None:
    path = tmp_path / "old.ipynb"
    path.write_text(
        '{"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": '
        '[{"cell_type": "code", "language": "python", "input": ["1"], "outputs": [], "collapsed": false}], "metadata": {}}]}'
    )
    assert inspect_path(path).problems == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.ipynb")), ids=lambda path: path.name)
def test_the_examples_are_clean(path: Path) -> None:
    from jupyterlab_kubeflow.notebook.document import code_cells, read_notebook

    assert inspect_path(path).problems == []
    assert all(not cell["outputs"] for _, cell in code_cells(read_notebook(path)))
