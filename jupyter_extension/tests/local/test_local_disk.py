"""What Local Kubeflow says when its disk is full."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.local import process
from jupyterlab_kubeflow.local.app import create_app
from jupyterlab_kubeflow.local.paths import Home
from sqlalchemy import event
from sqlalchemy.pool import Pool
from starlette.testclient import TestClient

EXPERIMENTS = "/pipelines/apis/v2beta1/experiments"


@pytest.fixture
def limit() -> Iterator[list[int]]:
    """The pages that a database may have: SQLite then fails as on a full disk."""
    pages = [2**30]

    def checkout(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages[0]}")

    event.listen(Pool, "checkout", checkout)
    yield pages
    event.remove(Pool, "checkout", checkout)


def test_a_full_disk_is_said_in_words_and_nothing_is_lost(tmp_path: Path, limit: list[int]) -> None:
    home = Home(tmp_path)
    home.create()
    headers = {"Authorization": "Bearer token"}
    app = create_app(home, "token")
    with TestClient(app, base_url="http://127.0.0.1", headers=headers) as client:
        assert client.post(EXPERIMENTS, json={"display_name": "before"}).status_code == 200
        limit[0] = 1
        large = {"display_name": "large", "description": "x" * 100_000}
        refused = client.post(EXPERIMENTS, json=large)
        assert refused.status_code == 507
        assert (
            f"cannot use its folder {tmp_path}: database or disk is full. Free some space"
            in (refused.json()["message"])
        )
        names = [each["display_name"] for each in client.get(EXPERIMENTS).json()["experiments"]]
        assert "before" in names
        assert "large" not in names
        limit[0] = 2**30
        assert client.post(EXPERIMENTS, json=large).status_code == 200


def test_a_server_that_cannot_even_write_its_log(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBEFLOW_LOCAL_PORT", "none")
    monkeypatch.setattr(process, "log_tail", lambda *_: "")
    monkeypatch.setattr(process.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(KubeflowError, match=f"{home}: No space left on device. Free some space"):
        process.start(home)
