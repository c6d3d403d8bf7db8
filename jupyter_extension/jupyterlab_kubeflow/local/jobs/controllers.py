"""Everything that acts on the objects of the Kubernetes API beside the API itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from jupyterlab_kubeflow.local.engine.slots import Slots
from jupyterlab_kubeflow.local.kubernetes.server import KubernetesServer

from .job import Jobs
from .runner import Runner


@asynccontextmanager
async def controllers(
    kubernetes: KubernetesServer, root: Path, slots: Slots, *, backoff: float = 10.0
) -> AsyncIterator[None]:
    """Runs them on the current event loop. ``root`` is Local Kubeflow's home; pods share ``slots`` with pipeline runs.

    ``backoff``: the seconds before what has failed is tried again the first time.
    """
    runner = Runner(kubernetes.client, kubernetes.logs, root, slots, backoff=backoff)
    jobs = Jobs(kubernetes.client, backoff=backoff)
    await runner.start()
    jobs.start()
    try:
        yield
    finally:
        await jobs.stop()
        await runner.stop()
