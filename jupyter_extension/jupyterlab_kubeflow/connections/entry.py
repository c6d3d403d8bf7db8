"""One entry of a kubeconfig, a cluster or a user: its fields checked, the files that it names read."""

from __future__ import annotations

import base64
import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .access import REREAD

_HEADER_SAFE = re.compile(r"[^\x00-\x1f\x7f]+")
_TOKEN = re.compile(r"[!-~]+")
_IMPERSONATION = ("as", "as-uid", "as-groups", "as-user-extra")


class Invalid(Exception):
    """A field that cannot be used, in words."""


@dataclass
class Entry:
    """``what`` it is, for messages; ``folder`` is where relative paths start; ``files`` are those that were read."""

    what: str
    value: dict[str, Any] = field(repr=False)
    folder: str
    files: list[str] = field(default_factory=list)

    def text(self, name: str) -> str | None:
        """A field with text on one line; None when it is missing or empty. Raises :class:`Invalid`."""
        value = self.value.get(name)
        if value is None or value == "":
            return None
        if not isinstance(value, str) or not _HEADER_SAFE.fullmatch(value):
            raise Invalid(f"{name} of the {self.what} must be text on one line")
        return value

    def needed(self, name: str) -> str:
        """As :meth:`text`, of a field that must be there."""
        value = self.text(name)
        if value is None:
            raise Invalid(f"{name} of the {self.what} is missing")
        return value

    def texts(self, name: str) -> list[str]:
        """A field with a list of texts. Raises :class:`Invalid`."""
        values = self.value.get(name) or []
        if not isinstance(values, list) or not all(
            isinstance(value, str) and _HEADER_SAFE.fullmatch(value) for value in values
        ):
            raise Invalid(f"{name} of the {self.what} must be a list of texts")
        return values

    def flag(self, name: str) -> bool:
        """A truth value; false when it is missing. Raises :class:`Invalid`."""
        value = self.value.get(name)
        if value is not None and not isinstance(value, bool):
            raise Invalid(f"{name} of the {self.what} must be true or false")
        return bool(value)

    def pem(self, name: str) -> str | None:
        """PEM text: the field ``NAME-data`` in base64, else the content of the file ``NAME``. Raises :class:`Invalid`, ``OSError``."""
        data, path = self.value.get(f"{name}-data"), self.text(name)
        if not data and not path:
            return None
        if data:
            try:
                content = base64.b64decode("".join(str(data).split()), validate=True)
            except ValueError as error:
                raise Invalid(f"{name}-data of the {self.what} is not base64") from error
        else:
            content = self._file(path or "")
        if not content.strip():
            raise Invalid(f"{name} of the {self.what} is empty")
        return content.decode("utf-8", "replace")

    def encoded(self, pem: str | None) -> str | None:
        """PEM text as a ``-data`` field holds it."""
        return base64.b64encode(pem.encode()).decode() if pem else None

    def extension(self, name: str) -> Any:
        """The content of the extension with this name."""
        listed = self.value.get("extensions")
        for item in listed if isinstance(listed, list) else []:
            if isinstance(item, dict) and item.get("name") == name:
                return item.get("extension")
        return None

    def acting(self) -> bool:
        """Whether the user is to act as somebody else."""
        return any(self.value.get(name) for name in _IMPERSONATION)

    def authorization(self) -> tuple[str | None, float | None]:
        """The header ``Authorization`` of a token, or of a name and a password, and when to read it again. Raises :class:`Invalid`, ``OSError``.

        As with client-go, a token file comes before a token.
        """
        path = self.text("tokenFile")
        token = self._file(path).decode("utf-8", "replace").strip() if path else self.text("token")
        if token:
            if not _TOKEN.fullmatch(token):
                raise Invalid(f"the token of the {self.what} holds what no token does")
            return f"Bearer {token}", time.time() + REREAD if path else None
        if path:
            raise Invalid(f"the file {path} (tokenFile of the {self.what}) is empty")
        name = self.text("username")
        if name:
            pair = f"{name}:{self.text('password') or ''}".encode()
            return f"Basic {base64.b64encode(pair).decode()}", None
        return None, None

    def _file(self, path: str) -> bytes:
        target = os.path.join(self.folder, os.path.expanduser(path))
        self.files.append(target)
        return Path(target).read_bytes()
