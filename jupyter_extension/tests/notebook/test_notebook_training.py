"""Functions and scripts of notebooks, for training nodes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.notebook.training import notebook_script, train_functions
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


def notebook(*sources: str, **metadata: Any) -> dict[str, Any]:
    cells = [new_code_cell(source) for source in sources]
    return dict(new_notebook(cells=cells, metadata=metadata))


def run(script: str, folder: Path) -> str:
    file = folder / "train.py"
    file.write_text(script)
    done = subprocess.run([sys.executable, file], capture_output=True, text=True, check=True)
    return done.stdout


def test_functions_have_their_arguments_and_source() -> None:
    document = notebook(
        "%matplotlib inline\nx = 1",
        "@staticmethod\ndef train(lr: float = 1, *, layers=[64], name, shuffle=True, seed: int | None = None, f=len):\n    return lr",
        "class A:\n    def inner(self): ...\nasync def later(): ...",
    )
    document["cells"].insert(0, new_markdown_cell("def no(): ..."))
    (found,) = train_functions(document, "work")
    assert (found.name, found.cell, found.line) == ("train", 3, 2)
    assert found.cell_id == document["cells"][2]["id"]
    assert found.source.startswith("@staticmethod\ndef train(")
    assert [(each.name, each.type, each.default, each.required) for each in found.parameters] == [
        ("lr", "NUMBER_DOUBLE", 1.0, False),
        ("layers", "LIST", [64], False),
        ("name", "ANY", None, True),
        ("shuffle", "BOOLEAN", True, False),
        ("seed", "NUMBER_INTEGER", None, False),
        ("f", "ANY", None, False),
    ]
    assert found.problems == []


def test_the_last_definition_holds() -> None:
    found = train_functions(notebook("def a(): return 1", "def b(): ...", "def a(): return 2"), "n")
    assert [(each.name, each.cell) for each in found] == [("b", 2), ("a", 3)]


def test_names_from_outside_are_told() -> None:
    source = "def train(n):\n    import os\n    return [np.zeros(i) for i in range(n)], os, helper(DATA), __name__"
    (found,) = train_functions(notebook("import numpy as np", source), "n")
    (problem,) = found.problems
    assert (problem.severity, problem.cell, problem.line) == ("warning", 2, 1)
    assert "uses `DATA`, `helper`, `np` from outside" in problem.message


def test_a_function_that_calls_itself_misses_nothing() -> None:
    source = "def train(n):\n    def inner():\n        return n\n    return train(n - 1) if n else inner()"
    (found,) = train_functions(notebook(source), "n")
    assert found.problems == []


def test_arguments_by_position_only_are_refused() -> None:
    (found,) = train_functions(notebook("def train(lr, /): ..."), "n")
    assert found.problems[0].severity == "error"


def test_a_cell_that_is_no_python_hides_no_other() -> None:
    found = train_functions(notebook("def broken(:", "def train(): ..."), "n")
    assert [each.name for each in found] == ["train"]


def test_a_script_runs_the_cells_in_order(tmp_path: Path) -> None:
    document = notebook(
        "x = 1",
        "from __future__ import annotations\nfrom sys import argv",
        "# nothing\n",
        "%matplotlib inline\nif x:\n    %matplotlib inline\nx += 1",
        "print(x, len(argv))\nx",
        "raise SystemExit(3)",
    )
    document["cells"][-1]["metadata"]["tags"] = ["skip-execution"]
    result = notebook_script(document, "work")
    assert result.script.startswith("from __future__ import annotations\n")
    assert "# Cell 5" in result.script
    assert "IPython" not in result.script
    assert result.problems == []
    assert run(result.script, tmp_path) == "2 1\n"


def test_magics_and_display_need_ipython_and_work(tmp_path: Path) -> None:
    result = notebook_script(notebook("a = !echo hello\nprint(a[0])", "display(3)"), "work")
    (problem,) = result.problems
    assert (problem.severity, problem.cell) == ("warning", 1)
    assert "package ipython" in problem.message
    assert run(result.script, tmp_path) == "hello\n3\n"
    (problem,) = notebook_script(notebook("!a", "%time 1"), "work").problems
    assert problem.cell is None
    assert problem.message.endswith("in cells 1, 2.")


def test_magics_share_their_names_with_the_rest_of_the_script(tmp_path: Path) -> None:
    document = notebook(
        "import os\nfolder = 'here'",
        "%%time\nlength = len(os.sep)\ndef twice(x):\n    return 2 * x",
        "print(twice(length))\n!echo {folder}\n%time print(folder)",
        "def show():\n    inner = 'inside'\n    !echo {inner}\nshow()",
    )
    told = run(notebook_script(document, "work").script, tmp_path)
    said = [line for line in told.splitlines() if not line.startswith(("CPU times", "Wall time"))]
    assert said == ["2", "here", "here", "inside"]


def test_an_error_in_a_timed_cell_ends_the_script(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(notebook_script(notebook("%%time\n1 / 0", "print('on')"), "work").script)
    done = subprocess.run([sys.executable, file], capture_output=True, text=True)
    assert done.returncode != 0
    assert "on\n" not in done.stdout
    assert "ZeroDivisionError" in done.stderr


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("x = (", "Cell 1, line 1"),
        ("import asyncio\nawait asyncio.sleep(0)", "asyncio.run"),
        ("x = " + "-" * 100_000 + "1", "Cell 1: The code is nested too deeply"),
    ],
)
def test_what_cannot_be_a_script_is_refused_with_its_place(source: str, told: str) -> None:
    with pytest.raises(KubeflowError) as caught:
        notebook_script(notebook(source), "work")
    assert told in caught.value.message
    (problem,) = (caught.value.details or {})["problems"]
    assert problem["cell"] == 1


def test_a_notebook_without_code_is_refused() -> None:
    with pytest.raises(KubeflowError, match="work has no code"):
        notebook_script(notebook("# only words"), "work")


@pytest.mark.parametrize("read", [train_functions, notebook_script])
def test_another_language_is_refused(read: Any) -> None:
    document = notebook("1", language_info={"name": "julia"})
    with pytest.raises(KubeflowError, match="The language of work is julia"):
        read(document, "work")
