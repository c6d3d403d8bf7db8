"""Spoilt specs: the server answers 400 with words, or the run ends, in words when it fails."""

from __future__ import annotations

import json
from typing import Any

import httpx
from engine_support import compiled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spec_mutations import everything, mutated

RUNS = "/apis/v2beta1/runs"


def test_what_is_no_object_is_named(http: httpx.Client) -> None:
    spec = compiled(everything)
    spec["root"]["inputDefinitions"]["parameters"]["n"] = []
    answer = http.post(RUNS, json={"display_name": "spoilt", "pipeline_spec": spec})
    assert answer.status_code == 400
    assert answer.json()["message"] == (
        "The pipeline spec is not valid: root.inputDefinitions.parameters.n must be an object, not []."
    )


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(specs=st.lists(mutated(), min_size=30, max_size=30))
def test_spoilt_specs_end_in_words(
    client: Any, http: httpx.Client, specs: list[dict[str, Any]]
) -> None:
    begun: list[str] = []
    for spec in specs:
        answer = http.post(RUNS, json={"display_name": "spoilt", "pipeline_spec": spec})
        assert answer.status_code in (200, 400), (answer.text, json.dumps(spec))
        if answer.status_code == 400:
            assert answer.json()["message"].endswith((".", '"')), answer.text
        else:
            begun.append(answer.json()["run_id"])
    for run_id in begun:
        run = client.wait_for_run_completion(run_id, timeout=120, sleep_duration=0.1)
        assert run.state in ("SUCCEEDED", "FAILED")
        if run.state == "FAILED":
            assert "Local Kubeflow could not run" not in run.error.message
            assert run.error.message
        for path in (f"{RUNS}/{run_id}/tasks", f"{RUNS}/{run_id}?view=FULL"):
            assert http.get(path).status_code == 200
