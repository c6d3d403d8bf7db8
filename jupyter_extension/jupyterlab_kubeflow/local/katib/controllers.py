"""Everything that acts on Katib's objects and on OptimizationJobs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from jupyterlab_kubeflow.local.kubernetes.server import KubernetesServer

from .admission import Admission
from .db_manager import DbManager
from .experiments import Experiments
from .observations import Observations
from .optimization_jobs import OptimizationJobs
from .pods import Injection
from .sources import Places, kept_logs
from .trials import End, Trials


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
    optimizations = OptimizationJobs(client, cores)
    db_manager = DbManager(client, observations, root / "kubernetes")
    await db_manager.start()
    if db_manager.address:
        kubernetes.services["katib-db-manager"] = f"http://{db_manager.address}"
    resources.admission += [Admission(resources), Injection(client, db_manager.variables())]
    await trials.start()
    experiments.start()
    optimizations.start()
    try:
        yield
    finally:
        await optimizations.stop()
        await experiments.stop()
        await trials.stop()
        await db_manager.stop()
