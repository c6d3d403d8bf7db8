"""Starting, stopping and finding the server of Local Kubeflow. Needs no ``[local]`` extra.

A server is alive exactly as long as it holds the lock on ``server.lock``; the system drops the lock however the server ends. So a
``server.json`` left behind by a killed server, or a process id used again by another process, is never taken for a running server.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

from .paths import HOME_VARIABLE, Home

PORT_VARIABLE = "KUBEFLOW_LOCAL_PORT"
"""Environment variable with the port to listen on; a random free one when it is not set."""

NAMESPACE = "kubeflow-user"
"""The namespace that the kubeconfig of the Kubernetes API names."""

PIPELINES_HEALTH = "/apis/v2beta1/healthz"

_REQUIRED = (
    "alembic",
    "cel",
    "cronsim",
    "cryptography",
    "fastapi",
    "kfp",
    "multipart",
    "packaging",
    "psutil",
    "sqlalchemy",
    "starlette",
    "uvicorn",
)
_POLL = 0.05
_LOG_LINES = 15
_LEAST_SPACE = 1024 * 1024
_REMEDIES = {
    errno.ENOSPC: "Free some space on its disk",
    errno.EDQUOT: "Free some space on its disk",
    errno.EROFS: "Mount its disk so that it can be written",
    errno.EEXIST: "Move away what is there",
    errno.EISDIR: "Move away what is there",
    errno.ENOTDIR: "Move away what is there",
    errno.EMFILE: "Allow more open files with `ulimit -n`",
    errno.ENFILE: "Close some programs",
}


@dataclass
class LocalStatus:
    """What ``jupyter kubeflow local status --output json`` prints.

    ``url`` and ``token`` are those of the running server, None when it does not run. ``services`` maps a service key to its base URL.
    """

    running: bool
    home: str
    url: str | None = None
    token: str | None = field(default=None, repr=False)
    pid: int | None = None
    version: str | None = None
    kubeconfig: str | None = None
    services: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The fields in the order in which they are documented."""
        return {
            "running": self.running,
            "url": self.url,
            "token": self.token,
            "pid": self.pid,
            "version": self.version,
            "home": self.home,
            "kubeconfig": self.kubeconfig,
            "services": self.services,
        }


def status(home: str | os.PathLike[str] | None = None) -> LocalStatus:
    """Says whether the server runs and where. Never starts it and asks nothing over the network.

    Raises :class:`KubeflowError` when the folder cannot be read.
    """
    return _status(Home.of(home))


def start(
    home: str | os.PathLike[str] | None = None,
    timeout: float = 60.0,
    *,
    port: int | None = None,
) -> LocalStatus:
    """Starts the server unless it runs, and returns when it answers.

    Two callers at the same time share one server. The server outlives its starter. ``timeout`` is in seconds. Raises
    :class:`KubeflowError` when packages are missing, the port is in use, the server already listens on another one or does not come up.
    """
    place = Home.of(home)
    deadline = time.monotonic() + timeout
    running = _status(place)
    if running.running and _healthy(running):
        return _at(port, running)
    require_packages()
    try:
        place.create()
    except OSError as error:
        raise unusable(place.root, error) from error
    with _start_lock(place, deadline):
        if other := _other(place, deadline, timeout):
            return _at(port, other)
        offset = _size(place.log)
        child = _spawn(place, port)
        try:
            return _wait_healthy(place, child, deadline, timeout, offset)
        except BaseException:
            if child.poll() is None:
                child.terminate()
            raise


def _at(port: int | None, server: LocalStatus) -> LocalStatus:
    if port and not str(server.url).endswith(f":{port}"):
        raise KubeflowError(
            f"Local Kubeflow already runs at {server.url}. Stop it with `jupyter kubeflow local stop` to have it on port {port}.",
            reason="Conflict",
            status=409,
            service="local",
        )
    return server


def stop(home: str | os.PathLike[str] | None = None, timeout: float = 30.0) -> LocalStatus:
    """Ends the server gracefully, and by force after ``timeout`` seconds. Does nothing when it does not run."""
    place = Home.of(home)
    if not place.root.is_dir():
        return _status(place)
    deadline = time.monotonic() + timeout
    with _start_lock(place, deadline):
        running = _status(place)
        if not running.running or running.pid is None:
            return running
        _signal(running.pid, signal.SIGTERM)
        while _lock_is_held(place.server_lock):
            if time.monotonic() > deadline:
                _signal(running.pid, signal.SIGKILL)
                deadline = float("inf")
            time.sleep(_POLL)
    with contextlib.suppress(ChildProcessError, OSError):
        os.waitpid(running.pid, os.WNOHANG)
    return _status(place)


def left_behind(home: Home) -> tuple[int, str] | None:
    """Port and token of a server that crashed; one that was stopped leaves none."""
    for file in (home.server_file, home.crashed_file):
        with contextlib.suppress(
            OSError, ValueError, KeyError, TypeError, IndexError, AttributeError
        ):
            body = json.loads(file.read_text(encoding="utf-8"))
            port = int(body["url"].rsplit(":", 1)[1])
            if 1024 <= port < 65536:
                return port, str(body["token"])
    return None


def hold_server_lock(home: Home) -> int:
    """Locks ``server.lock`` for the life of this process and puts aside what a crashed server said of itself, until this one says it.

    Raises :class:`KubeflowError` when another server holds it.
    """
    handle = os.open(home.server_lock, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + 2.0  # a status call holds it for an instant
    while not _try_lock(handle):
        if time.monotonic() > deadline:
            os.close(handle)
            raise KubeflowError(
                f"Another Local Kubeflow runs in {home.root}. "
                "Stop it with `jupyter kubeflow local stop`, or set KUBEFLOW_LOCAL_HOME to another folder.",
                reason="Conflict",
                status=409,
                service="local",
            )
        time.sleep(_POLL)
    with contextlib.suppress(FileNotFoundError):
        os.replace(home.server_file, home.crashed_file)
    return handle


def write_server_file(home: Home, server: LocalStatus) -> None:
    """Publishes the running server in ``server.json``: atomically, readable by its owner only."""
    temporary = home.server_file.with_suffix(".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(server.to_json(), file, indent=2)
    os.replace(temporary, home.server_file)
    home.crashed_file.unlink(missing_ok=True)


def log_tail(path: Path, offset: int = 0, lines: int = _LOG_LINES) -> str:
    """The last lines that a log has received since ``offset`` bytes."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(offset, file.tell() - 64 * 1024))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-lines:])


def _status(home: Home) -> LocalStatus:
    stopped = LocalStatus(running=False, home=str(home.root))
    if not _lock_is_held(home.server_lock):
        return stopped
    try:
        body = json.loads(home.server_file.read_text(encoding="utf-8"))
        return LocalStatus(
            running=True,
            home=str(home.root),
            url=body["url"],
            token=body["token"],
            pid=int(body["pid"]),
            version=body["version"],
            kubeconfig=body["kubeconfig"],
            services=body["services"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return stopped  # it is still coming up, or already going down


def _healthy(server: LocalStatus) -> bool:
    request = urllib.request.Request(  # noqa: S310 the address is our own
        f"{server.services['pipelines']}{PIPELINES_HEALTH}",
        headers={"Authorization": f"Bearer {server.token}"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, ValueError):
        return False


def _other(home: Home, deadline: float, timeout: float) -> LocalStatus | None:
    """The server that holds the lock, once it answers; None when none does, or as soon as one that was going down is gone."""
    while _lock_is_held(home.server_lock):
        server = _status(home)
        if server.running and _healthy(server):
            return server
        if time.monotonic() > deadline:
            raise _not_started(f"Local Kubeflow did not answer within {timeout:g} s.", home, 0)
        time.sleep(_POLL)
    return None


def _wait_healthy(
    home: Home, child: subprocess.Popen[bytes], deadline: float, timeout: float, offset: int
) -> LocalStatus:
    while True:
        server = _status(home)
        if server.running and _healthy(server):
            return server
        if child.poll() is not None:
            raise _not_started("Local Kubeflow ended while it was starting.", home, offset)
        if time.monotonic() > deadline:
            raise _not_started(f"Local Kubeflow did not answer within {timeout:g} s.", home, offset)
        time.sleep(_POLL)


def _not_started(what: str, home: Home, offset: int) -> KubeflowError:
    said = log_tail(home.log, offset)
    if not said:
        with contextlib.suppress(OSError):
            if shutil.disk_usage(home.root).free < _LEAST_SPACE:
                return unusable(home.root, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
        said = "It said nothing."
    return KubeflowError(
        f"{what} Its log {home.log} ends with:\n{said}",
        reason="UpstreamUnreachable",
        status=502,
        service="local",
    )


def _spawn(home: Home, port: int | None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "jupyterlab_kubeflow.local.server", "--home", str(home.root)]
    if port is not None:
        command += ["--port", str(port)]
    environment = dict(os.environ)
    if path := environment.get("PYTHONPATH"):
        # The server has a working directory of its own, so relative entries would lose their meaning.
        environment["PYTHONPATH"] = os.pathsep.join(
            os.path.abspath(entry) for entry in path.split(os.pathsep) if entry
        )
    try:
        log = os.open(home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as error:
        raise unusable(home.log, error) from error
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=home.root,
            env=environment,
            start_new_session=True,
        )
    finally:
        os.close(log)


def unusable(path: Path, error: OSError) -> KubeflowError:
    """What to say when Local Kubeflow cannot make, read or write ``path``."""
    remedy = _REMEDIES.get(error.errno or 0, "Make it readable and writable for you")
    return KubeflowError(
        f"Local Kubeflow cannot use {error.filename or path}: {error.strerror}. {remedy}, or set {HOME_VARIABLE} to another folder.",
        reason="NotConfigured",
        status=503,
        service="local",
    )


def require_packages() -> None:
    """Raises :class:`KubeflowError` that names what is missing of the ``[local]`` extra."""
    missing = [name for name in _REQUIRED if importlib.util.find_spec(name) is None]
    if missing:
        raise KubeflowError(
            f"Local Kubeflow needs packages that are not installed ({', '.join(missing)}). "
            'Install them with: pip install "jupyterlab-kubeflow[local]"',
            reason="NotConfigured",
            status=503,
            service="local",
        )


@contextlib.contextmanager
def _start_lock(home: Home, deadline: float) -> Iterator[None]:
    try:
        handle = os.open(home.start_lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise unusable(home.start_lock, error) from error
    try:
        while not _try_lock(handle):
            if time.monotonic() > deadline:
                raise KubeflowError(
                    f"Another process has been starting or stopping Local Kubeflow in {home.root} for too long. "
                    "Try again, or look at `jupyter kubeflow local logs`.",
                    reason="UpstreamTimeout",
                    status=504,
                    service="local",
                )
            time.sleep(_POLL)
        yield
    finally:
        os.close(handle)


def _lock_is_held(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDWR)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unusable(path, error) from error
    try:
        return not _try_lock(handle, shared=True)
    finally:
        os.close(handle)


def _try_lock(handle: int, *, shared: bool = False) -> bool:
    import fcntl

    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise
    return True


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
