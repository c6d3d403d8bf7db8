"""Containers and settings of tasks, a cluster's among them. kfp reads annotations as they stand, so they are not postponed here."""

# ruff: noqa: SIM115, UP045 - components are what kfp understands

from pathlib import Path
from typing import Any, Optional

from constructs import Case
from constructs_components import say, write
from constructs_values import edited
from engine_support import compiled
from kfp import dsl
from kfp.dsl import Dataset, Input, OutputPath


@dsl.container_component
def tool(data: Input[Dataset], out: OutputPath(str), n: int, note: Optional[str] = None):  # type: ignore[valid-type]
    return dsl.ContainerSpec(
        image="alpine",
        command=["sh", "-c", 'out=$0; printf "%s|" "$@" > "$out"'],
        args=[
            out,
            n,
            data.metadata["length"],
            dsl.ConcatPlaceholder(["a", n, dsl.ConcatPlaceholder(["-", n])]),
            dsl.IfPresentPlaceholder(
                input_name="note",
                then=["with", dsl.ConcatPlaceholder(["note=", note])],
                else_=["without"],
            ),
        ],
    )


@dsl.pipeline(name="placeholders")
def placeholders(note: str) -> str:
    return tool(data=write(text="abc").outputs["data"], n=7, note=note).outputs["out"]


@dsl.pipeline(name="absent")
def absent() -> str:
    return tool(data=write(text="abc").outputs["data"], n=7).outputs["out"]


@dsl.container_component
def its_input(data: Input[Dataset], seen: OutputPath(dict), metadata: OutputPath(dict), n: int):  # type: ignore[valid-type]
    return dsl.ContainerSpec(
        image="alpine",
        command=["sh", "-c", 'printf "%s" "$2" > "$0"; printf "%s" "$3" > "$1"'],
        args=[seen, metadata, dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER, data.metadata],
    )


@dsl.component
def keys(seen: dict, metadata: dict) -> str:
    inputs, outputs = seen["inputs"], seen["outputs"]
    artifact = inputs["artifacts"]["data"]["artifacts"][0]
    return (
        f"{inputs['parameterValues']} {sorted(artifact)} {sorted(outputs['parameters'])} {metadata}"
    )


@dsl.pipeline(name="executor-input")
def executor_input() -> str:
    seen = its_input(data=write(text="abc").outputs["data"], n=1)
    return keys(seen=seen.outputs["seen"], metadata=seen.outputs["metadata"]).output


@dsl.container_component
def in_python(out: OutputPath(str), code: str):  # type: ignore[valid-type]
    return dsl.ContainerSpec(image="python:3.11", command=["python3", "-c", code], args=[out])


@dsl.container_component
def not_here():
    return dsl.ContainerSpec(image="acme/tool:1", command=["acme-tool"])


@dsl.container_component
def entry_point():
    return dsl.ContainerSpec(image="acme/tool:1")


@dsl.component
def look() -> str:
    import os

    return f"{os.environ.get('GIVEN')} {os.environ.get('EMPTY')!r}"


@dsl.pipeline(name="environment")
def environment() -> str:
    return look().set_env_variable("GIVEN", "it's ü").set_env_variable("EMPTY", "").output


@dsl.component
def third_time(folder: str) -> int:
    import os

    n = len(os.listdir(folder)) + 1
    open(os.path.join(folder, str(n)), "w").close()
    assert n >= 3, f"attempt {n}"
    return n


@dsl.pipeline(name="retrying")
def retrying(folder: str) -> int:
    task = third_time(folder=folder)
    return task.set_retry(
        2, backoff_duration="0s", backoff_factor=1.5, backoff_max_duration="3600s"
    ).output


def retrying_in(folder: Path) -> Any:
    (folder / "marks").mkdir()
    return retrying


@dsl.pipeline(name="settings")
def settings(cores: str = "500m"):
    say(text="a").set_display_name("Say it").set_memory_limit("1G").set_memory_request("512M")
    say(text="b").set_cpu_limit("2").set_cpu_request(cores).set_container_image("python:3.12")
    say(text="c").set_accelerator_type("nvidia.com/gpu").set_accelerator_limit(2)
    say(text="d").set_debug_pause().set_caching_options(True, cache_key="d")


@dsl.component(
    task_config_passthroughs=[
        dsl.TaskConfigField.RESOURCES,
        dsl.TaskConfigPassthrough(field=dsl.TaskConfigField.ENV, apply_to_task=True),
    ]
)
def configured(n: int, config: dsl.TaskConfig) -> str:
    return f"{n} {config.resources} {config.env}"


@dsl.pipeline(name="passthrough")
def passthrough() -> str:
    return configured(n=1).output


_CONFIG = dsl.PipelineConfig(
    workspace=dsl.WorkspaceConfig(
        size="1Gi",
        kubernetes=dsl.KubernetesWorkspaceConfig(pvcSpecPatch={"storageClassName": "fast"}),
    ),
    ttl_seconds_after_finished=60,
    ttl_seconds_after_success=30,
    ttl_seconds_after_failure=90,
    active_deadline_seconds=3600,
)


@dsl.component
def leave(folder: str):
    import os

    open(os.path.join(folder, "shared"), "w").write("left")


@dsl.component
def take(folder: str) -> str:
    import os

    return open(os.path.join(folder, "shared")).read()


@dsl.pipeline(name="sharing", pipeline_config=_CONFIG)
def sharing() -> str:
    left = leave(folder=dsl.WORKSPACE_PATH_PLACEHOLDER)
    return take(folder=dsl.WORKSPACE_PATH_PLACEHOLDER).after(left).output


@dsl.pipeline(name="one")
def one():
    say(text="x")


def _name(constant: str) -> dict[str, Any]:
    return {"runtimeValue": {"constant": constant}}


_KUBERNETES: dict[str, Any] = {
    "secretAsVolume": [{"secretNameParameter": _name("keys"), "mountPath": "/keys"}],
    "secretAsEnv": [
        {
            "secretNameParameter": {"componentInputParameter": "pipelinechannel--secret"},
            "keyToEnv": [{"secretKey": "k", "envVar": "TOKEN"}],
        },
        {"secretName": "old", "keyToEnv": [{"secretKey": "k", "envVar": "A"}, {"envVar": "B"}]},
    ],
    "pvcMount": [
        {"pvcNameParameter": _name("data"), "mountPath": "/data"},
        {"taskOutputParameter": {"producerTask": "createpvc"}, "mountPath": "/more"},
    ],
    "nodeSelector": {"labels": {"disk": "ssd"}},
    "podMetadata": {"labels": {"team": "a"}},
    "imagePullSecret": [{"secretName": "registry"}],
    "imagePullPolicy": "Always",
    "configMapAsVolume": [{"configMapNameParameter": _name("settings"), "mountPath": "/etc/x"}],
    "configMapAsEnv": [
        {
            "configMapNameParameter": {"taskOutputParameter": {"producerTask": "choose"}},
            "keyToEnv": [{"configMapKey": "k", "envVar": "MODE"}],
        }
    ],
    "fieldPathAsEnv": [{"name": "POD", "fieldPath": "metadata.name"}],
    "tolerations": [
        {"key": "gpu", "operator": "Exists", "effect": "NoSchedule"},
        {"key": "team", "operator": "Equal", "value": "a"},
        {"tolerationJson": _name("{}")},
    ],
    "genericEphemeralVolume": [{"volumeName": "scratch", "mountPath": "/scratch"}],
    "nodeAffinity": [{"matchExpressions": []}],
    "podAffinity": [{"anti": True}],
    "enabledSharedMemory": {"size": "1Gi"},
    "emptyDirMounts": [{"volumeName": "empty", "mountPath": "/empty"}],
    "securityContext": {"runAsUser": 1},
    "initContainers": [{"name": "first"}],
    "somethingNew": {},
}

_IN_WORDS = {
    "secretAsVolume": "secret 'keys' at /keys",
    "secretAsEnv": "secret named by the input 'secret' as TOKEN, secret 'old' as A, B",
    "pvcMount": "volume claim 'data' at /data, volume claim named by the task 'createpvc' at /more",
    "nodeSelector": "node selector disk=ssd",
    "podMetadata": "pod labels and annotations",
    "imagePullSecret": "image pull secret 'registry'",
    "imagePullPolicy": "image pull policy",
    "configMapAsVolume": "config map 'settings' at /etc/x",
    "configMapAsEnv": "config map named by the task 'choose' as MODE",
    "fieldPathAsEnv": "pod field metadata.name as POD",
    "tolerations": "toleration of gpu (NoSchedule), toleration of team=a, toleration",
    "genericEphemeralVolume": "ephemeral volume 'scratch' at /scratch",
    "nodeAffinity": "node affinity",
    "podAffinity": "pod anti-affinity",
    "enabledSharedMemory": "shared memory 1Gi",
    "emptyDirMounts": "empty folder 'empty' at /empty",
    "securityContext": "security context",
    "initContainers": "init container 'first'",
    "somethingNew": "somethingNew",
}


@dsl.container_component
def nothing():
    return dsl.ContainerSpec(image="alpine", command=["true"])


@dsl.pipeline(name="on-kubernetes")
def on_kubernetes():
    for _ in _KUBERNETES:
        nothing()


def with_features(folder: Path) -> dict[str, Any]:
    """A task for each feature of ``KubernetesExecutorConfig``, as kfp-kubernetes writes them."""
    spec = compiled(on_kubernetes)
    tasks = spec["root"]["dag"]["tasks"]
    executors = {}
    for path, feature in _FEATURES.items():
        label = spec["components"][tasks[path]["componentRef"]["name"]]["executorLabel"]
        executors[label] = {feature: _KUBERNETES[feature]}
    platforms = {"kubernetes": {"deploymentSpec": {"executors": executors}}}
    return {"pipeline_spec": spec, "platform_spec": {"platforms": platforms}}


_FEATURES = {
    f"nothing-{number}" if number > 1 else "nothing": feature
    for number, feature in enumerate(_KUBERNETES, 1)
}


def _executor(kind: str) -> Any:
    def change(spec: dict[str, Any]) -> None:
        spec["deploymentSpec"]["executors"]["exec-say"] = {kind: {}}

    return edited(one, change)


def _lifecycle(spec: dict[str, Any]) -> None:
    container = spec["deploymentSpec"]["executors"]["exec-say"]["container"]
    container["lifecycle"] = {"preCacheCheck": {"command": ["sh"], "args": ["-c", "exit 1"]}}


CASES = [
    Case(
        "Placeholders in a command",
        placeholders,
        {"note": "it's"},
        outputs={"root": {"Output": "7|3|a7-7|with|note=it's|"}},
        local="it runs no commands",
    ),
    Case(
        "Placeholders in a command, without an optional input",
        absent,
        outputs={"root": {"Output": "7|3|a7-7|without|"}},
        local="it runs no commands",
    ),
    Case(
        "The executor's input",
        executor_input,
        outputs={
            "root": {
                "Output": "{'n': 1} ['metadata', 'name', 'type', 'uri'] ['metadata', 'seen'] {'length': 3}"
            }
        },
        local="it runs no commands",
    ),
    Case(
        "A command of Python",
        in_python,
        {"code": "import sys; open(sys.argv[1], 'w').write('$HOME; hi')"},
        outputs={"root.in-python": {"out": "$HOME; hi"}},
        local="it runs no commands",
    ),
    Case(
        "A command that is not here",
        not_here,
        state="FAILED",
        error="The component runs 'acme-tool', and this machine has no such command.",
    ),
    Case(
        "An image's entry point",
        entry_point,
        state="FAILED",
        error="'acme/tool:1'",
    ),
    Case("Environment variables", environment, outputs={"root": {"Output": "it's ü ''"}}),
    Case(
        "Retries",
        retrying_in,
        {"folder": "FOLDER/marks"},
        outputs={"root": {"Output": 3}},
        local="it has counted in the same folder before",
    ),
    Case(
        "Settings of a task",
        settings,
        messages={
            "root.say": "Without effect on this machine: memory limit 1G, memory request 512M.",
            "root.say-2": "Without effect on this machine: CPU limit 2, CPU request 500m.",
            "root.say-3": "Without effect on this machine: 2 × nvidia.com/gpu.",
            "root.say-4": "Without effect on this machine: debug pause.",
        },
    ),
    Case("Settings passed through", passthrough, outputs={"root": {"Output": "1 None None"}}),
    Case(
        "The run's workspace",
        sharing,
        outputs={"root": {"Output": "left"}},
        messages={"root": "Without effect on this machine: size of the workspace 1Gi."},
    ),
    Case(
        "A hook before the cache check",
        edited(one, _lifecycle),
        messages={
            "root.say": "Without effect on this machine: lifecycle hook before the cache check."
        },
    ),
    Case(
        "Features of Kubernetes",
        with_features,
        messages={
            f"root.{path}": f"Without effect on this machine: {_IN_WORDS[feature]}."
            for path, feature in _FEATURES.items()
        },
        local="it runs no commands",
    ),
    *(
        Case(
            f"An executor of the kind {kind}",
            _executor(kind),
            state="FAILED",
            error=f"is of the kind '{word}', which Local Kubeflow does not know.",
        )
        for kind, word in (("resolver", "resolver"), ("customJob", "custom_job"))
    ),
]
