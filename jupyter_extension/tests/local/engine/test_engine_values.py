"""Values that do not fit, and values that must stay as they are.

Without ``from __future__ import annotations``: kfp reads the components' annotations as objects.
"""

# ruff: noqa: SIM115 - components are what kfp understands

from pathlib import Path
from typing import Any

import pytest
from constructs_components import add
from engine_support import run
from kfp import dsl
from kfp.dsl import OutputPath


def test_large_whole_numbers_stay_exact(tmp_path: Path) -> None:
    @dsl.pipeline(name="large")
    def pipeline(n: int) -> int:
        return add(a=n).output

    result = run(pipeline, tmp_path, parameters={"n": 2**60 + 1})
    assert result.outputs() == {"Output": 2**60 + 2}


def test_ill_typed_output_names_the_parameter(tmp_path: Path) -> None:
    @dsl.component
    def wrong(count: OutputPath(int)):  # type: ignore[valid-type]
        open(count, "w").write("1.5")

    result = run(wrong, tmp_path)
    assert result.state == "FAILED"
    assert "Output parameter 'count' must be a whole number, but is 1.5." in str(result.error)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "'n' has no value"),
        ({"n": "x"}, "Parameter 'n' must be a whole number, but is 'x'."),
        ({"n": 1, "m": 2}, "no parameter 'm'"),
    ],
)
def test_parameters_that_do_not_fit_are_named(
    tmp_path: Path, parameters: dict[str, Any], message: str
) -> None:
    @dsl.pipeline(name="one")
    def pipeline(n: int) -> None:
        add(a=n)

    result = run(pipeline, tmp_path, parameters=parameters)
    assert result.state == "FAILED"
    assert message in str(result.error)


def test_an_artifact_that_nobody_wrote_is_missed_by_name(tmp_path: Path) -> None:
    @dsl.component
    def nothing(number: OutputPath(int)):  # type: ignore[valid-type]
        pass

    @dsl.pipeline(name="missing")
    def pipeline() -> None:
        add(a=nothing().outputs["number"])

    result = run(pipeline, tmp_path)
    assert result.state == "FAILED"
    assert "'number' of 'nothing', which did not write it" in str(result.error)
