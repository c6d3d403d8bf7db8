"""``filterQuery`` of lists, as the Model Registry takes it: text → :data:`Expression` → condition of a SELECT.

The grammar is that of ``internal/platform/db/filter/parser.go`` of kubeflow/hub, what names mean that of ``query_builder.go`` beside it.
Where upstream does not do what the API's document says, the document holds:

- ``<>`` means what ``!=`` does (upstream: what ``=`` does);
- a list after ``IN`` is compared value by value, each in its own type (upstream: as texts);
- of a text only the two quotes around it are taken off, and a backtick in a name can be escaped;
- the name of what has a parent is the name that was given, in every operator (upstream compares it with the parent's id in front, but for
  ``=`` and ``LIKE``);
- ``LIKE`` tells upper from lower case and ``ILIKE`` does not, in any script (upstream: as its database does).
"""

from __future__ import annotations

from .entity import Entity
from .grammar import Comparison, Expression, Junction, parse
from .sql import condition

__all__ = ["Comparison", "Entity", "Expression", "Junction", "condition", "parse"]
