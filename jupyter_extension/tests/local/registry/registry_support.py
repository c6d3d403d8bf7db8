"""Plain HTTP to a registry."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
from jupyterlab_kubeflow.local.process import LocalStatus

PREFIX = "/api/model_registry/v1alpha3"


class Api(httpx.Client):
    """A client below the prefix of the registry's API."""

    @classmethod
    def of(cls, status: LocalStatus, prefix: str = PREFIX) -> Api:
        return cls(
            base_url=status.services["registry"] + prefix,
            headers={"Authorization": f"Bearer {status.token}"},
            timeout=60,
            trust_env=False,
        )

    def make(self, path: str, **body: Any) -> dict[str, Any]:
        """POSTs the fields and returns the object; asserts 201."""
        return self.took(self.post(f"/{path}", json=body), 201)

    def read(self, path: str, **query: Any) -> dict[str, Any]:
        """The answer of a GET; asserts 200."""
        return self.took(self.get(f"/{path}", params=query), 200)

    def edit(self, path: str, **body: Any) -> dict[str, Any]:
        """PATCHes the fields and returns the object; asserts 200."""
        return self.took(self.patch(f"/{path}", json=body), 200)

    def ids(self, path: str, **query: Any) -> list[str]:
        """The ids of a list."""
        return [item["id"] for item in self.read(path, **query)["items"]]

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """The pages of a list."""
        token = ""
        while True:
            page = self.read(path, nextPageToken=token, **query)
            yield page
            token = page["nextPageToken"]
            if not token:
                return

    @staticmethod
    def took(answer: httpx.Response, status: int) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        return dict(answer.json())


def refused(answer: httpx.Response, status: int, *words: str) -> None:
    """Asserts that a request was refused with this status, and that the message has these words."""
    assert answer.status_code == status, answer.text
    said = answer.json()
    assert set(said) == {"code", "message"}
    for word in words:
        assert word in said["message"]
