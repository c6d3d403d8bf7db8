"""Kubeflow in a notebook: draw runs and pipelines, and get clients of the active connection.

Importing it in IPython lets runs and ``@dsl.pipeline`` functions draw their graph as the last expression of a cell.
"""

from __future__ import annotations

from .connection import connect
from .graph import GRAPH_MIME_TYPE, SpecError, graph_from_run, graph_from_spec
from .registry import connect_registry
from .show import display, graph_document, mime_bundle, register_formatters

__all__ = [
    "GRAPH_MIME_TYPE",
    "SpecError",
    "connect",
    "connect_registry",
    "display",
    "graph_document",
    "graph_from_run",
    "graph_from_spec",
    "mime_bundle",
]

register_formatters()
