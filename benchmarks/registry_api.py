"""The Model Registry of Local Kubeflow as several clients at once see it, against SQLite itself: ``registry_api.py [WRITES [CLIENTS]]``, with
``KUBEFLOW_LOCAL_HOME`` naming the folder of a running server, which ``seed_versions.py`` has filled.

All goes over HTTP with the token, from processes of their own. Prints one JSON line, :class:`Figures`.
"""

from __future__ import annotations

import http.client
import json
import os
import sqlite3
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from jupyterlab_kubeflow.local import process
from jupyterlab_kubeflow.local.paths import Home
from jupyterlab_kubeflow.local.store.database import Database
from seed_versions import version

PREFIX = "/api/model_registry/v1alpha3"
PASSES = 3
TIMES = 9
LISTS: dict[str, dict[str, str]] = {
    "newest": {},
    "model": {"filterQuery": "registeredModelId = 7"},
    "name": {"filterQuery": "name ILIKE '%042%'"},
    "text": {"filterQuery": "description ILIKE '%WEEK 17%' OR name ILIKE '%week 17%'"},
    "state": {"filterQuery": "state = 'ARCHIVED'"},
    "property": {"filterQuery": "accuracy > 0.99 AND framework = 'sklearn'"},
    "nothing": {"filterQuery": "accuracy > 2 OR framework LIKE 'keras%'"},
}
"""The lists that are timed: 50 versions, newest first, with this query."""


@dataclass
class Figures:
    """Per second, the median of three passes, one of each by turns: ``writes`` (versions made) and ``reads`` (of one version by its id) of all
    clients together, ``transactions`` (one row each) and ``selects`` of SQLite alone. Seconds, the median: ``lists`` by name."""

    clients: int
    writes: float
    reads: float
    transactions: float
    selects: float
    lists: dict[str, float]


class Client:
    """One kept-alive connection."""

    def __init__(self) -> None:
        server = process.status()
        url = urlsplit(server.services["registry"])
        self._http = http.client.HTTPConnection(url.netloc, timeout=300)
        self._path = url.path + PREFIX
        self._headers = {
            "Authorization": f"Bearer {server.token}",
            "Content-Type": "application/json",
        }

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """The answer. Raises ``RuntimeError`` for a refusal."""
        text = None if body is None else json.dumps(body)
        self._http.request(method, f"{self._path}/{path}", text, self._headers)
        answer = self._http.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return dict(json.loads(content))


def write(count: int, begin: float) -> float:
    """Makes versions of a model of its own; the seconds by the clock when the last was acknowledged."""
    client = Client()
    model = client.ask("POST", "registered_models", {"name": uuid.uuid4().hex})["id"]
    bodies = [version(number, model) for number in range(count)]
    _wait(begin)
    for body in bodies:
        client.ask("POST", "model_versions", body)
    return time.time()


def read(count: int, begin: float) -> float:
    """Reads versions one by one; the seconds by the clock when the last was there."""
    client = Client()
    ids = [each["id"] for each in client.ask("GET", "model_versions?pageSize=500")["items"]]
    _wait(begin)
    for number in range(count):
        client.ask("GET", f"model_versions/{ids[number % len(ids)]}")
    return time.time()


def _wait(begin: float) -> None:
    time.sleep(max(0.0, begin - time.time()))


def together(
    pool: ProcessPoolExecutor, clients: int, work: Callable[[int, float], float], count: int
) -> float:
    """So many times a second all clients together do it."""
    begin = time.time() + 1
    ends = list(pool.map(work, [count // clients] * clients, [begin] * clients))
    return count // clients * clients / (max(ends) - begin)


def sqlite(folder: Path, count: int) -> tuple[float, float]:
    """Transactions of one row, and reads of one row, a second, on a file beside the server's with the pragmas that the server sets."""
    path = folder / f"raw-{os.getpid()}.db"
    database = Database(path)
    pragmas = {}
    with database.engine.connect() as connection:
        for name in ("journal_mode", "synchronous", "foreign_keys"):
            pragmas[name] = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
    database.close()
    raw = sqlite3.connect(path, isolation_level=None)
    for name, value in pragmas.items():
        raw.execute(f"PRAGMA {name}={value}")
    raw.execute("CREATE TABLE one (id INTEGER PRIMARY KEY, name TEXT, scope INTEGER, body TEXT)")
    raw.execute("CREATE UNIQUE INDEX one_by_name ON one (scope, name)")
    rows = [(f"v{number}", 1, json.dumps(version(number, 1))) for number in range(count)]
    start = time.perf_counter()
    for row in rows:
        raw.execute("BEGIN IMMEDIATE")
        raw.execute("INSERT INTO one (name, scope, body) VALUES (?, ?, ?)", row)
        raw.execute("COMMIT")
    written = time.perf_counter()
    for number in range(count):
        raw.execute("SELECT * FROM one WHERE id = ?", (number + 1,)).fetchone()
    ended = time.perf_counter()
    raw.close()
    for each in folder.glob(f"{path.name}*"):
        each.unlink()
    return count / (written - start), count / (ended - written)


def lists() -> dict[str, float]:
    """Seconds that each list takes."""
    client = Client()
    found = {}
    for name, query in LISTS.items():
        asked = urlencode(
            {"pageSize": "50", "orderBy": "LAST_UPDATE_TIME", "sortOrder": "DESC", **query}
        )
        taken = []
        for _ in range(TIMES):
            start = time.perf_counter()
            client.ask("GET", f"model_versions?{asked}")
            taken.append(time.perf_counter() - start)
        found[name] = statistics.median(taken)
    return found


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    clients = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    listed = lists()
    passes: list[tuple[float, float, float, float]] = []
    with ProcessPoolExecutor(clients) as pool:
        for _ in range(PASSES):
            transactions, selects = sqlite(Home.of(None).root, count)
            passes.append(
                (
                    together(pool, clients, write, count),
                    together(pool, clients, read, count),
                    transactions,
                    selects,
                )
            )
    print(
        json.dumps(
            asdict(Figures(clients, *map(statistics.median, zip(*passes, strict=True)), listed))
        )
    )


if __name__ == "__main__":
    main()
