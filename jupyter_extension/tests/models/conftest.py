"""Models on the disk, as they are looked at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jupyterlab_kubeflow.models.detect import detect
from jupyterlab_kubeflow.models.tree import look


@pytest.fixture
def told(tmp_path: Path) -> Callable[..., Any]:
    """What is told of a file of the given content and name, or of a path below ``tmp_path``, as JSON."""

    def tell(name: str | Path, content: bytes | str | None = None) -> Any:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        found = detect(look(path, tmp_path.resolve(), path.name))
        return found.to_json() if found else None

    return tell
