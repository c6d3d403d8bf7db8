"""``jupyter kubeflow local start | stop | status | logs | prepare | prune``."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyterlab_kubeflow.errors import KubeflowError

if TYPE_CHECKING:
    from .paths import Home
    from .process import LocalStatus


def add_parsers(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Adds ``local`` and its subcommands."""
    local = subparsers.add_parser("local", help="Kubeflow on this machine: start, stop, look")
    commands = local.add_subparsers(title="commands", metavar="COMMAND", required=True)

    start = commands.add_parser("start", help="start Local Kubeflow unless it runs")
    start.add_argument(
        "--port", type=_port, help="port of a new server (default: a random free one)"
    )
    start.add_argument("--timeout", type=_seconds, default=60.0, metavar="SECONDS")
    _add_output(start)
    start.set_defaults(command=_start)

    stop = commands.add_parser("stop", help="stop Local Kubeflow")
    stop.add_argument("--timeout", type=_seconds, default=30.0, metavar="SECONDS")
    _add_output(stop)
    stop.set_defaults(command=_stop)

    status = commands.add_parser("status", help="say whether it runs, where, and with which token")
    _add_output(status)
    status.set_defaults(command=_status)

    logs = commands.add_parser(
        "logs", help="print the server's log, or a task's with --run and --task"
    )
    logs.add_argument(
        "--follow", "-f", action="store_true", help="go on until interrupted or the task ends"
    )
    logs.add_argument("--run", help="id of a run")
    logs.add_argument("--task", help="id, name or scope path of a task of that run")
    logs.set_defaults(command=_logs)

    prepare = commands.add_parser(
        "prepare", help="make ahead of time what is otherwise made at first use"
    )
    prepare.add_argument(
        "pipelines",
        nargs="*",
        type=Path,
        metavar="PIPELINE",
        help="compiled pipelines whose components' environments and images are to be here",
    )
    prepare.set_defaults(command=_prepare)

    prune = commands.add_parser("prune", help="remove environments that have long not been used")
    prune.add_argument(
        "--days",
        type=_days,
        default=30.0,
        help="remove those whose last use is at least so many days ago (default: 30)",
    )
    prune.set_defaults(command=_prune)


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--output",
        "-o",
        choices=("text", "json"),
        default="text",
        help="how to print (default: text)",
    )


def _port(text: str) -> int:
    port = int(text) if text.isdigit() else 0
    if not 0 < port < 65536:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port between 1 and 65535")
    return port


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return seconds


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not 0 <= days < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of days, 0 or more")
    return days


def _start(options: argparse.Namespace) -> int:
    from . import process

    return _print(process.start(timeout=options.timeout, port=options.port), options.output)


def _stop(options: argparse.Namespace) -> int:
    from . import process

    ran = process.status().running
    status = process.stop(timeout=options.timeout)
    if options.output == "json":
        return _print(status, options.output)
    print(f"Local Kubeflow {'is stopped' if ran else 'was not running'} (folder {status.home}).")
    return 0


def _status(options: argparse.Namespace) -> int:
    from . import process

    return _print(process.status(), options.output)


def _print(status: LocalStatus, output: str) -> int:
    if output == "json":
        print(json.dumps(status.to_json(), indent=2))
    elif not status.running:
        print(f"Local Kubeflow does not run (folder {status.home}).")
    else:
        print(
            f"Local Kubeflow {status.version} runs at {status.url} (process {status.pid}, folder {status.home})."
        )
        for name, address in status.services.items():
            print(f"  {name}: {address}")
    return 0


def _logs(options: argparse.Namespace) -> int:
    from .paths import Home

    home = Home.of(None)
    if options.task and not options.run:
        raise KubeflowError("--task needs --run: name the run whose task you mean.")
    if options.run:
        return _task_logs(home, options.run, options.task, options.follow)
    if not home.log.exists():
        raise KubeflowError(
            f"There is no log yet: Local Kubeflow was never started in {home.root}."
        )
    for part in _read(home.log, (lambda: False) if options.follow else (lambda: True)):
        _write(part)
    return 0


def _task_logs(home: Home, run_id: str, task: str | None, follow: bool) -> int:
    from . import process

    process.require_packages()
    from .store.database import Database
    from .store.recorder import SqliteRecorder

    if not home.database.exists():
        raise KubeflowError(f"There are no runs in {home.root}.")
    database = Database(home.database)
    database.require_current()
    recorder = SqliteRecorder(database)
    try:
        recorder.run(run_id)
    except KeyError:
        raise KubeflowError(
            f"There is no run {run_id} in {home.root}.", reason="NotFound"
        ) from None
    tasks = [found for found in recorder.tasks(run_id) if found.log_path]
    if task:
        tasks = [t for t in tasks if task in (t.task_id, t.name, t.scope_path, t.display_name)]
    if not tasks:
        which = f'task "{task}" with a log' if task else "task with a log yet"
        raise KubeflowError(f"Run {run_id} has no {which}.", reason="NotFound")
    for found in tasks:
        if len(tasks) > 1:
            print(f"==> {found.scope_path} <==", flush=True)

        def ended(task_id: str = found.task_id) -> bool:
            now = {t.task_id: t for t in recorder.tasks(run_id)}.get(task_id)
            return now is None or now.end_time is not None

        for part in _read(Path(found.log_path or ""), ended if follow else (lambda: True)):
            _write(part)
    return 0


def _read(path: Path, ended: Callable[[], bool]) -> Iterator[bytes]:
    """The file's content from its start, going on until ``ended``."""
    with path.open("rb") as file:
        while True:
            last = ended()
            while part := file.read(65536):
                yield part
            if last:
                return
            time.sleep(0.2)


def _write(part: bytes) -> None:
    sys.stdout.flush()
    os.write(sys.stdout.fileno(), part)


def _prepare(options: argparse.Namespace) -> int:
    from . import process

    process.require_packages()
    if not options.pipelines:
        print(
            "Nothing needs to be prepared for Local Kubeflow itself. Name compiled pipelines to have the "
            "environments of their components made: jupyter kubeflow local prepare PIPELINE.yaml"
        )
        return 0
    from .paths import Home
    from .prepare import prepare

    prepare(Home.of(None), options.pipelines, lambda line: print(line, flush=True))
    return 0


def _prune(options: argparse.Namespace) -> int:
    from . import process

    process.require_packages()
    from .paths import Home
    from .prune import prune

    prune(Home.of(None), options.days, lambda line: print(line, flush=True))
    return 0
