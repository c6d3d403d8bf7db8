"""The kinds of object of the Model Registry and their fields, as in its OpenAPI document (v1alpha3). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .errors import RegistryError
from .models import Artifact, Context, Execution

Reader = Callable[[str, Any], Any]
"""From the name of a field and what was given for it (never null) to what is kept; raises 400."""

_INT64 = 1 << 63
_ID = 1 << 31


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise RegistryError.invalid(f"{name}: must be a text, not {_named(value)}.")
    return value


def _texts(name: str, value: Any) -> list[str]:
    if not isinstance(value, list):
        raise RegistryError.invalid(f"{name}: must be a list of texts, not {_named(value)}.")
    return [_text(f"{name}[{index}]", each) for index, each in enumerate(value)]


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise RegistryError.invalid(f"{name}: must be a number, not {_named(value)}.")
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not abs(number) < float("inf"):
        raise RegistryError.invalid(
            f"{name}: must be a finite number; JSON has none for what is not."
        )
    return number


def _integer(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -_INT64 <= value < _INT64:
        raise RegistryError.invalid(
            f"{name}: must be a whole number of 64 bits, not {_named(value)}."
        )
    return value


def _count(name: str, value: Any) -> str:
    """A whole number of 64 bits as text."""
    number = whole(_text(name, value))
    if number is None or not -_INT64 <= number < _INT64:
        raise RegistryError.invalid(
            f"{name}: must be a whole number of 64 bits as text, not {value!r}."
        )
    return str(number)


def _id(name: str, value: Any) -> str:
    return str(read_id(_text(name, value), name))


def _one_of(*values: str) -> Reader:
    def read(name: str, value: Any) -> str:
        if value not in values:
            raise RegistryError.invalid(
                f"{name}: must be one of {', '.join(values)}, not {_named(value)}."
            )
        return str(value)

    return read


def _named(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    return repr(value)


def whole(text: str) -> int | None:
    """The whole number that the text is in ASCII digits, with a sign if need be; None for any other text."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    return int(text) if len(digits) < 25 and digits.isascii() and digits.isdigit() else None


def read_id(text: str, what: str) -> int:
    """The id that the text is, a whole number of 32 bits as upstream; 400 that names ``what`` otherwise."""
    number = whole(text)
    if number is None or not -_ID <= number < _ID:
        raise RegistryError.invalid(
            f"invalid {what} ID: {text[:100]!r} is not a whole number of 32 bits."
        )
    return number


@dataclass(frozen=True)
class Field:
    """A field of a kind. ``default``: its value in an object that is made without it. ``editable``: whether PATCH may name it."""

    read: Reader = _text
    default: Any = None
    required: bool = False
    editable: bool = True


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of object.

    ``key`` is its name in the database and, for artifacts, the ``artifactType`` on the wire; ``words`` its name in messages. ``parent``
    is the field with the id of the parent, if it has one, whose kind is ``parent_kind``. ``named``: whether a name must be given, else one is made.
    """

    key: str
    words: str
    table: type[Context | Artifact | Execution]
    fields: Mapping[str, Field] = field(default_factory=dict)
    parent: str | None = None
    parent_kind: Kind | None = None
    named: bool = True


_LIVE = Field(_one_of("LIVE", "ARCHIVED"), "LIVE")
_ARTIFACT_STATE = Field(
    _one_of(
        "UNKNOWN", "PENDING", "LIVE", "MARKED_FOR_DELETION", "DELETED", "ABANDONED", "REFERENCE"
    ),
    "UNKNOWN",
)
_TEXT = Field()
_PARENT = Field(_id, required=True, editable=False)


def _texts_of(*names: str) -> dict[str, Field]:
    return dict.fromkeys(names, _TEXT)


REGISTERED_MODEL = Kind(
    "registered_model",
    "registered model",
    Context,
    {
        **_texts_of("description", "readme", "maturity"),
        "language": Field(_texts),
        "tasks": Field(_texts),
        **_texts_of("provider", "logo", "license", "licenseLink", "libraryName", "owner"),
        "state": _LIVE,
    },
)
MODEL_VERSION = Kind(
    "model_version",
    "model version",
    Context,
    {**_texts_of("description", "author"), "state": _LIVE, "registeredModelId": _PARENT},
    parent="registeredModelId",
    parent_kind=REGISTERED_MODEL,
)
SERVING_ENVIRONMENT = Kind(
    "serving_environment", "serving environment", Context, _texts_of("description")
)
INFERENCE_SERVICE = Kind(
    "inference_service",
    "inference service",
    Context,
    {
        **_texts_of("description", "runtime"),
        "modelVersionId": Field(_id),
        "desiredState": Field(_one_of("DEPLOYED", "UNDEPLOYED"), "DEPLOYED"),
        "registeredModelId": Field(_id, required=True, editable=False),
        "servingEnvironmentId": _PARENT,
    },
    parent="servingEnvironmentId",
    parent_kind=SERVING_ENVIRONMENT,
    named=False,
)
EXPERIMENT = Kind(
    "experiment", "experiment", Context, {**_texts_of("description", "owner"), "state": _LIVE}
)
EXPERIMENT_RUN = Kind(
    "experiment_run",
    "experiment run",
    Context,
    {
        **_texts_of("description", "owner"),
        "state": _LIVE,
        "status": Field(_one_of("RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"), "RUNNING"),
        "startTimeSinceEpoch": Field(_count, editable=False),
        "endTimeSinceEpoch": Field(_count),
        "experimentId": _PARENT,
    },
    parent="experimentId",
    parent_kind=EXPERIMENT,
    named=False,
)
SERVE_MODEL = Kind(
    "serve_model",
    "serve model",
    Execution,
    {
        "description": _TEXT,
        "lastKnownState": Field(
            _one_of("UNKNOWN", "NEW", "RUNNING", "COMPLETE", "FAILED", "CACHED", "CANCELED"),
            "UNKNOWN",
        ),
        "modelVersionId": Field(_id, required=True, editable=False),
    },
    parent_kind=INFERENCE_SERVICE,
    named=False,
)


def _artifact(key: str, words: str, **fields: Field) -> Kind:
    return Kind(
        key,
        words,
        Artifact,
        {"description": _TEXT, **fields, "state": _ARTIFACT_STATE},
        named=False,
    )


MODEL_ARTIFACT = _artifact(
    "model-artifact",
    "model artifact",
    **_texts_of(
        "uri",
        "modelFormatName",
        "modelFormatVersion",
        "storageKey",
        "storagePath",
        "serviceAccountName",
        "modelSourceKind",
        "modelSourceClass",
        "modelSourceGroup",
        "modelSourceId",
        "modelSourceName",
    ),
)
DOC_ARTIFACT = _artifact("doc-artifact", "doc artifact", uri=_TEXT)
DATA_SET = _artifact(
    "dataset-artifact",
    "dataset artifact",
    **_texts_of("uri", "digest", "sourceType", "source", "schema", "profile"),
)
METRIC = _artifact(
    "metric",
    "metric artifact",
    value=Field(_number),
    timestamp=Field(_count),
    step=Field(_integer),
)
PARAMETER = _artifact(
    "parameter",
    "parameter artifact",
    value=_TEXT,
    parameterType=Field(_one_of("string", "number", "boolean", "object")),
)

ARTIFACTS: dict[str, Kind] = {
    kind.key: kind for kind in (MODEL_ARTIFACT, DOC_ARTIFACT, DATA_SET, METRIC, PARAMETER)
}
"""The artifacts by ``artifactType``."""

METRIC_HISTORY = "metric-history"
"""The kind, in the database, of the points in the history of a metric; on the wire they are metrics."""
