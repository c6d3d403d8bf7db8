"""Settings that list names: how they may be written, and what is refused when the server starts."""

from __future__ import annotations

import re
from typing import Any

from traitlets import List, TraitError, Unicode

_LABEL = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_GROUP = rf"({_LABEL}(\.{_LABEL})+|apps|autoscaling|batch|extensions|policy)"

VERBS = "get|list|watch|create|update|patch|delete|deletecollection"
GROUPS = f"{_GROUP}?"
NAMESPACES = rf"\*|{_LABEL}"
RESOURCES = rf"(\*|{_LABEL})(\.{_GROUP})?"

_REMEDIES = {
    VERBS: f"is no verb. There are {VERBS.replace('|', ', ')}.",
    GROUPS: 'is no API group. Write it without a version, as in "batch" or "trainer.kubeflow.org"; the empty text is the core group.',
    NAMESPACES: 'is no namespace. Write names, or "*" for all; patterns are not possible.',
    RESOURCES: 'names no resource. Write "RESOURCE.GROUP" or "*.GROUP", for the core group "RESOURCE" or "*"; RESOURCE is the plural, as in "trainjobs".',
}


class Names(List[str]):
    """A list of names of one form: :data:`VERBS`, :data:`GROUPS`, :data:`NAMESPACES` or :data:`RESOURCES`.

    On the command line it is given name by name, or as one text: with commas, and with brackets and quotes or without. Raises ``TraitError``
    that names the setting, the name that is not of the form, and what to write.
    """

    def __init__(self, form: str, **options: Any) -> None:
        self._form = form
        super().__init__(Unicode(), **options)

    def from_string(self, s: str) -> list[str]:
        """The names in one text of the command line."""
        text = s.strip()
        bracketed = text.startswith("[") and text.endswith("]")
        if bracketed and not text[1:-1].strip():
            return []
        names = (text[1:-1] if bracketed else text).split(",")
        return [name.strip().strip("\"'") for name in names]

    def from_string_list(self, s_list: list[str]) -> list[str]:
        """The names in all texts of the command line."""
        return [name for text in s_list for name in self.from_string(text)]

    def validate(self, obj: Any, value: Any) -> Any:
        """Refuses what is no list, and names that can never be meant."""
        names = super().validate(obj, value)
        for name in names:
            if not re.fullmatch(self._form, name):
                raise TraitError(
                    f'The setting {type(obj).__name__}.{self.name} cannot be used: "{name}" {_REMEDIES[self._form]}'
                )
        return names
