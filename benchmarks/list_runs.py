"""How long a page of runs takes under each filter: ``list_runs.py [PAGE_SIZE]``, with ``KUBEFLOW_LOCAL_HOME`` naming the folder of a running server.

The server's runs are those of ``seed_runs.py``. Prints one JSON object ``{FILTER: {median, longest, total}}``: seconds over HTTP of the first
page of five, newest first, and how many runs there are.
"""

import json
import statistics
import sys
import time
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
from jupyterlab_kubeflow.local import process

TIMES = 5


def predicate(key: str, operation: str, **value: Any) -> dict[str, Any]:
    return {"key": key, "operation": operation, **value}


def filters() -> dict[str, list[dict[str, Any]]]:
    day = datetime.now(timezone.utc) - timedelta(days=10)
    later = day + timedelta(days=5)
    return {
        "none": [],
        "state": [predicate("state", "EQUALS", string_value="FAILED")],
        "states": [predicate("state", "NOT_EQUALS", string_value="FAILED")],
        "name": [predicate("display_name", "IS_SUBSTRING", string_value="train")],
        "rare name": [predicate("display_name", "IS_SUBSTRING", string_value="-00042")],
        "experiment": [predicate("experiment_id", "EQUALS", string_value="experiment-3")],
        "time": [
            predicate("created_at", "GREATER_THAN_EQUALS", timestamp_value=day.isoformat()),
            predicate("created_at", "LESS_THAN", timestamp_value=later.isoformat()),
        ],
        "version": [predicate("pipeline_version_id", "EQUALS", string_value="version-3")],
        "storage": [predicate("storage_state", "EQUALS", string_value="ARCHIVED")],
        "available": [predicate("storage_state", "NOT_EQUALS", string_value="ARCHIVED")],
    }


def main() -> None:
    server = process.status()
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    found = {}
    with httpx.Client(
        base_url=server.services["pipelines"],
        headers={"Authorization": f"Bearer {server.token}"},
        trust_env=False,
    ) as http:
        for name, predicates in filters().items():
            text = json.dumps({"predicates": predicates})
            query = {"page_size": size, "sort_by": "created_at desc", "filter": text}
            taken, total = [], 0
            for _ in range(TIMES):
                start = time.perf_counter()
                answer = http.get("/apis/v2beta1/runs", params=query).raise_for_status().json()
                taken.append(time.perf_counter() - start)
                total = answer.get("total_size", 0)
            longest = max(taken)
            found[name] = {"median": statistics.median(taken), "longest": longest, "total": total}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
