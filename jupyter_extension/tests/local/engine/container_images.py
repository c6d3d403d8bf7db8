"""Images made on the spot, and a registry on loopback that serves one of them. Nothing is fetched."""

from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import uuid
from functools import partial
from pathlib import Path
from typing import Any

ENTRY = """#!/bin/sh
echo "entry $*"
printf '%s' "$1" > "$2"
"""
TOOL = """#!/bin/sh
printf '%s' "tool of the image, $(cat /about)" > "$1"
"""
NAME = "localhost/kubeflow-test-tools:1"
"""Busybox with ``/entry`` as its entry point, which writes its first argument to its second, ``acme-tool`` and ``/about``."""

PYTHON = "localhost/kubeflow-test-python:1"
"""The interpreter of the tests with kfp, and a containerised component ``greet``."""

MODULE = """
def greet(name: str) -> str:
    return f"hello {name} of the image"
"""


class Unusable(Exception):
    """Why no image can be made or run here."""


def settings(folder: Path) -> dict[str, str]:
    """Environment variables that give Podman a storage of its own, and the limits and registries that tests need. Docker needs none."""
    import resource

    def limit(kind: int, least: int) -> str:
        soft, hard = resource.getrlimit(kind)
        return f"{min(soft, least) if soft > 0 else least}:{hard if hard > 0 else least}"

    ulimits = [f"nofile={limit(resource.RLIMIT_NOFILE, 1024)}", "nproc=1000:1000"]
    oci = next((name for name in ("runc", "crun") if shutil.which(name)), None)
    (folder / "containers.conf").write_text(
        f"[containers]\ndefault_ulimits = {json.dumps(ulimits)}\n"
        + (f'[engine]\nruntime = "{oci}"\n' if oci else "")
    )
    (folder / "storage.conf").write_text(
        f'[storage]\ndriver = "overlay"\ngraphroot = "{folder}/storage"\nrunroot = "{folder}/run"\n'
    )
    (folder / "registries.conf").write_text(
        'unqualified-search-registries = []\n[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n'
    )
    return {
        "CONTAINERS_CONF": str(folder / "containers.conf"),
        "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
        "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"),
    }


def call(*argv: str) -> str:
    """What a command prints; :class:`Unusable` with what it says when it fails."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120, cwd="/")
    if done.returncode != 0:
        raise Unusable(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else argv[1])
    return done.stdout


def make_tools(program: str, folder: Path) -> None:
    """Makes :data:`NAME` and shows that it runs."""
    tree = folder / "tools.tar"
    tree.write_bytes(tools("the local image"))
    call(program, "import", "--change", 'ENTRYPOINT ["/entry"]', str(tree), NAME)
    call(program, "run", "--rm", "--entrypoint", "/bin/true", NAME)


def tools(about: str) -> bytes:
    """The tree of :data:`NAME` as a tar file."""
    busybox = shutil.which("busybox", path="/bin:/usr/bin:" + os.environ.get("PATH", ""))
    if busybox is None or b"INTERP" in subprocess.run(
        ["readelf", "-l", busybox], capture_output=True
    ).stdout:  # fmt: skip
        raise Unusable("there is no static busybox (Debian: busybox-static)")
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        for name in ("tmp", "bin", "usr/bin", "etc"):
            _add(tar, name, None)
        _add(tar, "bin/busybox", Path(busybox).read_bytes())
        for name in subprocess.check_output([busybox, "--list"], text=True).split():
            if name != "busybox":
                link = tarfile.TarInfo(f"bin/{name}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                tar.addfile(link)
        _add(tar, "entry", ENTRY.encode())
        _add(tar, "usr/bin/acme-tool", TOOL.encode())
        _add(tar, "about", about.encode())
    return made.getvalue()


def make_python(program: str, folder: Path) -> None:
    """Makes :data:`PYTHON` on the tree of :data:`NAME`, from the interpreter that runs the tests."""
    import kfp

    base = Path(sys.base_prefix)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    binary = (base / "bin" / version).resolve()
    tree = folder / "python.tar"
    tree.write_bytes(tools("the Python image"))
    skipped = {"test", "idlelib", "tkinter", "ensurepip", "site-packages", "__pycache__", "lib2to3"}

    def wanted(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
        parts = Path(info.name).parts
        return None if skipped & set(parts) or any(p.startswith("config-") for p in parts) else info

    with tarfile.open(tree, "a") as tar:
        tar.add(binary, filter=wanted)
        tar.add(base / "lib" / version, filter=wanted)
        for library in _libraries(binary, base / "lib" / version / "lib-dynload"):
            tar.add(os.path.realpath(library), library)
        # Not in site-packages, whose name the filter leaves out.
        tar.add(Path(str(kfp.__file__)).parent, f"{base}/lib/{version}/kfp", filter=wanted)
        _add(tar, "usr/bin/python3", f'#!/bin/sh\nexec {binary} "$@"\n'.encode())
        _add(tar, "app/in_image.py", MODULE.encode())
        _add(tar, "app/kfp_config.ini", b"[Components]\ngreet = in_image.py\n")
    # What kfp needs to be used by a component, without what it needs to compile pipelines.
    changes = ("--change", "WORKDIR /app", "--change", "ENV _KFP_RUNTIME=true")
    call(program, "import", *changes, str(tree), PYTHON)


def _libraries(binary: Path, modules: Path) -> list[str]:
    found: set[str] = set()
    for file in [binary, *modules.glob("*.so")]:
        said = subprocess.run(["ldd", str(file)], capture_output=True, text=True).stdout
        found.update(re.findall(r"(/\S+) \(0x", said))
    return sorted(found)


def _add(tar: tarfile.TarFile, name: str, content: bytes | None) -> None:
    info = tarfile.TarInfo(name)
    if content is None:
        info.type, info.mode = tarfile.DIRTYPE, 0o777
        tar.addfile(info)
    else:
        info.size, info.mode = len(content), 0o755
        tar.addfile(info, io.BytesIO(content))


class Registry:
    """Serves ``tools:1``, whose layer is sent once :attr:`open` is set. :attr:`asked` is set when it is asked for."""

    def __init__(self) -> None:
        # A layer that no storage has seen before, so that it is asked for.
        layer = tools(f"the pulled image {uuid.uuid4()}")
        packed = gzip.compress(layer, mtime=0)
        machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "amd64")
        config = json.dumps(
            {
                "architecture": machine,
                "os": "linux",
                "config": {"Entrypoint": ["/entry"]},
                "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
                "history": [{}],
            }
        ).encode()
        kind = "application/vnd.oci.image"
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": f"{kind}.manifest.v1+json",
                "config": _part(f"{kind}.config.v1+json", config),
                "layers": [_part(f"{kind}.layer.v1.tar+gzip", packed)],
            }
        ).encode()
        self.manifest_type = f"{kind}.manifest.v1+json"
        self.manifest, self.layer = manifest, _digest(packed)
        self.blobs = {_digest(config): config, self.layer: packed}
        self.open = threading.Event()
        self.open.set()
        self.asked = threading.Event()
        self.sent = 0
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.image = f"{self.host}/acme/tools:1"

    def close(self) -> None:
        """Nobody answers any more."""
        self.open.set()
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, registry: Registry, *arguments: Any) -> None:
        self._registry = registry
        super().__init__(*arguments)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        registry, name = self._registry, self.path.rpartition("/")[2]
        if self.path == "/v2/":
            self._send(200, b"{}", "application/json")
        elif "/acme/tools/manifests/" in self.path and name in ("1", _digest(registry.manifest)):
            self._send(200, registry.manifest, registry.manifest_type)
        elif "/acme/tools/blobs/" in self.path and name in registry.blobs:
            if name == registry.layer and self.command == "GET":
                registry.asked.set()
                registry.open.wait()
                registry.sent += 1
            self._send(200, registry.blobs[name], "application/octet-stream")
        else:
            errors = [{"code": "MANIFEST_UNKNOWN", "message": "manifest unknown"}]
            self._send(404, json.dumps({"errors": errors}).encode(), "application/json")

    def _send(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Docker-Content-Digest", _digest(content))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _part(kind: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": kind, "digest": _digest(content), "size": len(content)}
