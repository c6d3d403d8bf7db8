"""Importers. kfp reads annotations as they stand, so they are not postponed here."""

from pathlib import Path
from typing import Any

from constructs import Case
from constructs_components import read, say
from kfp import dsl
from kfp.dsl import Dataset, Input, Model

WITH_WORKSPACE = dsl.PipelineConfig(workspace=dsl.WorkspaceConfig(size="1Gi"))


@dsl.component
def where(data: Input[Dataset]) -> str:
    import os

    path = data.path.split(os.sep)
    copied = ".artifacts" in path
    return f"{open(data.path).read()} {sorted(data.metadata.items())} {path[-1]} {copied}"


def importing(**settings: Any) -> Any:
    """A pipeline that imports FOLDER/source.txt, which has been written."""

    def make(folder: Path) -> Any:
        (folder / "source file.txt").write_text("imported")

        @dsl.pipeline(name="importing", pipeline_config=WITH_WORKSPACE)
        def pipeline(uri: str, length: str = "8") -> str:
            data = dsl.importer(
                artifact_uri=uri,
                artifact_class=Dataset,
                metadata={"length": length, "list": [length, {"{{x}}": f"<{length}>"}]},
                **settings,
            )
            return where(data=data.output).output

        return pipeline

    return make


@dsl.component
def names(model: Input[Model]) -> str:
    import os

    return f"{os.listdir(model.path)} {os.path.isabs(model.path)} {model.uri == model.path}"


def importing_a_constant(folder: Path) -> Any:
    (folder / "data").mkdir()
    (folder / "data" / "a").write_text("a")

    @dsl.pipeline(name="importing-a-folder")
    def pipeline() -> str:
        model = dsl.importer(artifact_uri=str(folder / "data"), artifact_class=Model, reimport=True)
        return names(model=model.output).output

    return pipeline


@dsl.component
def changed(model: Input[Model], original: str) -> str:
    """Writes into its copy."""
    import os

    open(os.path.join(model.path, "b"), "w").close()
    return f"{sorted(os.listdir(model.path))} {os.listdir(original)}"


def copying_a_folder(folder: Path) -> Any:
    (folder / "data").mkdir()
    (folder / "data" / "a").write_text("a")

    @dsl.pipeline(name="copying-a-folder", pipeline_config=WITH_WORKSPACE)
    def pipeline() -> str:
        model = dsl.importer(
            artifact_uri=str(folder / "data"), artifact_class=Model, download_to_workspace=True
        )
        return changed(model=model.output, original=str(folder / "data")).output

    return pipeline


@dsl.component
def uri_of(data: Input[Dataset]) -> str:
    return data.uri


_ELSEWHERE = (
    "gs://bucket/x",
    "s3://bucket/x",
    "minio://bucket/x",
    "oci://registry/x:1",
    "https://example.org/x",
    "huggingface://org/model",
)


@dsl.pipeline(name="remote")
def remote():
    for uri in _ELSEWHERE:
        uri_of(data=dsl.importer(artifact_uri=uri, artifact_class=Dataset).output)


@dsl.pipeline(name="remote-to-copy", pipeline_config=WITH_WORKSPACE)
def remote_to_copy() -> str:
    data = dsl.importer(
        artifact_uri="s3://bucket/x", artifact_class=Dataset, download_to_workspace=True
    )
    return uri_of(data=data.output).output


@dsl.pipeline(name="remote-to-read")
def remote_to_read():
    read(data=dsl.importer(artifact_uri="gs://b/x", artifact_class=Dataset).output)


@dsl.pipeline(name="importer-alone")
def importer_alone(uri: str):
    say(text="after").after(dsl.importer(artifact_uri=uri, artifact_class=Dataset))


_IMPORTED = "imported [('length', '8'), ('list', ['8', {'{{x}}': '<8>'}])] source file.txt"

_REMOTE = {
    f"root.uri-of-{number}" if number > 1 else "root.uri-of": uri
    for number, uri in enumerate(_ELSEWHERE, 1)
}

CASES = [
    *(
        Case(
            f"An importer, from {uri}, with {settings or 'nothing'}",
            importing(**settings),
            {"uri": uri},
            outputs={"root": {"Output": f"{_IMPORTED} {copied}"}},
            messages=messages,
            local=local,
        )
        for uri, settings, copied, messages, local in (
            ("FOLDER/source file.txt", {}, False, {}, None),
            ("FOLDER/source file.txt", {"reimport": True}, False, {}, None),
            (
                "file://FOLDER/source%20file.txt",
                {},
                False,
                {},
                "it passes the URI on, which Python cannot open",
            ),
            (
                "FOLDER/source file.txt",
                {"download_to_workspace": True},
                True,
                {"root.importer": "Copied "},
                "the next task gets the original",
            ),
        )
    ),
    Case(
        "An importer of a folder",
        importing_a_constant,
        outputs={"root": {"Output": "['a'] True True"}},
    ),
    Case(
        "An importer that copies a folder",
        copying_a_folder,
        outputs={"root": {"Output": "['a', 'b'] ['a']"}},
        local="the next task gets the original",
    ),
    Case(
        "Importers of what is elsewhere",
        remote,
        outputs={path: {"Output": uri} for path, uri in _REMOTE.items()},
        messages={
            path: f"The input 'data' is at {uri}, which Local Kubeflow does not fetch"
            for path, uri in _REMOTE.items()
        },
    ),
    Case(
        "An importer that is to copy what is elsewhere",
        remote_to_copy,
        outputs={"root": {"Output": "s3://bucket/x"}},
        messages={"root.importer": "Not copied to the run's workspace: Local Kubeflow does not"},
    ),
    Case(
        "A component that reads what is elsewhere",
        remote_to_read,
        state="FAILED",
        error="No such file or directory: '/gcs/b/x'",
        messages={"root.read": "The input 'data' is at gs://b/x, which Local Kubeflow does not"},
    ),
    *(
        Case(
            f"An importer of {uri or 'nothing'}",
            importer_alone,
            {"uri": uri},
            state="FAILED",
            states={"root.say": "SKIPPED"},
            error=error,
            local="it looks at nothing until a task reads it",
        )
        for uri, error in (
            ("FOLDER/nowhere", "nowhere does not exist on this machine."),
            ("data/x.csv", "'data/x.csv' is a relative path, which means nothing to a server."),
            ("", "The importer has no artifact URI."),
        )
    ),
]
