"""``/pipelines`` and ``/pipelines/{id}/versions`` of KFP v2beta1."""

from __future__ import annotations

import json
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, File, UploadFile
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.store.models import Pipeline, PipelineVersion
from jupyterlab_kubeflow.local.store.recorder import now
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import (
    JsonObject,
    answer,
    compact,
    field,
    format_time,
    mapping,
    required_text,
    tags,
    text,
)
from .listing import Keys, ListParameters, read_page
from .services import Services
from .specs import (
    MAX_PACKAGE_BYTES,
    Package,
    check_spec,
    drop_unused_specs,
    read_package,
    spec_body,
    store_spec,
)

_PIPELINE_KEYS: Keys = {
    "pipeline_id": Pipeline.id,
    "id": Pipeline.id,
    "name": Pipeline.name,
    "display_name": Pipeline.display_name,
    "description": Pipeline.description,
    "created_at": Pipeline.created_at,
}
_VERSION_KEYS: Keys = {
    "pipeline_version_id": PipelineVersion.id,
    "id": PipelineVersion.id,
    "name": PipelineVersion.name,
    "display_name": PipelineVersion.display_name,
    "description": PipelineVersion.description,
    "created_at": PipelineVersion.created_at,
}


def find_pipeline(session: Session, pipeline_id: str) -> Pipeline:
    """The pipeline, or 404."""
    found = session.get(Pipeline, pipeline_id)
    if found is None:
        raise ApiError.not_found(f"There is no pipeline {pipeline_id}.")
    return found


def find_version(
    session: Session, pipeline_id: str | None, version_id: str | None
) -> PipelineVersion:
    """The version, or the pipeline's newest one when only the pipeline is named; 404 when it is not there."""
    if version_id:
        version = session.get(PipelineVersion, version_id)
        if version is None or (pipeline_id and version.pipeline_id != pipeline_id):
            of = f" of pipeline {pipeline_id}" if pipeline_id else ""
            raise ApiError.not_found(f"There is no pipeline version {version_id}{of}.")
        return version
    if not pipeline_id:
        raise ApiError.invalid("pipeline_version_reference needs a pipeline_id.")
    find_pipeline(session, pipeline_id)
    newest = session.scalar(
        select(PipelineVersion)
        .where(PipelineVersion.pipeline_id == pipeline_id)
        .order_by(PipelineVersion.created_at.desc(), PipelineVersion.id.desc())
        .limit(1)
    )
    if newest is None:
        raise ApiError.not_found(f"Pipeline {pipeline_id} has no version yet. Upload one.")
    return newest


def router(services: Services) -> APIRouter:
    """Pipelines and their versions: list, create, upload, get, delete."""
    routes = APIRouter(prefix="/pipelines")
    database = services.database

    @routes.get("")
    def list_pipelines(query: ListParameters) -> JSONResponse:
        with database.read() as session:
            page = read_page(session, select(Pipeline), _PIPELINE_KEYS, Pipeline.id, query)
            return answer(page.body("pipelines", [_pipeline_body(row) for row in page.rows]))

    @routes.post("")
    def create_pipeline(body: JsonObject) -> JSONResponse:
        """A pipeline without a version yet."""
        with database.write() as session:
            return answer(_pipeline_body(_create_pipeline(session, body)))

    @routes.post("/create")
    def create_pipeline_and_version(body: JsonObject) -> JSONResponse:
        version = mapping(body, "pipeline_version")
        package = _given_spec(version)
        pipeline_body = mapping(body, "pipeline")
        with database.write() as session:
            pipeline = _create_pipeline(session, pipeline_body)
            named = {"name": pipeline.name, "display_name": pipeline.display_name, **version}
            _create_version(session, pipeline.id, named, package)
            return answer(_pipeline_body(pipeline))

    @routes.post("/upload")
    def upload_pipeline(
        uploadfile: Annotated[UploadFile, File()],
        name: str = "",
        display_name: str = "",
        description: str = "",
        tags: str = "",
        code_source_url: str = "",
    ) -> JSONResponse:
        """A pipeline with its first version, of the same name; without ``name`` that of the file."""
        package = _uploaded(uploadfile)
        body = {
            "name": name or display_name or uploadfile.filename or package.name,
            "display_name": display_name,
            "description": description,
            "tags": _tags_of_query(tags),
            "code_source_url": code_source_url,
        }
        with database.write() as session:
            pipeline = _create_pipeline(session, body)
            _create_version(session, pipeline.id, body, package)
            return answer(_pipeline_body(pipeline))

    @routes.post("/upload_version")
    def upload_version(
        uploadfile: Annotated[UploadFile, File()],
        pipelineid: str = "",
        name: str = "",
        display_name: str = "",
        description: str = "",
        tags: str = "",
        code_source_url: str = "",
    ) -> JSONResponse:
        package = _uploaded(uploadfile)
        if not pipelineid:
            raise ApiError.invalid("upload_version needs a pipelineid.")
        body = {
            "name": name or display_name or uploadfile.filename or package.name,
            "display_name": display_name,
            "description": description,
            "tags": _tags_of_query(tags),
            "code_source_url": code_source_url,
        }
        with database.write() as session:
            find_pipeline(session, pipelineid)
            return answer(_version_body(_create_version(session, pipelineid, body, package)))

    @routes.get("/names/{name}")
    def get_pipeline_by_name(name: str) -> JSONResponse:
        with database.read() as session:
            found = session.scalar(select(Pipeline).where(Pipeline.name == name))
            if found is None:
                raise ApiError.not_found(f'There is no pipeline named "{name}".')
            return answer(_pipeline_body(found))

    @routes.get("/{pipeline_id}")
    def get_pipeline(pipeline_id: str) -> JSONResponse:
        with database.read() as session:
            return answer(_pipeline_body(find_pipeline(session, pipeline_id)))

    @routes.delete("/{pipeline_id}")
    def delete_pipeline(pipeline_id: str, cascade: bool = False) -> JSONResponse:
        """Deletes the pipeline; one with versions only with ``cascade=true``, as in KFP. Its runs stay."""
        with database.write() as session:
            pipeline = find_pipeline(session, pipeline_id)
            versions = session.scalars(
                select(PipelineVersion).where(PipelineVersion.pipeline_id == pipeline_id)
            ).all()
            if versions and not cascade:
                raise ApiError.failed_precondition(
                    f'Pipeline "{pipeline.name}" still has {len(versions)} versions. Delete them first, or pass cascade=true.'
                )
            digests = {version.spec_digest for version in versions}
            for version in versions:
                session.delete(version)
            session.flush()
            session.delete(pipeline)
            drop_unused_specs(session, digests)
            return answer({})

    @routes.get("/{pipeline_id}/versions")
    def list_versions(pipeline_id: str, query: ListParameters) -> JSONResponse:
        with database.read() as session:
            find_pipeline(session, pipeline_id)
            page = read_page(
                session,
                select(PipelineVersion).where(PipelineVersion.pipeline_id == pipeline_id),
                _VERSION_KEYS,
                PipelineVersion.id,
                query,
                scope=pipeline_id,
            )
            return answer(page.body("pipeline_versions", [_version_body(row) for row in page.rows]))

    @routes.post("/{pipeline_id}/versions")
    def create_version(pipeline_id: str, body: JsonObject) -> JSONResponse:
        package = _given_spec(body)
        named = {"name": text(body, "display_name"), **body}
        with database.write() as session:
            find_pipeline(session, pipeline_id)
            return answer(_version_body(_create_version(session, pipeline_id, named, package)))

    @routes.get("/{pipeline_id}/versions/{version_id}")
    def get_version(pipeline_id: str, version_id: str) -> JSONResponse:
        with database.read() as session:
            return answer(_version_body(find_version(session, pipeline_id, version_id)))

    @routes.delete("/{pipeline_id}/versions/{version_id}")
    def delete_version(pipeline_id: str, version_id: str) -> JSONResponse:
        """Deletes the version; its runs stay."""
        with database.write() as session:
            version = find_version(session, pipeline_id, version_id)
            session.delete(version)
            drop_unused_specs(session, {version.spec_digest})
            return answer({})

    return routes


def _uploaded(file: UploadFile) -> Package:
    content = file.file.read(MAX_PACKAGE_BYTES + 1)
    if len(content) > MAX_PACKAGE_BYTES:
        raise ApiError.invalid(
            f"The package {file.filename} is larger than {MAX_PACKAGE_BYTES} bytes."
        )
    return read_package(content)


def _given_spec(version: dict[str, Any]) -> Package:
    """The spec of a version given as JSON. A ``package_url`` is not fetched: the server opens no address that a request names."""
    spec = field(version, "pipeline_spec")
    if not isinstance(spec, dict):
        if field(version, "package_url"):
            raise ApiError.invalid(
                "Local Kubeflow does not download packages from package_url. Download the file and upload it."
            )
        raise ApiError.invalid("The pipeline version needs a pipeline_spec object.")
    return check_spec(spec)


def _tags_of_query(given: str) -> dict[str, Any]:
    if not given:
        return {}
    try:
        value = json.loads(given)
    except ValueError as error:
        raise ApiError.invalid(f"tags is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise ApiError.invalid("tags must be a JSON object of strings.")
    return value


def _create_pipeline(session: Session, body: dict[str, Any]) -> Pipeline:
    name = text(body, "name") or required_text(body, "display_name", "A pipeline")
    if not name.strip():
        raise ApiError.invalid("A pipeline needs a name: it is empty.")
    if session.scalar(select(Pipeline.id).where(Pipeline.name == name)):
        raise ApiError.exists(
            f'A pipeline "{name}" exists already. Use another name, or upload a new version of it.'
        )
    pipeline = Pipeline(
        id=str(uuid.uuid4()),
        name=name,
        display_name=text(body, "display_name") or name,
        description=text(body, "description"),
        created_at=now(),
        tags=tags(mapping(body, "tags")),
    )
    session.add(pipeline)
    session.flush()
    return pipeline


def _create_version(
    session: Session, pipeline_id: str, body: dict[str, Any], package: Package
) -> PipelineVersion:
    name = required_text(body, "name", "A pipeline version")
    taken = select(PipelineVersion.id).where(
        PipelineVersion.pipeline_id == pipeline_id, PipelineVersion.name == name
    )
    if session.scalar(taken):
        raise ApiError.exists(
            f'The pipeline has a version "{name}" already. Use another name for the new one.'
        )
    version = PipelineVersion(
        id=str(uuid.uuid4()),
        pipeline_id=pipeline_id,
        name=name,
        display_name=text(body, "display_name") or name,
        description=text(body, "description"),
        created_at=now(),
        code_source_url=text(body, "code_source_url"),
        package_url=text(mapping(body, "package_url"), "pipeline_url"),
        tags=tags(mapping(body, "tags")),
        spec_digest=store_spec(session, package),
    )
    session.add(version)
    session.flush()
    return version


def _pipeline_body(row: Pipeline) -> dict[str, Any]:
    return compact(
        {
            "pipeline_id": row.id,
            "name": row.name,
            "display_name": row.display_name,
            "description": row.description,
            "created_at": format_time(row.created_at),
            "tags": row.tags or None,
        }
    )


def _version_body(row: PipelineVersion) -> dict[str, Any]:
    return compact(
        {
            "pipeline_id": row.pipeline_id,
            "pipeline_version_id": row.id,
            "name": row.name,
            "display_name": row.display_name,
            "description": row.description,
            "created_at": format_time(row.created_at),
            "code_source_url": row.code_source_url,
            "package_url": {"pipeline_url": row.package_url} if row.package_url else None,
            "tags": row.tags or None,
            "pipeline_spec": spec_body(row.spec),
        }
    )
