"""How long after ``train()`` a caller of the Kubeflow SDK sees the function's first line: Local Kubeflow against the SDK's own LocalProcessBackend.

Usage: ``train_start.py PAIRS``, with ``KUBEFLOW_LOCAL_HOME`` naming the folder of a running server. Both by ``TrainerClient``, the same function, and
the same reading of logs again and again until the line is there. Each waits for its end before the other begins; a first pair is not counted.
Prints one JSON line ``{"local": [seconds …], "process": [seconds …], "bare": [seconds …]}``; ``bare`` is the function in a process that nobody manages.
"""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import time

from jupyterlab_kubeflow.local import process
from kubeflow.common.types import KubernetesBackendConfig
from kubeflow.trainer import (
    CustomTrainer,
    LocalProcessBackendConfig,
    Runtime,
    TrainerClient,
)

LINE = "the function has begun"
PAUSE = 0.01


def begin() -> None:
    print("the function has begun", flush=True)


def seconds(client: TrainerClient, runtime: Runtime) -> float:
    """From ``train()`` to the line in ``get_job_logs()``."""
    start = time.perf_counter()
    name = client.train(runtime=runtime, trainer=CustomTrainer(func=begin))
    while LINE not in client.get_job_logs(name):
        time.sleep(PAUSE)
    taken = time.perf_counter() - start
    client.wait_for_job_status(name, polling_interval=1)
    client.delete_job(name)
    return taken


def bare() -> float:
    """From the start of a Python process to the line."""
    start = time.perf_counter()
    code = f"{inspect.getsource(begin)}\nbegin()"
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True)
    return time.perf_counter() - start


def of_local_kubeflow() -> tuple[TrainerClient, Runtime]:
    """By its kubeconfig, as a user would."""
    kubeconfig = process.status().kubeconfig
    if kubeconfig is None:
        sys.exit("Local Kubeflow does not run: `jupyter kubeflow local start`")
    config = KubernetesBackendConfig(config_file=str(kubeconfig), namespace="kubeflow-user")
    client = TrainerClient(backend_config=config)
    return client, client.get_runtime("python-distributed")


def of_process() -> tuple[TrainerClient, Runtime]:
    """Its one runtime, told that the function needs ``python`` and not ``torchrun``."""
    client = TrainerClient(backend_config=LocalProcessBackendConfig())
    runtime = client.list_runtimes()[0]
    runtime.trainer.framework = "python"
    return client, runtime


def main() -> None:
    local, own = of_local_kubeflow(), of_process()
    rounds = [(seconds(*local), seconds(*own), bare()) for _ in range(int(sys.argv[1]) + 1)][1:]
    ours, theirs, least = zip(*rounds, strict=True)
    print(json.dumps({"local": ours, "process": theirs, "bare": least}))


if __name__ == "__main__":
    main()
