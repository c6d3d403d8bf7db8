"""What Katib fills in for a new Experiment (``pkg/apis/controller/experiments/v1beta1/experiment_defaults.go``). Pure."""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]
PARALLEL = 3
METRICS_FILE = "/var/log/katib/metrics.log"
_BY_TYPE = {"minimize": "min", "maximize": "max"}


def _condition(kind: str) -> str:
    return f'status.conditions.#(type=="{kind}")#|#(status=="True")#'


_SUCCESS = {"Job": _condition("Complete"), "TrainJob": _condition("Complete")}
_PRIMARY = {
    "TrainJob": {
        "jobset.sigs.k8s.io/replicatedjob-name": "node",
        "batch.kubernetes.io/job-completion-index": "0",
    }
}


def fill(body: Body) -> None:
    """Fills in, in place. What has another form than it should is left to validation."""
    spec = body.get("spec")
    if not isinstance(spec, dict):
        return
    if spec.get("parallelTrialCount") is None:
        spec["parallelTrialCount"] = PARALLEL
    if not spec.get("resumePolicy"):
        spec["resumePolicy"] = "Never"
    if isinstance(objective := spec.get("objective"), dict):
        _strategies(objective)
    if isinstance(template := spec.get("trialTemplate"), dict):
        _template(template)
    _collector(spec)
    for each in spec.get("parameters") or ():
        if isinstance(space := each.get("feasibleSpace"), dict) and not space.get("distribution"):
            space["distribution"] = "uniform"


def _strategies(objective: Body) -> None:
    given = objective.get("metricStrategies")
    if given is None:
        given = objective["metricStrategies"] = []
    named = {each.get("name") for each in given}
    how = _BY_TYPE.get(objective.get("type", ""), "latest")
    additional = objective.get("additionalMetricNames") or ()
    for name in (objective.get("objectiveMetricName"), *additional):
        if name and name not in named:
            named.add(name)
            given.append({"name": name, "value": how})


def _template(template: Body) -> None:
    kind = (template.get("trialSpec") or {}).get("kind")
    if not isinstance(kind, str) or kind not in _SUCCESS:
        return
    if not template.get("successCondition"):
        template["successCondition"] = _SUCCESS[kind]
    if not template.get("failureCondition"):
        template["failureCondition"] = _condition("Failed")
    if kind in _PRIMARY and not template.get("primaryPodLabels"):
        template["primaryPodLabels"] = dict(_PRIMARY[kind])


def _collector(spec: Body) -> None:
    given = spec.get("metricsCollectorSpec")
    if given is None:
        given = spec["metricsCollectorSpec"] = {}
    collector = given.setdefault("collector", {})
    if not collector.get("kind"):
        collector["kind"] = "StdOut"
    if collector["kind"] == "File":
        source = given.setdefault("source", {})
        path = source.setdefault("fileSystemPath", {})
        for name, value in (("kind", "File"), ("path", METRICS_FILE), ("format", "TEXT")):
            if not path.get(name):
                path[name] = value
