"""Everything that acts on Katib's objects and on OptimizationJobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from jupyterlab_kubeflow.local.kubernetes.server import KubernetesServer

from .admission import Admission
from .experiments import Experiments
from .observations import Observations
from .pods import Injection
from .sources import KeptLogs, Places
from .trials import End, Trials


def kept_logs(root: Path) -> KeptLogs:
    """The logs of Trials in a home."""
    return KeptLogs(root / "kubernetes" / "trials")


@asynccontextmanager
async def tuning(
    kubernetes: KubernetesServer, root: Path, cores: int, end: End
) -> AsyncIterator[None]:
    """Runs them on the current event loop. ``root`` is Local Kubeflow's home, ``cores`` how many processes it runs at once."""
    client, resources = kubernetes.client, kubernetes.resources
    observations = Observations(resources.store.database)
    kept = kept_logs(root)
    trials = Trials(client, observations, Places(kubernetes.logs, kept, root), kept, end)
    experiments = Experiments(client, observations, cores)
    resources.admission += [Admission(resources), Injection(client)]
    await trials.start()
    experiments.start()
    try:
        yield
    finally:
        await experiments.stop()
        await trials.stop()
