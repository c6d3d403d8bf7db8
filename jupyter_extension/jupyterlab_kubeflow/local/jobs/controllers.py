"""Everything that acts on the objects of the Kubernetes API beside the API itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from jupyterlab_kubeflow.local.engine.slots import Slots
from jupyterlab_kubeflow.local.katib.controllers import tuning
from jupyterlab_kubeflow.local.kubernetes.server import KubernetesServer
from jupyterlab_kubeflow.local.trainer import progress
from jupyterlab_kubeflow.local.trainer.admission import Admission
from jupyterlab_kubeflow.local.trainer.job_sets import JobSets
from jupyterlab_kubeflow.local.trainer.train_jobs import TrainJobs
from jupyterlab_kubeflow.local.trainer.waiting import Waiting

from .job import Jobs
from .runner import Runner


@asynccontextmanager
async def controllers(
    kubernetes: KubernetesServer, root: Path, token: str, slots: Slots, *, backoff: float = 10.0
) -> AsyncIterator[None]:
    """Runs them on the current event loop. ``root`` is Local Kubeflow's home; ``token`` that of its API; pods share ``slots`` with
    pipeline runs.

    ``backoff``: the seconds before what has failed is tried again the first time.
    """
    runner = Runner(
        kubernetes.client,
        kubernetes.logs,
        root,
        slots,
        backoff=backoff,
        take_reports=progress.left(kubernetes.resources),
    )
    jobs = Jobs(kubernetes.client, backoff=backoff)
    job_sets = JobSets(kubernetes.client)
    reporting = progress.reporting(kubernetes.url, token, root / "kubernetes")
    train_jobs = TrainJobs(kubernetes.client, reporting)
    waiting = Waiting(kubernetes.client)
    kubernetes.resources.admission.append(Admission(kubernetes.client))
    await runner.start()
    jobs.start()
    job_sets.start()
    await train_jobs.start()
    waiting.start()
    try:
        async with tuning(kubernetes, root, slots.capacity, runner.end_well):
            yield
    finally:
        await waiting.stop()
        await train_jobs.stop()
        await job_sets.stop()
        await jobs.stop()
        await runner.stop()
