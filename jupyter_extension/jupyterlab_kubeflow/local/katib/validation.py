"""What is wrong with an Experiment or a Trial: what Katib's webhook refuses (``pkg/webhook/v1beta1/experiment/validator``), and what no machine of its own can do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from jupyterlab_kubeflow import katib_wire as wire
from jupyterlab_kubeflow.local.jobs.times import holds
from jupyterlab_kubeflow.local.kubernetes.errors import (
    Cause,
    forbidden_field,
    invalid_value,
    required,
)

from . import job_state, metrics, template

Body = dict[str, Any]
RUNS = {"Job": "batch/v1", "TrainJob": "trainer.kubeflow.org/v1alpha1"}
"""The kinds of which trials can be."""

COUNTS = ("parallelTrialCount", "maxTrialCount", "maxFailedTrialCount")
_LONGEST = 40
_RANDOM = len("-abcdefgh")
_POD = len("-node-0-0-abcde")
_POLICIES = ("Never", "LongRunning", "FromVolume")
_ELSEWHERE = {
    "TensorFlowEvent": "print the metric as name=value and take StdOut, or write it to a file and take File",
    "PrometheusMetric": "print the metric as name=value and take StdOut",
    "Custom": "Local Kubeflow runs no collectors of your own: take StdOut, File or Push, or a cluster",
}


def check_experiment(
    body: Body, old: Body | None, _: Callable[[str, str, str], bool]
) -> Iterator[Cause]:
    """What is wrong with an Experiment, whose defaults are filled in. Of one whose spec stays as it is, nothing."""
    spec = body.get("spec") or {}
    if old is not None:
        if spec != (old.get("spec") or {}):
            yield from _counts(spec)
            yield from _edited(spec, old)
        return
    if body.get("spec") is None:
        yield required("spec", "what to search, how, and what each trial runs")
        return
    yield from _name(body["metadata"]["name"], spec)
    counts = [*_counts(spec)]
    yield from counts
    yield from _strategies((spec.get("objective") or {}).get("metricStrategies") or ())
    from jupyterlab_kubeflow.local.tuning import problems

    told = {each.field for each in counts}
    for field, said in problems(spec):
        if field not in told:
            yield Cause(field, "FieldValueInvalid", said)
    if spec.get("resumePolicy") not in _POLICIES:
        said = f"take {', '.join(_POLICIES)}"
        yield invalid_value("spec.resumePolicy", spec.get("resumePolicy"), said)
    yield from _template(spec)
    yield from _collector(spec["metricsCollectorSpec"])


def check_trial(
    body: Body, old: Body | None, _: Callable[[str, str, str], bool]
) -> Iterator[Cause]:
    """What a new Trial lacks that an Experiment would have given it."""
    if old is not None:
        return
    spec = body.get("spec") or {}
    for path in (
        ("objective", "objectiveMetricName"),
        ("runSpec", "kind"),
        ("runSpec", "metadata", "name"),
        ("metricsCollector", "collector", "kind"),
        ("primaryContainerName",),
        ("successCondition",),
        ("failureCondition",),
    ):
        held: Any = spec
        for name in path:
            held = held.get(name) if isinstance(held, dict) else None
        if not held:
            said = "a Trial is made by its Experiment, which fills it in: make an Experiment"
            yield required(f"spec.{'.'.join(path)}", said)
            return
    yield from _conditions(spec, "spec")
    yield from _patterns(spec["metricsCollector"].get("source") or {}, "spec.metricsCollector")


def _name(name: str, spec: Body) -> Iterator[Cause]:
    run = ((spec.get("trialTemplate") or {}).get("trialSpec") or {}).get("kind")
    most = min(_LONGEST, 63 - _RANDOM - _POD) if run == "TrainJob" else _LONGEST
    if not re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", name) or len(name) > most:
        said = f"take at most {most} lower case letters, digits and '-', with a letter first and no '-' last: the names of trials and pods begin with it"
        yield invalid_value("metadata.name", name, said)


def _counts(spec: Body) -> Iterator[Cause]:
    parallel, most, failed = (spec.get(name) for name in COUNTS)
    for name, value, least in (
        ("parallelTrialCount", parallel, 1),
        ("maxTrialCount", most, 1),
        ("maxFailedTrialCount", failed, 0),
    ):
        if value is not None and value < least:
            yield invalid_value(f"spec.{name}", value, f"must be at least {least}")
        elif value is not None and most is not None and value > most >= 1:
            said = f"must be at most spec.maxTrialCount, which is {most}: lower it, or raise that"
            yield invalid_value(f"spec.{name}", value, said)


def _strategies(given: Sequence[Body]) -> Iterator[Cause]:
    for index, each in enumerate(given):
        if each.get("value") not in ("min", "max", "latest"):
            path = f"spec.objective.metricStrategies[{index}].value"
            yield invalid_value(path, each.get("value"), "take min, max or latest")


def _edited(spec: Body, old: Body) -> Iterator[Cause]:
    status = old.get("status") or {}
    over = holds(status, "Succeeded") or holds(status, "Failed")
    if over and not restartable(old):
        said = (
            "a finished Experiment goes on only where it has reached maxTrialCount and its resumePolicy is LongRunning or FromVolume: make a new one, for "
            "example by cloning it"
        )
        yield invalid_value("spec.resumePolicy", spec.get("resumePolicy"), said)
    most, made = spec.get("maxTrialCount"), status.get("trials", 0)
    if most is not None and most <= made:
        said = f"must be greater than the number of trials there are, {made}"
        yield invalid_value("spec.maxTrialCount", most, said)
    rest, before = (
        {name: value for name, value in each.items() if name not in COUNTS}
        for each in (spec, old.get("spec") or {})
    )
    if rest != before:
        yield forbidden_field(
            "spec", f"only {', '.join(COUNTS)} can be changed: for all else, make a new Experiment"
        )


def restartable(experiment: Body) -> bool:
    """Whether a finished Experiment may go on with a larger ``maxTrialCount``."""
    return experiment["spec"].get("resumePolicy") in ("LongRunning", "FromVolume") and any(
        each["type"] == "Succeeded"
        and each["status"] == "True"
        and each.get("reason") == "ExperimentMaxTrialsReached"
        for each in (experiment.get("status") or {}).get("conditions") or ()
    )


def _template(spec: Body) -> Iterator[Cause]:
    at = "spec.trialTemplate"
    given = spec.get("trialTemplate")
    if not given:
        yield required(at, "what each trial runs: a Job or a TrainJob")
        return
    if not given.get("primaryContainerName"):
        yield required(
            f"{at}.primaryContainerName",
            "the container that reports the metrics; that of a TrainJob is called node",
        )
    if (run := given.get("trialSpec")) and (said := run_problem(run)):
        yield Cause(f"{at}.trialSpec.kind", "FieldValueInvalid", said)
        return
    yield from _conditions(given, at)
    sources = [name for name in ("trialSpec", "configMap") if given.get(name)]
    if len(sources) != 1:
        said = "give exactly one of trialSpec and configMap"
        yield Cause(at, "FieldValueRequired", f"Required value: {said}")
        return
    if "configMap" in sources:
        for name in ("configMapName", "configMapNamespace", "templatePath"):
            if not given["configMap"].get(name):
                yield required(f"{at}.configMap.{name}")
    yield from _parameters(given, spec, at)


def run_problem(run: Body) -> str:
    """Why trials cannot be of a run's kind, empty where they can."""
    kind, version = run.get("kind"), run.get("apiVersion")
    if isinstance(kind, str) and kind in RUNS and RUNS[kind] == version:
        return ""
    known = " and ".join(f"{kind} ({version})" for kind, version in RUNS.items())
    return f"Local Kubeflow runs trials of the kinds {known}, not {kind!r} of {version!r}"


def _conditions(given: Body, at: str) -> Iterator[Cause]:
    for name in ("successCondition", "failureCondition"):
        path = given.get(name)
        if not path:
            yield required(f"{at}.{name}", "it is filled in for trialSpecs of kind Job or TrainJob")
            continue
        try:
            job_state.check(path)
        except ValueError as error:
            yield Cause(f"{at}.{name}", "FieldValueInvalid", str(error))


def _parameters(given: Body, spec: Body, at: str) -> Iterator[Cause]:
    parameters = given.get("trialParameters")
    if not parameters:
        yield required(f"{at}.trialParameters", "which parameter of the search goes where")
        return
    names: dict[str, set[str]] = {"name": set(), "reference": set()}
    for index, each in enumerate(parameters):
        path = f"{at}.trialParameters[{index}]"
        for field, seen in names.items():
            value = each.get(field)
            if not value:
                yield required(f"{path}.{field}")
            elif value in seen:
                yield invalid_value(f"{path}.{field}", value, "is there twice: keep one")
            else:
                seen.add(value)
        if re.search("[{}]", each.get("name") or ""):
            yield invalid_value(f"{path}.name", each["name"], "must not have '{' or '}'")
    searched = {each.get("name") for each in spec.get("parameters") or ()}
    unused = sorted(filter(None, searched - names["reference"]))
    if unused:
        said = f"nothing refers to {', '.join(unused)} of spec.parameters: add it, or search without it"
        yield Cause(f"{at}.trialParameters", "FieldValueInvalid", said)
    for index, each in enumerate(parameters):
        reference = each.get("reference")
        if reference and reference not in searched and not template.is_meta(reference):
            said = f"is none of spec.parameters, which has {', '.join(sorted(filter(None, searched))) or 'none'}"
            yield invalid_value(f"{at}.trialParameters[{index}].reference", reference, said)


def _collector(spec: Body) -> Iterator[Cause]:
    at = "spec.metricsCollectorSpec"
    kind = spec["collector"]["kind"]
    if kind in _ELSEWHERE:
        said = f"Local Kubeflow does not collect by {kind}: {_ELSEWHERE[kind]}"
        yield Cause(f"{at}.collector.kind", "FieldValueInvalid", said)
        return
    if kind not in ("StdOut", "File", "Push"):
        yield invalid_value(f"{at}.collector.kind", kind, "take StdOut, File or Push")
        return
    if kind == "Push" and (missing := wire.problem()):
        yield Cause(f"{at}.collector.kind", "FieldValueInvalid", missing.message)
    source = spec.get("source") or {}
    if kind == "File":
        yield from _file(source, f"{at}.source")
    yield from _patterns(source, at)


def _patterns(source: Body, at: str) -> Iterator[Cause]:
    for index, each in enumerate((source.get("filter") or {}).get("metricsFormat") or ()):
        try:
            metrics.pattern(each)
        except ValueError as error:
            yield invalid_value(f"{at}.source.filter.metricsFormat[{index}]", each, str(error))


def _file(source: Body, at: str) -> Iterator[Cause]:
    file = source["fileSystemPath"]
    if file.get("kind") != "File":
        yield invalid_value(f"{at}.fileSystemPath.kind", file.get("kind"), "must be File")
    if not str(file.get("path")).startswith("/"):
        yield invalid_value(
            f"{at}.fileSystemPath.path", file.get("path"), "must be absolute: begin it with /"
        )
    if file.get("format") not in ("TEXT", "JSON"):
        yield invalid_value(f"{at}.fileSystemPath.format", file.get("format"), "take TEXT or JSON")
    if file.get("format") == "JSON" and source.get("filter"):
        yield forbidden_field(f"{at}.filter", "a JSON file is read by its keys: take it out")
