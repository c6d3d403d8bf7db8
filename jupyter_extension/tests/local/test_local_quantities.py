"""Amounts of resources, as Kubernetes' own parser reads them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from jupyterlab_kubeflow.local.quantities import amount, is_quantity


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2", "2"), (2, "2"), (0.5, "0.5"), ("500m", "0.5"), (".5G", "5e8"), ("1.5Gi", str(3 * 2**29)), ("64Mi", str(64 * 2**20)),
        ("1e3", "1000"), ("1E", "1e18"), ("2Ei", str(2**61)), ("-1", "-1"), ("+1.", "1"), ("100n", "1e-7"),
    ],
)  # fmt: skip
def test_amounts(written: object, expected: str) -> None:
    assert is_quantity(written)
    assert amount(written) == Decimal(expected)


@pytest.mark.parametrize(
    "written", ["", "lots", " 1", "1 Gi", "1mi", "1KI", "0x10", "NaN", "٣", None]
)
def test_what_is_none(written: object) -> None:
    assert not is_quantity(written)
    with pytest.raises(ValueError, match="is no quantity"):
        amount(written)
