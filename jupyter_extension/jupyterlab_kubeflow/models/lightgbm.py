"""LightGBM's text format. Source: ``GBDT::SaveModelToString``."""

from __future__ import annotations

from .found import Broken, Found, Signature, Tensor, major
from .reading import Reader

_HEAD = 16 * 1024 * 1024
_TAIL = 4 * 1024 * 1024


def looks_like_lightgbm(reader: Reader) -> bool:
    """Whether the file begins as a model in text."""
    return reader.peek(16).replace(b"\r", b"").startswith(b"tree\nversion=")


def read_lightgbm(reader: Reader) -> Found:
    """What the lines before the first tree tell; the version is that of the format, which is LightGBM's major version."""
    head = reader.peek(min(_HEAD, reader.size))
    lines = head.partition(b"\nTree=")[0].decode("utf-8", "replace").splitlines()
    told = dict(line.partition("=")[::2] for line in lines if "=" in line)
    if b"end of trees" not in reader.tail(_TAIL) and b"end of trees" not in head:
        raise Broken("ends too early")
    version = told.get("version", "")
    last = told.get("max_feature_idx", "")
    if not last.isascii() or not last.isdigit() or len(last) > 18:
        raise Broken("is damaged: it does not tell its features")
    names = told.get("feature_names", "").split()
    count = int(last) + 1
    found = Found("lightgbm-text", "lightgbm", major(version), "LightGBM")
    found.framework_version = version.lstrip("v") or None
    found.signature = Signature(
        [Tensor("data", "FP64", [None, count])], [], names if len(names) == count else []
    )
    if told.get("objective"):
        found.details["objective"] = told["objective"][:200]
    classes = told.get("num_class", "")
    if classes.isascii() and classes.isdigit() and len(classes) < 10 and int(classes) > 1:
        found.details["classes"] = int(classes)
    return found
