"""What every object has: names, labels, owners, and what of it a client may not set."""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .errors import Cause, forbidden_field, invalid_value, required

if TYPE_CHECKING:
    from .kinds import Kind

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_SUBDOMAIN = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*"
_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_1035 = r"[a-z]([-a-z0-9]*[a-z0-9])?"
_LABEL_VALUE = r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?"
_QUALIFIED = r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_SAID_SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
    f"alphanumeric character (e.g. 'example.com', regex used for validation is '{_SUBDOMAIN}')"
)
_SAID_LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric "
    f"character (e.g. 'my-name',  or '123-abc', regex used for validation is '{_LABEL}')"
)
_SAID_1035 = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an "
    f"alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '{_LABEL_1035}')"
)
_SAID_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    f"alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '{_LABEL_VALUE}')"
)
_SAID_KEY = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. "
    f"'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{_QUALIFIED}')"
)
_NAMES = {
    "namespaces": (_LABEL, _SAID_LABEL, 63),
    "services": (_LABEL_1035, _SAID_1035, 63),
}
HEADER = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
"""What tells an object and its version from others."""

_FINALIZERS = ("foregroundDeletion", "orphan", "kubernetes")
_SERVERS = ("uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds")


def now() -> str:
    """The time as ``metav1.Time`` writes it: whole seconds, UTC."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def set_new(body: dict[str, Any], namespace: str, *, generation: bool) -> None:
    """Fills in the metadata of an object that is being made."""
    meta = body["metadata"]
    if not meta.get("name") and meta.get("generateName"):
        meta["name"] = meta["generateName"][:58] + "".join(
            secrets.choice(_LETTERS) for _ in range(5)
        )
    for name in (*_SERVERS, "resourceVersion", "generation", "selfLink", "managedFields"):
        meta.pop(name, None)
    if namespace:
        meta["namespace"] = namespace
    else:
        meta.pop("namespace", None)
    meta["uid"] = str(uuid.uuid4())
    meta["creationTimestamp"] = now()
    if generation:
        meta["generation"] = 1


def keep_old(meta: dict[str, Any], old: dict[str, Any]) -> None:
    """Sets what an update does not change to what it was."""
    for name in (*_SERVERS, "generation", "generateName", "namespace", "name", "managedFields"):
        if name in old:
            meta[name] = old[name]
        else:
            meta.pop(name, None)
    meta.pop("selfLink", None)
    for name in ("labels", "annotations", "finalizers", "ownerReferences"):
        if name in meta and not meta[name]:
            del meta[name]


def validate(kind: Kind, meta: dict[str, Any], old: dict[str, Any] | None) -> Iterator[Cause]:
    """What is wrong with the metadata of an object of the kind."""
    if old is None:
        yield from _name(kind, meta)
    for field in ("labels", "annotations"):
        for key, value in (meta.get(field) or {}).items():
            yield from _key(f"metadata.{field}", key)
            if field == "labels" and not _fits(_LABEL_VALUE, str(value), 63):
                yield invalid_value("metadata.labels", value, _SAID_VALUE)
    yield from _finalizers(kind, meta.get("finalizers") or ())
    for owner in meta.get("ownerReferences") or ():
        for field in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(field):
                path = f"metadata.ownerReferences.{field}"
                yield invalid_value(path, owner.get(field, ""), f"{field} must not be empty")
    controllers = [each for each in meta.get("ownerReferences") or () if each.get("controller")]
    if len(controllers) > 1:
        first, second = (f"{each['kind']}/{each['name']}" for each in controllers[:2])
        yield invalid_value(
            "metadata.ownerReferences",
            meta["ownerReferences"],
            f'Only one reference can have Controller set to true. Found "true" in references for {first} and {second}',
        )
    if old and old.get("deletionTimestamp"):
        new = sorted(set(meta.get("finalizers") or ()) - set(old.get("finalizers") or ()))
        if new:
            listed = ", ".join(f'"{each}"' for each in new)
            yield forbidden_field(
                "metadata.finalizers",
                f"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{listed}}}",
            )


def _finalizers(kind: Kind, names: Sequence[str]) -> Iterator[Cause]:
    """Kubernetes' own kinds take only its own finalizers beside those with a domain."""
    for index, name in enumerate(names):
        if not is_qualified(name):
            yield invalid_value("metadata.finalizers", name, _SAID_KEY)
        standard = "/" in name or name in _FINALIZERS
        if kind.group in ("", "batch") and kind.kind != "Event" and not standard:
            said = "name is neither a standard finalizer name nor is it fully qualified"
            yield invalid_value(f"metadata.finalizers[{index}]", name, said)


def _name(kind: Kind, meta: dict[str, Any]) -> Iterator[Cause]:
    name, beginning = meta.get("name"), meta.get("generateName")
    if kind.kind == "Event" and name:
        return
    if not name:
        yield required("metadata.name", "name or generateName is required")
        return
    pattern, said, most = _NAMES.get(kind.resource, (_SUBDOMAIN, _SAID_SUBDOMAIN, 253))
    if beginning and not _fits(pattern, re.sub("-$", "a", beginning), most):
        yield invalid_value("metadata.generateName", beginning, said)
    if len(name) > most:
        yield invalid_value("metadata.name", name, f"must be no more than {most} characters")
    elif not _fits(pattern, name, most):
        yield invalid_value("metadata.name", name, said)


def _key(field: str, key: str) -> Iterator[Cause]:
    prefix, slash, name = key.rpartition("/")
    if slash and not _fits(_SUBDOMAIN, prefix, 253):
        yield invalid_value(field, key, f"prefix part {_SAID_SUBDOMAIN}")
    if not _fits(_QUALIFIED, name, 63):
        yield invalid_value(field, key, _SAID_KEY)


def is_label(text: str, *, digits_first: bool = True) -> bool:
    """Whether a text is a label of RFC 1123, or of RFC 1035 when it may not begin with a digit."""
    return _fits(_LABEL if digits_first else _LABEL_1035, text, 63)


def is_qualified(key: str) -> bool:
    """Whether a text may be the key of a label."""
    return not any(_key("", key))


def _fits(pattern: str, text: str, most: int) -> bool:
    return len(text) <= most and re.fullmatch(pattern, text) is not None
