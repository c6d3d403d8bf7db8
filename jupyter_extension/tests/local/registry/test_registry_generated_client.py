"""Every operation of the unmodified client that is generated from the registry's OpenAPI document, ``mr_openapi``.

The operations are found by introspection: one that a new release brings has no use here yet, and its test fails.
"""

from __future__ import annotations

import asyncio
import inspect
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import mr_openapi as mr
import pytest
from jupyterlab_kubeflow.local.process import LocalStatus
from registry_support import Api


class Scene:
    """A client, one object of each kind, and a name that nobody else has."""

    def __init__(self, status: LocalStatus, client: mr.ModelRegistryServiceApi) -> None:
        self.client = client
        self.name = f"n{uuid.uuid4().hex[:12]}"
        with Api.of(status) as api:
            self.model = api.make("registered_models", name=self.name, externalId=self.name)["id"]
            version = {"name": "v", "registeredModelId": self.model, "externalId": f"v-{self.name}"}
            self.version = api.make("model_versions", **version)["id"]
            artifact = {"artifactType": "model-artifact", "name": "a", "uri": "s3://a/b"}
            path = f"model_versions/{self.version}/artifacts"
            self.artifact = api.make(path, **artifact)["id"]
            self.environment = api.make("serving_environments", name=self.name)["id"]
            self.of = {
                "registered_model_id": self.model,
                "serving_environment_id": self.environment,
            }
            service = {"registeredModelId": self.model, "servingEnvironmentId": self.environment}
            self.service = api.make("inference_services", name="s", **service)["id"]
            path = f"inference_services/{self.service}/serves"
            self.serve = api.make(path, modelVersionId=self.version)["id"]


Use = Callable[[Scene, mr.ModelRegistryServiceApi], Awaitable[Any]]
NEWEST: Any = {"order_by": mr.OrderByField.ID, "sort_order": mr.SortOrder.DESC, "page_size": "1"}

USES: dict[str, tuple[Use, Callable[[Scene, Any], bool]]] = {
    "create_artifact": (
        lambda s, c: c.create_artifact(
            mr.ArtifactCreate(mr.DocArtifactCreate(name="d", uri="x:y"))
        ),
        lambda s, a: (a.actual_instance.name, a.actual_instance.uri) == ("d", "x:y"),
    ),
    "create_environment_inference_service": (
        lambda s, c: c.create_environment_inference_service(
            s.environment, mr.InferenceServiceCreate(name="s2", **s.of)
        ),
        lambda s, a: (a.name, a.serving_environment_id) == ("s2", s.environment),
    ),
    "create_inference_service": (
        lambda s, c: c.create_inference_service(mr.InferenceServiceCreate(name="s3", **s.of)),
        lambda s, a: (a.name, a.desired_state) == ("s3", mr.InferenceServiceState.DEPLOYED),
    ),
    "create_inference_service_serve": (
        lambda s, c: c.create_inference_service_serve(
            s.service, mr.ServeModelCreate(model_version_id=s.version)
        ),
        lambda s, a: a.last_known_state == mr.ExecutionState.UNKNOWN,
    ),
    "create_model_artifact": (
        lambda s, c: c.create_model_artifact(mr.ModelArtifactCreate(name="m", uri="s3://a/b")),
        lambda s, a: a.uri == "s3://a/b",
    ),
    "create_model_version": (
        lambda s, c: c.create_model_version(
            mr.ModelVersionCreate(name="v2", registered_model_id=s.model)
        ),
        lambda s, a: (a.name, a.registered_model_id) == ("v2", s.model),
    ),
    "create_registered_model": (
        lambda s, c: c.create_registered_model(mr.RegisteredModelCreate(name=f"{s.name}-2")),
        lambda s, a: a.name == f"{s.name}-2",
    ),
    "create_registered_model_version": (
        lambda s, c: c.create_registered_model_version(
            s.model, mr.ModelVersion(name="v3", registered_model_id=s.model)
        ),
        lambda s, a: (a.name, a.registered_model_id) == ("v3", s.model),
    ),
    "create_serving_environment": (
        lambda s, c: c.create_serving_environment(mr.ServingEnvironmentCreate(name=f"{s.name}-2")),
        lambda s, a: a.name == f"{s.name}-2",
    ),
    "find_artifact": (
        lambda s, c: c.find_artifact(name="a", parent_resource_id=s.version),
        lambda s, a: a.actual_instance.id == s.artifact,
    ),
    "find_inference_service": (
        lambda s, c: c.find_inference_service(name="s", parent_resource_id=s.environment),
        lambda s, a: a.id == s.service,
    ),
    "find_model_artifact": (
        lambda s, c: c.find_model_artifact(name="a", parent_resource_id=s.version),
        lambda s, a: a.id == s.artifact,
    ),
    "find_model_version": (
        lambda s, c: c.find_model_version(external_id=f"v-{s.name}"),
        lambda s, a: a.id == s.version,
    ),
    "find_registered_model": (
        lambda s, c: c.find_registered_model(external_id=s.name),
        lambda s, a: a.id == s.model,
    ),
    "find_serving_environment": (
        lambda s, c: c.find_serving_environment(name=s.name),
        lambda s, a: a.id == s.environment,
    ),
    "get_artifact": (
        lambda s, c: c.get_artifact(s.artifact),
        lambda s, a: a.actual_instance.artifact_type == "model-artifact",
    ),
    "get_artifacts": (
        lambda s, c: c.get_artifacts(
            artifact_type=mr.ArtifactTypeQueryParam.MODEL_MINUS_ARTIFACT, **NEWEST
        ),
        lambda s, a: a.items[0].actual_instance.id == s.artifact,
    ),
    "get_environment_inference_services": (
        lambda s, c: c.get_environment_inference_services(s.environment),
        lambda s, a: [each.id for each in a.items] == [s.service],
    ),
    "get_inference_service": (
        lambda s, c: c.get_inference_service(s.service),
        lambda s, a: a.registered_model_id == s.model,
    ),
    "get_inference_service_model": (
        lambda s, c: c.get_inference_service_model(s.service),
        lambda s, a: a.id == s.model,
    ),
    "get_inference_service_serves": (
        lambda s, c: c.get_inference_service_serves(s.service),
        lambda s, a: [each.id for each in a.items] == [s.serve],
    ),
    "get_inference_service_version": (
        lambda s, c: c.get_inference_service_version(s.service),
        lambda s, a: a.id == s.version,
    ),
    "get_inference_services": (
        lambda s, c: c.get_inference_services(**NEWEST),
        lambda s, a: a.items[0].id == s.service,
    ),
    "get_model_artifact": (
        lambda s, c: c.get_model_artifact(s.artifact),
        lambda s, a: a.name == "a",
    ),
    "get_model_artifacts": (
        lambda s, c: c.get_model_artifacts(**NEWEST),
        lambda s, a: a.items[0].id == s.artifact,
    ),
    "get_model_version": (
        lambda s, c: c.get_model_version(s.version),
        lambda s, a: (a.name, a.registered_model_id) == ("v", s.model),
    ),
    "get_model_version_artifacts": (
        lambda s, c: c.get_model_version_artifacts(s.version),
        lambda s, a: [each.actual_instance.id for each in a.items] == [s.artifact],
    ),
    "get_model_versions": (
        lambda s, c: c.get_model_versions(**NEWEST),
        lambda s, a: a.items[0].id == s.version,
    ),
    "get_registered_model": (
        lambda s, c: c.get_registered_model(s.model),
        lambda s, a: (a.name, a.external_id) == (s.name, s.name),
    ),
    "get_registered_model_versions": (
        lambda s, c: c.get_registered_model_versions(s.model, filter_query="name = 'v'"),
        lambda s, a: [each.id for each in a.items] == [s.version],
    ),
    "get_registered_models": (
        lambda s, c: c.get_registered_models(**NEWEST),
        lambda s, a: a.items[0].id == s.model,
    ),
    "get_serving_environment": (
        lambda s, c: c.get_serving_environment(s.environment),
        lambda s, a: a.name == s.name,
    ),
    "get_serving_environments": (
        lambda s, c: c.get_serving_environments(**NEWEST),
        lambda s, a: a.items[0].id == s.environment,
    ),
    "update_artifact": (
        lambda s, c: c.update_artifact(
            s.artifact, mr.ArtifactUpdate(mr.ModelArtifactUpdate(description="d"))
        ),
        lambda s, a: (a.actual_instance.description, a.actual_instance.uri) == ("d", "s3://a/b"),
    ),
    "update_inference_service": (
        lambda s, c: c.update_inference_service(s.service, mr.InferenceServiceUpdate(runtime="r")),
        lambda s, a: (a.runtime, a.registered_model_id) == ("r", s.model),
    ),
    "update_model_artifact": (
        lambda s, c: c.update_model_artifact(s.artifact, mr.ModelArtifactUpdate(storage_key="k")),
        lambda s, a: (a.storage_key, a.uri) == ("k", "s3://a/b"),
    ),
    "update_model_version": (
        lambda s, c: c.update_model_version(
            s.version, mr.ModelVersionUpdate(state=mr.ModelVersionState.ARCHIVED)
        ),
        lambda s, a: a.state == mr.ModelVersionState.ARCHIVED,
    ),
    "update_registered_model": (
        lambda s, c: c.update_registered_model(s.model, mr.RegisteredModelUpdate(owner="o")),
        lambda s, a: (a.owner, a.name) == ("o", s.name),
    ),
    "update_serving_environment": (
        lambda s, c: c.update_serving_environment(
            s.environment, mr.ServingEnvironmentUpdate(description="d")
        ),
        lambda s, a: a.description == "d",
    ),
    "upsert_model_version_artifact": (
        lambda s, c: c.upsert_model_version_artifact(
            s.version, mr.Artifact(mr.DocArtifact(name="d", uri="x:y"))
        ),
        lambda s, a: (a.actual_instance.name, a.actual_instance.uri) == ("d", "x:y"),
    ),
}
"""How each operation is used, and what its answer must be."""

OPERATIONS = sorted(
    name
    for name, _ in inspect.getmembers(mr.ModelRegistryServiceApi, inspect.iscoroutinefunction)
    if name[0] != "_" and not name.endswith(("_with_http_info", "_without_preload_content"))
)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation(operation: str, local_kubeflow: LocalStatus) -> None:
    assert operation in USES, f"{operation} is new: write its use"
    use, right = USES[operation]
    where = mr.Configuration(
        host=local_kubeflow.services["registry"], access_token=local_kubeflow.token
    )

    async def go() -> tuple[Scene, Any]:
        async with mr.ApiClient(where) as client:
            scene = Scene(local_kubeflow, mr.ModelRegistryServiceApi(client))
            return scene, await use(scene, scene.client)

    scene, answer = asyncio.run(go())
    assert right(scene, answer), answer
