"""``display``: the graph of a run or a pipeline in a notebook's output."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from .graph import GRAPH_MIME_TYPE, graph_from_run, graph_from_spec, graph_state
from .ir import Json, SpecError
from .run_details import tasks_from_run_details
from .text import mermaid, text_tree

_SUFFIXES = (".yaml", ".yml", ".json")

_FORMATTED = (
    ("kfp.client.client", "RunPipelineResult"),
    ("kfp_server_api.models.v2beta1_run", "V2beta1Run"),
    ("kfp.dsl.graph_component", "GraphComponent"),
)
"""Types whose values draw themselves as the last expression of a cell; looked up by name, so that nothing is imported for them."""


def display(obj: Any, *, client: Any = None) -> None:
    """Draws the graph of ``obj`` in the cell's output, with mermaid and text for front ends that cannot.

    ``obj`` is a run id, the result of ``client.create_run_from_…``, a ``V2beta1Run``, a ``@dsl.pipeline`` function, the path of a
    compiled pipeline (``.yaml``, ``.json``) or a pipeline spec as a dict. ``client`` is the ``kfp.Client`` to read a run with; by
    default the server that the environment names, else the active connection. Raises ``KubeflowError`` with what to do.
    """
    bundle = mime_bundle(obj, client=client)
    try:
        from IPython.core.interactiveshell import InteractiveShell
        from IPython.display import display as show
    except ImportError:
        print(bundle["text/plain"])
        return
    if InteractiveShell.initialized():
        show(bundle, raw=True)
    else:
        print(bundle["text/plain"])


def mime_bundle(obj: Any, *, client: Any = None) -> Json:
    """The output of :func:`display`: graph document, mermaid and text by mime type."""
    document = graph_document(obj, client=client)
    return {
        GRAPH_MIME_TYPE: document,
        "text/vnd.mermaid": mermaid(document),
        "text/plain": text_tree(document),
    }


def graph_document(obj: Any, *, client: Any = None) -> Json:
    """The graph document of what :func:`display` takes."""
    if isinstance(obj, os.PathLike) or (isinstance(obj, str) and obj.endswith(_SUFFIXES)):
        return graph_from_spec(_read_file(Path(obj)))
    if isinstance(obj, str):
        return _run_document(obj, client)
    if isinstance(obj, (dict, list)):
        return graph_from_spec(obj)
    run_id = getattr(obj, "run_id", None)
    if isinstance(run_id, str):
        return _run_document(run_id, client)
    spec = getattr(obj, "pipeline_spec", None)
    if spec is not None:
        return graph_from_spec(_plain(spec))
    raise SpecError(
        f"A {type(obj).__name__} cannot be drawn. Hand in a run id, a run, a @dsl.pipeline function, "
        "the path of a compiled pipeline or its spec as a dict."
    )


def register_formatters() -> None:
    """Lets runs and pipelines draw themselves as the last expression of a cell. Does nothing outside IPython."""
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return
    shell = get_ipython()
    if shell is None:
        return
    for module, name in _FORMATTED:
        shell.display_formatter.mimebundle_formatter.for_type_by_name(module, name, _format)


def _format(obj: Any, include: Any = None, exclude: Any = None) -> Json | None:
    """An error must not hide the value: IPython then shows its text, with the reason."""
    from jupyterlab_kubeflow.errors import KubeflowError

    try:
        return mime_bundle(obj)
    except KubeflowError as error:
        return {"text/plain": f"{type(obj).__name__}: no graph. {error}"}


def _run_document(run_id: str, client: Any) -> Json:
    from .connection import read_run

    run, tasks = read_run(run_id, client)
    if not run.get("pipeline_spec"):
        raise SpecError(f"Run {run_id} has no pipeline spec that can be read.")
    info: Json = {
        "id": run_id,
        "name": run.get("display_name"),
        "asOf": datetime.now(timezone.utc).isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
    tasks = tasks or tasks_from_run_details(run)
    if not tasks:
        # No state is better than a wrong one. Without the run's state the renderer reads it itself.
        document = graph_from_run(run["pipeline_spec"], tasks, info)
        nodes = [{k: v for k, v in node.items() if k != "state"} for node in document["nodes"]]
        return {**document, "nodes": nodes}
    return graph_from_run(
        run["pipeline_spec"], tasks, {**info, "state": graph_state(run.get("state"))}
    )


def _read_file(path: Path) -> Any:
    try:
        text = path.read_text(encoding="utf8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise SpecError(f"{path} cannot be read: {reason}.") from error
    try:
        if path.suffix == ".json":
            return json.loads(text)
        import yaml

        return [one for one in yaml.safe_load_all(text) if one is not None]
    except Exception as error:
        line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise SpecError(f"{path} is not valid {path.suffix[1:].upper()}: {line}") from error


def _plain(spec: Any) -> Any:
    """A protobuf message as JSON."""
    if isinstance(spec, dict):
        return spec
    from google.protobuf.json_format import MessageToDict

    return MessageToDict(spec)
