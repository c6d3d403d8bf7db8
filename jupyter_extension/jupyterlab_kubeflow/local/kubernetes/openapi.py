"""OpenAPI documents, made of the schemas by which objects are validated: for ``kubectl explain``, and for the form that its patches take."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from .discovery import VERSION
from .kinds import SHARED, kinds

if TYPE_CHECKING:
    from .kinds import Kind

PROTOBUF = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
PROTOBUF_ANSWER = PROTOBUF.replace("@", ".")
"""The same as a media type that can be read: ``@`` is no letter of one."""
_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_INFO = {"title": "Local Kubeflow", "version": VERSION["gitVersion"]}
_OPERATIONS = {"post": "create", "put": "replace", "patch": "patch"}


def index() -> dict[str, Any]:
    """``/openapi/v3``: the documents, one a group and version."""
    paths = {}
    for group, versions in kinds().groups().items():
        for version in versions:
            path = f"apis/{group}/{version}" if group else f"api/{version}"
            paths[path] = {"serverRelativeURL": f"/openapi/v3/{path}?hash={VERSION['gitVersion']}"}
    return {"paths": paths}


@lru_cache(maxsize=32)
def version_3(group: str, version: str) -> dict[str, Any] | None:
    """``/openapi/v3/apis/GROUP/VERSION``; None when there is no such version."""
    found = [each for each in kinds().all if each.group == group and each.version == version]
    if not found:
        return None
    prefix = "#/components/schemas/"
    paths: dict[str, Any] = {}
    for kind in found:
        paths |= _paths(kind, lambda name: _content(name, prefix))
    return {
        "openapi": "3.0.0",
        "info": _INFO,
        "paths": paths,
        "components": {"schemas": _schemas(found, prefix)},
    }


@lru_cache(maxsize=1)
def version_2() -> dict[str, Any]:
    """``/openapi/v2``."""
    prefix = "#/definitions/"
    paths: dict[str, Any] = {}
    for kind in kinds().all:
        paths |= _paths(kind, lambda name: _body(name, prefix))
    schemas = _schemas(kinds().all, prefix)
    return {"swagger": "2.0", "info": _INFO, "paths": paths, "definitions": schemas}


def version_2_protobuf() -> bytes:
    """``/openapi/v2`` for Go clients that take no JSON: title and version, no schemas. They check bodies by version 3, or leave it to the server."""

    def text(number: int, content: bytes) -> bytes:
        return bytes((number << 3 | 2, len(content))) + content

    info = text(1, _INFO["title"].encode()) + text(2, _INFO["version"].encode())
    return text(1, b"2.0") + text(2, info)


def schema_name(kind: Kind) -> str:
    """The name of a kind's schema: Kubernetes' own, or made of the group as an API server does for CRDs."""
    reference = kind.document.get("$ref", "")
    if reference.startswith("io.k8s."):
        return str(reference)
    return ".".join([*reversed(kind.group.split(".")), kind.version, kind.kind])


def _schemas(found: list[Kind], prefix: str) -> dict[str, Any]:
    definitions = kinds().schemas.definitions
    schemas: dict[str, Any] = {}
    wanted: list[str] = [_META]
    for kind in found:
        made = {"group": kind.group, "version": kind.version, "kind": kind.kind}
        own = kind.document
        if "$ref" in own:
            own = definitions[own["$ref"]]
        properties = dict(own.get("properties", {}))
        properties["apiVersion"] = properties["kind"] = {"type": "string"}
        properties["metadata"] = {"$ref": _META}
        own = _whole({**own, "type": "object", "properties": properties})
        wanted += _references(own)
        name = schema_name(kind)
        schemas[name] = {
            **_referring(own, prefix),
            "x-kubernetes-group-version-kind": [made],
        }
        schemas[f"{name}List"] = {
            "type": "object",
            "required": ["items"],
            "properties": {
                "apiVersion": {"type": "string"},
                "kind": {"type": "string"},
                "metadata": {"type": "object"},
                "items": {"type": "array", "items": {"$ref": f"{prefix}{name}"}},
            },
            "x-kubernetes-group-version-kind": [{**made, "kind": f"{kind.kind}List"}],
        }
    while wanted:
        name = wanted.pop()
        if name not in schemas:
            schemas[name] = _referring(definitions[name], prefix)
            wanted += _references(definitions[name])
    return schemas


def _whole(schema: Any) -> Any:
    """A schema with its shared parts, which have no names of their own, in place of the references to them."""
    if isinstance(schema, list):
        return [_whole(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _whole(each) for name, each in schema.items() if name != "$ref"}
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith(SHARED):
        return {**_whole(kinds().schemas.definitions[reference]), **made}
    return {**made, "$ref": reference} if "$ref" in schema else made


def _referring(schema: Any, prefix: str) -> Any:
    """A schema whose references lead into the document; those with something beside them by ``allOf``, as the format wants it."""
    if isinstance(schema, list):
        return [_referring(each, prefix) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _referring(each, prefix) for name, each in schema.items() if name != "$ref"}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target = {"$ref": f"{prefix}{reference}"}
        return {**made, "allOf": [target]} if made else target
    if "$ref" in schema:
        made["$ref"] = _referring(reference, prefix)
    return made


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for each in schema.values():
            yield from _references(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _references(each)


def _content(name: str, prefix: str) -> dict[str, Any]:
    body = {"application/json": {"schema": {"$ref": f"{prefix}{name}"}}}
    return {
        "responses": {"200": {"description": "OK", "content": body}},
        "requestBody": {"content": body},
    }


def _body(name: str, prefix: str) -> dict[str, Any]:
    return {"responses": {"200": {"description": "OK", "schema": {"$ref": f"{prefix}{name}"}}}}


def _paths(kind: Kind, content: Any) -> dict[str, Any]:
    start = f"/apis/{kind.group}/{kind.version}" if kind.group else f"/api/{kind.version}"
    if kind.namespaced:
        start += "/namespaces/{namespace}"
    made = {"group": kind.group, "version": kind.version, "kind": kind.kind}
    name = schema_name(kind)

    def operation(method: str, action: str) -> dict[str, Any]:
        said = content(f"{name}List" if action == "list" else name)
        if method not in _OPERATIONS:
            said.pop("requestBody", None)
        options = ("dryRun", "fieldManager", "fieldValidation") if method in _OPERATIONS else ()
        parameters = [
            {"name": each, "in": "query", "schema": {"type": "string"}}
            if "requestBody" in said
            else {"name": each, "in": "query", "type": "string"}
            for each in options
        ]
        return {
            **said,
            "parameters": parameters,
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": made,
        }

    return {
        f"{start}/{kind.plural}": {
            "get": operation("get", "list"),
            "post": operation("post", "post"),
        },
        f"{start}/{kind.plural}/{{name}}": {
            "get": operation("get", "get"),
            "put": operation("put", "put"),
            "patch": operation("patch", "patch"),
            "delete": operation("delete", "delete"),
        },
    }
