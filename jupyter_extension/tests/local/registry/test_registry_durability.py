"""Writers at the same time lose nothing, and ``kill -9`` loses nothing that was acknowledged."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from jupyterlab_kubeflow.local.process import LocalStatus
from jupyterlab_kubeflow.local.registry import store
from jupyterlab_kubeflow.local.registry.app import MIGRATIONS
from jupyterlab_kubeflow.local.registry.bodies import read_new
from jupyterlab_kubeflow.local.registry.errors import RegistryError
from jupyterlab_kubeflow.local.registry.kinds import REGISTERED_MODEL
from jupyterlab_kubeflow.local.registry.models import Context
from jupyterlab_kubeflow.local.registry.writer import Writer
from jupyterlab_kubeflow.local.store.database import Database
from kills import Victim
from registry_support import Api
from sqlalchemy import Connection, select

FIELDS = (
    "description",
    "readme",
    "maturity",
    "provider",
    "logo",
    "license",
    "libraryName",
    "owner",
)
WRITERS = 8


def at_once(
    work: Callable[[Api, Any], Any], items: Iterable[Any], status: LocalStatus
) -> list[Any]:
    """Does the work on each item in a thread and with a client of its own, all beginning together; returns what they return."""
    items = list(items)
    together = threading.Barrier(len(items))

    def one(item: Any) -> Any:
        with Api.of(status) as client:
            together.wait(60)
            return work(client, item)

    with ThreadPoolExecutor(len(items)) as pool:
        return list(pool.map(one, items))


def test_of_many_with_one_name_one_is_made(
    local_kubeflow: LocalStatus, api: Api, name: str
) -> None:
    def make(client: Api, _: int) -> int:
        return client.post("/registered_models", json={"name": name}).status_code

    assert Counter(at_once(make, range(WRITERS), local_kubeflow)) == {201: 1, 409: WRITERS - 1}
    assert len(api.ids("registered_models", filterQuery=f"name = '{name}'")) == 1


def test_all_that_many_make_is_there(local_kubeflow: LocalStatus, api: Api, model: str) -> None:
    def make(client: Api, writer: int) -> list[str]:
        return [
            str(
                client.make("model_versions", name=f"{writer}-{each}", registeredModelId=model)[
                    "id"
                ]
            )
            for each in range(15)
        ]

    made = [ident for ids in at_once(make, range(WRITERS), local_kubeflow) for ident in ids]
    assert len(set(made)) == WRITERS * 15
    assert set(api.ids(f"registered_models/{model}/versions")) == set(made)


def test_changes_of_one_object_do_not_undo_one_another(
    local_kubeflow: LocalStatus, api: Api, model: str
) -> None:
    def edit(client: Api, field: str) -> None:
        for number in range(10):
            client.edit(f"registered_models/{model}", **{field: f"{field} {number}"})

    at_once(edit, FIELDS, local_kubeflow)
    kept = api.read(f"registered_models/{model}")
    assert {field: kept[field] for field in FIELDS} == {field: f"{field} 9" for field in FIELDS}


def test_the_history_has_what_each_writer_logged(
    local_kubeflow: LocalStatus, api: Api, run: str
) -> None:
    def log(client: Api, writer: int) -> None:
        for step in range(10):
            body = {"artifactType": "metric", "name": "loss", "value": writer, "step": step}
            client.post(f"/experiment_runs/{run}/artifacts", json=body).raise_for_status()

    at_once(log, range(WRITERS), local_kubeflow)
    history = api.read(f"experiment_runs/{run}/metric_history")["items"]
    logged = {(point["value"], point["step"]) for point in history}
    assert logged == {(writer, step) for writer in range(WRITERS) for step in range(10)}
    assert len(history) == WRITERS * 10
    assert len(api.ids(f"experiment_runs/{run}/artifacts")) == 1


def test_what_was_acknowledged_survives_being_killed(home: Path) -> None:
    victim = Victim(home)
    with Api.of(victim.status) as client:
        model = client.make("registered_models", name="m")["id"]
        experiment = client.make("experiments", name="e")["id"]
        run = client.make("experiment_runs", experimentId=experiment)["id"]
    acknowledged: dict[str, dict[str, Any]] = {}
    logged: set[int] = set()
    for strike in range(3):
        _write_until_killed(victim, model, run, strike, acknowledged, logged)
        victim.start()
        with Api.of(victim.status) as client:
            listed = client.read(f"registered_models/{model}/versions")["items"]
            versions = {item["name"]: item for item in listed}
            assert len(versions) == len(listed)
            assert {name: versions.get(name) for name in acknowledged} == acknowledged
            points = client.read(f"experiment_runs/{run}/metric_history")["items"]
            assert logged <= {point["step"] for point in points}
            metric = client.read(f"experiment_runs/{run}/artifacts")["items"]
            assert metric[0]["step"] == points[-1]["step"], "a metric and its history are one write"


def _write_until_killed(
    victim: Victim,
    model: str,
    run: str,
    strike: int,
    acknowledged: dict[str, dict[str, Any]],
    logged: set[int],
) -> None:
    enough = threading.Semaphore(0)

    def write(writer: int) -> None:
        with Api.of(victim.status) as client:
            for number in range(100_000):
                name = f"{strike}-{writer}-{number}"
                body = {"name": name, "registeredModelId": model, "author": "me"}
                try:
                    answer = client.post("/model_versions", json=body)
                except httpx.TransportError:
                    return
                assert answer.status_code == 201, answer.text
                acknowledged[name] = answer.json()
                enough.release()

    def log() -> None:
        with Api.of(victim.status) as client:
            for step in range(strike * 100_000, (strike + 1) * 100_000):
                body = {"artifactType": "metric", "name": "loss", "value": 1, "step": step}
                try:
                    answer = client.post(f"/experiment_runs/{run}/artifacts", json=body)
                except httpx.TransportError:
                    return
                assert answer.status_code in (200, 201), answer.text
                logged.add(step)
                enough.release()

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, writer) for writer in range(WRITERS - 1)]
        writing.append(pool.submit(log))
        for _ in range(60):
            assert enough.acquire(timeout=60)
        victim.kill(tasks=False)
        for each in writing:
            each.result()


def test_a_write_that_fails_does_not_take_others_with_it(tmp_path: Path) -> None:
    database = Database(tmp_path / "registry.db", MIGRATIONS)
    database.migrate()
    begun, go_on = threading.Event(), threading.Event()

    def hold(_: Connection) -> None:
        begun.set()
        assert go_on.wait(60)

    def make(name: str, error: Exception | None = None) -> Callable[[Connection], str]:
        def change(connection: Connection) -> str:
            given = read_new(REGISTERED_MODEL, {"name": name})
            made = store.create(connection, REGISTERED_MODEL, given)
            if error:
                raise error
            return str(made["name"])

        return change

    writer = Writer(database)
    held = writer.add(hold)
    assert begun.wait(60)
    writes = [
        writer.add(make("first")),
        writer.add(make("first")),
        writer.add(make("wrong", ZeroDivisionError())),
        writer.add(make("last")),
    ]
    go_on.set()
    held.result(60)
    assert (writes[0].result(60), writes[3].result(60)) == ("first", "last")
    with pytest.raises(RegistryError, match="already exists"):
        writes[1].result(60)
    with pytest.raises(ZeroDivisionError):
        writes[2].result(60)
    writer.close()
    with database.read() as session:
        assert list(session.scalars(select(Context.name))) == ["first", "last"]
    database.close()
