"""Conditions, values and commands on their own."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyterlab_kubeflow.local.engine import command, conditions
from jupyterlab_kubeflow.local.engine.errors import EngineError
from jupyterlab_kubeflow.local.engine.values import checked
from kfp.pipeline_spec.pipeline_spec_pb2 import ParameterType

P = "inputs.parameter_values['pipelinechannel--x']"


@pytest.mark.parametrize(
    ("condition", "x", "expected"),
    [
        (f"{P} == 'heads'", "heads", True),
        (f"{P} != 'heads'", "heads", False),
        (f"int({P}) > 5", "7", True),
        (f"int({P}) >= 7 && int({P}) < 7", 7, False),
        (f"double({P}) <= 0.5 || {P} == 'x'", 0.25, True),
        (f"!({P} == true) && {P} == false", False, True),
        (f"!({P} == 'a') && !({P} == 'b')", "c", True),
        (f"{P} == '&& || !'", "&& || !", True),
        (f"{P} == 'x'", "x' or 'a' == 'a", False),
        ("'a' in ['a', 'b'] && true", 0, True),
    ],
)
def test_conditions(condition: str, x: Any, expected: bool) -> None:
    assert conditions.evaluate(condition, {"pipelinechannel--x": x}) is expected


@pytest.mark.parametrize("kind", ["NUMBER_INTEGER", "NUMBER_DOUBLE"])
def test_numbers_that_no_double_holds_are_errors_that_name_them(kind: str) -> None:
    with pytest.raises(EngineError, match=r"Output parameter 'n' .*cannot hold"):
        checked("n", 10**400, ParameterType.ParameterTypeEnum.Value(kind), "Output parameter")


@pytest.mark.parametrize(
    "condition",
    [
        "__import__('os').system('id') == 0",
        "().__class__ == 1",
        "inputs.parameter_values['y'] == 1",
        f"{P} > 1",
        f"int({P}) == 1",
        f"{P} ==",
        "(" * 300 + "1" + ")" * 300,
    ],
)
def test_conditions_that_cannot_be_evaluated_are_errors(condition: str) -> None:
    with pytest.raises(EngineError, match="condition"):
        conditions.evaluate(condition, {"pipelinechannel--x": "text"})


@given(st.text(), st.text())
def test_conditions_compare_any_texts(x: str, y: str) -> None:
    values = {"pipelinechannel--x": x, "y": y}
    assert conditions.evaluate(f"{P} == inputs.parameter_values['y']", values) is (x == y)


def test_volumes_of_a_cluster_are_refused() -> None:
    with pytest.raises(EngineError, match=r"volume of a Kubernetes cluster"):
        command.read([], [], "argostub/createpvc")
