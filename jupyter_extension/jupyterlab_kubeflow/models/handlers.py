"""``POST /kubeflow/models/inspect``."""

from __future__ import annotations

import json
import time
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web
from tornado.iostream import StreamClosedError

from jupyterlab_kubeflow.connections.threads import in_thread
from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.rest import RESOURCE, KubeflowHandler, answers_errors

_PROGRESS_SECONDS = 0.5


class InspectHandler(KubeflowHandler):
    """What a file or folder is as a model: format, signature, size, and its SHA-256 while that is computed."""

    gone = False

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    @answers_errors
    async def post(self) -> None:
        """Body ``{path}``, a path of the file browser, or ``{uri, namespace?}``, and ``digest: false`` for no SHA-256; answers lines of JSON.

        The first is ``{inspection: {name, uri, folder, files, size, encoding?, format?, framework?, signature?, unsafe?, details, notes}}`` (as of
        ``Found.to_json``, ``size`` in bytes). Then come ``{progress: {done, size}}`` about twice a second, and at last ``{sha256}`` or
        ``{error}``, an error's usual body. Who closes the connection ends the reading. What cannot be read at all is answered with its status:
        400 (names the field), 403, 404, 422 (names the file that is damaged).
        """
        from .detect import detect
        from .digest import Digest
        from .place import notes_on

        body = self.json_body()
        wanted = body.get("digest", True)
        if not isinstance(wanted, bool):
            raise _bad("digest", '"digest" must be true or false.')
        tree, uri = await self._tree(body)
        found = await in_thread(detect, tree)
        told = found.to_json() if found else {"details": {}}
        inspection = {
            "name": tree.path.name,
            "uri": uri,
            "folder": tree.folder,
            "files": len(tree.members),
            "size": tree.size,
            **told,
            "notes": notes_on(uri, found),
        }
        digest = Digest(tree) if wanted else None
        self.set_header("Content-Type", "application/x-ndjson")
        try:
            await self._line({"inspection": inspection})
            if digest is not None:
                await self._digest(digest, tree.size)
        except StreamClosedError:
            return
        self.finish()

    async def _tree(self, body: dict[str, Any]) -> Any:
        from .place import by_path, by_uri

        path, uri, namespace = (body.get(name) for name in ("path", "uri", "namespace"))
        for name, value in (("path", path), ("uri", uri), ("namespace", namespace)):
            if value is not None and not isinstance(value, str):
                raise _bad(name, f'"{name}" must be text.')
        if (path is None) == (uri is None):
            raise _bad("path", "Give either the path of a model or its URI.")
        if path is not None:
            return await in_thread(by_path, path, self.contents_manager)
        return await in_thread(by_uri, uri, namespace, self.contents_manager)

    async def _digest(self, digest: Any, size: int) -> None:
        told = time.monotonic()
        try:
            while not self.gone and await in_thread(digest.go_on):
                if time.monotonic() - told >= _PROGRESS_SECONDS:
                    told = time.monotonic()
                    await self._line({"progress": {"done": digest.done, "size": size}})
        except KubeflowError as error:
            await self._line({"error": error.body()})
        else:
            if digest.sha256:
                await self._line({"sha256": digest.sha256})
        finally:
            digest.close()

    async def _line(self, value: dict[str, Any]) -> None:
        self.write(json.dumps(value) + "\n")
        await self.flush()

    def on_connection_close(self) -> None:
        """The client has gone: the reading ends after the current piece."""
        self.gone = True
        super().on_connection_close()


def _bad(field: str, message: str) -> KubeflowError:
    return KubeflowError(message, reason="BadRequest", details={"field": field})


def handlers() -> list[tuple[str, type]]:
    """Routes below the Jupyter base URL."""
    return [(r"/kubeflow/models/inspect", InspectHandler)]
