"""Every construct of a pipeline by a pipeline of its own, through the engine's door and through kfp.local, unmodified."""

from __future__ import annotations

from typing import Any

import constructs_artifacts
import constructs_control
import constructs_importers
import constructs_tasks
import constructs_values
import pytest
from constructs import Case, Prepared, prepare, run_all
from engine_support import Result
from referees import agrees, by_kfp_local, outputs_of

CASES: list[Case] = [
    *constructs_control.CASES,
    *constructs_values.CASES,
    *constructs_artifacts.CASES,
    *constructs_importers.CASES,
    *constructs_tasks.CASES,
]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> list[Prepared]:
    folder = tmp_path_factory.mktemp("constructs")
    return [prepare(case, folder / str(number)) for number, case in enumerate(CASES)]


@pytest.fixture(scope="module")
def results(prepared: list[Prepared], tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    return run_all(prepared, tmp_path_factory.mktemp("home"))


def test_the_names_of_the_constructs_are_unique() -> None:
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.fixture(scope="module")
def refereed(
    prepared: list[Prepared], results: list[Result], tmp_path_factory: pytest.TempPathFactory
) -> list[dict[str, Any]]:
    """What kfp.local makes of the cases, after the engine."""
    jobs = [(each.spec, each.parameters) for each in prepared]
    return by_kfp_local(jobs, tmp_path_factory.mktemp("referee"))


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_constructs(results: list[Result], number: int) -> None:
    case, result = CASES[number], results[number]
    assert result.state == case.state, result.error
    assert (case.error or "") in str(result.error)
    states, tasks = result.states, result.tasks
    for path, state in case.states.items():
        assert states[path] == state, tasks[path].error_message
    for path, outputs in case.outputs.items():
        found = result.outputs(path)
        assert {name: found.get(name) for name in outputs} == outputs
    for path, message in case.messages.items():
        assert message in str(tasks[path].status_message)


@pytest.mark.parametrize("number", range(len(CASES)), ids=[case.name for case in CASES])
def test_constructs_end_as_kfp_local_ends_them(
    results: list[Result], refereed: list[dict[str, Any]], number: int
) -> None:
    """Or the table says why not, which is to be taken back when it does not hold any more."""
    case, result, end = CASES[number], results[number], refereed[number]
    failed = result.state == "FAILED"
    same = "error" in end if failed else agrees(end, outputs_of(result))
    assert same == (case.local is None), end
