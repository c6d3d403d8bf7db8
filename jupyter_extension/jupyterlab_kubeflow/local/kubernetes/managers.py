"""``metadata.managedFields``: who has changed an object, by name. Which fields is not kept there, see ``apply``."""

from __future__ import annotations

from typing import Any

from .metadata import now


def tell_manager(
    body: dict[str, Any],
    before: dict[str, Any] | None,
    manager: str,
    operation: str,
    api_version: str,
    subresource: str = "",
) -> None:
    """Notes a change by the manager in ``body``, in place."""
    entries = list((before or {}).get("metadata", {}).get("managedFields") or ())
    entry = {
        "manager": manager,
        "operation": operation,
        "apiVersion": api_version,
        "time": now(),
        "fieldsType": "FieldsV1",
        "fieldsV1": {},
    }
    if subresource:
        entry["subresource"] = subresource
    same = ("manager", "operation", "subresource")
    others = [each for each in entries if any(each.get(name) != entry.get(name) for name in same)]
    body["metadata"]["managedFields"] = [*others, entry]
