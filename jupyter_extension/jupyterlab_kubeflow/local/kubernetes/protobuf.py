"""Bodies in protobuf, which typed Go clients such as ``kubectl create configmap`` send for Kubernetes' own kinds. Answers are JSON always.

An empty string that is not required is taken to be absent: the wire does not tell the two apart for most fields.
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from .errors import bad_request
from .kinds import kinds

MEDIA = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\0"
_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_API = "io.k8s.api"
_RAW = ("io.k8s.apimachinery.pkg.runtime.RawExtension", f"{_META}.FieldsV1")


def decode(content: bytes) -> dict[str, Any]:
    """The object in a body. Raises 400 for what is none, or of a kind that is not known in this form."""
    if not content.startswith(_MAGIC):
        raise bad_request("provided data does not appear to be a protobuf message, expected prefix")
    try:
        envelope = dict(_fields(content[len(_MAGIC) :]))
        kind = {number: value.decode() for number, value in _fields(envelope.get(1, b""))}
        api_version, name = kind.get(1, ""), kind.get(2, "")
        body = _message(_message_name(api_version, name), envelope.get(2, b""))
    except (ValueError, IndexError, KeyError, TypeError, struct.error, AttributeError) as error:
        raise bad_request(f"the body of the request cannot be read: {error!r}") from error
    return {"apiVersion": api_version, "kind": name, **body}


def _message_name(api_version: str, kind: str) -> str:
    if kind == "DeleteOptions":
        return f"{_META}.{kind}"
    if kind.startswith("SelfSubject"):
        return f"{_API}.{api_version.replace('.k8s.io/', '.')}.{kind}"
    return str(kinds().of(api_version, kind).document["$ref"])


def _message(name: str, content: bytes) -> dict[str, Any]:
    fields = kinds().messages[name]
    required = kinds().schemas.definitions.get(name, {}).get("required", ())
    body: dict[str, Any] = {}
    for number, raw in _fields(content):
        if str(number) not in fields:
            continue
        field, kind, form = fields[str(number)]
        if form == "map":
            entry = dict(_fields(raw))
            value = _value(kind, entry[2]) if 2 in entry else _empty(kind)
            body.setdefault(field, {})[entry.get(1, b"").decode()] = value
            continue
        value = _value(kind, raw)
        if form == "repeated":
            body.setdefault(field, []).append(value)
        elif field == "":
            body.update(value)
        elif value is not None and (value != "" or field in required):
            body[field] = value
    return body


def _value(kind: str, raw: Any) -> Any:
    if kind == "string":
        return raw.decode()
    if kind == "bytes":
        return base64.b64encode(raw).decode()
    if kind == "bool":
        return bool(raw)
    if kind == "double":
        return struct.unpack("<d", raw)[0]
    if kind in ("int32", "int64"):
        return raw - (1 << 64) if raw >= 1 << 63 else raw
    if kind in (f"{_META}.Time", f"{_META}.MicroTime"):
        return _time(raw, micro=kind.endswith("MicroTime"))
    if kind in _RAW:
        inner = dict(_fields(raw)).get(1, b"")
        return json.loads(inner) if inner else None
    if kind.endswith(".Quantity"):
        return dict(_fields(raw)).get(1, b"").decode()
    if kind.endswith(".IntOrString"):
        parts = dict(_fields(raw))
        return parts.get(3, b"").decode() if parts.get(1) else _value("int32", parts.get(2, 0))
    return _message(kind, raw)


def _empty(kind: str) -> Any:
    return {"string": "", "bytes": "", "bool": False}.get(kind, 0 if "int" in kind else {})


def _time(raw: bytes, *, micro: bool) -> str | None:
    parts = dict(_fields(raw))
    if not parts:
        return None
    seconds = _value("int64", parts.get(1, 0))
    if seconds < -62135596800 + 1:
        return None
    text = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{parts.get(2, 0) // 1000:06d}Z" if micro else f"{text}Z"


def _fields(content: bytes) -> Iterator[tuple[int, Any]]:
    """Numbers and raw values: int for varints, bytes for the rest."""
    at = 0
    while at < len(content):
        key, at = _varint(content, at)
        wire = key & 7
        if wire == 0:
            value, at = _varint(content, at)
            yield key >> 3, value
            continue
        size = {1: 8, 5: 4}.get(wire)
        if wire == 2:
            size, at = _varint(content, at)
        if size is None or at + size > len(content):
            raise ValueError("the message is cut off or of an unknown form")
        yield key >> 3, content[at : at + size]
        at += size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number is too long")
