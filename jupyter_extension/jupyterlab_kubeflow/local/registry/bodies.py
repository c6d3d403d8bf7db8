"""Reading what is sent for an object, and writing what is kept of it. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import RegistryError
from .kinds import ARTIFACTS, METRIC, METRIC_HISTORY, Kind, whole
from .models import Artifact

_OWN = frozenset({"id", "createTimeSinceEpoch", "lastUpdateTimeSinceEpoch"})
_OF_RUN = frozenset({"experimentId", "experimentRunId"})


@dataclass(frozen=True)
class Given:
    """What was sent for an object. None: it was not named, as null is; ``properties`` has the fields of the kind but the parent's."""

    name: str | None
    id: str | None
    parent: int | None
    external_id: str | None
    properties: dict[str, Any]
    custom_properties: dict[str, Any] | None


def read_new(
    kind: Kind, body: Any, *, parent: int | None = None, whole_object: bool = False
) -> Given:
    """What is sent to make an object (of ``parent``, when the path names it), with the defaults.

    ``whole_object``: the schema is that of the object itself, which also has what the registry sets; an ``id`` then means that this object
    is to be changed (see :func:`read_change`). Raises 400, and 422 for a required field that is missing or empty.
    """
    given = _read(kind, body, whole_object)
    if whole_object and given.id is not None:
        return given
    for name, field in kind.fields.items():
        if name == kind.parent:
            if parent is None and given.parent is None:
                raise RegistryError.missing(name)
        elif name not in given.properties:
            if field.required:
                raise RegistryError.missing(name)
            if field.default is not None:
                given.properties[name] = field.default
    if kind.named and not given.name:
        raise RegistryError.missing("name")
    return given


def read_change(kind: Kind, body: Any, *, whole_object: bool = False) -> Given:
    """What is sent to change an object: only what it names changes, and ``customProperties`` as a whole.

    Raises 400, also for a field that cannot be changed, except with ``whole_object``, where those are left as they are.
    """
    if not whole_object and isinstance(body, dict):
        for name in body:
            field = kind.fields.get(name)
            if name in _OWN or name == "name" or (field and not field.editable):
                raise RegistryError.invalid(
                    f'unknown field "{name}": the {name} of a {kind.words} cannot be changed. Leave it out.'
                )
    return changed(kind, _read(kind, body, whole_object))


def changed(kind: Kind, given: Given) -> Given:
    """Only what of it may change in an object that is there."""
    editable = {
        name: value for name, value in given.properties.items() if kind.fields[name].editable
    }
    return Given(None, None, None, given.external_id, editable, given.custom_properties)


def artifact_kind(body: Any, otherwise: Kind | None = None) -> Kind:
    """The kind of the artifact that is sent, by its ``artifactType``, or ``otherwise`` when it names none; 400 for an unknown one."""
    named = body.get("artifactType") if isinstance(body, dict) else None
    if named is None and otherwise is not None:
        return otherwise
    kind = ARTIFACTS.get(named) if isinstance(named, str) else None
    if kind is None:
        raise RegistryError.invalid(
            f"artifactType: must be one of {', '.join(ARTIFACTS)}, not {named!r}."
        )
    return kind


def _read(kind: Kind, body: Any, whole_object: bool) -> Given:
    if not isinstance(body, dict):
        raise RegistryError.invalid(f"The body must be a JSON object: a {kind.words}.")
    named: dict[str, Any] = {"name": None, "id": None, "externalId": None, "customProperties": None}
    properties: dict[str, Any] = {}
    for name, value in body.items():
        field = kind.fields.get(name)
        if field is not None:
            if value is not None and not (field.required and value == ""):
                properties[name] = field.read(name, value)
        elif name == "customProperties":
            named[name] = None if value is None else _custom_properties(value)
        elif name in ("name", "externalId") or (name == "id" and whole_object):
            if not (value is None or isinstance(value, str)):
                raise RegistryError.invalid(f"{name}: must be a text, not {value!r}.")
            named[name] = value
        elif name == "artifactType" and kind.table is Artifact:
            if value not in (None, kind.key):
                raise RegistryError.invalid(
                    f"cannot change artifact type from '{kind.key}' to '{value}': artifact type is immutable"
                )
        elif not (whole_object and (name in _OWN or (name in _OF_RUN and kind.table is Artifact))):
            raise RegistryError.invalid(
                f'unknown field "{name}": a {kind.words} has no such field.'
            )
    parent = properties.pop(kind.parent, None) if kind.parent else None
    return Given(
        name=named["name"],
        id=named["id"] or None,
        parent=None if parent is None else int(parent),
        external_id=named["externalId"] or None,
        properties=properties,
        custom_properties=named["customProperties"],
    )


def _custom_properties(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RegistryError.invalid(
            f"customProperties: must be an object of values by name, not {value!r}."
        )
    return {name: _metadata_value(f"customProperties.{name}", each) for name, each in value.items()}


def _int_value(name: str, value: Any) -> str:
    number = whole(value) if isinstance(value, str) else None
    if number is None or not -(1 << 63) <= number < 1 << 63:
        raise RegistryError.invalid(
            f"{name}: must be a whole number of 64 bits as text, not {value!r}."
        )
    return str(number)


def _double_value(name: str, value: Any) -> float:
    return METRIC_VALUE(name, value)


def _string_value(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise RegistryError.invalid(f"{name}: must be a text, not {value!r}.")
    return value


def _bool_value(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise RegistryError.invalid(f"{name}: must be true or false, not {value!r}.")
    return value


def _bytes_value(name: str, value: Any) -> str:
    _decoded(name, value)
    return str(value)


def _struct_value(name: str, value: Any) -> str:
    try:
        struct = json.loads(_decoded(name, value))
    except (ValueError, RecursionError):
        struct = None
    if not isinstance(struct, dict):
        raise RegistryError.invalid(f"{name}: must be a JSON object, encoded as Base64.")
    return str(value)


def _decoded(name: str, value: Any) -> bytes:
    try:
        return base64.b64decode(value.encode("ascii"), validate=True)
    except (AttributeError, UnicodeEncodeError, binascii.Error):
        raise RegistryError.invalid(f"{name}: must be bytes, encoded as Base64.") from None


_quoted = json.JSONEncoder(ensure_ascii=False).encode
METRIC_VALUE = METRIC.fields["value"].read
_METADATA: dict[str, dict[str, Callable[[str, Any], Any]]] = {
    "MetadataIntValue": {"int_value": _int_value},
    "MetadataDoubleValue": {"double_value": _double_value},
    "MetadataStringValue": {"string_value": _string_value},
    "MetadataBoolValue": {"bool_value": _bool_value},
    "MetadataStructValue": {"struct_value": _struct_value},
    "MetadataProtoValue": {"type": _string_value, "proto_value": _bytes_value},
}


def _metadata_value(name: str, value: Any) -> dict[str, Any]:
    kind = value.get("metadataType") if isinstance(value, dict) else None
    parts = _METADATA.get(kind) if isinstance(kind, str) else None
    if parts is None:
        raise RegistryError.invalid(
            f"metadataType not found for {name}: it must be an object with metadataType, one of {', '.join(_METADATA)}."
        )
    read: dict[str, Any] = {}
    for part, reader in parts.items():
        if value.get(part) is None:
            raise RegistryError.missing(f"{name}.{part}")
        read[part] = reader(f"{name}.{part}", value[part])
    for part in value:
        if part not in parts and part != "metadataType":
            raise RegistryError.invalid(f'unknown field "{part}": {name} is a {kind}.')
    return {**read, "metadataType": kind}


def written(kind: Kind, row: Mapping[str, Any]) -> str:
    """The object on the wire, as JSON, of its row; ``kind`` may be any of its family, when that is the artifacts.

    What the row has as JSON is taken as it is: a list of thousands is not read in order to be written again.
    """
    parts = [
        f'"id":"{row["id"]}","name":{_quoted(row["name"])}',
        f'"createTimeSinceEpoch":"{row["created_at"]}","lastUpdateTimeSinceEpoch":"{row["updated_at"]}"',
        f'"customProperties":{row["custom_properties"]}',
    ]
    if row["external_id"] is not None:
        parts.append(f'"externalId":{_quoted(row["external_id"])}')
    if kind.parent:
        parts.append(f'"{kind.parent}":"{row["scope"]}"')
    if kind.table is Artifact:
        key = METRIC.key if row["kind"] == METRIC_HISTORY else row["kind"]
        parts.append(f'"artifactType":"{key}"')
    if inner := row["properties"][1:-1]:
        parts.append(inner)
    return f"{{{','.join(parts)}}}"
