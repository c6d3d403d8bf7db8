"""Deleting objects: preconditions, grace, finalizers and what happens to what they own."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from . import errors
from .namespaces import LASTING
from .store import Draft

if TYPE_CHECKING:
    from .history import Item
    from .kinds import Kind
    from .resources import Resources

ORPHAN = "orphan"
FOREGROUND = "foregroundDeletion"
_POLICIES = {"Orphan": ORPHAN, "Foreground": FOREGROUND, "Background": None}
_ANSWER_OBJECT = {"pods", "services", "serviceaccounts", "persistentvolumeclaims"}


@dataclass(frozen=True)
class DeleteOptions:
    """``metav1.DeleteOptions``. ``propagation`` None: what the kind does by itself; ``grace`` in seconds, None: the object's."""

    propagation: str | None = None
    grace: int | None = None
    uid: str | None = None
    version: str | None = None
    dry_run: bool = False

    @classmethod
    def read(cls, body: Any, query: dict[str, str]) -> DeleteOptions:
        """From a request's body and query. Raises 400 and 422 for what is no such option."""
        body = body if isinstance(body, dict) else {}
        conditions = body.get("preconditions") or {}
        if not isinstance(conditions, dict):
            raise errors.bad_request("preconditions: not an object")
        propagation = query.get("propagationPolicy") or body.get("propagationPolicy")
        orphan = body.get("orphanDependents", query.get("orphanDependents"))
        if orphan is not None:
            if propagation is not None:
                said = "orphanDependents and deletionPropagation cannot be both set"
                cause = errors.invalid_value("propagationPolicy", propagation, said)
                raise errors.invalid_option("DeleteOptions", cause)
            propagation = "Orphan" if orphan in (True, "true", "1") else "Background"
        if propagation is not None and propagation not in _POLICIES:
            allowed = ("Foreground", "Background", "Orphan", "nil")
            cause = errors.unsupported("propagationPolicy", propagation, allowed)
            raise errors.invalid_option("DeleteOptions", cause)
        grace = query.get("gracePeriodSeconds", body.get("gracePeriodSeconds"))
        try:
            seconds = None if grace in (None, "") else int(grace)
        except (TypeError, ValueError) as error:
            said = f"strconv.ParseInt: parsing {errors.shown(grace)}: invalid syntax"
            raise errors.bad_request(said) from error
        return cls(
            propagation,
            seconds,
            conditions.get("uid"),
            conditions.get("resourceVersion"),
            bool(query.get("dryRun") or body.get("dryRun")),
        )


def answers_object(kind: Kind) -> bool:
    """Whether a deletion answers with the object even if it is gone already."""
    return kind.resource in _ANSWER_OBJECT


def warning(kind: Kind, options: DeleteOptions) -> str | None:
    """What to tell whoever deletes without saying what is to become of the dependents."""
    if kind.resource == "jobs.batch" and options.propagation is None:
        return (
            "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set "
            "propagationPolicy=Orphan to suppress this warning"
        )
    return None


def delete(
    resources: Resources, kind: Kind, namespace: str, name: str, options: DeleteOptions
) -> Future[Item]:
    """Deletes an object, or marks it as being deleted while finalizers or its grace hold it. Raises 403, 404 and 409."""
    if kind.resource == "namespaces" and name in LASTING:
        raise errors.forbidden(kind, name, "this namespace may not be deleted")

    def remove(old: Item | None) -> Draft | None:
        if old is None:
            raise errors.not_found(kind, name)
        _check(kind, old, options)
        body = old.copy()
        meta = body["metadata"]
        marked = bool(meta.get("deletionTimestamp"))
        _set_policy(kind, meta, options.propagation, marked)
        grace = _grace(kind, body, options)
        holds = meta.get("finalizers") or kind.resource == "namespaces"
        if not holds and not grace:
            if kind.resource == "pods":
                _mark(meta, 0, marked=marked)
            return Draft(body, old.owned, gone=True)
        if marked and (grace or not meta.get("deletionGracePeriodSeconds")):
            return None if body == old.body else Draft(body, old.owned)
        _mark(meta, grace, marked=marked)
        if kind.resource == "namespaces":
            del meta["deletionGracePeriodSeconds"]
            body.setdefault("status", {})["phase"] = "Terminating"
        return Draft(body, old.owned)

    return resources.store.change(
        resources.key(kind, namespace, name), remove, dry_run=options.dry_run
    )


def is_gone(body: dict[str, Any]) -> bool:
    """Whether the object in the answer of a deletion is no longer there."""
    meta = body["metadata"]
    return not (
        meta.get("deletionTimestamp")
        and (
            meta.get("finalizers")
            or meta.get("deletionGracePeriodSeconds")
            or body["kind"] == "Namespace"
        )
    )


def _mark(meta: dict[str, Any], grace: int, *, marked: bool) -> None:
    if not marked:
        until = datetime.now(timezone.utc) + timedelta(seconds=grace)
        meta["deletionTimestamp"] = until.strftime("%Y-%m-%dT%H:%M:%SZ")
        if meta.get("generation"):
            meta["generation"] += 1
    meta["deletionGracePeriodSeconds"] = grace


def _check(kind: Kind, old: Item, options: DeleteOptions) -> None:
    for what, wanted, held in (
        ("UID", options.uid, old.uid),
        ("ResourceVersion", options.version, str(old.version)),
    ):
        if wanted is not None and wanted != held:
            raise errors.precondition(kind, old.key.name, what, wanted, held)


def _set_policy(kind: Kind, meta: dict[str, Any], propagation: str | None, marked: bool) -> None:
    if propagation is None:
        if marked or kind.resource != "jobs.batch":
            return
        propagation = "Orphan"
    finalizers = [each for each in meta.get("finalizers") or () if each not in (ORPHAN, FOREGROUND)]
    if added := _POLICIES[propagation]:
        finalizers.append(added)
    if finalizers:
        meta["finalizers"] = finalizers
    else:
        meta.pop("finalizers", None)


def _grace(kind: Kind, body: dict[str, Any], options: DeleteOptions) -> int:
    """Seconds that a pod has to end; none for one that never ran or has ended, and for other kinds."""
    if kind.resource != "pods":
        return 0
    phase = (body.get("status") or {}).get("phase")
    if not body["spec"].get("nodeName") or phase in ("Succeeded", "Failed"):
        return 0
    if options.grace is not None:
        return max(options.grace, 0)
    return int(body["spec"].get("terminationGracePeriodSeconds", 30))
