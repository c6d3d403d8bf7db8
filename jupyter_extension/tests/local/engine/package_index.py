"""A package index on loopback with wheels made on the spot, which can be slow, shut or ask for a password."""

from __future__ import annotations

import base64
import http.server
import threading
import zipfile
from contextlib import suppress
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import Any

from kfp.dsl import component_factory


class PackageIndex:
    """``kubeflow-test-tiny`` 1.0, ``kubeflow-test-clash`` 1.0 that wants another psutil than is installed, a ``requests`` that kfp does not
    want, and the installed kfp without anything that it depends on.

    A wheel is sent once :attr:`open` is set; :attr:`asked` is set when one is asked for. With ``password`` it is for ``user:PASSWORD`` only.
    """

    def __init__(self, folder: Path, password: str | None = None) -> None:
        folder.mkdir()
        _wheel(folder, "kubeflow_test_tiny", "1.0")
        _wheel(folder, "kubeflow_test_clash", "1.0", "psutil==0.0.1")
        _wheel(folder, "psutil", "0.0.1")
        _wheel(folder, "requests", "2.31.0")
        _installed_wheel(folder, "kfp")
        self.open = threading.Event()
        self.open.set()
        self.asked = threading.Event()
        self.password = password
        handler = partial(_Handler, self, directory=str(folder))
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.host = f"127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        """Its address, with the password."""
        user = f"user:{self.password}@" if self.password else ""
        return f"http://{user}{self.host}"

    def close(self) -> None:
        """Nobody answers at its address any more."""
        self.open.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, index: PackageIndex, *arguments: Any, **more: Any) -> None:
        self._index = index
        super().__init__(*arguments, **more)

    def do_GET(self) -> None:
        wanted = base64.b64encode(f"user:{self._index.password}".encode()).decode()
        if self._index.password and self.headers.get("Authorization") != f"Basic {wanted}":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="packages"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        if self.path.endswith(".whl"):
            self._index.asked.set()
            self._index.open.wait()
        with suppress(ConnectionError):  # who only wants the metadata hangs up
            super().do_GET()

    def log_message(self, *_: Any) -> None:
        pass


def _wheel(folder: Path, name: str, version: str, requires: str | None = None) -> None:
    info = f"{name}-{version}.dist-info"
    page = folder / name.replace("_", "-")
    page.mkdir(exist_ok=True)
    with zipfile.ZipFile(page / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", f"version = {version!r}\n")
        needs = f"Requires-Dist: {requires}\n" if requires else ""
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}"
        )
        wheel.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        wheel.writestr(f"{info}/RECORD", "")


def _installed_wheel(folder: Path, name: str) -> None:
    """The wheel that the installed package ``name`` came from."""
    found = metadata.distribution(name)
    page = folder / name
    page.mkdir()
    with zipfile.ZipFile(page / f"{name}-{found.version}-py3-none-any.whl", "w") as wheel:
        for file in found.files or []:
            if file.suffix != ".pyc" and ".." not in file.parts:
                wheel.write(found.locate_file(file), str(file))


def using(*packages: str, index: str | None, code: str) -> dict[str, Any]:
    """The command of a container behind kfp's install prelude: ``code``, whose ``result`` goes to the file that its argument names."""
    prelude = component_factory._get_packages_to_install_command(
        packages_to_install=list(packages),
        pip_index_urls=[index] if index else None,
        install_kfp_package=False,
    )
    body = f"import sys\n{code}\nopen(sys.argv[1], 'w').write(str(result))"
    return {"command": [*prelude, "python3", "-c", body]}


def pipeline(container: dict[str, Any], tasks: int = 1) -> dict[str, Any]:
    """A pipeline of tasks ``use``, ``use-2``, … that all run ``container`` and have the output ``out``."""
    names = ["use", *(f"use-{number}" for number in range(2, tasks + 1))]
    return {
        "pipelineInfo": {"name": "packages"},
        "schemaVersion": "2.1.0",
        "components": {
            "comp-use": {
                "executorLabel": "exec-use",
                "outputDefinitions": {"parameters": {"out": {"parameterType": "STRING"}}},
            }
        },
        "deploymentSpec": {
            "executors": {
                "exec-use": {
                    "container": {
                        "image": "python:3.11",
                        "args": ["{{$.outputs.parameters['out'].output_file}}"],
                        **container,
                    }
                }
            }
        },
        "root": {"dag": {"tasks": {n: {"componentRef": {"name": "comp-use"}} for n in names}}},
    }
