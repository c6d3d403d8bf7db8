"""Where and how a notebook runs as a task."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from jupyterlab_kubeflow.errors import KubeflowError

_REQUIREMENT = re.compile(r"^[A-Za-z0-9][^\s'\"\\$`;&|]*(?:\s*;\s*[^'\\$`&|]+)?$")


@dataclass(frozen=True)
class Settings:
    """Settings of a notebook task.

    ``target``: ``local`` runs with the notebook's own kernel and in its folder, ``cluster`` with those of the container.
    ``image``: the container's image; by default Python's of this version.
    ``requirements``: what the container installs first: a list of requirement strings, or ``auto`` for the versions of what the notebook
    imports, pinned from its kernel's environment. Without effect for target ``local``, where the kernel has what it has.
    ``kernel``, ``working_directory``: for target ``local``, instead of the notebook's own.
    ``cell_timeout``, ``timeout``: seconds for one cell and for all; none by default.
    ``caching``: whether KFP may reuse an earlier run's outputs. Off by default, since a notebook reads more than its parameters.
    """

    target: Literal["local", "cluster"] = "local"
    image: str = f"python:{sys.version_info.major}.{sys.version_info.minor}"
    requirements: list[str] | Literal["auto"] = field(default_factory=list)
    kernel: str | None = None
    working_directory: str | None = None
    cell_timeout: float | None = None
    timeout: float | None = None
    caching: bool = False

    @classmethod
    def from_json(cls, values: Any) -> Settings:
        """Settings from a JSON object; ``null`` members mean the default.

        Raises :class:`KubeflowError` (``details.field``) naming the setting.
        """
        if values is None:
            return cls()
        if not isinstance(values, dict):
            raise KubeflowError("settings must be a JSON object.", details={"field": "settings"})
        known = {item.name for item in fields(cls)}
        for name in values:
            if name not in known:
                raise _wrong(name, f"is not known. Known are: {', '.join(sorted(known))}")
        settings = cls(**{name: value for name, value in values.items() if value is not None})
        settings._check()
        return settings

    def _check(self) -> None:
        if self.target not in ("local", "cluster"):
            raise _wrong("target", "must be local or cluster")
        for name in ("image", "kernel", "working_directory"):
            value = getattr(self, name)
            if value is not None and (not isinstance(value, str) or not value.strip()):
                raise _wrong(name, "must be text")
        for name in ("cell_timeout", "timeout"):
            value = getattr(self, name)
            number = isinstance(value, (int, float)) and not isinstance(value, bool)
            if value is not None and not (number and 0 < value < float("inf")):
                raise _wrong(name, "must be a number of seconds above 0, for example 600")
        if not isinstance(self.caching, bool):
            raise _wrong("caching", "must be true or false")
        if self.requirements != "auto":
            if not isinstance(self.requirements, list):
                raise _wrong("requirements", 'must be "auto" or a list such as ["pandas==2.2.3"]')
            for requirement in self.requirements:
                if not isinstance(requirement, str) or not _REQUIREMENT.match(requirement):
                    raise _wrong(
                        "requirements",
                        f"holds {requirement!r}, which is no requirement such as pandas==2.2.3",
                    )


def _wrong(name: str, what: str) -> KubeflowError:
    return KubeflowError(f'Setting "{name}" {what}.', details={"field": f"settings.{name}"})
