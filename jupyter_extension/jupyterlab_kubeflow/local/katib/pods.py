"""What Katib gives the pods of a Trial when they are made: labels, the Trial's name as a variable, a collector, and a volume for the file of its metrics."""

from __future__ import annotations

from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any

from jupyterlab_kubeflow.local.jobs.controller import owner
from jupyterlab_kubeflow.local.kubernetes.client import Client
from jupyterlab_kubeflow.local.kubernetes.errors import StatusError
from jupyterlab_kubeflow.local.kubernetes.kinds import Kind

from . import sources
from .words import COLLECTOR, EXPERIMENT, PRIMARY, TRIAL, VERSION

Body = dict[str, Any]
_VOLUME = "metrics-volume"
_ABOVE = {"Job": "batch/v1", "JobSet": "jobset.x-k8s.io/v1alpha2"}
"""The kinds between a pod and the run of its Trial."""


class Injection:
    """Completes pods of Trials that are about to be made. For ``Resources.admission``."""

    def __init__(self, client: Client, variables: dict[str, str]) -> None:
        """``variables`` say where a Trial that pushes its metrics finds db-manager."""
        self._client = client
        self._variables = variables
        self._trial = client.kind(VERSION, "Trial")

    def __call__(self, kind: Kind, body: Body) -> None:
        """Changes the pod in place."""
        if kind.resource != "pods":
            return
        labels = body["metadata"].get("labels") or {}
        job = labels.get("batch.kubernetes.io/job-name") or labels.get("job-name")
        name = labels.get("jobset.sigs.k8s.io/jobset-name") or job
        if name is None:
            return
        with suppress(StatusError):  # it is of no Trial
            trial = self._client.get(self._trial, body["metadata"]["namespace"], name)
            if self._belongs(body, trial):
                complete(body, trial, self._variables)

    def _belongs(self, body: Body, trial: Body) -> bool:
        """Whether an object's owners lead to a Trial. Raises 404."""
        for each in body["metadata"].get("ownerReferences") or ():
            if each["uid"] == trial["metadata"]["uid"]:
                return True
        run = trial["spec"]["runSpec"]
        known = {**_ABOVE, run["kind"]: run["apiVersion"]}
        for name, version in known.items():
            if above := owner(body, name):
                kind = self._client.kind(version, name)
                namespace = body["metadata"]["namespace"]
                return self._belongs(self._client.get(kind, namespace, above["name"]), trial)
        return False


def complete(pod: Body, trial: Body, variables: dict[str, str]) -> None:
    """Changes a Trial's pod in place."""
    meta, spec = pod["metadata"], trial["spec"]
    labels = meta.setdefault("labels", {})
    labels |= trial["metadata"].get("labels") or {}
    labels[TRIAL] = trial["metadata"]["name"]
    labels.setdefault(EXPERIMENT, (trial["metadata"].get("labels") or {}).get(EXPERIMENT, ""))
    name = sources.primary(pod, spec["primaryContainerName"])
    container = next(each for each in pod["spec"]["containers"] if each["name"] == name)
    env = container.setdefault("env", [])
    collector = spec["metricsCollector"]
    if collector["collector"]["kind"] != "Push":
        variables = {}
    set_already = {each["name"] for each in env}
    for variable, value in {"KATIB_TRIAL_NAME": trial["metadata"]["name"], **variables}.items():
        if variable not in set_already:
            env.append({"name": variable, "value": value})
    if not sources.is_primary(pod, spec.get("primaryPodLabels") or {}):
        return
    meta.setdefault("annotations", {})[PRIMARY] = name
    kind = collector["collector"]["kind"]
    if kind in ("StdOut", "File"):
        # The server collects itself; the container is there for clients that look for its log.
        stand_in = {"name": COLLECTOR, "image": container["image"], "targetContainerName": name}
        pod["spec"].setdefault("ephemeralContainers", []).append(stand_in)
    if kind == "File":
        _mount(pod["spec"], container, collector["source"]["fileSystemPath"]["path"])


def _mount(spec: Body, container: Body, path: str) -> None:
    """Gives a container a volume for the folder of a file, unless the file lies in one that it has."""
    folder = str(PurePosixPath(path).parent)
    mounts = container.setdefault("volumeMounts", [])
    if any(f"{folder}/".startswith(f"{each['mountPath'].rstrip('/')}/") for each in mounts):
        return
    spec.setdefault("volumes", []).append({"name": _VOLUME, "emptyDir": {}})
    mounts.append({"name": _VOLUME, "mountPath": folder})
