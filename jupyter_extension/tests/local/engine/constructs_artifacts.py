"""Artifacts: classes, lists, URIs, importers, embedded ones. kfp reads annotations as they stand, so they are not postponed here."""

# ruff: noqa: SIM115, UP006, UP035 - components are what kfp understands

import json
from pathlib import Path
from typing import Any, List

from constructs import Case
from constructs_components import read, write
from constructs_values import edited
from kfp import dsl
from kfp.dsl import (
    HTML,
    Artifact,
    ClassificationMetrics,
    Dataset,
    Input,
    InputPath,
    Markdown,
    Metrics,
    Model,
    Output,
    OutputPath,
    SlicedClassificationMetrics,
)


@dsl.component
def make_all(
    plain: Output[Artifact],
    data: Output[Dataset],
    model: Output[Model],
    metrics: Output[Metrics],
    curve: Output[ClassificationMetrics],
    slices: Output[SlicedClassificationMetrics],
    page: Output[HTML],
    note: Output[Markdown],
    raw: OutputPath("Dataset"),  # type: ignore[valid-type]
):
    import os

    for each in (plain, data, page, note):
        open(each.path, "w").write(each.name)
    open(raw, "w").write("raw")
    os.makedirs(model.path)
    open(os.path.join(model.path, "weights"), "w").write("w")
    model.framework = "none"
    metrics.log_metric("accuracy", 0.5)
    curve.log_roc_curve([0.0, 1.0], [0.0, 1.0], [1.0, 0.0])
    slices.metadata["evaluationSlices"] = []


@dsl.component
def look_at_all(
    plain: Input[Artifact],
    data: Input[Dataset],
    model: Input[Model],
    metrics: Input[Metrics],
    raw: InputPath("Dataset"),  # type: ignore[valid-type]
) -> str:
    import os

    texts = [open(each.path).read() for each in (plain, data)]
    return (
        f"{texts} {os.listdir(model.path)} {model.framework} {metrics.metadata} {open(raw).read()}"
    )


@dsl.pipeline(name="all-classes")
def all_classes() -> str:
    made = make_all()
    return look_at_all(
        plain=made.outputs["plain"],
        data=made.outputs["data"],
        model=made.outputs["model"],
        metrics=made.outputs["metrics"],
        raw=made.outputs["raw"],
    ).output


@dsl.pipeline(name="handed-on")
def handed_on(data: Input[Dataset]) -> Dataset:
    return write(text=read(data=data).output).outputs["data"]


@dsl.pipeline(name="handing-on")
def handing_on() -> Dataset:
    return handed_on(data=write(text="a").outputs["data"]).output


@dsl.component
def elsewhere() -> Artifact:
    return Artifact(name="there", uri="s3://bucket/there", metadata={"a": 1})


@dsl.component
def in_the_task_root() -> Dataset:
    import os

    uri = dsl.get_uri("parts/one")
    os.makedirs(os.path.dirname(uri))
    open(uri, "w").write("of its own")
    return Dataset(uri=uri, metadata={"length": 10})


@dsl.pipeline(name="own-uri")
def own_uri() -> str:
    return read(data=in_the_task_root().output).output


@dsl.component
def at_a_custom_path(folder: str, data: Output[Dataset]):
    data.custom_path = f"{folder}/custom.txt"
    data.metadata["length"] = 6
    open(data.path, "w").write("custom")


@dsl.pipeline(name="custom-path")
def custom_path(folder: str) -> str:
    return read(data=at_a_custom_path(folder=folder).outputs["data"]).output


@dsl.component
def documented(data: Input[Dataset], n: int, made: Output[Dataset], note: OutputPath(str)):  # type: ignore[valid-type]
    """Says what its inputs and outputs are.

    Args:
        data: what it reads
        n: how often
    """
    open(made.path, "w").write(open(data.path).read() * n)
    open(note, "w").write("noted")


@dsl.pipeline(name="documenting")
def documenting() -> str:
    return documented(data=write(text="ab").outputs["data"], n=2).outputs["note"]


def _describe(spec: dict[str, Any]) -> None:
    """Descriptions of outputs, which kfp takes from docstrings of an own form."""
    made = spec["components"]["comp-documented"]["outputDefinitions"]
    made["artifacts"]["made"]["description"] = "what it writes"
    made["parameters"]["note"]["description"] = "a word about it"


def embedding(folder: Path) -> Any:
    (folder / "assets").mkdir()
    (folder / "assets" / "words.txt").write_text("embedded words")

    @dsl.component(embedded_artifact_path=str(folder / "assets"))
    def of_a_folder(assets: dsl.EmbeddedInput[Dataset]) -> str:
        import os

        return open(os.path.join(assets.path, "words.txt")).read()

    @dsl.component(embedded_artifact_path=str(folder / "assets" / "words.txt"))
    def of_a_file(word: dsl.EmbeddedInput[Artifact], again: str) -> str:
        return f"{open(word.path).read()} {again}"

    @dsl.pipeline(name="embedding")
    def pipeline() -> str:
        return of_a_file(again=of_a_folder().output).output

    return pipeline


def notebook(folder: Path) -> Any:
    cells = [
        {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "word = 'default'"},
        {"cell_type": "code", "metadata": {}, "source": "open(target, 'w').write(word * 2)"},
    ]
    document = {
        "cells": [
            {**cell, "id": f"c{number}", "outputs": [], "execution_count": None}
            for number, cell in enumerate(cells)
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (folder / "cells.ipynb").write_text(json.dumps(document))

    @dsl.notebook_component(notebook_path=str(folder / "cells.ipynb"), packages_to_install=[])
    def run_cells(word: str, data: Output[Dataset]):
        dsl.run_notebook(word=word, target=data.path)
        data.metadata["length"] = len(word)

    @dsl.pipeline(name="notebook")
    def pipeline(word: str) -> str:
        return read(data=run_cells(word=word).outputs["data"]).output

    return pipeline


def _two_artifacts(spec: dict[str, Any]) -> None:
    """An output with metadata of the spec's own, and a type by its schema."""
    made = spec["components"]["comp-write"]["outputDefinitions"]["artifacts"]["data"]
    made["artifactType"] = {"instanceSchema": "title: kfp.Dataset\ntype: object\n"}
    made["metadata"] = {"length": 0}


@dsl.pipeline(name="written-and-read")
def written_and_read() -> str:
    return read(data=write(text="abc").outputs["data"]).output


@dsl.component
def lists(parts: Input[List[Dataset]]) -> str:
    return str([part.metadata["length"] for part in parts])


@dsl.pipeline(name="list-of-one")
def list_of_one() -> str:
    with dsl.ParallelFor(["abc"]) as text:
        made = write(text=text)
    return lists(parts=dsl.Collected(made.outputs["data"])).output


CASES = [
    Case(
        "Artifacts of all classes",
        all_classes,
        outputs={
            "root": {
                "Output": "['plain', 'data'] ['weights'] none {'accuracy': 0.5} raw",
            },
            "root.make-all": {"page": ["page"], "note": ["note"]},
        },
    ),
    Case(
        "Artifacts handed on to and from pipelines",
        handing_on,
        outputs={"root": {"Output": ["a:1"]}},
        local="it does not hand artifacts on to pipelines",
    ),
    Case(
        "A list of artifacts",
        list_of_one,
        outputs={"root": {"Output": "[3]"}},
        local="it makes doubles of whole numbers in lists and metadata",
    ),
    Case(
        "An artifact elsewhere, returned",
        elsewhere,
        outputs={"root.elsewhere": {"Output": [None]}},
    ),
    Case(
        "A URI of the task's own",
        own_uri,
        outputs={"root": {"Output": "of its own:10"}},
        local="it makes doubles of whole numbers in lists and metadata",
    ),
    Case(
        "A custom path",
        custom_path,
        {"folder": "FOLDER"},
        outputs={"root": {"Output": "custom:6"}},
        local="it leaves the content where it was written, and the next task finds nothing",
    ),
    Case(
        "A type by its schema, and metadata of the spec",
        edited(written_and_read, _two_artifacts),
        outputs={"root": {"Output": "abc:3"}},
        local="it does not know schemas of types",
    ),
    Case(
        "Inputs and outputs with descriptions",
        edited(documenting, _describe),
        outputs={"root": {"Output": "noted"}, "root.documented": {"made": ["abab"]}},
    ),
    Case(
        "Embedded files and folders",
        embedding,
        outputs={"root": {"Output": "embedded words embedded words"}},
    ),
    Case(
        "A notebook component",
        notebook,
        {"word": "ab"},
        outputs={"root": {"Output": "abab:2"}},
        local="it makes doubles of whole numbers in lists and metadata",
    ),
]
