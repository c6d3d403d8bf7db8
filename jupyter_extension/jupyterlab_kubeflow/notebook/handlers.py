"""REST routes of the notebook conversion (see *Routes* in docs/architecture.md)."""

from __future__ import annotations

import asyncio
import json
import os
import posixpath
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.utils import ensure_async, to_os_path
from tornado import web

from jupyterlab_kubeflow.errors import KubeflowError
from jupyterlab_kubeflow.rest import RESOURCE, KubeflowHandler, answers_errors

from .document import check_notebook, parse_notebook, unreadable

if TYPE_CHECKING:
    from jupyter_server.utils import ApiPath

    from .settings import Settings


class _NotebookHandler(KubeflowHandler):
    """Reads the notebook that a request names, through Jupyter's contents manager."""

    def text_member(self, body: dict[str, Any], name: str) -> str | None:
        """A member of the body that must be text when it is there."""
        value = body.get(name)
        if value is not None and (not isinstance(value, str) or not value.strip()):
            raise KubeflowError(
                f'"{name}" must be text.', reason="BadRequest", details={"field": name}
            )
        return value

    async def notebook(self, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """The notebook of ``body.path`` and its path. Hidden files, other roots and drives follow the contents manager's rules."""
        path = self.text_member(body, "path")
        if path is None:
            raise KubeflowError(
                "The request names no notebook. Give its path.",
                reason="BadRequest",
                details={"field": "path"},
            )
        path = path.strip("/")
        manager: Any = self.contents_manager
        try:
            model = await ensure_async(manager.get(path, content=True, type="notebook"))
        except web.HTTPError as error:
            raise await self._refusal(path, error) from error
        await asyncio.to_thread(check_notebook, model["content"], path)
        return model["content"], path

    async def _refusal(self, path: str, error: web.HTTPError) -> KubeflowError:
        """Why the contents manager gave no notebook, in words of our own."""
        if error.status_code == 404:
            return KubeflowError(
                f"There is no notebook {path}. Check the path.", reason="NotFound", status=404
            )
        if error.status_code == 403:
            return KubeflowError(f"You may not read {path}.", reason="Forbidden", status=403)
        manager: Any = self.contents_manager
        try:
            model = await ensure_async(manager.get(path, content=True, type="file", format="text"))
            await asyncio.to_thread(parse_notebook, model["content"], path)
        except web.HTTPError:
            pass
        except KubeflowError as refusal:
            return refusal
        return unreadable(path, "the Jupyter server could not read it")

    async def given_notebook(self, body: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """``body.notebook``, the notebook as it stands in an editor, with ``body.path`` as its name; without it the saved one of ``body.path``."""
        given = body.get("notebook")
        if given is None:
            return await self.notebook(body)
        path = (self.text_member(body, "path") or "notebook.ipynb").strip("/")
        return await asyncio.to_thread(parse_notebook, json.dumps(given), path), path

    def folder(self, path: str) -> str | None:
        """The folder on disk that the notebook lies in; ``None`` when its contents manager keeps no files."""
        root = getattr(self.contents_manager, "root_dir", None)
        if not root:
            return None
        folder = os.path.dirname(to_os_path(cast("ApiPath", path), root))
        return folder if os.path.isdir(folder) else None


def _name(path: str) -> str:
    return posixpath.splitext(posixpath.basename(path))[0]


class InspectHandler(_NotebookHandler):
    """``POST /kubeflow/notebook/inspect``: kernel, parameters and problems of a notebook."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    @answers_errors
    async def post(self) -> None:
        """Body ``{path}``; answers ``Inspection.to_json``."""
        from .inspect import inspect_notebook

        content, path = await self.notebook(self.json_body())
        result = await asyncio.to_thread(inspect_notebook, content, _name(path))
        self.finish_json(result.to_json())


class CompileHandler(_NotebookHandler):
    """``POST /kubeflow/notebook/compile``: the PipelineSpec that runs a notebook."""

    @web.authenticated
    @authorized(action="execute", resource=RESOURCE)
    @answers_errors
    async def post(self) -> None:
        """Body ``{path, name?, settings?}`` (``Settings``); answers ``{name, pipeline_spec}``."""
        from .compile import compile_document
        from .settings import Settings

        body = self.json_body()
        settings = await self._settings(Settings, body.get("settings"))
        name = self.text_member(body, "name")
        content, path = await self.notebook(body)
        name = name or _name(path)
        _, spec = await asyncio.to_thread(
            compile_document, content, name, settings, self.folder(path)
        )
        self.finish_json({"name": name, "pipeline_spec": spec})

    async def _settings(self, settings: type[Settings], given: Any) -> Settings:
        """The request's settings; where they name no target, the kind of the active connection decides."""
        checked = settings.from_json(given)
        connections = self.settings.get("kubeflow_connections")
        if (given and given.get("target")) or connections is None:
            return checked
        state = await connections.state()
        kinds = {profile["name"]: profile["kind"] for profile in state["profiles"]}
        local = kinds.get(state["active"], "local") == "local"
        return replace(checked, target="local" if local else "cluster")


class FunctionsHandler(_NotebookHandler):
    """``POST /kubeflow/notebook/functions``: the functions of a notebook that training can begin with."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    @answers_errors
    async def post(self) -> None:
        """Body ``{path, notebook?}``; answers ``{functions: [TrainFunction]}``."""
        from .training import to_json, train_functions

        content, path = await self.given_notebook(self.json_body())
        found = await asyncio.to_thread(train_functions, content, _name(path))
        self.finish_json({"functions": [to_json(each) for each in found]})


class ScriptHandler(_NotebookHandler):
    """``POST /kubeflow/notebook/script``: a notebook as one Python file."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    @answers_errors
    async def post(self) -> None:
        """Body ``{path, notebook?}``; answers ``Script``: ``{name, script, problems}``."""
        from .training import notebook_script, to_json

        content, path = await self.given_notebook(self.json_body())
        self.finish_json(to_json(await asyncio.to_thread(notebook_script, content, _name(path))))


class TrialHandler(_NotebookHandler):
    """``POST /kubeflow/notebook/trial``: a notebook, one of its functions or a Python file as the script of a tuning trial."""

    @web.authenticated
    @authorized(action="read", resource=RESOURCE)
    @answers_errors
    async def post(self) -> None:
        """Body ``{path, notebook?, function?}`` or ``{path, text}``; answers ``Trial.to_json``."""
        from .trial import file_trial, function_trial, notebook_trial

        body = self.json_body()
        text, function = self.text_member(body, "text"), self.text_member(body, "function")
        if text is not None:
            path = self.text_member(body, "path") or "script.py"
            made = await asyncio.to_thread(file_trial, text, posixpath.basename(path))
        else:
            content, path = await self.given_notebook(body)
            made = (
                await asyncio.to_thread(function_trial, content, _name(path), function)
                if function
                else await asyncio.to_thread(notebook_trial, content, _name(path))
            )
        self.finish_json(made.to_json())


def handlers() -> list[tuple[str, type]]:
    """Routes below the Jupyter base URL."""
    return [
        (r"/kubeflow/notebook/inspect", InspectHandler),
        (r"/kubeflow/notebook/compile", CompileHandler),
        (r"/kubeflow/notebook/functions", FunctionsHandler),
        (r"/kubeflow/notebook/script", ScriptHandler),
        (r"/kubeflow/notebook/trial", TrialHandler),
    ]
