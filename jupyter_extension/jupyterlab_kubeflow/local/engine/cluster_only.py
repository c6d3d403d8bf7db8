"""What a pipeline asks of a cluster and one machine does not have: named, so that nobody takes it for granted."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from kfp.dsl import Model
from kfp.dsl.types.artifact_types import Artifact

from .content import local_path
from .recorder import ArtifactRecord
from .spec import Pipeline
from .values import Values

_Setting = Mapping[str, Any]
_GIVEN = re.compile(r"\{\{\$\.inputs\.parameters\['(.+?)'\]\}\}")

_RESOURCES = {
    "CPU limit": ("resource_cpu_limit", "cpu_limit", ""),
    "memory limit": ("resource_memory_limit", "memory_limit", "G"),
    "CPU request": ("resource_cpu_request", "cpu_request", ""),
    "memory request": ("resource_memory_request", "memory_request", "G"),
}


def note(
    pipeline: Pipeline, component: Any, inputs: Values, limits: Collection[str] = ()
) -> str | None:
    """What ``component`` (``ComponentSpec`` of a container) asks for in vain on this machine, in sentences; None without anything.

    ``limits`` names those that hold where it runs (``cpu``, ``memory``).
    """
    container = pipeline.executors[component.executor_label].container
    settings = pipeline.cluster_settings.get(component.executor_label, {})
    ignored = [*_platform(settings), *_resources(container.resources, limits)]
    ignored = [
        _GIVEN.sub(lambda found: str(inputs.parameters.get(found[1])), each) for each in ignored
    ]
    if any(each.name.startswith("ARGO_DEBUG_PAUSE_") for each in container.env):
        ignored.append("debug pause")
    if container.HasField("lifecycle"):
        ignored.append("lifecycle hook before the cache check")
    sentences = [f"Without effect on this machine: {', '.join(ignored)}."] if ignored else []
    sentences += _out_of_reach(inputs)
    return " ".join(sentences) or None


def run_note(pipeline: Pipeline, pipeline_root: str | None) -> str | None:
    """What a run as a whole asks for in vain, as a sentence; None without anything.

    Its artifacts go to Local Kubeflow's own folder, which content is served from, whatever ``pipeline_root`` (the run's, else the
    pipeline's) says; its workspace is a folder, as large as the disk lets it be.
    """
    root = pipeline_root or pipeline.pipeline_root
    asked = {"pipeline root": root, "size of the workspace": pipeline.workspace}
    ignored = [f"{what} {value}" for what, value in asked.items() if value]
    return f"Without effect on this machine: {', '.join(ignored)}." if ignored else None


def claims(pipeline: Pipeline, component: Any) -> tuple[str, ...]:
    """The names of the volume claims that ``component`` mounts, as far as the spec itself names them."""
    mounts = pipeline.cluster_settings.get(component.executor_label, {}).get("pvcMount", [])
    names = (_constant(each, "constant", "pvcNameParameter") for each in mounts)
    return tuple(name for name in names if name)


def _resources(asked: Any, limits: Collection[str]) -> list[str]:
    found = []
    for words, (text, number, unit) in _RESOURCES.items():
        value = getattr(asked, text) or (
            f"{value:g}{unit}" if (value := getattr(asked, number)) else ""
        )
        if value and words.lower() not in {f"{each} limit" for each in limits}:
            found.append(f"{words} {value}")
    if asked.HasField("accelerator"):
        count = asked.accelerator.resource_count or str(asked.accelerator.count or 1)
        kind = asked.accelerator.resource_type or asked.accelerator.type or "accelerator"
        found.append(f"{count} × {kind}")
    return found


def _named(setting: _Setting, old: str, new: str) -> str:
    """The name of a secret, config map or volume claim: a constant, or where it comes from."""
    constant = _constant(setting, old, new)
    if constant is not None:
        return f"{constant!r}"
    source = setting.get(new) or setting
    if source.get("componentInputParameter"):
        return f"named by the input {source['componentInputParameter'].removeprefix('pipelinechannel--')!r}"
    if source.get("taskOutputParameter"):
        return f"named by the task {source['taskOutputParameter'].get('producerTask')!r}"
    return "without a name"


def _constant(setting: _Setting, old: str, new: str) -> str | None:
    source = setting.get(new) or {}
    return (source.get("runtimeValue") or {}).get("constant") or setting.get(old) or None


def _variables(setting: _Setting) -> str:
    return ", ".join(str(each.get("envVar")) for each in setting.get("keyToEnv", []))


def _labels(setting: _Setting) -> str:
    labels = setting.get("labels") or {}
    return " " + ", ".join(f"{name}={value}" for name, value in labels.items()) if labels else ""


def _toleration(setting: _Setting) -> str:
    key, value = setting.get("key"), setting.get("value")
    if not key:
        return "toleration"
    effect = f" ({setting['effect']})" if setting.get("effect") else ""
    return f"toleration of {key}={value}{effect}" if value else f"toleration of {key}{effect}"


_PLATFORM: dict[str, Callable[[_Setting], str]] = {
    "secretAsVolume": lambda s: (
        f"secret {_named(s, 'secretName', 'secretNameParameter')} at {s.get('mountPath')}"
    ),
    "secretAsEnv": lambda s: (
        f"secret {_named(s, 'secretName', 'secretNameParameter')} as {_variables(s)}"
    ),
    "configMapAsVolume": lambda s: (
        f"config map {_named(s, 'configMapName', 'configMapNameParameter')} at {s.get('mountPath')}"
    ),
    "configMapAsEnv": lambda s: (
        f"config map {_named(s, 'configMapName', 'configMapNameParameter')} as {_variables(s)}"
    ),
    "pvcMount": lambda s: (
        f"volume claim {_named(s, 'constant', 'pvcNameParameter')} at {s.get('mountPath')}"
    ),
    "genericEphemeralVolume": lambda s: (
        f"ephemeral volume {s.get('volumeName')!r} at {s.get('mountPath')}"
    ),
    "emptyDirMounts": lambda s: f"empty folder {s.get('volumeName')!r} at {s.get('mountPath')}",
    "enabledSharedMemory": lambda s: f"shared memory {s.get('size') or ''}".rstrip(),
    "nodeSelector": lambda s: f"node selector{_labels(s)}",
    "tolerations": _toleration,
    "nodeAffinity": lambda s: "node affinity",
    "podAffinity": lambda s: "pod anti-affinity" if s.get("anti") else "pod affinity",
    "podMetadata": lambda s: "pod labels and annotations",
    "imagePullSecret": lambda s: (
        f"image pull secret {_named(s, 'secretName', 'secretNameParameter')}"
    ),
    "imagePullPolicy": lambda s: "image pull policy",
    "fieldPathAsEnv": lambda s: f"pod field {s.get('fieldPath')} as {s.get('name')}",
    "securityContext": lambda s: "security context",
    "initContainers": lambda s: f"init container {s.get('name')!r}",
}
"""The fields of ``KubernetesExecutorConfig`` in words; one that is not here goes by its own name."""


def _platform(settings: _Setting) -> list[str]:
    found = []
    for name, setting in settings.items():
        if name == "activeDeadlineSeconds":
            continue  # this machine can keep it
        words = _PLATFORM.get(name)
        for one in setting if isinstance(setting, list) else [setting]:
            told = words(one if isinstance(one, Mapping) else {}) if words else name
            found.append(told)
    return list(dict.fromkeys(found))


def _out_of_reach(inputs: Values) -> list[str]:
    """A sentence for each input artifact that lies elsewhere and is not mounted where kfp looks for it (``/gcs``, ``/s3`` …)."""
    return [
        f"The input {name!r} is at {each.uri}, which Local Kubeflow does not fetch: there is no file at its path."
        for name, records in inputs.artifacts.items()
        for each in records
        if local_path(each.uri) is None and not os.path.exists(_mounted(each))
    ]


def _mounted(artifact: ArtifactRecord) -> str:
    kind = Model if artifact.type == Model.schema_title else Artifact
    return str(kind(uri=artifact.uri).path)
