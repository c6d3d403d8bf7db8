"""Every public method of the unmodified ``model_registry.ModelRegistry``, of the API client below it, and of the Kubeflow SDK's
``ModelRegistryClient``.

The methods are found by introspection: one that a new release brings has no use here yet, and its test fails. A use of a method is the function
in this module that bears its name.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from jupyterlab_kubeflow.local import process
from kubeflow.hub import ModelRegistryClient
from kubeflow.hub.types.types import StorageConfig
from model_registry import ModelRegistry
from model_registry.core import ModelRegistryAPIClient
from model_registry.exceptions import StoreError
from model_registry.types import (
    DocArtifact,
    ListOptions,
    ModelArtifact,
    ModelVersion,
    RegisteredModel,
)
from model_registry.utils import S3Params
from mr_openapi import ModelRegistryServiceApi

WITHOUT_SERVER = {"async_runner", "hint_server_address_port"}
CONSTRUCTORS = {"insecure_connection", "secure_connection"}
METADATA = {"text": "a", "count": 3, "ratio": 0.5, "ready": True}


def public(client: type) -> list[str]:
    """The names of its public methods."""
    return sorted(
        name for name, _ in inspect.getmembers(client, inspect.isfunction) if name[0] != "_"
    )


@dataclass
class Scene:
    """The clients, and a name that nobody else has."""

    registry: ModelRegistry
    sdk: ModelRegistryClient
    name: str
    folder: Path
    patch: pytest.MonkeyPatch

    @property
    def api(self) -> ModelRegistryAPIClient:
        return self.registry._api

    def wait(self, call: Any) -> Any:
        return self.registry.async_runner(call)

    def model(self) -> RegisteredModel:
        return self.wait(self.api.upsert_registered_model(RegisteredModel(name=self.name)))

    def version(self, name: str = "v1", **more: Any) -> ModelVersion:
        model = self.registry.get_registered_model(self.name) or self.model()
        made = ModelVersion(name=name, author="me", **more)
        return self.wait(self.api.upsert_model_version(made, model.id))

    def artifact(self, version: ModelVersion, **more: Any) -> ModelArtifact:
        made = ModelArtifact(name=self.name, uri="s3://bucket/model", **more)
        return self.wait(self.api.upsert_model_version_artifact(made, version.id))

    def registered(self, version: str = "v1", **more: Any) -> RegisteredModel:
        return self.registry.register_model(
            self.name,
            "s3://bucket/model",
            version=version,
            model_format_name="onnx",
            model_format_version="1",
            **more,
        )


class Registry:
    """The uses of ``ModelRegistry``."""

    @staticmethod
    def register_model(scene: Scene) -> None:
        made = scene.registered(
            owner="owner",
            author="author",
            version_description="first",
            metadata=METADATA,
            storage_key="key",
            storage_path="path",
            service_account_name="account",
            model_source_kind="kind",
            model_source_class="class",
            model_source_group="group",
            model_source_id="id",
            model_source_name="name",
        )
        assert (made.name, made.owner, made.state.value) == (scene.name, "owner", "LIVE")
        version = scene.registry.get_model_version(scene.name, "v1")
        assert version is not None
        assert (version.author, version.description) == ("author", "first")
        assert version.custom_properties == METADATA
        artifact = scene.registry.get_model_artifact(scene.name, "v1")
        assert artifact is not None
        assert (artifact.uri, artifact.model_format_name) == ("s3://bucket/model", "onnx")
        assert (artifact.storage_key, artifact.model_source_name) == ("key", "name")
        with pytest.raises(StoreError, match="already exists"):
            scene.registered()
        assert scene.registered("v2").id == made.id

    @staticmethod
    def update(scene: Scene) -> None:
        scene.registered(metadata=METADATA)
        model = scene.registry.get_registered_model(scene.name)
        version = scene.registry.get_model_version(scene.name, "v1")
        artifact = scene.registry.get_model_artifact(scene.name, "v1")
        assert model
        assert version
        assert artifact
        model.description, version.description, artifact.description = "m", "v", "a"
        model.custom_properties = {"stage": "done"}
        del version.custom_properties["text"]  # type: ignore[union-attr]
        for changed in (model, version, artifact):
            again = scene.registry.update(changed)
            assert (again.id, again.description) == (changed.id, changed.description)
            assert again.custom_properties == changed.custom_properties
            assert again.create_time_since_epoch == changed.create_time_since_epoch

    @staticmethod
    def get_registered_model(scene: Scene) -> None:
        assert scene.registry.get_registered_model(scene.name) is None
        made = scene.model()
        assert scene.registry.get_registered_model(scene.name) == made

    @staticmethod
    def get_model_version(scene: Scene) -> None:
        with pytest.raises(StoreError, match="does not exist"):
            scene.registry.get_model_version(scene.name, "v1")
        made = scene.version()
        assert scene.registry.get_model_version(scene.name, "v1") == made
        assert scene.registry.get_model_version(scene.name, "v2") is None

    @staticmethod
    def get_model_artifact(scene: Scene) -> None:
        version = scene.version()
        assert scene.registry.get_model_artifact(scene.name, "v1") is None
        made = scene.artifact(version)
        assert scene.registry.get_model_artifact(scene.name, "v1") == made

    @staticmethod
    def get_registered_models(scene: Scene) -> None:
        made = scene.model()
        listed = scene.registry.get_registered_models().page_size(1).order_by_id().descending()
        assert next(iter(listed)) == made
        every = [model.id for model in scene.registry.get_registered_models().page_size(7)]
        assert len(every) == len(set(every))
        assert made.id in every

    @staticmethod
    def get_model_versions(scene: Scene) -> None:
        with pytest.raises(StoreError, match="does not exist"):
            scene.registry.get_model_versions(scene.name)
        made = [scene.version(f"v{number}") for number in range(5)]
        scene.registry.update(made[0])
        pager = scene.registry.get_model_versions(scene.name).page_size(2)
        assert [each.name for each in pager] == ["v0", "v1", "v2", "v3", "v4"]
        newest = pager.order_by_creation_time().descending()
        assert [each.name for each in newest] == ["v4", "v3", "v2", "v1", "v0"]
        assert [each.name for each in pager.order_by_update_time()][:1] == ["v0"]

    @staticmethod
    def register_hf_model(scene: Scene) -> None:
        info = SimpleNamespace(author="org", id=f"org/{scene.name}", cardData=None)
        hub = ModuleType("huggingface_hub")
        hub.HfApi = lambda: SimpleNamespace(model_info=lambda repo, revision: info)  # type: ignore[attr-defined]
        hub.hf_hub_url = lambda repo, path, revision: f"https://hub/{repo}/{revision}/{path}"  # type: ignore[attr-defined]
        hub.utils = SimpleNamespace(
            RepositoryNotFoundError=KeyError, RevisionNotFoundError=KeyError
        )  # type: ignore[attr-defined]
        scene.patch.setitem(sys.modules, "huggingface_hub", hub)
        made = scene.registry.register_hf_model(
            "org/model",
            "model.onnx",
            version="v1",
            model_format_name="onnx",
            model_format_version="1",
        )
        version = scene.registry.get_model_version(made.name, "v1")
        assert version is not None
        assert version.custom_properties
        assert version.custom_properties["model_origin"] == "huggingface_hub"

    @staticmethod
    def save_to_s3(scene: Scene) -> None:
        uploaded = a_store(scene)
        (scene.folder / "model.onnx").write_bytes(b"model")
        uri = scene.registry.save_to_s3(str(scene.folder), "bucket", scene.name, **CREDENTIALS)
        assert uploaded
        assert uri.startswith(f"s3://bucket/{scene.name}")

    @staticmethod
    def upload_artifact_and_register_model(scene: Scene) -> None:
        uploaded = a_store(scene)
        (scene.folder / "model.onnx").write_bytes(b"model")

        def upload() -> RegisteredModel:
            return scene.registry.upload_artifact_and_register_model(
                scene.name,
                str(scene.folder),
                upload_params=S3Params("bucket", scene.name, **CREDENTIALS),
                version="v1",
                model_format_name="onnx",
                model_format_version="1",
            )

        upload()
        artifact = scene.registry.get_model_artifact(scene.name, "v1")
        assert artifact is not None
        assert str(artifact.uri).startswith("s3://bucket/")
        assert uploaded
        with pytest.raises(StoreError, match="already exists"):
            upload()


CREDENTIALS: Any = {
    "endpoint_url": "http://store",
    "access_key_id": "id",
    "secret_access_key": "secret",
    "region": "here",
}


def a_store(scene: Scene) -> list[str]:
    """Stands in for an S3 store: returns the keys of what has been put there."""
    uploaded: list[str] = []

    def upload_file(*given: Any, **named: Any) -> None:
        uploaded.append(str(given or named))

    def module(name: str, **members: Any) -> None:
        made = ModuleType(name)
        vars(made).update(members)
        scene.patch.setitem(sys.modules, name, made)

    store = SimpleNamespace(upload_file=upload_file)
    module("boto3", client=lambda *_, **__: store)
    module("boto3.s3")
    module("boto3.s3.transfer", TransferConfig=lambda **_: None)
    module("botocore")
    module("botocore.config", Config=lambda **_: None)
    return uploaded


class Api:
    """The uses of ``ModelRegistryAPIClient``."""

    @staticmethod
    async def get_client(scene: Scene) -> None:
        async with scene.api.get_client() as client:
            assert isinstance(client, ModelRegistryServiceApi)
            assert await client.get_registered_models(page_size="1")

    @staticmethod
    async def upsert_registered_model(scene: Scene) -> None:
        api = scene.api
        made = await api.upsert_registered_model(
            RegisteredModel(name=scene.name, external_id=scene.name, custom_properties=METADATA)
        )
        made.description = "changed"
        again = await api.upsert_registered_model(made)
        assert (again.id, again.description) == (made.id, "changed")
        assert again.custom_properties == METADATA
        assert await api.get_registered_model_by_id(str(made.id)) == again

    @staticmethod
    async def get_registered_model_by_id(scene: Scene) -> None:
        made = await scene.api.upsert_registered_model(RegisteredModel(name=scene.name))
        assert await scene.api.get_registered_model_by_id(str(made.id)) == made
        assert await scene.api.get_registered_model_by_id("999999") is None

    @staticmethod
    async def get_registered_model_by_params(scene: Scene) -> None:
        given = RegisteredModel(name=scene.name, external_id=f"ext-{scene.name}")
        made = await scene.api.upsert_registered_model(given)
        find = scene.api.get_registered_model_by_params
        assert await find(scene.name) == made
        assert await find(external_id=f"ext-{scene.name}") == made
        assert await find(f"{scene.name}-other") is None

    @staticmethod
    async def get_registered_models(scene: Scene) -> None:
        made = await scene.api.upsert_registered_model(RegisteredModel(name=scene.name))
        options = ListOptions.order_by_id(is_asc=False, limit=1)
        assert await scene.api.get_registered_models(options) == [made]
        assert options.next_page_token
        assert made not in await scene.api.get_registered_models(options)

    @staticmethod
    async def upsert_model_version(scene: Scene) -> None:
        model = await scene.api.upsert_registered_model(RegisteredModel(name=scene.name))
        given = ModelVersion(name="v1", author="me", custom_properties=METADATA)
        made = await scene.api.upsert_model_version(given, str(model.id))
        made.description = "changed"
        again = await scene.api.upsert_model_version(made, None)  # type: ignore[arg-type]
        assert (again.id, again.description) == (made.id, "changed")
        assert again.custom_properties == METADATA

    @staticmethod
    async def get_model_version_by_id(scene: Scene) -> None:
        model = await scene.api.upsert_registered_model(RegisteredModel(name=scene.name))
        made = await scene.api.upsert_model_version(
            ModelVersion(name="v1", author="me"), str(model.id)
        )
        assert await scene.api.get_model_version_by_id(str(made.id)) == made
        assert await scene.api.get_model_version_by_id("999999") is None

    @staticmethod
    async def get_model_version_by_params(scene: Scene) -> None:
        model = await scene.api.upsert_registered_model(RegisteredModel(name=scene.name))
        given = ModelVersion(name="v1", author="me", external_id=f"ext-{scene.name}")
        made = await scene.api.upsert_model_version(given, str(model.id))
        find = scene.api.get_model_version_by_params
        assert await find(str(model.id), "v1") == made
        assert await find(external_id=f"ext-{scene.name}") == made
        assert await find(str(model.id), "v2") is None

    @staticmethod
    async def get_model_versions(scene: Scene) -> None:
        model = await scene.api.upsert_registered_model(RegisteredModel(name=scene.name))
        made = [
            await scene.api.upsert_model_version(
                ModelVersion(name=name, author="me"), str(model.id)
            )
            for name in ("a", "b", "c")
        ]
        options = ListOptions(limit=2)
        assert await scene.api.get_model_versions(str(model.id), options) == made[:2]
        assert await scene.api.get_model_versions(str(model.id), options) == made[2:]

    @staticmethod
    async def upsert_model_artifact(scene: Scene) -> None:
        given = ModelArtifact(name=scene.name, uri="s3://a/b", custom_properties=METADATA)
        made = await scene.api.upsert_model_artifact(given)
        made.uri = "s3://c/d"
        again = await scene.api.upsert_model_artifact(made)
        assert (again.id, again.uri) == (made.id, "s3://c/d")
        assert again.custom_properties == METADATA

    @staticmethod
    async def upsert_model_version_artifact(scene: Scene) -> None:
        version = await a_version(scene)
        put = scene.api.upsert_model_version_artifact
        made = await put(ModelArtifact(name="m", uri="s3://a/b"), version)
        doc = await put(DocArtifact(name="d", uri="https://a/b"), version)
        assert isinstance(doc, DocArtifact)
        made.uri = "s3://c/d"
        assert (await put(made, version)).id == made.id
        listed = await scene.api.get_model_version_artifacts(version)
        assert [(each.id, each.uri) for each in listed] == [
            (made.id, "s3://c/d"),
            (doc.id, doc.uri),
        ]

    @staticmethod
    async def get_model_artifact_by_id(scene: Scene) -> None:
        made = await scene.api.upsert_model_artifact(ModelArtifact(name=scene.name, uri="s3://a/b"))
        assert await scene.api.get_model_artifact_by_id(str(made.id)) == made
        assert await scene.api.get_model_artifact_by_id("999999") is None

    @staticmethod
    async def get_model_artifact_by_params(scene: Scene) -> None:
        version = await a_version(scene)
        given = ModelArtifact(name="m", uri="s3://a/b", external_id=f"ext-{scene.name}")
        made = await scene.api.upsert_model_version_artifact(given, version)
        find = scene.api.get_model_artifact_by_params
        assert await find("m", version) == made
        assert await find(external_id=f"ext-{scene.name}") == made
        assert await find("other", version) is None

    @staticmethod
    async def get_model_artifacts(scene: Scene) -> None:
        version = await a_version(scene)
        put = scene.api.upsert_model_version_artifact
        await put(DocArtifact(name="d", uri="https://a/b"), version)
        made = await put(ModelArtifact(name="m", uri="s3://a/b"), version)
        assert await scene.api.get_model_artifacts(version) == [made]
        newest = ListOptions.order_by_id(is_asc=False, limit=1)
        assert await scene.api.get_model_artifacts(options=newest) == [made]

    @staticmethod
    async def get_model_version_artifacts(scene: Scene) -> None:
        version = await a_version(scene)
        put = scene.api.upsert_model_version_artifact
        made = [
            await put(ModelArtifact(name="m", uri="s3://a/b"), version),
            await put(DocArtifact(name="d", uri="https://a/b"), version),
        ]
        assert await scene.api.get_model_version_artifacts(version) == made

    @staticmethod
    async def get_artifacts(scene: Scene) -> None:
        version = await a_version(scene)
        put = scene.api.upsert_model_version_artifact
        made = await put(DocArtifact(name="d", uri="https://a/b"), version)
        newest = ListOptions.order_by_id(is_asc=False, limit=1)
        assert await scene.api.get_artifacts(options=newest) == [made]


async def a_version(scene: Scene) -> str:
    """The id of a new version."""
    model = await scene.api.upsert_registered_model(RegisteredModel(name=scene.name))
    made = await scene.api.upsert_model_version(ModelVersion(name="v1", author="me"), str(model.id))
    return str(made.id)


class Sdk:
    """The uses of the Kubeflow SDK's ``ModelRegistryClient``."""

    @staticmethod
    def made(scene: Scene, version: str = "v1") -> RegisteredModel:
        return scene.sdk.register_model(
            scene.name,
            "s3://bucket/model",
            version=version,
            model_format_name="onnx",
            model_format_version="1",
            author="author",
            version_description="first",
            metadata=METADATA,
            storage_config=StorageConfig(storage_key="key", storage_path="path"),
        )

    @staticmethod
    def register_model(scene: Scene) -> None:
        made = Sdk.made(scene)
        assert scene.sdk.get_model(scene.name) == made

    @staticmethod
    def update_model(scene: Scene) -> None:
        made = Sdk.made(scene)
        made.description = "changed"
        assert scene.sdk.update_model(made).description == "changed"
        assert scene.sdk.get_model(scene.name).description == "changed"

    @staticmethod
    def update_model_version(scene: Scene) -> None:
        Sdk.made(scene)
        version = scene.sdk.get_model_version(scene.name, "v1")
        version.description = "changed"
        assert scene.sdk.update_model_version(version).custom_properties == METADATA
        assert scene.sdk.get_model_version(scene.name, "v1").description == "changed"

    @staticmethod
    def update_model_artifact(scene: Scene) -> None:
        Sdk.made(scene)
        artifact = scene.sdk.get_model_artifact(scene.name, "v1")
        artifact.uri = "s3://bucket/other"
        assert scene.sdk.update_model_artifact(artifact).storage_key == "key"
        assert scene.sdk.get_model_artifact(scene.name, "v1").uri == "s3://bucket/other"

    @staticmethod
    def get_model(scene: Scene) -> None:
        with pytest.raises(ValueError, match="not found"):
            scene.sdk.get_model(scene.name)
        assert Sdk.made(scene) == scene.sdk.get_model(scene.name)

    @staticmethod
    def get_model_version(scene: Scene) -> None:
        Sdk.made(scene)
        assert scene.sdk.get_model_version(scene.name, "v1").author == "author"

    @staticmethod
    def get_model_artifact(scene: Scene) -> None:
        Sdk.made(scene)
        assert scene.sdk.get_model_artifact(scene.name, "v1").model_format_name == "onnx"

    @staticmethod
    def list_models(scene: Scene) -> None:
        made = Sdk.made(scene)
        assert made.id in {model.id for model in scene.sdk.list_models()}

    @staticmethod
    def list_model_versions(scene: Scene) -> None:
        for version in ("v1", "v2"):
            Sdk.made(scene, version)
        assert [each.name for each in scene.sdk.list_model_versions(scene.name)] == ["v1", "v2"]


def use(of: type, name: str) -> Callable[[Scene], Any]:
    """The use of the method of this name; fails when there is none."""
    found = vars(of).get(name)
    assert isinstance(found, staticmethod), f"{name} is new: write its use"
    return found.__func__


@pytest.fixture(scope="module", autouse=True)
def event_loop_of_the_clients() -> Iterator[None]:
    """The event loop that the clients find, as in a script. They patch asyncio for loops within loops, which would outlive these tests."""
    loop = asyncio.new_event_loop()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nest_asyncio2.apply", lambda *_: None)
        asyncio.set_event_loop(loop)
        yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(scope="module")
def clients(
    event_loop_of_the_clients: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ModelRegistry, ModelRegistryClient]]:
    """The clients, made as a user would. Their registry is one of its own: they read no integers of ten digits, which other tests write."""
    home = tmp_path_factory.mktemp("registry-of-clients")
    try:
        status = process.start(home=home)
        where = status.services["registry"]
        yield (
            ModelRegistry(where, author="me", user_token=status.token),
            ModelRegistryClient(where, author="me", user_token=status.token),
        )
    finally:
        process.stop(home=home)


@pytest.fixture
def scene(clients: Any, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    return Scene(*clients, name, tmp_path, monkeypatch)


@pytest.mark.parametrize("method", sorted(set(public(ModelRegistry)) - WITHOUT_SERVER))
def test_the_registry_client(method: str, scene: Scene) -> None:
    use(Registry, method)(scene)


@pytest.mark.parametrize("method", sorted(set(public(ModelRegistryAPIClient)) - CONSTRUCTORS))
def test_the_api_client(method: str, scene: Scene) -> None:
    scene.registry.async_runner(use(Api, method)(scene))


@pytest.mark.parametrize("method", public(ModelRegistryClient))
def test_the_sdk(method: str, scene: Scene) -> None:
    use(Sdk, method)(scene)
