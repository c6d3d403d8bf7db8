"""XGBoost: JSON, UBJSON and the binary format up to 3.0. Sources: XGBoost's model schema and ``LearnerModelParamLegacy``."""

from __future__ import annotations

import json
import re
from typing import Any

from .found import Broken, Found, Signature, Tensor, major
from .reading import JSON_BYTES, Reader, parse_json
from .ubjson import Picked, read_ubjson

_EDGE = 1024 * 1024
_LEARNER = ("learner",)
_PICKED: Picked = frozenset(
    {
        ("version",),
        (*_LEARNER, "feature_names"),
        (*_LEARNER, "feature_types"),
        (*_LEARNER, "learner_model_param"),
        (*_LEARNER, "objective", "name"),
        (*_LEARNER, "gradient_booster", "name"),
    }
)
_OBJECTIVE = re.compile(rb"[a-z][a-z0-9]{1,20}(:[a-z][a-z0-9_]{1,30})")
_PARAMETERS = 136
_UBJ = re.compile(
    rb"\{[LiUIl#$].{0,9}(learner|version)|\{i\x07learner|\{L\x00{7}\x07(learner|version)", re.DOTALL
)


def looks_like_xgboost(reader: Reader) -> str | None:
    """``json``, ``ubj`` or ``binary`` by the first bytes; ``None`` for another file."""
    head = reader.peek(4096)
    text = head.lstrip()
    if text[:1] == b"{":
        if _UBJ.match(head[:40]):
            return "ubj"
        if re.match(rb'\{\s*"(learner"\s*:|version"\s*:\s*\[)', text):
            return "json"
    return "binary" if _binary_start(head) is not None else None


def read_xgboost(reader: Reader, encoding: str) -> Found:
    """What a model in ``encoding`` (see :func:`looks_like_xgboost`) tells."""
    if encoding == "ubj":
        return _described(read_ubjson(reader, _PICKED), "xgboost-ubj")
    if encoding == "binary":
        return _binary(reader)
    if reader.size <= JSON_BYTES:
        reader.go(0)
        return _described(parse_json(reader.take(reader.size), "content"), "xgboost-json")
    return _described(_edges(reader), "xgboost-json")


def _described(document: dict[str, Any], encoding: str) -> Found:
    learner = document.get("learner")
    if not isinstance(learner, dict):
        raise Broken("is damaged: it has no learner")
    version = document.get("version")
    numbers = (
        version if isinstance(version, list) and all(type(each) is int for each in version) else []
    )
    found = Found(encoding, "xgboost", framework="XGBoost")
    found.framework_version = ".".join(map(str, numbers[:3])) or None
    found.version = major(found.framework_version)
    parameters = learner.get("learner_model_param")
    names = learner.get("feature_names")
    features = [each for each in names if isinstance(each, str)] if isinstance(names, list) else []
    count = _whole(parameters.get("num_feature")) if isinstance(parameters, dict) else None
    if count:
        found.signature = Signature([Tensor("data", "FP32", [None, count])], [], features)
    classes = _whole(parameters.get("num_class")) if isinstance(parameters, dict) else None
    if classes:
        found.details["classes"] = classes
    for detail, part in (("objective", "objective"), ("booster", "gradient_booster")):
        inner = learner.get(part)
        if isinstance(inner, dict) and isinstance(inner.get("name"), str):
            found.details[detail] = inner["name"][:200]
    return found


def _whole(value: Any) -> int | None:
    """A number that XGBoost writes as a text."""
    return (
        int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19
        else None
    )


def _edges(reader: Reader) -> dict[str, Any]:
    """What a long document tells at its beginning and end, where XGBoost writes all but the trees."""
    head = reader.peek(_EDGE).decode("utf-8", "replace")
    tail = reader.tail(_EDGE).decode("utf-8", "replace")
    if not tail.rstrip().endswith("}"):
        raise Broken("ends too early")
    learner: dict[str, Any] = {}
    for name, text in (
        ("feature_names", head),
        ("learner_model_param", tail),
        ("objective", tail),
    ):
        learner[name] = _member(text, name)
    version = _member(tail, "version") or _member(head, "version")
    if learner["learner_model_param"] is None or version is None:
        raise Broken("is damaged: it has no version or no parameters")
    return {"learner": learner, "version": version}


def _member(text: str, name: str) -> Any:
    at = text.rfind(f'"{name}"')
    colon = text.find(":", at + len(name) + 2) if at >= 0 else -1
    if colon < 0:
        return None
    try:
        return json.JSONDecoder().raw_decode(
            text, colon + 1 + len(text[colon + 1 :]) - len(text[colon + 1 :].lstrip())
        )[0]
    except (ValueError, RecursionError):
        return None


def _binary_start(head: bytes) -> int | None:
    """Where the parameters begin when the file is a binary model: they are followed by the name of the objective."""
    start = 4 if head[:4] == b"binf" else 0
    at = start + _PARAMETERS
    length = int.from_bytes(head[at : at + 8], "little")
    name = head[at + 8 : at + 8 + length] if 3 <= length <= 60 else b""
    return start if len(name) == length and _OBJECTIVE.fullmatch(name) else None


def _binary(reader: Reader) -> Found:
    start = _binary_start(reader.peek(4096)) or 0
    reader.go(start + 4)
    features, classes = reader.number("<I"), reader.number("<i")
    reader.skip(8)
    numbers = [reader.number("<I"), reader.number("<I")]
    reader.go(start + _PARAMETERS)
    objective = reader.take(reader.number("<Q")).decode()
    length = reader.number("<Q")
    booster = reader.take(length) if length <= 60 else b""
    if booster not in (b"gbtree", b"gblinear", b"dart"):
        raise Broken("is damaged: it has no booster")
    version = ".".join(map(str, numbers)) if 0 < numbers[0] < 100 and numbers[1] < 1000 else None
    found = Found("xgboost-binary", "xgboost", major(version), "XGBoost", version)
    found.signature = Signature([Tensor("data", "FP32", [None, features])])
    found.details.update(objective=objective, booster=booster.decode())
    if 0 < classes < 1 << 20:
        found.details["classes"] = classes
    found.notes.append(
        "XGBoost 3.1 and later do not read its binary format. Save the model as .ubj or .json."
    )
    return found
