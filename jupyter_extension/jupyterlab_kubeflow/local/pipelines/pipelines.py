"""``/pipelines`` and ``/pipelines/{id}/versions`` of KFP v2beta1."""

from __future__ import annotations

import re
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, File, UploadFile
from sqlalchemy import Text, cast, literal, select
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse

from jupyterlab_kubeflow.local.store.history import now
from jupyterlab_kubeflow.local.store.models import Pipeline, PipelineVersion, Spec
from jupyterlab_kubeflow.local.wire_errors import ApiError

from .bodies import answer, body, checked_tags, compact, format_time, name_within, text
from .filters import TAGS, Keys
from .listing import ListParameters, read_page
from .messages import PIPELINE, PIPELINE_AND_VERSION, PIPELINE_VERSION
from .services import Services
from .specs import Package, drop_unused_specs, spec_body, store_spec
from .uploads import UploadParameters, given_package, uploaded_package

_PIPELINE_KEYS: Keys = {
    "pipeline_id": Pipeline.id,
    "id": Pipeline.id,
    "name": Pipeline.name,
    "display_name": Pipeline.display_name,
    "description": Pipeline.description,
    "created_at": Pipeline.created_at,
    "namespace": literal(""),
    TAGS: Pipeline.tags,
}
_VERSION_KEYS: Keys = {
    "pipeline_version_id": PipelineVersion.id,
    "id": PipelineVersion.id,
    "name": PipelineVersion.name,
    "display_name": PipelineVersion.display_name,
    "description": PipelineVersion.description,
    "created_at": PipelineVersion.created_at,
    "status": literal("READY"),
    "pipeline_spec": select(cast(Spec.pipeline_spec, Text))
    .where(Spec.digest == PipelineVersion.spec_digest)
    .scalar_subquery(),
    TAGS: PipelineVersion.tags,
}

_SPEC_NAME = re.compile("[a-z0-9][a-z0-9-]{0,127}")
_NAME_BYTES = 128
_VERSION_NAME_BYTES = 127
"""As in KFP."""


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
    def create_pipeline(given: Annotated[dict[str, Any], body(PIPELINE)]) -> JSONResponse:
        """A pipeline without a version yet."""
        with database.write() as session:
            return answer(_pipeline_body(_create_pipeline(session, given)))

    @routes.post("/create")
    def create_pipeline_and_version(
        given: Annotated[dict[str, Any], body(PIPELINE_AND_VERSION)],
    ) -> JSONResponse:
        """A pipeline and its first version, which bears its names and its description, as in KFP."""
        version = given.get("pipeline_version", {})
        package = given_package(version)
        pipeline = _named(given.get("pipeline", {}), package.name)
        return answer(_create_both(services, pipeline, {**pipeline, **_own(version)}, package))

    @routes.post("/upload")
    def upload_pipeline(
        uploadfile: Annotated[UploadFile, File()], given: UploadParameters
    ) -> JSONResponse:
        """A pipeline with its first version, of the same name; without ``name`` that of the file."""
        package = uploaded_package(uploadfile)
        pipeline = _named(given, uploadfile.filename or package.name)
        return answer(_create_both(services, pipeline, {**pipeline, "tags": {}}, package))

    @routes.post("/upload_version")
    def upload_version(
        uploadfile: Annotated[UploadFile, File()], given: UploadParameters, pipelineid: str = ""
    ) -> JSONResponse:
        """A version of the pipeline ``pipelineid``; without ``name`` it bears that of the file."""
        package = uploaded_package(uploadfile)
        if not pipelineid:
            raise ApiError.invalid("upload_version needs a pipelineid.")
        version = _named(given, uploadfile.filename or package.name)
        with database.write() as session:
            find_pipeline(session, pipelineid)
            return answer(_version_body(_create_version(session, pipelineid, version, package)))

    @routes.get("/names/{name}")
    def get_pipeline_by_name(name: str) -> JSONResponse:
        """By ``name``, not ``display_name``. A namespace is ignored, as by KFP for a single user."""
        with database.read() as session:
            found = session.scalar(select(Pipeline).where(Pipeline.name == name))
            if found is None:
                raise ApiError.not_found(f'There is no pipeline named "{name}".')
            return answer(_pipeline_body(found))

    @routes.get("/{pipeline_id}")
    def get_pipeline(pipeline_id: str) -> JSONResponse:
        with database.read() as session:
            return answer(_pipeline_body(find_pipeline(session, pipeline_id)))

    @routes.patch("/{pipeline_id}")
    def update_pipeline(
        pipeline_id: str, given: Annotated[dict[str, Any], body(PIPELINE)]
    ) -> JSONResponse:
        """Changes ``display_name`` and ``tags``, where they are given, and nothing else, as KFP does."""
        with database.write() as session:
            pipeline = find_pipeline(session, pipeline_id)
            _update(pipeline, given)
            return answer(_pipeline_body(pipeline))

    @routes.delete("/{pipeline_id}")
    def delete_pipeline(pipeline_id: str, cascade: bool = False) -> JSONResponse:
        """Deletes the pipeline; one with versions only with ``cascade=true``, as in KFP. Its runs stay."""
        with database.write() as session:
            pipeline = find_pipeline(session, pipeline_id)
            versions = session.scalars(
                select(PipelineVersion).where(PipelineVersion.pipeline_id == pipeline_id)
            ).all()
            if versions and not cascade:
                raise ApiError.invalid(
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
    def create_version(
        pipeline_id: str, given: Annotated[dict[str, Any], body(PIPELINE_VERSION)]
    ) -> JSONResponse:
        package = given_package(given)
        with database.write() as session:
            find_pipeline(session, pipeline_id)
            return answer(_version_body(_create_version(session, pipeline_id, given, package)))

    @routes.get("/{pipeline_id}/versions/{version_id}")
    def get_version(pipeline_id: str, version_id: str) -> JSONResponse:
        with database.read() as session:
            return answer(_version_body(find_version(session, pipeline_id, version_id)))

    @routes.patch("/{pipeline_id}/versions/{version_id}")
    def update_version(
        pipeline_id: str,
        version_id: str,
        given: Annotated[dict[str, Any], body(PIPELINE_VERSION)],
    ) -> JSONResponse:
        """Changes ``display_name`` and ``tags``, where they are given, and nothing else, as KFP does."""
        with database.write() as session:
            version = find_version(session, pipeline_id, version_id)
            _update(version, given)
            return answer(_version_body(version))

    @routes.delete("/{pipeline_id}/versions/{version_id}")
    def delete_version(pipeline_id: str, version_id: str) -> JSONResponse:
        """Deletes the version; its runs stay."""
        with database.write() as session:
            version = find_version(session, pipeline_id, version_id)
            session.delete(version)
            drop_unused_specs(session, {version.spec_digest})
            return answer({})

    return routes


def _named(given: dict[str, Any], otherwise: str) -> dict[str, Any]:
    """What is given of a pipeline or a version, with a name."""
    return {**given, "name": text(given, "name") or text(given, "display_name") or otherwise}


def _own(version: dict[str, Any]) -> dict[str, Any]:
    """What a version that is created with its pipeline has of its own."""
    own: dict[str, Any] = {"tags": version.get("tags", {})}
    return own | {key: version[key] for key in ("package_url", "code_source_url") if key in version}


def _create_both(
    services: Services, pipeline: dict[str, Any], version: dict[str, Any], package: Package
) -> dict[str, Any]:
    with services.database.write() as session:
        row = _create_pipeline(session, pipeline)
        _create_version(session, row.id, version, package)
        return _pipeline_body(row)


def _create_pipeline(session: Session, given: dict[str, Any]) -> Pipeline:
    wanted = text(given, "name") or text(given, "display_name")
    name = name_within(wanted, _NAME_BYTES, "A pipeline")
    if session.scalar(select(Pipeline.id).where(Pipeline.name == name)):
        raise ApiError.exists(
            f'A pipeline "{name}" exists already. Use another name, or upload a new version of it.'
        )
    pipeline = Pipeline(
        id=str(uuid.uuid4()),
        name=name,
        display_name=text(given, "display_name") or name,
        description=text(given, "description"),
        created_at=now(),
        tags=checked_tags(given.get("tags", {})),
    )
    session.add(pipeline)
    session.flush()
    return pipeline


def _create_version(
    session: Session, pipeline_id: str, given: dict[str, Any], package: Package
) -> PipelineVersion:
    wanted = text(given, "name") or text(given, "display_name")
    name = name_within(wanted, _VERSION_NAME_BYTES, "A pipeline version")
    if not _SPEC_NAME.fullmatch(package.name):
        raise ApiError.invalid(
            f'The pipeline spec has the name "{package.name}". KFP takes up to 128 lower-case letters, digits and "-" there, of which the '
            'first is not "-": set pipelineInfo.name.'
        )
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
        display_name=text(given, "display_name") or name,
        description=text(given, "description"),
        created_at=now(),
        code_source_url=text(given, "code_source_url"),
        package_url=text(given.get("package_url", {}), "pipeline_url"),
        tags=checked_tags(given.get("tags", {})),
        spec_digest=store_spec(session, package),
    )
    session.add(version)
    session.flush()
    return version


def _update(row: Pipeline | PipelineVersion, given: dict[str, Any]) -> None:
    row.display_name = text(given, "display_name") or row.display_name
    if "tags" in given:
        row.tags = checked_tags(given["tags"])


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
