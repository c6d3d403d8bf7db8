"""How lines are read, beyond what whole Experiments show."""

from __future__ import annotations

import pytest
from jupyterlab_kubeflow.local.katib.job_state import Said
from jupyterlab_kubeflow.local.katib.job_state import ended as job_ended
from jupyterlab_kubeflow.local.katib.metrics import Log, normal, observation, reader

TIME = "2026-01-31T12:00:00.000000Z"
OBJECTIVE = {"objectiveMetricName": "loss", "additionalMetricNames": ["top-1|acc"]}


def _read(line: str) -> list[tuple[str, str]]:
    found = reader({}, OBJECTIVE)(line, TIME)
    assert {each.time for each in found} <= {TIME}
    return [(each.metric, each.value) for each in found]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("loss=0.3", [("loss", "0.3")]),
        ("epoch 1: loss = -7.53e-05, top-1|acc=.98", [("loss", "-7.53e-05"), ("top-1|acc", ".98")]),
        ("loss=1E0 loss=+2", [("loss", "1E0"), ("loss", "+2")]),
        ("loss=1loss=2", [("loss", "1"), ("loss", "2")]),
        ("xloss=1 loss_=2 val-loss=3", []),
        ("loss=nan", []),
        ("loss: 0.3", []),
    ],
)
def test_lines(line: str, found: list[tuple[str, str]]) -> None:
    assert _read(line) == found


def test_a_line_of_a_megabyte_is_read_as_any_other() -> None:
    assert _read(f"loss{'a' * 1_000_000} loss=1") == [("loss", "1")]


def test_times_are_of_one_form() -> None:
    assert normal("2026-01-31T12:00:00Z") == TIME
    assert normal("2026-01-31T13:00:00.0000004+01:00") == TIME
    assert normal("2026-01-31T12:00:00") is None
    assert normal("loss=1") is None


def test_the_latest_value_is_the_last_of_its_time() -> None:
    logs = [
        Log(TIME, "loss", "2"),
        Log(TIME, "loss", "10"),
        Log("2026-01-31T11:00:00.000000Z", "loss", "text"),
    ]
    (found,) = observation(
        {**OBJECTIVE, "metricStrategies": [{"name": "loss", "value": "min"}]}, logs
    )["metrics"]
    assert found == {"name": "loss", "min": "2", "max": "10", "latest": "10"}


def test_what_is_no_finite_number_is_neither_least_nor_greatest() -> None:
    logs = [Log(TIME, "loss", each) for each in ("nan", "-inf", "2", "1", "inf", "NaN")]
    (found,) = observation(
        {**OBJECTIVE, "metricStrategies": [{"name": "loss", "value": "min"}]}, logs
    )["metrics"]
    assert found == {"name": "loss", "min": "1", "max": "2", "latest": "NaN"}


def test_how_a_run_ends_is_told_by_paths() -> None:
    def conditions(*held: str) -> dict[str, object]:
        told = [{"type": each, "status": "True", "reason": f"By{each}"} for each in held]
        return {"status": {"conditions": told, "state": {"name": "done", "reason": "all"}}}

    success = 'status.conditions.#(type=="Complete")#|#(status=="True")#'
    failure = 'status.conditions.#(type=="Failed")#|#(status=="True")#'
    assert job_ended(conditions(), success, failure) is None
    assert job_ended(conditions("Complete"), success, failure) == Said(True, "ByComplete")
    assert job_ended(conditions("Complete", "Failed"), success, failure) == Said(False, "ByFailed")
    assert job_ended(conditions(), "status.state", "status.absent") == Said(True, "all")
