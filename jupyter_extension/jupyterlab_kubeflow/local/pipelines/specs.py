"""PipelineSpecs as they come in: packages are opened, specs checked, parameters held against the root's inputs."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import lzma
import tarfile
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from jupyterlab_kubeflow.local.store.models import PipelineVersion, RecurringRun, Run, Spec
from jupyterlab_kubeflow.local.wire_errors import ApiError

MAX_PACKAGE_BYTES = 64 * 1024 * 1024
"""A package may have at most this size, also when it is unpacked and its YAML aliases are written out."""

_checked: deque[str] = deque(maxlen=64)
_SCHEMA_VERSIONS = ("2.0.0", "2.1.0")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNREADABLE = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    RuntimeError,
)


@dataclass(frozen=True)
class Package:
    """A checked PipelineSpec (as JSON, camelCase) and the platform spec that came with it."""

    pipeline_spec: dict[str, Any]
    platform_spec: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        """The pipeline's own name."""
        return str(self.pipeline_spec["pipelineInfo"]["name"])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of both as canonical JSON."""
        canonical = json.dumps([self.pipeline_spec, self.platform_spec], sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()


def read_package(content: bytes) -> Package:
    """A package as KFP takes it: YAML or JSON, or a zip or tar.gz with one such file. Raises 400 that names what is wrong."""
    documents = _documents(_open(content))
    if not documents:
        raise ApiError.invalid("The pipeline package is empty.")
    platform: dict[str, Any] = {}
    for document in documents[1:]:
        platform.update(document)
    return check_spec(documents[0], platform or None)


def check_spec(
    pipeline_spec: dict[str, Any], platform_spec: dict[str, Any] | None = None
) -> Package:
    """Checks a spec given as JSON, bare or as ``{pipeline_spec, platform_spec}``. Raises 400 that names what is wrong."""
    if "pipeline_spec" in pipeline_spec:
        platform_spec = platform_spec or pipeline_spec.get("platform_spec")
        pipeline_spec = pipeline_spec["pipeline_spec"]
    if not isinstance(pipeline_spec, dict) or not pipeline_spec:
        raise ApiError.invalid("The pipeline spec is empty.")
    if platform_spec is not None and not isinstance(platform_spec, dict):
        raise ApiError.invalid("The platform spec must be an object.")
    if "pipelineInfo" not in pipeline_spec and "root" not in pipeline_spec:
        kind = pipeline_spec.get("kind")
        hint = f" It looks like a {kind}, compiled for KFP 1." if kind == "Workflow" else ""
        raise ApiError.invalid(
            f"This is not a KFP v2 PipelineSpec: it has neither pipelineInfo nor root.{hint} Compile the pipeline with kfp 2."
        )
    info = pipeline_spec.get("pipelineInfo")
    name = info.get("name") if isinstance(info, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise ApiError.invalid("The pipeline spec has no name: set pipelineInfo.name.")
    version = pipeline_spec.get("schemaVersion")
    if version not in _SCHEMA_VERSIONS:
        raise ApiError.invalid(
            f"The pipeline spec has schemaVersion {version!r}; this server takes {' and '.join(_SCHEMA_VERSIONS)}."
        )
    package = Package(pipeline_spec, platform_spec or None)
    _check_once(package)
    return package


def check_parameters(pipeline_spec: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a run, held against the root's ``inputDefinitions``.

    Returns them with whole numbers as integers. Raises 400 that names a parameter that is unknown, missing or of another type.
    """
    definitions = pipeline_spec["root"].get("inputDefinitions") or {}
    known: dict[str, Any] = definitions.get("parameters") or {}
    unknown = sorted(set(given) - set(known))
    if unknown:
        takes = f"it takes {', '.join(sorted(known))}" if known else "it takes none"
        raise ApiError.invalid(f'The pipeline has no parameter "{unknown[0]}"; {takes}.')
    for name, definition in sorted((definitions.get("artifacts") or {}).items()):
        if not definition.get("isOptional"):
            raise ApiError.invalid(
                f'The pipeline wants the artifact "{name}" as an input, which a run cannot be given. Import it with an importer.'
            )
    checked: dict[str, Any] = {}
    for name, definition in sorted(known.items()):
        optional = bool(definition.get("isOptional")) or "defaultValue" in definition
        if given.get(name) is None:
            if not optional:
                raise ApiError.invalid(f'The parameter "{name}" is required, but has no value.')
        else:
            checked[name] = _typed(name, definition, given[name])
    return checked


def store_spec(session: Session, package: Package) -> str:
    """Keeps the spec, once, and returns its digest."""
    digest = package.digest
    if session.scalar(select(Spec.digest).where(Spec.digest == digest)) is None:
        session.add(
            Spec(
                digest=digest,
                pipeline_spec=package.pipeline_spec,
                platform_spec=package.platform_spec,
            )
        )
        session.flush()
    return digest


def drop_unused_specs(session: Session, digests: set[str]) -> None:
    """Removes those of the specs that no version, no run and no recurring run uses any more."""
    session.flush()
    for digest in digests:
        used = session.scalar(
            select(
                exists().where(Run.spec_digest == digest)
                | exists().where(PipelineVersion.spec_digest == digest)
                | exists().where(RecurringRun.spec_digest == digest)
            )
        )
        spec = session.get(Spec, digest)
        if not used and spec is not None:
            session.delete(spec)


def spec_body(spec: Spec | Package) -> dict[str, Any]:
    """The ``pipeline_spec`` field of an answer: bare, or with the platform spec beside it where there is one, as KFP does."""
    if spec.platform_spec is None:
        return spec.pipeline_spec
    return {"pipeline_spec": spec.pipeline_spec, "platform_spec": spec.platform_spec}


def _open(content: bytes) -> bytes:
    try:
        if content[:2] == b"\x1f\x8b":
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
                plain = packed.read(MAX_PACKAGE_BYTES + 1)
            _check_size(len(plain))
            with tarfile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
                members = {member.name: member for member in archive if member.isfile()}
                member = members[_choose(list(members))]
                _check_size(member.size)  # a sparse file is larger than what holds it
                file = archive.extractfile(member)
                return file.read() if file else b""
        if content[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(content)) as bundle:
                files = [one for one in bundle.infolist() if not one.is_dir()]
                _check_size(sum(one.file_size for one in files))
                return bundle.read(_choose([one.filename for one in files]))
    except _UNREADABLE as error:
        raise ApiError.invalid(f"The pipeline package cannot be opened: {error}.") from error
    return content


def _check_size(size: int) -> None:
    if size > MAX_PACKAGE_BYTES:
        raise ApiError.invalid(
            f"The pipeline package is larger than {MAX_PACKAGE_BYTES} bytes when it is unpacked. "
            "Leave out what is not the pipeline file."
        )


def _choose(names: list[str]) -> str:
    files = [name for name in names if name.endswith((".yaml", ".yml", ".json"))]
    for name in files:
        if name in ("pipeline.yaml", "./pipeline.yaml"):
            return name
    if len(files) != 1:
        raise ApiError.invalid(
            f"The pipeline package must hold pipeline.yaml or exactly one YAML file; it holds {len(files)}."
        )
    return files[0]


def _documents(content: bytes) -> list[dict[str, Any]]:
    try:
        documents = [one for one in _loaded(content.decode("utf-8-sig")) if one is not None]
        json.dumps(documents, allow_nan=False)
    except UnicodeDecodeError as error:
        raise ApiError.invalid("The pipeline package is neither text nor an archive.") from error
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split())
        raise ApiError.invalid(f"The pipeline package is not valid YAML: {said}.") from error
    for document in documents:
        if not isinstance(document, dict):
            raise ApiError.invalid(
                f"The pipeline package must hold a YAML object, not {type(document).__name__}."
            )
    return documents


def _loaded(text: str) -> Iterator[Any]:
    """The documents of ``text``, none of which grows beyond the limit when its aliases and merge keys are written out."""
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            if _size(node, {}) > MAX_PACKAGE_BYTES:
                raise ApiError.invalid(
                    f"The pipeline package is larger than {MAX_PACKAGE_BYTES} bytes when its YAML aliases (*name) are written out. "
                    "Compile the pipeline without them."
                )
            yield loader.construct_document(node)
    finally:
        loader.dispose()


def _size(node: yaml.Node, known: dict[yaml.Node, int]) -> int:
    """At most the characters of ``node`` with its aliases written out, each node looked at once however often it is named."""
    if isinstance(node, yaml.ScalarNode):
        return 1 + len(node.value)
    if node not in known:
        known[node] = 0  # what contains itself is refused as JSON
        inside = node.value
        if isinstance(node, yaml.MappingNode):
            inside = [one for pair in inside for one in pair]
        known[node] = 2 + sum(_size(one, known) for one in inside)
    return known[node]


def _check_once(package: Package) -> None:
    """Checks what has not been checked a short time ago: runs are made of the same spec again and again."""
    with suppress(TypeError, ValueError, RecursionError):  # what the parser has words for
        if package.digest in _checked:
            return
    _parse(package.pipeline_spec, package.platform_spec)
    _checked.append(package.digest)


def _parse(pipeline_spec: dict[str, Any], platform_spec: dict[str, Any] | None) -> None:
    from google.protobuf import json_format
    from kfp.pipeline_spec import pipeline_spec_pb2

    from jupyterlab_kubeflow.local.engine.errors import EngineError
    from jupyterlab_kubeflow.local.engine.spec import parse

    messages = [(pipeline_spec, pipeline_spec_pb2.PipelineSpec())]
    if platform_spec:
        messages.append((platform_spec, pipeline_spec_pb2.PlatformSpec()))
    try:
        for given, message in messages:
            json_format.ParseDict(given, message)
            _check_shape(given, message.DESCRIPTOR)
    except (
        json_format.ParseError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        said = str(error).partition("\n")[0].rstrip(".")
        raise ApiError.invalid(f"The pipeline spec is not valid: {said}.") from error
    try:
        parse(pipeline_spec, platform_spec)
    except EngineError as error:
        raise ApiError.invalid(str(error)) from error


def _check_shape(given: dict[str, Any], descriptor: Any, where: str = "") -> None:
    """Raises 400 for what stands in the place of an object and is none; protobuf takes an empty list or text for an empty message."""
    for field in descriptor.fields:
        for name in (field.json_name, field.name):
            value = given.get(name)
            inner = field.message_type
            if value is None or inner is None or inner.file.package == "google.protobuf":
                continue
            path = f"{where}{name}"
            objects = {path: value}
            if inner.GetOptions().map_entry:
                _must_be_object(path, value)
                inner = inner.fields_by_name["value"].message_type
                objects = {f"{path}.{key}": one for key, one in value.items()} if inner else {}
            elif field.is_repeated:
                objects = {f"{path}[{index}]": one for index, one in enumerate(value)}
            for path, one in objects.items():
                if inner.file.package != "google.protobuf":
                    _must_be_object(path, one)
                    _check_shape(one, inner, f"{path}.")


def _must_be_object(path: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise ApiError.invalid(
            f"The pipeline spec is not valid: {path} must be an object, not {json.dumps(value)[:60]}."
        )


def _typed(name: str, definition: dict[str, Any], value: Any) -> Any:
    kind = definition.get("parameterType", "PARAMETER_TYPE_ENUM_UNSPECIFIED")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if number and isinstance(value, int) and not _holds(kind, value):
        raise ApiError.invalid(
            f'The parameter "{name}" is {_shortened(value)}, which KFP cannot hold exactly: its numbers are exact to ±2^53 '
            "(9007199254740992). Pass a smaller number, or a string."
        )
    if kind == "NUMBER_INTEGER" and number and float(value).is_integer():
        return _literal(name, definition, int(value))
    fits = {
        "NUMBER_INTEGER": False,
        "NUMBER_DOUBLE": number,
        "STRING": isinstance(value, str),
        "BOOLEAN": isinstance(value, bool),
        "LIST": isinstance(value, list),
        "STRUCT": isinstance(value, dict),
    }.get(kind, True)
    if not fits:
        raise ApiError.invalid(
            f'The parameter "{name}" must be a {_WORDS[kind]}, not {json.dumps(value, ensure_ascii=False)}.'
        )
    return _literal(name, definition, value)


def _holds(kind: str, value: int) -> bool:
    """Whether KFP's numbers (JSON's and protobuf's, which are doubles) hold the integer: exactly, or nearly where a double is wanted."""
    try:
        number = float(value)
    except OverflowError:
        return False
    return kind == "NUMBER_DOUBLE" or int(number) == value


def _shortened(value: int) -> str:
    digits = str(value)
    return digits if len(digits) <= 40 else f"{digits[:20]}… ({len(digits.lstrip('-'))} digits)"


def _literal(name: str, definition: dict[str, Any], value: Any) -> Any:
    allowed = definition.get("literals")
    if allowed and value not in allowed:
        choices = ", ".join(json.dumps(one, ensure_ascii=False) for one in allowed)
        raise ApiError.invalid(f'The parameter "{name}" must be one of {choices}.')
    return value


_WORDS = {
    "NUMBER_INTEGER": "whole number",
    "NUMBER_DOUBLE": "number",
    "STRING": "string",
    "BOOLEAN": "boolean",
    "LIST": "list",
    "STRUCT": "dictionary",
}
