"""The executor as a process: what it keeps, what it tells and how it ends."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from jupyterlab_kubeflow.notebook.api import compile_notebook
from jupyterlab_kubeflow.notebook.executor import error_text, failing_line, finite_numbers

WriteNotebook = Callable[..., Path]
RunTask = Callable[..., Any]

PARAMETERS = (
    "text: str = ''\nwhole: int = 0\nnumber: float = 0\nflag: bool = False\n"
    "items: list = []\noptions: dict = {}\nmaybe: str | None = None\n"
)


@pytest.mark.parametrize(
    "values",
    [
        {
            "text": 'it\'s "quoted"\n\\ {{$}} 🚀\u2028?',
            "whole": -7,
            "number": -1e-9,
            "flag": True,
            "items": [1, -2.5, "ä'", None, [True]],
            "options": {"k'\"": {"n": [None, 1e300]}, "": "!ls"},
            "maybe": "%magic",
        },
        {"text": "", "whole": 2**53, "number": 3, "items": [], "options": {}, "maybe": None},
    ],
)
def test_values_of_every_type_reach_the_kernel_unchanged(
    write_notebook: WriteNotebook, run_task: RunTask, values: dict[str, Any]
) -> None:
    names = ", ".join(f"{name}={name}" for name in values)
    path = write_notebook(
        (PARAMETERS, "parameters"), f"import json\nprint(json.dumps(dict({names})))"
    )
    ran = run_task(compile_notebook(path), **values)
    assert ran.code == 0, ran.stderr
    assert json.loads(ran.text) == values
    assert [cell.metadata.get("tags") for cell in ran.notebook.cells] == [
        ["parameters"],
        ["injected-parameters"],
        None,
    ]


def test_a_notebook_of_the_real_world_runs_with_magics_shell_and_neighbours(
    write_notebook: WriteNotebook, run_task: RunTask
) -> None:
    path = write_notebook(
        "#md\n# Ünïcode 🚀\n\nSome *words*, [a link](https://x.example/), a ![picture](https://x.example/p.png)"
        "\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<script>alert(2)</script><img src=x onerror=alert(3)><a href='javascript:alert(4)'>no</a>",
        "%matplotlib inline\nimport matplotlib.pyplot as plt\n_ = plt.plot([1, 2])",
        "!echo from-shell-$((40 + 2))",
        "%%bash\necho from-bash",
        "import asyncio\nawait asyncio.sleep(0)\nimport neighbour\nprint(neighbour.WORD, open('data.txt').read())",
        "%time 1 + 1",
        "import sys; print('to-stderr', file=sys.stderr)",
        "from IPython.display import HTML, display\ndisplay(HTML('<style>b {}</style><b>kept</b><table><thead><tr><th>col</th></tr></thead></table>'))\nHTML('<script>alert(1)</script>')",
        "from IPython.display import SVG\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(5)</script></svg>')",
        name="project/work.ipynb",
    )
    (path.parent / "neighbour.py").write_text("WORD = 'grüße'\n")
    (path.parent / "data.txt").write_text("read-beside")
    ran = run_task(compile_notebook(path))
    assert ran.code == 0, ran.stderr
    for said in (
        "from-shell-42",
        "from-bash",
        "grüße read-beside",
        "[1/8] cell 2: %matplotlib",
        "[8/8]",
    ):
        assert said in ran.stdout
    assert "to-stderr" in ran.stderr
    assert "image/png" in json.dumps(ran.notebook)
    assert "data:image/png;base64" in ran.report
    assert "<b>kept</b>" in ran.report
    assert "<script" not in ran.report
    assert 'src="http' not in ran.report
    page = BeautifulSoup(ran.report, "html.parser")
    rendered = page.select(".jp-RenderedHTMLCommon")
    text = " ".join(area.get_text(" ", strip=True) for area in rendered)
    assert "Ünïcode 🚀" in text
    assert "Some words , a link" in text
    assert "kept col" in text
    assert "<" not in text, "tags are not shown as text"
    assert [e.name for e in page.select("h1, em, td, th") if e.get_text() != ""] == [
        "h1", "h1", "em", "th", "th", "td", "td", "th",
    ]  # fmt: skip
    for trick in ("onerror", "p.png", "javascript:alert(4)"):
        assert not any(trick in str(area) for area in rendered)
    (drawing,) = page.select('img[alt="Drawing"]')
    assert drawing["src"].startswith("data:image/svg+xml;base64,")
    assert "parameters" not in str(ran.notebook.cells[1].metadata)


def test_a_failing_cell_ends_the_run_with_its_place_and_keeps_the_rest(
    write_notebook: WriteNotebook, run_task: RunTask
) -> None:
    path = write_notebook(
        ("n = 1", "parameters"),
        "#md text",
        "def f(x):\n    return 1 / x",
        "print('before')\n\nf(0)",
        "print('never')",
    )
    ran = run_task(compile_notebook(path))
    assert ran.code == 1
    assert ran.last_line == "Cell 4, line 3: ZeroDivisionError: division by zero"
    assert "\n  Cell 4, line 3\n    f(0)\n" in ran.stderr
    assert ran.text == "before\n"
    assert "ZeroDivisionError" in ran.report
    assert ran.metrics == {}


@pytest.mark.parametrize(
    ("source", "last_line"),
    [
        ("a = 1\nb = = 2", "Cell 2, line 2: SyntaxError: invalid syntax"),
        ("%xmode Minimal\n\nraise ValueError('a\\nb')", "Cell 2: ValueError: a b"),
        ("%run missing.py", "Cell 2"),
        ("import os\nos._exit(3)", "Cell 2: the kernel died."),
        ("input('name?')", "Cell 2, line 1: StdinNotImplementedError"),
    ],
)
def test_every_kind_of_failure_names_its_cell(
    write_notebook: WriteNotebook, run_task: RunTask, source: str, last_line: str
) -> None:
    ran = run_task(compile_notebook(write_notebook("print('kept')", source)))
    assert ran.code == 1
    assert ran.last_line.startswith(last_line)
    assert ran.text.startswith("kept\n")


def test_the_message_of_a_failure_is_one_line() -> None:
    said = error_text("Cell 1", "x = 1\nraise", 2, "ValueError", "a\nb " + "c" * 5000)
    assert said.startswith("Traceback (most recent call last):\n  Cell 1, line 2\n    raise\n")
    last = said.splitlines()[-1]
    assert last.startswith("Cell 1, line 2: ValueError: a b ccc")
    assert len(last) < 1100
    assert error_text("Cell 1", "", None, "KeyError", "").endswith("\nCell 1: KeyError")


def test_expected_errors_and_skipped_cells_do_not_fail(
    write_notebook: WriteNotebook, run_task: RunTask
) -> None:
    path = write_notebook(("1 / 0", "raises-exception"), ("1 / 0", "skip-execution"), "print('on')")
    ran = run_task(compile_notebook(path))
    assert (ran.code, ran.text) == (0, "on\n")
    assert ran.metrics == {}
    assert not (ran.root / "metrics").exists()


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"cell_timeout": 1}, "Cell 2: did not end within 1 s (setting cell_timeout)."),
        ({"timeout": 3}, "Cell 2: the notebook did not end within 3 s (setting timeout)."),
    ],
)
def test_a_cell_that_takes_too_long_is_ended_and_the_rest_kept(
    write_notebook: WriteNotebook, run_task: RunTask, setting: dict[str, Any], told: str
) -> None:
    path = write_notebook(
        "print('kept')", "import time\nprint('in it', flush=True)\ntime.sleep(600)"
    )
    ran = run_task(compile_notebook(path, settings=setting))
    assert (ran.code, ran.last_line) == (1, told)
    assert ran.text == "kept\nin it\n"
    assert "KeyboardInterrupt" in ran.report


def test_sigterm_ends_kernel_and_children_and_keeps_what_there_is(
    write_notebook: WriteNotebook,
    start_task: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
) -> None:
    import psutil

    path = write_notebook(
        "print('kept')",
        "import os, subprocess\nchild = subprocess.Popen(['sleep', '600'])\nprint('pids', os.getpid(), child.pid, flush=True)\nchild.wait()",
    )
    process = start_task(compile_notebook(path))
    assert process.stdout is not None
    pids = next(line for line in process.stdout if line.startswith("pids")).split()[1:]
    running = [psutil.Process(int(pid)) for pid in pids]
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    assert stderr.rstrip().endswith("Cell 2: stopped.")
    psutil.wait_procs(running, timeout=10)
    assert not [p for p in running if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    executed = nbformat.read(tmp_path / "task" / "notebook", as_version=4)
    assert executed.cells[0].outputs[0].text == "kept\n"
    assert "pids" in executed.cells[1].outputs[0].text


def test_the_notebook_is_on_disk_while_a_later_cell_runs(
    write_notebook: WriteNotebook,
    start_task: Callable[..., subprocess.Popen[str]],
    tmp_path: Path,
) -> None:
    path = write_notebook(
        "print('first')", "print('live', flush=True)\nimport time; time.sleep(600)"
    )
    process = start_task(compile_notebook(path))
    assert process.stdout is not None
    assert any(line == "live\n" for line in process.stdout)
    process.kill()
    process.communicate(timeout=60)
    executed = nbformat.read(tmp_path / "task" / "notebook", as_version=4)
    assert executed.cells[0].outputs[0].text == "first\n"


HOSTILE = """
from IPython.display import publish_display_data as show
trick = {'alt': '" onload=alert(15) x="', 'width': '1 onerror=alert(14)', 'height': 7}
png = 'iVBORw0KGgo='
for kind in ('image/jpeg', 'image/png', 'image/gif', 'image/webp'):
    show({kind: png, 'text/plain': 'p'}, metadata={kind: trick})
    show({kind: png, 'text/plain': 'p'}, metadata=trick)
    show({kind: 'x" onerror="alert(1)', 'text/plain': 'no picture'})
    show({kind: '"><script>alert(2)</script>', 'text/plain': 'no picture'})
show({'image/png': png}, metadata={'image/png': {'width': 11, 'height': 12, 'alt': 'A plot'}})
show({'text/vnd.mermaid': '</pre><img src=x onerror=alert(3)>', 'text/plain': 'chart'})
show({'text/latex': '<img src=x onerror=alert(4)>'})
show({'application/javascript': 'alert(5)'})
show({'text/plain': '<img src=x onerror=alert(6)>'})
"""


class Page(HTMLParser):
    """What of a page could run, and its images."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.live: list[str] = []
        self.images: list[dict[str, str | None]] = []
        self.policy: list[str | None] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        self.live += [f"{tag} {name}" for name in given if name.startswith("on")]
        self.live += [tag] if tag in ("script", "iframe", "object", "embed", "base") else []
        if tag == "img":
            self.images.append(given)
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy.append(given.get("content"))


def test_nothing_in_the_report_runs(write_notebook: WriteNotebook, run_task: RunTask) -> None:
    ran = run_task(compile_notebook(write_notebook(HOSTILE)))
    assert ran.code == 0, ran.stderr
    page = Page(ran.report)
    assert page.live == []
    assert page.policy == [
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:"
    ]
    assert ran.report.index("Content-Security-Policy") < ran.report.index("<style")
    assert any((i.get("width"), i.get("height")) == ("11", "12") for i in page.images)
    assert any((i.get("width"), i.get("height")) == (None, "7") for i in page.images)
    assert all((i["src"] or "").startswith("data:image/") for i in page.images)
    assert "no picture" in ran.report


def test_the_executed_notebook_carries_no_trust(
    write_notebook: WriteNotebook, run_task: RunTask, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_notebook("1", "#md text")
    document = json.loads(path.read_text())
    for cell in document["cells"]:
        cell["metadata"]["trusted"] = True
    path.write_text(json.dumps(document))
    monkeypatch.setattr("jupyterlab_kubeflow.notebook.compile.stripped", lambda notebook: notebook)
    ran = run_task(compile_notebook(path))
    assert ran.code == 0, ran.stderr
    assert '"trusted"' not in (ran.root / "notebook").read_text()


def test_a_missing_kernel_is_named_with_those_there_are(
    write_notebook: WriteNotebook, run_task: RunTask
) -> None:
    kernel = {"name": "gone", "display_name": "Gone", "language": "python"}
    ran = run_task(compile_notebook(write_notebook("1", kernelspec=kernel)))
    assert ran.code == 1
    assert ran.last_line.startswith('The kernel "gone" of this notebook is not installed here.')
    assert "python3" in ran.last_line
    assert len(ran.notebook.cells) == 1


def test_a_vanished_folder_is_named(write_notebook: WriteNotebook, run_task: RunTask) -> None:
    spec = compile_notebook(write_notebook("1"), settings={"working_directory": "/no/such/folder"})
    ran = run_task(spec)
    assert ran.code == 1
    assert "/no/such/folder is not here" in ran.last_line


def test_metrics_come_from_tagged_cells_and_displayed_dicts(
    write_notebook: WriteNotebook, run_task: RunTask
) -> None:
    path = write_notebook(
        "untagged = 1",
        ("{'a': 1, 'b': {'c': 0.5}, 's': 'text', 'n': float('nan'), 'big': 10**400}", "metrics"),
        (
            "import numpy as np\nd = np.float32(0.25)\ne, f = 2, 'x'\ng = float('inf')\nh: int = 3",
            "metrics",
        ),
        "accuracy = 0.9",
        ("%time\naccuracy", "metrics"),
        "from IPython.display import display\n"
        "display({'application/vnd.kubeflow.metrics+json': {'loss': 0.125}, 'text/plain': 'shown'}, raw=True)",
    )
    ran = run_task(compile_notebook(path))
    assert ran.code == 0, ran.stderr
    metrics = {"a": 1, "b.c": 0.5, "d": 0.25, "e": 2, "h": 3, "accuracy": 0.9, "loss": 0.125}
    assert ran.metrics == metrics
    assert json.loads((ran.root / "metrics").read_text()) == metrics


def test_what_is_left_out_of_the_metrics_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert finite_numbers({"a": float("nan"), "b": "x", "c": True, "d": {"e": 1}}) == {"d.e": 1}
    said = capsys.readouterr().out
    assert [name for name in ("a", "b", "c") if f"Metric {name} " in said] == ["a", "b", "c"]


@pytest.mark.parametrize(
    "traceback",
    [
        "ZeroDivisionError  Traceback (most recent call last)\nCell In[3], line 2\n      1 x = 0\n----> 2 1 / x",
        "Input In [3], in <cell line: 2>()\n      1 x = 0\n----> 2 1 / x",
        "<ipython-input-3-abc> in <module>\n      1 x = 0\n\x1b[0;32m----> 2\x1b[0m 1 / x",
    ],
)
def test_the_line_is_found_in_the_tracebacks_of_all_ipythons(traceback: str) -> None:
    assert failing_line([traceback]) == 2
