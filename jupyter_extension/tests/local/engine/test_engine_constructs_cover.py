"""Every field of ``pipeline_spec.proto`` is set by a pipeline of the table, or is said not to apply: a field of a newer kfp fails here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from constructs import prepare
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from kfp.pipeline_spec import pipeline_spec_pb2 as pb
from test_engine_constructs import CASES

NOT_APPLICABLE = {
    "PipelineJob.": "the job of another service, around the spec; no field of the spec is one",
    "PipelineSpec.RuntimeParameter.": "no field is one",
    "TaskOutputsSpec.": "no field is one",
    "DagOutputsSpec.MapParameterSelectorsSpec.": "no field is one",
    "Value.": "the value of deprecated fields only",
    "ComponentSpec.single_platform_specs": "kfp writes a platform spec beside the pipeline instead",
    "SinglePlatformSpec.platform": "kfp names the platform by the key in PlatformSpec.platforms",
    "SinglePlatformSpec.config": "no platform of KFP has one",
    "PipelineDeploymentConfig.ResolverSpec.": "KFP's own backend refuses resolvers",
    "ExecutorInput.": "written by the engine: the construct 'The executor's input' shows it",
    "ExecutorOutput.": "written by components: all with outputs do",
    "RuntimeArtifact.": "part of the executor's input and output",
    "ArtifactList.": "part of the executor's input and output",
    "PipelineTaskFinalStatus.": "written by the engine: the constructs with exit handlers show it",
}
"""Beginnings of fields' names without the package, and why no pipeline of the table sets them. Deprecated fields do not apply either."""


def _fields() -> Iterator[str]:
    def of(message: Descriptor) -> Iterator[str]:
        for field in message.fields:
            if not (field.GetOptions().deprecated or message.GetOptions().deprecated):
                yield _name(field)
        for nested in message.nested_types:
            if not nested.GetOptions().map_entry:
                yield from of(nested)

    for message in pb.DESCRIPTOR.message_types_by_name.values():
        yield from of(message)


def _name(field: FieldDescriptor) -> str:
    return str(field.full_name).removeprefix(f"{pb.DESCRIPTOR.package}.")


def _set_in(message: Any) -> Iterator[str]:
    for field, value in message.ListFields():
        if field.file.name != pb.DESCRIPTOR.name:
            return
        yield _name(field)
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            values = (
                value.values() if field.message_type.fields_by_name["value"].message_type else []
            )
        else:
            values = value if field.is_repeated else [value]
        for each in values:
            yield from _set_in(each)


@pytest.fixture(scope="module")
def covered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Fields, and the name of the first construct whose pipeline sets them."""
    folder: Path = tmp_path_factory.mktemp("covered")
    found: dict[str, str] = {}
    for number, case in enumerate(CASES):
        spec = prepare(case, folder / str(number)).spec
        platform = spec.get("platform_spec", {})
        pipeline = json_format.ParseDict(spec.get("pipeline_spec", spec), pb.PipelineSpec())
        deployment = json_format.ParseDict(
            json_format.MessageToDict(pipeline.deployment_spec), pb.PipelineDeploymentConfig()
        )
        for message in (
            pipeline,
            deployment,
            json_format.ParseDict(platform, pb.PlatformSpec()),
        ):
            for name in _set_in(message):
                found.setdefault(name, case.name)
    return found


@pytest.mark.parametrize("name", _fields())
def test_each_field_of_the_spec_has_a_pipeline(covered: dict[str, str], name: str) -> None:
    reasons = [reason for start, reason in NOT_APPLICABLE.items() if name.startswith(start)]
    assert (name in covered) != bool(reasons), covered.get(name, "no pipeline sets it")
    assert len(reasons) <= 1


def test_what_does_not_apply_is_there() -> None:
    names = list(_fields())
    for start in NOT_APPLICABLE:
        assert any(name.startswith(start) for name in names), start
