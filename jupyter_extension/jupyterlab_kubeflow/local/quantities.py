"""Amounts of resources as Kubernetes writes them: ``500m``, ``1Gi``, ``0.5`` (``k8s.io/apimachinery/pkg/api/resource``)."""

from __future__ import annotations

import re
from decimal import Decimal

_FORM = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?", re.ASCII)
_UNITS = {
    **{
        unit: Decimal(10) ** power
        for unit, power in zip("numkMGTPE", (-9, -6, -3, 3, 6, 9, 12, 15, 18), strict=True)
    },
    **{f"{unit}i": Decimal(1024) ** power for power, unit in enumerate("KMGTPE", 1)},
}


def is_quantity(value: object) -> bool:
    """Whether a value is a quantity; numbers are."""
    return _FORM.fullmatch(str(value)) is not None


def amount(value: object) -> Decimal:
    """The number that a quantity stands for. Raises ``ValueError`` for what is none."""
    found = _FORM.fullmatch(str(value))
    if found is None:
        raise ValueError(f"{value!r} is no quantity")
    number, unit = found.groups()
    if unit and unit[0] in "eE" and len(unit) > 1 and unit != "Ei":
        return Decimal(number + unit)
    return Decimal(number) * _UNITS.get(unit or "", Decimal(1))
