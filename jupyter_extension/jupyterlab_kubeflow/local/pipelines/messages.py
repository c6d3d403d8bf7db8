"""The messages of KFP v2beta1 that requests hold, with native tasks: their fields and kinds, after the project's published API descriptions."""

from __future__ import annotations

from .bodies import parse_time
from .kinds import (
    boolean,
    double,
    enum,
    int32,
    int64,
    mapping,
    message,
    repeated,
    string,
    struct,
    value,
)

_STORAGE_STATE = enum("STORAGE_STATE_UNSPECIFIED", "AVAILABLE", "ARCHIVED")
_RUNTIME_STATE = enum(
    "RUNTIME_STATE_UNSPECIFIED",
    "PENDING",
    "RUNNING",
    "SUCCEEDED",
    "SKIPPED",
    "FAILED",
    "CANCELING",
    "CANCELED",
    "PAUSED",
)
_STATUS = message(code=int32, message=string, details=repeated(struct))
_REFERENCE = message(pipeline_id=string, pipeline_version_id=string)
_RUNTIME_CONFIG = message(parameters=struct, pipeline_root=string)

OPERATIONS = (
    "OPERATION_UNSPECIFIED",
    "EQUALS",
    "NOT_EQUALS",
    "GREATER_THAN",
    "GREATER_THAN_EQUALS",
    "LESS_THAN",
    "LESS_THAN_EQUALS",
    "IN",
    "IS_SUBSTRING",
)
"""``v2beta1PredicateOperation``."""

FILTER = message(
    predicates=repeated(
        message(
            operation=enum(*OPERATIONS),
            key=string,
            int_value=int32,
            long_value=int64,
            string_value=string,
            timestamp_value=parse_time,
            int_values=message(values=repeated(int32)),
            long_values=message(values=repeated(int64)),
            string_values=message(values=repeated(string)),
        )
    )
)
"""``v2beta1Filter``."""

EXPERIMENT = message(
    experiment_id=string,
    display_name=string,
    description=string,
    created_at=parse_time,
    namespace=string,
    storage_state=_STORAGE_STATE,
    last_run_created_at=parse_time,
)

PIPELINE = message(
    pipeline_id=string,
    display_name=string,
    name=string,
    description=string,
    created_at=parse_time,
    namespace=string,
    error=_STATUS,
    tags=mapping(string),
)

PIPELINE_VERSION = message(
    pipeline_id=string,
    pipeline_version_id=string,
    display_name=string,
    name=string,
    description=string,
    created_at=parse_time,
    package_url=message(pipeline_url=string),
    code_source_url=string,
    pipeline_spec=struct,
    error=_STATUS,
    tags=mapping(string),
)

PIPELINE_AND_VERSION = message(pipeline=PIPELINE, pipeline_version=PIPELINE_VERSION)

RECURRING_RUN = message(
    recurring_run_id=string,
    display_name=string,
    description=string,
    pipeline_version_id=string,
    pipeline_spec=struct,
    pipeline_version_reference=_REFERENCE,
    runtime_config=_RUNTIME_CONFIG,
    service_account=string,
    max_concurrency=int64,
    trigger=message(
        cron_schedule=message(start_time=parse_time, end_time=parse_time, cron=string),
        periodic_schedule=message(
            start_time=parse_time, end_time=parse_time, interval_second=int64
        ),
    ),
    mode=enum("MODE_UNSPECIFIED", "ENABLE", "DISABLE"),
    created_at=parse_time,
    updated_at=parse_time,
    status=enum("STATUS_UNSPECIFIED", "ENABLED", "DISABLED"),
    error=_STATUS,
    no_catchup=boolean,
    namespace=string,
    experiment_id=string,
    plugins_input=mapping(struct),
)

IO_TYPES = (
    "UNSPECIFIED",
    "COMPONENT_DEFAULT_INPUT",
    "TASK_OUTPUT_INPUT",
    "COMPONENT_INPUT",
    "RUNTIME_VALUE_INPUT",
    "COLLECTED_INPUTS",
    "ITERATOR_INPUT",
    "ITERATOR_INPUT_RAW",
    "ITERATOR_OUTPUT",
    "OUTPUT",
    "ONE_OF_OUTPUT",
    "TASK_FINAL_STATUS_OUTPUT",
)
"""``v2beta1IOType``."""

OUTPUT_TYPES = frozenset({"ITERATOR_OUTPUT", "OUTPUT", "ONE_OF_OUTPUT", "TASK_FINAL_STATUS_OUTPUT"})
"""Those of the IO types that name what a task has written."""

ARTIFACT_TYPES = (
    "TYPE_UNSPECIFIED",
    "Artifact",
    "Model",
    "Dataset",
    "HTML",
    "Markdown",
    "Metric",
    "ClassificationMetric",
    "SlicedClassificationMetric",
)
"""``ArtifactArtifactType``."""

TASK_STATES = (
    "RUNTIME_STATE_UNSPECIFIED",
    "RUNNING",
    "SUCCEEDED",
    "SKIPPED",
    "FAILED",
    "CACHED",
)
"""``PipelineTaskTaskState``."""

TASK_TYPES = (
    "TASK_TYPE_UNSPECIFIED",
    "ROOT",
    "RUNTIME",
    "CONDITION_BRANCH",
    "CONDITION",
    "LOOP",
    "EXIT_HANDLER",
    "IMPORTER",
    "DAG",
)
"""``PipelineTaskTaskType``."""

ARTIFACT = message(
    artifact_id=string,
    name=string,
    description=string,
    type=enum(*ARTIFACT_TYPES),
    uri=string,
    metadata=struct,
    number_value=double,
    created_at=parse_time,
    namespace=string,
)

_PRODUCER = message(task_name=string, iteration=int64)
_IO_TYPE = enum(*IO_TYPES)
_INPUTS_OUTPUTS = message(
    parameters=repeated(
        message(value=value, type=_IO_TYPE, parameter_key=string, producer=_PRODUCER)
    ),
    artifacts=repeated(
        message(
            artifacts=repeated(ARTIFACT), type=_IO_TYPE, artifact_key=string, producer=_PRODUCER
        )
    ),
)

TASK = message(
    name=string,
    display_name=string,
    task_id=string,
    run_id=string,
    pods=repeated(message(name=string, uid=string, type=enum("UNSPECIFIED", "DRIVER", "EXECUTOR"))),
    cache_fingerprint=string,
    create_time=parse_time,
    end_time=parse_time,
    state=enum(*TASK_STATES),
    status_metadata=message(message=string, custom_properties=struct),
    state_history=repeated(
        message(update_time=parse_time, state=enum(*TASK_STATES), error=_STATUS)
    ),
    type=enum(*TASK_TYPES),
    type_attributes=message(
        iteration_index=int64, iteration_count=int64, download_to_workspace=boolean
    ),
    parent_task_id=string,
    child_tasks=repeated(message(task_id=string, name=string)),
    inputs=_INPUTS_OUTPUTS,
    outputs=_INPUTS_OUTPUTS,
    scope_path=string,
)

TASKS = message(tasks=mapping(TASK))

FIND_CACHED = message(namespace=string, cache_fingerprint=string)

CREATE_ARTIFACT = message(
    artifact=ARTIFACT,
    run_id=string,
    task_id=string,
    producer_key=string,
    iteration_index=int64,
    reuse_if_exists=boolean,
)

CREATE_ARTIFACTS = message(artifacts=repeated(CREATE_ARTIFACT))

ARTIFACT_TASK = message(
    id=string,
    artifact_id=string,
    run_id=string,
    task_id=string,
    type=_IO_TYPE,
    producer=_PRODUCER,
    key=string,
)

CREATE_ARTIFACT_TASK = message(artifact_task=ARTIFACT_TASK)

CREATE_ARTIFACT_TASKS = message(artifact_tasks=repeated(ARTIFACT_TASK))

RUN = message(
    experiment_id=string,
    run_id=string,
    display_name=string,
    storage_state=_STORAGE_STATE,
    description=string,
    pipeline_version_id=string,
    pipeline_spec=struct,
    pipeline_version_reference=_REFERENCE,
    runtime_config=_RUNTIME_CONFIG,
    service_account=string,
    created_at=parse_time,
    scheduled_at=parse_time,
    finished_at=parse_time,
    state=_RUNTIME_STATE,
    error=_STATUS,
    run_details=struct,
    recurring_run_id=string,
    state_history=repeated(message(update_time=parse_time, state=_RUNTIME_STATE, error=_STATUS)),
    plugins_input=mapping(struct),
    plugins_output=struct,
    pipeline_reference=_REFERENCE,
    task_count=int32,
    tasks=repeated(TASK),
)
