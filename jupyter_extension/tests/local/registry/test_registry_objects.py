"""Objects of every kind over HTTP: what is made, changed and refused, and with which status."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest
from jupyterlab_kubeflow.local.process import LocalStatus
from registry_support import Api, refused

PROPERTIES: dict[str, dict[str, Any]] = {
    "int": {"int_value": "-9223372036854775808", "metadataType": "MetadataIntValue"},
    "double": {"double_value": 0.1, "metadataType": "MetadataDoubleValue"},
    "text": {"string_value": 'é"\\{}', "metadataType": "MetadataStringValue"},
    "empty": {"string_value": "", "metadataType": "MetadataStringValue"},
    "yes": {"bool_value": False, "metadataType": "MetadataBoolValue"},
    "struct": {
        "struct_value": base64.b64encode(json.dumps({"a": [1, None]}).encode()).decode(),
        "metadataType": "MetadataStructValue",
    },
    "proto": {"type": "a.B", "proto_value": "AAE=", "metadataType": "MetadataProtoValue"},
    'a "key" with $.path': {"string_value": "x", "metadataType": "MetadataStringValue"},
}


def test_a_model_has_what_was_given_and_the_defaults(api: Api, name: str) -> None:
    given = {
        "name": name,
        "externalId": f"ext-{name}",
        "description": "d",
        "readme": "# r",
        "maturity": "m",
        "language": ["en", "de"],
        "tasks": [],
        "provider": "p",
        "logo": "data:,",
        "license": "l",
        "licenseLink": "https://l",
        "libraryName": "n",
        "owner": "o",
        "customProperties": PROPERTIES,
    }
    made = api.make("registered_models", **given)
    assert made.items() >= {**given, "state": "LIVE"}.items()
    assert made["createTimeSinceEpoch"] == made["lastUpdateTimeSinceEpoch"]
    assert made["createTimeSinceEpoch"].isdigit()
    assert api.read(f"registered_models/{made['id']}") == made


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("registered_models", {}),
        ("model_versions", {"registeredModelId": "MODEL"}),
        ("serving_environments", {}),
        ("experiments", {}),
    ],
)
def test_a_name_is_needed_and_is_unique(
    api: Api, model: str, name: str, path: str, body: dict[str, Any]
) -> None:
    body = dict.fromkeys(body, model)
    for missing in ({}, {"name": ""}, {"name": None}):
        refused(api.post(f"/{path}", json=body | missing), 422, "'name'")
    api.make(path, name=f"{name}-2", **body)
    refused(api.post(f"/{path}", json=body | {"name": f"{name}-2"}), 409, "already exists")


def test_names_of_children_are_unique_within_their_parent(api: Api, model: str, name: str) -> None:
    other = api.make("registered_models", name=f"{name}:2")["id"]
    for parent in (model, other):
        made = api.make(
            f"registered_models/{parent}/versions", name="a:b", registeredModelId=parent
        )
        assert (made["name"], made["registeredModelId"]) == ("a:b", parent)
        found = api.read("model_version", name="a:b", parentResourceId=parent)
        assert found == made
        refused(
            api.post("/model_versions", json={"name": "a:b", "registeredModelId": parent}),
            409,
            "model version with name a:b already exists",
        )


def test_an_external_id_is_that_of_one_object(api: Api, name: str, model: str) -> None:
    api.edit(f"registered_models/{model}", externalId=f"ext-{name}")
    assert api.read("registered_model", externalId=f"ext-{name}")["id"] == model
    taken = {"name": "v1", "registeredModelId": model, "externalId": f"ext-{name}"}
    refused(api.post("/model_versions", json=taken), 409, f"ext-{name}")
    version = api.make("model_versions", name="v1", registeredModelId=model)["id"]
    body = {"externalId": f"ext-{name}"}
    refused(api.patch(f"/model_versions/{version}", json=body), 409, f"ext-{name}")


@pytest.mark.parametrize("kind", PROPERTIES)
def test_custom_properties_of_every_type_come_back(api: Api, model: str, kind: str) -> None:
    edited = api.edit(f"registered_models/{model}", customProperties={kind: PROPERTIES[kind]})
    assert edited["customProperties"] == {kind: PROPERTIES[kind]}


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ({"int_value": 5, "metadataType": "MetadataIntValue"}, 400),
        ({"int_value": "5.5", "metadataType": "MetadataIntValue"}, 400),
        ({"int_value": "9223372036854775808", "metadataType": "MetadataIntValue"}, 400),
        ({"double_value": "1", "metadataType": "MetadataDoubleValue"}, 400),
        ({"double_value": True, "metadataType": "MetadataDoubleValue"}, 400),
        ({"string_value": 1, "metadataType": "MetadataStringValue"}, 400),
        ({"bool_value": "true", "metadataType": "MetadataBoolValue"}, 400),
        ({"struct_value": "?", "metadataType": "MetadataStructValue"}, 400),
        ({"struct_value": "W10=", "metadataType": "MetadataStructValue"}, 400),
        ({"type": "a", "proto_value": "é", "metadataType": "MetadataProtoValue"}, 400),
        ({"metadataType": "MetadataIntValue"}, 422),
        ({"int_value": "5"}, 400),
        ({"int_value": "5", "metadataType": "Metadata"}, 400),
        ({"int_value": "5", "x": 1, "metadataType": "MetadataIntValue"}, 400),
        ("text", 400),
        (None, 400),
    ],
)
def test_a_custom_property_that_is_none_is_refused(
    api: Api, model: str, value: Any, status: int
) -> None:
    answer = api.patch(f"/registered_models/{model}", json={"customProperties": {"k": value}})
    refused(answer, status, "customProperties.k")


def test_a_patch_changes_what_it_names(api: Api, name: str) -> None:
    made = api.make(
        "registered_models",
        name=name,
        description="d",
        customProperties=PROPERTIES,
        state="ARCHIVED",
    )
    path = f"registered_models/{made['id']}"
    edited = api.edit(path, owner="o", description=None, customProperties=None)
    assert edited == {
        **made,
        "owner": "o",
        "lastUpdateTimeSinceEpoch": edited["lastUpdateTimeSinceEpoch"],
    }
    assert int(edited["lastUpdateTimeSinceEpoch"]) >= int(made["lastUpdateTimeSinceEpoch"])
    one = {"text": PROPERTIES["text"]}
    assert api.edit(path, customProperties=one)["customProperties"] == one
    emptied = api.edit(path, customProperties={}, description="")
    assert (emptied["customProperties"], emptied["description"]) == ({}, "")
    assert api.read(path) == emptied
    assert api.edit(path, state="LIVE")["state"] == "LIVE"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"name": "other"}, "name"),
        ({"id": "5"}, "id"),
        ({"nonsense": 1}, "nonsense"),
        ({"state": "GONE"}, "LIVE, ARCHIVED"),
        ({"description": 5}, "description"),
        ({"language": "en"}, "language"),
        ({"language": ["en", 5]}, "language[1]"),
        ({"externalId": 5}, "externalId"),
        ({"customProperties": []}, "customProperties"),
        ([], "JSON object"),
        ("text", "JSON object"),
    ],
)
def test_a_change_that_is_none_is_refused(api: Api, model: str, body: Any, word: str) -> None:
    before = api.read(f"registered_models/{model}")
    refused(api.patch(f"/registered_models/{model}", json=body), 400, word)
    assert api.read(f"registered_models/{model}") == before


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b'{"name": "a\\u0000"}', b'{"name": "a\\uD800"}', b"[" * 100_000],
)
def test_a_body_that_is_no_json_is_refused(api: Api, content: bytes) -> None:
    refused(api.post("/registered_models", content=content), 400)


@pytest.mark.parametrize("ident", ["x", "1.5", "", "²", "2147483648", "-", "9" * 30])
def test_an_id_that_is_none_is_refused(api: Api, ident: str) -> None:
    answer = api.get(f"/registered_models/{ident}")
    assert answer.status_code == (404 if not ident else 400), answer.text


@pytest.mark.parametrize(
    "path",
    [
        "registered_models",
        "model_versions",
        "artifacts",
        "model_artifacts",
        "serving_environments",
        "inference_services",
        "experiments",
        "experiment_runs",
    ],
)
def test_what_is_not_there_is_not_found(api: Api, path: str) -> None:
    refused(api.get(f"/{path}/2147483647"), 404, "found for id 2147483647")
    refused(api.patch(f"/{path}/2147483647", json={}), 404, "found for id 2147483647")
    refused(api.delete(f"/{path}/1"), 405, "DELETE")
    singular = path[:-1]
    refused(api.get(f"/{singular}", params={"externalId": "nobody"}), 404, "externalId=nobody")
    refused(api.get(f"/{singular}"), 400, "externalId")


def test_a_child_needs_its_parent(api: Api) -> None:
    refused(api.post("/model_versions", json={"name": "v"}), 422, "registeredModelId")
    missing = {"name": "v", "registeredModelId": "2147483647"}
    refused(api.post("/model_versions", json=missing), 404, "no registered model")
    refused(api.post("/registered_models/2147483647/versions", json=missing), 404)
    artifact = {"artifactType": "doc-artifact"}
    refused(api.post("/model_versions/2147483647/artifacts", json=artifact), 404, "model version")
    refused(api.get("/experiments/2147483647/experiment_runs"), 404, "no experiment")
    assert api.ids("registered_models/2147483647/versions") == []


def test_a_version_posted_with_its_id_is_changed(api: Api, model: str) -> None:
    path = f"registered_models/{model}/versions"
    made = api.make(path, name="v1", registeredModelId=model)
    again = api.make(path, **{**made, "author": "me", "name": "ignored"})
    assert (again["id"], again["name"], again["author"]) == (made["id"], "v1", "me")
    assert api.ids(path) == [made["id"]]
    refused(api.post(f"/{path}", json={**made, "id": model}), 404)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("model-artifact", {"uri": "s3://a/b", "modelFormatName": "onnx", "storageKey": "k"}),
        ("doc-artifact", {"uri": "https://a"}),
        ("dataset-artifact", {"digest": "d", "source": "s", "schema": "{}", "profile": "p"}),
        ("metric", {"value": 0.5, "timestamp": "1700000000000", "step": 3}),
        ("parameter", {"value": "5", "parameterType": "number"}),
    ],
)
def test_artifacts_of_every_type(api: Api, version: str, kind: str, fields: dict[str, Any]) -> None:
    path = f"model_versions/{version}/artifacts"
    made = api.make(path, artifactType=kind, name="a", customProperties=PROPERTIES, **fields)
    assert made.items() >= {**fields, "artifactType": kind, "state": "UNKNOWN"}.items()
    assert made["customProperties"] == PROPERTIES
    assert api.read(f"artifacts/{made['id']}") == made
    assert api.read("artifact", name="a", parentResourceId=version) == made
    assert api.ids(path, artifactType=kind) == [made["id"]]
    assert api.ids(path, name="a") == [made["id"]]
    assert api.ids(path, name="b") == []
    edited = api.edit(f"artifacts/{made['id']}", artifactType=kind, state="LIVE")
    assert edited == {
        **made,
        "state": "LIVE",
        "lastUpdateTimeSinceEpoch": edited["lastUpdateTimeSinceEpoch"],
    }
    other = "metric" if kind == "parameter" else "parameter"
    body = {"artifactType": other, "description": "x"}
    refused(api.patch(f"/artifacts/{made['id']}", json=body), 400, "immutable")


def test_an_artifact_is_put_by_its_id_and_belongs_to_both(
    api: Api, model: str, version: str
) -> None:
    made = api.make(f"model_versions/{version}/artifacts", artifactType="model-artifact", name="m")
    second = api.make("model_versions", name="v2", registeredModelId=model)["id"]
    path = f"/model_versions/{second}/artifacts"
    again = api.took(api.post(path, json={**made, "uri": "pvc://a"}), 200)
    assert (again["id"], again["uri"]) == (made["id"], "pvc://a")
    for each in (version, second):
        assert api.ids(f"model_versions/{each}/artifacts") == [made["id"]]
    wrong = {"artifactType": "doc-artifact", "id": made["id"]}
    refused(api.post(path, json=wrong), 400, "mismatched types")


def test_names_of_artifacts_are_unique_within_a_version_by_type(api: Api, version: str) -> None:
    path = f"model_versions/{version}/artifacts"
    for kind in ("model-artifact", "doc-artifact"):
        api.make(path, artifactType=kind, name="same")
        body = {"artifactType": kind, "name": "same"}
        refused(api.post(f"/{path}", json=body), 409, "same already exists")
    refused(
        api.get("/artifact", params={"name": "same", "parentResourceId": version}), 404, "multiple"
    )
    found = api.read("model_artifact", name="same", parentResourceId=version)
    assert found["artifactType"] == "model-artifact"
    loose = [api.make("model_artifacts", name="same")["id"] for _ in range(2)]
    assert len(set(loose)) == 2
    nameless = api.make("artifacts", artifactType="dataset-artifact")
    assert nameless["name"]


@pytest.mark.parametrize(
    "body", [{}, {"artifactType": "x"}, {"artifactType": 5}, [], {"artifactType": None}]
)
def test_an_artifact_of_no_type_is_refused(api: Api, version: str, body: Any) -> None:
    for path in ("artifacts", f"model_versions/{version}/artifacts"):
        refused(api.post(f"/{path}", json=body), 400, "model-artifact")


def test_an_inference_service_serves_the_version_it_names_or_the_latest(
    api: Api, model: str, version: str, name: str
) -> None:
    environment = api.make("serving_environments", name=name)["id"]
    path = f"serving_environments/{environment}/inference_services"
    fields = {"registeredModelId": model, "servingEnvironmentId": environment}
    made = api.make(path, name="s", runtime="r", **fields)
    assert made.items() >= {**fields, "desiredState": "DEPLOYED", "runtime": "r"}.items()
    latest = api.make("model_versions", name="v2", registeredModelId=model)
    service = f"inference_services/{made['id']}"
    assert api.read(f"{service}/model")["id"] == model
    assert api.read(f"{service}/version") == latest
    api.edit(service, modelVersionId=version, desiredState="UNDEPLOYED")
    assert api.read(f"{service}/version")["id"] == version
    assert api.ids(path, name="s") == [made["id"]]
    assert api.read("inference_service", name="s", parentResourceId=environment)["id"] == made["id"]
    nameless = api.make("inference_services", **fields)
    assert nameless["name"]
    refused(api.patch(f"/{service}", json={"modelVersionId": "2147483647"}), 404, "model version")
    refused(api.post(f"/{path}", json={"registeredModelId": "2147483647"}), 404)


def test_serve_models_are_those_of_their_service(
    api: Api, model: str, version: str, name: str
) -> None:
    environment = api.make("serving_environments", name=name)["id"]
    service = api.make(
        "inference_services", registeredModelId=model, servingEnvironmentId=environment
    )
    path = f"inference_services/{service['id']}/serves"
    made = api.make(path, modelVersionId=version, name="s")
    assert made.items() >= {"modelVersionId": version, "lastKnownState": "UNKNOWN"}.items()
    assert api.ids(path) == [made["id"]]
    refused(api.post(f"/{path}", json={"modelVersionId": version, "name": "s"}), 409)
    refused(api.post(f"/{path}", json={"modelVersionId": "2147483647"}), 404)
    refused(
        api.post("/inference_services/2147483647/serves", json={"modelVersionId": version}), 404
    )


def test_a_run_cannot_end_before_it_starts(api: Api, name: str) -> None:
    experiment = api.make("experiments", name=name)["id"]
    path = f"experiments/{experiment}/experiment_runs"
    made = api.make(path, experimentId=experiment, startTimeSinceEpoch="100")
    assert (
        made.items() >= {"status": "RUNNING", "state": "LIVE", "experimentId": experiment}.items()
    )
    assert made["name"]
    run = f"experiment_runs/{made['id']}"
    refused(api.patch(f"/{run}", json={"endTimeSinceEpoch": "99"}), 400, "endTimeSinceEpoch")
    refused(api.patch(f"/{run}", json={"endTimeSinceEpoch": "soon"}), 400, "endTimeSinceEpoch")
    refused(api.patch(f"/{run}", json={"startTimeSinceEpoch": "1"}), 400, "startTimeSinceEpoch")
    ended = api.edit(run, endTimeSinceEpoch="100", status="FINISHED")
    assert (ended["endTimeSinceEpoch"], ended["status"]) == ("100", "FINISHED")


def test_each_value_of_a_metric_is_kept(api: Api, run: str) -> None:
    path = f"experiment_runs/{run}/artifacts"
    first = api.make(path, artifactType="metric", name="acc", value=0, step=0)
    for step in (1, 2):
        body = {"artifactType": "metric", "name": "acc", "value": step / 4, "step": step}
        again = api.took(api.post(f"/{path}", json=body), 200)
        assert again["id"] == first["id"]
    api.make(path, artifactType="metric", name="accuracy", value=9.5)
    assert again["experimentRunId"] == run
    history = api.read(f"experiment_runs/{run}/metric_history", name="acc")["items"]
    assert [(point["value"], point["step"]) for point in history] == [(0, 0), (0.25, 1), (0.5, 2)]
    assert {(point["name"], point["artifactType"]) for point in history} == {("acc", "metric")}
    steps = api.read("experiment_runs/metric_history", stepIds="1, 2", name="acc")["items"]
    assert [point for point in steps if point["experimentRunId"] == run] == history[1:]
    newest = api.read(f"experiment_runs/{run}/metric_history", pageSize="1", sortOrder="DESC")
    assert [point["value"] for point in newest["items"]] == [9.5]
    assert api.ids(path) == [first["id"], str(int(first["id"]) + 4)]
    refused(api.get(f"/artifacts/{history[0]['id']}"), 404)
    answer = api.get("/experiment_runs/metric_history", params={"stepIds": "x"})
    refused(answer, 400, "step")


def test_a_metric_needs_a_value(api: Api, run: str) -> None:
    body = {"artifactType": "metric", "name": "acc"}
    for path in ("artifacts", f"experiment_runs/{run}/artifacts"):
        refused(api.post(f"/{path}", json=body), 400, "value is required")
    for value in ("1", True, [1]):
        refused(api.post("/artifacts", json={**body, "value": value}), 400, "value")
    for number in ("NaN", "Infinity", "1e999", "9" * 400):
        content = f'{{"artifactType": "metric", "value": {number}}}'
        refused(api.post("/artifacts", content=content), 400, "value")


def test_a_parameter_of_a_run_is_changed_by_its_name(api: Api, run: str) -> None:
    path = f"experiment_runs/{run}/artifacts"
    body = {"artifactType": "parameter", "name": "lr", "parameterType": "number"}
    first = api.make(path, value="0.1", **body)
    again = api.took(api.post(f"/{path}", json={**body, "value": "0.2"}), 200)
    assert (again["id"], again["value"]) == (first["id"], "0.2")
    assert api.read(f"experiment_runs/{run}/metric_history")["items"] == []


def test_both_prefixes_lead_to_the_same_objects(
    local_kubeflow: LocalStatus, api: Api, model: str
) -> None:
    with Api.of(local_kubeflow, "/api/model_registry/v1") as client:
        assert client.read(f"registered_models/{model}") == api.read(f"registered_models/{model}")


def test_only_who_has_the_token_is_answered(local_kubeflow: LocalStatus, api: Api) -> None:
    url = f"{api.base_url}registered_models"
    with httpx.Client(trust_env=False) as stranger:
        assert stranger.get(url).status_code == 401
        headers = {**api.headers, "Host": "evil.example"}
        assert stranger.get(url, headers=headers).status_code == 403
