"""A server in a process of its own, to be killed: ``python kubernetes_process.py FOLDER``."""

from __future__ import annotations

import signal
import sys
from pathlib import Path

from jupyterlab_kubeflow.local.kubernetes.server import KubernetesServer

if __name__ == "__main__":
    server = KubernetesServer(Path(sys.argv[1]), "token-of-the-tests")
    server.start()
    print(server.url, flush=True)
    signal.sigwait({signal.SIGTERM})
    server.stop()
