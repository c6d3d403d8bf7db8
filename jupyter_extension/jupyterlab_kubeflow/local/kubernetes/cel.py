"""Validation rules of CRDs (CEL), evaluated by the ``common-expression-language`` package."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

_log = logging.getLogger(__name__)


@cache
def _program(rule: str) -> Any:
    import cel

    return cel.compile(rule)


@cache
def _tell(rule: str, said: str) -> None:
    _log.warning("A validation rule is not applied, %s: %s", said, rule)


def holds(rule: str, value: Any, old: Any = None) -> bool:
    """Whether the rule is true of ``self`` (and ``oldSelf``). A rule that cannot be evaluated here holds, and is told of once in the log."""
    result = evaluate(rule, value, old)
    return result is not False


def evaluate(rule: str, value: Any, old: Any = None) -> Any:
    """What the expression gives, None when it cannot be evaluated here."""
    context = {"self": value} if old is None else {"self": value, "oldSelf": old}
    try:
        return _program(rule).execute(context)
    except Exception as error:
        _tell(rule, str(error).splitlines()[0])
        return None
