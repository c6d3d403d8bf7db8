"""Events of objects, as Kubernetes' components write them: repeated ones are counted."""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError

from .times import stamp

_log = logging.getLogger(__name__)
_LONGEST = 1024


class Events:
    """Events that one component writes."""

    def __init__(self, client: Client, component: str) -> None:
        self._client = client
        self._kind = client.kind("v1", "Event")
        self._component = component

    async def tell(
        self,
        about: dict[str, Any],
        reason: str,
        message: str,
        *,
        warning: bool = False,
        container: str = "",
    ) -> None:
        """Writes an event about an object; one that was there already counts up. What cannot be written is left out."""
        meta = about["metadata"]
        namespace = meta.get("namespace") or "default"
        message = message[:_LONGEST]
        involved = {
            "apiVersion": about["apiVersion"],
            "kind": about["kind"],
            "name": meta["name"],
            "namespace": namespace,
            "uid": meta["uid"],
        }
        if container:
            involved["fieldPath"] = f"spec.containers{{{container}}}"
        identity = repr((meta["uid"], container, reason, message, self._component))
        name = f"{meta['name'][:200]}.{hashlib.sha256(identity.encode()).hexdigest()[:16]}"
        now = stamp()

        def again(body: dict[str, Any]) -> None:
            body["count"] = body.get("count", 1) + 1
            body["lastTimestamp"] = now

        try:
            try:
                await self._client.edit(self._kind, namespace, name, again)
            except StatusError as error:
                if error.status != 404:
                    raise
                body = {
                    "apiVersion": "v1",
                    "kind": "Event",
                    "metadata": {"name": name, "namespace": namespace},
                    "involvedObject": involved,
                    "reason": reason,
                    "message": message,
                    "type": "Warning" if warning else "Normal",
                    "source": {"component": self._component, "host": "local"},
                    "reportingComponent": self._component,
                    "reportingInstance": "local",
                    "firstTimestamp": now,
                    "lastTimestamp": now,
                    "count": 1,
                }
                await self._client.create(self._kind, namespace, body)
        except StatusError as error:
            _log.info("No event %s of %s: %s", reason, meta["name"], error)
