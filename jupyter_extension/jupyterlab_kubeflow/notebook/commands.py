"""``jupyter kubeflow compile NB`` and ``jupyter kubeflow submit NB``."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyterlab_kubeflow.errors import KubeflowError

if TYPE_CHECKING:
    from .inspect import Inspection
    from .submit import Pipelines


def add_parsers(subparsers: argparse._SubParsersAction[Any]) -> None:
    """Adds ``compile`` and ``submit``."""
    compile_parser = subparsers.add_parser(
        "compile", help="write the KFP pipeline that runs a notebook"
    )
    _add_common(compile_parser, "cluster")
    compile_parser.add_argument(
        "-o", "--output", default="-", metavar="FILE", help="YAML file to write (default: print it)"
    )
    compile_parser.set_defaults(command=_compile)

    submit = subparsers.add_parser("submit", help="run a notebook as a pipeline")
    _add_common(submit, None)
    submit.add_argument(
        "--param",
        "-p",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="value of a parameter; may be given several times",
    )
    submit.add_argument("--experiment", metavar="NAME", help="experiment to put the run in")
    submit.add_argument("--wait", action="store_true", help="follow the run to its end")
    submit.add_argument(
        "--host",
        metavar="URL",
        help="a KFP API server (default: Local Kubeflow, started when it does not run)",
    )
    submit.add_argument(
        "--token-file", metavar="FILE", help="file with the bearer token for --host"
    )
    submit.add_argument("--output", choices=("text", "json"), default="text")
    submit.set_defaults(command=_submit)


def _add_common(parser: argparse.ArgumentParser, target: str | None) -> None:
    parser.add_argument("notebook", metavar="NB", help="the .ipynb file")
    parser.add_argument("--name", help="name of the pipeline and its run (default: the file's)")
    parser.add_argument(
        "--target",
        choices=("local", "cluster"),
        default=target,
        help="local: the notebook's own kernel and folder; cluster: a container"
        + (f" (default: {target})" if target else " (default: cluster with --host, else local)"),
    )
    parser.add_argument("--image", help="the container's image")
    parser.add_argument(
        "--requirements",
        metavar="auto|FILE",
        help="what the container installs: a requirements file, or auto to pin what the kernel has (default: auto)",
    )
    parser.add_argument("--cell-timeout", type=float, metavar="SECONDS", help="limit for one cell")
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="limit for the notebook")
    parser.add_argument(
        "--caching", action="store_true", help="let KFP reuse the outputs of an equal run"
    )


def _compile(options: argparse.Namespace) -> int:
    from .compile import to_yaml

    inspection, spec = _compiled(options)
    _warn(inspection)
    text = to_yaml(spec)
    if options.output == "-":
        print(text, end="")
        return 0
    try:
        Path(options.output).write_text(text, encoding="utf-8")
    except OSError as error:
        raise KubeflowError(f"{options.output} cannot be written: {error.strerror}.") from error
    print(f"Wrote {options.output}.", file=sys.stderr)
    return 0


def _submit(options: argparse.Namespace) -> int:
    from .parameters import parse_arguments

    texts = dict(_pair(item) for item in options.param)
    options.target = options.target or ("cluster" if options.host else "local")
    inspection, spec = _compiled(options)
    values = parse_arguments(inspection.parameters, texts)
    _warn(inspection)
    with _service(options) as service:
        name = f"{inspection.name} {datetime.now():%Y-%m-%d %H:%M:%S}"
        run = service.create_run(options.name or name, spec, values, options.experiment)
        _tell(f"Run {run['run_id']} ({run['display_name']}) is submitted.")
        if options.wait:
            run = service.wait(run["run_id"], _tell)
        failed = options.wait and run.get("state") != "SUCCEEDED"
        error = service.failure(run) if failed else None
        if options.output == "json":
            print(json.dumps({**_summary(run), "error": error}))
        elif error is None:
            print(run["run_id"])
    if error is not None:
        print(f"Error: {error}", file=sys.stderr)
    return 1 if failed else 0


def _compiled(options: argparse.Namespace) -> tuple[Inspection, dict[str, Any]]:
    from .api import compile_path

    settings = {
        "target": options.target,
        "image": options.image,
        "requirements": _requirements(options.requirements),
        "cell_timeout": options.cell_timeout,
        "timeout": options.timeout,
        "caching": options.caching,
    }
    return compile_path(options.notebook, options.name, settings)


def _requirements(given: str | None) -> list[str] | str:
    if given is None or given == "auto":
        return "auto"
    try:
        lines = Path(given).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KubeflowError(f"The requirements file {given} cannot be read: {error}.") from error
    plain = (line.split(" #")[0].strip() for line in lines)
    return [line for line in plain if line and not line.startswith("#")]


def _service(options: argparse.Namespace) -> Pipelines:
    from .submit import Pipelines, read_token

    if options.host:
        return Pipelines(
            options.host, read_token(options.token_file) if options.token_file else None
        )
    if options.token_file:
        raise KubeflowError("--token-file needs --host: Local Kubeflow's token is known.")
    from jupyterlab_kubeflow.local import process

    local = process.start()
    return Pipelines(local.services["pipelines"], local.token)


def _pair(item: str) -> tuple[str, str]:
    name, equals, value = item.partition("=")
    if not equals or not name.strip():
        raise KubeflowError(f'"{item}" is not NAME=VALUE, for example --param lr=0.01.')
    return name.strip(), value


def _summary(run: dict[str, Any]) -> dict[str, Any]:
    return {
        "run_id": run["run_id"],
        "name": run.get("display_name"),
        "experiment_id": run.get("experiment_id"),
        "state": run.get("state"),
    }


def _warn(inspection: Inspection) -> None:
    for problem in inspection.problems:
        _tell(f"Warning: {problem.text()}")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
