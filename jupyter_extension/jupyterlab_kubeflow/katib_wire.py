"""Katib's db-manager on the wire: gRPC service ``api.v1.beta1.DBManager``, as in ``pkg/apis/manager/v1beta1/api.proto`` of Katib 0.19.

The messages are built from the table below when they are first needed, in a pool of their own: no generated file that would have to keep up with
the protobuf package, and no clash with Katib's own modules where both are in one process.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import Any

from jupyterlab_kubeflow.errors import KubeflowError

REPORT = "ReportObservationLog"
GET = "GetObservationLog"
DELETE = "DeleteObservationLog"
SERVICE = "api.v1.beta1.DBManager"

PORT = 6789
"""Where db-manager listens in a cluster."""

EXTRA = 'pip install "jupyterlab-kubeflow[katib]"'
"""What installs gRPC."""

_PACKAGE = "api.v1.beta1"
MESSAGES = {
    "Metric": ("name", "value"),
    "MetricLog": ("time_stamp", ("metric", "Metric")),
    "ObservationLog": (("metric_logs", "MetricLog", "repeated"),),
    "ReportObservationLogRequest": ("trial_name", ("observation_log", "ObservationLog")),
    "ReportObservationLogReply": (),
    "GetObservationLogRequest": ("trial_name", "metric_name", "start_time", "end_time"),
    "GetObservationLogReply": (("observation_log", "ObservationLog"),),
    "DeleteObservationLogRequest": ("trial_name",),
    "DeleteObservationLogReply": (),
}
"""The fields of each message in the order of their numbers, from 1: texts, or ``(name, message)``."""


def problem() -> KubeflowError | None:
    """Why db-manager cannot be spoken to from here: a package is missing. Imports nothing."""
    missing = [name for name in ("grpc", "google.protobuf") if not _installed(name)]
    if not missing:
        return None
    return KubeflowError(
        f"Katib's db-manager speaks gRPC, for which packages are missing ({', '.join(missing)}). Install them with `{EXTRA}`, and restart the "
        "Jupyter server and Local Kubeflow.",
        reason="NotConfigured",
        status=503,
        service="katib-db-manager",
    )


def _installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # not even the package around it
        return False


@cache
def message(name: str) -> Any:
    """The class of a message. Needs protobuf."""
    from google.protobuf import message_factory

    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"{_PACKAGE}.{name}"))


@cache
def _pool() -> Any:
    from google.protobuf import descriptor_pb2, descriptor_pool

    file = descriptor_pb2.FileDescriptorProto(name="katib.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in MESSAGES.items():
        described = file.message_type.add(name=name)
        for number, entry in enumerate(fields, 1):
            field_name, *of = (entry,) if isinstance(entry, str) else entry
            field = described.field.add(name=field_name, number=number)
            field.label = field.LABEL_REPEATED if "repeated" in of else field.LABEL_OPTIONAL
            field.type = field.TYPE_MESSAGE if of else field.TYPE_STRING
            if of:
                field.type_name = f".{_PACKAGE}.{of[0]}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool
