"""Taking the outputs of an equal task instead of running it again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from .context import RunContext
from .recorder import RunRecord, TaskRecord
from .values import Outcome, Values


def fingerprint(
    run: RunRecord, task: Any, component: Any, container: Any, inputs: Values
) -> str | None:
    """What makes two executions the same (as KFP's cache key: container, inputs, declared outputs), or None with caching off."""
    enabled = run.enable_caching
    if enabled is None:
        enabled = task.caching_options.enable_cache
    if not enabled:
        return None
    key: dict[str, Any] = {"component": task.component_ref.name}
    if task.caching_options.cache_key:
        key["custom"] = task.caching_options.cache_key
    else:
        del key["component"]
        key |= {
            "container": [
                container.image,
                list(container.command),
                list(container.args),
                [[each.name, each.value] for each in container.env],
            ],
            "parameters": inputs.parameters,
            "artifacts": {
                name: [[each.type, each.uri, each.metadata] for each in records]
                for name, records in inputs.artifacts.items()
            },
            "outputs": json_format.MessageToDict(component.output_definitions),
        }
    return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()


def reuse(context: RunContext, record: TaskRecord, fingerprint: str | None) -> Outcome | None:
    """Ends ``record`` with the outputs of an earlier task with this fingerprint; None when there is none whose files still exist."""
    if fingerprint is None:
        return None
    found = context.services.recorder.find_cached(fingerprint, context.services.forgotten)
    if found is None:
        return None
    try:
        outcome = context.journal.recall(found)
    except KeyError:
        return None
    own = str(context.services.home / "artifacts")
    for artifacts in outcome.outputs.artifacts.values():
        if any(a.uri.startswith(own) and not Path(a.uri).parent.exists() for a in artifacts):
            return None
    return context.journal.finish(
        record,
        Outcome("CACHED", outcome.outputs),
        status_message=f"The result of run {found.run_id} was used again.",
        start_time=record.create_time,
    )
