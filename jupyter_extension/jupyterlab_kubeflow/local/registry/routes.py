"""The routes of the Model Registry (OpenAPI document v1alpha3), below a prefix of their own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Coroutine, Mapping
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection, Select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from jupyterlab_kubeflow.local.store.database import Database

from . import finding, store
from .bodies import artifact_kind, read_change, read_new, written
from .errors import RegistryError
from .filters import Entity, condition, parse
from .finding import Wanted
from .kinds import (
    ARTIFACTS,
    EXPERIMENT,
    EXPERIMENT_RUN,
    INFERENCE_SERVICE,
    METRIC,
    MODEL_ARTIFACT,
    MODEL_VERSION,
    REGISTERED_MODEL,
    SERVE_MODEL,
    SERVING_ENVIRONMENT,
    Kind,
    read_id,
)
from .paging import Page
from .writer import Change, Writer

_Made = TypeVar("_Made")
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]

_ALL_ARTIFACTS = tuple(ARTIFACTS.values())


def routes(database: Database, writer: Writer) -> list[Route]:
    """All routes, for objects kept in ``database`` and written by ``writer``."""
    served = _Served(database, writer)
    made: list[Route] = []

    def at(
        path: str, get: _Handler, post: _Handler | None = None, patch: _Handler | None = None
    ) -> None:
        made.append(Route(path, get, methods=["GET"]))
        if post:
            made.append(Route(path, post, methods=["POST"]))
        if patch:
            made.append(Route(path, patch, methods=["PATCH"]))

    at("/experiment_runs/metric_history", served.metric_history)
    for plural, kind in (
        ("registered_models", REGISTERED_MODEL),
        ("model_versions", MODEL_VERSION),
        ("model_artifacts", MODEL_ARTIFACT),
        ("serving_environments", SERVING_ENVIRONMENT),
        ("inference_services", INFERENCE_SERVICE),
        ("experiments", EXPERIMENT),
        ("experiment_runs", EXPERIMENT_RUN),
    ):
        at(f"/{plural}", partial(served.list_all, (kind,)), partial(served.create, kind))
        at(f"/{plural}/{{id}}", partial(served.get, kind), patch=partial(served.change, kind))
        at(f"/{plural[:-1]}", partial(served.find, (kind,)))
    for parent, child, kind in (
        ("registered_models", "versions", MODEL_VERSION),
        ("serving_environments", "inference_services", INFERENCE_SERVICE),
        ("experiments", "experiment_runs", EXPERIMENT_RUN),
    ):
        whole = kind is not INFERENCE_SERVICE
        at(
            f"/{parent}/{{id}}/{child}",
            partial(served.list_children, (kind,)),
            partial(served.create_child, kind, whole),
        )
    at(
        "/inference_services/{id}/serves",
        partial(served.list_children, (SERVE_MODEL,)),
        served.create_serve,
    )
    at("/inference_services/{id}/model", partial(served.of_service, REGISTERED_MODEL))
    at("/inference_services/{id}/version", partial(served.of_service, MODEL_VERSION))
    at("/artifacts", served.list_artifacts, served.create_artifact)
    at("/artifacts/{id}", served.get_artifact, patch=served.change_artifact)
    at("/artifact", partial(served.find, _ALL_ARTIFACTS))
    for plural, kind in (("model_versions", MODEL_VERSION), ("experiment_runs", EXPERIMENT_RUN)):
        at(
            f"/{plural}/{{id}}/artifacts",
            partial(served.list_artifacts_of, kind),
            partial(served.put_artifact, kind),
        )
    at("/experiment_runs/{id}/metric_history", served.metric_history)
    return made


class _Served:
    """The handlers. Lists are read in threads, so that a long one holds up nothing else; one object is read at once, which takes less than
    the way to a thread and back; writes run in the writer's thread.
    """

    def __init__(self, database: Database, writer: Writer) -> None:
        self._database = database
        self._writer = writer

    def _read(self, what: Callable[[Connection], _Made]) -> _Made:
        with self._database.engine.connect() as connection:
            return what(connection)

    async def _write(self, change: Change[_Made]) -> _Made:
        return await asyncio.wrap_future(self._writer.add(change))

    async def get(self, kind: Kind, request: Request) -> Response:
        """One object."""
        ident = _id(request, kind)
        return _answer(kind, self._read(lambda to: store.get(to, kind, ident)))

    async def find(self, kinds: Collection[Kind], request: Request) -> Response:
        """The one object of a name or external id."""
        wanted = _named(request, kinds, "parentResourceId")
        return _answer(next(iter(kinds)), self._read(lambda to: finding.find(to, wanted)))

    async def list_all(self, kinds: Collection[Kind], request: Request) -> Response:
        """All objects of these kinds."""
        return await self._list(kinds, Wanted(kinds).select(), request)

    async def list_children(self, kinds: Collection[Kind], request: Request) -> Response:
        """The objects within the one of the path; as upstream none, when that is not there, but for the runs of an experiment."""
        kind, *_ = kinds
        assert kind.parent_kind
        parent = kind.parent_kind
        wanted = _named(request, kinds, None, _id(request, parent))
        checked = parent if parent is EXPERIMENT else None
        return await self._list(kinds, wanted.select(), request, within=checked)

    async def _list(
        self,
        kinds: Collection[Kind],
        rows: Select[Any],
        request: Request,
        *,
        within: Kind | None = None,
    ) -> Response:
        kind, *others = kinds
        query = _query(request)
        page = Page.of(query)
        if text := query.get("filterQuery"):
            rows = rows.where(condition(parse(text), Entity(kind, tuple(others))))

        def read(connection: Connection) -> str:
            if within:
                store.get(connection, within, _id(request, within))
            return finding.list_page(connection, kind, rows, page)

        return _json(await run_in_threadpool(self._read, read))

    async def create(self, kind: Kind, request: Request) -> Response:
        """Makes an object."""
        given = read_new(kind, await _body(request))
        row = await self._write(lambda to: store.create(to, kind, given))
        return _answer(kind, row, 201)

    async def create_child(self, kind: Kind, whole: bool, request: Request) -> Response:
        """Makes an object within the one of the path; with ``whole``, the body may be one that is there, which is then changed."""
        assert kind.parent_kind
        parent = _id(request, kind.parent_kind)
        given = read_new(kind, await _body(request), parent=parent, whole_object=whole)
        row, _ = await self._write(lambda to: store.create_or_change(to, kind, given, parent))
        return _answer(kind, row, 201)

    async def create_serve(self, request: Request) -> Response:
        """Makes a serve model of the inference service."""
        service = _id(request, INFERENCE_SERVICE)
        given = read_new(SERVE_MODEL, await _body(request))
        row = await self._write(lambda to: store.create(to, SERVE_MODEL, given, service))
        return _answer(SERVE_MODEL, row, 201)

    async def change(self, kind: Kind, request: Request) -> Response:
        """Changes what the body names of an object."""
        ident = _id(request, kind)
        given = read_change(kind, await _body(request))
        row = await self._write(lambda to: store.change(to, kind, ident, given))
        return _answer(kind, row)

    async def of_service(self, kind: Kind, request: Request) -> Response:
        """The registered model or the version that an inference service serves."""
        ident = _id(request, INFERENCE_SERVICE)
        of = finding.served_model if kind is REGISTERED_MODEL else finding.served_version

        def read(connection: Connection) -> store.Row:
            return of(connection, store.get(connection, INFERENCE_SERVICE, ident))

        return _answer(kind, self._read(read))

    async def list_artifacts(self, request: Request) -> Response:
        """All artifacts, or those of a type."""
        kinds = finding.artifact_kinds(_query(request).get("artifactType"))
        return await self._list(kinds, Wanted(kinds).select(), request)

    async def list_artifacts_of(self, context: Kind, request: Request) -> Response:
        """The artifacts of the model version or experiment run, or those of a type."""
        kinds = finding.artifact_kinds(_query(request).get("artifactType"))
        wanted = _named(request, kinds, None, _id(request, context))
        return await self._list(kinds, wanted.select(), request)

    async def get_artifact(self, request: Request) -> Response:
        """One artifact of any type."""
        ident = _artifact_id(request)
        return _answer(MODEL_ARTIFACT, self._read(lambda to: finding.artifact(to, ident)))

    async def create_artifact(self, request: Request) -> Response:
        """Makes an artifact that belongs to nothing."""
        body = await _body(request)
        kind = artifact_kind(body)
        given = read_new(kind, body)
        store.require_value(kind, given)
        row = await self._write(lambda to: store.create(to, kind, given))
        return _answer(MODEL_ARTIFACT, row, 201)

    async def put_artifact(self, context: Kind, request: Request) -> Response:
        """Makes or changes an artifact of the model version or experiment run."""
        ident = _id(request, context)
        body = await _body(request)
        kind = artifact_kind(body)
        given = read_new(kind, body, whole_object=True)
        row, made = await self._write(
            lambda to: store.put_artifact(to, kind, given, context, ident)
        )
        return _answer(MODEL_ARTIFACT, row, 201 if made else 200)

    async def change_artifact(self, request: Request) -> Response:
        """Changes what the body names of an artifact of any type; ``artifactType``, where it is named, must be its own."""
        ident = _artifact_id(request)
        body = await _body(request)

        def write(connection: Connection) -> store.Row:
            kind = ARTIFACTS[finding.artifact(connection, ident)["kind"]]
            return store.change(connection, kind, ident, read_change(kind, body, whole_object=True))

        return _answer(MODEL_ARTIFACT, await self._write(write))

    async def metric_history(self, request: Request) -> Response:
        """What the metrics of the run of the path, or of all runs, have been."""
        query = _query(request)
        run = _id(request, EXPERIMENT_RUN) if "id" in request.path_params else None
        rows = finding.history(run, query.get("name"), query.get("stepIds"))
        return await self._list(
            (METRIC,), rows, request, within=None if run is None else EXPERIMENT_RUN
        )


def _id(request: Request, kind: Kind) -> int:
    return read_id(request.path_params["id"], kind.words)


def _artifact_id(request: Request) -> int:
    return read_id(request.path_params["id"], "artifact")


def _query(request: Request) -> Mapping[str, str]:
    for name, value in request.query_params.items():
        if "\0" in value:
            raise RegistryError.invalid(
                f"Invalid {name} query parameter: contains null bytes which are not allowed"
            )
    return request.query_params


def _named(
    request: Request, kinds: Collection[Kind], parent: str | None, scope: int | None = None
) -> Wanted:
    """What the query names by ``name``, ``externalId`` and, with ``parent``, by the id in this parameter; an empty one counts as none."""
    query = _query(request)
    if parent and (text := query.get(parent)):
        scope = read_id(text, "parent resource")
    return Wanted(kinds, scope, query.get("name") or None, query.get("externalId") or None)


async def _body(request: Request) -> Any:
    """The JSON that was sent; 400 when it is none."""
    sent = await request.body()
    if b"\0" in sent or b"\\u0000" in sent:
        raise RegistryError.invalid("Request body contains null bytes which are not allowed")
    try:
        body = json.loads(sent)
        if b"\\u" in sent:
            json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        # A UnicodeEncodeError among them: an escape that is half a character.
        raise RegistryError.invalid(f"The body is no JSON: {error}.") from None
    return body


def _json(text: str, status: int = 200) -> Response:
    return Response(text, status, media_type="application/json")


def _answer(kind: Kind, row: store.Row, status: int = 200) -> Response:
    return _json(written(kind, row), status)
