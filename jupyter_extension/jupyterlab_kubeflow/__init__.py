"""Kubeflow inside JupyterLab: server extension, notebook conversion, SDK layer and Local Kubeflow."""

from __future__ import annotations

from typing import Any

try:
    from ._version import __version__
except ImportError:  # a source tree that was never built
    __version__ = "0.0.0"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyterlab-kubeflow"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from .extension import KubeflowExtension

    return [{"module": "jupyterlab_kubeflow", "app": KubeflowExtension}]


__all__ = ["__version__"]
