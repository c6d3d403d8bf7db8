"""Scripts of tuning trials: what they take as parameters, and what of them Katib's collector would read."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local.katib.metrics import now, reader
from jupyterlab_kubeflow.notebook.trial import (
    Trial,
    file_trial,
    function_trial,
    notebook_trial,
    runtime_source,
)
from nbformat.v4 import new_code_cell, new_notebook


def notebook(*cells: Any) -> dict[str, Any]:
    made = [
        new_code_cell(each)
        if isinstance(each, str)
        else new_code_cell(each[0], metadata={"tags": [each[1]]})
        for each in cells
    ]
    return dict(new_notebook(cells=made))


def run(trial: Trial, *arguments: str, folder: Path) -> str:
    file = folder / "trial.py"
    file.write_text(trial.script)
    done = subprocess.run(
        [sys.executable, file, *arguments], capture_output=True, text=True, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def collected(trial: Trial, *arguments: str, folder: Path) -> dict[str, str]:
    """The metrics that Katib's own pattern finds in what the script prints."""
    names = trial.metrics
    read = reader({}, {"objectiveMetricName": names[0], "additionalMetricNames": names[1:]})
    lines = run(trial, *arguments, folder=folder).splitlines()
    return {log.metric: log.value for line in lines for log in read(line, now())}


def test_a_notebook_takes_values_and_prints_its_tagged_metrics(tmp_path: Path) -> None:
    made = notebook_trial(
        notebook(
            ("rate = 0.1  # learning rate\ndepth = 3\nkind = 'a'\nfast = True", "parameters"),
            "from __future__ import annotations\nloss = rate * depth + (1 if fast else 2)",
            ("loss\naccuracy = 1 - rate\nname = kind", "metrics"),
        ),
        "work",
    )
    assert [(each.name, each.flag, each.type, each.default) for each in made.parameters] == [
        ("rate", "--rate", "NUMBER_DOUBLE", 0.1),
        ("depth", "--depth", "NUMBER_INTEGER", 3),
        ("kind", "--kind", "STRING", "a"),
        ("fast", "--fast", "BOOLEAN", True),
    ]
    assert made.parameters[0].description == "learning rate"
    assert made.problems == []
    assert made.metrics == ["loss", "accuracy", "name"]
    assert collected(made, folder=tmp_path) == {"loss": "1.3", "accuracy": "0.9"}
    given = ("--rate=0.5", "--depth", "4.0", "--fast=false", "--kind=--x")
    assert collected(made, *given, folder=tmp_path) == {"loss": "4.0", "accuracy": "0.5"}


@pytest.mark.parametrize(
    ("cell", "named", "found"),
    [
        ("{'loss': 0.25, 'n': 3, 'text': 'a', 'yes': True}", ["loss", "n", "text", "yes"], "loss n"),
        ("found = {'macro avg': {'f1-score': 0.5}}\nfound", ["macro_avg_f1-score"], "macro_avg_f1-score"),
        ("loss, bad = 1, float('nan')", ["loss", "bad"], "loss"),
        ("ü = 2; loss = 1; {'loss': loss + ü}", ["loss"], "loss"),
        ("loss = 1\nprint('done')", ["loss"], "loss"),
        ("loss: float = 1e-9\nloss  # the last", ["loss"], "loss"),
    ],
)  # fmt: skip
def test_metrics_are_those_that_a_pipeline_would_have(
    cell: str, named: list[str], found: str, tmp_path: Path
) -> None:
    made = notebook_trial(notebook((cell, "metrics")), "work")
    assert made.metrics == named
    assert " ".join(collected(made, folder=tmp_path)) == found


def test_a_value_of_the_wrong_type_ends_the_trial_with_its_name(tmp_path: Path) -> None:
    made = notebook_trial(notebook(("depth = 3", "parameters"), ("depth", "metrics")), "work")
    file = tmp_path / "trial.py"
    file.write_text(made.script)
    done = subprocess.run(
        [sys.executable, file, "--depth=2.5"], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "--depth" in done.stderr
    assert "is no whole number" in done.stderr


def test_what_a_notebook_lacks_is_told() -> None:
    made = notebook_trial(
        notebook("display({'application/vnd.kubeflow.metrics+json': {'a': 1}}, raw=True)"), "work"
    )
    said = " ".join(each.message for each in made.problems)
    assert "`parameters`" in said
    assert "displayed" in said
    with pytest.raises(KubeflowError, match=r"work cannot be tuned\. Cell 1, line 1"):
        notebook_trial(notebook(("a = b()", "parameters")), "work")


@pytest.mark.parametrize(
    ("body", "metrics"),
    [
        ("return {'accuracy': rate, 'loss': 1 - rate}", ["accuracy", "loss"]),
        ("accuracy = rate * 2\n    return accuracy", ["accuracy"]),
        ("found = {'accuracy': rate}\n    return found", ["accuracy"]),
        ("return rate * 2", ["objective"]),
        ("print(f'epoch 1 accuracy={rate:.3f}')", ["accuracy"]),
    ],
)
def test_a_function_prints_what_it_returns(body: str, metrics: list[str], tmp_path: Path) -> None:
    source = f"def train(rate: float = 0.25, *, layers=(1, 2), depth):\n    assert layers == [3] and depth == 2\n    {body}\n"
    made = function_trial(notebook("x = 1", source), "work", "train")
    assert made.metrics == metrics
    assert made.problems == []
    assert [(each.name, each.type, each.required) for each in made.parameters] == [
        ("rate", "NUMBER_DOUBLE", False),
        ("layers", "ANY", False),
        ("depth", "ANY", True),
    ]
    given = ("--rate=0.5", "--layers=[3]", "--depth=2")
    assert set(collected(made, *given, folder=tmp_path)) == set(metrics)


def test_a_function_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(KubeflowError, match="no function fit at its top level; it has train"):
        function_trial(notebook("def train(): ..."), "work", "fit")
    assert "returns no number" in function_trial(
        notebook("def train(): ..."), "work", "train"
    ).problems[0].message  # fmt: skip


def test_a_file_stays_as_it_is_and_tells_its_options() -> None:
    source = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("-l", "--lr", type=float, default=0.01, help="learning rate")
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--solver", choices=["adam", "sgd"], default="adam")
parser.add_argument("--units", type=int, required=True)
parser.add_argument("--verbose", action="store_true")
parser.add_argument("--shuffle", type=bool, default=True)
parser.add_argument("data")
args = parser.parse_args()
print(f"epoch=1 loss={args.lr:.4f} {args.units=}", "val_loss=%s" % 1, "text = {}".format(2))
"""
    made = file_trial(source, "train.py")
    assert made.script == source
    assert [(each.flag, each.type, each.default, each.required) for each in made.parameters] == [
        ("--lr", "NUMBER_DOUBLE", 0.01, False),
        ("--batch-size", "NUMBER_INTEGER", 32, False),
        ("--solver", "STRING", "adam", False),
        ("--units", "NUMBER_INTEGER", None, True),
    ]
    assert made.parameters[0].description == "learning rate"
    assert made.parameters[2].choices == ["adam", "sgd"]
    assert {"loss", "val_loss", "text"} <= set(made.metrics)
    assert [each.message for each in made.problems] == [
        "`--shuffle` has type bool, which reads every text as true. Give it choices of text to tune it."
    ]


def test_options_of_click_are_read_too() -> None:
    source = """
@click.option("--lr", type=click.FLOAT, default=1)
@click.option("--solver", type=click.Choice(["a", "b"]))
@click.option("--fast", is_flag=True)
def main(lr, solver, fast): ...
"""
    made = file_trial(source, "train.py")
    assert [(each.flag, each.type, each.choices) for each in made.parameters] == [
        ("--lr", "NUMBER_DOUBLE", []),
        ("--solver", "STRING", ["a", "b"]),
    ]
    assert "prints a metric" in made.problems[0].message


def test_a_file_that_is_no_python_is_refused_with_its_line() -> None:
    with pytest.raises(KubeflowError, match=r"train.py is no Python in line 2"):
        file_trial("a = 1\nb =\n", "train.py")


def test_metrics_are_reported_to_trainer_where_the_node_has_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[Any] = []

    class Status(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            got.append((self.headers["Authorization"], json.loads(self.rfile.read(length))))
            self.send_response(200)
            self.end_headers()

    server = HTTPServer(("127.0.0.1", 0), Status)
    thread = threading.Thread(target=server.handle_request)
    thread.start()
    (tmp_path / "token").write_text("secret")
    import certifi

    monkeypatch.setenv("KUBEFLOW_TRAINER_SERVER_URL", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("KUBEFLOW_TRAINER_SERVER_TOKEN", str(tmp_path / "token"))
    monkeypatch.setenv("KUBEFLOW_TRAINER_SERVER_CA_CERT", certifi.where())
    made = notebook_trial(notebook(("loss = 0.5", "metrics")), "work")
    assert "loss=0.5" in run(made, folder=tmp_path)
    thread.join(30)
    server.server_close()
    ((authorization, body),) = got
    assert authorization == "Bearer secret"
    assert body["trainerStatus"]["metrics"] == [{"name": "loss", "value": "0.5"}]


def test_what_travels_is_plain_python_without_marks_for_checkers() -> None:
    assert "# type:" not in runtime_source()
    assert "noqa" not in runtime_source()
    compile(runtime_source(), "runtime", "exec")
