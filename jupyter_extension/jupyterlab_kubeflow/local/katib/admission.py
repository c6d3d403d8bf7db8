"""Refuses an Experiment or an OptimizationJob whose trials this machine could not run, when it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyterlab_kubeflow.local.kubernetes.client import MANAGER
from jupyterlab_kubeflow.local.kubernetes.errors import Cause, StatusError, invalid
from jupyterlab_kubeflow.local.kubernetes.kinds import Kind
from jupyterlab_kubeflow.local.kubernetes.resources import Options, Resources

from . import optimization_trials, template
from .template import Wrong
from .validation import run_problem
from .words import GROUP

Body = dict[str, Any]
WEBHOOK = "validator.experiment.katib.kubeflow.org"


class Admission:
    """Tries the template of each new Experiment or OptimizationJob with values of its search space. For ``Resources.admission``."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def __call__(self, kind: Kind, body: Body) -> None:
        """Raises 403 in the words of Katib's webhook, 422 of an OptimizationJob, with the field and what to do."""
        if kind.resource == "optimizationjobs.trainer.kubeflow.org":
            self._try_train_job(kind, body)
        if kind.resource != f"experiments.{GROUP}":
            return
        try:
            self._try(body)
        except Wrong as error:
            said = f'admission webhook "{WEBHOOK}" denied the request: {error.field}: {error}'
            raise StatusError(403, "Forbidden", said) from error

    def _try(self, body: Body) -> None:
        spec, meta = body["spec"], body["metadata"]
        given = spec["trialTemplate"]
        text = template.read(given, finder(self._resources))
        asked = template.places(text)
        for index, each in enumerate(given["trialParameters"]):
            if each["name"] not in asked:
                said = f"the template has no ${{trialParameters.{each['name']}}}: put it where the value belongs, or take the parameter out"
                raise Wrong(f"trialParameters[{index}].name", said)
        values = {each["name"]: _example(each["feasibleSpace"]) for each in spec["parameters"]}
        name, namespace = f"{meta['name']}-abcdefgh", meta["namespace"]
        if isinstance(text, dict) and any(
            (text.get("metadata") or {}).get(each) for each in ("name", "namespace")
        ):
            raise Wrong(
                "trialSpec.metadata",
                "leave out name and namespace: each trial has a name of its own",
            )
        run = template.fill(text, given["trialParameters"], values, name, namespace)
        if said := run_problem(run):
            raise Wrong(
                "trialSpec.kind" if "trialSpec" in given else "configMap.templatePath", said
            )
        try:
            self._dry_run(run, namespace)
        except StatusError as error:
            raise Wrong("trialSpec", f"with {_shown(values)} it is refused: {error}") from error
        if run["kind"] == "Job":
            _check_primary(given["primaryContainerName"], run)

    def _try_train_job(self, kind: Kind, body: Body) -> None:
        name, namespace = body["metadata"]["name"], body["metadata"]["namespace"]
        values = {each["name"]: _chosen(each["searchSpace"]) for each in body["spec"]["parameters"]}
        run = optimization_trials.train_job(body, f"{name}-trial-abcde", 0, values)
        try:
            self._dry_run(run, namespace)
        except StatusError as error:
            said = f"its TrainJobs would be refused: {error}"
            cause = Cause("spec.trainJobTemplate.spec", "FieldValueInvalid", said)
            raise invalid(kind, name, [cause]) from error

    def _dry_run(self, run: Body, namespace: str) -> None:
        kind = self._resources.kinds.of(run["apiVersion"], run["kind"])
        options = Options(manager=MANAGER, dry_run=True, validation="Strict")
        self._resources.create(kind, namespace, run, options)


def finder(resources: Resources) -> Callable[[str, str], Body | None]:
    """Finds ConfigMaps for :func:`template.read`."""
    kind = resources.kinds.of("v1", "ConfigMap")

    def find(namespace: str, name: str) -> Body | None:
        try:
            return resources.get(kind, namespace, name).copy()
        except StatusError:
            return None

    return find


def _check_primary(name: str, job: Body) -> None:
    """As Katib's webhook for pods does, but at once."""
    names = [each["name"] for each in job["spec"]["template"]["spec"]["containers"]]
    if name not in names:
        said = f"its Job has no container {name!r}: take {' or '.join(names)}"
        raise Wrong("primaryContainerName", said)


def _example(space: Body) -> str:
    """A value of a parameter's space."""
    listed = space.get("list") or ()
    return str(listed[0] if listed else space["min"])


def _chosen(space: Body) -> str:
    """A value of a search space of an OptimizationJob."""
    given = next(iter(space.values()))
    return str(given["choices"][0] if "choices" in given else given["min"])


def _shown(values: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
