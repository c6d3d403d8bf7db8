"""What real controllers make of what is created through the proxy: TrainJob → JobSet → Job → pods with their logs, and an InferenceService."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import NAMESPACE, Ask, Plane, Root, Subscribe

TRAINJOBS = f"/apis/trainer.kubeflow.org/v1alpha1/namespaces/{NAMESPACE}/trainjobs"
JOBSETS = f"/apis/jobset.x-k8s.io/v1alpha2/namespaces/{NAMESPACE}/jobsets"
JOBS = f"/apis/batch/v1/namespaces/{NAMESPACE}/jobs"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
SERVICES = f"/apis/serving.kserve.io/v1beta1/namespaces/{NAMESPACE}/inferenceservices"


@pytest.fixture(autouse=True)
def alice(plane: Plane, use: Any) -> None:
    """A user with a token, who may do everything in the namespace."""
    use(plane.folder / "alice.kubeconfig")


def conditions(found: dict[str, Any]) -> dict[str, str]:
    return {c["type"]: c["status"] for c in found.get("status", {}).get("conditions", [])}


async def test_a_train_job_becomes_pods_and_completes(
    ask: Ask, subscribe: Subscribe, name: str
) -> None:
    job = {
        "apiVersion": "trainer.kubeflow.org/v1alpha1",
        "kind": "TrainJob",
        "metadata": {"name": name, "labels": {"test": name}},
        "spec": {
            "runtimeRef": {"name": "torch-distributed"},
            "trainer": {"image": "example.org/train:1", "command": ["train"], "numNodes": 2},
        },
    }
    query = {"watch": True, "fieldSelector": f"metadata.name={name}"}
    async with subscribe(TRAINJOBS, **query) as (stream, opened):
        assert opened["op"] == "open", opened
        assert (await ask("POST", TRAINJOBS, job)).status == 201
        while conditions(await stream.event("ADDED", "MODIFIED")).get("Complete") != "True":
            pass
    jobset = (await ask("GET", f"{JOBSETS}/{name}")).json
    assert jobset["metadata"]["ownerReferences"][0]["name"] == name
    selector = f"?labelSelector=jobset.sigs.k8s.io%2Fjobset-name%3D{name}"
    jobs = (await ask("GET", JOBS + selector)).json["items"]
    assert [owner["kind"] for made in jobs for owner in made["metadata"]["ownerReferences"]] == [
        "JobSet"
    ]
    pods = (await ask("GET", PODS + selector)).json["items"]
    assert len(pods) == 2
    assert {pod["status"]["phase"] for pod in pods} == {"Succeeded"}
    pod = pods[0]["metadata"]["name"]
    log = await ask("GET", f"{PODS}/{pod}/log?container=node&tailLines=2")
    assert log.headers["content-type"].startswith("text/plain")
    assert len(log.body.decode().splitlines()) == 2
    async with subscribe(f"{PODS}/{pod}/log", "text", container="node", follow=True) as (
        stream,
        opened,
    ):
        assert (opened["op"], opened["contentType"].split(";")[0]) == ("open", "text/plain")
        assert "epoch 1 of 3" in await stream.line()
    assert (await ask("DELETE", f"{TRAINJOBS}/{name}")).status == 200


async def test_a_log_that_grows_is_followed(
    plane: Plane, root: Root, ask: Ask, subscribe: Subscribe, name: str
) -> None:
    """The log of a container called ``live`` is a file in the plane's folder (ui-tests/cluster/pods.yaml)."""
    pod = {
        "metadata": {"name": name, "labels": {"test": name}},
        "spec": {"containers": [{"name": "live", "image": "example.org/live:1"}]},
    }
    query = {"watch": True, "fieldSelector": f"metadata.name={name}"}
    async with subscribe(PODS, **query) as (stream, opened):
        assert opened["op"] == "open", opened
        root.make(PODS, pod)
        while (await stream.event("ADDED", "MODIFIED"))["status"]["phase"] != "Running":
            pass
    log = f"{PODS}/{name}/log"
    before = (await ask("GET", f"{log}?container=live")).body.decode().splitlines()
    async with subscribe(log, "text", container="live", follow=True) as (stream, opened):
        assert opened["op"] == "open", opened
        assert [await stream.line() for _ in before] == before
        with (plane.folder / "live.log").open("a") as file:
            file.write(f"2030-01-01T00:00:00.000000000Z stdout F {name} goes on\n")
        assert await stream.line() == f"{name} goes on"
    last = (await ask("GET", f"{log}?container=live&tailLines=1&timestamps=true")).body.decode()
    assert last.startswith("2030-01-01T00:00:00")
    assert last.endswith(f"{name} goes on\n")


async def test_an_inference_service_becomes_ready(
    ask: Ask, subscribe: Subscribe, name: str
) -> None:
    service = {
        "apiVersion": "serving.kserve.io/v1beta1",
        "kind": "InferenceService",
        "metadata": {"name": name, "labels": {"test": name}},
        "spec": {
            "predictor": {
                "model": {"modelFormat": {"name": "sklearn"}, "storageUri": "gs://models/iris"}
            }
        },
    }
    query = {"watch": True, "fieldSelector": f"metadata.name={name}"}
    async with subscribe(SERVICES, **query) as (stream, opened):
        assert opened["op"] == "open", opened
        made = await ask("POST", SERVICES, service)
        assert made.status == 201, made.everything
        while conditions(await stream.event("ADDED", "MODIFIED")).get("Ready") != "True":
            pass
    found = (await ask("GET", f"{SERVICES}/{name}")).json
    assert found["status"]["deploymentMode"] == "Standard"
    deployments = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
    listed = (await ask("GET", f"{deployments}?labelSelector=app%3Disvc.{name}-predictor")).json
    assert len(listed["items"]) == 1
