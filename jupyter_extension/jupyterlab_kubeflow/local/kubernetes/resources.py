"""What may be done with objects: create, replace, patch, apply, delete, for all kinds alike, with the semantics of an API server."""

from __future__ import annotations

import copy
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any

from . import apply as server_side
from . import conversion, defaults, errors, metadata, patches, rules, scale, schema
from .apply import Owned, owner
from .errors import StatusError, bad_request
from .history import Item, Key
from .kinds import Kind, Kinds
from .managers import tell_manager
from .store import Draft, Store

Body = dict[str, Any]
_GENERATION = {"pods", "jobs.batch", "deployments.apps"}


@dataclass
class Options:
    """How a change is to be made. ``warnings`` collects what to tell the client beside the answer."""

    manager: str = "unknown"
    dry_run: bool = False
    force: bool = False
    validation: str = "Warn"
    subresource: str = ""
    warnings: list[str] = field(default_factory=list)


class Resources:
    """Changes of objects in a store. All methods raise :class:`StatusError`; futures are done when the change is on the disk."""

    def __init__(self, store: Store, kinds: Kinds) -> None:
        self.store = store
        self.kinds = kinds
        self.admission: list[Callable[[Kind, Body], None]] = []
        """Called with each object that is about to be made; they raise what is to be refused, and must not wait."""

    def key(self, kind: Kind, namespace: str, name: str) -> Key:
        """Where the object is kept."""
        return Key(kind.store_as, namespace if kind.namespaced else "", name)

    def get(self, kind: Kind, namespace: str, name: str) -> Item:
        """The object. Raises 404."""
        item = self.store.get(self.key(kind, namespace, name))
        if item is None:
            raise errors.not_found(kind, name)
        return item

    def create(self, kind: Kind, namespace: str, body: Body, options: Options) -> Future[Item]:
        """Makes an object. Raises 400, 403 (namespace ending), 404 (no namespace), 409 (name taken), 422."""
        body = self._read(kind, body, options)
        meta = body["metadata"]
        if meta.get("resourceVersion"):
            raise bad_request("resourceVersion should not be set on objects to be created")
        self._same_place(kind, namespace, meta)
        custom_status = kind.status and not kind.strategic
        if custom_status:
            body.pop("status", None)
        metadata.set_new(body, namespace, generation=self._has_generation(kind))
        sent = copy.deepcopy(body)
        self._namespace_is_open(kind, namespace, meta)
        self._complete(kind, body, None, new=True)
        owned = self._first_owned(kind, sent, options)

        def make(old: Item | None) -> Draft:
            if old is not None:
                ending = "deletionTimestamp" in old.body["metadata"]
                raise errors.already_exists(kind, meta["name"], ending=ending)
            self._namespace_is_open(kind, namespace, meta)
            tell_manager(body, None, options.manager, "Update", kind.api_version)
            return self._draft(kind, body, owned)

        return self.store.change(
            self.key(kind, namespace, meta["name"]), make, dry_run=options.dry_run
        )

    def replace(
        self, kind: Kind, namespace: str, name: str, body: Body, options: Options
    ) -> Future[Item]:
        """Replaces an object, or its status. Raises 400, 404, 409 (another version or uid), 422."""
        body = self._read(kind, body, options)
        self._same_place(kind, namespace, body["metadata"], name)
        versioned = body["metadata"].get("resourceVersion") or kind.strategic

        def put(old: Item | None) -> Draft | None:
            if old is None:
                raise errors.not_found(kind, name)
            if not versioned:
                raise errors.no_version(kind, name)
            return self._update(kind, old, copy.deepcopy(body), options)

        return self.store.change(self.key(kind, namespace, name), put, dry_run=options.dry_run)

    def patch(
        self, kind: Kind, namespace: str, name: str, media: str, patch: Any, options: Options
    ) -> Future[Item]:
        """Patches an object, or its status, by one of the media types in ``patches`` but apply. Raises as :meth:`replace`, and 415."""
        _takes(kind, media)

        def put(old: Item | None) -> Draft | None:
            if old is None:
                raise errors.not_found(kind, name)
            before = conversion.served(kind, old.copy())
            body = patches.patched(media, kind.node, before, patch)
            body = self._read(kind, body, options, errors.unknown_in_patch)
            if (uid := body["metadata"].get("uid")) and uid != old.uid:
                cause = errors.invalid_value("metadata.uid", uid, "field is immutable")
                raise errors.invalid(kind, name, [cause])
            return self._update(kind, old, body, options)

        return self.store.change(self.key(kind, namespace, name), put, dry_run=options.dry_run)

    def apply(
        self, kind: Kind, namespace: str, name: str, body: Body, options: Options
    ) -> Future[Item]:
        """Server-side apply; makes the object when it is not there. Raises as :meth:`replace`, and 409 for another manager's fields."""
        strict = replace(options, validation="Strict")
        body = self._read(kind, body, strict, errors.unknown_in_apply)
        self._same_place(kind, namespace, body["metadata"], name)
        if body["metadata"].get("managedFields"):
            raise bad_request("metadata.managedFields must be nil")
        body["metadata"]["name"] = name
        given = copy.deepcopy(body)
        version = given["metadata"].pop("resourceVersion", None)
        given.pop("status" if not options.subresource else "", None)

        def put(old: Item | None) -> Draft | None:
            if old is None:
                if options.subresource or version:
                    raise errors.not_found(kind, name)
                made = copy.deepcopy(given)
                metadata.set_new(made, namespace, generation=self._has_generation(kind))
                self._namespace_is_open(kind, namespace, made["metadata"])
                self._complete(kind, made, None, new=True)
                tell_manager(made, None, options.manager, "Apply", kind.api_version)
                return self._draft(kind, made, {owner(options.manager, "Apply"): given})
            before = conversion.served(kind, old.copy())
            by = owner(options.manager, "Apply", options.subresource)
            merged, owned = server_side.apply(
                kind.node, before, given, old.owned, by, force=options.force
            )
            merged = copy.deepcopy(merged)
            if version:
                merged["metadata"]["resourceVersion"] = version
            return self._update(kind, old, merged, options, owned)

        return self.store.change(self.key(kind, namespace, name), put, dry_run=options.dry_run)

    def scale(
        self, kind: Kind, namespace: str, name: str, media: str, given: Any, options: Options
    ) -> Future[Item]:
        """Sets the replicas to those of a ``Scale``, or patches it by its media type. Raises as :meth:`patch`."""
        if media:
            _takes(kind, media)
        elif not isinstance(given, dict):
            raise bad_request("the object provided is unrecognized (must be of type Scale)")

        def put(old: Item | None) -> Draft | None:
            if old is None:
                raise errors.not_found(kind, name)
            wanted = given
            if media:
                wanted = patches.patched(media, None, scale.read(kind, old), given)
            body = conversion.served(kind, old.copy())
            scale.write(kind, body, wanted)
            return self._update(kind, old, body, options)

        return self.store.change(self.key(kind, namespace, name), put, dry_run=options.dry_run)

    def edit(
        self, kind: Kind, namespace: str, name: str, change: Callable[[Body], None], manager: str
    ) -> Future[Item]:
        """For the server's own controllers: changes an object and its status at once, without validation. Raises 404."""

        def put(old: Item | None) -> Draft | None:
            if old is None:
                raise errors.not_found(kind, name)
            body = old.copy()
            change(body)
            if body == old.body:
                return None
            self._count(kind, body, old.body)
            tell_manager(body, old.body, manager, "Update", kind.api_version)
            return self._ended(body, old.owned)

        return self.store.change(self.key(kind, namespace, name), put)

    def _update(
        self,
        kind: Kind,
        old: Item,
        body: Body,
        options: Options,
        owned: Owned | None = None,
    ) -> Draft | None:
        name = old.key.name
        before = conversion.served(kind, old.copy())
        meta = body["metadata"]
        if meta.get("name", name) != name:
            raise bad_request(
                f"the name of the object ({meta['name']}) does not match the name on the URL ({name})"
            )
        if (version := meta.get("resourceVersion")) and version != str(old.version):
            raise errors.conflict(kind, name)
        if (uid := meta.get("uid")) and uid != old.uid:
            held = (
                f"{kind.group}/{kind.plural}" if kind.group and not kind.strategic else kind.plural
            )
            said = (
                f"StorageError: invalid object, Code: 4, Key: /registry/{held}/{'/'.join(filter(None, old.key[1:]))}, ResourceVersion: 0, "
                "AdditionalErrorMsg: "
            )
            said += (
                f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.uid}"
            )
            raise errors.conflict(kind, name, said)
        if options.subresource == "status":
            body = {**before, **({"status": body["status"]} if "status" in body else {})}
            body["metadata"] = dict(before["metadata"])
        else:
            metadata.keep_old(meta, before["metadata"])
            if kind.status:
                body.pop("status", None)
                if "status" in before:
                    body["status"] = before["status"]
        body["metadata"]["resourceVersion"] = str(old.version)
        self._complete(kind, body, before, new=False)
        operation = "Update" if owned is None else "Apply"
        if owned is None:
            owned = self._owned(kind, before, body, old.owned, options)
        if body == before and owned == old.owned:
            return None
        self._count(kind, body, before)
        tell_manager(
            body, before, options.manager, operation, kind.api_version, options.subresource
        )
        return self._draft(kind, body, owned)

    @staticmethod
    def _owned(kind: Kind, before: Body, after: Body, owned: Owned, options: Options) -> Owned:
        by = owner(options.manager, "Update", options.subresource, kind.api_version)
        return server_side.update(kind.node, before, after, owned, by)

    def _first_owned(self, kind: Kind, sent: Body, options: Options) -> Owned:
        """Who makes an object owns what it sent and the defaults, but not what the server adds to a new one."""
        schema.set_defaults(kind.node, sent)
        defaults.fill(kind.resource, sent, new=False)
        return self._owned(kind, {"metadata": {}}, sent, {}, options)

    def _draft(self, kind: Kind, body: Body, owned: Owned) -> Draft:
        storage = self.kinds.stored(kind.store_as)
        return self._ended(conversion.stored(kind, storage, body), owned)

    @staticmethod
    def _ended(body: Body, owned: Owned) -> Draft:
        """An object that is being deleted is gone when nothing holds it any more."""
        meta = body["metadata"]
        holds = meta.get("finalizers") or (
            (body.get("spec") or {}).get("finalizers") if body["kind"] == "Namespace" else None
        )
        gone = bool(meta.get("deletionTimestamp")) and not holds
        return Draft(body, owned, gone and not meta.get("deletionGracePeriodSeconds"))

    def _read(
        self,
        kind: Kind,
        body: Any,
        options: Options,
        unknown_fields: Callable[[Kind, list[str]], StatusError] = errors.unknown_fields,
    ) -> Body:
        """A body of the kind's form: its own copy, pruned. Raises 400 for another kind, and for unknown fields when they are refused."""
        if not isinstance(body, dict):
            raise bad_request("the object provided is unrecognized (must be of type Object)")
        body = copy.deepcopy(body)
        for name, value in (("apiVersion", kind.api_version), ("kind", kind.kind)):
            if body.setdefault(name, value) != value:
                raise bad_request(
                    f"the API version in the data ({body.get('apiVersion')}) does not match the expected API version ({kind.api_version})"
                    if name == "apiVersion"
                    else f"the kind in the data ({body['kind']}) does not match the expected kind ({kind.kind})"
                )
        meta = body.setdefault("metadata", {})
        if not isinstance(meta, dict):
            raise bad_request(
                f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: json: cannot unmarshal into Go struct field '
                ".metadata of type v1.ObjectMeta"
            )
        unknown = list(schema.prune(kind.node, body))
        if (wrong := schema.mistyped(kind.node, body, everywhere=kind.strategic)) is not None:
            raise bad_request(
                f'{kind.kind} in version "{kind.version}" cannot be handled as a {kind.kind}: json: cannot unmarshal {_types(wrong)[0]} '
                f"into Go struct field {kind.kind}.{wrong.field} of type {_types(wrong)[1]}"
            )
        if unknown and options.validation == "Strict":
            raise unknown_fields(kind, unknown)
        if options.validation == "Warn":
            options.warnings += [f'unknown field "{each}"' for each in unknown]
        return body

    def _complete(self, kind: Kind, body: Body, old: Body | None, *, new: bool) -> None:
        """Fills in defaults and validates. Raises 422 and what the rules raise."""
        schema.set_defaults(kind.node, body)
        meta = body["metadata"]
        causes = list(metadata.validate(kind, meta, old and old["metadata"]))
        causes += [
            cause
            for cause in schema.validate(kind.node, body, old, causes)
            if cause.reason != "FieldValueRequired" or kind.resource not in rules.OWN_REQUIRED
        ]
        if not causes or (kind.strategic and meta.get("name")):
            defaults.fill(kind.resource, body, new=new)
            causes += rules.check(kind, body, old, self._exists, found=causes)
        if causes:
            raise errors.invalid(kind, str(meta.get("name", "")), causes)
        for admit in self.admission if new else ():
            admit(kind, body)

    def _exists(self, resource: str, namespace: str, name: str) -> bool:
        return self.store.latest(Key(resource, namespace, name)) is not None

    @staticmethod
    def _same_place(kind: Kind, namespace: str, meta: Body, name: str | None = None) -> None:
        if kind.namespaced and meta.get("namespace", namespace) != namespace:
            raise bad_request(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        if name is not None and meta.get("name", name) != name:
            raise bad_request(
                f"the name of the object ({meta['name']}) does not match the name on the URL ({name})"
            )

    def _namespace_is_open(self, kind: Kind, namespace: str, meta: Body) -> None:
        if not kind.namespaced:
            return
        found = self.store.latest(Key("namespaces", "", namespace))
        if found is None:
            raise errors.not_found(self.kinds.of("v1", "Namespace"), namespace)
        if found.body["metadata"].get("deletionTimestamp"):
            cause = errors.Cause(
                "metadata.namespace",
                "NamespaceTerminating",
                f"namespace {namespace} is being terminated",
            )
            raise errors.forbidden(
                kind,
                str(meta.get("name", "")),
                f"unable to create new content in namespace {namespace} because it is being terminated",
                cause,
            )

    @staticmethod
    def _has_generation(kind: Kind) -> bool:
        return not kind.strategic or kind.resource in _GENERATION

    def _count(self, kind: Kind, body: Body, before: Body) -> None:
        """Counts the generation up when the desired state changes."""
        left_out = {"metadata", "status"} if kind.status else {"metadata"}
        if self._has_generation(kind) and any(
            body.get(name) != before.get(name) for name in (body.keys() | before.keys()) - left_out
        ):
            body["metadata"]["generation"] = before["metadata"].get("generation", 0) + 1


def _takes(kind: Kind, media: str) -> None:
    """Raises 415 for a patch of a type that the kind does not take."""
    accepted = [patches.JSON, patches.MERGE, *([patches.STRATEGIC] if kind.strategic else [])]
    if media not in accepted:
        raise errors.unsupported_media_type([*accepted, patches.APPLY])


def _types(cause: errors.Cause) -> tuple[str, str]:
    """The type that a value has and the one it should have, in the words of Go's JSON reader."""
    *_, wanted, held = cause.message.replace(":", "").split()
    words = {"boolean": "bool", "integer": "number"}
    return words.get(held.strip('"'), held.strip('"')), {"boolean": "bool"}.get(wanted, wanted)


__all__ = ["Options", "Resources", "StatusError"]
