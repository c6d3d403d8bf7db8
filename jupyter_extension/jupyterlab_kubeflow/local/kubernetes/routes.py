"""The requests for objects: what each method does at a collection, an object and a subresource."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.responses import Response, StreamingResponse

from . import deletion, errors, listing, patches, requests, scale
from .columns import age
from .forms import Form, compact
from .kinds import Kinds
from .logs import LogOptions, PodLogs
from .resources import Resources
from .store import settled
from .watching import WatchOptions, read_version, watch

if TYPE_CHECKING:
    from starlette.requests import Request

    from .history import Item
    from .kinds import Kind
    from .requests import Place
    from .resources import Options

JSON_TYPE = "application/json"


class Routes:
    """Answers requests about the objects in a store."""

    def __init__(self, resources: Resources, logs: PodLogs, stopping: asyncio.Event) -> None:
        self._resources = resources
        self._logs = logs
        self._stopping = stopping

    @property
    def _kinds(self) -> Kinds:
        return self._resources.kinds

    async def answer(self, request: Request, group: str, version: str, rest: list[str]) -> Response:
        """The answer to a request below a group and version. Raises :class:`StatusError`."""
        place = requests.place(self._kinds, group, version, rest)
        query = requests.query(request)
        method = request.method
        if place.subresource == "log":
            if method != "GET":
                raise errors.method_not_allowed()
            return self._log(place, query)
        form = Form.accepted(request.headers.get("accept", ""), query.get("includeObject", ""))
        if place.subresource == "scale":
            return await self._scale(request, place, query, form)
        if not place.name:
            if method == "GET":
                return self._list(place, query, form)
            if method == "POST":
                return await self._create(request, place, query, form)
            if method == "DELETE":
                return await self._delete_all(request, place, query)
            if not place.kind.strategic:
                raise errors.bad_request("name must be provided")
        elif method == "GET":
            if requests.flag(query, "watch"):
                query["fieldSelector"] = f"metadata.name={place.name}"
                return self._list(requests.Place(place.kind, place.namespace), query, form)
            item = self._resources.get(place.kind, place.namespace, place.name)
            return _json(form.one(place.kind, item))
        elif method in ("PUT", "PATCH"):
            return await self._change(request, place, query, form)
        elif method == "DELETE" and not place.subresource:
            return await self._delete(request, place, query, form)
        raise errors.method_not_allowed()

    def _list(self, place: Place, query: dict[str, str], form: Form) -> Response:
        following = requests.flag(query, "watch")
        listing.check(query, watch=following)
        if following:
            return self._watch(place, query, form)
        page = listing.page(self._resources.store, place, query)
        return _json(form.many(place.kind, page.items, page.meta))

    def _watch(self, place: Place, query: dict[str, str], form: Form) -> Response:
        version = read_version(query.get("resourceVersion", ""))
        bookmarks = requests.flag(query, "allowWatchBookmarks")
        streaming = requests.flag(query, "sendInitialEvents")
        if streaming and version is not None:
            self._resources.store.check(version)
            version = None
        elif version is not None:
            self._resources.store.check(version)
        options = WatchOptions(
            namespace=place.namespace,
            matches=listing.selection(place, query),
            version=version,
            bookmarks=bookmarks,
            initial=version is None and query.get("sendInitialEvents") != "false",
            streaming_list=streaming and bookmarks,
            seconds=requests.number(query, "timeoutSeconds"),
        )
        lines = watch(self._resources.store, place.kind, options, form, self._stopping)
        media = f"{JSON_TYPE};stream=watch"
        return StreamingResponse(lines, media_type=media)

    async def _create(
        self, request: Request, place: Place, query: dict[str, str], form: Form
    ) -> Response:
        if place.kind.namespaced and not place.namespace:
            raise errors.method_not_allowed()
        options = requests.options(request, query)
        _, body = await requests.body(request)
        requests.check_names(request, place.kind, options)
        _says_what_it_is(place.kind, body)
        made = self._resources.create(place.kind, place.namespace, body, options)
        return _json(form.one(place.kind, await settled(made)), 201, options)

    async def _change(
        self, request: Request, place: Place, query: dict[str, str], form: Form
    ) -> Response:
        options = requests.options(request, query, place.subresource)
        media, body = await requests.body(request)
        kind, namespace, name = place.kind, place.namespace, place.name
        status = 200
        if place.subresource == "finalize":
            change = self._resources.edit(
                kind, namespace, name, lambda old: _finalize(old, body), options.manager
            )
        elif request.method == "PUT":
            requests.check_names(request, kind, options)
            _says_what_it_is(kind, body)
            change = self._resources.replace(kind, namespace, name, body, options)
        elif media == patches.APPLY:
            if "fieldManager" not in query:
                cause = errors.required("fieldManager", "is required for apply patch")
                raise errors.invalid_option("PatchOptions", cause)
            store = self._resources.store
            there = store.get(self._resources.key(kind, namespace, name)) is not None
            change = self._resources.apply(kind, namespace, name, body, options)
            status = 200 if there else 201
        else:
            change = self._resources.patch(kind, namespace, name, media, body, options)
        return _json(form.one(kind, await settled(change)), status, options)

    async def _delete(
        self, request: Request, place: Place, query: dict[str, str], form: Form
    ) -> Response:
        _, body = await requests.body(request, optional=True)
        options = deletion.DeleteOptions.read(body, query)
        kind = place.kind
        item = await settled(
            deletion.delete(self._resources, kind, place.namespace, place.name, options)
        )
        warned = deletion.warning(kind, options)
        if not deletion.is_gone(item.body) or deletion.answers_object(kind):
            text = form.one(kind, item)
        else:
            details: dict[str, Any] = {"name": item.key.name, "kind": kind.plural, "uid": item.uid}
            if kind.group:
                details["group"] = kind.group
            text = compact({**_SUCCESS, "details": details})
        return _json(text, headers=_warnings([warned] if warned else []))

    async def _delete_all(self, request: Request, place: Place, query: dict[str, str]) -> Response:
        if place.kind.namespaced and not place.namespace:
            raise errors.method_not_allowed()
        _, body = await requests.body(request, optional=True)
        options = deletion.DeleteOptions.read(body, query)
        page = listing.page(self._resources.store, place, query)
        changes = []
        for item in page.items:
            try:
                changes.append(
                    deletion.delete(
                        self._resources, place.kind, item.key.namespace, item.key.name, options
                    )
                )
            except errors.StatusError as error:
                if error.status != 404:
                    raise
        deleted: list[Item] = [await settled(change) for change in changes]
        return _json(Form().many(place.kind, deleted, page.meta))

    async def _scale(
        self, request: Request, place: Place, query: dict[str, str], form: Form
    ) -> Response:
        kind, namespace, name = place.kind, place.namespace, place.name
        options = None
        if request.method == "GET":
            item = self._resources.get(kind, namespace, name)
        elif request.method in ("PUT", "PATCH"):
            options = requests.options(request, query, place.subresource)
            media, body = await requests.body(request)
            media = media if request.method == "PATCH" else ""
            change = self._resources.scale(kind, namespace, name, media, body, options)
            item = await settled(change)
        else:
            raise errors.method_not_allowed()
        answer = scale.read(kind, item)
        if form.name == "Table":
            answer = scale.table(answer, age(answer["metadata"]["creationTimestamp"]))
        return _json(compact(answer), options=options)

    def _log(self, place: Place, query: dict[str, str]) -> Response:
        options = LogOptions.read(query)
        pod = self._resources.get(place.kind, place.namespace, place.name)
        path = self._logs.file(pod.copy(), options)

        def ended() -> bool:
            now = self._resources.store.get(pod.key)
            if now is None or now.uid != pod.uid or self._stopping.is_set():
                return True
            status = now.body.get("status") or {}
            if self._logs.file(now.copy(), options) != path:
                return True
            return status.get("phase") in ("Succeeded", "Failed")

        lines = self._logs.lines(path, options, ended)
        return StreamingResponse(lines, media_type="text/plain")


def _says_what_it_is(kind: Kind, body: Any) -> None:
    """Custom resources carry their kind; of Kubernetes' own it is known by the path."""
    if not kind.strategic and isinstance(body, dict) and not body.get("kind"):
        text = compact(body)
        raise errors.bad_request(
            f"the object provided is unrecognized (must be of type {kind.kind}): Object 'Kind' is missing in '{text}' ({text[:24]} ...)"
        )


_SUCCESS = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"}


def _finalize(namespace: dict[str, Any], body: Any) -> None:
    """A namespace's own finalizers, which its main resource does not change."""
    spec = body.get("spec") if isinstance(body, dict) else None
    finalizers = (spec or {}).get("finalizers") or []
    if finalizers:
        namespace.setdefault("spec", {})["finalizers"] = finalizers
    else:
        namespace.get("spec", {}).pop("finalizers", None)


def _json(
    text: str,
    status: int = 200,
    options: Options | None = None,
    headers: list[tuple[str, str]] | None = None,
) -> Response:
    response = Response(text, status_code=status, media_type=JSON_TYPE)
    for name, value in [*(headers or ()), *_warnings(options.warnings if options else [])]:
        response.headers.append(name, value)
    return response


def _warnings(said: list[str]) -> list[tuple[str, str]]:
    escaped = [each.replace("\\", "\\\\").replace('"', '\\"') for each in said]
    return [("Warning", f'299 - "{each}"') for each in escaped if each.isascii()]
