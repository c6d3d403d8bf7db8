"""State of the first version, 0.1.0 at the commit :data:`COMMIT`, in use: made by that version's own server.

``python first_version.py write FILE`` writes the SQL of such a state, with ``@HOME@`` for its folder. ``python first_version.py use URL TOKEN
FOLDER`` is :func:`use`, by itself: the first version's answers do not keep to all of KFP's description.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
from jupyterlab_kubeflow.local import process
from local_pipelines import adder, failing

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from kfp import compiler, dsl

    @dsl.component
    def model(weights: str, model: dsl.Output[dsl.Model], metrics: dsl.Output[dsl.Metrics]):
        metrics.log_metric("accuracy", 0.75)
        with open(model.path, "w") as file:
            file.write(weights)


COMMIT = "dfadaa7b35b2ad7f8ebb4ba123598bc93359fbe9"
API = "/apis/v2beta1"
_ROOT = Path(__file__).parents[3]


@dsl.container_component
def gate(folder: str, name: str):
    """Says that it runs and goes on when the test lets it."""
    script = (
        ': > "$0/$1.running"; echo begin; until [ -e "$0/$1.go" ]; do sleep 0.02; done; echo end'
    )
    return dsl.ContainerSpec("busybox", ["sh", "-c", script], [folder, name])


@dsl.pipeline(name="gated")
def gated(folder: str, name: str):
    gate(folder=folder, name=name).set_caching_options(False)


@dsl.pipeline(name="modelled")
def modelled(weights: str):
    model(weights=weights)


def source(folder: Path) -> Path | None:
    """The Python code of the first version, unpacked in ``folder``; None when the history does not hold it."""
    command = ["git", "-C", str(_ROOT), "archive", COMMIT, "jupyter_extension/jupyterlab_kubeflow"]
    packed = subprocess.run(command, capture_output=True, check=False)
    if packed.returncode:
        return None
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(folder, filter="data")
    package = folder / "jupyter_extension"
    (package / "jupyterlab_kubeflow" / "_version.py").write_text('__version__ = "0.1.0"\n')
    return package


def start(package: Path, home: Path) -> process.LocalStatus:
    """Starts the first version's server."""
    code = (
        "import sys, json; from jupyterlab_kubeflow.local import process;"
        "print(json.dumps(process.start(sys.argv[1]).to_json()))"
    )
    environment = {**os.environ, "PYTHONPATH": str(package)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(home)],
        env=environment,
        cwd=package,
        stdout=subprocess.PIPE,
        check=True,
    )
    return process.LocalStatus(**json.loads(done.stdout))


def client(url: str, token: str) -> httpx.Client:
    """Plain HTTP."""
    return httpx.Client(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=60,
    )


def use_by_itself(server: process.LocalStatus, folder: Path) -> None:
    """:func:`use` in a process of its own."""
    arguments = ["use", server.services["pipelines"], str(server.token), str(folder)]
    subprocess.run([sys.executable, __file__, *arguments], check=True)


def use(http: httpx.Client, folder: Path) -> None:
    """Uses a new server: experiments, a pipeline with versions, runs that have ended in every way, and runs that have not.

    The processes of the latter wait for files in ``folder``.
    """

    def post(path: str, **body: Any) -> dict[str, Any]:
        return dict(http.post(f"{API}{path}", json=body).raise_for_status().json())

    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        compiler.Compiler().compile(adder, file.name)
        content = Path(file.name).read_bytes()
    package = {"uploadfile": ("adder.yaml", content)}
    upload = http.post(f"{API}/pipelines/upload", params={"name": "Adder"}, files=package)
    pipeline = upload.raise_for_status().json()["pipeline_id"]
    params = {"name": "second", "pipelineid": pipeline}
    version = http.post(f"{API}/pipelines/upload_version", params=params, files=package)
    reference = {
        "pipeline_id": pipeline,
        "pipeline_version_id": version.raise_for_status().json()["pipeline_version_id"],
    }
    kept = post("/experiments", display_name="kept", description="All that is kept")
    old = post("/experiments", display_name="old")
    http.post(f"{API}/experiments/{old['experiment_id']}:archive").raise_for_status()

    def run(name: str, parameters: dict[str, Any], **more: Any) -> str:
        config = {"parameters": parameters}
        made = post("/runs", display_name=name, runtime_config=config, **more)
        return str(made["run_id"])

    def spec(pipeline: Any) -> dict[str, Any]:
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            compiler.Compiler().compile(pipeline, file.name)
            return {"pipeline_spec": json.loads(Path(file.name).read_text())}

    ended = [
        run("added", {"x": 1}, pipeline_version_reference=reference),
        run("failed", {}, **spec(failing), experiment_id=kept["experiment_id"]),
        run("modelled", {"weights": "w"}, **spec(modelled)),
    ]
    for run_id in ended:
        _until(http, run_id, "SUCCEEDED", "FAILED")
    _until(http, run("cached", {"weights": "w"}, **spec(modelled)), "SUCCEEDED")
    http.post(f"{API}/runs/{ended[0]}:archive").raise_for_status()

    def begin(name: str) -> str:
        run_id = run(name, {"folder": str(folder), "name": name}, **spec(gated))
        while not (folder / f"{name}.running").exists():
            time.sleep(0.02)
        return run_id

    cancelled = begin("cancelled")
    http.post(f"{API}/runs/{cancelled}:terminate").raise_for_status()
    _until(http, cancelled, "CANCELED")
    for number in range(os.cpu_count() or 1):
        begin(f"running {number}")
    run("waiting", {"folder": str(folder), "name": "waiting"}, **spec(gated))
    while not _task(http, "waiting").get("status_metadata"):
        time.sleep(0.02)


def runs(http: httpx.Client) -> dict[str, dict[str, Any]]:
    """All runs by name."""
    page = http.get(f"{API}/runs", params={"page_size": 100}).raise_for_status().json()
    return {each["display_name"]: each for each in page["runs"]}


def tasks(http: httpx.Client, run: str) -> list[dict[str, Any]]:
    """The tasks of a run."""
    answer = http.get(f"{API}/runs/{runs(http)[run]['run_id']}/tasks").raise_for_status()
    return list(answer.json().get("tasks", []))


def _task(http: httpx.Client, run: str) -> dict[str, Any]:
    return next((each for each in tasks(http, run) if each["name"] == "gate"), {})


def _until(http: httpx.Client, run_id: str, *states: str) -> None:
    while http.get(f"{API}/runs/{run_id}").raise_for_status().json()["state"] not in states:
        time.sleep(0.05)


def _write(target: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        package, home = source(Path(scratch, "source")), Path(scratch, "home")
        assert package is not None
        server = start(package, home)
        gates = home / "gates"
        gates.mkdir()
        use_by_itself(server, gates)
        os.kill(server.pid or 0, signal.SIGKILL)
        with closing(sqlite3.connect(home / "state.db")) as database:
            target.write_text("\n".join(database.iterdump()).replace(str(home), "@HOME@") + "\n")
        for name in ("waiting", *(path.stem for path in gates.glob("running*"))):
            (gates / f"{name}.go").touch()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["write", target]:
            _write(Path(target))
        case ["use", url, token, folder]:
            with client(url, token) as http:
                use(http, Path(folder))
