"""The server process of Local Kubeflow: ``python -m jupyterlab_kubeflow.local.server --home FOLDER``."""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import secrets
import socket
import sys
from collections.abc import Sequence

from jupyterlab_kubeflow.errors import KubeflowError

from .listening import loopback
from .paths import Home
from .process import PORT_VARIABLE, hold_server_lock, left_behind, unusable

_log = logging.getLogger(__name__)


def _listen(port: int) -> socket.socket:
    try:
        return loopback(port)
    except (OSError, OverflowError) as error:
        raise KubeflowError(
            f"Local Kubeflow cannot listen on port {port}: {getattr(error, 'strerror', error)}. Choose another one with "
            f"--port or {PORT_VARIABLE}, or none for a random free one.",
            reason="NotConfigured",
            status=503,
            service="local",
        ) from error


def _listen_again(crashed: tuple[int, str] | None, given: int | None) -> socket.socket:
    """Listens where a crashed server did, so that clients find this one; elsewhere when that is taken or a port is asked for."""
    port = _port(given)
    if port == 0 and crashed:
        try:
            return _listen(crashed[0])
        except KubeflowError:
            listener = _listen(0)
            _log.warning(
                "Another program has taken port %d, where the server listened before it crashed; it listens on port %d now. "
                "Clients that were given the old address need the new one: `jupyter kubeflow local status` shows it.",
                crashed[0],
                listener.getsockname()[1],
            )
            return listener
    return _listen(port)


def _port(given: int | None) -> int:
    if given is not None:
        return given
    text = os.environ.get(PORT_VARIABLE, "").strip()
    if not text:
        return 0
    try:
        return int(text)
    except ValueError:
        raise KubeflowError(
            f"{PORT_VARIABLE} must be a port number, not {text!r}.", reason="NotConfigured"
        ) from None


def _import_kfp_without_its_client() -> None:
    """Saves the server the second that kfp's client takes for the kubernetes package, by the switch of kfp's own executor."""
    before = os.environ.get("_KFP_RUNTIME")
    os.environ["_KFP_RUNTIME"] = "true"
    try:
        importlib.import_module("kfp")
    finally:
        if before is None:
            del os.environ["_KFP_RUNTIME"]
        else:
            os.environ["_KFP_RUNTIME"] = before


def serve(home: Home, port: int | None = None) -> None:
    """Serves ``home`` until SIGTERM or SIGINT. Raises :class:`KubeflowError` when it cannot start."""
    home.create()
    crashed = left_behind(home)
    hold_server_lock(home)
    listener = _listen_again(crashed, port)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    token = crashed[1] if crashed else secrets.token_urlsafe(32)
    _import_kfp_without_its_client()
    from .app import Server, create_app  # a second of imports, after what may fail at once
    from .jobs.controllers import controllers
    from .kubernetes.server import KubernetesServer

    kubernetes = KubernetesServer(home.root, token)
    app = create_app(
        home, token, beside=lambda slots: controllers(kubernetes, home.root, token, slots)
    )
    kubernetes.start()
    try:
        Server(app, home, url, token, kubernetes).run(sockets=[listener])
    finally:
        kubernetes.stop()


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point of the server process; what it says goes to ``server.log``."""
    parser = argparse.ArgumentParser(prog="python -m jupyterlab_kubeflow.local.server")
    parser.add_argument("--home", help="folder of Local Kubeflow")
    parser.add_argument("--port", type=int, help="port to listen on; a random free one by default")
    options = parser.parse_args(arguments)
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("alembic").setLevel(logging.WARNING)
    home = Home.of(options.home)
    try:
        serve(home, options.port)
    except KubeflowError as error:
        print(error.message, file=sys.stderr)
        return 1
    except OSError as error:
        print(unusable(home.root, error).message, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
