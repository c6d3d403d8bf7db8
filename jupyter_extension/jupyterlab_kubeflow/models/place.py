"""Where a model that a request names lies on this machine, and that it may be read."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local.paths import Home

from .found import Found
from .tree import Tree, look, missing, refused
from .uri import StorageUri, file_uri, storage_uri

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_UNREADABLE = re.compile(r"[%?#*\[\]]")


def by_path(path: str, contents: Any) -> tuple[Tree, str]:
    """The model at a path of the file browser, with the URI to register it by. ``contents`` is the server's contents manager."""
    names = [each for each in path.strip("/").split("/") if each]
    label = "/".join(names)
    if not names:
        raise refused("The path names no file. Choose a file or folder.")
    if "\0" in path or ".." in names or "." in names:
        raise refused(f"{label} is no path of a file. Choose one in the file browser.", 403)
    root = _root(contents)
    if root is None:
        raise KubeflowError(
            "The Jupyter server keeps no files on a disk, so no model is looked at. Give its URI.",
            reason="NotConfigured",
            status=400,
            details={"field": "path"},
        )
    found = root.joinpath(*names)
    return _look(found, [], label, contents), file_uri(str(found))


def by_uri(text: str, namespace: str | None, contents: Any) -> tuple[Tree, str]:
    """The model at a URI of this machine: below the server's folder, or an artifact or volume of Local Kubeflow.

    ``pvc://CLAIM/PATH`` is Local Kubeflow's claim in ``namespace``. Raises ``UriProblem``, and what :func:`~.tree.look` does.
    """
    uri = storage_uri(text)
    home = Home.of(None)
    roots = [home.artifacts, home.root / "volumes"]
    if uri.scheme == "file":
        found = Path(uri.parts["path"])
        return _look(found, roots, str(found), contents), uri.uri
    if uri.scheme == "pvc":
        return _look(_in_claim(uri, namespace, roots[1]), roots[1:], uri.uri), uri.uri
    raise refused(
        f"{uri.uri} does not lie on this machine, so it is not looked at. Say its format by hand."
    )


def notes_on(uri: str, found: Found | None) -> list[str]:
    """What a local path means for who serves the model."""
    notes = list(found.notes) if found else []
    if uri.startswith("file://") and _UNREADABLE.search(uri):
        notes.append(
            "KServe reads no path with % ? # * [ or ] in it. Rename the file before it is served."
        )
    return notes


def _in_claim(uri: StorageUri, namespace: str | None, volumes: Path) -> Path:
    if not namespace or not _NAMESPACE.fullmatch(namespace):
        raise KubeflowError(
            "A volume claim is in a namespace. Give it.",
            reason="BadRequest",
            details={"field": "namespace"},
        )
    return volumes.joinpath(
        namespace, uri.parts["claim"], *[e for e in uri.parts["path"].split("/") if e]
    )


def _root(contents: Any) -> Path | None:
    root = getattr(contents, "root_dir", None)
    return Path(os.path.abspath(os.path.expanduser(root))) if root else None


def _look(path: Path, roots: list[Path], label: str, contents: Any = None) -> Tree:
    """The files at ``path`` when it leads below one of ``roots`` or, not hidden, below the folder of ``contents``."""
    try:
        real = Path(os.path.realpath(path))
    except ValueError:  # half a character of UTF-16
        raise refused("The path has a character in it that no file name has. Check it.") from None
    served = _root(contents)
    for root in [*roots, *([served] if served else [])]:
        resolved = Path(os.path.realpath(root))
        if real == resolved or not real.is_relative_to(resolved):
            continue
        hidden = any(each.startswith(".") for each in real.relative_to(resolved).parts)
        if root is served and hidden and not contents.allow_hidden:
            raise missing(label)
        return look(real, resolved, label)
    raise refused(
        f"{label} is not in a folder that may be read: those are the Jupyter server's folder and what Local Kubeflow keeps.",
        403,
    )
