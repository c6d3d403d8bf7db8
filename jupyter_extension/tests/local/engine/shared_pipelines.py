"""KFP's own test pipelines, and what is expected of each: the table that ``test_shared_pipelines`` holds against the server."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[5] / "shared" / "pipelines"


@dataclass(frozen=True)
class Expected:
    """How a pipeline ends.

    ``FOLDER`` in a text parameter stands for a fresh folder. ``outputs`` holds by scope path a task's output parameters (and artifacts, as
    texts), or words in its log; ``messages`` words in its message. ``local`` says why kfp.local is not the measure of the end and of
    the root's outputs; without it they are equal. ``own`` says why what
    components write is other in each run: then only the root's outputs are compared. ``installs`` says what it takes
    from the package index: it is run where that answers, and not by kfp.local, which would change the interpreter of the tests.
    """

    parameters: dict[str, Any] = field(default_factory=dict)
    state: str = "SUCCEEDED"
    outputs: dict[str, dict[str, Any] | str] = field(default_factory=dict)
    messages: dict[str, str] = field(default_factory=dict)
    local: str | None = None
    own: str | None = None
    installs: str | None = None


_NO_COMMANDS = "it runs no commands"

TABLE: dict[str, Expected] = {
    "essential/component_with_env_variable": Expected(
        outputs={"root": {"Output": "env_var_value"}}
    ),
    "essential/concat_message": Expected(
        {"message1": "a", "message2": "b"}, outputs={"root": {"Output": "ab"}}
    ),
    "essential/container_no_input": Expected(
        outputs={"root.container-no-input": "hello world"}, local=_NO_COMMANDS
    ),
    "essential/dict_input": Expected(
        {"struct": {"a": [1]}}, outputs={"root.dict-input": "{'a': [1]}"}
    ),
    "essential/embedded_artifact": Expected(),
    "essential/iris_pipeline_compiled": Expected(
        installs="pandas and scikit-learn of versions of its own",
    ),
    "essential/lightweight_python_functions_pipeline": Expected(
        {"message": "message"},
        outputs={
            "root.preprocess": {
                "output_parameter_path": "message",
                "output_bool_parameter_path": True,
            }
        },
        local="it makes doubles of whole numbers in dictionaries",
    ),
    "essential/lightweight_python_functions_with_outputs": Expected(
        {"first_message": "a", "second_message": "b", "first_number": 1, "second_number": 2},
        outputs={
            "root.add-numbers": {"Output": 3},
            "root.concat-message": {"Output": "ab"},
            "root.output-artifact": {"Output": ["ab\nab\nab"]},
        },
    ),
    "essential/pipeline_with_after": Expected(
        outputs={"root.print-text-3": "3rd task"}, local=_NO_COMMANDS
    ),
    "essential/pipeline_with_condition": Expected(own="coins"),
    "essential/pipeline_with_metrics_outputs": Expected(own="random numbers"),
    "essential/pipeline_with_nested_conditions": Expected(own="coins"),
    "essential/pipeline_with_nested_conditions_yaml": Expected(local=_NO_COMMANDS),
    "essential/pipeline_with_outputs": Expected(
        outputs={"root": {"Output": ["world\n"]}}, local=_NO_COMMANDS
    ),
    "essential/pipeline_with_params_containing_format": Expected(
        outputs={
            "root.print-op-2": {"Output": "Hello KFP, again."},
            "root.for-loop-2.1.print-op2": {"Output": "2 and KFP."},
        }
    ),
    "essential/pipeline_with_reused_component": Expected(
        outputs={"root.add-numbers-3": {"Output": 17}}
    ),
    "essential/placeholder_with_if_placeholder_none_input_value": Expected(
        outputs={"root.component-with-optional-inputs": "--arg0 input0 --arg2 default value"},
        local=_NO_COMMANDS,
    ),
    "local_execution/local_execution_pipeline_with_exit_handler": Expected(
        outputs={"root.record-exit": {"Output": "exit:SUCCEEDED"}}
    ),
    "local_execution/local_execution_pipeline_with_ignore_upstream_failure": Expected(
        {"marker_path": "FOLDER/marker"},
        state="FAILED",
        outputs={"root.write-marker": {"Output": "cleanup_ran"}},
    ),
    "local_execution/local_execution_pipeline_with_k8s_only_methods": Expected(
        outputs={"root": {"Output": "hello"}},
        messages={
            "root.echo": "Without effect on this machine: CPU limit 1000m, memory limit 256Mi, 1 × nvidia.com/gpu."
        },
    ),
    "local_execution/local_execution_pipeline_with_oneof": Expected(
        {"pick_a": False}, outputs={"root": {"Output": "selected:B"}}
    ),
    "local_execution/local_execution_pipeline_with_retry": Expected(
        {"counter_path": "FOLDER/counter"}, outputs={"root": {"Output": "attempt=2"}}
    ),
    "local_execution/pipeline_with_caching": Expected(outputs={"root": {"Output": 2}}),
    "local_execution/pipeline_with_collected_artifacts": Expected(
        outputs={"root": {"Output": "0,1,2"}}
    ),
    "parallel_and_nested/loop_consume_upstream": Expected(
        outputs={"root.for-loop-1.2.create-file": {"file": ["component3"]}}, own="paths"
    ),
    "parallel_and_nested/nested_parallel_for_secret": Expected(
        outputs={"root.for-loop-2.1.worker-component": {"Output": "not-set"}},
        messages={
            "root.for-loop-2.1.worker-component": (
                "Without effect on this machine: secret named by the input 'emit-secret-name-Output' as MY_SECRET_KEY."
            )
        },
    ),
    "parallel_and_nested/nested_pipeline_opt_input_child_level_compiled": Expected(),
    "parallel_and_nested/nested_pipeline_opt_inputs_nil_compiled": Expected(
        local="it takes no input without a value through a pipeline"
    ),
    "parallel_and_nested/nested_pipeline_opt_inputs_parent_level_compiled": Expected(),
    "parallel_and_nested/parallel_for_mount_pvc": Expected(
        state="FAILED",
        messages={
            "root.createpvc": "The component manages a volume of a Kubernetes cluster (argostub/createpvc)",
            "root.for-loop-2": "Skipped, because createpvc failed.",
        },
    ),
    "parallel_and_nested/parallel_for_secret": Expected(
        outputs={"root.for-loop-2.2.example-component": {"Output": "not-set"}},
        messages={
            "root.for-loop-2.2.example-component": (
                "Without effect on this machine: secret named by the input 'my_secret_name' as MY_SECRET_KEY."
            )
        },
    ),
    "parallel_and_nested/pipeline_in_pipeline": Expected(
        outputs={"root.inner-pipeline.print-op2": "world"}, local=_NO_COMMANDS
    ),
    "parallel_and_nested/pipeline_in_pipeline_complex": Expected(
        outputs={
            "root.for-loop-2.1.inner-pipeline.condition-2.print-op": "Bye!",
            "root.for-loop-2.0.inner-pipeline.condition-1.print-op2": "world",
        },
        local=_NO_COMMANDS,
    ),
    "parallel_and_nested/pipeline_in_pipeline_loaded_from_yaml": Expected(
        outputs={"root.pipeline-in-pipeline": {"Output": ["world\n"]}}, local=_NO_COMMANDS
    ),
    "parallel_and_nested/pipeline_with_loops": Expected(
        outputs={"root.for-loop-2.1.print-text-3": "20"}
    ),
}

INVALID = {
    "empty_file": "The pipeline package is empty.",
    "invalid_yaml": (
        'The pipeline spec is not valid: Message type "ml_pipelines.PipelineSpec" has no field named "components_1" at "PipelineSpec".'
    ),
    "no_name": "The pipeline spec has no name: set pipelineInfo.name.",
}
"""The words of the 400 that each invalid file gets."""
